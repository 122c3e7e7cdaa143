#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Holds the engine against the reference checker, on random histories.

  differential.py [-n HISTORIES] [--first SEED] [-j JOBS] [--judge PROGRAM] [--show N] [--tap]
  differential.py --mutants          a table: of the bugs put in, how many the engine names
  differential.py --seed SEED        one history: the records, and what both say

A seed gives a history without fault, or one in which the kernel, user space or a device
misbehaves. What both checkers say of it must agree. Then a part of it is taken away, as if records
had been lost or probes missed: the engine must not find in the rest what is not in the whole.
Ends with status 1 if any history fails.
"""

import argparse
import copy
import json
import multiprocessing
import os
import random
import struct
import subprocess
import sys
import time
from collections import Counter, defaultdict

sys.dont_write_bytecode = True  # nothing is to be left in the source tree

import checker
import mutants
import records as R
import simulator

# Rules whose findings are counted one by one; of the others it is only said whether there are any.
COUNTED = (2, 7, 13, 14, 15, 18, 22, 23, 28, 33)

PROBE_OF = {R.REPORT: "REPORT_EXIT", R.ENQUEUE: "ENQUEUE", R.READ: "READ_EXIT",
            R.RESPONSE: "RESPONSE", R.WRITE: "WRITE_EXIT", R.DRIVER: "DRIVER",
            R.AUTO: "AUTO_EXIT", R.DESTROY: "DESTROY_EXIT", R.QREMOVE: "QREMOVE_EXIT",
            R.DISCARD: "DISCARD", R.ALLOC: "ALLOC", R.RELEASE: "RELEASE", R.ATTACH: "ATTACH"}
BELONGS = {R.PAGES: R.ENQUEUE, R.READ_MORE: R.READ}  # to the record before


class JudgeEnded(Exception):
    """Not SystemExit: a worker that exits is replaced, and the pool waits for its share for ever."""


class Judge:
    """build/judge: one process, many histories."""

    def __init__(self, program, *options):
        self.process = subprocess.Popen([program, *options], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def ask(self, data, run):
        try:
            self.process.stdin.write(run.frame(data))
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            raise JudgeEnded("judge ended with status %s" % self.process.wait())
        said = json.loads(line)
        said["proven"] = Counter()
        said["unproven"] = Counter()
        for rule, severity, count, unproven in said["findings"]:
            said["unproven" if unproven else "proven"][(rule, severity)] += count
        return said

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def history(seed):
    """(name of the bug or None, records, run); the bug is None if it found no occasion."""
    if seed % 5 < 3:
        sim = simulator.Sim(seed)
        data, run = sim.run()
        return None, data, run
    names = list(mutants.MUTANTS)
    name = names[seed // 5 % len(names)]
    sim = simulator.Sim(seed, *mutants.simulated(name))
    data, run = sim.run()
    return (name if sim.fired else None), data, run


def split(data):
    """The records as (type, bytes)."""
    out, offset = [], 0
    while offset < len(data):
        kind, size = struct.unpack_from("<HH", data, offset + 16)
        out.append((kind, data[offset:offset + size]))
        offset += size
    return out


def lose(rng, data, run):
    """Takes runs of records away and leaves their numbers unused."""
    recs = split(data)
    gone = set()
    for _ in range(rng.choice((1, 1, 2, 3))):
        first = rng.randrange(len(recs))
        gone |= set(range(first, min(len(recs), first + rng.choice((1, 1, 2, 5, 20)))))
    run.lost[0] += len(gone)
    return b"".join(rec for i, (_, rec) in enumerate(recs) if i not in gone), gone


def untold(rec):
    """The REPORT record of a group whose ENQUEUE was missed."""
    e = R.unpack(rec)
    return R.pack(e.seq, (R.REPORT, e.time_ns, R.CTX_REPORT, e.tgid, e.tid,
                          R.body(R.REPORT, e.report_ns, e.dev, e.addr, e.pasid, e.grpid, e.perm,
                                 e.flags, 0, R.SEEN_UNTOLD)))


def miss(rng, data, run):
    """Takes away what a probe would have told, as if it had not run."""
    recs = split(data)
    kinds = sorted({kind for kind, _ in recs if kind in PROBE_OF})
    if not kinds:
        return None, None
    kind = rng.choice(kinds)
    places = [i for i, (k, _) in enumerate(recs) if k == kind]
    chosen = set(rng.sample(places, min(len(places), rng.choice((1, 1, 2, 4, 1000)))))
    out, number, taken = [], {}, False
    for i, (k, rec) in enumerate(recs):
        if i in chosen and kind == R.ENQUEUE and rng.random() < 0.5:
            rec = untold(rec)  # for all that the end of the report knows
            out.append(struct.pack("<Q", len(out)) + rec[8:])
            taken = True
            continue
        if i in chosen or taken and BELONGS.get(k) == kind:
            taken = True
            continue
        if BELONGS.get(k) != kind:
            taken = False
        number[i] = len(out)
        rec = struct.pack("<Q", len(out)) + rec[8:]
        if k == R.READ_MORE:
            of = struct.unpack_from("<Q", rec, 40)[0]
            rec = rec[:40] + struct.pack("<Q", number.get(of, 0)) + rec[48:]
        out.append(rec)
    run.missed[R.PROBE[PROBE_OF[kind]]] += len(chosen)
    return b"".join(out), PROBE_OF[kind]


def name(finding):
    return "IOPF%03d %s" % finding


def compare(must, may, said):
    """What the two disagree about, in words."""
    wrong = []
    proven = said["proven"]
    if said["refused"]:
        wrong.append("the engine refused %d records" % said["refused"])
    for f in sorted(set(must) - set(proven)):
        wrong.append("the reference says %s (%d), the engine does not" % (name(f), must[f]))
    for f in sorted(set(proven) - set(must) - may):
        wrong.append("the engine says %s (%d), the reference does not" % (name(f), proven[f]))
    for f in sorted(set(must) & set(proven) - may):
        if f[0] in COUNTED and must[f] != proven[f]:
            wrong.append("%s: %d of the reference, %d of the engine" % (name(f), must[f],
                                                                       proven[f]))
    if said["unproven"]:
        wrong.append("unproven though no probe was missed: " +
                     ", ".join(map(name, sorted(said["unproven"]))))
    violation = any(severity == R.ERROR for _, severity in proven)
    if violation != (said["verdict"] == "violation"):
        wrong.append("the verdict is %s" % said["verdict"])
    return wrong


def errors(findings):
    return {rule for rule, severity in findings if severity == R.ERROR}


def worse(whole, may, part):
    """What the engine found in a part of a history that is not in all of it."""
    allowed = errors(whole["proven"]) | errors(whole["unproven"])
    # A cookie handed out twice, or taken on another object, looks used up if that was not seen.
    if allowed & {12, 27}:
        allowed.add(4)
    wrong = ["it says %s, which the whole history does not have" % name((rule, R.ERROR))
             for rule in sorted(errors(part["proven"]) - allowed)]
    if part["verdict"] == "violation" and not errors(part["proven"]):
        wrong.append("a violation without a finding")
    if part["verdict"] == "pass":
        wrong.append("it passes, though not all was seen")
    return wrong


def disagree(said):
    """What is wrong if the engine's fast path gives another report than its long way."""
    return [] if said["agrees"] else ["the fast path makes a difference"]


