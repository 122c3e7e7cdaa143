// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>
#include <math.h>

#include "html_svg.h"

/* A scale of more decades than this has ticks at powers of ten only. */
#define DECADES_FEW 3

double svg_at(const struct svg_scale *s, double value)
{
	double part = 0;

	if (s->linear)
		part = (value - s->lo) / (s->hi - s->lo);
	else if (value > 0)
		part = log(value / s->lo) / log(s->hi / s->lo);
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	return s->from + part * (s->to - s->from);
}

struct units_text svg_number(double coordinate)
{
	long tenths = lround(coordinate * 10);
	const char *sign = tenths < 0 ? "-" : "";
	struct units_text text;

	tenths = tenths < 0 ? -tenths : tenths;
	if (tenths % 10)
		snprintf(text.s, sizeof(text.s), "%s%ld.%ld", sign, tenths / 10, tenths % 10);
	else
		snprintf(text.s, sizeof(text.s), "%s%ld", sign, tenths / 10);
	return text;
}

void svg_point(FILE *out, char command, double x, double y)
{
	fprintf(out, "%c%s %s", command, svg_number(x).s, svg_number(y).s);
}

void svg_line(FILE *out, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(out, "<path class=\"%s\" d=\"", class);
	svg_point(out, 'M', x1, y1);
	svg_point(out, 'L', x2, y2);
	fputs("\"/>\n", out);
}

void svg_text(FILE *out, const char *class, double x, double y, const char *text)
{
	fprintf(out, "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n", class, svg_number(x).s,
		svg_number(y).s, text);
}

/* The tick of a number; 0 when it is beyond 64 bits. */
static uint64_t tick_of(unsigned int number)
{
	static const uint64_t digit[] = { 1, 2, 5 };
	uint64_t power = 1;
	unsigned int i;

	if (number / 3 > 18)
		return 0;
	for (i = 0; i < number / 3; i++)
		power *= 10;
	return power * digit[number % 3];
}

bool svg_tick(const struct svg_scale *s, unsigned int *state, uint64_t *ns)
{
	unsigned int step = s->hi / s->lo > pow(10, DECADES_FEW) ? 3 : 1;

	for (;;) {
		*ns = tick_of(*state);
		*state += step;
		if (!*ns || (double)*ns > s->hi)
			return false;
		if ((double)*ns >= s->lo)
			return true;
	}
}

uint64_t svg_step(uint64_t length, unsigned int most)
{
	unsigned int number = 0;
	uint64_t step;

	do {
		step = tick_of(number++);
	} while (step && length / step > most);
	return step ? step : length;
}

struct units_text svg_round_time(uint64_t ns, enum units_time unit)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	struct units_text text;
	unsigned int i = 0;

	/* What is long is not read in seconds. */
	if (unit != UNITS_AUTO || ns > 100000000000)
		return units_duration(ns, unit);
	while (i < 3 && ns < units[i].ns)
		i++;
	snprintf(text.s, sizeof(text.s), "%" PRIu64 "%s", ns / units[i].ns, units[i].name);
	return text;
}
