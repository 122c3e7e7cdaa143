# SPDX-License-Identifier: GPL-2.0-only
"""
A random history of the kernel's I/O page fault path, as the probes would record it.

The kernel, its devices and its users are coroutines: each runs from one `yield` to the next, and a
random one is next. What the kernel does is written after drivers/iommu/iommufd/eventq.c and
drivers/iommu/io-pgfault.c; when a record is made and what it knows, after the probes. Without a bug
nothing in a history breaks a rule. With one (`bug`), one actor misbehaves at some of the places
where it can: the places are the calls of Sim.hit().
"""

import random

import records as R

EINVAL, EFAULT, ESPIPE, ENOMEM, ENODEV = 22, 14, 29, 12, 19
PGSIZE, ANSIZE = 40, 8
SUCCESS, INVALID, FAILURE = 0, 1, 2
QUEUED, HELD, MOVING, DONE, LOST = "queued", "held", "moving", "done", "lost"
BRACKET = R.CTX_AUTO | R.CTX_DESTROY | R.CTX_QREMOVE


class Group:
    __slots__ = ("ptr", "obj", "handle", "dev", "pasid", "grpid", "pages", "flags", "cookie",
                 "state", "queue_ns", "answer_ns", "deliver_ns", "alone", "pending", "parked_ns",
                 "shown")


class Obj:
    def __init__(self, ptr, ident):
        self.ptr, self.ident = ptr, ident
        self.deliver = []
        self.xa = {}
        self.mutex = None
        self.closing = self.closed = self.dead = False
        self.left = False  # its user does not care any more; it is closed at the end
        self.busy = 0  # user threads that have business with it
        self.writing = []  # (cookie, group) of writes under way
        self.used = set()  # cookies that were handed out
        self.zero_free = False  # user space has written 0, which the kernel marks as free then
        self.handles = 0


class Dev:
    def __init__(self, ptr, ident, name):
        self.ptr, self.ident, self.name = ptr, ident, name
        self.handles = {}  # by PASID, None = the device's own
        self.partial = []  # [grpid, page, when]
        self.busy = set()  # group indices in use
        self.sva = []
        self.grpids = set()  # that have been used
        self.reporting = 0  # calls under way
        self.quiet = False  # none may begin


class Handle:
    __slots__ = ("ptr", "dev", "pasid", "obj", "dying", "inflight", "retired")


class Proc:
    def __init__(self, tgid, comm):
        self.tgid, self.comm = tgid, comm
        self.inbox = []  # (object, cookie, group)
        self.stale = []  # answered entries, for those who write them again
        self.failed = set()  # objects on which a copy failed


class Thread:
    __slots__ = ("tgid", "tid", "comm", "slot", "named", "proc", "fast")

    def __init__(self, tgid, tid, comm, proc=None):
        self.tgid, self.tid, self.comm, self.proc = tgid, tid, comm, proc
        self.slot = None
        self.named = False
        self.fast = False  # its answer has reached the device, and no record tells


class Slot:
    """What the probes keep of a task inside a traced function."""
    __slots__ = ("ctx", "seen", "report_ns", "call_ns", "obj", "head", "response_ns", "group",
                 "code", "cookie", "bracket_ns", "bracket_obj", "bracket_answered", "answered",
                 "entries", "flags")

    def __init__(self, ctx):
        self.ctx = ctx
        self.seen = self.report_ns = self.call_ns = self.response_ns = 0
        self.bracket_ns = self.bracket_answered = self.answered = 0
        self.obj = self.head = self.group = self.bracket_obj = None
        self.entries, self.flags = (), 0  # what the write was given; of the response


class Slab:
    """Addresses that are used again soon after they were freed."""

    def __init__(self, rng, base, size):
        self.rng, self.next, self.size, self.free = rng, base, size, []

    def alloc(self):
        if self.free and self.rng.random() < 0.85:
            return self.free.pop()
        self.next += self.size
        return self.next

    def put(self, ptr):
        if ptr not in self.free:
            self.free.append(ptr)


class Config:
    """How a history is made. Drawn at random; a mutant fixes what it needs."""

    def __init__(self, rng):
        r = rng.random
        self.limit = int(30 + 90 * r() ** 1.5) if r() < 0.9 else int(120 + 180 * r())
        self.objects = rng.choice((1, 1, 1, 2, 2, 3))
        self.devices = rng.choice((1, 1, 2, 3))
        self.procs = rng.choice((1, 1, 1, 2))
        self.users = rng.choice((1, 1, 2, 3, 4))
        self.pasids = r() < 0.4
        self.multi = 0.35 if r() < 0.35 else 0.0  # groups of several pages
        self.big = 0.08 if r() < 0.1 else 0.0  # of more than a record holds
        self.twins = r() < 0.35  # faults look like earlier ones
        self.control = rng.choice((0, 0.01, 0.03, 0.06))  # attach, detach, ...
        self.errors = rng.choice((0, 0, 0.08, 0.25))  # copies that fail, small buffers
        self.overlap = rng.choice((0.1, 0.3, 0.6))  # how much calls overlap
        self.skew = 0.05 if r() < 0.3 else 0.0  # records late after their moment
        self.corrupt = 0.1 if r() < 0.06 else 0.0  # buffers that tell nonsense
        self.before = r() < 0.3  # groups older than tracing
        self.walk = r() < 0.5  # of those, at the beginning
        self.end = rng.choice(("stop", "stop", "drain", "close", "close"))
        self.end_walk = r() < 0.4
        self.inside = r() < 0.5
        self.watched = r() < 0.93  # drivers have probes
        self.batch = rng.choice((1, 2, 4, 8))
        self.reporters = rng.choice((1, 1, 2))  # threads that report, for each device
        self.depth = rng.choice((2, 4, 8, 20))  # outstanding groups
        self.read_bias = rng.choice((0.2, 0.45, 0.7))
        self.leftovers = 0.15  # objects that are destroyed without detach
        self.sva = 0.05 if r() < 0.15 else 0.0
        self.deadlines = r() < 0.5
        self.no_alone = r() < 0.1
        self.miss = 0.04 if r() < 0.1 else 0.0  # entries missed, for which others make good
        self.calm = False  # nobody is inside at the end
        self.device_fast = 0.1 if r() < 0.15 else 0.0  # reports again before the probe's record


def c_is_free(obj, cookie):
    return cookie not in obj.xa


