// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "event_line.h"
#include "names.h"
#include "output.h"
#include "units.h"
#include "utf8.h"

#define LINE_MAX_COLUMNS 80
#define COMM_MIN 3 /* with less of a name and its slash it is no help */

/* The columns of a line, filled by one function for each type; "" is shown as "-". */
struct line {
	const struct event_names *names;
	char object[16], device[4 * 24], pasid[16], group[16], cookie[16];
	char details[256];
	size_t used; /* of details */
};

/* Goes on with the details. */
__attribute__((format(printf, 2, 3))) static void say(struct line *l, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(l->details + l->used, sizeof(l->details) - l->used, fmt, args);
	va_end(args);
	if (n > 0)
		l->used += (size_t)n;
	if (l->used >= sizeof(l->details))
		l->used = sizeof(l->details) - 1;
}

/* Fills a column with a number. */
static void number(char column[16], uint32_t n)
{
	snprintf(column, 16, "%" PRIu32, n);
}

/* Fills the column of the object; its id is not always known. */
static void object(struct line *l, uint32_t id)
{
	if (id)
		number(l->object, id);
}

/* Fills the column of the device, by name when there is one. */
static void device(struct line *l, uint64_t dev)
{
	const char *name = l->names->device ? l->names->device(l->names->arg, dev) : "";

	if (name && *name)
		snprintf(l->device, sizeof(l->device), "%.90s", utf8_name(name, 20).s);
}

/* The same by iommufd's id, unless there is a name. */
static void device_id(struct line *l, uint32_t dev_id)
{
	if (!*l->device && dev_id)
		snprintf(l->device, sizeof(l->device), "%.90s", names_device("", dev_id, 20).s);
}

/* The same of a device that an event names by its id, in the context of a fault object. */
static void device_of(struct line *l, uint64_t object, uint32_t dev_id)
{
	uint64_t dev = event_ids_device(l->names->ids, object, dev_id);

	if (dev)
		device(l, dev);
	device_id(l, dev_id);
}

/* Fills the column of an object that is named by address, or of the one of a group. */
static void object_of(struct line *l, uint64_t address, uint64_t group)
{
	uint32_t id = event_ids_object(l->names->ids, address);

	object(l, id ? id : event_ids_object(l->names->ids, group));
}

/* Whether a group that is told by its pointer has a PASID: it may be 0. */
static bool has_pasid(const struct line *l, uint64_t group, uint32_t pasid)
{
	return pasid || event_ids_pasid(l->names->ids, group);
}

/* Fills the columns of whose request it was. */
static void request(struct line *l, bool has_pasid, uint32_t pasid, uint32_t grpid)
{
	if (has_pasid)
		number(l->pasid, pasid);
	number(l->group, grpid);
}

/* Details: what was asked for. */
static void say_addr(struct line *l, uint64_t addr, uint32_t perm)
{
	say(l, "0x%" PRIx64 " %s", addr, names_perm(perm).s);
}

/* Details: of how many the one that was shown is. */
static void say_of(struct line *l, uint64_t nr)
{
	if (nr > 1)
		say(l, " x%" PRIu64, nr);
}

/* Details: how long a call took. */
static void say_took(struct line *l, const struct iopf_rec *rec, uint64_t enter_ns)
{
	if (enter_ns && rec->time_ns >= enter_ns)
		say(l, " in %s", units_duration(rec->time_ns - enter_ns, UNITS_AUTO).s);
}

/* A request that did not become a group of iommufd. */
static void line_report(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_report *r = (const void *)rec;

	device(l, r->dev);
	request(l, r->flags & IOPF_PRQ_PASID_VALID, r->pasid, r->grpid);
	say_addr(l, r->addr, r->perm);
	if (!(r->flags & IOPF_PRQ_LAST_PAGE))
		say(l, " part");
	if (r->ret)
		say(l, ", %s", names_errno(r->ret).s);
	if (r->seen & IOPF_REPORT_SVA)
		say(l, " SVA");
	if (r->seen & IOPF_REPORT_ANSWERED)
		say(l, ", answered at once");
}

/* A group was queued. */
static void line_enqueue(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_enqueue *e = (const void *)rec;

	object(l, e->object_id);
	device(l, e->dev);
	device_id(l, e->dev_id);
	request(l, e->flags & IOPF_PRQ_PASID_VALID, e->pasid, e->grpid);
	say_addr(l, e->addr, e->perm);
	say_of(l, e->pages);
}

