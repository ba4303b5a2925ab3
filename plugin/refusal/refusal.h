/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusal.h
 * @brief One packet that USM, VACM or net-snmp's parser refused: all that is known of it, and no secret.
 *
 * Plain data, filled by snmptrapd's thread; nothing in it is a pointer. What the network wrote into it (user,
 * engine) is any bytes.
 */
#ifndef TK_REFUSAL_H
#define TK_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "snmp/engine_id.h"
#include "snmp/peer.h"
#include "refusal/reasons.h"

/** What is known beyond the reason; tk_remedy() turns it into words. */
enum tk_hint {
    TK_HINT_NONE,
    TK_HINT_NO_MASTER_KEY,  /* unknown_engine: the user comes from the persistent file, or has a localized key */
    TK_HINT_NO_DISCOVERY,   /* unknown_engine: kafkaEngines off */
    TK_HINT_NOT_OUR_ENGINE, /* unknown_engine: it asks for an answer, so the engine should be ours: INFORM to another */
    TK_HINT_OTHER_PROTOCOL, /* wrong_digest: the digest's length belongs to another authentication protocol */
    TK_HINT_OTHER_ADDRESS,  /* not_in_time_window: the engine was accepted from another address: a clone? */
    TK_HINT_LOST_BOOTS,     /* not_in_time_window: same address, boots went back */
    TK_HINT_OLD_TIME,    /* not_in_time_window: same address and boots, over 150 s old: a replay, or clock set back */
    TK_HINT_STALE_CLOCK, /* not_in_time_window at our own engine: the sender has an old notion of our boots and time */
    TK_HINT_NO_ACCESS_LINES, /* not_authorized, unknown_community: no auth... line at all is in the configuration */
    TK_HINT_BAD_VERSION,     /* malformed: a version that net-snmp does not speak */
};

struct tk_refusal {
    enum tk_reason reason;
    enum tk_hint hint;
    struct tk_peer peer;
    uint8_t version;        /* enum tk_snmp_version; 0: unknown */
    uint8_t security_level; /* enum tk_security_level; 0: unknown */
    uint8_t user_len, engine_len;
    uint8_t digest_len; /* octets of msgAuthenticationParameters: 12, 16, 24, 32, 48 tell the protocol */
    bool is_inform;     /* it asks for an answer (reportableFlag) */
    bool is_own_engine;
    char user[TK_USER_BYTES]; /* v3 only: a community is a secret */
    uint8_t engine[TK_ENGINE_BYTES];
    uint32_t boots, time;             /* as the packet says */
    uint32_t known_boots, known_time; /* not_in_time_window: as of the last accepted packet */
    char auth[16], priv[16];          /* what the user has, as createUser writes it ("SHA-256"); "": unknown, none */
    struct tk_peer accepted_from;     /* TK_HINT_OTHER_ADDRESS */
};

#endif /* TK_REFUSAL_H */
