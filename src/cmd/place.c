// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "options.h"
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "exit_codes.h"
#include "replay.h"
#include "temporary.h"
#include "say.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define LINKS_MAX 40 /* as the kernel */
#define ATTEMPTS 100 /* names tried for a temporary file before giving up */
#define MEMORY_DEVICES 1 /* major number: null, zero, full */

/* Whether everybody can put a file there, and nobody remove those of others. */
static bool is_shared(const struct stat *directory)
{
	return directory->st_mode & S_ISVTX && directory->st_mode & (S_IWOTH | S_IWGRP);
}

/* Whether what is there belongs to somebody else who may have put it there for us to find. */
static bool is_planted(const struct stat *st, const struct stat *directory)
{
	return is_shared(directory) && st->st_uid != geteuid() && st->st_uid != directory->st_uid;
}

/* Whether a link leads to where its owner may send us. */
static bool may_follow(const struct stat *link, const struct stat *directory)
{
	if (is_planted(link, directory))
		return false;
	return (geteuid() && geteuid() == getuid()) || !link->st_uid;
}

/* The descriptor of ours that an entry of a directory stands for; -1 = none. */
static int descriptor_of(const struct stat *directory, const char *name)
{
	struct stat own;
	char *end;
	long fd = strtol(name, &end, 10);

	if (*end || !*name || fd < 0 || fd > INT_MAX || stat("/proc/self/fd", &own))
		return -1;
	return own.st_dev == directory->st_dev && own.st_ino == directory->st_ino ? (int)fd : -1;
}

/* Where the descriptor is open. */
static int find_descriptor(struct place *p, int fd)
{
	p->fd = fd;
	if (fstat(fd, &p->st))
		return -errno;
	p->exists = true;
	return 0;
}

