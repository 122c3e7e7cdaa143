#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
formats_same.py DIR: asks the program for each recording DIR/*.data in every format, and holds what
readers of these formats find against the JSON: counts, stages, percentiles (as exactly as the format
can say them), findings, assertions, verdict. Silent, with status 0, when all is well.
"""
import collections
import csv
import html.parser
import io
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

UNIT = pathlib.Path(__file__).parent
PROGRAM = pathlib.Path(os.environ.get("O", "build")) / "iopftrace"
HDR = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", "/usr/share/java/hdrhistogram.jar",
       UNIT / "readers/HdrRead.java"]
STAGES = ("route", "wait", "service", "ack", "total")
PERCENTS = ("50", "90", "99", "99.9")
ASSERTIONS = ("total.p50<1ns", "groups>=1", "outstanding.max>1000000", "IOPF018==0")
WORDS = {"pass": "PASS", "violation": "VIOLATION", "inconclusive": "INCONCLUSIVE"}
ALIASES = {"groups": "groups/enqueued", "outstanding": "groups/outstanding",
           "outstanding.max": "groups/outstanding_max", "pages": "groups/pages",
           "user_answered": "groups/answered_user", "kernel_answered": "groups/answered_kernel",
           "lost": "lost/events"}
UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10, "h": 3.6e12}
# The numbers of slices and calls, of a Perfetto trace: all that is decoded of it.
PROTO = """syntax = "proto3";
message Trace { repeated Packet packet = 1; }
message Packet { TrackEvent track_event = 11; TrackDescriptor track_descriptor = 60; }
message TrackDescriptor { uint64 uuid = 1; string name = 2; }
message TrackEvent { int32 type = 9; uint64 track_uuid = 11; string name = 23; }
"""
checks = collections.Counter()


class Differs(Exception):
    """A number that is not the same."""


def same(what, told, right):
    checks[what.split()[0]] += 1
    if told != right:
        raise Differs(f"{what} is {told!r}, not {right!r}")


def near(what, told, right, share):
    checks[what.split()[0]] += 1
    if abs(told - right) > right * share:
        raise Differs(f"{what} is {told}, not {right}")


def run(*args, status=None):
    """What a program writes. The status of ours is the report's exit code."""
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != (status or 0):
        raise Differs(f"{args[0]}: status {done.returncode}: {done.stderr.decode()[:300]}")
    return done.stdout


def at(report, path):
    for part in path.split("/"):
        report = report[int(part) if isinstance(report, list) else part]
    return report


def rules(report):
    """Cases by rule."""
    cases = collections.Counter()
    for finding in report["findings"]:
        assert not finding["unproven"]
        cases[finding["rule"]] += finding["count"]
    return cases


def check_json(report):
    """What JSON says twice, it says alike."""
    groups = report["groups"]
    same("json answered_user", groups["answered_user"], groups["answered_by"]["user"])
    same("json answered_kernel", groups["answered_kernel"],
         sum(groups["answered_by"].values()) - groups["answered_by"]["user"])
    for name, stage in report["stages"].items():
        same(f"json {name} histogram", sum(n for _, _, n in stage["histogram"]), stage["count"])


def check_csv(report, text):
    cases = rules(report)
    plain = {"run.complete": int(report["complete"]), "run.exit_code": report["exit_code"],
             "run.duration": report["duration_ns"], "findings": sum(cases.values())}
    for metric, key in ALIASES.items():
        plain[metric] = at(report, key)
    for severity in "error", "warn", "note":
        plain[f"findings.{severity}"] = sum(f["count"] for f in report["findings"]
                                            if f["severity"] == severity)
    unchecked = {n["rule"] for n in report["not_checked"] if not n["in_part"]}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        metric, told = row["metric"], int(row["value"]) if row["value"] else None
        first, _, rest = metric.partition(".")
        if metric in plain:
            right = plain[metric]
        elif row["stage"] and row["stat"][0] == "p":
            right = report["stages"][row["stage"]]["percentiles"][row["stat"][1:]]
        elif row["stage"]:
            key = row["stat"] + ("_ns" if row["unit"] == "ns" else "")
            right = report["stages"][row["stage"]][key]
        elif re.fullmatch("IOPF[0-9]{3}", metric):
            right = None if metric in unchecked else cases[metric]
        elif first == "answered_by":
            right = report["groups"][first][rest]
        elif rest and isinstance(report.get(first), dict) and rest in report[first]:
            right = report[first][rest]
        else:
            raise Differs(f"csv has {metric}, which JSON has not")
        same(f"csv {metric}", told, right)


def at_rank(stage, rank):
    """The edges of the bucket that has the value of this rank, from 1."""
    for lo, hi, n in stage["histogram"]:
        rank -= n
        if rank <= 0:
            break
    return lo, hi


def check_hdr(report, line):
    name, *numbers = line.split()[1:]
    begin, end, count, least, mean, most, *percentiles = map(float, numbers)
    stage = report["stages"][name]
    same(f"hdr {name} count", count, stage["count"])
    same(f"hdr {name} duration", end - begin, math.floor(report["duration_ns"] / 1e6 + 0.5))
    if not count:
        return
    near(f"hdr {name} min", least, stage["min_ns"], 0.001)
    near(f"hdr {name} max", most, stage["max_ns"], 0.001)
    near(f"hdr {name} mean", mean, stage["mean_ns"] + 0.5, 0.01 + 0.5 / (stage["mean_ns"] + 0.5))
    for percent, told in zip(PERCENTS, percentiles):
        # Readers round the rank to the nearest: one less, at most, than ours.
        rank = math.ceil(float(percent) * count / 100 - 1e-9)
        if told < at_rank(stage, max(rank - 1, 1))[0] * 0.99 or told > at_rank(stage, rank)[1] * 1.01:
            raise Differs(f"hdr {name} p{percent} is {told}, not {stage['percentiles'][percent]}")


class Page(html.parser.HTMLParser):
    """The numbers of a page: by their place, and as they are shown."""

    def __init__(self):
        super().__init__()
        self.numbers, self.last, self.interval_ns = [], None, None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.interval_ns = attrs.get("data-interval-ns", self.interval_ns)
        self.last = attrs.get("data-key") and [attrs["data-key"], attrs["data-value"], ""]
        if self.last:
            self.numbers.append(self.last)

    def handle_data(self, data):
        if self.last:
            self.last[2] += data

    def handle_endtag(self, tag):
        self.last = None


def check_html(report, text, file):
    page = Page()
    page.feed(text)
    if page.interval_ns:  # which the page has chosen: whoever asks for it gets the same
        timed = run(PROGRAM, "report", file, "-f", "json", "-i", f"{page.interval_ns}ns",
                    status=report["exit_code"] if report["exit_code"] != 2 else 0)
        report = report | {"series": json.loads(timed)["series"]}
        checks["html series"] += 1
    keys = {key for key, _, _ in page.numbers}
    for stage in STAGES:
        assert not report["stages"]["total"]["count"] or f"stages/{stage}/count" in keys
    for key, told, shown in page.numbers:
        right = at(report, key)
        if isinstance(right, float):
            near(f"html {key}", float(told), right, 1e-6)
        else:
            same(f"html {key}", told, "null" if right is None else str(right))
        if re.fullmatch("[0-9,]+", shown) and isinstance(right, int):
            same(f"html {key}, shown", int(shown.replace(",", "")), right)


def count(text):
    return int(text.replace(",", ""))


def shown(what, text, ns):
    """A time as people see it: right to half a unit of its last digit."""
    number, unit = re.fullmatch(r"([0-9.]+)([a-z]+)", text).groups()
    digit = 10.0 ** -len(number.partition(".")[2])
    checks[what.split()[0]] += 1
    if abs(float(number) * UNITS[unit] - ns) > digit * UNITS[unit] * 0.501:
        raise Differs(f"{what} is {text}, not {ns} ns")


def check_text(report, text):
    groups = report["groups"]
    words = " ".join(text.split())
    told = re.search(r"([0-9][0-9,]*) groups? (?:\(([0-9][0-9,]*) pages?\) )?in ", words)
    same("text groups", count(told[1]), groups["enqueued"])
    if told[2]:
        same("text pages", count(told[2]), groups["pages"])
    for name, *cells in re.findall(r"^ (route|wait|service|ack|total) +([0-9][0-9,]*)" + 7 * r" +(\S+)",
                                   text, re.M):
        stage = report["stages"][name]
        times = [stage["min_ns"], stage["mean_ns"], *stage["percentiles"].values(), stage["max_ns"]]
        same(f"text {name} count", count(cells[0]), stage["count"])
        for cell, ns in zip(cells[1:], times):
            shown(f"text {name}", cell, ns)
    for code in "success", "invalid", "failure", "rejected":
        told = re.search(rf"([0-9][0-9,]*) {code}\b", words)
        same(f"text {code}", count(told[1]) if told else 0, report["responses"][code])
    for by in "detach", "destroy", "qremove", "abort":
        told = re.search(rf"[(,] ?([0-9][0-9,]*) {by}\b", words)
        same(f"text {by}", count(told[1]) if told else 0, groups["answered_by"][by])
    told = re.search(r"([0-9][0-9,]*) outstanding(?: \(peak ([0-9][0-9,]*)\))?", words)
    same("text outstanding", count(told[1]) if told else 0, groups["outstanding"])
    found = collections.Counter()
    for rule, n in re.findall(r"(IOPF\d{3}) [\w-]+ \(([0-9][0-9,]*)\)", words):
        found[rule] += count(n)
    for rule, n in re.findall(r"note (IOPF\d{3}) [\w-]+, (once|[0-9][0-9,]* times)", words):
        found[rule] += 1 if n == "once" else count(n.split()[0])
    # one case tells of all of its groups
    for rule, n in re.findall(r"note (IOPF029) [\w-]+: the kernel answered ([0-9]+) groups?:", words):
        found[rule] += int(n)
    same("text findings", found, rules(report))
    same("text assertions", re.findall(r"^ FAILS +(\S+) +it is", text, re.M), failing(report))
    word = "FAIL" if report["exit_because"] == "assertion" else WORDS[report["verdict"]]
    same("text verdict", re.findall(r"^ (PASS|FAIL|VIOLATION|INCONCLUSIVE)  ", text, re.M)[-1], word)


def cases_in(text):
    """Cases by rule, in the stories of tests."""
    found = collections.Counter()
    story = r"(?:NOTE|WARNING|ERROR) +(IOPF\d{3}) \S+ · (once|[0-9][0-9,]* (?:times|groups?))"
    for rule, n in re.findall(story, text):
        found[rule] += 1 if n == "once" else count(n.split()[0])
    return found


def broken(report):
    """The tests that fail: rules that are proven broken."""
    return sorted(f["rule"] for f in report["findings"] if f["severity"] == "error")


def failing(report):
    """The assertions that do not hold, for certain."""
    return [a["expr"] for a in report["assertions"] if not a["holds"] and a["known"]]


def check_junit(report, text):
    root = xml.etree.ElementTree.fromstring(text)
    suite, = root
    cases = suite.findall("testcase")
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    same("junit verdict", properties["verdict"], report["verdict"])
    same("junit exit_code", properties["exit_code"], str(report["exit_code"]))
    same("junit exit_because", properties["exit_because"], report["exit_because"])
    same("junit time", f"{report['duration_ns'] / 1e9:.3f}", f"{float(suite.get('time')):.3f}")
    same("junit tests", int(suite.get("tests")), len(cases))
    failed = [c.get("name") for c in cases if c.find("failure") is not None]
    same("junit failures", int(suite.get("failures")), len(failed))
    same("junit broken", sorted(name[:7] for name in failed if name not in ASSERTIONS), broken(report))
    same("junit assertions", [name for name in failed if name in ASSERTIONS], failing(report))
    skipped = [c.get("name")[:7] for c in cases if c.find("skipped") is not None]
    whole = [n["rule"] for n in report["not_checked"] if not n["in_part"]]
    same("junit skipped", [s for s in skipped if s in whole], whole)
    same("junit findings", cases_in("".join(suite.itertext())), rules(report))


def check_ktap(report, text):
    lines = text.splitlines()
    results = [line for line in lines if re.match("(not )?ok ", line)]
    same("ktap head", lines[0], "KTAP version 1")
    same("ktap plan", lines[1], f"1..{len(results)}")
    failed = [line.split()[3] for line in results
              if line.startswith("not ok") and "# ERROR" not in line]
    same("ktap broken", sorted(f for f in failed if re.fullmatch("IOPF[0-9]{3}", f)), broken(report))
    same("ktap assertions", [f for f in failed if f in ASSERTIONS], failing(report))
    same("ktap findings", cases_in(text), rules(report))
    conclusive = results[0].split("#")[0].strip()
    same("ktap conclusive", conclusive == "ok 1 conclusive", report["verdict"] != "inconclusive")


def check_events(report, file):
    """The events of a recording: in JSON, as CSV and for Perfetto."""
    lines = run(PROGRAM, "trace", file, "-v", "-f", "json", status=code(report)).splitlines()
    events = [json.loads(line) for line in lines]
    kinds = collections.Counter(e["event"] for e in events)
    table = run(PROGRAM, "trace", file, "-v", "-f", "csv", status=code(report)).decode()
    rows = {row["seq"]: row["event"] for row in csv.DictReader(io.StringIO(table, newline=""))}
    same("events csv", collections.Counter(rows.values()), kinds)
    same("events enqueue", kinds["enqueue"], report["groups"]["enqueued"])
    if report["lost"]["gaps"]:
        return
    same("events pages", sum(e["pages"] for e in events if e["event"] == "enqueue"),
         report["groups"]["pages"])
    by = collections.Counter(e["answered_by"] for e in events if e["event"] == "response")
    by["qremove"] += report["groups"]["answered_by"]["qremove"] # told by events of other kinds
    by["abort"] += report["groups"]["answered_by"]["abort"] - by["abort"]
    same("events enqueued", kinds["enqueue"] - report["groups"]["outstanding"],
         report["groups"]["answered_user"] + sum(by[k] for k in ("detach", "destroy", "qremove")))
    same("events user", by["user"], report["groups"]["answered_user"])
    check_perfetto(report, run(PROGRAM, "trace", file, "-f", "perfetto", status=code(report)))


def code(report):
    """The status of 'trace', which does not judge."""
    return 5 if report["lost"]["gaps"] else 0


def check_perfetto(report, trace):
    with tempfile.TemporaryDirectory() as directory:
        (pathlib.Path(directory) / "trace.proto").write_text(PROTO, encoding="utf-8")
        text = subprocess.run(["protoc", f"--proto_path={directory}", "--decode=Trace", "trace.proto"],
                              input=trace, stdout=subprocess.PIPE, check=True).stdout.decode()
    begun = collections.Counter(re.findall(r'type: 1\s+track_uuid: \d+\s+name: "([^"]*)"', text))
    for stage in STAGES[:4]:
        same(f"perfetto {stage}", begun[stage], report["stages"][stage]["count"])


def check_metrics(shows):
    """OpenMetrics and Prometheus have a reader of their own, which has all of the report."""
    with tempfile.TemporaryDirectory() as directory:
        names = []
        for form in "json", "openmetrics", "prometheus":
            names.append(pathlib.Path(directory) / form)
            names[-1].write_bytes(shows[form])
        run(UNIT / "metrics_reader.py", "same", *names)
        checks["metrics"] += 1


def check(file, verb, intervals):
    """One recording: @verb is what the program is asked to do with it."""
    shows = {}
    for form in "json", "csv", "openmetrics", "prometheus", "hdr", "html", "text", "junit", "ktap":
        args = PROGRAM, *verb, "-f", form
        if not shows:
            shows[form] = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                         check=False).stdout
            report = json.loads(shows[form])
        else:
            shows[form] = run(*args, status=report["exit_code"])
    check_json(report)
    check_csv(report, shows["csv"].decode())
    check_html(report, shows["html"].decode(), file)
    check_text(report, shows["text"].decode())
    check_junit(report, shows["junit"].decode())
    check_ktap(report, shows["ktap"].decode())
    check_metrics(shows)
    intervals.append((report, shows["hdr"]))
    if verb[0] == "report":
        check_events(report, file)


def check_limit(file):
    """More intervals than a plot can show are refused, with what would do."""
    done = subprocess.run((PROGRAM, "report", file, "-f", "html", "-i", "1ns"),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    same("status of too many intervals", done.returncode, 3)
    least = re.search("at most 1000 can be shown: use ([0-9a-z]+) or more", done.stderr.decode())
    if not least:
        raise Differs(f"too many intervals: {done.stderr.decode()}")
    done = subprocess.run((PROGRAM, "report", file, "-f", "html", "-i", least[1]),
                          stdout=subprocess.PIPE, check=False)
    if done.returncode == 3 or b"</html>" not in done.stdout:
        raise Differs(f"-i {least[1]} is refused, too")


def check_intervals(intervals):
    """The HdrHistogram logs, at once, as starting Java takes long."""
    with tempfile.TemporaryDirectory() as directory:
        names = [pathlib.Path(directory) / f"{i}.hlog" for i in range(len(intervals))]
        for name, (_, log) in zip(names, intervals):
            name.write_bytes(log)
        lines = run(*HDR, *names).decode().splitlines()
    same("hdr lines", len(lines), len(STAGES) * len(intervals))
    for line in lines:
        check_hdr(intervals[int(line.split()[0])][0], line)


def main(directory):
    intervals = []
    files = sorted(pathlib.Path(directory).glob("*.data"))
    assert files
    for file in files:
        try:
            check(file, ("report", file), intervals)
            check(file, ("check", file, *(f"-a{a}" for a in ASSERTIONS)), [])
        except Differs as what:
            sys.exit(f"{file.stem}: {what}")
    try:
        check_limit(max(files, key=lambda file: file.stat().st_size))
        check_intervals(intervals)
    except Differs as what:
        sys.exit(f"{what}")
    for form in "csv", "html", "text", "junit", "ktap", "hdr", "events", "perfetto", "metrics":
        if checks[form] < len(files) // 2:
            sys.exit(f"{form}: only {checks[form]} comparisons")
    if not checks["html series"]:
        sys.exit("no page has a series")


main(*sys.argv[1:])
