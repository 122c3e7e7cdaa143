// SPDX-License-Identifier: GPL-2.0-only
/* Random delays: parsing and drawing. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "delay.h"
#include "rng.h"

/* An exponential draw above 40 means has a chance of 4e-18 */
#define EXP_BOUND 40

/* Scale of a time unit in ns, 0 for an unknown unit */
static double unit_scale(const char *unit)
{
	static const struct {
		const char *name;
		double scale;
	} units[] = {
		{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "", 1e9 },
	};

	for (unsigned int i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			return units[i].scale;
	return 0;
}

int delay_parse_time(const char *text, uint64_t *ns)
{
	double value, scale;
	char *end;

	value = strtod(text, &end);
	if (end == text || !isfinite(value) || value < 0)
		return -EINVAL;
	scale = unit_scale(end);
	if (scale <= 0 || value * scale > 1e15)
		return -EINVAL;
	*ns = (uint64_t)(value * scale + 0.5);
	return 0;
}

/* The times after the first colon; returns how many, or -EINVAL */
static int parse_times(char *text, uint64_t *times, int max)
{
	char *save = NULL;
	int n = 0;

	for (char *t = strtok_r(text, ":", &save); t; t = strtok_r(NULL, ":", &save)) {
		if (n == max || delay_parse_time(t, &times[n]))
			return -EINVAL;
		n++;
	}
	return n;
}

int delay_parse(const char *text, struct delay *d)
{
	static const struct {
		const char *name;
		enum delay_kind kind;
		int times;
	} kinds[] = {
		{ "none", DELAY_NONE, 0 },
		{ "constant", DELAY_CONSTANT, 1 },
		{ "uniform", DELAY_UNIFORM, 2 },
		{ "exp", DELAY_EXP, 1 },
	};
	size_t len = strcspn(text, ":");
	uint64_t times[2] = { 0, 0 };
	char rest[128];

	if (strlen(text) - len >= sizeof(rest))
		return -EINVAL;
	strcpy(rest, text + len);
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].name) != len || strncmp(kinds[i].name, text, len))
			continue;
		if (parse_times(rest, times, 2) != kinds[i].times)
			return -EINVAL;
		*d = (struct delay){ kinds[i].kind, times[0], times[1] };
		return d->kind == DELAY_UNIFORM && d->b < d->a ? -EINVAL : 0;
	}
	return -EINVAL;
}

/*
 * Exponential with mean 1, by von Neumann's comparison of uniform numbers: the
 * length of a descending run is odd with the right probability. Exact, and no
 * mathematical library is needed.
 */
static double draw_exp(uint64_t *state)
{
	for (double whole = 0;; whole += 1) {
		uint64_t first = rng_next(state), last = first, next;
		unsigned int run = 1;

		while ((next = rng_next(state)) < last) {
			last = next;
			run++;
		}
		if (run & 1)
			return whole + (double)first / 18446744073709551616.0;
	}
}

uint64_t delay_draw(const struct delay *d, uint64_t seed, uint64_t index)
{
	uint64_t state;

	switch (d->kind) {
	case DELAY_CONSTANT:
		return d->a;
	case DELAY_UNIFORM:
		state = rng_seed(seed, 1, index);
		return d->a + rng_below(&state, d->b - d->a + 1);
	case DELAY_EXP:
		state = rng_seed(seed, 2, index);
		return (uint64_t)(draw_exp(&state) * (double)d->a);
	default:
		return 0;
	}
}

uint64_t delay_bound(const struct delay *d)
{
	if (d->kind == DELAY_EXP)
		return d->a * EXP_BOUND;
	return d->kind == DELAY_UNIFORM ? d->b : d->a;
}

void delay_print(const struct delay *d, const char *name, FILE *f)
{
	unsigned long long a = d->a, b = d->b;

	switch (d->kind) {
	case DELAY_CONSTANT:
		fprintf(f, " %s constant:%lluns", name, a);
		break;
	case DELAY_UNIFORM:
		fprintf(f, " %s uniform:%lluns:%lluns", name, a, b);
		break;
	case DELAY_EXP:
		fprintf(f, " %s exp:%lluns", name, a);
		break;
	default:
		break;
	}
}
