#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Run in the source of a kernel of the lab: leaves out what takes time to build and changes nothing
# that is traced or tested. kernel.sh counts it as a part of the kernel's recipe.
#
# Measured with gcc 12: debug information is a quarter of the compiler's time in a usual file, warnings
# a tenth of the rest (kernel.sh switches them off), the compressed image and the code for module
# signatures are a hundred files of 1,450.
set -euo pipefail

# BTF is made of debug information. The functions that are probed and the types that programs read are
# in kernel/, mm/, fs/, net/core/ and drivers/iommu/; in these directories nobody asks for any.
for dir in arch/x86 block certs crypto drivers/{acpi,char,dma-buf,pci,pnp,tty,virtio} \
	fs/{9p,netfs,overlayfs,proc,kernfs,sysfs,notify} io_uring ipc lib net/{9p,unix,ipv6} security; do
	for file in "$dir/Kbuild" "$dir/Makefile"; do
		if [ -e "$file" ]; then
			printf '\nsubdir-ccflags-y += -g0\n' >>"$file"
			break
		fi
	done
done

# Lockdown asks for signatures of modules. Here they are never asked for, and take much cryptography.
sed -i '/select MODULE_SIG if MODULES/d' security/lockdown/Kconfig
