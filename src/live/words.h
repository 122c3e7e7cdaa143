/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Why this machine or this process cannot trace: one table of conditions, with what to do about each. */
#ifndef LIVE_WORDS_H
#define LIVE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "live.h"

/* What was being done. */
enum live_step {
	LIVE_SETUP, /* descriptors and memory of our own */
	LIVE_WATCH, /* of the processes of -p, @pid */
	LIVE_BTF, /* reading what the kernel has */
	LIVE_IOMMUFD, /* finding its fault handler there */
	LIVE_FUNCTION, /* finding @function there */
	LIVE_OPEN, /* reading the programs */
	LIVE_RING, /* making the ring buffer of @ring_bytes */
	LIVE_LOAD, /* maps and programs into the kernel */
	LIVE_MAP, /* the ring buffer into our memory */
	LIVE_PREPARE, /* the first program that is run */
	LIVE_ATTACH, /* to @function */
	LIVE_FOLLOW, /* telling which processes to follow */
	LIVE_DRAIN, /* tracing itself */
	LIVE_STEPS,
};

/* What is known of the machine and of this process, beside the error. Strings may be NULL. */
struct live_facts {
	const char *release; /* of the kernel */
	bool old_kernel; /* before 6.11 */
	bool no_sysfs, no_proc; /* not mounted */
	bool iommufd; /* the kernel has some of it */
	bool module_exists, modules_known; /* the module is installed; it was possible to look */
	bool may_load; /* CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN */
	bool may_all; /* CAP_SYS_ADMIN */
	bool is_module; /* iommufd is one, and is loaded */
	const char *lockdown; /* its mode */
	bool user_namespace; /* not the initial one */
	bool pid_namespace; /* the same */
	bool seccomp; /* a filter of system calls */
	bool ftrace_off;
	uint64_t nofile; /* RLIMIT_NOFILE */
	bool address_limit; /* RLIMIT_AS is set */
};

/* What went wrong. @function and @pid are as the step says. */
struct live_trouble {
	enum live_step step;
	int err; /* negative errno */
	const char *function;
	size_t ring_bytes;
	uint32_t pid;
};

/* Looks at the machine and at this process. The strings stay as long as the program. */
struct live_facts live_facts(void);

/* Fills in @error; returns the error of the trouble. */
int live_words(struct live_error *error, const struct live_trouble *trouble,
	       const struct live_facts *facts);

#endif /* LIVE_WORDS_H */
