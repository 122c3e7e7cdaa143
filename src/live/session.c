// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "privilege.h"
#include "process.h"
#include "words.h"

/* Between two looks at the ring buffer, in ms: while there is traffic, and when there is none. */
#define BUSY_MS 10
#define IDLE_MS 100

/* After the end, how long to wait for records that were begun and are not finished. */
#define LATE_NS 1000000000ULL

/* How long CMD has, after SIGTERM, for its status to be told. */
#define KILL_MS 2000

struct session {
	const struct session_opts *opts;
	struct live *live;
	struct child child;
	struct iopf_order *order;
	int epoll;
	int signals;
	int *traced; /* descriptors of the processes that are traced, -1 = it has ended; opts->nr_pids */
	size_t traced_left; /* of them, those that run */
	uint32_t self; /* the root of CMD's scope: CMD is our child */
	unsigned int interrupts; /* signals so far */
	bool request; /* SIGUSR1 has come, and the sink has not been told */
	uint64_t wakeups;
};

/* Words an error that came up in a step; returns it. */
static int fail(struct live_error *error, enum live_step step, int err)
{
	const struct live_trouble trouble = { .step = step, .err = err };
	const struct live_facts facts = live_facts();

	return live_words(error, &trouble, &facts);
}

/* The same of a process of -p. */
static int fail_pid(struct live_error *error, int err, uint32_t pid)
{
	const struct live_trouble trouble = { .step = LIVE_WATCH, .err = err, .pid = pid };
	const struct live_facts facts = live_facts();

	return live_words(error, &trouble, &facts);
}

