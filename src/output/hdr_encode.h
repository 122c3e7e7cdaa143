/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A histogram in HdrHistogram's layout and V2 encoding, compressed, as base64: what stands in the
 * lines of its logs.
 *
 * The layout has 3 significant digits from 1 ns on, that is, buckets of 1/1024 of their value at
 * most. Our own buckets are wider, so each is put where the report says its values are, in its
 * middle, and the least and the greatest value where they were, exactly. Error: that of our
 * histogram, at most 0.79 % of a value, and, as readers take the upper end of a bucket for a
 * percentile, 0.10 % of the other: less than 1 % together, and less than 0.10 % from what the same
 * report has in JSON.
 */
#ifndef OUTPUT_HDR_ENCODE_H
#define OUTPUT_HDR_ENCODE_H

#include <stdio.h>

#include "iopftrace/histogram.h"

/* Writes @h, which may be empty. Returns 0 or -ENOMEM; what @out says is for the caller to see. */
int hdr_encode(const struct iopf_hist *h, FILE *out);

#endif /* OUTPUT_HDR_ENCODE_H */
