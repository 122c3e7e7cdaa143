// SPDX-License-Identifier: GPL-2.0-only
/* The options: one table gives parsing and help. */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "group.h"
#include "opts.h"

enum opt_type {
	OPT_HEADING,
	OPT_FLAG,
	OPT_NUMBER,
	OPT_RATE,
	OPT_TIME,
	OPT_DELAY,
	OPT_CHOICE,
	OPT_STRING,
	OPT_INVALID,
	OPT_MISBEHAVE,
	OPT_RANDOM,
	OPT_HELP,
	OPT_LIST,
};

struct opt {
	enum opt_type type;
	const char *name;
	char letter;
	size_t offset;
	uint64_t min, max;
	const char *arg; /* what --help calls the value; choices for OPT_CHOICE */
	const char *text;
};

#define AT(member) offsetof(struct opts, member)
#define MAX_GROUPS 100000000

static const struct opt table[] = {
	{ OPT_HEADING, .text = "What is reported" },
	{ OPT_NUMBER, "groups", 'n', AT(groups), 1, MAX_GROUPS, "N",
	  "page request groups in total (1000)" },
	{ OPT_NUMBER, "devices", 'k', AT(devices), 1, 1024, "K", "mock devices (1)" },
	{ OPT_NUMBER, "objects", 0, AT(objects), 1, 250, "M",
	  "fault objects, the devices spread over them (1)" },
	{ OPT_NUMBER, "pasids", 0, AT(pasids), 0, 1000000, "P",
	  "PASID values 1 to P in turn, 0 = no PASID (0)" },
	{ OPT_FLAG, "own-pasids", 0, AT(own_pasids),
	  .text = "give each PASID a domain of its own (Linux 6.15); groups without PASID too" },
	{ OPT_FLAG, "grpid-wrap", 0, AT(grpid_wrap),
	  .text = "group indexes of 9 bits, used again after 512 groups of a device" },
	{ OPT_NUMBER, "pages", 0, AT(pages), 1, GROUP_PAGES_MAX, "P",
	  "groups of 1 to P pages in turn, by the test module if P > 1 (1)" },
	{ OPT_NUMBER, "triggers", 0, AT(triggers), 1, 64, "T", "threads that report (1)" },
	{ OPT_RATE, "rate", 0, AT(rate), .arg = "R",
	  .text = "groups a second (as fast as possible)" },
	{ OPT_NUMBER, "in-flight", 0, AT(in_flight), 0, MAX_GROUPS, "Q",
	  "at most Q groups outstanding, 0 = no limit (64)" },
	{ OPT_FLAG, "sync", 0, AT(sync),
	  .text = "one thread: report --batch groups (1), read them, answer them, repeat" },
	{ OPT_HEADING, .text = "How it is read and answered" },
	{ OPT_NUMBER, "readers", 0, AT(readers), 1, 64, "R", "reader threads (1)" },
	{ OPT_NUMBER, "writers", 0, AT(writers), 0, 64, "W",
	  "threads that answer; 0 = each reader answers what it read (0)" },
	{ OPT_NUMBER, "batch", 0, AT(batch), 1, 4096, "B", "groups a read() may return (16)" },
	{ OPT_NUMBER, "write-batch", 0, AT(write_batch), 1, 4096, "W",
	  "answers a write() may carry (1)" },
	{ OPT_CHOICE, "io", 0, AT(io), .arg = "blocking|poll|uring",
	  .text = "read() and poll() if empty; poll() then read(); io_uring (blocking)" },
	{ OPT_FLAG, "uring-async", 0, AT(uring_async),
	  .text = "let the workers of io_uring do each read and write (IOSQE_ASYNC)" },
	{ OPT_FLAG, "sqpoll", 0, AT(sqpoll), .text = "io_uring with a kernel thread that polls" },
	{ OPT_DELAY, "delay", 0, AT(delay), .arg = "D",
	  .text = "service time, from a read's return to the group's write (none)" },
	{ OPT_DELAY, "wait-delay", 0, AT(wait_delay), .arg = "D",
	  .text = "time to wait before each read of a readable object (none)" },
	{ OPT_CHOICE, "order", 0, AT(order), .arg = "fifo|lifo|random",
	  .text = "order of the answers that are due together (fifo)" },
	{ OPT_INVALID, "invalid", 0, .arg = "N|N%", .text = "groups to answer INVALID (0)" },
	{ OPT_NUMBER, "unanswered", 0, AT(unanswered), 0, MAX_GROUPS, "N",
	  "groups to read and never answer (0)" },
	{ OPT_NUMBER, "seed", 0, AT(seed), 0, UINT64_MAX, "S",
	  "choice of these groups, of delays, of the acts' places (1)" },
	{ OPT_HEADING, .text = "What is done wrong, or oddly" },
	{ OPT_MISBEHAVE, "misbehave", 0, .arg = "KIND[:N]",
	  .text = "do KIND N times (1), spread over the run; may be given again" },
	{ OPT_FLAG, "busy", 0, AT(busy),
	  .text = "keep the other threads running meanwhile, where KIND allows it" },
	{ OPT_TIME, "slow", 0, AT(slow), .arg = "TIME",
	  .text = "how long slow-read, driver-slow, partial-late take (1s)" },
	{ OPT_LIST, "list-misbehave", .text = "one line per KIND: name, legal or rules, text" },
	{ OPT_RANDOM, "random-legal", 0, .arg = "SEED",
	  .text = "draw all options above from SEED, legal ones only" },
	{ OPT_HEADING, .text = "Result" },
	{ OPT_STRING, "output", 'o', AT(output), .arg = "FILE",
	  .text = "JSON to FILE, not stdout" },
	{ OPT_FLAG, "samples", 0, AT(samples), .text = "add one record per group" },
	{ OPT_FLAG, "no-truth", 0, AT(no_truth),
	  .text = "with --sync: nothing per group but the three system calls; counts only" },
	{ OPT_TIME, "timeout", 0, AT(timeout), .arg = "TIME",
	  .text = "without progress for so long, groups count as lost (30s)" },
	{ OPT_HELP, "help", 'h', .text = "this text" },
};