/* Splits a path into a directory, which replaces the one that it is relative to, and a name. */
static int enter(struct place *p, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd;

	free(p->name);
	p->name = strdup(name);
	if (!parent || !p->name) {
		free(parent);
		return -ENOMEM;
	}
	fd = openat(p->directory < 0 ? AT_FDCWD : p->directory, parent,
		    O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	if (fd < 0)
		return -errno;
	if (p->directory >= 0)
		close(p->directory);
	p->directory = fd;
	if (!*path)
		return -ENOENT;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EISDIR;
	return fstat(fd, &p->directory_st) ? -errno : 0;
}

/* Looks at what is there: 1 with the path that a link leads to in @to, 0 when this is it. */
static int look(struct place *p, char to[PATH_MAX])
{
	struct statfs fs;
	ssize_t n;
	int fd;

	if (fstatat(p->directory, p->name, &p->st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	p->exists = true;
	if (!S_ISLNK(p->st.st_mode))
		return 0;
	fd = descriptor_of(&p->directory_st, p->name);
	if (fd >= 0)
		return find_descriptor(p, fd);
	if (!may_follow(&p->st, &p->directory_st))
		return 0;
	/* Links of /proc lead to files, not to names. */
	if (!fstatfs(p->directory, &fs) && fs.f_type == PROC_SUPER_MAGIC &&
	    strspn(p->name, "0123456789") == strlen(p->name)) {
		p->foreign = true;
		return fstatat(p->directory, p->name, &p->st, 0) ? -errno : 0;
	}
	n = readlinkat(p->directory, p->name, to, PATH_MAX);
	if (n < 0 || n == PATH_MAX)
		return n < 0 ? -errno : -ENAMETOOLONG;
	to[n] = '\0';
	p->exists = false;
	return 1;
}

int place_find(struct place *p, const char *path, int dash)
{
	char to[PATH_MAX];
	int err, links = 0;

	*p = (struct place){ .directory = -1, .fd = -1 };
	if (!path || !strcmp(path, "-"))
		return find_descriptor(p, dash);
	do {
		err = links++ < LINKS_MAX ? enter(p, path) : -ELOOP;
		if (!err)
			err = look(p, to);
		path = to;
	} while (err > 0);
	if (err)
		place_close(p);
	return err;
}

void place_close(struct place *p)
{
	if (p->directory >= 0)
		close(p->directory);
	free(p->name);
	*p = (struct place){ .directory = -1, .fd = -1 };
}

/* Whether two descriptions are of one file. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	if ((a->st_mode & S_IFMT) != (b->st_mode & S_IFMT))
		return false;
	if (S_ISCHR(a->st_mode) || S_ISBLK(a->st_mode))
		return a->st_rdev == b->st_rdev && major(a->st_rdev) != MEMORY_DEVICES;
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool place_same(const struct place *a, const struct place *b)
{
	if (a->exists && b->exists)
		return is_same(&a->st, &b->st);
	return !a->exists && !b->exists && is_same(&a->directory_st, &b->directory_st) &&
	       !strcmp(a->name, b->name);
}

bool place_is(const struct place *p, int fd)
{
	struct stat st;

	return p->fd == fd || (p->exists && !fstat(fd, &st) && is_same(&p->st, &st));
}

bool place_is_stdout(const char *path)
{
	struct place p;
	bool same;

	if (!path || !strcmp(path, "-"))
		return true;
	if (place_find(&p, path, STDOUT_FILENO))
		return false; /* opening it will say why */
	same = place_is(&p, STDOUT_FILENO);
	place_close(&p);
	return same;
}

bool place_direct(const struct place *p)
{
	return p->fd >= 0 || p->foreign ||
	       (p->exists && !S_ISREG(p->st.st_mode) && !S_ISLNK(p->st.st_mode));
}

int place_open(const struct place *p)
{
	int fd;

	if (p->fd >= 0)
		fd = fcntl(p->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else if (S_ISDIR(p->st.st_mode))
		return -EISDIR;
	else if (is_planted(&p->st, &p->directory_st) && !may_follow(&p->st, &p->directory_st))
		return -EACCES;
	else
		fd = openat(p->directory, p->name,
			    O_WRONLY | O_CLOEXEC | O_NOCTTY | (p->foreign ? 0 : O_NOFOLLOW));
	return fd < 0 ? -errno : fd;
}

/* Creates a file with a name of its own. */
static int create_named(const struct place *p, mode_t mode, char **temporary)
{
	int fd = -EEXIST;

	for (int attempt = 0; attempt < ATTEMPTS && fd == -EEXIST; attempt++) {
		free(*temporary);
		if (asprintf(temporary, ".iopftrace.%d-%d.tmp", (int)getpid(), attempt) < 0) {
			*temporary = NULL;
			return -ENOMEM;
		}
		fd = temporary_create(p->directory, *temporary, mode);
	}
	if (fd < 0) {
		free(*temporary);
		*temporary = NULL;
	}
	return fd;
}

int place_create(const struct place *p, mode_t mode, char **temporary)
{
	int fd;

	*temporary = NULL;
	if (p->exists && is_planted(&p->st, &p->directory_st))
		return -EACCES;
	/* It gets its name by a link of /proc. */
	if (!access("/proc/self/fd", X_OK)) {
		fd = openat(p->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
		if (fd >= 0)
			return fd;
		/* The file system has none, or the kernel or a layer between does not know them. */
		if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
			return -errno;
	}
	return create_named(p, mode, temporary);
}

/* Gives a file without a name this one, which must be free. */
static int name_it(const struct place *p, int fd, const char *name)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, link, p->directory, name, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

/* Puts a file without a name where another one is: there is no way to do that at once. */
static int replace(const struct place *p, int fd)
{
	char name[64];
	int err = -EEXIST;

	for (int attempt = 0; attempt < ATTEMPTS && err == -EEXIST; attempt++) {
		snprintf(name, sizeof(name), ".iopftrace.%d-%d.tmp", (int)getpid(), attempt);
		err = name_it(p, fd, name);
	}
	if (!err && renameat(p->directory, name, p->directory, p->name)) {
		err = -errno;
		unlinkat(p->directory, name, 0);
	}
	return err;
}

/* The directory's entry is to be found after a crash, too; where it can be told so. */
static void sync_directory(const struct place *p)
{
	int fd = openat(p->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int place_put(const struct place *p, int fd, char **temporary, bool sync)
{
	sigset_t all, before;
	int err = 0;

	/* Not every file system has something to do for that. */
	if (sync && fsync(fd) && errno != EINVAL && errno != EROFS)
		err = -errno;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (!err && *temporary) {
		if (renameat(p->directory, *temporary, p->directory, p->name))
			err = -errno;
	} else if (!err) {
		err = p->exists ? -EEXIST : name_it(p, fd, p->name);
		if (err == -EEXIST)
			err = replace(p, fd);
	}
	if (!err) {
		temporary_forget(*temporary);
		free(*temporary);
		*temporary = NULL;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!err && sync)
		sync_directory(p);
	return err;
}

void place_drop(const struct place *p, char **temporary)
{
	if (!*temporary)
		return;
	unlinkat(p->directory, *temporary, 0);
	temporary_forget(*temporary);
	free(*temporary);
	*temporary = NULL;
}

void place_remove(const struct place *p)
{
	if (p->directory >= 0)
		unlinkat(p->directory, p->name, 0);
}

/* A file of a command line. */
struct named {
	const char *what, *path;
	bool input, data; /* to be read; for a program to read */
	struct place place;
	bool found;
};

#define NAMED_MAX 8

struct list {
	struct named file[NAMED_MAX];
	size_t nr;
};

static void add(struct list *list, const char *what, const char *path, bool input, bool data)
{
	struct named *n = &list->file[list->nr];

	if (!path)
		return;
	*n = (struct named){ .what = what, .path = path, .input = input, .data = data };
	/* What is not there, or cannot be looked at, opening it will say. */
	n->found = !place_find(&n->place, path, input ? STDIN_FILENO : STDOUT_FILENO);
	list->nr++;
}

/* All that there are. */
static void find_all(struct list *list, const struct options *o)
{
	bool reads = o->verb == VERB_REPORT || o->verb == VERB_CHECK || o->verb == VERB_TRACE ||
		     o->verb == VERB_EXPLAIN || o->verb == VERB_DIFF;
	size_t inputs = !reads ? 0 : o->verb == VERB_EXPLAIN && o->nr_operands ? 1 : o->nr_operands;
	bool record = o->verb == VERB_RECORD;

	list->nr = 0;
	add(list, record ? "the recording" : "the report",
	    o->output ? o->output :
	    record    ? REPLAY_FILE :
			"-",
	    false, record || strcmp(o->format->name, "text"));
	add(list, "--junit", o->junit, false, true);
	add(list, "--ktap", o->ktap, false, true);
	add(list, "--record", o->record, false, true);
	for (size_t i = 0; i < inputs; i++)
		add(list, "FILE", o->operand[i], true, false);
	if (o->verb == VERB_REPORT && !o->nr_operands)
		add(list, "FILE", REPLAY_FILE, true, false);
	add(list, "the policy", o->policy, true, false);
}

static void close_all(struct list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		if (list->file[i].found)
			place_close(&list->file[i].place);
}

static const char *path_of(const struct named *n)
{
	return !strcmp(n->path, "-") ? (n->input ? "standard input" : "standard output") : n->path;
}

/* What is wrong with two of them, @b after @a; says so. */
static int compare(const struct named *a, const struct named *b)
{
	if (a->input || !a->found || !b->found || !place_same(&a->place, &b->place))
		return 0;
	if (!b->input) {
		bool one = !strcmp(path_of(a), path_of(b));

		say("%s and %s cannot both go to %s%s%s%s", a->what, b->what, path_of(b),
		    one ? "" : ", which ", one ? "" : path_of(a), one ? "" : " is as well");
		return EXIT_USAGE;
	}
	/* At a terminal both are one; only of a file something is lost. */
	if (!S_ISREG(a->place.st.st_mode))
		return 0;
	say("%s is what is read, and would be overwritten", path_of(a));
	return EXIT_USAGE;
}

/* Whether what CMD writes to standard error, and standard output with that, gets into a file. */
static int check_command(const struct named *n)
{
	if (!n->data || !n->found || !place_is(&n->place, STDERR_FILENO) || isatty(STDERR_FILENO))
		return 0;
	say("%s cannot go to %s: standard error goes there as well, and with it what "
	    "the command writes; use -o FILE",
	    n->what, path_of(n));
	return EXIT_USAGE;
}

int place_check(const struct options *o)
{
	struct list list;
	int code = 0;

	find_all(&list, o);
	for (size_t i = 0; i < list.nr && !code; i++) {
		for (size_t j = 0; j < i && !code; j++)
			code = compare(&list.file[j], &list.file[i]);
		if (!code && o->command)
			code = check_command(&list.file[i]);
	}
	close_all(&list);
	return code;
}

bool place_stdout_is_data(const struct options *o)
{
	struct list list;
	bool data = false;

	find_all(&list, o);
	for (size_t i = 0; i < list.nr; i++)
		data |= list.file[i].data && list.file[i].found &&
			place_is(&list.file[i].place, STDOUT_FILENO);
	close_all(&list);
	return data;
}
