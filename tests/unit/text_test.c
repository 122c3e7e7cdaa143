// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What people see: the screen of a report. */
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "golden.h"
#include "output/output.h"
#include "format.h"
#include "sample_report.h"
#include "screen.h"

static struct sample sample;

/* What the format writes; to be freed. */
static char *show(const struct output_opts *opts)
{
	return format_show(output_text, &sample.report, opts);
}

/* Compares a screen with a golden file. */
static void check(const char *name, const struct output_opts *opts)
{
	char *text = show(opts);

	golden_check(name, text);
	free(text);
}

/* Whether the screen has this text somewhere, however it is broken into lines. */
static void assert_shows(const char *expected)
{
	screen_assert_shows(&sample.report, expected);
}

/* Whether the last line of the screen, quiet or not, is this one. */
static void assert_ends(const char *expected)
{
	struct output_opts opts;

	output_opts_init(&opts);
	for (int quiet = 0; quiet < 2; quiet++) {
		char *text, *last;

		opts.quiet = quiet;
		text = show(&opts);
		text[strlen(text) - 1] = '\0';
		last = strrchr(text, '\n');
		last = last ? last + 1 : text;
		assert_string_equal(last + strspn(last, " "), expected);
		free(text);
	}
}

static void usual_screen(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	check("text_pass.txt", &opts);
	opts.quiet = true;
	check("text_quiet.txt", &opts);
}

static void the_reason_comes_first(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	sample_lossy(&sample);
	check("text_lossy.txt", &opts);
}

static void verbose_shows_more(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	opts.verbose = true;
	sample_lossy(&sample);
	check("text_verbose.txt", &opts);
}

static void colour_only_when_asked(void **state)
{
	struct output_opts opts;
	char *plain;

	(void)state;
	output_opts_init(&opts);
	sample_lossy(&sample);
	plain = show(&opts);
	assert_null(strchr(plain, '\033'));
	free(plain);
	opts.color = true;
	check("text_color.txt", &opts);
}

static void no_groups_no_tables(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	sample_empty(&sample);
	sample.report.verdict = IOPF_INCONCLUSIVE;
	sample.report.exit_code = 5;
	sample.report.doubt[IOPF_DOUBT_FEW_GROUPS] = true;
	check("text_empty.txt", &opts);
	sample.report.out_of_scope.groups = 12;
	sample.report.out_of_scope.objects = 2;
	sample.report.out_of_scope.events = 40;
	sample.report.groups.reported = 3;
	check("text_empty_others.txt", &opts);
}

static void other_percentiles_and_units(void **state)
{
	struct output_opts opts;
	static const double many[] = { 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999 };

	(void)state;
	output_opts_init(&opts);
	memcpy(opts.percentile, many, sizeof(many));
	opts.nr_percentiles = sizeof(many) / sizeof(many[0]);
	opts.unit = UNITS_US;
	opts.slowest = 2;
	sample_pass(&sample);
	check("text_percentiles.txt", &opts);
}

