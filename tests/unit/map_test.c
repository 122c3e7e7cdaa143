// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The core's map against a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define IOPF_CORE_PRIVATE
#include "../../src/core/map.h"

#define KEYS 512

static void test_against_an_array(void **state)
{
	static uint32_t truth[KEYS];
	struct map m = { 0 };
	uint64_t r = 88172645463325252ULL, used = 0;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		uint32_t n;
		uint64_t key;

		r ^= r << 13;
		r ^= r >> 7;
		r ^= r << 17;
		n = (uint32_t)(r >> 20) % KEYS;
		/* Mostly full, then mostly empty; keys that differ in their upper bits only. */
		key = (uint64_t)n << 52 | n << 6;
		if ((r >> 60) > (i / 100000 % 2 ? 12 : 3)) {
			assert_int_equal(map_set(&m, key, (uint32_t)i + 1), 0);
			used += !truth[n];
			truth[n] = (uint32_t)i + 1;
		} else {
			map_remove(&m, key);
			used -= truth[n] != 0;
			truth[n] = 0;
		}
		n = (uint32_t)(r >> 40) % KEYS;
		assert_int_equal(map_get(&m, (uint64_t)n << 52 | n << 6), truth[n]);
		assert_int_equal(m.used, used);
	}
	for (uint32_t n = 0; n < KEYS; n++)
		assert_int_equal(map_get(&m, (uint64_t)n << 52 | n << 6), truth[n]);
	map_free(&m);
}

static void test_empty(void **state)
{
	struct map m = { 0 };

	(void)state;
	assert_int_equal(map_get(&m, 0), 0);
	map_remove(&m, 0);
	assert_int_equal(map_set(&m, 0, 7), 0); /* 0 is a key like any other */
	assert_int_equal(map_get(&m, 0), 7);
	map_free(&m);
	assert_int_equal(map_get(&m, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_an_array),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
