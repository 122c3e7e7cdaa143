/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Reports made by hand, for the tests of the output formats. */
#ifndef TESTS_SAMPLE_REPORT_H
#define TESTS_SAMPLE_REPORT_H

#include <string.h>

#include "iopftrace/report.h"

#define SAMPLE_LIST 16

struct sample {
	struct iopf_report report;
	struct iopf_group_view slowest[SAMPLE_LIST], waiting[SAMPLE_LIST];
	struct iopf_object_view objects[SAMPLE_LIST];
	struct iopf_device_view devices[SAMPLE_LIST];
};

/* A small generator of numbers that are the same everywhere: xorshift64. */
static inline uint64_t sample_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* An empty report: complete, nothing seen. */
static inline void sample_empty(struct sample *s)
{
	unsigned int stage;

	memset(s, 0, sizeof(*s));
	for (stage = 0; stage < IOPF_STAGES; stage++)
		iopf_hist_init(&s->report.stage[stage].hist);
	s->report.version = "1.2.3";
	s->report.kernel = "7.3.4";
	s->report.start_ns = 5000000000;
	s->report.end_ns = s->report.start_ns + 12403000000;
	s->report.duration_ns = 12403000000;
	s->report.start_realtime_ns = 1760000000000000000;
	s->report.min_groups = 1;
	s->report.complete = true;
	s->report.verdict = IOPF_PASS;
	s->report.slowest = s->slowest;
	s->report.waiting = s->waiting;
	s->report.objects = s->objects;
	s->report.devices = s->devices;
}

/* A time spread over a few octaves above @base, most of it near it. */
static inline uint64_t sample_time(uint64_t *state, uint64_t base)
{
	unsigned int octave = (unsigned int)__builtin_ctzll(sample_random(state) | 1ULL << 9);

	return (base << octave / 2) + sample_random(state) % (base << octave / 2);
}

/* The stages of @n groups. */
static inline void sample_stages(struct sample *s, unsigned int n)
{
	static const uint64_t base[] = { 610, 2100, 41000, 400 };
	uint64_t state = 88172645463325252ULL;
	unsigned int i, stage;

	for (i = 0; i < n; i++) {
		uint64_t total = 0;

		for (stage = 0; stage < IOPF_STAGE_TOTAL; stage++) {
			uint64_t ns = sample_time(&state, base[stage]);

			iopf_hist_add(&s->report.stage[stage].hist, ns);
			total += ns;
		}
		iopf_hist_add(&s->report.stage[IOPF_STAGE_TOTAL].hist, total);
	}
}

/* A group that was answered by a vCPU thread. */
static inline struct iopf_group_view sample_group(uint32_t grpid, uint64_t service_ns)
{
	struct iopf_group_view g = {
		.seq = 100 + grpid,
		.addr = 0x7f12a4000000 + 4096ULL * grpid,
		.object_id = 7,
		.dev_id = 3,
		.pasid = 5,
		.grpid = grpid,
		.perm = 2,
		.flags = IOPF_PRQ_PASID_VALID | IOPF_PRQ_LAST_PAGE,
		.pages = 1,
		.cookie = 12,
		.code = IOPF_CODE_SUCCESS,
		.by = IOPF_BY_USER,
		.device = "0000:3b:00.0",
		.reader_tgid = 2200,
		.reader_tid = 2201,
		.reader = "iopf-reader",
		.writer_tgid = 2200,
		.writer_tid = 2203,
		.writer = "vcpu3",
	};
	uint64_t at = 8214000000;

	g.stage_ns[IOPF_STAGE_ROUTE] = 900;
	g.stage_ns[IOPF_STAGE_WAIT] = 310000;
	g.stage_ns[IOPF_STAGE_SERVICE] = service_ns;
	g.stage_ns[IOPF_STAGE_ACK] = 1200;
	g.stage_ns[IOPF_STAGE_TOTAL] = 900 + 310000 + service_ns + 1200;
	g.at_ns[IOPF_AT_REPORT] = at;
	g.at_ns[IOPF_AT_QUEUE] = at += 900;
	g.at_ns[IOPF_AT_DELIVER] = at += 310000;
	g.at_ns[IOPF_AT_WRITE] = at += service_ns;
	g.at_ns[IOPF_AT_ACK] = at + 1200;
	return g;
}

/* A group that is still waiting: read by somebody when @read, else still in the queue. */
static inline struct iopf_group_view sample_waiting(uint32_t grpid, uint64_t at_ns, bool read)
{
	struct iopf_group_view g = sample_group(grpid, 0);
	unsigned int stage;

	for (stage = 0; stage < IOPF_STAGES; stage++)
		g.stage_ns[stage] = UINT64_MAX;
	memset(g.at_ns, 0, sizeof(g.at_ns));
	g.at_ns[IOPF_AT_REPORT] = at_ns;
	g.at_ns[IOPF_AT_QUEUE] = at_ns + 900;
	g.by = IOPF_BY_NOBODY;
	g.writer_tgid = g.writer_tid = 0;
	g.writer = "";
	if (read) {
		g.at_ns[IOPF_AT_DELIVER] = at_ns + 120000;
	} else {
		g.cookie = 0;
		g.reader_tgid = g.reader_tid = 0;
		g.reader = "";
	}
	return g;
}

