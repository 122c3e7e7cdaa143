// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "nearest.h"

#define WORD_MAX 32

/* The smallest of three. */
static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

unsigned int nearest_distance(const char *a, const char *b)
{
	unsigned int d[WORD_MAX + 1][WORD_MAX + 1];
	size_t len_a = strlen(a), len_b = strlen(b), i, j;

	if (len_a > WORD_MAX || len_b > WORD_MAX)
		return UINT_MAX;
	for (i = 0; i <= len_a; i++)
		d[i][0] = (unsigned int)i;
	for (j = 0; j <= len_b; j++)
		d[0][j] = (unsigned int)j;
	for (i = 1; i <= len_a; i++) {
		for (j = 1; j <= len_b; j++) {
			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[len_a][len_b];
}

void nearest_begin(struct nearest *nearest, const char *word)
{
	size_t len = strlen(word);

	/* one error in three characters is a misspelling, more is another word */
	*nearest = (struct nearest){ .word = word,
				     .distance = len < 3 ? 2 : (unsigned int)len / 3 + 1 };
}

void nearest_try(struct nearest *nearest, const char *name)
{
	unsigned int distance = nearest_distance(nearest->word, name);

	if (distance >= nearest->distance)
		return;
	nearest->name = name;
	nearest->distance = distance;
}
