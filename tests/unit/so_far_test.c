// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What is known so far, while tracing goes on: that asking changes nothing, that counts only grow up to
 * those of the end, and that the file of -i TIME is whole at every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/so_far.h"
#include "format.h"
#include "model.h"

#define ASK_EVERY 97 /* records */

/* Counters: what Prometheus holds for a restart if they fall. */
static void expect_grown(const struct iopf_report *a, const struct iopf_report *b)
{
	const uint64_t *const from[] = { &a->groups.reported,	     &a->groups.enqueued,
					 &a->groups.pages,	     &a->groups.unknown,
					 &a->groups.partial,	     &a->groups.refused,
					 &a->groups.answered_user,   &a->groups.answered_kernel,
					 &a->groups.outstanding_max, &a->responses.success,
					 &a->responses.invalid,	     &a->responses.failure,
					 &a->responses.rejected,     &a->calls.reads,
					 &a->calls.writes,	     &a->lost.events };
	size_t i;

	for (i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		const uint64_t *to = (const uint64_t *)((const char *)b +
							((const char *)from[i] - (const char *)a));

		if (*to < *from[i])
			fail_msg("count %zu falls from %d to %d", i, (int)*from[i], (int)*to);
	}
	for (i = 0; i < IOPF_STAGES; i++) {
		assert_true(a->stage[i].hist.count <= b->stage[i].hist.count);
		assert_true(a->stage[i].hist.sum <= b->stage[i].hist.sum);
	}
}

/* The report of a history; with @ask, one that was asked for what it knows again and again. */
static struct iopf_report *follow(struct history *h, bool ask)
{
	struct iopf_engine *e = iopf_engine_new(&h->opts);
	struct iopf_report *before = NULL, *report;
	unsigned int records = 0;

	assert_non_null(e);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const struct iopf_rec *)(h->bytes + at);

		assert_int_equal(iopf_engine_feed(e, rec), 0);
		at += (rec->size + 7U) & ~7U;
		if (!ask || ++records % ASK_EVERY)
			continue;
		report = iopf_engine_so_far(e, &h->run);
		assert_non_null(report);
		assert_true(report->running);
		if (before)
			expect_grown(before, report);
		iopf_report_free(before);
		before = report;
	}
	report = iopf_engine_finish(e, &h->run);
	assert_non_null(report);
	assert_false(report->running);
	if (before)
		expect_grown(before, report);
	iopf_report_free(before);
	iopf_engine_free(e);
	return report;
}

/* Loses some records. */
static void lose_some(struct model *m)
{
	struct history *h = m->h;
	size_t kept = 0;

	for (size_t at = 0, room; at < h->nr_bytes; at += room) {
		room = (((const struct iopf_rec *)(h->bytes + at))->size + 7U) & ~7U;
		if (m_one_in(m, 50))
			continue;
		memmove(h->bytes + kept, h->bytes + at, room);
		kept += room;
	}
	h->nr_bytes = kept;
}

static void asking_changes_nothing(void **state)
{
	struct m_opts opts = { .steps = 1500, .kernel = true };
	struct output_opts show;

	(void)state;
	output_opts_init(&show);
	for (opts.seed = 1; opts.seed <= 24; opts.seed++) {
		struct iopf_report *asked, *not_asked;
		struct model *m;
		char *a, *b;

		opts.races = opts.seed & 1;
		opts.failures = opts.seed & 2;
		opts.scoped = opts.seed & 4;
		opts.before = opts.seed & 8;
		m = m_new(&opts);
		m->h->opts.judge = true;
		m->h->run.end_ns = m->now + 1000;
		if (opts.seed % 3 == 0)
			lose_some(m);
		asked = follow(m->h, true);
		not_asked = follow(m->h, false);
		assert_true(asked->stage[IOPF_STAGE_TOTAL].hist.count > 10);
		a = format_show(output_json, asked, &show);
		b = format_show(output_json, not_asked, &show);
		assert_string_equal(a, b);
		free(a);
		free(b);
		iopf_report_free(asked);
		iopf_report_free(not_asked);
		m_free(m);
	}
}

/* An engine that has seen a history, but not its end. */
static struct iopf_engine *fed(struct history *h)
{
	struct iopf_engine *e = iopf_engine_new(&h->opts);

