// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "privilege.h"

#define STEP(s) (1U << LIVE_##s)
#define ANY ((1U << LIVE_STEPS) - 1)
#define KERNEL (STEP(RING) | STEP(LOAD) | STEP(PREPARE) | STEP(ATTACH) | STEP(FOLLOW))

/* Conditions on the facts. */
#define FACT(name, expression) \
	static bool name(const struct live_facts *f) \
	{ \
		return expression; \
	}

FACT(no_proc, f->no_proc)
FACT(pid_namespace, f->pid_namespace)
FACT(no_sysfs, f->no_sysfs)
FACT(old_kernel, f->old_kernel)
FACT(some_iommufd, f->iommufd)
FACT(not_installed, f->modules_known && !f->module_exists)
FACT(not_loaded, f->modules_known && f->module_exists)
FACT(may_not_in_namespace, !f->may_all && f->user_namespace)
FACT(user_namespace, f->user_namespace)
FACT(may_not, !f->may_load)
FACT(module_without_admin, f->is_module && !f->may_all)
/* The other mode, integrity, lets BPF read. */
FACT(locked_down, f->lockdown && !strcmp(f->lockdown, "confidentiality"))
FACT(seccomp, f->seccomp)
FACT(ftrace_off, f->ftrace_off)
FACT(address_limit, f->address_limit)

enum { USAGE = 1, CANNOT_RUN, RUNTIME };

#define ADMIN_WANTED \
	"not permitted: iommufd is a module here, and to find its functions takes CAP_SYS_ADMIN " \
	"beside CAP_BPF and CAP_PERFMON: run it as root or with sudo"

/*
 * The first row that fits is what is said. One row is one cause: where two have the same error,
 * a condition tells them apart. {} stand for what fill() has.
 */
