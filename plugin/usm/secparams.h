/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file secparams.h
 * @brief Read the UsmSecurityParameters (RFC 3414 section 2.4) of a message before its digest is verified.
 *
 * The result is the same as that of net-snmp's parser, so that a message can't mean one thing here and another there;
 * a fuzz target compares the two. What is refused here, net-snmp refuses too, with two exceptions that no correct
 * sender uses: engine IDs of 33 to 64 octets, and user names with NUL bytes.
 * Nothing is copied or allocated.
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
    const uint8_t *end;                                 /* of the parameters: what follows is the scoped PDU */
};

/**
 * @brief Read the parameters.
 * @param at   where msgSecurityParameters' OCTET STRING begins
 * @param len  bytes from there to the end of the message
 * @retval 0         @p ret_params is filled
 * @retval -EBADMSG  malformed, or a field is too long
 * @locality any  @locks none
 */
int tk_secparams_read(struct tk_secparams *ret_params, const uint8_t *at, size_t len);

#endif /* TK_SECPARAMS_H */
