// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The HdrHistogram log, read back by a decoder that has nothing in common with the encoder. */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <zlib.h>

#include "golden.h"
#include "output/hdr_encode.h"
#include "output/output.h"
#include "format.h"
#include "sample_report.h"

#define COUNTS_MAX 60000

static struct sample sample;

/* A histogram as it was read: one count for each index of HdrHistogram's layout. */
struct decoded {
	uint64_t digits, lowest, highest;
	size_t nr; /* indices that were written */
	uint64_t counts[COUNTS_MAX];
	uint64_t total;
};

static struct decoded decoded;

/* The next @n bytes as a big-endian number. */
static uint64_t take(const uint8_t **at, unsigned int n)
{
	uint64_t value = 0;

	while (n--)
		value = value * 256 + *(*at)++;
	return value;
}

/* Decodes base64; every character must be of it, and padding only where it belongs. */
static size_t from_base64(const char *text, uint8_t *bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t len = strlen(text), used = 0, pad, i;
	unsigned int bits = 0, value = 0;

	assert_int_equal(len % 4, 0);
	for (pad = 0; pad < 2 && len && text[len - 1] == '='; pad++)
		len--;
	for (i = 0; i < len; i++) {
		const char *digit = strchr(alphabet, text[i]);

		assert_non_null(digit);
		value = value << 6 | (unsigned int)(digit - alphabet);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[used++] = (uint8_t)(value >> bits);
			value &= (1U << bits) - 1;
		}
	}
	assert_int_equal(value, 0); /* what is left over */
	return used;
}

/* One ZigZag number: seven bits a byte, the lowest first; a ninth byte has eight. */
static int64_t take_zigzag(const uint8_t **at, const uint8_t *end)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < 9; i++) {
		uint8_t byte;

		assert_true(*at < end);
		byte = *(*at)++;
		if (i == 8) {
			value += (uint64_t)byte << 56;
			break;
		}
		value += (uint64_t)(byte % 128) << (7 * i);
		if (byte < 128)
			break;
	}
	return value % 2 ? -(int64_t)(value / 2) - 1 : (int64_t)(value / 2);
}

/* Takes the counts, of which a negative one is a run of zeros. */
static void take_counts(const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		int64_t n = take_zigzag(&at, end);

		if (n < 0) {
			assert_true(n < -1);
			decoded.nr += (size_t)-n;
		} else {
			decoded.counts[decoded.nr++] = (uint64_t)n;
			decoded.total += (uint64_t)n;
		}
		assert_true(decoded.nr < COUNTS_MAX);
	}
}

/* Decodes what stands in a log. */
static void decode(const char *base64)
{
	static uint8_t packed[200000], bytes[1000000];
	const uint8_t *at = packed;
	uLongf len = sizeof(bytes);
	size_t size;

	memset(&decoded, 0, sizeof(decoded));
	assert_true(strlen(base64) < sizeof(packed));
	size = from_base64(base64, packed);
	assert_int_equal(take(&at, 4), 0x1c849314);
	assert_int_equal(take(&at, 4), size - 8);
	assert_int_equal(uncompress(bytes, &len, at, size - 8), Z_OK);
	at = bytes;
	assert_int_equal(take(&at, 4), 0x1c849313);
	assert_int_equal(take(&at, 4), len - 40);
	assert_int_equal(take(&at, 4), 0);
	decoded.digits = take(&at, 4);
	decoded.lowest = take(&at, 8);
	decoded.highest = take(&at, 8);
	assert_int_equal(take(&at, 8), 0x3ff0000000000000); /* 1.0 */
	take_counts(at, bytes + len);
}

/* Encodes a histogram and decodes that. */
static void through(const struct iopf_hist *h)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_int_equal(hdr_encode(h, f), 0);
	fclose(f);
	decode(text);
	free(text);
}

/* The values counted at an index, with 3 digits from 1 on: 2048 as they are, then 1024 an octave. */
static void values_at(size_t index, uint64_t *lo, uint64_t *hi)
{
	uint64_t width = 1;

	while (index >= 2048) {
		index -= 1024;
		width *= 2;
	}
	*lo = index * width;
	*hi = *lo + (width - 1);
}

