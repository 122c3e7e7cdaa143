#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in the VM whose clock counts instructions: the load under one tracer; the last line printed
# is the number of instructions a group. Two lengths are run, so that what happens once cancels out.
set -euo pipefail
cd "$(dirname "$0")/../.."

tracer=$1
build=$PWD/${O:-build}
few=1000 many=4000
tracing=/sys/kernel/tracing
functions=(iommu_report_device_fault iommufd_fault_iopf_handler iommufd_fault_fops_read
	iommufd_fault_fops_write iopf_group_response)

# The time of the load's loop alone, by the load's own clock.
loop_ns() {
	jq .duration_ns "$LAB_OUT/truth"
}

load() {
	"$@" "$build/load" --sync --no-truth -n "$n" -o "$LAB_OUT/truth" >"$LAB_OUT/out" 2>&1
	loop_ns
}

under_none() { load; }
under_run() { load "$build/iopftrace" --; }

# The consumer is stopped meanwhile: what is left are the probes. The ring holds all of it.
under_run-undrained() {
	cat >"$LAB_OUT/stopped" <<-END
	kill -STOP \$PPID
	$build/load --sync --no-truth -n $n -o $LAB_OUT/truth
	kill -CONT \$PPID
	END
	"$build/iopftrace" --buffer 64M -- bash "$LAB_OUT/stopped" >"$LAB_OUT/out" 2>&1
	loop_ns
}

under_bpftrace() {
	local script='kfunc:iommufd_fault_iopf_handler { @s[args->group] = nsecs }
		kfunc:iopf_group_response /@s[args->group]/ {
			@h = hist(nsecs - @s[args->group]); delete(@s[args->group]) }'
	local old='kprobe:iommufd_fault_iopf_handler { @s[arg0] = nsecs }
		kprobe:iopf_group_response /@s[arg0]/ {
			@h = hist(nsecs - @s[arg0]); delete(@s[arg0]) }'
	bpftrace -d -e "$script" >/dev/null 2>&1 || script=$old
	bpftrace -e "$script" -c "$build/load --sync --no-truth -n $n -o $LAB_OUT/truth" \
		>"$LAB_OUT/out" 2>&1
	loop_ns
}

under_graph() {
	printf '%s\n' "${functions[@]}" >"$tracing/set_graph_function"
	printf '%s\n' "${functions[@]}" >"$tracing/set_ftrace_filter"
	echo 65536 >"$tracing/buffer_size_kb"
	echo function_graph >"$tracing/current_tracer"
	load
	grep -q iopf_group_response "$tracing/trace" || { echo "function_graph saw nothing" >&2; exit 1; }
	echo nop >"$tracing/current_tracer"
}

n=$few
a=$("under_$tracer" | tail -1)
n=$many
b=$("under_$tracer" | tail -1)
echo $(((b - a) / (many - few)))
