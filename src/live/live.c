// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "live.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared.h" /* before the skeleton, which has its types */
#include "iopftrace.skel.h"
#include "clock.h"
#include "inside.h"
#include "kernel_btf.h"
#include "words.h"

#define MAX_PROBES 64
#define MAX_SPARES 4 /* of one program */

/* One program and the kernel function, or trace point, it is on. */
struct probe {
	struct bpf_program *program;
	struct bpf_link *link;
	const char *function;
	enum iopf_probe kind;
	bool required;
	bool present;
	unsigned int
		spare; /* > 0: does what programs before it on the same function were skipped for */
	int err; /* why it is not attached */
};

struct live {
	struct iopftrace_bpf *bpf;
	struct ring_buffer *ring;
	struct iopf_counters *counters; /* the programs' own memory */
	struct probe probe[MAX_PROBES];
	size_t probes;
	size_t ring_bytes;
	struct iopf_counters at_end; /* the counters when the trace was stopped */
	struct iopf_run programs_at_end; /* the programs' own, then */
	uint32_t absent; /* probes that are not attached: set of 1 << iopf_probe */
	uint64_t end_seq; /* records from here on are not wanted */
	uint64_t records, bytes; /* taken */
	int walk[2]; /* descriptors of the walks at the beginning and at the end; -1 = not to be had */
	bool walked_all; /* both could be made */
	/* of the drain in progress */
	struct iopf_order *order;
	uint64_t budget;
};

/*
 * Functions that some supported kernel does not have, or has inlined; without them the trace says
 * less but nothing wrong. The release of the file and each driver has one of several names.
 */
static const char *const optional[] = {
	"iommu_sva_iopf_handler", /* only with IOMMU_SVA */
	"iommufd_auto_response_faults", /* static before 6.14 */
	"iopf_queue_remove_device",	"iopf_queue_discard_partial",
	"iommu_attach_group_handle",	"iommu_replace_group_handle",
	"iommu_attach_device_pasid",	"iommu_replace_device_pasid", /* since 6.15 */
	"iommufd_fault_fops_release", /* until 6.14 */
	"iommufd_eventq_fops_release", /* since 6.15 */
	"intel_iommu_page_response",	"arm_smmu_page_response",
	"amd_iommu_page_response",	"mock_domain_page_response",
};

/* Words an error that came up in a step; returns it. */
static int fail(struct live_error *error, enum live_step step, int err, const char *function)
{
	const struct live_trouble trouble = { .step = step, .err = err, .function = function };
	const struct live_facts facts = live_facts();

	return live_words(error, &trouble, &facts);
}

/* The same of the ring buffer. */
static int fail_ring(struct live_error *error, enum live_step step, int err, size_t bytes)
{
	const struct live_trouble trouble = { .step = step, .err = err, .ring_bytes = bytes };
	const struct live_facts facts = live_facts();

	return live_words(error, &trouble, &facts);
}

static bool is_optional(const char *function)
{
	for (size_t i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (!strcmp(optional[i], function))
			return true;
	return false;
}

/* For who develops iopftrace. */
static const char *is_debugging(void)
{
	const char *debug = secure_getenv("IOPFTRACE_DEBUG");

	return debug && *debug ? debug : NULL;
}

/* libbpf's own words are for its developers; IOPFTRACE_DEBUG=1 shows them. */
static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	const char *debug = is_debugging();

	if (!debug || (level == LIBBPF_DEBUG && strcmp(debug, "2")))
		return 0;
	return vfprintf(stderr, format, args);
}

