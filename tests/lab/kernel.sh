#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Makes sure that a kernel of the lab is built and prints its directory, which has
#
#	vmlinux			to boot, without debug information
#	version, config		what it is
#	lib/modules/VERSION	its modules
#	tree			its build tree: modules can be built against it
#
# A kernel NAME is a file of options in config/ on top of config/base, and Debian's
# source with lighten.sh run in it and patches/NAME/*.patch applied.
# A variant BASE-SUFFIX starts from a copy of the built tree of BASE: only what its
# patches change is built again; it may do without options of its own.

set -euo pipefail
shopt -s inherit_errexit
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$LAB_DIR/apt.sh"

# Room for one unpacked and built tree, and for its package; about how many
# files it compiles.
readonly BUILD_MIB=3000 OBJECTS=1340

usage()
{
	cat <<-EOT
	usage: kernel.sh [--update] NAME	build what is missing, print the directory
	       kernel.sh --path NAME		the same, but fail when it is not built
	       kernel.sh --list			the kernels there are
	       kernel.sh --clean [NAME]		remove a kernel, or all of them

	--update looks for a newer source of the series; else what is built is used,
	without a network. Everything is kept in $LAB_CACHE
	(IOPFTRACE_CACHE), Debian's mirror is apt's (IOPFTRACE_MIRROR overrides).
	EOT
}

# Which Debian package a kernel is made of: a regular expression.
source_package()
{
	case ${1%%-*} in
	6.12) echo 'linux-source-6\.12' ;;
	7) echo 'linux-source-7\.[0-9]+' ;;
	*) die "no source is known for the kernel $1" ;;
	esac
}

# list_kernels: the names that can be asked for.
list_kernels()
{
	find "$LAB_DIR/config" "$LAB_DIR/patches" -mindepth 1 -maxdepth 1 ! -name base -printf '%f\n' |
		LC_ALL=C sort -u
}

# base_of NAME: what a variant is a variant of, nothing if NAME is none.
base_of()
{
	[ "${1%%-*}" = "$1" ] || echo "${1%%-*}"
}

# fragments NAME: the files of options it is configured with.
fragments()
{
	local base

	base=$(base_of "$1")
	echo "$LAB_DIR/config/base"
	echo "$LAB_DIR/config/${base:-$1}"
	[ -z "$base" ] || [ ! -e "$LAB_DIR/config/$1" ] || echo "$LAB_DIR/config/$1"
}

# edits NAME: the files that change its source, in order. A variant has its base's source.
edits()
{
	[ -n "$(base_of "$1")" ] || echo "$LAB_DIR/lighten.sh"
	[ ! -d "$LAB_DIR/patches/$1" ] || find "$LAB_DIR/patches/$1" -name '*.patch' | LC_ALL=C sort
}

# recipe NAME: a hash of all that decides what comes out, but for the source.
recipe()
{
	local base

	base=$(base_of "$1")
	{ fragments "$1"; [ -z "$base" ] || edits "$base"; edits "$1"; } | tr '\n' '\0' | xargs -0 cat | sha256sum | cut -c 1-8
}

# built NAME: the directory of the newest one that is complete, if any.
built()
{
	local stamp

	stamp=$(printf '%s\n' "$LAB_CACHE/kernels/$1-"[0-9]*-"$(recipe "$1")"/complete | sort -V | tail -n 1)
	[ ! -e "$stamp" ] || dirname -- "$stamp"
}

# package_file NAME [--update]: the source package, downloaded if need be.
package_file()
{
	local dir=$LAB_CACHE/src regex name version file

	mkdir -p "$dir"
	regex=$(source_package "$1")
	file=$(find "$dir" -name '*.deb' | grep -E "/${regex}_[^/]*\$" | sort -V | tail -n 1) || true
	if [ -z "$file" ] || [ "${2:-}" = --update ]; then
		info "looking for the kernel source $1"
		apt_refresh
		read -r name version < <(apt_newest "$regex")
		[ -n "$version" ] || exit 1
		file=$(find "$dir" -name "${name}_${version/:/%3a}_*.deb")
	fi
	if [ -z "$file" ]; then
		info "downloading $name $version"
		apt_fetch "$name" "$version" "$dir"
		file=$(find "$dir" -name "${name}_${version/:/%3a}_*.deb")
	fi
	printf '%s' "$file"
}

