// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Names that others chose, in all that the program writes of recordings: nothing of them is run, by a
 * terminal, a browser or a spreadsheet. Needs build/iopftrace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "output/utf8.h"

#define HOSTILE "tests/fixtures/cases/hostile-names.data"
#define FORMULA "tests/fixtures/cases/formula.data"

/* What the program writes, on both streams; to be freed. */
static char *output_of(const char *line, size_t *size)
{
	char command[512], *text = NULL;
	size_t room = 0;
	ssize_t n;
	FILE *f;

	snprintf(command, sizeof(command), "build/iopftrace %s 2>&1", line);
	f = popen(command, "r");
	assert_non_null(f);
	n = getdelim(&text, &room, '\0', f);
	pclose(f);
	if (n <= 0)
		fail_msg("no output: %s", line);
	*size = (size_t)n;
	return text;
}

/* Nothing that a terminal takes for more than a character, or that turns the direction of writing. */
static void expect_printable(const char *line)
{
	size_t size, at = 0;
	char *text = output_of(line, &size);

	while (at < size) {
		uint32_t cp = 0;
		size_t n = utf8_decode(text + at, size - at, &cp);

		if (!n)
			fail_msg("%s: byte 0x%02x at %zu is no UTF-8", line,
				 (unsigned char)text[at], at);
		if (cp != '\n' && cp != '\r' && !utf8_printable(cp))
			fail_msg("%s: U+%04X at %zu", line, cp, at);
		at += n;
	}
	free(text);
}

static void nothing_reaches_a_terminal(void **state)
{
	static const char *const lines[] = {
		"report " HOSTILE,
		"report " HOSTILE " -v",
		"report " HOSTILE " --by device,process",
		"report " HOSTILE " --by device,process -f json",
		"report " HOSTILE " --by device,process -f csv",
		"report " HOSTILE " -f html",
		"report " HOSTILE " -f hdr",
		"report " HOSTILE " --by device -f prometheus",
		"report " HOSTILE " --by device -f openmetrics",
		"check " HOSTILE " --junit - -o /dev/null",
		"check " HOSTILE " --ktap - -o /dev/null",
		"report " HOSTILE " --comm nobody",
		"check " HOSTILE " -a 'total.max<1ns' --annotate",
		"check " HOSTILE " -a 'total.max<1ns' -f json",
		"trace " HOSTILE,
		"trace " HOSTILE " -f json",
		"trace " HOSTILE " -f csv",
		"trace " HOSTILE " --journey",
		"trace " HOSTILE " --journey -f json",
		"explain " HOSTILE,
		"explain " HOSTILE " 1",
		"diff " HOSTILE " " FORMULA,
		"diff " HOSTILE " " FORMULA " -f json",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_printable(lines[i]);
}

/* Names of files and values that a terminal would obey: in messages they are escaped the same way. */
static void no_message_has_them_raw(void **state)
{
	static const char *const lines[] = {
		"report \"$(printf 'a\\033[31m\\302\\233b\\rc\\377')\"",
		"diff \"$(printf 'a\\033[31m')\" " FORMULA,
		"explain \"$(printf 'a\\033[31m')\"",
		"explain " HOSTILE " \"$(printf 'a\\033[31m')\"",
		"report " HOSTILE " -o \"$(printf '/nonexistent/\\033[31m')\"",
		"check " HOSTILE " --policy \"$(printf 'a\\033[31m')\"",
		"check " HOSTILE " -a \"$(printf 'a\\033[31m < 1')\"",
		"trace " HOSTILE " -o \"$(printf '/nonexistent/\\033[31m')\"",
		"list \"$(printf 'a\\033[31m')\"",
		"report " HOSTILE " \"$(printf -- '--a\\033[31m')\"",
		"\"$(printf 'a\\033[31m')\" x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect_printable(lines[i]);
}

/* The names have markup in them; it is text. */
static void nothing_is_markup(void **state)
{
	static const char *const lines[] = { "report " HOSTILE " -f html",
					     "check " HOSTILE " --junit - -o /dev/null" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t size;
		char *text = output_of(lines[i], &size);

		assert_non_null(strstr(text, "IOPF003"));
		assert_null(strstr(text, "<svg onload"));
		assert_null(strstr(text, "</script>"));
		free(text);
	}
}

/* A cell of CSV, unquoted in its place; what follows it, NULL at the end of the text. */
static char *next_cell(char *s, char **cell)
{
	char *to = s, *from = s;
	bool quoted = *s == '"';

	*cell = s;
	for (from += quoted; *from; from++) {
		if (quoted && *from == '"' && *++from != '"')
			quoted = false;
		if (!quoted && (*from == ',' || *from == '\r'))
			break;
		*to++ = *from;
	}
	s = *from ? from + 1 + (*from == '\r') : NULL;
	*to = '\0';
	return s;
}

/* Both names begin with what a spreadsheet runs: no cell does, and numbers are as they were. */
static void no_cell_is_a_formula(void **state)
{
	static const char *const lines[] = { "report " FORMULA " --by device,process -f csv",
					     "trace " FORMULA " -f csv" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bool device = false, process = false;
		size_t size;
		char *text = output_of(lines[i], &size), *rest = text, *cell;

		while (rest && *rest) {
			rest = next_cell(rest, &cell);
			device |= !strcmp(cell, "'@SUM(1+1)*cmd|A0");
			process |= !strcmp(cell, "'=1+HYPERLINK(1)");
			if (strchr("=+@", *cell) && *cell)
				fail_msg("%s: a cell is %s", lines[i], cell);
			if (*cell == '-' && cell[1] && cell[1 + strspn(cell + 1, "0123456789")])
				fail_msg("%s: a cell is %s", lines[i], cell);
		}
		assert_true(device && process);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_reaches_a_terminal),
		cmocka_unit_test(no_message_has_them_raw),
		cmocka_unit_test(nothing_is_markup),
		cmocka_unit_test(no_cell_is_a_formula),
	};

	return cmocka_run_group_tests_name("foreign", tests, NULL, NULL);
}
