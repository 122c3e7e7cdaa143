/* SPDX-License-Identifier: GPL-2.0-only */
/* Random delays: none, constant, uniform, exponential. */
#ifndef LOAD_DELAY_H
#define LOAD_DELAY_H

#include <stdint.h>
#include <stdio.h>

enum delay_kind {
	DELAY_NONE,
	DELAY_CONSTANT, /* always a */
	DELAY_UNIFORM, /* between a and b, both included */
	DELAY_EXP, /* exponential, mean a */
};

struct delay {
	enum delay_kind kind;
	uint64_t a; /* ns */
	uint64_t b; /* ns */
};

/* "1.5ms" to nanoseconds; units ns, us, ms, s, none = seconds. -EINVAL */
int delay_parse_time(const char *text, uint64_t *ns);

/* "none", "constant:1ms", "uniform:1ms:5ms", "exp:2ms". -EINVAL */
int delay_parse(const char *text, struct delay *d);

/* The delay number @index of a @seed, in ns */
uint64_t delay_draw(const struct delay *d, uint64_t seed, uint64_t index);

/* A time that a delay practically never exceeds, in ns */
uint64_t delay_bound(const struct delay *d);

/* " NAME SPEC" as the command line takes it; nothing for no delay */
void delay_print(const struct delay *d, const char *name, FILE *f);

#endif