static void every_doubt_has_its_sentence(void **state)
{
	static const char *const sentences[] = {
		[IOPF_DOUBT_LOST] = "1,234 events lost (ring buffer full) at 2 places, first after "
				    "1.203 s: use --buffer 64M",
		[IOPF_DOUBT_MISSED] = "the kernel skipped 3 probe runs, so calls are missing: stop "
				      "other tracers",
		[IOPF_DOUBT_PROBE] = "a probe that the figures need is not attached",
		[IOPF_DOUBT_FEW_GROUPS] = "only 16,385 groups were seen, at least 20,000 wanted: "
					  "trace longer, or ask for fewer with --min-groups",
		[IOPF_DOUBT_CUT] =
			"the end was not seen: the figures are lower bounds; the recording "
			"is too old to tell why",
		[IOPF_DOUBT_LIMIT] =
			"more than 65,536 requests waited for the last one of their group, so that "
			"IOPF020 does not know of later ones: trace for a shorter time",
		[IOPF_DOUBT_BALANCE] = "the counts do not add up though nothing was lost: please "
				       "report this",
		[IOPF_DOUBT_ASSERTION] = "nothing was counted that tells whether",
		[IOPF_DOUBT_RESPONDER] = "2 groups were answered by a caller that is not known: a "
					 "function of this kernel answers groups",
		[IOPF_DOUBT_UNDECIDED] =
			"what a rule suspects depends on a read or a write that had "
			"not returned",
		[IOPF_DOUBT_UNFOLLOWED] =
			"3 processes of the scope were not followed, so that what only they did is not in the "
			"figures, for a reason that the recording does not tell",
		[IOPF_DOUBT_MEMORY] =
			"was followed, and nothing judged, since that took more than 64M, the limit of "
			"memory: raise --memory-limit, or trace less at a time",
	};
	unsigned int doubt;

	(void)state;
	sample_lossy(&sample);
	memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
	sample.report.doubt[IOPF_DOUBT_MISSED] = true;
	sample.report.lost.probe_misses = 1203;
	sample.report.misses.left[IOPF_PROBE_ENQUEUE] = 1200;
	for (unsigned int i = IOPF_PROBE_AUTO_ENTRY; i <= IOPF_PROBE_DESTROY_EXIT; i++)
		sample.report.misses.left[i] = 1;
	assert_shows("the kernel skipped 1,203 probe runs (1,200 of enqueue, 1 of auto-entry, 1 of "
		     "auto-exit, and 2 programs more), so calls are missing");
	_Static_assert(sizeof(sentences) / sizeof(sentences[0]) == IOPF_DOUBTS, "");
	for (doubt = 0; doubt < IOPF_DOUBTS; doubt++) {
		sample_lossy(&sample);
		memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
		sample.report.doubt[doubt] = true;
		sample.report.lost.probe_misses = 5;
		sample.report.lost.made_good = 2;
		sample.report.min_groups = 20000;
		sample.report.groups.answered_by[IOPF_BY_UNKNOWN] = 2;
		sample.report.unfollowed = 3;
		sample.report.undecided = 1U << IOPF_UNDECIDED_INSIDE;
		sample.report.memory_limit = 64 << 20;
		sample.report.limits = doubt == IOPF_DOUBT_MEMORY ? 1U << IOPF_LIMIT_MEMORY :
								    1U << IOPF_LIMIT_PARKED;
		assert_shows(sentences[doubt]);
	}
}

/* Why processes were not followed is told apart, each with its remedy; of old recordings it is not known. */
static void why_processes_were_not_followed(void **state)
{
	(void)state;
	sample_lossy(&sample);
	memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
	sample.report.doubt[IOPF_DOUBT_UNFOLLOWED] = true;
	sample.report.unfollowed = 8;
	sample.report.unfollowed_by[IOPF_UNFOLLOWED_FULL] = 4;
	sample.report.unfollowed_by[IOPF_UNFOLLOWED_MEMORY] = 1;
	assert_shows(
		"4 processes of the scope were not followed, so that what only they did is not in the "
		"figures, since there were as many as the kernel side follows: use --system-wide, "
		"which follows none; 1 process of the scope was not followed, so that what only it "
		"did is not in the figures, since the kernel had no memory to note it: free some, "
		"raise the limit of the cgroup (memory.max), or use --system-wide; 3 processes of "
		"the scope were not followed, so that what only they did is not in the figures, "
		"for a reason that the recording does not tell: use --system-wide");
}

/* Each limit of the checker has its own words. */
static void every_limit_has_its_sentence(void **state)
{
	static const char *const sentences[] = {
		[IOPF_LIMIT_MEMORY] = "more than 64M, the limit of memory: raise --memory-limit",
		[IOPF_LIMIT_SYSTEM] = "the system had no memory left: free some",
		[IOPF_LIMIT_GROUPS] = "more groups were outstanding at one time than are followed",
		[IOPF_LIMIT_OBJECTS] = "there were more than 131,071 fault objects",
		[IOPF_LIMIT_DEVICES] = "there were more than 65,535 devices",
		[IOPF_LIMIT_TASKS] = "more than 1,048,576 tasks",
		[IOPF_LIMIT_HANDLES] = "one attach handle was of more than 64 devices",
		[IOPF_LIMIT_COOKIES] =
			"more than 64 groups of one fault object had the same cookie",
		[IOPF_LIMIT_SUSPICIONS] = "there were more than 65,535 suspicions",
		[IOPF_LIMIT_FINDINGS] = "there were more than 512 findings that only the end",
		[IOPF_LIMIT_PARKED] = "more than 65,536 requests waited",
		[IOPF_LIMIT_QUEUE] = "a read returned 0 while many groups were queued",
		[IOPF_LIMIT_HISTOGRAMS] = "fault objects that CMD did not use at first",
		[IOPF_LIMIT_WRITES] = "more than 1,024 writes to one fault object were short",
	};

	(void)state;
	_Static_assert(sizeof(sentences) / sizeof(sentences[0]) == IOPF_LIMITS, "");
	for (unsigned int limit = 0; limit < IOPF_LIMITS; limit++) {
		sample_lossy(&sample);
		memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
		sample.report.memory_limit = 64 << 20;
		sample.report.limits = 1U << limit;
		sample.report
			.doubt[limit <= IOPF_LIMIT_SYSTEM ? IOPF_DOUBT_MEMORY : IOPF_DOUBT_LIMIT] =
			true;
		assert_shows(sentences[limit]);
	}
}

