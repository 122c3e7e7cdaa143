#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deps.sh GROUP...          makes sure that what these groups need is there: installs the Debian
#                           packages that are missing, then looks for what is called and included
# deps.sh --check GROUP...  only looks, and names what is missing
# deps.sh --list GROUP...   the packages
#
# Silent when nothing is missing. All of it takes less than a second, before anything is built.

set -euo pipefail
shopt -s inherit_errexit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# Group, package, what is used of it: PROGRAM, <HEADER.h>, /FILE or python:MODULE. a|b is either;
# of packages the first is installed if neither is there. Not listed is what every Debian has
# (its essential packages).
#
#	build	the program and its manual pages
#	unit	what is tested natively
#	lab	a kernel, a VM with it, and the load in it
#	vm	the tests in VMs
#	fuzz	fuzzers and sanitizers
#	scale, soak	what takes many groups, and damaged recordings
readonly PACKAGES='
build	make			make
build	gcc			gcc
build	libc6-dev		<stdio.h>
build	pkg-config		pkg-config
build	clang			clang
build	llvm			llvm-strip
build	bpftool			bpftool
build	libbpf-dev		<bpf/libbpf.h>
build	libelf-dev		<libelf.h>
build	zlib1g-dev		<zlib.h>
build	libxml2-dev		<libxml2/libxml/tree.h>
build	libinih-dev		<ini.h>
build	libjansson-dev		<jansson.h>

unit	git			git
unit	jq			jq
unit	libcap2-bin		setcap
unit	procps			pgrep
unit	libcmocka-dev		<cmocka.h>
unit	liburing-dev		<liburing.h>
unit	python3			python3
unit	python3-jsonschema	python:jsonschema
unit	python3-prometheus-client	python:prometheus_client
unit	protobuf-compiler	protoc
unit	libhdrhistogram-java	/usr/share/java/hdrhistogram.jar
unit	default-jdk-headless|openjdk-17-jdk-headless	java javac
unit	chromium|chromium-browser	chromium|chromium-browser
unit	man-db			man
unit	mandoc			mandoc
unit	bsdextrautils		col
unit	fish			fish
unit	zsh			zsh

lab	make			make
lab	gcc			gcc
lab	binutils		ld objcopy
lab	libc6-dev		<stdio.h>
lab	bc			bc
lab	bison			bison
lab	flex			flex
lab	dwarves			pahole
lab	libelf-dev		<libelf.h>
lab	zlib1g-dev		<zlib.h>
lab	libssl-dev		<openssl/ssl.h>
lab	openssl			openssl
lab	patch			patch
lab	perl			perl
lab	python3			python3
lab	xz-utils		xz
lab	kmod			depmod modprobe
lab	liburing-dev		<liburing.h>
lab	qemu-system-x86		qemu-system-x86_64
lab	busybox-static|busybox	/bin/busybox

vm	jq			jq
vm	libcap-dev		<sys/capability.h>
vm	libxml2-utils		xmllint
vm	procps			pgrep pkill

reference	python3		python3

fuzz	libclang-rt-14-dev	/usr/lib/clang/14/lib/linux
fuzz	libcmocka-dev		<cmocka.h>

bench	bpftrace		bpftrace
bench	jq			jq
bench	valgrind		valgrind

scale	time			/usr/bin/time

soak	libcmocka-dev		<cmocka.h>

deb	build-essential		/usr/share/build-essential/list
deb	dpkg-dev		dpkg-buildpackage dpkg-parsechangelog
deb	debhelper		dh
deb	fakeroot		fakeroot
deb	lintian			lintian

fresh	mmdebstrap		mmdebstrap

lint	git			git
lint	clang-format		clang-format
lint	cppcheck		cppcheck
lint	shellcheck		shellcheck
'

# wanted GROUP...: the lines of the groups, with a single tab between fields; what two groups name,
# only once.
wanted()
{
	local group

	for group; do
		grep -q "^$group	" <<<"$PACKAGES" ||
			die "no group $group; there are: $(awk 'NF && !n[$1]++ { printf "%s ", $1 }' <<<"$PACKAGES")"
		sed -n "/^$group	/s/		*/	/gp" <<<"$PACKAGES"
	done | awk -F '\t' '!n[$2]++'
}

# present: the packages that are installed and the names that they provide. Of a package that is only
# known, or removed, or broken, or of another architecture, nothing can be used.
# shellcheck disable=SC2016
present()
{
	local architecture

	architecture=$(dpkg --print-architecture)
	dpkg-query -W -f '${db:Status-Status}\t${db:Status-Eflag}\t${Architecture}\t${Package}\t${Provides}\n' |
		awk -F '\t' -v native="$architecture" '
		$1 != "installed" && $1 != "triggers-pending" || $2 != "ok" || $3 != native && $3 != "all" { next }
		{
			print $4
			n = split($5, provided, /, */)
			for (i = 1; i <= n; i++) {
				sub(/[ :].*/, "", provided[i])
				print provided[i]
			}
		}'
}

