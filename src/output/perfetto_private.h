/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The groups of a Perfetto trace.
 *
 * Where the life of a group comes from: from the records, followed here in a table of its own, by
 * (pointer, generation) as the engine does, with the engine's rules for what belongs together. The
 * engine has steps that rules listen to, but they are private to it, are not taken when nobody
 * judges, and do not tell of a group that waits; to offer more would cost every verb a call for each
 * step. A group is written when it has ended, whole: then its code and its times are known, and a
 * delivery that was another's has been put right.
 *
 * A gap: what was alive before it is stale. It counts no longer as queued or outstanding, and if its
 * end is never seen, it ended in the gap for all that is known.
 */
#ifndef OUTPUT_PERFETTO_PRIVATE_H
#define OUTPUT_PERFETTO_PRIVATE_H

#ifndef OUTPUT_PERFETTO_PRIVATE
#error "private to src/output/perfetto*.c: use perfetto.h"
#endif

#include "iopftrace/report.h"
#include "perfetto.h"
#include "perfetto_packets.h"
#include "perfetto_table.h"
#include "perfetto_threads.h"

/* What is known of a group: a set. */
enum pf_state {
	PF_QUEUED = 1 << 0, /* in its object's queue */
	PF_DELIVERED = 1 << 1,
	PF_ANSWERED =
		1 << 2, /* the record of its read has still to come: in its object's early list */
	PF_ADOPTED = 1 << 3, /* its beginning was not seen */
	PF_VAGUE = 1 << 4, /* adopted by its answer: what it asked for is not known */
	PF_STALE = 1 << 5, /* it has seen a gap */
	PF_REPLACED = 1 << 6, /* its memory is another group's: it has been answered */
	PF_ORPHAN = 1 << 7, /* adopted by its delivery: has no pointer */
};

/* What a read told about a group; it may turn out to have been about another that looks the same. */
struct pf_handover {
	uint64_t enter_ns, deliver_ns; /* 0 = not known */
	uint64_t flow; /* the arrow through the read; 0 = none */
	uint32_t cookie;
	bool named; /* the cookie is known: 0 is one, too */
	uint32_t tgid, tid; /* who read; 0 = not known */
};

struct pf_object;

/* The last answer with a group's cookie that the kernel refused. */
struct pf_refusal {
	uint64_t enter_ns, time_ns;
	uint32_t count, code; /* of all of them; 0 = none */
	uint32_t tgid, tid;
};

struct pf_group {
	struct pf_link by_pointer, by_cookie;
	struct pf_group *prev, *next; /* of all that are fresh, or stale */
	struct pf_group *before, *behind; /* in its object's queue, or early list */
	struct pf_object *object;
	uint64_t number; /* in the order in which they were seen, from 1 */
	uint64_t seq; /* of the record that showed it: how reports call it */
	uint64_t seen_ns; /* the time of that */
	uint64_t report_ns, queue_ns, write_ns, ack_ns; /* 0 = not known */
	uint64_t gone_ns; /* when it was replaced, or the gap that made it stale was; 0 = neither */
	uint64_t caller_ns; /* when the call was entered that answered it; 0 = not known */
	uint64_t answer_flow; /* the arrow to its answer, when there is none to a read; 0 = none */
	uint64_t lost_flow; /* of a read that seemed to be its, and was nobody's */
	uint64_t dev; /* 0 = not known */
	uint64_t addr;
	uint32_t dev_id, pasid, grpid, flags, perm, pages, code;
	uint32_t answer_tgid, answer_tid;
	struct pf_refusal refusal;
	uint32_t answer_cookie; /* the kernel's own */
	bool answer_named; /* it is known */
	enum iopf_responder by;
	uint32_t state;
	bool has_pointer, has_cookie; /* is in the table */
	struct pf_handover h;
};

struct pf_list {
	struct pf_group *head, *tail;
	uint32_t nr;
};

struct pf_object {
	struct pf_link link;
	uint32_t number; /* of the export's own: addresses and ids are used again */
	uint32_t id; /* iommufd's; 0 = not known */
	uint32_t owner_tgid; /* 0 = not known */
	uint32_t held; /* groups */
	bool in_scope, dead;
	bool zero; /* it has given out the cookie 0, or may: see judge_gives_zero() of the engine */
	uint32_t epoch; /* in which it was last heard of */
	uint32_t created; /* epoch in which it was, plus one; 0 = not seen */
	uint64_t doubtful_ns; /* the last answer of which it is not certain whose it was */
	struct pf_list queue, early;
	int64_t queued, outstanding; /* groups that are fresh */
	int64_t shown_queued, shown_outstanding; /* what the counters say */
	uint64_t queued_track, outstanding_track; /* 0 = not described yet */
	uint64_t last_ns; /* of what was written last */
};

struct pf_device {
	struct pf_link link, by_id;
	uint32_t dev_id; /* in the table of ids; 0 = not known */
	uint64_t track; /* 0 = not described yet */
};

