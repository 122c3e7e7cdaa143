// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Recordings of which blocks were taken out, doubled, moved, or replaced by those of another one, or that
 * were cut: never a pass when a record is missing, never a violation where nothing is wrong.
 *
 * As a test it tries what is systematic, and a part of the rest. "blocks_test soak SECONDS" goes on with
 * histories of its own for so long, and prints how many tries had which exit code.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <zlib.h>

#define TRACE_PRIVATE
#include "trace_file.h"

#include "cmd/replay.h"
#include "model.h"
#include "rules.h"
#include "steady.h"
#include "trace/block.h"
#include "trace/fields.h"

#define SECOND 1000000000ULL
#define BLOCKS_MAX 64

/* A recording, and where its blocks are. */
struct base {
	const char *name;
	uint8_t *bytes;
	size_t nr;
	size_t at[BLOCKS_MAX + 1]; /* of each block; last, where the file ends */
	uint16_t kind[BLOCKS_MAX];
	unsigned int blocks;
	bool old; /* without an identity, as they were before there was one */
	uint32_t records[BLOCKS_MAX];
	int code; /* of the whole */
	uint64_t lost, missing; /* events */
	uint64_t cases[IOPF_RULES + 1]; /* proven errors in it */
};

/* What is tried: blocks of recordings, one after the other. */
struct
try {
	const struct base *first; /* whose head of a file it has */
	struct {
		const struct base *base;
		unsigned int block;
	} item[4 * BLOCKS_MAX];
	unsigned int nr;
	uint8_t *bytes;
	size_t nr_bytes, room;
	uint64_t lost, missing; /* events, as it was found */
};

static int file = -1;
static uint64_t tries[8]; /* by exit code; 7: any other */

/*
 * Judges what is in the file now; the proven errors are counted by rule. @lost and @missing, if asked
 * for: events.
 */
static int judge_file(uint64_t cases[IOPF_RULES + 1], uint64_t *lost, uint64_t *missing)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *r;
	char path[64];
	int code;

	opts.deadline_ns[IOPF_DEADLINE_ANSWER] = SECOND;
	opts.deadline_ns[IOPF_DEADLINE_CALL] = 10 * SECOND;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	code = replay_report(path, &opts, &r);
	if (code)
		return code;
	for (size_t i = 0; i < r->nr_findings; i++)
		if (r->findings[i].severity == IOPF_SEVERITY_ERROR && !r->findings[i].unproven)
			cases[r->findings[i].rule->number] += r->findings[i].count;
	code = r->exit_code;
	*lost = r->lost.events;
	*missing = r->lost.missing;
	assert_int_equal(r->verdict == IOPF_PASS, code == 0);
	assert_true(code || r->complete);
	iopf_report_free(r);
	return code;
}

/* Finds the blocks of a recording, and what is to be said of the whole. */
static void look_at(struct base *b)
{
	struct trace_block_head head;

	b->blocks = 0;
	memset(b->cases, 0, sizeof(b->cases));
	for (size_t at = sizeof(struct trace_file_head); at < b->nr; b->blocks++) {
		assert_true(b->blocks < BLOCKS_MAX);
		memcpy(&head, b->bytes + at, sizeof(head));
		b->at[b->blocks] = at;
		b->kind[b->blocks] = head.kind;
		b->records[b->blocks] = head.records;
		at += sizeof(head) + head.stored;
	}
	b->at[b->blocks] = b->nr;
	file_set(file, b->bytes, b->nr);
	b->code = judge_file(b->cases, &b->lost, &b->missing);
	assert_int_equal(b->missing, 0);
}

/* How a recording is written. */
struct style {
	unsigned int per_block; /* records */
	unsigned int per_count; /* blocks until COUNTERS; 0 = none */
	unsigned int lose_1_in; /* of the records; 0 = none is lost */
	bool piece; /* only the second half, which continues the first */
};

static uint64_t random_state = 88172645463325252ULL;