static int watch(struct session *s, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Has signals wait until the programs are loaded, and then wake us. */
static int catch_signals(struct session *s)
{
	/* With SIGCHLD ignored, as some callers leave it, CMD's status would be gone. */
	signal(SIGCHLD, SIG_DFL);
	s->signals = process_take_signals(s->opts->requests);
	return s->signals < 0 ? s->signals : watch(s, s->signals, EPOLLIN);
}

/*
 * Watches the processes to trace: there is nothing left to wait for when they have all ended. One that
 * is not there is a mistake of the user's. The programs know processes by their ids in the initial PID
 * namespace, which cannot be told from inside another.
 */
static int watch_processes(struct session *s, struct live_error *error)
{
	const struct live_facts facts = live_facts();

	if (!s->opts->nr_pids)
		return 0;
	if (facts.pid_namespace || facts.no_proc)
		return fail_pid(error, -EXDEV, s->opts->pids[0]);
	s->traced = calloc(s->opts->nr_pids, sizeof(*s->traced));
	if (!s->traced)
		return fail(error, LIVE_SETUP, -ENOMEM);
	for (size_t i = 0; i < s->opts->nr_pids; i++) {
		int fd = (int)syscall(SYS_pidfd_open, s->opts->pids[i], 0);
		int err = fd < 0 ? -errno : watch(s, fd, EPOLLIN);

		s->traced[i] = fd;
		if (!err) {
			s->traced_left++;
			continue;
		}
		return fail_pid(error, err, s->opts->pids[i]);
	}
	return 0;
}

/* Forgets the traced processes that have ended. */
static void reap(struct session *s)
{
	for (size_t i = 0; s->traced_left && i < s->opts->nr_pids; i++) {
		struct pollfd end = { .fd = s->traced[i], .events = POLLIN };

		if (end.fd < 0 || poll(&end, 1, 0) <= 0)
			continue;
		close(end.fd);
		s->traced[i] = -1;
		s->traced_left--;
	}
}

/* Tells the programs whose ends and forks matter. */
static int follow(struct session *s)
{
	int err = 0;

	if (s->opts->cmd)
		return live_follow(s->live, s->self);
	for (size_t i = 0; i < s->opts->nr_pids && !err; i++)
		err = live_follow(s->live, s->opts->pids[i]);
	return err;
}

/* Loads and attaches, with all the privilege there is. */
static int open_live(struct session *s, const struct live_opts *opts, struct live_error *error)
{
	int err = privilege_raise();

	return err ? fail(error, LIVE_SETUP, err) : live_open(&s->live, opts, error);
}

int session_open(struct session **out, const struct session_opts *opts, struct live_error *error)
{
	struct live_opts live = {
		.ring_bytes = opts->ring_bytes,
		.scoped = (opts->cmd || opts->nr_pids) && !opts->system_wide,
		.descendants = opts->cmd && !opts->system_wide,
	};
	struct session *s = calloc(1, sizeof(*s));
	int err;

	*error = (struct live_error){ .text = "" };
	if (!s)
		return fail(error, LIVE_SETUP, -ENOMEM);
	s->opts = opts;
	s->child.pidfd = -1;
	s->signals = -1;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = s->epoll < 0 ? -errno : catch_signals(s);
	if (err) {
		fail(error, LIVE_SETUP, err);
		session_close(s);
		return err;
	}
	err = watch_processes(s, error);
	if (!err)
		err = open_live(s, &live, error);
	if (!err) {
		s->self = live_self(s->live);
		err = live.scoped ? follow(s) : 0;
		if (err)
			fail(error, LIVE_FOLLOW, err);
		else
			err = watch(s, live_fd(s->live), EPOLLIN | EPOLLET);
		/* What files are written to is for the invoking user to open. */
		if (!err)
			err = privilege_lower();
		if (err && !*error->text)
			fail(error, LIVE_SETUP, err);
	}
	if (err) {
		session_close(s);
		return err;
	}
	*out = s;
	return 0;
}

bool session_not_attached(const struct session *s, unsigned int *i, struct live_error *why)
{
	return live_not_attached(s->live, i, why);
}

static void misses(void *arg, struct iopf_run *so_far)
{
	const struct session *s = arg;

	live_misses(s->live, so_far);
}

void session_engine(struct session *s, struct iopf_engine_opts *engine)
{
	engine->misses = misses;
	engine->misses_arg = s;
	if (s->opts->system_wide)
		return;
	if (s->opts->cmd) {
		engine->roots = &s->self;
		engine->nr_roots = 1;
		engine->descendants = true;
	} else {
		engine->roots = s->opts->pids;
		engine->nr_roots = s->opts->nr_pids;
	}
}

uint32_t session_absent(const struct session *s)
{
	return live_absent(s->live);
}

static void take_signals(struct session *s)
{
	bool request;

	s->interrupts = process_signals(&request);
	s->request |= request;
}

/* Starts CMD, and gives up what is no longer needed. */
static int start(struct session *s, struct live_error *error)
{
	char why[CHILD_WHY];
	int code = 0, err;

	process_unblock_signals();
	/* Whoever interrupts while the programs are loaded wants no CMD any more. */
	take_signals(s);
	if (s->opts->cmd && !s->interrupts)
		code = child_start(&s->child, s->opts->cmd, s->opts->cmd_to_stderr, why);
	if (code) {
		*error = (struct live_error){ .cannot_run = false };
		snprintf(error->text, sizeof(error->text), "%.200s: %s", s->opts->cmd[0], why);
		return code;
	}
	err = privilege_drop();
	if (!err && s->child.pidfd >= 0)
		err = watch(s, s->child.pidfd, EPOLLIN);
	return err ? fail(error, LIVE_SETUP, err) : 0;
}

/* Waits for a moment: for traffic, a signal, CMD's end, or the next look. */
static void wait_for(struct session *s, int timeout_ms)
{
	struct epoll_event event[4];

	bool failed = epoll_wait(s->epoll, event, 4, timeout_ms) < 0 && errno != EINTR;

	s->wakeups++;
	take_signals(s);
	s->interrupts += failed; /* cannot be; rather end than spin */
	child_poll(&s->child);
	reap(s);
}

/* How long until @until, in ms for epoll_wait(), at most @most. */
static int ms_until(uint64_t until, uint64_t now, int most)
{
	uint64_t ms = until > now ? (until - now + 999999) / 1000000 : 0;

	return ms < (uint64_t)most ? (int)ms : most;
}

/* The run itself: until CMD ends, a signal comes, or time is up. */
static int run_until_end(struct session *s, const struct session_sink *sink, uint64_t start_ns)
{
	uint64_t end = s->opts->duration_ns ? start_ns + s->opts->duration_ns : UINT64_MAX;
	uint64_t tick = s->opts->tick_ns ? start_ns + s->opts->tick_ns : UINT64_MAX;
	uint64_t drained = start_ns;
	int pause = BUSY_MS;

	while (!s->interrupts && !s->child.ended && (s->traced_left || !s->traced)) {
		uint64_t now = clock_ns(CLOCK_MONOTONIC);
		struct live_mark mark;
		int taken;

		if (now >= end)
			break;
		if (s->request) {
			s->request = false;
			sink->request(sink->arg);
		}
		if (now >= tick) {
			sink->tick(sink->arg, drained);
			tick += s->opts->tick_ns;
		}
		wait_for(s, ms_until(end < tick ? end : tick, now, pause));
		mark = live_mark(s->live);
		taken = live_drain(s->live, s->order);
		if (taken < 0)
			return taken;
		if (live_reached(s->live, &mark) && !iopf_order_waiting(s->order))
			drained = mark.time_ns;
		if (taken >= LIVE_BATCH)
			pause = 0;
		else if (taken)
			pause = BUSY_MS;
		else
			pause = pause < IDLE_MS / 2 ? pause * 2 + 1 : IDLE_MS;
	}
	return 0;
}

/* What was recorded before the end is taken, all of it, unless a second signal says otherwise. */
static int drain_rest(struct session *s, struct iopf_run *run)
{
	uint64_t end_seq;
	int err = live_stop(s->live, s->order, &end_seq);
	uint64_t late = clock_ns(CLOCK_MONOTONIC) + LATE_NS;
	struct pollfd signals = { .fd = s->signals, .events = POLLIN };
	unsigned int interrupts = s->interrupts;
	int taken;

	if (err < 0)
		return err;
	for (;;) {
		taken = live_drain(s->live, s->order);
		if (taken < 0)
			return taken;
		if (live_drained(s->live))
			break;
		if (taken)
			late = clock_ns(CLOCK_MONOTONIC) + LATE_NS;
		take_signals(s);
		if (s->interrupts > (interrupts ?: 1))
			run->why_cut = IOPF_CUT_SIGNAL;
		else if (clock_ns(CLOCK_MONOTONIC) > late)
			run->why_cut = IOPF_CUT_LATE;
		if (run->why_cut) {
			run->cut = true;
			break;
		}
		if (!taken)
			poll(&signals, 1, 1);
	}
	return iopf_order_flush(s->order, end_seq);
}

/* Gives CMD some time to end, whatever signals come. */
static void await_child(const struct session *s)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + KILL_MS * 1000000ULL, now;
	struct pollfd end = { .fd = s->child.pidfd, .events = POLLIN };

	do
		now = clock_ns(CLOCK_MONOTONIC);
	while (end.fd >= 0 && now < until && poll(&end, 1, ms_until(until, now, KILL_MS)) < 0);
}

