# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # iopftrace, load and T are set by guest.sh
# A kernel whose iommufd is not loaded; see guest.sh.

test_no_iommufd() {
	status 4 "$iopftrace" -- true
	says 'no iommufd.*modprobe iommufd'
}
