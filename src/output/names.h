/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Words for the kernel's numbers, the same in every format. */
#ifndef OUTPUT_NAMES_H
#define OUTPUT_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "iopftrace/report.h"
#include "units.h"
#include "utf8.h"

/*
 * How a device is called everywhere: by its name, made printable in @columns; without one "dev 3", by
 * iommufd's id; "?" when that is 0. What -D takes.
 */
struct utf8_name names_device(const char *name, uint32_t dev_id, unsigned int columns);

/* Permission letters: "r", "rw", "rwxp", "-" for none; "0x13" when there are unknown bits. */
struct units_text names_perm(uint32_t perm);

/* "success", "invalid", "failure", or "code 7". */
struct units_text names_code(uint32_t code);

/*
 * Whether the one case of a finding of this rule is about all of its groups, and says how many: the
 * others are not more of the same.
 */
bool names_case_is_all(const struct iopf_rule *rule);

/* Why events were lost, as a name in machine formats: "ring_full", ... */
const char *names_lost(enum iopf_lost reason);

/* The same for a person: "ring buffer full", ... */
const char *names_lost_words(enum iopf_lost reason);

/* The severity that is shown: what is not proven is no error. */
const char *names_severity(enum iopf_severity severity, bool unproven);

/* A doubt's name in machine formats: "lost", "missed", ... */
const char *names_doubt(enum iopf_doubt doubt);

/* An errno, given negative or positive, by name: "EINVAL", or "errno 4000". */
struct units_text names_errno(int64_t err);

/* Who answers in a context, a set of enum iopf_context. */
enum iopf_responder names_responder(uint32_t context);

#endif /* OUTPUT_NAMES_H */
