// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "record_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the command line, so many bytes are told. */
#define COMMAND_MAX 16384

/* Appends a word, in quotes where a shell needs them; a quote in it becomes '\''. */
static char *quote(char *to, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_=+./,:@%";

	if (*word && !word[strspn(word, plain)])
		return stpcpy(to, word);
	*to++ = '\'';
	for (; *word; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\'");
		*to++ = *word;
	}
	*to++ = '\'';
	return to;
}

char *record_command_quote(const char *words, size_t bytes)
{
	/* At worst each byte is a quote, or each is the end of a word: '' and a space. */
	char *text = malloc(4 * bytes + 1), *to = text;
	const char *end = words + bytes;

	if (!text)
		return NULL;
	while (words < end && memchr(words, '\0', (size_t)(end - words))) {
		if (to > text)
			*to++ = ' ';
		to = quote(to, words);
		words += strlen(words) + 1;
	}
	*to = '\0';
	return text;
}

char *record_command(void)
{
	FILE *file = fopen("/proc/self/cmdline", "re");
	char words[COMMAND_MAX];
	size_t bytes;

	if (!file)
		return NULL;
	bytes = fread(words, 1, sizeof(words), file);
	fclose(file);
	return record_command_quote(words, bytes);
}
