// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* explain: which finding is meant, and its story with the events of the file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history.h"

#include "cmd/exit_codes.h"
#include "cmd/explain.h"
#include "cmd/options.h"
#include "cmd/replay_start.h"
#include "golden.h"
#include "sample_findings.h"
#include "trace/writer.h"

#define MS 1000000ULL
#define TRACE "explain-test.data"
#define OUT "explain-test.out"

static struct sample sample;
static struct sample_findings findings;

/* A word is understood as this rule, 0 = none in particular; or as a group. */
static void assert_means(const char *word, unsigned int rule, bool has_group, uint64_t group)
{
	struct explain_subject subject;
	char why[256];

	assert_int_equal(explain_parse(&subject, word, why, sizeof(why)), 0);
	assert_int_equal(subject.rule ? subject.rule->number : 0, rule);
	assert_int_equal(subject.has_group, has_group);
	assert_int_equal(subject.group, group);
}

static void assert_means_nothing(const char *word, const char *expected)
{
	struct explain_subject subject;
	char why[256] = "";

	assert_int_equal(explain_parse(&subject, word, why, sizeof(why)), -EINVAL);
	if (!strstr(why, expected))
		fail_msg("'%s' is not in '%s'", expected, why);
}

static void words_are_rules_or_groups(void **state)
{
	(void)state;
	assert_means(NULL, 0, false, 0);
	assert_means("IOPF003", 3, false, 0);
	assert_means("iopf030", 30, false, 0);
	assert_means("Stray-Response", 3, false, 0);
	assert_means("411", 0, true, 411);
	assert_means("0", 0, true, 0);
	assert_means("18446744073709551615", 0, true, UINT64_MAX);
	assert_means_nothing("IOPF099", "there is no rule 'IOPF099'");
	assert_means_nothing("stray-respnse", "did you mean 'stray-response'?");
	assert_means_nothing("", "there is no rule ''");
	assert_means_nothing("18446744073709551616", "group 18446744073709551616: ");
	assert_means_nothing("12x", "group 12x: ");
	assert_means_nothing("\033[31m", "there is no rule '\\x1b[31m'");
}

/* The rule and the group of what is found, 0 = nothing. */
static void assert_finds(const char *word, unsigned int rule, uint64_t group)
{
	struct explain_subject subject;
	struct explain_choice choice;
	char why[256];

	assert_int_equal(explain_parse(&subject, word, why, sizeof(why)), 0);
	choice = explain_find(&sample.report, &subject);
	assert_int_equal(choice.finding ? choice.finding->rule->number : 0, rule);
	assert_int_equal(choice.c ? choice.c->group.seq : 0, group);
}

static void the_worst_is_found(void **state)
{
	(void)state;
	sample_pass(&sample);
	findings_begin(&findings, &sample.report);
	assert_finds(NULL, 0, 0);
	add_note(&findings);
	assert_finds(NULL, 29, 177);
	add_stale(&findings);
	assert_finds(NULL, 5, 611);
	add_unanswered(&findings);
	findings.finding[2].unproven = true;
	assert_finds(NULL, 5, 611);
	add_stray(&findings);
	assert_finds(NULL, 3, 411);
	assert_finds("IOPF001", 1, 502);
	assert_finds("stray-response", 3, 411);
	assert_finds("IOPF002", 0, 0);
	assert_finds("425", 3, 425);
	assert_finds("618", 5, 618);
	assert_finds("4", 0, 0);
	add_finding(&findings, "IOPF030", IOPF_SEVERITY_ERROR, 1);
	assert_finds("IOPF030", 30, 0);
}

