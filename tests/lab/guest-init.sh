#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# The first process of the lab's virtual machine: makes a system out of the host's
# files, then becomes guest-run.sh. vm.sh starts the machine; what they tell each
# other is in a shared directory:
#
#	argv, env	the command and its environment, strings ended by NUL
#	settings	shell assignments: CWD OUT MODULES LOAD TTY
#	stdout, stderr	what the command writes; the host reads along
#	started		the command is about to run
#	status, taint	how the command ended, and the kernel's own opinion of itself
#	error		why the machine could not run the command
#
# Most of a boot is starting programs, so this is a small shell that has all that it
# needs built in.
# shellcheck shell=dash

PATH=/usr/sbin:/usr/bin:/sbin:/bin
share=/run/lab/share

# fail TEXT...: the machine is not as it should be. A reset ends it.
fail()
{
	echo "$*" >"$share/error"
	reboot -f
	sleep 60
}

# attach_share TAG DIR: a directory of the host, to be written to. Nothing is kept
# back in a cache: the host reads along.
attach_share()
{
	[ -d "$2" ] || mkdir -p "$2"
	mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,msize=262144 "$1" "$2" ||
		fail "cannot mount the share $1 on $2"
}

# attach_system: what programs expect, and what tracing needs.
attach_system()
{
	mount -t devtmpfs devtmpfs /dev || fail "cannot mount /dev"
	mkdir -p /dev/pts /dev/shm
	ln -sfn /proc/self/fd /dev/fd
	ln -sf fd/0 /dev/stdin
	ln -sf fd/1 /dev/stdout
	ln -sf fd/2 /dev/stderr
	cat >/run/lab/fstab <<-EOT
	sysfs      /sys                  sysfs      rw 0 0
	devpts     /dev/pts              devpts     mode=620,ptmxmode=666 0 0
	tmpfs      /dev/shm              tmpfs      mode=1777 0 0
	debugfs    /sys/kernel/debug     debugfs    rw 0 0
	tracefs    /sys/kernel/tracing   tracefs    rw 0 0
	securityfs /sys/kernel/security  securityfs rw 0 0
	bpf        /sys/fs/bpf           bpf        rw 0 0
	cgroup2    /sys/fs/cgroup        cgroup2    rw 0 0
	EOT
	mount -a -T /run/lab/fstab || fail "cannot mount the kernel's file systems"
}

# attach_tmp: what the host has in /tmp can be used, and written to, but nothing
# of that reaches the host.
attach_tmp()
{
	mkdir /run/lab/tmp /run/lab/tmp/upper /run/lab/tmp/work
	chmod 1777 /run/lab/tmp/upper
	mount -t overlay -o \
		lowerdir=/tmp,upperdir=/run/lab/tmp/upper,workdir=/run/lab/tmp/work overlay /tmp ||
		fail "cannot mount /tmp"
}

# attach_modules DIR: the kernel's modules appear in /lib/modules, also where the
# host has no such directory, having no kernel of its own.
attach_modules()
{
	if [ -d /usr/lib/modules ]; then
		mount --bind "$1/modules" /usr/lib/modules
	else
		mount -t overlay -o "lowerdir=$1:/usr/lib" overlay /usr/lib
	fi || fail "cannot mount the modules"
}

# The shell finds itself, to run what it has built in, through /proc.
/bin/busybox mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
attach_share lab "$share"
# shellcheck disable=SC1091
. "$share/settings"
attach_system
attach_tmp
# shellcheck disable=SC2153
attach_modules "$MODULES"
# shellcheck disable=SC2153
attach_share out "$OUT"
hostname lab
if [ -n "$LOAD" ]; then
	/sbin/modprobe "$LOAD" || fail "cannot load the module $LOAD"
fi
export CWD TTY
exec /bin/bash "$share/run" "$share"
