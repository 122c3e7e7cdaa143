/* SPDX-License-Identifier: GPL-2.0-only */
/* Fault objects and devices of a run: made before it, destroyed after it. */
#ifndef LOAD_SETUP_H
#define LOAD_SETUP_H

#include "load.h"

/* All that the options ask for. -errno, after a message on stderr */
int setup_all(struct load *l);

/* Destroy it again. What the kernel refuses is noted as unexpected */
void setup_undo(struct load *l);

/* A fault object; its index or -errno */
int setup_object(struct load *l);

/* A device that delivers to object @obj, PASIDs attached; its index or -errno */
int setup_device(struct load *l, uint32_t obj);

/* Attach or detach all the PASIDs that have a domain of their own. -errno */
int setup_pasids(struct load *l, struct dev *dev, bool attach);

/* Detach a device for good and destroy it. -errno */
int setup_detach(struct load *l, struct dev *dev);

/* Destroy its domains, once detached. -errno */
int setup_free_domains(struct load *l, struct dev *dev);

#endif
