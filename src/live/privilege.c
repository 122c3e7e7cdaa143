// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap) (1ULL << (cap))

/* A capability set as one word; the system call has it in two halves. */
struct caps {
	uint64_t effective, permitted, inheritable;
};

static int caps_get(struct caps *caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	caps->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	caps->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	caps->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

static int caps_set(const struct caps *caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ caps->effective, caps->permitted, caps->inheritable },
		{ caps->effective >> 32, caps->permitted >> 32, caps->inheritable >> 32 },
	};

	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

bool privilege_enough(void)
{
	struct caps caps;

	if (caps_get(&caps))
		return false;
	if (caps.effective & BIT(CAP_SYS_ADMIN))
		return true;
	/* Where iommufd is a module, finding its BTF wants CAP_SYS_ADMIN too: the load will tell. */
	return caps.effective & BIT(CAP_BPF) && caps.effective & BIT(CAP_PERFMON);
}

bool privilege_all(void)
{
	struct caps caps;

	return !caps_get(&caps) && caps.effective & BIT(CAP_SYS_ADMIN);
}

/* Becomes who started us, for good. */
static int become_invoker(void)
{
	/* All three ids: one that is saved could be taken back. */
	if (setresgid(getgid(), getgid(), getgid()) || setresuid(getuid(), getuid(), getuid()))
		return -errno;
	return 0;
}

/* Gives up all capabilities; of root, if root started us, all but @keep. */
static int drop_to(uint64_t keep)
{
	struct caps caps;
	int err = become_invoker();

	if (!err)
		err = caps_get(&caps);
	if (err)
		return err;
	/* Capabilities of the file are not the invoking user's: those go altogether. */
	caps.permitted &= getuid() == 0 ? keep : 0;
	caps.effective = caps.permitted;
	caps.inheritable = 0;
	return caps_set(&caps);
}

int privilege_drop(void)
{
	return drop_to(BIT(CAP_DAC_OVERRIDE) | BIT(CAP_KILL));
}

int privilege_drop_all(void)
{
	/* What file to open is root's to say, whoever owns it. */
	int err = drop_to(BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH));

	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = -errno;
	return err;
}

int privilege_lower(void)
{
	struct caps caps;
	int err;

	if (setegid(getgid()) || seteuid(getuid()))
		return -errno;
	if (getuid() == 0)
		return 0;
	err = caps_get(&caps);
	if (err || !caps.effective)
		return err;
	caps.effective = 0;
	return caps_set(&caps);
}

int privilege_raise(void)
{
	uid_t uid, euid, saved_uid;
	gid_t gid, egid, saved_gid;
	struct caps caps;
	int err;

	if (getresuid(&uid, &euid, &saved_uid) || getresgid(&gid, &egid, &saved_gid) ||
	    seteuid(saved_uid) || setegid(saved_gid))
		return -errno;
	err = caps_get(&caps);
	if (err || caps.effective == caps.permitted)
		return err;
	caps.effective = caps.permitted;
	return caps_set(&caps);
}

int privilege_invoker(void)
{
	struct caps none = { 0 };

	int err = become_invoker();

	if (err)
		return err;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	/* For root an exec gives them back, as it should: root ran us. */
	if (getuid() != 0)
		return caps_set(&none);
	return 0;
}

const char *privilege_lockdown(void)
{
	char line[128] = "";
	FILE *f = fopen("/sys/kernel/security/lockdown", "re");

	if (!f)
		return NULL;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	if (strstr(line, "[confidentiality]"))
		return "confidentiality";
	if (strstr(line, "[integrity]"))
		return "integrity";
	return NULL;
}
