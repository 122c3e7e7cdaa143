// SPDX-License-Identifier: GPL-2.0-only
/* Policy files: a recording is judged by one. */
#include <string.h>

#include "sample.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[64], command[160];
	const struct fuzz_result *r;

	if (!*name) {
		sample_make(1, name, sizeof(name));
		snprintf(command, sizeof(command), "check %s -f json --policy " FUZZ_INPUT, name);
	}
	fuzz_set_input(data, size);
	fuzz_begin();
	r = fuzz_run(command);
	if (r->code == 3) {
		/* What is wrong is said in one line. */
		if (!strstr(r->err, FUZZ_INPUT) || strchr(r->err, '\n') != r->err + r->err_size - 1)
			fuzz_fail("not one line that names the file");
	} else {
		fuzz_is_json(r->out, r->out_size);
	}
	fuzz_end((32 << 20) + 256 * size, 2000000000);
	return 0;
}
