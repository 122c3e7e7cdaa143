/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the writer knows of the records to make them small: how wide their fields are, and what they
 * are close to. It is about size only: what is written says how to read it, so types that are not
 * known here, and what known types have grown, are written all the same.
 */
#ifndef TRACE_SCHEMA_H
#define TRACE_SCHEMA_H

#ifndef TRACE_PRIVATE
#error "private to src/trace: use reader.h and writer.h"
#endif

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/event.h"

#define SCHEMA_NONE 0xffff

/* A field, and offsets of fields of the same width that it is close to; or SCHEMA_NONE. */
struct schema_field {
	uint16_t offset;
	uint8_t width; /* bytes: 1, 4 or 8 */
	uint16_t near_field; /* in the same record, before it */
	uint16_t near_linked; /* in the group's ENQUEUE record */
};

/* The field at @offset of a record of this type and size; @offset is before its end. */
void schema_field(uint16_t type, uint16_t size, uint32_t offset, struct schema_field *field);

/*
 * What leads from a record to the ENQUEUE record of its group: the same number in both. An ENQUEUE
 * has one for each way. False when a record of this type leads to none.
 */
enum schema_key { SCHEMA_KEY_GROUP, SCHEMA_KEY_CONTENTS };
bool schema_key(const struct iopf_rec *rec, enum schema_key *kind, uint64_t *key);
uint64_t schema_enqueue_key(const struct iopf_rec_enqueue *rec, enum schema_key kind);

/* Whether a record is an ENQUEUE as this program knows them. */
bool schema_is_enqueue(const struct iopf_rec *rec);

#endif /* TRACE_SCHEMA_H */
