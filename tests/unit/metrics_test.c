// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What monitoring reads: the report as OpenMetrics and as Prometheus text, read back in three ways. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "golden.h"
#include "output/output.h"
#include "sample_findings.h"

#define READER "tests/unit/metrics_reader.py"
#define FAMILIES_MAX 64
#define EDGES 24

static struct sample sample;
static struct sample_findings findings;
static struct output_opts opts;
static char dir[] = "/tmp/iopf-metrics-XXXXXX";

/* What a format writes; to be freed. */
static char *show(const char *format)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(output_format_find(format)->write(&sample.report, &opts, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

/* What has been read of a text so far. */
struct reading {
	bool openmetrics;
	char family[FAMILIES_MAX][128];
	char type[32]; /* of the last family */
	unsigned int families, metadata;
	unsigned int buckets; /* of the histogram that is being read */
	double edge, below;
	bool ended;
};

static bool ends_in(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len >= n && strcmp(s + len - n, end) == 0;
}

/* Takes a line of metadata: all of a family's in the format's order, and no family twice. */
static void read_metadata(struct reading *r, const char *line)
{
	const char *kinds = r->openmetrics ? "TUH" : "HT";
	char kind[8], name[128], rest[256];
	unsigned int i;

	if (sscanf(line, "# %7s %127s %255[^\n]", kind, name, rest) != 3)
		fail_msg("no metadata: %s", line);
	if (kind[0] == kinds[0]) {
		for (i = 0; i < r->families; i++)
			assert_string_not_equal(r->family[i], name);
		assert_true(r->families < FAMILIES_MAX);
		strcpy(r->family[r->families++], name);
		r->metadata = 0;
	} else if (kind[0] == 'H' && kinds[1] == 'U' && r->metadata == 1) {
		assert_false(ends_in(name, "_seconds")); /* it would have a unit */
		r->metadata++;
	}
	assert_int_equal(kind[0], kinds[r->metadata++]);
	assert_string_equal(r->family[r->families - 1], name);
	if (kind[0] == 'U')
		assert_true(ends_in(name, "_seconds") && strcmp(rest, "seconds") == 0);
	if (kind[0] == 'T') {
		snprintf(r->type, sizeof(r->type), "%.31s", rest);
		assert_true(r->openmetrics || strcmp(rest, "info"));
		if (!r->openmetrics)
			assert_int_equal(strcmp(rest, "counter") == 0, ends_in(name, "_total"));
	}
	r->buckets = 0;
}

/* Takes a sample of a histogram. */
static void read_histogram(struct reading *r, const char *kind, const char *line, double value)
{
	const char *le = strstr(line, "le=\"");

	if (strcmp(kind, "_bucket") == 0) {
		double edge = strtod(le + 4, NULL);

		assert_true(r->buckets == 0 || (edge > r->edge && value >= r->below));
		r->edge = edge;
		r->below = value;
		r->buckets++;
	} else if (strcmp(kind, "_sum") == 0) {
		assert_int_equal(r->buckets, EDGES + 1);
		assert_true(isinf(r->edge));
	} else {
		assert_string_equal(kind, "_count");
		assert_true(value <= r->below && value >= r->below);
		r->buckets = 0;
	}
}

/* The end of the labels, which begin at @s: where the brace is that is not in a value. */
static const char *after_labels(const char *s)
{
	bool in_value = false;

	if (*s != '{')
		return s;
	for (; *s && (in_value || *s != '}'); s++) {
		if (in_value && *s == '\\') {
			assert_non_null(strchr("\\\"n", s[1]));
			s++;
		} else if (*s == '"') {
			in_value = !in_value;
		}
	}
	assert_int_equal(*s, '}');
	return s + 1;
}

/* Takes a sample, which must be of the family that was described last. */
static void read_sample(struct reading *r, const char *line)
{
	const char *name = r->family[r->families - 1], *suffix = line + strlen(name), *value;
	char kind[16] = "", *end;
	double number;

	assert_memory_equal(line, name, strlen(name));
	sscanf(suffix, "%15[_a-z]", kind);
	value = after_labels(suffix + strlen(kind));
	assert_int_equal(*value, ' ');
	assert_int_equal(strspn(value + 1, "0123456789."), strcspn(value + 1, " "));
	number = strtod(value, &end);
	if (!r->openmetrics || !strstr(line, "_bucket"))
		assert_string_equal(end, "");
	if (strcmp(r->type, "histogram") == 0)
		read_histogram(r, kind, line, number);
	else if (r->openmetrics && strcmp(r->type, "counter") == 0)
		assert_string_equal(kind, "_total");
	else if (r->openmetrics && strcmp(r->type, "info") == 0)
		assert_string_equal(kind, "_info");
	else
		assert_string_equal(kind, "");
}

/* Reads a whole text; frees it. */
static void check_text(char *text, bool openmetrics)
{
	struct reading r = { .openmetrics = openmetrics };
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) && rest) {
		assert_false(r.ended);
		if (strcmp(line, "# EOF") == 0)
			r.ended = true;
		else if (*line == '#')
			read_metadata(&r, line);
		else
			read_sample(&r, line);
	}
	assert_string_equal(line, ""); /* the last line is whole */
	assert_int_equal(r.ended, openmetrics);
	assert_true(r.families > 20);
	free(text);
}

