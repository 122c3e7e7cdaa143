#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs a command in a virtual machine with a kernel of the lab, as if it ran here:
# same directory, same arguments, its output, its exit status.

set -euo pipefail
shopt -s inherit_errexit
readonly CALLER_PATH=$PATH
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Status of a machine that did not run its command to the end.
readonly VM_FAILED=99

readonly KVM_DEVICE=${IOPFTRACE_KVM_DEVICE:-/dev/kvm}

# What the kernel says when it is not well. A line that a program writes to the log
# has no such start.
readonly COMPLAINT='^\[ *[0-9.]+\].*(BUG:|Oops|WARNING:|Kernel panic|general protection fault|UBSAN:|refcount_t:|list_(add|del) corruption)'

usage()
{
	cat <<-EOT
	usage: vm.sh [options] [--] CMD [ARG...]

	Boots a kernel of the lab in QEMU and runs CMD in it as root. The files are the
	host's, read-only but for a throw-away /tmp and the directory given by -o.

	  -k NAME        kernel: $("$LAB_DIR/kernel.sh" --list | paste -sd ' ') (default 7); built if need be
	  -o DIR         directory that can be written to, \$LAB_OUT for CMD; it has the
	                 same name in the machine (default: one that is thrown away)
	  -c CPUS        (default 2)
	  -m MIB         memory (default 2048)
	  -t SECONDS     end it after that time (default 600; with --tty never)
	  -e NAME[=VAL]  give CMD this variable too; PATH, HOME, locale and LAB_* and
	                 IOPFTRACE_* are always given
	  --icount       one CPU whose time counts instructions
	  --no-modules   leave iommufd unloaded where it is a module
	  --allow-oops   kernel complaints are no failure
	  --console FILE keep what the kernel said
	  --tty          CMD (default: a shell) has this terminal

	Exit status: CMD's; $VM_FAILED if the machine failed, its time was up or the kernel
	complained (an oops, a BUG, a WARNING), with the end of its log on stderr.
	IOPFTRACE_ACCEL=kvm|tcg says how to emulate; else KVM where a trial worked. What
	the trial showed is kept until a program of the lab changes; vm.sh --forget-accel
	forgets it at once.
	EOT
}

# usage_error TEXT...
usage_error()
{
	info "$*; see vm.sh --help"
	exit 3
}

# vm_failed TEXT...: with the kernel's last words.
vm_failed()
{
	info "$*"
	complaint "$share/console" >&2 || tail -n 30 "$share/console" 2>/dev/null | tr -d '\r' >&2
	exit "$VM_FAILED"
}

# complaint FILE: the first complaint in a console's log and what follows; status 1
# when there is none.
complaint()
{
	tr -d '\r' <"$1" | grep -aE -m 1 -A 40 -- "$COMPLAINT"
}

parse_options()
{
	kernel=7 out='' cpus=2 memory=2048 limit='' icount='' tty='' load=iommufd
	oops_is_fine='' keep_console='' variables=(PATH HOME LANG TZ NO_COLOR)

	while [ $# -gt 0 ]; do
		case $1 in
		-[komcte] | --console) [ $# -gt 1 ] || usage_error "$1 needs a value" ;;
		esac
		case $1 in
		-k) kernel=$2; shift ;;
		-o) out=$2; shift ;;
		-c) cpus=$2; shift ;;
		-m) memory=$2; shift ;;
		-t) limit=$2; shift ;;
		-e) variables+=("$2"); shift ;;
		--icount) icount=1 cpus=1 ;;
		--no-modules) load='' ;;
		--allow-oops) oops_is_fine=1 ;;
		--console) keep_console=$2; shift ;;
		--tty) tty=1 ;;
		--forget-accel) forget_accel; exit 0 ;;
		-h | --help) usage; exit 0 ;;
		--) shift; break ;;
		-*) usage_error "no option $1" ;;
		*) break ;;
		esac
		shift
	done
	[ -n "$limit" ] || limit=$([ -n "$tty" ] && echo 0 || echo 600)
	command=("$@")
	[ $# -gt 0 ] || [ -n "$tty" ] || usage_error "no command"
	[ $# -gt 0 ] || command=(/bin/bash)
	[ -z "$tty" ] || [ -t 0 ] || usage_error "--tty needs a terminal"
}

# environment: what CMD finds there, strings ended by NUL.
environment()
{
	local name

	export PATH=$CALLER_PATH LAB_OUT=$out LAB_KERNEL=$kernel LAB_TREE=$built/tree
	printf 'USER=root\0LOGNAME=root\0TERM=%s\0' "${TERM:-dumb}"
	for name in "${variables[@]}" $(compgen -e | grep -E '^(LC_|LAB_|IOPFTRACE_)'); do
		case $name in
		*=*) printf '%s\0' "$name" ;;
		*) [ -z "${!name+set}" ] || printf '%s=%s\0' "$name" "${!name}" ;;
		esac
	done
}

