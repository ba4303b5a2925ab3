/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_ber.h
 * @brief Write BER from the end of a buffer to its front, so that each length is known when it is needed; read BER.
 *
 * Memory: the caller's buffer. If it is too small, `is_failed` is set and the rest is not written; the caller checks
 *         it once, at the end. No locks; one thread per buffer.
 */
#ifndef STORM_BER_H
#define STORM_BER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STORM_INTEGER = 0x02,
    STORM_OCTETS = 0x04,
    STORM_OID = 0x06,
    STORM_SEQUENCE = 0x30,
    STORM_IPADDRESS = 0x40,
    STORM_GAUGE = 0x42,
    STORM_TIMETICKS = 0x43,
    STORM_GET = 0xa0,
    STORM_RESPONSE = 0xa2,
    STORM_TRAP1 = 0xa4,
    STORM_INFORM = 0xa6,
    STORM_TRAP2 = 0xa7,
    STORM_REPORT = 0xa8
};

#define STORM_OID_MAX 128 /* sub-identifiers, as in SNMP */

struct storm_oid {
    uint32_t subid[STORM_OID_MAX];
    size_t len;
};

struct storm_ber {
    uint8_t *buf;
    size_t cap;
    size_t pos; /* buf[pos..cap) is written */
    bool is_failed;
};

void storm_ber_init(struct storm_ber *b, uint8_t *buf, size_t cap);
void storm_ber_raw(struct storm_ber *b, const void *bytes, size_t len);
/** @brief Write tag and length before the content that was written since pos was @p mark. */
void storm_ber_wrap(struct storm_ber *b, uint8_t tag, size_t mark);
/** @brief Write a number of one of SNMP's integer types; unsigned types have values up to 2^32-1. */
void storm_ber_int(struct storm_ber *b, uint8_t tag, int64_t value);
void storm_ber_octets(struct storm_ber *b, uint8_t tag, const void *bytes, size_t len);
void storm_ber_oid(struct storm_ber *b, const uint32_t *subid, size_t len);

/** @brief Read dotted decimal, with or without a leading dot. @returns 0, or -1 if it is not an OID. */
int storm_oid_parse(struct storm_oid *oid, const char *text);

/* Reading: the rest of the input shrinks as elements are taken. Bounds are checked: the peer is not trusted. */
struct storm_view {
    const uint8_t *at;
    size_t len;
};

/** @brief Take the next element, whose tag goes to @p tag. @returns 0, or -1 if it is truncated. */
int storm_view_take(struct storm_view *v, uint8_t *tag, struct storm_view *content);
/** @brief Take an element that must have this tag. @returns 0 or -1 */
int storm_view_expect(struct storm_view *v, uint8_t tag, struct storm_view *content);
/** @brief Take an INTEGER of up to 32 bits. @returns 0 or -1 */
int storm_view_int(struct storm_view *v, int32_t *value);

#endif /* STORM_BER_H */
