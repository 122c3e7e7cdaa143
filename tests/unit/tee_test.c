// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* --record: what is judged live is recorded, and the file gives the same report to the byte. */
#include "cmd/place.h"
#include "cmd/reporting.h"
#include "output/output.h"
#include "recording.h"
#include "steady.h"

/* A live run, of which the source is a history. */
struct run_bench {
	struct bench *b;
	struct options options;
	struct iopf_engine_opts opts;
	struct reporting r;
	struct iopf_run run;
};

/* What is missed and lost so far, as a session tells it. */
static void misses(void *arg, struct iopf_run *so_far)
{
	const struct bench *b = arg;

	memcpy(so_far->lost, b->so_far.lost, sizeof(so_far->lost));
	memcpy(so_far->missed, b->so_far.missed, sizeof(so_far->missed));
	so_far->probe_misses = b->so_far.probe_misses;
	so_far->made_good = b->so_far.made_good;
}

static int tee_begin(struct run_bench *t)
{
	struct trace_info info = { .version = "1", .kernel = "6.12", .start_ns = 50 };

	info.roots = t->opts.roots;
	info.nr_roots = t->opts.nr_roots;
	info.descendants = t->opts.descendants;
	return tee_open(&t->r.tee, &t->options, &info);
}

/* Begins a run that is judged, and recorded to the file of the test. */
static void run_begin(struct run_bench *t, struct bench *b)
{
	t->b = b;
	t->options.record = b->path;
	t->options.show.quiet = true;
	t->opts.judge = true;
	t->opts.min_groups = 1;
	t->opts.misses = misses;
	t->opts.misses_arg = b;
	t->run = (struct iopf_run){
		.version = IOPFTRACE_VERSION,
		.kernel = "6.12",
		.start_ns = 60,
		.start_realtime_ns = 1700000000ULL * SECOND,
		.has_child = true,
		.wakeups = 17,
		.probe_runs = 1000,
		.probe_ns = 345678,
		.ring_bytes = 4096,
	};
	t->r.engine = iopf_engine_new(&t->opts);
	t->r.opts = &t->opts;
	t->r.run = &t->run;
	t->r.kernel = "6.12";
	t->r.so_far.options = &t->options;
	assert_int_equal(tee_begin(t), 0);
	reporting_begin(&t->r, &t->run);
}

/* Gives what the history has had since the last time. */
static void run_feed(struct run_bench *t)
{
	struct bench *b = t->b;

	while (b->at < b->h->nr_bytes) {
		const struct iopf_rec *rec = (const void *)(b->h->bytes + b->at);

		assert_int_equal(reporting_take(&t->r, rec), 0);
		t->run.records++;
		t->run.bytes += rec->size;
		b->at += (rec->size + 7U) & ~7U;
	}
}

/* Ends it; the live report, to be freed. */
static struct iopf_report *run_end(struct run_bench *t, uint64_t end_ns)
{
	struct iopf_report *r;

	t->run.end_ns = end_ns;
	misses(t->b, &t->run);
	tee_finish(&t->r.tee, &t->run);
	r = iopf_engine_finish(t->r.engine, &t->run);
	assert_non_null(r);
	tee_close(&t->r.tee, r);
	iopf_engine_free(t->r.engine);
	return r;
}