# terminal_size: for stty.
terminal_size()
{
	local size

	size=$(stty size)
	printf 'rows %s cols %s' "${size% *}" "${size#* }"
}

# fill_share: everything that the guest is told.
fill_share()
{
	mkdir "$share"
	touch "$share/stdout" "$share/stderr" "$share/console"
	cp "$LAB_DIR/guest-init.sh" "$share/init"
	cp "$LAB_DIR/guest-run.sh" "$share/run"
	chmod +x "$share/init"
	printf '%s\0' "${command[@]}" >"$share/argv"
	environment >"$share/env"
	grep -qx 'CONFIG_IOMMUFD=m' "$built/config" || load=''
	{
		printf 'CWD=%q\nOUT=%q\nMODULES=%q\n' "$PWD" "$out" "$built/lib"
		printf 'LOAD=%q\nTTY=%q\n' "$load" "${tty:+$(terminal_size)}"
	} >"$share/settings"
}

# machine_id: what decides whether KVM works here: the host's kernel and CPU, and the
# programs of the trial.
machine_id()
{
	{
		uname -r
		grep -m 2 -E '^(model name|microcode)' /proc/cpuinfo
		qemu-system-x86_64 --version
		busybox --help 2>&1 | sed -n 1p
		cat "$LAB_DIR"/vm.sh "$LAB_DIR"/guest-*.sh
	} | sha256sum | cut -c 1-12
}

# forget_accel: whether KVM works here is tried again.
forget_accel()
{
	rm -f "$LAB_CACHE"/accel-*
}

# boots ACCEL: a trial boot works.
boots()
{
	IOPFTRACE_ACCEL=$1 "$LAB_DIR/vm.sh" -k "$kernel" -t 20 -- true >/dev/null 2>"$scratch/trial"
}

# acceleration: "kvm" or "tcg". KVM may be there and yet hang, as in a machine that
# is itself virtual: a short trial tells, once for each machine. Where the machine boots
# without KVM neither, the trial says nothing about KVM, and is not remembered.
acceleration()
{
	local accel answer id

	[ -z "$icount" ] || { echo tcg; return; }
	[ -z "${IOPFTRACE_ACCEL:-}" ] || { echo "$IOPFTRACE_ACCEL"; return; }
	[[ -r $KVM_DEVICE && -w $KVM_DEVICE ]] || { echo tcg; return; }
	id=$(machine_id)
	answer=$LAB_CACHE/accel-$id
	if [ ! -s "$answer" ]; then
		info "trying KVM, once"
		if boots kvm; then
			accel=kvm
		elif boots tcg; then
			accel=tcg
		else
			info "the machine boots neither with KVM nor without; without, it said:"
			cat "$scratch/trial" >&2
			exit "$VM_FAILED"
		fi
		forget_accel
		echo "$accel" >"$answer.$$"
		mv "$answer.$$" "$answer"
		info "KVM $([ "$accel" = kvm ] && echo works || echo 'does not work here, emulating')"
	fi
	cat "$answer"
}

