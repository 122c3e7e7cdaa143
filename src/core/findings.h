/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Findings: counted for each rule and severity, and the first of them kept with their evidence.
 *
 * A rule that has found something does
 *
 *	c = findings_begin(e, 3, IOPF_SEVERITY_ERROR, o);
 *	if (!c)
 *		return;			(not wanted, out of scope, or counted and not kept)
 *	findings_group(e, c, g, answer);	(the journey of a group)
 *	findings_record(e, IOPF_STEP_WRITE, rec, enter_ns, "refused: %u", ...);
 *	findings_end(e, c, IOPF_BLAME_USER, "what was expected", "what was seen: %u", ...);
 */
#ifndef IOPF_CORE_FINDINGS_H
#define IOPF_CORE_FINDINGS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "groups.h"
#include "iopftrace/report.h"
#include "objects.h"
#include "strings.h"

#define FINDINGS_STEPS 16 /* of one case at most */

struct iopf_engine;

/* The cases of one rule with one severity. */
struct found {
	uint64_t count;
	uint64_t proven; /* of them, the first, by what was counted before the end */
	struct iopf_case *kept;
	size_t nr, max;
};

/*
 * A case that waits for the end of the trace: about a device of which it is not known yet whether it is
 * of the scope; or one that rests on what reads showed of an object, which may turn out not to add up.
 */
struct found_pending {
	struct iopf_case c;
	struct strings strings; /* of that alone, which may be dropped */
	uint32_t device, object; /* number, or 0 */
	uint8_t rule, severity;
	bool sum; /* what reads showed of the object must add up */
	uint64_t more; /* cases like it, of which nothing is kept */
	uint64_t proven; /* of it and these, the first, by what was counted before the end */
};

#define FINDINGS_PENDING 512

struct findings {
	struct found found[IOPF_RULES + 1][IOPF_SEVERITY_ERROR + 1];
	struct found_pending pending[FINDINGS_PENDING];
	size_t nr_pending;
	struct strings strings; /* of the cases that are kept */
	/* The case that is being made. */
	struct iopf_case making;
	struct strings making_strings;
	struct iopf_step step[FINDINGS_STEPS];
	size_t nr_steps;
	unsigned int rule;
	enum iopf_severity severity;
	uint32_t device; /* that decides about the scope; 0 = it is of the scope */
	uint32_t object; /* for the end of whose story it waits; 0 = none */
	bool sum; /* what reads showed of that must add up */
};

/* Frees it. */
void findings_free(struct findings *f);

/*
 * Begins a case about an object, which must be of the scope. @severity is at most the rule's own, and
 * changed by the policy with it. NULL when nothing more is to be done.
 */
struct iopf_case *findings_begin(struct iopf_engine *e, unsigned int rule,
				 enum iopf_severity severity, const struct object *o);

/* Begins a case about a device: of the scope if it has, or will have, groups there. */
struct iopf_case *findings_begin_device(struct iopf_engine *e, unsigned int rule,
					enum iopf_severity severity, uint32_t device);

/* Puts a group, and what is known of its journey, into a case; @a may be NULL. */
void findings_group(struct iopf_engine *e, struct iopf_case *c, const struct group *g,
		    const struct answer *a);

/* Adds a step to the case that is being made; its names and text are filled in. */
__attribute__((format(printf, 4, 5))) void
findings_step(struct iopf_engine *e, struct iopf_step step, uint32_t task, const char *format, ...);

/* Adds the moment that offends, which a record tells of. @enter_ns: as in struct iopf_step. */
__attribute__((format(printf, 5, 6))) void
findings_record(struct iopf_engine *e, enum iopf_step_kind kind, const struct iopf_rec *rec,
		uint64_t enter_ns, const char *format, ...);

/* Ends a case, which is shown to the user at once. */
__attribute__((format(printf, 5, 6))) void findings_end(struct iopf_engine *e, struct iopf_case *c,
							enum iopf_blame blame, const char *expected,
							const char *format, ...);

/*
 * Has the case that is being made wait for the end of the trace. With @sum it counts only if what reads
 * showed of the object adds up then.
 */
void findings_hold(struct iopf_engine *e, const struct object *o, bool sum);

/*
 * Drops those cases of a rule that wait, are about a cookie of an object, and happened after @since_ns:
 * they turned out to be none.
 */
void findings_drop(struct iopf_engine *e, unsigned int rule, const struct object *o,
		   uint32_t cookie, uint64_t since_ns);

/* Changes the text of a case that has been kept, by its place: what it tells of has gone on. */
void findings_retell(struct iopf_engine *e, unsigned int rule, enum iopf_severity severity,
		     size_t place, const char *text);

/* Marks the last step that was added as the offending one. */
void findings_mark_last(struct iopf_engine *e);

/* The name of a device, for a case. */
const char *findings_device(struct iopf_engine *e, uint32_t device);

/* Whether a case of a rule, with the rule's own severity, is an error by the policy. */
bool findings_is_error(const struct iopf_engine *e, unsigned int rule);

/* Counts more cases, of the scope, of which nothing is kept. */
void findings_count(struct iopf_engine *e, unsigned int rule, enum iopf_severity severity,
		    uint64_t cases);

/* For findings_report.c: frees a case that waits, of which nothing is kept. */
void findings_forget(struct found_pending *p);

/* For findings_report.c: makes room for one more case; false when it is only to be counted. */
bool findings_room(struct iopf_engine *e, struct found *found);

/* Whether a device is of the scope: it has groups there. */
bool findings_device_in_scope(const struct iopf_engine *e, uint32_t device);

/* Whether a rule's findings cannot be relied on: a probe whose silence they rest on was missed. */
bool findings_unproven(const struct iopf_rule *rule, const struct iopf_run *run);

/* Whether what breaks a rule stands, when so much has been missed. */
bool findings_stand(const struct iopf_rule *rule, const struct iopf_run *so_far);

/* Shows a case to the user, if it stands by what is known now. */
void findings_tell(struct iopf_engine *e, unsigned int number, enum iopf_severity severity,
		   const struct iopf_case *c);

/* What has been found until now is proven by these counters, as far as they go. */
void findings_counted(struct findings *f, const struct iopf_run *so_far);

/* Moves all into a finished report. @run says which probes can be relied on. 0 or -ENOMEM. */
int findings_report(struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r);

#endif /* IOPF_CORE_FINDINGS_H */
