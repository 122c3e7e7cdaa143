# SPDX-License-Identifier: GPL-2.0-only
"""
What can go wrong: bugs of the kernel, of user space and of devices, by the name that the simulator
knows them by; the rule that must name each, and what a history needs for the bug to show.
"""

from records import ERROR, NOTE, WARN

# A history that is all there: objects seen from their creation to their destruction.
WHOLE = {"before": False, "end": "close", "corrupt": 0.0, "watched": True, "skew": 0.0,
         "device_fast": 0.0, "no_alone": False, "sva": 0.0, "end_walk": False, "inside": True, "miss": 0.0}
BUSY = dict(WHOLE, control=0.2)
ERRORS = dict(WHOLE, errors=0.4)
MULTI = dict(WHOLE, multi=0.6, big=0.0)
TWO = dict(WHOLE, objects=2, devices=3)
OPEN = dict(WHOLE, end="stop")
SLOW_USER = dict(WHOLE, depth=20, read_bias=0.25, users=1)

# name: (rule, severity, change of the configuration[, the simulator's name if it is another])
MUTANTS = {
    "deadline_answered": (1, ERROR, WHOLE),
    "deadline_outstanding": (1, ERROR, OPEN),
    "auto_skips_queued": (1, ERROR, dict(BUSY, depth=20)),
    "group_freed_unanswered": (1, ERROR, dict(WHOLE, control=0)),
    "kernel_answers_twice": (2, ERROR, WHOLE),
    "kernel_keeps_answered": (2, ERROR, WHOLE),
    "user_strays": (3, ERROR, WHOLE),
    "user_strays_in_batch": (3, ERROR, WHOLE),
    "user_wrong_object": (3, ERROR, TWO),
    "user_writes_zero": (3, ERROR, dict(WHOLE, control=0)),
    "kernel_gives_zero": (12, ERROR, dict(WHOLE, control=0, limit=200), "user_writes_zero"),
    "user_answers_twice": (4, ERROR, dict(WHOLE, users=1, control=0)),
    "user_answers_twice_in_batch": (4, ERROR, dict(WHOLE, control=0)),
    "user_answers_late_twice": (4, ERROR, dict(BUSY, depth=20, users=1, batch=1)),
    "user_early_aba": (5, WARN, dict(SLOW_USER, users=3)),
    "user_writes_stale": (5, WARN, dict(WHOLE, control=0, users=1, batch=1)),
    "user_forgets_rest": (6, WARN, dict(WHOLE, batch=8, users=1, control=0)),
    "user_forgets_fault": (6, WARN, dict(WHOLE, batch=8, users=1, control=0)),
    "user_bad_code": (7, ERROR, WHOLE),
    "user_strays_bad_code": (7, ERROR, WHOLE),
    "kernel_takes_bad_code": (7, ERROR, WHOLE),
    "kernel_cookie_at_enqueue": (8, ERROR, SLOW_USER),
    "kernel_takes_unknown": (8, ERROR, SLOW_USER),
    "torn_copy": (9, ERROR, dict(MULTI, errors=0.6)),
    "last_flag_in_the_middle": (9, ERROR, MULTI),
    "read_bad_length": (9, ERROR, WHOLE),
    "read_requeues": (10, ERROR, WHOLE),
    "read_twice_at_once": (10, ERROR, WHOLE),
    "kernel_lifo": (11, ERROR, SLOW_USER),
    "kernel_second_last": (11, ERROR, SLOW_USER),
    "read_skips_head": (11, ERROR, dict(SLOW_USER, errors=0.3)),
    "tail_restore_small": (11, ERROR, dict(MULTI, errors=0.5, depth=20)),
    "tail_restore_fault": (11, ERROR, dict(ERRORS, depth=20)),
    "read_hands_out_untold": (11, ERROR, dict(SLOW_USER, control=0)),
    "echo_cookie": (12, ERROR, dict(WHOLE, control=0, batch=1)),
    "echo_flags": (12, ERROR, WHOLE),
    "echo_dev_id": (12, ERROR, WHOLE),
    "echo_pasid": (12, ERROR, dict(WHOLE, pasids=True)),
    "echo_grpid": (12, ERROR, WHOLE),
    "echo_perm": (12, ERROR, WHOLE),
    "echo_reserved": (12, ERROR, WHOLE),
    "echo_addr": (12, ERROR, WHOLE),
    "echo_length": (12, ERROR, WHOLE),
    "cookie_zero": (12, ERROR, WHOLE),
    "cookie_taken": (12, ERROR, SLOW_USER),
    "driver_other_code": (13, ERROR, WHOLE),
    "driver_calls_two": (13, ERROR, WHOLE),
    "driver_twice": (13, ERROR, WHOLE),
    "driver_other_device": (13, ERROR, TWO),
    "driver_other_pasid": (13, ERROR, dict(WHOLE, pasids=True)),
    "driver_other_index": (13, ERROR, WHOLE),
    "driver_other_refused": (13, ERROR, BUSY),
    "driver_skipped": (14, ERROR, WHOLE),
    "report_dropped": (14, ERROR, WHOLE),
    "auto_success": (15, ERROR, dict(BUSY, depth=20)),
    "destroy_failure": (15, ERROR, dict(SLOW_USER, leftovers=1.0, control=0.2)),
    "auto_skips_held": (16, ERROR, dict(BUSY, depth=20)),
    "auto_drops": (16, ERROR, dict(BUSY, depth=20)),
    "auto_wrong_object": (16, ERROR, dict(TWO, control=0.2, depth=20)),
    "auto_answers_another": (16, ERROR, dict(BUSY, depth=20, devices=3)),
    "late_enqueue": (17, ERROR, BUSY),
    "delivered_after_detach": (17, ERROR, dict(BUSY, depth=20), "auto_skips_queued"),
    "answered_after_detach": (17, ERROR, dict(BUSY, depth=20), "auto_skips_held"),
    "qremove_answers_queued": (18, ERROR, dict(SLOW_USER, control=0.2)),
    "qremove_answers_held": (18, ERROR, dict(SLOW_USER, control=0.2)),
    "destroy_skips_queued": (19, ERROR, dict(SLOW_USER, leftovers=1.0, control=0.2)),
    "destroy_skips_held": (19, ERROR, dict(SLOW_USER, leftovers=1.0, control=0.2)),
    "partial_dropped": (20, WARN, MULTI),
    "partial_foreign": (20, WARN, dict(MULTI, twins=True, devices=1, depth=2, reporters=1)),
    "partial_addr": (20, WARN, MULTI),
    "deadline_partial": (20, WARN, MULTI),
    "device_reuses_queued": (21, WARN, SLOW_USER),
    "device_reuses_held": (21, WARN, SLOW_USER),
    "partial_makes_group": (22, ERROR, MULTI),
    "partial_answered": (22, ERROR, MULTI),
    "write_residue": (23, ERROR, ERRORS),
    "write_overcount": (23, ERROR, WHOLE),
    "write_undercount": (23, ERROR, dict(WHOLE, batch=8)),
    "slow_read": (24, WARN, WHOLE),
    "slow_auto": (24, WARN, BUSY),
    "slow_qremove": (24, WARN, BUSY),
    "deadline_call": (24, WARN, dict(OPEN, overlap=0.8)),
    "false_empty": (25, ERROR, WHOLE),
    "small_buffer_zero": (25, ERROR, dict(MULTI, errors=0.6)),
    "deadline_read": (26, WARN, WHOLE),
    "deadline_unread": (26, WARN, dict(OPEN, depth=20, read_bias=0.2)),
    "wrong_object_answer": (27, ERROR, TWO),
    "wrong_object_deliver": (27, ERROR, TWO),
    "abort_after_enqueue": (28, WARN, WHOLE),
    "abort_stack": (28, WARN, WHOLE),
    "leave_to_detach": (29, NOTE, dict(BUSY, depth=20)),
    "leave_to_destroy": (29, NOTE, dict(SLOW_USER, leftovers=1.0, control=0.2)),
    "efault_loses_group": (30, ERROR, dict(ERRORS, end="stop", end_walk=True, control=0,
                                           calm=True)),
    "read_loses_group": (30, ERROR, dict(ERRORS, end="stop", end_walk=True, control=0,
                                          calm=True)),
    "user_small_buffer": (31, WARN, dict(MULTI, users=1, control=0)),
    "user_small_buffer_late": (31, ERROR, dict(MULTI, users=1, control=0)),
    "user_bad_memory": (31, WARN, dict(WHOLE, users=1, control=0)),
    "user_odd_size": (31, WARN, dict(WHOLE, users=1, control=0)),
    "user_strays_on": (31, WARN, dict(WHOLE, users=1, control=0)),
    "user_spins": (31, NOTE, WHOLE),
    "write_refuses": (32, ERROR, WHOLE),
    "kernel_loses_success": (33, ERROR, WHOLE),
    "kernel_loses_invalid": (33, ERROR, WHOLE),
    "kernel_answers_other": (33, ERROR, SLOW_USER),
    "user_changes_buffer": (33, ERROR, WHOLE),
}


def simulated(name):
    """The arguments of Sim for a mutant."""
    row = MUTANTS[name]
    return (row[3] if len(row) > 3 else name), row[2]
