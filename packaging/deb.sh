#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR MIT
# Makes a Debian package of the source as it is, in $O/deb. For make, which sets O and VERSION.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${O:?}/deb
tree=$out/iopftrace-${VERSION:?}

die() {
	echo "deb.sh: $*" >&2
	exit 1
}

rm -rf "$out"
mkdir -p "$tree"
cp -a packaging/debian "$tree/debian"
changelog=$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)
[[ $changelog == "$VERSION" ]] || die "packaging/debian/changelog is of $changelog, Makefile of $VERSION"

# What git knows, or in a released source all that was not made here.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files -z --cached --others --exclude-standard >"$out/files"
else
	find . -path ./.git -prune -o -path "./${O#./}" -prune -o -type f -print0 >"$out/files"
fi
# A file that git knows may have been removed; what is in packaging/debian has its place already.
# shellcheck disable=SC2016
xargs -0 sh -c 'for file; do [ ! -f "$file" ] || printf "%s\0" "$file"; done' sh <"$out/files" |
	tar -c --null -T - | tar -x -C "$tree"
rm -r "$tree/packaging/debian"

head=$tree/debian/copyright.in
{
	cat "$head"
	sed -n '/^Permission/,$p' LICENSES/MIT.txt | sed -e 's/^$/./' -e 's/^/ /'
} >"$tree/debian/copyright"
rm "$head"

unset MAKEFLAGS MAKELEVEL O DESTDIR PREFIX
(cd "$tree" && dpkg-buildpackage -us -uc -b) >"$out/log" 2>&1 || {
	tail -20 "$out/log" >&2
	die "the package was not made; all that was said is in $out/log"
}
rm -rf "$tree" "$out/files"
user=()
[[ $(id -u) != 0 ]] || user=(--allow-root)
lintian "${user[@]}" --fail-on error "$out"/iopftrace_*.changes >&2 || die "lintian found errors"
echo "$out"/iopftrace_*.deb