/* A read of which not all records have come; see struct iopf_rec_read_more. */
struct pf_reading {
	struct pf_link link; /* by the seq of its record */
	uint64_t total, next; /* records it returned, and the one to come next */
	uint64_t enter_ns, deliver_ns; /* 0 = not known */
	uint32_t pages; /* of the group that is being put together */
	uint32_t cookie, grpid;
};

struct perfetto {
	struct pf_writer w;
	struct perfetto_opts opts;
	struct pf_threads threads;
	struct pf_table objects, devices, device_ids, pointers, cookies;
	struct pf_table readings;
	struct pf_table answered; /* by pointer: groups that were answered while a walk may go on */
	struct pf_group *fresh, *stale; /* the one that was seen last is first */
	uint64_t last_group; /* number */
	uint64_t last_flow;
	uint32_t last_object;
	uint32_t epoch; /* gaps so far */
	uint64_t next_seq, missing;
	uint64_t epoch_ns; /* of the first record after the last gap */
	uint64_t last_ns; /* the time of the last record */
	uint64_t end_ns; /* the latest time that was seen */
	uint64_t lost_track, lost_ns; /* 0 = not described yet; the time of what is last on it */
	bool begun; /* the clock was told */
	bool failed; /* out of memory */
};

/* perfetto.c: records, and the calls they tell of. */

/* A record being taken. */
struct pf_taking {
	struct perfetto *p;
	const struct iopf_rec *rec;
	bool in_scope; /* what the caller said of its object */
	struct pf_object *object; /* whose counters it may have changed; NULL = none */
};

/* The object that the record is about, which the record's task has open if @used; NULL = no memory. */
struct pf_object *pf_take_object(struct pf_taking *t, uint64_t address, uint32_t id, bool used);

/* A call of the record's thread that was entered then (0 = not known) and has returned; NULL likewise. */
struct pf_call *pf_take_call(struct pf_taking *t, const char *name, uint32_t bracket,
			     uint64_t enter_ns);

/* All has been said about the call. */
void pf_take_leave(struct pf_taking *t, uint32_t bracket);

/* Says which object a call is about. */
void pf_take_note_object(struct pf_call *call, const struct pf_object *o);

/* perfetto_reads.c: READ and READ_MORE records. */
void pf_take_read(struct pf_taking *t);
void pf_take_read_more(struct pf_taking *t);

/* perfetto_groups.c: where objects and groups are kept. */

/* The object at an address, made known; @id 0 = not known. NULL when out of memory. */
struct pf_object *pf_object_get(struct perfetto *p, uint64_t address, uint32_t id);

/* It has gone: its address is another's. It may be freed. */
void pf_object_retire(struct perfetto *p, struct pf_object *o);

/* Frees an object that has gone, and of which nothing is held. */
void pf_object_fold(struct pf_object *o);

/* Whether all groups of an object are known, as from its creation to the first gap. */
bool pf_object_whole(const struct perfetto *p, const struct pf_object *o);

/* A new group that a record showed; NULL when out of memory. */
struct pf_group *pf_group_new(struct perfetto *p, struct pf_object *o, const struct iopf_rec *rec);

/* Forgets a group; its object may go with it. */
void pf_group_free(struct perfetto *p, struct pf_group *g);

/* Makes it known by its pointer, or no longer. */
void pf_group_set_pointer(struct perfetto *p, struct pf_group *g, uint64_t pointer);
void pf_group_unset_pointer(struct perfetto *p, struct pf_group *g);

/* Makes it known by this cookie only, or by none. */
void pf_group_set_cookie(struct perfetto *p, struct pf_group *g, uint32_t cookie);
void pf_group_unset_cookie(struct perfetto *p, struct pf_group *g);

/* One with this pointer, or cookie, or another one after @after; NULL = no more. */
struct pf_group *pf_group_by_pointer(const struct perfetto *p, uint64_t pointer,
				     const struct pf_group *after);
struct pf_group *pf_group_by_cookie(const struct perfetto *p, const struct pf_object *o,
				    uint32_t cookie, const struct pf_group *after);

/* Sets its state, which decides in which list of its object it is and what it counts as. */
void pf_group_state(struct pf_group *g, uint32_t state);

/* It has seen a gap, at @gap_ns, or may have. */
void pf_group_stale(struct perfetto *p, struct pf_group *g, uint64_t gap_ns);

/* What was alive before a gap at @gap_ns is stale. */
void pf_groups_gap(struct perfetto *p, uint64_t gap_ns);

/* An answer, at @time_ns, may have been that of another group than is believed. */
static inline void pf_doubt(struct pf_object *o, uint64_t time_ns)
{
	if (o->doubtful_ns < time_ns)
		o->doubtful_ns = time_ns;
}

/* Remembers that a pointer was answered: the walk at the beginning may tell of it later. */
void pf_note_answered(struct perfetto *p, uint64_t pointer);

/* perfetto_life.c: how groups live. All return with the groups that have ended written. */

