// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "assertion.h"
#include "nearest.h"
#include "options_values.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define PID_LIMIT (1U << 22) /* PID_MAX_LIMIT of the kernel */
#define ROTATE_MIN_NS 100000000ULL /* how often it is looked at */
#define ITEM_MAX 32 /* characters of one item of a list */

/* Says that a value is wrong: "--duration '5x' has an unknown unit". */
static int fail_value(const struct option_def *def, const char *value, const char *why,
		      struct options_error *error)
{
	return options_fail(error, "--%s '%s' %s", def->name, value, why);
}

int option_flag(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	(void)def;
	(void)value;
	(void)error;
	*(bool *)member = true;
	return 0;
}

int option_help(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	(void)def;
	(void)value;
	(void)error;
	*(enum options_action *)member = OPTIONS_HELP;
	return 0;
}

int option_version(const struct option_def *def, const char *value, void *member,
		   struct options_error *error)
{
	(void)def;
	(void)value;
	(void)error;
	*(enum options_action *)member = OPTIONS_VERSION;
	return 0;
}

int option_string(const struct option_def *def, const char *value, void *member,
		  struct options_error *error)
{
	if (!*value)
		return options_fail(error, "--%s needs a %s, not nothing", def->name, def->arg);
	*(const char **)member = value;
	return 0;
}

int option_time(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	const char *why;
	uint64_t ns;

	if (units_parse_duration(value, &ns, &why))
		return fail_value(def, value, why, error);
	if (ns == 0)
		return fail_value(def, value, "is too short", error);
	*(uint64_t *)member = ns;
	return 0;
}

int option_memory(const struct option_def *def, const char *value, void *member,
		  struct options_error *error)
{
	uint64_t bytes;
	const char *why;

	if (units_parse_size(value, &bytes, &why))
		return fail_value(def, value, why, error);
	if (bytes < IOPF_MEMORY_MIN)
		return fail_value(def, value, "is too small: at least 8M", error);
	if (bytes > SIZE_MAX / 2)
		return fail_value(def, value, "is too large", error);
	*(uint64_t *)member = bytes;
	return 0;
}

int option_buffer(const struct option_def *def, const char *value, void *member,
		  struct options_error *error)
{
	uint64_t bytes, size = (uint64_t)sysconf(_SC_PAGESIZE);
	const char *why;

	if (units_parse_size(value, &bytes, &why))
		return fail_value(def, value, why, error);
	if (bytes == 0)
		return fail_value(def, value, "is too small", error);
	if (bytes > OPTION_BUFFER_MAX)
		return fail_value(def, value, "is too large: at most 2G", error);
	while (size < bytes)
		size *= 2;
	*(uint64_t *)member = size;
	return 0;
}

/* A size has a letter that no time has; a bare number could be either. */
int option_rotate(const struct option_def *def, const char *value, void *member,
		  struct options_error *error)
{
	struct option_rotate *rotate = member;
	const char *why;
	size_t len = strlen(value);

	*rotate = (struct option_rotate){ 0 };
	if (len && value[len - 1] >= '0' && value[len - 1] <= '9')
		return fail_value(def, value, "needs a unit: 64M, or 10s", error);
	if (len && strchr("KMGTkB", value[len - 1])) {
		if (units_parse_size(value, &rotate->bytes, &why))
			return fail_value(def, value, why, error);
	} else if (units_parse_duration(value, &rotate->ns, &why)) {
		return fail_value(def, value, why, error);
	}
	if (rotate->bytes || rotate->ns >= ROTATE_MIN_NS)
		return 0;
	return fail_value(def, value, "is too short: at least 100ms", error);
}

int option_keep(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	const char *why;

	if (units_parse_number(value, 2, UINT32_MAX, member, &why))
		return fail_value(def, value, why, error);
	return 0;
}

int option_count(const struct option_def *def, const char *value, void *member,
		 struct options_error *error)
{
	struct option_count *count = member;
	const char *why;

	if (units_parse_number(value, 0, UINT64_MAX, &count->value, &why))
		return fail_value(def, value, why, error);
	count->given = true;
	return 0;
}