/* Reads the report in both formats. */
static void check_both(void)
{
	check_text(show("openmetrics"), true);
	check_text(show("prometheus"), false);
}

/* Whether a line of a format begins so. */
static bool has(const char *format, const char *begin)
{
	char *text = show(format), *line, *rest = text;
	bool found = false;

	while ((line = strsep(&rest, "\n")))
		found |= strncmp(line, begin, strlen(begin)) == 0;
	free(text);
	return found;
}

/* Of the bucket of the total with upper edge 2^@power s: what is counted, and what is behind it. */
static uint64_t bucket(int power, char exemplar[512])
{
	char *text = show("openmetrics"), *at = text;
	int n = 0, i;
	uint64_t count;

	for (i = -20; i <= power; i++) {
		at = strstr(at + 1, "_bucket{stage=\"total\",le=\"");
		assert_non_null(at);
	}
	at += strlen("_bucket{stage=\"total\",le=\"");
	assert_true(power == 4 ? isinf(strtod(at, NULL)) : !(strtod(at, NULL) < ldexp(1, power)));
	assert_false(strtod(at, NULL) > ldexp(1, power) && power < 4);
	at = strchr(at, ' ') + 1;
	count = strtoull(at, NULL, 10);
	exemplar[0] = '\0';
	sscanf(at, "%*d # %511[^\n]%n", exemplar, &n);
	free(text);
	return count;
}

static void formats_are_golden(void **state)
{
	char *text;

	(void)state;
	sample_violation(&sample, &findings);
	findings.finding[2].unproven = true;
	text = show("openmetrics");
	golden_check("openmetrics.txt", text);
	free(text);
	text = show("prometheus");
	golden_check("prometheus.txt", text);
	free(text);
}

static void any_report_is_well_formed(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	unsigned int i;

	(void)state;
	sample_empty(&sample);
	check_both();
	sample_lossy(&sample);
	check_both();
	for (i = 0; i < 300; i++) {
		sample_wild(&sample, &random);
		sample_any_findings(&findings, &sample.report, &random);
		check_both();
	}
}

/* A value is counted in its bucket, or in the next if it is less than 0.2 % below the edge. */
static void buckets_are_right_within_the_histogram(void **state)
{
	static uint64_t values[20000];
	struct iopf_hist *h = &sample.report.stage[IOPF_STAGE_TOTAL].hist;
	uint64_t random = 42, i;
	char exemplar[512];
	int power;

	(void)state;
	sample_empty(&sample);
	for (i = 0; i < 20000; i++) {
		/* every other one near an edge */
		double edge = ldexp(1e9, (int)(sample_random(&random) % EDGES) - 20);

		values[i] = sample_random(&random) >> (24 + sample_random(&random) % 40);
		if (i % 2)
			values[i] = (uint64_t)(edge * (0.98 + 0.00001 * (double)(i % 4000)));
		iopf_hist_add(h, values[i]);
	}
	for (power = -20; power <= 3; power++) {
		double edge = ldexp(1e9, power);
		uint64_t most = 0, least = 0, n = bucket(power, exemplar);

		for (i = 0; i < 20000; i++) {
			most += (double)values[i] <= edge;
			least += (double)values[i] <= edge * 0.998;
		}
		assert_in_range(n, least, most);
	}
	assert_int_equal(bucket(4, exemplar), 20000);
}

