// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "cut.h"

#include "names.h"

void cut_stage(const struct iopf_cut *cut, enum iopf_stage stage, struct iopf_stage_stats *stats)
{
	iopf_hist_init(&stats->hist);
	iopf_sparse_expand(&cut->stage[stage], &stats->hist);
	stats->negative = cut->stage[stage].negative;
}

struct units_text cut_code(uint32_t code)
{
	if (code == IOPF_CODE_NONE_YET)
		return (struct units_text){ "none yet" };
	if (code == IOPF_CODE_UNSEEN)
		return (struct units_text){ "unknown" };
	return names_code(code);
}

bool cut_has_key(const struct iopf_breakdown *b, enum iopf_key key)
{
	for (size_t i = 0; i < b->opts.nr_by; i++)
		if (b->opts.by[i] == key)
			return true;
	return false;
}
