/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The fields of INFO, COUNTERS and END blocks: a tag, a length and so many bytes, one after the other. */
#ifndef TRACE_FIELDS_H
#define TRACE_FIELDS_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include "buffer.h"
#include "format.h"
#include "info.h"
#include "iopftrace/engine.h"

/* What the fields of an INFO block are read into; the strings and roots of @info are its own. */
struct fields_info {
	struct trace_info info;
	char *text[4];
	uint32_t *roots;
};

/* What END and COUNTERS tell of the file itself, for it to be checked against. */
struct fields_totals {
	bool has_until, has_written, has_records;
	uint64_t until; /* the number after the last record before it */
	uint64_t written; /* records before it */
	uint64_t records; /* the same without those that tell again what was known: read only */
	uint8_t identity[TRACE_IDENTITY_BYTES]; /* all 0 = there is none */
};

/* Appends the fields of an INFO, an END or a COUNTERS block. */
void fields_put_info(struct buffer *out, const struct trace_info *info);
void fields_put_run(struct buffer *out, const struct iopf_run *run);
void fields_put_counters(struct buffer *out, const struct iopf_run *so_far);

/* The same of a COUNTERS block that is before all records: when the run began, and that nothing was missed. */
void fields_put_start(struct buffer *out, const struct iopf_run *run);

/* What goes with each of the last three. */
void fields_put_totals(struct buffer *out, const struct fields_totals *totals);

/*
 * Reads them. Tags that are not known are skipped; what is not there stays as it is. 0, -EBADMSG
 * when they are malformed, or -ENOMEM. @info is to be freed in any case.
 */
int fields_get_info(struct fields_info *info, const void *bytes, size_t nr);
void fields_free_info(struct fields_info *info);
int fields_get_run(struct iopf_run *run, struct fields_totals *totals, const void *bytes,
		   size_t nr);

#endif /* TRACE_FIELDS_H */
