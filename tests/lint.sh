#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Style and static analysis of everything; fails on the first kind of complaint.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t c < <(git ls-files '*.c' '*.h' | grep -v vmlinux_fallback)
mapfile -t sh < <(git ls-files '*.sh' .ci/run vmlinux.h.gen)
mapfile -t host < <(git ls-files 'src/*.c' 'tests/load/*.c' 'tests/unit/*.c')

missing=$(git ls-files '*.c' '*.h' '*.sh' Makefile .ci/run vmlinux.h.gen .clang-format |
	xargs grep -L 'SPDX-License-Identifier' || true)
[[ -z $missing ]] || { echo "no SPDX line: $missing" >&2; exit 1; }

clang-format --dry-run --Werror "${c[@]}"
shellcheck "${sh[@]}"
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	--inline-suppr --suppress=missingIncludeSystem --suppress=unusedStructMember \
	-j "$(nproc)" -Iinclude -Isrc -Ibpf -Itests/load -D_GNU_SOURCE '-DIOPFTRACE_VERSION=""' \
	"${host[@]}"
echo "lint: ${#c[@]} C files and ${#sh[@]} scripts are clean"
