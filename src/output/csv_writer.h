/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Writes CSV (RFC 4180): a header, then rows of as many fields, lines ending in CR LF. What is not
 * known is an empty field; the writers of fields see to commas and quotes.
 */
#ifndef OUTPUT_CSV_WRITER_H
#define OUTPUT_CSV_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct csv {
	FILE *out;
	bool any; /* the row has a field */
};

/* Ends the row. */
void csv_end(struct csv *c);

/* A field that is not known. */
void csv_empty(struct csv *c);

void csv_u64(struct csv *c, uint64_t value);
void csv_i64(struct csv *c, int64_t value);

/* @value when @known, else an empty field. */
void csv_maybe(struct csv *c, bool known, uint64_t value);

/* 0x7f12a4000000: not a number to spreadsheets, whose numbers end at 2^53. */
void csv_hex(struct csv *c, uint64_t value);

/*
 * Any bytes up to a NUL; NULL is an empty field. What is not UTF-8 becomes U+FFFD, and so do control
 * characters, which RFC 4180 has no place for; line breaks stay, in quotes.
 */
void csv_text(struct csv *c, const char *text);

/*
 * The same for a name that others chose. A spreadsheet would run one that begins with = + - or @, so
 * it gets a ' in front, and so does one that has any number of ' before these: to have the name as it
 * is, take one ' from what matches ^'+[=+@-]. It is done after each ; too, which ends a field where
 * the decimal point is a comma.
 */
void csv_foreign(struct csv *c, const char *name);

#endif /* OUTPUT_CSV_WRITER_H */
