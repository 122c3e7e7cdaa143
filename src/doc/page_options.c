// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* OPTIONS: what --help says, as it groups it. */
#include <string.h>

#include "cmd/help.h"
#include "cmd/options_values.h"
#include "pages.h"

/* The formats of a verb, below the option that chooses one. */
static void put_formats(struct mdoc *m, enum verb_id id)
{
	const struct output_format *formats;
	size_t nr, i;

	formats = output_formats(&nr);
	mdoc_line(m, ".Pp");
	mdoc_line(m, ".Bl -tag -width openmetrics -compact");
	for (i = 0; i < nr; i++) {
		if (!options_format_suits(&formats[i], id))
			continue;
		if (formats[i].alias)
			mdoc_line(m, ".It Cm %s , %s", formats[i].name, formats[i].alias);
		else
			mdoc_line(m, ".It Cm %s", formats[i].name);
		mdoc_text(m, formats[i].description);
	}
	mdoc_line(m, ".El");
}

/* One option: its names, its value, what it does. */
static void put_option(struct mdoc *m, const struct option_def *def, enum verb_id id)
{
	char letter[16] = "";

	if (def->letter)
		snprintf(letter, sizeof(letter), "%c , Fl ", def->letter);
	mdoc_break(m);
	fprintf(m->out, ".It Fl %s\\-", letter);
	mdoc_code(m->out, def->name);
	if (def->arg)
		fprintf(m->out, " Ar %s", def->arg);
	putc('\n', m->out);
	m->placeholder = def->arg;
	mdoc_text(m, def->help);
	m->placeholder = NULL;
	mdoc_break(m);
	if (def->parse == option_format)
		put_formats(m, id);
}

void page_options(struct mdoc *m, enum verb_id id)
{
	const struct option_def *table;
	unsigned int group;
	size_t nr, i;

	table = options_table(&nr);
	for (group = 0; group < OPTION_GROUPS; group++) {
		const char *title = help_group_title((enum option_group)group);
		bool any = false;

		for (i = 0; i < nr; i++) {
			if (table[i].group != group || !(table[i].verbs & VERB_BIT(id)))
				continue;
			if (!any)
				mdoc_subsection(m, title, strlen(title));
			if (!any)
				mdoc_line(m, ".Bl -tag -width Ds");
			any = true;
			put_option(m, &table[i], id);
		}
		if (any)
			mdoc_line(m, ".El");
	}
}
