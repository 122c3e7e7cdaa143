// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random histories of which the truth is known: without loss the report must be the truth, to the
 * last count and the last bucket; with loss it must say nothing that is not true.
 */
#include "model.h"
#include "steady.h"

/* The truth, worked out from the groups one by one, without regard to order or cost. */
struct truth {
	struct iopf_report r; /* only what is compared below */
	uint64_t out_objects, out_groups;
	const struct m_group **user; /* those with a known total, slowest first */
	uint32_t nr_user;
	const struct m_group **waiting; /* oldest first */
	uint32_t nr_waiting;
	bool device_in_scope[M_DEVICES];
};

/* Counts a stage, if both moments are known. */
static void add_stage(struct truth *t, enum iopf_stage stage, uint64_t from, uint64_t to)
{
	if (!from || !to)
		return;
	iopf_hist_add(&t->r.stage[stage].hist, to > from ? to - from : 0);
	t->r.stage[stage].negative += to < from;
}

static int slower(const void *a, const void *b)
{
	const struct m_group *x = *(const struct m_group *const *)a;
	const struct m_group *y = *(const struct m_group *const *)b;
	uint64_t tx = x->ack_ns - x->report_ns, ty = y->ack_ns - y->report_ns;

	return tx != ty ? (tx < ty ? 1 : -1) : x->seq < y->seq ? -1 : 1;
}

static int older(const void *a, const void *b)
{
	const struct m_group *x = *(const struct m_group *const *)a;
	const struct m_group *y = *(const struct m_group *const *)b;

	return x->seq < y->seq ? -1 : 1;
}

/* The truth about one group. */
static void add_group(struct truth *t, const struct m_group *g)
{
	bool answered = g->by != IOPF_BY_NOBODY;

	if (g->before && !g->delivered && !answered)
		return; /* it never showed */
	t->r.groups.adopted += g->before;
	t->r.groups.enqueued += !g->before;
	t->r.groups.pages += g->before ? 0 : g->g.pages;
	t->r.groups.delivered += g->delivered;
	t->r.groups.answered_by[g->by] += answered;
	t->r.groups.outstanding += !answered;
	t->r.responses.success += answered && g->code == IOPF_CODE_SUCCESS;
	t->r.responses.invalid += answered && g->code == IOPF_CODE_INVALID;
	t->device_in_scope[g->device] |= !g->before || answered;
	add_stage(t, IOPF_STAGE_ROUTE, g->report_ns, g->queue_ns);
	add_stage(t, IOPF_STAGE_WAIT, g->queue_ns, g->deliver_ns);
	if (!answered)
		t->waiting[t->nr_waiting++] = g;
	if (g->by != IOPF_BY_USER)
		return;
	add_stage(t, IOPF_STAGE_SERVICE, g->deliver_ns, g->write_ns);
	add_stage(t, IOPF_STAGE_ACK, g->write_ns, g->ack_ns);
	add_stage(t, IOPF_STAGE_TOTAL, g->report_ns, g->ack_ns);
	if (g->report_ns)
		t->user[t->nr_user++] = g;
}

/* The truth about a history. */
static struct truth *find_truth(const struct model *m)
{
	struct truth *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	for (int i = 0; i < IOPF_STAGES; i++)
		iopf_hist_init(&t->r.stage[i].hist);
	t->user = calloc(m->nr_groups + 1, sizeof(struct m_group *));
	t->waiting = calloc(m->nr_groups + 1, sizeof(struct m_group *));
	assert_true(t->user && t->waiting);
	for (uint32_t i = 0; i < m->nr_groups; i++) {
		const struct m_group *g = &m->group[i];

		if (m->life[g->object].in_scope)
			add_group(t, g);
		else
			t->out_groups += !g->before || g->delivered || g->by != IOPF_BY_NOBODY;
	}
	for (uint32_t i = 0; i < m->nr_lives; i++) {
		const struct m_life *life = &m->life[i];

		t->out_objects += !life->in_scope;
		if (!life->in_scope)
			continue;
		t->r.calls.reads += life->reads;
		t->r.calls.failed_reads += life->failed_reads;
		t->r.calls.writes += life->writes;
		t->r.calls.failed_writes += life->failed_writes;
		t->r.responses.rejected += life->rejected;
	}
	t->r.groups.reported = t->r.groups.enqueued;
	for (int i = 0; i < M_DEVICES; i++) {
		if (m->opts.scoped && !t->device_in_scope[i])
			continue;
		t->r.groups.reported += m->reported[i];
		t->r.groups.refused += m->reported[i];
		t->r.groups.partial += m->partial[i];
		t->r.groups.answered_by[IOPF_BY_ABORT] += m->aborted[i];
		t->r.responses.failure += m->aborted[i];
	}
	qsort(t->user, t->nr_user, sizeof(*t->user), slower);
	qsort(t->waiting, t->nr_waiting, sizeof(*t->waiting), older);
	return t;
}

static void free_truth(struct truth *t)
{
	free(t->user);
	free(t->waiting);
	free(t);
}

