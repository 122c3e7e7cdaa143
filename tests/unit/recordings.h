/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Recordings as 'iopftrace record' leaves them, of different kinds, for the tests that ask the program
 * itself what is in them. To be included after cmocka.h.
 */
#ifndef TESTS_RECORDINGS_H
#define TESTS_RECORDINGS_H

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "model.h"
#include "steady.h"
#include "trace/writer.h"

/* A file begun; @first is when its run began. */
static inline struct trace_writer *recording_begin(const char *dir, const char *name, int *fd)
{
	const struct trace_info info = {
		.version = "1.2.3",
		.kernel = "7.3.4",
		.machine = "x86_64",
		.command_line = "iopftrace record",
		.start_ns = 1,
		.start_realtime_ns = 1760000000000000000ULL,
	};
	struct trace_writer *w;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.data", dir, name);
	*fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(*fd >= 0);
	assert_int_equal(trace_writer_open(&w, *fd, &info), 0);
	return w;
}

/* Ends it at a time. */
static inline void recording_end(struct trace_writer *w, int fd, uint64_t end_ns)
{
	const struct iopf_run run = {
		.version = "1.2.3",
		.kernel = "7.3.4",
		.start_ns = 1,
		.end_ns = end_ns,
		.start_realtime_ns = 1760000000000000000ULL,
	};

	assert_int_equal(trace_writer_finish(w, &run), 0);
	trace_writer_free(w);
	assert_int_equal(close(fd), 0);
}

/* A history; @keep says of which records out of 100 are not lost. */
static inline void recording_of(const char *dir, const char *name, struct history *h,
				unsigned int keep)
{
	uint64_t random = 77;
	int fd;
	struct trace_writer *w = recording_begin(dir, name, &fd);

	for (size_t at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const struct iopf_rec *)(h->bytes + at);

		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		if ((random >> 33) % 100 < keep)
			assert_int_equal(trace_writer_add(w, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	recording_end(w, fd, h->last_ns + 1000);
}

/* A history of the model. */
static inline void recording_of_model(const char *dir, const char *name, struct m_opts opts,
				      unsigned int keep)
{
	struct model *m = m_new(&opts);

	recording_of(dir, name, m->h, keep);
	m_free(m);
}

/* A load as a VMM makes it. */
static inline void recording_of_steady(const char *dir, const char *name, unsigned int records,
				       uint64_t seed)
{
	struct steady *s = malloc(sizeof(*s));
	union steady_rec r;
	int fd;
	struct trace_writer *w = recording_begin(dir, name, &fd);

	assert_non_null(s);
	steady_begin(s, seed);
	while (records--)
		assert_int_equal(trace_writer_add(w, steady_next(s, &r)), 0);
	recording_end(w, fd, s->now_ns + 1000);
	free(s);
}

/* A time between 1 ns and 1 h, of any magnitude: tails do not come heavier. */
static inline uint64_t recording_time(struct steady *s)
{
	return (uint64_t)exp(steady_uniform(s) * log(3.6e12));
}

/* One group after the other, of which each stage takes any time. */
static inline void recording_of_tails(const char *dir, const char *name, unsigned int groups,
				      uint64_t seed)
{
	struct steady random = { .random = seed * 2 + 1 };
	struct history *h = h_new();
	uint64_t now = 1000;

	while (groups--) {
		struct h_group g = h_group(1 + groups % 400);
		uint64_t report_ns = now += 100, queue_ns, deliver_ns, write_ns;

		queue_ns = now += recording_time(&random);
		h_enqueue(h, &g, report_ns, queue_ns);
		deliver_ns = now += recording_time(&random);
		h_read(h, &g, deliver_ns - 1, deliver_ns);
		write_ns = now += recording_time(&random);
		now += recording_time(&random);
		h_answer(h, &g, write_ns, now);
	}
	recording_of(dir, name, h, 100);
	h_free(h);
}

#endif /* TESTS_RECORDINGS_H */