/* The pages of the group queued just before. */
static void line_pages(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_pages *p = (const void *)rec;
	unsigned int nr = event_entries(rec, p->nr, offsetof(struct iopf_rec_pages, page),
					sizeof(p->page[0]), IOPF_PAGES_PER_REC);

	object_of(l, 0, p->group);
	if (nr == 0) {
		say(l, "none");
		return;
	}
	say_addr(l, p->page[0].addr, p->page[0].perm);
	say_of(l, nr);
}

/* What user space got: the first of @nr groups. */
static void fault(struct line *l, uint64_t object, const struct iopf_pgfault *f, uint64_t nr)
{
	device_of(l, object, f->dev_id);
	request(l, f->flags & IOPF_PRQ_PASID_VALID, f->pasid, f->grpid);
	number(l->cookie, f->cookie);
	say_addr(l, f->addr, f->perm);
	say_of(l, nr);
}

/* A read returned. */
static void line_read(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_read *r = (const void *)rec;
	uint64_t nr = r->ret > 0 ? (uint64_t)r->ret / sizeof(struct iopf_pgfault) : 0;

	object(l, r->object_id);
	if (r->ret < 0)
		say(l, "%s", names_errno(r->ret).s);
	else if (r->ret == 0)
		say(l, "empty");
	else if (r->flags & IOPF_READ_UNREADABLE)
		say(l, "%" PRIu64 " record%s, unreadable", nr, nr == 1 ? "" : "s");
	else
		fault(l, r->object, &r->fault, nr);
	if (r->ret <= 0)
		say_took(l, rec, r->enter_ns);
	if (r->ret <= 0 && r->flags & IOPF_READ_NOT_EMPTY)
		say(l, ", more"); /* is in the queue */
}

/* More of what a read returned. */
static void line_read_more(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_read_more *m = (const void *)rec;
	unsigned int nr = event_entries(rec, m->nr, offsetof(struct iopf_rec_read_more, fault),
					sizeof(m->fault[0]), IOPF_FAULTS_PER_REC);

	object_of(l, m->object, 0);
	if (m->flags & IOPF_READ_UNREADABLE)
		say(l, "unreadable");
	else if (nr)
		fault(l, m->object, &m->fault[0], nr);
	else
		say(l, "none");
}

/* A group was answered. */
static void line_response(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_response *r = (const void *)rec;

	object_of(l, r->object, r->group);
	device(l, r->dev);
	request(l, has_pasid(l, r->group, r->pasid), r->pasid, r->grpid);
	if (iopf_response_named(r))
		number(l->cookie, r->cookie);
	say(l, "%s by %s", names_code(r->code).s,
	    iopf_responder_name(names_responder(rec->context)));
	if (r->driver_calls == 0)
		say(l, ", no driver");
	else if (r->driver_calls > 1)
		say(l, ", told x%u", r->driver_calls);
	if (r->driver_calls && r->driver_code != r->code)
		say(l, ", told %s", names_code(r->driver_code).s);
}

/* A write that did not answer all it was given. */
static void line_write(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_write *w = (const void *)rec;
	unsigned int nr = event_entries(rec, w->nr, offsetof(struct iopf_rec_write, answer),
					sizeof(w->answer[0]), IOPF_ANSWERS_PER_REC);

	object(l, w->object_id);
	if (w->ret < 0)
		say(l, "%s", names_errno(w->ret).s);
	else
		say(l, "%" PRId64 " of %" PRIu64 " B", (int64_t)w->ret, (uint64_t)w->count);
	if (w->answered)
		say(l, ", %" PRIu32 " answered", w->answered);
	if (nr == 0)
		return;
	number(l->cookie, w->answer[0].cookie);
	say(l, " at %s", names_code(w->answer[0].code).s);
}

/* The driver was told outside of a group's response. */
static void line_driver(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_driver *d = (const void *)rec;

	object_of(l, 0, d->group);
	device(l, d->dev);
	request(l, has_pasid(l, d->group, d->pasid), d->pasid, d->grpid);
	say(l, "%s, %s", names_code(d->code).s,
	    d->flags & IOPF_DRIVER_OTHER ? "of another request" : "no response");
}

/* What was written is not what is answered. */
static void line_written(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_written *w = (const void *)rec;

	object_of(l, w->object, w->group);
	number(l->cookie, w->group_cookie);
	say(l, "given %s", names_code(w->status).s);
	say(l, ", written %s", names_code(w->code).s);
	if (w->cookie != w->group_cookie)
		say(l, " for %" PRIu32, w->cookie);
}

/* Auto-response returned. */
static void line_auto(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_auto *a = (const void *)rec;

	object(l, a->object_id);
	say(l, "%" PRIu32 " answered", a->answered);
	say_took(l, rec, a->enter_ns);
}

