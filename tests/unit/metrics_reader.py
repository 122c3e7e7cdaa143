#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Reads what -f openmetrics and -f prometheus wrote, with the readers of Prometheus' own client library
(Debian's python3-prometheus-client, hence Debian's python3). The exit status is 0 if all is well.

  accept FILE...                     OpenMetrics that the strict parser takes
  reject FILE                        and that it no longer takes when one thing in it is broken
  same JSON OPENMETRICS PROMETHEUS   the same report, three times
"""
import json
import re
import sys

from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as strict_parser

# what is broken: pattern, what it becomes, what the parser says to it
BROKEN = (
    (r"# EOF\n$", "", "Missing # EOF"),
    (r"(# UNIT iopftrace_duration_seconds) seconds", r"\1 minutes", "Unit does not match"),
    (r'\n\S+_bucket{stage="wait",le="\+Inf"}.*', "", "+Inf bucket missing"),
    (r'(le="8\.0"}) \d+', r"\1 0", "Bucket values out of order"),
)

COUNTS = {
    "iopftrace_groups_reported_total": ("groups", "reported"),
    "iopftrace_groups_enqueued_total": ("groups", "enqueued"),
    "iopftrace_groups_delivered_total": ("groups", "delivered"),
    "iopftrace_groups_outstanding": ("groups", "outstanding"),
    "iopftrace_groups_outstanding_max": ("groups", "outstanding_max"),
    "iopftrace_groups_adopted_total": ("groups", "adopted"),
    "iopftrace_groups_unknown_total": ("groups", "unknown"),
    "iopftrace_pages_total": ("groups", "pages"),
    "iopftrace_requests_partial_total": ("groups", "partial"),
    "iopftrace_requests_refused_total": ("groups", "refused"),
    "iopftrace_responses_rejected_total": ("responses", "rejected"),
    "iopftrace_lost_events_total": ("lost", "events"),
    "iopftrace_probe_misses_total": ("lost", "probe_misses"),
    "iopftrace_probe_misses_made_good_total": ("lost", "probe_misses_made_good"),
    "iopftrace_complete": ("complete",),
    "iopftrace_exit_code": ("exit_code",),
    "iopftrace_rules_checked": ("rules_checked",),
}


def load(name):
    with open(name, encoding="utf-8", newline="") as f:
        return f.read()


def strict(text):
    return list(strict_parser.text_string_to_metric_families(text))


def samples(families):
    """{(name, labels): value}; a series that is there twice is an error."""
    result = {}
    for family in families:
        for s in family.samples:
            key = (s.name, *sorted(s.labels.items()))
            assert key not in result, f"{key} is there twice"
            result[key] = s.value
    return result


def reject(text):
    strict(text)
    for pattern, becomes, says in BROKEN:
        broken, n = re.subn(pattern, becomes, text, count=1)
        assert n == 1, f"nothing to break by {pattern}"
        try:
            strict(broken)
        except ValueError as error:
            assert says in str(error), f"{pattern}: {error}"
        else:
            raise AssertionError(f"the parser does not mind {pattern}")


def expected(report):
    """What a report in JSON is as samples, but for the buckets."""
    result = {}
    for name, path in COUNTS.items():
        value = report
        for step in path:
            value = value[step]
        result[name,] = float(value or 0)
    for by, n in report["groups"]["answered_by"].items():
        result["iopftrace_groups_answered_total", ("responder", by)] = n
    for code in "success", "invalid", "failure":
        result["iopftrace_responses_total", ("code", code)] = report["responses"][code]
    for reason in "ring_full", "context_full", "pages_walk":
        result["iopftrace_lost_events_by_reason_total", ("reason", reason)] = report["lost"][reason]
    for verdict in "pass", "violation", "inconclusive":
        result["iopftrace_verdict", ("verdict", verdict)] = float(report["verdict"] == verdict)
    for because in "pass", "violation", "assertion", "inconclusive", "command":
        result["iopftrace_exit_because", ("because", because)] = float(report["exit_because"] == because)
    for f in report["findings"]:
        name = "unproven_findings" if f["unproven"] else "findings"
        labels = ("rule", f["rule"]), ("severity", f["severity_if_proven"])
        result[f"iopftrace_{name}_total", *labels] = f["count"]
    for stage, s in report["stages"].items():
        result["iopftrace_stage_negative_total", ("stage", stage)] = s["negative"]
        result["iopftrace_stage_seconds_count", ("stage", stage)] = s["count"]
    result["iopftrace_build_info", ("kernel", report["kernel"]),
           ("version", report["version"])] = 1
    # of whole numbers, so that it is rounded once, as the decimals are when they are read
    result["iopftrace_running",] = 0
    result["iopftrace_duration_seconds",] = report["duration_ns"] / 10**9
    if report["start_realtime_ns"]:
        result["iopftrace_start_time_seconds",] = report["start_realtime_ns"] / 10**9
    return result


def check_stages(got, report):
    """Sums and buckets, which JSON has in other words; takes them out."""
    for stage, s in report["stages"].items():
        total = got.pop(("iopftrace_stage_seconds_sum", ("stage", stage)))
        mean = (s["mean_ns"] or 0) * s["count"] / 1e9
        assert mean <= total * (1 + 1e-12), (stage, mean, total)
        assert total <= mean + s["count"] / 1e9 + total * 1e-12, (stage, mean, total)
        buckets = [key for key in got if key[0] == "iopftrace_stage_seconds_bucket"
                   and ("stage", stage) in key]
        assert len(buckets) == 25, buckets
        for key in buckets:
            ns = float(dict(key[1:])["le"]) * 1e9
            least = sum(n for lo, hi, n in s["histogram"] if hi <= ns)
            most = sum(n for lo, hi, n in s["histogram"] if lo <= ns)
            assert least <= got.pop(key) <= most, key


def same(report, openmetrics, prometheus):
    got = samples(openmetrics)
    assert got == samples(prometheus), "the two formats differ"
    check_stages(got, report)
    want = expected(report)
    for key in got.keys() | want.keys():
        assert got.get(key) == want.get(key), f"{key}: {got.get(key)}, not {want.get(key)}"


def main(what, *names):
    texts = [load(name) for name in names]
    if what == "accept":
        for text in texts:
            samples(strict(text))
    elif what == "reject":
        reject(*texts)
    elif what == "same":
        same(json.loads(texts[0]), strict(texts[1]),
             text_parser.text_string_to_metric_families(texts[2]))
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