static void the_largest_value_is_counted_exactly(void **state)
{
	char exemplar[512];

	(void)state;
	sample_empty(&sample);
	iopf_hist_add(&sample.report.stage[IOPF_STAGE_TOTAL].hist, 8000000000);
	assert_int_equal(bucket(2, exemplar), 0);
	assert_int_equal(bucket(3, exemplar), 1);
	iopf_hist_add(&sample.report.stage[IOPF_STAGE_TOTAL].hist, 8000000001);
	assert_int_equal(bucket(4, exemplar), 2);
}

static void sums_are_exact(void **state)
{
	struct iopf_hist *h = &sample.report.stage[IOPF_STAGE_ACK].hist;

	(void)state;
	sample_empty(&sample);
	iopf_hist_add(h, 1);
	assert_true(has("prometheus", "iopftrace_stage_seconds_sum{stage=\"ack\"} 0.000000001"));
	iopf_hist_add(h, UINT64_MAX);
	iopf_hist_add(h, UINT64_MAX);
	assert_true(
		has("prometheus", "iopftrace_stage_seconds_sum{stage=\"ack\"} 36893488147.419103"));
}

static void a_stage_without_values_is_zero(void **state)
{
	(void)state;
	sample_empty(&sample);
	assert_true(has("openmetrics", "iopftrace_stage_seconds_count{stage=\"service\"} 0"));
	assert_true(
		has("openmetrics", "iopftrace_stage_seconds_sum{stage=\"service\"} 0.000000000"));
	assert_true(has("openmetrics",
			"iopftrace_stage_seconds_bucket{stage=\"service\",le=\"+Inf\"} 0"));
}

static void the_slowest_is_an_exemplar(void **state)
{
	char text[512];

	(void)state;
	sample_pass(&sample);
	bucket(-6, text); /* 7.8 to 15.6 ms: three of them, of which the first is the slowest */
	assert_string_equal(text,
			    "{device=\"0000:3b:00.0\",pasid=\"5\",grpid=\"311\",cookie=\"12\"}"
			    " 0.010012100 1760000003.224012100");
	bucket(-7, text);
	assert_string_equal(text,
			    "{device=\"0000:3b:00.0\",pasid=\"5\",grpid=\"332\",cookie=\"12\"}"
			    " 0.007612100 1760000003.221612100");
	bucket(-5, text);
	assert_string_equal(text, "");
	sample.slowest[0].flags = 0;
	sample.slowest[0].cookie = 0;
	sample.report.start_realtime_ns = 0;
	bucket(-6, text);
	assert_string_equal(text, "{device=\"0000:3b:00.0\",grpid=\"311\"} 0.010012100");
	opts.slowest = 0;
	bucket(-6, text);
	assert_string_equal(text, "");
}

/* One that the histogram counts a bucket later is not named where nothing was counted. */
static void no_exemplar_without_a_group(void **state)
{
	char text[512];

	(void)state;
	sample_empty(&sample);
	sample.slowest[0] = sample_group(1, 1000);
	sample.slowest[0].stage_ns[IOPF_STAGE_TOTAL] = 3;
	sample.report.nr_slowest = 1;
	bucket(-20, text);
	assert_string_equal(text, "");
	iopf_hist_add(&sample.report.stage[IOPF_STAGE_TOTAL].hist, 3);
	bucket(-20, text);
	assert_non_null(strstr(text, " 0.000000003"));
	sample.slowest[0].stage_ns[IOPF_STAGE_TOTAL] = UINT64_MAX; /* not known */
	bucket(4, text);
	assert_string_equal(text, "");
}

/* OpenMetrics allows 128 characters. */
static void exemplars_are_short(void **state)
{
	char device[400] = "", text[512];
	struct iopf_group_view *g = &sample.slowest[0];
	unsigned int i, quotes = 0, others = 0;

	(void)state;
	sample_pass(&sample);
	for (i = 0; i < 130; i++)
		strcat(device, "\xc3\xa9");
	g->device = device;
	g->pasid = g->grpid = g->cookie = UINT32_MAX;
	bucket(-6, text);
	*strchr(text, '}') = '\0';
	for (i = 1; text[i]; i++) {
		quotes += strchr("=\",", text[i]) != NULL;
		others += !strchr("=\",", text[i]) && (text[i] & 0xc0) != 0x80;
	}
	assert_int_equal(quotes, 4 * 3 + 3);
	assert_int_equal(others, 22 + 30 + 64);
}

