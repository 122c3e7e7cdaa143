// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Files that are not as they were written, as a user meets them: never a crash, never a pass, little
 * memory, and the right exit code.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <zlib.h>

#define TRACE_PRIVATE
#include "trace_file.h"

#include "cmd/options.h"
#include "cmd/replay.h"
#include "steady.h"
#include "trace/block.h"

/* What a program that reads a file may take of memory, beyond what it has before. */
#define MEMORY_MAX ((rlim_t)80 << 20)

/* A file that passes, its bytes, and its copy that is damaged. */
struct victim {
	char path[64];
	uint8_t *bytes, *copy;
	size_t nr;
	int fd, standard_error;
};

/* What is complained of thousands of times is not to be seen. */
static void be_silent(struct victim *v)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	v->standard_error = dup(STDERR_FILENO);
	assert_true(null >= 0 && v->standard_error >= 0);
	dup2(null, STDERR_FILENO);
	close(null);
}

/* Records a load without fault, with counters in its middle. */
static int make_victim(struct victim *v, size_t records)
{
	struct iopf_run run = { .start_ns = 1, .records = records };
	static struct steady s;
	union steady_rec rec;
	struct trace_writer *w;

	*v = (struct victim){ .fd = file_new() };
	snprintf(v->path, sizeof(v->path), "/proc/self/fd/%d", v->fd);
	assert_int_equal(trace_writer_open(&w, v->fd, &(struct trace_info){ .start_ns = 1 }), 0);
	steady_begin(&s, 2);
	for (size_t i = 0; i < records; i++) {
		assert_int_equal(trace_writer_add(w, steady_next(&s, &rec)), 0);
		if (i == records / 2)
			assert_int_equal(trace_writer_counters(w, &run), 0);
	}
	run.end_ns = rec.h.time_ns;
	assert_int_equal(trace_writer_finish(w, &run), 0);
	trace_writer_free(w);
	v->bytes = file_bytes(v->fd, &v->nr);
	v->copy = malloc(v->nr);
	assert_non_null(v->copy);
	memcpy(v->copy, v->bytes, v->nr);
	be_silent(v);
	return 0;
}

static void free_victim(struct victim *v)
{
	dup2(v->standard_error, STDERR_FILENO);
	close(v->standard_error);
	close(v->fd);
	free(v->bytes);
	free(v->copy);
}

/* What 'check' would exit with. */
static int exit_code(const struct victim *v, size_t nr)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *report;
	int code;

	file_set(v->fd, v->copy, nr);
	code = replay_report(v->path, &opts, &report);
	if (code)
		return code;
	code = report->exit_code;
	assert_int_equal(report->verdict == IOPF_PASS, code == 0);
	assert_true(report->complete == (code == 0));
	iopf_report_free(report);
	return code;
}

static void cut_at_every_byte(void **state)
{
	struct victim v;

	(void)state;
	make_victim(&v, 120);
	for (size_t nr = 0; nr < v.nr; nr += STEADY_STEP) {
		int code = exit_code(&v, nr);

		/* 3 up to where the recording is described, then 5. */
		assert_true(code == 5 || (code == 3 && nr < 400));
	}
	assert_int_equal(exit_code(&v, v.nr), 0);
	free_victim(&v);
}

static void every_bit_flipped(void **state)
{
	struct victim v;

	(void)state;
	make_victim(&v, 120);
	for (size_t bit = 0; bit < 8 * v.nr; bit += STEADY_STEP) {
		int code;

		if (bit / 8 >= 10 && bit / 8 < sizeof(struct trace_file_head))
			continue; /* reserved: not looked at */
		v.copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		code = exit_code(&v, v.nr);
		assert_true(code == 3 || code == 5);
		v.copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	free_victim(&v);
}

static void ten_thousand_at_random(void **state)
{
	struct victim v;

	(void)state;
	make_victim(&v, 2000);
	for (unsigned int round = 0; round < 10000; round += STEADY_STEP) {
		size_t flips = 1 + file_below(8), at[8];
		bool harmless = true;
		int code;

		for (size_t i = 0; i < flips; i++) {
			at[i] = file_below(8 * v.nr);
			v.copy[at[i] / 8] ^= (uint8_t)(1U << at[i] % 8);
		}
		for (size_t i = 0; i < v.nr && harmless; i++)
			harmless = v.copy[i] == v.bytes[i] || (i >= 10 && i < 16);
		code = exit_code(&v, v.nr - (round % 5 ? 0 : file_below(v.nr)));
		assert_true(code == 3 || code == 5 || (harmless && !code));
		memcpy(v.copy, v.bytes, v.nr);
	}
	free_victim(&v);
}

/* How large this process is, in bytes. */
static rlim_t process_size(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &pages), 1);
	fclose(file);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* What 'report FILE' exits with when it may not have much memory. */
