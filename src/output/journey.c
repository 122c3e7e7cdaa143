// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <inttypes.h>
#include <stdio.h>

#include "journey.h"

/* A journey that is longer is shortened around what matters. */
#define STEPS_BRIEF 20
#define STEPS_NEAR 3

/* More of a unit than this is too long for a column. */
#define LONGEST 1000000000

static const uint64_t unit_ns[] = {
	[UNITS_AUTO] = 1,     [UNITS_NS] = 1,	      [UNITS_US] = 1000,
	[UNITS_MS] = 1000000, [UNITS_S] = 1000000000,
};

struct units_text journey_moment(const struct journey *j, uint64_t ns, bool with_unit)
{
	/* What matters is read in microseconds, but for short journeys. */
	static const char *const name[] = {
		[UNITS_NS] = "ns",
		[UNITS_US] = "us",
		[UNITS_MS] = "ms",
		[UNITS_S] = "s",
	};
	uint64_t since = ns < j->base ? j->base - ns : ns - j->base, unit = unit_ns[j->unit];
	unsigned int fraction = (unsigned int)(since % unit);
	const char *sign = ns < j->base ? "-" : "";
	struct units_text text = { "?" };
	char digits[16] = "";

	if (!ns || !j->base)
		return text;
	if (j->unit == UNITS_US)
		snprintf(digits, sizeof(digits), ".%03u", fraction);
	else if (j->unit == UNITS_MS)
		snprintf(digits, sizeof(digits), ".%03u", fraction / 1000);
	else if (j->unit == UNITS_S)
		snprintf(digits, sizeof(digits), ".%06u", fraction / 1000);
	snprintf(text.s, sizeof(text.s), "%s%" PRIu64 "%s%s", sign, since / unit, digits,
		 with_unit ? name[j->unit] : "");
	return text;
}

struct units_text journey_happened(const struct journey *j, const struct iopf_step *s)
{
	struct units_text text = { "inside" };

	return s->kind == IOPF_STEP_CALL ? text : journey_moment(j, s->time_ns, true);
}

struct units_text journey_entered(const struct journey *j, const struct iopf_step *s)
{
	struct units_text text = { "" };

	if (s->enter_ns)
		snprintf(text.s, sizeof(text.s), "%.24s ..",
			 journey_moment(j, s->enter_ns, false).s);
	return text;
}

struct units_text journey_after(const struct journey *j, size_t i)
{
	uint64_t now = j->c->step[i].time_ns, then = 0;
	struct units_text text = { "" };
	size_t k;

	for (k = i; k > 0 && !then; k--)
		then = j->c->step[k - 1].time_ns;
	if (now && then && now >= then)
		text = units_duration(now - then, UNITS_AUTO);
	return text;
}

/* The distance of a moment from the first. */
static uint64_t distance(const struct journey *j, uint64_t ns)
{
	if (!ns)
		return 0;
	return ns < j->base ? j->base - ns : ns - j->base;
}

/* Where time begins, and the unit in which the whole journey can be read. */
static void choose_unit(struct journey *j)
{
	size_t i;

	for (i = 0; i < j->c->nr_steps && !j->base; i++) {
		const struct iopf_step *s = &j->c->step[i];

		j->base = s->enter_ns && s->enter_ns < s->time_ns ? s->enter_ns : s->time_ns;
	}
	for (i = 0; i < j->c->nr_steps; i++) {
		uint64_t at = distance(j, j->c->step[i].time_ns);
		uint64_t entered = distance(j, j->c->step[i].enter_ns);

		j->span = at > j->span ? at : j->span;
		j->span = entered > j->span ? entered : j->span;
	}
	if (j->unit == UNITS_AUTO || j->span / unit_ns[j->unit] >= LONGEST)
		j->unit = j->span < 1000000 ? UNITS_US : j->span < 1000000000 ? UNITS_MS : UNITS_S;
}

bool journey_is_shown(const struct journey *j, size_t i)
{
	size_t nr = j->c->nr_steps;

	if (nr <= STEPS_BRIEF)
		return true;
	return i < STEPS_NEAR || i + STEPS_NEAR >= nr ||
	       (i + STEPS_NEAR > j->first && i <= j->first) ||
	       (i + STEPS_NEAR > j->last && i <= j->last);
}

/* Finds what matters. */
static void find_offending(struct journey *j)
{
	size_t i;

	j->first = j->c->nr_steps;
	for (i = 0; i < j->c->nr_steps; i++) {
		if (!j->c->step[i].offending)
			continue;
		j->first = i < j->first ? i : j->first;
		j->last = i;
	}
}

struct journey journey_of(const struct iopf_case *c, enum units_time unit)
{
	struct journey j = { .c = c, .unit = unit };

	choose_unit(&j);
	find_offending(&j);
	return j;
}
