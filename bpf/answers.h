/* SPDX-License-Identifier: GPL-2.0-only */
/* What all calls that can enclose an answer need: the RESPONSE record. */
#ifndef IOPFTRACE_ANSWERS_H
#define IOPFTRACE_ANSWERS_H

#include "records.h"

#define CTX_BRACKET (IOPF_CTX_AUTO | IOPF_CTX_DESTROY | IOPF_CTX_QREMOVE)

/*
 * The answer that this task is giving has reached the driver (@ack_ns), or has gone past it (0): its
 * RESPONSE record. A response to a group needs two programs so, not three.
 */
static __always_inline void response_send(struct slot *s, __u64 ack_ns, __u16 calls, __u32 code,
					  __u16 flags)
{
	struct iopf_rec_response *r = RECORD(s, response, ack_ns ?: bpf_ktime_get_ns());

	s->context &= ~IOPF_CTX_RESPONSE;
	if (s->context & IOPF_CTX_WRITE)
		s->answered++;
	else if (s->context & CTX_BRACKET)
		s->bracket_answered++;
	if (r) {
		r->caller_ns = 0;
		r->object = 0;
		if (s->context & IOPF_CTX_WRITE) {
			r->caller_ns = s->call_ns;
			r->object = s->object;
		} else if (s->context & CTX_BRACKET) {
			r->caller_ns = s->bracket_ns;
			r->object = s->bracket_object;
		} else if (s->context & IOPF_CTX_REPORT) {
			r->caller_ns = s->report_ns;
		}
		r->response_ns = s->response_ns;
		r->ack_ns = ack_ns;
		r->group = s->group;
		r->dev = s->dev;
		r->cookie = s->cookie;
		r->code = s->code;
		r->pasid = s->pasid;
		r->grpid = s->grpid;
		r->driver_calls = calls;
		r->flags = flags | s->answer_flags;
		r->driver_code = code;
		record_send(r);
	}
	if (!s->context)
		slot_leave(s);
}

/* Whether what a device's driver is told by has a probe: by its name, or because it was seen. */
static __noinline int device_watched(__u64 dev)
{
	__u64 function = device_response(dev);

	if (*device_told(dev) == dev)
		return 1;
	return function && (function == addresses.intel || function == addresses.arm ||
			    function == addresses.amd || function == addresses.mock);
}

static __noinline int response_unacked(struct slot *s)
{
	__u16 flags = 0;

	__sync_fetch_and_add(&counters.unacked, 1);
	if (device_watched(s->dev)) {
		__sync_fetch_and_add(&counters.untold, 1);
		flags = IOPF_RESPONSE_UNTOLD;
	}
	response_send(s, 0, 0, 0, flags);
	return 0;
}

/* Whatever comes after a response ends it, if the driver was not told (or has no probe). */
static __always_inline void response_flush(struct slot *s)
{
	if (s->context & IOPF_CTX_RESPONSE)
		response_unacked(s);
}

/* In the slot only: the report is to be told of though nothing was odd about it. */
#define SEEN_TELL (1U << 31)

#endif /* IOPFTRACE_ANSWERS_H */
