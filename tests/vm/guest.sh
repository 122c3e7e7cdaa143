#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest.sh SUITE[,SUITE...] [PATTERN]
#
# Runs in the VM: every function test_* of tests/vm/SUITE.sh (whose name has PATTERN in it), each in a
# subshell, in the order written; prints TAP, with a plan for each suite. A test fails by calling fail, or
# by any command of it failing unexpectedly.
#
# A suite may leave tests to "make test-all", by their names in "long_tests": they run when LAB_ALL is set.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit

if [[ $1 == *,* ]]; then
	status=0
	for suite in ${1//,/ }; do
		"$0" "$suite" "${@:2}" || status=1
	done
	exit "$status"
fi

suite=$1
long_tests=()
build=$PWD/${O:-build}
export build iopftrace=$build/iopftrace load=$build/load
# Suites of one boot do not see each other's files.
export T=$LAB_OUT/tests/$suite
mkdir -p "$T"

# fail WHY: ends the test.
fail() {
	echo "# $*" >&3
	exit 1
}

# skip WHY: ends the test, not run.
skip() {
	echo "$*" >"$T/skipped"
	exit 77
}

# is WHAT GOT WANTED
is() {
	local because=''
	[[ $2 != "$3" ]] || return 0
	[[ $1 != *"exit status"* && $1 != *verdict* ]] || because=$(why_no_pass)
	fail "$1: got '$2', wanted '$3'$because"
}

# What the last report says of why it is no pass, when there is one.
why_no_pass() {
	jq -r '"; the last report: \(.verdict), doubts \(.doubts), lost \(.lost), \(.groups.enqueued) groups, \(
		[.findings[] | .rule + if .unproven then " unproven" else "" end])"' "$T/report.json" 2>/dev/null || true
}

# near GOT WANTED ABSOLUTE PERCENT: whether it is near enough by either
near() {
	awk -v a="$1" -v b="$2" -v abs="$3" -v pct="$4" \
		'BEGIN { d = a > b ? a - b : b - a; exit !(d <= abs || d <= b * pct / 100) }'
}

# status WANTED COMMAND...: runs it; its output is in $T/out and $T/err. Another verdict than what was wanted
# says nothing when the report names probes that the kernel skipped: it is done again.
status() {
	local wanted=$1 got try
	shift
	for try in 1 2 3 4 5; do
		got=0
		"$@" >"$T/out" 2>"$T/err" || got=$?
		((got != wanted)) || return 0
		[[ $got == 5 && $(tr -s '\n ' ' ' <"$T/out") == *"the kernel skipped "*" probe run"* ]] || break
		echo "# try $try: inconclusive for missed probes: $*" >&3
	done
	fail "exit status $got, wanted $wanted: $* : $(head -c 300 "$T/err" "$T/out" | tr '\n' '|')"
}

# says PATTERN: the last command's standard error has one line like this
says() {
	grep -Eq -- "$1" "$T/err" || fail "expected an error like '$1', got: $(head -c 300 "$T/err")"
	is "lines of the error" "$(grep -vc "^try 'iopftrace" "$T/err")" 1
}

# report FILTER, truth FILTER: a value from the last report or the last load's own account
report() { jq -r "$1" "$T/report.json"; }
truth() { jq -r "$1" "$T/truth.json"; }

# The last run was inconclusive because the kernel skipped probes (a task was preempted inside one,
# which a busy machine makes likely) and for no other reason: it says nothing, so it is done again.
only_misses() {
	[[ $(jq -c .doubts "$T/report.json") == '["missed"]' ]]
}

# traced WANTED [IOPFTRACE-OPTION...] -- LOAD-OPTION...: the load under iopftrace; with "command="
# before it, iopftrace without a command
traced() {
	local try
	for try in 1 2 3 4 5; do
		(trace_once "$@") 3>"$T/why" && return
		only_misses || break
		echo "# try $try: inconclusive for $(report .lost.probe_misses) missed probes" >&3
	done
	cat "$T/why" >&3
	return 1
}

trace_once() {
	local wanted=$1 options=()
	shift
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	local cmd=(-- "$load" -o "$T/truth.json" "$@")
	[[ ${command-yes} ]] || cmd=()
	status "$wanted" "$iopftrace" run -f json -o "$T/report.json" "${options[@]}" "${cmd[@]}"
	jq -e . "$T/report.json" >/dev/null || fail "the report is no JSON"
}

# shellcheck source=/dev/null
source "tests/vm/$suite.sh"

# Whether a test is left to "make test-all".
is_left() {
	local test
	[[ -z ${LAB_ALL:-} ]] || return 1
	for test in "${long_tests[@]}"; do
		[[ $test != "$1" ]] || return 0
	done
	return 1
}

n=0
exec 3>&1
mapfile -t tests < <(grep -o '^test_[a-z0-9_]*' "tests/vm/$suite.sh" | grep -e "${2:-}")
for test in "${tests[@]}"; do
	if is_left "$test"; then
		echo "# $suite: $test is left to make test-all"
		continue
	fi
	n=$((n + 1))
	start=${EPOCHREALTIME/./}
	(set -e; "$test") 2>"$T/trace"
	case $? in
	0) echo "ok $n $suite: $test" ;;
	77) echo "ok $n $suite: $test # SKIP $(cat "$T/skipped")" ;;
	*)
		sed 's/^/# /' "$T/trace" | tail -5
		echo "not ok $n $suite: $test"
		;;
	esac
	echo "$(((${EPOCHREALTIME/./} - start) / 100000)) $suite: $test" >>"${T%/*}/times"
done
echo "1..$n"
# A suite that runs nothing, or dies, must not be lost among others of its boot.
((n > 0))
