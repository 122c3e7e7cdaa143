/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What it comes to, in words, for the formats that people read. */
#ifndef OUTPUT_VERDICT_H
#define OUTPUT_VERDICT_H

#include "iopftrace/report.h"
#include "sentence.h"

/* How many findings there are of a kind. */
uint64_t verdict_count(const struct iopf_report *r, enum iopf_severity severity, bool unproven);

/* How many assertions are proven false. */
size_t verdict_failing(const struct iopf_report *r);

/* Whether anything could not be seen. */
bool verdict_doubtful(const struct iopf_report *r);

/* "VIOLATION", "FAIL", "INCONCLUSIVE" or "PASS". An assertion that fails is no violation, and no pass. */
const char *verdict_word(const struct iopf_report *r);

/* How many rules were judged, and what came of it, a line for each kind. */
void verdict_say_rules(struct sentence *s, const struct iopf_report *r);

/* Assertions: those that fail by name, those of which it cannot be told counted. */
void verdict_say_assertions(struct sentence *s, const struct iopf_report *r);

/* Why the exit code is that of a violation, though the verdict is not. */
void verdict_say_loss(struct sentence *s, const struct iopf_report *r);

/* What was seen of the groups, and of the command. */
void verdict_say_seen(struct sentence *s, const struct iopf_report *r);

/* What the command itself did, when that was not success. */
void verdict_say_child(struct sentence *s, const struct iopf_report *r);

/* Whether the command failed, and the exit code does not tell: --verdict-only. */
bool verdict_spares_child(const struct iopf_report *r);

/* Where the exit code comes from, when that is not what the verdict's word says; the last line. */
void verdict_say_exit(struct sentence *s, const struct iopf_report *r);

#endif /* OUTPUT_VERDICT_H */
