#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the tests and counts them: run.sh [unit] [programs] [vm] [fresh]   (unit and vm, when none is named)
#
# "programs" are those of the native tests that are C, and the reference checker.
#
# ALL=1 runs those too that take too long for every change ("make test-all").
#
# Every test gives a TAP line; what a program or a VM said it would run and did not is a failure, so
# is one that says nothing. Ends with "N passed, N failed[, N skipped]"; exit status 1 when any failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

build=${O:-build}
out=$build/test
# Of this run alone: "fresh" and "unit" may run beside each other.
times=${TEST_TIMES:-$out/times-$$}
export TEST_TIMES=$times
passed=0 failed=0 skipped=0
failures=()

# Reads TAP on standard input, counts it, and shows it under a title.
count_tap() {
	local title=$1 line plan=-1 seen=0
	while IFS= read -r line; do
		case $line in
		"ok "*"# SKIP"* | "ok "*"# skip"*)
			seen=$((seen + 1)) skipped=$((skipped + 1))
			printf 'skip  %s: %s\n' "$title" "${line#ok }"
			;;
		"ok "*) seen=$((seen + 1)) passed=$((passed + 1)) ;;
		"not ok "*)
			seen=$((seen + 1)) failed=$((failed + 1))
			failures+=("$title: ${line#not ok }")
			printf 'FAIL  %s: %s\n' "$title" "${line#not ok }"
			;;
		1..[0-9]*) plan=$(((plan < 0 ? 0 : plan) + ${line#1..})) ;;
		"# ok - "* | "# not ok - "*) ;;
		"#"*) printf '      %s\n' "$line" ;;
		esac
	done
	if ((plan != seen)); then
		failed=$((failed + 1))
		failures+=("$title: $seen tests run of $plan planned")
		printf 'FAIL  %s: %d tests run of %d planned\n' "$title" "$seen" "$plan"
	else
		printf 'ran   %s: %d tests\n' "$title" "$seen"
	fi
}