static uint64_t below(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

static int add_record(void *arg, const struct iopf_rec *rec)
{
	return trace_writer_add(arg, rec);
}

static int feed_engine(void *arg, const struct iopf_rec *rec)
{
	int err = iopf_engine_feed(arg, rec);

	return err == -EINVAL ? 0 : err;
}

/* Begins a file; of a piece, with what is known after the records before @at. */
static struct trace_writer *begin_base(const struct history *h, size_t at, struct iopf_run *run)
{
	struct trace_info info = { .version = "1", .start_ns = 1 };
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	struct trace_writer *w;

	for (size_t i = 0; i < at; i += (((struct iopf_rec *)(h->bytes + i))->size + 7U) & ~7U)
		feed_engine(e, (struct iopf_rec *)(h->bytes + i));
	if (at && !iopf_engine_restate(e, NULL, NULL, &info.first_seq, &info.start_ns))
		run->start_ns = info.start_ns;
	assert_int_equal(trace_writer_open(&w, file, &info), 0);
	if (info.first_seq)
		assert_int_equal(
			iopf_engine_restate(e, add_record, w, &info.first_seq, &info.start_ns), 0);
	else
		assert_int_equal(trace_writer_start(w, run), 0);
	iopf_engine_free(e);
	return w;
}

/* Where the second half of a history begins, if it is to be only that. */
static size_t begin_at(const struct history *h, const struct style *style)
{
	size_t at = 0;

	while (style->piece && at < h->nr_bytes / 2)
		at += (((struct iopf_rec *)(h->bytes + at))->size + 7U) & ~7U;
	return at;
}

/* Writes a history. */
static struct base make_base(const char *name, const struct history *h, struct style style)
{
	struct iopf_run run = { .start_ns = 1 };
	struct base b = { .name = name };
	struct trace_writer *w;
	size_t at = begin_at(h, &style);
	unsigned int nr = 0;

	assert_int_equal(ftruncate(file, 0), 0);
	lseek(file, 0, SEEK_SET);
	w = begin_base(h, at, &run);
	for (; at < h->nr_bytes; at += (((struct iopf_rec *)(h->bytes + at))->size + 7U) & ~7U) {
		const struct iopf_rec *rec = (struct iopf_rec *)(h->bytes + at);

		run.end_ns = rec->time_ns;
		if (style.lose_1_in && !below(style.lose_1_in)) {
			run.lost[IOPF_LOST_RING_FULL]++;
			continue;
		}
		assert_int_equal(trace_writer_add(w, rec), 0);
		run.records++;
		if (++nr % style.per_block)
			continue;
		assert_int_equal(trace_writer_flush(w), 0);
		if (style.per_count && nr / style.per_block % style.per_count == 0)
			assert_int_equal(trace_writer_counters(w, &run), 0);
	}
	run.end_ns = h->last_ns + 5 * SECOND;
	assert_int_equal(trace_writer_finish(w, &run), 0);
	trace_writer_free(w);
	b.bytes = file_bytes(file, &b.nr);
	look_at(&b);
	return b;
}

/* Copies the fields of a block, but for those that are new; @end: field 18 was not in END then. */
static void put_old_fields(struct buffer *out, const uint8_t *at, size_t nr, uint16_t kind)
{
	struct trace_field_head head;

	for (size_t i = 0; i < nr; i += sizeof(head) + head.length) {
		bool is_new;

		memcpy(&head, at + i, sizeof(head));
		is_new = kind == TRACE_KIND_INFO ?
				 head.tag >= TRACE_INFO_IDENTITY :
				 head.tag >= TRACE_END_IDENTITY ||
					 (kind == TRACE_KIND_END && head.tag == TRACE_END_UNTIL);
		if (!is_new)
			buffer_put(out, at + i, sizeof(head) + head.length);
	}
}

/* The columns of a block as they were before: without an identity. */
static void put_old_columns(struct buffer *out, struct trace_block_head *head, const uint8_t *at)
{
	uLongf bytes = head->inflated;
	size_t from = out->bytes;

	if (head->encoding == TRACE_ENCODING_DEFLATED)
		assert_int_equal(uncompress(buffer_extend(out, bytes), &bytes, at, head->stored),
				 Z_OK);
	else
		buffer_put(out, at, head->stored);
	head->encoding = TRACE_ENCODING_COLUMNS;
	memset(out->data + from + offsetof(struct trace_columns_head, identity), 0, 5);
}

/* The same recording as it was written before there were identities. */
static struct base make_old(const struct base *from)
{
	struct buffer b = { 0 };
	struct base old = { .name = from->name, .old = true };

	buffer_put(&b, from->bytes, sizeof(struct trace_file_head));
	for (unsigned int i = 0; i < from->blocks; i++) {
		const uint8_t *stored = from->bytes + from->at[i] + sizeof(struct trace_block_head);
		struct trace_block_head head;
		size_t at = b.bytes;

		memcpy(&head, from->bytes + from->at[i], sizeof(head));
		buffer_put(&b, &head, sizeof(head));
		if (head.kind == TRACE_KIND_RECORDS)
			put_old_columns(&b, &head, stored);
		else
			put_old_fields(&b, stored, head.stored, head.kind);
		head.number = 0;
		head.stored = head.inflated = (uint32_t)(b.bytes - at - sizeof(head));
		block_seal(&head, b.data + at + sizeof(head));
		memcpy(b.data + at, &head, sizeof(head));
	}
	old.bytes = b.data;
	old.nr = b.bytes;
	look_at(&old);
	assert_int_equal(old.code, from->code);
	assert_memory_equal(old.cases, from->cases, sizeof(old.cases));
	return old;
}

/* Begins a try: a file of which no block is there yet. */
static void try_begin(struct try *t, const struct base *first)
{
	t->first = first;
	t->nr = 0;
}

static void try_add(struct try *t, const struct base *b, unsigned int block)
{
	assert_true(t->nr < 4 * BLOCKS_MAX);
	t->item[t->nr].base = b;
	t->item[t->nr++].block = block;
}

static void try_put(struct try *t, const uint8_t *bytes, size_t nr)
{
	if (t->nr_bytes + nr > t->room) {
		t->room = 2 * (t->nr_bytes + nr);
		t->bytes = realloc(t->bytes, t->room);
		assert_non_null(t->bytes);
	}
	memcpy(t->bytes + t->nr_bytes, bytes, nr);
	t->nr_bytes += nr;
}

/*
 * Whether all records of a recording without an identity are there in their order, and nothing else, up to
 * its end. What else was counted does not show there, nor that the description is that of another one.
 */
static bool has_all(const struct try *t)
{
	const struct base *b = t->nr ? t->item[t->nr - 1].base : t->first;
	unsigned int next = 1;

	for (unsigned int i = 1; i < t->nr && b->old; i++) {
		if (t->item[i].base->kind[t->item[i].block] == TRACE_KIND_COUNTERS)
			continue;
		while (next < b->blocks && b->kind[next] == TRACE_KIND_COUNTERS)
			next++;
		if (t->item[i].base != b || t->item[i].block != next++)
			return false;
	}
	return b->old && next == b->blocks;
}

/* Whether it is one of the recordings as it was written. */
static bool is_whole(const struct try *t)
{
	for (unsigned int i = 0; i < t->nr; i++)
		if (t->item[i].base != t->first || t->item[i].block != i)
			return false;
	return t->nr == t->first->blocks;
}

/* Shows a try that went wrong. */
static void show(const struct try *t, int code, const uint64_t cases[IOPF_RULES + 1])
{
	printf("# exit code %d of %s%s (%d by itself):", code, t->first->name,
	       t->first->old ? ", old" : "", t->first->code);
	for (unsigned int i = 0; i < t->nr; i++)
		printf(" %s%s:%u", t->item[i].base->name,
		       t->item[i].base->kind[t->item[i].block] == TRACE_KIND_RECORDS ? "" :
		       t->item[i].base->kind[t->item[i].block] == TRACE_KIND_COUNTERS ?
										       "/counters" :
										       "/",
		       t->item[i].block);
	for (unsigned int rule = 1; rule <= IOPF_RULES; rule++)
		if (cases[rule])
			printf(" IOPF%03u x%llu", rule, (unsigned long long)cases[rule]);
	printf("\n");
	fflush(stdout);
}

/* The most cases of a rule that are proven by a recording that it has blocks of, and is believed. */
static uint64_t most_cases(const struct try *t, unsigned int rule)
{
	uint64_t most = t->first->cases[rule];

	/* Of what has no identity, it cannot always be told that it is of another one. */
	for (unsigned int i = 0; i < t->nr && t->first->old; i++)
		if (t->item[i].base->cases[rule] > most)
			most = t->item[i].base->cases[rule];
	return most;
}

/* Tries it, cut at @cut bytes if that is less than it has. */
static void try_it(struct try *t, size_t cut)
{
	uint64_t cases[IOPF_RULES + 1] = { 0 }, lost, missing;
	bool wrong, all;
	int code;

	t->nr_bytes = 0;
	try_put(t, t->first->bytes, sizeof(struct trace_file_head));
	for (unsigned int i = 0; i < t->nr; i++) {
		const struct base *b = t->item[i].base;

		try_put(t, b->bytes + b->at[t->item[i].block],
			b->at[t->item[i].block + 1] - b->at[t->item[i].block]);
	}
	all = cut >= t->nr_bytes && (is_whole(t) || (t->first->old && has_all(t)));
	file_set(file, t->bytes, cut < t->nr_bytes ? cut : t->nr_bytes);
	code = judge_file(cases, &lost, &missing);
	t->lost = lost;
	t->missing = missing;
	tries[code >= 0 && code < 7 ? code : 7]++;
	wrong = code != 0 && code != 1 && code != 3 && code != 5;
	wrong |= !code && !all;
	for (unsigned int rule = 1; rule <= IOPF_RULES; rule++)
		wrong |= cases[rule] > most_cases(t, rule);
	if (wrong) {
		show(t, code, cases);
		fail_msg("a recording that was changed is believed: see above");
	}
}

/* Some of the blocks only, those in @set. */
static void try_subset(struct try *t, const struct base *b, uint64_t set)
{
	try_begin(t, b);
	for (unsigned int i = 0; i < b->blocks; i++)
		if (set >> i & 1)
			try_add(t, b, i);
	try_it(t, SIZE_MAX);
}

/* All subsets, or, of more than 2^@bits, so many. */
static void try_subsets(struct try *t, const struct base *b, unsigned int bits)
{
	static unsigned int cases;
	uint64_t all = (1ULL << b->blocks) - 1;

	for (uint64_t set = 0; set < 1ULL << (b->blocks < bits ? b->blocks : bits);
	     set += STEADY_STEP)
		try_subset(t, b, b->blocks <= bits ? set : 1 | below(all) | below(all));
	/* One after the other, and all from or up to some block. */
	for (unsigned int i = 0; i < b->blocks; i++) {
		if (cases++ % STEADY_STEP_OF_HUNDREDS == 0) {
			try_subset(t, b, all & ~(1ULL << i));
			try_subset(t, b, all & ((2ULL << i) - 1));
			try_subset(t, b, (all & ~((1ULL << i) - 1)) | 1);
		}
		for (unsigned int j = i + 1; j < b->blocks; j++)
			if (cases++ % STEADY_STEP == 0)
				try_subset(t, b, all & ~((2ULL << j) - (1ULL << i)));
	}
}

/* Each block twice, the second time anywhere; and any two in each other's place. */
static void try_places(struct try *t, const struct base *b)
{
	static unsigned int cases;

	for (unsigned int i = 0; i < b->blocks; i++) {
		for (unsigned int at = 0; at <= b->blocks; at++) {
			if (cases++ % STEADY_STEP)
				continue;
			try_begin(t, b);
			for (unsigned int k = 0; k <= b->blocks; k++) {
				if (k == at)
					try_add(t, b, i);
				if (k < b->blocks)
					try_add(t, b, k);
			}
			try_it(t, SIZE_MAX);
		}
		for (unsigned int j = i + 1; j < b->blocks; j++) {
			if (cases++ % STEADY_STEP)
				continue;
			try_begin(t, b);
			for (unsigned int k = 0; k < b->blocks; k++)
				try_add(t, b, k == i ? j : k == j ? i : k);
			try_it(t, SIZE_MAX);
		}
	}
}

/* Adds the blocks of a recording from @from to before @to. */
static void try_range(struct try *t, const struct base *b, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++)
		try_add(t, b, i);
}

