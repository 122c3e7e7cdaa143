# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # iopftrace, load and T are set by guest.sh
# A kernel whose iommufd is not loaded, and then is; see guest.sh.

test_no_iommufd() {
	status 4 "$iopftrace" -- true
	says 'no iommufd.*modprobe iommufd'
}

# The suites that follow in the same boot need it.
test_zz_it_is_loaded() {
	modprobe iommufd
	status 0 "$iopftrace" --min-groups 0 -- true
}
