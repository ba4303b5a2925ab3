/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file oid.h
 * @brief Convert object identifiers between sub-identifiers, BER (X.690, 8.19) and dotted decimal.
 *
 * The BER form here is contents octets only: no tag, no length. Equal OIDs have equal bytes. An OID has at most 128
 * sub-identifiers of at most 2^32-1 each (RFC 2578, 3.5), so it takes at most 640 bytes. Nothing here allocates.
 */
#ifndef TK_OID_H
#define TK_OID_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define TK_OID_MAX_SUBIDS 128
#define TK_OID_MAX_BER    (TK_OID_MAX_SUBIDS * 5)
#define TK_OID_MAX_TEXT   (TK_OID_MAX_SUBIDS * 11 + 1)

struct tk_oid {
    size_t len;
    uint32_t subid[TK_OID_MAX_SUBIDS];
};

/**
 * @brief Decode BER contents.
 * @retval 0        done
 * @retval -EINVAL  truncated, a sub-identifier over 2^32-1, or more than 128 of them; @p ret_oid is unspecified
 * @locality any  @locks none
 */
int tk_oid_decode(struct tk_oid *ret_oid, const uint8_t *ber, size_t ber_len);

/**
 * @brief Encode into at most @p dst_bytes (TK_OID_MAX_BER is always enough).
 * @returns bytes written, or -EINVAL (too long, or first sub-identifiers that BER cannot encode) or -ENOSPC
 * @locality any  @locks none
 */
int tk_oid_encode(uint8_t *dst, size_t dst_bytes, const uint32_t *subid, size_t len);

/**
 * @brief Read "1.3.6.1" or ".1.3.6.1".
 * @retval 0 / -EINVAL
 * @locality any  @locks none
 */
int tk_oid_parse(struct tk_oid *ret_oid, const char *text);

/** @brief Write dotted decimal: tk_format_dotted(); TK_OID_MAX_TEXT is always enough. @locality any @locks none */
static inline size_t tk_oid_format(char *dst, size_t dst_bytes, const uint32_t *subid, size_t len)
{
    return tk_format_dotted(dst, dst_bytes, subid, len);
}

#endif /* TK_OID_H */
