# SPDX-License-Identifier: GPL-2.0-only
"""
The rules of docs/rules.md over a whole history, without loss: plainly, with all of it at hand.

The engine follows records as they come and may never look ahead. This does the opposite: it first
gathers groups, calls and answers from all the records, settles which read delivered which group
with everything that is known in the end, and then judges one rule after the other on the
intervals. What both say must agree.

A finding is (rule, severity). Two sets come out: those that must be found, and those that may be,
where docs/rules.md leaves it open or the evidence is a user's buffer that nothing confirms.
"""

from collections import Counter, defaultdict

import records as R
from records import ERROR, NOTE, WARN

USER, DETACH, DESTROY, QREMOVE, ABORT, UNKNOWN = range(6)
KERNEL = (DETACH, DESTROY, QREMOVE)
CALL_DEFAULT = 10_000_000_000


def responder(context):
    for bit, by in ((R.CTX_WRITE, USER), (R.CTX_AUTO, DETACH), (R.CTX_DESTROY, DESTROY),
                    (R.CTX_QREMOVE, QREMOVE), (R.CTX_REPORT, ABORT)):
        if context & bit:
            return by
    return UNKNOWN


class Group:
    """From ENQUEUE (or from when it was first heard of: adopted) to its answer."""

    def __init__(self, rec, adopted):
        self.seq, self.ptr, self.adopted = rec.seq, rec.group, adopted
        self.ns = rec.time_ns
        self.obj = rec.object
        self.dev, self.grpid, self.pasid = rec.dev, rec.grpid, rec.pasid
        self.handle = getattr(rec, "handle", 0)
        self.rec = rec
        self.page_list = []
        self.answer = None
        self.answer_ns = None
        self.read = None  # which delivered it, as far as is known
        self.cookie = None  # that the read showed
        self.confirmed = False
        self.whole = False
        self.ghost = False
        self.flagged = False  # by IOPF001
        self.unwritten = False  # given an answer that was written for another cookie

    @property
    def by(self):
        return self.answer.by if self.answer else None

    @property
    def timed(self):
        """Whether it is known when it was answered, or that it was not."""
        return self.answer is None or getattr(self.answer, "response_ns", 1) != 0

    def perhaps_at(self, ns):
        """Whether it may have been outstanding at a moment."""
        return self.answer_ns is None or self.answer_ns >= ns

    def open_at(self, ns):
        if not self.timed:
            return False
        return self.answer_ns is None or self.answer_ns > ns


class Life:
    """One incarnation of a fault object."""

    def __init__(self, ptr, seq, whole):
        self.ptr, self.seq, self.whole = ptr, seq, whole
        self.groups, self.reads, self.writes = [], [], []
        self.release = self.destroy = None
        self.end_seq = None


class Segment:
    """The records of a read that belong together, up to one with LAST_PAGE."""

    def __init__(self, read, faults, at):
        self.read, self.faults, self.at = read, faults, at
        self.last = faults[-1]
        self.complete = bool(self.last[0] & R.LAST_PAGE)
        self.cookie = self.last[8]
        self.group = None

    def key(self):
        flags, dev_id, pasid, grpid, _, _, addr, _, _ = self.last
        return (dev_id, pasid if flags & R.PASID_VALID else None, grpid, addr)


def group_key(g):
    r = g.rec
    return (r.dev_id, r.pasid if r.flags & R.PASID_VALID else None, r.grpid, r.addr)


