/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file instance.h
 * @brief The sub-identifiers behind a column's OID, as the values of its row's indexes (RFC 2578, 7.7).
 *
 * Owner: any thread; no state, no locks, no allocation.
 */
#ifndef TK_INSTANCE_H
#define TK_INSTANCE_H

#include "dictionary/dictionary_object.h"

/** One index value of an instance: a view into the caller's suffix, without a length prefix. */
struct tk_dict_value {
    struct tk_dict_index index;
    const uint32_t *subid; /* integers: one; octets and IpAddress: one each, all <= 255; OIDs: themselves */
    size_t len;
};

/**
 * @brief Decode an instance suffix by the indexes of a column's row (RFC 2578, 7.7). Reads at most @p len.
 * @param o       a column (or row)
 * @param suffix  the sub-identifiers after the object's OID; the values point into it
 * @param ret_values  room for TK_DICT_MAX_INDEXES
 * @returns how many values, > 0; or -EINVAL: the suffix does not fit (wrong length, an octet over 255, an unknown
 *          index), so the caller publishes it as plain integers
 * @locality any  @locks none
 */
int tk_dict_decode_instance(const struct tk_dict *d, const struct tk_dict_object *o, const uint32_t *suffix, size_t len,
                            struct tk_dict_value *ret_values);

#endif /* TK_INSTANCE_H */
