// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tee.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "exit_codes.h"
#include "out_of_memory.h"
#include "output/units.h"

/* Whether two names are of one file that has content. */
static bool is_same(const char *a, const char *b)
{
	struct stat first, second;

	return b && !stat(a, &first) && !stat(b, &second) && S_ISREG(first.st_mode) &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Whether nothing else is lost by it, or takes its place at the end. */
static bool spares(const struct options *o)
{
	const char *const others[] = { o->output, o->junit, o->ktap, o->policy };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!is_same(o->record, others[i]))
			continue;
		fprintf(stderr, "iopftrace: --record %s: that is %s as well\n", o->record,
			others[i] == o->policy ? "the policy" : "an output file");
		return false;
	}
	return true;
}

/* Says that it cannot be written any more, and gives it up. */
static void give_up(struct tee *tee, int err)
{
	tee->failed = true;
	fprintf(stderr, "iopftrace: cannot write %s: %s%s\n", tee->path, strerror(-err),
		recording_begun(tee->recording) ? "; what is in it can be read, and the run is "
						  "judged without it" :
						  "");
	recording_free(tee->recording);
	tee->recording = NULL;
}

int tee_open(struct tee *tee, const struct options *options, const struct trace_info *info)
{
	struct recording_opts opts = { .path = options->record };
	int err;

	*tee = (struct tee){ .path = options->record, .quiet = options->show.quiet };
	if (!spares(options))
		return EXIT_USAGE;
	err = recording_open(&tee->recording, &opts, info);
	if (!err && spares(options))
		return 0;
	if (!err) {
		/* It is new: an output file has the same name in other words. */
		tee_discard(tee);
		return EXIT_USAGE;
	}
	if (!tee->recording)
		return out_of_memory();
	give_up(tee, err);
	return EXIT_RUNTIME;
}

void tee_start(struct tee *tee, const struct iopf_run *run)
{
	int err = tee->recording ? recording_start(tee->recording, run) : 0;

	if (err)
		give_up(tee, err);
}

void tee_add(struct tee *tee, const struct iopf_rec *rec)
{
	int err = tee->recording ? recording_add(tee->recording, rec) : 0;

	if (err)
		give_up(tee, err);
}

void tee_tick(struct tee *tee, const struct recording_now *now)
{
	int err = tee->recording ? recording_tick(tee->recording, now) : 0;

	if (err)
		give_up(tee, err);
}

void tee_finish(struct tee *tee, const struct iopf_run *run)
{
	int err = tee->recording ? recording_finish(tee->recording, run) : 0;

	if (err)
		give_up(tee, err);
	else if (tee->recording && !tee->quiet)
		fprintf(stderr, "iopftrace: recorded %s bytes in %s\n",
			units_count(recording_bytes(tee->recording)).s, tee->path);
}

void tee_discard(struct tee *tee)
{
	if (tee->recording)
		recording_discard(tee->recording);
}

void tee_close(struct tee *tee, struct iopf_report *report)
{
	recording_free(tee->recording);
	tee->recording = NULL;
	if (tee->failed && report && !report->exit_code)
		report->exit_code = EXIT_RUNTIME;
}
