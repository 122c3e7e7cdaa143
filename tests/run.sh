#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the tests and counts them: run.sh [unit] [vm] [fresh]   (unit and vm, when none is named)
#
# Every test gives a TAP line; what a program or a VM said it would run and did not is a failure, so
# is one that says nothing. Ends with "N passed, N failed[, N skipped]"; exit status 1 when any failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

build=${O:-build}
out=$build/test
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
		1..[0-9]*) plan=${line#1..} ;;
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
run_program() {
	local name=$2/${1##*/}
	CMOCKA_MESSAGE_OUTPUT=TAP "$1" >"$name.tap" 2>"$name.err"
	return 0
}

run_unit() {
	local program script tap
	for script in deps build man completion install; do
		"tests/${script}_test.sh" >"$out/$script.tap" 2>&1
		count_tap "$script" <"$out/$script.tap"
	done
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

# One boot for each kernel and state of it; the guest runs the tests of that name.
# run_vm KERNEL SUITE OPTION...: what it says is left in a directory of its name, its status last.
run_vm() {
	local kernel=$1 suite=$2 status=0
	shift 2
	local dir=$out/$kernel-$suite
	rm -rf "$dir"
	mkdir -p "$dir"
	echo "boot  kernel $kernel: $suite"
	tests/lab/vm.sh -k "$kernel" -o "$dir" "$@" -- tests/vm/guest.sh "$suite" \
		>"$dir/tap" 2>"$dir/stderr" || status=$?
	echo "$status" >"$dir/status"
}

# Counts what a VM said.
count_vm() {
	local kernel=$1 suite=$2
	local dir=$out/$kernel-$suite status
	status=$(cat "$dir/status" 2>/dev/null) || status=unknown
	count_tap "$kernel $suite" <"$dir/tap"
	if [[ $status != 0 ]]; then
		failed=$((failed + 1))
		failures+=("$kernel $suite: the VM ended with status $status")
		echo "FAIL  $kernel $suite: the VM ended with status $status; its last words:"
		tail -15 "$dir/stderr" | sed 's/^/      /'
	fi
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

# Makes what VMs need; without it, the tests that need it have failed.
prepare() {
	"${@:2}" >/dev/null && return
	failed=$((failed + 1))
	failures+=("$1 could not be built")
	return 1
}

# The VMs, those that take longest first. VMS=2 runs two at a time: an emulated one keeps one processor
# busy, so it takes half as long, but what is lost and skipped in them is more, and tests may ask for less.
run_vms() {
	local jobs=() job
	prepare "the kernel's selftest" build_selftest
	# The module and its kinds run on 6.12 too: "make module K=6.12" and the suite by hand.
	if prepare "kernel 7" tests/lab/kernel.sh 7; then
		jobs+=("7 check -c 4 -t 1800")
		prepare "kernel 7-bugs" tests/lab/kernel.sh 7-bugs && jobs+=("7-bugs bugs -c 4 -t 1800")
		jobs+=("7 live -c 4 -t 1200")
	fi
	prepare "kernel 6.12" tests/lab/kernel.sh 6.12 && jobs+=("6.12 live -c 4 -t 1200")
	if [[ ${jobs[*]} == *"7 live"* ]]; then
		prepare "the test module" tests/load/module/build.sh 7 && jobs+=("7 module -c 4 -t 1200")
		jobs+=("7 absent --no-modules -t 600")
	fi
	printf '%s\n' "${jobs[@]}" | xargs -r -P "${VMS:-1}" -L 1 tests/run.sh --vm
	for job in "${jobs[@]}"; do
		# shellcheck disable=SC2086
		count_vm $job
	done
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
mkdir -p "$out"
[[ $# -gt 0 ]] || set -- unit vm
for kind in "$@"; do
	case $kind in
	unit) run_unit ;;
	vm) run_vms ;;
	fresh) run_fresh ;;
	*) echo "usage: run.sh [unit] [vm] [fresh]" >&2; exit 3 ;;
	esac
done

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
