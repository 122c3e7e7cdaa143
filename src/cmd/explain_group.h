/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The life of one group of a file, for those of which there is no finding to tell it. */
#ifndef CMD_EXPLAIN_GROUP_H
#define CMD_EXPLAIN_GROUP_H

#include "output/event_line.h"
#include "output/output.h"

#define EXPLAIN_GROUP_STEPS 64

struct explain_group {
	uint64_t seq; /* asked for */
	uint64_t first, next, last; /* the numbers that there are: next after it; 0 = none */
	bool found, done; /* it begins; it has ended */
	struct iopf_group_view view;
	uint64_t pointer, object;
	struct iopf_step step[EXPLAIN_GROUP_STEPS];
	char text[EXPLAIN_GROUP_STEPS][80];
	char comm[EXPLAIN_GROUP_STEPS][IOPF_COMM_LEN + 1];
	char device[IOPF_DEVNAME_LEN + 1];
	size_t nr_steps;
};

/* Looks for the group of this number. */
void explain_group_begin(struct explain_group *g, uint64_t seq);

/* Takes the next record; whether it is part of the group's life. */
bool explain_group_take(struct explain_group *g, const struct iopf_rec *rec,
			const struct event_names *names);

/* Its life as a case; valid as long as @g. */
struct iopf_case explain_group_case(struct explain_group *g);

#endif /* CMD_EXPLAIN_GROUP_H */