def one(judge, seed):
    """All checks of one seed: (kind of check, what is wrong, records, run) for each."""
    bug, data, run = history(seed)
    must, may = checker.check(data, run)
    whole = judge.ask(data, run)
    results = []
    wrong = compare(must, may, whole) + disagree(whole)
    if seed % 5 < 3:
        for f in sorted(whole["proven"]):
            if f[1] != R.NOTE:
                wrong.append("%s in a history without fault" % name(f))
        results.append(("legal", wrong, data, run))
    else:
        results.append(("bug", wrong, data, run))
    rng = random.Random(seed * 2 + 1)
    run = copy.deepcopy(run)
    if seed & 1:
        part, gone = lose(rng, data, run)
        said = judge.ask(part, run)
        results.append(("loss", worse(whole, may, said) + disagree(said), part, run))
    else:
        part, probe = miss(rng, data, run)
        if part is not None:
            said = judge.ask(part, run)
            results.append(("miss", worse(whole, may, said) + disagree(said), part, run))
    return bug, must, may, whole, results


# --- many of them -----------------------------------------------------------------------------

PROGRAM = None


def work(seeds):
    """A share of the histories: counts, and the first that are wrong."""
    judge = Judge(PROGRAM)
    counts, bad, bugs = Counter(), [], defaultdict(Counter)
    for seed in seeds:
        bug, must, may, whole, results = one(judge, seed)
        counts["records"] += len(split(results[0][2]))
        for kind, wrong, _, _ in results:
            counts[kind] += 1
            if wrong:
                counts[kind + " wrong"] += 1
                bad.append((seed, kind, bug, wrong))
        if bug:
            rule, severity = mutants.MUTANTS[bug][:2]
            bugs[bug]["seeded"] += 1
            bugs[bug]["reference"] += (rule, severity) in must
            bugs[bug]["engine"] += (rule, severity) in whole["proven"]
            bugs[bug]["passed"] += severity == mutants.ERROR and whole["verdict"] == "pass"
    judge.close()
    return counts, bad, dict(bugs)


