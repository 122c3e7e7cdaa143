// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "tee.h"

#include <stdio.h>
#include <string.h>

#include "exit_codes.h"
#include "out_of_memory.h"
#include "output/units.h"
#include "say.h"

/* Says that it cannot be written any more, and gives it up. */
static void give_up(struct tee *tee, int err)
{
	tee->failed = true;
	say("cannot write %s: %s%s", tee->path, strerror(-err),
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
	err = recording_open(&tee->recording, &opts, info);
	if (!err)
		return 0;
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
		say("recorded %s bytes in %s", units_count(recording_bytes(tee->recording)).s,
		    tee->path);
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
	if (tee->failed && report && !report->exit_code) {
		report->exit_code = EXIT_RUNTIME;
		report->exit_because = IOPF_BECAUSE_ERROR;
	}
}
