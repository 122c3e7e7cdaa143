// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What follows the groups is what the Perfetto trace is made of. */
#include "journeys.h"

#include <errno.h>
#include <stdlib.h>

#include "perfetto.h"

struct journeys {
	struct journeys_opts opts;
	struct perfetto *follower;
	FILE *out;
};

/* Takes a group that has ended. */
static void show(void *arg, const struct perfetto_group *g)
{
	struct journeys *j = arg;

	if (j->opts.json)
		journeys_json(g, j->out);
	else
		journeys_text(g, &j->opts, j->out);
}

struct journeys *journeys_new(FILE *out, const struct journeys_opts *opts)
{
	struct journeys *j = calloc(1, sizeof(*j));
	struct perfetto_opts follow = {
		.names = opts->names,
		.everything = opts->everything,
		.seed = opts->seed,
		.on_group = show,
		.on_group_arg = j,
	};

	if (!j)
		return NULL;
	j->opts = *opts;
	j->out = out;
	j->follower = perfetto_new(NULL, &follow);
	if (!j->follower) {
		free(j);
		return NULL;
	}
	return j;
}

int journeys_record(struct journeys *j, const struct iopf_rec *rec, bool in_scope)
{
	int err;

	errno = 0;
	err = perfetto_record(j->follower, rec, in_scope);
	return err ? err : output_error(j->out);
}

int journeys_finish(struct journeys *j, const struct iopf_run *run)
{
	int err;

	errno = 0;
	err = perfetto_finish(j->follower, run);
	return err ? err : output_error(j->out);
}

void journeys_free(struct journeys *j)
{
	if (!j)
		return;
	perfetto_free(j->follower);
	free(j);
}