#define NR_OPTS (sizeof(table) / sizeof(table[0]))

static int bad_value(const struct opt *opt, const char *value, const char *want)
{
	fprintf(stderr, "load: --%s: '%s' is not %s\n", opt->name, value, want);
	return -EINVAL;
}

static int parse_number(const struct opt *opt, const char *value, uint64_t *out)
{
	char *end, want[96];

	errno = 0;
	*out = strtoull(value, &end, 0);
	if (!errno && end != value && !*end && value[0] != '-' && *out >= opt->min &&
	    *out <= opt->max)
		return 0;
	snprintf(want, sizeof(want), "a number from %llu to %llu", (unsigned long long)opt->min,
		 (unsigned long long)opt->max);
	return bad_value(opt, value, want);
}

static int parse_rate(const struct opt *opt, const char *value, double *out)
{
	char *end;

	*out = strtod(value, &end);
	if (end == value || *end || !(*out > 0) || *out > 1e9)
		return bad_value(opt, value, "a number of groups a second");
	return 0;
}

/* The position of @value among the words of opt->arg */
static int parse_choice(const struct opt *opt, const char *value, void *out)
{
	const char *word = opt->arg;
	size_t len = strlen(value);

	for (int i = 0;; i++) {
		size_t wlen = strcspn(word, "|");

		if (wlen == len && !strncmp(word, value, len)) {
			memcpy(out, &i, sizeof(i));
			return 0;
		}
		if (!word[wlen])
			return bad_value(opt, value, opt->arg);
		word += wlen + 1;
	}
}

static int parse_invalid(const struct opt *opt, const char *value, struct opts *o)
{
	struct opt plain = *opt;
	char *end;

	if (!strchr(value, '%')) {
		plain.max = MAX_GROUPS;
		o->invalid_percent = 0;
		return parse_number(&plain, value, &o->invalid);
	}
	o->invalid_percent = strtod(value, &end);
	if (end == value || strcmp(end, "%") || !(o->invalid_percent >= 0) ||
	    o->invalid_percent > 100)
		return bad_value(opt, value, "a number of groups or a percentage");
	return 0;
}

static int parse_misbehave(const struct opt *opt, const char *value, struct opts *o)
{
	size_t len = strcspn(value, ":");
	struct opt count = *opt;
	uint64_t n = 1;
	int kind;

	kind = kind_find(value, len);
	if (kind < 0)
		return bad_value(opt, value, "a known kind, see --list-misbehave");
	count.min = 1;
	count.max = 100000;
	if (value[len] && parse_number(&count, value + len + 1, &n))
		return -EINVAL;
	o->acts[kind] += n;
	return 0;
}

static int parse_random(const struct opt *opt, const char *value, struct opts *o)
{
	struct opt any = *opt;

	any.max = UINT64_MAX;
	o->random_legal = true;
	return parse_number(&any, value, &o->random_seed);
}

