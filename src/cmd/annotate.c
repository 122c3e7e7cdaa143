// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdbool.h>
#include <string.h>

#include "annotate.h"
#include "output/doubts.h"
#include "output/names.h"
#include "output/output.h"

/* Texts of a command end at a line's end, properties also at : and , and % begins an escape. */
static void put_escaped(const char *text, bool property, FILE *out)
{
	for (; text && *text; text++) {
		if (strchr(property ? "%\r\n:," : "%\r\n", *text))
			fprintf(out, "%%%02X", (unsigned char)*text);
		else
			putc(*text, out);
	}
}

/* Begins a command; its text follows. */
static void begin(const char *command, const char *title, const char *name, FILE *out)
{
	fprintf(out, "::%s title=", command);
	put_escaped(title, true, out);
	if (name)
		put_escaped(" ", true, out);
	put_escaped(name, true, out);
	fputs("::", out);
}

/* What a finding is to a workflow. What is not proven fails nothing by itself. */
static const char *command_of(const struct iopf_finding *f)
{
	if (f->unproven || f->severity == IOPF_SEVERITY_NOTE)
		return "notice";
	return f->severity == IOPF_SEVERITY_ERROR ? "error" : "warning";
}

/* One rule that was broken: its first case stands for all. */
static void put_finding(const struct iopf_finding *f, FILE *out)
{
	const struct iopf_case *c = f->nr_cases ? &f->cases[0] : NULL;

	begin(command_of(f), f->rule->id, f->rule->name, out);
	put_escaped(c && c->text ? c->text : f->rule->statement, false, out);
	if (c && c->expected && *c->expected) {
		fputs("; expected: ", out);
		put_escaped(c->expected, false, out);
	}
	if (c && c->blame != IOPF_BLAME_UNKNOWN)
		fprintf(out, "; on the side of: %s", iopf_blame_name(c->blame));
	if (f->count > 1 && !names_case_is_all(f->rule))
		fprintf(out, " (%s cases)", units_count(f->count).s);
	if (f->unproven)
		fputs(" (not proven: probes were skipped)", out);
	putc('\n', out);
}

/* An assertion that does not hold, or that cannot be told. */
static void put_assertion(const struct iopf_assertion *a, FILE *out)
{
	if (a->holds)
		return;
	begin(a->known && !a->open ? "error" : "warning", "assertion", NULL, out);
	put_escaped(a->expr, false, out);
	fprintf(out, ": %s%s%s", a->known ? "it is " : "", output_value(a, UNITS_AUTO).s,
		a->open ? ": " OUTPUT_OPEN : "");
	putc('\n', out);
}

/* Why a run is inconclusive. */
static void put_doubts(const struct iopf_report *r, FILE *out)
{
	enum iopf_doubt doubt;
	unsigned int i = 0;

	if (r->verdict != IOPF_INCONCLUSIVE)
		return;
	while ((doubt = doubts_next(r, &i)) != IOPF_DOUBTS) {
		struct sentence s = { "", 0 };

		doubt_say(&s, r, doubt);
		begin("warning", "inconclusive", NULL, out);
		put_escaped(s.s, false, out);
		putc('\n', out);
	}
}

int annotate(const struct iopf_report *report, FILE *out)
{
	size_t i;

	for (i = 0; i < report->nr_findings; i++)
		put_finding(&report->findings[i], out);
	for (i = 0; i < report->nr_assertions; i++)
		put_assertion(&report->assertions[i], out);
	put_doubts(report, out);
	return output_flush(out);
}
