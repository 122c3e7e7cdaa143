#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
# install.sh install|uninstall: for make, which sets O, DESTDIR and the directories. One list says what
# goes where, so that what is taken away is what was put there.
set -eu

# Lines "MODE SOURCE TARGET".
list() {
	echo "755 $O/iopftrace $BINDIR/iopftrace"
	for page in "$O"/man/*.[1-9]; do
		echo "644 $page $MANDIR/man${page##*.}/${page##*/}"
	done
	echo "644 $O/completions/iopftrace $BASHCOMPDIR/iopftrace"
	echo "644 $O/completions/_iopftrace $ZSHCOMPDIR/_iopftrace"
	echo "644 $O/completions/iopftrace.fish $FISHCOMPDIR/iopftrace.fish"
	for file in README.md ARCHITECTURE.md LICENSE LICENSES/*.txt docs/*.md docs/*.ini \
		docs/schema/*.json; do
		echo "644 $file $DOCDIR/$file"
	done
}

# Directories that are ours alone, the innermost first.
own() {
	printf '%s\n' "$DOCDIR/LICENSES" "$DOCDIR/docs/schema" "$DOCDIR/docs" "$DOCDIR"
}

case $1 in
install)
	list | while read -r mode source target; do
		install -D -m "$mode" "$source" "$DESTDIR$target"
	done
	;;
uninstall)
	list | while read -r _ _ target; do
		rm -f "$DESTDIR$target"
	done
	own | while read -r dir; do
		[ ! -d "$DESTDIR$dir" ] || rmdir --ignore-fail-on-non-empty "$DESTDIR$dir"
	done
	;;
*)
	echo "usage: install.sh install|uninstall" >&2
	exit 3
	;;
esac
