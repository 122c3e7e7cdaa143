// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "output/json_writer.h"
#include "output/names.h"
#include "place.h"
#include "snapshot.h"
#include "say.h"

#define NAMES_MAX 10000 /* then the directory is full of them */

/* A task, when it is known. */
static void put_task(struct jw *j, const char *key, uint32_t tgid, uint32_t tid, const char *comm)
{
	if (!tid)
		return;
	jw_object(j, key);
	jw_u64(j, "tgid", tgid);
	jw_u64(j, "tid", tid);
	jw_name(j, "comm", comm);
	jw_close(j);
}

/* The group, as far as it is known now. */
static void put_group(struct jw *j, const struct iopf_group_view *g)
{
	static const char *const moments[IOPF_MOMENTS] = { "report", "queue", "deliver", "write",
							   "ack" };
	unsigned int i;

	jw_object_lines(j, "group");
	jw_u64(j, "seq", g->seq);
	jw_name(j, "device", g->device);
	jw_u64(j, "dev_id", g->dev_id);
	jw_maybe(j, "pasid", g->flags & IOPF_PRQ_PASID_VALID, g->pasid);
	jw_u64(j, "grpid", g->grpid);
	jw_maybe(j, "cookie", g->cookie || g->cookie_zero, g->cookie);
	jw_hex(j, "addr", g->addr);
	jw_string(j, "perm", names_perm(g->perm).s);
	jw_u64(j, "pages", g->pages);
	jw_object(j, "at_ns");
	for (i = 0; i < IOPF_MOMENTS; i++)
		jw_maybe(j, moments[i], g->at_ns[i], g->at_ns[i]);
	jw_close(j);
	put_task(j, "reader", g->reader_tgid, g->reader_tid, g->reader);
	put_task(j, "writer", g->writer_tgid, g->writer_tid, g->writer);
	jw_close(j);
}

/* One event of the journey. */
static void put_step(struct jw *j, const struct iopf_step *step)
{
	jw_object(j, NULL);
	jw_string(j, "step", iopf_step_name(step->kind));
	jw_bool(j, "offending", step->offending);
	jw_maybe(j, "seq", step->has_seq, step->seq);
	jw_maybe(j, "time_ns", step->time_ns, step->time_ns);
	jw_maybe(j, "enter_ns", step->enter_ns, step->enter_ns);
	put_task(j, "task", step->tgid, step->tid, step->comm);
	jw_string(j, "text", step->text);
	jw_close(j);
}

int snapshot_write(FILE *out, const struct iopf_rule *rule, enum iopf_severity severity,
		   const struct iopf_case *c)
{
	struct jw j;
	size_t i;

	jw_begin(&j, out);
	jw_object_lines(&j, NULL);
	jw_string(&j, "schema", "iopftrace-violation/1");
	jw_bool(&j, "complete", false); /* the run goes on */
	jw_string(&j, "clock", "CLOCK_MONOTONIC");
	jw_string(&j, "rule", rule->id);
	jw_string(&j, "name", rule->name);
	jw_string(&j, "severity", iopf_severity_name(severity));
	jw_string(&j, "statement", rule->statement);
	jw_string(&j, "text", c->text);
	jw_string(&j, "expected", c->expected);
	jw_string(&j, "blame", iopf_blame_name(c->blame));
	jw_string(&j, "fix", rule->fix);
	jw_u64(&j, "seq", c->seq);
	jw_u64(&j, "time_ns", c->time_ns);
	jw_maybe(&j, "object_id", c->object_id, c->object_id);
	if (c->has_group)
		put_group(&j, &c->group);
	else
		jw_null(&j, "group");
	jw_array_lines(&j, "journey");
	for (i = 0; i < c->nr_steps; i++)
		put_step(&j, &c->step[i]);
	jw_close(&j);
	jw_close(&j);
	return jw_end(&j);
}

/* Finds the first name that is not there yet. Returns 0 or a negative errno. */
static int find(const char *beside, char path[PATH_MAX], struct place *place)
{
	const char *slash = beside ? strrchr(beside, '/') : NULL;
	int directory = slash ? (int)(slash - beside) + 1 : 0, n, err;

	for (n = 1; n < NAMES_MAX; n++) {
		if (snprintf(path, PATH_MAX, "%.*siopf-violation-%d.json", directory,
			     slash ? beside : "", n) >= PATH_MAX)
			return -ENAMETOOLONG;
		err = place_find(place, path, STDOUT_FILENO);
		if (err || !place->exists)
			return err;
		place_close(place);
	}
	return -EEXIST;
}

/* Writes it there, whole or not at all. Returns 0 or a negative errno. */
static int write_at(const struct place *place, const struct iopf_rule *rule,
		    enum iopf_severity severity, const struct iopf_case *c)
{
	char *temporary;
	int fd = place_create(place, 0666, &temporary), err;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd < 0)
		return fd;
	if (out) {
		err = snapshot_write(out, rule, severity, c);
		if (!err && fflush(out))
			err = -errno;
		if (!err)
			err = place_put(place, fd, &temporary, false);
		fclose(out);
	} else {
		err = -errno;
		close(fd);
	}
	place_drop(place, &temporary);
	return err;
}

void snapshot(const char *beside, const struct iopf_rule *rule, enum iopf_severity severity,
	      const struct iopf_case *c)
{
	char path[PATH_MAX];
	struct place place;
	int err = find(beside, path, &place);

	if (!err) {
		err = write_at(&place, rule, severity, c);
		place_close(&place);
	}
	if (err)
		say("cannot write %s: %s", path, strerror(-err));
	else
		say("%s: see %s", rule->id, path);
}
