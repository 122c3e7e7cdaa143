// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The sequencer. A record that is in order is passed on without being copied; the others wait.
 *
 * Which missing numbers are lost follows from counting: those below the highest seen that have not
 * come, together with those given up before, are all lost as soon as the kernel side has counted as
 * many losses. One case deceives this: a number that is late while a lost one lies above all that
 * was seen. The late record then comes after its place was passed; it is dropped, and the balance
 * put right, so that the one that is really lost is found too.
 */
#define IOPF_CORE_PRIVATE
#include "waiting.h"

#include <errno.h>
#include <stdlib.h>

#include "iopftrace/engine.h"

/* What may wait for a record that neither comes nor is counted as lost, before it is given up. */
#define MAX_WAITING (1U << 20)
#define MAX_BYTES (256U << 20)

struct iopf_order {
	iopf_order_fn fn;
	void *arg;
	uint64_t next; /* the number to be passed on next */
	uint64_t end; /* the highest number seen, plus one */
	uint64_t given_up; /* numbers that were passed over */
	uint64_t missing_tail;
	struct waiting waiting;
};

/* Makes a sequencer that passes records on to @fn. */
struct iopf_order *iopf_order_new(iopf_order_fn fn, void *arg)
{
	struct iopf_order *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->fn = fn;
	o->arg = arg;
	return o;
}

/* Frees it, and what still waits. */
void iopf_order_free(struct iopf_order *o)
{
	if (!o)
		return;
	waiting_free(&o->waiting);
	free(o);
}

/* Passes on everything that is now in order. What comes twice is dropped. */
static int pass_on(struct iopf_order *o)
{
	int err = 0;

	while (!err && waiting_count(&o->waiting) && waiting_first(&o->waiting) <= o->next) {
		struct waiting_copy *copy = waiting_take(&o->waiting);

		if (copy->rec.seq == o->next) {
			o->next++;
			err = o->fn(o->arg, &copy->rec);
		}
		waiting_release(&o->waiting, copy);
	}
	return err < 0 ? err : 0;
}

/* Takes the oldest gap for lost. */
static int give_up_gap(struct iopf_order *o)
{
	uint64_t first = waiting_first(&o->waiting);

	if (first > o->next) {
		o->given_up += first - o->next;
		o->next = first;
	}
	return pass_on(o);
}

/* Takes all gaps for lost. */
static int give_up_all(struct iopf_order *o)
{
	int err = 0;

	while (!err && waiting_count(&o->waiting))
		err = give_up_gap(o);
	return err;
}

/* Lets a record wait; gives up the oldest gaps when too much waits. */
static int wait_for_others(struct iopf_order *o, const struct iopf_rec *rec)
{
	int err = waiting_add(&o->waiting, rec);

	if (err)
		return err;
	if (rec->seq >= o->end)
		o->end = rec->seq + 1;
	while (!err && waiting_count(&o->waiting) &&
	       (waiting_count(&o->waiting) > MAX_WAITING || o->waiting.bytes > MAX_BYTES))
		err = give_up_gap(o);
	return err;
}

/* Takes a record in any order. */
int iopf_order_add(struct iopf_order *o, const struct iopf_rec *rec)
{
	int err;

	if (rec->size < sizeof(*rec) || rec->seq == UINT64_MAX)
		return -EINVAL;
	if (rec->seq > o->next)
		return wait_for_others(o, rec);
	if (rec->seq < o->next) {
		/* Too late: its place was given up. It was not one of the lost, so others are. */
		if (o->given_up)
			o->given_up--;
		return 0;
	}
	o->next++;
	if (o->end < o->next)
		o->end = o->next;
	err = o->fn(o->arg, rec);
	if (err < 0)
		return err;
	return waiting_count(&o->waiting) ? pass_on(o) : 0;
}

/* Compares what is missing with what was counted as lost. */
int iopf_order_lost(struct iopf_order *o, uint64_t lost)
{
	uint64_t waiting = waiting_count(&o->waiting);
	uint64_t missing = o->end - o->next;

	if (!waiting || missing < waiting)
		return 0;
	missing -= waiting;
	if (o->given_up + missing != lost)
		return 0;
	return give_up_all(o);
}

/* The end: whatever is missing is lost. */
int iopf_order_flush(struct iopf_order *o, uint64_t next_seq)
{
	int err = give_up_all(o);

	o->missing_tail = next_seq > o->next ? next_seq - o->next : 0;
	return err;
}

/* How many records wait. */
size_t iopf_order_waiting(const struct iopf_order *o)
{
	return waiting_count(&o->waiting);
}

/* How many numbers are missing at the end. */
uint64_t iopf_order_missing_tail(const struct iopf_order *o)
{
	return o->missing_tail;
}
