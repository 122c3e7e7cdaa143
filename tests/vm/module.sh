# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # build, iopftrace, load and T are set by guest.sh
# What needs the test module: groups of several pages, partial requests, a slow or wrong driver, and
# a kernel that does wrong; see guest.sh and tests/load/module.

# shellcheck source=tests/vm/live.sh
source tests/vm/live.sh

policy=$T/policy
printf '[deadlines]\npartial = 100ms\n' >"$policy"

# judged KIND[:N] [LOAD-OPTION...]: the load does KIND under check, which finds the rules that the
# load's own table has for it, and nothing else that is worth a warning.
judged() {
	local try rules wanted=1
	rules=$("$load" --list-misbehave | awk -F '\t' -v kind="${1%%:*}" '$1 == kind { print $2 }')
	case $rules in
	'') fail "the load knows no ${1%%:*}" ;;
	legal) rules='' wanted=0 ;;
	IOPF020 | IOPF021 | IOPF031) wanted=0 ;;
	esac
	for try in 1 2 3 4 5; do
		(judge_once "$wanted" "$rules" "$@") 3>"$T/why" && return
		only_misses || break
		echo "# try $try: inconclusive for $(report .lost.probe_misses) missed probes" >&3
	done
	cat "$T/why" >&3
	return 1
}

judge_once() {
	local wanted=$1 rules=$2 kind=$3
	shift 3
	status "$wanted" "$iopftrace" check -f json -o "$T/report.json" --policy "$policy" -- \
		"$load" -o "$T/truth.json" -n 60 --misbehave "$kind" "$@"
	is "rules of findings above a note" \
		"$(report '[.findings[] | select(.severity != "note").rule] | unique | join(",")')" "$rules"
}

# pages_agree: the requests that were reported, those that were queued and those that were delivered
# are the same, group by group, as the last trace in $T/out has them. Every group has its own index.
# shellcheck disable=SC2016 # the dollar signs are jq's
pages_agree() {
	jq -e -s 'def by_group: group_by(.g) | map({g: .[0].g, pages: map([.a, .p])});
		(map(select(.event == "enqueue") | {key: "\(.group) \(.t_ns)", value: .grpid})
			| from_entries) as $id
		| (map(select(.event == "report" or .event == "enqueue")
			| {g: .grpid, a: .addr, p: .perm}) | by_group) as $reported
		| (map(select(.event == "pages") | {g: $id["\(.group) \(.t_ns)"]} + (.list[]
			| {a: .addr, p: .perm})) | by_group) as $queued
		| (map(select(.event == "read" or .event == "readmore") | .faults[]
			| {g: .grpid, a: .addr, p: .perm}) | by_group) as $delivered
		| $reported == $delivered and ($reported | map(select(.pages | length > 1))) == $queued' \
		"$T/out" >/dev/null
}

test_a_load_without_the_module_says_so() {
	status 4 "$load" --pages 2
	grep -q 'iopf_test.*insmod' "$T/err" || fail "said: $(cat "$T/err")"
	status 4 "$load" --misbehave torn
}

test_insmod() {
	insmod "$build/module/$(uname -r)/iopf_test.ko"
	[[ -c /dev/iopf_test ]] || fail "no /dev/iopf_test"
}

test_pages_and_groups_agree() {
	traced 0 -- -n 200 --pages 40 -k 2 --pasids 3 --invalid 10%
	same_counts
	same "pages" .groups.pages .groups.pages
	is "requests without last page" "$(report .groups.partial)" \
		"$(($(truth .groups.pages) - $(truth .groups.triggered)))"
	same "INVALID" .responses.invalid .groups.invalid
	is "groups with all stages" "$(report .stages.total.count)" 200
	(($(truth .reads.max_records) > 16)) || fail "no read of more than 16 records"
}

test_pages_with_several_readers_and_writers() {
	traced 0 -- -n 150 --pages 20 --triggers 2 --readers 2 --writers 2 --write-batch 4 --order random
	same_counts
	same "pages" .groups.pages .groups.pages
}

test_pages_through_io_uring() {
	traced 0 -- -n 100 --pages 20 --io uring --uring-async
	same_counts
	same "pages" .groups.pages .groups.pages
}

test_groups_of_six_hundred_pages() {
	traced 0 -- -n 40 --misbehave multi-page:8
	same_counts
	same "pages" .groups.pages .groups.pages
	(($(truth .reads.max_records) > 600)) || fail "the largest group was not read whole"
}

test_every_page_is_traced() {
	local try
	for try in 1 2 3 4 5; do
		status 0 "$iopftrace" trace -f json -- "$load" -n 80 --pages 40 -o "$T/truth.json"
		pages_agree && return
		grep -q 'not all' "$T/err" || break
	done
	fail "pages differ, after $try tries: $(head -c 300 "$T/err")"
}

# The wait for a driver is in the stage ack, and in no other. The load sees it in its write, which is
# a little longer.
test_a_slow_driver_shows_in_ack() {
	traced 0 -- -n 60 --misbehave driver-slow:20 --slow 20ms
	same_counts
	local q got most
	for q in '.percentiles["90"]' .max_ns; do
		got=$(report ".stages.ack$q")
		most=$(truth ".stages.write_call$q")
		((got >= 20000000)) || fail "ack $q: $got, the driver took 20 ms"
		((got <= most)) || near "$got" "$most" 50000 5 || fail "ack $q: $got, the write $most"
	done
	got=$(report '.stages.ack.percentiles["50"]')
	((got < 10000000)) || fail "ack p50: $got, two of three answers were fast"
}

test_legal_multi_page() { judged multi-page:3; }
test_legal_short_group() { judged short-group:2; }
test_legal_partial_then_last() { judged partial-then-last:2; }
test_legal_partial_discard() { judged partial-discard:2; }
test_legal_driver_slow() { judged driver-slow:2 --slow 20ms; }

test_all_that_is_legal_at_once() {
	judged multi-page --pages 20 -k 2 -n 200 --misbehave partial-then-last \
		--misbehave partial-discard --misbehave short-group --misbehave detach \
		--misbehave replace --misbehave efault-read-part
}

test_partial_late() { judged partial-late:2 --slow 300ms; }
test_partial_never_last() { judged partial-never-last --rate 100; }
test_partial_reuse() { judged partial-reuse:2; }
test_partial_extra() { judged partial-extra; }

test_partial_extra_and_missing() {
	judged partial-extra:2
	is "findings" "$(report '[.findings[].count] | add')" 2
}

test_partial_refused() { judged partial-refused; }
test_last_page_only() { judged last-page-only; }
test_torn_a_page_missing() { judged torn; }
test_torn_a_page_missing_and_a_last_one_too_early() { judged torn:2; }
test_driver_twice() { judged driver-twice; }
test_driver_wrong_code() { judged driver-wrong-code; }
test_driver_silent() { judged driver-silent; }

test_reads_too_small_for_the_first_group() {
	judged small-reads:2
	report '.findings[] | select(.rule == "IOPF031") | .first.text' |
		grep -q 'room for 2 records (80 bytes), and the first group has 3 pages (120 bytes)' ||
		fail "said: $(report '.findings | tostring')"
}

test_zz_rmmod() {
	rmmod iopf_test
	status 0 "$load" -n 10
}
