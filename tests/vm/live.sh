# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # iopftrace, load and T are set by guest.sh
# Live tracing of the mock device, judged by the load generator's own account; see guest.sh.

# What does not depend on the kernel is tried on one of them.
if [[ $LAB_KERNEL == 6.12 ]]; then
	# shellcheck disable=SC2034 # read by guest.sh
	long_tests=(test_status_of_the_command test_data_on_standard_output test_interrupted_while_loading
		test_nothing_seen_is_no_pass test_signals test_any_signal_ends_tracing
		test_a_hung_write_can_be_ended test_metrics_while_it_runs test_kill_ends_the_command
		test_text_fits_the_screen test_trace_tells_journeys test_command_runs_as_the_invoking_user
		test_no_privilege test_no_btf test_bad_options test_a_killed_recording_proves_what_it_has
		test_rotation test_rotation_keeps_the_last test_flight_recorder test_a_full_disk)
fi

# same NAME REPORT-FILTER TRUTH-FILTER
same() {
	is "$1" "$(report "$2")" "$(truth "$3")"
}

# Counts that have to agree whatever the load was.
same_counts() {
	same "enqueued groups" .groups.enqueued .groups.triggered
	same "delivered groups" .groups.delivered .groups.delivered
	same "groups answered by user space" .groups.answered_user .groups.answered
	same "SUCCESS by user space" '.responses.success' .groups.success
	same "refused answers" .responses.rejected .groups.rejected_writes
	is "lost events" "$(report .lost.events)" 0
	is "unknown groups" "$(report .groups.unknown)" 0
	is "adopted groups" "$(report .groups.adopted)" 0
	is "complete" "$(report .complete)" true
}

# The stage "service" against the load's own clock. The load reads it after its read and before its
# write: the kernel's interval is no shorter; and before its read and after its write: nor longer. The
# two are a few microseconds apart, but where a thread lost its CPU in between, or waited in the write
# for another. A quantile of the kernel's lies between theirs; 50 us or 5 % are allowed beyond.
service_is_bracketed() {
	local q got least most
	for q in '.percentiles["50"]' '.percentiles["90"]' '.percentiles["99"]' .max_ns; do
		got=$(report ".stages.service$q")
		least=$(truth ".stages.service$q")
		most=$(truth ".stages.service_most$q")
		((got >= least)) || near "$got" "$least" 50000 5 ||
			fail "service $q: $got, not $least to $most"
		((got <= most)) || near "$got" "$most" 50000 5 ||
			fail "service $q: $got, not $least to $most"
	done
}

# With one thread that reads and answers, the two agree on the whole: in one run of five at the least,
# since a machine that is busy takes the CPU away just there.
test_counts_and_latency_of_two_devices() {
	local try median='.stages.service.percentiles["50"]'
	for try in 1 2 3 4 5; do
		traced 0 -- -n 1000 -k 2 --delay uniform:1ms:3ms --in-flight 8
		same_counts
		service_is_bracketed
		near "$(report "$median")" "$(truth "$median")" 50000 5 && break
		((try < 5)) || fail "service p50: $(report "$median"), wanted $(truth "$median")"
	done
	is "verdict" "$(report .verdict)" pass
	is "INVALID" "$(report .responses.invalid)" 0
	is "outstanding" "$(report .groups.outstanding)" 0
	is "reported" "$(report .groups.reported)" 1000
	is "pages" "$(report .groups.pages)" 1000
	same "devices" '[.devices[].groups] | sort | tostring' '[.devices[].groups] | sort | tostring'
	same "device ids" '[.devices[].dev_id] | sort | tostring' '[.devices[].dev_id] | sort | tostring'
}

test_exponential_delays_agree() {
	traced 0 -- -n 1000 --delay exp:2ms --in-flight 16 --readers 2 --writers 2
	same_counts
	service_is_bracketed
}

