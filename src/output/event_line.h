/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One event as one line: columns for a person (event_line()), a JSON object (event_json()), or rows
 * of CSV (event_csv()), of which an event that lists things has one for each. For a person, what is
 * too long for 80 columns goes on in the next line.
 * Records may be malformed, longer than known, or of an unknown type: each gets its line.
 */
#ifndef OUTPUT_EVENT_LINE_H
#define OUTPUT_EVENT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event_ids.h"
#include "iopftrace/event.h"

/* How to look names up. Both give "" for what has no name; either may be NULL. */
struct event_names {
	void *arg;
	const char *(*comm)(void *arg, uint32_t tid);
	const char *(*device)(void *arg, uint64_t dev);
	const struct event_ids *ids; /* what is known from before, for event_line(); may be NULL */
};

/* "enqueue", "response", ...; NULL when the type is not known. */
const char *event_name(unsigned int type);

/* Whether a record is of a known type and has all that this type needs. */
bool event_is_whole(const struct iopf_rec *rec);

/* The fault object that a record is about, 0 when it is about none. */
uint64_t event_object(const struct iopf_rec *rec);

/* The entries of a record's array that are there: @nr says so, and its size agrees. */
unsigned int event_entries(const struct iopf_rec *rec, unsigned int nr, size_t offset, size_t size,
			   unsigned int max);

/* The line above the columns. */
void event_line_heads(FILE *out, bool color);
void event_csv_heads(FILE *out);

/*
 * Write one event. Times are shown since @start_ns, which is when the run began (the line), or as
 * they are (JSON, CSV). A line has 80 columns: to get there the name of its task is cut, or left out;
 * only what is rarely said takes more. Return 0, or a negative errno once anything could not be written; they do not
 * flush.
 */
int event_line(FILE *out, const struct iopf_rec *rec, const struct event_names *names,
	       uint64_t start_ns);
int event_json(FILE *out, const struct iopf_rec *rec, const struct event_names *names);
int event_csv(FILE *out, const struct iopf_rec *rec, const struct event_names *names);

#endif /* OUTPUT_EVENT_LINE_H */
