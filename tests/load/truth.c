// SPDX-License-Identifier: GPL-2.0-only
/* The ground truth as JSON. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "json.h"
#include "truth.h"
#include "truth_times.h"

static uint64_t count_flag(const struct load *l, uint32_t flag)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < truth_groups(l); i++)
		n += !!(truth_flags(&l->groups[i]) & flag);
	return n;
}

static uint64_t count_code(const struct load *l, uint32_t code)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < truth_groups(l); i++)
		n += (truth_flags(&l->groups[i]) & GROUP_ANSWERED) && l->groups[i].code == code;
	return n;
}

/* Pages of the groups that were made */
static uint64_t count_pages(const struct load *l)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < truth_groups(l); i++)
		n += truth_flags(&l->groups[i]) & GROUP_TRIGGERED ? l->groups[i].pages : 0;
	return n;
}

static struct write_counts sum_writes(const struct load *l)
{
	struct write_counts sum = { 0 };

	for (uint32_t i = 0; i < atomic_load(&l->sh->nr_workers); i++) {
		const struct write_counts *c = &l->workers[i].writes;

		sum.calls += c->calls;
		sum.records += c->records;
		sum.accepted += c->accepted;
		sum.partial += c->partial;
		sum.efault += c->efault;
		sum.einval += c->einval;
		sum.espipe += c->espipe;
		sum.other += c->other;
	}
	return sum;
}

static void put_groups(struct json *j, const struct load *l)
{
	const struct shared *sh = l->sh;
	struct write_counts w = sum_writes(l);
	uint64_t made = atomic_load(&sh->made), delivered, answered, success;

	delivered = l->o.no_truth ? made : count_flag(l, GROUP_DELIVERED);
	answered = l->o.no_truth ? made : count_flag(l, GROUP_ANSWERED);
	success = l->o.no_truth ? made : count_code(l, RESP_SUCCESS);
	json_open(j, "groups", '{');
	json_number(j, "triggered", (int64_t)made);
	json_number(j, "pages", (int64_t)(l->o.no_truth ? made : count_pages(l)));
	json_number(j, "parked", (int64_t)atomic_load(&sh->parked));
	json_number(j, "discarded", (int64_t)atomic_load(&sh->discarded));
	json_number(j, "trigger_failed", (int64_t)atomic_load(&sh->failed));
	json_number(j, "refused", (int64_t)atomic_load(&sh->refused));
	json_number(j, "aborted", (int64_t)atomic_load(&sh->aborted));
	json_number(j, "delivered", (int64_t)delivered);
	json_number(j, "answered", (int64_t)answered);
	json_number(j, "success", (int64_t)success);
	json_number(j, "invalid", (int64_t)(answered - success));
	json_number(j, "rejected_writes",
		    (int64_t)(w.efault + w.einval + w.espipe + w.other + w.partial));
	json_number(j, "late", (int64_t)atomic_load(&sh->late));
	json_number(j, "withheld", (int64_t)atomic_load(&sh->withheld));
	json_number(j, "unanswered", (int64_t)(made - answered));
	json_number(j, "kernel_answered_before_end", (int64_t)(count_flag(l, GROUP_KERNEL)));
	json_number(j, "kernel_answered_expected", (int64_t)(made - answered));
	json_close(j, '}');
}

static void put_reads(struct json *j, const struct load *l)
{
	struct read_counts sum = { 0 };
	uint64_t polls = 0;

	for (uint32_t i = 0; i < atomic_load(&l->sh->nr_workers); i++) {
		const struct read_counts *c = &l->workers[i].reads;

		polls += l->workers[i].polls;
		sum.calls += c->calls;
		sum.empty += c->empty;
		sum.records += c->records;
		sum.max_records =
			c->max_records > sum.max_records ? c->max_records : sum.max_records;
		sum.efault += c->efault;
		sum.einval += c->einval;
		sum.espipe += c->espipe;
		sum.enomem += c->enomem;
		sum.other += c->other;
	}
	json_open(j, "reads", '{');
	json_number(j, "calls", (int64_t)sum.calls);
	json_number(j, "empty", (int64_t)sum.empty);
	json_number(j, "records", (int64_t)sum.records);
	json_number(j, "max_records", (int64_t)sum.max_records);
	json_number(j, "efault", (int64_t)sum.efault);
	json_number(j, "einval", (int64_t)sum.einval);
	json_number(j, "espipe", (int64_t)sum.espipe);
	json_number(j, "enomem", (int64_t)sum.enomem);
	json_number(j, "other", (int64_t)sum.other);
	json_number(j, "polls", (int64_t)polls);
	json_close(j, '}');
}

