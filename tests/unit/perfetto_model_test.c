// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The Perfetto output on random histories: it must agree with the report on each. */
#include "model.h"
#include "perfetto.h"

/*
 * Gives every read a thread of its own, as a pool of threads would: in the model calls of one task
 * may overlap, which those of a thread cannot.
 */
static void spread_reads(struct history *h)
{
	for (size_t at = 0; at < h->nr_bytes;) {
		struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		if (rec->type == IOPF_REC_READ)
			rec->tid = 100000 + (uint32_t)rec->seq;
		else if (rec->type == IOPF_REC_READ_MORE)
			rec->tid =
				100000 + (uint32_t)((struct iopf_rec_read_more *)rec)->seq_of_read;
		at += (rec->size + 7U) & ~7U;
	}
}

/* Random histories of one kind. */
static void check_random(struct m_opts opts, unsigned int histories)
{
	for (unsigned int i = 0; i < histories; i++) {
		struct model *m;

		opts.seed = i + 1;
		m = m_new(&opts);
		m->h->run.end_ns = m->now + 1000;
		spread_reads(m->h);
		p_free(p_trace_of(m->h));
		m_free(m);
	}
}

static void any_history(void **state)
{
	(void)state;
	check_random((struct m_opts){ .steps = 400 }, 30);
	check_random((struct m_opts){ .steps = 400, .races = true }, 30);
	check_random((struct m_opts){ .steps = 400, .kernel = true, .failures = true }, 30);
	check_random((struct m_opts){ .steps = 400,
				      .races = true,
				      .kernel = true,
				      .failures = true,
				      .unacked = true },
		     30);
	check_random((struct m_opts){ .steps = 400, .before = true, .races = true }, 30);
	check_random((struct m_opts){ .steps = 400, .races = true, .unreadable = true }, 30);
	check_random((struct m_opts){ .steps = 400, .races = true, .twins = true }, 30);
}

/* Loses a record in @one_in, and sometimes some after it. */
static void lose_some(struct model *m, uint32_t one_in)
{
	struct history *h = m->h;
	size_t kept = 0;

	for (size_t at = 0, room; at < h->nr_bytes; at += room) {
		const struct iopf_rec *rec = (const struct iopf_rec *)(h->bytes + at);

		room = (rec->size + 7U) & ~7U;
		if (m_one_in(m, one_in))
			continue;
		memmove(h->bytes + kept, h->bytes + at, room);
		kept += room;
	}
	h->nr_bytes = kept;
}

/* Whatever is lost, what is written is whole, and what is outstanding is what the engine says. */
static void any_history_with_gaps(void **state)
{
	struct m_opts opts = { .steps = 500, .kernel = true, .failures = true };

	(void)state;
	for (opts.seed = 1; opts.seed <= 200; opts.seed++) {
		struct model *m;
		struct p_trace *p;
		size_t size, groups, known;
		char *bytes;

		opts.races = opts.seed & 1;
		opts.before = opts.seed & 2;
		opts.twins = opts.seed & 4;
		opts.unreadable = opts.seed & 8;
		m = m_new(&opts);
		m->h->run.end_ns = m->now + 1000;
		spread_reads(m->h);
		lose_some(m, 10 + 30 * (opts.seed % 5));
		bytes = p_export(m->h, &size);
		p = p_decode(bytes, size);
		p_check(p);
		known = m->h->report->groups.enqueued + m->h->report->groups.adopted;
		groups = p_count(p, NULL);
		/* Of groups that look the same the engine may take two for one that was adopted. */
		if (opts.twins)
			assert_true(groups >= known && groups <= known + known / 50);
		else
			assert_int_equal(groups, known);
		assert_int_equal(p_count_said(p, "end", "not answered"),
				 m->h->report->groups.outstanding);
		free(bytes);
		p_free(p);
		m_free(m);
	}
}

/* With a scope, groups are those of objects that were in it when they ended: as many at most. */
static void any_history_with_a_scope(void **state)
{
	struct m_opts opts = { .steps = 400, .races = true, .kernel = true, .scoped = true };
	size_t groups = 0;

	(void)state;
	for (opts.seed = 1; opts.seed <= 50; opts.seed++) {
		struct model *m = m_new(&opts);
		struct p_trace *p;
		size_t size;
		char *bytes;

		m->h->run.end_ns = m->now + 1000;
		spread_reads(m->h);
		bytes = p_export(m->h, &size);
		p = p_decode(bytes, size);
		p_check(p);
		assert_true(p_count(p, NULL) <= m->h->report->groups.enqueued);
		assert_int_equal(p_count_said(p, "end", "not answered"),
				 m->h->report->groups.outstanding);
		groups += p_count(p, NULL);
		free(bytes);
		p_free(p);
		m_free(m);
	}
	assert_true(groups > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_history),
		cmocka_unit_test(any_history_with_gaps),
		cmocka_unit_test(any_history_with_a_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