static const struct row {
	unsigned int steps;
	int err; /* positive; 0 = any */
	bool (*when)(const struct live_facts *f); /* NULL = always */
	int what;
	const char *words;
} rows[] = {
	/* limits, which have no part in what the kernel has */
	{ ANY, EMFILE, NULL, RUNTIME,
	  "too many open files: this process may have {nofile}, and tracing takes about 80: raise "
	  "it with 'ulimit -n 256'" },
	{ ANY, ENFILE, NULL, RUNTIME,
	  "too many open files on the whole machine: see /proc/sys/fs/file-nr, and raise it with "
	  "'sysctl fs.file-max'" },
	{ STEP(RING), ENOMEM, NULL, RUNTIME,
	  "the kernel has no memory for a ring buffer of {ring}: use a smaller --buffer, or raise "
	  "the limit of the cgroup (memory.max)" },
	{ KERNEL, ENOMEM, NULL, RUNTIME,
	  "the kernel has no memory for the tracing programs: free some, or raise the limit of the "
	  "cgroup (memory.max)" },
	{ STEP(RING), E2BIG, NULL, USAGE,
	  "a ring buffer of {ring} is larger than the kernel has any: use a smaller --buffer" },
	{ STEP(RING), EINVAL, NULL, USAGE,
	  "the kernel does not take a ring buffer of {ring}: use another --buffer" },
	{ STEP(MAP), ENOMEM, address_limit, RUNTIME,
	  "a ring buffer of {ring} does not fit into the address space that this process may have: "
	  "use a smaller --buffer, or 'ulimit -v unlimited'" },
	{ STEP(MAP), ENOMEM, NULL, RUNTIME,
	  "no memory to map a ring buffer of {ring}: use a smaller --buffer" },
	{ ANY, ENOMEM, NULL, RUNTIME,
	  "out of memory: free some, or raise the limit of the cgroup (memory.max)" },
	{ STEP(MAP), 0, NULL, RUNTIME, "cannot map the ring buffer of {ring}: {why}" },

	/* -p */
	{ STEP(WATCH), EXDEV, no_proc, CANNOT_RUN,
	  "-p: /proc is not mounted, so that it cannot be told whose process ids these are: mount "
	  "it" },
	{ STEP(WATCH), EXDEV, pid_namespace, CANNOT_RUN,
	  "-p {pid}: this is inside a PID namespace (a container), whose process ids the kernel does "
	  "not trace by: run iopftrace outside of it, with the id that the process has there, or "
	  "with -- CMD, or --system-wide" },
	{ STEP(WATCH), ESRCH, NULL, USAGE, "-p {pid}: no such process" },
	{ STEP(WATCH), EINVAL, NULL, USAGE, "-p {pid}: this is a thread, not a process" },
	{ STEP(WATCH), ENOENT, NULL, USAGE, "-p {pid}: this is a thread, not a process" },
	{ STEP(WATCH), 0, NULL, RUNTIME, "-p {pid}: cannot watch the process: {why}" },
	{ STEP(FOLLOW), E2BIG, NULL, RUNTIME,
	  "more processes than the kernel side follows: give fewer -p, or use --system-wide" },

	/* what the kernel has */
	{ STEP(BTF), ENOENT, no_sysfs, CANNOT_RUN,
	  "/sys is not mounted, where the kernel describes itself: mount -t sysfs sysfs /sys" },
	{ STEP(BTF), ENOENT, NULL, CANNOT_RUN,
	  "this kernel has no BTF (/sys/kernel/btf/vmlinux): it must be built with "
	  "CONFIG_DEBUG_INFO_BTF=y" },
	{ STEP(BTF), EACCES, NULL, CANNOT_RUN,
	  "/sys/kernel/btf cannot be read, which everybody may: a container or a security module "
	  "hides it; run it outside" },
	{ STEP(BTF), 0, NULL, CANNOT_RUN, "the kernel's BTF cannot be read: {why}" },
	{ STEP(IOMMUFD), 0, old_kernel, CANNOT_RUN,
	  "Linux {release} has no iommufd with I/O page faults: they are in 6.11 and later" },
	{ STEP(IOMMUFD), 0, some_iommufd, CANNOT_RUN,
	  "no iommufd with I/O page faults in this kernel, though there is an iommufd: its "
	  "iommufd_fault_iopf_handler() has another name, or was inlined; please report it with the "
	  "kernel's version ({release})" },
	{ STEP(IOMMUFD), 0, not_installed, CANNOT_RUN,
	  "no iommufd in this kernel, and 'modprobe iommufd' would find none: it must be built with "
	  "CONFIG_IOMMUFD" },
	{ STEP(IOMMUFD), 0, not_loaded, CANNOT_RUN,
	  "no iommufd in this kernel yet: its module is not loaded: modprobe iommufd" },
	{ STEP(IOMMUFD), 0, NULL, CANNOT_RUN,
	  "no iommufd in this kernel, and its modules are not to be seen from here: modprobe "
	  "iommufd on the host" },
	{ STEP(FUNCTION), 0, old_kernel, CANNOT_RUN,
	  "Linux {release} has no function {function}(): iopftrace needs 6.11 or later" },
	{ STEP(FUNCTION), 0, NULL, CANNOT_RUN,
	  "this kernel has no function {function}() that can be probed: it was inlined or has another "
	  "name; please report it with the kernel's version ({release})" },

	/* what this process may */
	{ KERNEL, ENOSYS, seccomp, CANNOT_RUN,
	  "a filter of system calls (seccomp), as containers have, forbids bpf(): run it outside, or "
	  "allow it" },
	{ KERNEL, ENOSYS, NULL, CANNOT_RUN,
	  "this kernel has no bpf(): it must be built with CONFIG_BPF_SYSCALL" },
	{ KERNEL, EPERM, may_not_in_namespace, CANNOT_RUN,
	  "not permitted: inside a user namespace (a rootless container) no capability counts for "
	  "tracing: run it outside" },
	{ KERNEL, EPERM, user_namespace, CANNOT_RUN,
	  "not permitted: the capabilities of a user namespace (a rootless container) do not count "
	  "for tracing: run it outside" },
	{ STEP(RING) | STEP(LOAD), 0, may_not, CANNOT_RUN,
	  "not permitted: tracing needs CAP_BPF and CAP_PERFMON (and CAP_SYS_ADMIN where iommufd is a "
	  "module): run it as root or with sudo" },
	{ STEP(LOAD), 0, locked_down, CANNOT_RUN,
	  "the kernel is locked down ({lockdown}) and does not load tracing programs: boot without "
	  "lockdown, or trace inside a VM" },
	{ STEP(LOAD), EPERM, module_without_admin, CANNOT_RUN, ADMIN_WANTED },
	{ STEP(LOAD), ESRCH, module_without_admin, CANNOT_RUN, ADMIN_WANTED },
	{ KERNEL, EPERM, seccomp, CANNOT_RUN,
	  "a filter of system calls (seccomp), as containers have, forbids bpf(), though the "
	  "capabilities are there: run it outside, or allow it" },
	{ KERNEL, EPERM, NULL, CANNOT_RUN,
	  "a security module forbids bpf(), though the capabilities are there: see its log (dmesg, "
	  "ausearch), or trace inside a VM" },

	/* attaching */
	{ STEP(ATTACH), 0, ftrace_off, CANNOT_RUN,
	  "cannot attach to {function}(): function tracing is off: sysctl kernel.ftrace_enabled=1" },
	{ STEP(ATTACH), EBUSY, NULL, CANNOT_RUN,
	  "cannot attach to {function}(): another tracer or a live patch is on it: stop it" },
	{ STEP(ATTACH), E2BIG, NULL, CANNOT_RUN,
	  "cannot attach to {function}(): it has as many BPF programs as the kernel takes: stop other "
	  "BPF tracers ('bpftool link' lists them)" },
	{ STEP(ATTACH), 0, NULL, CANNOT_RUN,
	  "cannot attach to {function}(): {why}; please report it with the kernel's version "
	  "({release})" },

	/* ours */
	{ STEP(OPEN), 0, NULL, RUNTIME,
	  "the BPF programs in this iopftrace cannot be read ({why}): please report it" },
	{ STEP(LOAD), 0, NULL, CANNOT_RUN,
	  "the kernel did not accept the tracing programs ({why}): run with IOPFTRACE_DEBUG=1 to see "
	  "why, and please report it with the kernel's version ({release})" },
	{ STEP(RING), 0, NULL, CANNOT_RUN, "the kernel has no ring buffer for us: {why}" },
	{ STEP(PREPARE), 0, NULL, RUNTIME,
	  "the kernel does not run a BPF program that it took ({why}): please report it with the "
	  "kernel's version ({release})" },
	{ STEP(FOLLOW), 0, NULL, RUNTIME,
	  "cannot tell the kernel which processes to follow: {why}" },
	{ STEP(SETUP), 0, NULL, RUNTIME, "cannot prepare to wait for signals and records: {why}" },
	{ STEP(DRAIN), 0, NULL, RUNTIME, "tracing stopped: {why}" },
};

