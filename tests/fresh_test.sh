#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A machine that has nothing: TAP; 'make test-fresh'.
#
# mmdebstrap makes a minimal Debian 12, from the mirrors that this machine uses. In it, as a user would:
# make deps, make, the native tests that call other programs, make install, make deb; and the package on
# another that has nothing. What needs a VM is not run in there.
#
# All mounts are in a namespace of this test's own: they are gone when it ends, however it ends. Packages
# are kept in the lab's cache, and for a week what mmdebstrap made.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $(id -u) != 0 ]]; then
	echo "ok 1 - a machine that has nothing # SKIP only root can make one"
	echo "1..1"
	exit
fi

if [[ ${1-} != --inside ]]; then
	work=$(mktemp -d "${TMPDIR:-/tmp}/iopftrace-fresh.XXXXXX")
	trap 'rm -rf --one-file-system "$work"' EXIT
	env --default-signal unshare --mount --pid --fork --kill-child "$0" --inside "$work" </dev/null &
	trap 'kill -KILL $!; exit 143' HUP INT TERM
	wait $!
	exit
fi

# shellcheck source=tests/lab/lib.sh
. tests/lab/lib.sh
# shellcheck source=tests/lab/apt.sh
. tests/lab/apt.sh
# shellcheck source=tests/tap.sh
. tests/tap.sh

work=$2
machine=$work/machine	# where the project is built
clean=$work/clean	# where its package is installed
source=/root/iopftrace
archives=$LAB_CACHE/fresh/archives
minimal=$LAB_CACHE/fresh/minimal.tar

# In memory, where there is enough of it: most of the time goes into files.
prepare_room() {
	local available
	available=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
	if ((available > 12000)); then
		mount -t tmpfs -o mode=755,size=9G fresh "$work"
	else
		need_room "$work" 7000
	fi
	mkdir -p "$archives/partial"
	exec 8>"${archives%/*}/lock"
	flock 8
}

# What apt is told here about the way to its mirrors holds in there too.
apt_options() {
	apt-config dump Acquire | grep -iE '^Acquire::(https?|ftp)::([^ ]*::)?(Proxy|CaInfo)[^ ]* "[^"]' || true
}

# make_minimal: a Debian that has what "minbase" has, and make; as a file for the next time.
make_minimal() {
	mkdir -p "$machine/var/cache/apt/archives"
	mount --bind "$archives" "$machine/var/cache/apt/archives"
	mmdebstrap --quiet --mode=root --variant=minbase --include=make --aptopt="$work/apt.conf" \
		--skip=check/empty,download/empty,essential/unlink,cleanup/apt/cache \
		bookworm "$machine" "$work/sources.list" || return
	umount "$machine/var/cache/apt/archives"
	tar -C "$machine" -c . >"$minimal.part"
	mv "$minimal.part" "$minimal"
	rm -rf "$machine"
}

