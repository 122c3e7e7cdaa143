// SPDX-License-Identifier: GPL-2.0-only
/* --random-legal: options drawn from a seed. */
#define _GNU_SOURCE 1
#include <sys/utsname.h>

#include "clock.h"
#include "random.h"
#include "rng.h"

static uint64_t draw(uint64_t *state, uint64_t min, uint64_t max)
{
	return min + rng_below(state, max - min + 1);
}

static bool chance(uint64_t *state, unsigned int percent)
{
	return rng_below(state, 100) < percent;
}

/* PASIDs with domains of their own came with Linux 6.15 */
static bool has_own_pasids(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	if (uname(&uts) || sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 6 || (major == 6 && minor >= 15);
}

static struct delay random_delay(uint64_t *state, uint64_t max_ns)
{
	uint64_t a = draw(state, 1000, max_ns);

	switch (draw(state, 0, 5)) {
	case 0:
		return (struct delay){ DELAY_CONSTANT, a, 0 };
	case 1:
		return (struct delay){ DELAY_UNIFORM, a, a + draw(state, 0, max_ns) };
	case 2:
		return (struct delay){ DELAY_EXP, a, 0 };
	default:
		return (struct delay){ DELAY_NONE, 0, 0 };
	}
}

static void random_threads(struct opts *o, uint64_t *state)
{
	o->sync = chance(state, 10);
	if (o->sync) {
		o->readers = o->triggers = 1;
		o->writers = 0;
		o->io = chance(state, 50) ? IO_POLL : IO_BLOCKING;
		return;
	}
	o->triggers = draw(state, 1, 3);
	o->readers = draw(state, 1, 4);
	o->writers = chance(state, 50) ? draw(state, 1, 4) : 0;
	o->io = (enum io_mode)draw(state, 0, 2);
	if (o->io == IO_URING) {
		o->uring_async = chance(state, 50);
		o->sqpoll = chance(state, 20);
		if (o->readers < o->objects)
			o->readers = o->objects;
	}
}

static void random_traffic(struct opts *o, uint64_t *state)
{
	static const uint64_t batches[] = { 1, 2, 3, 7, 16, 64 };

	o->groups = draw(state, 50, 600);
	o->devices = draw(state, 1, 5);
	o->objects = chance(state, 50) ? 1 : draw(state, 1, o->devices);
	o->pasids = chance(state, 50) ? 0 : draw(state, 1, 6);
	o->own_pasids = o->pasids && has_own_pasids() && chance(state, 40);
	o->in_flight = chance(state, 10) ? 0 : draw(state, 1, 200);
	o->rate = chance(state, 10) ? (double)draw(state, 2000, 50000) : 0;
	o->batch = batches[draw(state, 0, 5)];
	o->write_batch = batches[draw(state, 0, 5)];
	o->delay = random_delay(state, 500 * 1000);
	o->wait_delay = chance(state, 20) ? random_delay(state, 300 * 1000) :
					    (struct delay){ DELAY_NONE, 0, 0 };
	o->order = (enum answer_order)draw(state, 0, 2);
	o->unanswered = chance(state, 30) ? draw(state, 1, 5) : 0;
	o->invalid = 0;
	o->invalid_percent = chance(state, 40) ? (double)draw(state, 1, 50) : 0;
	o->seed = rng_next(state) >> 1;
}

/* Does a legal kind fit the options so far? */
static bool fits(const struct opts *o, enum kind kind)
{
	if (kind_table[kind].rules || kind_has(kind, KIND_MODE | KIND_FAILSLAB | KIND_MODULE))
		return false;
	/* Legal only where it is a race, which it is not here; and not legal, but hard to see */
	if (kind == KIND_DETACH_LATE || kind == KIND_REPLACE_LATE || kind == KIND_MASKED_EFAULT)
		return false;
	if (kind == KIND_DETACH_RACE)
		return !o->sync && o->devices == o->objects;
	if (kind == KIND_DETACH_PASID)
		return o->own_pasids;
	/* Both would leave PASIDs attached where the kernel wants them gone */
	if (kind == KIND_EXIT || kind == KIND_REPLACE_PLAIN)
		return !o->own_pasids;
	return true;
}

static void random_acts(struct opts *o, uint64_t *state)
{
	for (int i = 0; i < KIND_COUNT; i++)
		o->acts[i] = fits(o, i) && chance(state, 25) ? draw(state, 1, 3) : 0;
	if (o->acts[KIND_EXIT])
		o->acts[KIND_EXIT] = 1;
	o->busy = !o->sync && chance(state, 50);
	if (!o->sync && chance(state, 25))
		o->acts[KIND_FORK + draw(state, 0, 2)] = 1;
	/* Room for them all, and for the load that surrounds them */
	o->groups += opts_act_groups(o);
}

static void print_choice(const struct opts *o, FILE *log)
{
	static const char *const io[] = { "blocking", "poll", "uring" };
	static const char *const order[] = { "fifo", "lifo", "random" };

	fprintf(log, "load: --random-legal %llu: -n %llu -k %llu --objects %llu --pasids %llu%s%s",
		(unsigned long long)o->random_seed, (unsigned long long)o->groups,
		(unsigned long long)o->devices, (unsigned long long)o->objects,
		(unsigned long long)o->pasids, o->own_pasids ? " --own-pasids" : "",
		o->sync ? " --sync" : "");
	fprintf(log, " --triggers %llu --readers %llu --writers %llu --in-flight %llu",
		(unsigned long long)o->triggers, (unsigned long long)o->readers,
		(unsigned long long)o->writers, (unsigned long long)o->in_flight);
	fprintf(log, " --batch %llu --write-batch %llu --io %s%s%s --order %s",
		(unsigned long long)o->batch, (unsigned long long)o->write_batch, io[o->io],
		o->uring_async ? " --uring-async" : "", o->sqpoll ? " --sqpoll" : "",
		order[o->order]);
	delay_print(&o->delay, "--delay", log);
	delay_print(&o->wait_delay, "--wait-delay", log);
	if (o->rate > 0)
		fprintf(log, " --rate %.0f", o->rate);
	fprintf(log, " --invalid %.0f%% --unanswered %llu --seed %llu", o->invalid_percent,
		(unsigned long long)o->unanswered, (unsigned long long)o->seed);
	for (int i = 0; i < KIND_COUNT; i++)
		if (o->acts[i])
			fprintf(log, " --misbehave %s:%llu", kind_table[i].name,
				(unsigned long long)o->acts[i]);
	fprintf(log, "%s\n", o->busy ? " --busy" : "");
}

void random_legal(struct opts *o, FILE *log)
{
	uint64_t state = rng_seed(o->random_seed, 7, 0);

	o->no_truth = o->grpid_wrap = o->uring_async = o->sqpoll = false;
	o->pages = 1;
	random_traffic(o, &state);
	random_threads(o, &state);
	random_acts(o, &state);
	print_choice(o, log);
}