/* A percentile by nearest rank, as HdrHistogram gives it: the upper end of the bucket. */
static uint64_t percentile(double percent)
{
	double rank = percent / 100 * (double)decoded.total - 1e-6;
	uint64_t seen = 0, lo, hi = 0;
	size_t i;

	for (i = 0; i < decoded.nr; i++) {
		seen += decoded.counts[i];
		values_at(i, &lo, &hi);
		if (decoded.counts[i] && (double)seen >= rank)
			return hi;
	}
	return hi;
}

/* The least and the greatest value counted, as far as they are known. */
static void expect_ends(const struct iopf_hist *h)
{
	uint64_t lo, hi;
	size_t first = 0;

	while (!decoded.counts[first])
		first++;
	values_at(first, &lo, &hi);
	assert_true(h->min > INT64_MAX || (lo <= h->min && h->min <= hi));
	values_at(decoded.nr - 1, &lo, &hi);
	assert_true(decoded.counts[decoded.nr - 1] > 0);
	assert_true(h->max > INT64_MAX || (lo <= h->max && h->max <= hi));
	assert_true(decoded.highest >= 3600000000000);
	assert_true(h->max > INT64_MAX || decoded.highest >= h->max);
	assert_true(decoded.highest <= INT64_MAX);
}

/* Everything that a histogram says is what was read. */
static void expect_same(const struct iopf_hist *h)
{
	static const double percents[] = { 0, 1, 25, 50, 75, 90, 99, 99.9, 100 };
	size_t i;

	assert_int_equal(decoded.digits, 3);
	assert_int_equal(decoded.lowest, 1);
	assert_int_equal(decoded.total, h->count);
	if (!h->count) {
		assert_int_equal(decoded.nr, 1);
		return;
	}
	expect_ends(h);
	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		uint64_t expected = iopf_hist_percentile(h, percents[i]);
		uint64_t got = percentile(percents[i]);

		if (expected > INT64_MAX)
			expected = INT64_MAX;
		if (got < expected || got - expected > expected / 1000)
			fail_msg("p%g is %" PRIu64 ", not %" PRIu64, percents[i], got, expected);
	}
}

/* What the format writes; to be freed. */
static char *show(const struct output_opts *opts)
{
	return format_show(output_hdr, &sample.report, opts);
}

/* The counts that were read, as a person can check them: values x count. */
static void put_decoded(FILE *out)
{
	uint64_t lo, hi;
	size_t i;

	for (i = 0; i < decoded.nr; i++) {
		values_at(i, &lo, &hi);
		if (decoded.counts[i])
			fprintf(out, " %" PRIu64 "..%" PRIu64 "x%" PRIu64, lo, hi,
				decoded.counts[i]);
	}
	putc('\n', out);
}

/* Compares a log with a golden file, in which histograms are decoded: other zlibs pack otherwise. */
static void expect_golden(const char *name, const struct output_opts *opts)
{
	char *text = show(opts), *shown = NULL, *rest = text, *line;
	size_t size;
	FILE *f = open_memstream(&shown, &size);

	while ((line = strsep(&rest, "\n")) && rest) {
		char *payload = strrchr(line, ',');

		if (strncmp(line, "Tag=", 4)) {
			fprintf(f, "%s\n", line);
			continue;
		}
		decode(payload + 1);
		fprintf(f, "%.*s", (int)(payload + 1 - line), line);
		put_decoded(f);
	}
	assert_true(line && !*line); /* the last line was ended */
	fclose(f);
	golden_check(name, shown);
	free(shown);
	free(text);
}

static void a_log_is_golden(void **state)
{
	struct output_opts opts;

	(void)state;
	output_opts_init(&opts);
	sample_lossy(&sample);
	sample_few_stages(&sample);
	iopf_hist_init(&sample.report.stage[IOPF_STAGE_SERVICE].hist);
	expect_golden("hdr_few.txt", &opts);
}

