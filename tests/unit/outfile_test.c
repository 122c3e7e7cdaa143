// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Output files: whole or not there. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/outfile.h"

/*
 * What is done to get a file there, in this order: f its bytes are on the disk, so many of them; l it gets a
 * name; r it is put in the place of another; d its directory is on the disk.
 */
static char calls[64];
static off_t synced;
static int sync_error;

static void note(char call)
{
	size_t nr = strlen(calls);

	if (nr + 1 < sizeof(calls))
		calls[nr] = call;
}

/* In the place of the C library's. */
int fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	note(S_ISDIR(st.st_mode) ? 'd' : 'f');
	if (!S_ISDIR(st.st_mode))
		synced = st.st_size;
	if (sync_error) {
		errno = sync_error;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int linkat(int from_directory, const char *from, int directory_fd, const char *to, int flags)
{
	note('l');
	return (int)syscall(SYS_linkat, from_directory, from, directory_fd, to, flags);
}

int renameat(int from_directory, const char *from, int directory_fd, const char *to)
{
	note('r');
	return (int)syscall(SYS_renameat2, from_directory, from, directory_fd, to, 0);
}

/* A fresh directory to write in, and a path in it. */
static char directory[64], path[128];

static void make_directory(const char *name)
{
	snprintf(directory, sizeof(directory), "/tmp/iopftrace-test-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/%s", directory, name);
}

/* Whether @path holds exactly this; NULL = it does not exist. */
static void assert_file(const char *expected)
{
	char text[64] = "";
	FILE *f = fopen(path, "r");

	if (!expected) {
		assert_null(f);
		return;
	}
	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, f), strlen(expected));
	assert_string_equal(text, expected);
	fclose(f);
}

static void files_are_whole_or_not_there(void **state)
{
	struct outfile file;
	struct stat st;

	(void)state;
	make_directory("report");
	assert_int_equal(outfile_open(&file, path), 0);
	fputs("one", file.stream);
	fflush(file.stream);
	assert_file(NULL); /* not before it is complete */
	assert_int_equal(outfile_commit(&file), 0);
	assert_file("one");
	assert_int_equal(chmod(path, 0640), 0);

	assert_int_equal(outfile_open(&file, path), 0);
	fputs("two", file.stream);
	outfile_abort(&file);
	assert_file("one");

	assert_int_equal(outfile_open(&file, path), 0);
	fputs("three", file.stream);
	assert_int_equal(outfile_commit(&file), 0);
	assert_file("three");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0); /* nothing else was left in it */
}

/* After a crash there is the file of before, or the whole new one: it is on the disk before it has the name. */
static void on_the_disk_before_it_is_there(void **state)
{
	static const char *const expected[] = { "fld", "flrd" };
	struct outfile file;

	(void)state;
	make_directory("report");
	for (int i = 0; i < 3; i++) {
		memset(calls, 0, sizeof(calls));
		synced = -1;
		sync_error = i == 2 ? EIO : 0;
		assert_int_equal(outfile_open(&file, path), 0);
		fputs(i ? "another" : "one", file.stream);
		assert_int_equal(outfile_commit(&file), -sync_error);
		if (i < 2) { /* a file system without unnamed files only renames */
			if (strcmp(calls, "frd"))
				assert_string_equal(calls, expected[i]);
			assert_int_equal(synced, i ? 7 : 3);
		} else {
			assert_string_equal(calls, "f");
		}
		assert_file(i ? "another" : "one");
	}
	sync_error = 0;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
}

static void links_stay_links(void **state)
{
	char target[160];
	struct outfile file;
	struct stat st;
	FILE *f;

	(void)state;
	make_directory("link");
	snprintf(target, sizeof(target), "%s/target", directory);
	f = fopen(target, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(symlink("target", path), 0);
	assert_int_equal(outfile_open(&file, path), 0);
	fputs("text", file.stream);
	assert_int_equal(outfile_commit(&file), 0);
	assert_file("text");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(path);
	unlink(target);
	assert_int_equal(rmdir(directory), 0);
}

/* Pipes and devices are not to be replaced by files. */
static void pipes_are_written_to(void **state)
{
	struct outfile file;
	char text[8] = "";
	struct stat st;
	int fd;

	(void)state;
	make_directory("pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(outfile_open(&file, path), 0);
	fputs("text", file.stream);
	assert_int_equal(outfile_commit(&file), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 4);
	assert_string_equal(text, "text");
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));

	assert_int_equal(outfile_open(&file, path), 0);
	close(fd);
	signal(SIGPIPE, SIG_IGN);
	fputs("text", file.stream);
	assert_int_equal(outfile_commit(&file), -EPIPE);
	assert_non_null(strstr(file.error, "/pipe: Broken pipe"));
	signal(SIGPIPE, SIG_DFL);
	unlink(path);
	assert_int_equal(rmdir(directory), 0);
}

