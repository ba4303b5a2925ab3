/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opennms_mask.h
 * @brief The mask of an event of OpenNMS: for which notifications of which senders it is.
 */
#ifndef TK_OPENNMS_MASK_H
#define TK_OPENNMS_MASK_H

#include <netinet/in.h>

#include "import/import_case.h"
#include "import/import_xml.h"

/** All zeros: nothing. */
struct tk_opennms_mask {
    unsigned trap_count; /* each becomes a rule */
    struct tk_import_trap traps[TK_IMPORT_CASES];
    json_t *sources;                /* prefixes; NULL: any */
    char address[INET6_ADDRSTRLEN]; /* one that is in them */
};

/** @brief Free. @locality any @locks none */
void tk_opennms_mask_done(struct tk_opennms_mask *m);

/**
 * @brief Read the elements id, generic, specific, snmphost and interface.
 * @param mask  NULL: the event has none
 * @param name  what to call a notification that no dictionary knows
 * @returns false: rules can't say it; that is told
 * @locality any  @locks none
 */
bool tk_opennms_mask_read(struct tk_import *im, unsigned line, const xmlNode *mask, const char *name,
                          struct tk_opennms_mask *ret);

#endif /* TK_OPENNMS_MASK_H */
