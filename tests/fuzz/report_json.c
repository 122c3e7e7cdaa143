// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports as JSON that somebody else may have written: diff reads them. The mutator changes values, keys
 * and what is where, so that it stays JSON.
 */
#include <jansson.h>
#include <string.h>

#include "sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char same[] = "diff " FUZZ_INPUT " " FUZZ_INPUT " -f json";
	static char name[64], command[160];
	const struct fuzz_result *r;

	if (!*name) {
		sample_make(1, name, sizeof(name));
		snprintf(command, sizeof(command),
			 "diff %s " FUZZ_INPUT " --fail-on total.p99>+10%% --fail-on verdict",
			 name);
	}
	/* What may be a recording is for the other one. */
	if (size && data[0] == 0x89)
		return 0;
	fuzz_set_input(data, size);
	fuzz_begin();
	r = fuzz_run(same);
	if (r->out_size)
		fuzz_is_json(r->out, r->out_size);
	else if (r->code != 3)
		fuzz_fail("nothing was written, exit code %d", r->code);
	if (r->out_size && strstr(r->out, "\"differs\": true"))
		fuzz_fail("a report that is not as itself: %.1000s", r->out);
	r = fuzz_run(command);
	fuzz_is_printable(r->out, r->out_size);
	fuzz_end((16 << 20) + 256 * size, 2000000000);
	return 0;
}

/* A value as somebody else may have put there. */
static json_t *odd_value(void)
{
	switch (fuzz_below(9)) {
	case 0:
		return json_integer((json_int_t)(fuzz_random() >> fuzz_below(64)));
	case 1:
		return json_integer((json_int_t)((1ULL << fuzz_below(64)) - fuzz_below(2)));
	case 2:
		return json_real((double)fuzz_random() / (double)(1 + fuzz_below(1000000)));
	case 3:
		return json_string("\x1b[31m\xc2\x9b IOPF001 \xe2\x80\xae");
	case 4:
		return json_boolean(fuzz_below(2));
	case 5:
		return json_null();
	case 6:
		return json_array();
	case 7:
		return json_object();
	default:
		return json_integer((json_int_t)fuzz_below(3) - 1);
	}
}

/* Changes something in a value, or what stands in its place; both references are passed on. */
static json_t *mutate(json_t *value)
{
	size_t nr = json_is_object(value) ? json_object_size(value) : json_array_size(value), which;
	const char *key;
	void *at;

	if (!nr || !fuzz_below(12)) {
		json_decref(value);
		return odd_value();
	}
	which = fuzz_below(nr);
	if (json_is_array(value)) {
		json_t *old = json_incref(json_array_get(value, which));

		if (fuzz_below(8) == 0)
			json_array_remove(value, which);
		if (fuzz_below(8) == 0)
			json_array_insert(value, which, json_array_get(value, fuzz_below(nr)));
		if (which < json_array_size(value))
			json_array_set_new(value, which, mutate(old));
		else
			json_decref(old);
		return value;
	}
	at = json_object_iter(value);
	while (which--)
		at = json_object_iter_next(value, at);
	key = json_object_iter_key(at);
	if (fuzz_below(16))
		json_object_set_new(value, key, mutate(json_incref(json_object_iter_value(at))));
	else
		json_object_del(value, key);
	return value;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	json_t *json;
	char *text;
	size_t length;

	fuzz_seed(seed);
	json = fuzz_below(4) ? json_loadb((const char *)data, size, 0, NULL) : NULL;
	if (!json)
		return LLVMFuzzerMutate(data, size, max);
	for (size_t i = 1 + fuzz_below(3); i; i--)
		json = mutate(json);
	text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
	json_decref(json);
	length = text ? strlen(text) : 0;
	if (!length || length > max) {
		free(text);
		return LLVMFuzzerMutate(data, size, max);
	}
	memcpy(data, text, length);
	free(text);
	return length;
}
