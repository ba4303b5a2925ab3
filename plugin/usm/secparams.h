/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file secparams.h
 * @brief UsmSecurityParameters (RFC 3414 section 2.4) of a message that nobody has verified yet, read with bounds.
 *
 * Reads what net-snmp reads, and nothing that it would not: what is refused here, net-snmp's parser refuses too (a
 * fuzzer holds the two against each other), so that a message which gets past this one has no other meaning there.
 * But for
 * two things that it takes and that nothing honest sends: engine IDs of 33 to 64 octets, and users with NUL bytes.
 * Nothing is copied, nothing allocated.
 */
#ifndef TK_SECPARAMS_H
#define TK_SECPARAMS_H

#include <stddef.h>
#include <stdint.h>

struct tk_secparams {
    const uint8_t *engine; /* views into the message */
    const uint8_t *user;
    const uint8_t *digest;                              /* msgAuthenticationParameters */
    const uint8_t *salt;                                /* msgPrivacyParameters */
    uint8_t engine_len, user_len, digest_len, salt_len; /* at most 32, 32, 48, 16 */
    uint32_t boots, time;                               /* 0..2^31-1 */
};

/**
 * @brief Read them.
 * @param at   where msgSecurityParameters' OCTET STRING begins
 * @param len  bytes from there to the end of the message
 * @retval 0         @p ret_params is filled
 * @retval -EBADMSG  not such parameters, or a field beyond its bounds
 * @locality any  @locks none
 */
int tk_secparams_read(struct tk_secparams *ret_params, const uint8_t *at, size_t len);

#endif /* TK_SECPARAMS_H */
