// SPDX-License-Identifier: GPL-2.0-only
/* Bookkeeping of fault records and of answers. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "deliver.h"
#include "rng.h"

/* Internal flag of the core that may leak into the record: harmless */
#define FLAG_LEAK (1U << 2)

#define MAX_WRITE 4096

void count_read(struct worker *w, ssize_t ret)
{
	struct read_counts *c = &w->reads;
	uint64_t n = ret > 0 ? (uint64_t)ret / sizeof(struct uapi_pgfault) : 0;

	c->calls++;
	c->records += n;
	if (n > c->max_records)
		c->max_records = n;
	if (!ret)
		c->empty++;
	else if (ret == -EFAULT)
		c->efault++;
	else if (ret == -EINVAL)
		c->einval++;
	else if (ret == -ESPIPE)
		c->espipe++;
	else if (ret == -ENOMEM)
		c->enomem++;
	else if (ret < 0)
		c->other++;
}

void count_write(struct worker *w, unsigned int records, ssize_t ret)
{
	struct write_counts *c = &w->writes;
	uint64_t n = ret > 0 ? (uint64_t)ret / sizeof(struct uapi_response) : 0;

	c->calls++;
	c->records += records;
	c->accepted += n;
	if (n && n < records)
		c->partial++;
	if (ret == -EFAULT)
		c->efault++;
	else if (ret == -EINVAL)
		c->einval++;
	else if (ret == -ESPIPE)
		c->espipe++;
	else if (ret < 0)
		c->other++;
}

/* What is wrong with the record of a page, NULL = nothing */
static const char *compare(const struct group *g, uint32_t page, uint32_t obj,
			   const struct uapi_pgfault *rec)
{
	uint32_t flags = (page ? 0 : PGFAULT_LAST_PAGE) | (g->pasid ? PGFAULT_PASID_VALID : 0);

	if ((rec->flags & ~FLAG_LEAK) != flags)
		return "flags";
	if (rec->dev_id != g->dev_id)
		return "dev_id";
	if (rec->pasid != g->pasid)
		return "pasid";
	if (rec->grpid != g->grpid)
		return "grpid";
	if (rec->perm != group_page_perm(g, page))
		return "perm";
	if (rec->reserved || rec->length)
		return "reserved fields";
	return g->obj == obj ? NULL : "fault object";
}

static uint64_t answer_tie(const struct load *l, uint64_t seq)
{
	switch (l->o.order) {
	case ORDER_LIFO:
		return ~seq;
	case ORDER_RANDOM:
		return rng_seed(l->o.seed, 5, seq);
	default:
		return seq;
	}
}

/* The group and the page of an address; false = it is none of ours */
static bool find_page(struct load *l, uint64_t addr, uint64_t *seq, uint32_t *page)
{
	uint64_t rest = addr & ((1ULL << GROUP_PAGE_SHIFT) - 1);

	if (rest < GROUP_ADDR_BASE || rest % GROUP_PAGE)
		return false;
	*seq = (rest - GROUP_ADDR_BASE) / GROUP_PAGE;
	*page = (uint32_t)(addr >> GROUP_PAGE_SHIFT);
	return *seq < atomic_load(&l->sh->next_seq) && *page < l->groups[*seq].pages;
}

/* How many of the records from the first on are of the same group as that */
static unsigned int count_alike(struct load *l, const struct delivered *d, uint64_t seq)
{
	unsigned int n = 1;
	uint64_t other;
	uint32_t page;

	while (n < d->records && find_page(l, d->rec[n].addr, &other, &page) && other == seq)
		n++;
	return n;
}

/* Pages come in the order they were reported in: 1, 2 and so on, and 0 as the last one */
static uint32_t page_at(const struct group *g, unsigned int i)
{
	return i + 1 < g->pages ? i + 1 : 0;
}

/* Compare the @n records that came of a group */
static void check_group(struct load *l, const struct delivered *d, uint64_t seq, unsigned int n)
{
	const struct group *g = &l->groups[seq];
	const char *wrong = n == g->pages ? NULL : "number of pages";
	uint64_t other;
	uint32_t page = 0;

	for (unsigned int i = 0; i < n && !wrong; i++) {
		wrong = compare(g, page_at(g, i), d->obj, &d->rec[i]);
		if (!wrong && (d->rec[i].cookie != d->rec[0].cookie ||
			       (!d->rec[i].cookie && !atomic_load(&l->sh->zero_written))))
			wrong = "cookie";
		if (!wrong && find_page(l, d->rec[i].addr, &other, &page) && page != page_at(g, i))
			wrong = "order of pages";
	}
	if (wrong)
		load_unexpected(l, "group %llu: wrong %s delivered", (unsigned long long)seq,
				wrong);
}

