/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user asked for. */
#ifndef LOAD_OPTS_H
#define LOAD_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "delay.h"
#include "kinds.h"

enum io_mode {
	IO_BLOCKING, /* read(), and poll() when it returned nothing */
	IO_POLL, /* poll(), then read() */
	IO_URING, /* IORING_OP_READ and IORING_OP_WRITE */
};

enum answer_order {
	ORDER_FIFO,
	ORDER_LIFO,
	ORDER_RANDOM,
};

/* Exit codes */
enum {
	LOAD_OK = 0,
	LOAD_UNEXPECTED = 1, /* the kernel did what it should not */
	LOAD_USAGE = 3,
	LOAD_UNSUPPORTED = 4, /* no mock device, no io_uring ... */
	LOAD_ERROR = 6, /* out of memory, cannot write the output ... */
};

struct opts {
	uint64_t groups;
	uint64_t devices;
	uint64_t objects;
	uint64_t pasids;
	bool own_pasids;
	bool grpid_wrap;
	uint64_t pages; /* of the largest groups; more than 1 needs the test module */

	uint64_t triggers;
	uint64_t in_flight; /* 0 = no limit */
	double rate; /* groups a second, 0 = no limit */
	bool sync;
	uint64_t timeout; /* ns without progress */

	uint64_t readers;
	uint64_t writers; /* 0 = readers answer themselves */
	uint64_t batch; /* 0 = the default of the mode */
	uint64_t write_batch;
	enum io_mode io;
	bool uring_async;
	bool sqpoll;
	struct delay delay;
	struct delay wait_delay;

	enum answer_order order;
	uint64_t unanswered;
	uint64_t invalid; /* groups, after invalid_percent was applied */
	double invalid_percent;
	uint64_t seed;
	uint64_t acts[KIND_COUNT]; /* --misbehave: how often each kind */
	bool busy;
	uint64_t slow; /* ns: how long slow things take */
	bool random_legal;
	uint64_t random_seed;

	const char *output;
	bool samples;
	bool no_truth;
};

/*
 * Fill @o from the command line. Returns 0, -EINVAL after saying what is wrong
 * on stderr, or 1 when an option such as --help did all there was to do.
 */
int opts_parse(struct opts *o, int argc, char **argv);

/* Defaults of the mode, then what does not fit together: -EINVAL, with a message */
int opts_check(struct opts *o);

/* Groups that all acts together trigger */
uint64_t opts_act_groups(const struct opts *o);

/* Is any kind with one of @flags wanted? */
bool opts_any(const struct opts *o, unsigned int flags);

/* Does any of it need the test module? */
bool opts_need_module(const struct opts *o);

/* The option list of --help */
void opts_help(FILE *f);

#endif
