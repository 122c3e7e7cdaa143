#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
prometheus_scrape.py FILE: what a real Prometheus has of the recording FILE, after it has scraped

  textfile  node_exporter, whose textfile collector reads our -f prometheus
  direct    our -f openmetrics, as OpenMetrics over HTTP
  broken    the same without its end, which it must refuse: so its silence means something

All that was written must be there, with the same values; quantiles by PromQL must be those of the report
as far as buckets tell. Silent, with status 0, when all is well. Installs and configures nothing: the
servers (tests/lab/deps.sh unit fetches the programs) live in a directory of their own, on free ports.
"""
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as strict_parser

PROGRAM = pathlib.Path(os.environ.get("O", "build")) / "iopftrace"
CACHE = os.environ.get("IOPFTRACE_CACHE") or (
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")) + "/iopftrace"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
DEADLINE = 60  # seconds until something that has to happen must have happened
LEAST_SAMPLES = 150


def find(name):
    program = shutil.which(name, path=f"{os.environ['PATH']}:{CACHE}/tools")
    return program or sys.exit(f"no {name}: tests/lab/deps.sh unit")


def report(file, form):
    return subprocess.run([PROGRAM, "report", file, "-f", form], stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.DEVNULL).stdout.decode()


def until(what, condition, *alive):
    """Waits for a condition, as long as the servers live; what it gives."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if result := condition():
            return result
        for server in alive:
            if server.poll() is not None:
                sys.exit(f"{server.args[0]} ended with {server.returncode}")
        time.sleep(0.1)  # between two looks
    return sys.exit(f"{what}: not within {DEADLINE} s")


def get(url):
    """A JSON answer; None as long as nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read()
    except (urllib.error.URLError, ConnectionError):
        return None
    return json.loads(text) if text[:1] == b"{" else text


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Direct(http.server.BaseHTTPRequestHandler):
    """Serves OpenMetrics, whole and without its end."""
    pages = {}

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", OPENMETRICS)
        self.end_headers()
        self.wfile.write(self.pages[self.path].encode())

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def server(directory, *command):
    """A program in the background, of which nothing is left afterwards."""
    with open(directory / f"{pathlib.Path(command[0]).name}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def configure(directory, exporter, direct):
    """Prometheus' configuration: JSON is YAML."""
    def job(name, port, path):
        return {"job_name": name, "metrics_path": path, "static_configs":
                [{"targets": [f"127.0.0.1:{port}"]}]}

    path = directory / "prometheus.yml"
    path.write_text(json.dumps({
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [job("textfile", exporter, "/metrics"), job("direct", direct, "/metrics"),
                           job("broken", direct, "/broken")],
    }), encoding="utf-8")
    return path


def key(labels, *without):
    """A series' labels; edges of buckets as numbers, since 8 and 8.0 are one."""
    return tuple(sorted((k, float(v) if k == "le" else v) for k, v in labels.items()
                        if k not in without))


