// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Devices and fault objects. */
#include <inttypes.h>

#define OUTPUT_HTML_PRIVATE
#include "html_private.h"

/* More of them than this are counted; the JSON report has them all. */
#define ROWS_MAX 64

/* Says how many more there are than were shown. */
static void put_more(const struct html *h, size_t nr, unsigned int columns)
{
	if (nr > ROWS_MAX)
		fprintf(h->out, "<tr class=\"hidden\"><td colspan=\"%u\">and %s more</td></tr>\n",
			columns, units_count(nr - ROWS_MAX).s);
}

void html_device(const struct html *h, const char *name, uint32_t dev_id)
{
	if (name && *name)
		html_outside(h, name, "?");
	else
		html_say(h, "%s", names_device(name, dev_id, UTF8_NAME_MAX).s);
}

/* The devices, with iommufd's ids. */
static void put_devices(const struct html *h)
{
	size_t i;

	html_table(h, "places", "Devices", "device|>id|>groups");
	for (i = 0; i < h->r->nr_devices && i < ROWS_MAX; i++) {
		const struct iopf_device_view *d = &h->r->devices[i];

		html_raw(h, "<tr><th scope=\"row\">");
		html_device(h, d->name, d->dev_id);
		fprintf(h->out,
			"</th><td class=\"n\" data-key=\"devices/%zu/dev_id\" "
			"data-value=\"%" PRIu32 "\">%" PRIu32 "</td>",
			i, d->dev_id, d->dev_id);
		html_count(h, "td", d->groups, html_key("devices/%zu/groups", i));
		html_raw(h, "</tr>\n");
	}
	put_more(h, h->r->nr_devices, 3);
	html_table_end(h);
}

/* The fault objects, and whose they are. */
static void put_objects(const struct html *h)
{
	size_t i;

	html_table(h, "places", "Fault objects", ">object|>groups|used by");
	for (i = 0; i < h->r->nr_objects && i < ROWS_MAX; i++) {
		const struct iopf_object_view *o = &h->r->objects[i];

		if (o->id)
			fprintf(h->out, "<tr><td class=\"n\">%" PRIu32 "</td>", o->id);
		else
			html_raw(h, "<tr><td class=\"n\">?</td>");
		html_count(h, "td", o->groups, html_key("objects/%zu/groups", i));
		html_raw(h, "<td class=\"task\">");
		html_task(h, o->owner, o->owner_tgid);
		html_raw(h, "</td></tr>\n");
	}
	put_more(h, h->r->nr_objects, 3);
	html_table_end(h);
}

void html_places(const struct html *h)
{
	html_section(h, "places", "Devices and fault objects");
	html_raw(h, "<div class=\"side\">\n");
	if (h->r->nr_devices)
		put_devices(h);
	else
		html_raw(h, "<p>No device was seen.</p>\n");
	if (h->r->nr_objects)
		put_objects(h);
	else
		html_raw(h, "<p>No fault object was seen.</p>\n");
	html_raw(h, "</div>\n");
	html_section_end(h);
}
