# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016
# Kernel sources out of Debian's archive, also from suites that this system
# does not have. All of it happens in a configuration of the lab's own: the
# user's package lists, pins and hooks are neither used nor touched. Which
# mirror to ask is what the user's own configuration says. Sourced after lib.sh.

LAB_APT=$LAB_CACHE/apt

# Suites that carry a kernel source we want: one archive and suite a line.
# 6.12 comes from any of the first two, 7.x from backports.
readonly APT_SUITES='security bookworm-security
main trixie
main trixie-backports'

# lab_apt PROGRAM ARG...: apt-get or apt-cache with the lab's configuration.
lab_apt()
{
	local program=$1

	shift
	LC_ALL=C "$program" -c "$LAB_APT/apt.conf" "$@"
}

# Sources and lists are under LAB_APT/NAME; "user" reads the user's sources,
# "lab" the lab's.
write_apt_conf()
{
	local name=$1

	mkdir -p "$LAB_APT/$name/lists/partial" "$LAB_APT/$name/cache/archives/partial"
	cat >"$LAB_APT/apt.conf" <<-EOT
	Dir::State::Lists "$LAB_APT/$name/lists";
	Dir::Cache "$LAB_APT/$name/cache";
	Dir::Etc::Preferences "/dev/null";
	Dir::Etc::PreferencesParts "/dev/null";
	Acquire::Languages "none";
	Acquire::Retries "3";
	APT::Architecture "amd64";
	APT::Sandbox::User "root";
	#clear APT::Architectures;
	APT::Architectures { "amd64"; };
	#clear APT::Default-Release;
	#clear APT::Update::Pre-Invoke;
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	EOT
	[ "$name" = lab ] || return 0
	cat >>"$LAB_APT/apt.conf" <<-EOT
	Dir::Etc::SourceList "$LAB_APT/sources.list";
	Dir::Etc::SourceParts "/dev/null";
	EOT
}

# archive_uri LABEL APT-GET [ARG...]: where that apt-get finds the archive with
# the label, if it does.
archive_uri()
{
	local label=$1

	shift
	LC_ALL=C "$@" indextargets --format '$(ORIGIN)|$(LABEL)|$(CREATED_BY)|$(REPO_URI)' |
		awk -F '|' -v label="$label" \
			'$1 == "Debian" && $2 == label && $3 == "Packages" && !n++ { print $4 }'
}

# user_archive LABEL: the same for the user's configuration. The label is in the
# package lists: where there are none yet, fetch them, into a place of our own.
user_archive()
{
	local uri

	uri=$(archive_uri "$1" apt-get)
	if [ -z "$uri" ]; then
		write_apt_conf user
		[ -e "$LAB_APT/user/done" ] || lab_apt apt-get -qq update >&2 || true
		touch "$LAB_APT/user/done"
		uri=$(archive_uri "$1" lab_apt apt-get)
	fi
	printf '%s' "$uri"
}

# archive_key URI: the keyring that the user's sources name for an archive, else
# Debian's own.
archive_key()
{
	local key

	key=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed 's/^#.*//;/^$/d;s/^Types:/\n&/' |
		awk -v uri="${1%/}" 'BEGIN { RS = ""; FS = "\n" }
			index($0, uri) { for (i = 1; i <= NF; i++)
				if (sub(/^Signed-By:[ \t]*/, "", $i) && $i ~ /^\//) { print $i; exit } }')
	printf '%s' "${key:-/usr/share/keyrings/debian-archive-keyring.gpg}"
}

# print_sources: for lines "KIND SUITE" on standard input (KIND main or security), apt's sources, from where
# the user's apt gets its packages. Without an archive of security updates, its suites are left out.
print_sources()
{
	local main=${IOPFTRACE_MIRROR:-} security kind suite uri

	mkdir -p "$LAB_APT"
	if [ -n "$main" ]; then
		security=${main%/}-security
	else
		rm -f "$LAB_APT/user/done"
		main=$(user_archive Debian)
		security=$(user_archive Debian-Security)
	fi
	[ -n "$main" ] ||
		die "apt knows no Debian archive here; set IOPFTRACE_MIRROR to one (http://HOST/debian)"
	while read -r kind suite; do
		uri=$main
		[ "$kind" = main ] || uri=$security
		[ -z "$uri" ] ||
			echo "deb [arch=amd64 signed-by=$(archive_key "$uri")] $uri $suite main"
	done
}

# Writes the lab's sources.
write_sources()
{
	print_sources <<<"$APT_SUITES" >"$LAB_APT/sources.list"
	write_apt_conf lab
}

# Reads the package lists of the lab's suites. One that is missing is no error
# yet: another may have the package.
apt_refresh()
{
	mkdir -p "$LAB_APT"
	write_sources
	lab_apt apt-get -qq update >"$LAB_APT/update.log" 2>&1 || true
}

# apt_newest REGEX: the newest package whose name matches: "NAME VERSION".
apt_newest()
{
	local name version

	name=$(lab_apt apt-cache search --names-only "^$1\$" | awk '{ print $1 }' | sort -V | tail -n 1)
	if [ -z "$name" ]; then
		tail -n 5 "$LAB_APT/update.log" >&2
		die "no package $1 in the Debian suites $(awk '{ printf "%s ", $5 }' "$LAB_APT/sources.list")(no network?)"
	fi
	version=$(lab_apt apt-cache show --no-all-versions "$name" | awk '$1 == "Version:" { print $2; exit }')
	echo "$name $version"
}

# apt_fetch NAME VERSION DIR: downloads a package, checked by apt, into DIR.
apt_fetch()
{
	(cd -- "$3" && lab_apt apt-get "$([ -t 2 ] && echo -q=0 || echo -qq)" download "$1=$2" >&2) ||
		die "could not download $1 $2 (network? disk?)"
}