#define ASSERT_SAME(field) assert_int_equal(r->field, t->r.field)

/* The report is the truth. */
static void assert_exact(const struct model *m, const struct iopf_report *r, const struct truth *t)
{
	ASSERT_SAME(groups.reported);
	ASSERT_SAME(groups.enqueued);
	ASSERT_SAME(groups.adopted);
	ASSERT_SAME(groups.delivered);
	ASSERT_SAME(groups.pages);
	ASSERT_SAME(groups.outstanding);
	ASSERT_SAME(groups.unknown);
	ASSERT_SAME(groups.partial);
	ASSERT_SAME(groups.refused);
	for (int i = 0; i < IOPF_RESPONDERS; i++)
		ASSERT_SAME(groups.answered_by[i]);
	ASSERT_SAME(responses.success);
	ASSERT_SAME(responses.invalid);
	ASSERT_SAME(responses.failure);
	ASSERT_SAME(responses.rejected);
	/* Reads that were only counted are the whole machine's. */
	assert_int_equal(r->calls.empty_reads, m->h->opts.nr_roots ? 0 : m->h->run.empty_reads);
	assert_int_equal(r->calls.reads, t->r.calls.reads + r->calls.empty_reads);
	ASSERT_SAME(calls.failed_reads);
	ASSERT_SAME(calls.writes);
	ASSERT_SAME(calls.failed_writes);
	for (int i = 0; i < IOPF_STAGES; i++) {
		ASSERT_SAME(stage[i].hist.count);
		ASSERT_SAME(stage[i].negative);
		assert_memory_equal(&r->stage[i].hist, &t->r.stage[i].hist,
				    sizeof(r->stage[i].hist));
	}
	assert_int_equal(r->out_of_scope.objects, t->out_objects);
	assert_int_equal(r->out_of_scope.groups, t->out_groups);
	assert_int_equal(r->nr_objects, m->nr_lives - t->out_objects);
	assert_int_equal(r->nr_slowest, t->nr_user < 5 ? t->nr_user : 5);
	for (size_t i = 0; i < r->nr_slowest; i++)
		assert_int_equal(r->slowest[i].seq, t->user[i]->seq);
	assert_int_equal(r->nr_waiting, t->nr_waiting < 16 ? t->nr_waiting : 16);
	for (size_t i = 0; i < r->nr_waiting; i++)
		assert_int_equal(r->waiting[i].seq, t->waiting[i]->seq);
	if (!m->opts.scoped && !m->opts.twins && !m->opts.unacked)
		assert_int_equal(r->groups.outstanding_max, m->outstanding_max);
	h_assert_pass(r);
}

/* Histories of one kind: the report on each must be the truth. */
static void check_exact(struct m_opts opts, unsigned int histories, bool drain)
{
	for (unsigned int i = 0; i < histories; i += STEADY_STEP_OF_HUNDREDS) {
		struct model *m;
		struct truth *t;

		opts.seed = i + 1;
		m = m_new(&opts);
		if (drain)
			m_drain(m);
		t = find_truth(m);
		assert_exact(m, h_finish(m->h), t);
		free_truth(t);
		m_free(m);
	}
}

static void test_calm(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 400 }, 200, false);
}

static void test_kernel_answers(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 600, .kernel = true, .failures = true }, 200, false);
}

static void test_races(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 600, .races = true }, 200, false);
	check_exact(
		(struct m_opts){ .steps = 600, .races = true, .kernel = true, .failures = true },
		300, false);
}

static void test_begun_in_the_middle(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 300, .before = true }, 300, false);
	check_exact((struct m_opts){ .steps = 600,
				     .before = true,
				     .races = true,
				     .kernel = true,
				     .failures = true },
		    300, false);
}

static void test_unreadable(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 600, .unreadable = true, .failures = true }, 200,
		    false);
}

static void test_scoped(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 600,
				     .scoped = true,
				     .races = true,
				     .kernel = true,
				     .failures = true },
		    300, false);
	check_exact((struct m_opts){ .steps = 300, .scoped = true, .races = true, .before = true },
		    300, false);
}

static void test_twins(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 400, .twins = true }, 200, true);
	check_exact((struct m_opts){ .steps = 400, .twins = true, .races = true }, 300, true);
}

static void test_twins_begun_in_the_middle(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 300, .twins = true, .before = true }, 300, true);
	check_exact((struct m_opts){ .steps = 300, .twins = true, .before = true, .races = true },
		    300, true);
}

static void test_late_answers(void **state)
{
	(void)state;
	check_exact((struct m_opts){ .steps = 600, .unacked = true }, 100, false);
	check_exact((struct m_opts){ .steps = 600,
				     .unacked = true,
				     .races = true,
				     .kernel = true,
				     .failures = true },
		    300, false);
}

