// SPDX-License-Identifier: GPL-2.0-only
/* Acts about answers: stray, duplicate, late, bad, masked. */
#include <errno.h>
#include <string.h>

#include "acts.h"
#include "clock.h"

#define RECORD ((ssize_t)sizeof(struct uapi_response))

/* Above any cookie that can be in use */
#define STRAY_COOKIE 0x7fff0000U

static struct uapi_response right_answer(const struct answer *a)
{
	return (struct uapi_response){ a->cookie, a->code };
}

int act_stray(struct scene *s)
{
	struct uapi_response resp = { STRAY_COOKIE + (uint32_t)(s->number & 0xffff), RESP_SUCCESS };

	scene_expect(s, "write", scene_write(s, "write", &resp, sizeof(resp)), -EINVAL);
	return 0;
}

/* The error is not looked at: once more, and once more */
int act_stray_loop(struct scene *s)
{
	struct uapi_response resp = { STRAY_COOKIE, RESP_SUCCESS };

	for (int i = 0; i < 12; i++) {
		clock_sleep_until(clock_now() + 15 * NSEC_PER_MSEC);
		scene_expect(s, "write", scene_write(s, "write", &resp, sizeof(resp)), -EINVAL);
	}
	return 0;
}

/*
 * A cookie of 0 is refused; but the kernel has marked it as free, and gives it out. (Not while no group waits
 * for its answer: then there is no tree to mark it in.)
 */
int act_cookie_zero(struct scene *s)
{
	struct uapi_response resp = { 0, RESP_SUCCESS };
	struct answer a[3];
	bool given;

	atomic_store(&s->l->sh->zero_written, 1);
	if (scene_take(s, a, 1))
		return -EIO;
	if (a[0].cookie) /* else an act before this one has done it */
		scene_expect(s, "write", scene_write(s, "write", &resp, sizeof(resp)), -EINVAL);
	if (scene_take(s, a + 1, 2))
		return -EIO;
	given = !a[0].cookie || !a[1].cookie || !a[2].cookie;
	load_outcome(s->l, s->kind, "given", given);
	scene_answer(s, a, 3);
	return given ? 0 : -EOPNOTSUPP;
}

int act_duplicate(struct scene *s)
{
	struct uapi_response resp;
	struct answer a;

	if (scene_take(s, &a, 1))
		return -EIO;
	resp = right_answer(&a);
	scene_answer(s, &a, 1);
	scene_expect(s, "write", scene_write(s, "write", &resp, sizeof(resp)), -EINVAL);
	return 0;
}

/* Write @resp, which the kernel takes for the answer to @a */
static void write_for(struct scene *s, const char *call, const struct uapi_response *resp,
		      struct answer *a)
{
	uint64_t before = clock_now();
	ssize_t ret = scene_write(s, call, resp, sizeof(*resp));

	scene_expect(s, call, ret, RECORD);
	if (ret == RECORD)
		answer_taken(s->l, a, before, clock_now());
	else
		scene_keep(s, a, 1);
}

int act_late_duplicate(struct scene *s)
{
	struct uapi_response resp;
	struct answer first, second;

	if (scene_take(s, &first, 1))
		return -EIO;
	resp = right_answer(&first);
	scene_answer(s, &first, 1);
	if (scene_take(s, &second, 1))
		return -EIO;
	if (second.cookie != resp.cookie) {
		/* A kernel that does not give cookies again at once is immune */
		scene_answer(s, &second, 1);
		return -EOPNOTSUPP;
	}
	write_for(s, "write-late", &resp, &second);
	resp = right_answer(&second);
	scene_expect(s, "write", scene_write(s, "write", &resp, sizeof(resp)), -EINVAL);
	return 0;
}

int act_bad_code(struct scene *s)
{
	/* 15 is the FAILURE of the kernel's own answers */
	static const uint32_t codes[] = { 2, 15, 0xffffffff };
	struct uapi_response resp;
	struct answer a;

	if (scene_take(s, &a, 1))
		return -EIO;
	resp = right_answer(&a);
	resp.code = codes[s->number % 3];
	scene_expect(s, "write", scene_write(s, "write", &resp, sizeof(resp)), -EINVAL);
	scene_answer(s, &a, 1);
	return 0;
}

int act_predict(struct scene *s)
{
	struct uapi_response guess;
	struct answer a;

	if (scene_take(s, &a, 1))
		return -EIO;
	guess = right_answer(&a);
	scene_answer(s, &a, 1);
	if (scene_report(s) < 0)
		return -EIO;
	scene_expect(s, "write", scene_write(s, "write", &guess, sizeof(guess)), -EINVAL);
	if (scene_read_groups(s, &a, 1))
		return -EIO;
	load_outcome(s->l, s->kind, "right-guess", a.cookie == guess.cookie);
	scene_answer(s, &a, 1);
	return 0;
}

int act_masked(struct scene *s)
{
	struct answer a[3];
	struct uapi_response resp[4];
	uint64_t before;
	ssize_t ret;

	if (scene_take(s, a, 3))
		return -EIO;
	resp[0] = right_answer(&a[0]);
	resp[1] = (struct uapi_response){ STRAY_COOKIE, RESP_SUCCESS };
	resp[2] = right_answer(&a[1]);
	resp[3] = right_answer(&a[2]);
	before = clock_now();
	ret = scene_write(s, "write", resp, sizeof(resp));
	scene_expect(s, "write", ret, RECORD);
	if (ret == RECORD)
		answer_taken(s->l, &a[0], before, clock_now());
	else
		scene_keep(s, a, 1);
	if (s->kind == KIND_MASKED_RETRY)
		scene_answer(s, &a[1], 2);
	else
		scene_keep(s, &a[1], 2);
	return 0;
}

int act_short_write(struct scene *s)
{
	struct uapi_response resp[2];
	struct answer a;
	ssize_t ret;

	if (scene_take(s, &a, 1))
		return -EIO;
	resp[0] = right_answer(&a);
	resp[1] = resp[0];
	ret = scene_write(s, "write", resp, sizeof(resp[0]) + 4);
	scene_expect(s, "write", ret, -ESPIPE);
	scene_answer(s, &a, 1);
	return 0;
}

int act_efault_write(struct scene *s)
{
	struct answer a;
	ssize_t ret;

	if (scene_take(s, &a, 1))
		return -EIO;
	ret = scene_write(s, "write", scene_edge(s, 0), sizeof(struct uapi_response));
	scene_expect(s, "write", ret, -EFAULT);
	scene_answer(s, &a, 1);
	return 0;
}

int act_efault_write_part(struct scene *s)
{
	struct uapi_response *resp = (void *)scene_edge(s, 2 * RECORD);
	struct answer a[3];
	uint64_t before;
	ssize_t ret;

	if (scene_take(s, a, 3))
		return -EIO;
	resp[0] = right_answer(&a[0]);
	resp[1] = right_answer(&a[1]);
	before = clock_now();
	ret = scene_write(s, "write", resp, 3 * RECORD);
	scene_expect(s, "write", ret, 2 * RECORD);
	if (ret != 2 * RECORD) {
		scene_keep(s, a, 3);
		return 0;
	}
	answer_taken(s->l, &a[0], before, clock_now());
	answer_taken(s->l, &a[1], before, clock_now());
	if (s->kind == KIND_MASKED_EFAULT)
		scene_keep(s, &a[2], 1);
	else
		scene_answer(s, &a[2], 1);
	return 0;
}
