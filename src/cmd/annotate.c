// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "annotate.h"
#include "output/doubts.h"
#include "output/names.h"
#include "output/output.h"
#include "output/verdict.h"

/* The forge shows so many of a kind for a step, and forgets the others without a word. */
#define SHOWN_MAX 10

enum kind { ERROR, WARNING, NOTICE, KINDS };

static const char *const kind_names[KINDS] = { "error", "warning", "notice" };

struct note {
	enum kind kind;
	char *title, *text;
};

struct notes {
	struct note *note;
	size_t nr;
	bool failed; /* out of memory */
};

/* One more note, without a text; NULL when out of memory. */
static struct note *add(struct notes *n, enum kind kind, const char *title, const char *name)
{
	struct note *grown = realloc(n->note, (n->nr + 1) * sizeof(*n->note)), *note;

	if (!grown)
		return NULL;
	n->note = grown;
	note = &n->note[n->nr];
	*note = (struct note){ .kind = kind };
	if (asprintf(&note->title, "%s%s%s", title, name ? " " : "", name ? name : "") < 0)
		return NULL;
	n->nr++;
	return note;
}

/* A stream for the text of one more note; NULL when out of memory. */
static FILE *begin(struct notes *n, enum kind kind, const char *title, const char *name,
		   size_t *size)
{
	struct note *note = add(n, kind, title, name);
	FILE *text = note ? open_memstream(&note->text, size) : NULL;

	n->failed |= !text;
	return text;
}

static void end(struct notes *n, FILE *text)
{
	n->failed |= fclose(text) != 0;
}

/* What a finding is to a workflow. What is not proven fails nothing by itself. */
static enum kind kind_of(const struct iopf_finding *f)
{
	if (f->unproven || f->severity == IOPF_SEVERITY_NOTE)
		return NOTICE;
	return f->severity == IOPF_SEVERITY_ERROR ? ERROR : WARNING;
}

/* One rule that was broken: its first case stands for all. */
static void note_finding(struct notes *n, const struct iopf_report *r, const struct iopf_finding *f)
{
	const struct iopf_case *c = f->nr_cases ? &f->cases[0] : NULL;
	size_t size;
	FILE *text = begin(n, kind_of(f), f->rule->id, f->rule->name, &size);

	if (!text)
		return;
	if (f->unproven) {
		struct sentence s = { "", 0 };

		doubt_say_unproven(&s, r, f);
		fprintf(text, "suspected, not proven: %s; ", s.s);
	}
	fputs(c && c->text ? c->text : f->rule->statement, text);
	if (c && c->expected && *c->expected)
		fprintf(text, "; expected: %s", c->expected);
	if (c && c->blame != IOPF_BLAME_UNKNOWN)
		fprintf(text, "; on the side of: %s", iopf_blame_name(c->blame));
	if (f->count > 1 && !names_case_is_all(f->rule))
		fprintf(text, " (%s cases)", units_count(f->count).s);
	end(n, text);
}

/* An assertion that does not hold, or that cannot be told. */
static void note_assertion(struct notes *n, const struct iopf_assertion *a)
{
	size_t size;
	FILE *text;

	if (a->holds)
		return;
	text = begin(n, a->known && !a->open ? ERROR : WARNING, "assertion", NULL, &size);
	if (!text)
		return;
	fprintf(text, "%s: %s%s%s", a->expr, a->known ? "it is " : "",
		output_value(a, UNITS_AUTO).s, a->open ? ": " OUTPUT_OPEN : "");
	end(n, text);
}

/* Why a run is inconclusive. */
static void note_doubts(struct notes *n, const struct iopf_report *r)
{
	enum iopf_doubt doubt;
	unsigned int i = 0;

	if (r->verdict != IOPF_INCONCLUSIVE)
		return;
	while ((doubt = doubts_next(r, &i)) != IOPF_DOUBTS) {
		struct sentence s = { "", 0 };
		size_t size;
		FILE *text = begin(n, WARNING, "inconclusive", NULL, &size);

		doubt_say(&s, r, doubt);
		if (!text)
			return;
		fputs(s.s, text);
		end(n, text);
	}
}

