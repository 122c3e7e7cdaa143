// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Which groups the tables are of, when that is not all of them. */
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

#define NAME_COLUMNS 40

/* A number that was asked for. */
static void put_number(struct text_flow *f, const char *what, const struct iopf_filter_number *n)
{
	if (n->given)
		text_flow_item(f, "%s %" PRIu32, what, n->value);
}

/* What was asked for. */
static void put_filter(struct text_flow *f, const struct iopf_filter *filter)
{
	if (filter->window)
		text_flow_item(f, "from %s s", units_moment(filter->from_ns, filter->from_ns).s);
	if (filter->window && filter->to_ns != UINT64_MAX)
		text_flow_item(f, "to %s s", units_moment(filter->to_ns, filter->to_ns).s);
	if (filter->device)
		text_flow_item(f, "device %s", utf8_name(filter->device, NAME_COLUMNS).s);
	put_number(f, "dev-id", &filter->dev_id);
	put_number(f, "fault-id", &filter->fault_id);
	put_number(f, "pasid", &filter->pasid);
	if (filter->code.given)
		text_flow_item(f, "code %s", names_code(filter->code.value).s);
	if (filter->comm)
		text_flow_item(f, "comm %s", utf8_name(filter->comm, NAME_COLUMNS).s);
}

/* How many groups that are, and what became of them. */
static void put_counts(struct text_flow *f, const struct iopf_breakdown *b)
{
	const struct iopf_cut *all = &b->all;

	text_flow_item(f, "%s of %s groups", units_count(all->groups).s,
		       units_count(all->groups + b->filtered_out).s);
	text_flow_item(f, "%s success", units_count(all->code[IOPF_CODE_SUCCESS]).s);
	text_flow_item(f, "%s invalid", units_count(all->code[IOPF_CODE_INVALID]).s);
	if (all->code[IOPF_CODE_FAILURE])
		text_flow_item(f, "%s failure", units_count(all->code[IOPF_CODE_FAILURE]).s);
	text_flow_item(f, "%s by the kernel", units_count(all->answered_kernel).s);
	text_flow_item(f, "%s outstanding", units_count(all->outstanding).s);
	if (all->unknown)
		text_flow_item(f, "%s unknown", units_count(all->unknown).s);
}

void text_selection(const struct text *t)
{
	const struct iopf_breakdown *b = t->r->breakdown;
	struct text_flow f;

	if (!b || !b->filtered)
		return;
	putc('\n', t->out);
	text_flow_label(&f, t, "selected");
	put_filter(&f, &b->opts.filter);
	text_flow_break(&f);
	put_counts(&f, b);
	text_flow_end(&f);
	text_spaces(t, TEXT_INDENT);
	text_flow_begin(&f, t, " ", TEXT_INDENT, TEXT_INDENT);
	text_flow_words(&f, "Stages, rows and the slowest are of these; the verdict and all else "
			    "are of the whole recording.");
	text_flow_end(&f);
}

void text_left_out(const struct text *t)
{
	const struct iopf_breakdown *b = t->r->breakdown;

	if (b && b->left_out)
		fprintf(t->out, "\n          %s times are in no row: too many different ones\n",
			units_count(b->left_out).s);
}