/* A fault object is gone. */
static void line_destroy(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_destroy *d = (const void *)rec;

	object(l, d->object_id);
	say(l, "%" PRIu32 " answered", d->answered);
	say_took(l, rec, d->enter_ns);
}

/* A device left its queue. */
static void line_qremove(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_qremove *q = (const void *)rec;

	device(l, q->dev);
	say(l, "removed");
	say_took(l, rec, q->enter_ns);
}

/* Partial requests were dropped. */
static void line_discard(struct line *l, const struct iopf_rec *rec)
{
	(void)rec;
	say(l, "partial requests");
}

/* A fault object was made. */
static void line_alloc(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_alloc *a = (const void *)rec;

	object(l, a->object_id);
	if (a->ret)
		say(l, "%s", names_errno(a->ret).s);
	else
		say(l, "fd %" PRId32, a->fd);
}

/* A fault FD was closed for good. */
static void line_release(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_release *r = (const void *)rec;

	object(l, r->object_id);
	say(l, "closed");
}

/* The name of a task. */
static void line_task(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_task *t = (const void *)rec;
	char comm[IOPF_COMM_LEN + 1] = "";

	memcpy(comm, t->comm, IOPF_COMM_LEN);
	say(l, "is %s", utf8_name(comm, IOPF_COMM_LEN).s);
}

/* The name of a device. */
static void line_device(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_device *d = (const void *)rec;
	char name[IOPF_DEVNAME_LEN + 1] = "";

	memcpy(name, d->name, IOPF_DEVNAME_LEN);
	say(l, "is %s", utf8_name(name, IOPF_DEVNAME_LEN).s);
}

/* A process of the scope made one. */
static void line_fork(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_fork *f = (const void *)rec;

	say(l, "child %" PRIu32, f->child_tgid);
}

/* A process of the scope is gone. */
static void line_exit(struct line *l, const struct iopf_rec *rec)
{
	say(l, "process %" PRIu32, (uint32_t)rec->tgid);
}

/* A handle begins to be used. */
static void line_attach(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_attach *a = (const void *)rec;

	say(l, "0x%" PRIx64, (uint64_t)a->handle);
}

/* A group that was found in its object. */
static void line_waiting(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_waiting *w = (const void *)rec;

	object(l, w->object_id);
	device(l, w->dev);
	device_id(l, w->dev_id);
	request(l, w->flags & IOPF_PRQ_PASID_VALID, w->pasid, w->grpid);
	if (iopf_waiting_named(w))
		number(l->cookie, w->cookie);
	say_addr(l, w->addr, w->perm);
	say(l, w->waiting & IOPF_WAITING_DELIVERED ? ", read" : ", queued");
}

/* An object was walked. */
static void line_walked(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_walked *w = (const void *)rec;

	object(l, w->object_id);
	say(l, "%" PRIu32 " queued, %" PRIu32 " read", w->queued, w->delivered);
	if (w->waiting & IOPF_WALKED_CUT)
		say(l, ", more");
}

/* A call has not returned. */
static void line_inside(struct line *l, const struct iopf_rec *rec)
{
	const struct iopf_rec_inside *i = (const void *)rec;

	say(l, "inside");
	if (i->enter_ns && rec->time_ns >= i->enter_ns)
		say(l, " for %s", units_duration(rec->time_ns - i->enter_ns, UNITS_AUTO).s);
}

static void (*const handlers[])(struct line *l, const struct iopf_rec *rec) = {
	[IOPF_REC_REPORT] = line_report,       [IOPF_REC_ENQUEUE] = line_enqueue,
	[IOPF_REC_PAGES] = line_pages,	       [IOPF_REC_READ] = line_read,
	[IOPF_REC_READ_MORE] = line_read_more, [IOPF_REC_RESPONSE] = line_response,
	[IOPF_REC_WRITE] = line_write,	       [IOPF_REC_DRIVER] = line_driver,
	[IOPF_REC_AUTO] = line_auto,	       [IOPF_REC_DESTROY] = line_destroy,
	[IOPF_REC_QREMOVE] = line_qremove,     [IOPF_REC_DISCARD] = line_discard,
	[IOPF_REC_ALLOC] = line_alloc,	       [IOPF_REC_RELEASE] = line_release,
	[IOPF_REC_TASK] = line_task,	       [IOPF_REC_DEVICE] = line_device,
	[IOPF_REC_FORK] = line_fork,	       [IOPF_REC_EXIT] = line_exit,
	[IOPF_REC_ATTACH] = line_attach,       [IOPF_REC_WAITING] = line_waiting,
	[IOPF_REC_WALKED] = line_walked,       [IOPF_REC_INSIDE] = line_inside,
	[IOPF_REC_WRITTEN] = line_written,
};

