/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where protocol rules are hung in. A rule's handlers are called with the records of the types they
 * ask for, before these have changed anything; and with the steps in the lives of groups that follow:
 * then with the state that the group was in before, after its fields have been set and before it is
 * let go.
 */
#ifndef IOPF_CORE_RULES_H
#define IOPF_CORE_RULES_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "iopftrace/event.h"

enum rules_step_kind {
	RULES_RECORD, /* a record */
	RULES_ENQUEUED,
	RULES_ADOPTED, /* a group whose beginning was not seen: by a delivery or an answer */
	RULES_DELIVERED,
	RULES_DELIVERED_AGAIN, /* one that is known to have been delivered, with the same cookie */
	RULES_DELIVERED_UNKNOWN, /* from a whole object, and none of its groups; group is NULL */
	RULES_READ_DONE, /* all records of a read have been taken; group is NULL */
	RULES_ANSWERED,
	RULES_ANSWERED_UNKNOWN, /* a pointer that no group has; group is NULL */
	RULES_ANSWERED_NO_GROUP, /* what is answered never entered a fault object; group is NULL */
	RULES_UNREAD, /* answered, by whomever, and no read is known that delivered it */
	RULES_UNSEEN, /* it has ended, and how was not seen */
	RULES_REMAINS, /* it is outstanding at the end */
	RULES_END, /* of the trace; group is NULL */
	RULES_NOW, /* time has passed; group is NULL */
	RULES_KINDS
};

struct group;
struct object;
struct answer;
struct delivery;
struct reading;
struct reply;
struct iopf_engine;
struct iopf_run;

struct rules_step {
	enum rules_step_kind kind;
	uint32_t before; /* set of enum group_state */
	struct group *group;
	struct object *object; /* NULL with RULES_RECORD and where there is none */
	const struct delivery *delivery; /* of RULES_DELIVERED and its kin, else NULL */
	const struct reading *reading; /* of RULES_READ_DONE, else NULL */
	const struct answer *answer; /* of RULES_ANSWERED and RULES_UNREAD, else NULL */
	const struct reply *reply; /* of RULES_ANSWERED and its kin, else NULL */
	const struct iopf_rec *rec; /* that showed it; NULL when there is none */
	uint64_t now_ns; /* of RULES_NOW and RULES_END */
	const struct iopf_run *run; /* of RULES_END, else NULL */
};

/* Judges one step by one rule; keeps what it needs in the engine's struct judge. */
typedef void (*rules_fn)(struct iopf_engine *e, const struct rules_step *step);

/* What handles what. A rule may have several. */
struct rules_handler {
	unsigned int rule; /* number; 0 = it only remembers things for others */
	uint32_t kinds; /* set of 1 << rules_step_kind */
	uint32_t types; /* with RULES_RECORD: set of 1 << iopf_rec_type */
	rules_fn fn;
};

/* All of them, in the order they are called in; ends with an empty one. */
extern const struct rules_handler rules_handlers[];

/* Tells those that want to know. */
void rules_step(struct iopf_engine *e, const struct rules_step *step);

#endif /* IOPF_CORE_RULES_H */
