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

/* Appends the fields of an INFO, an END or a COUNTERS block. */
void fields_put_info(struct buffer *out, const struct trace_info *info);
void fields_put_run(struct buffer *out, const struct iopf_run *run);
void fields_put_counters(struct buffer *out, const struct iopf_run *so_far, uint64_t until);

/* The same of a COUNTERS block that is before all records: when the run began, and that nothing was missed. */
void fields_put_start(struct buffer *out, const struct iopf_run *run, uint64_t until);

/*
 * Reads them. Tags that are not known are skipped; what is not there stays as it is. 0, -EBADMSG
 * when they are malformed, or -ENOMEM. @info is to be freed in any case. @until is that of COUNTERS.
 */
int fields_get_info(struct fields_info *info, const void *bytes, size_t nr);
void fields_free_info(struct fields_info *info);
int fields_get_run(struct iopf_run *run, uint64_t *until, const void *bytes, size_t nr);

#endif /* TRACE_FIELDS_H */