/* A size as --buffer takes it. */
static void print_size(char *text, size_t size, uint64_t bytes)
{
	static const char units[] = "KMG";
	unsigned int unit = 0;

	for (bytes /= 1024; bytes >= 1024 && bytes % 1024 == 0 && units[unit + 1]; unit++)
		bytes /= 1024;
	snprintf(text, size, "%llu%c", (unsigned long long)bytes, units[unit]);
}

/* What stands for the word of @len letters at @name. */
static void value(const char *name, size_t len, const struct live_trouble *t,
		  const struct live_facts *f, char *text, size_t size)
{
	const struct {
		const char *name, *value;
	} names[] = {
		{ "why", strerror(-t->err) },
		{ "function", t->function },
		{ "release", f->release },
		{ "lockdown", f->lockdown },
	};

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(names[i].name, name, len) && !names[i].name[len])
			snprintf(text, size, "%s", names[i].value ? names[i].value : "?");
	if (!strncmp(name, "nofile", len))
		snprintf(text, size, "%llu", (unsigned long long)f->nofile);
	else if (!strncmp(name, "pid", len))
		snprintf(text, size, "%u", t->pid);
	else if (!strncmp(name, "ring", len))
		print_size(text, size, t->ring_bytes);
}

/* Puts values into words. */
static void fill(char *to, size_t size, const char *words, const struct live_trouble *t,
		 const struct live_facts *f)
{
	size_t used = 0;

	while (*words && used + 1 < size) {
		size_t len = *words == '{' ? strcspn(words, "}") : 0;
		char text[128] = { *words };

		if (len)
			value(words + 1, len - 1, t, f, text, sizeof(text));
		used += (size_t)snprintf(to + used, size - used, "%s", text);
		words += len + 1;
	}
}