def shares(seeds, jobs):
    size = max(1, min(200, len(seeds) // (jobs * 4) or 1))
    return [seeds[i:i + size] for i in range(0, len(seeds), size)]


def run_all(seeds, jobs, progress):
    counts, bad, bugs = Counter(), [], defaultdict(Counter)
    done, start = 0, time.time()
    with multiprocessing.Pool(jobs) as pool:
        todo = shares(seeds, jobs)
        for part_counts, part_bad, part_bugs in pool.imap_unordered(work, todo):
            counts += part_counts
            bad += part_bad
            for bug, c in part_bugs.items():
                bugs[bug] += c
            done += 1
            if progress and sys.stderr.isatty():
                sys.stderr.write("\r%d%% of %d histories, %d s, %d wrong " %
                                 (100 * done / len(todo), len(seeds), time.time() - start,
                                  len(bad)))
    if done != len(todo):
        raise SystemExit("only %d of %d shares were done" % (done, len(todo)))
    if progress and sys.stderr.isatty():
        sys.stderr.write("\n")
    return counts, sorted(bad), bugs


def show(seed, program):
    """One history, for a person."""
    judge = Judge(program)
    bug, data, run = history(seed)
    if bug:
        print("bug: %s, of IOPF%03d" % (bug, mutants.MUTANTS[bug][0]))
    _, must, may, whole, results = one(judge, seed)
    print("deadlines: %s; absent: %s" % (run.deadline, [p for i, p in enumerate(R.PROBES)
                                                       if run.absent >> i & 1]))
    print(R.dump(data, run.start_ns))
    print("reference: %s" % {name(f): n for f, n in sorted(must.items())})
    print("     open: %s" % [name(f) for f in sorted(may)])
    print("   engine: %s, doubts %s, %s" % (whole["verdict"], whole["doubts"],
                                 {name(f): n for f, n in sorted(whole["proven"].items())}),
          flush=True)
    evidence = Judge(program, "--cases")
    evidence.ask(data, run)
    for kind, wrong, part, run in results:
        if wrong and kind in ("loss", "miss"):
            print("\n%s:" % kind)
            print(R.dump(part, run.start_ns), flush=True)
            evidence.ask(part, run)
        for w in wrong:
            print("%s: %s" % (kind, w))
    evidence.close()
    judge.close()
    return any(wrong for _, wrong, _, _ in results)


def table(bugs):
    """
    Mutation score: by rule. What passed is what no record tells from a legal history: an order that is not
    known, an answer that was given while another call was under way.
    """
    lines = ["rule     seeded  proven  named  share  passed  mutants"]
    by_rule = defaultdict(list)
    for bug, row in mutants.MUTANTS.items():
        by_rule[row[0]].append(bug)
    for rule in sorted(by_rule):
        total = Counter()
        for bug in by_rule[rule]:
            total += bugs.get(bug, Counter())
        seeded = total["seeded"]
        lines.append("IOPF%03d  %6d  %6d %6d  %4d%%  %6d  %s" % (
            rule, seeded, total["reference"], total["engine"],
            100 * total["engine"] / seeded if seeded else 0, total["passed"],
            ", ".join("%s %d/%d" % (b, bugs[b]["engine"], bugs[b]["seeded"])
                      for b in by_rule[rule])))
    return lines


DOCUMENT = """<!-- Written by make mutants. -->
# Bugs put into histories, and which of them the engine names

`tests/reference` writes random histories of a whole trace: what a kernel, its devices and user space do, and the
records that the probes would make of it. In some it puts a bug, of one of %d kinds (*mutants*). The engine and
the reference checker, which was written from [the rules](rules.md) alone, must find the same in each
(`make differential`). This is how many of %d such histories the engine named, by the rule that is to find the
bug. **Proven** is how often the reference says that the records prove it. **Passed** is how often the verdict was a
pass, for rules that are errors: there nothing tells the history from a legal one. The order in
which two groups were queued is not known, an answer was given while a detach was under way, the buffer that was read
could not be looked at.

| rule | histories | proven | named | passed | mutants, and how many of each were named |
|---|---|---|---|---|---|"""


def document(bugs):
    """The table for people, in Markdown."""
    by_rule = defaultdict(list)
    for bug, row in mutants.MUTANTS.items():
        by_rule[row[0]].append(bug)
    lines = [DOCUMENT % (len(mutants.MUTANTS), sum(b["seeded"] for b in bugs.values()))]
    for rule in sorted(by_rule):
        total = Counter()
        for bug in by_rule[rule]:
            total += bugs.get(bug, Counter())
        lines.append("| IOPF%03d | %d | %d | %d | %d | %s |" % (
            rule, total["seeded"], total["reference"], total["engine"], total["passed"],
            ", ".join("%s %d of %d" % (b, bugs[b]["engine"], bugs[b]["seeded"])
                      for b in by_rule[rule])))
    return lines


KINDS = (("legal", "histories without fault: both find the same, and nothing"),
         ("bug", "histories with a bug: both find the same"),
         ("loss", "records lost: nothing is found that is not in the whole, and nothing passes"),
         ("miss", "probes missed: nothing is proven that is not in the whole"))


def tap(counts, bugs):
    print("1..%d" % (len(KINDS) + 1))
    for i, (kind, what) in enumerate(KINDS, 1):
        wrong = counts[kind + " wrong"]
        print("%sok %d - %d %s" % ("not " if wrong or not counts[kind] else "", i, counts[kind],
                                   what))
        if wrong:
            print("# %d of them wrong" % wrong)
    blind = [b for b in mutants.MUTANTS if bugs[b]["seeded"] and not bugs[b]["engine"]]
    print("%sok %d - %d kinds of bug: each is named" % ("not " if blind else "", len(KINDS) + 1,
                                                         len(bugs)))
    if blind:
        print("# never named: %s" % ", ".join(blind))
    return bool(blind)


def report(bad, program, count, lines):
    for seed, kind, bug, wrong in bad[:lines]:
        print("# seed %d, %s%s: %s" % (seed, kind, ", " + bug if bug else "", "; ".join(wrong)))
    if len(bad) > lines:
        print("# and %d more" % (len(bad) - lines))
    for seed, _, _, _ in bad[:count]:
        print("\nseed %d" % seed)
        show(seed, program)


def main():
    global PROGRAM
    p = argparse.ArgumentParser(description="Holds the engine against the reference checker.")
    p.add_argument("-n", type=int, default=5000, help="histories (%(default)s)")
    p.add_argument("--first", type=int, default=0, help="first seed")
    p.add_argument("-j", type=int, default=os.cpu_count(), help="jobs (%(default)s)")
    p.add_argument("--judge", default=os.path.join(os.environ.get("O", "build"), "judge"))
    p.add_argument("--show", type=int, default=0, help="how many of the wrong to print in full")
    p.add_argument("--list", type=int, default=40, help="how many of the wrong to list")
    p.add_argument("--seed", type=int, help="this history only, in full")
    p.add_argument("--mutants", action="store_true", help="only histories with a bug; a table")
    p.add_argument("--document", action="store_true", help="with --mutants: docs/mutants.md")
    p.add_argument("--tap", action="store_true", help="results as TAP")
    args = p.parse_args()
    PROGRAM = args.judge
    if args.seed is not None:
        return show(args.seed, args.judge)
    seeds = list(range(args.first, args.first + args.n))
    if args.mutants:
        seeds = [s for s in range(args.first, args.first + args.n * 5 // 2) if s % 5 >= 3]
    counts, bad, bugs = run_all(seeds, args.j, not args.tap and not args.document)
    blind = tap(counts, bugs) if args.tap else False
    report(bad, args.judge, args.show, args.list)
    if args.mutants:
        print("\n".join((document if args.document else table)(bugs)))
    elif not args.tap:
        print("%d histories, %d records: %s" % (len(seeds), counts["records"], ", ".join(
            "%d %s (%d wrong)" % (counts[k], k, counts[k + " wrong"]) for k, _ in KINDS)))
    return bool(bad) or blind


if __name__ == "__main__":
    try:
        sys.exit(main())
    except JudgeEnded as e:
        sys.exit(str(e))
