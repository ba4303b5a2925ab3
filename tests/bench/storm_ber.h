/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_ber.h
 * @brief BER written from the end of a buffer towards its front, so that every length is known when it is needed.
 *
 * Memory: the caller's buffer. When it is too small `is_failed` goes up, the rest is swallowed and the caller looks
 *         once, at the end. No locks; one thread a buffer.
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
    size_t pos; /* what is written stands in buf[pos..cap) */
    bool is_failed;
};

void storm_ber_init(struct storm_ber *b, uint8_t *buf, size_t cap);
void storm_ber_raw(struct storm_ber *b, const void *bytes, size_t len);
/** @brief Put tag and length before what was written since pos was @p mark. */
void storm_ber_wrap(struct storm_ber *b, uint8_t tag, size_t mark);
/** @brief A whole number of any of SNMP's types; the unsigned ones take values up to 2^32-1. */
void storm_ber_int(struct storm_ber *b, uint8_t tag, int64_t value);
void storm_ber_octets(struct storm_ber *b, uint8_t tag, const void *bytes, size_t len);
void storm_ber_oid(struct storm_ber *b, const uint32_t *subid, size_t len);

/** @brief Read dotted decimal, with or without a leading dot. @returns 0, or -1 when it is no OID. */
int storm_oid_parse(struct storm_oid *oid, const char *text);

/* Reading: a window that shrinks as elements are taken. Bounds are checked; the peer is not trusted. */
struct storm_view {
    const uint8_t *at;
    size_t len;
};

/** @brief Take the next element, whose tag goes to @p tag. @returns 0, or -1 when it is cut short. */
int storm_view_take(struct storm_view *v, uint8_t *tag, struct storm_view *content);
/** @brief Take an element that must have this tag. @returns 0 or -1 */
int storm_view_expect(struct storm_view *v, uint8_t tag, struct storm_view *content);
/** @brief Take an INTEGER of up to 32 bits. @returns 0 or -1 */
int storm_view_int(struct storm_view *v, int32_t *value);

#endif /* STORM_BER_H */
