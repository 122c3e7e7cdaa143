#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""
schema_check.py DIR: what iopftrace wrote, against docs/schema, by a validator that others wrote
(Debian's python3-jsonschema, hence Debian's python3). DIR has KIND-*.json, a value a line or a file, for
each schema docs/schema/KIND.json. Silent, with status 0, when all is well:

- every value is valid, and has no name that its schema does not describe;
- every name that is described was seen;
- a value that lacks a name, or has a time with a fraction, as a text or below 0, is not valid: this is
  tried for each name, so that a schema which demands too little is found;
- a name that is added is no error: only the first of these checks minds.
"""
import copy
import decimal
import json
import pathlib
import sys

import jsonschema

SCHEMAS = pathlib.Path(__file__).parents[2] / "docs/schema"
# names that are not always there, and numbers that need not be whole or may be below 0
OPTIONAL = {
    "violation": {"group/reader", "group/writer", "journey/task"},
    "report": {"by", "series", "selection", "times_left_out"} | {
        f"by/{key}" for key in ("device", "dev_id", "pasid", "process", "tgid", "code", "fault_id",
                                "fault_nr")},
    "diff": {f"fail_on/{key}" for key in ("base", "new", "base_ns", "new_ns")},
}
# described with what it shares a schema with, and not written there
ELSEWHERE = {f"series/stages/{stage}/histogram"
             for stage in ("total", "route", "wait", "service", "ack")}
MAPS = {"percentiles", "counts"}  # objects whose names are values
FRACTIONS = {"share", "value", "percent", "confidence"}
SIGNED = {"ret", "fd", "difference", "difference_ns", "low_ns", "high_ns", "percent"}
SIGNED_IN = {"fail_on"}  # what has no sign elsewhere


def load(path):
    """The values of a file. 5.0 stays apart from 5, which the validator holds to be the same."""
    text = path.read_text(encoding="utf-8")
    parse = lambda part: json.loads(part, parse_float=decimal.Decimal, parse_constant=sys.exit)
    if path.name.startswith(("event", "journey")):
        return [parse(line) for line in text.splitlines()]
    return [parse(text)]


def closed(schema):
    """The same schema, but objects have no other names than those it describes."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(value) for key, value in schema.items()}
    if "object" in schema.get("type", ()) and "additionalProperties" not in schema:
        # Slow, and needed only where names of the same object are described in several places.
        several = "if" in schema and "$defs" in schema
        schema["unevaluatedProperties" if several else "additionalProperties"] = False
    return schema


def described(schema, root, path=""):
    """The paths of all names that a schema describes; elements of arrays have none of their own."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        yield from described(root["$defs"][schema["$ref"].split("/")[-1]], root, path)
    for key, value in schema.get("properties", {}).items():
        yield path + key
        yield from described(value, root, f"{path}{key}/")
    for part in schema.get("allOf", []) + schema.get("anyOf", []) + schema.get("oneOf", []):
        yield from described(part, root, path)
    for key in "items", "then", "else":
        yield from described(schema.get(key), root, path)


def members(value, path=""):
    """All members of all objects in a value: the object, the key, the path as above."""
    if isinstance(value, list):
        for element in value:
            yield from members(element, path)
    elif isinstance(value, dict):
        for key in list(value):
            yield value, key, path + key
            yield from members(value[key], f"{path}{key}/")


def in_map(path):
    """Whether the last name of a path is a value."""
    return len(path.split("/")) > 1 and path.split("/")[-2] in MAPS


def spoilt(path, number):
    """What may not stand in place of a number."""
    key = path.split("/")[-1]
    yield str(number)
    if key not in FRACTIONS:
        yield decimal.Decimal(number) + decimal.Decimal("0.5")
        yield decimal.Decimal(f"{number}.0")
    if key not in SIGNED and path.split("/")[0] not in SIGNED_IN:
        yield -1 - number


def expect_invalid(validator, value, what):
    if validator.is_valid(value):
        sys.exit(f"{validator.schema['title']}: valid, though {what}")


def break_it(kind, validator, value, tried):
    """Breaks a value in every way that its schema has to notice; each name once, and once as null."""
    value = copy.deepcopy(value)
    event = value.get("event", "")
    for holder, key, path in members(value):
        attempt = event, path, holder[key] is None
        if attempt in tried:
            continue
        tried.add(attempt)
        kept = holder.pop(key)
        fine = path in OPTIONAL.get(kind, ()) or in_map(path)
        # An exit has no fields that could be missing.
        if not fine and (event, path) != ("exit", "malformed_size"):
            expect_invalid(validator, value, f"{path} is missing")
        if isinstance(kept, (int, decimal.Decimal)) and not isinstance(kept, bool):
            for bad in spoilt(path, kept):
                holder[key] = bad
                expect_invalid(validator, value, f"{path} is {bad!r}")
        holder[key] = kept


def add_names(value):
    """A name more in each object that is no map."""
    for holder in [holder for holder, key, path in members(value) if not in_map(path)]:
        holder["something_new"] = {"of any": "kind"}


def check(kind, files):
    schema = json.loads((SCHEMAS / f"{kind}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    strict = jsonschema.Draft202012Validator(closed(schema))
    seen, tried = set(), set()
    for path in files:
        for value in load(path):
            for error in strict.iter_errors(value):
                sys.exit(f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message:.300}")
            assert validator.is_valid(value), path
            seen |= {name for _, _, name in members(value)}
            # Long ones take long, and are no different.
            if len(json.dumps(value, default=str)) < 20000:
                break_it(kind, validator, value, tried)
    for name in set(described(schema, schema)) - seen - ELSEWHERE:
        sys.exit(f"docs/schema/{kind}.json: {name} is nowhere to be seen")
    add_names(value)
    assert validator.is_valid(value), f"{kind}: names may not be added"
    expect_invalid(strict, value, "names were added (the strict schema)")
    if len(tried) < len(seen) / 2:
        sys.exit(f"{kind}: only {len(tried)} of {len(seen)} names were broken")


def main(directory):
    for schema in sorted(SCHEMAS.glob("*.json")):
        files = sorted(pathlib.Path(directory).glob(f"{schema.stem}-*.json"))
        if not files:
            sys.exit(f"nothing to hold against {schema}")
        check(schema.stem, files)


main(*sys.argv[1:])
