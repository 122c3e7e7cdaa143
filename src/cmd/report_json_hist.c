// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "report_json_hist.h"

/* A number of a bucket: @i of lowest value, highest value, count. */
static bool read_number(const json_t *bucket, size_t i, uint64_t *value)
{
	return report_json_number(json_array_get(bucket, i), value);
}

/* One bucket: one of those there are, after the ones before, and not empty. */
static int read_bucket(const json_t *bucket, const char *name, struct iopf_hist *h,
		       unsigned int *next, char *why)
{
	uint64_t lo, hi, count, from, to;
	unsigned int i;

	if (json_array_size(bucket) != 3 || !read_number(bucket, 0, &lo) ||
	    !read_number(bucket, 1, &hi) || !read_number(bucket, 2, &count))
		return report_json_fail(why, "stages.%s.histogram has no buckets of three numbers",
					name);
	i = iopf_hist_index(lo);
	iopf_hist_edges(i, &from, &to);
	if (lo != from || hi != to || i < *next || !count ||
	    __builtin_add_overflow(h->count, count, &h->count))
		return report_json_fail(why, "stages.%s.histogram is not one that iopftrace makes",
					name);
	h->bucket[i] = count;
	*next = i + 1;
	return 0;
}

/* The buckets, and that they add up to what the stage says of them. */
static int read_buckets(const json_t *stage, const char *name, struct iopf_hist *h, char *why)
{
	const json_t *list = json_object_get(stage, "histogram"), *bucket;
	unsigned int next = 0;
	uint64_t count;
	size_t i;
	int err;

	if (!json_is_array(list))
		return report_json_fail(why, "stages.%s.histogram is %s", name,
					list ? "no list" : "missing");
	json_array_foreach(list, i, bucket)
	{
		err = read_bucket(bucket, name, h, &next, why);
		if (err)
			return err;
	}
	err = report_json_count(stage, name, "count", &count, why);
	if (!err && count != h->count)
		return report_json_fail(why, "stages.%s.histogram does not add up to count", name);
	return err;
}

/* The least and the largest value are in the first and the last bucket, the mean between them. */
static bool is_sound(const struct iopf_hist *h, uint64_t mean)
{
	return h->min <= mean && mean <= h->max && h->bucket[iopf_hist_index(h->min)] &&
	       h->bucket[iopf_hist_index(h->max)] &&
	       iopf_hist_between(h, 0, h->min) == h->bucket[iopf_hist_index(h->min)] &&
	       iopf_hist_between(h, 0, h->max) == h->count;
}

int report_json_stage(const json_t *stage, const char *name, struct iopf_stage_stats *stats,
		      char why[REPORT_JSON_WHY])
{
	struct iopf_hist *h = &stats->hist;
	uint64_t mean;
	int err;

	iopf_hist_init(h);
	if (!json_is_object(stage))
		return report_json_fail(why, "stages.%s is %s", name,
					stage ? "no object" : "missing");
	err = report_json_count(stage, name, "negative", &stats->negative, why);
	if (!err)
		err = read_buckets(stage, name, h, why);
	if (err || !h->count)
		return err;
	err = report_json_count(stage, name, "min_ns", &h->min, why);
	if (!err)
		err = report_json_count(stage, name, "mean_ns", &mean, why);
	if (!err)
		err = report_json_count(stage, name, "max_ns", &h->max, why);
	if (!err && !is_sound(h, mean))
		return report_json_fail(
			why, "stages.%s: minimum, mean and maximum do not fit the histogram", name);
	/* What was rounded off the mean is lost; it comes out as it was told. */
	h->sum = (unsigned __int128)mean * h->count;
	return err;
}
