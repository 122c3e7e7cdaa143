/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Acts: the single deeds of --misbehave. A thread that reports performs them
 * between two groups of the load. Unless --busy lets the other threads go on,
 * it first waits until all groups so far are settled, and keeps the others away.
 */
#ifndef LOAD_ACTS_H
#define LOAD_ACTS_H

#include "deliver.h"
#include "load.h"
#include "trigger.h"

/* The stage of one act */
struct scene {
	struct load *l;
	struct worker *w;
	struct io *io; /* plain system calls */
	enum kind kind;
	uint64_t number; /* of the act, for variants */
	uint32_t slot; /* the device in question: its place ... */
	uint32_t dev; /* ... its index ... */
	uint32_t obj; /* ... and its fault object */
	bool busy; /* the other threads are running */
	char *pages; /* one page of memory, then one that faults */
};

/*
 * Perform the acts from number @next on that come before group @index of the
 * load; returns the number of the next one.
 */
uint64_t acts_before(struct load *l, struct worker *w, uint64_t next, uint64_t index);

/* The last act, once the load is over: exit with groups waiting */
void acts_exit(struct load *l, struct worker *w);

/* An act's function returns 0, or -EOPNOTSUPP where this kernel cannot show it */
typedef int act_fn(struct scene *s);

act_fn act_stray, act_duplicate, act_late_duplicate, act_bad_code, act_predict, act_masked,
	act_short_write, act_efault_write, act_efault_write_part;
act_fn act_short_buffer, act_efault_read, act_efault_read_part, act_grpid_reuse;
act_fn act_abort, act_enomem_read;
act_fn act_small_reads, act_efault_loop, act_stray_loop, act_busy_poll, act_cookie_zero, act_rename;
act_fn act_multi_page, act_short_group, act_partial_then_last, act_partial_discard,
	act_partial_never_last, act_partial_reuse, act_partial_refused;
act_fn act_partial_extra, act_last_page_only, act_torn, act_driver;
act_fn act_detach, act_detach_race, act_detach_pasid, act_replace, act_replace_plain;
act_fn act_replace_object, act_destroy, act_exit;
act_fn act_predict_race, act_slow_read;

/* Report a group of the scene's device; its number or -errno */
int64_t scene_report(struct scene *s);
int64_t scene_report_as(struct scene *s, int64_t pasid, int64_t grpid);

/* Report a group of @pages, in a way odd if wanted; through the test module. As above */
int64_t scene_report_pages(struct scene *s, unsigned int pages, int64_t grpid, int odd);

/* Begin a group of @pages; trigger_parts() and trigger_last() report it */
int64_t scene_begin(struct scene *s, unsigned int pages);

/* Read into @buf, counted and noted as an outcome */
ssize_t scene_read(struct scene *s, const char *call, void *buf, size_t size);

/* Read exactly @n groups that wait; fills @a. 0 or -EIO after a message */
int scene_read_groups(struct scene *s, struct answer *a, unsigned int n);

/* The same, of groups that have @pages all together */
int scene_read_pages(struct scene *s, struct answer *a, unsigned int n, unsigned int pages);

/* Report @n groups and read as many. 0 or -EIO */
int scene_take(struct scene *s, struct answer *a, unsigned int n);

/* A write of any bytes, counted and noted as an outcome */
ssize_t scene_write(struct scene *s, const char *call, const void *buf, size_t size);

/* The answers that are due, as a good citizen */
void scene_answer(struct scene *s, struct answer *a, unsigned int n);

/* The same @n groups are left to the kernel */
void scene_keep(struct scene *s, const struct answer *a, unsigned int n);

/* @result is not what a right kernel returns: say so */
void scene_expect(struct scene *s, const char *call, int64_t result, int64_t want);

/* Memory that ends after @room bytes: behind it, every access faults */
char *scene_edge(struct scene *s, size_t room);

/* Groups of a device that are not answered, and their state */
#define PASID_ANY (-1)
void scene_retire(struct scene *s, uint32_t dev, int64_t pasid);
void scene_retired(struct scene *s, uint32_t dev, int64_t pasid);

#endif
