// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* list: what there is to be named in policies, assertions and reports. */
#include <stdio.h>
#include <string.h>

#include "exit_codes.h"
#include "help.h"
#include "iopftrace/expression.h"
#include "list.h"
#include "nearest.h"
#include "options.h"
#include "outfile.h"
#include "output/json_writer.h"
#include "probes.h"
#include "verbs.h"
#include "say.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Where a rule's statement begins. */
#define STATEMENT_COLUMN 9

/* Columns of the tables of names. */
#define NAME_COLUMN 2
#define TEXT_COLUMN 32

/* A name, and what it is beside it. */
static void put_row(const char *name, const char *what, FILE *out)
{
	int used = fprintf(out, "%*s%s", NAME_COLUMN, "", name);

	fprintf(out, "%*s", used < TEXT_COLUMN ? TEXT_COLUMN - used : 1, "");
	help_words(what, TEXT_COLUMN, out);
}

/* The same as an object. */
static void put_object(struct jw *j, const char *name, const char *what)
{
	jw_object(j, NULL);
	jw_string(j, "name", name);
	jw_string(j, "meaning", what);
	jw_close(j);
}

/* The probes of a set, as a sentence. */
static void text_needs(uint32_t set, FILE *out)
{
	char line[1024] = "needs:";
	unsigned int i;

	for (i = 0; i < IOPF_PROBES; i++) {
		size_t used = strlen(line);

		if (set & 1U << i)
			snprintf(line + used, sizeof(line) - used, "%s %s", used > 6 ? "," : "",
				 iopf_probe_name((enum iopf_probe)i));
	}
	fprintf(out, "%*s", STATEMENT_COLUMN, "");
	help_words(line, STATEMENT_COLUMN, out);
}

static void text_rules(FILE *out)
{
	unsigned int i;

	for (i = 1; i <= IOPF_RULES; i++) {
		const struct iopf_rule *rule = iopf_rule(i);

		fprintf(out, "%s%s  %s  [%s]\n%*s", i > 1 ? "\n" : "", rule->id, rule->name,
			iopf_severity_name(rule->severity), STATEMENT_COLUMN, "");
		help_words(rule->statement, STATEMENT_COLUMN, out);
		text_needs(rule->needs, out);
	}
}

/* The probes of a set, as an array. */
static void json_probes(struct jw *j, const char *key, uint32_t set)
{
	unsigned int i;

	jw_array(j, key);
	for (i = 0; i < IOPF_PROBES; i++)
		if (set & 1U << i)
			jw_string(j, NULL, iopf_probe_name((enum iopf_probe)i));
	jw_close(j);
}

static void json_rules(struct jw *j)
{
	unsigned int i;

	for (i = 1; i <= IOPF_RULES; i++) {
		const struct iopf_rule *rule = iopf_rule(i);

		jw_object(j, NULL);
		jw_string(j, "id", rule->id);
		jw_string(j, "name", rule->name);
		jw_string(j, "severity", iopf_severity_name(rule->severity));
		jw_string(j, "statement", rule->statement);
		jw_string(j, "fix", rule->fix);
		json_probes(j, "needs", rule->needs);
		jw_close(j);
	}
}

static void text_metrics(FILE *out)
{
	const char *name, *what;
	size_t i;

	for (i = 0; iopf_metric(i, &name, &what); i++)
		put_row(name, what, out);
}

static void json_metrics(struct jw *j)
{
	const char *name, *what;
	size_t i;

	for (i = 0; iopf_metric(i, &name, &what); i++)
		put_object(j, name, what);
}

const char *list_stage_meaning(enum iopf_stage stage)
{
	static const char *const meaning[IOPF_STAGES] = {
		[IOPF_STAGE_ROUTE] = "from the driver's report of a group's last request until "
				     "iommufd has the group",
		[IOPF_STAGE_WAIT] = "from there until a read that delivers it has returned",
		[IOPF_STAGE_SERVICE] = "from there until the answer that is written reaches the "
				       "group; not for groups that the kernel answers",
		[IOPF_STAGE_ACK] = "from there until the driver's page_response has returned",
		[IOPF_STAGE_TOTAL] = "from the report to the end",
	};

	return meaning[stage];
}

static void text_stages(FILE *out)
{
	unsigned int i;

	for (i = 0; i < IOPF_STAGES; i++)
		put_row(iopf_stage_name((enum iopf_stage)i), list_stage_meaning((enum iopf_stage)i),
			out);
}

static void json_stages(struct jw *j)
{
	unsigned int i;

	for (i = 0; i < IOPF_STAGES; i++)
		put_object(j, iopf_stage_name((enum iopf_stage)i),
			   list_stage_meaning((enum iopf_stage)i));
}

static void text_probes(FILE *out)
{
	unsigned int i;

	for (i = 0; i < IOPF_PROBES; i++)
		put_row(iopf_probe_name((enum iopf_probe)i), probe_place((enum iopf_probe)i), out);
}

static void json_probes_all(struct jw *j)
{
	unsigned int i;

	for (i = 0; i < IOPF_PROBES; i++)
		put_object(j, iopf_probe_name((enum iopf_probe)i), probe_place((enum iopf_probe)i));
}

static const struct list {
	const char *name;
	void (*text)(FILE *out);
	void (*json)(struct jw *j);
} lists[] = {
	{ "rules", text_rules, json_rules },
	{ "metrics", text_metrics, json_metrics },
	{ "stages", text_stages, json_stages },
	{ "probes", text_probes, json_probes_all },
};

/* The list of this name; NULL after it has said what there is. */
static const struct list *find(const char *name)
{
	struct nearest nearest;
	size_t i;

	nearest_begin(&nearest, name ? name : "");
	for (i = 0; name && i < ARRAY_SIZE(lists); i++) {
		if (strcmp(name, lists[i].name) == 0)
			return &lists[i];
		nearest_try(&nearest, lists[i].name);
	}
	if (!name)
		say("list what? rules, metrics, stages or probes");
	else if (nearest.name)
		say("no list '%.64s'; did you mean '%s'?", name, nearest.name);
	else
		say("no list '%.64s': rules, metrics, stages or probes", name);
	return NULL;
}

/* The list as a document. */
static int write_json(const struct list *list, FILE *out)
{
	struct jw j;

	jw_begin(&j, out);
	jw_object_lines(&j, NULL);
	jw_string(&j, "schema", "iopftrace-list/1");
	jw_bool(&j, "complete", true);
	jw_array_lines(&j, list->name);
	list->json(&j);
	jw_close(&j);
	jw_close(&j);
	return jw_end(&j);
}

int cmd_list(const struct options *options)
{
	const struct list *list = find(options->nr_operands ? options->operand[0] : NULL);
	bool json = strcmp(options->format->name, "json") == 0;
	struct outfile file;
	int err;

	if (!list)
		return EXIT_USAGE;
	if (outfile_open(&file, options->output)) {
		say("%s", file.error);
		return EXIT_RUNTIME;
	}
	err = outfile_gather(&file);
	if (!err && json)
		err = write_json(list, file.stream);
	else if (!err)
		list->text(file.stream);
	if (!(err ? outfile_fail(&file, err) : outfile_commit(&file)))
		return EXIT_PASS;
	say("%s", file.error);
	return EXIT_RUNTIME;
}
