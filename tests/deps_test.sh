#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What tests/lab/deps.sh takes for there, and what it says is not: TAP. It runs on a machine that has
# only what each test gives it: the packages in "$work/status", the programs in "$work/bin".
set -uo pipefail
cd "$(dirname "$0")/.." || exit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
. tests/tap.sh

# deps ARG...: deps.sh on that machine; what it said is in $work/out, what apt was asked for in $work/apt
deps() {
	local status=0
	: >"$work/apt"
	env -i PATH="$work/bin" HOME="$work" WORK="$work" tests/lab/deps.sh "$@" >"$work/out" 2>&1 || status=$?
	cat "$work/out"
	return "$status"
}

# stub PROGRAM <SCRIPT
stub() {
	rm -f "$work/bin/$1"
	{ echo "#!$BASH"; cat; } >"$work/bin/$1"
	chmod +x "$work/bin/$1"
}

# The machine that has the packages and programs of build and lab, to start from.
make_machine() {
	local program
	mkdir "$work/all" "$work/bin"
	for program in awk bash cat cut dirname env grep head mktemp rm sed; do
		ln -s "$(command -v "$program")" "$work/all/"
	done
	for program in make gcc pkg-config clang llvm-strip bpftool ld objcopy bc bison flex pahole openssl \
		patch perl python3 xz depmod modprobe qemu-system-x86_64; do
		ln -s /bin/true "$work/all/$program"
	done
	stub id <<<'echo 0'
	stub dpkg <<<'echo amd64'
	# In the order that was asked for: state, error, architecture, name, provided names.
	# shellcheck disable=SC2016
	stub dpkg-query <<<'cat "$WORK/status"'
	# shellcheck disable=SC2016
	stub apt-get <<<'echo "$*" >>"$WORK/apt"; [ ! -e "$WORK/no-network" ] ||
		{ echo "E: no network"; exit 100; }; [ ! -e "$WORK/late" ] || . "$WORK/late"'
	mv "$work/bin/"* "$work/all"
	tests/lab/deps.sh --list build lab | cut -d '|' -f 1 |
		sed $'s/.*/installed\tok\tamd64\t&\t/' >"$work/status.all"
}

everything_is_there() {
	rm -rf "${work:?}/bin" "$work/no-network" "$work/late"
	cp -a "$work/all" "$work/bin"
	cp "$work/status.all" "$work/status"
}