/* Writes what happened to a file. */
static void write_trace(struct history *h)
{
	struct trace_info info = { .version = "test",
				   .kernel = "6.12",
				   .start_ns = h->run.start_ns / 2 };
	int fd = open(TRACE, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct trace_writer *w;
	size_t at;

	assert_true(fd >= 0);
	assert_int_equal(trace_writer_open(&w, fd, &info), 0);
	for (at = 0; at < h->nr_bytes;) {
		const struct iopf_rec *rec = (const void *)(h->bytes + at);

		assert_int_equal(trace_writer_add(w, rec), 0);
		at += (rec->size + 7U) & ~7U;
	}
	h->run.end_ns = h->last_ns;
	assert_int_equal(trace_writer_finish(w, &h->run), 0);
	trace_writer_free(w);
	close(fd);
}

/* A VMM that answers with a code that does not exist, and then as it should. */
static void bad_code(struct history *h)
{
	struct h_group g = h_group(12), other = h_group(13);
	struct iopf_rec_write w = {
		.enter_ns = 30 * MS,
		.object = H_OBJECT,
		.count = sizeof(struct iopf_answer),
		.ret = -EINVAL,
		.object_id = 7,
		.nr = 1,
		.answer = { { .cookie = 12, .code = 77 } },
	};

	h->run.start_ns = 1 * MS;
	h->object_id = 7;
	h_task(h, H_TGID, H_TGID + 1);
	h_name(h, "vcpu\033[0m");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	h_enqueue(h, &other, 9 * MS, 9 * MS);
	h_enqueue(h, &g, 10 * MS, 11 * MS);
	h_read(h, &other, 12 * MS, 13 * MS);
	h_read(h, &g, 19 * MS, 20 * MS);
	H_PUT(h, w, IOPF_REC_WRITE, 31 * MS, 0);
	h_answer(h, &g, 40 * MS, 41 * MS);
	h_answer(h, &other, 42 * MS, 43 * MS);
	write_trace(h);
}

/* Runs the verb with these options too; gives what it has written, to be freed. */
static char *explain_as(struct options *options, const char *word, int expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f;

	options->operand[0] = TRACE;
	options->operand[1] = word;
	options->nr_operands = word ? 2 : 1;
	options->output = OUT;
	options->color = OPTIONS_COLOR_NEVER;
	output_opts_init(&options->show);
	assert_int_equal(cmd_explain(options), expected);
	f = fopen(OUT, "r");
	if (!f)
		return strdup("");
	if (getdelim(&text, &size, '\0', f) < 0)
		fail_msg("nothing was written");
	fclose(f);
	remove(OUT);
	return text;
}

static char *explain(const char *word, int expected)
{
	struct options options = { 0 };

	return explain_as(&options, word, expected);
}

static void a_story_with_its_events(void **state)
{
	char *text, *other;

	bad_code(*state);
	text = explain(NULL, EXIT_PASS);
	golden_check("explain_bad_code.txt", text);
	other = explain("bad-code", EXIT_PASS);
	assert_string_equal(text, other);
	free(text);
	free(other);
	remove(TRACE);
}

static void nothing_found_is_an_answer(void **state)
{
	static const struct {
		const char *word, *expected;
	} asked[] = {
		{ "IOPF003", "no finding of IOPF003 in " TRACE "\n" },
		{ "answered-twice", "no finding of IOPF002 in " TRACE "\n" },
	};
	size_t i;

	bad_code(*state);
	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		char *text = explain(asked[i].word, EXIT_PASS);

		assert_string_equal(text, asked[i].expected);
		free(text);
	}
	remove(TRACE);
}

/* A group that did nothing wrong has a life all the same. */
static void a_group_without_a_finding(void **state)
{
	char *text;

	bad_code(*state);
	text = explain("3", EXIT_PASS);
	golden_check("explain_group.txt", text);
	free(text);
	text = explain("999", EXIT_USAGE);
	assert_string_equal(text, "");
	free(text);
	text = explain("1", EXIT_USAGE);
	assert_string_equal(text, "");
	free(text);
	remove(TRACE);
}

/* Queue removal answers a group without a response. */
static void a_group_of_a_device_that_left(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(12);
	char *text;

	h_enqueue(h, &g, 10 * MS, 11 * MS);
	h_queue_removal(h, &g, 12 * MS);
	write_trace(h);
	text = explain("0", EXIT_PASS);
	assert_non_null(strstr(text, "invalid, no response"));
	free(text);
	remove(TRACE);
}

