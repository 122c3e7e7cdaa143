// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "empty.h"
#include "text_private.h"

#define ROWS_BRIEF 16

void text_header(const struct text *t)
{
	const struct iopf_report *r = t->r;
	struct text_flow f;

	putc(' ', t->out);
	text_flow_begin(&f, t, " \xc2\xb7 ", 1, 1);
	if (empty_is(r))
		text_flow_item(&f, "0 groups in %s", units_elapsed(r->duration_ns).s);
	else
		text_flow_item(&f, "%s group%s (%s page%s) in %s",
			       units_count(r->groups.enqueued).s, text_plural(r->groups.enqueued),
			       units_count(r->groups.pages).s, text_plural(r->groups.pages),
			       units_elapsed(r->duration_ns).s);
	text_flow_item(&f, "%s fault object%s", units_count(r->nr_objects).s,
		       text_plural(r->nr_objects));
	text_flow_item(&f, "%s device%s", units_count(r->nr_devices).s, text_plural(r->nr_devices));
	text_flow_item(&f, "%s lost", units_count(r->lost.events).s);
	if (r->lost.missing)
		text_flow_item(&f, "%s missing from the file", units_count(r->lost.missing).s);
	text_flow_end(&f);
}

/* "3 by the kernel (2 detach, 1 destroy)" */
static void put_kernel(struct text_flow *f, const struct iopf_report *r)
{
	char split[256] = "";
	size_t used = 0;
	unsigned int by;

	for (by = 0; by < IOPF_RESPONDERS; by++) {
		if (by == IOPF_BY_NOBODY || by == IOPF_BY_USER || !r->groups.answered_by[by])
			continue;
		used += (size_t)snprintf(split + used, sizeof(split) - used, "%s%s %s",
					 used ? ", " : " (",
					 units_count(r->groups.answered_by[by]).s,
					 iopf_responder_name((enum iopf_responder)by));
	}
	text_flow_item(f, "%s by the kernel%s%s", units_count(r->groups.answered_kernel).s, split,
		       used ? ")" : "");
}

/* A count that is worth a word only when there are any. */
static void put_any(struct text_flow *f, uint64_t n, const char *one, const char *many)
{
	if (n)
		text_flow_item(f, "%s %s", units_count(n).s, n == 1 ? one : many);
}

/* What happened besides: partial, refused, from before us. */
static void put_besides(const struct text *t)
{
	const struct iopf_report *r = t->r;
	struct text_flow f;
	unsigned int stage;

	text_flow_label(&f, t, "besides");
	put_any(&f, r->groups.adopted, "group queued before tracing saw it",
		"groups queued before tracing saw them");
	put_any(&f, r->groups.unknown, "group not wholly seen", "groups not wholly seen");
	put_any(&f, r->groups.partial, "partial request", "partial requests");
	put_any(&f, r->groups.refused, "request ended in an error", "requests ended in an error");
	put_any(&f, r->calls.failed_reads, "failed read", "failed reads");
	put_any(&f, r->calls.failed_writes, "failed or short write", "failed or short writes");
	for (stage = 0; stage < IOPF_STAGES; stage++)
		if (r->stage[stage].negative)
			text_flow_item(&f, "%s %s below 0, shown as 0",
				       units_count(r->stage[stage].negative).s,
				       iopf_stage_name((enum iopf_stage)stage));
	text_flow_end(&f);
}

/* Whether there is anything to say in put_besides(). */
static bool any_besides(const struct iopf_report *r)
{
	uint64_t any = r->groups.adopted | r->groups.unknown | r->groups.partial |
		       r->groups.refused | r->calls.failed_reads | r->calls.failed_writes;
	unsigned int stage;

	for (stage = 0; stage < IOPF_STAGES; stage++)
		any |= r->stage[stage].negative;
	return any;
}

/* Who answered, and how. */
static void put_answers(const struct text *t)
{
	const struct iopf_report *r = t->r;
	struct text_flow f;

	text_flow_label(&f, t, "answers");
	text_flow_item(&f, "%s success", units_count(r->responses.success).s);
	text_flow_item(&f, "%s invalid", units_count(r->responses.invalid).s);
	put_any(&f, r->responses.failure, "failure", "failure");
	put_any(&f, r->responses.rejected, "rejected", "rejected");
	put_kernel(&f, r);
	text_flow_item(&f, "%s outstanding (peak %s)", units_count(r->groups.outstanding).s,
		       units_count(r->groups.outstanding_max).s);
	text_flow_end(&f);
}

/* What was seen of fault objects that are not of the scope. */
static void put_others(const struct text *t)
{
	const struct iopf_report *r = t->r;
	struct text_flow f;

	text_flow_label(&f, t, "others");
	text_flow_item(&f, "%s group%s on %s other fault object%s (%s event%s not shown)",
		       units_count(r->out_of_scope.groups).s, text_plural(r->out_of_scope.groups),
		       units_count(r->out_of_scope.objects).s, text_plural(r->out_of_scope.objects),
		       units_count(r->out_of_scope.events).s, text_plural(r->out_of_scope.events));
	text_flow_end(&f);
}

