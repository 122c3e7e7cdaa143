/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Readers that others wrote, for the tests of the formats: they are given files, and say what is in
 * them. A reader that is not there is a failure, not something to skip: tests/lab/deps.sh unit has
 * them. To be run from the top directory.
 */
#ifndef TESTS_READERS_H
#define TESTS_READERS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READER_CSV "/usr/bin/python3 tests/unit/readers/csv_read.py"
#define READER_HDR \
	"java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC " \
	"-cp /usr/share/java/hdrhistogram.jar " \
	"tests/unit/readers/HdrRead.java"

/* A file with @len bytes, in the directory of temporary files; its name is to be unlinked and freed. */
static inline char *reader_file(const char *bytes, size_t len)
{
	char *name = strdup("/tmp/iopftrace-test-XXXXXX");
	int fd = mkstemp(name);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f)
		fail_msg("cannot make %s", name);
	fwrite(bytes, 1, len, f);
	if (fclose(f))
		fail_msg("cannot write %s", name);
	return name;
}

/* What a reader says of @nr files, which are removed; to be freed. */
static inline char *reader_run(const char *reader, char **files, size_t nr)
{
	char command[4096], *said = NULL;
	size_t used, size = 0, i;
	bool failed;
	FILE *f;

	used = (size_t)snprintf(command, sizeof(command), "%s", reader);
	for (i = 0; i < nr && used < sizeof(command); i++)
		used += (size_t)snprintf(command + used, sizeof(command) - used, " %s", files[i]);
	f = popen(command, "r");
	failed = !f || getdelim(&said, &size, '\0', f) < 0;
	failed |= !f || pclose(f);
	for (i = 0; i < nr; i++) {
		unlink(files[i]);
		free(files[i]);
	}
	if (failed)
		fail_msg("the reader failed; is it installed? tests/lab/deps.sh unit: %s", command);
	return said;
}

#endif /* TESTS_READERS_H */