static void put_writes(struct json *j, const struct load *l)
{
	struct write_counts sum = sum_writes(l);

	json_open(j, "writes", '{');
	json_number(j, "calls", (int64_t)sum.calls);
	json_number(j, "records", (int64_t)sum.records);
	json_number(j, "accepted", (int64_t)sum.accepted);
	json_number(j, "partial", (int64_t)sum.partial);
	json_number(j, "efault", (int64_t)sum.efault);
	json_number(j, "einval", (int64_t)sum.einval);
	json_number(j, "espipe", (int64_t)sum.espipe);
	json_number(j, "other", (int64_t)sum.other);
	json_close(j, '}');
}

/* How many groups there are for each value below @n of a member of the group */
static uint64_t *count_by(const struct load *l, size_t member, uint64_t n)
{
	uint64_t *counts = calloc(n, sizeof(*counts));

	for (uint64_t i = 0; counts && i < truth_groups(l); i++) {
		const struct group *g = &l->groups[i];
		uint32_t value;

		memcpy(&value, (const char *)g + member, sizeof(value));
		if ((truth_flags(g) & GROUP_TRIGGERED) && value < n)
			counts[value]++;
	}
	return counts;
}

static int put_places(struct json *j, const struct load *l)
{
	uint32_t nr_devs = atomic_load(&l->sh->nr_devs), nr_objs = atomic_load(&l->sh->nr_objs);
	uint64_t *devs = count_by(l, offsetof(struct group, dev), nr_devs);
	uint64_t *objs = count_by(l, offsetof(struct group, obj), nr_objs);
	uint64_t *pasids = count_by(l, offsetof(struct group, pasid), l->o.pasids + 1);
	int err = devs && objs && pasids ? 0 : -ENOMEM;

	json_open(j, "devices", '[');
	for (uint32_t i = 0; !err && i < nr_devs; i++) {
		json_open(j, NULL, '{');
		json_number(j, "dev_id", l->devs[i].mock.dev_id);
		json_number(j, "groups", (int64_t)devs[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "pasids", '[');
	for (uint64_t i = 0; !err && i <= l->o.pasids; i++) {
		if (!pasids[i])
			continue;
		json_open(j, NULL, '{');
		json_number(j, "pasid", (int64_t)i);
		json_number(j, "groups", (int64_t)pasids[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "objects", '[');
	for (uint32_t i = 0; !err && i < nr_objs; i++) {
		json_open(j, NULL, '{');
		json_number(j, "fault_id", l->objs[i].fault_id);
		json_number(j, "groups", (int64_t)objs[i]);
		json_close(j, '}');
	}
	json_close(j, ']');
	free(devs);
	free(objs);
	free(pasids);
	return err;
}

static bool did_read(const struct worker *w)
{
	return w->reads.calls;
}

static bool did_write(const struct worker *w)
{
	return w->writes.calls;
}

/* The tasks of all workers that did something */
static void put_tasks(struct json *j, const struct load *l, const char *key,
		      bool (*did)(const struct worker *w))
{
	json_open(j, key, '{');
	for (int tgids = 0; tgids < 2; tgids++) {
		json_open(j, tgids ? "tgids" : "tids", '[');
		for (uint32_t i = 0; i < atomic_load(&l->sh->nr_workers); i++)
			if (did(&l->workers[i]))
				json_number(j, NULL,
					    tgids ? l->workers[i].tgid : l->workers[i].tid);
		json_close(j, ']');
	}
	json_close(j, '}');
}

static void put_threads(struct json *j, const struct load *l)
{
	static const char *const roles[] = { "trigger", "reader", "writer", "sync" };

	json_open(j, "threads", '[');
	for (uint32_t i = 0; i < atomic_load(&l->sh->nr_workers); i++) {
		const struct worker *w = &l->workers[i];

		json_open(j, NULL, '{');
		json_string(j, "role", roles[w->role]);
		json_number(j, "tid", w->tid);
		json_number(j, "tgid", w->tgid);
		json_number(j, "reads", (int64_t)w->reads.calls);
		json_number(j, "records", (int64_t)w->reads.records);
		json_number(j, "writes", (int64_t)w->writes.calls);
		json_number(j, "answers", (int64_t)w->writes.accepted);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "uring_tasks", '[');
	for (unsigned int i = 0; i < l->sh->nr_uring; i++) {
		json_open(j, NULL, '{');
		json_number(j, "tid", l->sh->uring[i].tid);
		json_string(j, "comm", l->sh->uring[i].comm);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_kinds(struct json *j, const char *key, const uint64_t *counts)
{
	json_open(j, key, '{');
	for (int i = 0; i < KIND_COUNT; i++)
		if (counts[i])
			json_number(j, kind_table[i].name, (int64_t)counts[i]);
	json_close(j, '}');
}

static void put_outcomes(struct json *j, const struct load *l)
{
	json_open(j, "outcomes", '[');
	for (unsigned int i = 0; i < l->sh->nr_outcomes; i++) {
		const struct outcome *o = &l->sh->outcomes[i];

		json_open(j, NULL, '{');
		json_string(j, "kind", kind_table[o->kind].name);
		json_string(j, "call", o->call);
		if (o->result < 0)
			json_string(j, "error", strerrorname_np((int)-o->result));
		else
			json_number(j, "result", o->result);
		json_number(j, "count", (int64_t)o->count);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void put_misbehaviour(struct json *j, const struct load *l)
{
	uint64_t acted[KIND_COUNT];

	for (int i = 0; i < KIND_COUNT; i++)
		acted[i] = kind_has(i, KIND_MODE) ? l->o.acts[i] : l->sh->acted[i];
	put_kinds(j, "misbehaved", acted);
	put_kinds(j, "unsupported", l->sh->unsupported);
	put_outcomes(j, l);
}

static void put_unexpected(struct json *j, const struct load *l)
{
	const uint64_t max = sizeof(l->sh->notes) / sizeof(l->sh->notes[0]);

	json_open(j, "unexpected", '{');
	json_number(j, "count", (int64_t)l->sh->unexpected);
	json_open(j, "notes", '[');
	for (uint64_t i = 0; i < l->sh->unexpected && i < max; i++)
		json_string(j, NULL, l->sh->notes[i]);
	json_close(j, ']');
	json_close(j, '}');
}

static int put_all(struct json *j, struct load *l, int exit_code)
{
	struct utsname uts = { 0 };
	int err;

	uname(&uts);
	json_open(j, NULL, '{');
	json_string(j, "schema", "iopf-load/1");
	json_string(j, "kernel", uts.release);
	json_number(j, "pid", getpid());
	json_number(j, "exit_code", exit_code);
	json_bool(j, "interrupted", atomic_load(&l->sh->quit));
	json_number(j, "seed", (int64_t)l->o.seed);
	json_number(j, "duration_ns", (int64_t)(l->t_end - l->t_start));
	put_groups(j, l);
	put_reads(j, l);
	put_writes(j, l);
	err = put_places(j, l);
	put_tasks(j, l, "readers", did_read);
	put_tasks(j, l, "writers", did_write);
	put_threads(j, l);
	if (!err)
		err = truth_put_stages(j, l);
	put_misbehaviour(j, l);
	put_unexpected(j, l);
	if (l->o.samples)
		truth_put_samples(j, l);
	json_close(j, '}');
	return err;
}

static int write_to(const char *path, struct load *l, int exit_code)
{
	struct json j = { .f = path ? fopen(path, "we") : stdout };
	int err;

	if (!j.f)
		return -errno;
	err = put_all(&j, l, exit_code);
	if (fflush(j.f) && !err)
		err = -errno;
	if (path && fclose(j.f) && !err)
		err = -errno;
	return err;
}

/* By way of a temporary file: whole or not at all */
static int write_file(struct load *l, int exit_code)
{
	char tmp[4096];
	int err;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp", l->o.output) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	err = write_to(tmp, l, exit_code);
	if (!err && rename(tmp, l->o.output))
		err = -errno;
	if (err)
		unlink(tmp);
	return err;
}

int truth_write(struct load *l, int exit_code)
{
	struct stat st;

	/* A device or a pipe is written to, not replaced */
	if (!l->o.output || (!stat(l->o.output, &st) && !S_ISREG(st.st_mode)))
		return write_to(l->o.output, l, exit_code);
	return write_file(l, exit_code);
}
