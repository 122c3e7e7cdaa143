// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What is said when tracing cannot begin: each cause has its own words, remedy and exit code. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "live/words.h"

/* A machine on which nothing is wrong. */
static const struct live_facts good = {
	.release = "6.12.3",
	.iommufd = true,
	.module_exists = true,
	.modules_known = true,
	.may_load = true,
	.may_all = true,
	.nofile = 1024,
};

static struct live_error error;

/* What is said of a trouble, on a machine with these facts. */
static const char *said(enum live_step step, int err, const struct live_facts *facts)
{
	const struct live_trouble trouble = { .step = step,
					      .err = -err,
					      .function = "iopf_group_response",
					      .ring_bytes = (size_t)1 << 30,
					      .pid = 42 };

	assert_int_equal(live_words(&error, &trouble, facts), -err);
	return error.text;
}

static void expect(const char *text, const char *part, bool usage, bool cannot_run)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in: %s", part, text);
	assert_int_equal(error.usage, usage);
	assert_int_equal(error.cannot_run, cannot_run);
}

#define EXPECT_USAGE(text, part) expect(text, part, true, false)
#define EXPECT_CANNOT(text, part) expect(text, part, false, true)
#define EXPECT_RUNTIME(text, part) expect(text, part, false, false)

/* Our own limits are nothing that another tracer, the kernel or a report could do something about. */
static void limits_are_told_in_every_step(void **state)
{
	(void)state;
	for (int step = 0; step < LIVE_STEPS; step++) {
		EXPECT_RUNTIME(said(step, EMFILE, &good), "this process may have 1024");
		EXPECT_RUNTIME(said(step, EMFILE, &good), "ulimit -n");
		EXPECT_RUNTIME(said(step, ENFILE, &good), "fs.file-max");
		assert_null(strstr(said(step, ENOMEM, &good), "report it"));
		assert_null(strstr(said(step, ENOMEM, &good), "tracer"));
	}
}

static void a_ring_that_is_not_to_be_had_says_its_size(void **state)
{
	struct live_facts limited = good;

	(void)state;
	limited.address_limit = true;
	EXPECT_RUNTIME(said(LIVE_RING, ENOMEM, &good), "no memory for a ring buffer of 1G: use a "
						       "smaller --buffer");
	EXPECT_USAGE(said(LIVE_RING, E2BIG, &good), "1G is larger than the kernel has any");
	EXPECT_RUNTIME(said(LIVE_MAP, ENOMEM, &good), "no memory to map a ring buffer of 1G");
	EXPECT_RUNTIME(said(LIVE_MAP, ENOMEM, &limited), "ulimit -v");
	EXPECT_RUNTIME(said(LIVE_LOAD, ENOMEM, &good), "no memory for the tracing programs");
}

static void processes_are_told_apart(void **state)
{
	struct live_facts inside = good, bare = good;

	(void)state;
	inside.pid_namespace = true;
	bare.no_proc = true;
	EXPECT_CANNOT(said(LIVE_WATCH, EXDEV, &inside), "-p 42: this is inside a PID namespace");
	EXPECT_CANNOT(said(LIVE_WATCH, EXDEV, &bare), "/proc is not mounted");
	EXPECT_USAGE(said(LIVE_WATCH, ESRCH, &good), "-p 42: no such process");
	EXPECT_USAGE(said(LIVE_WATCH, EINVAL, &good), "-p 42: this is a thread");
	EXPECT_USAGE(said(LIVE_WATCH, ENOENT, &good), "-p 42: this is a thread");
	EXPECT_RUNTIME(said(LIVE_WATCH, EACCES, &good), "cannot watch the process");
}

