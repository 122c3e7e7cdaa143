#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs the command in the lab's virtual machine and ends the machine: what
# guest-init.sh becomes. Its argument is the directory shared with the host.

share=$1

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
	ulimit -Sn 1024
	cd -- "$1" || exit 99
	exec "${argv[@]}"
}

# running PID...: is any of them still there?
running()
{
	local pid

	for pid; do
		[ ! -d "/proc/$pid" ] || return 0
	done
	return 1
}

# kill_others PID...: kills all that the command left behind, but for the given.
kill_others()
{
	local dir

	for dir in /proc/[0-9]*; do
		case " 1 $* " in
		*" ${dir#/proc/} "*) ;;
		*) kill -KILL "${dir#/proc/}" 2>/dev/null ;;
		esac
	done
}

# drain PID...: what still holds the command's output when it has ended gets two
# seconds to write what it has to.
drain()
{
	local i

	for ((i = 0; i < 100; i++)); do
		running "$@" || return 0
		read -r -t 0.02 <>/run/lab/never
	done
	kill_others "$@"
	wait "$@"
}

# run: the command with its output in pipes, as it would be elsewhere.
run()
{
	local out err status

	mkfifo /run/lab/stdout /run/lab/stderr /run/lab/never
	cat /run/lab/stdout >>"$share/stdout" &
	out=$!
	cat /run/lab/stderr >>"$share/stderr" &
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
	stty -F /dev/ttyS0 $TTY
	export -f become_command
	setsid -cw /bin/bash -c 'become_command "$@"' lab "$CWD" "$share" \
		</dev/ttyS0 >/dev/ttyS0 2>&1
}

: >"$share/started"
if [ -n "$TTY" ]; then
	run_on_terminal
else
	run
fi
echo $? >"$share/status"
cat /proc/sys/kernel/tainted >"$share/taint"
/bin/busybox reboot -f
