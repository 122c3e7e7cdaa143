// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/privilege.h"
#include "live/process.h"
#include "snapshot.h"
#include "violation.h"
#include "say.h"

#define SNAPSHOTS_MAX 8 /* of one run: the first ones tell the story */
#define PATIENCE_MS 10000 /* with a command that still runs at the end */

/* One variable of the command's environment. */
__attribute__((format(printf, 2, 3))) static void put_env(const char *name, const char *fmt, ...)
{
	char value[512], full[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	snprintf(full, sizeof(full), "IOPFTRACE_%s", name);
	setenv(full, value, 1);
}

/* What the command is told of the group, when there is one. */
static void put_group(const struct iopf_group_view *g)
{
	put_env("GROUP", "%" PRIu64, g->seq);
	put_env("GRPID", "%" PRIu32, g->grpid);
	put_env("DEVICE", "%s", g->device ? g->device : "");
	put_env("DEV_ID", "%" PRIu32, g->dev_id);
	if (g->flags & IOPF_PRQ_PASID_VALID)
		put_env("PASID", "%" PRIu32, g->pasid);
	put_env("ADDR", "0x%" PRIx64, g->addr);
	if (g->cookie || g->cookie_zero)
		put_env("COOKIE", "%" PRIu32, g->cookie);
	if (g->reader_tgid)
		put_env("PID", "%" PRIu32, g->reader_tgid);
}

/* All that the command is told. */
static void put_case(const struct iopf_rule *rule, enum iopf_severity severity,
		     const struct iopf_case *c)
{
	put_env("RULE", "%s", rule->id);
	put_env("RULE_NAME", "%s", rule->name);
	put_env("SEVERITY", "%s", iopf_severity_name(severity));
	put_env("BLAME", "%s", iopf_blame_name(c->blame));
	put_env("TEXT", "%s", c->text ? c->text : "");
	put_env("EXPECTED", "%s", c->expected ? c->expected : "");
	put_env("SEQ", "%" PRIu64, c->seq);
	put_env("TIME_NS", "%" PRIu64, c->time_ns);
	if (c->object_id)
		put_env("FAULT_ID", "%" PRIu32, c->object_id);
	if (c->has_group)
		put_group(&c->group);
}

/*
 * In the new process: as the invoking user, with nothing to read, without spoiling the report, and with none of
 * the files that are open here or were given to us.
 */
static void become(const char *command)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	process_child();
	if (privilege_invoker() || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(STDERR_FILENO, STDOUT_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, 0))
		_exit(126);
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

/* Runs the command. */
static void run(struct violation *v, const struct iopf_rule *rule, enum iopf_severity severity,
		const struct iopf_case *c)
{
	v->ran = true;
	v->pid = fork();
	if (v->pid == 0) {
		put_case(rule, severity, c);
		become(v->action);
	}
	if (v->pid > 0)
		return;
	say("--on-violation: %s", strerror(errno));
	v->pid = 0;
}

void violation_finding(void *arg, const struct iopf_rule *rule, enum iopf_severity severity,
		       const struct iopf_case *c)
{
	struct violation *v = arg;

	if (!v->action || severity != IOPF_SEVERITY_ERROR)
		return;
	if (strcmp(v->action, "snapshot") == 0) {
		if (v->snapshots++ < SNAPSHOTS_MAX)
			snapshot(v->beside, rule, severity, c);
	} else if (!v->ran) {
		run(v, rule, severity, c);
	}
}

/* What could not be told when it happened, since only the end made it certain. */
static void tell_late(struct violation *v, const struct iopf_report *report)
{
	for (size_t i = 0; i < report->nr_findings; i++) {
		const struct iopf_finding *f = &report->findings[i];

		if (!f->unproven && f->nr_cases && !v->ran && !v->snapshots)
			violation_finding(v, f->rule, f->severity, &f->cases[0]);
	}
}

void violation_end(struct violation *v, const struct iopf_report *report)
{
	int status, waited = 0;
	pid_t got;

	if (report)
		tell_late(v, report);

	if (!v->pid)
		return;
	for (;;) {
		got = waitpid(v->pid, &status, WNOHANG);
		if (got || waited >= PATIENCE_MS)
			break;
		poll(NULL, 0, 10);
		waited += 10;
	}
	if (!got)
		say("the command of --on-violation still runs, as %d", (int)v->pid);
	else if (got == v->pid && status)
		say("the command of --on-violation failed");
	v->pid = 0;
}
