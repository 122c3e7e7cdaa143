// SPDX-License-Identifier: GPL-2.0-only
/* The table of misbehaviours and legal oddities. */
#include <errno.h>
#include <string.h>

#include "kinds.h"

const struct kind_info kind_table[KIND_COUNT] = {
	[KIND_STRAY] = { "stray", "IOPF003", KIND_BUSY, 0, "write a cookie that was never given" },
	[KIND_DUPLICATE] = { "duplicate", "IOPF004", 0, 1,
			     "answer a group, answer it again before its cookie is given again" },
	[KIND_LATE_DUPLICATE] = { "late-duplicate", "IOPF004,IOPF005", 0, 2,
				  "answer again once the cookie names another group: that one is answered" },
	[KIND_BAD_CODE] = { "bad-code", "IOPF007", KIND_BUSY, 1,
			    "write a response code above 1, then answer rightly" },
	[KIND_PREDICT] = { "predict", "IOPF004", 0, 2,
			   "write the next cookie, which is used up, before the read that gives it: rejected" },
	[KIND_PREDICT_RACE] = { "predict-race", "IOPF005", KIND_USERFAULTFD, 3,
				"write the next cookie, wait in the kernel while a read gives it: taken" },
	[KIND_SLOW_READ] = { "slow-read", "IOPF024", KIND_BUSY | KIND_USERFAULTFD, 1,
			     "a read whose buffer comes late: inside the kernel for --slow" },
	[KIND_MASKED] = { "masked", "IOPF003,IOPF006", KIND_BUSY | KIND_KEEPS, 3,
			  "a wrong cookie inside a write, the rest of the write never retried" },
	[KIND_MASKED_RETRY] = { "masked-retry", "IOPF003", KIND_BUSY, 3,
				"the same, the rest retried" },
	[KIND_MASKED_EFAULT] = { "masked-efault", NULL, KIND_BUSY | KIND_KEEPS, 3,
				 "a write that runs into unmapped memory, the rest never retried (which cannot be seen)" },
	[KIND_GRPID_REUSE] = { "grpid-reuse", "IOPF021", 0, 2,
			       "the device uses a group index again while it is outstanding" },
	[KIND_ABORT] = { "abort", "IOPF028", KIND_FAILSLAB, 0,
			 "memory runs out in the report: the core answers FAILURE, no group" },
	[KIND_SHORT_BUFFER] = { "short-buffer", NULL, KIND_BUSY, 1,
				"reads of 0 (EINVAL) and of 41 bytes (ESPIPE), then a right one" },
	[KIND_SHORT_WRITE] = { "short-write", NULL, KIND_BUSY, 1,
			       "a write of 12 bytes (ESPIPE), then a right one" },
	[KIND_EFAULT_READ] = { "efault-read", NULL, KIND_BUSY, 1,
			       "read into memory that cannot be written, then again: redelivered" },
	[KIND_EFAULT_READ_PART] = { "efault-read-part", NULL, KIND_BUSY, 3,
				    "read whose third record meets unmapped memory: two come, the third later" },
	[KIND_EFAULT_WRITE] = { "efault-write", NULL, KIND_BUSY, 1,
				"write from memory that cannot be read, then again" },
	[KIND_EFAULT_WRITE_PART] = { "efault-write-part", NULL, KIND_BUSY, 3,
				     "write that runs into unmapped memory, the rest retried" },
	[KIND_ENOMEM_READ] = { "enomem-read", NULL, KIND_FAILSLAB, 1,
			       "memory runs out in the read, then again: redelivered" },
	[KIND_SMALL_READS] = { "small-reads", "IOPF031", KIND_MODULE, 1,
			       "reads too small for the first group (EINVAL), 12 in 180 ms, then a right one" },
	[KIND_EFAULT_LOOP] = { "efault-loop", "IOPF031", 0, 1,
			       "reads into memory that cannot be written, 12 in 180 ms, then a right one" },
	[KIND_STRAY_LOOP] = { "stray-loop", "IOPF003,IOPF031", 0, 0,
			      "a cookie that was never given, written 12 times in 180 ms" },
	[KIND_BUSY_POLL] = { "busy-poll", NULL, 0, 0,
			     "20,000 reads of an empty queue: worth a note (IOPF031)" },
	[KIND_RENAME] = { "rename", NULL, 0, 1, "a thread that reads and answers renames itself" },
	[KIND_COOKIE_ZERO] = { "cookie-zero", "IOPF003,IOPF012", 0, 3,
			       "write cookie 0, which Linux 7.3 takes for free then, and gives to the next groups" },
	[KIND_MULTI_PAGE] = { "multi-page", NULL, KIND_MODULE, 3,
			      "groups of 2 to 600 pages, read whole, answered once each" },
	[KIND_SHORT_GROUP] = { "short-group", NULL, KIND_MODULE, 2,
			       "a read with less room than a group needs (EINVAL), then right ones" },
	[KIND_PARTIAL_THEN_LAST] = { "partial-then-last", NULL, KIND_MODULE, 3,
				     "requests of two groups, a whole group between, then their last pages" },
	[KIND_PARTIAL_DISCARD] = { "partial-discard", NULL, KIND_MODULE, 1,
				   "requests discarded as at an overflow, their group index used again" },
	[KIND_PARTIAL_LATE] = { "partial-late", "IOPF020", KIND_MODULE, 1,
				"requests whose last page comes after --slow" },
	[KIND_PARTIAL_NEVER_LAST] = { "partial-never-last", "IOPF020", KIND_MODULE, 0,
				      "requests whose last page never comes" },
	[KIND_PARTIAL_REUSE] = { "partial-reuse", "IOPF021", KIND_MODULE, 2,
				 "a group of two under the index of one that is outstanding" },
	[KIND_PARTIAL_EXTRA] = { "partial-extra", "IOPF020", KIND_MODULE, 2,
				 "a group with a page more, or one less, than was reported" },
	[KIND_PARTIAL_REFUSED] = { "partial-refused", "IOPF022", KIND_MODULE | KIND_ATTACH, 0,
				   "a request, not the last, of a device that takes none: answered" },
	[KIND_LAST_PAGE_ONLY] = { "last-page-only", "IOPF009,IOPF022", KIND_MODULE, 1,
				  "a request that is not the last one makes a group" },
	[KIND_TORN] = { "torn", "IOPF009", KIND_MODULE, 1,
			"a page of the group is missing in the read, or ends it too early" },
	[KIND_DRIVER_SLOW] = { "driver-slow", NULL, KIND_MODULE, 1,
			       "the driver takes --slow to be told of an answer" },
	[KIND_DRIVER_TWICE] = { "driver-twice", "IOPF013", KIND_MODULE, 1,
				"the driver is told of an answer twice" },
	[KIND_DRIVER_WRONG_CODE] = { "driver-wrong-code", "IOPF013", KIND_MODULE, 1,
				     "the driver is told another code than was written" },
	[KIND_DRIVER_SILENT] = { "driver-silent", "IOPF014", KIND_MODULE, 1,
				 "the driver is not told of an answer" },
	[KIND_DETACH] = { "detach", NULL, KIND_BUSY | KIND_ATTACH, 4,
			  "destroy a device with groups queued and delivered; a new one replaces it" },
	[KIND_DETACH_LATE] = { "detach-late", NULL, KIND_ATTACH, 2,
			       "the same, and answer a group after the detach: rejected, late" },
	[KIND_LATE_TWICE] = { "late-twice", "IOPF004", KIND_ATTACH, 2,
			      "the same, and answer them again after that: the first one is late, this is one too many" },
	[KIND_DETACH_RACE] = { "detach-race", NULL, KIND_BUSY | KIND_ATTACH, 4,
			       "destroy a device while others answer its groups (one device an object)" },
	[KIND_DETACH_PASID] = { "detach-pasid", NULL, KIND_BUSY | KIND_ATTACH | KIND_PASID, 2,
				"detach a PASID with groups queued and delivered, attach it again" },
	[KIND_REPLACE] = { "replace", NULL, KIND_BUSY | KIND_ATTACH, 4,
			   "replace the domain by another with the same fault object" },
	[KIND_REPLACE_LATE] = { "replace-late", NULL, KIND_ATTACH, 2,
				"the same, and answer groups after it: rejected, late" },
	[KIND_REPLACE_OBJECT] = { "replace-object", NULL, KIND_ATTACH, 5,
				  "replace the domain by one with another fault object, and back" },
	[KIND_REPLACE_PLAIN] = { "replace-plain", NULL, KIND_BUSY | KIND_ATTACH, 4,
				 "replace the domain by one that takes no faults; report two; and back" },
	[KIND_DESTROY] = { "destroy", NULL, 0, 4,
			   "destroy device, domain and fault object with groups waiting" },
	[KIND_EXIT] = { "exit", NULL, KIND_KEEPS, 4,
			"exit with groups queued and delivered, nothing destroyed" },
	[KIND_FORK] = { "fork", NULL, KIND_MODE, 0, "a child process answers what this one reads" },
	[KIND_FORK_SCM] = { "fork-scm", NULL, KIND_MODE, 0,
			    "the same, the descriptors passed over a unix socket" },
	[KIND_FORK_READERS] = { "fork-readers", NULL, KIND_MODE, 0,
				"a child process reads and answers beside this one" },
};

int kind_find(const char *name, size_t len)
{
	if (len == 3 && !strncmp(name, "aba", len))
		return KIND_LATE_DUPLICATE;
	for (int i = 0; i < KIND_COUNT; i++)
		if (strlen(kind_table[i].name) == len && !strncmp(kind_table[i].name, name, len))
			return i;
	return -EINVAL;
}

void kind_list(FILE *f)
{
	for (int i = 0; i < KIND_COUNT; i++) {
		const struct kind_info *k = &kind_table[i];

		fprintf(f, "%s\t%s\t%s\n", k->name, k->rules ? k->rules : "legal", k->text);
	}
}

void kind_help(FILE *f)
{
	for (int i = 0; i < KIND_COUNT; i++) {
		const struct kind_info *k = &kind_table[i];

		fprintf(f, "  %-18s %-15s %s\n", k->name, k->rules ? k->rules : "legal", k->text);
	}
}
