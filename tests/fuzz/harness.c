// SPDX-License-Identifier: GPL-2.0-only
#include "harness.h"

#include <inttypes.h>
#include <jansson.h>
#include <sanitizer/allocator_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cmd/exit_codes.h"
#include "cmd/options.h"
#include "cmd/verbs.h"

#define WORDS_MAX 32

static FILE *messages; /* ours, and libFuzzer's */
static int files[FUZZ_FILES];
static struct fuzz_result result;

/* Memory that is held now, and most of it since fuzz_begin(). */
static size_t held, peak, held_before;
static uint64_t began_ns;

static void on_malloc(const volatile void *p, size_t size)
{
	(void)p;
	held += size;
	peak = held > peak ? held : peak;
}

static void on_free(const volatile void *p)
{
	if (p)
		held -= __sanitizer_get_allocated_size(p);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	messages = stderr;
	for (unsigned int i = 0; i < FUZZ_FILES; i++) {
		files[i] = memfd_create("input", MFD_CLOEXEC);
		if (files[i] < 0)
			abort();
	}
	if (dup2(files[0], STDIN_FILENO) < 0)
		abort();
	setenv("NO_COLOR", "1", 1);
	__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
	return 0;
}

void fuzz_fail(const char *fmt, ...)
{
	va_list args;

	fputs("FUZZ: ", messages);
	va_start(args, fmt);
	vfprintf(messages, fmt, args);
	va_end(args);
	fputc('\n', messages);
	if (result.err)
		fprintf(messages, "messages of the program: %.2000s\n", result.err);
	fflush(messages);
	abort();
}

int fuzz_file(unsigned int which, const void *data, size_t size)
{
	int fd = files[which];

	if (ftruncate(fd, 0) || (size && pwrite(fd, data, size, 0) != (ssize_t)size) ||
	    lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

void fuzz_set_input(const void *data, size_t size)
{
	fuzz_file(0, data, size);
}

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

void fuzz_begin(void)
{
	peak = held_before = held;
	began_ns = cpu_ns();
}

void fuzz_end(uint64_t bytes, uint64_t ns)
{
	uint64_t took_ns = cpu_ns() - began_ns;

	if (peak - held_before > bytes)
		fuzz_fail("held %zu bytes at a time, where %" PRIu64 " are enough",
			  peak - held_before, bytes);
	if (took_ns > ns)
		fuzz_fail("took %" PRIu64 " ns, where %" PRIu64 " are enough", took_ns, ns);
}

/* The verbs that read files. */
static int run_verb(const struct options *options)
{
	switch (options->verb) {
	case VERB_REPORT:
		return cmd_report(options);
	case VERB_CHECK:
		return cmd_check(options);
	case VERB_TRACE:
		return cmd_trace(options);
	case VERB_EXPLAIN:
		return cmd_explain(options);
	case VERB_DIFF:
		return cmd_diff(options);
	default:
		return cmd_list(options);
	}
}

const struct fuzz_result *fuzz_run(const char *line)
{
	char words[512], *argv[WORDS_MAX + 1] = { "iopftrace" }, *rest = words, *word;
	FILE *out = stdout, *err = stderr;
	struct options_error error;
	struct options options;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	while (argc < WORDS_MAX && (word = strsep(&rest, " ")))
		argv[argc++] = word;
	argv[argc] = NULL;
	if (options_parse(&options, argc, argv, &error))
		fuzz_fail("'%s' is no command line: %s", line, error.text);
	free(result.out);
	free(result.err);
	stdout = open_memstream(&result.out, &result.out_size);
	stderr = open_memstream(&result.err, &result.err_size);
	if (!stdout || !stderr)
		abort();
	result.code = run_verb(&options);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	/* More is not an exit code: a shell would see the rest of it. */
	if (result.code < 0 || result.code > 255)
		fuzz_fail("'%s': exit code %d", line, result.code);
	if (result.code == EXIT_USAGE && result.out_size)
		fuzz_fail("'%s': exit code %d, and output", line, result.code);
	fuzz_is_printable(result.err, result.err_size);
	return &result;
}

bool fuzz_is_json(const char *text, size_t size)
{
	json_error_t error;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);

	if (!json && json_error_code(&error) == json_error_numeric_overflow)
		return false;
	if (!json)
		fuzz_fail("no JSON, at line %d: %s: %.300s", error.line, error.text, text);
	json_decref(json);
	return true;
}

void fuzz_is_json_lines(const char *text, size_t size)
{
	const char *end = text + size, *line;

	for (line = text; line < end; line++) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		if (!newline)
			fuzz_fail("a line of JSON does not end: %.300s", line);
		fuzz_is_json(line, (size_t)(newline - line));
		line = newline;
	}
}

void fuzz_is_printable(const char *text, size_t size)
{
	const uint8_t *c = (const uint8_t *)text;

	for (size_t i = 0; i < size; i++) {
		bool c1 = c[i] == 0xc2 && i + 1 < size && c[i + 1] >= 0x80 && c[i + 1] < 0xa0;

		/* CSV's lines end as RFC 4180 has it. */
		bool line = c[i] == '\n' || (c[i] == '\r' && i + 1 < size && c[i + 1] == '\n');

		if ((c[i] < ' ' && !line && c[i] != '\t') || c[i] == 0x7f || c1)
			fuzz_fail("a control character %#x is shown: %.300s", c[i],
				  text + (i < 100 ? 0 : i - 100));
	}
}

static uint64_t state = 1;

void fuzz_seed(uint64_t seed)
{
	state = seed * 0x9e3779b97f4a7c15ULL | 1;
}

uint64_t fuzz_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

uint64_t fuzz_below(uint64_t n)
{
	return n ? (fuzz_random() >> 11) % n : 0;
}