int session_run(struct session *s, const struct session_sink *sink, struct iopf_run *run,
		struct live_error *error)
{
	int err;

	s->order = iopf_order_new(sink->record, sink->arg);
	if (!s->order)
		return fail(error, LIVE_SETUP, -ENOMEM);
	run->start_realtime_ns = clock_ns(CLOCK_REALTIME);
	run->start_ns = clock_ns(CLOCK_MONOTONIC);
	if (sink->begin)
		sink->begin(sink->arg, run);
	err = start(s, error);
	if (err)
		return err;
	err = run_until_end(s, sink, run->start_ns);
	run->end_ns = clock_ns(CLOCK_MONOTONIC);
	if (s->opts->kill)
		child_terminate(&s->child);
	if (!err)
		err = drain_rest(s, run);
	if (s->opts->kill)
		await_child(s);
	child_poll(&s->child);
	run->has_child = s->child.ended;
	run->child_status = s->child.status;
	run->wakeups = s->wakeups;
	live_counters(s->live, run);
	/* From here on nothing is waited for but what is written to. */
	take_signals(s);
	process_release_signals();
	if (!err && sink->end)
		sink->end(sink->arg, run);
	return err < 0 ? fail(error, LIVE_DRAIN, err) : 0;
}

uint32_t session_running(const struct session *s)
{
	return s->child.pid > 0 && !s->child.ended ? (uint32_t)s->child.pid : 0;
}

void session_close(struct session *s)
{
	if (!s)
		return;
	live_close(s->live);
	iopf_order_free(s->order);
	if (s->child.pidfd >= 0)
		close(s->child.pidfd);
	process_release_signals();
	process_unblock_signals();
	if (s->epoll >= 0)
		close(s->epoll);
	for (size_t i = 0; s->traced && i < s->opts->nr_pids; i++)
		if (s->traced[i] >= 0)
			close(s->traced[i]);
	free(s->traced);
	free(s);
}
