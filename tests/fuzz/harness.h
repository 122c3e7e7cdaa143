/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the fuzzers have in common: the program's verbs run in this process, on memory instead of files,
 * and what is held against them beside that they do not crash: the bounds of memory and time, exit
 * codes, and outputs that are what they say they are.
 */
#ifndef TESTS_FUZZ_HARNESS_H
#define TESTS_FUZZ_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As libFuzzer calls and offers them. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
				 size_t size2, uint8_t *out, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* A file in memory with these bytes, to be read from its beginning. It is one of @FUZZ_FILES. */
#define FUZZ_FILES 3
int fuzz_file(unsigned int which, const void *data, size_t size);

/* Makes that standard input: what verbs call "-", or FUZZ_INPUT, which can be opened twice. */
#define FUZZ_INPUT "/proc/self/fd/0"
void fuzz_set_input(const void *data, size_t size);

/* What a verb has done. Belongs to the harness, until the next one. */
struct fuzz_result {
	int code;
	char *out, *err; /* what it wrote, NUL-terminated */
	size_t out_size, err_size;
};

/* Runs a command line of words with single spaces between them, without the program's name. */
const struct fuzz_result *fuzz_run(const char *line);

/* Ends the fuzzer, which keeps the input: something is wrong with what was done. */
__attribute__((noreturn, format(printf, 1, 2))) void fuzz_fail(const char *fmt, ...);

/*
 * From here to there no more memory is held at one time than @bytes, and no more time of this thread is
 * taken than @ns.
 */
void fuzz_begin(void);
void fuzz_end(uint64_t bytes, uint64_t ns);

/*
 * Whether a text is whole JSON, or one on each line. Fails otherwise. False when it has a number from 2^63
 * on: that is JSON too, but the library that 'diff' reads it with refuses it.
 */
bool fuzz_is_json(const char *text, size_t size);
void fuzz_is_json_lines(const char *text, size_t size);

/* Whether a text has nothing in it that a terminal would obey. Fails otherwise. */
void fuzz_is_printable(const char *text, size_t size);

/* Random numbers that are the same whenever the seed is. */
void fuzz_seed(uint64_t seed);
uint64_t fuzz_random(void);
uint64_t fuzz_below(uint64_t n); /* 0 for 0 */

#endif /* TESTS_FUZZ_HARNESS_H */
