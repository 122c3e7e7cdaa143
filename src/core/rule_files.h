/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The rules' handlers, by the file that they are in; what each does is said there. */
#ifndef IOPF_CORE_RULE_FILES_H
#define IOPF_CORE_RULE_FILES_H

#ifndef IOPF_CORE_PRIVATE
#error "private to src/core: use include/iopftrace/"
#endif

#include "rules.h"

struct judged;

/* Whether the walk at the end should have seen a group, and has not. */
bool rule_is_missing(const struct iopf_engine *e, const struct judged *j, const struct group *g);

/* Whether that is told: nothing went on beside the walk that may have had the group in its hands. */
bool rule_tells_missing(const struct iopf_engine *e, const struct judged *j);

#define RULE(function) void rule_##function(struct iopf_engine *e, const struct rules_step *step)

/* rule_answers.c */
RULE(remember_ghost);
RULE(forget_ghost);
RULE(answered_twice);
RULE(driver_again);
RULE(driver_other);
RULE(driver_status);
RULE(driver_untold);
RULE(wrong_status);
RULE(written);
RULE(bad_code_taken);
RULE(aborted);
RULE(answer_object);
RULE(answer_retired);
RULE(late_answer);
RULE(disappeared);
RULE(being_answered);
RULE(late_read);
RULE(never_read);
RULE(deadlines);
RULE(outstanding);
RULE(count_answered);
RULE(no_cookie);
RULE(before_delivery);
RULE(kernel_answered);

/* rule_cookies.c */
RULE(remember_cookie);
RULE(refused);
RULE(handed_out);
RULE(zero_written);
RULE(zero_answered);
RULE(zero_read);
RULE(stale_answer);
RULE(stale_delivery);
RULE(masked_answer);
RULE(masked_write);
RULE(masked_end);

/* rule_reads.c */
RULE(count_queued);
RULE(sum_pages);
RULE(echo);
RULE(same_cookie);
RULE(misnamed);
RULE(fifo);
RULE(passed_over);
RULE(strange);
RULE(again);
RULE(foreign);
RULE(never_fetched);
RULE(explain_strange);
RULE(read_length);
RULE(read_done);
RULE(false_empty);
RULE(partly);

/* rule_device.c */
RULE(report_lost);
RULE(not_last_report);
RULE(not_last_group);
RULE(no_last_page);
RULE(stolen);
RULE(index_reuse);
RULE(park);
RULE(partial);
RULE(unpark_aborted);
RULE(discard);
RULE(unpark_sva);
RULE(parked_late);

/* rule_teardown.c */
RULE(detach_left);
RULE(detach_answers);
RULE(detach_strayed);
RULE(destroy_left);
RULE(queued_retired);
RULE(delivered_retired);
RULE(attach);
RULE(retire);

/* rule_calls.c */
RULE(meet);
RULE(write_result);
RULE(stuck_call);
RULE(stuck_write);

/* rule_audit.c */
RULE(active);
RULE(active_call);
RULE(mark_held);
RULE(audit);
RULE(inside);
RULE(vanished);

/* rule_repeats.c */
RULE(repeated_read);
RULE(repeated_write);
RULE(write_taken);
RULE(repeats_end);
RULE(busy_reads);

#undef RULE

struct group;
struct handle;

/* IOPF020: all pages of a group are known. */
void rule_partial_pages(struct iopf_engine *e, struct group *g);

/* Adds the moment at which a handle was retired to the case that is being made. */
void findings_retired(struct iopf_engine *e, const struct handle *h);

/* IOPF009: a page of a group that is not its last says that it is. */
void rule_torn_pages(struct iopf_engine *e, struct group *g, const struct iopf_rec *rec,
		     uint32_t page);

/*
 * Why a group has no answer, as far as that is known: words for the end of a sentence about it, as
 * ": it was not read". They are put into @words, and returned. @brief: the sentence has said whether it
 * was read.
 */
const char *rule_why(struct iopf_engine *e, const struct group *g, bool brief, char *words,
		     size_t size);

#define RULE_WHY 192 /* bytes that they need at most */

#endif /* IOPF_CORE_RULE_FILES_H */