/*
 * The beginning of one and the end of another one; and one with a block of another in its place. Every
 * place, or each @step.
 */
static void try_splices(struct try *t, const struct base *a, const struct base *b,
			unsigned int step)
{
	for (unsigned int i = 1 + (unsigned int)below(step); i <= a->blocks;
	     i += step * STEADY_STEP) {
		for (unsigned int j = i % STEADY_STEP_OF_HUNDREDS; j < b->blocks;
		     j += STEADY_STEP_OF_HUNDREDS) {
			try_begin(t, a);
			try_range(t, a, 0, i);
			try_range(t, b, j, b->blocks);
			try_it(t, SIZE_MAX);
			try_begin(t, a);
			try_range(t, a, 0, i);
			try_add(t, b, j);
			try_range(t, a, i, a->blocks);
			try_it(t, SIZE_MAX);
			if (i == a->blocks)
				continue;
			try_begin(t, a);
			try_range(t, a, 0, i);
			try_add(t, b, j);
			try_range(t, a, i + 1, a->blocks);
			try_it(t, SIZE_MAX);
		}
	}
}

/* Cut at each byte. */
static void try_cuts(struct try *t, const struct base *b, size_t step)
{
	try_begin(t, b);
	try_range(t, b, 0, b->blocks);
	for (size_t cut = 0; cut < b->nr; cut += step * STEADY_STEP)
		try_it(t, cut);
}

