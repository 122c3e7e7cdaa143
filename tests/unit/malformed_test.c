// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Input that nobody vouches for: refused, or survived. */
#include <errno.h>

#include "history.h"
#include "record_kinds.h"

static const struct {
	uint16_t type;
	uint16_t size;
} kinds[] = {
	RECORD_KINDS,
	{ IOPF_REC_TYPES, sizeof(struct iopf_rec) },
	{ 0xffff, sizeof(struct iopf_rec) },
};

#define NR_KINDS (sizeof(kinds) / sizeof(*kinds))

/* Any record, with room for what later versions add. */
union any {
	struct iopf_rec rec;
	struct iopf_rec_read_more more;
	struct iopf_rec_pages pages;
	struct iopf_rec_write write;
	uint64_t word[128];
};

static uint64_t random_state = 0x853c49e6748fea9bULL;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static struct iopf_engine *new_engine(void)
{
	struct iopf_engine_opts opts = { .min_groups = 0 };
	struct iopf_engine *e = iopf_engine_new(&opts);

	assert_non_null(e);
	return e;
}

/* Gives a record in memory of exactly its size, so that a sanitizer sees a step beyond it. */
static int feed_exact(struct iopf_engine *e, const union any *any)
{
	struct iopf_rec *copy = malloc(any->rec.size);
	int err;

	assert_non_null(copy);
	memcpy(copy, any, any->rec.size);
	err = iopf_engine_feed(e, copy);
	free(copy);
	return err;
}

static void test_sizes(void **state)
{
	struct iopf_engine *e = new_engine();
	uint64_t seq = 0;

	(void)state;
	assert_true(NR_KINDS >= IOPF_REC_TYPES); /* none forgotten */
	for (size_t i = 0; i < NR_KINDS; i++) {
		union any any = { .rec = { .seq = seq, .type = kinds[i].type } };

		any.rec.size = kinds[i].size - 1;
		assert_int_equal(feed_exact(e, &any), -EINVAL);
		any.rec.size = kinds[i].size;
		assert_int_equal(feed_exact(e, &any), 0);
		any.rec.seq = ++seq;
		any.rec.size = kinds[i].size + 8; /* of a later version */
		assert_int_equal(feed_exact(e, &any), 0);
		seq++;
	}
	iopf_engine_free(e);
}

static void test_counts_beyond_their_arrays(void **state)
{
	struct iopf_engine *e = new_engine();
	union any any = { .rec = { .seq = 0 } };

	(void)state;
	any.rec.type = IOPF_REC_PAGES;
	any.rec.size = sizeof(any.pages);
	any.pages.nr = IOPF_PAGES_PER_REC + 1;
	assert_int_equal(feed_exact(e, &any), -EINVAL);
	any.pages.nr = IOPF_PAGES_PER_REC;
	assert_int_equal(feed_exact(e, &any), 0);

	memset(&any, 0, sizeof(any));
	any.rec.seq = 1;
	any.rec.type = IOPF_REC_READ_MORE;
	any.rec.size = sizeof(any.more);
	any.more.nr = IOPF_FAULTS_PER_REC + 1;
	assert_int_equal(feed_exact(e, &any), -EINVAL);
	any.more.nr = IOPF_FAULTS_PER_REC;
	assert_int_equal(feed_exact(e, &any), 0);

	memset(&any, 0, sizeof(any));
	any.rec.seq = 2;
	any.rec.type = IOPF_REC_WRITE;
	any.rec.size = sizeof(any.write);
	any.write.nr = IOPF_ANSWERS_PER_REC + 1;
	assert_int_equal(feed_exact(e, &any), -EINVAL);
	any.write.nr = IOPF_ANSWERS_PER_REC;
	assert_int_equal(feed_exact(e, &any), 0);
	iopf_engine_free(e);
}

static void test_sequence(void **state)
{
	struct iopf_engine *e = new_engine();
	union any any = { .rec = { .seq = 5, .type = 99, .size = sizeof(struct iopf_rec) } };

	(void)state;
	assert_int_equal(feed_exact(e, &any), 0);
	assert_int_equal(feed_exact(e, &any), -EINVAL); /* the same again */
	any.rec.seq = 4;
	assert_int_equal(feed_exact(e, &any), -EINVAL); /* going back */
	any.rec.seq = UINT64_MAX; /* nothing could come next */
	assert_int_equal(feed_exact(e, &any), -EINVAL);
	any.rec.seq = UINT64_MAX - 1;
	assert_int_equal(feed_exact(e, &any), 0);
	iopf_engine_free(e);
}

/* A record of some kind full of noise, but with few different pointers, so that things meet. */
static void make_noise(union any *any, uint64_t seq, unsigned int variety)
{
	size_t kind = next_random() % NR_KINDS;

	for (size_t i = 0; i < sizeof(*any) / 8; i++) {
		uint64_t r = next_random();

		/* Two small numbers in a word, one, or any bits. */
		any->word[i] = r % 4 == 0 ? r :
			       r % 4 == 1 ? r >> 8 & variety :
					    (r >> 8 & variety) | (r >> 16 & variety) << 32;
	}
	any->rec.type = kinds[kind].type;
	any->rec.size = kinds[kind].size;
	any->rec.seq = seq;
	any->rec.context = next_random() & 0x7f;
	any->rec.tgid = next_random() % 4;
	any->rec.tid = next_random() % 8;
	if (any->rec.type == IOPF_REC_READ_MORE) {
		any->more.nr = next_random() % 18;
		any->more.seq_of_read = seq - next_random() % 8;
		any->more.flags = !(next_random() % 16);
	}
}

