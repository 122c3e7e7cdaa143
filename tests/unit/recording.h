/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the tests of 'record' have in common: a recording of a history, by a clock of their own. */
#ifndef IOPFTRACE_TESTS_RECORDING_H
#define IOPFTRACE_TESTS_RECORDING_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "trace_file.h"

#include "cmd/recording.h"
#include "cmd/replay.h"
#include "history.h"

#define SECOND 1000000000ULL

/* A directory for the files of a test, and a recording in it. */
struct bench {
	char dir[64], path[128];
	struct history *h;
	struct iopf_engine *engine;
	struct recording *recording;
	struct recording_opts opts;
	struct iopf_run so_far;
	size_t at; /* of the history */
};

static inline int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	strcpy(b->dir, "/tmp/iopftrace-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/iopf.data", b->dir);
	b->h = h_new();
	b->h->opts.judge = true;
	b->engine = iopf_engine_new(&b->h->opts);
	b->opts.path = b->path;
	b->opts.engine = b->engine;
	*state = b;
	return 0;
}

/* The name of a file of the recording. */
static inline const char *file(const struct bench *b, unsigned int number)
{
	static char name[160];

	if (number)
		snprintf(name, sizeof(name), "%s.%u", b->path, number);
	else
		snprintf(name, sizeof(name), "%s", b->path);
	return name;
}

static inline int teardown(void **state)
{
	struct bench *b = *state;

	for (unsigned int i = 0; i < 100; i++)
		unlink(file(b, i));
	assert_int_equal(rmdir(b->dir), 0);
	recording_free(b->recording);
	iopf_engine_free(b->engine);
	h_free(b->h);
	free(b);
	return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static inline void begin(struct bench *b)
{
	struct trace_info info = {
		.version = "1", .kernel = "6.12", .start_ns = 50, .start_realtime_ns = 9000 * SECOND
	};

	assert_int_equal(recording_open(&b->recording, &b->opts, &info), 0);
}

/* Records what the history has had since the last time. */
static inline int record(struct bench *b)
{
	int err = 0;

	while (b->at < b->h->nr_bytes && !err) {
		struct iopf_rec *rec = (struct iopf_rec *)(b->h->bytes + b->at);

		assert_int_equal(iopf_engine_feed(b->engine, rec), 0);
		err = recording_add(b->recording, rec);
		b->at += (rec->size + 7U) & ~7U;
	}
	return err;
}

static inline int tick(struct bench *b, uint64_t now_ns)
{
	struct recording_now now = { now_ns, now_ns, &b->so_far, 0 };

	return recording_tick(b->recording, &now);
}

/* Ends it without ending the file, as if the recorder had been killed. */
static inline void break_off(struct bench *b)
{
	recording_free(b->recording);
	b->recording = NULL;
}

/* The report on a file; to be freed. */
static inline struct iopf_report *report_on(const char *name)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *report;

	assert_int_equal(replay_report(name, &opts, &report), 0);
	return report;
}

/* User space answers what it was never given. */
static inline void stray(struct bench *b, uint64_t at_ns)
{
	struct iopf_rec_write w = {
		.enter_ns = at_ns - 10,
		.object = H_OBJECT,
		.count = 8,
		.ret = -22,
		.nr = 1,
		.answer = { { .cookie = 77 } },
	};

	H_PUT(b->h, w, IOPF_REC_WRITE, at_ns, IOPF_CTX_WRITE);
}

/* An object, a group that is answered, and a stray answer. */
static inline void tell_of_a_stray(struct bench *b)
{
	struct h_group g = h_group(1);

	h_alloc(b->h, H_OBJECT);
	h_enqueue(b->h, &g, 100, 110);
	h_read(b->h, &g, 150, 200);
	h_answer(b->h, &g, 300, 310);
	stray(b, 400);
}

#endif /* IOPFTRACE_TESTS_RECORDING_H */