int option_assertion(const struct option_def *def, const char *value, void *member,
		     struct options_error *error)
{
	struct options *o = member;
	char why[ASSERTION_WHY];

	if (o->nr_assertions == OPTIONS_ASSERTIONS_MAX)
		return options_fail(error, "--%s: at most %d of them; --policy takes more",
				    def->name, OPTIONS_ASSERTIONS_MAX);
	if (assertion_parse(&o->assertion[o->nr_assertions], value, why))
		return options_fail(error, "--%s '%s': %s", def->name, value, why);
	o->nr_assertions++;
	return 0;
}

int option_fail_on(const struct option_def *def, const char *value, void *member,
		   struct options_error *error)
{
	struct options *o = member;
	char why[ASSERTION_WHY];

	if (o->nr_fail_on == OPTIONS_CONDITIONS_MAX)
		return options_fail(error, "--%s: at most %d of them", def->name,
				    OPTIONS_CONDITIONS_MAX);
	if (condition_parse(&o->fail_on[o->nr_fail_on], value, why))
		return options_fail(error, "--%s '%s': %s", def->name, value, why);
	o->nr_fail_on++;
	return 0;
}

int option_rows(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	const char *why;
	uint64_t n;

	if (units_parse_number(value, 0, OPTION_ROWS_MAX, &n, &why))
		return fail_value(def, value, why, error);
	*(size_t *)member = (size_t)n;
	return 0;
}

int option_id(const struct option_def *def, const char *value, void *member,
	      struct options_error *error)
{
	struct option_number *number = member;
	const char *why;
	uint64_t n;

	if (units_parse_number(value, 0, UINT32_MAX, &n, &why))
		return fail_value(def, value, why, error);
	*number = (struct option_number){ .given = true, .value = (uint32_t)n };
	return 0;
}

static const char *const code_names[] = {
	[IOPF_CODE_SUCCESS] = "success",
	[IOPF_CODE_INVALID] = "invalid",
	[IOPF_CODE_FAILURE] = "failure",
};

int option_code(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	uint32_t code;

	for (code = 0; code < ARRAY_SIZE(code_names); code++) {
		if (strcmp(value, code_names[code]))
			continue;
		*(struct option_number *)member = (struct option_number){ true, code };
		return 0;
	}
	if (option_id(def, value, member, error))
		return fail_value(def, value, "is not success, invalid, failure or a number",
				  error);
	return 0;
}

/*
 * Takes the next item of a comma list into @item and gives what is left of the list, NULL after the
 * last. An item that is empty or too long becomes one that no parser accepts.
 */
static const char *next_item(const char *list, char item[ITEM_MAX])
{
	size_t len = strcspn(list, ",");

	snprintf(item, ITEM_MAX, "%.*s", (int)(len < ITEM_MAX ? len : ITEM_MAX - 1), list);
	return list[len] ? list + len + 1 : NULL;
}

int option_pids(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	struct options *o = member;
	char item[ITEM_MAX];
	const char *why;
	uint64_t pid;

	while (value) {
		value = next_item(value, item);
		if (units_parse_number(item, 1, PID_LIMIT, &pid, &why))
			return fail_value(def, item, why, error);
		if (o->nr_pids == OPTIONS_PIDS_MAX)
			return options_fail(error, "--%s: at most %d processes", def->name,
					    OPTIONS_PIDS_MAX);
		o->pids[o->nr_pids++] = (uint32_t)pid;
	}
	return 0;
}

/* Whether a percentile is among the first @nr. */
static bool has_percentile(const struct output_opts *show, size_t nr, double percent)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (show->percentile[i] >= percent && show->percentile[i] <= percent)
			return true;
	return false;
}

int option_percentiles(const struct option_def *def, const char *value, void *member,
		       struct options_error *error)
{
	struct output_opts *show = member;
	char item[ITEM_MAX];
	const char *why;
	double percent;
	size_t nr = 0;

