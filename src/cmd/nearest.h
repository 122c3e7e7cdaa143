/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* "Did you mean ...?": the name that a word is most probably a misspelling of. */
#ifndef CMD_NEAREST_H
#define CMD_NEAREST_H

struct nearest {
	const char *word;
	const char *name; /* the best so far, NULL = none is near */
	unsigned int distance;
};

/* Begins a search for @word. */
void nearest_begin(struct nearest *nearest, const char *word);

/* Offers a name; it must live as long as the search. */
void nearest_try(struct nearest *nearest, const char *name);

/*
 * How many characters have to be inserted, removed, replaced or swapped with their neighbour to
 * make @b of @a. Words that are longer than any name are far from everything.
 */
unsigned int nearest_distance(const char *a, const char *b);

#endif /* CMD_NEAREST_H */