/* One doubt may have several causes: each has its own words, and none blames what it does not know. */
static void a_doubt_says_its_cause(void **state)
{
	(void)state;
	sample_lossy(&sample);
	memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
	memset(&sample.report.lost, 0, sizeof(sample.report.lost));
	sample.report.doubt[IOPF_DOUBT_MISSED] = true;
	assert_shows("the recording does not tell whether the kernel skipped probe runs");
	sample.report.groups.answered_by[IOPF_BY_UNKNOWN] = 1;
	sample.report.doubt[IOPF_DOUBT_RESPONDER] = true;
	assert_shows(
		"1 group was answered by a caller that is not known: the probe that would have "
		"seen it may be one that was skipped");
	sample.report.doubt[IOPF_DOUBT_MISSED] = false;
	sample.report.doubt[IOPF_DOUBT_LOST] = true;
	sample.report.lost.reason[IOPF_LOST_CONTEXT] = sample.report.lost.events = 1;
	assert_shows("its task had no slot, so that its call was not seen");
	sample.report.doubt[IOPF_DOUBT_LOST] = sample.report.doubt[IOPF_DOUBT_RESPONDER] = false;

	sample.report.doubt[IOPF_DOUBT_CUT] = true;
	sample.report.why_cut = IOPF_CUT_SIGNAL;
	assert_shows("because tracing was stopped a second time: the figures are lower bounds; "
		     "wait after the first Ctrl-C");
	sample.report.why_cut = IOPF_CUT_LATE;
	assert_shows("because a record that had been begun was not finished within a second");
	sample.report.why_cut = IOPF_CUT_LOSSES;
	assert_shows("lost for a reason that takes a newer iopftrace to name");
	sample.report.doubt[IOPF_DOUBT_CUT] = false;

	sample.report.doubt[IOPF_DOUBT_UNDECIDED] = true;
	sample.report.undecided = 1U << IOPF_UNDECIDED_INSIDE;
	assert_shows(
		"a write that had not returned when tracing ended: trace until it has returned");
	sample.report.unlooked = true;
	assert_shows("which this kernel does not let iopftrace look for");
	sample.report.continued = true;
	assert_shows("depends on what comes in the next file, which continues this one");
	sample.report.undecided = 1U << IOPF_UNDECIDED_SHORT | 1U << IOPF_UNDECIDED_READS;
	assert_shows(
		"depends on why a write stopped short, which its result does not tell: write what "
		"is left again, so that the kernel says why; what a rule suspects depends on what "
		"reads returned, and what buffers showed of that does not add up");
	sample.report.undecided = 1U << IOPF_UNDECIDED_BUSY;
	assert_shows("it was in use just then");
	sample.report.undecided = 1U << IOPF_UNDECIDED_ANSWER;
	assert_shows("depends on when a group was answered, and that was not seen");
	sample.report.doubt[IOPF_DOUBT_UNDECIDED] = false;

	sample.report.doubt[IOPF_DOUBT_PROBE] = true;
	sample.report.absent_first = sample.report.absent =
		1U << IOPF_PROBE_DISCARD | 1U << IOPF_PROBE_DRIVER;
	assert_shows(
		"the page_response() of a driver is not probed, iopf_queue_discard_partial() is "
		"not probed: standard error told why when tracing began");
	sample.report.absent_first = 0;
	assert_shows(
		"the driver of a device is told its answers by a function that iopftrace does "
		"not watch: please report it with the driver's name; "
		"iopf_queue_discard_partial() is not probed any more, or not always: something "
		"took the probe off while tracing");
}