# becomes PACKAGE LINE...: the records of a package are these
becomes() {
	local package=$1
	shift
	sed -i "/	$package	/d" "$work/status"
	[ $# = 0 ] || printf '%b\n' "$@" >>"$work/status"
}

# asked PACKAGE...: these were to be installed, and no more
asked() {
	[ "$(sed -n 's/.*--no-install-recommends //p' "$work/apt")" = "$*" ] || { cat "$work/apt"; return 1; }
}

silent_when_all_is_there() {
	everything_is_there
	deps build lab && [ ! -s "$work/out" ] && [ ! -s "$work/apt" ]
}

# What apt knows of a package that others mention, what a purge or a broken installation leaves.
state_is_not_installed() {
	everything_is_there
	becomes flex "$1\tflex\t"
	becomes zlib1g-dev "$1\tzlib1g-dev\t"
	deps build lab
	asked zlib1g-dev flex
}

state_is_installed() {
	everything_is_there
	becomes flex "$@"
	deps build lab && [ ! -s "$work/apt" ]
}

another_is_not_it() {
	everything_is_there
	becomes flex 'installed\tok\tamd64\tflexbar\t' 'installed\tok\tamd64\tbiflex\tflex-tools, x-flex (= 1)' \
		'not-installed\tok\tamd64\tflexc++\tflex'
	deps build lab
	asked flex
}

no_record_at_all() {
	everything_is_there
	: >"$work/status"
	becomes bc
	deps lab
	asked "$(tests/lab/deps.sh --list lab | sed 's/|.*//' | paste -sd ' ')"
}

either_will_do() {
	everything_is_there
	becomes busybox-static 'config-files\tok\tamd64\tbusybox-static\tbusybox' \
		'installed\tok\tamd64\tbusybox\t'
	deps build lab && [ ! -s "$work/apt" ] || return
	becomes busybox
	becomes busybox-static 'config-files\tok\tamd64\tbusybox-static\tbusybox'
	deps build lab
	asked busybox-static
}

# A package is no proof of its programs.
program_is_missed() {
	everything_is_there
	rm "$work/bin/flex"
	! deps build lab && grep -q '^flex (for lab, of the package flex)$' "$work/out" && [ ! -s "$work/apt" ]
}

header_is_missed() {
	everything_is_there
	stub gcc <<<'! grep -q libelf.h'
	! deps build && grep -q '^<libelf.h> (for build, of the package libelf-dev)$' "$work/out" &&
		[ "$(grep -c 'of the package' "$work/out")" = 1 ]
}

installed_and_still_missing() {
	everything_is_there
	rm "$work/bin/bison"
	becomes bison
	! deps lab && asked bison && grep -q '^bison (for lab' "$work/out"
}

installed_and_there() {
	everything_is_there
	becomes bison
	mv "$work/bin/bison" "$work/bison"
	# shellcheck disable=SC2016
	echo '[[ $* != *" bison" ]] || PATH=/usr/bin:/bin mv "$WORK/bison" "$WORK/bin/bison"' >"$work/late"
	deps lab && asked bison
}

failure_names_them() {
	everything_is_there
	becomes bison
	becomes flex
	touch "$work/no-network"
	! deps lab && grep -q 'no network' "$work/out" && grep -q 'apt-get install bison flex$' "$work/out"
}

# As on a machine that has never seen a list of packages.
lists_are_fetched() {
	everything_is_there
	becomes bison
	# shellcheck disable=SC2016
	echo '[ "$*" = "-qq update" ] || grep -qx -e "-qq update" "$WORK/apt" || { echo "E: no bison"; exit 100; }' \
		>"$work/late"
	deps lab && [ "$(cut -d ' ' -f 2 "$work/apt" | paste -sd ' ')" = "-y update -y" ] && ! grep 'no bison' "$work/out"
}

nobody_may_install() {
	everything_is_there
	becomes bison
	stub id <<<'echo 1000'
	! deps lab && [ ! -s "$work/apt" ] && grep -q 'no sudo' "$work/out" &&
		grep -q 'apt-get install bison$' "$work/out"
}

only_looks() {
	everything_is_there
	becomes flex
	deps --check build lab && [ ! -s "$work/apt" ] || return
	rm "$work/bin/flex"
	! deps --check build lab && [ ! -s "$work/apt" ] && grep -q '^flex (for lab' "$work/out"
}

not_debian() {
	everything_is_there
	rm "$work/bin/"{dpkg,dpkg-query,apt-get}
	deps build lab && [ ! -s "$work/out" ] || return
	rm "$work/bin/clang"
	! deps build lab && grep -q '^clang (for build' "$work/out"
}

# The demo is what people try first: no browser, no Java, no tests' readers.
demo_is_small() {
	tests/lab/deps.sh --list build lab >"$work/list"
	[ "$(wc -l <"$work/list")" -gt 20 ] &&
		! grep -E 'chromium|jdk|java|fish|zsh|mandoc|protobuf|prometheus|lintian|valgrind' "$work/list"
}

make_machine
check "all is there: not a word" silent_when_all_is_there
for state in not-installed config-files half-installed unpacked half-configured triggers-awaited; do
	check "$state is not installed" state_is_not_installed "$state\tok\tamd64"
done
check "what must be installed again is not installed" state_is_not_installed 'installed\treinstreq\tamd64'
check "a package of another architecture does not count" state_is_not_installed 'installed\tok\ti386'
check "one for all architectures does" state_is_installed 'installed\tok\tall\tflex\t'
check "so does one that is there for two" state_is_installed \
	'installed\tok\ti386\tflex\t' 'installed\tok\tamd64\tflex\t'
check "and one with triggers to run" state_is_installed 'triggers-pending\tok\tamd64\tflex\t'
check "and one that provides it" state_is_installed 'installed\tok\tamd64\tother\tlex, flex (= 2.6) , x:any'
check "the name as a part of others does not" another_is_not_it
check "a system without records" no_record_at_all
check "of two that will do, one" either_will_do
check "a package without its program is named" program_is_missed
check "a package without its header is named" header_is_missed
check "what apt did not bring is named" installed_and_still_missing
check "what apt did bring is found" installed_and_there
check "lists of packages that are missing are fetched" lists_are_fetched
check "when apt fails, the packages are named" failure_names_them
check "who may not install is told what to install" nobody_may_install
check "--check installs nothing" only_looks
check "where packages are not Debian's, programs and headers count" not_debian
check "the demo needs no more than a build and a VM" demo_is_small
echo "1..$n"
