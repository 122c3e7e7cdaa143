// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "cut.h"

#include "names.h"

void cut_stage(const struct iopf_cut *cut, enum iopf_stage stage, struct iopf_stage_stats *stats)
{
	iopf_hist_init(&stats->hist);
	iopf_sparse_expand(&cut->stage[stage], &stats->hist);
	stats->negative = cut->stage[stage].negative;
}

double cut_share(const unsigned __int128 sum[IOPF_STAGES], enum iopf_stage stage)
{
	unsigned __int128 all = 0;

	if (!sum[stage])
		return -1;
	if (stage == IOPF_STAGE_TOTAL)
		return 1;
	for (unsigned int i = 0; i < IOPF_STAGES; i++)
		all += i == IOPF_STAGE_TOTAL ? 0 : sum[i];
	return (double)sum[stage] / (double)all;
}

double cut_share_of(const struct iopf_cut *cut, enum iopf_stage stage)
{
	unsigned __int128 sum[IOPF_STAGES];

	for (unsigned int i = 0; i < IOPF_STAGES; i++)
		sum[i] = cut->stage[i].sum;
	return cut_share(sum, stage);
}

double cut_share_all(const struct iopf_report *r, enum iopf_stage stage)
{
	unsigned __int128 sum[IOPF_STAGES];

	for (unsigned int i = 0; i < IOPF_STAGES; i++)
		sum[i] = r->stage[i].hist.sum;
	return cut_share(sum, stage);
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
