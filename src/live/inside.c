// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "inside.h"

#include <stdbool.h>

#include "clock.h"

uint64_t inside_since(const struct slot *slots)
{
	uint64_t since_ns = clock_ns(CLOCK_MONOTONIC);

	for (size_t i = 0; i < IOPF_SLOTS; i++) {
		const struct slot *s = &slots[i];
		uint64_t response_ns = __atomic_load_n(&s->response_ns, __ATOMIC_ACQUIRE);

		if (s->owner & SLOT_BUSY && s->context & IOPF_CTX_RESPONSE &&
		    response_ns < since_ns)
			since_ns = response_ns;
	}
	return since_ns;
}

/* What a task that is inside a call is doing; false if there is nothing to tell. */
static bool make_inside(const struct slot *s, uint64_t now, struct iopf_rec_inside *r)
{
	const uint32_t calls = IOPF_CTX_READ | IOPF_CTX_WRITE;
	const uint32_t brackets = IOPF_CTX_AUTO | IOPF_CTX_DESTROY | IOPF_CTX_QREMOVE;

	*r = (struct iopf_rec_inside){
		.h = {
			.time_ns = now,
			.type = IOPF_REC_INSIDE,
			.size = sizeof(*r),
			.context = s->context & (calls | brackets | IOPF_CTX_REPORT),
			.tgid = s->tgid,
			.tid = s->tid,
		},
	};
	if (!(s->owner & SLOT_BUSY) || !r->h.context)
		return false;
	if (r->h.context & calls) {
		r->enter_ns = s->call_ns;
		r->object = s->object;
	} else {
		r->enter_ns = r->h.context & brackets ? s->bracket_ns : s->report_ns;
		r->object = r->h.context & brackets ? s->bracket_object : 0;
	}
	return r->enter_ns && r->enter_ns < now;
}

/* Makes of that the record of the group whose answer the driver is being told; false if none. */
static bool make_answering(const struct slot *s, struct iopf_rec_inside *r)
{
	r->h.context = IOPF_CTX_RESPONSE;
	r->enter_ns = s->response_ns;
	r->object = s->group;
	return s->context & IOPF_CTX_RESPONSE && r->enter_ns;
}

static int tell(struct iopf_rec_inside *r, struct iopf_counters *counters, struct iopf_order *order)
{
	r->h.seq = __atomic_fetch_add(&counters->next_seq, 1, __ATOMIC_ACQ_REL);
	return iopf_order_add(order, &r->h);
}

int64_t inside_tell(const struct slot *slots, uint64_t *told, struct iopf_counters *counters,
		    struct iopf_order *order)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	int64_t nr = 0;

	for (size_t i = 0; i < IOPF_SLOTS; i++) {
		struct iopf_rec_inside r;
		int err;

		if (!make_inside(&slots[i], now, &r) || r.enter_ns == told[i])
			continue;
		told[i] = r.enter_ns;
		err = tell(&r, counters, order);
		nr++;
		if (err >= 0 && make_answering(&slots[i], &r)) {
			err = tell(&r, counters, order);
			nr++;
		}
		if (err < 0)
			return err;
	}
	return nr;
}