test_stages_add_up() {
	traced 0 --percentiles 50 -- -n 300 --delay constant:1ms
	# sums of exact means: route + wait + service + ack = total, but for rounding
	jq -e '[.stages.route, .stages.wait, .stages.service, .stages.ack] as $s
		| ($s | map(.mean_ns) | add) as $sum
		| (.stages.total.mean_ns - $sum) | fabs < 5' "$T/report.json" >/dev/null ||
		fail "stages: $(report '[.stages[].mean_ns] | tostring')"
	jq -e '.stages | map(.count) | all(. == 300)' "$T/report.json" >/dev/null ||
		fail "counts differ between stages"
}

test_batches_pasids_and_refusals() {
	traced 0 -- -n 2000 -k 3 --pasids 5 --batch 16 --write-batch 8 --invalid 10% --in-flight 128
	same_counts
	same "INVALID" .responses.invalid .groups.invalid
}

test_a_read_of_more_than_sixteen() {
	traced 0 -- -n 1000 --batch 64 --wait-delay constant:5ms --in-flight 100
	same_counts
	is "groups with all stages" "$(report .stages.total.count)" 1000
}

test_unlimited_flight_reuses_nothing_wrongly() {
	traced 0 -- -n 6000 --in-flight 0 --readers 2 --batch 8
	same_counts
	is "groups with all stages" "$(report .stages.total.count)" 6000
}

test_io_uring_is_attributed() {
	traced 0 -- -n 500 --io uring --uring-async --in-flight 8
	same_counts
	local tgid
	tgid=$(truth .pid)
	is "reader's process" "$(report '[.slowest[].reader.tgid] | unique | tostring')" "[$tgid]"
	report '.slowest[0].reader.comm' | grep -q '^iou-' || skip "no worker did the reads"
}

test_two_processes_on_one_descriptor() {
	traced 0 -- -n 300 --misbehave fork --in-flight 8
	same_counts
	report '[.slowest[] | .reader.tgid != .writer.tgid] | all' | grep -qx true ||
		fail "readers and writers: $(report '[.slowest[] | [.reader.tgid, .writer.tgid]] | tostring')"
}

test_descriptor_passed_over_a_socket() {
	traced 0 -- -n 300 --misbehave fork-scm --in-flight 8
	same_counts
}

test_grandchild_is_in_scope() {
	printf '#!/bin/sh\nsh -c "%s -n 50 $*; true"; true\n' "$load" >"$T/wrapper"
	chmod +x "$T/wrapper"
	load=$T/wrapper traced 0 --
	same_counts
}

test_detach_is_answered_by_the_kernel() {
	traced 0 -- -n 200 --misbehave detach:3
	same "answered by the kernel" .groups.answered_kernel .groups.kernel_answered_expected
	is "by detach" "$(report .groups.answered_by.detach)" "$(report .groups.answered_kernel)"
	is "outstanding" "$(report .groups.outstanding)" 0
	(($(report .groups.answered_kernel) > 0)) || fail "nothing was left to the kernel"
}

test_exit_with_groups_waiting() {
	traced 0 -- -n 100 --misbehave exit
	same "answered by the kernel" .groups.answered_kernel .groups.kernel_answered_expected
	is "outstanding" "$(report .groups.outstanding)" 0
	(($(report .groups.answered_kernel) > 0)) || fail "nothing was left to the kernel"
}

test_unanswered_groups_are_the_kernels_at_exit() {
	traced 0 -- -n 100 --unanswered 5
	is "answered by the kernel" "$(report .groups.answered_kernel)" 5
	is "answered by user space" "$(report .groups.answered_user)" 95
}

test_stray_answer_is_counted() {
	traced 1 -- -n 100 --misbehave stray:3
	same_counts
	is "refused" "$(report .responses.rejected)" 3
}

test_failed_copy_is_redelivered() {
	traced 0 -- -n 100 --misbehave efault-read:5
	same_counts
	(($(report .calls.failed_reads) >= 5)) || fail "failed reads: $(report .calls.failed_reads)"
}

# A load that goes on until it is told to stop.
other_load() {
	"$load" -n 1000000 --rate 200 -o "$T/other.json" &
	other=$!
}

