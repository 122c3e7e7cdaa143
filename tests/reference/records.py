# SPDX-License-Identifier: GPL-2.0-only
"""The records of include/iopftrace/event.h: to bytes, from bytes, and for a person to read."""

import struct
from types import SimpleNamespace

REPORT, ENQUEUE, PAGES, READ, READ_MORE, RESPONSE, WRITE, DRIVER = range(1, 9)
AUTO, DESTROY, QREMOVE, DISCARD, ALLOC, RELEASE, TASK, DEVICE = range(9, 17)
FORK, EXIT, ATTACH, WAITING, WALKED, INSIDE, WRITTEN = range(17, 24)

CTX_REPORT, CTX_READ, CTX_WRITE, CTX_AUTO = 1, 2, 4, 8
CTX_DESTROY, CTX_QREMOVE, CTX_RESPONSE = 16, 32, 64

PROBES = ("REPORT_ENTRY REPORT_EXIT ENQUEUE READ_ENTRY READ_EXIT WRITE_ENTRY WRITE_EXIT RESPONSE "
          "DRIVER AUTO_ENTRY AUTO_EXIT DESTROY_ENTRY DESTROY_EXIT QREMOVE_ENTRY QREMOVE_EXIT "
          "DISCARD ALLOC RELEASE ATTACH SVA PROCESS WALK INSIDE").split()
PROBE = {name: i for i, name in enumerate(PROBES)}
MISSED_SLOTS = 32  # of the frame, so that more probes need no new frame

PASID_VALID, LAST_PAGE = 1, 2
SEEN_QUEUED, SEEN_SVA, SEEN_ANSWERED, SEEN_UNTOLD = 1, 2, 4, 8
RESPONSE_UNTOLD, RESPONSE_COMPARED = 1, 2
DRIVER_OTHER = 1
ALONE = 1
UNREADABLE, NOT_EMPTY, STILL_HELD = 1, 2, 4
WAIT_DELIVERED, WAIT_END, WAIT_NAMED, WALKED_CUT = 1, 2, 4, 256

NOTE, WARN, ERROR = "note", "warn", "error"

HEADER = struct.Struct("<QQHHIII")
FAULT = struct.Struct("<IIIIIIQII")
PAGE = struct.Struct("<QII")
ANSWER = struct.Struct("<II")

NO_FAULT = bytes(FAULT.size)

# name, format, fields, (name and format and slots of an array at the end)
LAYOUT = {
    REPORT: ("REPORT", "<QQQIIIIiI", "report_ns dev addr pasid grpid perm flags ret seen", None),
    ENQUEUE: ("ENQUEUE", "<QQQQQQIIIIIIII",
              "report_ns group object handle dev addr object_id dev_id pasid grpid perm flags "
              "pages order", None),
    PAGES: ("PAGES", "<QII", "group first nr", ("page", PAGE, 16)),
    READ: ("READ", "<QQQqII", "enter_ns object count ret object_id flags", ("fault", FAULT, 1)),
    READ_MORE: ("READ_MORE", "<QQIHH", "object seq_of_read first nr flags", ("fault", FAULT, 16)),
    RESPONSE: ("RESPONSE", "<QQQQQQIIIIHHI",
               "response_ns ack_ns caller_ns group object dev cookie code pasid grpid "
               "driver_calls flags driver_code", None),
    WRITE: ("WRITE", "<QQQqIIIHH", "enter_ns object count ret object_id answered first nr flags",
            ("answer", ANSWER, 16)),
    DRIVER: ("DRIVER", "<QQIIII", "group dev pasid grpid code flags", None),
    AUTO: ("AUTO", "<QQQII", "enter_ns object handle answered object_id", None),
    DESTROY: ("DESTROY", "<QQII", "enter_ns object answered object_id", None),
    QREMOVE: ("QREMOVE", "<QQQ", "enter_ns queue dev", None),
    DISCARD: ("DISCARD", "<Q", "queue", None),
    ALLOC: ("ALLOC", "<QIiiI", "object object_id fd ret reserved", None),
    RELEASE: ("RELEASE", "<QII", "object object_id reserved", None),
    TASK: ("TASK", "<16s", "comm", None),
    DEVICE: ("DEVICE", "<Q32s", "dev name", None),
    FORK: ("FORK", "<II", "child_tgid child_tid", None),
    EXIT: ("EXIT", "<", "", None),
    ATTACH: ("ATTACH", "<Q", "handle", None),
    WAITING: ("WAITING", "<QQQQQIIIIIIIIII",
              "group object handle dev addr object_id dev_id pasid grpid perm flags pages cookie "
              "waiting reserved", None),
    WALKED: ("WALKED", "<QQIIII", "enter_ns object object_id queued delivered waiting", None),
    INSIDE: ("INSIDE", "<QQ", "enter_ns object", None),
    WRITTEN: ("WRITTEN", "<QQQIIIIII",
              "enter_ns object group index cookie code group_cookie status reserved", None),
}
NAME = {t: row[0] for t, row in LAYOUT.items()}
BODY = {t: struct.Struct(row[1]) for t, row in LAYOUT.items()}
FIELDS = {t: tuple(row[2].split()) for t, row in LAYOUT.items()}
ARRAY = {t: row[3] for t, row in LAYOUT.items()}
SIZE = {t: HEADER.size + BODY[t].size + (ARRAY[t][1].size * ARRAY[t][2] if ARRAY[t] else 0)
        for t in LAYOUT}