static void a_missing_iommufd_has_a_reason(void **state)
{
	struct live_facts f = good;

	(void)state;
	EXPECT_CANNOT(said(LIVE_IOMMUFD, ENOENT, &f), "has another name, or was inlined");
	f.iommufd = false;
	EXPECT_CANNOT(said(LIVE_IOMMUFD, ENOENT, &f), "not loaded: modprobe iommufd");
	f.module_exists = false;
	EXPECT_CANNOT(said(LIVE_IOMMUFD, ENOENT, &f), "CONFIG_IOMMUFD");
	f.modules_known = false;
	EXPECT_CANNOT(said(LIVE_IOMMUFD, ENOENT, &f), "not to be seen from here");
	f.old_kernel = true;
	EXPECT_CANNOT(said(LIVE_IOMMUFD, ENOENT, &f), "in 6.11 and later");
	EXPECT_CANNOT(said(LIVE_FUNCTION, ENOENT, &f), "Linux 6.12.3 has no function "
						       "iopf_group_response(): iopftrace needs "
						       "6.11");
	EXPECT_CANNOT(said(LIVE_FUNCTION, ENOENT, &good), "please report it");
	EXPECT_CANNOT(said(LIVE_BTF, ENOENT, &good), "CONFIG_DEBUG_INFO_BTF=y");
	f.no_sysfs = true;
	EXPECT_CANNOT(said(LIVE_BTF, ENOENT, &f), "/sys is not mounted");
	EXPECT_CANNOT(said(LIVE_BTF, EACCES, &good), "cannot be read, which everybody may");
}

static void what_is_not_permitted_says_by_whom(void **state)
{
	struct live_facts f = good;

	(void)state;
	EXPECT_CANNOT(said(LIVE_LOAD, EPERM, &f), "a security module forbids bpf()");
	f.seccomp = true;
	EXPECT_CANNOT(said(LIVE_LOAD, EPERM, &f), "seccomp");
	f = good;
	f.lockdown = "confidentiality";
	EXPECT_CANNOT(said(LIVE_LOAD, EINVAL, &f), "locked down (confidentiality)");
	f.lockdown = "integrity"; /* which lets BPF read */
	EXPECT_CANNOT(said(LIVE_LOAD, EINVAL, &f), "did not accept the tracing programs");
	f = good;
	f.may_all = false;
	f.is_module = true;
	EXPECT_CANNOT(said(LIVE_LOAD, ESRCH, &f), "takes CAP_SYS_ADMIN");
	EXPECT_CANNOT(said(LIVE_LOAD, EINVAL, &f), "please report it");
	f.may_load = false;
	EXPECT_CANNOT(said(LIVE_RING, EPERM, &f), "CAP_BPF and CAP_PERFMON");
	f.user_namespace = true;
	EXPECT_CANNOT(said(LIVE_RING, EPERM, &f), "no capability counts");
	EXPECT_CANNOT(said(LIVE_LOAD, ENOSYS, &good), "CONFIG_BPF_SYSCALL");
}

/* Only what is on the function is called a tracer. */
static void attaching_fails_for_one_reason(void **state)
{
	struct live_facts off = good;

	(void)state;
	off.ftrace_off = true;
	EXPECT_CANNOT(said(LIVE_ATTACH, EBUSY, &good), "another tracer or a live patch is on it");
	EXPECT_CANNOT(said(LIVE_ATTACH, E2BIG, &good), "as many BPF programs as the kernel takes");
	EXPECT_CANNOT(said(LIVE_ATTACH, EBUSY, &off), "kernel.ftrace_enabled=1");
	EXPECT_CANNOT(said(LIVE_ATTACH, ENODEV, &good), "No such device; please report it");
	assert_null(strstr(error.text, "tracer"));
	EXPECT_RUNTIME(said(LIVE_ATTACH, ENOMEM, &good), "no memory for the tracing programs");
}

/* There are words for everything, with nothing left to fill in, and they fit. */
static void every_error_has_whole_words(void **state)
{
	(void)state;
	for (int step = 0; step < LIVE_STEPS; step++) {
		for (int err = 1; err < 134; err++) {
			const char *text = said(step, err, &good);

			if (!*text || strpbrk(text, "{}") || strlen(text) > sizeof(error.text) - 2)
				fail_msg("step %d, error %d: '%s'", step, err, text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_told_in_every_step),
		cmocka_unit_test(a_ring_that_is_not_to_be_had_says_its_size),
		cmocka_unit_test(processes_are_told_apart),
		cmocka_unit_test(a_missing_iommufd_has_a_reason),
		cmocka_unit_test(what_is_not_permitted_says_by_whom),
		cmocka_unit_test(attaching_fails_for_one_reason),
		cmocka_unit_test(every_error_has_whole_words),
	};

	return cmocka_run_group_tests_name("live words", tests, NULL, NULL);
}
