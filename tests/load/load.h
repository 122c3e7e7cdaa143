/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One run of the load generator: the state that its threads and processes
 * share, and what each of them has of its own.
 */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "group.h"
#include "mock.h"
#include "opts.h"
#include "queue.h"

#define MAX_OUTCOMES 96
#define MAX_URING_TASKS 64

/* What one thread did with read() */
struct read_counts {
	uint64_t calls;
	uint64_t empty;
	uint64_t records;
	uint64_t max_records;
	uint64_t efault;
	uint64_t einval;
	uint64_t espipe;
	uint64_t enomem;
	uint64_t other;
};

/* What one thread did with write() */
struct write_counts {
	uint64_t calls;
	uint64_t records; /* answers offered */
	uint64_t accepted;
	uint64_t partial; /* calls that took some, not all */
	uint64_t efault;
	uint64_t einval;
	uint64_t espipe;
	uint64_t other;
};

enum worker_role {
	WORKER_TRIGGER,
	WORKER_READER,
	WORKER_WRITER,
	WORKER_SYNC,
};

/* A thread. Only its own thread writes to the counters */
struct worker {
	enum worker_role role;
	unsigned int index; /* among those of its role */
	bool child; /* runs in the second process */
	pid_t tid, tgid; /* 0 = never ran */
	uint64_t polls;
	struct read_counts reads;
	struct write_counts writes;
} __attribute__((aligned(64)));

/* A mock device. It never changes once made, except for the marks */
struct dev {
	struct mock_dev mock;
	uint32_t obj;
	_Atomic uint32_t next_grpid;
	int module; /* the test module, bound to it: of the process that reports; -1 = none */
	atomic_int racing; /* may be detached while its groups are answered */
};

struct object {
	uint32_t fault_id;
	bool temporary; /* made by a misbehaviour: the readers ignore it */
};

/* A task of io_uring that worked for us */
struct uring_task {
	pid_t tid;
	char comm[16];
};

/* How a call of a misbehaviour ended, and how often */
struct outcome {
	enum kind kind;
	const char *call;
	int64_t result;
	uint64_t count;
};

/* In memory that the processes share */
struct shared {
	_Atomic uint64_t next_seq; /* number of the next group */
	_Atomic uint64_t next_load; /* number of the next group of the load proper */
	_Atomic uint64_t made; /* groups reported, the failed ones not */
	_Atomic uint64_t done; /* groups with nothing left to happen */
	_Atomic uint64_t failed; /* reports that failed */
	_Atomic uint64_t refused; /* reports that could make no group */
	_Atomic uint64_t aborted; /* reports that the core aborted, as was wanted */
	_Atomic uint64_t parked; /* requests that got no last page */
	_Atomic uint64_t discarded; /* and were discarded */
	_Atomic uint64_t late; /* answers rejected, the group was detached */
	_Atomic uint64_t withheld; /* answers not written, the same */
	atomic_int triggers_live;
	atomic_int stop; /* all done, or given up */
	atomic_int give_up; /* reads that wait: return, somebody wants the gate */
	atomic_int abandon; /* answer no more, though groups wait */
	atomic_int quit; /* report no more: a signal came */
	atomic_int timed_out;
	atomic_int zero_written; /* as a cookie: this kernel may give it out */
	atomic_int fatal; /* a thread could not run at all, -errno */
	sem_t slots; /* room left by --in-flight */
	pthread_rwlock_t trigger_gate; /* held for writing: no reports */
	pthread_rwlock_t read_gate; /* held for writing: no reads */
	pthread_rwlock_t answer_gate; /* held for writing: no answers */
	pthread_mutex_t note_lock;
	uint64_t unexpected;
	char notes[8][200]; /* the first few unexpected things, in words */
	uint64_t acted[KIND_COUNT];
	uint64_t unsupported[KIND_COUNT]; /* acts that this kernel cannot show */
	unsigned int nr_outcomes;
	struct outcome outcomes[MAX_OUTCOMES];
	unsigned int nr_uring;
	struct uring_task uring[MAX_URING_TASKS];
	_Atomic uint32_t nr_devs, nr_objs, nr_workers;
};

/* An act of a misbehaviour and the place in the run where it comes */
struct act {
	uint64_t at; /* before this group of the load proper */
	enum kind kind;
};

/* A choice of groups: an affine permutation of [0, n) */
struct pick {
	uint64_t n, factor, shift;
};

struct load {
	struct opts o;
	struct mock mock;
	struct shared *sh;
	struct group *groups; /* shared, by number */
	struct worker *workers; /* shared */
	struct dev *devs; /* shared, by index; made, never removed */
	struct object *objs; /* shared, by index */
	struct queue *queue; /* shared, when there are writers */
	uint32_t *slots; /* shared: the device now in each of --devices places */
	int *fds; /* of the objects, this process's own */
	uint32_t max_devs, max_objs, max_workers;
	struct act *acts;
	uint64_t nr_acts;
	uint64_t load_groups; /* groups that do not belong to acts */
	struct pick pick;
	bool gates; /* do acts need the gates? */
	pthread_mutex_t act_lock; /* one act at a time */
	uint64_t oldest; /* under act_lock: groups below need no look any more */
	int stop_fd; /* readable once sh->stop is set */
	pid_t child;
	int child_socket; /* to pass descriptors on, or -1 */
	bool in_child;
	bool left; /* exit with groups waiting: destroy nothing */
	uint64_t t_start, t_end;
};

/* Memory, counters, acts. -errno */
int load_create(struct load *l, const struct opts *o);

/* What load_create() took from the heap; the shared memory goes with the process */
void load_free(struct load *l);

/* Add a worker; NULL when there is no room */
struct worker *load_worker(struct load *l, enum worker_role role, unsigned int index, bool child);

/* Called by its thread: note who it is */
void load_worker_here(struct worker *w);

/* The groups that the load has reported are settled: wake everybody up */
void load_stop(struct load *l);

/* Stop if nothing more can happen */
void load_check_finished(struct load *l);

/* Note that @bit happened to a group that is then done */
void load_group_done(struct load *l, struct group *g, uint32_t bit);

/* Something that a right kernel does not do */
void load_unexpected(struct load *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A call of a misbehaviour ended with @result (-errno or what it returned) */
void load_outcome(struct load *l, enum kind kind, const char *call, int64_t result);

/* The tasks of io_uring that this process has now */
void load_note_uring(struct load *l);

/* Where a group of the load proper belongs */
enum group_role load_role(const struct load *l, uint64_t index);

static inline bool load_stopped(const struct load *l)
{
	return atomic_load_explicit(&l->sh->stop, memory_order_acquire);
}

/* Gates cost nothing when no act needs them */
static inline void load_enter(const struct load *l, pthread_rwlock_t *gate)
{
	if (l->gates)
		pthread_rwlock_rdlock(gate);
}

static inline void load_leave(const struct load *l, pthread_rwlock_t *gate)
{
	if (l->gates)
		pthread_rwlock_unlock(gate);
}

#endif
