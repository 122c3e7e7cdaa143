#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds the module of the load generator against the lab's kernels: build.sh KERNEL...
# The result is build/module/VERSION/iopf_test.ko, VERSION as uname -r has it there.
set -euo pipefail
cd "$(dirname "$0")/../../.."

source=tests/load/module
[[ $# -gt 0 ]] || { echo "usage: build.sh KERNEL..." >&2; exit 3; }

for kernel in "$@"; do
	lab=$(tests/lab/kernel.sh "$kernel")
	dir=$PWD/${O:-build}/module/$(cat "$lab/version")
	mkdir -p "$dir"
	# what is older than its result is not built again
	cp -pu "$source/Kbuild" "$source"/*.[ch] "$dir"
	make -C "$lab/tree" --no-print-directory -s M="$dir" modules >"$dir/log" 2>&1 || {
		echo "build.sh: the module does not build for $kernel:" >&2
		tail -20 "$dir/log" >&2
		exit 1
	}
done
