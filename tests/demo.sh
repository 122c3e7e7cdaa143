#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The main job, shown: traces a small fault-handling workload in the lab's VM: two devices with a few
# PASIDs, two threads that read and repair for 50 to 2,000 us, some refusals.
#
# The first time, the VM's kernel has to be built. That takes minutes, so it goes on in the background
# while a recording that was made in the lab is shown.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${O:-build}
out=$build/demo
kernel=${K:-7}
recording=tests/fixtures/demo.data
mkdir -p "$out"

workload=(--groups 4000 --devices 2 --pasids 4 --readers 2 --writers 2 --in-flight 16
	--delay exp:300us --invalid 4 --seed 1)

# build TARGET...
build() {
	env -u MAKEFLAGS make --no-print-directory -s -j "$(nproc)" O="$build" "$@"
}

# say TEXT...: a line of the demo's own, apart from what the programs say.
say() {
	printf '\n== %s\n\n' "$*"
}

# The kernel and the load of the VM, with as little of the machine as the foreground leaves.
builder=
start_building() {
	: >"$out/kernel.log"
	{
		exec </dev/null >"$out/kernel.log" 2>&1
		nice -n 15 tests/lab/kernel.sh "$kernel"
	} &
	builder=$!
	# shellcheck disable=SC2317
	stop_building() {
		[[ -z $builder ]] || pkill -TERM -P "$builder" 2>/dev/null || true
		[[ -z $builder ]] || kill "$builder" 2>/dev/null || true
	}
	trap stop_building EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# Shows how far the kernel is until it is built: on a terminal in one line.
wait_for_kernel() {
	local shown=0 lines status=0
	while kill -0 "$builder" 2>/dev/null; do
		if [[ -t 1 ]]; then
			printf '\r%.79s\033[K' "$(tail -n 1 "$out/kernel.log")"
		else
			lines=$(wc -l <"$out/kernel.log")
			sed -n "$((shown + 1)),${lines}p" "$out/kernel.log"
			shown=$lines
		fi
		sleep 1
	done
	[[ ! -t 1 ]] || printf '\r\033[K'
	wait "$builder" || status=$?
	builder=
	((status == 0)) || {
		tail -n 30 "$out/kernel.log" >&2
		echo "demo.sh: the kernel could not be built; $out/kernel.log has all that was said" >&2
		exit 1
	}
}

# What the program makes of a recording, on any machine and without privilege.
show_recording() {
	local status=0
	say "The kernel for the live run is being built. Until then, a recording of a VMM
   that answers one page request group twice, judged and measured:"
	echo "\$ iopftrace check $recording"
	"$build/iopftrace" check "$recording" || status=$?
	echo
	echo "exit status $status, so that a CI job fails"
	"$build/iopftrace" report -f html -o "$out/recorded.html" "$recording" || true
	say "The same for a browser: iopftrace report -f html
   $PWD/$out/recorded.html"
}

if ! tests/lab/kernel.sh --path "$kernel" >/dev/null 2>&1; then
	start_building
	build "$build/iopftrace"
	show_recording
	build "$build/load"
	say "Now the kernel, once; it is kept in ${IOPFTRACE_CACHE:-~/.cache/iopftrace}"
	wait_for_kernel
fi
build "$build/iopftrace" "$build/load"

# One command in the guest: the screen as a person sees it, and the same run as JSON.
cat >"$out/run.sh" <<END
set -u
cd $(printf %q "$PWD")
$build/iopftrace -- $build/load ${workload[*]} -o "\$LAB_OUT/truth.json" | tee "\$LAB_OUT/report.txt"
status=\${PIPESTATUS[0]}
$build/iopftrace -f json -o "\$LAB_OUT/report.json" -- $build/load ${workload[*]} >/dev/null
exit \$status
END

say "Live, in a VM:"
echo "\$ iopftrace -- load ${workload[*]}"
status=0
tests/lab/vm.sh -k "$kernel" -o "$out" -- bash "$out/run.sh" || status=$?
echo
echo "exit status $status; in $out: report.txt, report.json, truth.json (the workload's own account)"
exit "$status"