/* A report as JSON; to be freed. */
static char *json(const struct iopf_report *r)
{
	struct output_opts show;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	output_opts_init(&show);
	assert_int_equal(output_json(r, &show, out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Judges the file as the run was judged: it must be the same. Frees the live report. */
static void assert_same(const struct run_bench *t, struct iopf_report *live)
{
	struct iopf_engine_opts opts = t->opts;
	struct iopf_report *read;
	char *wanted = json(live), *got;

	opts.misses = NULL;
	opts.on_finding = NULL;
	opts.roots = NULL;
	opts.nr_roots = 0;
	opts.descendants = false;
	assert_int_equal(replay_report(t->b->path, &opts, &read), 0);
	got = json(read);
	assert_string_equal(got, wanted);
	free(got);
	free(wanted);
	iopf_report_free(read);
	iopf_report_free(live);
}

/* A load with what goes wrong in it, and ticks between. */
static void load(struct run_bench *t, size_t records)
{
	struct history *h = t->b->h;
	struct steady s;
	union steady_rec rec;

	steady_begin(&s, 7);
	for (size_t i = 0; i < records; i++) {
		const struct iopf_rec *r = steady_next(&s, &rec);

		h_task(h, r->tgid, r->tid);
		h_put(h, &rec, r->size, r->type, r->time_ns, r->context);
		if (i % 1000 == 999) {
			run_feed(t);
			reporting_tick(&t->r, h->last_ns);
		}
	}
	run_feed(t);
}

static void a_load(void **state)
{
	struct run_bench t = { 0 };
	struct iopf_report *r;

	run_begin(&t, *state);
	load(&t, 20000);
	t.run.child_status = 9;
	r = run_end(&t, t.b->h->last_ns + 100);
	assert_int_equal(r->exit_code, 9);
	assert_true(r->groups.enqueued > 5000);
	assert_same(&t, r);
}

static void a_violation(void **state)
{
	struct run_bench t = { 0 };
	struct iopf_report *r;

	run_begin(&t, *state);
	tell_of_a_stray(t.b);
	run_feed(&t);
	r = run_end(&t, 1000);
	assert_int_equal(r->exit_code, 1);
	assert_same(&t, r);
}

static void a_loss(void **state)
{
	static const uint32_t root = H_TGID;
	struct run_bench t = { .opts = { .roots = &root, .nr_roots = 1, .descendants = true } };
	struct bench *b = *state;
	struct iopf_report *r;

	run_begin(&t, b);
	tell_of_a_stray(b);
	h_lose(b->h, 12);
	b->so_far.lost[IOPF_LOST_RING_FULL] = 12 + 5; /* and five after the last record */
	b->so_far.missed[IOPF_PROBE_READ_EXIT] = 2;
	b->so_far.probe_misses = 3;
	b->so_far.made_good = 1;
	stray(b, 600);
	run_feed(&t);
	t.run.cut = true;
	r = run_end(&t, 2000);
	assert_int_equal(r->lost.events, 17);
	assert_true(r->nr_findings > 0);
	assert_same(&t, r);
}

static uint64_t told;

static void on_finding(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
		       const struct iopf_case *c)
{
	(void)arg;
	(void)rule;
	(void)severity;
	(void)c;
	told++;
}

/*
 * Somebody is told of a deadline when it passes, so that the story ends there; the answer comes late.
 * The same from the file, though who reads it is told of nothing.
 */
static void a_deadline_that_is_told(void **state)
{
	struct run_bench t = { .opts = { .deadline_ns = { [IOPF_DEADLINE_ANSWER] = SECOND } } };
	struct bench *b = *state;
	struct h_group g = h_group(1), other = h_group(2);
	struct iopf_report *r;

	t.opts.on_finding = on_finding;
	told = 0;
	run_begin(&t, b);
	h_alloc(b->h, H_OBJECT);
	h_enqueue(b->h, &g, 100, 110);
	h_read(b->h, &g, 150, 200);
	h_enqueue(b->h, &other, 1000, 1010);
	run_feed(&t);
	reporting_tick(&t.r, SECOND / 2);
	reporting_tick(&t.r, 3 * SECOND);
	assert_int_equal(told, 2);
	h_read(b->h, &other, 4 * SECOND, 4 * SECOND + 10);
	h_answer(b->h, &g, 4 * SECOND + 20, 4 * SECOND + 30);
	h_answer(b->h, &other, 4 * SECOND + 40, 4 * SECOND + 50);
	run_feed(&t);
	reporting_tick(&t.r, 5 * SECOND);
	r = run_end(&t, 5 * SECOND);
	assert_int_equal(r->exit_code, 1);
	assert_string_equal(r->findings[0].cases[1].text, "a group was not even read in time");
	assert_same(&t, r);
}

/* Nobody is told: the whole story, as the file has it. */
static void a_deadline_that_is_not_told(void **state)
{
	struct run_bench t = { .opts = { .deadline_ns = { [IOPF_DEADLINE_ANSWER] = SECOND } } };
	struct bench *b = *state;
	struct h_group g = h_group(1);
	struct iopf_report *r;

	run_begin(&t, b);
	h_alloc(b->h, H_OBJECT);
	h_enqueue(b->h, &g, 100, 110);
	h_read(b->h, &g, 150, 200);
	run_feed(&t);
	reporting_tick(&t.r, 3 * SECOND);
	h_answer(b->h, &g, 4 * SECOND + 20, 4 * SECOND + 30);
	run_feed(&t);
	r = run_end(&t, 5 * SECOND);
	assert_string_equal(r->findings[0].cases[0].text,
			    "a group was answered after its deadline");
	assert_same(&t, r);
}

/*
 * A stray answer beside a read that does not return, which may hand its cookie out yet: what was counted
 * between is told to whoever reads the file, and makes no difference, since the end tells all.
 */
static void a_read_that_does_not_return(void **state)
{
	struct iopf_rec_inside in = { .enter_ns = 350, .object = H_OBJECT };
	struct run_bench t = { 0 };
	struct iopf_report *r;

	run_begin(&t, *state);
	tell_of_a_stray(t.b);
	run_feed(&t);
	reporting_tick(&t.r, SECOND);
	H_PUT(t.b->h, in, IOPF_REC_INSIDE, 2 * SECOND, IOPF_CTX_READ);
	run_feed(&t);
	r = run_end(&t, 2 * SECOND);
	assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	assert_same(&t, r);
}

/* The disk is full in the middle of it; then the live verdict stands, and the file is incomplete. */
static int on_a_full_disk(struct bench *b, bool violation, bool few, int child_status)
{
	struct run_bench t = { 0 };
	struct rlimit before, limit;
	struct iopf_report *r;
	int code;

	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){ 20000, before.rlim_max };
	iopf_engine_free(b->engine);
	h_free(b->h);
	b->h = h_new();
	b->engine = NULL;
	b->at = 0;
	run_begin(&t, b);
	iopf_engine_free(t.r.engine);
	t.opts.min_groups = few ? 1000000 : 1;
	t.r.engine = iopf_engine_new(&t.opts);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	if (violation)
		tell_of_a_stray(b);
	load(&t, 20000);
	t.run.child_status = child_status;
	r = run_end(&t, b->h->last_ns + 1000);
	setrlimit(RLIMIT_FSIZE, &before);
	code = r->exit_code;
	assert_int_equal(r->exit_because, violation    ? IOPF_BECAUSE_VIOLATION :
					  few	       ? IOPF_BECAUSE_INCONCLUSIVE :
					  child_status ? IOPF_BECAUSE_COMMAND :
							 IOPF_BECAUSE_ERROR);
	assert_int_equal(r->verdict, violation ? IOPF_VIOLATION :
				     few       ? IOPF_INCONCLUSIVE :
						 IOPF_PASS);
	assert_true(r->groups.enqueued > 5000);
	iopf_report_free(r);
	r = report_on(b->path);
	assert_true(r->doubt[IOPF_DOUBT_CUT]);
	assert_int_equal(r->input, IOPF_INPUT_HALF);
	assert_in_range(r->groups.enqueued, 100, 5000);
	iopf_report_free(r);
	return code;
}

static void a_full_disk(void **state)
{
	assert_int_equal(on_a_full_disk(*state, false, false, 0), 6);
	assert_int_equal(on_a_full_disk(*state, true, false, 0), 1);
	assert_int_equal(on_a_full_disk(*state, false, true, 0), 5);
	assert_int_equal(on_a_full_disk(*state, false, false, 9), 9);
}

/* The content of a file, or "" when there is none. */
static const char *content(const char *name)
{
	static char text[64];
	FILE *f = fopen(name, "re");

	memset(text, 0, sizeof(text));
	if (!f)
		return "";
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* What is read or written besides is not overwritten, by whatever name. */
static void not_over_other_files(void **state)
{
	struct options options = { .verb = VERB_CHECK, .format = output_format_find("text") };
	struct bench *b = *state;
	char other[160];
	FILE *f;

	snprintf(other, sizeof(other), "%s/./iopf.data", b->dir);
	options.record = b->path;
	options.output = other;
	assert_int_equal(place_check(&options), 3);
	f = fopen(b->path, "we");
	fputs("[verdict]", f);
	fclose(f);
	options.output = NULL;
	options.policy = other;
	assert_int_equal(place_check(&options), 3);
	assert_string_equal(content(b->path), "[verdict]");
	options.policy = NULL;
	assert_int_equal(place_check(&options), 0);
}

static void no_such_place(void **state)
{
	struct run_bench t = { .options = { .record = "/nonexistent/iopf.data" } };

	(void)state;
	assert_int_equal(tee_begin(&t), 6);
	tee_close(&t.r.tee, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_load),
		TEST(a_violation),
		TEST(a_loss),
		TEST(a_deadline_that_is_told),
		TEST(a_deadline_that_is_not_told),
		TEST(a_read_that_does_not_return),
		TEST(a_full_disk),
		TEST(not_over_other_files),
		TEST(no_such_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