static void labels_are_escaped(void **state)
{
	(void)state;
	sample_pass(&sample);
	sample.report.version = "a\\b\"c\nd\re\xff\xc3\xa9";
	assert_true(has("openmetrics", "iopftrace_build_info{version=\"a\\\\b\\\"c\\nd\xef\xbf\xbd"
				       "e\xef\xbf\xbd\xc3\xa9\",kernel=\"7.3.4\"} 1"));
	assert_true(has("prometheus", "iopftrace_build_info{version=\"a\\\\b\\\"c\\nd\xef\xbf\xbd"
				      "e\xef\xbf\xbd\xc3\xa9\",kernel=\"7.3.4\"} 1"));
	check_both();
}

static void what_is_unknown_is_absent(void **state)
{
	(void)state;
	sample_pass(&sample);
	assert_true(has("prometheus", "iopftrace_start_time_seconds 1760000000.000000000"));
	sample.report.start_realtime_ns = 0;
	assert_false(has("prometheus", "iopftrace_start_time_seconds"));
	assert_false(has("prometheus", "# TYPE iopftrace_start_time_seconds"));
	sample_pass(&sample);
	opts.deterministic = true;
	assert_false(has("prometheus", "iopftrace_start_time_seconds"));
	assert_true(has("prometheus", "iopftrace_build_info{version=\"\",kernel=\"\"} 1"));
	check_both();
}

static void findings_that_are_not_proven_are_apart(void **state)
{
	(void)state;
	sample_violation(&sample, &findings);
	findings.finding[2].unproven = true;
	assert_true(has("prometheus",
			"iopftrace_findings_total{rule=\"IOPF003\",severity=\"error\"} 3"));
	assert_false(has("prometheus", "iopftrace_findings_total{rule=\"IOPF005\""));
	assert_true(has("prometheus",
			"iopftrace_unproven_findings_total{rule=\"IOPF005\",severity=\"warn\"} 2"));
	assert_true(has("prometheus", "iopftrace_verdict{verdict=\"violation\"} 1"));
	assert_true(has("prometheus", "iopftrace_verdict{verdict=\"pass\"} 0"));
	assert_true(has("prometheus", "iopftrace_rules_checked 30"));
	sample.report.judged = false;
	assert_true(has("prometheus", "iopftrace_rules_checked 0"));
}

static void prometheus_has_another_name(void **state)
{
	(void)state;
	assert_ptr_equal(output_format_find("prom"), output_format_find("prometheus"));
	assert_null(output_format_find("pro"));
}

/* Writes the report as @format to the file @name of the directory. */
static void save(const char *format, const char *name)
{
	char path[256], *text = show(format);
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	free(text);
}