/* What is found of a group is shown with all of its events, also later ones, and no other's. */
static void a_finding_with_its_group(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(12), other = h_group(13), later = h_group(14);
	struct options options = { .deadline_ns = 5 * MS };
	char *text;

	h->run.start_ns = 1 * MS;
	h->object_id = 7;
	later.addr = g.addr + 0x1000;
	later.grpid = g.grpid;
	h_enqueue(h, &other, 9 * MS, 9 * MS);
	h_enqueue(h, &g, 10 * MS, 11 * MS);
	h_read(h, &other, 12 * MS, 13 * MS);
	h_answer(h, &other, 13 * MS, 13 * MS);
	h_enqueue(h, &later, 13 * MS, 13 * MS);
	h_read(h, &g, 13 * MS, 14 * MS);
	h_read(h, &later, 13 * MS, 14 * MS);
	h_answer(h, &later, 17 * MS, 17 * MS);
	h_answer(h, &g, 40 * MS, 41 * MS);
	write_trace(h);
	text = explain_as(&options, "IOPF001", EXIT_PASS);
	golden_check("explain_finding.txt", text);
	free(text);
	remove(TRACE);
}

/* What the kernel answered is a matter of many groups: some are shown. */
static void answers_of_the_kernel(void **state)
{
	struct history *h = *state;
	char *text;

	h->run.start_ns = 1 * MS;
	for (unsigned int i = 1; i <= 10; i++) {
		struct h_group g = h_group(i);
		struct iopf_rec_response r = {
			.response_ns = (20 * i + 10) * MS,
			.ack_ns = (20 * i + 10) * MS,
			.group = g.pointer,
			.object = g.object,
			.dev = g.dev,
			.code = IOPF_CODE_INVALID,
			.pasid = g.pasid,
			.grpid = g.grpid,
			.driver_calls = 1,
			.driver_code = IOPF_CODE_INVALID,
		};

		h_enqueue(h, &g, 20 * i * MS, 20 * i * MS);
		H_PUT(h, r, IOPF_REC_RESPONSE, (20 * i + 10) * MS, IOPF_CTX_AUTO);
	}
	write_trace(h);
	text = explain("IOPF029", EXIT_PASS);
	assert_non_null(strstr(text, "invalid by detach"));
	assert_non_null(strstr(text, " and 2 more\n"));
	free(text);
	remove(TRACE);
}

/* That nothing was found in half a file does not say much. */
static void nothing_in_what_is_cut(void **state)
{
	struct stat st;
	char *text;

	bad_code(*state);
	assert_int_equal(truncate(TRACE, 200), 0);
	text = explain(NULL, EXIT_INCONCLUSIVE);
	assert_non_null(strstr(text, "no finding in " TRACE "\nbut not all that happened is known: "
				     "the recording is incomplete"));
	free(text);
	write_trace(*state);
	assert_int_equal(stat(TRACE, &st), 0);
	assert_int_equal(truncate(TRACE, st.st_size - 1), 0);
	text = explain("bad-code", EXIT_INCONCLUSIVE);
	assert_non_null(strstr(text, "IOPF007 bad-code"));
	assert_non_null(strstr(text, " write      7 "));
	free(text);
	remove(TRACE);
}

static void what_cannot_be_explained(void **state)
{
	char *text;

	bad_code(*state);
	text = explain("IOPF099", EXIT_USAGE);
	assert_string_equal(text, "");
	free(text);
	remove(TRACE);
	text = explain(NULL, EXIT_USAGE);
	assert_string_equal(text, "");
	free(text);
}

/* The end of a file tells when its run began, which is not when recording did. */
static void times_begin_where_reports_do(void **state)
{
	struct iopf_engine_opts opts = { 0 };
	struct iopf_report *report = NULL;
	struct replay *replay = NULL;

	bad_code(*state);
	assert_int_equal(replay_report(TRACE, &opts, &report), 0);
	assert_int_equal(replay_open(&replay, TRACE), 0);
	assert_int_equal(replay_info(replay)->start_ns, MS / 2);
	assert_int_equal(report->start_ns, MS);
	assert_int_equal(replay_start(TRACE, replay), report->start_ns);
	assert_int_equal(replay_start("-", replay), MS / 2);
	replay_close(replay);
	iopf_report_free(report);
	remove(TRACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_rules_or_groups),
		cmocka_unit_test(the_worst_is_found),
		H_TEST(a_story_with_its_events),
		H_TEST(nothing_found_is_an_answer),
		H_TEST(a_group_without_a_finding),
		H_TEST(a_finding_with_its_group),
		H_TEST(a_group_of_a_device_that_left),
		H_TEST(answers_of_the_kernel),
		H_TEST(nothing_in_what_is_cut),
		H_TEST(what_cannot_be_explained),
		H_TEST(times_begin_where_reports_do),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