/* What each program observes, by its name without "_spare". */
static const struct {
	const char *program;
	enum iopf_probe kind;
} kinds[] = {
	{ "report_enter", IOPF_PROBE_REPORT_ENTRY },
	{ "report_exit", IOPF_PROBE_REPORT_EXIT },
	{ "sva_enter", IOPF_PROBE_SVA },
	{ "enqueue", IOPF_PROBE_ENQUEUE },
	{ "read_enter", IOPF_PROBE_READ_ENTRY },
	{ "read_exit", IOPF_PROBE_READ_EXIT },
	{ "write_enter", IOPF_PROBE_WRITE_ENTRY },
	{ "write_exit", IOPF_PROBE_WRITE_EXIT },
	{ "response_enter", IOPF_PROBE_RESPONSE },
	{ "response_exit", IOPF_PROBE_DRIVER },
	{ "auto_enter", IOPF_PROBE_AUTO_ENTRY },
	{ "auto_exit", IOPF_PROBE_AUTO_EXIT },
	{ "destroy_enter", IOPF_PROBE_DESTROY_ENTRY },
	{ "destroy_exit", IOPF_PROBE_DESTROY_EXIT },
	{ "qremove_enter", IOPF_PROBE_QREMOVE_ENTRY },
	{ "qremove_exit", IOPF_PROBE_QREMOVE_EXIT },
	{ "discard", IOPF_PROBE_DISCARD },
	{ "alloc", IOPF_PROBE_ALLOC },
	{ "release_fault", IOPF_PROBE_RELEASE },
	{ "release_eventq", IOPF_PROBE_RELEASE },
	{ "exec", IOPF_PROBE_PROCESS },
	{ "rename", IOPF_PROBE_PROCESS },
	{ "fork", IOPF_PROBE_PROCESS },
	{ "process_exit", IOPF_PROBE_PROCESS },
};

static enum iopf_probe kind_of(const char *program)
{
	const char *spare = strstr(program, "_spare");
	size_t length = spare ? (size_t)(spare - program) : strlen(program);

	if (!strncmp(program, "driver_", 7))
		return IOPF_PROBE_DRIVER;
	if (!strncmp(program, "attach_", 7))
		return IOPF_PROBE_ATTACH;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncmp(kinds[i].program, program, length) && !kinds[i].program[length])
			return kinds[i].kind;
	return IOPF_PROBES;
}

/* With fewer, tasks are so often preempted by each other that one spare is skipped as well. */
#define FEW_CPUS 4

/* Of a spare, its rank: those of a lower one run before it. 0 = it is none. */
static unsigned int spare_of(const char *program)
{
	const char *end = strstr(program, "_spare");

	return !end ? 0 : end[6] ? (unsigned int)(end[6] - '0') : 1;
}

/* Lists the programs; switches off the loading of those whose function is not there. */
static int list_probes(struct live *live, const struct kernel_btf *kernel,
		       const struct live_opts *opts, struct live_error *error)
{
	struct bpf_program *program;

	live->bpf->rodata->few_cpus = sysconf(_SC_NPROCESSORS_ONLN) < FEW_CPUS;
	bpf_object__for_each_program(program, live->bpf->obj) {
		const char *section = bpf_program__section_name(program);
		const char *function = strchr(section, '/');
		struct probe *p = &live->probe[live->probes];

		if (!function++ || !strncmp(section, "iter/", 5))
			continue; /* not a probe */
		if (live->probes == MAX_PROBES)
			return fail(error, LIVE_OPEN, -E2BIG, NULL);
		p->program = program;
		p->function = function;
		p->kind = kind_of(bpf_program__name(program));
		p->spare = spare_of(bpf_program__name(program));
		p->required = !is_optional(function);
		if (!strncmp(section, "tp_btf/", 7)) {
			p->present = !strcmp(function, "sched_process_fork") ? opts->descendants :
				     !strcmp(function, "sched_process_exit") ? opts->scoped :
									       true;
		} else {
			p->present = kernel_btf_function(kernel, function);
			if (p->required && !p->present)
				return fail(error, LIVE_FUNCTION, -ENOENT, function);
		}
		if (p->spare > 1 && !live->bpf->rodata->few_cpus)
			p->present = false;
		bpf_program__set_autoload(program, p->present);
		live->probes++;
	}
	return 0;
}

/* The program of a driver's page_response. */
static bool is_driver(const struct probe *p)
{
	return !strncmp(bpf_program__name(p->program), "driver_", 7);
}

/* Probes of which this kernel has not one function to be on, and that it should have. */
static void note_absent(struct live *live)
{
	const uint32_t wanted = 1U << IOPF_PROBE_AUTO_ENTRY | 1U << IOPF_PROBE_AUTO_EXIT |
				1U << IOPF_PROBE_QREMOVE_ENTRY | 1U << IOPF_PROBE_QREMOVE_EXIT |
				1U << IOPF_PROBE_DISCARD | 1U << IOPF_PROBE_ATTACH;
	uint32_t present = 0;

	for (size_t i = 0; i < live->probes; i++)
		present |= live->probe[i].present ? 1U << live->probe[i].kind : 0;
	live->absent |= wanted & ~present;
}

