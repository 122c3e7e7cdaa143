// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_diff.h"

/* The columns that the name of a file may take. */
#define FILE_COLUMNS 36

/* One side: where it is from, and what it was. */
static void put_side(const struct text *t, const struct diff_view *view, enum iopf_side side)
{
	const struct iopf_report *r = view->c->side[side], *other = view->c->side[!side];
	bool kernels = r->kernel && other->kernel && strcmp(r->kernel, other->kernel);
	const char *file = view->file[side];
	struct text_flow f;

	text_flow_label(&f, t, side == IOPF_BASE ? "base" : "new");
	text_flow_item(&f, "%s",
		       strcmp(file, "-") ? utf8_name(file, FILE_COLUMNS).s : "standard input");
	text_flow_item(&f, view->recording[side] ? "recording" : "JSON report");
	text_flow_item(&f, "%s group%s in %s", units_count(r->groups.enqueued).s,
		       text_plural(r->groups.enqueued), units_elapsed(r->duration_ns).s);
	text_flow_item(&f, "%s", iopf_verdict_name(r->verdict));
	if (!r->complete)
		text_flow_item(&f, "not all was seen");
	if (!t->opts->deterministic && kernels && *r->kernel)
		text_flow_item(&f, "kernel %s", utf8_name(r->kernel, 40).s);
	text_flow_end(&f);
}

/* What became of a finding. */
static const char *finding_word(const struct iopf_finding_change *f)
{
	if (!f->count[IOPF_BASE])
		return "new";
	if (!f->count[IOPF_NEW])
		return "gone";
	return f->count[IOPF_NEW] > f->count[IOPF_BASE] ? "more" :
	       f->count[IOPF_NEW] < f->count[IOPF_BASE] ? "fewer" :
							  "as many";
}

/* As many findings from @from on as a table takes; gives how many. */
static size_t put_findings_from(const struct text *t, const struct iopf_comparison *c, size_t from)
{
	struct text_table table = { 0 };
	unsigned int rule = text_table_column(&table, "finding", 7, true, 0);
	unsigned int name = text_table_column(&table, "", 24, true, 1);
	unsigned int severity = text_table_column(&table, "severity", 8, true, 0);
	unsigned int base = text_table_column(&table, "base", 6, false, 0);
	unsigned int now = text_table_column(&table, "new", 6, false, 0);
	unsigned int word = text_table_column(&table, "", 7, true, 0);
	size_t i;

	for (i = from; i < c->nr_findings && text_table_next(&table); i++) {
		const struct iopf_finding_change *f = &c->finding[i];

		text_table_cell(&table, rule, "%s", f->rule->id);
		text_table_cell(&table, name, "%s", f->rule->name);
		text_table_cell(&table, severity, "%s%s", names_severity(f->severity, f->unproven),
				f->unproven ? "?" : "");
		text_table_cell(&table, base, "%s", units_count(f->count[IOPF_BASE]).s);
		text_table_cell(&table, now, "%s", units_count(f->count[IOPF_NEW]).s);
		text_table_cell(&table, word, "%s", finding_word(f));
	}
	putc('\n', t->out);
	text_table_fit(&table, t->opts->width, t->opts->width);
	text_table_print(t, &table);
	return i - from;
}

/* The findings, if there are any. */
static void put_findings(const struct text *t, const struct iopf_comparison *c)
{
	for (size_t i = 0; i < c->nr_findings;)
		i += put_findings_from(t, c, i);
}

/* A count; one that is too large for a column as a power of ten. */
static struct units_text count_text(uint64_t n)
{
	struct units_text text = units_count(n);

	if (n >= 1000000000000000)
		snprintf(text.s, sizeof(text.s), "%.3g", (double)n);
	return text;
}

/* The next count that changed, from @i on. */
static size_t next_changed(const struct iopf_comparison *c, size_t i)
{
	while (i < c->nr_counts && c->count[i].value[IOPF_BASE] == c->count[i].value[IOPF_NEW])
		i++;
	return i;
}

/* As many of the counts that changed, from @from on, as a table takes; gives where it goes on. */
static size_t put_counts_from(const struct text *t, const struct iopf_comparison *c, size_t from)
{
	struct text_table table = { 0 };
	unsigned int name = text_table_column(&table, "count", 21, true, 0);
	unsigned int base = text_table_column(&table, "base", 12, false, 0);
	unsigned int now = text_table_column(&table, "new", 12, false, 0);
	unsigned int percent = text_table_column(&table, "change", 8, false, 2);
	unsigned int difference = text_table_column(&table, "diff", 12, false, 1);
	size_t i;

	for (i = from; i < c->nr_counts && text_table_next(&table); i = next_changed(c, i + 1)) {
		const uint64_t *value = c->count[i].value;

		text_table_cell(&table, name, "%s", c->count[i].name);
		text_table_cell(&table, base, "%s", count_text(value[IOPF_BASE]).s);
		text_table_cell(&table, now, "%s", count_text(value[IOPF_NEW]).s);
		text_table_cell(&table, percent, "%s",
				diff_percent(value[IOPF_BASE], value[IOPF_NEW]).s);
		text_table_cell(&table, difference, "%s",
				diff_count(value[IOPF_BASE], value[IOPF_NEW]).s);
	}
	putc('\n', t->out);
	text_table_fit(&table, t->opts->width, t->opts->width);
	text_table_print(t, &table);
	return i;
}

/* The counts that are not the same. */
static void put_counts(const struct text *t, const struct iopf_comparison *c)
{
	size_t i = next_changed(c, 0);
	struct text_flow f;

	while (i < c->nr_counts)
		i = put_counts_from(t, c, i);
	if (!c->nr_counts_changed)
		putc('\n', t->out);
	text_flow_label(&f, t, "counts");
	text_flow_item(&f, "%s %s are the same", c->nr_counts_changed ? "the other" : "all",
		       units_count(c->nr_counts - c->nr_counts_changed).s);
	text_flow_end(&f);
}

/* What fails comes first, then both sides, then what changed, then what it comes to. */
int output_diff_text(const struct diff_view *view, const struct output_opts *opts, FILE *out)
{
	const struct text t = { .out = out, .r = view->c->side[IOPF_NEW], .opts = opts };
	int err = 0;

	if (!opts->quiet) {
		text_diff_conditions(&t, view);
		put_side(&t, view, IOPF_BASE);
		put_side(&t, view, IOPF_NEW);
		put_findings(&t, view->c);
		put_counts(&t, view->c);
		err = text_diff_stages(&t, view->c);
		putc('\n', out);
	}
	if (err)
		return err;
	text_diff_conclusion(&t, view);
	return output_flush(out);
}