def pack(seq, rec):
    """rec: (type, time_ns, context, tgid, tid, body bytes)."""
    kind, time, context, tgid, tid, body = rec
    return HEADER.pack(seq, time, kind, 32 + len(body), context, tgid, tid) + body


def body(kind, *values):
    return BODY[kind].pack(*values)


def array(kind, items):
    """The array at the end of a record, filled up with zeros."""
    _, fmt, slots = ARRAY[kind]
    data = b"".join(fmt.pack(*item) for item in items)
    return data + bytes(fmt.size * slots - len(data))


def unpack(data, offset=0):
    """A record as an object with the names of event.h; the array is a list of tuples."""
    r = SimpleNamespace()
    (r.seq, r.time_ns, r.type, r.size, r.context, r.tgid, r.tid) = HEADER.unpack_from(data, offset)
    kind = r.type
    fmt = BODY[kind]
    r.__dict__.update(zip(FIELDS[kind], fmt.unpack_from(data, offset + 32)))
    if ARRAY[kind]:
        name, item, slots = ARRAY[kind]
        used = 1 if kind == READ else r.nr
        at = offset + 32 + fmt.size
        r.__dict__[name] = [item.unpack_from(data, at + i * item.size)
                            for i in range(min(used, slots))]
    return r


def records(data):
    offset, end = 0, len(data)
    while offset < end:
        r = unpack(data, offset)
        offset += r.size
        yield r


# struct frame of judge.c
FRAME = struct.Struct("<IIQQQIIQ3Q4Q%dQ" % MISSED_SLOTS)
FRAME_MAGIC = 0x46504F49


class Run:
    """What records do not say: struct iopf_run, and the options."""

    def __init__(self):
        self.start_ns = self.end_ns = 0
        self.absent = 0
        self.cut = False
        self.lost = [0, 0, 0]
        self.missed = [0] * len(PROBES)
        self.deadline = {"answer": 0, "read": 0, "partial": 0, "call": 0}
        self.min_groups = 0
        self.empty_reads = 0

    def frame(self, data):
        d = self.deadline
        missed = self.missed + [0] * (MISSED_SLOTS - len(self.missed))
        return FRAME.pack(FRAME_MAGIC, int(self.cut), len(data), self.start_ns, self.end_ns,
                  self.absent, self.empty_reads, self.min_groups, *self.lost, d["answer"], d["read"],
                          d["partial"], d["call"], *missed) + data


CONTEXT = ("report", "read", "write", "auto", "destroy", "qremove", "response")


def dump(data, base=0):
    """One line for each record, times from the first one."""
    lines = []
    for r in records(data):
        base = base or r.time_ns
        context = "|".join(n for i, n in enumerate(CONTEXT) if r.context >> i & 1)
        words = ["%4d %8d %-9s %5d/%-5d %-14s" % (r.seq, r.time_ns - base, NAME[r.type], r.tgid,
                                                  r.tid, context)]
        for name in FIELDS[r.type]:
            value = getattr(r, name)
            if name.endswith("_ns"):
                value = value - base if value else "-"
            elif name in ("group", "object", "handle", "dev", "addr", "queue"):
                value = "%x" % value
            elif isinstance(value, bytes):
                value = value.rstrip(b"\0").decode("ascii", "replace")
            words.append("%s=%s" % (name, value))
        if ARRAY[r.type]:
            for item in getattr(r, ARRAY[r.type][0]):
                words.append("\n" + " " * 24 + describe(r.type, item))
        lines.append(" ".join(words))
    return "\n".join(lines)


def describe(kind, item):
    if kind in (READ, READ_MORE):
        names = "flags dev_id pasid grpid perm reserved addr length cookie".split()
        return " ".join("%s=%s" % (n, "%x" % v if n == "addr" else v) for n, v in zip(names, item))
    if kind == PAGES:
        return "addr=%x perm=%d flags=%d" % item
    return "cookie=%d code=%d" % item
