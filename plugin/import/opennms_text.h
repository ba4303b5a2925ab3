/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opennms_text.h
 * @brief Texts of an event of OpenNMS: what stands between two % becomes a reference of a rule.
 */
#ifndef TK_OPENNMS_TEXT_H
#define TK_OPENNMS_TEXT_H

#include "import/import_text.h"

/** What a text may refer to. */
struct tk_opennms_event {
    const char *uei, *label, *severity; /* as the event has them */
    const struct tk_import_trap *trap;
};

/**
 * @brief Read a text for people. Tags of HTML are left out; so is what a summary can't have, which is told with what to
 *        use instead.
 * @param ret_is_list  true: it is nothing but %parm[all]%, which is the summary of an event without one; @p t is empty
 * @locality any  @locks none
 */
void tk_opennms_text(struct tk_import *im, unsigned line, const char *text, const struct tk_opennms_event *e,
                     struct tk_import_text *t, bool *ret_is_list);

/**
 * @brief Read a reduction-key or clear-key: its parts, which ":" separates, become the parts of a key of ours. Parts that
 *        name the device come first, as {device}; those that name OpenNMS's own parts (%dpname%) are left out.
 * @returns false: a key can't have one of its parts; that is told
 * @locality any  @locks none
 */
bool tk_opennms_key(struct tk_import *im, unsigned line, const char *text, const struct tk_opennms_event *e,
                    struct tk_import_text *t);

#endif /* TK_OPENNMS_TEXT_H */
