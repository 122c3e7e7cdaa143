#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The manual pages as people see them, held against what the program says of itself: TAP.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

build=${O:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export MANWIDTH=80 MAN_KEEP_FORMATTING='' LC_ALL=C.UTF-8
# shellcheck source=tests/tap.sh
. tests/tap.sh

# The page as it is on a terminal of 80 columns, without fonts.
shown() {
	man -l --warnings -E UTF-8 -Tutf8 "$build/man/$1" 2>"$work/warnings" | col -bx
}

warns_of_nothing() {
	shown "$1" >"$work/page"
	[[ -s $work/page && ! -s $work/warnings ]] || { cat "$work/warnings"; return 1; }
	mandoc -Tlint -W warning "$build/man/$1"
}

# Nothing wider than the terminal, no markup of Markdown left over, no word divided.
reads_well() {
	shown "$1" >"$work/page"
	! grep -nE '.{81}|\*\*|\{\{|\]\(|‐$' "$work/page"
}

# Every option of --help, by letter and name, is an entry of OPTIONS; so is every exit code.
has_options_and_exit_codes() {
	local entry status=0

	shown "iopftrace-$1.1" >"$work/page"
	"$build/iopftrace" "$1" --help >"$work/help"
	sed -nE 's/^  +(-., )?(--[a-z-]+( [A-Z]+)?)( .*)?$/\1\2/p' "$work/help" >"$work/options"
	sed -n '/^Exit codes:/,/^$/s/^ *\([0-9a-z]*\)  .*/\1/p' "$work/help" >"$work/codes"
	[[ $(wc -l <"$work/options") -gt 2 && $(wc -l <"$work/codes") -gt 2 ]] || return
	while read -r entry; do
		grep -qE -e "^     $entry( |$)" "$work/page" || { echo "no $entry"; status=1; }
	done <"$work/options"
	sed -n '/^EXIT STATUS/,/^EXAMPLES/p' "$work/page" >"$work/status"
	while read -r entry; do
		grep -qE "^     $entry +[a-zA-Z]" "$work/status" || { echo "no code $entry"; status=1; }
	done <"$work/codes"
	return "$status"
}

has_sections() {
	local section

	shown "iopftrace-$1.1" >"$work/page"
	for section in NAME SYNOPSIS DESCRIPTION OPTIONS SIGNALS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
		grep -qx "$section" "$work/page" || { echo "no $section"; return 1; }
	done
	! grep -q -e --color "$work/page" || grep -qx ENVIRONMENT "$work/page" || return
	! grep -q 'CMD could not be set up' "$work/page" || grep -qx OVERHEAD "$work/page"
}

# What was measured is told where it is measured again: README.md.
tells_the_overhead() {
	local figure

	shown iopftrace.1 | sed -n '/^OVERHEAD/,/^REQUIREMENTS/p' >"$work/page"
	sed -n '/^## What it costs/,/^## More/p' README.md | grep '^|' | grep -oE '[0-9]+,[0-9]{3}' >"$work/figures"
	while read -r figure; do
		grep -q -- "$figure" "$work/page" || { echo "no $figure"; return 1; }
	done <"$work/figures"
	[[ -s $work/figures ]]
}

has_all_rules() {
	local id name rest

	shown iopftrace-rules.7 >"$work/page"
	"$build/iopftrace" list rules | grep ^IOPF >"$work/rules"
	[[ $(wc -l <"$work/rules") -ge 30 ]] || return
	while read -r id name rest; do
		if ! grep -x -A 1 "   $id $name" "$work/page" | grep -F "     ${rest%]}"; then
			echo "no $id $name $rest"
			return 1
		fi
	done <"$work/rules"
}

# A rule that the documents and the table tell differently is not printed as if all were well.
differing_rule_is_an_error() {
	mkdir -p "$work/root/docs" "$work/made"
	cp README.md "$work/root"
	cp -r docs/* "$work/root/docs"
	"$build/docgen" "$work/root" 'November 22, 2026' "$work/made" || return
	sed -i "$1" "$work/root/docs/rules.md"
	! "$build/docgen" "$work/root" 'November 22, 2026' "$work/made" 2>"$work/errors" &&
		grep -q IOPF003 "$work/errors"
}

for page in "$build"/man/*.[1-9]; do
	check "${page##*/} has no warnings" warns_of_nothing "${page##*/}"
	check "${page##*/} fits 80 columns" reads_well "${page##*/}"
done
mapfile -t verbs < <("$build/iopftrace" --help | sed -n '/^Verbs:/,/^  help/s/^  \([a-z]*\) .*/\1/p')
for verb in "${verbs[@]}"; do
	[[ $verb != help ]] || continue
	check "$verb: options and exit codes" has_options_and_exit_codes "$verb"
	check "$verb: sections" has_sections "$verb"
done
check "the overhead is that of README.md" tells_the_overhead
check "all rules are told" has_all_rules
check "a rule by another name is an error" differing_rule_is_an_error 's/IOPF003 stray-response/IOPF003 stray/'
check "a rule of another severity is an error" differing_rule_is_an_error 's/\(IOPF003.*\)\[error/\1[warn/'
check "a rule that is missing is an error" differing_rule_is_an_error '/^\*\*IOPF003/d'
echo "1..$n"
