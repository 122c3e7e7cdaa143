// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>

#define OUTPUT_TEXT_PRIVATE
#include "text_private.h"

#define DEVICE_COLUMNS 20
#define UNKNOWN UINT64_MAX

/* Waiting groups that are shown without --verbose. */
#define WAITING_BRIEF 5

/* Room beside the columns in which a text may go on; with less it goes on below them. */
#define BESIDE_MIN 20

/* A text by value, see struct units_text. */
struct group_text {
	char s[192];
};

/* What both tables have in common: columns, and beside them a text that may take lines. */
struct group_table {
	struct text_table table;
	unsigned int time, object, device, pasid, group, grpid, addr;
	unsigned int width; /* of the columns */
	unsigned int first; /* columns of the longest beginning of a text */
	const char *beside; /* its head */
};

/* Adds the columns; that of the object only when there are several. */
static void begin_groups(const struct text *t, struct group_table *g, const char *head,
			 const char *beside)
{
	struct text_table *table = &g->table;

	table->nr_columns = 0;
	table->nr_rows = 0;
	g->beside = beside;
	g->first = utf8_columns(beside);
	g->time = text_table_column(table, head, 7, false, 0);
	g->object = t->r->nr_objects > 1 ? text_table_column(table, "object", 0, false, 3) : 0;
	g->device = text_table_column(table, "device", 12, true, 2);
	g->pasid = text_table_column(table, "pasid", 0, false, 0);
	g->group = text_table_column(table, "group", 0, false, 0); /* as 'explain' takes it */
	g->grpid = text_table_column(table, "grpid", 0, false, 4);
	g->addr = text_table_column(table, "address", 16, true, 1);
}

/* The cells of a group, beside which a text that begins with @first will stand. */
static void add_group(const struct text *t, struct group_table *g, const struct iopf_group_view *v,
		      uint64_t time_ns, const char *first)
{
	struct text_table *table = &g->table;

	text_table_next(table);
	text_table_cell(table, g->time, "%s",
			time_ns == UNKNOWN ? "?" : units_duration(time_ns, t->opts->unit).s);
	if (g->object)
		text_table_cell(table, g->object, "%" PRIu32, v->object_id);
	text_table_cell(table, g->device, "%s",
			names_device(v->device, v->dev_id, DEVICE_COLUMNS).s);
	if (v->flags & IOPF_PRQ_PASID_VALID)
		text_table_cell(table, g->pasid, "%" PRIu32, v->pasid);
	else
		text_table_cell(table, g->pasid, "-");
	text_table_cell(table, g->group, "%" PRIu64, v->seq);
	text_table_cell(table, g->grpid, "%" PRIu32, v->grpid);
	text_table_cell(table, g->addr, "0x%" PRIx64 " %s", v->addr, names_perm(v->perm).s);
	if (utf8_columns(first) > g->first)
		g->first = utf8_columns(first);
}

/* Ends the filling: the heads. The columns are squeezed if that makes room for the texts. */
static void put_heads(const struct text *t, struct group_table *g)
{
	unsigned int wanted = t->opts->width > g->first + 2 ? t->opts->width - g->first - 2 : 0;
	unsigned int used;

	g->width = text_table_fit(&g->table, wanted, t->opts->width);
	/* What the device calls a group matters less than that it stays in one line. */
	if (g->width > wanted) {
		g->table.column[g->grpid].dropped = true;
		g->width = text_table_fit(&g->table, wanted, t->opts->width);
	}
	putc('\n', t->out);
	used = text_table_heads(t, &g->table);
	if (g->width + 2 + utf8_columns(g->beside) <= t->opts->width) {
		text_spaces(t, g->width + 2 - used);
		text_style(t, TEXT_DIM);
		fputs(g->beside, t->out);
		text_style(t, TEXT_PLAIN);
	}
	putc('\n', t->out);
}

/* Writes a row and begins its text: beside the columns, or below when there is no room. */
static void begin_text(struct text_flow *f, const struct text *t, const struct group_table *g,
		       unsigned int row, const char *first)
{
	unsigned int used = text_table_row(t, &g->table, row);
	unsigned int beside = g->width + 2;

	text_flow_begin(f, t, ", ", TEXT_INDENT, used);
	if (beside + utf8_columns(first) <= t->opts->width) {
		text_spaces(t, beside - used);
		f->column = beside;
		if (beside + BESIDE_MIN <= t->opts->width)
			f->indent = beside;
	} else {
		text_flow_break(f);
	}
	text_flow_item(f, "%s", first);
}

/* Where one stage's time went: "service 9.7ms vcpu3/2203"; "?" for no stage. */
static struct group_text stage_text(const struct text *t, const struct iopf_group_view *v,
				    unsigned int stage)
{
	struct group_text text = { "?" };
	uint32_t tid = stage == IOPF_STAGE_WAIT	   ? v->reader_tid :
		       stage == IOPF_STAGE_SERVICE ? v->writer_tid :
						     0;
	const char *comm = stage == IOPF_STAGE_WAIT ? v->reader : v->writer;

	if (stage < IOPF_STAGE_TOTAL)
		snprintf(text.s, sizeof(text.s), "%s %s%s%s",
			 iopf_stage_name((enum iopf_stage)stage),
			 units_duration(v->stage_ns[stage], t->opts->unit).s, tid ? " " : "",
			 tid ? text_task(comm, tid).s : "");
	return text;
}

