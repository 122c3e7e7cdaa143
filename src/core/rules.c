// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The table of handlers: which rule is called for what. */
#define IOPF_CORE_PRIVATE
#include "rules.h"

#include "rule_files.h"
#include "suspicions.h"

#define KIND(kind) (1U << RULES_##kind)
#define TYPE(type) (1U << IOPF_REC_##type)
#define ON(number, kinds_, function) \
	{ \
		.rule = (number), .kinds = (kinds_), .fn = (function) \
	}
#define ON_RECORD(number, types_, function) \
	{ \
		.rule = (number), .kinds = KIND(RECORD), .types = (types_), .fn = (function) \
	}
#define END_AND_NOW (KIND(END) | KIND(NOW))
#define ANY_ANSWER (KIND(ANSWERED) | KIND(ANSWERED_NO_GROUP))

const struct rules_handler rules_handlers[] = {
	/* Before anything is judged by what a record says. */
	ON_RECORD(0, TYPE(READ) | TYPE(WRITE), rule_meet),
	ON_RECORD(0, TYPE(ATTACH), rule_attach),
	ON_RECORD(0, TYPE(WAITING), rule_mark_held),
	ON(0, KIND(ENQUEUED) | KIND(ADOPTED), rule_partly),

	/* Records that are judged by themselves. */
	ON_RECORD(0, TYPE(WRITE), rule_refused), /* IOPF003, 004, 005, 007 */
	ON_RECORD(0, TYPE(WRITE), rule_zero_written),
	ON_RECORD(6, TYPE(WRITE), rule_masked_write),
	ON_RECORD(6, TYPE(RELEASE) | TYPE(DESTROY), rule_masked_end),
	ON_RECORD(0, TYPE(READ), rule_read_length), /* IOPF009, 023 */
	ON_RECORD(13, TYPE(DRIVER), rule_driver_again),
	ON_RECORD(13, TYPE(DRIVER), rule_driver_other),
	ON_RECORD(14, TYPE(REPORT), rule_report_lost),
	ON_RECORD(0, TYPE(WRITTEN), rule_written), /* IOPF033 */
	ON_RECORD(0, TYPE(AUTO), rule_detach_left), /* IOPF001, 016 */
	ON_RECORD(16, TYPE(AUTO), rule_detach_strayed),
	ON_RECORD(18, TYPE(DRIVER), rule_stolen),
	ON_RECORD(0, TYPE(DESTROY), rule_destroy_left), /* IOPF001, 019 */
	ON_RECORD(22, TYPE(REPORT), rule_not_last_report),
	ON_RECORD(23, TYPE(WRITE), rule_write_result),
	ON_RECORD(24,
		  TYPE(READ) | TYPE(WRITE) | TYPE(AUTO) | TYPE(DESTROY) | TYPE(QREMOVE) |
			  TYPE(INSIDE),
		  rule_stuck_call),
	ON_RECORD(24, TYPE(RESPONSE), rule_stuck_write),
	ON_RECORD(25, TYPE(READ), rule_false_empty),
	ON_RECORD(30, TYPE(WALKED), rule_audit),
	ON_RECORD(0, TYPE(READ), rule_repeated_read), /* IOPF031 */
	ON_RECORD(0, TYPE(WRITE), rule_repeated_write), /* IOPF031 */
	ON_RECORD(0, TYPE(INSIDE), rule_inside),
	ON_RECORD(1, TYPE(INSIDE), rule_being_answered),

	/* A group is queued. */
	ON(0, KIND(ENQUEUED), rule_forget_ghost),
	ON(0, KIND(ENQUEUED), rule_count_queued),
	ON(9, KIND(ENQUEUED), rule_no_last_page),
	ON(17, KIND(ENQUEUED), rule_queued_retired),
	ON(20, KIND(ENQUEUED), rule_partial),
	ON(21, KIND(ENQUEUED), rule_index_reuse),
	ON(22, KIND(ENQUEUED), rule_not_last_group),
	ON_RECORD(0, TYPE(PAGES), rule_sum_pages), /* IOPF009, 012, 020 */

	/* A group is delivered. */
	ON(0, KIND(DELIVERED), rule_zero_read),
	ON(3, KIND(DELIVERED) | KIND(DELIVERED_AGAIN) | KIND(DELIVERED_UNKNOWN), rule_handed_out),
	ON(5, KIND(DELIVERED), rule_stale_delivery),
	ON(11, KIND(DELIVERED), rule_fifo),
	ON(0, KIND(DELIVERED), rule_echo), /* IOPF012 */
	ON(17, KIND(DELIVERED), rule_delivered_retired),
	ON(26, KIND(DELIVERED), rule_late_read),
	ON(0, KIND(DELIVERED_UNKNOWN), rule_strange), /* IOPF010, 012 */
	ON(0, KIND(DELIVERED_AGAIN), rule_again), /* IOPF010 */
	ON(0, KIND(READ_DONE), rule_read_done), /* IOPF009, 010 */

	/* A group is answered. */
	ON(2, KIND(ANSWERED_UNKNOWN), rule_answered_twice),
	ON(5, KIND(ANSWERED), rule_stale_answer),
	ON(6, KIND(ANSWERED), rule_masked_answer),
	ON(7, ANY_ANSWER, rule_bad_code_taken),
	ON(12, KIND(ANSWERED), rule_same_cookie),
	ON(12, KIND(ANSWERED), rule_misnamed),
	ON(13, ANY_ANSWER, rule_driver_status),
	ON(14, ANY_ANSWER, rule_driver_untold),
	ON(15, ANY_ANSWER, rule_wrong_status),
	ON(17, KIND(ANSWERED), rule_answer_retired),
	ON(26, KIND(ANSWERED), rule_never_read),
	ON(27, KIND(ANSWERED), rule_answer_object),
	ON(28, ANY_ANSWER, rule_aborted),
	ON(0, KIND(ANSWERED), rule_explain_strange), /* IOPF010, 012 */
	ON(0, KIND(ANSWERED), rule_remember_cookie),
	ON(0, KIND(DELIVERED) | KIND(ANSWERED) | KIND(UNSEEN) | KIND(REMAINS), suspicions_step),
	ON(1, KIND(ANSWERED), rule_late_answer),
	ON(1, KIND(UNSEEN), rule_disappeared),
	ON(0, KIND(ANSWERED), rule_write_taken), /* IOPF031 */
	ON(0, KIND(ANSWERED_NO_GROUP), rule_unpark_aborted),
	ON(0, KIND(ANSWERED), rule_zero_answered),
	ON(0, KIND(ANSWERED), rule_remember_ghost),
	ON(10, KIND(ANSWERED), rule_foreign),
	ON(10, KIND(ANSWERED), rule_never_fetched),
	ON(0, KIND(ANSWERED), rule_count_answered),
	ON(8, KIND(ANSWERED), rule_no_cookie),
	ON(0, KIND(UNREAD), rule_before_delivery), /* IOPF008 */
	ON(11, KIND(UNREAD) | KIND(REMAINS), rule_passed_over),
	ON(16, KIND(ANSWERED), rule_detach_answers),

	/* The teardown has been judged. */
	ON_RECORD(0, TYPE(AUTO), rule_retire),
	ON_RECORD(0, TYPE(REPORT), rule_unpark_sva),
	ON_RECORD(0, TYPE(REPORT), rule_park),
	ON_RECORD(0, TYPE(DISCARD) | TYPE(QREMOVE), rule_discard),

	/* Time passes, and ends. */
	ON(0, END_AND_NOW, rule_deadlines), /* IOPF001, 026 */
	ON(20, END_AND_NOW, rule_parked_late),
	ON(29, KIND(END), rule_kernel_answered),
	ON(0, KIND(END), rule_repeats_end), /* IOPF031 */
	ON(31, KIND(END), rule_busy_reads),
	ON(1, KIND(REMAINS), rule_outstanding),
	ON(30, KIND(REMAINS), rule_vanished),
	ON(0,
	   KIND(ENQUEUED) | KIND(DELIVERED) | KIND(READ_DONE) | KIND(ANSWERED) |
		   KIND(DELIVERED_UNKNOWN),
	   rule_active),
	ON_RECORD(30, TYPE(READ) | TYPE(WRITE), rule_active_call),
	{ .fn = NULL },
};
