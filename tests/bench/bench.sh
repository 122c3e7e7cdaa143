#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What tracing costs: guest instructions for a group that one thread reports, reads and answers, in
# a VM whose clock counts instructions (so it does not matter how busy this machine is). Each tracer
# gets a boot of its own; no tracing is measured first, in the middle and last. The VM has CPUS=4: with fewer,
# iopftrace attaches more spares.
#
# usage: bench.sh [TRACER...]
set -euo pipefail
cd "$(dirname "$0")/../.."

kernel=${K:-7}
out=${O:-build}/bench
mkdir -p "$out"
tests/lab/kernel.sh "$kernel" >/dev/null

# name: what it is
tracers=(
	"none: no tracing"
	"run: iopftrace, everything recorded"
	"run-undrained: the same, its consumer's own instructions left out"
	"none: no tracing"
	"bpftrace: bpftrace, two probes and one histogram"
	"graph: function_graph on the same functions"
	"none: no tracing"
)
[[ $# -eq 0 ]] || tracers=("$@")

rows=()
for tracer in "${tracers[@]}"; do
	name=${tracer%%:*}
	echo "measuring ${tracer#*: }" >&2
	value=$(tests/lab/vm.sh -k "$kernel" --icount -c "${CPUS:-4}" -t 900 -- tests/bench/guest.sh "$name" \
		2>"$out/$name.err" | tail -1) || value=
	if [[ ! $value =~ ^[0-9]+$ ]]; then
		echo "bench: $name failed:" >&2
		tail -5 "$out/$name.err" >&2
		value=
	fi
	rows+=("$value|${tracer#*: }")
done

printf '%s\n' "${rows[@]}" | awk -F'|' -v kernel="$kernel" '
{ value[NR] = $1; what[NR] = $2; if ($2 == "no tracing" && $1) { base += $1; n++ } }
END {
	if (!n) { print "bench: no base line"; exit 1 }
	base /= n
	printf "kernel %s, guest instructions per group\n\n", kernel
	printf "%-52s %8s %8s %7s\n", "", "total", "added", "ratio"
	for (i = 1; i <= NR; i++) {
		if (value[i] == "") { printf "%-52s %8s\n", what[i], "failed"; bad = 1; continue }
		printf "%-52s %8d %8d %7.2f\n", what[i], value[i], value[i] - base, value[i] / base
	}
	exit bad
}' | tee "$out/table.txt"