/* Blocks of some recordings, in any order, most of them in theirs. */
static void try_anything(struct try *t, const struct base *base, unsigned int nr)
{
	const struct base *a = &base[below(nr)], *b = &base[below(nr)];

	try_begin(t, a);
	for (unsigned int i = 0; i < a->blocks; i++) {
		uint64_t what = below(12);

		if (what == 0 && i)
			continue;
		if (what == 1)
			try_add(t, b, (unsigned int)below(b->blocks));
		if (what == 2 && i + 1 < a->blocks)
			try_add(t, a, i + 1);
		if (what != 3 || !i)
			try_add(t, a, i);
		else
			try_add(t, b, i < b->blocks ? i : b->blocks - 1);
		if (what == 4)
			try_add(t, a, (unsigned int)below(a->blocks));
	}
	try_it(t, below(10) ? SIZE_MAX : below(a->nr));
}

/* A history of which a recording passes, with objects and handles that come, go, and come again. */
static struct history *make_lives(unsigned int lives, uint64_t from_ns)
{
	const uint64_t handle = 0xffff888400000000ULL;
	struct history *h = r_new();
	uint64_t ns = from_ns;
	uint32_t n = 0;

	for (unsigned int life = 0; life < lives; life++) {
		struct h_group a = h_group(1 + n++ % 5), b = h_group(1 + n++ % 5);

		r_alloc(h, H_OBJECT, ns += 1000);
		r_attach(h, handle, ns += 1000);
		h_enqueue(h, &a, ns + 100, ns + 200);
		h_read(h, &a, ns + 250, ns + 300);
		h_answer(h, &a, ns + 400, ns + 450);
		h_enqueue(h, &b, ns + 500, ns + 600);
		if (life % 2)
			h_read(h, &b, ns + 650, ns + 700);
		h_task(h, H_TGID, H_TGID + 1);
		h_respond(h, &b, ns + 800, ns + 850, IOPF_CODE_INVALID, IOPF_CTX_AUTO,
			  life % 2 ? b.cookie : 0);
		r_detach(h, handle, ns + 750, ns + 900);
		h_task(h, H_TGID, H_TGID);
		r_release(h, H_OBJECT, ns += 1000);
		r_destroy(h, H_OBJECT, ns + 50, ns + 100);
	}
	return h;
}

