// SPDX-License-Identifier: GPL-2.0-only
/* What the fuzzer of recordings begins with, beside the fixtures: small ones of many kinds, into DIR. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "../unit/recordings.h"

int main(int argc, char **argv)
{
	const char *dir = argv[1];
	char name[32];

	if (argc != 2)
		return 3;
	recording_of_steady(dir, "steady", 300, 1);
	recording_of_tails(dir, "tails", 20, 2);
	recording_of_tails(dir, "empty", 0, 3);
	for (unsigned int i = 0; i < 32; i++) {
		struct m_opts opts = {
			.seed = i + 1,
			.steps = 100 + 100 * (i % 4),
			.races = i & 1,
			.twins = i & 2,
			.unreadable = i & 4,
			.before = i & 8,
			.kernel = i & 16,
			.failures = i % 3,
			.unacked = i % 5 == 0,
		};

		snprintf(name, sizeof(name), "model-%u", i);
		recording_of_model(dir, name, opts, i % 7 ? 100 : 97);
	}
	return 0;
}