/* The usual case: all answered, nothing lost. */
static inline void sample_pass(struct sample *s)
{
	struct iopf_report *r = &s->report;
	uint32_t i;

	sample_empty(s);
	sample_stages(s, 16379);
	r->groups.reported = r->groups.enqueued = r->groups.delivered = 16384;
	r->groups.answered_user = r->groups.answered_by[IOPF_BY_USER] = 16384;
	r->groups.pages = 16420;
	r->groups.outstanding_max = 64;
	r->responses.success = 16380;
	r->responses.invalid = 4;
	r->calls.reads = 9000;
	r->calls.empty_reads = 12;
	r->calls.writes = 8012;
	for (i = 0; i < 5; i++) {
		s->slowest[i] = sample_group(311 + 7 * i, 9700000 - 800000 * i);
		iopf_hist_add(&r->stage[IOPF_STAGE_TOTAL].hist,
			      s->slowest[i].stage_ns[IOPF_STAGE_TOTAL]);
	}
	s->slowest[4].pages = 8;
	s->slowest[2].by = IOPF_BY_DETACH;
	s->slowest[2].stage_ns[IOPF_STAGE_SERVICE] = UINT64_MAX;
	s->slowest[2].stage_ns[IOPF_STAGE_WAIT] = 8100000;
	s->slowest[2].writer_tid = 0;
	s->slowest[2].code = IOPF_CODE_INVALID;
	r->nr_slowest = 5;
	s->objects[0] = (struct iopf_object_view){
		.address = 0xffff888100000000,
		.id = 7,
		.in_scope = true,
		.groups = 16384,
		.owner_tgid = 2200,
		.owner = "vmm",
	};
	r->nr_objects = 1;
	s->devices[0] = (struct iopf_device_view){ 3, "0000:3b:00.0", 16000 };
	s->devices[1] = (struct iopf_device_view){ 4, "0000:3b:00.1", 384 };
	r->nr_devices = 2;
	r->overhead.records = 49164;
	r->overhead.bytes = 5243000;
	r->overhead.wakeups = 1200;
	r->overhead.ring_bytes = 16 << 20;
}

/* A bad day: events lost, groups waiting, groups that the kernel answered, other people's groups. */
static inline void sample_lossy(struct sample *s)
{
	struct iopf_report *r = &s->report;

	sample_pass(s);
	r->complete = false;
	r->verdict = IOPF_INCONCLUSIVE;
	r->exit_code = 5;
	r->exit_because = IOPF_BECAUSE_INCONCLUSIVE;
	r->doubt[IOPF_DOUBT_LOST] = true;
	r->lost.events = r->lost.reason[IOPF_LOST_RING_FULL] = 1234;
	r->lost.gaps = 2;
	r->lost.first_gap_seq = 4711;
	r->lost.last_gap_seq = 9000;
	r->lost.first_gap_ns = r->start_ns + 1203000000;
	r->groups.answered_user -= 12;
	r->groups.answered_kernel = 6;
	r->groups.answered_by[IOPF_BY_USER] -= 12;
	r->groups.answered_by[IOPF_BY_DETACH] = 4;
	r->groups.answered_by[IOPF_BY_DESTROY] = 2;
	r->groups.outstanding = 6;
	r->groups.unknown = 3;
	r->groups.adopted = 1;
	r->groups.partial = 36;
	r->responses.rejected = 2;
	r->calls.failed_writes = 2;
	r->stage[IOPF_STAGE_WAIT].negative = 2;
	s->waiting[0] = sample_waiting(77, r->end_ns - 2400000000, true);
	s->waiting[1] = sample_waiting(78, r->end_ns - 1200000, false);
	r->nr_waiting = 2;
	r->out_of_scope.objects = 1;
	r->out_of_scope.groups = 52;
	r->out_of_scope.events = 160;
}

/* Leaves three groups in the histograms, so that all of them can be read. */
static inline void sample_few_stages(struct sample *s)
{
	unsigned int stage;

	for (stage = 0; stage < IOPF_STAGES; stage++)
		iopf_hist_init(&s->report.stage[stage].hist);
	sample_stages(s, 3);
}

/* A number of any magnitude, often 0, sometimes the largest there is. */
static inline uint64_t sample_any(uint64_t *state)
{
	switch (sample_random(state) % 8) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	default:
		return sample_random(state) >> sample_random(state) % 64;
	}
}

