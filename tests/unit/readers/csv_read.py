#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What Python's csv module makes of files: one JSON array of rows, each an array of fields, a line
a file. Fails when a file is not UTF-8, or its rows differ in length."""
import csv
import json
import sys

for name in sys.argv[1:]:
    with open(name, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    if {len(row) for row in rows} != {len(rows[0])}:
        sys.exit(f"{name}: not a table")
    print(json.dumps(rows))
