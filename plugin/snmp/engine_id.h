/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file engine_id.h
 * @brief Read an SNMP engine ID (RFC 3411 section 5, SnmpEngineID): the vendor, and the address or text in it.
 */
#ifndef TK_ENGINE_ID_H
#define TK_ENGINE_ID_H

#include <stddef.h>
#include <stdint.h>

#define TK_ENGINE_BYTES 32 /* RFC 3411 section 5, SnmpEngineID */
#define TK_USER_BYTES   32 /* RFC 3414 section 2.4, msgUserName */

struct tk_engine_id {
    uint32_t enterprise; /* IANA private enterprise number; 0: too short to have one */
    const char *vendor;  /* the enterprise's name; NULL: not in our table */
    const char *format;  /* "ipv4", "ipv6", "mac", "text", "octets", "net-snmp", "enterprise" (the vendor's own),
                          * "fixed" (12 octets, from before SNMPv3) */
    char text[80];       /* the rest in ASCII: "192.0.2.7", "00:1b:21:a0:ff:02", "pe1.fra", or hex digits */
};

/** @brief Describe an engine ID of @p len (0..32) bytes, valid or not. @locality any @locks none */
void tk_engine_id_read(struct tk_engine_id *ret_id, const uint8_t *bytes, size_t len);

#endif /* TK_ENGINE_ID_H */
