/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file notification.h
 * @brief Which notification a trap OID means, whatever form of its OID the sender chose.
 *
 * The same notification has several OIDs on the wire:
 * - SNMPv1 has ENTERPRISE and a specific trap, which are ENTERPRISE.0.SPECIFIC as an OID (RFC 3584, 3.1); older
 *   SMIv2 modules define ENTERPRISE.SPECIFIC, without the 0, and devices send either form in any version;
 * - some devices append a ".0", as if the notification were a scalar.
 *
 * Events and rules both call tk_dict_find_notification(), so that names and rules agree on what a trap OID means.
 *
 * Owner: any thread; no state, no locks, no allocation.
 */
#ifndef TK_NOTIFICATION_H
#define TK_NOTIFICATION_H

#include "dictionary/dictionary.h"

/**
 * @brief Find the notification that a trap OID means.
 *
 * An OID that the dictionary has as it stands is never taken for another form. If it knows no form, @p ret_known is a
 * form that all of them share: without a 0 before the last sub-identifier, and without an appended 0. ENTERPRISE.0.0 is
 * the specific trap 0, so its last 0 was not appended.
 * @param len        at most TK_OID_MAX_SUBIDS
 * @param ret_known  the OID by which rules know the notification
 * @returns the notification; else the object that has exactly this OID; else NULL
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_find_notification(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                                       struct tk_oid *ret_known);

/** The forms of a trap OID, in the order in which the dictionary is asked for them. Begin: its OID, all else 0. */
struct tk_notification_forms {
    const uint32_t *subid; /* borrowed */
    size_t len;
    int appended, step; /* zeros that were taken off its end, and where in the order */
};

/** @brief The next form: first the OID itself, then the nearest. At most 21. @returns false: there are no more
 *  @locality any @locks none */
bool tk_notification_next_form(struct tk_notification_forms *f, struct tk_oid *ret_form);

#endif /* TK_NOTIFICATION_H */
