#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The first process of the lab's virtual machine: makes a system out of the host's
# files, runs one command, leaves its status for the host, ends the machine.
# vm.sh starts it. What they tell each other is in a shared directory:
#
#	argv, env	the command and its environment, strings ended by NUL
#	settings	shell assignments: CWD OUT MODULES LOAD TTY
#	stdout, stderr	what the command writes; the host reads along
#	status, taint	how the command ended, and the kernel's own opinion of itself
#	error		why the machine could not run the command

# Starting programs is what takes time here: one static binary does it all.
busybox=/bin/busybox
share=/run/lab/share

# halt: a reset ends the emulator.
halt()
{
	"$busybox" reboot -f
	"$busybox" sleep 60
}

# fail TEXT...: the machine is not as it should be.
fail()
{
	echo "$*" >"$share/error"
	halt
}

# attach TYPE DIR [OPTIONS]: mounts one of the kernel's own file systems.
attach()
{
	[ -d "$2" ] || "$busybox" mkdir -p "$2"
	"$busybox" mount -t "$1" -o "${3:-rw}" "$1" "$2" || fail "cannot mount $1 on $2"
}

# attach_share TAG DIR: a directory of the host, to be written to. Nothing is kept
# back in a cache: the host reads along.
attach_share()
{
	[ -d "$2" ] || "$busybox" mkdir -p "$2"
	"$busybox" mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,msize=262144 "$1" "$2" ||
		fail "cannot mount the share $1 on $2"
}

# attach_system: what programs expect, and what tracing needs.
attach_system()
{
	attach proc /proc
	attach sysfs /sys
	attach devtmpfs /dev
	attach devpts /dev/pts mode=620,ptmxmode=666
	attach tmpfs /dev/shm mode=1777
	attach debugfs /sys/kernel/debug
	attach tracefs /sys/kernel/tracing
	attach securityfs /sys/kernel/security
	attach bpf /sys/fs/bpf
	attach cgroup2 /sys/fs/cgroup
	"$busybox" ln -sfn /proc/self/fd /dev/fd
	"$busybox" ln -sf fd/0 /dev/stdin
	"$busybox" ln -sf fd/1 /dev/stdout
	"$busybox" ln -sf fd/2 /dev/stderr
}

# attach_tmp: what the host has in /tmp can be used, and written to, but nothing
# of that reaches the host.
attach_tmp()
{
	"$busybox" mkdir -p -m 1777 /run/lab/tmp/upper /run/lab/tmp/work
	"$busybox" mount -t overlay \
		-o lowerdir=/tmp,upperdir=/run/lab/tmp/upper,workdir=/run/lab/tmp/work overlay /tmp ||
		fail "cannot mount /tmp"
}

# attach_modules DIR: the kernel's modules appear in /lib/modules, also where the
# host has no such directory, having no kernel of its own.
attach_modules()
{
	if [ -d /usr/lib/modules ]; then
		"$busybox" mount --bind "$1/modules" /usr/lib/modules
	else
		"$busybox" mount -t overlay -o "lowerdir=$1:/usr/lib" overlay /usr/lib
	fi || fail "cannot mount the modules"
}

# prepare: makes the system.
prepare()
{
	"$busybox" mount -t tmpfs -o mode=755 tmpfs /run || halt
	attach_share lab "$share"
	# shellcheck disable=SC1091
	. "$share/settings"
	attach_system
	attach_tmp
	attach_modules "$MODULES"
	attach_share out "$OUT"
	"$busybox" hostname lab
	"$busybox" ip link set lo up
	ulimit -Sn 1024
	if [ -n "$LOAD" ]; then
		/sbin/modprobe "$LOAD" || fail "cannot load the module $LOAD"
	fi
}

# become_command DIR SHARE: replaces this (sub)shell by the command.
become_command()
{
	local name value argv

	for name in $(compgen -e); do
		unset "$name"
	done
	while IFS= read -r -d '' value; do
		export "${value?}"
	done <"$2/env"
	mapfile -t -d '' argv <"$2/argv"
	cd -- "$1" || exit 99
	exec "${argv[@]}"
}

# others_end: kills all that the command left behind, but for the processes given.
others_end()
{
	local dir

	for dir in /proc/[0-9]*; do
		case " 1 $* " in
		*" ${dir#/proc/} "*) ;;
		*) kill -KILL "${dir#/proc/}" 2>/dev/null ;;
		esac
	done
}

# drain PID...: what the command wrote, and what is still writing when it ended,
# gets two seconds to arrive.
drain()
{
	local i pid running

	for ((i = 0; i < 40; i++)); do
		running=
		for pid; do
			[ ! -d "/proc/$pid" ] || running=1
		done
		[ -n "$running" ] || return 0
		"$busybox" usleep 50000
	done
	others_end "$@"
	wait "$@"
}

# run: the command with its output in pipes, as it would be elsewhere.
run()
{
	local out err status

	"$busybox" mkfifo /run/lab/stdout /run/lab/stderr
	"$busybox" cat /run/lab/stdout >>"$share/stdout" &
	out=$!
	"$busybox" cat /run/lab/stderr >>"$share/stderr" &
	err=$!
	(become_command "$CWD" "$share") </dev/null >/run/lab/stdout 2>/run/lab/stderr
	status=$?
	drain "$out" "$err"
	return "$status"
}

# run_on_terminal: the same on the serial line, with job control.
run_on_terminal()
{
	# shellcheck disable=SC2086
	"$busybox" stty -F /dev/ttyS0 $TTY
	export -f become_command
	"$busybox" setsid -c /bin/bash -c 'become_command "$@"' lab "$CWD" "$share" \
		</dev/ttyS0 >/dev/ttyS0 2>&1
}

prepare
if [ -n "$TTY" ]; then
	run_on_terminal
else
	run
fi
status=$?
read -r taint </proc/sys/kernel/tainted
echo "$taint" >"$share/taint"
echo "$status" >"$share/status"
halt
