/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Live tracing: loads and attaches the BPF programs and drains what they record. The only part of
 * the project that knows libbpf.
 *
 * Errors are negative errno; where a person has to do something about one, struct live_error has
 * the words for it.
 */
#ifndef LIVE_LIVE_H
#define LIVE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/engine.h"

#define LIVE_RING_DEFAULT ((size_t)16 << 20)

/* What went wrong, for a person: one line that says what, and what to do. */
struct live_error {
	bool cannot_run; /* this machine or this user cannot: nothing is broken */
	bool usage; /* the user asked for what there is not */
	char text[512];
};

struct live_opts {
	size_t ring_bytes; /* 0 = LIVE_RING_DEFAULT; rounded up to a power of two of pages */
	bool scoped; /* live_follow() will be used: have the ends of those processes recorded */
	bool descendants; /* and their forks, and follow those */
};

struct live;

/*
 * Loads the programs and attaches them. On success *@out is to be closed with live_close().
 * On failure @error is filled in.
 */
int live_open(struct live **out, const struct live_opts *opts, struct live_error *error);

/* Detaches and frees; NULL is allowed. */
void live_close(struct live *live);

/* This process' id in the initial PID namespace, which all ids in records are of. */
uint32_t live_self(const struct live *live);

/* Has the end of this process recorded, and its forks. To be called before it can fork. */
int live_follow(struct live *live, uint32_t tgid);

/*
 * The ring buffer's descriptor, which wakes a poller when a quarter is full, and not before: to be
 * watched edge-triggered, and drained every few milliseconds besides. Belongs to @live.
 */
int live_fd(const struct live *live);

/*
 * Passes on what is in the ring buffer, in order. Returns the number of records taken, at most
 * LIVE_BATCH so that signals get their turn, or the error of the order's function.
 */
#define LIVE_BATCH 65536
int live_drain(struct live *live, struct iopf_order *order);

/*
 * A mark to be set before a drain: when the drain has reached it, all that happened before @time_ns
 * has been taken. An answer is only told of when its driver has been told: before that time.
 */
struct live_mark {
	uint64_t time_ns;
	uint64_t seq;
};
struct live_mark live_mark(const struct live *live);
bool live_reached(const struct live *live, const struct live_mark *mark);

/*
 * Ends the trace here and now: the fault objects are walked, calls that have not returned are told
 * of, and records with the sequence number @end_seq and later ones will be ignored. Those before it
 * are still to be drained. 0, or the error of the order's function.
 */
int live_stop(struct live *live, struct iopf_order *order, uint64_t *end_seq);

/* After a stop: whether every record before it has been drained or is known to be lost. */
bool live_drained(const struct live *live);

/* Fills in what the kernel side knows: losses, misses, reads that were not recorded, cost. */
void live_counters(const struct live *live, struct iopf_run *run);

/* Why one is not attached that can be done without, from @i on; false when there is no more. */
bool live_not_attached(const struct live *live, unsigned int *i, struct live_error *why);

/* Probes that are not attached: set of 1 << iopf_probe. */
uint32_t live_absent(const struct live *live);

/* Fills in what was missed and lost so far, while tracing goes on. */
void live_misses(const struct live *live, struct iopf_run *run);

/* The state of one probed function. */
struct live_probe {
	const char *function;
	bool required;
	bool present; /* the kernel has it */
	bool attached;
};

/* The probes, by number from 0; false past the last. */
bool live_probe(const struct live *live, size_t i, struct live_probe *probe);

#endif /* LIVE_LIVE_H */
