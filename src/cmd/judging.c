// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_codes.h"
#include "judging.h"
#include "out_of_memory.h"
#include "say.h"

/* No call of a healthy kernel is inside it longer than this, whatever its memory waits for. */
#define CALL_DEADLINE_NS 10000000000ULL

/* The deadlines. */
static void set_deadlines(struct judging *j, const struct options *o)
{
	unsigned int i;

	j->deadline_ns[IOPF_DEADLINE_CALL] = o->deadline_ns ? o->deadline_ns : CALL_DEADLINE_NS;
	for (i = 0; i < IOPF_DEADLINES; i++)
		if (j->policy.deadline_ns[i].given)
			j->deadline_ns[i] = j->policy.deadline_ns[i].value;
	if (o->deadline_ns)
		j->deadline_ns[IOPF_DEADLINE_ANSWER] = o->deadline_ns;
}

/* The assertions of both. */
static int set_assertions(struct judging *j, const struct options *o)
{
	size_t i;

	j->expr = calloc(o->nr_assertions + j->policy.nr_assertions + 1, sizeof(*j->expr));
	if (!j->expr)
		return -ENOMEM;
	for (i = 0; i < j->policy.nr_assertions; i++)
		j->expr[j->nr_exprs++] = j->policy.assertion[i].expr;
	for (i = 0; i < o->nr_assertions; i++)
		j->expr[j->nr_exprs++] = o->assertion[i];
	return 0;
}

int judging_open(struct judging *j, const struct options *o, struct options_error *error)
{
	int err;

	*j = (struct judging){ .min_groups = 1 };
	err = o->policy ? policy_read(&j->policy, o->policy, error) : 0;
	if (err)
		return err;
	set_deadlines(j, o);
	j->memory_limit = o->memory_limit;
	if (o->min_groups.given)
		j->min_groups = o->min_groups.value;
	else if (j->policy.min_groups.given)
		j->min_groups = j->policy.min_groups.value;
	j->on_loss = o->on_loss.given ? o->on_loss.value : j->policy.on_loss.value;
	j->verdict_only = o->verdict_only;
	return set_assertions(j, o);
}

int judging_begin(struct judging *j, const struct options *o)
{
	struct options_error error;
	int err = judging_open(j, o, &error);

	if (!err)
		return 0;
	if (err == -ENOMEM)
		return out_of_memory();
	say("%s", error.text);
	return err == -EINVAL ? EXIT_USAGE : EXIT_RUNTIME;
}

void judging_engine(const struct judging *j, struct iopf_engine_opts *engine)
{
	engine->judge = true;
	engine->min_groups = j->min_groups;
	engine->memory_limit = j->memory_limit;
	engine->on_loss = j->on_loss;
	engine->verdict_only = j->verdict_only;
	memcpy(engine->severity, j->policy.severity, sizeof(engine->severity));
	memcpy(engine->deadline_ns, j->deadline_ns, sizeof(engine->deadline_ns));
}

void judging_close(struct judging *j)
{
	free(j->expr);
	policy_free(&j->policy);
}
