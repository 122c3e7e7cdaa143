/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Answers: who gave them, and how they are counted. */
#ifndef IOPF_CORE_ANSWERS_H
#define IOPF_CORE_ANSWERS_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "core.h"
#include "life.h"

/* Takes a RESPONSE record. */
void answers_response(struct iopf_engine *e, const struct iopf_rec *rec);

/* Counts an answer of user space, and whether it was compared with what had been written. */
static inline void answers_compared(struct iopf_engine *e, const struct iopf_rec_response *r)
{
	if (r->h.context & IOPF_CTX_WRITE)
		e->judge.compared[!!(r->flags & IOPF_RESPONSE_COMPARED)]++;
}

/* Takes a DRIVER record. */
void answers_driver(struct iopf_engine *e, const struct iopf_rec *rec);

/* Takes a WRITE record. */
void answers_write(struct iopf_engine *e, const struct iopf_rec *rec);

/* Counts the answer of a group of an object. */
void answers_count(struct iopf_engine *e, struct object *o, const struct reply *r);

#endif /* IOPF_CORE_ANSWERS_H */