static void standard_output_is_a_file_too(void **state)
{
	struct outfile file;

	(void)state;
	assert_int_equal(outfile_open(&file, "-"), 0);
	assert_ptr_equal(file.stream, stdout);
	assert_int_equal(outfile_commit(&file), 0);
	assert_int_equal(outfile_open(&file, NULL), 0);
	assert_ptr_equal(file.stream, stdout);
	outfile_abort(&file);
}

static void files_that_cannot_be_written(void **state)
{
	struct outfile file;

	(void)state;
	assert_int_equal(outfile_open(&file, "/nonexistent/report"), -ENOENT);
	assert_string_equal(file.error,
			    "cannot write /nonexistent/report: No such file or directory");
	assert_null(file.stream);
	assert_int_equal(outfile_open(&file, "/tmp"), -EISDIR);
	assert_string_equal(file.error, "cannot write /tmp: Is a directory");
}

/* The reason of the first failure is told, however much is written after it. */
static void what_is_gathered_tells_why_it_fails(void **state)
{
	static const char line[] = "a line of what is to be written\n";
	struct outfile file;

	(void)state;
	assert_int_equal(outfile_open(&file, "/dev/full"), 0);
	assert_int_equal(outfile_gather(&file), 0);
	for (int i = 0; i < 10000; i++)
		fputs(line, file.stream);
	assert_int_equal(outfile_commit(&file), -ENOSPC);
	assert_string_equal(file.error, "cannot write /dev/full: No space left on device");

	/* Whoever saw the first error has told it. */
	assert_int_equal(outfile_open(&file, "/dev/null"), 0);
	file.failed = -EDQUOT;
	assert_int_equal(outfile_commit(&file), -EDQUOT);
	assert_string_equal(file.error, "cannot write /dev/null: Disk quota exceeded");

	assert_int_equal(outfile_open(&file, "/dev/null"), 0);
	assert_int_equal(outfile_gather(&file), 0);
	fputs(line, file.stream);
	assert_int_equal(outfile_fail(&file, -ENOMEM), -ENOMEM);
	assert_string_equal(file.error, "cannot write /dev/null: Cannot allocate memory");

	make_directory("report");
	assert_int_equal(outfile_open(&file, path), 0);
	assert_int_equal(outfile_gather(&file), 0);
	fputs("gathered", file.stream);
	assert_int_equal(outfile_commit(&file), 0);
	assert_file("gathered");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
}

/* In a process of its own: writes two files, and says so; the one that ends it is the signal. */
static void write_for_ever(int fd)
{
	struct outfile done, file, other;
	char name[160];

	snprintf(name, sizeof(name), "%s.other", path);
	if (outfile_open(&done, name) || fputs("done", done.stream) < 0 || outfile_commit(&done) ||
	    outfile_open(&file, path) || fputs("half", file.stream) < 0 || fflush(file.stream) ||
	    outfile_open(&other, name) || write(fd, "x", 1) != 1)
		_exit(9);
	for (;;)
		pause();
}

/* Signals come twice, as timeout(1) sends them: they have to be tried often to come together. */
#define ROUNDS 50

/* A signal ends it, and nothing is left of what was not whole. */
static void signals_leave_nothing_behind(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE };
	char name[160], byte;

	(void)state;
	for (size_t i = 0; i < ROUNDS * sizeof(signals) / sizeof(signals[0]); i++) {
		int number = signals[i / ROUNDS], fds[2], status;
		FILE *f;
		pid_t pid;

		make_directory("report");
		f = fopen(path, "w");
		assert_non_null(f);
		fputs("before", f);
		fclose(f);
		assert_int_equal(pipe(fds), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (!pid)
			write_for_ever(fds[1]);
		assert_int_equal(read(fds[0], &byte, 1), 1);
		assert_int_equal(kill(pid, number), 0);
		assert_int_equal(kill(pid, number), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), number);
		close(fds[0]);
		close(fds[1]);
		assert_file("before");
		assert_int_equal(unlink(path), 0);
		snprintf(name, sizeof(name), "%s.other", path);
		assert_int_equal(unlink(name), 0);
		assert_int_equal(rmdir(directory), 0); /* nothing else was left in it */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_whole_or_not_there),
		cmocka_unit_test(on_the_disk_before_it_is_there),
		cmocka_unit_test(links_stay_links),
		cmocka_unit_test(what_is_gathered_tells_why_it_fails),
		cmocka_unit_test(pipes_are_written_to),
		cmocka_unit_test(standard_output_is_a_file_too),
		cmocka_unit_test(files_that_cannot_be_written),
		cmocka_unit_test(signals_leave_nothing_behind),
	};

	return cmocka_run_group_tests_name("outfile", tests, NULL, NULL);
}
