#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the build promises: TAP. Works without a BTF to make vmlinux.h from.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/tap.sh
. tests/tap.sh

# A builder without BTF or without bpftool gets the committed header: the same as one made here, where
# one can be made.
fallback_is_taken() {
	mkdir "$work/bin"
	ln -s /bin/false "$work/bin/bpftool"
	PATH=$work/bin:$PATH ./vmlinux.h.gen -o "$work/vmlinux.h" &&
		cmp "$work/vmlinux.h" bpf/vmlinux_fallback.h
}

fallback_compiles() {
	mkdir -p "$work/o/bpf"
	cp bpf/vmlinux_fallback.h "$work/o/bpf/vmlinux.h"
	make -s O="$work/o" "$work/o/bpf/iopftrace.bpf.o"
}

bad_btf_is_an_error() {
	! ./vmlinux.h.gen -o "$work/none.h" /etc/passwd && [[ ! -e $work/none.h ]]
}

# Else a package is another one wherever it is built.
object_names_no_place() {
	grep -qa bpf/records.h "$work/o/bpf/iopftrace.bpf.o" && ! grep -qaF -e "$PWD" -e "$work" "$work/o/bpf/iopftrace.bpf.o"
}

# An engine that crashes is a failure, not a wait.
dead_engine_is_told() {
	local status=0
	timeout 60 tests/reference/differential.py --tap -n 20 --judge /bin/false || status=$?
	((status == 1)) && grep -q 'judge ended with status 1' "$work/said"
}

check "without BTF the committed vmlinux.h is taken" fallback_is_taken
check "the committed vmlinux.h compiles" fallback_compiles
check "the BPF object does not say where it was built" object_names_no_place
check "a file that is no BTF is an error" bad_btf_is_an_error
check "the reference checker tells when the engine has ended" dead_engine_is_told
echo "1..$n"