void text_answers(const struct text *t)
{
	const struct iopf_report *r = t->r;
	bool answers = !empty_is(r) || r->responses.rejected;
	bool others = r->out_of_scope.objects || r->out_of_scope.events;

	if (answers || any_besides(r) || others)
		putc('\n', t->out);
	if (answers)
		put_answers(t);
	if (any_besides(r))
		put_besides(t);
	if (others)
		put_others(t);
}

/* Says how many more there are than were shown. */
static void put_more(const struct text *t, size_t nr, size_t shown)
{
	if (nr > shown)
		fprintf(t->out, "          and %s more\n", units_count(nr - shown).s);
}

/* The fault objects, and whose they are. */
static void put_objects(const struct text *t)
{
	struct text_table table = { 0 };
	unsigned int id = text_table_column(&table, "object", 8, false, 0);
	unsigned int groups = text_table_column(&table, "groups", 8, false, 0);
	unsigned int owner = text_table_column(&table, "used by", 0, true, 0);
	size_t i;

	for (i = 0; i < t->r->nr_objects && i < ROWS_BRIEF; i++) {
		const struct iopf_object_view *o = &t->r->objects[i];

		text_table_next(&table);
		if (o->id)
			text_table_cell(&table, id, "%" PRIu32, o->id);
		else
			text_table_cell(&table, id, "?");
		text_table_cell(&table, groups, "%s", units_count(o->groups).s);
		text_table_cell(&table, owner, "%s/%" PRIu32,
				o->owner && *o->owner ? utf8_name(o->owner, IOPF_COMM_LEN).s : "?",
				o->owner_tgid);
	}
	putc('\n', t->out);
	text_table_fit(&table, t->opts->width, t->opts->width);
	text_table_print(t, &table);
	put_more(t, t->r->nr_objects, i);
}

/* The devices. */
static void put_devices(const struct text *t)
{
	struct text_table table = { 0 };
	unsigned int id = text_table_column(&table, "dev-id", 8, false, 0);
	unsigned int groups = text_table_column(&table, "groups", 8, false, 0);
	unsigned int name = text_table_column(&table, "device", 0, true, 0);
	size_t i;

	for (i = 0; i < t->r->nr_devices && i < ROWS_BRIEF; i++) {
		const struct iopf_device_view *d = &t->r->devices[i];

		text_table_next(&table);
		text_table_cell(&table, id, "%" PRIu32, d->dev_id);
		text_table_cell(&table, groups, "%s", units_count(d->groups).s);
		text_table_cell(&table, name, "%s", names_device(d->name, d->dev_id, 32).s);
	}
	putc('\n', t->out);
	text_table_fit(&table, t->opts->width, t->opts->width);
	text_table_print(t, &table);
	put_more(t, t->r->nr_devices, i);
}

/* What was called, and what tracing it cost. */
static void put_calls(const struct text *t)
{
	const struct iopf_report *r = t->r;
	struct text_flow f;

	putc('\n', t->out);
	text_flow_label(&f, t, "calls");
	text_flow_item(&f, "%s reads (%s empty, %s failed)", units_count(r->calls.reads).s,
		       units_count(r->calls.empty_reads).s, units_count(r->calls.failed_reads).s);
	text_flow_item(&f, "%s writes (%s failed or short)", units_count(r->calls.writes).s,
		       units_count(r->calls.failed_writes).s);
	text_flow_end(&f);
	text_flow_label(&f, t, "tracing");
	text_flow_item(&f, "%s records of %s bytes", units_count(r->overhead.records).s,
		       units_count(r->overhead.bytes).s);
	text_flow_item(&f, "%s wake-ups", units_count(r->overhead.wakeups).s);
	if (r->overhead.ring_bytes)
		text_flow_item(&f, "ring buffer of %s", units_size(r->overhead.ring_bytes).s);
	if (r->overhead.probe_runs)
		text_flow_item(&f, "%s probe runs", units_count(r->overhead.probe_runs).s);
	if (r->overhead.probe_ns)
		text_flow_item(&f, "%s in probes",
			       units_duration(r->overhead.probe_ns, t->opts->unit).s);
	text_flow_end(&f);
}

/* A name made printable, "?" when there is none. */
static struct utf8_name known(const char *name, unsigned int columns)
{
	return utf8_name(name && *name ? name : "?", columns);
}

void text_details(const struct text *t)
{
	struct text_flow f;

	if (t->r->nr_objects)
		put_objects(t);
	if (t->r->nr_devices)
		put_devices(t);
	put_calls(t);
	if (t->opts->deterministic)
		return;
	text_flow_label(&f, t, "system");
	text_flow_item(&f, "kernel %s", known(t->r->kernel, 40).s);
	text_flow_item(&f, "iopftrace %s", known(t->r->version, 20).s);
	text_flow_end(&f);
}
