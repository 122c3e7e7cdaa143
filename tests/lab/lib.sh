# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
# What the lab's scripts share. Sourced, never run.

LAB_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
LAB_CACHE=${IOPFTRACE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/iopftrace}

# The administrator's tools (modprobe, bpftool) are not on everybody's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# info TEXT...: one line for the person who waits; stdout is for results.
info()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die TEXT...: say what is wrong and what to do, and stop.
die()
{
	info "$*"
	exit 1
}

# need_room DIR MIB: stop early rather than in the middle of a build.
need_room()
{
	local free

	free=$(df --output=avail -m -- "$1" | tail -n 1)
	[ "$free" -ge "$2" ] ||
		die "$1 has $((free)) MiB free, $2 MiB are needed; make room or set IOPFTRACE_CACHE"
}
