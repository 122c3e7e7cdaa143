# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # iopftrace, load and T are set by guest.sh
# Verdicts on the mock device: each misbehaviour of the load gives its rule, what is legal gives none;
# see guest.sh.

# More of both with "make test-all".
loss_runs=${LOSS_RUNS:-$([[ -n ${LAB_ALL:-} ]] && echo 16 || echo 4)}
legal_seeds=${LEGAL_SEEDS:-$([[ -n ${LAB_ALL:-} ]] && echo 1000 1060 || echo 1000 1015)}

policy=$T/policy
printf '[deadlines]\ncall = 500ms\n' >"$policy"

# checked [IOPFTRACE-OPTION...] -- COMMAND...: under check; the exit status is in "got"
checked() {
	local try
	for try in 1 2 3 4 5; do
		got=0
		"$iopftrace" check -f json -o "$T/report.json" "$@" >"$T/out" 2>"$T/err" || got=$?
		jq -e .findings "$T/report.json" >/dev/null 2>&1 ||
			fail "no report, exit status $got: $(head -c 300 "$T/err" | tr '\n' '|')"
		only_misses || return 0
		echo "# try $try: inconclusive for $(report .lost.probe_misses) missed probes" >&3
	done
}

# The rules found, of warnings and errors that are proven.
rules() {
	report '[.findings[] | select(.severity != "note" and (.unproven | not)) | .rule]
		| unique | join(",")'
}

