#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the fuzzers: fuzz.sh [--tap] [TARGET...]   (all, when none is named)
#
# FUZZ_TIME	seconds for each (60)
# FUZZ_SEED	what random numbers begin with (0: other ones each time)
# JOBS		how many at one time (1)
# O		where they were built
#
# Seeds are made of the fixtures; the corpus that grows from them stays in $O/corpus, so that another run
# goes on from there. What was found is in $O/found: run build/sanitize/fuzz_TARGET FILE to see it again.
# A target that finds something, or does not run, is a failure.
# shellcheck disable=SC2317 # seed_TARGET are called by their names
set -uo pipefail
cd "$(dirname "$0")/.." || exit

build=${O:-build/sanitize}
all=(recording report_json policy expression options)

# Seeds of recordings: the fixtures, and what the model makes.
seed_recording() {
	cp tests/fixtures/*.data tests/fixtures/cases/*.data "$1" && "$build/seeds" "$1"
}

# Reports on them.
seed_report_json() {
	local file

	for file in "$build/seeds.d/recording"/*.data; do
		timeout 60 "$build/iopftrace" report "$file" -f json >"$1/${file##*/}.json" 2>/dev/null
	done
	find "$1" \( -empty -o -size +64k \) -delete
	sed -n '/^{$/,/^}$/p' tests/unit/golden/json_lossy.json >"$1/lossy.json"
}

seed_policy() {
	local n=0 line

	cp docs/example-policy.ini "$1"
	sed 's/[;#].*//' docs/example-policy.ini >"$1/bare.ini"
	printf '\357\273\277[verdict]\r\nmin-groups = 1\r\n' >"$1/dos.ini"
	while read -r line; do
		n=$((n + 1))
		printf '[severity]\nIOPF%03d = note\n%s = x\n' "$n" "$line" >"$1/$n.ini"
	done < <("$build/iopftrace" list rules | grep -o 'IOPF[0-9]*' | sort -u)
}

seed_expression() {
	local n=0 metric

	while read -r metric; do
		n=$((n + 1))
		printf '%s < 5ms' "$metric" >"$1/$n-time"
		printf '%s>=17' "$metric" >"$1/$n-count"
		printf '%s > +10%%' "$metric" >"$1/$n-change"
	done < <("$build/iopftrace" list metrics | awk '/^ / { print $1 }')
	printf 'verdict' >"$1/verdict"
}

seed_options() {
	local n=0 line

	while read -r line; do
		n=$((n + 1))
		tr ' ' '\n' <<<"$line" >"$1/$n"
	done < <(grep -ohE 'iopftrace (run|record|check|report|trace|explain|diff|list) [^`]*' README.md \
		docs/*.md docs/man/*.md | cut -d ' ' -f 2-)
}

# Words that texts are made of.
make_dictionary() {
	{
		"$build/iopftrace" list metrics | awk '/^ / { print $1 }'
		"$build/iopftrace" list rules | grep -oE 'IOPF[0-9]+|[a-z]+(-[a-z]+)+'
		"$build/iopftrace" report --help | grep -oE -- '--[a-z-]+'
		printf '%s\n' '<=' '>=' '==' '!=' 5ms 1.5s 100us 99.9 p99.999 '+10%' '[severity]' \
			'[deadlines]' '[assertions]' '[verdict]' inconclusive ignore off answer
	} | sort -u | sed 's/.*/"&"/' >"$build/dictionary"
}

prepare() {
	local target

	for target in "${all[@]}"; do
		rm -rf "$build/seeds.d/$target"
		mkdir -p "$build/seeds.d/$target" "$build/corpus/$target"
		"seed_$target" "$build/seeds.d/$target" || return
	done
	make_dictionary
}

# Runs one of them; what it says is left in a file.
run_target() {
	local target=$1 longest=4000 dictionary=()

	[[ $target != re* ]] || longest=131072
	[[ $target == recording ]] || dictionary=(-dict="$build/dictionary")
	rm -f "$build/found/$target-"*
	nice -n 5 "$build/fuzz_$target" -max_total_time="${FUZZ_TIME:-60}" -seed="${FUZZ_SEED:-0}" \
		-max_len="$longest" -timeout=30 -rss_limit_mb=2500 -malloc_limit_mb=600 -print_final_stats=1 \
		-artifact_prefix="$build/found/$target-" "${dictionary[@]}" \
		"$build/corpus/$target" "$build/seeds.d/$target" >"$build/found/$target.log" 2>&1
	echo "$?" >"$build/found/$target.status"
}

# figure TARGET NAME: of what libFuzzer says at its end.
figure() {
	sed -n "s/^stat::$2: *//p" "$build/found/$1.log"
}

# Tells how one went; TAP line number $2.
tell() {
	local target=$1 runs rss covered

	runs=$(figure "$target" number_of_executed_units)
	rss=$(figure "$target" peak_rss_mb)
	covered=$(grep -o 'cov: [0-9]*' "$build/found/$target.log" | tail -1)
	if [[ $(cat "$build/found/$target.status") == 0 && ${runs:-0} -gt 0 ]]; then
		echo "# $target: $runs executions, ${covered#cov: } edges, at most $rss MB, nothing found"
		echo "ok $2 - fuzz $target"
		return
	fi
	grep -aE '^(FUZZ:|SUMMARY|==.*ERROR|.*runtime error|ALARM|Test unit written)' \
		"$build/found/$target.log" | cut -c 1-300 | sed 's/^/# /' | head -8
	echo "# $target: after ${runs:-no} executions; $build/found/$target.log"
	echo "not ok $2 - fuzz $target"
	return 1
}

case ${1-} in
--one)
	run_target "$2"
	exit
	;;
--tap) shift ;;
esac
[[ $# -gt 0 ]] || set -- "${all[@]}"
# Memory that was freed is kept apart for a while; where pages are dear, that is half of the time.
export UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=16:malloc_context_size=8
export O=$build
mkdir -p "$build/found"
prepare || { echo "# the seeds could not be made"; echo "not ok 1 - seeds"; echo "1..1"; exit 1; }
printf '%s\n' "$@" | xargs -r -P "${JOBS:-1}" -L 1 tests/fuzz.sh --one
n=0 failed=0
for target; do
	n=$((n + 1))
	tell "$target" "$n" || failed=1
done
echo "1..$n"
exit "$failed"
