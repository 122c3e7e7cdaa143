# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # iopftrace, load and T are set by guest.sh
#
# Each bug of the kernel 7-bugs is switched on alone, provoked, and has to be named: tests/bugs/table
# says by which load and which rule. Without the bugs the same loads are in order. See guest.sh.
#
# Results for tests/bugs.sh go to $LAB_OUT/results; LAB_BUGS may name the bugs to try.

# The same loads and others without a bug are what the suite "check" runs too.
# shellcheck disable=SC2034 # read by guest.sh
long_tests=(test_without_a_bug_the_loads_are_in_order)

switch=/sys/module/io_pgfault/parameters/bug
table=tests/bugs/table

# The fields of a line of the table, without the blanks around them.
read_line() {
	IFS='|' read -r number name rule loading checking own _ <<<"$1"
	read -r number <<<"$number"
	read -r name <<<"$name"
	read -r rule <<<"$rule"
	read -r -a loading <<<"$loading"
	read -r -a checking <<<"$checking"
	read -r -a own <<<"$own"
}

bugs() {
	grep -v '^#' "$table"
}

# The load of the line that was read, under check; the exit status is in "got".
checked() {
	got=0
	rm -f "$T/report.json"
	timeout 100 "$iopftrace" check -f json -o "$T/report.json" "${checking[@]}" -- \
		"$load" -o "$T/truth.json" "${loading[@]}" >"$T/out" 2>"$T/err" || got=$?
	jq -e .findings "$T/report.json" >"$T/findings" 2>&1 ||
		fail "no report, exit status $got: $(head -c 300 "$T/err" | tr '\n' '|')"
}

# The rules in the report, of the severities given.
rules_found() {
	jq -r --arg severities "$*" '[.findings[] | select(.severity | inside($severities)) | .rule]
		| unique | join(" ")' "$T/report.json"
}

# A rule whose violation is an error has to fail the check, too.
is_caught() {
	local severity
	severity=$(jq -r --arg rule "$rule" '[.findings[] | select(.rule == $rule) | .severity][0]' \
		"$T/report.json")
	case $severity in
	error) ((got == 1)) && [[ $(report .verdict) == violation ]] ;;
	warn) ((got == 0 || got == 1)) ;;
	*) return 1 ;;
	esac
}

# Called by the test of a bug: the bug has the test's name.
is_named() {
	local bug=${FUNCNAME[1]#test_} line try caught=no
	bug=${bug//_/-}
	[[ -z ${LAB_BUGS:-} || " $LAB_BUGS " == *" $bug "* ]] || skip "not asked for"
	line=$(bugs | grep -E "^[0-9]+ \\| $bug \\|") || fail "the table has no bug $bug"
	read_line "$line"
	trap 'echo 0 >"$switch"' EXIT
	echo "$number" >"$switch"
	for try in 1 2 3 4 5; do
		checked
		is_caught && caught=yes && break
		only_misses || break
	done
	cp "$T/report.json" "$LAB_OUT/$bug.json"
	printf '%s|%s|%s|%s|%s\n' "$number" "$name" "$rule" "$(rules_found error warn)" "$caught" \
		>>"$LAB_OUT/results"
	[[ $caught == yes ]] ||
		fail "$rule not named (try $try): $(report .verdict), exit status $got, found: $(rules_found error warn note), doubts: $(report '.doubts | tostring')"
}

test_the_table_is_the_kernels() {
	grep -o '^+	IOPF_BUG_[A-Z_]* = [0-9]*' tests/lab/patches/7-bugs/1-core.patch |
		sed 's/.*IOPF_BUG_//' | tr 'A-Z_' 'a-z-' | sed 's/\(.*\) = \(.*\)/\2 \1/' >"$T/kernel"
	bugs | awk -F' *[|] *' '{ print $1, $2 }' | diff "$T/kernel" - >&3 ||
		fail "the kernel's bugs are others"
	bugs | awk -F' *[|] *' '{ gsub("-", "_", $2); print "test_" $2 }' | while read -r test; do
		declare -F "$test" >/dev/null || fail "no $test"
	done
}

test_answered_twice() { is_named; }
test_driver_twice() { is_named; }
test_driver_wrong_status() { is_named; }
test_driver_not_told() { is_named; }
test_no_answer() { is_named; }
test_lost_at_enqueue() { is_named; }
test_lost_after_efault() { is_named; }
test_lifo() { is_named; }
test_wrong_status() { is_named; }
test_wrong_pasid() { is_named; }
test_wrong_address() { is_named; }
test_dirty_padding() { is_named; }
test_zero_cookie() { is_named; }
test_false_empty() { is_named; }
test_small_buffer_zero() { is_named; }
test_delivered_twice() { is_named; }
test_torn() { is_named; }
test_half_group() { is_named; }
test_write_residue() { is_named; }
test_stray_taken() { is_named; }
test_bad_code_accepted() { is_named; }
test_detach_skips() { is_named; }
test_replace_wrong_hwpt() { is_named; }
test_destroy_undelivered_only() { is_named; }
test_qremove_steals() { is_named; }
test_partial_as_last() { is_named; }
test_copy_loops() { is_named; }
test_wrong_object() { is_named; }
test_late_enqueue() { is_named; }
test_answers_unread() { is_named; }
test_loses_page() { is_named; }
test_abort_success() { is_named; }
test_freed_unanswered() { is_named; }
test_answer_swallowed() { is_named; }
test_detach_frees() { is_named; }
test_refused_silently() { is_named; }
test_wrong_cookie() { is_named; }
test_next_cookie() { is_named; }
test_refuses_valid() { is_named; }
test_driver_wrong_index() { is_named; }
test_driver_wrong_pasid() { is_named; }
test_driver_wrong_device() { is_named; }
test_error_wrong_index() { is_named; }
test_told_short() { is_named; }
test_detach_others() { is_named; }
test_success_lost() { is_named; }
test_invalid_lost() { is_named; }
test_answers_other() { is_named; }
test_detach_keeps_cookie() { is_named; }
test_rare_driver_not_told() { is_named; }
test_rare_lost_at_enqueue() { is_named; }
test_rare_freed_unanswered() { is_named; }
test_rare_wrong_cookie() { is_named; }
test_rare_refuses_valid() { is_named; }
test_rare_driver_wrong_index() { is_named; }
test_rare_success_lost() { is_named; }

# The load of the line that was read, without its bug: nothing is found but what the load does itself.
in_order() {
	local found try
	for try in 1 2 3 4 5; do
		checked
		found=$(rules_found error warn)
		for rule in "${own[@]}"; do
			[[ " $found " == *" $rule "* ]] || echo "# $rule was not named: ${loading[*]}" >&3
			found=${found/$rule/}
		done
		[[ -z ${found// /} ]] || fail "without a bug: $found with ${loading[*]} ${checking[*]}"
		only_misses || break
	done
	((got == 0 || got == 1 && ${#own[@]} > 0)) ||
		fail "without a bug: exit status $got (try $try), doubts $(report '.doubts | tostring') with ${loading[*]} ${checking[*]}"
}

test_without_a_bug_the_loads_are_in_order() {
	local line loads=0
	[[ -z ${LAB_BUGS:-} || " $LAB_BUGS " == *" none "* ]] || skip "not asked for"
	echo 0 >"$switch"
	while read -r line <&4; do
		read_line "$line"
		in_order
		loads=$((loads + 1))
	done 4< <(bugs | sort -t '|' -u -k 4,6)
	((loads > 0)) || fail "no load"
	echo "0|none||$loads loads in order|yes" >>"$LAB_OUT/results"
}