# misbehaves KIND RULE,...: exactly these rules are broken, but for those in "also"
misbehaves() {
	local kind=$1 wanted=$2 rule found
	local options=(-n 60)
	[[ $kind != detach-pasid ]] || options+=(--pasids 2 --own-pasids)
	checked --policy "$policy" -- "$load" "${options[@]}" --misbehave "$kind:3" -o /dev/null
	found=$(rules)
	for rule in ${wanted//,/ }; do
		[[ ,$found, == *,$rule,* ]] || fail "$kind: found '$found', wanted $wanted"
	done
	for rule in ${found//,/ }; do
		[[ ,$wanted,${also:-}, == *,$rule,* ]] || fail "$kind: found '$found', wanted $wanted"
	done
	if [[ $(report '[.findings[] | select(.severity == "error")] | length') != 0 ]]; then
		is "$kind: exit status" "$got" 1
		is "$kind: verdict" "$(report .verdict)" violation
		is "$kind: blame" "$(report '[.findings[] | select(.severity == "error") | .blame]
			| unique | join(",")')" "user space"
	else
		is "$kind: exit status" "$got" 0
	fi
}

# All of them that need no test module, by the load's own table.
test_every_misbehaviour_gives_its_rule() {
	local kind wanted
	while IFS=$'\t' read -r kind wanted _; do
		# a cookie that has been used names earlier groups, which is said beside it
		also=IOPF003,IOPF005 misbehaves "$kind" "$wanted"
		echo "# $kind: $(rules)" >&3
	done < <("$load" --list-misbehave | awk -F'\t' '$2 != "legal" && $1 != "cookie-zero"' |
		grep -v -f <(module_kinds))
}

# All of them in one run; when something is found, each by itself tells whose it is.
test_every_legal_kind_gives_none() {
	local kind kinds
	kinds=$("$load" --list-misbehave | awk -F'\t' '$2 == "legal" { print $1 }' |
		grep -v -f <(module_kinds | tr -d '\t' | sed 's/$/$/'))
	(($(wc -w <<<"$kinds") > 15)) || fail "legal kinds: $kinds"
	checked --policy "$policy" -- sh -c "for kind in $(tr '\n' ' ' <<<"$kinds"); do
		options='-n 60'
		[ \$kind != detach-pasid ] || options='-n 60 --pasids 2 --own-pasids'
		$load \$options --misbehave \$kind:3 -o /dev/null || exit 9; done"
	if [[ $got != 0 || $(rules) != '' ]]; then
		for kind in $kinds; do
			misbehaves "$kind" ''
		done
		fail "together: exit status $got, $(rules)"
	fi
	# as many groups as the kinds have, or one of them did nothing
	(($(report .groups.enqueued) >= 40 * $(wc -w <<<"$kinds"))) ||
		fail "groups: $(report .groups.enqueued)"
}

# The kinds that only work with the test module, as patterns: see module.sh.
module_kinds() {
	printf '^%s\t\n' multi-page short-group small-reads 'partial-[a-z-]*' last-page-only torn 'driver-[a-z-]*'
}

# User space does wrong, and the kernel after it: each is blamed for its own.
test_cookie_zero() {
	checked -- "$load" -n 60 --misbehave cookie-zero:2 -o /dev/null
	is "exit status" "$got" 1
	is "stray answer" "$(report '.findings[] | select(.rule == "IOPF003") | .blame')" "user space"
	is "others" "$(report '[.findings[] | select(.rule != "IOPF003" and .rule != "IOPF012")
		| .rule] | join(",")')" ''
	# a kernel that has been mended does not give it out
	if [[ $(rules) == *IOPF012* ]]; then
		is "cookie" "$(report '.findings[] | select(.rule == "IOPF012") | .blame')" kernel
		report '.findings[] | select(.rule == "IOPF012") | .first.text' |
			grep -q 'given the cookie 0, which user space had written' ||
			fail "said: $(report '.findings | tostring')"
	else
		[[ $(uname -r) != 7.3.4* ]] || fail "the kernel 7.3.4 gives out 0, and it was not found"
	fi
}

# Which costs a CPU, and breaks nothing.
test_busy_polling_is_noted() {
	checked -- "$load" -n 60 --misbehave busy-poll:2 -o /dev/null
	is "exit status" "$got" 0
	is "severity" "$(report '[.findings[] | select(.rule == "IOPF031") | .severity] | join(",")')" note
	report '.findings[] | select(.rule == "IOPF031") | .first.text' | grep -q 'busy polling: [0-9]* reads' ||
		fail "no cost: $(report '.findings | tostring')"
	checked -- "$load" -n 60 --rate 20 -o /dev/null
	is "a load that polls" "$(report '[.findings[].rule] | join(",")')" ''
}

test_random_legal_workloads_give_none() {
	checked -- sh -c "for seed in \$(seq $legal_seeds); do $load --random-legal \$seed -o /dev/null \
		2>/dev/null || exit 9; done"
	is "rules" "$(rules)" ''
	is "exit status" "$got" 0
	(($(report .groups.enqueued) > 500)) || fail "groups: $(report .groups.enqueued)"
}

# A ring of one page loses nearly everything: never a violation, never a pass.
test_loss_is_never_a_verdict() {
	local run lost=0
	for run in $(seq "$loss_runs"); do
		got=0
		"$iopftrace" check --buffer 4K -f json -o "$T/report.json" -- \
			"$load" --random-legal "$run" -n 100 -o /dev/null >"$T/out" 2>"$T/err" || got=$?
		((got == 5 || got == 0)) || fail "run $run: exit status $got, $(rules)"
		is "run $run: rules" "$(rules)" ''
		((got == 5)) || is "run $run: lost" "$(report .lost.events)" 0
		((got == 0)) || lost=$((lost + 1))
	done
	((lost >= loss_runs / 2)) || fail "only $lost runs lost events"
}

test_loss_does_not_hide_what_is_proven() {
	local try unproven='[false]' status=1
	for try in $(seq 10); do
		checked --min-groups 5 --buffer 4K -- sh -c \
			"$load -n 40 --sync --misbehave stray:3 -o /dev/null
			$load -n 800 --in-flight 64 -o /dev/null"
		[[ $(report .lost.probe_misses) == "$(report .lost.probe_misses_made_good)" ]] || continue
		# The record of the stray answer may itself be among the lost: then once more.
		! report '.findings[].rule' | grep -qx IOPF003 || break
	done
	# Programs that a busy machine skipped besides make it unproven, but not unsaid.
	[[ $(report .lost.probe_misses) == "$(report .lost.probe_misses_made_good)" ]] ||
		unproven='[true]' status=5
	(($(report .lost.events) > 0)) || skip "nothing was lost"
	is "exit status" "$got" "$status"
	is "stray" "$(report '[.findings[] | select(.rule == "IOPF003") | .unproven] | tostring')" "$unproven"
}

test_on_loss() {
	local cmd=("$load" -n 3000 --in-flight 64 -o /dev/null)
	status 5 "$iopftrace" check --buffer 4K -- "${cmd[@]}"
	status 1 "$iopftrace" check --buffer 4K --on-loss fail -- "${cmd[@]}"
	status 0 "$iopftrace" check --buffer 4K --on-loss ignore -- "${cmd[@]}"
}

# The kernel's own selftest, which knows nothing of this project, passes, with as many groups as a
# plain kprobe event counts without.
test_selftest_passes() {
	local tracing=/sys/kernel/tracing selftest wanted
	selftest=$build/selftest/iommufd-$(uname -r)
	echo 'p:groups iommufd_fault_iopf_handler' >"$tracing/kprobe_events"
	echo 1 >"$tracing/events/kprobes/groups/enable"
	echo 64 >"/proc/sys/vm/nr_hugepages"
	"$selftest" >"$T/plain" 2>&1 || true
	wanted=$(grep -c 'groups:' "$tracing/trace")
	echo 0 >"$tracing/events/kprobes/groups/enable"
	echo >"$tracing/kprobe_events"
	((wanted > 0)) || fail "the selftest reported no group: $(tail -1 "$T/plain")"
	# its own status tells of tests that want options which this kernel has not
	checked -- sh -c "$selftest >$T/traced 2>&1; true"
	is "passed in the selftest" "$(grep -c '^ok' "$T/traced")" "$(grep -c '^ok' "$T/plain")"
	is "exit status" "$got" 0
	is "verdict" "$(report .verdict)" pass
	is "rules" "$(rules)" ''
	is "enqueued groups" "$(report .groups.enqueued)" "$wanted"
	is "answered" "$(report .groups.answered_user)" "$wanted"
	is "lost" "$(report .lost.events)" 0
}

test_empty_run_is_inconclusive() {
	status 5 "$iopftrace" check -- true
	status 0 "$iopftrace" check --min-groups 0 -- true
}

# A command that exits with the number of a violation, and has done nothing wrong.
test_a_command_that_fails_is_no_violation() {
	local failing=(sh -c "$load -n 30 -o /dev/null; exit 1")
	checked -- "${failing[@]}"
	is "exit status" "$got" 1
	is "why" "$(report '[.verdict, .exit_code, .exit_because, .child.status] | tostring')" \
		'["pass",1,"command",1]'
	checked --verdict-only --record "$T/failing.data" -- "${failing[@]}"
	is "exit status" "$got" 0
	is "why" "$(report '[.verdict, .exit_code, .exit_because, .child.status] | tostring')" \
		'["pass",0,"pass",1]'
	status 1 "$iopftrace" check "$T/failing.data"
	is "the last line" "$(tail -1 "$T/out" | sed 's/^ *//')" \
		"exit status 1 is CMD's own; the verdict is PASS"
	status 0 "$iopftrace" check --verdict-only "$T/failing.data"
	# and one whose number is its own is no excuse for what is
	checked --verdict-only -- sh -c "$load -n 60 --misbehave stray:3 -o /dev/null; exit 0"
	is "exit status" "$got" 1
	is "why" "$(report .exit_because)" violation
}

test_unanswered_by_the_deadline() {
	checked --deadline 300ms -- "$load" -n 30 --unanswered 2 --delay constant:1s -o /dev/null
	is "exit status" "$got" 1
	is "rules" "$(rules)" IOPF001
	status 0 "$iopftrace" check --deadline 60s -- "$load" -n 30 -o /dev/null
}

# A process that has been at it for long: what waits on its object is found, and nobody is blamed.
test_beginning_in_the_middle() {
	"$load" -n 1000000 --in-flight 40 --delay constant:2s --rate 50 -o "$T/other.json" &
	local other=$!
	# it is at it when its account says so: groups wait for two seconds each
	until grep -qs iommufd "/proc/$other/maps" || readlink /proc/$other/fd/* | grep -q iommufd; do
		sleep 0.1
	done
	sleep 3 # and in the middle of it
	checked -p "$other" -d 4
	kill -INT "$other"
	wait "$other" || true
	is "rules" "$(rules)" ''
	(($(report .groups.adopted) > 10)) || fail "adopted: $(report .groups.adopted)"
	(($(report .groups.answered_user) > 10)) || fail "answered: $(report .groups.answered_user)"
	is "unclear" "$got" 0
}

test_assertions() {
	local cmd=("$load" -n 50 --delay constant:5ms -o /dev/null)
	status 0 "$iopftrace" check -a 'groups == 50' -a 'service.p50 > 4ms' -- "${cmd[@]}"
	status 2 "$iopftrace" check -a 'total.max < 1ms' -- "${cmd[@]}"
	status 3 "$iopftrace" check -a 'total.p99 << 1ms' -- "${cmd[@]}"
	status 3 "$iopftrace" check -a 'groups' -- "${cmd[@]}"
	# the protocol comes first
	status 1 "$iopftrace" check -a 'groups == 1' -- "$load" -n 50 --misbehave stray -o /dev/null
}

test_ci_outputs() {
	status 1 "$iopftrace" check --junit "$T/junit.xml" --ktap "$T/ktap" --annotate -- \
		"$load" -n 50 --misbehave bad-code:2 -o /dev/null
	xmllint --noout "$T/junit.xml"
	is "failures" "$(xmllint --xpath 'string(//testsuite[1]/@failures)' "$T/junit.xml")" 1
	grep -q '^not ok .*IOPF007' "$T/ktap" || fail "ktap: $(grep '^not ok' "$T/ktap")"
	grep -q '^::error.*IOPF007' "$T/out" || fail "no annotation: $(grep '^::' "$T/out" | head -1)"
	head -3 "$T/out" | grep -q 'IOPF007' || fail "the story does not come first: $(head -3 "$T/out")"
}

test_hook_at_the_moment() {
	# shellcheck disable=SC2016
	status 1 "$iopftrace" check --on-violation 'echo "$IOPFTRACE_RULE" >>'"$T/hook" -- \
		"$load" -n 50 --misbehave bad-code -o /dev/null
	is "hook" "$(cat "$T/hook")" IOPF007
}

# The same verdict and the same report from a recording, without privilege.
test_recorded_and_checked_elsewhere() {
	status 0 "$iopftrace" record -o "$T/trace" -- "$load" -n 200 --misbehave stray:2 -o /dev/null
	cp "$T/trace" /tmp/trace
	chmod 644 /tmp/trace
	status 1 setpriv --reuid 65534 --regid 65534 --clear-groups "$iopftrace" check -f json /tmp/trace
	is "rules" "$(jq -r '[.findings[] | select(.severity == "error") | .rule] | join(",")' "$T/out")" IOPF003
	status 0 "$iopftrace" explain "$T/trace" IOPF003
	grep -q 'writes cookie' "$T/out" || fail "no story: $(head -5 "$T/out")"
}

# same_again LIVE-VERB FILE-VERB [OPTION...] -- COMMAND...: judged live and recorded, and judged again from
# the file, without privilege: the same exit status and the same JSON to the byte. Nothing is taken out
# before they are compared: what names the run, as its times, its costs and the status of CMD, is in the
# file. Options are for both, those in "live" for the first; the exit status is in "got".
same_again() {
	local live_verb=$1 file_verb=$2 options=() try again
	shift 2
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	for try in 1 2 3 4 5; do
		got=0 again=0
		rm -f /tmp/judged.data
		"$iopftrace" "$live_verb" "${options[@]}" "${live[@]}" --record /tmp/judged.data \
			-f json -o "$T/report.json" "$@" >"$T/out" 2>"$T/err" || got=$?
		jq -e .findings "$T/report.json" >/dev/null 2>&1 ||
			fail "no report, exit status $got: $(head -c 300 "$T/err" | tr '\n' '|')"
		is "mode of the recording" "$(stat -c %a:%u /tmp/judged.data)" 600:0
		chmod 644 /tmp/judged.data
		setpriv --reuid 65534 --regid 65534 --clear-groups "$iopftrace" "$file_verb" \
			"${options[@]}" -f json /tmp/judged.data >"$T/again.json" 2>"$T/err" || again=$?
		is "what is said of the file" "$(cat "$T/err")" ''
		is "exit status from the file" "$again" "$got"
		cmp -s "$T/report.json" "$T/again.json" ||
			fail "differs: $(diff <(jq -S . "$T/report.json") <(jq -S . "$T/again.json") |
				head -5 | tr '\n' '|')"
		only_misses || return 0
		echo "# try $try: inconclusive for $(report .lost.probe_misses) missed probes" >&3
	done
}

test_recorded_while_judged() {
	local live=()
	same_again check check -a 'groups == 400' -- "$load" -n 400 -k 2 --batch 4 --in-flight 16 -o /dev/null
	is "exit status" "$got" 0
	is "groups" "$(report .groups.enqueued)" 400
	same_again run report --by device,process -- sh -c "$load -n 200 -k 2 -o /dev/null; exit 9"
	is "exit status" "$got" 9
	same_again run report --percentiles 50,99 -- "$load" -n 200 --misbehave detach:3 -o /dev/null
	(($(report .groups.answered_kernel) > 0)) || fail "nothing was left to the kernel"
}

test_a_violation_recorded_while_judged() {
	local live=()
	same_again check check -- "$load" -n 200 --misbehave stray:2 -o /dev/null
	is "exit status" "$got" 1
	status 0 "$iopftrace" explain /tmp/judged.data IOPF003
	grep -q 'writes cookie' "$T/out" || fail "no story: $(head -5 "$T/out")"
	# a deadline is missed: by the answer, by what is never answered, and with somebody told of it
	same_again check check --deadline 300ms -- \
		"$load" -n 30 --unanswered 2 --delay constant:1s -o /dev/null
	is "exit status" "$got" 1
	live=(--on-violation "echo >>$T/told")
	same_again check check --deadline 300ms -- \
		"$load" -n 30 --unanswered 2 --delay constant:1s -o /dev/null
	is "exit status" "$got" 1
	[[ -s $T/told ]] || fail "nobody was told"
}

test_a_loss_recorded_while_judged() {
	local live=(--buffer 4K)
	same_again check check -- "$load" -n 3000 --in-flight 64 -o /dev/null
	is "exit status" "$got" 5
	(($(report .lost.events) > 0)) || fail "nothing was lost"
	same_again check check --on-loss fail -- "$load" -n 3000 --in-flight 64 -o /dev/null
	is "exit status" "$got" 1
}

# The disk is full while it is judged: the verdict stands, and the file says that it is not whole. Room for
# the first blocks only: so that few groups fill it, of which a busy machine loses none.
test_a_recording_that_finds_no_room() {
	local full=(--buffer 32M --record "$T/small/iopf.data")
	mkdir "$T/small"
	mount -t tmpfs -o size=8k none "$T/small"
	checked "${full[@]}" -- "$load" -n 1500 -o /dev/null
	grep -q 'No space left' "$T/err" || fail "expected words on it: $(head -c 300 "$T/err")"
	is "exit status" "$got" 6
	is "verdict" "$(report .verdict)" pass
	is "groups" "$(report .groups.enqueued)" 1500
	got=0
	"$iopftrace" check -f json -o "$T/report.json" "$T/small/iopf.data" 2>"$T/err" || got=$?
	is "exit status from the file" "$got" 5
	grep -q 'ends early' "$T/err" || fail "expected words on it: $(head -c 300 "$T/err")"
	checked "${full[@]}" -- \
		sh -c "$load -n 60 --misbehave stray:3 -o /dev/null; $load -n 1500 -o /dev/null"
	grep -q 'No space left' "$T/err" || fail "expected words on it: $(head -c 300 "$T/err")"
	is "exit status with a violation" "$got" 1
	umount "$T/small"
}