class Api:
    """Prometheus' HTTP API."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}/api/v1/"

    def ask(self, what, **parameters):
        answer = get(f"{self.base}{what}?{urllib.parse.urlencode(parameters)}")
        return answer and answer["data"]

    def query(self, text):
        """{labels without job and instance: value} of an instant query."""
        result = {}
        for series in (self.ask("query", query=text) or {"result": ()})["result"]:
            result[key(series["metric"], "job", "instance")] = float(series["value"][1])
        return result

    def number(self, text):
        result = self.query(text)
        assert len(result) == 1, f"{text}: {result}"
        return next(iter(result.values()))


def written(families):
    """What was written, as the API shows it."""
    return {key({**s.labels, "__name__": s.name}): s.value
            for family in families for s in family.samples}


def check_samples(api, job, want):
    got = api.query(f'{{__name__=~"iopftrace_.+",job="{job}"}}')
    for name in got.keys() | want.keys():
        assert got.get(name) == want.get(name), f"{job}: {name}: {got.get(name)}, not {want.get(name)}"
    assert len(got) >= LEAST_SAMPLES, f"{job}: only {len(got)} samples"


def check_report(api, job, wanted):
    """The report's own numbers, by the queries that people write."""
    for name in "enqueued", "reported", "delivered":
        assert api.number(f'iopftrace_groups_{name}_total{{job="{job}"}}') == wanted["groups"][name]
    verdict = api.query(f'iopftrace_verdict{{job="{job}"}} == 1')
    assert [dict(labels)["verdict"] for labels in verdict] == [wanted["verdict"]], verdict
    for name, stage in wanted["stages"].items():
        series = f'{{job="{job}",stage="{name}"}}'
        assert api.number(f"iopftrace_stage_seconds_count{series}") == stage["count"]
        mean = api.number(f"iopftrace_stage_seconds_sum{series}/iopftrace_stage_seconds_count{series}")
        assert abs(mean * 1e9 - stage["mean_ns"]) <= 1 + stage["mean_ns"] * 1e-9, (name, mean)
        for percent, right in stage["percentiles"].items():
            query = f"histogram_quantile({float(percent) / 100}, iopftrace_stage_seconds_bucket{series})"
            told = api.number(query) * 1e9
            # Buckets are an octave wide, the first from 0 on; beyond the last their edge is told.
            assert right / 2.05 <= told <= max(right * 2.05, 2**-20 * 1e9) or told == 8e9 < right, (
                f"{query}: {told}, not {right}")


def check_exemplars(api, wanted):
    """The slowest group is the exemplar of its bucket."""
    data = api.ask("query_exemplars", query="iopftrace_stage_seconds_bucket", start=0, end=2**32)
    told = {e["labels"]["grpid"]: float(e["value"]) for series in data for e in series["exemplars"]}
    slowest = wanted["slowest"][0]
    right = slowest["stages_ns"]["total"] / 1e9
    assert abs(told[str(slowest["grpid"])] - right) <= right * 1e-9, (told, slowest)


def scrape(file, directory, direct):
    (directory / "text").mkdir()
    (directory / "text/iopftrace.prom").write_text(report(file, "prometheus"), encoding="utf-8")
    openmetrics = report(file, "openmetrics")
    Direct.pages = {"/metrics": openmetrics, "/broken": openmetrics.replace("# EOF\n", "")}
    exporter_port, port = free_port(), free_port()
    api = Api(port)
    with server(directory, find("prometheus-node-exporter"), "--collector.disable-defaults",
                "--collector.textfile", f"--collector.textfile.directory={directory}/text",
                f"--web.listen-address=127.0.0.1:{exporter_port}") as exporter, \
         server(directory, find("prometheus"), f"--storage.tsdb.path={directory}/data",
                f"--config.file={configure(directory, exporter_port, direct)}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--enable-feature=exemplar-storage") as prometheus:
        alive = exporter, prometheus
        for job in "textfile", "direct":
            until(f"metrics of {job}",
                  lambda job=job: api.query(f'iopftrace_complete{{job="{job}"}}'), *alive)
        wanted = json.loads(report(file, "json"))
        check_samples(api, "textfile", written(text_parser.text_string_to_metric_families(
            report(file, "prometheus"))))
        check_samples(api, "direct", written(strict_parser.text_string_to_metric_families(openmetrics)))
        check_report(api, "textfile", wanted)
        check_report(api, "direct", wanted)
        check_exemplars(api, wanted)
        until("a refusal of what is broken", lambda: api.query('up{job="broken"} == 0'), *alive)
        assert not api.query('iopftrace_complete{job="broken"}'), "what is broken was taken"
        assert api.number('node_textfile_scrape_error{job="textfile"}') == 0


def main(file):
    direct = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Direct)
    threading.Thread(target=direct.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as directory:
        scrape(file, pathlib.Path(directory), direct.server_port)


main(*sys.argv[1:])
