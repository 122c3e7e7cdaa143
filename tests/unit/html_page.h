/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A report as a page, read back as strict XML: what is on it, and whether its numbers are those of the
 * JSON report by the places that they carry. A test sets "page_of" and "opts".
 */
#ifndef TESTS_HTML_PAGE_H
#define TESTS_HTML_PAGE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "output/output.h"

static const struct iopf_report *page_of;
static struct output_opts opts;

typedef int (*write_fn)(const struct iopf_report *report, const struct output_opts *opts,
			FILE *out);

/* What a format writes; to be freed. Not inlined: gcc takes it for dangling. */
static __attribute__((noinline, unused)) char *show(write_fn write)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(write(page_of, &opts, f), 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(strlen(text), size);
	return text;
}

/* The page as read back, strictly; "h:" is for its elements in expressions. */
static inline xmlXPathContextPtr page(void)
{
	char *text = show(output_html);
	xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), "report.html", NULL,
				      XML_PARSE_NONET | XML_PARSE_NOWARNING);
	xmlXPathContextPtr context;

	if (!doc)
		fail_msg("no XML: %s", text);
	free(text);
	context = xmlXPathNewContext(doc);
	assert_non_null(context);
	xmlXPathRegisterNs(context, BAD_CAST "h", BAD_CAST "http://www.w3.org/1999/xhtml");
	return context;
}

static inline void forget(xmlXPathContextPtr context)
{
	xmlDocPtr doc = context->doc;

	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
}

static inline xmlXPathObjectPtr eval(xmlXPathContextPtr context, const char *path)
{
	xmlXPathObjectPtr result = xmlXPathEvalExpression(BAD_CAST path, context);

	if (!result)
		fail_msg("no XPath: %s", path);
	return result;
}

static inline void assert_number(xmlXPathContextPtr context, const char *path,
				 unsigned int expected)
{
	xmlXPathObjectPtr o = eval(context, path);
	double number = xmlXPathCastToNumber(o);

	xmlXPathFreeObject(o);
	if (!(number >= expected && number <= expected))
		fail_msg("%s is %f, not %u", path, number, expected);
}

static inline void assert_has(xmlXPathContextPtr context, const char *path, const char *expected)
{
	xmlXPathObjectPtr o = eval(context, path);
	xmlChar *text = xmlXPathCastToString(o);

	if (!strstr((const char *)text, expected))
		fail_msg("%s is '%s', without '%s'", path, text, expected);
	xmlFree(text);
	xmlXPathFreeObject(o);
}

/* What is at a path with slashes. */
static inline json_t *at(json_t *root, const char *path)
{
	char part[96];

	while (root && *path) {
		size_t len = strcspn(path, "/");

		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		root = json_is_array(root) ? json_array_get(root, strtoul(part, NULL, 10)) :
					     json_object_get(root, part);
		path += len;
		path += *path == '/';
	}
	return root;
}

/* Whether a value is what JSON says; numbers beyond 63 bits come as real ones. */
static inline bool is_same(const json_t *json, const char *value)
{
	char text[64];

	if (json_is_null(json))
		return !strcmp(value, "null");
	if (json_is_string(json))
		return !strcmp(value, json_string_value(json));
	if (json_is_integer(json)) {
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(json));
		return !strcmp(value, text);
	}
	if (json_is_real(json)) {
		double a = json_real_value(json), b = strtod(value, NULL);

		return a >= b && a <= b;
	}
	return false;
}

/* Every number that says where it is in the JSON report is that. Gives how many there are. */
static inline int assert_same_numbers(xmlXPathContextPtr context)
{
	char *text = show(output_json);
	json_error_t error;
	json_t *root = json_loads(text, 0, &error);
	xmlXPathObjectPtr nodes = eval(context, "//*[@data-key]");
	int i, nr = nodes->nodesetval ? nodes->nodesetval->nodeNr : 0;

	/* Numbers of 64 bits are more than the library holds. */
	if (!root)
		root = json_loads(text, JSON_DECODE_INT_AS_REAL, &error);
	assert_non_null(root);
	for (i = 0; i < nr; i++) {
		xmlNodePtr node = nodes->nodesetval->nodeTab[i];
		xmlChar *key = xmlGetProp(node, BAD_CAST "data-key");
		xmlChar *value = xmlGetProp(node, BAD_CAST "data-value");
		json_t *json = at(root, (const char *)key);

		if (!json || !value || !is_same(json, (const char *)value))
			fail_msg("%s: %s", key, value);
		xmlFree(key);
		xmlFree(value);
	}
	xmlXPathFreeObject(nodes);
	json_decref(root);
	free(text);
	return nr;
}

/* What is true of every page. */
static inline void assert_sound(xmlXPathContextPtr context)
{
	assert_number(context, "count(//h:h1)", 1);
	assert_number(context, "count(//h:script) + count(//h:link) + count(//h:img)", 0);
	assert_number(context, "count(//@src) + count(//@style) + count(//@onclick)", 0);
	assert_number(context, "count(//@href[not(starts-with(., '#'))])", 0);
	assert_number(context, "count(//@href[not(substring(., 2) = //@id)])", 0);
	assert_number(context, "count(//@id[. = ../preceding::*/@id])", 0);
	assert_number(context, "count(//@aria-labelledby[not(. = //@id)])", 0);
	assert_number(context, "count(//h:table[not(h:caption)])", 0);
	assert_number(context, "count(//h:th[not(@scope)])", 0);
	/* As many cells as heads. */
	assert_number(context,
		      "count(//h:table[h:thead]/h:tbody/h:tr[not(*/@colspan)]"
		      "[count(*) != count(../../h:thead/h:tr/*)])",
		      0);
}

/* Writes a report as a page, and as JSON beside it. */
static inline void put_files(const char *dir, const char *name)
{
	static const struct {
		const char *ending;
		write_fn write;
	} kinds[] = { { "html", output_html }, { "json", output_json } };
	char path[128];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s.%s", dir, name, kinds[i].ending);
		f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(kinds[i].write(page_of, &opts, f), 0);
		assert_int_equal(fclose(f), 0);
	}
}

#endif /* TESTS_HTML_PAGE_H */
