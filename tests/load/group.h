/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ground truth of one page request group. Groups are numbered in the order
 * in which they are begun; the number is part of the faulting address, so that
 * a fault record leads straight back to its group. So is the page: the one that
 * is reported and delivered last is page 0, those before it are 1, 2 and so on.
 */
#ifndef LOAD_GROUP_H
#define LOAD_GROUP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define GROUP_ADDR_BASE 0x1000000000ULL
#define GROUP_PAGE 4096ULL

/* Above any group's number: where the page is in an address */
#define GROUP_PAGE_SHIFT 40
#define GROUP_PAGES_MAX 1000

/* Requests that can make no group, and those without an end, have addresses of their own */
#define REFUSED_ADDR_BASE 0x8000000000000ULL
#define PARKED_ADDR_BASE 0x9000000000000ULL

enum group_role {
	ROLE_SUCCESS,
	ROLE_INVALID,
	ROLE_KEEP, /* read, never answered */
	ROLE_ACT, /* belongs to a misbehaviour */
};

/* What has happened to a group */
#define GROUP_TRIGGERED (1U << 0)
#define GROUP_FAILED (1U << 1) /* the report failed: there is no group */
#define GROUP_DELIVERED (1U << 2)
#define GROUP_ANSWERED (1U << 3) /* the kernel took an answer of ours */
#define GROUP_KEPT (1U << 4) /* we shall not answer it */
#define GROUP_RETIRING (1U << 5) /* its domain is being detached: keep off */
#define GROUP_KERNEL (1U << 6) /* the kernel must have answered it */
#define GROUP_DONE (GROUP_ANSWERED | GROUP_KEPT | GROUP_KERNEL)

/* Times are CLOCK_MONOTONIC in ns, 0 = did not happen */
struct group {
	uint64_t t_trigger; /* before the ioctl that reports its last page */
	uint64_t t_queued; /* after it */
	uint64_t t_call; /* before the read that returned it */
	uint64_t t_read; /* after the read that returned it */
	uint64_t t_write; /* before the write of its answer */
	uint64_t t_done; /* after it */
	uint32_t dev; /* index into the devices of the run */
	uint32_t dev_id;
	uint32_t obj; /* index into the fault objects of the run */
	uint32_t pasid;
	uint32_t grpid;
	uint32_t cookie;
	uint32_t role; /* enum group_role */
	uint32_t code; /* response code accepted */
	_Atomic uint32_t flags;
	uint32_t perm; /* of the last page */
	uint32_t pages;
};

static inline uint64_t group_addr(uint64_t seq)
{
	return GROUP_ADDR_BASE + seq * GROUP_PAGE;
}

static inline uint64_t group_page_addr(uint64_t seq, uint32_t page)
{
	return group_addr(seq) | (uint64_t)page << GROUP_PAGE_SHIFT;
}

/* Permissions differ from page to page: read, write, both */
static inline uint32_t group_page_perm(const struct group *g, uint32_t page)
{
	return 1 + (g->perm - 1 + page) % 3;
}

#endif
