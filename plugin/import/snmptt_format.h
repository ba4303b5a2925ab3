/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snmptt_format.h
 * @brief The FORMAT line of an EVENT of SNMPTT: its variables become references of a rule's summary.
 */
#ifndef TK_SNMPTT_FORMAT_H
#define TK_SNMPTT_FORMAT_H

#include "import/import_text.h"

/** What a FORMAT line's variables say about its EVENT. */
struct tk_snmptt_names {
    const char *event, *oid, *category, *severity; /* as the EVENT line has them */
};

/**
 * @brief Read a FORMAT line. Variables that a summary can't have are left out and told, each with what to use instead.
 * @param ret_is_list  true: it is nothing but $*, which is the summary of an event without one; @p t is empty then
 * @locality any  @locks none
 */
void tk_snmptt_format(struct tk_import *im, unsigned line, const char *format, const struct tk_snmptt_names *names,
                      const struct tk_import_trap *trap, struct tk_import_text *t, bool *ret_is_list);

#endif /* TK_SNMPTT_FORMAT_H */
