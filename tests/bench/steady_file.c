// SPDX-License-Identifier: GPL-2.0-only
/* steady_file FILE RECORDS: a recording of a steady load, for what reading one costs to be measured. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iopftrace/engine.h"
#include "trace/writer.h"
#include "../unit/steady.h"

static void die(const char *what, int err)
{
	fprintf(stderr, "steady_file: %s: %s\n", what, strerror(err));
	exit(1);
}

/* The creation of the object that all groups are of. */
static struct iopf_rec_alloc alloc_of(struct steady *s)
{
	return (struct iopf_rec_alloc){
		.h = { .seq = s->seq++,
		       .time_ns = s->now_ns - 500,
		       .type = IOPF_REC_ALLOC,
		       .size = sizeof(struct iopf_rec_alloc),
		       .tgid = 2210,
		       .tid = 2210 },
		.object = 0xffff88810a4c2c00ULL,
		.object_id = 4,
		.fd = 5,
	};
}

int main(int argc, char **argv)
{
	static struct steady s;
	struct trace_info info = { .version = "bench", .kernel = "none" };
	struct iopf_run run = { 0 };
	struct trace_writer *w;
	struct iopf_rec_alloc alloc;
	union steady_rec rec;
	unsigned long records;
	int fd, err;

	if (argc != 3 || !(records = strtoul(argv[2], NULL, 10)))
		die("usage: steady_file FILE RECORDS", EINVAL);
	steady_begin(&s, 1);
	info.start_ns = s.now_ns - 1000;
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		die(argv[1], errno);
	err = trace_writer_open(&w, fd, &info);
	if (err)
		die(argv[1], -err);
	alloc = alloc_of(&s);
	err = trace_writer_add(w, &alloc.h);
	for (unsigned long i = 1; i < records && !err; i++)
		err = trace_writer_add(w, steady_next(&s, &rec));
	run.start_ns = info.start_ns;
	run.end_ns = s.now_ns + 1000;
	run.records = s.seq;
	if (!err)
		err = trace_writer_finish(w, &run);
	if (err)
		die(argv[1], -err);
	trace_writer_free(w);
	return 0;
}
