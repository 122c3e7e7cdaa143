#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deps.sh GROUP...: makes sure that the Debian packages of these groups are there.
# Installs only what is missing; silent when nothing is.

set -euo pipefail
shopt -s inherit_errexit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# group, packages; a|b is either, the first if neither is there.
readonly PACKAGES='
build	make gcc libc6-dev pkg-config
build	clang llvm libbpf-dev bpftool libelf-dev zlib1g-dev libxml2-dev libinih-dev libjansson-dev

unit	libhdrhistogram-java default-jdk-headless|openjdk-17-jdk-headless
unit	python3-prometheus-client python3-jsonschema
unit	libcmocka-dev libxml2-utils protobuf-compiler python3
unit	chromium|chromium-browser
unit	man-db mandoc bash-completion fish zsh procps bsdextrautils

lab	make gcc libc6-dev bc bison flex dwarves libelf-dev zlib1g-dev
lab	kmod libssl-dev openssl patch perl python3 xz-utils
lab	qemu-system-x86 busybox-static|busybox
lab	jq libcap-dev liburing-dev rsync

bench	bpftrace valgrind

deb	dpkg-dev debhelper fakeroot lintian mmdebstrap

lint	clang-format clang-tidy cppcheck shellcheck
'

# wanted GROUP...: the packages of the groups.
wanted()
{
	local group

	for group; do
		grep -q "^$group	" <<<"$PACKAGES" ||
			die "no group $group; there are: $(cut -sf 1 <<<"$PACKAGES" | uniq | tr '\n' ' ')"
		sed -n "s/^$group	//p" <<<"$PACKAGES"
	done | tr ' ' '\n' | sort -u
}

# absent PACKAGE...: those that are not installed.
# shellcheck disable=SC2016
absent()
{
	local installed name choice

	installed=$(printf '%s\n' "$@" | tr '|' '\n' |
		xargs dpkg-query -W -f '${db:Status-Status} ${Package} \n' 2>/dev/null) || true
	for name; do
		for choice in ${name//|/ }; do
			[[ $installed != *"installed $choice "* ]] || continue 2
		done
		echo "${name%%|*}"
	done
}

# install LOG PACKAGE...
install()
{
	local log=$1 become=()

	shift
	[ "$(id -u)" = 0 ] || become=(sudo)
	[ -z "${become[*]}" ] || command -v sudo >/dev/null || return 1
	"${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o DPkg::Lock::Timeout=600 install --no-install-recommends "$@" >"$log" 2>&1 </dev/null
}

# Package lists may be missing or too old to be of use.
update()
{
	local become=()

	[ "$(id -u)" = 0 ] || become=(sudo)
	"${become[@]}" apt-get -qq update >/dev/null 2>&1
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
			{ update && apt-get -qq -o APT::Sandbox::User=root download "$package" >log 2>&1; } ||
			{ head -n 5 log >&2; exit 1; }
		dpkg-deb -x "$package"_*.deb .
		mkdir -p "$LAB_CACHE/tools"
		mv "${missing[@]/#/usr/bin/}" "$LAB_CACHE/tools/"
	) || die "could not fetch the package $package for ${missing[*]}"
	rm -rf "$dir"
}

main()
{
	local text packages log

	[ $# -gt 0 ] || die "usage: deps.sh GROUP..."
	if [[ " $* " = *" unit "* ]]; then
		fetch_programs prometheus promtool prometheus
		fetch_programs prometheus-node-exporter prometheus-node-exporter
	fi
	text=$(wanted "$@")
	mapfile -t packages <<<"$text"
	mapfile -t packages < <(absent "${packages[@]}")
	[ ${#packages[@]} -gt 0 ] || return 0

	command -v apt-get >/dev/null ||
		die "this is no Debian; install what these packages have: ${packages[*]}"
	info "installing ${packages[*]}"
	log=$(mktemp)
	# shellcheck disable=SC2064
	trap "rm -f '$log'" EXIT
	install "$log" "${packages[@]}" || { update && install "$log" "${packages[@]}"; } || {
		grep -E '^(E|W|sudo):' "$log" | head -n 5 >&2 || true
		die "could not install them (root? network?); do it by hand: apt-get install ${packages[*]}"
	}
}

main "$@"