stop_other_load() {
	kill -INT "$other"
	wait "$other" || true
}

test_groups_outside_are_counted_once() {
	other_load
	traced 0 -- -n 100 --rate 200
	stop_other_load
	same "enqueued groups" .groups.enqueued .groups.triggered
	(($(report .out_of_scope.groups) > 0)) || fail "the other load was not seen"
	is "objects out of scope" "$(report .out_of_scope.objects)" 1
	is "objects" "$(report '.objects | length')" 1
}

test_system_wide_sees_both() {
	other_load
	traced 0 --system-wide -- -n 100 --rate 200
	stop_other_load
	(($(report .groups.enqueued) > 100)) || fail "only CMD's groups were seen"
	is "objects" "$(report '.objects | length')" 2
}

test_by_pid() {
	other_load
	command='' traced 0 -p "$other" -d 1 --
	stop_other_load
	(($(report .groups.enqueued) > 10)) || fail "groups: $(report .groups.enqueued)"
	is "child" "$(report .child.status)" null
}

test_by_pid_ends_with_the_process() {
	local got=0
	other_load
	timeout 120 "$iopftrace" -p "$other" --min-groups 0 >/dev/null 2>"$T/err" &
	until grep -q iommufd_fault_iopf_handler /sys/kernel/tracing/enabled_functions; do
		sleep 0.1
	done
	stop_other_load
	wait $! || got=$?
	((got == 0 || got == 5)) || fail "exit status $got: $(head -c 300 "$T/err")"
	status 3 "$iopftrace" -p "$other" -d 1
	says '^iopftrace: -p [0-9]+: no such process$'
}

# Groups that wait when tracing begins, and end under it: adopted, without the stages not seen.
test_beginning_in_the_middle() {
	"$load" -n 40 --in-flight 40 --delay constant:600s -o "$T/other.json" &
	local other=$!
	# CMD is started when the probes are on.
	status 0 "$iopftrace" --system-wide -f json -o "$T/report.json" -- \
		sh -c "kill -KILL $other; while grep -q '^State:.[^Z]' /proc/$other/status; do sleep 0.1; done 2>/dev/null" ||
		only_misses
	wait "$other" || true
	is "adopted" "$(report .groups.adopted)" 40
	is "enqueued" "$(report .groups.enqueued)" 0
	is "answered by the kernel" "$(report .groups.answered_kernel)" 40
	is "totals" "$(report .stages.total.count)" 0
}

test_ring_too_small_is_inconclusive() {
	traced 5 --buffer 4K -- -n 20000 --in-flight 64
	is "verdict" "$(report .verdict)" inconclusive
	is "complete" "$(report .complete)" false
	(($(report .lost.events) > 0)) || fail "nothing was lost"
	(($(report .lost.gaps) > 0)) || fail "no gap was positioned"
	local most
	most=$(truth '.stages.total.max_ns')
	jq -e --argjson most "$most" '[.stages[].max_ns // 0] | max <= $most + 1000000' \
		"$T/report.json" >/dev/null ||
		fail "a latency that never was: $(report '[.stages[].max_ns] | tostring') of $most"
	status 5 "$iopftrace" --buffer 4K -- "$load" -n 20000 --in-flight 64 -o /dev/null
	head -1 "$T/out" | grep -q '^ INCONCLUSIVE' || fail "first line: $(head -1 "$T/out")"
}

test_status_of_the_command() {
	status 7 "$iopftrace" --min-groups 0 -- sh -c 'exit 7'
	status 5 "$iopftrace" -- sh -c 'exit 7'
	status 137 "$iopftrace" --min-groups 0 -- sh -c 'kill -9 $$'
	status 3 "$iopftrace" -- sh -c "$load -n 10 -o /dev/null; exit 3"
	status 127 "$iopftrace" -- /no/such/command
	says 'no/such/command: no such file'
	status 126 "$iopftrace" -- /etc/passwd
	says '/etc/passwd: is not executable'
}