_Static_assert(sizeof(handlers) / sizeof(handlers[0]) == IOPF_REC_TYPES, "a type has no line");

/* "12.123456", with a sign when it was before the run. These give how many columns they took. */
static unsigned int put_time(FILE *out, uint64_t ns, uint64_t start_ns)
{
	uint64_t us = (ns < start_ns ? start_ns - ns : ns - start_ns) / 1000;
	char text[32];

	snprintf(text, sizeof(text), "%s%" PRIu64 ".%06" PRIu64, ns < start_ns ? "-" : "",
		 us / 1000000, us % 1000000);
	return (unsigned int)fprintf(out, "%9s ", ns ? text : "?");
}

/* @s or a dash, to the left of a column of @width; names may be wider in bytes than on screen. */
static unsigned int put_left(FILE *out, const char *s, unsigned int width)
{
	unsigned int columns;

	s = *s ? s : "-";
	fputs(s, out);
	for (columns = utf8_columns(s); columns < width; columns++)
		putc(' ', out);
	putc(' ', out);
	return columns + 1;
}

/* Who did it, in what is left of the line: for want of room the thread's name is cut, or left out. */
static void put_task(FILE *out, const char *comm, uint32_t tid, unsigned int room)
{
	struct utf8_name name = utf8_name(comm && *comm ? comm : "?", IOPF_COMM_LEN);
	char id[16];
	unsigned int digits = (unsigned int)snprintf(id, sizeof(id), "%" PRIu32, tid);

	if (utf8_columns(name.s) + 1 + digits > room) {
		unsigned int left = room > digits ? room - digits : 0;

		name = utf8_name(left > COMM_MIN ? comm : "", left ? left - 1 : 0);
	}
	fprintf(out, "%s%s%s\n", name.s, *name.s ? "/" : "", id);
}

/* How much of the details stands beside a task of @digits: all, or up to a comma or else a space. */
static size_t that_fits(const char *details, unsigned int used, unsigned int digits)
{
	unsigned int room =
		used + 1 + digits < LINE_MAX_COLUMNS ? LINE_MAX_COLUMNS - used - 1 - digits : 0;
	size_t comma = 0, space = 0;

	if (utf8_columns(details) <= room)
		return strlen(details);
	for (size_t at = 1; at <= room && details[at]; at++) {
		if (details[at] != ' ')
			continue;
		space = at;
		if (details[at - 1] == ',')
			comma = at;
	}
	return comma ? comma : space ? space : strlen(details);
}

/* The details and who did it; details that are too long for a line go on in the next. */
static void put_rest(FILE *out, struct line *l, unsigned int used, const char *comm, uint32_t tid)
{
	unsigned int digits = (unsigned int)snprintf(NULL, 0, "%" PRIu32, tid), columns;
	size_t fits = that_fits(l->details, used, digits);
	char *more = l->details[fits] ? &l->details[fits] : NULL;

	if (more)
		*more++ = '\0'; /* the space */
	columns = used + put_left(out, l->details, 16);
	put_task(out, comm, tid, columns < LINE_MAX_COLUMNS ? LINE_MAX_COLUMNS - columns : 0);
	if (more)
		fprintf(out, "%*s%s\n", (int)used, "", more);
}

/* A dash for nothing. */
static const char *dash(const char *s)
{
	return *s ? s : "-";
}

void event_line_heads(FILE *out, bool color)
{
	fprintf(out, "%s%9s %-8s %3s %-12s %5s %4s %4s %-16s %s%s\n", color ? "\033[2m" : "",
		"time", "event", "obj", "device", "pasid", "grp", "cook", "details", "task",
		color ? "\033[0m" : "");
}

int event_line(FILE *out, const struct iopf_rec *rec, const struct event_names *names,
	       uint64_t start_ns)
{
	const char *comm = names->comm ? names->comm(names->arg, rec->tid) : "";
	const char *name = event_name(rec->type);
	struct line l = { .names = names };
	char unknown[16];
	unsigned int used;

	errno = 0;
	snprintf(unknown, sizeof(unknown), "type %u", rec->type);
	if (event_is_whole(rec))
		handlers[rec->type](&l, rec);
	else
		say(&l, name ? "malformed, %u bytes" : "%u bytes", rec->size);
	used = put_time(out, rec->time_ns, start_ns);
	used += (unsigned int)fprintf(out, "%-8s %3s ", name ? name : unknown, dash(l.object));
	used += put_left(out, l.device, 12);
	used += (unsigned int)fprintf(out, "%5s %4s %4s ", dash(l.pasid), dash(l.group),
				      dash(l.cookie));
	put_rest(out, &l, used, comm, rec->tid);
	return output_error(out);
}