/*
 * The end of a response is taken from the driver's function, which is the moment wanted and a program
 * less. Only where no driver's can be probed the core's own is.
 */
static void choose_ack(struct live *live)
{
	struct probe *fallback = NULL;
	bool driver = false;

	for (size_t i = 0; i < live->probes; i++) {
		struct probe *p = &live->probe[i];

		if (is_driver(p))
			driver |= p->present;
		if (!strcmp(bpf_program__name(p->program), "response_exit"))
			fallback = p;
	}
	if (fallback && driver) {
		fallback->present = false;
		bpf_program__set_autoload(fallback->program, false);
	}
}

/* Checks what can be known without privilege. */
static int check_kernel(struct kernel_btf **kernel, struct live_error *error)
{
	const struct live_trouble missing = { .step = LIVE_IOMMUFD, .err = -ENOENT };
	/* Opening it loads the module where there is one. Nothing else is done with it. */
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC), err;
	struct live_facts facts;

	if (fd >= 0)
		close(fd);
	err = kernel_btf_new(kernel);
	if (err)
		return fail(error, LIVE_BTF, err, NULL);
	if (kernel_btf_function(*kernel, "iommufd_fault_iopf_handler"))
		return 0;
	facts = live_facts();
	/* Every version has it, and it is in its own list of functions. */
	facts.iommufd = kernel_btf_function(*kernel, "iommufd_fops_open");
	return live_words(error, &missing, &facts);
}

static size_t ring_size(size_t wanted)
{
	size_t size = sysconf(_SC_PAGESIZE);

	while (size < wanted)
		size *= 2;
	return size;
}

/* By itself, before all else: nothing else that fails is its size's fault. */
static int make_ring(struct live *live, size_t wanted, struct live_error *error)
{
	size_t bytes = ring_size(wanted);
	int fd = -E2BIG, err;

	if (bytes <= UINT32_MAX)
		fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, (uint32_t)bytes, NULL);
	if (fd < 0)
		return fail_ring(error, LIVE_RING, fd, bytes);
	err = bpf_map__set_max_entries(live->bpf->maps.ring, (uint32_t)bytes) ?:
		      bpf_map__reuse_fd(live->bpf->maps.ring, fd);
	close(fd);
	if (err)
		return fail_ring(error, LIVE_RING, err, bytes);
	live->ring_bytes = bytes;
	live->bpf->rodata->wake_bytes = bytes / 4;
	return 0;
}

static int load(struct live *live, const struct live_opts *opts, const struct kernel_btf *kernel,
		struct live_error *error)
{
	int err;

	live->bpf = iopftrace_bpf__open();
	if (!live->bpf)
		return fail(error, LIVE_OPEN, -errno, NULL);
	err = make_ring(live, opts->ring_bytes ?: LIVE_RING_DEFAULT, error) ?:
		      list_probes(live, kernel, opts, error);
	if (err)
		return err;
	choose_ack(live);
	note_absent(live);
	err = iopftrace_bpf__load(live->bpf);
	if (err)
		return fail(error, LIVE_LOAD, err, NULL);
	live->counters = &live->bpf->bss->counters;
	return 0;
}

/* Functions whose events nothing is counted or timed by. */
static bool is_harmless(const char *function)
{
	return strstr(function, "_fops_release");
}

static int attach_probe(struct live *live, struct probe *p, struct live_error *error)
{
	int err;

	p->link = bpf_program__attach(p->program);
	err = p->link ? 0 : -errno;
	if (err && p->required)
		return fail(error, LIVE_ATTACH, err, p->function);
	if (err && !is_harmless(p->function)) {
		live->absent |= 1U << p->kind;
		p->err = err;
	}
	return 0;
}

/* A trampoline runs the program that was attached last first, a trace point the one that was attached first. */
static bool is_tracepoint(const struct probe *p)
{
	return !strncmp(bpf_program__section_name(p->program), "tp_btf/", 7);
}

/* In such an order that spares run behind the others. */
static int attach(struct live *live, struct live_error *error)
{
	int err = 0;

	for (unsigned int turn = 0; turn <= MAX_SPARES; turn++) {
		for (size_t i = 0; i < live->probes && !err; i++) {
			struct probe *p = &live->probe[i];

			if (p->present &&
			    turn == (is_tracepoint(p) ? p->spare : MAX_SPARES - p->spare))
				err = attach_probe(live, p, error);
		}
	}
	if (!err)
		live->bpf->bss->armed = 1;
	return err;
}