# Runs one program of unit tests; what it says is left in files of its name.
# Signals are what they are at a terminal: what a shell starts in the background ignores SIGINT, for good.
run_program() {
	local name=$2/${1##*/} start=${EPOCHREALTIME/./}
	CMOCKA_MESSAGE_OUTPUT=TAP env --default-signal "$1" >"$name.tap" 2>"$name.err"
	echo "$(((${EPOCHREALTIME/./} - start) / 100000)) ${1##*/}" >>"$times"
}

run_unit() {
	local script
	for script in deps lab build man completion install; do
		"tests/${script}_test.sh" >"$out/$script.tap" 2>&1
		count_tap "$script" <"$out/$script.tap"
	done
	run_programs
}

run_programs() {
	local program tap
	if [[ -x $build/judge ]]; then
		nice -n 5 tests/reference/differential.py --tap -n "${HISTORIES:-5000}" \
			--judge "$build/judge" >"$out/reference.tap" 2>&1
		count_tap reference <"$out/reference.tap"
	fi
	rm -rf "$out/unit"
	mkdir -p "$out/unit"
	find "$build/unit" -name '*_test' -perm -u+x -print0 |
		xargs -0 -r -P "$(nproc)" -I{} tests/run.sh --program {} "$out/unit"
	for program in "$build"/unit/*_test; do
		[[ -x $program ]] || continue
		tap=$out/unit/$(basename "$program")
		count_tap "$(basename "$program")" <"$tap.tap"
		if grep -q '^not ok' "$tap.tap"; then
			sed 's/^/      /' "$tap.err" | tail -20
		fi
	done
}

run_fresh() {
	count_tap fresh < <(tests/fresh_test.sh 2>"$out/fresh.err" | tee "$out/fresh.tap")
	[[ ! -s $out/fresh.err ]] || tail -n 15 "$out/fresh.err" | sed 's/^/      /'
}

# run_vm KERNEL SUITE,... OPTION...: one boot, in which the guest runs the tests of these names. What it says
# is left in a directory of its name, its status last.
run_vm() {
	local kernel=$1 suites=$2 status=0
	shift 2
	local dir=$out/$kernel-$suites
	rm -rf "$dir"
	mkdir -p "$dir"
	tests/lab/vm.sh -k "$kernel" -o "$dir" "$@" -e "LAB_ALL=${ALL:-}" -- tests/vm/guest.sh "$suites" \
		>"$dir/tap" 2>"$dir/stderr" || status=$?
	echo "$status" >"$dir/status"
}

# Counts what a VM said, and tells which of its tests took longest.
count_vm() {
	local kernel=$1 suites=$2
	local dir=$out/$kernel-$suites status
	status=$(cat "$dir/status" 2>/dev/null) || status=unknown
	count_tap "$kernel" <"$dir/tap"
	if [[ $status != 0 ]]; then
		failed=$((failed + 1))
		failures+=("$kernel $suites: the VM ended with status $status")
		echo "FAIL  $kernel $suites: the VM ended with status $status; its last words:"
		tail -15 "$dir/stderr" | sed 's/^/      /'
	fi
	sed "s/^\([0-9]*\)/\1 $kernel/" "$dir/tests/times" >>"$times" 2>/dev/null
}

# The selftest of a kernel, from its own source. 6.12's source package carries a newer one.
build_selftest() {
	local dir
	dir=$(tests/lab/kernel.sh 7) || return
	mkdir -p "$build/selftest"
	gcc -w -O1 -D_GNU_SOURCE -I"$dir/tree/tools/testing/selftests" -I"$dir/tree/tools/include" \
		-I"$dir/tree/include/uapi" -o "$build/selftest/iommufd-$(cat "$dir/version")" \
		"$dir/tree/tools/testing/selftests/iommu/iommufd.c" -lcap
}

# prepare WHAT COMMAND...: makes what VMs need; without it, the tests that need it have failed.
prepare() {
	local start=$SECONDS status=0
	"${@:2}" >/dev/null || {
		status=$?
		echo "$1" >>"$out/vm/unbuilt"
	}
	((SECONDS - start < 10)) || echo "built $1 in $((SECONDS - start)) s" >&2
	return "$status"
}

# The VMs, those that take longest first: their names are left in a file. VMS=2 runs two at a time: an
# emulated one keeps one processor busy, so it takes half as long, but what is lost and skipped in them is
# more, and tests may ask for less.
# The module and its kinds run on 6.12 too: "make module K=6.12" and the suite by hand.
run_vms() {
	local suites=absent,check
	rm -rf "$out/vm"
	mkdir -p "$out/vm"
	: >"$out/vm/jobs"
	prepare "the kernel's selftest" build_selftest
	if prepare "the kernel 7" tests/lab/kernel.sh 7; then
		prepare "the test module" tests/load/module/build.sh 7 && suites+=,module
		echo "7 $suites,live --no-modules -c 4 -t 2400" >>"$out/vm/jobs"
		prepare "the kernel 7-bugs" tests/lab/kernel.sh 7-bugs &&
			echo "7-bugs bugs -c 4 -t 1800" >>"$out/vm/jobs"
	fi
	prepare "the kernel 6.12" tests/lab/kernel.sh 6.12 &&
		echo "6.12 live -c 4 -t 1200" >>"$out/vm/jobs"
	xargs -r -P "${VMS:-1}" -L 1 tests/run.sh --vm <"$out/vm/jobs"
}

count_vms() {
	local what job
	while read -r what; do
		failed=$((failed + 1))
		failures+=("$what could not be built")
	done < <(cat "$out/vm/unbuilt" 2>/dev/null)
	while read -r -a job; do
		count_vm "${job[@]}"
	done <"$out/vm/jobs"
}

# The tests that took longest.
print_slowest() {
	[[ -s $out/times ]] || return 0
	printf '\nslowest:\n'
	sort -rn "$times" | head -10 | awk '{
		printf "  %6.1f s ", $1 / 10
		$1 = ""
		print
	}'
}

case ${1-} in
--program)
	run_program "$2" "$3"
	exit
	;;
--vm)
	run_vm "${@:2}"
	exit
	;;
esac
[[ $# -gt 0 ]] || set -- unit vm
for kind in "$@"; do
	[[ $kind == unit || $kind == programs || $kind == vm || $kind == fresh ]] ||
		{ echo "usage: run.sh [unit] [programs] [vm] [fresh]" >&2; exit 3; }
done
mkdir -p "$out"
trap 'rm -f "$times"' EXIT
# A VM waits much of its time: the native tests run beside it.
if [[ " $* " == *" vm "* ]]; then
	run_vms &
fi
if [[ " $* " == *" unit "* ]]; then
	run_unit
fi
if [[ " $* " == *" programs "* ]]; then
	run_programs
fi
if [[ " $* " == *" vm "* ]]; then
	wait
	count_vms
fi
if [[ " $* " == *" fresh "* ]]; then
	run_fresh
fi
print_slowest

if ((failed)); then
	printf '\nfailed:\n'
	printf '  %s\n' "${failures[@]}"
fi
echo
if ((skipped)); then
	echo "$passed passed, $failed failed, $skipped skipped"
else
	echo "$passed passed, $failed failed"
fi
((failed == 0 && passed > 0))