# What a program is to read from standard output is not mixed with what the command says there.
test_data_on_standard_output() {
	local noisy=(sh -c "echo noise; $load -n 50 -o /dev/null")
	status 0 "$iopftrace" -f json -- "${noisy[@]}"
	is "groups" "$(jq .groups.enqueued "$T/out")" 50
	grep -q '^noise$' "$T/err" || fail "the command's words are gone"
	"$iopftrace" record -o - -- "${noisy[@]}" 2>"$T/err" | "$iopftrace" check -f json - >"$T/out"
	is "groups" "$(jq .groups.enqueued "$T/out")" 50
	status 0 "$iopftrace" -- "${noisy[@]}"
	grep -q '^noise$' "$T/out" || fail "the command's words went elsewhere"
}

# Who interrupts before the command is started does not want it any more.
test_interrupted_while_loading() {
	"$iopftrace" -- touch "$T/ran" >/dev/null 2>&1 &
	local pid=$! got=0
	until ((0x$(awk '/^SigBlk/ { print $2 }' "/proc/$pid/status") & 2)); do sleep 0.01; done
	kill -INT "$pid"
	wait "$pid" || got=$?
	is "exit status" "$got" 5
	[[ ! -e $T/ran ]] || fail "the command was started"
}

test_nothing_seen_is_no_pass() {
	status 5 "$iopftrace" -f json -o "$T/report.json" -- true
	is "verdict" "$(report .verdict)" inconclusive
	status 0 "$iopftrace" --min-groups 0 -- true
	status 5 "$iopftrace" --min-groups 11 -- "$load" -n 10 -o /dev/null
}

test_signals() {
	"$iopftrace" -f json -o "$T/report.json" -- "$load" -n 100000 --rate 100 -o "$T/truth.json" \
		2>"$T/err" &
	local pid=$!
	until pgrep -P "$pid" load >/dev/null; do sleep 0.05; done
	sleep 1
	kill -INT "$pid"
	local got=0
	wait "$pid" || got=$?
	is "exit status" "$got" 0
	jq -e . "$T/report.json" >/dev/null || fail "the report is not whole"
	(($(report .groups.enqueued) > 0)) || fail "nothing was seen"
	is "child" "$(report .child.status)" null
	grep -q '^iopftrace: tracing has ended; .*load (process [0-9]*) still runs$' "$T/err" ||
		fail "not told that the command still runs"
	pgrep load >/dev/null || fail "the command was ended without --kill"
	pkill load
}

# Whatever signal would end a program ends tracing: the report is whole, and nothing else is left.
test_any_signal_ends_tracing() {
	local signal pid got
	for signal in HUP TERM QUIT ALRM USR1 USR2 PROF RTMIN RTMAX; do
		rm -rf "$T/alone"
		mkdir "$T/alone"
		# what a shell starts in the background ignores SIGQUIT and SIGINT
		env --default-signal=QUIT "$iopftrace" --min-groups 0 --kill -f json -o "$T/alone/report" \
			-- sleep 600 2>"$T/err" &
		pid=$! got=0
		until pgrep -P "$pid" sleep >/dev/null; do sleep 0.05; done
		kill -"$signal" "$pid"
		wait "$pid" || got=$?
		is "exit status after SIG$signal" "$got" 143 # CMD's, by --kill
		is "SIG$signal" "$(jq -r .verdict "$T/alone/report")" pass
		is "files after SIG$signal" "$(ls -A "$T/alone")" report
	done
	# One that is ignored is not ours to take.
	(trap '' HUP && exec "$iopftrace" --min-groups 0 -d 3 -f json -o "$T/report.json") 2>"$T/err" &
	pid=$! got=0
	until ((0x$(awk '/^SigBlk/ { print $2 }' "/proc/$pid/status") & 2)); do sleep 0.01; done
	kill -HUP "$pid"
	wait "$pid" || got=$?
	is "exit status" "$got" 0
	(($(report .duration_ns) >= 3000000000)) || fail "ended by a signal that is ignored"
}

