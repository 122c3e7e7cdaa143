/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* This process towards others: its standard descriptors, the signals that end it, what a child gets of it. */
#ifndef LIVE_PROCESS_H
#define LIVE_PROCESS_H

#include <stdbool.h>

/*
 * The first thing in a program: descriptors 0, 1 and 2 are open, so that no file gets one of these numbers
 * and with it what is written to standard output or error. Standard input and output that were closed give
 * an error (EBADF) to whoever uses them, standard error takes everything. Returns 0 or a negative errno.
 */
int process_begin(void);

/* So many functions at most. */
#define PROCESS_CLEANERS 4

/*
 * Has @clean called before a signal ends the program: by a signal handler, so that it may do little. The
 * same function again is no other one.
 */
void process_at_death(void (*clean)(void));

/*
 * From now on the signals that would end the program are taken: they ask for the end of tracing, and are
 * blocked until process_unblock_signals(). With @requests, SIGUSR1 is a request and no such signal. One that
 * is ignored stays so, but SIGINT and SIGTERM. Returns a descriptor that is readable when one has come, which
 * stays ours, or a negative errno.
 *
 * From the third on, a signal ends the program after PROCESS_GRACE_S, whatever it is doing: it may hang in
 * writing to where nobody reads. After process_release_signals() the next one does.
 */
int process_take_signals(bool requests);
void process_unblock_signals(void);
void process_release_signals(void);
#define PROCESS_GRACE_S 1

/* Empties the descriptor. How many signals have asked for the end; whether there was a request since then. */
unsigned int process_signals(bool *request);

/* In a child that is about to become another program: signals do what they did when we were started. */
void process_child(void);

#endif /* LIVE_PROCESS_H */