# package_version FILE: as part of a file name.
package_version()
{
	dpkg-deb -f "$1" Version | tr -c 'A-Za-z0-9.\n' -
}

# edit NAME TREE: changes the source.
edit()
{
	local file

	while read -r file; do
		case $file in
		*.patch) patch -s -p1 -d "$2" <"$file" >&2 ;;
		*.sh) (cd "$2" && bash -euo pipefail "$file" >&2) ;;
		esac || die "the source of $1 does not take $file"
	done < <(edits "$1")
}

# unpack FILE NAME DIR: the kernel's source, without what only other machines need
# (two thirds of it). Kconfig files stay, they refer to each other.
unpack()
{
	local skip=() path

	for path in arch/{al,ar,c,h,l,m,n,o,p,r,s,xt}'*/*.*' 'Documentation/*/*' 'tools/perf/*' \
		drivers/{gpu,media,scsi,staging,infiniband,clk,pinctrl,iio,usb}'/*.[ch]' \
		drivers/net/{ethernet,wireless}'/*.[ch]' 'sound/*.[ch]'; do
		skip+=(--exclude="linux-source-*/$path")
	done
	info "unpacking ${1##*/}"
	rm -rf "$3.part"
	mkdir -p "$3.part"
	dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$3.part" --strip-components=1 --anchored --wildcards "${skip[@]}" ||
		die "could not unpack $1 (disk full? remove it if it is damaged)"
	edit "$2" "$3.part"
	mv "$3.part" "$3"
}

# copy_tree FROM NAME DIR: the tree of a variant.
copy_tree()
{
	info "copying the tree of $(base_of "$2")"
	rm -rf "$3.part"
	cp -a --reflink=auto "$1" "$3.part"
	edit "$2" "$3.part"
	mv "$3.part" "$3"
}

# kmake NAME TREE ARG...: the kernel's make. Who built it where is nobody's business, and its
# warnings are not ours.
kmake()
{
	local name=$1 suffix

	suffix=${name#"${name%%-*}"}
	make -C "$2" --no-print-directory LOCALVERSION="$suffix" KCFLAGS=-w \
		KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab "${@:3}"
}

# missing_options CONFIG FRAGMENT...: requests that did not come out so.
missing_options()
{
	local line config=$1

	shift
	grep -hE '^(CONFIG_|# CONFIG_.* is not set)' "$@" | while read -r line; do
		case $line in
		'# '*) line=${line% is not set} && ! grep -q "^${line#\# }=" "$config" ;;
		*) grep -qxF -- "$line" "$config" ;;
		esac || printf '\t%s\n' "$line"
	done
}

# configure NAME TREE: tinyconfig with the fragments, everything else off.
configure()
{
	local tree=$2 files missing

	mapfile -t files < <(fragments "$1")
	cat "$tree"/kernel/configs/tiny.config "$tree"/arch/x86/configs/tiny.config "${files[@]}" \
		>"$tree/lab.config"
	kmake "$1" "$tree" -s KCONFIG_ALLCONFIG=lab.config allnoconfig >"$tree/lab.log" 2>&1 ||
		{ tail -n 20 "$tree/lab.log" >&2; die "could not configure the kernel $1"; }
	missing=$(missing_options "$tree/.config" "${files[@]}")
	[ -z "$missing" ] || die "the kernel $1 does not take these options:"$'\n'"$missing"
}

# progress LOG PID: says how far a build is until the process has ended: on a
# terminal ten times a minute in one line, else now and then.
progress()
{
	local start=$SECONDS last=$SECONDS n text

	while kill -0 "$2" 2>/dev/null; do
		sleep 1
		n=$(grep -cE '^ +(CC|AS)' "$1") || true
		text="kernel.sh: $n of about $OBJECTS files compiled, $((SECONDS - start)) s"
		if [ -t 2 ]; then
			printf '\r%s\033[K' "$text" >&2
		elif ((SECONDS - last >= 30)); then
			printf '%s\n' "$text" >&2
			last=$SECONDS
		fi
	done
	[ ! -t 2 ] || printf '\r\033[K' >&2
}