# A reader that does not read cannot keep it from ending, nor after the run, nor in it.
test_a_hung_write_can_be_ended() {
	local pid got=0 looks=0
	mkfifo /tmp/stuck
	exec 7<>/tmp/stuck
	env --default-signal=INT "$iopftrace" trace -f json -- "$load" -n 3000 -o /dev/null >/tmp/stuck 2>"$T/err" &
	pid=$!
	# It hangs once it has been writing to standard output at three looks in a row.
	while ((looks < 3)); do
		sleep 0.1
		[[ $(awk '{ print $2 }' "/proc/$pid/syscall") == 0x1 ]] && looks=$((looks + 1)) || looks=0
	done
	kill -TERM "$pid"
	kill -INT "$pid"
	kill -HUP "$pid"
	wait "$pid" || got=$?
	((got > 128)) || fail "exit status $got"
	exec 7>&-
	rm /tmp/stuck
}

# The file of -i is whole at every time, its counts grow, and there is a verdict only at the end.
test_metrics_while_it_runs() {
	local file=$T/iopftrace.prom last=0 now seen=0
	"$iopftrace" -i 200ms -f prom -o "$file" -- "$load" -n 1000000 --rate 250 -o "$T/truth.json" 2>"$T/err" &
	local pid=$! got=0
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.05
		[[ -e $file ]] || continue
		cat "$file" >"$T/now"
		grep -q '^iopftrace_stage_seconds_count{stage="ack"} ' "$T/now" || fail "half a file"
		now=$(awk '$1 == "iopftrace_groups_enqueued_total" { print $2 }' "$T/now")
		((now >= last)) || fail "groups fell from $last to $now"
		grep -q '^iopftrace_running 1$' "$T/now" || continue
		grep -q '^iopftrace_verdict' "$T/now" && fail "a verdict while it runs"
		((now == last)) || seen=$((seen + 1))
		last=$now
		((seen < 3)) || pkill -INT -x load || true
	done
	wait "$pid" || got=$?
	is "exit status" "$got" 0
	((seen >= 3)) || fail "only $seen different files while it ran"
	grep -q '^iopftrace_running 0$' "$file" || fail "the last file says that it runs"
	grep -q '^iopftrace_verdict{verdict="pass"} 1$' "$file" || fail "no verdict at the end"
	grep -q "^iopftrace_groups_enqueued_total $(truth .groups.triggered)\$" "$file" ||
		fail "not all groups at the end"
	is "files left" "$(find "$T" -name 'iopftrace.prom*' | wc -l)" 1
}

test_kill_ends_the_command() {
	status 0 "$iopftrace" -d 1 --kill -- "$load" -n 100000 --rate 100 -o "$T/truth.json"
	for _ in {1..100}; do
		pgrep -x load >/dev/null || return 0
		sleep 0.1
	done
	pkill load
	fail "the command still runs"
}

test_text_fits_the_screen() {
	status 0 "$iopftrace" -- "$load" -n 500 -k 2 --pasids 3 --delay exp:500us --invalid 3 -o /dev/null
	local longest
	longest=$(awk '{ if (length($0) > m) m = length($0) } END { print m }' "$T/out")
	((longest <= 80)) || fail "a line of $longest columns"
	grep -q '^ *service *500 ' "$T/out" || fail "no service row: $(grep service "$T/out")"
	grep -q '497 success.*3 invalid' "$T/out" || fail "answers: $(grep success "$T/out")"
}

test_trace_prints_every_event() {
	status 0 "$iopftrace" trace -- "$load" -n 50 -o "$T/truth.json"
	is "enqueue lines" "$(grep -c ' enqueue ' "$T/out")" 50
	is "response lines" "$(grep -c ' response ' "$T/out")" 50
	(($(grep -c ' read ' "$T/out") > 0)) || fail "no read"
}

test_trace_tells_journeys() {
	status 0 "$iopftrace" trace --journey -- "$load" -n 50 -o "$T/truth.json"
	is "groups" "$(grep -c '^ group:' "$T/out")" 50
	is "groups with all stages" "$(grep -c '^ stages: .*route.*wait.*service.*ack.*total' "$T/out")" 50
	status 0 "$iopftrace" trace --journey -f json -- "$load" -n 50 -o "$T/truth.json"
	is "answered groups" "$(jq -r 'select(.answered_by == "user") | .seq' "$T/out" | sort -u | wc -l)" 50
}

