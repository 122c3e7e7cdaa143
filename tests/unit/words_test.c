// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What findings say where the same rule has more than one thing to say. */
#include "rules.h"

/* A cookie that the kernel has answered, and nobody since. */
static void late_is_late(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1);
	const struct iopf_case *c;

	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_kernel(h, &g, 220, IOPF_CTX_AUTO);
	r_refused(h, 250, 1, 0);
	c = r_found(h_finish(h), 3, IOPF_SEVERITY_NOTE, 1);
	assert_string_equal(c->text, "the answer for cookie 1 came late: the kernel had answered");
}

/* The same cookie again, which user space has answered before the answer that nobody wants. */
static void late_or_one_too_many(void **state)
{
	struct history *h = *state;
	struct h_group g = h_group(1), next = h_group(2);
	const struct iopf_case *c;

	next.cookie = 1;
	r_alloc(h, H_OBJECT, 10);
	r_queue(h, &g, 100);
	h_read(h, &g, 150, 200);
	r_kernel(h, &g, 220, IOPF_CTX_AUTO);
	r_life(h, &next, 300);
	r_refused(h, 400, 1, 0);
	c = r_found(h_finish(h), 3, IOPF_SEVERITY_NOTE, 1);
	assert_string_equal(c->text, "the answer for cookie 1 is one too many, unless it came late "
				     "for an earlier group that the kernel answered");
	assert_string_equal(c->step[0].text, "cookie 1 is answered by user");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		R_TEST(late_is_late),
		R_TEST(late_or_one_too_many),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