/*
 * Makes the two walks ready while the privilege for it is there. A kernel that does not take them is
 * traced all the same: what began before is then known only when it shows.
 */
static void prepare_walks(struct live *live)
{
	struct bpf_link *link = bpf_program__attach_iter(live->bpf->progs.walk_file, NULL);

	live->walk[0] = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	live->walk[1] = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	bpf_link__destroy(link);
	live->walked_all = live->walk[0] >= 0 && live->walk[1] >= 0;
}

/* Walks all fault objects; what is found goes to the ring buffer. */
static void walk(struct live *live, int number, uint32_t waiting)
{
	char nothing[256];
	ssize_t n;

	if (live->walk[number] < 0)
		return;
	live->bpf->bss->walk_number = number + 1;
	live->bpf->bss->walk_waiting = waiting;
	do
		n = read(live->walk[number], nothing, sizeof(nothing));
	while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
	if (n < 0)
		live->walked_all = false;
	close(live->walk[number]);
	live->walk[number] = -1;
}

/* Asks the kernel for what the programs must know: this process, and addresses of functions. */
static int prepare(struct live *live, struct live_error *error)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = bpf_prog_test_run_opts(bpf_program__fd(live->bpf->progs.prepare), &opts);

	if (err)
		return fail(error, LIVE_PREPARE, err, NULL);
	return 0;
}

static int on_record(void *arg, void *data, size_t size)
{
	const struct iopf_rec *rec = data;
	struct live *live = arg;
	int err;

	if (rec->seq >= live->end_seq)
		return --live->budget ? 0 : -EAGAIN;
	live->records++;
	live->bytes += size;
	err = iopf_order_add(live->order, rec);
	if (err < 0)
		return err;
	/* Stops the pass so that signals and timers get their turn under any load. */
	return --live->budget ? 0 : -EAGAIN;
}

int live_open(struct live **out, const struct live_opts *opts, struct live_error *error)
{
	struct live *live = calloc(1, sizeof(*live));
	struct kernel_btf *kernel = NULL;
	int err;

	if (!live)
		return fail(error, LIVE_SETUP, -ENOMEM, NULL);
	live->end_seq = UINT64_MAX;
	live->walk[0] = live->walk[1] = -1;
	libbpf_set_print(print_libbpf);
	err = check_kernel(&kernel, error) ?: load(live, opts, kernel, error);
	kernel_btf_free(kernel);
	if (!err) {
		live->ring =
			ring_buffer__new(bpf_map__fd(live->bpf->maps.ring), on_record, live, NULL);
		if (!live->ring)
			err = fail_ring(error, LIVE_MAP, -errno, live->ring_bytes);
	}
	if (!err)
		err = prepare(live, error) ?: attach(live, error);
	if (err) {
		live_close(live);
		return err;
	}
	prepare_walks(live);
	walk(live, 0, 0);
	*out = live;
	return 0;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	for (size_t i = 0; i < live->probes; i++)
		bpf_link__destroy(live->probe[i].link);
	for (size_t i = 0; i < 2; i++)
		if (live->walk[i] >= 0)
			close(live->walk[i]);
	ring_buffer__free(live->ring);
	iopftrace_bpf__destroy(live->bpf);
	free(live);
}

uint32_t live_self(const struct live *live)
{
	return live->bpf->bss->loader_tgid;
}

int live_follow(struct live *live, uint32_t tgid)
{
	uint8_t one = 1;

	return bpf_map__update_elem(live->bpf->maps.scope, &tgid, sizeof(tgid), &one, sizeof(one),
				    BPF_ANY);
}

int live_fd(const struct live *live)
{
	return bpf_map__fd(live->bpf->maps.ring);
}

int live_drain(struct live *live, struct iopf_order *order)
{
	uint64_t before = live->records;
	int err;

	live->order = order;
	live->budget = LIVE_BATCH;
	err = ring_buffer__consume(live->ring);
	if (err >= 0 || !live->budget)
		err = iopf_order_lost(order,
				      __atomic_load_n(&live->counters->lost[IOPF_LOST_RING_FULL],
						      __ATOMIC_ACQUIRE));
	return err < 0 ? err : (int)(live->records - before);
}

struct live_mark live_mark(const struct live *live)
{
	struct live_mark mark = { .time_ns = inside_since(live->bpf->bss->slots) };