int live_words(struct live_error *error, const struct live_trouble *t, const struct live_facts *f)
{
	*error = (struct live_error){ .text = "" };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];

		if (!(r->steps >> t->step & 1) || (r->err && r->err != -t->err) ||
		    (r->when && !r->when(f)))
			continue;
		error->usage = r->what == USAGE;
		error->cannot_run = r->what == CANNOT_RUN;
		fill(error->text, sizeof(error->text), r->words, t, f);
		return t->err;
	}
	snprintf(error->text, sizeof(error->text), "%s", strerror(-t->err));
	return t->err;
}

/* The number of a namespace of ours; 0 = it cannot be told. */
static unsigned long namespace_of(const char *kind)
{
	char path[64], name[64] = "";

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	if (readlink(path, name, sizeof(name) - 1) <= 0 || !strchr(name, '['))
		return 0;
	return strtoul(strchr(name, '[') + 1, NULL, 10);
}

/* Whether a line of a file has a text; -1 = there is no such file. */
static int file_has(const char *path, const char *text)
{
	FILE *f = fopen(path, "re");
	char line[4096];
	int found = 0;

	if (!f)
		return -1;
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, text) != NULL;
	fclose(f);
	return found;
}

/* Whether the module is installed, as far as it can be told. */
static void look_for_module(struct live_facts *facts)
{
	char path[256];
	int found;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", facts->release);
	found = file_has(path, "/iommufd.ko");
	facts->modules_known = found >= 0;
	facts->module_exists = found > 0;
}

struct live_facts live_facts(void)
{
	static struct utsname names;
	struct rlimit limit;
	struct live_facts f = { 0 };
	unsigned int major = 0, minor = 0;
	unsigned long ns = namespace_of("user");

	if (!uname(&names) && sscanf(names.release, "%u.%u", &major, &minor) == 2)
		f.old_kernel = major < 6 || (major == 6 && minor < 11);
	f.release = names.release;
	f.no_sysfs = access("/sys/kernel", F_OK) != 0;
	f.no_proc = access("/proc/self/ns", F_OK) != 0;
	look_for_module(&f);
	f.may_load = privilege_enough();
	f.may_all = privilege_all();
	f.is_module = !access("/sys/kernel/btf/iommufd", F_OK);
	f.lockdown = privilege_lockdown();
	f.user_namespace = ns && ns != 4026531837; /* PROC_USER_INIT_INO */
	ns = namespace_of("pid");
	f.pid_namespace = ns && ns != 4026531836; /* PROC_PID_INIT_INO */
	f.seccomp = file_has("/proc/self/status", "Seccomp:\t2") > 0;
	f.ftrace_off = file_has("/proc/sys/kernel/ftrace_enabled", "0") > 0;
	if (!getrlimit(RLIMIT_NOFILE, &limit))
		f.nofile = limit.rlim_cur;
	if (!getrlimit(RLIMIT_AS, &limit))
		f.address_limit = limit.rlim_cur != RLIM_INFINITY;
	return f;
}