# A thread that is renamed while it is traced: each event has the name of its time.
test_a_renamed_thread() {
	status 0 "$iopftrace" trace -f json -- "$load" -n 60 --misbehave rename:4 -o /dev/null
	is "names of one reader, in order" "$(jq -r 'select(.event == "read") | .comm | select(test("scene"))' \
		"$T/out" | uniq | paste -sd ' ')" "scene-0 scene-1 scene-2 scene-3"
	is "names of one writer, in order" "$(jq -r 'select(.event == "response") | .comm | select(test("scene"))' \
		"$T/out" | uniq | paste -sd ' ')" "scene-0 scene-1 scene-2 scene-3"
}

# Root's capabilities, or the invoking user's: never those of the tracer's file.
test_command_runs_as_the_invoking_user() {
	# shellcheck disable=SC2016
	status 0 setpriv --reuid 1000 --regid 1000 --clear-groups \
		--inh-caps +bpf,+perfmon,+sys_admin --ambient-caps +bpf,+perfmon,+sys_admin \
		"$iopftrace" --min-groups 0 -o /dev/null -- \
		sh -c 'grep CapEff /proc/self/status; id -u'
	grep -q 'CapEff:.*0000000000000000' "$T/out" || fail "capabilities: $(cat "$T/out")"
	grep -qx 1000 "$T/out" || fail "user: $(cat "$T/out")"
}

test_no_privilege() {
	status 4 setpriv --reuid 65534 --regid 65534 --clear-groups "$iopftrace" -- true
	says 'CAP_BPF.*root or with sudo'
}

test_no_btf() {
	mount -t tmpfs none /sys/kernel/btf
	status 4 "$iopftrace" -- true
	umount /sys/kernel/btf
	says 'no BTF.*CONFIG_DEBUG_INFO_BTF'
}

test_bad_options() {
	status 3 "$iopftrace" --no-such-option -- true
	says '.'
	status 3 "$iopftrace" -d never -- true
	says 'never'
}

# A recorder that is killed: what it had is there, and is proven as far as it was counted.
test_a_killed_recording_proves_what_it_has() {
	local pid got=0 try
	rm -f "$T/command"
	"$iopftrace" record -o "$T/cut.data" -- sh -c \
		"$load -n 200 --misbehave stray:3 -o /dev/null; echo \$\$ >$T/command; exec sleep 600" \
		2>"$T/err" &
	pid=$!
	for try in $(seq 300); do # until the counters have been written after the last group
		got=0
		"$iopftrace" check -f json -o "$T/report.json" "$T/cut.data" 2>"$T/out" || got=$?
		[[ ! -s $T/command || $(report .groups.enqueued) != 200 || $got != 1 ]] || break
		sleep 0.2
	done
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	kill "$(cat "$T/command")"
	got=0
	"$iopftrace" check -f json -o "$T/report.json" "$T/cut.data" 2>"$T/err" || got=$?
	is "groups" "$(report .groups.enqueued)" 200
	is "complete" "$(report .complete)" false
	(($(report .lost.probe_misses) > $(report .lost.probe_misses_made_good))) &&
		skip "probes were missed: nothing is proven"
	is "exit status" "$got" 1
	is "proven" "$(report '[.findings[] | select(.rule == "IOPF003") | .unproven] | tostring')" '[false]'
}