	while (value) {
		value = next_item(value, item);
		if (units_parse_percent(item, &percent, &why))
			return fail_value(def, item, why, error);
		if (has_percentile(show, nr, percent))
			continue;
		if (nr == OUTPUT_PERCENTILES_MAX)
			return options_fail(error, "--%s: at most %d of them", def->name,
					    OUTPUT_PERCENTILES_MAX);
		show->percentile[nr++] = percent;
	}
	show->nr_percentiles = nr;
	return 0;
}

/* The place of @value among @names; -1 with an error that lists them all when it is none. */
static int choose(const struct option_def *def, const char *value, const char *const *names,
		  size_t nr, struct options_error *error)
{
	char list[128] = "";
	size_t i, used = 0;

	for (i = 0; i < nr; i++) {
		if (strcmp(value, names[i]) == 0)
			return (int)i;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
					 i == 0	     ? "" :
					 i == nr - 1 ? " or " :
						       ", ",
					 names[i]);
	}
	options_fail(error, "--%s '%s' is not %s", def->name, value, list);
	return -1;
}

const char *const options_on_loss[OPTIONS_ON_LOSS] = {
	[IOPF_LOSS_INCONCLUSIVE] = "inconclusive",
	[IOPF_LOSS_FAIL] = "fail",
	[IOPF_LOSS_IGNORE] = "ignore",
};

static const char *const unit_names[] = {
	[UNITS_AUTO] = "auto", [UNITS_NS] = "ns", [UNITS_US] = "us",
	[UNITS_MS] = "ms",     [UNITS_S] = "s",
};

static const char *const color_names[] = {
	[OPTIONS_COLOR_AUTO] = "auto",
	[OPTIONS_COLOR_ALWAYS] = "always",
	[OPTIONS_COLOR_NEVER] = "never",
};

const char *const *option_words(const struct option_def *def, size_t *nr)
{
	static const char *keys[IOPF_KEYS];
	static const struct {
		option_parse_fn parse;
		const char *const *words;
		size_t nr;
	} sets[] = {
		{ option_by, keys, IOPF_KEYS },
		{ option_code, code_names, ARRAY_SIZE(code_names) },
		{ option_unit, unit_names, ARRAY_SIZE(unit_names) },
		{ option_color, color_names, ARRAY_SIZE(color_names) },
		{ option_on_loss, options_on_loss, OPTIONS_ON_LOSS },
	};
	size_t i;

	for (i = 0; i < IOPF_KEYS; i++)
		keys[i] = iopf_key_name((enum iopf_key)i);
	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		if (sets[i].parse != def->parse)
			continue;
		*nr = sets[i].nr;
		return sets[i].words;
	}
	*nr = 0;
	return NULL;
}

int option_unit(const struct option_def *def, const char *value, void *member,
		struct options_error *error)
{
	int i = choose(def, value, unit_names, ARRAY_SIZE(unit_names), error);

	if (i < 0)
		return -EINVAL;
	*(enum units_time *)member = (enum units_time)i;
	return 0;
}

int option_color(const struct option_def *def, const char *value, void *member,
		 struct options_error *error)
{
	int i = choose(def, value, color_names, ARRAY_SIZE(color_names), error);

	if (i < 0)
		return -EINVAL;
	*(enum options_color *)member = (enum options_color)i;
	return 0;
}

int option_on_loss(const struct option_def *def, const char *value, void *member,
		   struct options_error *error)
{
	struct option_on_loss *on_loss = member;
	int i = choose(def, value, options_on_loss, OPTIONS_ON_LOSS, error);

	if (i < 0)
		return -EINVAL;
	*on_loss = (struct option_on_loss){ true, (enum iopf_on_loss)i };
	return 0;
}

int option_format(const struct option_def *def, const char *value, void *member,
		  struct options_error *error)
{
	const struct output_format *formats, *found = output_format_find(value);
	const char *names[32] = { NULL };
	size_t nr, i;

	if (found) {
		*(const struct output_format **)member = found;
		return 0;
	}
	formats = output_formats(&nr);
	for (i = 0; i < nr && i < ARRAY_SIZE(names); i++)
		names[i] = formats[i].name;
	choose(def, value, names, i, error); /* says which there are */
	return -EINVAL;
}