void pf_life_enqueue(struct perfetto *p, const struct iopf_rec_enqueue *r);
void pf_life_waiting(struct perfetto *p, const struct iopf_rec_waiting *r);

/* A read, as it is now: what its records have in common. */
struct pf_read {
	struct pf_thread *thread;
	struct pf_object *object;
	struct pf_call *call; /* its slice, for arrows; NULL = it has none */
	uint64_t seq; /* of its record */
	const struct iopf_rec *rec; /* that told of this part of it */
	struct pf_handover h; /* without cookie and flow */
};

/* A read delivered a group of @pages, of which this is the last. */
void pf_life_deliver(struct perfetto *p, const struct pf_read *read, const struct iopf_pgfault *f,
		     uint32_t pages);

/* A read delivered @records records that cannot be read. */
void pf_life_deliver_unread(struct perfetto *p, const struct pf_read *read, uint64_t records);

/* What an answer says; see struct iopf_rec_response. */
struct pf_reply {
	uint64_t group, object, dev;
	uint64_t write_ns, ack_ns;
	uint64_t caller_ns; /* when the call was entered that gave it; 0 = not known */
	uint32_t pasid, grpid, cookie, code;
	enum iopf_responder by;
	bool fetched; /* the kernel had handed it out, or may have */
	bool named; /* the cookie is known: 0 is one, too, when user space answers by it */
	const struct iopf_rec *rec;
	struct pf_call *call; /* its slice, for the arrow; NULL = it has none */
};

/* The object of the group that an answer is about; NULL when it is none of iommufd's groups. */
struct pf_object *pf_life_object(struct perfetto *p, const struct pf_reply *r);

/* A group was answered. Not to be called when it has no object. */
void pf_life_answer(struct perfetto *p, const struct pf_reply *r);

/* The object has gone: no more reads of it will come. */
void pf_life_close(struct perfetto *p, struct pf_object *o);

/* The trace has ended. */
void pf_life_end(struct perfetto *p);

/* perfetto_match.c: which record belongs to which group. */

/* Whether a delivery looks like a group; what is not known fits everything. */
bool pf_match_fault(const struct pf_group *g, const struct iopf_pgfault *f);

/* Whether two groups could not be told apart. */
bool pf_match_alike(const struct pf_group *a, const struct pf_group *b);

/* Whether an answer can be a group's. */
bool pf_match_reply(const struct pf_group *g, const struct pf_reply *r);

/* The first group in the queue that looks like a delivery; stale ones before it leave the queue. */
struct pf_group *pf_match_queue(struct pf_object *o, const struct iopf_pgfault *f);

/* An answered group that looks like a delivery by a read that was entered then. */
struct pf_group *pf_match_early(const struct perfetto *p, const struct pf_object *o,
				const struct iopf_pgfault *f, uint64_t enter_ns);

/* The group that is not answered and has a cookie, and of which an answer may be; see the engine's. */
struct pf_group *pf_match_holder(const struct perfetto *p, const struct pf_object *o,
				 uint32_t cookie);

/* Whether a read may have delivered a group that was answered in a gap. */
bool pf_match_doubtful(const struct perfetto *p, const struct pf_object *o, uint64_t enter_ns);

/* Sets, or takes away, what a read told about a group. */
void pf_set_handover(struct perfetto *p, struct pf_group *g, const struct pf_handover *h);
void pf_unset_handover(struct perfetto *p, struct pf_group *g);

/* Makes a group the one that was delivered with a cookie, since its answer has that. */
void pf_settle(struct perfetto *p, struct pf_group *g, const struct pf_reply *r);

/* Makes a group that was adopted by its answer the one that was delivered, and not @holder. */
void pf_settle_adopted(struct perfetto *p, struct pf_group *g, struct pf_group *holder);

/* perfetto_show.c: what is written of groups and objects. */

enum pf_ending {
	PF_ENDS_ANSWERED,
	PF_ENDS_NOT_ANSWERED,
	PF_ENDS_UNKNOWN,
};

/* Writes a group that ended; at @end_ns if its answer does not say. */
void pf_show_group(struct perfetto *p, const struct pf_group *g, enum pf_ending ending,
		   uint64_t end_ns);

/* perfetto_group.c: tells whoever wants the groups instead, as pf_show_group() writes them. */
void pf_tell_group(const struct perfetto *p, const struct pf_group *g, enum pf_ending ending,
		   uint64_t end_ns);

/* Writes an object's counters as far as they have changed. */
void pf_show_counters(struct perfetto *p, struct pf_object *o, uint64_t time_ns);

/* Records were lost, between the last and one of this time. */
void pf_show_lost(struct perfetto *p, uint64_t events, uint64_t time_ns);

/* Notes which of iommufd's ids a device has. */
void pf_note_device(struct perfetto *p, uint64_t dev, uint32_t dev_id);

#endif /* OUTPUT_PERFETTO_PRIVATE_H */
