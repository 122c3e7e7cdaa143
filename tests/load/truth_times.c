// SPDX-License-Identifier: GPL-2.0-only
/* The times of the ground truth: stages, and samples group by group. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"
#include "truth_times.h"

/* A stage: from one time of a group to another, for groups with a flag */
struct stage {
	const char *name;
	size_t from, to;
	uint32_t flag;
};

static uint64_t time_of(const struct group *g, size_t member)
{
	uint64_t t;

	memcpy(&t, (const char *)g + member, sizeof(t));
	return t;
}

/*
 * The times of a stage. A group may be read before the ioctl that reported it
 * has returned: such a stage took no time, and is counted in @negative.
 */
static uint64_t collect(const struct load *l, const struct stage *s, uint64_t *values,
			uint64_t *negative)
{
	uint64_t n = 0;

	*negative = 0;
	for (uint64_t i = 0; i < truth_groups(l); i++) {
		const struct group *g = &l->groups[i];
		uint64_t from = time_of(g, s->from), to = time_of(g, s->to);

		if (!(truth_flags(g) & s->flag))
			continue;
		*negative += to < from;
		values[n++] = to < from ? 0 : to - from;
	}
	return n;
}

static void put_stage(struct json *j, const struct load *l, const struct stage *s, uint64_t *values)
{
	uint64_t negative;
	struct stats st = stats_of(values, collect(l, s, values, &negative));

	json_open(j, s->name, '{');
	json_number(j, "count", (int64_t)st.count);
	json_number(j, "min_ns", (int64_t)st.min);
	json_number(j, "mean_ns", (int64_t)st.mean);
	json_number(j, "max_ns", (int64_t)st.max);
	json_number(j, "negative", (int64_t)negative);
	json_open(j, "percentiles", '{');
	json_number(j, "50", (int64_t)st.p50);
	json_number(j, "90", (int64_t)st.p90);
	json_number(j, "99", (int64_t)st.p99);
	json_number(j, "99.9", (int64_t)st.p999);
	json_close(j, '}');
	json_close(j, '}');
}

#define TIME(member) offsetof(struct group, t_##member)

int truth_put_stages(struct json *j, const struct load *l)
{
	static const struct stage stages[] = {
		{ "report_call", TIME(trigger), TIME(queued), GROUP_TRIGGERED },
		{ "wait", TIME(queued), TIME(read), GROUP_DELIVERED },
		{ "service", TIME(read), TIME(write), GROUP_ANSWERED },
		/* What it can be at the most, seen from the kernel: both calls included */
		{ "service_most", TIME(call), TIME(done), GROUP_ANSWERED },
		{ "write_call", TIME(write), TIME(done), GROUP_ANSWERED },
		{ "total", TIME(trigger), TIME(done), GROUP_ANSWERED },
	};
	uint64_t *values = calloc(truth_groups(l) + 1, sizeof(*values));

	json_open(j, "stages", '{');
	for (size_t i = 0; values && i < sizeof(stages) / sizeof(stages[0]); i++)
		put_stage(j, l, &stages[i], values);
	json_close(j, '}');
	free(values);
	return values ? 0 : -ENOMEM;
}

/* How the life of a group ended, as far as user space can know */
static const char *end_of(const struct group *g)
{
	uint32_t flags = truth_flags(g);

	if (flags & GROUP_ANSWERED)
		return g->code ? "invalid" : "success";
	if (flags & GROUP_FAILED)
		return "failed";
	return flags & GROUP_TRIGGERED ? "kernel" : "none";
}

static void put_sample(struct json *j, uint64_t seq, const struct group *g)
{
	json_open(j, NULL, '{');
	json_number(j, "seq", (int64_t)seq);
	json_number(j, "dev_id", g->dev_id);
	json_number(j, "pasid", g->pasid);
	json_number(j, "grpid", g->grpid);
	json_number(j, "perm", g->perm);
	json_number(j, "pages", g->pages);
	json_number(j, "addr", (int64_t)group_addr(seq));
	json_number(j, "cookie", g->cookie);
	json_string(j, "end", end_of(g));
	json_number(j, "t_trigger", (int64_t)g->t_trigger);
	json_number(j, "t_queued", (int64_t)g->t_queued);
	json_number(j, "t_read", (int64_t)g->t_read);
	json_number(j, "t_write", (int64_t)g->t_write);
	json_number(j, "t_done", (int64_t)g->t_done);
	json_close(j, '}');
}

void truth_put_samples(struct json *j, const struct load *l)
{
	json_open(j, "samples", '[');
	for (uint64_t i = 0; i < truth_groups(l); i++)
		put_sample(j, i, &l->groups[i]);
	json_close(j, ']');
}
