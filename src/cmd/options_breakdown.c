// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Options that divide the figures, or choose the groups that they are of. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "options_values.h"

#define KEY_MAX 32 /* characters of a key */

/* More intervals than this are not told apart in a plot. */
#define DRAWN_INTERVALS_MAX 1000

/* The key with this name, or IOPF_KEYS. */
static enum iopf_key find_key(const char *name, size_t len)
{
	unsigned int key;

	for (key = 0; key < IOPF_KEYS; key++) {
		const char *known = iopf_key_name((enum iopf_key)key);

		if (strlen(known) == len && !strncmp(known, name, len))
			break;
	}
	return (enum iopf_key)key;
}

/* Whether a key is in the list already. */
static bool has_key(const struct options *o, enum iopf_key key)
{
	for (size_t i = 0; i < o->nr_by; i++)
		if (o->by[i] == key)
			return true;
	return false;
}

int option_by(const struct option_def *def, const char *value, void *member,
	      struct options_error *error)
{
	struct options *o = member;

	o->nr_by = 0;
	for (const char *at = value; at;) {
		size_t len = strcspn(at, ",");
		enum iopf_key key = find_key(at, len);

		if (key == IOPF_KEYS)
			return options_fail(error,
					    "--%s '%.*s' is not device, pasid, process, code or "
					    "fault-id",
					    def->name, (int)(len < KEY_MAX ? len : KEY_MAX), at);
		if (!has_key(o, key))
			o->by[o->nr_by++] = key;
		at = at[len] ? at + len + 1 : NULL;
	}
	return 0;
}

int option_moment(const struct option_def *def, const char *value, void *member,
		  struct options_error *error)
{
	struct option_moment *moment = member;
	bool from_end = *value == '-';
	const char *why;
	uint64_t ns;

	if (units_parse_duration(value + from_end, &ns, &why))
		return options_fail(error, "--%s '%s' %s", def->name, value, why);
	*moment = (struct option_moment){ .given = true, .from_end = from_end, .ns = ns };
	return 0;
}

/* A number that is asked for, for the engine. */
static struct iopf_filter_number number(const struct option_number *n)
{
	return (struct iopf_filter_number){ n->given, n->value };
}

/* Whether a device is asked for as one without a name is called: "dev 3". */
static bool is_dev_id(const char *device, uint32_t *dev_id)
{
	static const char unnamed[] = "dev ";
	const char *why;
	uint64_t n;

	if (!device || strncmp(device, unnamed, strlen(unnamed)) ||
	    units_parse_number(device + strlen(unnamed), 1, UINT32_MAX, &n, &why))
		return false;
	*dev_id = (uint32_t)n;
	return true;
}

/* What devices are called in text, they can be asked for by. */
static void set_device(struct iopf_filter *filter)
{
	uint32_t dev_id;

	if (!is_dev_id(filter->device, &dev_id) ||
	    (filter->dev_id.given && filter->dev_id.value != dev_id))
		return;
	filter->device = NULL;
	filter->dev_id = (struct iopf_filter_number){ true, dev_id };
}

void options_breakdown(const struct options *o, struct iopf_breakdown_opts *breakdown)
{
	*breakdown = (struct iopf_breakdown_opts){
		.nr_by = o->nr_by,
		.interval_ns = o->verb == VERB_REPORT ? o->interval_ns : 0,
		.filter = {
			.device = o->device,
			.comm = o->comm,
			.dev_id = number(&o->dev_id),
			.fault_id = number(&o->fault_id),
			.pasid = number(&o->pasid),
			.code = number(&o->code),
			.window = o->from.given || o->to.given,
			.from_ns = o->from.ns,
			.to_ns = o->to.given ? o->to.ns : UINT64_MAX,
		},
	};
	set_device(&breakdown->filter);
	memcpy(breakdown->by, o->by, sizeof(o->by));
	if (!(o->format->can & OUTPUT_DRAWS_SERIES))
		return;
	if (breakdown->interval_ns)
		breakdown->max_intervals = DRAWN_INTERVALS_MAX;
	else
		breakdown->adaptive = true;
}

/* The first option that asks for some of the groups only; NULL when there is none. */
static const char *filter_of(const struct options *o)
{
	return o->from.given	 ? "from" :
	       o->to.given	 ? "to" :
	       o->device	 ? "device" :
	       o->dev_id.given	 ? "dev-id" :
	       o->fault_id.given ? "fault-id" :
	       o->pasid.given	 ? "pasid" :
	       o->code.given	 ? "code" :
	       o->comm		 ? "comm" :
				   NULL;
}

/* A format of metrics has labels, of which there must not be many. */
static int check_labels(const struct options *o, struct options_error *error)
{
	for (size_t i = 0; i < o->nr_by; i++) {
		if (o->by[i] == IOPF_KEY_DEVICE || o->by[i] == IOPF_KEY_CODE)
			continue;
		return options_fail(error,
				    "--by %s is not for --format %s: only device and code become "
				    "labels, others would make too many series",
				    iopf_key_name(o->by[i]), o->format->name);
	}
	return 0;
}

int options_check_breakdown(const struct options *o, struct options_error *error)
{
	const struct {
		const char *option;
		enum output_can can;
		const char *use;
	} wanted[] = {
		{ o->nr_by ? "by" : NULL, OUTPUT_CAN_BY,
		  "text, json or csv; for device and code also openmetrics or prometheus" },
		{ o->interval_ns && o->verb == VERB_REPORT ? "interval" : NULL, OUTPUT_CAN_SERIES,
		  "text, json, csv or html" },
		{ filter_of(o), OUTPUT_CAN_FILTER, "text, json or csv" },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (wanted[i].option && !(o->format->can & wanted[i].can))
			return options_fail(error, "--%s is not for --format %s: use %s",
					    wanted[i].option, o->format->name, wanted[i].use);
	if (o->from.given && o->to.given && o->from.from_end == o->to.from_end &&
	    (o->from.from_end ? o->from.ns <= o->to.ns : o->from.ns >= o->to.ns))
		return options_fail(error, "--from is not before --to");
	return o->format->can & OUTPUT_LABELS ? check_labels(o, error) : 0;
}
