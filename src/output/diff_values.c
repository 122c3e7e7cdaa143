// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <math.h>
#include <stdio.h>

#include "diff_values.h"

/* Beyond this percentages say no more than that it is another thing. */
#define PERCENT_SHOWN 99999

/* A sign before a text without one; nothing before what is none at all. */
static struct units_text with_sign(double difference, struct units_text text)
{
	struct units_text out;

	snprintf(out.s, sizeof(out.s), "%s%.30s",
		 difference > 0 ? "+" :
		 difference < 0 ? "-" :
				  "",
		 text.s);
	return out;
}

struct units_text diff_duration(double ns, enum units_time unit)
{
	double whole = fmin(fabs(round(ns)), 0x1p63);

	/* What is rounded to nothing has no sign. */
	return with_sign(whole > 0 ? ns : 0, units_duration((uint64_t)whole, unit));
}

struct units_text diff_count(uint64_t from, uint64_t to)
{
	if (to < from)
		return with_sign(-1, units_count(from - to));
	return with_sign(to > from, units_count(to - from));
}

double diff_percent_value(uint64_t from, uint64_t to)
{
	return 100 * ((double)to - (double)from) / (double)from;
}

struct units_text diff_percent(uint64_t from, uint64_t to)
{
	struct units_text text = { "-" };
	double percent, shown;

	if (!from)
		return text;
	percent = diff_percent_value(from, to);
	shown = fabs(percent);
	if (shown > PERCENT_SHOWN) {
		snprintf(text.s, sizeof(text.s), ">%d%%", PERCENT_SHOWN);
		return text;
	}
	/* One decimal where it says something; always, so that columns of them line up. */
	shown = shown < 100 ? round(shown * 10) : round(shown);
	if (fabs(percent) < 100)
		snprintf(text.s, sizeof(text.s), "%u.%u%%", (unsigned int)shown / 10,
			 (unsigned int)shown % 10);
	else
		snprintf(text.s, sizeof(text.s), "%u%%", (unsigned int)shown);
	return with_sign(shown > 0 ? percent : 0, text);
}
