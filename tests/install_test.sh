#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make install puts everything where it is told, make uninstall takes it away: TAP.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

build=${O:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MAKELEVEL
# shellcheck source=tests/tap.sh
. tests/tap.sh

# What has to be there, below PREFIX; beside this there may only be more of the same kinds.
expected() {
	printf '%s\n' bin/iopftrace share/bash-completion/completions/iopftrace \
		share/zsh/site-functions/_iopftrace share/fish/vendor_completions.d/iopftrace.fish
	for page in iopftrace.1 iopftrace-trace-file.5 iopftrace-rules.7; do
		echo "share/man/man${page##*.}/$page"
	done
	"$build/iopftrace" --help | sed -n '/^Verbs:/,/^  help/s/^  \([a-z]*\) .*/\1/p' | grep -vx help |
		sed 's|.*|share/man/man1/iopftrace-&.1|'
	git ls-files README.md LICENSE LICENSES docs/*.md docs/*.ini | sed 's|^|share/doc/iopftrace/|'
	git ls-files docs/schema | sed 's|^|share/doc/iopftrace/|'
}

installs_all() {
	make -s install O="$build" DESTDIR="$work/root" PREFIX=/opt/x || return
	(cd "$work/root/opt/x" && find . -type f | sed 's|^\./||' | sort) >"$work/there"
	expected | sort >"$work/expected"
	[[ $(wc -l <"$work/expected") -gt 15 ]] || return
	comm -13 "$work/there" "$work/expected" >"$work/missing"
	sed 's/^/missing: /' "$work/missing"
	[[ ! -s $work/missing ]] && [[ $(ls "$work/root") == opt && $(ls "$work/root/opt") == x ]]
}

program_runs() {
	[[ $("$work/root/opt/x/bin/iopftrace" --version) == "$("$build/iopftrace" --version)" ]]
}

modes_are_right() {
	! find "$work/root" -type f ! -path '*/bin/*' ! -perm 644 | grep . &&
		[[ $(stat -c %a "$work/root/opt/x/bin/iopftrace") == 755 ]]
}

man_finds_pages() {
	[[ $(man -M "$work/root/opt/x/share/man" -w iopftrace-check) == "$work/root"* ]]
}

# Others' files stay, ours go, and our directories with them.
uninstall_leaves_nothing() {
	touch "$work/root/opt/x/share/man/man1/iopftrace-of-others.1"
	make -s uninstall O="$build" DESTDIR="$work/root" PREFIX=/opt/x || return
	find "$work/root" -type f -o -name 'iopftrace*' >"$work/left"
	cat "$work/left"
	[[ $(cat "$work/left") == "$work/root/opt/x/share/man/man1/iopftrace-of-others.1" ]]
}

directories_are_obeyed() {
	make -s install O="$build" DESTDIR="$work/else" PREFIX=/usr BINDIR=/a/bin MANDIR=/b/man \
		DOCDIR=/c/doc BASHCOMPDIR=/d &&
		[[ -x $work/else/a/bin/iopftrace && -f $work/else/b/man/man1/iopftrace.1 ]] &&
		[[ -f $work/else/c/doc/README.md && -f $work/else/d/iopftrace ]] &&
		[[ ! -e $work/else/usr/bin && ! -e $work/else/usr/share/man ]]
}

check "everything is installed below DESTDIR and PREFIX" installs_all
check "the installed program runs" program_runs
check "modes of files" modes_are_right
check "man finds the pages" man_finds_pages
check "make uninstall takes it all away, and nothing else" uninstall_leaves_nothing
check "BINDIR, MANDIR and others are obeyed" directories_are_obeyed
echo "1..$n"
