# shellcheck shell=bash disable=SC2154 # work is set by who sources it
# SPDX-License-Identifier: GPL-2.0-only
# What the tests that are shell scripts share: they print TAP. Sourced, by a script that has a directory
# $work of its own, and that ends with: echo "1..$n"

n=0

# ok NAME
ok() {
	n=$((n + 1))
	echo "ok $n - $1"
}

# not_ok NAME [WHY]
not_ok() {
	n=$((n + 1))
	[[ -z ${2:-} ]] || printf '# %s\n' "${2//$'\n'/$'\n'# }"
	echo "not ok $n - $1"
}

# check NAME COMMAND...; what it said is in $work/said, and its end is shown if it fails
check() {
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$(tail -20 "$work/said")"
	fi
}