# qemu_arguments: into the array "machine".
# shellcheck disable=SC2054
qemu_arguments()
{
	local accel kernel_line

	accel=$(acceleration)
	# The init of the guest may be anywhere: its name is quoted as the kernel wants it.
	kernel_line="root=host rootfstype=9p rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=262144"
	kernel_line+=" ro init=\"$share/init\" console=ttyS0 quiet loglevel=5 panic=-1 reboot=t"
	kernel_line+=" tsc=reliable no_timer_check${oops_is_fine:- oops=panic}"
	machine=(
		-nodefaults -no-user-config -no-reboot -display none -M q35,sata=off,smbus=off,usb=off
		-smp "$cpus" -m "$memory" -kernel "$built/vmlinux" -append "$kernel_line"
		-fsdev "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"
		-device virtio-9p-pci,fsdev=host,mount_tag=host
		-fsdev "local,id=lab,path=${share//,/,,},security_model=none"
		-device virtio-9p-pci,fsdev=lab,mount_tag=lab
		-fsdev "local,id=out,path=${out//,/,,},security_model=none,multidevs=remap"
		-device virtio-9p-pci,fsdev=out,mount_tag=out
	)
	case $accel in
	kvm) machine+=(-accel kvm -cpu host) ;;
	tcg) machine+=(-cpu max,la57=off -accel "tcg$([ -n "$icount" ] || echo ,thread=multi)") ;;
	*) usage_error "IOPFTRACE_ACCEL is kvm or tcg" ;;
	esac
	[ -z "$icount" ] || machine+=(-icount shift=0,sleep=off)
	if [ -n "$tty" ]; then
		machine+=(-chardev "stdio,id=console,signal=off,logfile=${share//,/,,}/console")
	else
		machine+=(-chardev "file,id=console,path=${share//,/,,}/console")
	fi
	machine+=(-serial chardev:console)
}

# follow FILE PID: prints what a file has and gets until the process has ended.
follow()
{
	exec tail -c +1 -f -s 0.05 --pid="$2" -- "$1" 2>/dev/null
}

# emulate: runs the machine until it ends, its output to ours as it comes.
emulate()
{
	local reader_out reader_err

	timeout -k 5 "$limit" qemu-system-x86_64 "${machine[@]}" </dev/null >"$share/qemu.log" 2>&1 &
	emulator=$!
	follow "$share/stdout" "$emulator" &
	reader_out=$!
	follow "$share/stderr" "$emulator" >&2 &
	reader_err=$!
	wait "$emulator" && ended=0 || ended=$?
	emulator=
	wait "$reader_out" "$reader_err" || true
}

# emulate_on_terminal: the machine's serial line is this terminal, every key goes there.
emulate_on_terminal()
{
	local terminal

	terminal=$(stty -g)
	timeout --foreground -k 5 "$limit" qemu-system-x86_64 "${machine[@]}" 2>"$share/qemu.log" &&
		ended=0 || ended=$?
	stty "$terminal"
}

# clean_up: nothing of the machine stays, however this ends.
# shellcheck disable=SC2317
clean_up()
{
	[ -z "${emulator:-}" ] || kill "$emulator" 2>/dev/null || true
	[ -z "$keep_console" ] || tr -d '\r' <"$share/console" >"$keep_console" || true
	rm -rf "$scratch"
}

# conclude: the machine has ended; what does that mean?
conclude()
{
	local taint

	if [ -s "$share/error" ]; then
		vm_failed "the machine could not be set up: $(cat "$share/error")"
	elif [ ! -s "$share/status" ]; then
		case $ended in
		124 | 137) vm_failed "time is up ($limit s)" ;;
		0) vm_failed "the machine has crashed" ;;
		*) vm_failed "QEMU has failed ($ended): $(tail -n 3 "$share/qemu.log")" ;;
		esac
	fi
	taint=$(cat "$share/taint")
	# 128: the kernel died, 512: it warned. A program may have silenced the console.
	if [ -z "$oops_is_fine" ] &&
		{ ((taint & (128 | 512))) || complaint "$share/console" >/dev/null; }; then
		vm_failed "the kernel complained (tainted $taint)"
	fi
	exit "$(cat "$share/status")"
}

main()
{
	parse_options "$@"
	built=$("$LAB_DIR/kernel.sh" "$kernel")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/iopftrace-vm.XXXXXX")
	share=$scratch/lab
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	[ -n "$out" ] || { out=$scratch/out; mkdir "$out"; }
	[ -d "$out" ] || usage_error "no directory $out"
	out=$(cd -- "$out" && pwd -P)
	fill_share
	qemu_arguments
	if [ -n "$tty" ]; then
		emulate_on_terminal
	else
		emulate
		# Nothing was run yet, so nothing is hidden by another try.
		if [ "$ended" = 0 ] && [ ! -e "$share/started" ] && [ ! -s "$share/error" ]; then
			info "the machine died on its way up, starting it again"
			emulate
		fi
	fi
	conclude
}

main "$@"