	assert_non_null(e);
	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const struct iopf_rec *)(h->bytes + at);

		assert_int_equal(iopf_engine_feed(e, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	return e;
}

/* Two groups are answered, one has been read, one has not: what is outstanding is no stage yet. */
static void groups_are_counted_as_they_are(void **state)
{
	struct history *h = *state;
	struct h_group g[4];
	struct iopf_engine *e;
	struct iopf_report *r;

	for (uint32_t i = 0; i < 4; i++) {
		g[i] = h_group(i + 1);
		h_enqueue(h, &g[i], 1000 * (i + 1), 1000 * (i + 1) + 10);
	}
	h_read_groups(h, 5000, 5100, g, 3);
	h_answer(h, &g[1], 6000, 6050);
	h_answer(h, &g[0], 7000, 7900);
	e = fed(h);
	r = iopf_engine_so_far(e, &h->run);
	assert_true(r->running);
	assert_true(r->complete);
	assert_int_equal(r->groups.enqueued, 4);
	assert_int_equal(r->groups.delivered, 3);
	assert_int_equal(r->groups.answered_user, 2);
	assert_int_equal(r->groups.outstanding, 2);
	assert_int_equal(r->stage[IOPF_STAGE_TOTAL].hist.count, 2);
	assert_int_equal(r->stage[IOPF_STAGE_TOTAL].hist.max, 6900);
	assert_int_equal(r->nr_slowest, 2);
	assert_int_equal(r->slowest[0].grpid, 1);
	assert_int_equal(r->nr_findings, 0);
	assert_int_equal(r->nr_waiting, 0);
	iopf_report_free(r);
	h->run.lost[IOPF_LOST_RING_FULL] = 1; /* nothing that is missed makes it complete again */
	r = iopf_engine_so_far(e, &h->run);
	assert_false(r->complete);
	assert_int_equal(r->lost.events, 1);
	iopf_report_free(r);
	iopf_engine_free(e);
}

/* Every TIME after the first look; of looks that come late none is made up for. */
static void it_is_due_every_interval(void **state)
{
	struct options options = { .interval_ns = 1000 };
	struct so_far s = { .options = &options };

	(void)state;
	assert_false(so_far_due(&s, 50000));
	assert_false(so_far_due(&s, 50999));
	assert_true(so_far_due(&s, 51000));
	assert_false(so_far_due(&s, 51001));
	assert_true(so_far_due(&s, 52010));
	assert_true(so_far_due(&s, 55500));
	assert_false(so_far_due(&s, 55999));
	assert_true(so_far_due(&s, 56000));
	options.interval_ns = 0;
	assert_false(so_far_due(&s, 99000));
}

/* What is in a file; to be freed. */
static char *content(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(getdelim(&text, &size, '\0', f) > 0);
	fclose(f);
	return text;
}

/* What the strict parser says to the file. */
static int accepted(const char *path)
{
	char command[256];

	snprintf(command, sizeof(command), "tests/unit/metrics_reader.py accept %s >&2", path);
	return system(command);
}

static void the_file_is_replaced(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	char dir[] = "/tmp/iopftrace-so-far-XXXXXX", path[64], *text;
	struct options options = { .format = output_format_find("openmetrics"), .output = path };
	struct so_far s = { .options = &options };
	struct iopf_engine *e;
	struct stat first, second;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/iopftrace.om", dir);
	output_opts_init(&options.show);
	h_enqueue(h, &g, 1000, 1010);
	e = fed(h);
	so_far_write(&s, e, &h->run);
	text = content(path);
	assert_non_null(strstr(text, "\niopftrace_running 1\n"));
	assert_non_null(strstr(text, "\niopftrace_groups_outstanding 1\n"));
	assert_null(strstr(text, "iopftrace_verdict"));
	assert_null(strstr(text, "exit_code"));
	assert_null(strstr(text, "findings"));
	assert_int_equal(accepted(path), 0);
	free(text);
	assert_int_equal(stat(path, &first), 0);
	so_far_write(&s, e, &h->run);
	assert_int_equal(stat(path, &second), 0);
	assert_int_not_equal(first.st_ino, second.st_ino); /* no reader sees half of it */
	assert_false(s.failed);
	s.adopted = 3; /* told by mistake: a counter does not fall */
	so_far_write(&s, e, &h->run);
	text = content(path);
	assert_non_null(strstr(text, "\niopftrace_groups_adopted_total 3\n"));
	free(text);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0); /* nothing else was left in it */
	so_far_write(&s, e, &h->run);
	assert_true(s.failed); /* and that is all: tracing goes on */
	assert_int_equal(mkdir(dir, 0700), 0);
	so_far_write(&s, e, &h->run);
	assert_false(s.failed);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	iopf_engine_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asking_changes_nothing),
		H_TEST(groups_are_counted_as_they_are),
		cmocka_unit_test(it_is_due_every_interval),
		H_TEST(the_file_is_replaced),
	};

	return cmocka_run_group_tests_name("so_far", tests, NULL, NULL);
}
