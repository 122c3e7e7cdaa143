/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the files of the HTML format share. They write XHTML: every element is closed, so that any XML
 * parser reads it. A number that the JSON report has, too, carries where it is there (data-key, a
 * path with slashes) and its exact value (data-value): programs compare them.
 */
#ifndef OUTPUT_HTML_PRIVATE_H
#define OUTPUT_HTML_PRIVATE_H

#ifndef OUTPUT_HTML_PRIVATE
#error "html_private.h is for src/output/html*.c only"
#endif

#include "names.h"
#include "output.h"
#include "sentence.h"
#include "units.h"
#include "utf8.h"

#define HTML_UNKNOWN UINT64_MAX

struct html {
	FILE *out;
	const struct iopf_report *r;
	const struct output_opts *opts;
};

/* A key, or another short text, by value: see struct units_text. */
struct html_key {
	char s[96];
};

/* html_write.c: the only way for texts into the document. */

/* A path in the JSON report: html_key("stages/%s/count", name); HTML_NO_KEY when it is not there. */
#define HTML_NO_KEY ((struct html_key){ "" })
__attribute__((format(printf, 1, 2))) struct html_key html_key(const char *fmt, ...);

/* Our own markup, as it is. */
void html_raw(const struct html *h, const char *markup);

/* Text that is printable already; what is markup in it is escaped. */
__attribute__((format(printf, 2, 3))) void html_say(const struct html *h, const char *fmt, ...);

/* Text from outside: made printable, then escaped; @otherwise when there is none. */
void html_outside(const struct html *h, const char *text, const char *otherwise);

/* A task as "comm/tid". */
void html_task(const struct html *h, const char *comm, uint32_t tid);

/* A count, or a time, as an @element ("td", "span") that carries its exact value. */
void html_count(const struct html *h, const char *element, uint64_t n, struct html_key key);
void html_time(const struct html *h, const char *element, bool known, uint64_t ns,
	       struct html_key key);

/* An element of text. */
__attribute__((format(printf, 3, 4))) void html_element(const struct html *h, const char *element,
							const char *fmt, ...);

/* A part of the page, with its heading; the id is that of its link. */
void html_section(const struct html *h, const char *id, const char *title);
void html_section_end(const struct html *h);

/*
 * A table: a class, its caption, and its heads with '|' between them; a head that begins with '>' is
 * one of numbers. A wide one can be scrolled sideways.
 */
void html_table(const struct html *h, const char *class, const char *caption, const char *heads);
void html_table_end(const struct html *h);

/* The lines of a sentence, as an element each. */
void html_lines(const struct html *h, const char *element, const struct sentence *s);

/*
 * The beginning of a figure with a plot: its caption, and what it shows for those who do not see it.
 * Goes on inside of the <svg>, which is HTML_PLOT_WIDTH wide.
 */
#define HTML_PLOT_WIDTH 880
void html_figure(const struct html *h, const char *id, const char *caption, const char *description,
		 unsigned int height);

/* html_style.c: the style sheet. */
extern const char html_style[];

/* The parts of the page, in the files named after them and in this order. */
void html_verdict(const struct html *h);
void html_findings(const struct html *h);
void html_assertions(const struct html *h);
void html_stages(const struct html *h);
void html_plots(const struct html *h); /* of html_stages() */
void html_series(const struct html *h);
void html_slowest(const struct html *h); /* html_groups.c, as the next */
void html_waiting(const struct html *h);
void html_answers(const struct html *h); /* html_counts.c, as the next two */
void html_losses(const struct html *h);
void html_places(const struct html *h);
void html_rules(const struct html *h);
void html_made(const struct html *h);

/* html_series.c: whether there is enough to draw over time. */
bool html_has_series(const struct iopf_report *r);

/* html_series_plots.c: its plots; the class that gives marks of findings their colour. */
void html_series_plots(const struct html *h);
const char *html_found_class(const struct html *h);

/* html_verdict.c: a class that gives the colour of the verdict: "pass", "fail", "doubt". */
const char *html_verdict_class(const struct iopf_report *r);

/* html_journey.c: the steps of a case; @unproven: what breaks the rule only seems to. */
void html_journey(const struct html *h, const struct iopf_case *c, bool unproven);

/* html_places.c: what a device is called, in a link or a cell. */
void html_device(const struct html *h, const char *name, uint32_t dev_id);

#endif /* OUTPUT_HTML_PRIVATE_H */
