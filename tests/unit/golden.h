/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Golden files: what a program wrote is compared with a file that a person has looked at. Run with
 * UPDATE_GOLDEN=1 to write them anew, then read the difference. To be run from the top directory.
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN_DIR "tests/unit/golden/"

/* Compares @text with the golden file @name, or writes that. */
static inline void golden_check(const char *name, const char *text)
{
	char path[256], *expected = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), GOLDEN_DIR "%s", name);
	if (getenv("UPDATE_GOLDEN")) {
		f = fopen(path, "w");
		if (!f)
			fail_msg("cannot write %s", path);
		fputs(text, f);
		fclose(f);
		return;
	}
	f = fopen(path, "r");
	if (!f)
		fail_msg("cannot read %s: run from the top directory", path);
	if (getdelim(&expected, &size, '\0', f) < 0)
		fail_msg("cannot read %s", path);
	fclose(f);
	if (strcmp(expected, text))
		fail_msg("%s differs; now it is:\n%s", path, text);
	free(expected);
}

#endif /* TESTS_GOLDEN_H */