	mark.seq = __atomic_load_n(&live->counters->next_seq, __ATOMIC_ACQUIRE);
	return mark;
}

bool live_reached(const struct live *live, const struct live_mark *mark)
{
	return live->records + live->counters->lost[IOPF_LOST_RING_FULL] >= mark->seq;
}

bool live_drained(const struct live *live)
{
	return live->records + live->at_end.lost[IOPF_LOST_RING_FULL] >= live->end_seq;
}

/*
 * Runs and misses of one program. A miss: the program was in use on that CPU, by a task that was
 * preempted inside it.
 */
static void program_counters(const struct probe *p, struct iopf_run *run, uint64_t *skipped)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	if (!p->link)
		return;
	if (bpf_obj_get_info_by_fd(bpf_program__fd(p->program), &info, &size)) {
		run->absent |= 1U << p->kind; /* not known is not none */
		return;
	}
	if (info.recursion_misses && is_debugging())
		fprintf(stderr, "%s was skipped %llu times\n", bpf_program__name(p->program),
			(unsigned long long)info.recursion_misses);
	run->probe_runs += info.run_cnt;
	run->probe_ns += info.run_time_ns;
	if (p->spare)
		return; /* it is only needed where the other was skipped, which that one counts */
	run->probe_misses += info.recursion_misses;
	skipped[p->kind] += info.recursion_misses;
}

/* Whether the end of a response is taken from the core's own function. */
static bool response_end_attached(const struct live *live)
{
	for (size_t i = 0; i < live->probes; i++)
		if (!strcmp(bpf_program__name(live->probe[i].program), "response_exit"))
			return live->probe[i].link != NULL;
	return false;
}

/* Calls that were inside when the probes were armed may have been seen by a spare only. */
#define IN_FLIGHT 4

/* Whether what a spare does of a kind tells that it ran first: one that does all that the first one does. */
static bool has_spare(const struct live *live, enum iopf_probe kind)
{
	for (size_t i = 0; i < live->probes; i++) {
		const struct probe *p = &live->probe[i];

		if (p->spare == 1 && p->kind == kind && p->link && !is_tracepoint(p))
			return true;
	}
	return false;
}

/* The kernel's counts of all programs, and what was made good of what they missed. */
static void count_programs(const struct live *live, const __u64 *made_good, struct iopf_run *run)
{
	uint64_t unacked = live->counters->unacked, untold = live->counters->untold;
	uint64_t skipped[IOPF_PROBES + 1] = { 0 };

	for (size_t i = 0; i < live->probes; i++)
		program_counters(&live->probe[i], run, skipped);
	for (int i = 0; i < IOPF_PROBES; i++) {
		uint64_t good = made_good[i];

		if (good > UINT64_MAX / 2)
			good = 0; /* see driver_told() */
		/* A spare that runs first sees everything, and then the other sees it again. */
		if (has_spare(live, i) && good > skipped[i] + IN_FLIGHT)
			run->absent |= 1U << i;
		if (good > skipped[i])
			good = skipped[i];
		run->made_good += good;
		run->made_good_by[i] = good;
		run->missed[i] = skipped[i] - good;
	}
	run->made_good_told = true;
	/* More of them, not told of: there is a driver that is not watched. */
	if (unacked > untold + skipped[IOPF_PROBE_DRIVER] && !response_end_attached(live))
		run->absent |= 1U << IOPF_PROBE_DRIVER;
}

/*
 * The same when tracing ends. What was made good is read first: what is skipped and made good while the
 * programs are asked must not make good what nobody has. Asked again while something is, so that this is no
 * doubt either.
 */
#define COUNT_TRIES 4

static void count_programs_at_end(struct live *live)
{
	__u64 before[IOPF_PROBES];

	for (int try = 0; try < COUNT_TRIES; try++) {
		memcpy(before, live->counters->made_good, sizeof(before));
		memset(&live->programs_at_end, 0, sizeof(live->programs_at_end));
		count_programs(live, before, &live->programs_at_end);
		if (!memcmp(before, live->counters->made_good, sizeof(before)))
			return;
	}
}

/* Tells of the calls that have not returned and have not been told of. */
static int tell_inside(struct live *live, struct iopf_order *order, uint64_t *told)
{
	int64_t nr = inside_tell(live->bpf->bss->slots, told, live->counters, order);

	if (nr < 0)
		return (int)nr;
	live->records += (uint64_t)nr;
	return 0;
}