class Checker:
    def __init__(self, data, run):
        self.recs = list(R.records(data))
        self.run = run
        self.must = Counter()
        self.may = set()
        self.groups = []
        self.lives = []
        self.life_of = {}  # by address, the one alive
        self.current = {}  # by pointer
        self.displaced = {}
        self.gone = []  # groups whose memory is another's, and which had no answer by then
        self.lates = Counter()  # by life and cookie: answers that came late
        self.answers = []
        self.more = defaultdict(list)

    def found(self, rule, severity, count=1):
        self.must[(rule, severity)] += count

    def maybe(self, rule, *severities):
        for severity in severities:
            self.may.add((rule, severity))

    # --- gathering ----------------------------------------------------------------------------

    def life(self, ptr, seq):
        life = self.life_of.get(ptr)
        if life is None and ptr:
            life = self.life_of[ptr] = Life(ptr, seq, False)
            self.lives.append(life)
        return life

    def gather(self):
        handlers = {R.ENQUEUE: self.on_enqueue, R.PAGES: self.on_pages, R.READ: self.on_read,
                    R.READ_MORE: self.on_read_more, R.RESPONSE: self.on_response,
                    R.WRITE: self.on_write, R.WRITTEN: self.on_written, R.DRIVER: self.on_driver, R.DESTROY: self.on_destroy,
                    R.ALLOC: self.on_alloc, R.RELEASE: self.on_release, R.WAITING: self.on_waiting}
        expected = self.recs[0].seq if self.recs else 0
        for r in self.recs:
            if r.seq != expected:
                raise ValueError("a history with gaps is not for the reference checker")
            expected += 1
            handler = handlers.get(r.type)
            if handler:
                handler(r)

    def on_alloc(self, r):
        if r.object and not r.ret:
            old = self.life_of.pop(r.object, None)
            if old:
                old.end_seq = r.seq
            life = self.life_of[r.object] = Life(r.object, r.seq, True)
            self.lives.append(life)

    def on_release(self, r):
        life = self.life(r.object, r.seq)
        life.release = r

    def on_destroy(self, r):
        life = self.life(r.object, r.seq)
        life.destroy = r
        life.end_seq = r.seq
        del self.life_of[r.object]

    def new_group(self, r, adopted):
        g = Group(r, adopted)
        g.life = self.life(r.object, r.seq)
        if g.life:
            g.life.groups.append(g)
            g.whole = g.life.whole
        self.current[g.ptr] = g
        self.groups.append(g)
        return g

    def on_enqueue(self, r):
        old = self.current.get(r.group)
        if old and not old.answer:
            self.displaced[r.group] = old
            self.gone.append(old)
        self.new_group(r, False)

    def on_pages(self, r):
        g = self.current.get(r.group)
        if g and not g.adopted:
            g.page_list += r.page[:r.nr]

    def on_waiting(self, r):
        g = self.current.get(r.group)
        if g is None:
            g = self.new_group(r, True)
            g.cookie = r.cookie or None
        # else: known, or answered while the walk was at it

    def on_read(self, r):
        r.faults = []
        self.more[r.seq] = r
        r.nr = max(r.ret, 0) // 40
        r.unreadable = bool(r.flags & R.UNREADABLE)
        if r.nr:
            r.faults.append(r.fault[0])
        r.life = self.life(r.object, r.seq)
        r.life.reads.append(r)

    def on_read_more(self, r):
        read = self.more.get(r.seq_of_read)
        if read:
            read.faults += r.fault[:r.nr]
            read.unreadable |= bool(r.flags & R.UNREADABLE)

    def on_write(self, r):
        r.life = self.life(r.object, r.seq)
        r.life.writes.append(r)

    def on_written(self, r):
        g = self.current.get(r.group)
        if g and not g.answer and r.cookie != r.group_cookie:
            g.unwritten = True

    def on_response(self, r):
        r.by = responder(r.context)
        r.ns = r.response_ns or r.time_ns
        r.again = False
        r.life = self.life(r.object, r.seq) if r.object else None
        g = self.current.get(r.group)
        old = self.displaced.get(r.group)
        if g and not g.answer and r.ns < g.ns and old and not old.answer:
            g = old
        if g is None:
            if r.by == ABORT:
                g = None  # a group that never came to iommufd
            else:
                g = self.new_group(r, True)
        r.g = g
        self.answers.append(r)
        if g is None:
            return
        if g.answer:
            r.again = True
        else:
            g.answer, g.answer_ns = r, r.ns

    def on_driver(self, r):
        r.by = responder(r.context)
        r.g = self.current.get(r.group)
        r.was_answered = bool(r.g and r.g.answer)
        if r.by == QREMOVE and r.g and not r.g.answer:
            r.ns, r.cookie, r.again = r.time_ns, 0, False
            r.object, r.driver_calls, r.life = 0, 1, None
            r.driver_code = r.code
            r.g.answer, r.g.answer_ns = r, r.time_ns
            self.answers.append(r)

    # --- which read delivered which group -----------------------------------------------------

    def segments(self):
        self.segs = []
        for life in self.lives:
            for r in life.reads:
                r.segs = []
                if r.unreadable or r.ret <= 0:
                    continue
                part, at = [], 0
                for i, f in enumerate(r.faults):
                    part.append(f)
                    if f[0] & R.LAST_PAGE:
                        r.segs.append(Segment(r, part, at))
                        part, at = [], i + 1
                if part:
                    r.segs.append(Segment(r, part, at))
                self.segs += r.segs
        self.segs.sort(key=lambda s: (s.read.seq, s.at))

    def possible(self, g, read):
        """Whether the times allow that this read delivered the group."""
        return (g.seq < read.seq or g.adopted) and (
            g.answer_ns is None or g.answer_ns >= read.enter_ns)

    def match(self):
        """
        By the fields; among groups that look alike by the cookie in the answer, then by age.
        A group whose answer by user space carries another cookie was not delivered by this read.
        """
        by_key = defaultdict(list)
        for g in self.groups:
            if hasattr(g.rec, "dev_id"):
                by_key[(g.obj, group_key(g))].append(g)
        for seg in self.segs:
            if not seg.complete:
                continue
            read = seg.read
            best = None
            for g in by_key.get((read.object, seg.key()), ()):
                if g.read or g.life is not read.life or not self.possible(g, read):
                    continue
                rank = self.rank(g, seg)
                if rank is not None and (best is None or rank < best[0]):
                    best = (rank, g)
            if best:
                self.deliver(best[1], seg)

    def rank(self, g, seg):
        a, unlike = g.answer, not (g.adopted or self.same(seg, g))
        if a and a.by == USER and hasattr(a, "cookie"):
            return (0, unlike, g.seq) if a.cookie == seg.cookie else None
        if a and a.by in KERNEL and a.cookie == seg.cookie:
            return (1, unlike, g.seq)
        return (2, unlike, g.seq)

    def deliver(self, g, seg):
        g.read, g.cookie, seg.group, g.seg = seg.read, seg.cookie, g, seg
        a = g.answer
        g.confirmed = bool(a and a.cookie == seg.cookie)

    def accounted(self, read):
        """Whether all that a read returned is known to be of known groups."""
        if read.ret <= 0:
            return True
        return not read.unreadable and not read.ret % 40 and all(
            s.group and len(s.faults) == s.group.rec.pages for s in read.segs)

    # --- the rules ----------------------------------------------------------------------------

    def check(self):
        self.gather()
        self.segments()
        self.match()
        self.end_ns = max(self.run.end_ns, self.recs[-1].time_ns if self.recs else 0)
        for rule in (self.answered_twice, self.left_behind, self.late, self.disappeared, self.refused,
                     self.stale_cookies, self.masked, self.bad_codes, self.early, self.torn,
                     self.unmatched, self.fifo, self.passed_over, self.echo, self.driver_told, self.no_answer,
                     self.status, self.written, self.retired, self.queue_removal, self.partial, self.reuse,
                     self.last_only, self.byte_counts, self.stuck, self.false_empty, self.unread,
                     self.wrong_object, self.kernel_answers, self.balance, self.outstanding,
                     self.reads_in_vain, self.writes_in_vain, self.busy_reads):
            rule()
        return self.must, self.may

    def real(self):
        """Groups whose birth was seen."""
        return (g for g in self.groups if not g.adopted)

    def answered_twice(self):  # IOPF002
        for r in self.answers:
            if not r.again:
                continue
            if r.g.adopted:
                continue
            self.found(2, ERROR)
            self.maybe(5, WARN)  # whichever of the two is taken for the group's

    def left_behind(self):  # IOPF016, IOPF019, IOPF001 (b)
        for r in self.recs:
            if r.type == R.AUTO:
                rule, groups = 16, [g for g in self.real() if g.handle == r.handle]
                entered = r.enter_ns
            elif r.type == R.DESTROY:
                rule, groups = 19, [g for g in self.real() if g.life and g.life.destroy is r]
                entered = r.time_ns
            else:
                continue
            for g in groups:
                if g.answer is None and (g in self.gone or self.still_answering()):
                    self.maybe(rule, ERROR)
                    self.maybe(1, ERROR)
                elif g.seq < r.seq and g.ns < entered and g.open_at(r.time_ns) and not g.flagged:
                    self.found(rule, ERROR)
                    self.found(1, ERROR)
                    g.flagged = True
                elif g.seq < r.seq and g.open_at(r.time_ns):
                    self.maybe(rule, ERROR)
                    self.maybe(1, ERROR)

        for r in self.recs:  # what a detach answered, of another handle
            if r.type != R.AUTO or not r.handle or not r.enter_ns:
                continue
            for a in self.answers:
                if (a.type == R.RESPONSE and a.by == DETACH and a.tid == r.tid and a.seq < r.seq and
                        a.caller_ns == r.enter_ns and a.g and not a.g.adopted and not a.again and
                        a.g.handle not in (0, r.handle)):
                    self.found(16, ERROR)

    def disappeared(self):  # IOPF001: its memory is another's, and it was never answered
        for g in self.gone:
            if g.answer or g.adopted or g.flagged:
                continue
            if self.still_answering():
                self.maybe(1, ERROR)
            else:
                self.found(1, ERROR)
                g.flagged = True
                for rule in (9, 10, 12):  # what is read of one like it may be taken for it
                    self.maybe(rule, ERROR)

    def still_answering(self):
        """Whether a call that has not returned may have answered: the record comes with its end."""
        if self.run.absent >> R.PROBE["INSIDE"] & 1:
            return True
        answering = R.CTX_WRITE | R.CTX_AUTO | R.CTX_DESTROY | R.CTX_QREMOVE
        return any(r.type == R.INSIDE and r.context & answering for r in self.recs)

    def late(self):  # IOPF001 (a)
        limit = self.run.deadline["answer"]
        if not limit:
            return
        for g in self.groups:
            if g.adopted and g.rec.type != R.WAITING or not g.timed:
                continue
            end = g.answer_ns if g.answer_ns is not None else self.end_ns
            if end - g.ns > limit:
                self.found(1, ERROR)
                g.flagged = True

    def refused_entry(self, w):
        """The entry at which the kernel refused a write, if it is known to have."""
        if not w.nr or not w.enter_ns:
            return None
        if w.ret == -22 or (0 < w.ret < w.count and w.ret == 8 * w.answered):
            return w.answer[0]
        return None

    def refused(self):  # IOPF003, IOPF004, IOPF005 (b), IOPF007
        for life in self.lives:
            for w in life.writes:
                entry = self.refused_entry(w)
                if entry is None:
                    continue
                cookie, code = entry
                if code not in (0, 1):
                    self.found(7, ERROR)
                else:
                    self.not_outstanding(life, w, cookie)

    def not_outstanding(self, life, w, cookie):
        if not cookie and any(seg.cookie == 0 for r in life.reads if r.seq < w.seq
                              for seg in r.segs):
            # it has been handed out, which is another's fault; or was so by a buffer that is wrong
            self.maybe(3, NOTE, ERROR)
            self.maybe(4, ERROR)
            self.maybe(5, WARN)
            return
        holders = [g for g in life.groups if cookie in self.cookies(g, w)]
        waiting = [g for g in holders
                   if not (g.answer and g.answer.seq < w.seq) and g.cookie == cookie]
        # what could have had the cookie without our seeing it
        blind = [r for r in life.reads if r.seq < w.seq and not self.accounted(r)]
        failed = [r for r in life.reads if r.ret < 0 or r.ret < r.count]
        if waiting:
            self.maybe(3, NOTE, ERROR)
            self.maybe(4, ERROR)
            self.maybe(5, WARN)
            self.refused_outstanding(life, w, cookie, waiting)
            if w.ret < 0 and any(g.by in KERNEL and g.answer_ns <= w.time_ns for g in waiting):
                self.lates[life, cookie] += 1
            return
        answered = [g for g in holders if g.answer and g.answer.seq < w.seq]
        if not answered:
            coming = any(seg.cookie == cookie for r in life.reads
                         if r.seq > w.seq and r.enter_ns <= w.time_ns for seg in r.segs)
            if coming:  # a read that was under way handed it out
                self.maybe(3, ERROR, NOTE)
            elif life.whole and not blind:
                self.found(3, ERROR)
            elif life.whole:
                self.maybe(3, ERROR, NOTE)
                self.maybe(4, ERROR)
            return
        last = max(answered, key=lambda g: g.answer.seq)
        if last.unwritten:
            self.maybe(3, NOTE)
            return
        doubtful = blind or any(g.by != USER and g.cookie is None for g in holders) and failed
        # an answer may come late for one that the kernel answered, when the cookie is another's
        owed = any(g.by in KERNEL for g in answered) and last.by == USER
        if doubtful or owed or not life.whole and last.by == USER or (
                last.adopted and last.by not in KERNEL):
            self.maybe(3, ERROR, NOTE)
            self.maybe(4, ERROR)
            self.maybe(5, WARN)
        elif last.by == USER:
            self.found(4, ERROR)
            if len(answered) >= 2:
                self.found(5, WARN)
        elif last.by in KERNEL and life.whole:
            # one answer may come late for each that the kernel gave
            given = sum(g.by in KERNEL for g in answered)
            late = self.lates[life, cookie] < given
            if late:
                self.found(3, NOTE)
            elif blind or any(g.by != USER and g.cookie is None for g in holders):
                self.maybe(3, NOTE)
                self.maybe(4, ERROR)
            else:
                self.found(4, ERROR)
                if len(answered) >= 2:
                    self.found(5, WARN)
            if late and w.ret < 0:  # a short count does not tell why: what is left is written again
                self.lates[life, cookie] += 1
        elif last.by in KERNEL:
            self.maybe(3, NOTE)

    def refused_outstanding(self, life, w, cookie, waiting):  # IOPF032, IOPF012
        """An answer is refused though a group was outstanding with that cookie all the time."""
        for g in waiting:
            if g.adopted or not life.whole or not g.read or g.read.time_ns > w.enter_ns:
                continue
            self.maybe(12, ERROR)
            self.maybe(32, ERROR)
            sharing = [o for o in life.groups if o is not g and cookie in
                       (o.cookie, getattr(o.answer, "cookie", None))]
            if (w.ret < 0 and len(waiting) == 1 and not sharing and g.answer and g.timed and
                    g.answer_ns > w.time_ns and g.answer.cookie == cookie):
                self.found(32, ERROR)

    @staticmethod
    def cookies(g, w):
        """The cookies that named a group, as records before a moment tell."""
        names = set()
        if g.read and g.read.seq < w.seq or g.rec.type == R.WAITING:
            names.add(g.cookie)
        if g.answer and g.answer.seq < w.seq and g.answer.cookie:
            names.add(g.answer.cookie)
        return names

    def stale_cookies(self):  # IOPF005 (a)
        for g in self.groups:
            a = g.answer
            if not a or a.by != USER or not getattr(a, "caller_ns", 0) or not g.read:
                continue
            if not g.read.enter_ns or a.caller_ns >= g.read.enter_ns:
                continue
            if g.unwritten:
                continue
            if g.confirmed:
                self.found(5, WARN)
            else:
                self.maybe(5, WARN)

    def masked(self):  # IOPF006
        for life in self.lives:
            ends = [r for r in (life.release, life.destroy) if r]
            for w in life.writes:
                if not 0 < w.ret < w.count or w.ret % 8:
                    continue
                if not ends:
                    continue
                end = min(r.seq for r in ends)
                names = {c for c, _ in w.answer}
                if self.taken_up(life, w, end, names):
                    continue
                if w.ret == 8 * w.answered and w.enter_ns:
                    self.found(6, WARN)
                else:
                    self.maybe(6, WARN)

    def taken_up(self, life, w, end, names):
        """Whether user space came back to what a write had left."""
        for r in life.writes:
            if r.seq > w.seq and (names & {c for c, _ in r.answer} or
                                  not names and r.tgid == w.tgid):
                return True
        for r in self.answers:
            if (r.type == R.RESPONSE and r.by in (USER, UNKNOWN) and r.seq > w.seq and
                    r.object in (0, life.ptr) and r.seq < (life.end_seq or 1 << 62)):
                if r.cookie in names or not names and r.tgid == w.tgid:
                    return True
        return False

    def bad_codes(self):  # IOPF007: the kernel took it
        for r in self.answers:
            if r.by == USER and r.code not in (0, 1):
                self.found(7, ERROR)

    def early(self):  # IOPF008
        for life in self.lives:
            if not life.whole or not life.destroy:
                continue
            for g in life.groups:
                # A cookie of 0 is the kernel's own word that there was none, unless 0 is given out.
                # Else it is by number alone, for which a read of something else may make up; a
                # read that failed has delivered nothing.
                if g.adopted or g.by != USER:
                    continue
                zero = any(w.nr == 0 or w.answer[0][0] == 0 for w in life.writes)
                if not g.read or not g.answer.cookie and not zero and g.read.seq > g.answer.seq:
                    self.maybe(8, ERROR)

    def overlapped(self, life, read):
        """Whether another read ran at the same time, as far as records tell."""
        for r in life.reads:
            if r is not read and r.enter_ns <= read.time_ns and r.time_ns >= read.enter_ns:
                return True
        return any(r.type == R.INSIDE and r.context & R.CTX_READ and r.enter_ns <= read.time_ns
                   for r in self.recs if r.type == R.INSIDE)

    def torn(self):  # IOPF009
        for life in self.lives:
            for r in life.reads:
                if r.ret > 0 and r.ret % 40:
                    self.found(9, ERROR)
                elif r.ret > 0 and life.whole and not r.unreadable:
                    self.torn_read(life, r)
        for g in self.real():
            if g.seq and not g.rec.flags & R.LAST_PAGE:
                if g.read or g.by == USER:
                    self.found(9, ERROR)
                else:
                    self.maybe(9, ERROR)
            elif any(flags & R.LAST_PAGE for _, _, flags in g.page_list[:-1]):
                if g.by == USER:
                    self.found(9, ERROR)
                else:
                    self.maybe(9, ERROR)

    def torn_read(self, life, read):
        wrong = [s for s in read.segs
                 if not s.complete or s.group and len(s.faults) != s.group.rec.pages]
        if not wrong:
            return
        queue = [g for g in life.groups
                 if g.seq < read.seq and (g.read is None or g.read.seq >= read.seq) and
                 g.perhaps_at(read.enter_ns)]
        sums, total = {0}, 0
        for g in queue:
            total += g.rec.pages
            sums.add(total)
        if read.nr in sums:
            self.maybe(9, ERROR)
        elif (self.overlapped(life, read) or
              any(not self.accounted(r) for r in life.reads if r.seq < read.seq) or
              any(not g.rec.order & R.ALONE for g in queue) or
              any(s.complete and not s.group for s in read.segs)):
            self.maybe(9, ERROR)
        else:
            self.found(9, ERROR)

    def unmatched(self):
        """Records of reads that no queued group explains: IOPF010, IOPF012, IOPF027."""
        for seg in self.segs:
            if seg.group or not seg.read.life.whole:
                continue
            life = seg.read.life
            if not seg.complete:
                self.maybe(10, ERROR)
                self.maybe(12, ERROR)
                continue
            earlier = [g for g in life.groups
                       if g.read and hasattr(g.rec, "dev_id") and group_key(g) == seg.key() and
                       g.seg is not seg and g.seq < seg.read.seq]
            elsewhere = [g for g in self.groups
                         if g.life is not life and hasattr(g.rec, "dev_id") and
                         group_key(g) == seg.key()]
            if earlier:
                self.again(life, seg)
            if elsewhere:  # or the user's buffer has been used for another read
                self.maybe(27, ERROR)
                self.maybe(12, ERROR)
            elif not earlier:
                self.unlike(life, seg)

    def again(self, life, seg):  # IOPF010
        returned = sum(r.nr for r in life.reads if r.seq <= seg.read.seq)
        queued = sum(g.rec.pages for g in life.groups
                     if not g.adopted and g.seq < seg.read.seq)
        if returned > queued:
            self.found(10, ERROR)
        else:
            self.maybe(10, ERROR)
            self.maybe(12, ERROR)

    def unlike(self, life, seg):  # IOPF012: nothing in the queue looks like that
        read = seg.read
        queue = [g for g in life.groups
                 if not g.adopted and g.seq < read.seq and g.read is None and
                 g.perhaps_at(read.enter_ns)]
        answer = [g for g in queue if g.by == USER and g.answer.cookie == seg.cookie]
        if (queue and queue[0] in answer and len(read.segs) == 1 and
                not self.overlapped(life, read) and
                all(self.accounted(r) for r in life.reads if r is not read) and
                len(seg.faults) == queue[0].rec.pages == 1 and
                seg.faults[0][3] == queue[0].grpid and
                read.nr == 1):
            self.found(12, ERROR)
        else:
            self.maybe(12, ERROR)
            self.maybe(10, ERROR)

    def fifo(self):  # IOPF011
        for life in self.lives:
            if not life.whole:
                continue
            got = sorted((g for g in life.groups if g.read and not g.adopted),
                         key=lambda g: g.seq)
            for i, first in enumerate(got):
                for second in got[i + 1:]:
                    if first.read.enter_ns > second.read.time_ns:
                        self.out_of_order(life, first, second)
                    elif (first.read is second.read and first.seg.at > second.seg.at and
                          any(g.rec.order & R.ALONE for g in self.real()
                              if first.seq < g.seq <= second.seq)):
                        self.maybe(11, ERROR)

    def passed_over(self):  # IOPF011: never told by a read, though one that was queued later was
        for life in self.lives:
            if not life.whole:
                continue
            got = [g for g in life.groups if g.read and not g.adopted]
            reading = self.run.absent >> R.PROBE["INSIDE"] & 1 or any(
                r.type == R.INSIDE and r.context & R.CTX_READ and r.object in (0, life.ptr)
                for r in self.recs)
            for g in life.groups:
                if g.adopted or g.read or g.by == USER or not g.timed:
                    continue
                until = g.answer_ns if g.answer else 1 << 63
                later = [o for o in got if o.seq > g.seq and o.read.time_ns < until and any(
                    x.rec.order & R.ALONE for x in self.real() if g.seq < x.seq <= o.seq)]
                if not later:
                    continue
                self.maybe(11, ERROR)
                twin = any(o is not g and hasattr(o.rec, "dev_id") and
                           group_key(o) == group_key(g) for o in life.groups)
                if (not reading and not twin and g.answer and not g.flagged and g not in self.gone
                        and all(self.accounted(r) for r in life.reads)
                        and len(later) >= 1 and later[-1].grpid != g.grpid
                        and not self.elsewhere(g)):
                    self.found(11, ERROR)

    def elsewhere(self, g):
        """Whether a read of another object may have delivered a group."""
        return any(s.key() == group_key(g) for s in self.segs if s.read.life is not g.life)

    def out_of_order(self, life, first, second):
        certain = any(g.rec.order & R.ALONE for g in life.groups
                      if not g.adopted and first.seq < g.seq <= second.seq)
        twins = [g for g in life.groups if g not in (first, second) and hasattr(g.rec, "dev_id")
                 and group_key(g) in (group_key(first), group_key(second))]
        clear = all(self.accounted(r) for r in life.reads)
        if certain and clear and not (twins and not (first.confirmed and second.confirmed)):
            self.found(11, ERROR)
        elif certain or any(g.rec.order & R.ALONE for g in self.real()
                            if first.seq < g.seq <= second.seq):
            self.maybe(11, ERROR)

    def echo(self):  # IOPF012: it matches, but not in everything
        for seg in self.segs:
            g = seg.group
            if not g or g.adopted or not g.life.whole:
                continue
            same = self.same(seg, g)
            if not seg.cookie and g.by in KERNEL:
                self.maybe(10, ERROR)  # by its answer it has never had a cookie
                self.maybe(12, ERROR)
                continue
            if g.answer and g.by != QREMOVE and g.answer.cookie and g.answer.cookie != seg.cookie:
                self.maybe(12, ERROR)
            if any(f[0] & 4 for f in seg.faults):
                if g.confirmed and same and all(self.accounted(r) for r in g.life.reads):
                    self.found(12, NOTE)
                else:
                    self.maybe(12, NOTE)
            if same:
                continue
            twin = any(o is not g and o.seq < seg.read.seq and hasattr(o.rec, "dev_id") and
                       group_key(o) == group_key(g) and o.perhaps_at(seg.read.enter_ns)
                       for o in g.life.groups)  # which it may have been as well
            if g.confirmed and not twin and len(seg.faults) == g.rec.pages and all(
                    f[3] == seg.last[3] for f in seg.faults):
                self.found(12, ERROR)
            else:
                self.maybe(12, ERROR)
        self.cookie_of_another()

    def same(self, seg, g):
        r = g.rec
        pages = g.page_list or [(r.addr, r.perm, r.flags)]
        if len(pages) != len(seg.faults):
            return False
        for (addr, perm, flags), f in zip(pages, seg.faults):
            want = (flags & ~4, r.dev_id, r.grpid, perm, 0, addr, 0, seg.cookie)
            have = (f[0] & ~4, f[1], f[3], f[4], f[5], f[6], f[7], f[8])
            if want != have or f[0] & R.PASID_VALID and f[2] != r.pasid:
                return False
        return seg.cookie != 0

    def cookie_of_another(self):
        for life in self.lives:
            got = [g for g in life.groups if g.read and life.whole and not g.adopted]
            for g in got:
                for other in got:
                    if other is g or other.cookie != g.cookie or other.read.seq > g.read.seq:
                        continue
                    if (other.read is g.read and other.seg.at > g.seg.at or
                            not other.open_at(g.read.time_ns)):
                        continue
                    # its holder was outstanding all the time that this read took, and was known
                    # to have it when the cookie was used
                    late = g.answer_ns is not None and other.read.time_ns > g.answer_ns
                    if g.confirmed and not late and not self.overlapped(life, g.read):
                        self.found(12, ERROR)
                    else:
                        self.maybe(12, ERROR)

    def driver_told(self):  # IOPF013
        for r in self.answers:
            if r.type == R.RESPONSE and (r.driver_calls > 1 or
                                         r.driver_calls and r.driver_code != r.code):
                self.found(13, ERROR)
        for r in self.recs:
            if (r.type == R.DRIVER and r.context & (R.CTX_WRITE | R.CTX_AUTO | R.CTX_DESTROY) and
                    r.was_answered and not r.flags & R.DRIVER_OTHER):
                self.found(13, ERROR)
            if r.type == R.DRIVER and r.flags & R.DRIVER_OTHER:
                self.found(13, ERROR)

    def no_answer(self):  # IOPF014
        for r in self.answers:
            if r.type == R.RESPONSE and r.flags & R.RESPONSE_UNTOLD:
                if r.g and not r.g.adopted:
                    self.found(14, ERROR)
                else:
                    self.maybe(14, ERROR)
        for r in self.recs:
            if r.type == R.REPORT and r.flags & R.LAST_PAGE and r.seen & R.SEEN_UNTOLD:
                if r.report_ns:  # else what the report did before that was not seen
                    self.found(14, ERROR)

    def status(self):  # IOPF015
        allowed = {USER: (0, 1), DETACH: (1,), DESTROY: (1,), QREMOVE: (1,), ABORT: (2,)}
        for r in self.answers:
            if r.by in allowed and r.code not in allowed[r.by]:
                self.found(15, ERROR)

    def written(self):  # IOPF033
        for r in self.recs:
            if r.type == R.WRITTEN:
                self.found(33, ERROR)

    def retired(self):  # IOPF017
        retired, autos = {}, defaultdict(list)  # by handle: AUTO
        enqueued = {g.seq: g for g in self.real()}
        reads = defaultdict(list)
        for g in self.real():
            if g.read:
                reads[g.read.seq].append(g)
        answers = {r.seq: r for r in self.answers if r.by == USER and r.g}
        for r in self.recs:
            if r.type == R.AUTO:
                retired[r.handle] = r
                autos[r.handle].append(r)
            elif r.type == R.ATTACH:
                retired.pop(r.handle, None)
            elif r.type == R.ENQUEUE and r.handle in retired:
                g = enqueued[r.seq]
                self.found(17, ERROR)
            elif r.type == R.READ:
                for g in reads[r.seq]:
                    auto = retired.get(g.handle)
                    if auto and g.life.whole and r.enter_ns > auto.time_ns:
                        if g.confirmed:
                            self.found(17, ERROR)
                        else:
                            self.maybe(17, ERROR)
                    elif any(a.time_ns < r.enter_ns and g.seq < a.seq for a in autos[g.handle]):
                        self.maybe(17, ERROR)
            elif r.seq in answers:
                auto = retired.get(r.g.handle)
                if auto and not r.g.adopted and r.ns > auto.time_ns:
                    self.found(17, ERROR)
                elif any(a.seq < r.seq and a.time_ns < r.ns and r.g.seq < a.seq
                         for a in autos[r.g.handle]):
                    self.maybe(17, ERROR)  # its address is in use again, but not by this one

    def queue_removal(self):  # IOPF018
        for r in self.recs:
            if (r.type == R.DRIVER and r.by == QREMOVE and r.g and not r.was_answered):
                if r.g.adopted:
                    self.maybe(18, ERROR)
                else:
                    self.found(18, ERROR)

    def partial(self):  # IOPF020
        parked = defaultdict(list)
        seen_last = {}  # by key: time of the last one
        overlap = set()
        limit = self.run.deadline["partial"]

        def left(reports, ns):
            for p in reports:
                if limit and ns - p.time_ns > limit:
                    self.found(20, WARN)

        for r in self.recs:
            if r.type == R.REPORT:
                key = (r.dev, r.grpid)
                if r.flags & R.LAST_PAGE:
                    continue
                if r.ret == 0:
                    if not r.report_ns or r.report_ns <= seen_last.get(key, 0):
                        overlap.add(key)
                    parked[key].append(r)
            elif r.type == R.ENQUEUE:
                key = (r.dev, r.grpid)
                before = parked.pop(key, [])
                left(before, r.time_ns)
                self.compose(r, before, key in overlap, key in seen_last)
                overlap.discard(key)
                seen_last[key] = r.time_ns
            elif r.type == R.RESPONSE and r.by == ABORT:
                parked.pop((r.dev, r.grpid), None)
                seen_last.setdefault((r.dev, r.grpid), r.time_ns)
            elif r.type == R.DISCARD:
                for reports in parked.values():
                    left(reports, r.time_ns)
                parked.clear()
                overlap.clear()
            elif r.type == R.QREMOVE:
                for key in [k for k in parked if k[0] == r.dev]:
                    left(parked.pop(key), r.time_ns)
        for reports in parked.values():
            left(reports, self.end_ns)

    def compose(self, r, before, overlap, seen_last):
        """Whether a group is made of what was parked for it."""
        g = next(g for g in self.groups if g.seq == r.seq)
        if overlap or any(not r.report_ns or p.time_ns >= r.report_ns for p in before):
            return
        if r.pages < len(before) + 1:
            self.found(20, WARN)
        elif r.pages > len(before) + 1:
            if seen_last:
                self.found(20, WARN)
            elif not {p.addr for p in before} <= {p[0] for p in g.page_list}:
                self.maybe(20, WARN)
        elif before and len(g.page_list) == r.pages:
            if [p.addr for p in before] != [p[0] for p in g.page_list[:-1]]:
                self.found(20, WARN)

    def reuse(self):  # IOPF021
        open_groups = defaultdict(list)
        for g in self.real():
            key = (g.dev, g.grpid)
            for other in open_groups[key]:
                if other.answer is None and (other in self.gone or self.still_answering()):
                    self.maybe(21, WARN)
                elif other.open_at(g.ns):
                    self.found(21, WARN)
                elif other.open_at(g.rec.report_ns):
                    self.maybe(21, WARN)  # the device did, iommufd did not see it
            open_groups[key].append(g)

    def last_only(self):  # IOPF022
        for r in self.recs:
            if r.type == R.ENQUEUE and not r.flags & R.LAST_PAGE:
                self.found(22, ERROR)
            if (r.type == R.REPORT and not r.flags & R.LAST_PAGE and
                    r.seen & (R.SEEN_QUEUED | R.SEEN_ANSWERED)):
                self.found(22, ERROR)

    def byte_counts(self):  # IOPF023
        for life in self.lives:
            for w in life.writes:
                if w.enter_ns and w.ret > 0 and w.ret != 8 * w.answered:
                    self.found(23, ERROR)
            for r in life.reads:
                if r.ret > 0 and r.ret % 40:
                    self.found(23, ERROR)

    def stuck(self):  # IOPF024
        limit = self.run.deadline["call"] or CALL_DEFAULT
        inside = R.CTX_READ | R.CTX_WRITE | R.CTX_AUTO | R.CTX_DESTROY | R.CTX_QREMOVE
        for r in self.recs:
            if r.type in (R.READ, R.WRITE, R.AUTO, R.DESTROY, R.QREMOVE) or (
                    r.type == R.INSIDE and r.context & inside):
                if r.enter_ns and r.time_ns - r.enter_ns > limit:
                    self.found(24, WARN)
            elif r.type == R.RESPONSE and r.caller_ns and r.time_ns - r.caller_ns > limit:
                self.maybe(24, WARN)

    def false_empty(self):  # IOPF025
        for life in self.lives:
            if not life.whole:
                continue
            for r in life.reads:
                if r.ret or r.count < 40 or not r.flags & R.STILL_HELD:
                    continue
                replaced = self.head_replaced(life, r)
                for g in life.groups:
                    if g.adopted or g.ns >= r.enter_ns or g.seq > r.seq:
                        continue
                    if not g.open_at(r.time_ns):
                        continue
                    if (g.read and g.read.enter_ns > r.time_ns or
                            not g.read and g.by in KERNEL) and not replaced:
                        self.found(25, ERROR)
                        break
                    if not g.read or replaced:
                        self.maybe(25, ERROR)

    def head_replaced(self, life, read):
        """Whether a group gave way to another at the same address during a read."""
        gone = {g.ptr for g in life.groups
                if g.answer and g.answer.seq < read.seq and g.perhaps_at(read.enter_ns)}
        return any(g.ptr in gone and g.seq < read.seq and g.ns >= read.enter_ns
                   for g in self.groups if not g.adopted)

    def unread(self):  # IOPF026
        limit = self.run.deadline["read"]
        if not limit:
            return
        for g in self.groups:
            if g.adopted and (g.rec.type != R.WAITING or g.rec.waiting & R.WAIT_DELIVERED):
                continue
            ends = [g.answer_ns] if g.answer else []
            if g.read:
                ends.append(g.read.time_ns)
            end = min(ends) if ends else self.end_ns
            if end - g.ns <= limit:
                continue
            if g.adopted or g.read and not g.confirmed or not all(self.accounted(r) for r in g.life.reads):
                self.maybe(26, WARN)
            else:
                self.found(26, WARN)

    def wrong_object(self):  # IOPF027
        for r in self.answers:
            if r.type == R.RESPONSE and r.g and not r.g.adopted and r.object:
                if r.object != r.g.obj:
                    self.found(27, ERROR)

    def kernel_answers(self):  # IOPF028, IOPF029
        for r in self.answers:
            if r.by == ABORT:
                self.found(28, WARN)
            elif r.by in KERNEL:
                if r.g and r.g.adopted or r.again:
                    self.maybe(29, NOTE)
                else:
                    self.found(29, NOTE)

    def balance(self):  # IOPF030
        for w in self.recs:
            if w.type != R.WALKED or not w.waiting & R.WAIT_END or w.waiting & R.WALKED_CUT:
                continue
            told, busy = set(), False
            for r in self.recs:
                if r.seq >= w.seq or r.time_ns < w.enter_ns:
                    continue
                if r.type == R.WAITING and r.object == w.object:
                    told.add(r.group)
                elif getattr(r, "object", 0) == w.object and r.type != R.INSIDE:
                    busy = True
            # calls that have returned since
            for r in self.recs:
                enter = getattr(r, "enter_ns", 0) or getattr(r, "caller_ns", 0)
                if (r.type != R.INSIDE and getattr(r, "object", 0) == w.object and r.seq > w.seq and
                        enter <= w.time_ns):
                    busy = True
            # what a call that has not returned holds in its hands is in no list
            if self.run.absent >> R.PROBE["INSIDE"] & 1:
                busy = True
            for r in self.recs:
                if r.type == R.INSIDE and r.object in (0, w.object):
                    busy = True
            for g in self.real():
                if (g.obj != w.object or g.seq > w.seq or not g.life or g.life.end_seq is not None
                        or g.ns >= w.enter_ns or not g.open_at(self.end_ns) or g.ptr in told):
                    continue
                listed = any(o.rec.order & R.ALONE for o in self.real()
                             if g.seq < o.seq and o.ns < w.enter_ns)
                if busy or not listed:
                    self.maybe(30, ERROR)
                else:
                    self.found(30, ERROR)

    def outstanding(self):  # IOPF001 (c)
        open_groups = [g for g in self.groups if not g.answer]
        if any(not g.adopted and not g.flagged for g in open_groups):
            self.found(1, NOTE)
        elif open_groups or not all(life.whole for life in self.lives):
            self.maybe(1, NOTE)

    # --- IOPF031 ------------------------------------------------------------------------------

    def head_at(self, life, read):
        """The group that headed the queue in a read without success, by the order of ENQUEUE."""
        for g in sorted(life.groups, key=lambda g: g.seq):
            if g.adopted and (g.rec.type != R.WAITING or g.rec.waiting & R.WAIT_DELIVERED):
                continue
            if g.seq > read.seq or g.read and g.read.seq < read.seq:
                continue
            if g.answer and g.answer.seq < read.seq:
                continue
            if read.ret != -22 or g.rec.pages * 40 > read.count:
                return g
        return None

    def reads_in_vain(self):
        """Reads that fail alike, one after the other, while a group waits all the time."""
        for life in self.lives:
            row, head = [], None
            for r in life.reads:
                held = r.flags & R.NOT_EMPTY and r.flags & R.STILL_HELD
                if r.ret > 0 or r.flags & R.NOT_EMPTY and not held:
                    self.in_vain(life, row, head, r)
                    row, head = [], None
                elif r.ret < 0 and r.enter_ns and held:
                    now = self.head_at(life, r)
                    if not now and r.ret != -22:
                        continue
                    same = row and row[-1].ret == r.ret
                    gone = head and head.answer and head.answer.seq < r.seq
                    if not same or gone or r.ret == -22 and r.count > row[0].count:
                        self.in_vain(life, row, head, r)
                        row = []
                    row.append(r)
                    head = now
            self.in_vain(life, row, head, None)

    def in_vain(self, life, row, head, after):
        if not self.too_many(row):
            return
        if not all(self.accounted(r) for r in life.reads):
            self.maybe(31, WARN, ERROR)
            return
        limits = [d for d in (self.run.deadline["read"], self.run.deadline["answer"]) if d]
        late = False
        if head and limits:
            if head.answer and (after is None or head.answer.seq < after.seq):
                until = row[-1].time_ns
            else:
                until = after.time_ns if after else self.end_ns
            late = until - head.ns > min(limits)
            if head.adopted:  # since when it waits is not known but for the walk's end
                self.maybe(31, WARN, ERROR)
                return
        self.found(31, ERROR if late else WARN)

    @staticmethod
    def too_many(row):
        return len(row) >= 8 and row[-1].time_ns - row[0].time_ns >= 100_000_000

    def writes_in_vain(self):
        """Writes that fail alike, though nothing that they were to do has been done meanwhile."""
        for life in self.lives:
            rows = defaultdict(list)
            taken = [a for a in self.answers if a.type == R.RESPONSE and a.by == USER and a.g and
                     a.g.life is life and not a.again]
            for r in sorted([w for w in life.writes if w.ret < 0 and w.enter_ns] + taken,
                            key=lambda r: r.seq):
                if r.type == R.RESPONSE:
                    for key, row in list(rows.items()):
                        if key[2] == r.cookie if key[0] == "entry" else key[2] == r.tgid:
                            self.write_row(rows.pop(key))
                    continue
                key = ("entry", r.tgid, *r.answer[0]) if r.ret == -22 and r.nr else (
                    "call", r.ret, r.tgid)
                rows[key].append(r)
                if len(rows) > 4:
                    self.maybe(31, WARN)
            for row in rows.values():
                self.write_row(row)

    def write_row(self, row):
        if self.too_many(row):
            self.found(31, WARN)

    def busy_reads(self):
        ns = self.run.end_ns - self.run.start_ns
        if self.run.empty_reads >= 10_000 and self.run.empty_reads * 10**9 >= 2000 * ns:
            self.found(31, NOTE)


def check(data, run):
    """(findings with their counts, findings that are a matter of opinion)."""
    return Checker(data, run).check()
