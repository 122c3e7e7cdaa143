// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <string.h>

#define OUTPUT_TEXT_PRIVATE
#include "empty.h"
#include "text_private.h"

void text_empty(const struct text *t)
{
	struct sentence s = { "", 0 };
	const char *question = s.s;

	fprintf(t->out, "\n %s\n", empty_heading(t->r));
	for (empty_ask(&s, t->r); *question;) {
		size_t len = strcspn(question, "\n");
		struct text_flow f;

		fputs("  - ", t->out);
		text_flow_begin(&f, t, " ", 4, 4);
		text_flow_words(&f, "%.*s", (int)len, question);
		text_flow_end(&f);
		question += len;
		question += *question == '\n';
	}
}
