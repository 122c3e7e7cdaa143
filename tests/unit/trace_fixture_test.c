// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Files as earlier versions wrote them are read for ever after, and say what they said then. Those in
 * tests/fixtures are never written anew: what a later version writes differently gets a file of its own.
 */
#include <stdio.h>

#include "trace_file.h"

#include "cmd/replay.h"

#define FIXTURES "tests/fixtures/"

/* The records of a file, counted by type. */
static size_t count_records(const char *name, size_t count[512], enum trace_ending ending)
{
	FILE *file = fopen(name, "re");
	struct trace_reader *r;
	struct trace_batch batch;
	struct iopf_run run;
	const char *why;
	size_t nr = 0;
	uint64_t at;

	if (!file)
		fail_msg("cannot read %s: run from the top directory", name);
	assert_int_equal(trace_reader_open(&r, fileno(file), &why), 0);
	assert_string_equal(trace_reader_info(r)->version, "0.1.0");
	assert_string_equal(trace_reader_info(r)->command_line, "iopftrace record -p 1000");
	assert_int_equal(trace_reader_info(r)->nr_roots, 1);
	while (trace_reader_next(r, &batch) == 1) {
		const struct iopf_rec *rec = batch.first;

		assert_null(batch.so_far);
		for (size_t i = 0; i < batch.records; i++, rec = iopf_rec_next(rec)) {
			assert_int_equal(rec->seq, nr++);
			count[rec->type]++;
		}
	}
	assert_int_equal(trace_reader_end(r, &run, &at), ending);
	trace_reader_free(r);
	fclose(file);
	return nr;
}

/* The records that both files of format 1 have. */
static void assert_records_of_format_1(const char *name, enum trace_ending ending)
{
	size_t count[512] = { 0 };

	assert_int_equal(count_records(name, count, ending), 183);
	assert_int_equal(count[IOPF_REC_ENQUEUE], 40);
	assert_int_equal(count[IOPF_REC_PAGES], 26);
	assert_int_equal(count[IOPF_REC_READ], 40);
	assert_int_equal(count[IOPF_REC_READ_MORE], 28);
	assert_int_equal(count[IOPF_REC_RESPONSE], 38);
	assert_int_equal(count[IOPF_REC_WAITING], 2);
	assert_int_equal(count[300], 1); /* of a later version */
}

/* What there is to be said of the groups. */
static void assert_groups_of_format_1(const struct iopf_report *r)
{
	assert_int_equal(r->groups.enqueued, 40);
	assert_int_equal(r->groups.delivered, 40);
	assert_int_equal(r->groups.pages, 95);
	assert_int_equal(r->groups.answered_user, 37);
	assert_int_equal(r->groups.answered_by[IOPF_BY_DETACH], 1);
	assert_int_equal(r->responses.rejected, 1);
	assert_int_equal(r->stage[IOPF_STAGE_TOTAL].hist.count, 37);
	assert_true(r->stage[IOPF_STAGE_TOTAL].hist.max == 1360);
	assert_true(r->stage[IOPF_STAGE_SERVICE].hist.max == 290);
	assert_string_equal(r->devices[0].name, "0000:3b:00.0");
	assert_int_equal(r->objects[0].id, 2);
	assert_int_equal(r->findings[0].rule->number, 3);
	assert_int_equal(r->findings[0].count, 1);
}

static void format_1(void **state)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *r;

	(void)state;
	assert_records_of_format_1(FIXTURES "format-1.data", TRACE_ENDS_WELL);
	assert_int_equal(replay_report(FIXTURES "format-1.data", &opts, &r), 0);
	assert_groups_of_format_1(r);
	assert_int_equal(r->verdict, IOPF_VIOLATION);
	assert_int_equal(r->exit_code, 1);
	assert_true(r->complete);
	assert_false(r->findings[0].unproven);
	assert_int_equal(r->groups.outstanding, 2);
	assert_int_equal(r->lost.probe_misses, 2);
	assert_int_equal(r->lost.made_good, 2);
	assert_true(r->duration_ns == 49100);
	assert_true(r->start_realtime_ns == 1700000000000000000ULL);
	iopf_report_free(r);
}

/* The same with an identity, numbers of blocks and totals. */
static void format_1_identified(void **state)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *r;

	(void)state;
	assert_records_of_format_1(FIXTURES "format-1-identity.data", TRACE_ENDS_WELL);
	assert_int_equal(replay_report(FIXTURES "format-1-identity.data", &opts, &r), 0);
	assert_groups_of_format_1(r);
	assert_int_equal(r->exit_code, 1);
	assert_true(r->complete);
	iopf_report_free(r);
}

/* Without counters of its own, a cut file proves nothing. */
static void format_1_cut(void **state)
{
	struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
	struct iopf_report *r;

	(void)state;
	assert_records_of_format_1(FIXTURES "format-1-cut.data", TRACE_ENDS_EARLY);
	assert_int_equal(replay_report(FIXTURES "format-1-cut.data", &opts, &r), 0);
	assert_groups_of_format_1(r);
	assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
	assert_int_equal(r->exit_code, 5);
	assert_false(r->complete);
	assert_true(r->findings[0].unproven);
	assert_int_equal(r->input, IOPF_INPUT_EARLY);
	iopf_report_free(r);
}

/* Of before there were identities: what the totals tell, and that numbers do not go backwards, is seen. */
static void damaged_since(void **state)
{
	static const struct {
		const char *name;
		enum iopf_input input;
		uint64_t missing;
	} files[] = {
		{ "tail-blocks-deleted-false-pass", IOPF_INPUT_MISSING, 24 },
		{ "tail-blocks-deleted-false-violation", IOPF_INPUT_MISSING, 0 },
		{ "numbers-go-backwards-violation", IOPF_INPUT_MIXED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct iopf_engine_opts opts = { .judge = true, .min_groups = 1 };
		struct iopf_report *r;
		char name[128];

		snprintf(name, sizeof(name), FIXTURES "cases/%s.data", files[i].name);
		assert_int_equal(replay_report(name, &opts, &r), 0);
		assert_int_equal(r->exit_code, 5);
		assert_int_equal(r->verdict, IOPF_INCONCLUSIVE);
		assert_int_equal(r->input, files[i].input);
		assert_int_equal(r->lost.missing, files[i].missing);
		assert_false(r->complete);
		iopf_report_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format_1),
		cmocka_unit_test(format_1_identified),
		cmocka_unit_test(format_1_cut),
		cmocka_unit_test(damaged_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