/* Runs a shell command in the directory of the files; its exit status. That it is not there is 127. */
static int run(const char *command)
{
	char *line;
	int status;

	/* Where tests/lab/deps.sh puts what is not installed. */
	assert_true(asprintf(&line,
			     "PATH=$PATH:${IOPFTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/"
			     "iopftrace}/tools; top=$PWD; cd %s && %s >&2",
			     dir, command) > 0);
	status = system(line);
	free(line);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/*
 * The reports that the independent readers are given. Of a rule, wild ones may have two findings; and
 * the strict parser takes any brace for the end of an exemplar's labels, also one that is quoted.
 */
static unsigned int save_many(const char *format, const char *suffix)
{
	struct iopf_group_view *g;
	uint64_t random = 77;
	char name[64];
	unsigned int i;

	for (i = 0; i < 20; i++) {
		if (i == 0) {
			sample_empty(&sample);
		} else if (i == 1) {
			sample_violation(&sample, &findings);
		} else {
			sample_wild(&sample, &random);
			sample_any_findings(&findings, &sample.report, &random);
			if (sample.report.nr_findings > 1)
				sample.report.nr_findings = 1;
			for (g = sample.slowest; g < sample.slowest + SAMPLE_LIST; g++)
				if (g->device && strchr(g->device, '}'))
					g->device = "a\\b\"c\n";
		}
		snprintf(name, sizeof(name), "many%u.%s", i, suffix);
		save(format, name);
	}
	return i;
}

static void the_strict_parser_takes_openmetrics(void **state)
{
	(void)state;
	save_many("openmetrics", "om");
	assert_int_equal(run("$top/" READER " accept many*.om"), 0);
}

static void the_strict_parser_refuses_what_is_broken(void **state)
{
	(void)state;
	sample_violation(&sample, &findings);
	save("openmetrics", "good.om");
	assert_int_equal(run("$top/" READER " reject good.om"), 0);
}

static void promtool_takes_prometheus(void **state)
{
	(void)state;
	save_many("prometheus", "prom");
	assert_int_equal(run("for f in many*.prom; do promtool check metrics <$f || exit; done"),
			 0);
}

/* By the statuses that it has for what it cannot read and for what it finds wanting. */
static void promtool_refuses_what_is_broken(void **state)
{
	(void)state;
	sample_violation(&sample, &findings);
	save("openmetrics", "good.om");
	save("prometheus", "good.prom");
	assert_int_equal(run("promtool check metrics <good.om"), 1); /* "info" is no type */
	assert_int_equal(
		run("grep -v '^# HELP iopftrace_pages' good.prom | promtool check metrics"), 3);
}

static void all_formats_tell_the_same(void **state)
{
	(void)state;
	sample_lossy(&sample);
	findings_begin(&findings, &sample.report);
	add_stray(&findings);
	add_stale(&findings);
	findings.finding[1].unproven = true;
	sample.report.lost.probe_misses = 9;
	sample.report.lost.made_good = 7;
	sample.report.groups.refused = 5;
	sample.report.groups.delivered = 16378;
	save("json", "same.json");
	save("openmetrics", "same.om");
	save("prometheus", "same.prom");
	assert_int_equal(run("$top/" READER " same same.json same.om same.prom"), 0);
}

static void what_was_not_written_is_an_error(void **state)
{
	static const char *const formats[] = { "openmetrics", "prometheus" };
	unsigned int i;

	(void)state;
	sample_pass(&sample);
	for (i = 0; i < 2; i++) {
		FILE *full = fopen("/dev/full", "w");

		assert_non_null(full);
		assert_int_equal(output_format_find(formats[i])->write(&sample.report, &opts, full),
				 -ENOSPC);
		fclose(full);
	}
}

static int begin(void **state)
{
	(void)state;
	output_opts_init(&opts);
	return 0;
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return run("rm -f *.om *.prom *.json") || rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(formats_are_golden, begin),
		cmocka_unit_test_setup(any_report_is_well_formed, begin),
		cmocka_unit_test_setup(buckets_are_right_within_the_histogram, begin),
		cmocka_unit_test_setup(the_largest_value_is_counted_exactly, begin),
		cmocka_unit_test_setup(sums_are_exact, begin),
		cmocka_unit_test_setup(a_stage_without_values_is_zero, begin),
		cmocka_unit_test_setup(the_slowest_is_an_exemplar, begin),
		cmocka_unit_test_setup(no_exemplar_without_a_group, begin),
		cmocka_unit_test_setup(exemplars_are_short, begin),
		cmocka_unit_test_setup(labels_are_escaped, begin),
		cmocka_unit_test_setup(what_is_unknown_is_absent, begin),
		cmocka_unit_test_setup(findings_that_are_not_proven_are_apart, begin),
		cmocka_unit_test_setup(prometheus_has_another_name, begin),
		cmocka_unit_test_setup(the_strict_parser_takes_openmetrics, begin),
		cmocka_unit_test_setup(the_strict_parser_refuses_what_is_broken, begin),
		cmocka_unit_test_setup(promtool_takes_prometheus, begin),
		cmocka_unit_test_setup(promtool_refuses_what_is_broken, begin),
		cmocka_unit_test_setup(all_formats_tell_the_same, begin),
		cmocka_unit_test_setup(what_was_not_written_is_an_error, begin),
	};

	return cmocka_run_group_tests_name("metrics", tests, make_dir, remove_dir);
}
