// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The Perfetto output, read by another program: protoc, told which of the format's public field
 * numbers are what. That it is not installed is a failure: deps.sh unit installs it.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model.h"
#include "perfetto.h"

/* In proto3 text must be UTF-8, or it is not decoded. */
static const char schema[] =
	"syntax = \"proto3\";\n"
	"message Trace { repeated TracePacket packet = 1; }\n"
	"message TracePacket {\n"
	"  ClockSnapshot clock_snapshot = 6;\n"
	"  uint64 timestamp = 8;\n"
	"  uint32 trusted_packet_sequence_id = 10;\n"
	"  TrackEvent track_event = 11;\n"
	"  uint32 sequence_flags = 13;\n"
	"  uint32 timestamp_clock_id = 58;\n"
	"  TrackDescriptor track_descriptor = 60;\n"
	"}\n"
	"message ClockSnapshot {\n"
	"  message Clock { uint32 clock_id = 1; uint64 timestamp = 2; }\n"
	"  repeated Clock clocks = 1;\n"
	"  uint32 primary_trace_clock = 2;\n"
	"}\n"
	"message TrackDescriptor {\n"
	"  uint64 uuid = 1;\n"
	"  string name = 2;\n"
	"  ProcessDescriptor process = 3;\n"
	"  ThreadDescriptor thread = 4;\n"
	"  uint64 parent_uuid = 5;\n"
	"  CounterDescriptor counter = 8;\n"
	"}\n"
	"message ProcessDescriptor { int32 pid = 1; string process_name = 6; }\n"
	"message ThreadDescriptor {\n"
	"  int32 pid = 1; int32 tid = 2; string thread_name = 5;\n"
	"}\n"
	"message CounterDescriptor { int32 unit = 3; }\n"
	"message TrackEvent {\n"
	"  enum Type { NONE = 0; BEGIN = 1; END = 2; INSTANT = 3; COUNTER = 4; }\n"
	"  repeated DebugAnnotation debug_annotations = 4;\n"
	"  Type type = 9;\n"
	"  uint64 track_uuid = 11;\n"
	"  repeated string categories = 22;\n"
	"  string name = 23;\n"
	"  int64 counter_value = 30;\n"
	"  repeated fixed64 flow_ids = 47;\n"
	"  repeated fixed64 terminating_flow_ids = 48;\n"
	"  uint64 correlation_id = 52;\n"
	"}\n"
	"message DebugAnnotation {\n"
	"  int64 int_value = 4; string string_value = 6; string name = 10;\n"
	"}\n";

/* Writes a file of a directory. */
static void put_file(const char *dir, const char *name, const char *bytes, size_t nr)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, nr, f), nr);
	assert_int_equal(fclose(f), 0);
}

static void remove_file(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

/* What was counted in the text of the reader. */
struct counts {
	size_t begins, ends, groups, not_answered, stage[IOPF_STAGES], threads, flows;
};

/* Counts in one line; a field that the reader knows no name for is a number. */
static void count_line(struct counts *c, const char *line)
{
	line += strspn(line, " ");
	assert_false(*line >= '0' && *line <= '9');
	c->begins += !strcmp(line, "type: BEGIN\n");
	c->ends += !strcmp(line, "type: END\n");
	c->groups += !strncmp(line, "name: \"fault 0x", 15) || !strcmp(line, "name: \"fault\"\n");
	c->not_answered += !strcmp(line, "string_value: \"not answered\"\n");
	c->threads += !strncmp(line, "tid: ", 5);
	c->flows += !strncmp(line, "terminating_flow_ids: ", 22);
	for (int i = 0; i < IOPF_STAGES; i++) {
		char wanted[64];

		snprintf(wanted, sizeof(wanted), "name: \"%s\"\n", iopf_stage_name(i));
		c->stage[i] += !strcmp(line, wanted);
	}
}

/* Has a trace decoded, and counts what is in it. */
static struct counts read_trace(const char *bytes, size_t nr)
{
	char dir[] = "/tmp/iopf-perfetto-XXXXXX", command[512], line[1024];
	struct counts c = { 0 };
	int status;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	put_file(dir, "trace.proto", schema, strlen(schema));
	put_file(dir, "trace", bytes, nr);
	snprintf(command, sizeof(command),
		 "protoc --proto_path=%s --decode=Trace trace.proto <%s/trace", dir, dir);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		count_line(&c, line);
	status = pclose(f);
	remove_file(dir, "trace.proto");
	remove_file(dir, "trace");
	rmdir(dir);
	if (status)
		fail_msg("protoc (of the package protobuf-compiler) ended with status %d",
			 WEXITSTATUS(status));
	return c;
}

/* What it counts is what the report says. */
static void check(struct history *h)
{
	size_t size;
	char *bytes = p_export(h, &size);
	struct counts c = read_trace(bytes, size);
	const struct iopf_report *r = h->report;

	free(bytes);
	assert_int_equal(c.begins, c.ends);
	assert_int_equal(c.groups, r->groups.enqueued + r->groups.adopted);
	assert_int_equal(c.not_answered, r->groups.outstanding);
	for (int i = 0; i < IOPF_STAGE_TOTAL; i++)
		assert_int_equal(c.stage[i], r->stage[i].hist.count);
	assert_true(c.threads > 0);
	assert_true(c.flows > 0);
}

static void reads_any_history(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct m_opts opts = { .seed = seed,
				       .steps = 1000,
				       .races = seed == 2,
				       .kernel = true,
				       .failures = true,
				       .before = seed == 3 };
		struct model *m = m_new(&opts);

		m->h->run.end_ns = m->now;
		check(m->h);
		m_free(m);
	}
}

static void reads_names_of_any_bytes(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);

	h_name(h, "\xff\xc0\x80\xed\xa0\x80q");
	h_enqueue(h, &g, 100, 110);
	h_read(h, &g, 200, 210);
	h_answer(h, &g, 300, 310);
	check(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_any_history),
		H_TEST(reads_names_of_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
