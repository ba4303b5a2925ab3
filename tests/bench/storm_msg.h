/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file storm_msg.h
 * @brief Whole SNMP messages: the notifications of a storm, and the probe that finds out an INFORM receiver's engine.
 */
#ifndef STORM_MSG_H
#define STORM_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storm_ber.h"
#include "storm_usm.h"

enum storm_version { STORM_V1 = 0, STORM_V2C = 1, STORM_V3 = 3 }; /* as on the wire */

/** What is invented in each message of its own; the digest is wrong in all of them. */
enum storm_forge { STORM_GENUINE, STORM_FORGE_ENGINES, STORM_FORGE_USERS, STORM_FORGE_DIGEST };

/** What all messages of a storm have in common. */
struct storm_shape {
    enum storm_version version;
    bool is_inform;
    bool is_distinct; /* otherwise sequence, interface and uptime stay those of the first */
    const char *community;
    struct storm_oid trap;
    unsigned varbinds;   /* beside sysUpTime and snmpTrapOID; the last one is the sequence */
    unsigned interfaces; /* ifIndex runs from 1 to this */
    uint64_t first;      /* sequence of the first message */
    double rate;         /* planned messages a second, for uptime and engine time; 0: all at once */
    uint32_t uptime_cs;  /* sysUpTime at the first message */
    uint32_t boots;
    uint32_t engine_time; /* seconds, at the first message */
    unsigned sources;     /* v1's agent address is 127.0.0.1 plus (sequence % sources) */
    struct storm_user user;
    struct storm_engine *engines; /* v3: used in turn */
    size_t engines_len;
    enum storm_forge forge; /* v3 */
    uint64_t seed;          /* what is forged follows from it and the running number */
};

/** @brief An upper bound of one message's size in bytes. */
size_t storm_msg_size_max(const struct storm_shape *shape);

/**
 * @brief Encode the notification with this sequence at the end of @p buf.
 * Its request id (and v3's msgID) is the sequence's low 31 bits.
 * @returns the length, or 0 when the buffer is too small or OpenSSL failed.
 */
size_t storm_msg_encode(const struct storm_shape *shape, uint64_t sequence, uint8_t *buf, size_t cap);

/** @brief Encode the empty v3 request whose report tells the receiver's engine. @returns as above */
size_t storm_msg_probe(uint8_t *buf, size_t cap);

/** @brief Take engine ID, boots and time out of a v3 message. @returns 0, or -1 when it is none */
int storm_msg_read_engine(const uint8_t *bytes, size_t len, uint8_t id[STORM_ENGINE_ID_MAX], size_t *id_len,
                          uint32_t *boots, uint32_t *engine_time);

/**
 * @brief Is this an answer (not a report) to an INFORM of this shape? An encrypted one is believed by its flags.
 * @returns 0 with its id, or -1
 */
int storm_msg_read_answer(const struct storm_shape *shape, const uint8_t *bytes, size_t len, int32_t *id);

#endif /* STORM_MSG_H */