# make_machines: two of them, with packages as they are today.
make_machines() {
	apt_options >"$work/apt.conf"
	print_sources >"$work/sources.list" <<-END || return
	main bookworm
	main bookworm-updates
	security bookworm-security
	END
	[[ $(find "$minimal" -mtime -7 2>/dev/null) ]] || make_minimal || return
	for root in "$machine" "$clean"; do
		mkdir "$root"
		tar -C "$root" -xf "$minimal" || return
		printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
		chmod 755 "$root/usr/sbin/policy-rc.d"
		echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fresh"
		rm -f "$root"/etc/apt/sources.list.d/*
		cp "$work/sources.list" "$root/etc/apt/sources.list"
		cp "$work/apt.conf" "$root/etc/apt/apt.conf.d/99fresh"
		cp -L /etc/resolv.conf "$root/etc/resolv.conf"
		mount --bind "$archives" "$root/var/cache/apt/archives"
		mount -t proc proc "$root/proc"
		mount --rbind /sys "$root/sys"
		mount --rbind /dev "$root/dev"
	done
	made=1
}

# mention PACKAGE...: the machine knows these packages: by records without a package, as dpkg keeps of
# what was selected or available once, and by a package that suggests them.
mention() {
	local package
	for package; do
		printf 'Package: %s\nStatus: unknown ok not-installed\nPriority: optional\nSection: misc\n\n' "$package"
	done >>"$machine/var/lib/dpkg/status"
	mkdir -p "$work/mention/DEBIAN"
	cat >"$work/mention/DEBIAN/control" <<-END
	Package: mention
	Version: 1
	Architecture: all
	Maintainer: nobody <nobody@example.org>
	Suggests: $(printf '%s\n' "$@" | paste -sd ,)
	Description: names other packages
	END
	dpkg-deb -b "$work/mention" "$machine/root/mention.deb" >/dev/null
	chroot "$machine" dpkg -i /root/mention.deb >/dev/null
}

# As in a fresh clone.
# shellcheck disable=SC2016
copy_source() {
	mkdir -p "$machine$source"
	git ls-files -z --cached --others --exclude-standard |
		xargs -0 sh -c 'for file; do [ ! -f "$file" ] || printf "%s\0" "$file"; done' sh |
		tar -c --null --no-recursion -T - | tar -x --no-same-owner -C "$machine$source"
}

# inside ROOT COMMAND...: in a shell there, with an environment as after a login.
inside() {
	chroot "$1" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${CI:+CI="$CI"} \
		/bin/bash -c "cd '$source' 2>/dev/null || cd /root; ${*:2}" </dev/null
}

# timed NAME COMMAND...: check, and how long it took
timed() {
	local start=$SECONDS
	check "$@"
	((SECONDS - start < 5)) || echo "# $1: $((SECONDS - start)) s"
}

# So that what follows shows something.
mentioned() {
	# shellcheck disable=SC2016
	[[ $(inside "$machine" "dpkg-query -W -f '\${db:Status-Status} \${Package}\n' flex gcc lintian | sort -u") == \
		$'not-installed flex\nnot-installed gcc\nnot-installed lintian' ]]
}

# "make" alone installs nothing, but says what it needs before it fails.
make_names_what_is_missing() {
	! inside "$machine" make || return
	grep -q 'clang (for build, of the package clang)' "$work/said" &&
		grep -q '<zlib.h> (for build, of the package zlib1g-dev)' "$work/said"
}

deps_are_there() {
	inside "$machine" make deps || return
	[[ -z $(inside "$machine" make deps 2>&1) ]] && inside "$machine" "git init -q . && git add -A"
}

# All that the lab's scripts and a kernel's makefiles call, told independently of deps.sh; and that QEMU
# can make the machine that vm.sh starts: it is set up, and ended before its first instruction.
programs_of_the_lab() {
	local program status=0
	for program in qemu-system-x86_64 busybox flex bison pahole bc gcc ld ar nm objcopy strip make perl python3 \
		openssl patch xz tar gzip dpkg-deb apt-get apt-cache depmod modprobe insmod rmmod awk sed find \
		xargs flock setsid stty timeout setpriv unshare jq pgrep pkill xmllint bpftool; do
		inside "$machine" "command -v $program" >/dev/null || { echo "no $program"; status=1; }
	done
	inside "$machine" "test -x /bin/busybox && echo quit | qemu-system-x86_64 -S -nodefaults \
		-no-user-config -display none -M q35,sata=off,smbus=off,usb=off -m 64 -accel tcg -monitor stdio \
		-fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=host,mount_tag=host -chardev null,id=c -serial chardev:c" || status=1
	return "$status"
}

# The tests that call other programs: the scripts, and of the programs those whose source says so. The rest
# tests the program's own code, to which the machine makes no difference.
native_tests() {
	local programs
	programs=$(grep -lE '\.py\b|protoc |"readers\.h"' tests/unit/*_test.c |
		sed 's|^tests/\(.*\)\.c$|build/\1|')
	inside "$machine" make -s -j2 all "${programs//$'\n'/ }" || return
	inside "$machine" tests/run.sh unit >"$work/unit" 2>&1 || {
		grep -A 5 -E '^(FAIL|failed)' "$work/unit" || tail -n 15 "$work/unit"
		return 1
	}
	grep -E '^[0-9]+ passed, 0 failed$' "$work/unit"
}

installs() {
	inside "$machine" 'make install && cd / && iopftrace --version && man -w iopftrace-check &&
		iopftrace list rules | grep -c ^IOPF'
}

# The same source makes the same package: elsewhere, for another user, in another time zone and with
# other defaults.
same_package() {
	inside "$machine" "make deb && cp build/deb/*.deb /root/" || return
	inside "$machine" "useradd -m other && mkdir -p /srv/a/deeper/place &&
		git archive --format=tar --prefix=iopftrace-src/ \$(git write-tree) | tar -x -C /srv/a/deeper/place &&
		chown -R other: /srv/a && cd /srv/a/deeper/place/iopftrace-src && umask 077 &&
		TZ=Pacific/Kiritimati LC_ALL=C HOME=/home/other setpriv --reuid other --regid other --clear-groups \
			make O=out deb && cd out/deb && ls *.deb && for file in *.deb; do cmp \$file /root/\$file || exit; done"
}

package_installs() {
	cp "$machine"/root/iopftrace_*.deb "$clean/root/"
	inside "$clean" "apt-get -qq update && apt-get -qq -y --no-install-recommends install ./iopftrace_*.deb &&
		dpkg -s iopftrace | grep -qx 'Status: install ok installed'"
}

version_is_told() {
	[[ $(inside "$clean" iopftrace --version) == $(inside "$machine" build/iopftrace --version) ]]
}

rules_are_listed() {
	[[ $(inside "$clean" iopftrace list rules | grep -c '^IOPF') -ge 30 ]]
}

says_why_not_here() {
	local status=0
	inside "$clean" iopftrace report /etc/passwd || status=$?
	[[ $status == 3 ]]
}

pages_are_found() {
	inside "$clean" "apt-get -qq -y --no-install-recommends install man-db bsdextrautils bash-completion fish zsh &&
		man -w iopftrace iopftrace-check iopftrace-trace-file iopftrace-rules &&
		man iopftrace-check | col -b | grep 'EXIT STATUS'"
}

bash_completes() {
	# shellcheck disable=SC2016
	inside "$clean" '. /usr/share/bash-completion/bash_completion
		_completion_loader iopftrace
		complete -p iopftrace &&
			COMP_WORDS=(iopftrace check --on-l) COMP_CWORD=2 && _iopftrace &&
			[[ $COMPREPLY == --on-loss ]]'
}

fish_completes() {
	inside "$clean" "fish -c \"complete -C 'iopftrace check --on-l'\" | grep -e '^--on-loss'"
}

zsh_knows_it() {
	# shellcheck disable=SC2016
	inside "$clean" "zsh -f -c 'autoload -Uz compinit; compinit -u -D; [[ \${_comps[iopftrace]} == _iopftrace ]]'"
}

remove_leaves_nothing() {
	# shellcheck disable=SC2016
	inside "$clean" 'dpkg -L iopftrace >files && apt-get -qq -y purge iopftrace &&
		while read -r file; do
			case $file in
			*iopftrace*) [ ! -e "$file" ] || { echo "left: $file"; exit 1; } ;;
			esac
		done <files'
}

prepare_room
set +e
made=
timed "a minimal Debian 12 is made" make_machines
if [[ -z $made ]]; then
	echo "1..$n"
	exit 1
fi
mapfile -t packages < <(tests/lab/deps.sh --list build unit lab vm deb | tr '|' '\n' | grep -vx make)
mention "${packages[@]}"
copy_source
timed "it knows packages that it does not have" mentioned
timed "make names what is missing" make_names_what_is_missing
timed "make deps installs what is missing, once" deps_are_there
timed "what the lab calls is there" programs_of_the_lab
timed "make" inside "$machine" make -s -j2
timed "make install" installs
timed "the native tests that call other programs" native_tests
timed "make deb makes the same file in two places" same_package
timed "the package installs on a machine that has nothing" package_installs
timed "iopftrace --version" version_is_told
timed "iopftrace list rules" rules_are_listed
timed "a file that is no trace: exit code 3" says_why_not_here
timed "man finds the pages" pages_are_found
timed "bash completes" bash_completes
timed "fish completes" fish_completes
timed "zsh knows its completion" zsh_knows_it
timed "removed, it leaves nothing" remove_leaves_nothing
inside "$machine" apt-get -qq autoclean >/dev/null
echo "1..$n"