# compile NAME TREE: everything that configure asked for.
compile()
{
	local log=$2/lab.log pid start=$SECONDS

	kmake "$1" "$2" -j "$(nproc)" vmlinux modules >"$log" 2>&1 &
	pid=$!
	# Else an interrupted build goes on unseen.
	# shellcheck disable=SC2064
	trap "kill $pid 2>/dev/null || true" EXIT
	progress "$log" "$pid"
	wait "$pid" || {
		grep -E -A 5 'error|Error' "$log" | tail -n 30 >&2 || tail -n 20 "$log" >&2
		die "the kernel $1 does not build; all that was said is in $log"
	}
	trap - EXIT
	info "built in $((SECONDS - start)) s"
}

# collect NAME TREE DIR: what is needed to boot it.
collect()
{
	rm -rf "${3:?}/lib"
	kmake "$1" "$2" -s INSTALL_MOD_PATH="$3" modules_install >>"$2/lab.log" 2>&1 ||
		die "could not install the modules of $1; see $2/lab.log"
	objcopy --strip-debug "$2/vmlinux" "$3/vmlinux"
	cp "$2/.config" "$3/config"
	kmake "$1" "$2" -s kernelrelease >"$3/version"
	# Large, and made again when something changes.
	rm -f "$2"/.tmp_vmlinux* "$2/vmlinux.o"
}

# build NAME [--update]: the slow way to a kernel. Each step that ended is kept.
build()
{
	local name=$1 base from package dir

	base=$(base_of "$name")
	if [ -n "$base" ]; then
		from=$(built "$base")
		[ -n "$from" ] && [ -z "${2:-}" ] || from=$(build "$base" "${@:2}")
		dir=${from##*/"$base"-}
		dir=$LAB_CACHE/kernels/$name-${dir%-*}-$(recipe "$name")
	else
		package=$(package_file "$name" "${2:-}")
		dir=$LAB_CACHE/kernels/$name-$(package_version "$package")-$(recipe "$name")
	fi
	mkdir -p "$dir"
	if [ ! -e "$dir/complete" ]; then
		need_room "$dir" "$BUILD_MIB"
		[ -d "$dir/tree" ] || if [ -n "$base" ]; then
			copy_tree "$from/tree" "$name" "$dir/tree"
		else
			unpack "$package" "$name" "$dir/tree"
		fi
		configure "$name" "$dir/tree"
		info "building the kernel $name ($(kmake "$name" "$dir/tree" -s kernelversion)), once; minutes"
		compile "$name" "$dir/tree"
		collect "$name" "$dir/tree" "$dir"
		touch "$dir/complete"
		forget_unused
	fi
	echo "$dir"
}

# forget_unused: kernels that nobody asked for in two weeks give their room back.
forget_unused()
{
	find "$LAB_CACHE/kernels" -mindepth 2 -maxdepth 2 -name complete -mtime +14 -printf '%h\0' |
		xargs -0r rm -rf
}

# locked COMMAND...: one build at a time on this machine.
locked()
{
	mkdir -p "$LAB_CACHE/kernels" || die "cannot write to $LAB_CACHE; set IOPFTRACE_CACHE"
	exec 9>"$LAB_CACHE/kernels/lock"
	flock -n 9 || { info "another build is running, waiting for it"; flock 9; }
	"$@"
}

# kernel NAME [--update]: the directory of a kernel.
kernel()
{
	local dir

	list_kernels | grep -qxF -- "$1" ||
		die "no kernel $1; there are: $(list_kernels | paste -sd ' ')"
	dir=$(built "$1")
	if [ -z "$dir" ] || [ -n "${2:-}" ]; then
		"$LAB_DIR/deps.sh" lab
		dir=$(locked build "$@")
	fi
	touch -c "$dir/complete" 2>/dev/null || true
	echo "$dir"
}

# clean [NAME]
clean()
{
	if [ -n "${1:-}" ]; then
		rm -rf "$LAB_CACHE/kernels/$1-"[0-9]*
	else
		rm -rf "$LAB_CACHE"/kernels/*-* "$LAB_CACHE/src" "$LAB_APT"
	fi
}

main()
{
	[[ $LAB_CACHE != *[[:space:]:]* ]] ||
		die "a kernel cannot be built in '$LAB_CACHE'; set IOPFTRACE_CACHE to a path without spaces"
	case ${1:-} in
	--list) list_kernels ;;
	--clean) locked clean "${@:2}" ;;
	--path) built "${2:?}" | grep . || die "the kernel $2 is not built" ;;
	--update) kernel "${2:?}" --update ;;
	-h | --help) usage ;;
	-* | '') usage >&2; exit 3 ;;
	*) kernel "$1" ;;
	esac
}

main "$@"