/* The same load with answers to what was never read, late ones, and groups that nobody answers. */
static struct history *make_wrong(unsigned int lives)
{
	struct history *h = make_lives(lives, 1000000);
	uint64_t ns = h->last_ns + 1000;

	r_alloc(h, H_OBJECT, ns += 1000);
	for (uint32_t i = 0; i < 8; i++) {
		struct h_group g = h_group(20 + i);

		h_enqueue(h, &g, ns + 100, ns + 200);
		h_read(h, &g, ns + 250, ns + 300);
		if (i % 4 == 1)
			r_refused(h, ns + 350, 200 + i, IOPF_CODE_SUCCESS);
		if (i % 4 == 2)
			h_answer(h, &g, ns + 2 * SECOND, ns + 2 * SECOND + 100);
		else if (i % 4)
			h_answer(h, &g, ns + 400, ns + 450);
		ns = h->last_ns + 1000;
	}
	return h;
}

static struct history *make_modelled(struct m_opts opts)
{
	struct model *m = m_new(&opts);
	struct history *h = h_new();

	m_drain(m);
	h->bytes = malloc(m->h->nr_bytes);
	assert_non_null(h->bytes);
	memcpy(h->bytes, m->h->bytes, m->h->nr_bytes);
	h->nr_bytes = h->max_bytes = m->h->nr_bytes;
	h->last_ns = m->h->last_ns;
	m_free(m);
	return h;
}

