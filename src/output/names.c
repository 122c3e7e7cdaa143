// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <stdio.h>
#include <string.h>

#include "names.h"

#define KERNEL_ANSWERED 29 /* counted, and told at the end */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct utf8_name names_device(const char *name, uint32_t dev_id, unsigned int columns)
{
	struct utf8_name text;

	if (name && *name)
		return utf8_name(name, columns);
	if (dev_id)
		snprintf(text.s, sizeof(text.s), "dev %u", dev_id);
	else
		snprintf(text.s, sizeof(text.s), "?");
	return text;
}

struct units_text names_perm(uint32_t perm)
{
	static const char letters[] = "rwxp";
	struct units_text text = { "" };
	size_t n = 0, i;

	if (perm >> (sizeof(letters) - 1)) {
		snprintf(text.s, sizeof(text.s), "0x%x", perm);
		return text;
	}
	for (i = 0; i < sizeof(letters) - 1; i++)
		if (perm & 1U << i)
			text.s[n++] = letters[i];
	if (n == 0)
		text.s[n++] = '-';
	text.s[n] = '\0';
	return text;
}

struct units_text names_code(uint32_t code)
{
	static const char *const names[] = {
		[IOPF_CODE_SUCCESS] = "success",
		[IOPF_CODE_INVALID] = "invalid",
		[IOPF_CODE_FAILURE] = "failure",
	};
	struct units_text text;

	if (code < ARRAY_SIZE(names))
		snprintf(text.s, sizeof(text.s), "%s", names[code]);
	else
		snprintf(text.s, sizeof(text.s), "code %u", code);
	return text;
}

bool names_case_is_all(const struct iopf_rule *rule)
{
	return rule->number == KERNEL_ANSWERED;
}

const char *names_severity(enum iopf_severity severity, bool unproven)
{
	if (unproven && severity == IOPF_SEVERITY_ERROR)
		severity = IOPF_SEVERITY_WARN;
	return iopf_severity_name(severity);
}

const char *names_lost(enum iopf_lost reason)
{
	static const char *const names[] = {
		[IOPF_LOST_RING_FULL] = "ring_full",
		[IOPF_LOST_CONTEXT] = "context_full",
		[IOPF_LOST_PAGES] = "pages_walk",
	};

	_Static_assert(ARRAY_SIZE(names) == IOPF_LOST_REASONS, "a reason has no name");
	return names[reason];
}

const char *names_lost_words(enum iopf_lost reason)
{
	static const char *const words[] = {
		[IOPF_LOST_RING_FULL] = "ring buffer full",
		[IOPF_LOST_CONTEXT] = "no slot for the task",
		[IOPF_LOST_PAGES] = "group of too many pages",
	};

	_Static_assert(ARRAY_SIZE(words) == IOPF_LOST_REASONS, "a reason has no words");
	return words[reason];
}

const char *names_doubt(enum iopf_doubt doubt)
{
	static const char *const names[] = {
		[IOPF_DOUBT_LOST] = "lost",
		[IOPF_DOUBT_MISSED] = "missed",
		[IOPF_DOUBT_PROBE] = "probe",
		[IOPF_DOUBT_FEW_GROUPS] = "few_groups",
		[IOPF_DOUBT_CUT] = "cut",
		[IOPF_DOUBT_LIMIT] = "limit",
		[IOPF_DOUBT_BALANCE] = "balance",
		[IOPF_DOUBT_ASSERTION] = "assertion",
		[IOPF_DOUBT_RESPONDER] = "responder",
		[IOPF_DOUBT_UNDECIDED] = "undecided",
		[IOPF_DOUBT_UNFOLLOWED] = "unfollowed",
		[IOPF_DOUBT_MEMORY] = "memory",
	};

	_Static_assert(ARRAY_SIZE(names) == IOPF_DOUBTS, "a doubt has no name");
	return names[doubt];
}

struct units_text names_errno(int64_t err)
{
	uint64_t positive = err < 0 ? -(uint64_t)err : (uint64_t)err;
	const char *name = positive < 4096 ? strerrorname_np((int)positive) : NULL;
	struct units_text text;

	if (name)
		snprintf(text.s, sizeof(text.s), "%s", name);
	else
		snprintf(text.s, sizeof(text.s), "errno %llu", (unsigned long long)positive);
	return text;
}

enum iopf_responder names_responder(uint32_t context)
{
	if (context & IOPF_CTX_WRITE)
		return IOPF_BY_USER;
	if (context & IOPF_CTX_AUTO)
		return IOPF_BY_DETACH;
	if (context & IOPF_CTX_DESTROY)
		return IOPF_BY_DESTROY;
	if (context & IOPF_CTX_QREMOVE)
		return IOPF_BY_QREMOVE;
	if (context & IOPF_CTX_REPORT)
		return IOPF_BY_ABORT;
	return IOPF_BY_UNKNOWN;
}
