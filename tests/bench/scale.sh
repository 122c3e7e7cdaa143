#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What each verb takes for a recording of many groups, by how many of them are outstanding at one time: its
# time on the CPU and its peak of memory, here and now. Each is told as soon as it is known, on standard error; at
# two idle cores it takes some ten minutes with 1,000,000 groups. What takes longer than LIMIT seconds (120) of
# CPU time is ended, and said to: a machine that is busy otherwise makes it slower, not its figures larger.
#
# usage: scale.sh [GROUPS [OBJECTS]]
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${O:-build}
out=$build/bench
groups=${1:-1000000} objects=${2:-1000}
outstanding=(10 1000 100000 1000000)
verbs=(
	"report" "check -q" "trace" "trace --journey" "trace -f perfetto" "trace -f json" "trace -f csv"
	"report -f html" "explain" "diff"
)
mkdir -p "$out"
file=$out/scale.data

# measure VERB...: its time and memory, or what went wrong
measure() {
	local operands=("$file")
	[[ $1 != diff ]] || operands+=("$file")
	[[ $1 != explain ]] || operands+=("$objects") # the first group
	# of CPU time: waiting for other processes does not count
	if (ulimit -t "${LIMIT:-120}" && exec /usr/bin/time -q -f '%U %S %M' -o "$out/time" \
		"$build/iopftrace" "$@" "${operands[@]}" >/dev/null 2>"$out/scale.err"); then
		awk '{ printf "%7.2f s %6d MiB", $1 + $2, $3 / 1024 }' "$out/time"
	else
		printf '%s' "failed: $(head -1 "$out/scale.err" | grep . || echo "over ${LIMIT:-120} s")"
	fi
}

printf '%d groups on %d objects\n\n%-20s' "$groups" "$objects" "outstanding"
printf '%21d' "${outstanding[@]}"
echo
declare -A cell
for n in "${outstanding[@]}"; do
	"$build/scale_file" "$file" "$groups" "$n" "$objects"
	for verb in "${verbs[@]}"; do
		read -ra words <<<"$verb"
		cell[$verb,$n]=$(measure "${words[@]}")
		printf '%4d s: %d outstanding, %-16s %s\n' "$SECONDS" "$n" "$verb" "${cell[$verb,$n]}" >&2
	done
done
for verb in "${verbs[@]}"; do
	printf '%-20s' "$verb"
	for n in "${outstanding[@]}"; do
		printf '%21s' "${cell[$verb,$n]}"
	done
	echo
done
rm -f "$file" "$out/time" "$out/scale.err"
