// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "matched.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "iopftrace/engine.h"
#include "output/event_line.h"
#include "output/names.h"
#include "replay.h"

#define VALUES_MAX 8 /* more than these are not few */
#define NAME_COLUMNS 31

/* What can be asked for. */
enum filter { DEVICE, DEV_ID, FAULT_ID, PASID, CODE, COMM, FILTERS };

static const char *const names[FILTERS] = {
	[DEVICE] = "--device", [DEV_ID] = "--dev-id", [FAULT_ID] = "--fault-id",
	[PASID] = "--pasid",   [CODE] = "--code",     [COMM] = "--comm",
};

/* The values that there are, in the order in which they came. */
struct values {
	struct utf8_name value[VALUES_MAX];
	size_t nr;
	bool more;
};

struct search {
	struct iopf_engine *engine; /* for names */
	struct values of[FILTERS];
};

static void note(struct values *v, const char *value)
{
	for (size_t i = 0; i < v->nr; i++)
		if (!strcmp(v->value[i].s, value))
			return;
	if (v->nr == VALUES_MAX)
		v->more = true;
	else
		snprintf(v->value[v->nr++].s, sizeof(v->value[0].s), "%s", value);
}

static void note_number(struct values *v, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, number);
	note(v, text);
}

static void note_task(struct search *s, const struct iopf_rec *rec)
{
	const char *comm = iopf_engine_comm(s->engine, rec->tid);

	if (*comm)
		note(&s->of[COMM], utf8_name(comm, IOPF_COMM_LEN).s);
}

/* A group that was queued, or was there already. */
static void note_group(struct search *s, uint64_t dev, uint32_t dev_id, uint32_t object_id,
		       uint32_t flags, uint32_t pasid)
{
	note(&s->of[DEVICE],
	     names_device(iopf_engine_device(s->engine, dev), dev_id, NAME_COLUMNS).s);
	note_number(&s->of[DEV_ID], dev_id);
	note_number(&s->of[FAULT_ID], object_id);
	if (flags & IOPF_PRQ_PASID_VALID)
		note_number(&s->of[PASID], pasid);
}

static int look(void *arg, const struct iopf_rec *rec)
{
	const struct iopf_rec_enqueue *e = (const void *)rec;
	const struct iopf_rec_waiting *w = (const void *)rec;
	const struct iopf_rec_response *r = (const void *)rec;
	struct search *s = arg;

	iopf_engine_feed(s->engine, rec);
	if (!event_is_whole(rec))
		return 0;
	if (rec->type == IOPF_REC_ENQUEUE)
		note_group(s, e->dev, e->dev_id, e->object_id, e->flags, e->pasid);
	else if (rec->type == IOPF_REC_WAITING)
		note_group(s, w->dev, w->dev_id, w->object_id, w->flags, w->pasid);
	else if (rec->type == IOPF_REC_RESPONSE)
		note(&s->of[CODE], names_code(r->code).s);
	if (rec->type == IOPF_REC_READ ||
	    (rec->type == IOPF_REC_RESPONSE && rec->context & IOPF_CTX_WRITE))
		note_task(s, rec);
	return 0;
}

/* Reads the file again; whether that could be done. What is wrong with it was said before. */
static bool search(struct search *s, const char *file)
{
	struct iopf_engine_opts opts = { .judge = false };
	struct replay *replay = NULL;
	struct iopf_run run;
	bool done;

	s->engine = engine_new(&opts);
	done = s->engine && !replay_open(&replay, file);
	if (done) {
		replay_again(replay);
		done = !replay_each(replay, look, s, &run);
	}
	replay_close(replay);
	iopf_engine_free(s->engine);
	return done;
}

/* What was asked for of one kind, as text; "" when nothing was. */
static struct utf8_name wanted(const struct options *o, enum filter filter)
{
	const struct option_number *number = filter == DEV_ID	? &o->dev_id :
					     filter == FAULT_ID ? &o->fault_id :
								  &o->pasid;
	struct utf8_name text = { "" };

	if (filter == DEVICE || filter == COMM) {
		const char *name = filter == DEVICE ? o->device : o->comm;

		return name ? utf8_name(name, NAME_COLUMNS) : text;
	}
	if (filter == CODE && o->code.given)
		snprintf(text.s, sizeof(text.s), "%s", names_code(o->code.value).s);
	else if (filter != CODE && number->given)
		snprintf(text.s, sizeof(text.s), "%" PRIu32, number->value);
	return text;
}

/* "iopftrace: --pasid: there are 5, 6" */
static void say_values(const char *name, const struct values *v)
{
	fprintf(stderr, "iopftrace: %s: there %s", name,
		v->nr == 0 ? "is none" :
		v->nr == 1 ? "is only " :
			     "are ");
	for (size_t i = 0; i < v->nr; i++)
		fprintf(stderr, "%s%s", i ? ", " : "", v->value[i].s);
	fputs(v->more ? " and more\n" : "\n", stderr);
}

void matched_or_say(const struct options *options, const char *file,
		    const struct iopf_report *report)
{
	const struct iopf_breakdown *b = report->breakdown;
	struct search s = { 0 };

	if (!b || !b->filtered || b->all.groups || !b->filtered_out)
		return;
	fputs("iopftrace: no group matches:", stderr);
	for (int i = 0; i < FILTERS; i++) {
		struct utf8_name text = wanted(options, (enum filter)i);

		if (*text.s)
			fprintf(stderr, " %s %s", names[i], text.s);
	}
	if (b->opts.filter.window)
		fprintf(stderr, " --from or --to, of %s", units_elapsed(report->duration_ns).s);
	fputc('\n', stderr);
	if (!search(&s, file))
		return;
	for (int i = 0; i < FILTERS; i++)
		if (*wanted(options, (enum filter)i).s)
			say_values(names[i], &s.of[i]);
}
