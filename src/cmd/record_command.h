/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The command line of this process, for a recording to tell what it is of. */
#ifndef CMD_RECORD_COMMAND_H
#define CMD_RECORD_COMMAND_H

#include <stddef.h>

/* As it could be given to a shell; cut when it is very long. To be freed; NULL when not known. */
char *record_command(void);

/* The same of @bytes of words that end in NUL each. */
char *record_command_quote(const char *words, size_t bytes);

#endif /* CMD_RECORD_COMMAND_H */
