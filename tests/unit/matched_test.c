// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What is said when a filter leaves nothing: that it does, and which values there are. */
#include "history.h"

#include <stdio.h>
#include <unistd.h>

#include "cmd/exit_codes.h"
#include "cmd/options.h"
#include "output/output.h"
#include "recordings.h"

#define MS 1000000ULL

static char dir[] = "/tmp/iopftrace-matched-XXXXXX";

/* Ten devices of two PASIDs; the first has a name. */
static void record(struct history *h)
{
	h->object_id = 7;
	h_name(h, "vmm");
	h_name_device(h, H_DEVICE, "0000:3b:00.0");
	for (uint32_t n = 1; n <= 10; n++) {
		struct h_group g = h_group(n);

		g.dev += n == 1 ? 0 : n * 0x1000;
		g.dev_id = n;
		g.pasid = n % 2 ? 5 : 6;
		h_enqueue(h, &g, n * MS, n * MS);
		h_read(h, &g, n * MS + 10, n * MS + 20);
		h_answer(h, &g, n * MS + 30, n * MS + 40);
	}
	recording_of(dir, "m", h, 100);
}

/* Runs 'report' with these options set; what it says on standard error, to be freed. */
static char *report_says(struct options *o)
{
	int before = dup(STDERR_FILENO), err;
	char in[64], out[64], *text = NULL;
	size_t size = 0;
	FILE *f = tmpfile();

	assert_true(f && before >= 0);
	snprintf(in, sizeof(in), "%s/m.data", dir);
	snprintf(out, sizeof(out), "%s/out", dir);
	o->verb = VERB_REPORT;
	o->operand[0] = in;
	o->nr_operands = 1;
	o->output = out;
	o->format = output_format_find("text");
	output_opts_init(&o->show);
	fflush(stderr);
	dup2(fileno(f), STDERR_FILENO);
	err = cmd_report(o);
	fflush(stderr);
	dup2(before, STDERR_FILENO);
	close(before);
	assert_int_equal(err, EXIT_PASS);
	rewind(f);
	if (getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(f);
	return text;
}

static void assert_says(struct options *o, const char *expected)
{
	char *text = report_says(o);

	assert_string_equal(text, expected);
	free(text);
}

static void nothing_fits(void **state)
{
	record(*state);
	assert_says(&(struct options){ .pasid = { true, 9 } },
		    "iopftrace: no group matches: --pasid 9\n"
		    "iopftrace: --pasid: there are 5, 6\n");
	assert_says(
		&(struct options){ .device = "0000:3b:00.9", .fault_id = { true, 7 } },
		"iopftrace: no group matches: --device 0000:3b:00.9 --fault-id 7\n"
		"iopftrace: --device: there are 0000:3b:00.0, dev 2, dev 3, dev 4, dev 5, dev 6, "
		"dev 7, dev 8 and more\n"
		"iopftrace: --fault-id: there is only 7\n");
	assert_says(&(struct options){ .comm = "qemu", .code = { true, IOPF_CODE_INVALID } },
		    "iopftrace: no group matches: --code invalid --comm qemu\n"
		    "iopftrace: --code: there is only success\n"
		    "iopftrace: --comm: there is only vmm\n");
	assert_says(&(struct options){ .from = { .given = true, .ns = 60000 * MS } },
		    "iopftrace: no group matches: --from or --to, of 10.0 ms\n");
}

static void what_fits_is_not_talked_about(void **state)
{
	(void)state;
	assert_says(&(struct options){ .pasid = { true, 6 } }, "");
	assert_says(&(struct options){ .device = "dev 2" }, "");
	assert_says(&(struct options){ .device = "3b:00.0" }, "");
	assert_says(&(struct options){ 0 }, "");
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		H_TEST(nothing_fits),
		cmocka_unit_test(what_fits_is_not_talked_about),
	};

	return cmocka_run_group_tests_name("matched", tests, make_dir, remove_dir);
}
