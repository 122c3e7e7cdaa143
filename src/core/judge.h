/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the rules remember between records, beyond the groups themselves. */
#ifndef IOPF_CORE_JUDGE_H
#define IOPF_CORE_JUDGE_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "findings.h"
#include "groups.h"
#include "iopftrace/engine.h"
#include "map.h"
#include "parked.h"
#include "reads.h"
#include "rules.h"
#include "suspicions.h"

/* A flag of the kernel's own, which may show. */
#define JUDGE_FLAG_INTERNAL (1U << 2)

/*
 * What became of the last group that had a cookie of an object. What decides anything is remembered of
 * every cookie that was answered since the last gap, in pages of cookies that follow each other, since the
 * kernel hands out the lowest that is free; what is only shown, of those that were answered last.
 */
struct cookie_fate {
	uint8_t by : 4; /* enum iopf_responder; IOPF_BY_NOBODY = it was never answered */
	uint8_t groups : 2; /* how many have had it, up to 3 */
	uint8_t owed; /* of them, how many the kernel answered, for which an answer may come late */
};

#define FATES_PER_PAGE 64U

struct fate_page {
	uint64_t key; /* object number, and cookie / FATES_PER_PAGE */
	uint32_t next; /* number of another of the same object */
	struct cookie_fate fate[FATES_PER_PAGE];
};

struct fate_detail {
	uint64_t key; /* object number, and cookie */
	uint64_t write_ns, group_seq;
	uint32_t task, grpid;
};

#define FATE_DETAILS (1U << 15)

struct fates {
	struct fate_page **page; /* by number, from 1 */
	uint32_t nr, max;
	uint32_t free; /* list of numbers without a page, through spare */
	uint32_t *spare;
	struct map by_key;
	struct fate_detail *detail; /* FATE_DETAILS places; there once there is a page */
};

/* A delivery that fits no group: whose it was shows when that group is answered. */
struct strange {
	struct delivery d;
	bool again; /* it fits one that had been delivered before */
	bool known; /* it equals what was delivered before, or a group that it is not */
};

#define SIZES_MAX 32
#define NEWEST_MAX 16
#define STRANGE_MAX 16

/* A group that was queued after all that had been delivered, when it was. */
struct newest {
	uint64_t seq, read_seq, deliver_ns;
	uint32_t device, grpid;
	uint32_t reader;
};

/* A write that stopped after some answers. */
struct masked {
	uint32_t tgid, task;
	uint32_t epoch;
	uint64_t enter_ns, time_ns, seq;
	uint64_t count;
	int64_t ret;
	uint32_t nr; /* of cookie[]: where it stopped, and behind; 0 = they are not known */
	uint32_t cookie[IOPF_ANSWERS_PER_REC];
};

#define MASKED_MAX 1024U /* of one object */

/* A call that fails for the same cause again and again: see rule_repeats.c. */
struct repeat {
	uint64_t times; /* in a row; 0 = none fails */
	uint64_t first_ns, first_enter_ns, first_seq; /* of the first of them */
	uint64_t last_ns, last_enter_ns, last_seq; /* of the last one */
	uint64_t bytes; /* of its buffer: of reads with EINVAL the most that was tried */
	uint64_t group_seq; /* of reads: of the group that waits, to tell whether it still does */
	uint64_t since_ns; /* since when that waits; 0 = it is not known */
	uint32_t group, pages; /* its number, 0 = it is not known; and its pages */
	uint32_t error; /* errno */
	uint32_t cookie, code; /* of a write that is refused: of the entry at which it is */
	uint32_t tgid, task; /* of the last one; the task's number */
	uint32_t epoch;
	bool is_write, named; /* named: cookie and code are known */
	bool told;
	uint8_t severity; /* of the case, if it is kept */
	uint32_t place; /* of the case among those that are kept; UINT32_MAX = it is not */
};

#define REPEATS_WRITES 4 /* told apart at one time, of one object */

struct repeats {
	struct repeat read;
	struct repeat write[REPEATS_WRITES];
};

/* What rules remember of an object. */
struct judged {
	uint32_t fates; /* number of the first page of cookies; 0 = there is none */
	uint32_t fates_epoch; /* in which these were answered */
	struct fate_page *fates_last; /* the page that was used last */
	uint64_t records_read, pages_queued; /* since its ALLOC */
	struct strange *strange; /* STRANGE_MAX places; NULL = there was none yet */
	unsigned int nr_strange;
	uint16_t size[SIZES_MAX]; /* the numbers of pages that groups of it had */
	uint32_t nr_sizes; /* more than SIZES_MAX: not all are kept */
	uint64_t pages_answered; /* of groups that user space answered */
	bool odd; /* what reads showed does not add up */
	bool bad_length; /* a read returned no whole records */
	bool zero; /* a cookie of 0 has been delivered */
	bool zero_free; /* it may be handed out: user space has written it, and so made it free */
	uint64_t foreign; /* records read that fit groups of other objects */
	uint64_t reused_ns; /* the last answer of a group whose memory was queued here again */
	uint64_t empty_seq; /* the last read that was said to be falsely empty */
	bool inside; /* a call on it has not returned */
	bool answering; /* one that answers groups */
	uint64_t answering_ns; /* since when, the first of them */
	uint64_t reading_ns; /* since when one reads; 0 = none does */
	struct {
		uint64_t seq, enter_ns, time_ns;
		uint32_t queued, delivered;
	} walk; /* at the end */
	struct newest *newest; /* NEWEST_MAX places; NULL = there was none yet */
	unsigned int nr_newest; /* of all times */
	uint64_t newest_seq;
	struct masked *masked; /* those that nobody has come back to, the oldest first */
	uint32_t nr_masked;
	uint64_t active_ns; /* of its last record */
	struct repeats *repeats; /* NULL = no call on it fails */
	struct teardown destroyed; /* it was, while groups were held */
};

