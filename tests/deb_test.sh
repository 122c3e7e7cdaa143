#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The package of 'make deb' on a clean Debian 12: installed, looked at, removed. TAP; 'make test-deb'.
# mmdebstrap makes the Debian in a temporary place, from the mirrors that this machine uses.
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(cd "${O:-build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

packages=("$build"/deb/iopftrace_*.deb)
[[ -f ${packages[0]} ]] || { echo "deb_test.sh: no package in $build/deb: make deb" >&2; exit 1; }
cp "${packages[0]}" "$work/"
"$build/iopftrace" --version >"$work/version"

# What runs in there. Each line of it that does not hold is a test that failed.
cat >"$work/inside.sh" <<'EOF'
n=0
exec 3>/root/tap
check() {
	name=$1
	shift
	n=$((n + 1))
	if "$@" >/root/out 2>&1; then
		echo "ok $n - $name" >&3
	else
		tail -n 5 /root/out | sed 's/^/# /' >&3
		echo "not ok $n - $name" >&3
	fi
}
export DEBIAN_FRONTEND=noninteractive HOME=/root LC_ALL=C.UTF-8
package_installs() {
	apt-get -qq -y --no-install-recommends install /root/iopftrace_*.deb &&
		dpkg -s iopftrace | grep -qx 'Status: install ok installed'
}
version_is_told() {
	iopftrace --version | cmp - /root/version
}
rules_are_listed() {
	[ "$(iopftrace list rules | grep -c '^IOPF')" -ge 30 ]
}
says_why_not_here() {
	iopftrace report /etc/passwd
	[ $? = 3 ]
}
pages_are_found() {
	apt-get -qq -y --no-install-recommends install man-db bash bash-completion fish zsh &&
		man -w iopftrace iopftrace-check iopftrace-trace-file iopftrace-rules &&
		man iopftrace-check | col -b | grep 'EXIT STATUS'
}
bash_completes() {
	bash -c '
		. /usr/share/bash-completion/bash_completion
		_completion_loader iopftrace
		complete -p iopftrace &&
			COMP_WORDS=(iopftrace check --on-l) COMP_CWORD=2 && _iopftrace &&
			[[ $COMPREPLY == --on-loss ]]'
}
fish_completes() {
	fish -c "complete -C 'iopftrace check --on-l'" | grep -e '^--on-loss'
}
zsh_knows_it() {
	zsh -f -c 'autoload -Uz compinit; compinit -u -D; [[ ${_comps[iopftrace]} == _iopftrace ]]'
}
remove_leaves_nothing() {
	dpkg -L iopftrace >/root/files
	apt-get -qq -y purge iopftrace || return
	while read -r file; do
		case $file in
		*iopftrace*) [ ! -e "$file" ] || { echo "left: $file"; return 1; } ;;
		esac
	done </root/files
}
check "the package installs" package_installs
check "iopftrace --version" version_is_told
check "iopftrace list rules" rules_are_listed
check "a file that is no trace: exit code 3" says_why_not_here
check "man finds the pages" pages_are_found
check "bash completes" bash_completes
check "fish completes" fish_completes
check "zsh knows its completion" zsh_knows_it
check "removed, it leaves nothing" remove_leaves_nothing
echo "1..$n" >&3
EOF

sources=()
for file in /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources; do
	! grep -qs '^[^#]*bookworm' "$file" || sources+=("$file")
done
mode=()
[[ $(id -u) != 0 ]] || mode=(--mode=root)
# shellcheck disable=SC2016
mmdebstrap --quiet "${mode[@]}" --variant=apt \
	--customize-hook="copy-in $work/inside.sh $work/version $work/${packages[0]##*/} /root/" \
	--customize-hook='chroot "$1" sh /root/inside.sh </dev/null >/dev/null 2>&1' \
	--customize-hook="copy-out /root/tap $work/" \
	bookworm /dev/null "${sources[@]}" >"$work/log" 2>&1 || {
	tail -20 "$work/log" >&2
	echo "deb_test.sh: no clean Debian 12 could be made" >&2
	exit 1
}
cat "$work/tap"
! grep -q '^not ok' "$work/tap"