/* The stage after those in @shown (a set) that took longest; IOPF_STAGES when none is left. */
static unsigned int next_longest(const struct iopf_group_view *g, unsigned int shown)
{
	unsigned int longest = IOPF_STAGES, stage;

	for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++) {
		if (shown & 1U << stage || g->stage_ns[stage] == UNKNOWN)
			continue;
		if (longest == IOPF_STAGES || g->stage_ns[stage] > g->stage_ns[longest])
			longest = stage;
	}
	return longest;
}

/* The stages that took most, as far as the line holds them; who answered when not user space. */
static void put_stages(const struct text *t, const struct group_table *g, unsigned int row,
		       const struct iopf_group_view *v)
{
	unsigned int stage = next_longest(v, 0), shown = 0;
	struct group_text text = stage_text(t, v, stage);
	struct text_flow f;

	begin_text(&f, t, g, row, text.s);
	if (v->pages > 1)
		text_flow_item(&f, "%s pages", units_count(v->pages).s);
	if (v->by != IOPF_BY_USER)
		text_flow_item(&f, "answered by %s", iopf_responder_name(v->by));
	while (stage != IOPF_STAGES) {
		shown |= 1U << stage;
		stage = next_longest(v, shown);
		if (stage == IOPF_STAGES || v->stage_ns[stage] < v->stage_ns[IOPF_STAGE_TOTAL] / 10)
			break;
		text = stage_text(t, v, stage);
		if (!text_flow_fits(&f, utf8_columns(text.s)))
			break;
		text_flow_item(&f, "%s", text.s);
	}
	text_flow_end(&f);
}

/* The smaller of how many there are and how many are wanted, and no more than a table holds. */
static unsigned int rows_of(size_t nr, size_t wanted)
{
	nr = nr < wanted ? nr : wanted;
	return (unsigned int)(nr < TEXT_TABLE_ROWS ? nr : TEXT_TABLE_ROWS);
}

/* Says how many more are wanted than a table holds. */
static void put_more(const struct text *t, size_t nr, size_t shown)
{
	if (nr > shown)
		fprintf(t->out, "          and %s more: -f json has them\n",
			units_count(nr - shown).s);
}

void text_slowest(const struct text *t)
{
	unsigned int nr = rows_of(t->r->nr_slowest, t->opts->slowest), i;
	struct group_table g;

	if (nr == 0)
		return;
	begin_groups(t, &g, "slowest", "where the time went");
	for (i = 0; i < nr; i++) {
		const struct iopf_group_view *v = &t->r->slowest[i];

		add_group(t, &g, v, v->stage_ns[IOPF_STAGE_TOTAL],
			  stage_text(t, v, next_longest(v, 0)).s);
	}
	put_heads(t, &g);
	for (i = 0; i < nr; i++)
		put_stages(t, &g, i, &t->r->slowest[i]);
	put_more(t, t->r->nr_slowest < t->opts->slowest ? t->r->nr_slowest : t->opts->slowest, nr);
}

/* How long ago something was at the end of the run; UNKNOWN when it is not known. */
static uint64_t age(const struct text *t, uint64_t at_ns)
{
	if (at_ns == 0 || at_ns > t->r->end_ns)
		return UNKNOWN;
	return t->r->end_ns - at_ns;
}

/* Who has a waiting group, and since when. */
static struct group_text owner_text(const struct text *t, const struct iopf_group_view *v)
{
	uint64_t since = age(t, v->at_ns[IOPF_AT_DELIVER]);
	struct group_text text = { "not read yet" };

	if (since != UNKNOWN && v->reader_tid)
		snprintf(text.s, sizeof(text.s), "%s for %s", text_task(v->reader, v->reader_tid).s,
			 units_duration(since, t->opts->unit).s);
	else if (v->reader_tid)
		snprintf(text.s, sizeof(text.s), "%s", text_task(v->reader, v->reader_tid).s);
	else if (v->cookie || v->cookie_zero || v->at_ns[IOPF_AT_DELIVER])
		snprintf(text.s, sizeof(text.s), "read, not seen by whom");
	return text;
}

void text_waiting(const struct text *t)
{
	unsigned int nr =
		rows_of(t->r->nr_waiting, t->opts->verbose ? TEXT_TABLE_ROWS : WAITING_BRIEF);
	struct group_table g;
	unsigned int i;

	if (nr == 0)
		return;
	begin_groups(t, &g, "waiting", "who has it");
	for (i = 0; i < nr; i++) {
		const struct iopf_group_view *v = &t->r->waiting[i];
		uint64_t from = v->at_ns[IOPF_AT_REPORT];

		add_group(t, &g, v, age(t, from ? from : v->at_ns[IOPF_AT_QUEUE]),
			  owner_text(t, v).s);
	}
	put_heads(t, &g);
	for (i = 0; i < nr; i++) {
		struct text_flow f;

		begin_text(&f, t, &g, i, owner_text(t, &t->r->waiting[i]).s);
		text_flow_end(&f);
	}
	if (t->r->groups.outstanding > nr) {
		text_spaces(t, TEXT_INDENT);
		fprintf(t->out, "and %s more\n", units_count(t->r->groups.outstanding - nr).s);
	}
}