/* What a detach that goes on has answered: of each handle, the first group. */
struct detaching {
	uint64_t caller_ns; /* when it was entered */
	uint32_t tid; /* its thread; 0 = there is none */
	uint32_t nr; /* of handle[] */
	uint64_t handle[2];
	uint64_t object[2]; /* the address of the group's */
	struct group group[2];
	struct answer answer[2];
};

#define DETACHINGS 64U

/* An answered group whose memory has not been used again, as far as is known. */
struct ghost {
	uint64_t pointer;
	uint64_t address; /* of its object */
	uint64_t seq, queue_ns; /* of the group */
	struct answer answer;
	uint32_t object, device;
	uint32_t pasid, grpid, flags;
	uint32_t epoch;
};

#define GHOSTS (1U << 12)
#define ALONE_MAX 256
#define SEEN_MAX (1U << 12)

struct judge {
	bool on;
	uint8_t severity[IOPF_RULES + 1];
	uint64_t deadline_ns[IOPF_DEADLINES];
	size_t max_cases;
	void (*on_finding)(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
			   const struct iopf_case *c);
	void *on_finding_arg;
	void (*on_suspected)(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
			     const struct iopf_case *c);
	void (*misses)(void *arg, struct iopf_run *so_far);
	void *misses_arg;

	struct findings findings;
	struct suspicions suspicions;
	uint64_t due_ns; /* before this no deadline of a group passes, as far as is known */
	uint64_t looks; /* as many groups may be looked at for deadlines, for what has been done */
	struct parked parked;
	struct map pages; /* by group number: what its pages add up to */
	struct map addresses; /* and their addresses alone */
	struct map expected; /* and those of what was parked for it, with its last one */
	uint64_t alone[ALONE_MAX]; /* the last groups that were queued with nothing beside them */
	unsigned int nr_alone; /* of all times */
	bool inside; /* a call of which the object is not known has not returned */
	bool answering; /* one that answers groups */
	uint64_t answering_ns; /* since when, the first of them */
	uint64_t reading_ns; /* since when one reads; 0 = none does */
	bool unlooked; /* nobody looked who is inside: any call may be, and have answered */
	/* Rules that may be broken, by what was not seen and would decide it: sets of 1 << number. */
	uint64_t dropped[IOPF_UNDECIDEDS];
	struct detaching *detaching; /* DETACHINGS places: what detaches that go on have answered */
	struct fates fates;
	uint64_t *seen; /* what has been delivered, by its hash: SEEN_MAX places */
	struct ghost *ghost;
	uint64_t compared[2]; /* answers of user space: whether what was written for them is known */
	uint64_t walk_ns; /* when the walk at the beginning ended; 0 = there was none */
	bool partly; /* some object of the scope was not seen from its beginning */
	/* Who is called: by kind of step, and by type for RULES_RECORD; each list ends with NULL. */
	rules_fn *handlers[RULES_KINDS], *takers[IOPF_REC_TYPES];
};

/* Makes it. 0 or -ENOMEM. */
int judge_init(struct judge *j, const struct iopf_engine_opts *opts);

/* Frees it. */
void judge_free(struct judge *j);

/* What rules remember of an object; NULL when they have nothing to do with it, or out of memory. */
struct judged *judge_object(struct iopf_engine *e, struct object *o);

/*
 * Whether an object gives out a cookie of 0, as far as was seen, which then does not mean that there is
 * none: it has, or user space has written 0. (Linux marks what is written as free, found or not; cookies
 * begin at 1 otherwise.)
 */
bool judge_gives_zero(const struct object *o);

/* Frees what rules remember of an object. */
void judge_forget(struct judge *j, struct judged *judged);

/* The same of a dead one: but for whether it added up, and for rows of calls that failed, which the end tells. */
void judge_bury(struct iopf_engine *e, struct object *o);

/*
 * Where it is remembered what became of a cookie; made if there is no place for it yet. NULL when out of
 * memory.
 */
struct cookie_fate *judge_fate(struct iopf_engine *e, struct object *o, uint32_t cookie);

/* Forgets what the pages of a group add up to: its number will be another's. */
void judge_forget_pages(struct judge *j, const struct group *g);

/* The rules' part of a finished report. 0 or -ENOMEM. */
int judge_report(struct iopf_engine *e, const struct iopf_run *run, struct iopf_report *r);

/* Notes that a rule may be broken on an object, which something decides that was not seen: if that was an error. */
void judge_drop(struct iopf_engine *e, const struct object *o, unsigned int rule,
		enum iopf_undecided by);

/* Whether a group's whole life so far has been seen. */
static inline bool judge_certain(uint32_t epoch, const struct group *g)
{
	return g->epoch == epoch && !(g->state & GROUP_ADOPTED);
}

/* Adds a page to what the pages of a group add up to. Order counts; the kernel's own flags do not. */
static inline uint32_t judge_page(uint32_t sum, uint64_t addr, uint32_t perm, uint32_t flags)
{
	uint64_t page =
		addr ^ (uint64_t)perm << 56 ^ (uint64_t)(flags & 0xff & ~JUDGE_FLAG_INTERNAL) << 48;

	return (uint32_t)(map_hash(page ^ (uint64_t)sum << 16) >> 8);
}

#endif /* IOPF_CORE_JUDGE_H */
