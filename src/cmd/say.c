// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/utf8.h"

void say(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	fputs("iopftrace: ", stderr);
	utf8_put(text ? text : format, stderr);
	putc('\n', stderr);
	free(text);
}
