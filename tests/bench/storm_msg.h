/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_msg.h
 * @brief Encode SNMP messages: the notifications of a storm, and the probe that discovers a receiver's engine.
 */
#ifndef STORM_MSG_H
#define STORM_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storm_ber.h"
#include "storm_usm.h"

enum storm_version { STORM_V1 = 0, STORM_V2C = 1, STORM_V3 = 3 }; /* as on the wire */

/** What is forged, different in each message. The digest is wrong in all forged messages. */
enum storm_forge { STORM_GENUINE, STORM_FORGE_ENGINES, STORM_FORGE_USERS, STORM_FORGE_DIGEST };

/** What all messages of a storm have in common. */
struct storm_shape {
    enum storm_version version;
    bool is_inform;
    bool is_distinct; /* false: all messages have the sequence number, interface and uptime of the first */
    const char *community;
    struct storm_oid trap;
    unsigned varbinds;   /* without sysUpTime and snmpTrapOID; the last one is the sequence number */
    unsigned interfaces; /* ifIndex is 1 to this number */
    uint64_t first;      /* sequence number of the first message */
    double rate;         /* planned messages per second, for uptime and engine time; 0: all at once */
    uint32_t uptime_cs;  /* sysUpTime of the first message */
    uint32_t boots;
    uint32_t engine_time; /* of the first message, seconds */
    unsigned sources;     /* v1's agent address is 127.0.0.1 plus (sequence % sources) */
    struct storm_user user;
    struct storm_engine *engines; /* v3: used in turn */
    size_t engines_len;
    enum storm_forge forge; /* v3 */
    uint64_t seed;          /* forged values depend on it and on the message's number */
};

/** @brief An upper bound for the size of a message in bytes. */
size_t storm_msg_size_max(const struct storm_shape *shape);

/**
 * @brief Encode the notification with this sequence number at the end of @p buf.
 * Its request ID (and v3's msgID) is the low 31 bits of the sequence number.
 * @returns the length, or 0 if the buffer is too small or OpenSSL failed.
 */
size_t storm_msg_encode(const struct storm_shape *shape, uint64_t sequence, uint8_t *buf, size_t cap);

/** @brief Encode the empty v3 request to which the receiver replies with a report of its engine. @returns as above */
size_t storm_msg_probe(uint8_t *buf, size_t cap);

/** @brief Read engine ID, boots and time from a v3 message. @returns 0, or -1 if it is not one */
int storm_msg_read_engine(const uint8_t *bytes, size_t len, uint8_t id[STORM_ENGINE_ID_MAX], size_t *id_len,
                          uint32_t *boots, uint32_t *engine_time);

/**
 * @brief Is this a response (not a report) to an INFORM of this shape? If it is encrypted, its flags decide.
 * @returns 0 with its ID, or -1
 */
int storm_msg_read_answer(const struct storm_shape *shape, const uint8_t *bytes, size_t len, int32_t *id);

#endif /* STORM_MSG_H */
