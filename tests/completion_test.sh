#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What bash, fish and zsh offer, each asked itself: TAP.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

build=$(cd "${O:-build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work LC_ALL=C.UTF-8
touch "$work/trace.data"
# shellcheck source=tests/tap.sh
. tests/tap.sh

# offers SHELL LINE WORD...: asks the shell: each word is offered, and !WORD is not.
offers() {
	local shell=$1 line=$2 word missing=()
	shift 2
	"$shell" "$line" </dev/null 2>"$work/errors" | sort -u >"$work/offered"
	for word; do
		if [[ $word == !* ]]; then
			! grep -qxF -e "${word#!}" "$work/offered" || missing+=("$word")
		else
			grep -qxF -e "$word" "$work/offered" || missing+=("$word")
		fi
	done
	if ((${#missing[@]})) || [[ -s $work/errors ]]; then
		not_ok "$shell: $line" "expected: ${missing[*]}; offered: $(head -20 "$work/offered" | tr '\n' ' ')
$(cat "$work/errors")"
	else
		ok "$shell: $line"
	fi
}

# Divides the line as readline does, at = too.
ask_bash() {
	(
		cd "$work" && bash --norc -c '
			source "$1"
			read -ra COMP_WORDS <<<"${2//=/ = }"
			[[ $2 != *" " ]] || COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2}
			_iopftrace
			printf "%s\n" "${COMPREPLY[@]}"' bash "$build/completions/iopftrace" "$1"
	)
}

# shellcheck disable=SC2016
ask_fish() {
	(
		cd "$work" && fish --no-config -c '
			source $argv[1]
			complete -C $argv[2]' "$build/completions/iopftrace.fish" "$1" |
			cut -f 1 | sed 's/^--[a-z]*=//'
	)
}

# What a zsh at a terminal does before its first prompt: what it offers goes to a file as well.
prepare_zsh() {
	mkdir "$work/zsh"
	cp "$build/completions/_iopftrace" "$work/zsh/"
	cat >"$work/.zshrc" <<'EOF'
PS1= PS2=
fpath=($HOME/zsh $fpath)
autoload -Uz compinit && compinit -u -d $HOME/dump
compadd() {
	builtin compadd -O offered "$@" 2>/dev/null
	print -rl -- $offered >>$HOME/added
	builtin compadd "$@"
}
complete-and-tell() {
	_main_complete
	: >$HOME/done
}
zle -C complete-and-tell complete-word complete-and-tell
bindkey '^I' complete-and-tell
zle-line-init() { : >$HOME/ready }
zle -N zle-line-init
EOF
}

ask_zsh() {
	(
		cd "$work" && rm -f added "done" ready && touch added
		ZDOTDIR=$work zsh -f -c '
			wait_for() {
				local i
				for ((i = 0; i < 600; i++)); do
					[[ ! -e $1 ]] || return 0
					zpty -r -t shell out
					sleep 0.02
				done
				print -u2 "no file $1 after $i tries"
			}
			zmodload zsh/zpty
			zpty shell zsh -d -i
			wait_for ready
			zpty -w -n shell "$1"$'\''\t'\''
			wait_for done
			zpty -d shell' zsh "$1" >/dev/null
		cat added
	)
}

ask_all() {
	local shell
	for shell in ask_bash ask_fish ask_zsh; do
		offers "$shell" "$@"
	done
}

"$build/iopftrace" --help | sed -n '/^Verbs:/,/^Without/s/^  \([a-z]*\) .*/\1/p' >"$work/verbs"
mapfile -t verbs <"$work/verbs"
prepare_zsh
ask_all 'iopftrace ' "${verbs[@]}" '!trace.data'
ask_all 'iopftrace check --on' --on-loss --on-violation '!--color'
ask_all 'iopftrace record --ju' '!--junit'
ask_all 'iopftrace check --format=j' json junit '!perfetto' '!text'
ask_all 'iopftrace trace -f ' text json csv perfetto '!junit'
ask_all 'iopftrace report --color ' auto always never
ask_all 'iopftrace run --unit ' auto ns us ms s
ask_all 'iopftrace check --assert ' total.p99 groups route.negative IOPF003 '!verdict'
ask_all 'iopftrace diff a b --fail-on ' total.p99 groups findings verdict IOPF003
ask_all 'iopftrace check --record tra' trace.data
ask_all 'iopftrace check --on-loss ' inconclusive fail ignore
ask_all 'iopftrace report vmm.data --by ' device pasid process code fault-id
ask_all 'iopftrace check --on-violation sn' snapshot
ask_all 'iopftrace check tra' trace.data
ask_all 'iopftrace check --junit tra' trace.data
ask_all 'iopftrace record tra' '!trace.data'
ask_all 'iopftrace explain trace.data stray' stray-response
ask_all 'iopftrace list ' rules metrics stages probes '!trace.data'
ask_all 'iopftrace help rep' report
ask_all "iopftrace -p ${$:0:2}" $$
ask_all 'iopftrace -d 5 check --min' --min-groups
ask_all 'iopftrace check -- --on' '!--on-loss'
ask_all 'iopftrace -- gre' grep '!report'
ask_all 'iopftrace run -- cat tra' trace.data
echo "1..$n"