/* What is missing from a file is the cause of the rest, which no advice about the run mends. */
static void a_recording_that_breaks_off(void **state)
{
	static const char *const expected[] = {
		[IOPF_INPUT_EARLY] =
			" INCONCLUSIVE  the recording ends early, behind a whole block:",
		[IOPF_INPUT_HALF] =
			" INCONCLUSIVE  the recording ends early, within a block: it was",
		[IOPF_INPUT_WRITTEN] =
			" INCONCLUSIVE  the recording ends early, because it was still being",
		[IOPF_INPUT_FOREIGN] =
			" INCONCLUSIVE  the recording goes on with what is of another recording, and",
		[IOPF_INPUT_MISPLACED] =
			" INCONCLUSIVE  the recording goes on with a part of its own that is not in",
		[IOPF_INPUT_DAMAGED] = " INCONCLUSIVE  the recording is damaged, and was read up",
		[IOPF_INPUT_NEWER] =
			" INCONCLUSIVE  the recording goes on in a way that takes a newer",
		[IOPF_INPUT_LONGER] = " INCONCLUSIVE  the recording is followed by something",
		[IOPF_INPUT_MALFORMED] =
			" INCONCLUSIVE  the recording has records that make no sense, which",
		[IOPF_INPUT_MIXED] =
			" INCONCLUSIVE  the recording goes on with what is of another recording, or not",
		[IOPF_INPUT_MISSING] =
			" INCONCLUSIVE  1,234 events are missing from the file: it was damaged",
	};
	static const char *const wrong[] = { "--min-groups",  "Ctrl-C", "PRI",
					     "right process", "-p PID", "stopped a second time" };
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	for (unsigned int input = IOPF_INPUT_EARLY; input < IOPF_INPUTS; input++) {
		char *text;

		sample_empty(&sample);
		sample.report.verdict = IOPF_INCONCLUSIVE;
		sample.report.exit_code = 5;
		sample.report.doubt[IOPF_DOUBT_CUT] = true;
		sample.report.doubt[IOPF_DOUBT_FEW_GROUPS] = true;
		sample.report.input = (enum iopf_input)input;
		sample.report.lost.missing = input == IOPF_INPUT_MISSING ? 1234 : 0;
		text = show(&opts);
		assert_int_equal(strncmp(text, expected[input], strlen(expected[input])), 0);
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			assert_null(strstr(text, wrong[i]));
		assert_non_null(
			strstr(text, input == IOPF_INPUT_MISSING ?
					     "events are missing from the file, too few" :
					     "the recording is incomplete, too few groups"));
		assert_true(!strstr(text, "1,234 missing from the file") ==
			    (input != IOPF_INPUT_MISSING));
		free(text);
	}
}

/* No advice to make it worse. */
static void small_buffers_are_left_out(void **state)
{
	(void)state;
	sample_lossy(&sample);
	sample.report.overhead.ring_bytes = 4096;
	assert_shows("after 1.203 s: leave out --buffer, 16M is the default");
	sample.report.overhead.ring_bytes = 16U << 20;
	assert_shows("after 1.203 s: use --buffer 64M");
	sample.report.overhead.ring_bytes = 64U << 20;
	assert_shows("after 1.203 s: use --buffer 256M");
}

/* An exit code that is not that of the verdict has its reason. */
static void loss_may_be_a_failure(void **state)
{
	(void)state;
	sample_lossy(&sample);
	sample.report.judged = true;
	sample.report.exit_code = 1;
	assert_shows("INCONCLUSIVE events were lost, which --on-loss fail makes a failure");
	memset(sample.report.doubt, 0, sizeof(sample.report.doubt));
	sample.report.doubt[IOPF_DOUBT_MISSED] = true;
	assert_shows("INCONCLUSIVE probes were skipped, which --on-loss fail makes a failure");
	assert_ends("exit status 1 is by --on-loss fail; the verdict is INCONCLUSIVE");
}

static void loss_names_its_reasons(void **state)
{
	struct iopf_report *r = &sample.report;

	(void)state;
	sample_lossy(&sample);
	r->lost.reason[IOPF_LOST_RING_FULL] = 1200;
	r->lost.reason[IOPF_LOST_CONTEXT] = 34;
	assert_shows("1,234 events lost (1,200 ring buffer full, 34 no slot for the task) at 2 ");
	r->overhead.ring_bytes = 1 << 30;
	assert_shows("iopftrace did not keep up, give it a CPU of its own");
	r->overhead.ring_bytes = 0;
	assert_shows(": use a larger --buffer");
	r->lost.reason[IOPF_LOST_RING_FULL] = 0;
	r->lost.events = r->lost.reason[IOPF_LOST_CONTEXT] = 1;
	r->lost.gaps = 0;
	assert_shows("1 event lost (no slot for the task): trace fewer tasks at a time");
	r->lost.events = r->lost.reason[IOPF_LOST_CONTEXT] = 0;
	r->lost.gaps = 1;
	assert_shows("events are missing at 1 place, after 1.203 s");
}