# absent: of lines of wanted on standard input, those whose package is not there, as the packages to
# install. Where packages are not Debian's, none is known to be absent.
absent()
{
	command -v dpkg-query >/dev/null || return 0
	awk -F '\t' '
	FILENAME != "-" { there[$1] = 1; next }
	{
		n = split($2, choice, "|")
		for (i = 1; i <= n; i++)
			if (choice[i] in there)
				next
		print choice[1]
	}' <(present) -
}

# has_header HEADER
has_header()
{
	gcc -E -x c - <<<"#if !__has_include(<$1>)
#error
#endif" >/dev/null 2>&1
}

# usable THING: can it be called, included or read?
usable()
{
	local choice

	for choice in ${1//|/ }; do
		case $choice in
		'<'*) choice=${choice#<}; has_header "${choice%>}" ;;
		/*) [ -r "$choice" ] ;;
		python:*) /usr/bin/python3 -c "import ${choice#*:}" 2>/dev/null ;;
		*) command -v "$choice" >/dev/null ;;
		esac && return
	done
	return 1
}

# unusable: of lines of wanted on standard input, what cannot be used, in words.
unusable()
{
	local group packages things thing

	while IFS=$'\t' read -r group packages things; do
		for thing in $things; do
			usable "$thing" || echo "${thing#python:} (for $group, of the package ${packages//|/ or })"
		done
	done
}

# as_root COMMAND...
as_root()
{
	local become=()

	[ "$(id -u)" = 0 ] || become=(sudo)
	[ -z "${become[*]}" ] || command -v sudo >/dev/null ||
		{ echo "E: you are not root, and there is no sudo"; return 1; }
	"${become[@]}" "$@"
}

# install PACKAGE...
install()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=600 install --no-install-recommends "$@"
}

# Package lists may be missing or too old to be of use.
update()
{
	as_root apt-get -qq update
}

# install_all PACKAGE...: says what went wrong.
install_all()
{
	local log

	command -v apt-get >/dev/null ||
		die "this is no Debian; install what these packages have: $*"
	info "installing $*"
	log=$(mktemp)
	# shellcheck disable=SC2064
	trap "rm -f '$log'" EXIT
	install "$@" >"$log" 2>&1 </dev/null ||
		{ update >"$log" 2>&1 </dev/null; install "$@" >>"$log" 2>&1 </dev/null; } || {
		grep -E '^(E|W|sudo):' "$log" | head -n 5 >&2 || true
		die "could not install them (root? network?); do it by hand: apt-get install $*"
	}
}

# fetch_programs PACKAGE PROGRAM...: of the package of a server, which would start when it is installed,
# only the programs are taken.
fetch_programs()
{
	local package=$1 program dir missing=()

	shift
	for program; do
		command -v "$program" >/dev/null || [ -x "$LAB_CACHE/tools/$program" ] ||
			missing+=("$program")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	info "fetching ${missing[*]}"
	dir=$(mktemp -d)
	(
		cd "$dir"
		apt-get -qq -o APT::Sandbox::User=root download "$package" >log 2>&1 ||
			{ update >log 2>&1; apt-get -qq -o APT::Sandbox::User=root download "$package" >>log 2>&1; } ||
			{ head -n 5 log >&2; exit 1; }
		dpkg-deb -x "$package"_*.deb .
		mkdir -p "$LAB_CACHE/tools"
		mv "${missing[@]/#/usr/bin/}" "$LAB_CACHE/tools/"
	) || die "could not fetch the package $package for ${missing[*]}"
	rm -rf "$dir"
}

main()
{
	local mode='' text packages missing

	case ${1:-} in
	--check | --list) mode=$1; shift ;;
	esac
	[ $# -gt 0 ] || die "usage: deps.sh [--check|--list] GROUP..."
	text=$(wanted "$@")
	if [ "$mode" = --list ]; then
		cut -f 2 <<<"$text"
		return
	fi
	if [ -z "$mode" ]; then
		mapfile -t packages < <(absent <<<"$text")
		[ ${#packages[@]} = 0 ] || install_all "${packages[@]}"
	fi
	missing=$(unusable <<<"$text")
	[ -z "$missing" ] || die "missing:"$'\n'"$missing"$'\n'"$(
		if [ -n "$mode" ]; then
			echo "on Debian, tests/lab/deps.sh $* installs them"
		else
			echo "the packages are there, these are not (PATH=$PATH): apt-get install --reinstall has them back"
		fi)"
	if [[ " $* " = *" unit "* && -z $mode ]]; then
		fetch_programs prometheus promtool prometheus
		fetch_programs prometheus-node-exporter prometheus-node-exporter
	fi
}

main "$@"
