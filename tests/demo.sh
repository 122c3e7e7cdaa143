#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The main job, shown: boots the lab's kernel and traces a small fault-handling workload in it: two
# devices with a few PASIDs, two threads that read and repair for 50 to 2,000 us, some refusals.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${O:-build}
out=$build/demo
kernel=${K:-7}
mkdir -p "$out"

workload=(--groups 4000 --devices 2 --pasids 4 --readers 2 --writers 2 --in-flight 16
	--delay exp:300us --invalid 4 --seed 1)

# One command in the guest: the screen as a person sees it, and the same run as JSON.
cat >"$out/run.sh" <<END
set -u
cd $(printf %q "$PWD")
$build/iopftrace -- $build/load ${workload[*]} -o "\$LAB_OUT/truth.json" | tee "\$LAB_OUT/report.txt"
status=\${PIPESTATUS[0]}
$build/iopftrace -f json -o "\$LAB_OUT/report.json" -- $build/load ${workload[*]} >/dev/null
exit \$status
END

tests/lab/kernel.sh "$kernel" >/dev/null
echo "\$ iopftrace -- load ${workload[*]}"
status=0
tests/lab/vm.sh -k "$kernel" -o "$out" -- bash "$out/run.sh" || status=$?
echo
echo "exit status $status; in $out: report.txt, report.json, truth.json (the workload's own account)"
exit "$status"
