/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Capabilities: what loading needs, and giving it up once loaded. */
#ifndef LIVE_PRIVILEGE_H
#define LIVE_PRIVILEGE_H

#include <stdbool.h>

/* Whether this process may load tracing programs, as far as capabilities decide it. */
bool privilege_enough(void);

/* Whether it has CAP_SYS_ADMIN, which finding the functions of modules wants. */
bool privilege_all(void);

/*
 * Gives up every capability but those that writing the result needs where the invoking user had
 * them (files of others, signals to CMD), and a set-user-ID's effective user. For this process only.
 */
int privilege_drop(void);

/*
 * The same for a program that only reads and writes files: root keeps nothing but the right to open any, and
 * nothing that is executed can give more.
 */
int privilege_drop_all(void);

/*
 * What a set-user-ID or capabilities of the file give is put aside, so that files are opened as the invoking
 * user; and taken back. Nothing for root.
 */
int privilege_lower(void);
int privilege_raise(void);

/* Becomes the invoking user for good, without what file capabilities gave: before CMD is run. */
int privilege_invoker(void);

/* The lockdown mode of the kernel: "integrity", "confidentiality", or NULL when there is none. */
const char *privilege_lockdown(void);

#endif /* LIVE_PRIVILEGE_H */
