/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Drawing: scales and the marks on them. Coordinates are those of the drawing, in tenths at the finest. */
#ifndef OUTPUT_HTML_SVG_H
#define OUTPUT_HTML_SVG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "units.h"

/* A logarithmic scale, or a linear one: @lo is drawn at @from, @hi at @to. */
struct svg_scale {
	double lo, hi;
	double from, to;
	bool linear;
};

/* Where a value is, no farther than the ends. */
double svg_at(const struct svg_scale *s, double value);

/* A coordinate with a tenth, whatever the locale. */
struct units_text svg_number(double coordinate);

/* A point of a path: @command is 'M' or 'L'. */
void svg_point(FILE *out, char command, double x, double y);

/* A line from one point to another; what the class says it is. */
void svg_line(FILE *out, const char *class, double x1, double y1, double x2, double y2);

/* A text, which is ours and has no markup in it. */
void svg_text(FILE *out, const char *class, double x, double y, const char *text);

/*
 * Goes through round times (1, 2 or 5 times a power of ten) in a scale, as many as there is room for:
 * false after the last. @state begins with 0.
 */
bool svg_tick(const struct svg_scale *s, unsigned int *state, uint64_t *ns);

/* The least step of 1, 2 or 5 times a power of ten that makes no more than @most of @length. */
uint64_t svg_step(uint64_t length, unsigned int most);

/* A round time without decimals: "1us", "500ns", in @unit if that is not UNITS_AUTO. */
struct units_text svg_round_time(uint64_t ns, enum units_time unit);

#endif /* OUTPUT_HTML_SVG_H */
