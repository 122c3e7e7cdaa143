/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What the program says to its user: one way to standard error for all messages. */
#ifndef CMD_SAY_H
#define CMD_SAY_H

/*
 * Prints "iopftrace: ", the message and a line break. Messages have names of files and texts in them
 * that others chose: what a terminal would take for more than a character is shown as \xHH.
 */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

#endif /* CMD_SAY_H */