class Sim:
    def __init__(self, seed, bug=None, change=None):
        self.seed = seed
        self.rng = random.Random(seed)
        self.rnd = self.rng.random
        self.cfg = Config(self.rng)
        self.bug, self.fired = bug, 0
        for key, value in (change or {}).items():
            setattr(self.cfg, key, value)
        if self.cfg.miss:
            self.cfg.end_walk = False  # what is inside then is not known, and counted as missed
        self.now = 1_000_000_000
        self.recs = []
        self.armed = not self.cfg.before
        self.tasks = []
        self.groups = []
        self.parked = []  # (from, to) of parked requests that were seen
        self.calls = []  # durations of calls
        self.adding = 0
        self.stop_reports = self.stop_users = False
        self.slab = Slab(self.rng, 0xffff888100000000, 0x100)
        self.hslab = Slab(self.rng, 0xffff888200000000, 0x40)
        self.oslab = Slab(self.rng, 0xffff888300000000, 0x200)
        self.idents = 0
        self.tid = 100
        self.named_devs = set()
        self.last_out = []  # what the read before told
        self.tainted = False  # buffers tell nonsense somewhere
        self.found_queued = set()
        self.found_ns = {}  # adopted groups: when a walk found them
        self.end_walked = False
        self.empty_reads = 0  # which have no records

    # --- odds and ends ------------------------------------------------------------------------

    def hit(self, name, p=0.35, most=1):
        if self.bug != name or self.fired >= most or not self.armed or self.rnd() >= p:
            return False
        self.fired += 1
        return True

    def ident(self):
        self.idents += 1
        return self.idents

    def thread(self, proc=None, comm="irq"):
        self.tid += 1
        if proc:
            return Thread(proc.tgid, self.tid, proc.comm, proc)
        return Thread(self.tid, self.tid, comm)

    def emit(self, kind, th, ctx, body, time=None):
        if self.armed:
            self.recs.append((kind, self.now if time is None else time, ctx, th.tgid, th.tid, body))
            self.now += 1

    def enter(self, th, ctx):
        """The program at the entry of a function; it may be missed at those that have a context."""
        if not self.armed or ctx & self.MISSABLE and self.missed():
            th.slot = None
            return None
        if not th.named:
            th.named = True
            self.emit(R.TASK, th, 0, R.body(R.TASK, th.comm.encode()))
        s = th.slot = Slot(ctx)
        self.now += 1
        return s

    def name_device(self, th, dev):
        if dev.ptr not in self.named_devs and self.armed:
            self.named_devs.add(dev.ptr)
            ctx = th.slot.ctx if th.slot else 0
            self.emit(R.DEVICE, th, ctx, R.body(R.DEVICE, dev.ptr, dev.name.encode()))

    MISSABLE = R.CTX_REPORT | R.CTX_READ | R.CTX_WRITE

    def missed(self):
        return self.cfg.miss and self.rnd() < self.cfg.miss

    def again(self, th, ctx):
        """The slot of a task whose entry was missed, made by the next program."""
        s = self.enter(th, 0)
        s.ctx = ctx
        return s

    def maybe(self):
        return self.rnd() < self.cfg.overlap

    def late(self):
        return self.cfg.skew and self.rnd() < self.cfg.skew

    # --- response -----------------------------------------------------------------------------

    def response_begins(self, th, g, code):
        s = th.slot
        if s is None:
            if not self.armed:
                return
            s = self.enter(th, 0)
        self.flush(th)
        s.ctx |= R.CTX_RESPONSE
        s.seen |= R.SEEN_ANSWERED
        s.group, s.code, s.cookie, s.response_ns = g, code, g.cookie, self.now
        self.compare(th)

    def compare(self, th):
        """The answer with what was written for it."""
        s = th.slot
        s.flags = 0
        if not s.ctx & R.CTX_WRITE or s.answered >= len(s.entries) or self.rnd() < 0.01:
            return  # none, or it could not be read
        s.flags = R.RESPONSE_COMPARED
        cookie, code = s.entries[s.answered]
        if self.hit("user_changes_buffer"):
            code = INVALID if code == SUCCESS else SUCCESS
        if (cookie, code) != (s.cookie, s.code):
            self.emit(R.WRITTEN, th, s.ctx,
                      R.body(R.WRITTEN, s.call_ns, s.obj.ptr, s.group.ptr, s.answered, cookie, code,
                             s.cookie, s.code, 0))

    def response_send(self, th, ack, calls, driver_code, time=None, missed=False):
        s, g = th.slot, th.slot.group
        ctx = s.ctx
        if missed:  # the context of the entry that was not seen
            ctx &= ~R.CTX_RESPONSE
        s.ctx &= ~R.CTX_RESPONSE
        caller, obj = 0, None
        if ctx & R.CTX_WRITE:
            s.answered += 1
            caller, obj = s.call_ns, s.obj
        elif ctx & BRACKET:
            s.bracket_answered += 1
            caller, obj = s.bracket_ns, s.bracket_obj
        elif ctx & R.CTX_REPORT:
            caller = s.report_ns
        self.emit(R.RESPONSE, th, ctx,
                  R.body(R.RESPONSE, s.response_ns, ack, caller, g.ptr, obj.ptr if obj else 0,
                         g.dev.ptr, s.cookie, s.code, g.pasid or 0, g.grpid, calls,
                         s.flags | (0 if calls or not self.cfg.watched else R.RESPONSE_UNTOLD),
                         driver_code), time if time is not None else (ack or self.now))
        if g.answer_ns is None:
            g.answer_ns = s.response_ns or self.now - 1
        if not s.ctx:
            th.slot = None

    def flush(self, th):
        if th.slot and th.slot.ctx & R.CTX_RESPONSE:
            self.response_send(th, 0, 0, 0)

    def driver_told(self, th, dev, ptr, pasid, grpid, code, calls=1, group=None, right=None):
        """The driver's page_response returned. right: what it was to be told of, if not this."""
        s = th.slot
        if not self.cfg.watched or not self.armed:
            return
        other = (dev, pasid, grpid) != right if right else False
        body = R.body(R.DRIVER, ptr, dev.ptr, pasid or 0, grpid, code, other and R.DRIVER_OTHER)
        if s and s.ctx & R.CTX_RESPONSE and s.group.ptr == ptr:
            if other:
                self.emit(R.DRIVER, th, s.ctx, body)
            self.response_send(th, self.now, calls, code)
            return
        if (group and s and not s.ctx & R.CTX_RESPONSE and s.group is not group and
                s.ctx & (R.CTX_WRITE | R.CTX_AUTO | R.CTX_DESTROY)):
            s.group, s.code, s.cookie, s.response_ns = group, code, group.cookie, 0
            s.ctx |= R.CTX_RESPONSE
            s.seen |= R.SEEN_ANSWERED
            self.compare(th)
            if other:
                self.emit(R.DRIVER, th, s.ctx, body)
            self.response_send(th, self.now, calls, code, missed=True)
            return
        if s:
            s.seen |= R.SEEN_ANSWERED
        self.emit(R.DRIVER, th, s.ctx if s else 0, body)

    def told_of(self, right, ptr):
        """Device, event, PASID and group index that a driver is told."""
        dev, pasid, grpid = right
        others = [d for d in self.devs if d is not dev]
        if others and self.hit("driver_other_device"):
            dev = others[0]
        if pasid is not None and self.hit("driver_other_pasid"):
            pasid += 1
        if self.hit("driver_other_index"):
            grpid += 1
        return dev, ptr, pasid, grpid

    def respond(self, th, g, code):
        """iopf_group_response(), and the group is freed."""
        if not (self.cfg.watched and th.slot and self.missed()):
            self.response_begins(th, g, code)
        if self.maybe():
            yield
        told = code
        if self.hit("driver_other_code"):
            told = FAILURE if code != FAILURE else SUCCESS
        if self.hit("driver_skipped"):
            pass
        else:
            if g.pending is False:  # unlinked: the driver is not told (a bug's consequence)
                pass
            elif self.cfg.device_fast and self.rnd() < self.cfg.device_fast:
                g.dev.busy.discard(g.grpid)  # the device knows before the probe does
                th.fast = True
                yield
                yield
                th.fast = False
            else:
                g.dev.busy.discard(g.grpid)
            calls = 2 if self.hit("driver_calls_two") else 1
            if self.late():
                th.fast = True
                yield
                th.fast = False
            right = (g.dev, g.pasid, g.grpid)
            self.driver_told(th, *self.told_of(right, g.ptr), told, calls, g, right)
            if self.hit("driver_twice"):
                self.driver_told(th, g.dev, g.ptr, g.pasid, g.grpid, code)
        if not self.cfg.watched:
            if self.maybe():
                yield
            self.flush(th)  # the end of iopf_group_response() has a probe then
        if th.slot and th.slot.ctx == R.CTX_RESPONSE:  # no enclosing call, no driver
            self.flush(th)
        g.state = DONE

    def release(self, g):
        self.slab.put(g.ptr)

    # --- report -------------------------------------------------------------------------------

    def reporter(self, th, dev):
        cfg, rnd = self.cfg, self.rnd
        while not self.stop_reports:
            if len(dev.busy) >= cfg.depth or rnd() < 0.3:
                yield
                continue
            yield from self.fault(th, dev)
            yield

    def grpid(self, dev):
        top = 4 if self.cfg.twins else 500
        for _ in range(8):
            grpid = int(self.rnd() * max(top, self.cfg.depth + 4))
            if grpid not in dev.busy:
                return grpid
        return None

    def fault(self, th, dev):
        """The device faults: one request group, of one page or several."""
        cfg, rng, rnd = self.cfg, self.rng, self.rnd
        keys = list(dev.handles)
        if not keys:
            if rnd() < 0.7:
                return
            keys = [None]
        pasid = rng.choice(keys)
        grpid = self.grpid(dev)
        if grpid is None:
            return
        if self.bug in ("device_reuses_queued", "device_reuses_held"):
            state = QUEUED if self.bug == "device_reuses_queued" else HELD
            same = [g.grpid for g in self.groups if g.dev is dev and g.state == state]
            if same and self.hit(self.bug):
                grpid = rng.choice(same)
        dev.busy.add(grpid)
        n = 1
        if cfg.multi and rnd() < cfg.multi:
            n = rng.choice((2, 2, 3, 4))
            if cfg.big and rnd() < cfg.big * 4:
                n = rng.choice((16, 17, 20))
        flag = R.PASID_VALID if pasid is not None else 0
        perm = rng.choice((1, 2, 3, 3))
        top = 0x3 if cfg.twins else 0xfffff
        base = (int(rnd() * top) << 12) + 0x7f0000000000
        pages = [(base + (i << 12), perm, flag) for i in range(n)]
        for page in pages[:-1]:
            yield from self.report(th, dev, pasid, grpid, page, False)
            if rnd() < 0.3:
                yield
        if n > 1 and rnd() < 0.04 and not self.bug:
            yield from self.discard(th)
        last = (pages[-1][0], perm, flag | R.LAST_PAGE)
        if cfg.sva and rnd() < cfg.sva and n == 1:
            self.sva(th, dev, grpid)
            return
        yield from self.report(th, dev, pasid, grpid, last, True)

    def sva(self, th, dev, grpid):
        """Taken by the kernel itself: no record, until the queue of the device is removed."""
        if self.rnd() < 0.5:
            dev.sva.append((self.slab.alloc(), grpid))
        else:
            dev.busy.discard(grpid)

    def find_handle(self, dev, pasid):
        h = dev.handles.get(pasid)
        if h is None and pasid is not None:
            h = dev.handles.get(None)
        if h and h.dying:
            return None
        return h

    def report(self, th, dev, pasid, grpid, page, last):
        """iommu_report_device_fault()."""
        while dev.quiet:
            yield
        dev.reporting += 1
        s = self.enter(th, R.CTX_REPORT)
        report_ns = 0
        if s:
            report_ns = s.report_ns = self.now
        if self.maybe():
            yield
        h = self.find_handle(dev, pasid)
        ret = 0
        if h is None and self.bug == "late_enqueue" and self.retired_handle(dev):
            if self.hit("late_enqueue", 1):
                h = self.retired_handle(dev)
        if last and self.hit("report_dropped"):
            ret = -ENODEV
            dev.busy.discard(grpid)
            dev.partial = [p for p in dev.partial if p[0] != grpid]
        elif h is None:
            if last:
                other = self.hit("driver_other_refused")
                self.driver_told(th, dev, 0xffffc90000000000 + th.tid * 0x1000, pasid,
                                 grpid + other, INVALID, right=(dev, pasid, grpid))
                dev.busy.discard(grpid)
            ret = -EINVAL
        elif not last and not self.hit("partial_makes_group"):
            if self.rnd() < 0.03:
                ret = -ENOMEM
            else:
                dev.partial.append([grpid, page, None])
                if self.hit("partial_answered"):
                    self.driver_told(th, dev, 0xffffc90000000000 + th.tid * 0x1000, pasid, grpid,
                                     INVALID)
        else:
            g = yield from self.handle_group(th, dev, h, pasid, grpid, page, s)
            if g is None:
                ret = -ENOMEM
        if self.maybe():
            yield
        self.report_exit(th, dev, pasid, grpid, page, last, ret, report_ns)
        dev.reporting -= 1

    def report_exit(self, th, dev, pasid, grpid, page, last, ret, report_ns):
        s = th.slot
        if not self.armed:
            return
        if s is None or not s.ctx & R.CTX_REPORT:
            s = self.again(th, R.CTX_REPORT)
        self.flush(th)
        if (s.seen not in (R.SEEN_QUEUED, R.SEEN_SVA)) or ret or not page[2] & R.LAST_PAGE:
            self.name_device(th, dev)
            if not s.seen and page[2] & R.LAST_PAGE and self.cfg.watched:
                s.seen |= R.SEEN_UNTOLD
            self.emit(R.REPORT, th, s.ctx,
                      R.body(R.REPORT, s.report_ns, dev.ptr, page[0], pasid or 0, grpid, page[1],
                             page[2], ret, s.seen))
            if not last and ret == 0:
                for p in dev.partial:
                    if p[0] == grpid and p[1] == page:
                        p[2] = self.now - 1
        th.slot = None

    def take_partial(self, dev, grpid):
        taken = [p for p in dev.partial if p[0] == grpid]
        dev.partial = [p for p in dev.partial if p[0] != grpid]
        return taken

    def handle_group(self, th, dev, h, pasid, grpid, page, s):
        """A group is made and given to iommufd's handler."""
        g = Group()
        if self.hit("abort_stack"):
            g.ptr = 0xffffc90000001000
            g.obj, g.handle, g.dev, g.pasid, g.grpid = h.obj, h, dev, pasid, grpid
            g.pages, g.cookie, g.state, g.answer_ns, g.pending = [page], 0, MOVING, None, True
            self.take_partial(dev, grpid)
            yield from self.respond(th, g, FAILURE)
            return None
        g.ptr = self.slab.alloc()
        g.obj, g.handle, g.dev, g.pasid, g.grpid = h.obj, h, dev, pasid, grpid
        parked = self.take_partial(dev, grpid)
        if parked and self.hit("partial_dropped"):
            parked.pop()
        for p in parked:
            if p[2]:
                self.parked.append((p[2], self.now))
        g.pages = [p[1] for p in parked] + [page]
        if grpid in dev.grpids and self.hit("partial_foreign", 0.7):
            g.pages.insert(0, (0xdead000, 1, page[2] & ~R.LAST_PAGE))
        if len(g.pages) > 1 and self.hit("partial_addr"):
            g.pages[0] = (g.pages[0][0] ^ 0x100000, g.pages[0][1], g.pages[0][2])
        if len(g.pages) > 1 and self.hit("last_flag_in_the_middle"):
            g.pages[0] = (g.pages[0][0], g.pages[0][1], g.pages[0][2] | R.LAST_PAGE)
        if self.rnd() < 0.02:
            g.pages[-1] = (g.pages[-1][0], g.pages[-1][1], g.pages[-1][2] | 4)
        dev.grpids.add(grpid)
        g.flags = g.pages[-1][2]
        g.cookie, g.state, g.pending = 0, MOVING, True
        g.queue_ns = g.answer_ns = g.deliver_ns = None
        g.shown = None
        h.inflight += 1
        self.groups.append(g)
        self.adding += 1
        time = self.now
        if self.armed:
            g.queue_ns = time
            if s is None:
                s = self.again(th, R.CTX_REPORT)
            s.seen |= R.SEEN_QUEUED
            self.name_device(th, dev)
            if self.late():
                yield
            alone = self.adding == 1 and not self.cfg.no_alone and self.rnd() < 0.95
            g.alone = alone
            addr, perm, flags = g.pages[-1]
            self.emit(R.ENQUEUE, th, s.ctx,
                      R.body(R.ENQUEUE, s.report_ns, g.ptr, g.obj.ptr, h.ptr, dev.ptr, addr,
                             g.obj.ident, dev.ident, pasid or 0, grpid, perm, flags, len(g.pages),
                             R.ALONE if alone else 0), time)
            if len(g.pages) > 1:
                for first in range(0, len(g.pages), 16):
                    part = g.pages[first:first + 16]
                    self.emit(R.PAGES, th, s.ctx, R.body(R.PAGES, g.ptr, first, len(part)) +
                              R.array(R.PAGES, part), time)
        if self.maybe():
            yield
        if self.hit("abort_after_enqueue"):
            yield from self.respond(th, g, FAILURE)
            self.adding -= 1
            h.inflight -= 1
            self.release(g)
            return None
        g.state = QUEUED
        if g.obj.deliver and self.hit("kernel_lifo", 0.5, 3):
            g.obj.deliver.insert(0, g)
        elif g.obj.deliver and self.hit("kernel_second_last", 0.5, 3):
            g.obj.deliver.insert(len(g.obj.deliver) - 1, g)
        else:
            g.obj.deliver.append(g)
        if self.bug == "kernel_cookie_at_enqueue" and self.rnd() < 0.3:
            self.take_cookie(g)
        self.adding -= 1
        if self.maybe():
            yield
        h.inflight -= 1
        return g

    def discard(self, th):
        for dev in self.devs:
            dev.quiet = True
        while any(dev.reporting for dev in self.devs):
            yield
        dropped = [p for dev in self.devs for p in dev.partial]
        if self.armed:
            self.enter(th, 0)
            self.emit(R.DISCARD, th, 0, R.body(R.DISCARD, 0xffff888400000000))
            th.slot = None
        self.parked += [(p[2], self.now) for p in dropped if p[2]]
        for dev in self.devs:
            dev.partial = []
            dev.quiet = False
        yield

    # --- read ---------------------------------------------------------------------------------

    def take_cookie(self, g):
        cookie = 0 if g.obj.zero_free else 1
        while cookie in g.obj.xa:
            cookie += 1
        if self.hit("cookie_zero"):
            cookie = 0
        if g.obj.xa and self.hit("cookie_taken"):
            cookie = self.rng.choice(sorted(g.obj.xa))
        g.cookie = cookie
        g.obj.used.add(cookie)
        g.obj.xa[cookie] = g
        return cookie

    def hazard(self, obj):
        """A cookie that somebody still wants to answer is free: the next to get it would be hit."""
        if self.bug == "echo_cookie":  # what was shown is nobody's: nothing is hit
            return False
        if any(g.state != HELD or g.cookie != c for c, g in obj.writing):
            return True
        return any(o is obj and (g.state != HELD or g.cookie != c)
                   for proc in self.procs for o, c, g in proc.inbox)

    def message(self, g, page):
        addr, perm, flags = page
        return (flags, g.dev.ident, g.pasid or 0, g.grpid, perm, 0, addr, 0, g.shown or g.cookie)

    def k_read(self, th, obj, count, fail_at=None):
        """iommufd_fault_fops_read(). fail_at: the record at which the copy fails."""
        s = self.enter(th, R.CTX_READ)
        entered = self.now
        if s:
            s.obj, s.call_ns = obj, self.now
            s.head = obj.deliver[0].ptr if obj.deliver else None
        if self.maybe():
            yield
        out, rc, fresh = [], 0, []
        if count % PGSIZE:
            rc = -ESPIPE
        else:
            while obj.mutex or self.hazard(obj):
                yield
            obj.mutex = th
            if obj.deliver and self.hit("slow_read"):
                self.now += 1_000_000_000
            out, rc, fresh = yield from self.fetch(th, obj, count, fail_at)
            if self.rnd() < 0.1:
                yield
            obj.mutex = None
        ret = len(out) * PGSIZE if out else rc
        if out and self.hit("read_bad_length"):
            ret -= 8
        if self.maybe():
            yield
            if self.maybe():
                yield
        self.read_exit(th, s, obj, count, ret, out, entered)
        if th.proc:
            for g in fresh:
                if self.rnd() < 0.85 or self.bug:
                    self.tell(th.proc, obj, g)
        return ret

    def tell(self, proc, obj, g):
        entry = (obj, g.shown or g.cookie, g)
        if g.state == HELD and entry not in proc.inbox and (g.cookie, g) not in obj.writing:
            proc.inbox.append(entry)

    def next_group(self, obj, room):
        queue = obj.deliver
        if not queue and room and self.bug == "wrong_object_deliver":
            for other in self.objs:
                if other.deliver and not other.dead and self.hit(self.bug, 0.5):
                    g = other.deliver.pop(0)
                    g.obj = obj
                    return g
        if len(queue) > 1 and room == len(queue[1].pages) and self.hit("read_skips_head", 0.6):
            return queue.pop(1)
        if queue and self.hit("read_loses_group"):
            queue.pop(0).state = LOST
        if queue and self.hit("group_freed_unanswered"):
            self.free_unanswered(queue.pop(0))
        return queue.pop(0) if queue else None

    def fetch(self, th, obj, count, fail_at):
        """The loop of the read, with the mutex held."""
        out, rc, fresh = [], 0, []
        room = count // PGSIZE
        if obj.deliver and room and self.hit("false_empty", 0.5):
            return out, 0, fresh
        while len(out) < room:
            g = self.next_group(obj, room - len(out))
            if g is None:
                break
            if g.state == DONE:  # freed under us by a bug: leave it
                continue
            if len(g.pages) > room - len(out):
                self.put_back(obj, g, "tail_restore_small")
                if not out:
                    rc = 0 if self.hit("small_buffer_zero", 1) else -EINVAL
                break
            if obj.xa.get(g.cookie) is not g:
                self.take_cookie(g)
            if self.rnd() < 0.1:
                yield
            if fail_at is not None and len(out) <= fail_at < len(out) + len(g.pages):
                if fail_at > len(out) and self.hit("torn_copy", 1):
                    out += [self.message(g, p) for p in g.pages[:fail_at - len(out)]]
                if self.hit("efault_loses_group", 1):
                    del obj.xa[g.cookie]
                    g.state = LOST
                    rc = -EFAULT
                    break
                del obj.xa[g.cookie]
                g.state = QUEUED
                self.put_back(obj, g, "tail_restore_fault")
                rc = -EFAULT
                break
            g.state = HELD
            out += self.echo(obj, g)
            fresh.append(g)
            if self.hit("read_requeues"):
                g.state = QUEUED
                obj.deliver.append(g)
                obj.xa.pop(g.cookie, None)
                self.take_cookie(g)
            elif self.hit("read_twice_at_once"):
                if room - len(out) >= len(g.pages):
                    out += self.echo(obj, g)
                else:
                    self.fired -= 1
            if th.proc and self.rnd() < 0.1:
                self.tell(th.proc, obj, g)
        if out and obj.deliver and self.hit("read_hands_out_untold", 0.5):
            g = obj.deliver.pop(0)
            g.state = HELD
            self.take_cookie(g)
        return out, rc, fresh

    def free_unanswered(self, g):
        g.state = LOST
        g.dev.busy.discard(g.grpid)
        self.release(g)

    def put_back(self, obj, g, bug):
        if obj.deliver and self.hit(bug, 1, 2):
            obj.deliver.append(g)
        else:
            obj.deliver.insert(0, g)

    ECHO = {"echo_flags": (0, 8), "echo_dev_id": (1, 1), "echo_pasid": (2, 1),
            "echo_grpid": (3, 1024), "echo_perm": (4, 4), "echo_reserved": (5, 77),
            "echo_addr": (6, 0x40000000), "echo_length": (7, 4096)}

    def echo(self, obj, g):
        """What user space is told of a group."""
        if self.hit("echo_cookie"):
            g.shown = g.cookie + 1000
        out = [self.message(g, p) for p in g.pages]
        change = self.ECHO.get(self.bug)
        if change and (self.bug != "echo_pasid" or g.pasid is not None) and self.hit(self.bug):
            which = int(self.rnd() * len(out))
            record = list(out[which])
            record[change[0]] ^= change[1]
            out[which] = tuple(record)
        return out

    def read_exit(self, th, s, obj, count, ret, out, entered):
        if not self.armed:
            return
        if s is None:
            s = self.again(th, R.CTX_READ)
            s.obj, s.call_ns = obj, 0
        th.slot = None
        self.calls.append(self.now - entered)
        if not ret and s.head is None:
            self.empty_reads += 1
            return
        flags = 0
        if s.head is not None:
            flags = R.NOT_EMPTY
            if ret <= 0 and obj.deliver and obj.deliver[0].ptr == s.head:
                flags |= R.STILL_HELD
        out = self.spoil(out)
        first = R.NO_FAULT
        more = 0
        if out is None:
            flags |= R.UNREADABLE
            more = R.UNREADABLE
            out = []
            nr = ret // PGSIZE
        else:
            nr = ret // PGSIZE if ret > 0 else 0
            if nr:
                first = R.FAULT.pack(*out[0])
        for g in self.groups:
            if g.obj is obj and g.state != QUEUED and g.deliver_ns is None and any(
                    m[8] == g.cookie and m[3] == g.grpid for m in out):
                g.deliver_ns = self.now
        seq = len(self.recs)
        self.emit(R.READ, th, R.CTX_READ,
                  R.body(R.READ, s.call_ns, obj.ptr, count, ret, obj.ident, flags) + first)
        for at in range(1, nr, 16):
            part = out[at:min(at + 16, nr)]
            self.emit(R.READ_MORE, th, R.CTX_READ,
                      R.body(R.READ_MORE, obj.ptr, seq, at, min(16, nr - at), more) +
                      R.array(R.READ_MORE, part))
        self.last_out = out or self.last_out

    def spoil(self, out):
        """The buffer is the user's; another thread may have used it again by now."""
        if not out or not self.cfg.corrupt or self.rnd() >= self.cfg.corrupt:
            return out
        self.tainted = True
        how = int(self.rnd() * 4)
        if how == 0:
            return None
        if how == 1:
            return [(0,) * 9 for _ in out]
        if how == 2 and self.last_out:
            return (self.last_out * len(out))[:len(out)]
        junk = int(self.rnd() * 2**32)
        return [(junk,) * 6 + (junk, junk, junk) for _ in out]

    # --- write --------------------------------------------------------------------------------

    def k_write(self, th, obj, entries, fail_at=None, odd=0, wait=None):
        """iommufd_fault_fops_write(). entries: [cookie, code]. fail_at: copy fails there."""
        s = self.enter(th, R.CTX_WRITE)
        entered = self.now
        if s:
            s.obj, s.call_ns, s.entries = obj, self.now, list(entries)
        if self.maybe():
            yield
        count = len(entries) * ANSIZE + odd
        done, rc = 0, 0
        if odd:
            rc = -ESPIPE
        else:
            for _ in range(400):
                if wait is None or wait():
                    break
                yield
            while obj.mutex:
                yield
            obj.mutex = th
            if self.hit("slow_write"):
                self.now += 1_000_000_000
            for i, (cookie, code) in enumerate(entries):
                if i == fail_at:
                    rc = -EFAULT
                    break
                rc = yield from self.answer(th, obj, cookie, code)
                if rc:
                    break
                done += ANSIZE
                if self.rnd() < 0.1:
                    yield
            obj.mutex = None
        ret = done or rc
        if rc == -EFAULT and not done and self.hit("write_residue", 1):
            ret = 1 + int(self.rnd() * 8)
        if done and self.hit("write_overcount"):
            ret = done + ANSIZE
        if done > 8 and self.hit("write_undercount"):
            ret = done - ANSIZE
        if self.maybe():
            yield
        if self.armed:
            if s is None:
                s = self.again(th, R.CTX_WRITE)
                s.obj, s.call_ns = obj, 0
            self.flush(th)
            self.calls.append(self.now - entered)
            if ret != count or ret != s.answered * ANSIZE:
                self.write_record(th, s, obj, count, ret, entries, fail_at)
            th.slot = None
        return ret

    def write_record(self, th, s, obj, count, ret, entries, fail_at):
        first = max(ret, 0) // ANSIZE
        nr = min((count - max(ret, 0)) // ANSIZE, 16) if count > max(ret, 0) else 0
        part = entries[first:first + nr]
        if fail_at is not None and first <= fail_at < first + nr:
            nr, part = 0, []
        self.emit(R.WRITE, th, R.CTX_WRITE,
                  R.body(R.WRITE, s.call_ns, obj.ptr, count, ret, obj.ident, s.answered, first, nr,
                         0) + R.array(R.WRITE, part))

    def answer(self, th, obj, cookie, code):
        """One record of a write; 0 or an error."""
        if code not in (SUCCESS, INVALID) and not self.hit("kernel_takes_bad_code", 1):
            return -EINVAL
        if cookie in obj.xa and obj.xa[cookie].state == HELD and self.hit("write_refuses"):
            return -EINVAL
        g = obj.xa.pop(cookie, None)
        obj.zero_free |= cookie == 0
        if g is None and self.bug == "kernel_takes_unknown" and obj.deliver:
            if self.hit(self.bug, 1):
                g = obj.deliver.pop(0)
        if g is None and self.bug == "wrong_object_answer":
            for other in self.objs:
                if other in self.alive() and cookie in other.xa and self.hit(self.bug, 1):
                    g = other.xa.pop(cookie)
                    break
        if g is None:
            return -EINVAL
        if g.state == QUEUED and g in obj.deliver:
            obj.deliver.remove(g)
            self.fired += self.armed
        if g.state == DONE and not self.bug:
            raise AssertionError("a group that is gone has a cookie")
        if code == SUCCESS and self.hit("kernel_loses_success"):
            code = INVALID
        elif code == INVALID and self.hit("kernel_loses_invalid", 1):
            code = SUCCESS
        others = [c for c in obj.xa if obj.xa[c].state == HELD]
        if others and g.cookie == cookie and self.hit("kernel_answers_other"):
            obj.xa[cookie], g = g, obj.xa.pop(others[0])
        yield from self.respond(th, g, code)
        if (cookie, g) in obj.writing:
            obj.writing.remove((cookie, g))
        if self.hit("kernel_answers_twice"):
            yield from self.respond(th, g, code)
        if self.bug == "kernel_keeps_answered" and self.hit(self.bug):
            obj.xa[cookie] = g  # found again by whoever looks next; not freed
            return 0
        self.release(g)
        return 0

    # --- detach, destroy, queue removal -------------------------------------------------------

    def bracket(self, th, ctx, obj):
        s = self.enter(th, ctx)
        if s:
            s.bracket_ns, s.bracket_obj = self.now, obj
        return s

    def k_auto(self, th, obj, handle):
        """iommufd_auto_response_faults()."""
        s = self.bracket(th, R.CTX_AUTO, obj)
        entered = self.now
        if self.maybe():
            yield
        wrong = [o for o in self.objs if o is not obj and not o.dead and not o.closed]
        target = obj
        theirs = obj and any(g.handle is handle for g in [*obj.deliver, *obj.xa.values()])
        if theirs and wrong and self.hit("auto_wrong_object", 0.9):
            target = wrong[0]
            if s:
                s.bracket_obj = target
        if target:
            while target.mutex:
                yield
            target.mutex = th
            yield from self.auto_answers(th, target, handle)
            if self.hit("slow_auto"):
                self.now += 1_000_000_000
            target.mutex = None
        if self.maybe():
            yield
        if s:
            self.flush(th)
            self.calls.append(self.now - entered)
            self.emit(R.AUTO, th, R.CTX_AUTO,
                      R.body(R.AUTO, s.bracket_ns, target.ptr if target else 0, handle.ptr,
                             s.bracket_answered, target.ident if target else 0))
        th.slot = None
        handle.retired = True

    def auto_answers(self, th, obj, handle):
        code = INVALID
        queued = [g for g in obj.deliver if g.handle is handle]
        held = sorted(c for c, g in obj.xa.items() if g.handle is handle)
        if queued and self.hit("auto_skips_queued", 0.8):
            queued = []
        if held and self.hit("auto_skips_held", 0.8):
            held = []
        if (queued or held) and self.bug == "leave_to_detach":
            self.fired = 1
        if queued and self.hit("auto_drops", 0.8):  # out of the queue, and forgotten
            g = queued.pop(0)
            obj.deliver.remove(g)
            g.state = LOST
        if self.hit("auto_success", 0.8 if queued or held else 0):
            code = SUCCESS
        others = [g for g in obj.deliver if g.handle is not handle]
        if others and self.hit("auto_answers_another", 0.9):
            queued.append(others[0])
        for g in queued:
            obj.deliver.remove(g)
            g.state = MOVING
        for g in queued:
            yield from self.respond(th, g, code)
            self.release(g)
        for c in held:
            g = obj.xa.pop(c, None)
            if g is None or g.state == DONE and self.bug == "kernel_cookie_at_enqueue":
                continue
            yield from self.respond(th, g, code)
            self.release(g)
            if self.rnd() < 0.1:
                yield

    def k_destroy(self, th, obj):
        """iommufd_fault_destroy()."""
        s = self.bracket(th, R.CTX_DESTROY, obj)
        entered = self.now
        if self.maybe():
            yield
        queued, held = list(obj.deliver), sorted(obj.xa)
        if queued and self.hit("destroy_skips_queued", 0.9):
            queued = []
        if held and self.hit("destroy_skips_held", 0.9):
            held = []
        if (queued or held) and self.bug == "leave_to_destroy":
            self.fired = 1
        code = INVALID
        if (queued or held) and self.hit("destroy_failure", 0.9):
            code = FAILURE
        obj.deliver = [g for g in obj.deliver if g not in queued]
        for g in queued:
            yield from self.respond(th, g, code)
            self.release(g)
        for c in held:
            g = obj.xa.pop(c, None)
            if g is None or g.state == DONE and self.bug == "kernel_cookie_at_enqueue":
                continue
            yield from self.respond(th, g, code)
            self.release(g)
        if s:
            self.flush(th)
            self.calls.append(self.now - entered)
            self.emit(R.DESTROY, th, R.CTX_DESTROY,
                      R.body(R.DESTROY, s.bracket_ns, obj.ptr, s.bracket_answered, obj.ident))
        th.slot = None
        obj.dead = True
        self.oslab.put(obj.ptr)

    def k_qremove(self, th, dev):
        """iopf_queue_remove_device(). Its caller has made the device silent."""
        dev.quiet = True
        while dev.reporting:
            yield
        s = self.bracket(th, R.CTX_QREMOVE, None)
        entered = self.now
        if self.maybe():
            yield
        dropped, dev.partial = dev.partial, []
        for ptr, grpid in dev.sva:
            self.driver_told(th, dev, ptr, 9, grpid, INVALID)
            dev.busy.discard(grpid)
            self.slab.put(ptr)
        dev.sva = []
        for name, state in (("qremove_answers_queued", QUEUED), ("qremove_answers_held", HELD)):
            if self.bug != name:
                continue
            for g in self.groups:
                if g.dev is dev and g.state == state and g.queue_ns and self.hit(name, 0.9, 3):
                    self.driver_told(th, dev, g.ptr, g.pasid, g.grpid, INVALID)
                    g.dev.busy.discard(g.grpid)
                    g.pending = False
                    if g.answer_ns is None:
                        g.answer_ns = self.now
        if self.hit("slow_qremove"):
            self.now += 1_000_000_000
        if s:
            self.calls.append(self.now - entered)
            self.emit(R.QREMOVE, th, R.CTX_QREMOVE,
                      R.body(R.QREMOVE, s.bracket_ns, 0xffff888400000000, dev.ptr))
        th.slot = None
        self.parked += [(p[2], self.now) for p in dropped if p[2]]
        self.named_devs.discard(dev.ptr)
        dev.quiet = False

    # --- what the VMM does --------------------------------------------------------------------

    def alloc(self, th):
        obj = Obj(self.oslab.alloc(), self.ident())
        self.objs.append(obj)
        if self.armed:
            self.enter(th, 0)
            self.emit(R.ALLOC, th, 0, R.body(R.ALLOC, obj.ptr, obj.ident, 10 + obj.ident, 0, 0))
            th.slot = None
        return obj

    def attach(self, th, dev, pasid, obj):
        h = Handle()
        h.ptr, h.dev, h.pasid, h.obj = self.hslab.alloc(), dev, pasid, obj
        h.dying = h.retired = False
        h.inflight = 0
        obj.handles += 1
        if self.armed:
            self.enter(th, 0)
            self.emit(R.ATTACH, th, 0, R.body(R.ATTACH, h.ptr))
            th.slot = None
        return h

    def detach(self, th, h, new=None):
        """Detach, or replace by another handle; the old one's faults are answered."""
        dev = h.dev
        h.dying = True
        if new:
            dev.handles[h.pasid] = new
        elif dev.handles.get(h.pasid) is h:
            del dev.handles[h.pasid]
        while h.inflight:
            yield
        yield from self.k_auto(th, h.obj, h)
        for proc in self.procs:
            proc.inbox = [e for e in proc.inbox if e[2].state == HELD and e[2].cookie == e[1]]
        h.obj.handles -= 1
        if self.bug == "late_enqueue":
            self.old_handles.append(h)
        else:
            self.hslab.put(h.ptr)

    def retired_handle(self, dev):
        for h in self.old_handles:
            if h.dev is dev and not h.obj.closed and not h.obj.dead:
                return h
        return None

    def alive(self):
        return [o for o in self.objs if not o.closing and not o.closed and not o.dead]

    def control(self, th):
        """Attaches and detaches as it likes."""
        cfg, rng, rnd = self.cfg, self.rng, self.rnd
        while not self.stop_reports:
            yield
            if rnd() >= cfg.control:
                continue
            dev = rng.choice(self.devs)
            what = rnd()
            live = self.alive()
            keys = list(dev.handles)
            if self.bug and self.bug.startswith("qremove") and what < 0.5:
                yield from self.k_qremove(th, dev)
            elif what < 0.35 and keys:
                yield from self.detach(th, dev.handles[rng.choice(keys)])
                if not dev.handles and (rnd() < 0.6 or self.bug):
                    yield from self.k_qremove(th, dev)
            elif what < 0.6 and keys and live:
                h = dev.handles[rng.choice(keys)]
                yield from self.detach(th, h, self.attach(th, dev, h.pasid, rng.choice(live)))
            elif what < 0.68 and live:
                yield from self.close(th, rng.choice(live))
            elif what < 0.75 and len(self.objs) < 5:
                self.alloc(th)
            elif what < 0.8:
                yield from self.k_auto_plain(th)
            elif what < 0.85 and not self.bug:
                yield from self.discard(th)
            elif live and (what < 0.92 or not dev.handles):
                pasid = None if None not in dev.handles else (7 if cfg.pasids else None)
                if pasid not in dev.handles:
                    dev.handles[pasid] = self.attach(th, dev, pasid, rng.choice(live))

    def k_auto_plain(self, th):
        """Detach of a domain without a fault object."""
        h = Handle()
        h.ptr = self.hslab.alloc()
        h.dev, h.obj, h.dying, h.inflight = None, None, True, 0
        yield from self.k_auto(th, None, h)
        self.hslab.put(h.ptr)

    def close(self, th, obj):
        """Everything that leads to the destruction of an object."""
        obj.closing = True
        while obj.busy:
            yield
        for proc in self.procs:
            proc.inbox = [e for e in proc.inbox if e[0] is not obj]
        early = self.rnd() < 0.5
        if early:
            self.file_release(th, obj)
        leave = self.rnd() < self.cfg.leftovers
        for dev in self.devs:
            for h in list(dev.handles.values()):
                if h.obj is not obj or dev.handles.get(h.pasid) is not h:
                    continue  # another's, or detached while others were waited for
                if leave:
                    h.dying = True
                    del dev.handles[h.pasid]
                    while h.inflight:
                        yield
                    self.hslab.put(h.ptr)
                    obj.handles -= 1
                else:
                    yield from self.detach(th, h)
        while obj.handles > 0:
            yield
        if not early:
            self.file_release(th, obj)
        obj.closed = True
        yield from self.k_destroy(th, obj)

    def file_release(self, th, obj):
        obj.closed = True
        if self.armed:
            self.enter(th, 0)
            self.emit(R.RELEASE, th, 0, R.body(R.RELEASE, obj.ptr, obj.ident, 0))
            th.slot = None

    # --- users --------------------------------------------------------------------------------

    def user(self, th, proc):
        cfg, rnd = self.cfg, self.rnd
        while not self.stop_users:
            yield
            live = self.alive()
            if live and (rnd() < cfg.read_bias or not proc.inbox):
                obj = self.rng.choice(live)
                if not obj.deliver and rnd() < 0.8:
                    continue
                obj.busy += 1
                yield from self.user_read(th, obj)
                obj.busy -= 1
            elif proc.inbox:
                obj = self.rng.choice(proc.inbox)[0]
                if obj.closing:
                    proc.inbox = [e for e in proc.inbox if e[0] is not obj]
                    continue
                obj.busy += 1
                yield from self.user_write(th, proc, obj)
                obj.busy -= 1

    def in_vain(self, th, obj):
        """The same call once more, and once more: the user has not looked at the error."""
        head = obj.deliver[0] if obj.deliver else None
        waits = head and len(head.pages) > 1
        name = self.bug
        if name in ("user_small_buffer", "user_small_buffer_late") and waits:
            count, fail = PGSIZE * (len(head.pages) - 1), None
        elif name == "user_bad_memory" and head:
            count, fail = PGSIZE * 8, 0
        elif name == "user_odd_size" and head:
            count, fail = PGSIZE + 1, None
        else:
            return
        if not self.hit(name):
            return
        for _ in range(8 + int(self.rnd() * 8)):
            self.now += 20_000_000
            yield from self.k_read(th, obj, count, fail)

    def user_read(self, th, obj):
        cfg, rnd = self.cfg, self.rnd
        if self.hit("user_spins"):
            self.empty_reads += 20_000
        yield from self.in_vain(th, obj)
        count = PGSIZE * (1 + int(rnd() * 6))
        if rnd() < 0.05:
            count = PGSIZE * 64
        if cfg.big and rnd() < 0.5:
            count = PGSIZE * 64
        fail = None
        if rnd() < cfg.errors:
            what = rnd()
            if what < 0.15:
                count += 8
            elif what < 0.25:
                count = 0
            elif what < 0.6:
                count = PGSIZE
            else:
                fail = int(rnd() * min(3, count // PGSIZE))
        yield from self.k_read(th, obj, count, fail)

    def take_entries(self, proc, obj):
        mine = [e for e in proc.inbox if e[0] is obj]
        self.rng.shuffle(mine)
        n = 1 + int(self.rnd() * self.cfg.batch)
        if self.rnd() < 0.05:
            n = 40
        mine = mine[:n]
        for e in mine:
            proc.inbox.remove(e)
        return [(c, g) for _, c, g in mine]

    def user_write(self, th, proc, obj):
        """Answers some of what was read, all of it in the end, whatever the kernel says."""
        rnd = self.rnd
        entries = self.take_entries(proc, obj)
        if self.hit("user_ignores", 0.5):
            return
        obj.writing += entries
        todo = [(c, INVALID if rnd() < 0.1 else SUCCESS) for c, _ in entries]
        self.misuse_before(proc, obj, todo)
        wait = None
        if self.bug == "user_early_aba" and entries and self.fired == 0:
            yield from self.early_aba(th, proc, obj, entries)
            return
        if rnd() < 0.02:
            yield from self.k_write(th, obj, [], None)
        if self.cfg.errors and rnd() < 0.05:
            yield from self.k_write(th, obj, todo, None, odd=4)
        while todo:
            fail = None
            if rnd() < self.cfg.errors:
                fail = int(rnd() * len(todo))
            if self.bug == "user_forgets_fault" and not self.fired and len(todo) > 1:
                fail = 1 + int(rnd() * (len(todo) - 1))
            ret = yield from self.k_write(th, obj, todo, fail, wait=wait)
            if ret == len(todo) * ANSIZE:
                break
            if 0 < ret < len(todo) * ANSIZE and self.hit("user_forgets_rest", 1):
                obj.closing = obj.left = True
                break
            if (0 < ret < len(todo) * ANSIZE and fail is not None and
                    self.hit("user_forgets_fault", 1)):
                obj.closing = obj.left = True
                break
            if ret > 0:
                todo = todo[ret // ANSIZE:]
            elif ret == -EINVAL:
                if self.bug == "user_answers_late_twice" and not self.fired and not obj.closing:
                    g = next((g for c, g in entries if c == todo[0][0]), None)
                    if g and g.state == DONE and c_is_free(obj, todo[0][0]):
                        again = yield from self.k_write(th, obj, todo[:1])
                        self.fired += again == -EINVAL
                if todo[0][1] > 1 and self.bug != "kernel_takes_bad_code":
                    todo[0] = (todo[0][0], SUCCESS)
                else:
                    todo = todo[1:]
            yield
        for e in entries:
            if e in obj.writing:
                obj.writing.remove(e)
        proc.stale += [(obj, c) for c, _ in entries]
        yield from self.misuse_after(th, proc, obj, entries)

    def misuse_before(self, proc, obj, todo):
        """User space gives answers that it should not, among others."""
        if not self.bug or not self.bug.startswith(("user_", "kernel_takes")):
            return
        if self.hit("user_strays_in_batch"):
            todo.insert(int(self.rnd() * (len(todo) + 1)), (900 + int(self.rnd() * 9), SUCCESS))
        if self.bug == "user_forgets_rest" and len(todo) > 1:
            todo.insert(1, (977, SUCCESS))
        if self.hit("user_answers_twice_in_batch"):
            todo.append((todo[0][0], INVALID))
        for name in ("user_bad_code", "kernel_takes_bad_code"):
            if self.bug == name and self.rnd() < 0.5 and todo and not self.fired:
                if name == "user_bad_code":
                    self.fired += 1
                at = int(self.rnd() * len(todo))
                todo[at] = (todo[at][0], 2 + int(self.rnd() * 3))

    def misuse_after(self, th, proc, obj, entries):
        if not self.bug or obj.closing:
            return
        if self.hit("user_strays"):
            yield from self.k_write(th, obj, [(800, SUCCESS)])
        if self.hit("user_writes_zero"):
            yield from self.k_write(th, obj, [(0, SUCCESS)])
        if self.hit("user_strays_on"):
            for _ in range(10):
                self.now += 20_000_000
                yield from self.k_write(th, obj, [(800, SUCCESS)])
        if self.hit("user_strays_bad_code"):
            yield from self.k_write(th, obj, [(800, 5)])
        if entries and self.hit("user_answers_twice"):
            yield from self.k_write(th, obj, [(entries[0][0], SUCCESS)])
        if self.bug == "user_writes_stale" and proc.stale and self.rnd() < 0.5:
            o, c = self.rng.choice(proc.stale)
            if not o.closing and not o.closed:
                self.fired += 1
                o.busy += 1
                yield from self.k_write(th, o, [(c, SUCCESS)])
                o.busy -= 1
        others = [o for o in self.alive() if o is not obj]
        if self.bug in ("user_wrong_object", "wrong_object_answer") and others:
            others[0].busy += 1
            held = [c for c in obj.xa if c not in others[0].xa]
            if self.bug == "user_wrong_object":
                held = [c for c in held if c not in others[0].used]
            if held and self.bug == "wrong_object_answer":
                yield from self.k_write(th, others[0], [(held[0], SUCCESS)])
            elif held and self.hit("user_wrong_object", 1):
                yield from self.k_write(th, others[0], [(held[0], SUCCESS)])
            others[0].busy -= 1
        if self.bug in ("kernel_cookie_at_enqueue", "kernel_takes_unknown"):
            early = [g for g in obj.deliver if g.state == QUEUED and
                     (g.cookie or self.bug == "kernel_takes_unknown")]
            if early:
                yield from self.k_write(th, obj, [(early[0].cookie or 700, SUCCESS)])

    def early_aba(self, th, proc, obj, entries):
        """Writes a cookie again before it is handed out again; the kernel meets it afterwards."""
        cookie, g = entries[0]
        yield from self.k_write(th, obj, [(cookie, SUCCESS)])
        for e in entries[1:]:
            yield from self.k_write(th, obj, [(e[0], SUCCESS)])
        for e in entries:
            if e in obj.writing:
                obj.writing.remove(e)
        yield

        def ready():
            again = obj.xa.get(cookie)
            return again is not None and again is not g and again.deliver_ns is not None

        if cookie in obj.xa:
            return
        ret = yield from self.k_write(th, obj, [(cookie, SUCCESS)], wait=ready)
        if ret == ANSIZE and self.armed:
            self.fired += 1

    # --- walks, and the run -------------------------------------------------------------------

    def walk(self, th, end, since=None):
        """The fault objects that are open are walked; @since: when it was asked who is inside."""
        for obj in list(self.objs):
            if obj.closed or obj.dead:
                continue
            enter = self.now if since is None else since
            counts = [0, 0]
            for g in list(obj.deliver):
                if g in obj.deliver:
                    yield from self.waiting(th, obj, g, 0, end)
                    counts[0] += 1
            for c in sorted(obj.xa):
                g = obj.xa.get(c)
                if g:
                    yield from self.waiting(th, obj, g, R.WAIT_DELIVERED | R.WAIT_NAMED, end)
                    counts[1] += 1
            if self.rnd() < 0.2:
                yield
            self.emit(R.WALKED, th, 0,
                      R.body(R.WALKED, enter, obj.ptr, obj.ident, counts[0], counts[1],
                             R.WAIT_END if end else 0))

    def waiting(self, th, obj, g, delivered, end):
        addr, perm, flags = g.pages[-1]
        time = self.now
        cookie = g.cookie if delivered else 0
        if self.rnd() < 0.2:
            yield
        if g.queue_ns is None and g not in self.found_ns and self.armed:
            self.found_ns[g] = time
            if not delivered:
                self.found_queued.add(g)
        self.emit(R.WAITING, th, 0,
                  R.body(R.WAITING, g.ptr, obj.ptr, g.handle.ptr, g.dev.ptr, addr, obj.ident,
                         g.dev.ident, g.pasid or 0, g.grpid, perm, flags, len(g.pages), cookie,
                         delivered | (R.WAIT_END if end else 0), 0), time)

    def spawn(self, th, gen):
        self.tasks.append((th, gen))

    def step(self):
        tasks = self.tasks
        i = int(self.rnd() * len(tasks))
        r = self.rnd()
        self.now += 1 + int(r * 400) if r < 0.97 else int(r * 100_000)
        try:
            next(tasks[i][1])
        except StopIteration:
            tasks[i] = tasks[-1]
            tasks.pop()

    def run(self):
        cfg = self.cfg
        self.procs = [Proc(1000 + 10 * i, "vmm%d" % i) for i in range(cfg.procs)]
        self.objs, self.old_handles = [], []
        admin = self.thread(self.procs[0])
        self.devs = [Dev(0xffff888500000000 + i * 0x1000, 100 + i, "0000:%02x:00.0" % i)
                     for i in range(cfg.devices)]
        self.idents = 200 if self.rnd() < 0.5 else 0
        for _ in range(cfg.objects):
            self.alloc(admin)
        for dev in self.devs:
            dev.handles[None] = self.attach(admin, dev, None, self.rng.choice(self.objs))
            if cfg.pasids:
                for pasid in self.rng.sample(range(1, 9), self.rng.choice((1, 2))):
                    dev.handles[pasid] = self.attach(admin, dev, pasid, self.rng.choice(self.objs))
        for dev in self.devs:
            for _ in range(cfg.reporters):
                th = self.thread(comm="irq/%d" % dev.ident)
                self.spawn(th, self.reporter(th, dev))
        for i in range(cfg.users):
            proc = self.procs[i % len(self.procs)]
            th = self.thread(proc)
            self.spawn(th, self.user(th, proc))
        if cfg.control:
            th = self.thread(self.procs[0])
            self.spawn(th, self.control(th))
        if not self.armed:
            for _ in range(30 + int(self.rnd() * 200)):
                self.step()
            self.arm()
        self.body(admin)
        return self.finish()

    def arm(self):
        self.armed = True
        if self.cfg.walk:
            th = self.thread(comm="iopftrace")
            self.spawn(th, self.walk(th, False))

    def body(self, admin):
        cfg = self.cfg
        idle = 0
        before = len(self.recs)
        while len(self.recs) < cfg.limit and self.tasks and idle < 4000:
            self.step()
            idle = idle + 1 if len(self.recs) == before else 0
            before = len(self.recs)
        self.stop_reports = True
        if cfg.calm:
            self.stop_users = True
            for _ in range(6000):
                if not self.tasks:
                    break
                self.step()
        if cfg.end == "stop":
            return
        for _ in range(6000):  # drain
            if not any(o.deliver or o.xa for o in self.alive()) and not any(
                    p.inbox for p in self.procs):
                break
            if cfg.end == "close" and self.rnd() < 0.005:
                break  # or not quite
            if not self.tasks:
                break
            self.step()
        if cfg.end == "close":
            self.spawn(admin, self.close_all(admin))
            for _ in range(6000):
                if all(o.dead for o in self.objs):
                    break
                self.step()
        if self.rnd() < 0.7:
            self.stop_users = True
            for _ in range(500):
                if not self.tasks:
                    break
                self.step()

    def close_all(self, th):
        for obj in list(self.objs):
            if not obj.closed and (not obj.closing or obj.left):  # it is destroyed once
                yield from self.close(th, obj)

    def finish(self):
        cfg = self.cfg
        for th, gen in self.tasks:
            while th.fast:
                next(gen, None)
        since = self.now
        if cfg.inside and (self.rnd() < 0.5 or cfg.end_walk):
            self.inside()
        if cfg.end_walk:
            self.end_walked = True
            th = self.thread(comm="iopftrace")
            if self.rnd() < 0.5:
                for _ in self.walk(th, True, since):
                    self.now += 50
            else:
                self.spawn(th, self.walk(th, True, since))
                mine = self.tasks[-1]
                for _ in range(300):
                    if mine not in self.tasks:
                        break
                    self.step()
        if cfg.inside:
            self.inside()
        self.now += int(self.rnd() * 1000)
        run = R.Run()
        run.start_ns = 1_000_000_000 if not cfg.before else max(1, self.now - 10**9)
        run.end_ns = self.now
        run.empty_reads = self.empty_reads
        if not cfg.watched:
            run.absent |= 1 << R.PROBE["DRIVER"]
        if not cfg.inside:
            run.absent |= 1 << R.PROBE["INSIDE"]
        if not cfg.end_walk and not (cfg.before and cfg.walk):
            run.absent |= 1 << R.PROBE["WALK"]
        self.deadlines(run)
        data = b"".join(R.pack(i, rec) for i, rec in enumerate(self.recs))
        return data, run

    def inside(self):
        """Calls that have not returned."""
        for t, _ in self.tasks:
            s = t.slot
            if not s or not s.ctx & ~R.CTX_RESPONSE:
                continue
            enter, obj = s.call_ns, s.obj
            if s.ctx & BRACKET:
                enter, obj = s.bracket_ns, s.bracket_obj
            elif s.ctx & R.CTX_REPORT:
                enter, obj = s.report_ns, None
            self.calls.append(self.now - enter)
            self.recs.append((R.INSIDE, self.now, s.ctx, t.tgid, t.tid,
                              R.body(R.INSIDE, enter, obj.ptr if obj else 0)))

    # --- deadlines: as tight as the history allows, or a little tighter -----------------------

    def ages(self):
        for g in self.groups:
            if g.queue_ns is not None:
                yield (g.answer_ns if g.answer_ns is not None else self.now) - g.queue_ns, g
            elif g in self.found_ns:
                yield (g.answer_ns if g.answer_ns is not None else self.now) - self.found_ns[g], g

    def deadlines(self, run):
        d = run.deadline
        bug = self.bug or ""
        if bug.startswith("deadline_"):
            self.tight(run, bug)
            return
        if bug.startswith("slow_"):
            d["call"] = 900_000_000
            return
        if bug == "user_small_buffer_late":
            d["read"] = 50_000_000
            return
        if not self.cfg.deadlines or bug:
            return
        slack = self.rng.choice((0, 0, 1, 1000))
        inside = list(self.open_calls())
        d["answer"] = max([age for age, _ in self.ages()] or [1]) + slack
        d["call"] = max(self.calls + inside + [1]) + slack
        longest = [b - a for a, b in self.parked]
        longest += [self.now - p[2] for dev in self.devs for p in dev.partial if p[2]]
        d["partial"] = max(longest or [1]) + slack
        if not self.tainted and not self.cfg.skew:
            d["read"] = max([w for w, _ in self.waits()] or [1]) + slack

    def waits(self):
        for g in self.groups:
            since = self.found_ns[g] if g in self.found_queued else g.queue_ns
            if since is not None:
                ends = [t for t in (g.deliver_ns, g.answer_ns) if t is not None]
                yield (min(ends) if ends else self.now) - since, g

    def tight(self, run, bug):
        """A deadline that the history breaks."""
        d = run.deadline
        ages = []
        if bug == "deadline_answered":
            ages = [a for a, g in self.ages() if g.answer_ns is not None and g.queue_ns is not None]
            name = "answer"
        elif bug == "deadline_outstanding":
            ages = [a for a, g in self.ages() if g.answer_ns is None and g.queue_ns is not None]
            name = "answer"
        elif bug == "deadline_read":
            ages = [w for w, g in self.waits() if g.deliver_ns is not None]
            name = "read"
        elif bug == "deadline_unread":
            ages = [w for w, g in self.waits() if g.deliver_ns is None and g.answer_ns is None
                    and g.state == QUEUED]
            name = "read"
        elif bug == "deadline_partial":
            ages = [b - a for a, b in self.parked]
            ages += [self.now - p[2] for dev in self.devs for p in dev.partial if p[2]]
            name = "partial"
        else:
            ages = [r for r in self.open_calls()]
            name = "call"
        ages = [a for a in ages if a > 2]
        if ages:
            d[name] = max(ages) - 1
            self.fired = 1

    def open_calls(self):
        for t, _ in self.tasks:
            s = t.slot
            if s and s.ctx & (R.CTX_READ | R.CTX_WRITE):
                yield self.now - s.call_ns
            elif s and s.ctx & BRACKET:
                yield self.now - s.bracket_ns
