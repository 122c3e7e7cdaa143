/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One run of live tracing: probes on, CMD started, records drained until something ends it, CMD's
 * status and the kernel's counters collected. All live verbs are one of these with another sink.
 */
#ifndef LIVE_SESSION_H
#define LIVE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/engine.h"
#include "live.h"

struct session_opts {
	char **cmd; /* NULL-terminated; NULL = none */
	const uint32_t *pids; /* scope, when there is no CMD */
	size_t nr_pids;
	bool system_wide; /* the whole machine, CMD or not */
	bool kill; /* CMD gets SIGTERM when tracing ends before it does */
	bool cmd_to_stderr; /* what CMD writes to standard output goes there: that is for data */
	uint64_t duration_ns; /* 0 = until CMD or a signal ends it */
	size_t ring_bytes; /* 0 = the default */
	uint64_t tick_ns; /* call @tick this often; 0 = never */
	bool requests; /* SIGUSR1 is for the sink */
};

struct session;

/* Where the records go. */
struct session_sink {
	/* Before the first record; of @run it is known when it began. NULL = nothing. */
	void (*begin)(void *arg, const struct iopf_run *run);
	iopf_order_fn record; /* each record, in order; a negative return ends the run */
	/* Every tick_ns: all that was recorded before @drained_ns has been passed on. */
	void (*tick)(void *arg, uint64_t drained_ns);
	void (*request)(void *arg); /* SIGUSR1 has come; set if session_opts.requests is */
	/* When all records have come; @run has no names yet. NULL = nothing. */
	void (*end)(void *arg, const struct iopf_run *run);
	void *arg;
};

/*
 * Loads and attaches. @opts must stay until session_close(). -errno with @error filled in.
 */
int session_open(struct session **out, const struct session_opts *opts, struct live_error *error);

/* Fills in what an engine must know of the session, which stays its owner: scope, and misses. */
void session_engine(struct session *session, struct iopf_engine_opts *engine);

/*
 * Why probes are not attached that can be done without: one after the other, from @i 0. False when there is
 * no more.
 */
bool session_not_attached(const struct session *session, unsigned int *i, struct live_error *why);

/* Probes that are not attached, as far as attaching told: set of 1 << iopf_probe. */
uint32_t session_absent(const struct session *session);

/*
 * Runs it, and fills in @run but for the names (version, kernel). Returns 0, an exit code of
 * 125 to 127 when CMD could not be started (with @error), or -errno (with @error).
 */
int session_run(struct session *session, const struct session_sink *sink, struct iopf_run *run,
		struct live_error *error);

/* After the run: CMD's id if it still runs, else 0. */
uint32_t session_running(const struct session *session);

void session_close(struct session *session);

#endif /* LIVE_SESSION_H */