static void print_help(void)
{
	printf("Usage: load [options]\n\n"
	       "Drives the mock IOMMU device of the kernel (CONFIG_IOMMUFD_TEST): reports I/O page\n"
	       "faults, reads them from the fault object, answers them, and prints as JSON what was\n"
	       "done, measured on its own side.\n");
	opts_help(stdout);
	printf("\nDelays (D): none, constant:1ms, uniform:1ms:5ms, exp:2ms (mean). Times: ns us ms s.\n"
	       "\nKinds for --misbehave. \"legal\" must not lead to any finding (the kernel's own\n"
	       "answers at detach and exit are worth a note, IOPF029); the others break the rule named:\n");
	kind_help(stdout);
	printf("\nFrom multi-page to driver-silent, KIND needs the module iopf_test to be loaded.\n");
	printf("\nExit: 0 done as asked; 1 the kernel did something unexpected, or groups were lost;\n"
	       "3 bad options; 4 cannot run here (no mock device, no io_uring); 6 other errors.\n");
}

static int parse_one(const struct opt *opt, const char *value, struct opts *o)
{
	void *out = (char *)o + opt->offset;

	switch (opt->type) {
	case OPT_FLAG:
		*(bool *)out = true;
		return 0;
	case OPT_NUMBER:
		return parse_number(opt, value, out);
	case OPT_RATE:
		return parse_rate(opt, value, out);
	case OPT_TIME:
		return delay_parse_time(value, out) ? bad_value(opt, value, "a time, as 30s") : 0;
	case OPT_DELAY:
		return delay_parse(value, out) ?
			       bad_value(opt, value, "none, constant:T, uniform:T:T or exp:T") :
			       0;
	case OPT_CHOICE:
		return parse_choice(opt, value, out);
	case OPT_STRING:
		*(const char **)out = value;
		return 0;
	case OPT_INVALID:
		return parse_invalid(opt, value, o);
	case OPT_MISBEHAVE:
		return parse_misbehave(opt, value, o);
	case OPT_RANDOM:
		return parse_random(opt, value, o);
	case OPT_HELP:
		print_help();
		return 1;
	case OPT_LIST:
		kind_list(stdout);
		return 1;
	default:
		return -EINVAL;
	}
}

/* getopt's tables; an option's value in @longs is its index here plus 256 */
static void getopt_tables(struct option *longs, char *shorts)
{
	size_t n = 0;

	for (size_t i = 0; i < NR_OPTS; i++) {
		const struct opt *opt = &table[i];

		if (opt->type == OPT_HEADING)
			continue;
		longs[n++] = (struct option){ opt->name, opt->arg ? required_argument : no_argument,
					      NULL, (int)i + 256 };
		if (!opt->letter)
			continue;
		*shorts++ = opt->letter;
		if (opt->arg)
			*shorts++ = ':';
	}
	longs[n] = (struct option){ 0 };
	*shorts = '\0';
}

static const struct opt *find_letter(int letter)
{
	for (size_t i = 0; i < NR_OPTS; i++)
		if (table[i].letter && table[i].letter == letter)
			return &table[i];
	return NULL;
}

int opts_parse(struct opts *o, int argc, char **argv)
{
	struct option longs[NR_OPTS + 1];
	char shorts[2 * NR_OPTS + 1];
	int c, err;

	*o = (struct opts){
		.groups = 1000,
		.devices = 1,
		.objects = 1,
		.pages = 1,
		.triggers = 1,
		.readers = 1,
		.in_flight = 64,
		.write_batch = 0,
		.seed = 1,
		.timeout = 30 * NSEC_PER_SEC,
		.slow = NSEC_PER_SEC,
	};
	getopt_tables(longs, shorts);
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct opt *opt = c >= 256 ? &table[c - 256] : find_letter(c);

		if (!opt)
			return -EINVAL;
		err = parse_one(opt, optarg, o);
		if (err)
			return err;
	}
	if (optind < argc) {
		fprintf(stderr, "load: unexpected argument '%s'\n", argv[optind]);
		return -EINVAL;
	}
	return 0;
}

void opts_help(FILE *f)
{
	for (size_t i = 0; i < NR_OPTS; i++) {
		const struct opt *opt = &table[i];
		char left[64], letter[8] = "    ";

		if (opt->type == OPT_HEADING) {
			fprintf(f, "\n%s:\n", opt->text);
			continue;
		}
		if (opt->letter)
			snprintf(letter, sizeof(letter), "-%c, ", opt->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, opt->name, opt->arg ? "=" : "",
			 opt->arg ? opt->arg : "");
		if (strlen(left) > 25)
			fprintf(f, "  %s\n  %25s %s\n", left, "", opt->text);
		else
			fprintf(f, "  %-25s %s\n", left, opt->text);
	}
}