#define BASES 7

/* Recordings of each kind. */
static unsigned int make_bases(struct base base[2 * BASES], uint64_t seed)
{
	struct history *lives = make_lives(11, 1000000), *others = make_lives(12, 9000000);
	struct history *wrong = make_wrong(6);
	struct history *model = make_modelled(
		(struct m_opts){ .seed = seed, .steps = 60, .races = true, .kernel = true });
	/* Of other numbers each: without an identity nothing tells whose block is one of the same. */
	const struct {
		const char *name;
		const struct history *h;
		struct style style;
	} made[BASES] = {
		{ "healthy", lives, { .per_block = 14, .per_count = 3 } },
		{ "other", others, { .per_block = 13 } },
		{ "violation", wrong, { .per_block = 15, .per_count = 3 } },
		{ "lossy", lives, { .per_block = 12, .per_count = 2, .lose_1_in = 20 } },
		{ "lossy-violation", wrong, { .per_block = 11, .per_count = 2, .lose_1_in = 20 } },
		{ "piece", lives, { .per_block = 10, .per_count = 2, .piece = true } },
		{ "model", model, { .per_block = 17, .per_count = 2 } },
	};
	unsigned int nr = 0;

	for (; nr < BASES; nr++)
		base[nr] = make_base(made[nr].name, made[nr].h, made[nr].style);
	for (unsigned int i = 0; i < BASES; i++)
		base[nr++] = make_old(&base[i]);
	h_free(lives);
	h_free(others);
	h_free(wrong);
	h_free(model);
	return nr;
}

static void free_bases(struct base *base, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		free(base[i].bytes);
}

/* What is complained of thousands of times is not to be seen. */
static int be_silent(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), kept = dup(STDERR_FILENO);

	assert_true(null >= 0 && kept >= 0);
	fflush(stderr);
	dup2(null, STDERR_FILENO);
	close(null);
	return kept;
}

static struct base base[2 * BASES];
static unsigned int bases;
static struct try t;
static int standard_error;

/* What the report says of the blocks of a try. */
static enum iopf_input input_of_try(void)
{
	struct iopf_engine_opts opts = { .judge = true };
	enum iopf_input input;
	struct iopf_report *r;
	char path[64];

	t.nr_bytes = 0;
	try_put(&t, t.first->bytes, sizeof(struct trace_file_head));
	for (unsigned int i = 0; i < t.nr; i++) {
		const struct base *b = t.item[i].base;
		size_t at = b->at[t.item[i].block];

		try_put(&t, b->bytes + at, b->at[t.item[i].block + 1] - at);
	}
	file_set(file, t.bytes, t.nr_bytes);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	assert_int_equal(replay_report(path, &opts, &r), 0);
	input = r->input;
	iopf_report_free(r);
	return input;
}

/*
 * A block that is not the next one is of another recording, or of this one and not in its place: it says which.
 * Whatever kind it is of; where there are no identities, it is not known.
 */
static void whose_a_block_is(void **state)
{
	const struct base *const a = &base[0], *const b = &base[1];

	(void)state;
	for (unsigned int i = 0; i < a->blocks; i++) {
		try_begin(&t, a);
		try_range(&t, a, 0, a->blocks - 1);
		try_add(&t, a, i);
		if (i + 1 < a->blocks && input_of_try() != IOPF_INPUT_MISPLACED)
			fail_msg("block %u again: %d", i, input_of_try());
	}
	for (unsigned int i = 0; i < b->blocks; i++) {
		try_begin(&t, a);
		try_range(&t, a, 0, 3);
		try_add(&t, b, i);
		if (input_of_try() != IOPF_INPUT_FOREIGN)
			fail_msg("block %u of another one: %d", i, input_of_try());
	}
	try_begin(&t, &base[BASES]);
	try_range(&t, &base[BASES], 0, 3);
	try_add(&t, &base[BASES], 0);
	assert_int_equal(input_of_try(), IOPF_INPUT_MIXED);
}