static void the_verdict_says_what_is_true(void **state)
{
	struct iopf_report *r = &sample.report;

	(void)state;
	sample_pass(&sample);
	assert_shows("PASS every event was seen; 16,384 groups, all answered once");
	r->groups.outstanding = 2;
	assert_shows("every event was seen; 16,384 groups, 2 still waiting for an answer");
	r->groups.outstanding = 0;
	r->groups.adopted = 1;
	assert_shows("every event was seen; 16,384 groups, none left waiting");
	r->complete = false;
	assert_shows("PASS 16,384 groups, none left waiting");
	r->has_child = true;
	r->child_status = r->exit_code = 3;
	r->exit_because = IOPF_BECAUSE_COMMAND;
	assert_shows("none left waiting; the command exited with 3 exit status 3 is CMD's own; the "
		     "verdict is PASS");
	r->child_status = r->exit_code = 128 + 9;
	assert_shows(
		"; the command was killed by SIGKILL exit status 137 is CMD's own; the verdict");
	assert_ends("exit status 137 is CMD's own; the verdict is PASS");
	r->judged = true;
	assert_ends("exit status 137 is CMD's own; the verdict is PASS");
	r->judged = false;
	r->exit_code = 0;
	r->exit_because = IOPF_BECAUSE_PASS;
	assert_shows(
		"; the command was killed by SIGKILL, which does not count with --verdict-only");
	r->exit_because = IOPF_BECAUSE_VIOLATION;
	r->verdict = IOPF_VIOLATION;
	assert_shows("VIOLATION a rule of the protocol was broken");
	r->verdict = IOPF_INCONCLUSIVE;
	assert_shows("INCONCLUSIVE the reason was not recorded");
}

static void histograms_adapt(void **state)
{
	struct iopf_hist *h = &sample.report.stage[IOPF_STAGE_TOTAL].hist;

	(void)state;
	sample_pass(&sample);
	iopf_hist_init(h);
	iopf_hist_add(h, 1048576);
	iopf_hist_add(h, 1900000);
	iopf_hist_add(h, 2097151);
	assert_shows(" total count cum 1.0ms - 1.2ms 1 33.3% |####");
	assert_shows(" 1.8ms - 2.0ms 1 66.7% |####");
	iopf_hist_add(h, 0);
	iopf_hist_add(h, UINT64_MAX);
	assert_shows(" total count cum 0ns - 16ns 1 20.0% |###");
	assert_shows(" 13344d - 213504d 1 100% |#####");
	iopf_hist_init(h);
	iopf_hist_add(h, 0);
	assert_shows(" 0ns - 2ns 1 100% |#####");
}

static void any_report_fits_80_columns(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	struct output_opts opts;
	unsigned int i;

	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
	for (i = 0; i < 1000; i++) {
		char *text;

		sample_wild(&sample, &random);
		screen_any_options(&opts, &random);
		text = show(&opts);
		screen_assert_fits(text, opts.width);
		free(text);
	}
	setlocale(LC_CTYPE, "C");
}

static void screens_do_not_depend_on_the_locale(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	setlocale(LC_ALL, "C.UTF-8");
	sample_pass(&sample);
	check("text_pass.txt", &opts);
	setlocale(LC_ALL, "C");
}

static void formats_are_found_by_name(void **state)
{
	size_t nr;

	(void)state;
	assert_ptr_equal(output_format_find("text"), output_formats(&nr));
	assert_true(nr >= 2);
	assert_ptr_equal(output_format_find("json")->write, output_json);
	assert_null(output_format_find("yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_screen),
		cmocka_unit_test(the_reason_comes_first),
		cmocka_unit_test(verbose_shows_more),
		cmocka_unit_test(colour_only_when_asked),
		cmocka_unit_test(no_groups_no_tables),
		cmocka_unit_test(other_percentiles_and_units),
		cmocka_unit_test(every_doubt_has_its_sentence),
		cmocka_unit_test(why_processes_were_not_followed),
		cmocka_unit_test(every_limit_has_its_sentence),
		cmocka_unit_test(a_doubt_says_its_cause),
		cmocka_unit_test(a_recording_that_breaks_off),
		cmocka_unit_test(small_buffers_are_left_out),
		cmocka_unit_test(loss_may_be_a_failure),
		cmocka_unit_test(loss_names_its_reasons),
		cmocka_unit_test(the_verdict_says_what_is_true),
		cmocka_unit_test(histograms_adapt),
		cmocka_unit_test(any_report_fits_80_columns),
		cmocka_unit_test(screens_do_not_depend_on_the_locale),
		cmocka_unit_test(formats_are_found_by_name),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
