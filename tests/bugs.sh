#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Does 'iopftrace check' name the bugs of the kernel 7-bugs, each by its rule? One boot, one line for
# each bug of tests/bugs/table; exit status 1 when one was not named.
#
# usage: bugs.sh [--update] [BUG...]    the bugs to try, "none" for the loads without any (all)
#
# --update writes the results of all bugs to docs/bugs.md.
set -euo pipefail
cd "$(dirname "$0")/.."

build=${O:-build}
out=$build/bugs
table=tests/bugs/table
doc=docs/bugs.md

# Fields of the results in "$out/results": number|name|rule|found|caught
print_results() {
	printf '%-25s %-8s %-6s %s\n' "bug" "rule" "named" "all that was found"
	sort -n "$out/results" | awk -F'|' '$1 {
		printf "%-25s %-8s %-6s %s\n", $2, $3, $5, $4
		n++
		if ($5 == "yes") yes++
	} !$1 { order = $4 }
	END {
		printf "\n%d of %d bugs named\n", yes, n
		if (order) print "without a bug: " order
	}'
}

write_doc() {
	cat <<-'EOT'
		<!-- Written by tests/bugs.sh --update; change tests/bugs/table instead. -->
		# Kernel bugs that `iopftrace check` has to name

		A tool that finds nothing has either nothing to find, or cannot see it. The lab's kernel
		`7-bugs` has bugs of the I/O page fault path built in, each switched on alone by a number in
		`/sys/module/io_pgfault/parameters/bug`; with 0 it behaves as the kernel `7` does. Where a
		bug was real, the commit that fixed it upstream is named. `make bugs` builds and boots that
		kernel, provokes each bug under `iopftrace check`, and fails unless the rule expected is
		among the findings; then it runs the same loads without a bug, which must find nothing but
		what three of them do wrong themselves (a stray answer, a bad code, an aborted report).
		`tests/bugs.sh lifo torn` tries these two alone.
		A number above 100 is the rare version of the bug with 100 less: it hits one fault in 300.

		| bug | what the kernel does | rule | named | all that was found |
		|---|---|---|---|---|
	EOT
	awk -F' *[|] *' 'FNR == NR { if (!/^#/) text[$1] = $7; next }
		$1 { printf "| %s | %s | %s | %s | %s |\n", $2, text[$1], $3, $5, $4 }' \
		"$table" <(sort -n "$out/results")
	cat <<-'EOT'

		Several findings for one bug are no mistake: a group that detach forgets (IOPF016) is also
		never answered (IOPF001), and outstanding when its object dies (IOPF019). The bugs never
		free anything twice: what a real one would, leaks here, so that the test machine goes on.

		## Found with this tool

		**Linux hands out the cookie 0** (seen on 7.3.4 as released; in every kernel since 6.11 whose `iommufd_fault_fops_write()`
		uses `xa_erase()`). Cookies come from an allocating array that begins at 1. When user space writes an answer for the cookie 0 while a group waits for its answer, the write
		is refused, but `xa_erase(&fault->response, 0)` has marked index 0 as free; the next read delivers a group
		with the cookie 0. A user that takes 0 for "none" never answers that group, and its device waits. To
		see it on an unpatched kernel, as the lab's `7` is: `iopftrace check -- build/load -n 60 --misbehave
		cookie-zero` names IOPF003 (the write) and IOPF012 (the cookie). A fix: refuse a cookie of 0 before looking it up, or look the group up with
		`xa_load()` and erase only what was found; or allocate with a limit that begins at 1.

		To add a bug: a number and the code in `tests/lab/patches/7-bugs/`, a line in
		`tests/bugs/table`, a test in `tests/vm/bugs.sh`; then `tests/bugs.sh --update`.
	EOT
}

update=
if [[ ${1:-} == --update ]]; then
	update=1
	shift
fi
mkdir -p "$out"
rm -f "$out"/results "$out"/*.json
tests/lab/kernel.sh 7-bugs >/dev/null
status=0
LAB_BUGS="$*" tests/lab/vm.sh -k 7-bugs -o "$out" -t "${LAB_TIME:-1800}" -e "O=$build" -e LAB_ALL=1 -- tests/vm/guest.sh bugs \
	>"$out/tap" 2>"$out/stderr" || status=$?
touch "$out/results"
print_results
awk '/^#/ { said = said $0 "\n" } /^not ok/ { printf "%s%s\n", said, $0 } /^(not )?ok/ { said = "" }' \
	"$out/tap"
if ((status)); then
	echo "the machine ended with status $status:"
	tail -15 "$out/stderr"
fi
if [[ -n $update && $# -eq 0 ]]; then
	mkdir -p docs
	write_doc >"$doc.new"
	mv "$doc.new" "$doc"
	echo "wrote $doc"
fi
((status == 0)) && ! grep -q '^not ok' "$out/tap"