/* What makes the step fail where nothing of the above does. */
static void note_exit(struct notes *n, const struct iopf_report *r)
{
	struct sentence s = { "", 0 };
	size_t size;
	FILE *text;

	verdict_say_exit(&s, r);
	if (!s.len)
		return;
	text = begin(n, WARNING, "exit status", NULL, &size);
	if (!text)
		return;
	fputs(s.s, text);
	end(n, text);
}

static void notes_make(struct notes *n, const struct iopf_report *report)
{
	*n = (struct notes){ .nr = 0 };
	for (size_t i = 0; i < report->nr_findings; i++)
		note_finding(n, report, &report->findings[i]);
	for (size_t i = 0; i < report->nr_assertions; i++)
		note_assertion(n, &report->assertions[i]);
	note_doubts(n, report);
	note_exit(n, report);
}

static void notes_free(struct notes *n)
{
	for (size_t i = 0; i < n->nr; i++) {
		free(n->note[i].title);
		free(n->note[i].text);
	}
	free(n->note);
}

static size_t count_kind(const struct notes *n, enum kind kind)
{
	size_t nr = 0;

	for (size_t i = 0; i < n->nr; i++)
		nr += n->note[i].kind == kind;
	return nr;
}

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

static void put_note(const struct note *note, FILE *out)
{
	fprintf(out, "::%s title=", kind_names[note->kind]);
	put_escaped(note->title, true, out);
	fputs("::", out);
	put_escaped(note->text, false, out); /* NULL is nothing */
	putc('\n', out);
}

/* What the forge would not show, from number @from of a kind on, in the last that it does. */
static void put_rest(const struct notes *n, enum kind kind, size_t from, FILE *out)
{
	size_t nr = count_kind(n, kind) - from, at = 0;

	fprintf(out, "::%s title=%zu more::not shown one by one: ", kind_names[kind], nr);
	for (size_t i = 0; i < n->nr; i++) {
		const struct note *note = &n->note[i];

		if (note->kind != kind || at++ < from)
			continue;
		if (at > from + 1)
			fputs("; ", out);
		/* An assertion is known by itself, and a rule by its number and name. */
		put_escaped(strcmp(note->title, "assertion") ? note->title : note->text, false,
			    out);
	}
	putc('\n', out);
}

int annotate(const struct iopf_report *report, FILE *out)
{
	struct notes n;

	notes_make(&n, report);
	for (enum kind kind = ERROR; kind < KINDS; kind++) {
		bool all = count_kind(&n, kind) <= SHOWN_MAX;
		size_t shown = 0;

		for (size_t i = 0; i < n.nr; i++) {
			if (n.note[i].kind == kind && (all || shown < SHOWN_MAX - 1)) {
				put_note(&n.note[i], out);
				shown++;
			}
		}
		if (!all)
			put_rest(&n, kind, shown, out);
	}
	notes_free(&n);
	return n.failed ? -ENOMEM : output_flush(out);
}

/* Text for Markdown, of which nothing is taken for markup, a mention or an end of the line. */
static void put_markdown(const char *text, FILE *out)
{
	for (; text && *text; text++) {
		if (*text == '\n' || *text == '\r')
			putc(' ', out);
		else if (strchr("\\`*_{}[]<>()#+!|&@~$:/", *text))
			fprintf(out, "&#%d;", *text);
		else
			putc(*text, out);
	}
}

/* Opens the file that the forge made; a descriptor or a negative errno. */
static int open_summary(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

int annotate_summary(const struct iopf_report *report, const char *path)
{
	int fd = open_summary(path), err;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "a");
	struct notes n;

	if (!out)
		return fd < 0 ? fd : -ENOMEM;
	notes_make(&n, report);
	fprintf(out, "### iopftrace: %s\n\n", iopf_verdict_name(report->verdict));
	if (!n.nr)
		fputs("No finding, and no assertion that fails.\n", out);
	for (enum kind kind = ERROR; kind < KINDS; kind++) {
		for (size_t i = 0; i < n.nr; i++) {
			if (n.note[i].kind != kind)
				continue;
			fprintf(out, "- **%s** ", kind_names[kind]);
			put_markdown(n.note[i].title, out);
			fputs(": ", out);
			put_markdown(n.note[i].text, out);
			putc('\n', out);
		}
	}
	putc('\n', out);
	notes_free(&n);
	err = output_flush(out);
	if (fclose(out) && !err)
		err = -errno;
	return n.failed ? -ENOMEM : err;
}