static int run_report(const char *path)
{
	char *argv[] = {
		"iopftrace", "report", "-f", "json", "-o", "/dev/null", (char *)path, NULL
	};
	struct rlimit limit = { process_size() + MEMORY_MAX, RLIM_INFINITY };
	struct options_error error;
	struct options options;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (setrlimit(RLIMIT_AS, &limit) || options_parse(&options, 7, argv, &error))
			_exit(99);
		_exit(cmd_report(&options));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status)); /* and was not killed by a signal */
	return WEXITSTATUS(status);
}

/* Makes the file one of a head, an INFO block, and one more block. */
static void set_block(struct victim *v, struct trace_block_head head, const void *stored)
{
	struct trace_block_head info;
	uint8_t *bytes;
	size_t from;

	memcpy(&info, v->bytes + sizeof(struct trace_file_head), sizeof(info));
	from = sizeof(struct trace_file_head) + sizeof(info) + info.stored;
	bytes = malloc(from + sizeof(head) + (stored ? head.stored : 0));
	assert_non_null(bytes);
	if (stored)
		block_seal(&head, stored);
	head.magic = TRACE_BLOCK_MAGIC;
	memcpy(bytes, v->bytes, from);
	memcpy(bytes + from, &head, sizeof(head));
	if (stored)
		memcpy(bytes + from + sizeof(head), stored, head.stored);
	file_set(v->fd, bytes, from + sizeof(head) + (stored ? head.stored : 0));
	free(bytes);
}

static void absurd_lengths_take_no_memory(void **state)
{
	static const uint16_t kinds[] = { TRACE_KIND_INFO, TRACE_KIND_RECORDS, TRACE_KIND_END,
					  TRACE_KIND_COUNTERS, 77 };
	struct victim v;

	(void)state;
	make_victim(&v, 120);
	for (size_t i = 0; i < 5; i++) {
		for (unsigned int shift = 22; shift < 32; shift++) {
			struct trace_block_head head = { .kind = kinds[i], .encoding = 1 };

			head.stored = head.inflated = head.records = head.image = 1U << shift;
			set_block(&v, head, NULL);
			assert_int_equal(run_report(v.path), 5);
		}
	}
	free_victim(&v);
}

static void bombs_take_no_memory(void **state)
{
	struct trace_block_head head = { .kind = TRACE_KIND_RECORDS,
					 .encoding = TRACE_ENCODING_DEFLATED,
					 .records = 1,
					 .image = 32,
					 .inflated = TRACE_BLOCK_MAX };
	uLongf packed = 1 << 20;
	uint8_t *bomb = malloc(packed), *zeros = calloc(1, 256 << 20);
	struct victim v;

	(void)state;
	assert_true(bomb && zeros);
	assert_int_equal(compress2(bomb, &packed, zeros, 256 << 20, 9), Z_OK);
	free(zeros);
	make_victim(&v, 120);
	head.stored = (uint32_t)packed;
	set_block(&v, head, bomb);
	assert_int_equal(run_report(v.path), 5);
	head.kind =
		TRACE_KIND_COUNTERS; /* such blocks are not compressed: this one is not looked at */
	set_block(&v, head, bomb);
	assert_int_equal(run_report(v.path), 5);
	free_victim(&v);
	free(bomb);
}

/* What is no trace at all, or is none any more. */
static void no_trace_is_a_usage_error(void **state)
{
	struct victim v;

	(void)state;
	make_victim(&v, 120);
	file_set(v.fd, v.bytes, 0);
	assert_int_equal(run_report(v.path), 3);
	file_set(v.fd, v.bytes, 100);
	assert_int_equal(run_report(v.path), 3);
	v.copy[0] ^= 1;
	file_set(v.fd, v.copy, v.nr);
	assert_int_equal(run_report(v.path), 3);
	assert_int_equal(run_report("/dev/zero"), 3);
	assert_int_equal(run_report("/nonexistent"), 3);
	assert_int_equal(run_report("/"), 3);
	file_set(v.fd, v.bytes, v.nr);
	assert_int_equal(run_report(v.path), 0);
	free_victim(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(every_bit_flipped),
		cmocka_unit_test(ten_thousand_at_random),
		cmocka_unit_test(absurd_lengths_take_no_memory),
		cmocka_unit_test(bombs_take_no_memory),
		cmocka_unit_test(no_trace_is_a_usage_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