/* Noise in which the kinds that make up lives are frequent. */
static void one_fuzz(size_t records, unsigned int variety, bool scoped, unsigned int lose_one_in)
{
	static const uint32_t roots[] = { 1, 2 };
	struct iopf_engine_opts opts = {
		.roots = roots,
		.nr_roots = scoped ? 2 : 0,
		.descendants = true,
		.max_groups = variety & 1 ? 100 : 0,
		.slowest = variety,
	};
	struct iopf_engine *e = iopf_engine_new(&opts);
	struct iopf_run run = { .has_child = true };
	struct iopf_report *r;
	uint64_t seq = 0;

	assert_non_null(e);
	for (size_t i = 0; i < records; i++) {
		union any any;
		int err;

		make_noise(&any, seq, variety);
		err = feed_exact(e, &any);
		assert_true(!err || err == -EINVAL);
		seq += 1 + (lose_one_in && !(next_random() % lose_one_in));
	}
	r = iopf_engine_finish(e, &run);
	assert_non_null(r);
	assert_true(r->nr_waiting <= 16);
	iopf_report_free(r);
	iopf_engine_free(e);
}

static void test_noise(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 4; round++) {
		one_fuzz(50000, 1, round & 1, round & 2 ? 100 : 0);
		one_fuzz(50000, 3, round & 1, round & 2 ? 100 : 0);
		one_fuzz(50000, 6, round & 1, round & 2 ? 1000 : 0);
		one_fuzz(50000, 15, round & 1, round & 2 ? 1000 : 0);
		one_fuzz(50000, 255, round & 1, round & 2 ? 10 : 0);
	}
}

/* The limit of groups: reached, reported, and nothing made up. */
static void test_limit_of_groups(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h->opts.max_groups = 10;
	for (uint32_t i = 1; i <= 15; i++) {
		struct h_group g = h_group(i);

		h_enqueue(h, &g, 100, 110);
	}
	for (uint32_t i = 1; i <= 15; i++) {
		struct h_group g = h_group(i);

		h_read(h, &g, 150, 200);
		h_answer(h, &g, 300, 310);
	}
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_LIMIT);
	assert_int_equal(r->groups.enqueued, 15);
	assert_int_equal(r->groups.delivered, 15);
	assert_int_equal(r->groups.answered_user, 15);
	assert_int_equal(r->groups.adopted, 0);
	assert_int_equal(r->groups.outstanding, 0);
	assert_int_equal(r->groups.unknown, 0);
	h_assert_stage(r, IOPF_STAGE_ROUTE, 15, 150, 10, 10);
	h_assert_stage(r, IOPF_STAGE_TOTAL, 10, 2100, 210, 210);
}

static void test_limit_of_groups_unanswered(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h->opts.max_groups = 10;
	for (uint32_t i = 1; i <= 15; i++) {
		struct h_group g = h_group(i);

		h_enqueue(h, &g, 100, 110);
	}
	r = h_finish(h);
	h_assert_doubt(r, IOPF_DOUBT_LIMIT);
	assert_int_equal(r->groups.outstanding, 10);
	assert_int_equal(r->groups.unknown, 5);
}

/* A program that writes over what it reads must not make the engine hold ever more, or grow slow. */
static void test_many_reads_that_never_come(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	h->opts.max_groups = 1000;
	for (uint32_t i = 1; i <= 100000; i++) {
		struct h_group g = h_group(i);

		g.cookie = 1;
		h_enqueue(h, &g, i * 10, i * 10 + 1);
		h_answer(h, &g, i * 10 + 5, i * 10 + 6);
	}
	r = h_finish(h);
	assert_false(r->doubt[IOPF_DOUBT_LIMIT]);
	assert_int_equal(r->groups.answered_user, 100000);
	assert_int_equal(r->groups.outstanding, 0);
}

/* Groups whose contents never match do not make each read search the whole queue. */
static void test_queue_that_never_matches(void **state)
{
	struct history *h = *state;
	struct iopf_report *r;

	for (uint32_t i = 1; i <= 100000; i++) {
		struct h_group g = h_group(i), lie = h_group(i);

		lie.addr ^= 1ULL << 40;
		h_enqueue(h, &g, 100, 100);
		h_read(h, &lie, 200, 300);
	}
	r = h_finish(h);
	assert_int_equal(r->groups.enqueued, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_counts_beyond_their_arrays),
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_noise),
		H_TEST(test_limit_of_groups),
		H_TEST(test_limit_of_groups_unanswered),
		H_TEST(test_many_reads_that_never_come),
		H_TEST(test_queue_that_never_matches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
