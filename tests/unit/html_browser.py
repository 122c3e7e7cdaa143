#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""html_browser.py DIR: shows every page in DIR to a browser that runs without a screen.

The browser must find nothing to complain about, and every number of its document that says where it is
in the JSON report beside the page (data-key) must be that. Silent when all is well. A page that is spoilt
on purpose is shown, too: if the browser does not complain about that, its silence means nothing.
"""
import html.parser
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Pages have about 150, the one with findings more.
LEAST_NUMBERS = 100


class Document(html.parser.HTMLParser):
    """What a browser made of a page: numbers by their place, scripts."""

    def __init__(self):
        super().__init__()
        self.numbers = []
        self.scripts = 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.scripts += tag == "script"
        if "data-key" in attrs:
            self.numbers.append((attrs["data-key"], attrs["data-value"]))


def browse(browser, page, profile):
    """The document as the browser has it, and its complaints."""
    run = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", "--disable-extensions", f"--user-data-dir={profile}",
         "--enable-logging=stderr", "--dump-dom", page.resolve().as_uri()],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=180, check=False)
    if run.returncode:
        sys.exit(f"{browser} ended with {run.returncode}: "
                 f"{run.stderr.decode(errors='replace')[-500:]}")
    told = run.stderr.decode(errors="replace").splitlines()
    document = Document()
    document.feed(run.stdout.decode())
    return document, [line for line in told if "CONSOLE" in line]


def at(value, path):
    """What is at a path with slashes."""
    for part in path.split("/"):
        value = value[int(part) if isinstance(value, list) else part]
    return value


def is_same(value, shown):
    """Whether what is shown is the value."""
    if value is None:
        return shown == "null"
    return str(value) == shown or isinstance(value, float) and value == float(shown)


def check(browser, page, profile):
    """Complaints about one page."""
    document, complaints = browse(browser, page, profile)
    report = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    if len(document.numbers) < LEAST_NUMBERS:
        complaints.append(f"only {len(document.numbers)} numbers")
    if document.scripts:
        complaints.append("there is a script in it")
    for key, shown in document.numbers:
        if not is_same(at(report, key), shown):
            complaints.append(f"{key} is {at(report, key)}, but shown as {shown}")
    return complaints


def main():
    """Exit status 1 when a page is not as it should be."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    pages = sorted(pathlib.Path(sys.argv[1]).glob("*.html"))
    failed = False

    if not browser:
        sys.exit("no browser to read the page: apt-get install chromium")
    if not pages:
        sys.exit("no pages")
    with tempfile.TemporaryDirectory() as profile:
        for page in pages:
            for complaint in check(browser, page, profile):
                print(f"{page.name}: {complaint}", file=sys.stderr)
                failed = True
        spoilt = pathlib.Path(profile) / "spoilt.html"
        spoilt.write_text(pages[0].read_text(encoding="utf-8").replace(
            "<body>", "<body><script>alert(1)</script>"), encoding="utf-8")
        if not browse(browser, spoilt, profile)[1]:
            print("the browser does not complain about a script", file=sys.stderr)
            failed = True
    sys.exit(failed)


main()