/*
 * A call that is inside may have a group in its hands, in no list: so it is asked before the walk and
 * after it who is inside, and the walk counts as begun before that.
 * Losses are counted before the number is taken that ends the trace: what is lost later is not
 * missing from it. What is skipped is counted after: too much of it is only more doubt.
 */
int live_stop(struct live *live, struct iopf_order *order, uint64_t *end_seq)
{
	uint64_t told[IOPF_SLOTS] = { 0 };
	int err;

	live->bpf->bss->walk_since = clock_ns(CLOCK_MONOTONIC);
	err = tell_inside(live, order, told);
	walk(live, 1, IOPF_WAITING_END);
	if (!err)
		err = tell_inside(live, order, told);
	live->at_end = *live->counters;
	live->end_seq = __atomic_load_n(&live->counters->next_seq, __ATOMIC_ACQUIRE);
	*end_seq = live->end_seq;
	count_programs_at_end(live);
	return err;
}

/* Processes that were not followed, and why. */
static void tell_unfollowed(const struct iopf_counters *counters, struct iopf_run *run)
{
	run->unfollowed = 0;
	for (size_t i = 0; i < IOPF_UNFOLLOWED_REASONS; i++) {
		run->unfollowed_by[i] = counters->unfollowed[i];
		run->unfollowed += run->unfollowed_by[i];
	}
}

void live_counters(const struct live *live, struct iopf_run *run)
{
	for (size_t i = 0; i < IOPF_LOST_REASONS; i++)
		run->lost[i] = live->at_end.lost[i];
	run->empty_reads = live->at_end.empty_reads;
	run->empty_ns = live->at_end.empty_ns;
	tell_unfollowed(&live->at_end, run);
	run->absent_first = live->absent;
	run->absent |= live->absent | live->programs_at_end.absent;
	if (!live->walked_all)
		run->absent |= 1U << IOPF_PROBE_WALK;
	memcpy(run->missed, live->programs_at_end.missed, sizeof(run->missed));
	run->probe_misses = live->programs_at_end.probe_misses;
	run->made_good = live->programs_at_end.made_good;
	memcpy(run->made_good_by, live->programs_at_end.made_good_by, sizeof(run->made_good_by));
	run->made_good_told = true;
	run->probe_runs = live->programs_at_end.probe_runs;
	run->probe_ns = live->programs_at_end.probe_ns;
	run->records = live->records;
	run->bytes = live->bytes;
	run->ring_bytes = live->ring_bytes;
}

/* Whether the kernel has none of the functions of a kind, and this is the first of them. */
static bool is_first_of_absent(const struct live *live, const struct probe *p)
{
	for (const struct probe *other = live->probe; other < live->probe + live->probes; other++) {
		if (other->kind == p->kind && (other->present || other < p))
			return false;
	}
	return live->absent >> p->kind & 1;
}

bool live_not_attached(const struct live *live, unsigned int *i, struct live_error *why)
{
	for (; *i < live->probes; ++*i) {
		const struct probe *p = &live->probe[*i];

		if (!p->err && !is_first_of_absent(live, p))
			continue;
		++*i;
		fail(why, p->err ? LIVE_ATTACH : LIVE_FUNCTION, p->err ? p->err : -ENOENT,
		     p->function);
		return true;
	}
	return false;
}

uint32_t live_absent(const struct live *live)
{
	return live->absent;
}

void live_misses(const struct live *live, struct iopf_run *run)
{
	__u64 made_good[IOPF_PROBES];

	run->absent = live->absent;
	tell_unfollowed(live->counters, run);
	run->absent_first = live->absent;
	run->empty_reads = live->counters->empty_reads;
	run->empty_ns = live->counters->empty_ns;
	/* Before what was skipped is read: what is made good meanwhile must not stand for that. */
	memcpy(made_good, live->counters->made_good, sizeof(made_good));
	count_programs(live, made_good, run);
	for (size_t i = 0; i < IOPF_LOST_REASONS; i++)
		run->lost[i] = __atomic_load_n(&live->counters->lost[i], __ATOMIC_RELAXED);
}

bool live_probe(const struct live *live, size_t i, struct live_probe *probe)
{
	const struct probe *p = &live->probe[i];

	if (i >= live->probes)
		return false;
	*probe = (struct live_probe){
		.function = p->function,
		.required = p->required,
		.present = p->present,
		.attached = p->link != NULL,
	};
	return true;
}
