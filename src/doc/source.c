// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void source_fail(const char *what, const char *where)
{
	fprintf(stderr, "docgen: %s: %s\n", where, what);
	exit(1);
}

/* A path, to be freed. */
static char *path(const char *dir, const char *name)
{
	char *full;

	if (asprintf(&full, "%s/%s", dir, name) < 0)
		source_fail("out of memory", name);
	return full;
}

char *source_read(const struct source *s, const char *name, bool must)
{
	char *full = path(s->root, name), *text = NULL;
	FILE *in = fopen(full, "r");
	size_t size = 0;

	if (!in && (must || errno != ENOENT))
		source_fail(strerror(errno), full);
	if (in && getdelim(&text, &size, '\0', in) < 0)
		source_fail("is empty", full);
	if (in)
		fclose(in);
	free(full);
	return text;
}

FILE *source_create(const struct source *s, const char *dir, const char *name)
{
	char *under = path(s->out, dir), *full = path(under, name);
	FILE *out;

	if (mkdir(under, 0777) && errno != EEXIST)
		source_fail(strerror(errno), under);
	out = fopen(full, "w");
	if (!out)
		source_fail(strerror(errno), full);
	free(under);
	free(full);
	return out;
}

void source_close(FILE *out)
{
	if (ferror(out) | fclose(out))
		source_fail("could not be written", "a file");
}