# The files of a rotation have all groups between them, and each can be checked by itself.
test_rotation() {
	local file enqueued=0 files=0
	status 0 "$iopftrace" record -q --rotate 1s -o "$T/rot.data" -- \
		"$load" -n 2000 --rate 400 --in-flight 32 --delay exp:5ms -o "$T/truth.json"
	for file in "$T/rot.data" "$T/rot.data".[0-9]*; do
		local got=0
		"$iopftrace" check --min-groups 0 -f json -o "$T/report.json" "$file" || got=$?
		((got == 0)) || only_misses || fail "$file: exit status $got: $(report '.doubts | tostring')"
		is "proven findings in $file" "$(report '[.findings[] | select(.severity == "error")] | length')" 0
		is "gaps in $file" "$(report .lost.gaps)" 0
		enqueued=$((enqueued + $(report .groups.enqueued)))
		files=$((files + 1))
	done
	((files >= 4)) || fail "$files files in five seconds"
	is "groups in all files" "$enqueued" "$(truth .groups.triggered)"
}

test_rotation_keeps_the_last() {
	status 0 "$iopftrace" record -q --rotate 500ms --keep 2 -o "$T/keep.data" -- \
		"$load" -n 2000 --rate 500 -o /dev/null
	is "files" "$(find "$T" -name 'keep.data*' | wc -l)" 2
}

# One file when a rule is broken, one for each SIGUSR1, one at the end.
test_flight_recorder() {
	"$iopftrace" record --flight-recorder 3s -o "$T/fly.data" --system-wide 2>"$T/err" &
	local pid=$! got=0
	until grep -q iommufd_fault_iopf_handler /sys/kernel/tracing/enabled_functions; do
		sleep 0.1
	done
	"$load" -n 200 --rate 100 -o /dev/null
	[[ ! -e $T/fly.data ]] || fail "something was written for no reason"
	kill -USR1 "$pid"
	until [[ -e $T/fly.data ]]; do sleep 0.1; done
	"$load" -n 100 --misbehave stray:3 -o /dev/null
	for _ in {1..100}; do
		[[ ! -e $T/fly.data.1 ]] || break
		sleep 0.1
	done
	[[ -e $T/fly.data.1 ]] || fail "a violation was not written"
	kill -INT "$pid"
	wait "$pid" || got=$?
	((got == 1 || got == 5)) || fail "exit status $got"
	[[ -e $T/fly.data.2 ]] || fail "nothing was written at the end"
	grep -q 'wrote .*fly.data: .*on SIGUSR1' "$T/err" || fail "SIGUSR1: $(cat "$T/err")"
	grep -q 'wrote .*fly.data.1: .*after a violation of IOPF' "$T/err" ||
		fail "the violation: $(cat "$T/err")"
	grep -q 'wrote .*fly.data.2: .*s, ' "$T/err" || fail "the end: $(cat "$T/err")"
	"$iopftrace" check --min-groups 0 -f json -o "$T/report.json" "$T/fly.data" || only_misses ||
		fail "the first file: $(report '.doubts | tostring')"
	(($(report .duration_ns) <= 4500000000)) || fail "it has $(report .duration_ns) ns"
}

# A full disk is an error that is told, and leaves what can be read.
test_a_full_disk() {
	mkdir "$T/small"
	mount -t tmpfs -o size=64k none "$T/small"
	status 6 "$iopftrace" record -o "$T/small/iopf.data" -- "$load" -n 50000 -o /dev/null
	grep -q 'cannot write .*No space left on device; what is in it can be read' "$T/err" ||
		fail "the error: $(cat "$T/err")"
	local got=0
	"$iopftrace" check -f json -o "$T/report.json" "$T/small/iopf.data" 2>"$T/err" || got=$?
	umount "$T/small"
	is "exit status" "$got" 5
	(($(report .groups.enqueued) > 100)) || fail "groups: $(report .groups.enqueued)"
	status 6 sh -c "ulimit -f 64; exec '$iopftrace' record -o '$T/limit.data' -- '$load' -n 50000 -o /dev/null"
	grep -q 'cannot write .*File too large; what is in it can be read' "$T/err" ||
		fail "the error: $(cat "$T/err")"
}

# Cannot be undone until the next boot: last.
test_zz_lockdown() {
	[[ -w /sys/kernel/security/lockdown ]] || fail "the lab's kernel has no lockdown"
	echo confidentiality >/sys/kernel/security/lockdown
	status 4 "$iopftrace" -- true
	says 'locked down.*confidentiality'
}
