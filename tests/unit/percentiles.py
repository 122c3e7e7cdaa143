#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
percentiles.py DIR: the stages of each recording DIR/*.data, computed anew from its events (trace -f
json), against what the report says: counts, minima, maxima and means exactly, percentiles within 1 %.
Silent, with status 0, when all is well. Knows nothing of how the program follows groups or counts.
"""
import collections
import json
import math
import os
import pathlib
import subprocess
import sys

PROGRAM = pathlib.Path(os.environ.get("O", "build")) / "iopftrace"
PERCENTS = ("0", "1", "10", "25", "50", "75", "90", "95", "99", "99.5", "99.9", "99.99", "100")
STAGES = {
    "route": ("report", "queue"),
    "wait": ("queue", "deliver"),
    "service": ("deliver", "write"),
    "ack": ("write", "ack"),
    "total": ("report", "ack"),
}
# In a recording of each kind at least this many values must have been compared.
LEAST = {"steady": 14000, "tails": 15000, "kernel": 6000, "few": 15, "empty": 0, "failures": 5000}


def run(*args):
    """What the program writes; of recordings with findings its status is not 0."""
    return subprocess.run([PROGRAM, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout


def groups(events):
    """The moments of each group, and whether user space answered it."""
    living, delivered, found = {}, {}, []
    for e in events:
        if e["event"] == "enqueue":
            group = {"report": e["report_ns"], "queue": e["t_ns"], "page": e["addr"],
                     "of": (e["dev_id"], e["pasid"], e["grpid"]), "object": e["object"]}
            living[e["group"]] = group
            found.append(group)
        elif e["event"] == "read":
            read_ns = e["t_ns"]
        if e["event"] in ("read", "readmore"):
            for fault in e["faults"]:
                if not fault["last_page"]:
                    continue
                for group in living.values():
                    if (group["object"] == e["object"] and group["page"] == fault["addr"]
                            and group["of"] == (fault["dev_id"], fault["pasid"], fault["grpid"])):
                        group["deliver"] = read_ns
        elif e["event"] == "response":
            group = living.pop(e["group"], {})
            if e["answered_by"] == "user":
                group |= {"write": e["response_ns"], "ack": e["ack_ns"]}
        elif e["event"] == "driver":
            living.pop(e["group"], None)
    return found


def stages(found):
    """The values of each stage, in order. What the kernel answered has no service, ack or total."""
    values = collections.defaultdict(list)
    for group in found:
        for stage, (begin, end) in STAGES.items():
            if group.get(begin) and group.get(end):
                values[stage].append(group[end] - group[begin])
    return {stage: sorted(v) for stage, v in values.items()}


def check(values, stage, where):
    """One stage, as the report has it, against the values."""
    def expect(key, right):
        if stage[key] != right:
            sys.exit(f"{where}: {key} is {stage[key]}, not {right}")

    expect("count", len(values))
    if not values:
        return
    expect("min_ns", values[0])
    expect("max_ns", values[-1])
    expect("mean_ns", sum(values) // len(values))
    assert set(stage["percentiles"]) == set(PERCENTS)
    for percent, told in stage["percentiles"].items():
        rank = max(1, math.ceil(float(percent) * len(values) / 100 - 1e-9))
        if abs(told - values[rank - 1]) > values[rank - 1] / 100:
            sys.exit(f"{where}: p{percent} is {told}, not {values[rank - 1]}")


def main(directory):
    for name, least in LEAST.items():
        file = pathlib.Path(directory) / f"{name}.data"
        events = [json.loads(line) for line in run("trace", file, "-f", "json", "-v").splitlines()]
        report = json.loads(run("report", file, "-f", "json", f"--percentiles={','.join(PERCENTS)}"))
        values = stages(groups(events))
        for stage in STAGES:
            check(values.get(stage, []), report["stages"][stage], f"{name} {stage}")
        if sum(map(len, values.values())) < least:
            sys.exit(f"{name}: only {sum(map(len, values.values()))} values")


main(*sys.argv[1:])