static int setup(void **state)
{
	(void)state;
	file = file_new();
	standard_error = be_silent();
	bases = make_bases(base, 7);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	free_bases(base, bases);
	free(t.bytes);
	close(file);
	return 0;
}

/* The recordings are what they are taken for, or nothing is shown by the rest. */
static void as_they_were_written(void **state)
{
	static const int codes[BASES] = { 0, 0, 1, 5, 1, 0, 0 };

	(void)state;
	for (unsigned int i = 0; i < bases; i++) {
		if (base[i].code != codes[i % BASES] || base[i].blocks < 6 || base[i].blocks > 40)
			print_message("# %s%s: exit code %d, %u blocks\n", base[i].name,
				      base[i].old ? ", old" : "", base[i].code, base[i].blocks);
		assert_int_equal(base[i].code, codes[i % BASES]);
		assert_in_range(base[i].blocks, 6, 40);
	}
}

static void some_blocks_only(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < bases; i++)
		try_subsets(&t, &base[i], 9);
}

/* What is missing from the file is counted, and what was lost while tracing is not among it. */
static void what_is_missing_is_counted(void **state)
{
	unsigned int cases = 0;

	(void)state;
	for (unsigned int i = 0; i < BASES; i++) {
		const struct base *b = &base[i];

		for (unsigned int from = 1; from < b->blocks; from++) {
			uint64_t missing = 0;

			for (unsigned int to = from; to + 1 < b->blocks; to++) {
				missing += b->records[to];
				if (cases++ % STEADY_STEP_OF_HUNDREDS)
					continue;
				try_subset(&t, b,
					   ((1ULL << b->blocks) - 1) &
						   ~((2ULL << to) - (1ULL << from)));
				assert_true(t.missing == missing);
				assert_true(t.lost == b->lost);
			}
		}
	}
}

static void doubled_and_moved(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < bases; i++)
		try_places(&t, &base[i]);
}

static void spliced_with_others(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < bases; i++)
		for (unsigned int j = 0; j < bases; j++)
			if (i != j)
				try_splices(&t, &base[i], &base[j], 4);
}

static void cut_anywhere(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < bases; i++)
		try_cuts(&t, &base[i], i < BASES ? 1 : 3);
}

static void anything(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3000; i += STEADY_STEP)
		try_anything(&t, base, bases);
}

static void print_tries(void)
{
	uint64_t all = 0;

	for (int i = 0; i < 8; i++)
		all += tries[i];
	printf("# %llu tries; exit code", (unsigned long long)all);
	for (int i = 0; i < 7; i++)
		if (tries[i])
			printf(" %d: %llu,", i, (unsigned long long)tries[i]);
	printf(" others: %llu\n", (unsigned long long)tries[7]);
}

static unsigned long soak_seconds;

/* One set of recordings after the other. */
static void soak(void **state)
{
	time_t end = time(NULL) + (time_t)soak_seconds;

	(void)state;
	for (uint64_t seed = 1; time(NULL) < end; seed++) {
		free_bases(base, bases);
		bases = make_bases(base, seed);
		for (unsigned int n = 0; n < bases && time(NULL) < end; n++) {
			unsigned int i = (unsigned int)below(bases);

			try_subsets(&t, &base[i], 12);
			try_places(&t, &base[i]);
			try_splices(&t, &base[i], &base[below(bases)], 1);
			try_cuts(&t, &base[i], 1);
			for (unsigned int k = 0; k < 5000; k++)
				try_anything(&t, base, bases);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_they_were_written),	      cmocka_unit_test(some_blocks_only),
		cmocka_unit_test(what_is_missing_is_counted), cmocka_unit_test(doubled_and_moved),
		cmocka_unit_test(spliced_with_others),	      cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(whose_a_block_is),	      cmocka_unit_test(anything),
	};
	const struct CMUnitTest long_one[] = { cmocka_unit_test(soak) };
	int failed;

	if (argc == 3 && !strcmp(argv[1], "soak")) {
		soak_seconds = strtoul(argv[2], NULL, 10);
		failed = cmocka_run_group_tests_name("soak", long_one, setup, teardown);
	} else {
		failed = cmocka_run_group_tests_name("blocks", tests, setup, teardown);
	}
	print_tries();
	return failed;
}