static void a_deterministic_log_tells_nothing_of_the_host(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	opts.deterministic = true;
	sample_pass(&sample);
	text = show(&opts);
	assert_null(strstr(text, "Time:"));
	assert_null(strstr(text, "1.2.3"));
	assert_null(strstr(text, "7.3.4"));
	free(text);
}

static void names_stay_in_their_line(void **state)
{
	struct output_opts opts;
	char *text;

	(void)state;
	output_opts_init(&opts);
	sample_pass(&sample);
	sample.report.kernel = "6\nTag=total,0.000,0.000,0.000,AAAA\r\033[m\xff";
	text = show(&opts);
	assert_non_null(strstr(text, "kernel 6\\x0aTag=total"));
	assert_null(strstr(text, "\nTag=total,0.000,0.000,"));
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\r'));
	free(text);
}

static void any_histogram_comes_back(void **state)
{
	uint64_t random = 0x9e3779b97f4a7c15;
	unsigned int i, stage;

	(void)state;
	sample_pass(&sample);
	for (i = 0; i < 300; i++) {
		for (stage = 0; stage < IOPF_STAGES; stage++) {
			through(&sample.report.stage[stage].hist);
			expect_same(&sample.report.stage[stage].hist);
		}
		sample_wild(&sample, &random);
	}
}

/* Each edge of each octave, alone and with its neighbours. */
static void every_magnitude_comes_back(void **state)
{
	static struct iopf_hist h, all;
	unsigned int i;
	int d;

	(void)state;
	iopf_hist_init(&all);
	for (i = 0; i < 63; i++)
		for (d = -1; d <= 1; d++) {
			uint64_t value = (1ULL << i) + (uint64_t)(int64_t)d;

			iopf_hist_init(&h);
			iopf_hist_add(&h, value);
			iopf_hist_add(&all, value);
			through(&h);
			expect_same(&h);
		}
	through(&all);
	expect_same(&all);
}

/* Counts of any size: what takes nine bytes, and every length below. */
static void every_count_comes_back(void **state)
{
	static struct iopf_hist h;
	unsigned int i;

	(void)state;
	for (i = 2; i < 64; i++) {
		iopf_hist_init(&h);
		iopf_hist_add(&h, 5);
		h.bucket[iopf_hist_index(5)] = h.count = (1ULL << i) - 1;
		through(&h);
		assert_int_equal(decoded.total, h.count);
		assert_int_equal(decoded.counts[5], h.count);
	}
	iopf_hist_init(&h);
	for (i = 0; i < IOPF_HIST_BUCKETS; i++) {
		uint64_t lo, hi;

		iopf_hist_edges(i, &lo, &hi);
		iopf_hist_add(&h, lo);
		iopf_hist_add(&h, hi);
	}
	through(&h);
	expect_same(&h);
}

/* Orders values. */
static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The error that the header states, against the values themselves. */
static void values_are_within_one_percent(void **state)
{
	static uint64_t values[10000];
	static struct iopf_hist h;
	uint64_t random = 88172645463325252;
	unsigned int i, p;

	(void)state;
	iopf_hist_init(&h);
	for (i = 0; i < 10000; i++) {
		values[i] = sample_random(&random) >> (22 + sample_random(&random) % 42);
		iopf_hist_add(&h, values[i]);
	}
	qsort(values, 10000, sizeof(values[0]), compare);
	through(&h);
	for (p = 1; p <= 100; p++) {
		double exact = (double)values[p * 100 - 1], got = (double)percentile(p);

		if (got < exact * 0.99 || got > exact * 1.01)
			fail_msg("p%u is %g, not %g", p, got, exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_is_golden),
		cmocka_unit_test(a_deterministic_log_tells_nothing_of_the_host),
		cmocka_unit_test(names_stay_in_their_line),
		cmocka_unit_test(any_histogram_comes_back),
		cmocka_unit_test(every_magnitude_comes_back),
		cmocka_unit_test(every_count_comes_back),
		cmocka_unit_test(values_are_within_one_percent),
	};

	return cmocka_run_group_tests_name("hdr", tests, NULL, NULL);
}