void deliver_as(struct load *l, uint32_t obj, uint64_t seq, const struct uapi_pgfault *rec,
		uint64_t now, struct answer *a)
{
	struct group *g = &l->groups[seq];

	/* Also makes visible what the reporting thread wrote: the kernel does not count */
	if (atomic_fetch_or(&g->flags, GROUP_DELIVERED) & GROUP_DELIVERED)
		load_unexpected(l, "group %llu delivered twice", (unsigned long long)seq);
	g->t_call = now; /* at the latest */
	g->t_read = now;
	g->cookie = rec->cookie;
	*a = (struct answer){
		.due = now + delay_draw(&l->o.delay, l->o.seed, seq),
		.tie = answer_tie(l, seq),
		.seq = (uint32_t)seq,
		.obj = obj,
		.cookie = rec->cookie,
		.code = g->role == ROLE_INVALID ? RESP_INVALID : RESP_SUCCESS,
	};
}

bool deliver_next(struct load *l, struct delivered *d, struct answer *a)
{
	unsigned int n;
	uint64_t seq;
	uint32_t page;

	for (; d->records; d->rec++, d->records--) {
		if (find_page(l, d->rec->addr, &seq, &page))
			break;
		load_unexpected(l, "a fault at %#llx that was never reported",
				(unsigned long long)d->rec->addr);
	}
	if (!d->records)
		return false;
	n = count_alike(l, d, seq);
	deliver_as(l, d->obj, seq, d->rec, d->now, a);
	check_group(l, d, seq, n);
	d->rec += n;
	d->records -= n;
	return true;
}

int deliver_record(struct load *l, uint32_t obj, const struct uapi_pgfault *rec, uint64_t now,
		   struct answer *a)
{
	struct delivered d = { .rec = rec, .records = 1, .obj = obj, .now = now };

	return deliver_next(l, &d, a) ? 0 : -EINVAL;
}

void answer_taken(struct load *l, const struct answer *a, uint64_t t_write, uint64_t t_done)
{
	struct group *g = &l->groups[a->seq];

	g->t_write = t_write;
	g->t_done = t_done;
	g->code = a->code;
	load_group_done(l, g, GROUP_ANSWERED);
}

/* An entry that the kernel refused: is there an explanation? */
static void answer_refused(struct load *l, const struct answer *a, ssize_t ret)
{
	struct group *g = &l->groups[a->seq];

	if (atomic_load(&l->devs[g->dev].racing)) {
		atomic_fetch_add(&l->sh->late, 1);
		return;
	}
	load_unexpected(l, "group %u: its answer was refused (%s)", a->seq,
			ret < 0 ? strerrorname_np((int)-ret) : "short write");
	load_group_done(l, g, GROUP_KEPT);
}

/* Leave out the answers of groups whose domain is going; returns how many stay */
static unsigned int drop_retiring(struct load *l, struct answer *a, unsigned int n)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (atomic_load(&l->groups[a[i].seq].flags) & GROUP_RETIRING)
			atomic_fetch_add(&l->sh->withheld, 1);
		else
			a[kept++] = a[i];
	}
	return kept;
}

/* One write() of @n answers; returns how many need no further write */
static unsigned int write_once(struct load *l, struct worker *w, struct io *io,
			       const struct answer *a, unsigned int n)
{
	struct uapi_response resp[MAX_WRITE];
	unsigned int taken;
	uint64_t before;
	ssize_t ret;

	for (unsigned int i = 0; i < n; i++)
		resp[i] = (struct uapi_response){ a[i].cookie, a[i].code };
	before = clock_now();
	ret = io_write(io, l->fds[a->obj], resp, n * sizeof(*resp));
	if (ret == -EINTR)
		return 0;
	taken = ret > 0 ? (unsigned int)((size_t)ret / sizeof(*resp)) : 0;
	count_write(w, n, ret);
	if (taken) {
		uint64_t after = clock_now();

		for (unsigned int i = 0; i < taken; i++)
			answer_taken(l, &a[i], before, after);
	}
	if (taken == n)
		return n;
	answer_refused(l, &a[taken], ret);
	return taken + 1;
}

void answer_write(struct load *l, struct worker *w, struct io *io, struct answer *a, unsigned int n)
{
	unsigned int settled;

	while (n) {
		load_enter(l, &l->sh->answer_gate);
		if (l->gates)
			n = drop_retiring(l, a, n);
		settled = n ? write_once(l, w, io, a, n) : 0;
		load_leave(l, &l->sh->answer_gate);
		a += settled;
		n -= settled;
	}
}
