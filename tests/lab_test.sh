#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The lab's own decisions, without a kernel or an emulator: QEMU is a stand-in that does what a real one
# would leave behind. Prints TAP.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
# shellcheck source=tests/tap.sh
. tests/tap.sh

# A copy of the lab whose kernel is built already.
mkdir -p "$dir/bin" "$dir/kernel/lib/modules" "$dir/cache"
cp -r tests/lab "$dir/lab"
touch "$dir/kernel/vmlinux" "$dir/kernel/config" "$dir/kvm"
cat >"$dir/lab/kernel.sh" <<END
#!/bin/sh
[ "\$1" = --list ] && echo 7 || echo "$dir/kernel"
END
# The stand-in boots when its acceleration is named in WORKS; each boot is noted.
cat >"$dir/bin/qemu-system-x86_64" <<'END'
#!/bin/bash
[ "$1" != --version ] || { echo "QEMU ${QEMU_VERSION:-1}"; exit; }
accel=tcg
[[ " $* " != *" kvm "* ]] || accel=kvm
echo "$accel" >>"$BOOTS"
[[ " $WORKS " == *" $accel "* ]] || exit 1
for word; do
	case $word in
	local,id=lab,path=*) share=${word#*path=} share=${share%%,*} ;;
	esac
done
: >"$share/started"
echo 0 >"$share/status"
echo 0 >"$share/taint"
END
chmod +x "$dir/bin/qemu-system-x86_64"

# boot WORKS [NAME=VALUE...]: runs a machine; what was booted is in "boots", the status in "got".
boot() {
	got=0
	: >"$dir/boots"
	env PATH="$dir/bin:$PATH" IOPFTRACE_CACHE="$dir/cache" IOPFTRACE_KVM_DEVICE="$dir/kvm" IOPFTRACE_ACCEL= \
		BOOTS="$dir/boots" WORKS="$1" "${@:2}" "$dir/lab/vm.sh" -- true >"$dir/out" 2>&1 || got=$?
	boots=$(tr '\n' ' ' <"$dir/boots")
}

# expect NAME STATUS BOOTS
expect() {
	if [[ $got == "$2" && $boots == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "status $got, wanted $2; booted '$boots', wanted '$3': $(tail -n 3 "$dir/out" | tr '\n' '|')"
	fi
}

boot ''
expect "a machine that boots in no way fails, and says nothing about KVM" 99 'kvm tcg '
boot 'kvm tcg'
expect "KVM is tried again after that" 0 'kvm kvm '
boot 'kvm tcg'
expect "that KVM works is remembered" 0 'kvm '
boot 'tcg' QEMU_VERSION=2
expect "another QEMU is tried anew; KVM alone fails" 0 'kvm tcg tcg '
boot 'kvm tcg' QEMU_VERSION=2
expect "that KVM does not work is remembered" 0 'tcg '
make -s clean O="$dir/build" IOPFTRACE_CACHE="$dir/cache" >/dev/null
boot 'kvm tcg' QEMU_VERSION=2
expect "make clean forgets it" 0 'kvm kvm '
echo "1..$n"
