/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The times of a journey as people read them: since the first moment, in one unit so that they can
 * be compared; what lies between two steps in the unit that fits it.
 */
#ifndef OUTPUT_JOURNEY_H
#define OUTPUT_JOURNEY_H

#include "iopftrace/report.h"
#include "units.h"

struct journey {
	const struct iopf_case *c;
	uint64_t base; /* the first moment that is known; 0 = none */
	uint64_t span; /* from there to the farthest */
	enum units_time unit;
	size_t first, last; /* of the offending steps; first > last when there is none */
};

/* Looks at the steps of a case; @unit may be UNITS_AUTO, and what is too long for it is in another. */
struct journey journey_of(const struct iopf_case *c, enum units_time unit);

/* A moment as the time since the first: "310.900us", "?"; the unit goes with the last of a line. */
struct units_text journey_moment(const struct journey *j, uint64_t ns, bool with_unit);

/* When step @s happened, or the call returned: "inside" when it has not. */
struct units_text journey_happened(const struct journey *j, const struct iopf_step *s);

/* When a call was entered: "0.304 .."; "" when it is none, or nobody saw it. */
struct units_text journey_entered(const struct journey *j, const struct iopf_step *s);

/* The time from the last step before @i of which it is known; "" when there is none. */
struct units_text journey_after(const struct journey *j, size_t i);

/* Whether a step belongs to a shortened journey: all of a short one, the ends and what matters. */
bool journey_is_shown(const struct journey *j, size_t i);

#endif /* OUTPUT_JOURNEY_H */
