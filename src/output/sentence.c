// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sentence.h"
#include "utf8.h"

void sentence_add(struct sentence *s, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(s->s + s->len, sizeof(s->s) - s->len, fmt, args);
	va_end(args);
	if (n > 0)
		s->len += (size_t)n;
	if (s->len >= sizeof(s->s))
		s->len = sizeof(s->s) - 1;
}

void sentence_add_text(struct sentence *s, const char *text)
{
	if (sizeof(s->s) - s->len < 2)
		return;
	utf8_text(s->s + s->len, sizeof(s->s) - s->len, text);
	s->len += strlen(s->s + s->len);
}

void sentence_add_status(struct sentence *s, int status)
{
	if (status > 128 && sigabbrev_np(status - 128))
		sentence_add(s, "was killed by SIG%s", sigabbrev_np(status - 128));
	else
		sentence_add(s, "exited with %d", status);
}

void sentence_next(struct sentence_list *list)
{
	if (list->nr++)
		sentence_add(list->s, "%s", list->separator);
}