/* Takes out a run of records here and there; gives how many. */
static uint64_t lose_some(struct model *m, uint32_t one_in, uint32_t at_most)
{
	struct history *h = m->h;
	uint64_t lost = 0, losing = 0;
	size_t to = 0, bytes;

	for (size_t at = 0; at < h->nr_bytes; at += bytes) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		bytes = (rec->size + 7U) & ~7U;
		if (!losing && m_one_in(m, one_in))
			losing = 1 + m_random(m, at_most);
		if (losing) {
			losing--;
			lost++;
			continue;
		}
		memmove(h->bytes + to, rec, bytes);
		to += bytes;
	}
	h->nr_bytes = to;
	h->run.lost[IOPF_LOST_RING_FULL] = lost;
	return lost;
}

/* A group that is shown as outstanding is. */
static void assert_waits(const struct truth *t, const struct iopf_group_view *view)
{
	for (uint32_t i = 0; i < t->nr_waiting; i++) {
		if (t->waiting[i]->g.addr == view->addr && t->waiting[i]->g.grpid == view->grpid)
			return;
	}
	fail();
}

/* A group that is shown as slow was as slow as that. */
static void assert_slow(const struct truth *t, const struct iopf_group_view *view)
{
	for (uint32_t i = 0; i < t->nr_user; i++) {
		const struct m_group *g = t->user[i];

		if (g->seq != view->seq)
			continue;
		assert_int_equal(view->stage_ns[IOPF_STAGE_TOTAL], g->ack_ns - g->report_ns);
		assert_int_equal(view->at_ns[IOPF_AT_WRITE], g->write_ns);
		if (view->at_ns[IOPF_AT_DELIVER])
			assert_int_equal(view->at_ns[IOPF_AT_DELIVER], g->deliver_ns);
		return;
	}
	fail();
}

#define ASSERT_AT_MOST(field) assert_true(r->field <= t->r.field)

/* The report says nothing that is not true, and says that it does not say all. */
static void assert_honest(const struct model *m, const struct iopf_report *r, const struct truth *t,
			  uint64_t lost)
{
	assert_int_equal(r->lost.events, lost);
	assert_int_equal(r->doubt[IOPF_DOUBT_LOST], lost > 0);
	assert_int_equal(r->verdict, lost ? IOPF_INCONCLUSIVE : IOPF_PASS);
	assert_false(r->doubt[IOPF_DOUBT_BALANCE]);
	ASSERT_AT_MOST(groups.enqueued);
	ASSERT_AT_MOST(groups.delivered);
	ASSERT_AT_MOST(groups.outstanding);
	ASSERT_AT_MOST(groups.pages);
	assert_true(r->groups.outstanding_max <= m->outstanding_max);
	for (int i = 0; i < IOPF_RESPONDERS; i++)
		ASSERT_AT_MOST(groups.answered_by[i]);
	for (int i = 0; i < IOPF_STAGES; i++) {
		ASSERT_AT_MOST(stage[i].negative);
		for (unsigned int b = 0; b < IOPF_HIST_BUCKETS; b++)
			ASSERT_AT_MOST(stage[i].hist.bucket[b]);
	}
	if (m->opts.twins)
		return;
	for (size_t i = 0; i < r->nr_waiting; i++)
		assert_waits(t, &r->waiting[i]);
	for (size_t i = 0; i < r->nr_slowest; i++)
		assert_slow(t, &r->slowest[i]);
}

/* Histories of one kind, thinned: the report on each must be honest. */
static void check_honest(struct m_opts opts, unsigned int histories)
{
	for (unsigned int i = 0; i < histories; i += STEADY_STEP_OF_HUNDREDS) {
		struct model *m;
		struct truth *t;
		uint64_t lost;

		opts.seed = 1000 + i;
		m = m_new(&opts);
		t = find_truth(m);
		lost = lose_some(m, 10 << i % 6, 1 << i % 9);
		assert_honest(m, h_finish(m->h), t, lost);
		free_truth(t);
		m_free(m);
	}
}

static void test_loss(void **state)
{
	(void)state;
	check_honest((struct m_opts){ .steps = 600 }, 300);
	check_honest((struct m_opts){ .steps = 600, .kernel = true, .failures = true }, 300);
}

static void test_loss_and_races(void **state)
{
	(void)state;
	check_honest(
		(struct m_opts){ .steps = 600, .races = true, .kernel = true, .failures = true },
		300);
	check_honest((struct m_opts){ .steps = 600, .races = true, .before = true }, 300);
}

static void test_loss_and_scope(void **state)
{
	(void)state;
	check_honest((struct m_opts){ .steps = 600, .scoped = true, .races = true }, 300);
}

static void test_loss_and_unreadable(void **state)
{
	(void)state;
	check_honest((struct m_opts){ .steps = 600, .unreadable = true }, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calm),
		cmocka_unit_test(test_kernel_answers),
		cmocka_unit_test(test_races),
		cmocka_unit_test(test_begun_in_the_middle),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_scoped),
		cmocka_unit_test(test_twins),
		cmocka_unit_test(test_twins_begun_in_the_middle),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_loss_and_races),
		cmocka_unit_test(test_loss_and_scope),
		cmocka_unit_test(test_loss_and_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