/* A name of any bytes, or one that is UTF-8, or none; in one of the buffers, which are used anew. */
static inline const char *sample_name(uint64_t *state, size_t max)
{
	static const char *const names[] = {
		"",
		NULL,
		"vcpu3",
		"\xc3\xa9t\xc3\xa9",
		"\xe4\xbb\xae\xe6\x83\xb3\xe6\xa9\x9f",
		"a\xe2\x80\xae"
		"b",
		"\033[31mred",
		"iou-wrk-12345",
		"\xf0\x9f\x90\xa7",
		"a\\b\"c\n",
	};
	static char buffers[64][64];
	static unsigned int next;
	char *s = buffers[next++ % 64];
	size_t len, i;

	if (sample_random(state) % 2)
		return names[sample_random(state) % (sizeof(names) / sizeof(names[0]))];
	len = sample_random(state) % (max + 1);
	for (i = 0; i < len; i++)
		s[i] = (char)(1 + sample_random(state) % 255);
	s[len] = '\0';
	return s;
}

/* A group of which every field is anything. */
static inline struct iopf_group_view sample_any_group(uint64_t *state)
{
	struct iopf_group_view g = {
		.seq = sample_any(state),
		.addr = sample_any(state),
		.object_id = (uint32_t)sample_any(state),
		.dev_id = (uint32_t)sample_any(state),
		.pasid = (uint32_t)sample_any(state),
		.grpid = (uint32_t)sample_any(state),
		.perm = (uint32_t)sample_any(state),
		.flags = (uint32_t)sample_any(state),
		.pages = (uint32_t)sample_any(state),
		.cookie = (uint32_t)sample_any(state),
		.code = (uint32_t)sample_any(state),
		.by = (enum iopf_responder)(sample_random(state) % IOPF_RESPONDERS),
		.device = sample_name(state, 31),
		.reader_tgid = (uint32_t)sample_any(state),
		.reader_tid = (uint32_t)sample_any(state),
		.reader = sample_name(state, 15),
		.writer_tgid = (uint32_t)sample_any(state),
		.writer_tid = (uint32_t)sample_any(state),
		.writer = sample_name(state, 15),
	};
	unsigned int i;

	for (i = 0; i < IOPF_MOMENTS; i++)
		g.at_ns[i] = sample_any(state);
	for (i = 0; i < IOPF_STAGES; i++)
		g.stage_ns[i] = sample_any(state);
	return g;
}

/* A report of which every field is anything; its lists and histograms are consistent in themselves. */
static inline void sample_wild(struct sample *s, uint64_t *state)
{
	struct iopf_report *r = &s->report;
	uint64_t *counts[] = { (uint64_t *)&r->groups,	     (uint64_t *)&r->responses,
			       (uint64_t *)&r->calls,	     (uint64_t *)&r->lost,
			       (uint64_t *)&r->out_of_scope, (uint64_t *)&r->overhead };
	size_t sizes[] = { sizeof(r->groups), sizeof(r->responses),    sizeof(r->calls),
			   sizeof(r->lost),   sizeof(r->out_of_scope), sizeof(r->overhead) };
	unsigned int i, j;

	sample_empty(s);
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		for (j = 0; j < sizes[i] / sizeof(uint64_t); j++)
			counts[i][j] = sample_any(state);
	r->version = sample_name(state, 60);
	r->kernel = sample_name(state, 60);
	r->start_ns = sample_any(state);
	r->end_ns = sample_any(state);
	r->duration_ns = sample_any(state);
	r->min_groups = sample_any(state);
	r->has_child = sample_random(state) % 2;
	r->child_status = (int)(sample_random(state) % 300);
	r->complete = sample_random(state) % 2;
	r->verdict = (enum iopf_verdict)(sample_random(state) % 3);
	r->exit_because = (enum iopf_because)(sample_random(state) % (IOPF_BECAUSE_ERROR + 1));
	for (i = 0; i < IOPF_DOUBTS; i++)
		r->doubt[i] = sample_random(state) % 2;
	for (i = 0; i < IOPF_STAGES; i++) {
		r->stage[i].negative = sample_any(state);
		for (j = (unsigned int)(sample_random(state) % 40); j > 0; j--)
			iopf_hist_add(&r->stage[i].hist, sample_any(state));
	}
	r->nr_slowest = sample_random(state) % (SAMPLE_LIST + 1);
	r->nr_waiting = sample_random(state) % (SAMPLE_LIST + 1);
	r->nr_objects = sample_random(state) % (SAMPLE_LIST + 1);
	r->nr_devices = sample_random(state) % (SAMPLE_LIST + 1);
	for (i = 0; i < SAMPLE_LIST; i++) {
		s->slowest[i] = sample_any_group(state);
		s->waiting[i] = sample_any_group(state);
		s->objects[i] = (struct iopf_object_view){
			.address = sample_any(state),
			.id = (uint32_t)sample_any(state),
			.groups = sample_any(state),
			.owner_tgid = (uint32_t)sample_any(state),
			.owner = sample_name(state, 15),
		};
		s->devices[i] = (struct iopf_device_view){
			.dev_id = (uint32_t)sample_any(state),
			.name = sample_name(state, 31),
			.groups = sample_any(state),
		};
	}
}

#endif /* TESTS_SAMPLE_REPORT_H */
