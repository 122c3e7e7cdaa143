#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What it costs to read a recording of a steady load, of three events a group. Instructions are counted
# for two lengths, so that what happens once cancels out; the rate is that of the best of some runs, here
# and now, on one CPU.
#
# usage: file.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${O:-build}
out=$build/bench
few=60000 many=180000 long=6000000
mkdir -p "$out"

# instructions N VERB...: those that it takes to read N events
instructions() {
	local n=$1
	shift
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$build/iopftrace" "$@" \
		"$out/$n.data" 2>&1 >"$out/stdout" | sed -n 's/.*Collected : //p'
}

# rate VERB...: million events a second
rate() {
	local TIMEFORMAT=%U
	for _ in 1 2 3 4 5 6 7; do
		{ time taskset -c 0 "$build/iopftrace" "$@" "$out/$long.data" >"$out/stdout" 2>&1; } 2>&1
	done | sort -n | awk -v n=$long 'NR == 1 { printf "%.1f", n / $1 / 1e6 }'
}

for n in $few $many $long; do
	"$build/steady_file" "$out/$n.data" "$n"
done
awk -v bytes="$(stat -c %s "$out/$long.data")" -v n=$long 'BEGIN {
	printf "recordings of a steady load: %.1f bytes a group of three events\n\n", bytes / n * 3
	printf "%-34s %14s %18s\n", "", "instructions", "million events"
	printf "%-34s %14s %18s\n", "", "an event", "a second, one CPU"
}'
for verb in "check -q" "report -f json"; do
	read -ra words <<<"$verb"
	a=$(instructions $few "${words[@]}") b=$(instructions $many "${words[@]}")
	printf '%-34s %14d %18s\n' "$verb" $(((b - a) / (many - few))) "$(rate "${words[@]}")"
done | tee "$out/file.txt"
rm -f "$out/"*.data "$out/stdout"
