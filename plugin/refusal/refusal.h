/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file refusal.h
 * @brief A refusal: what is known about one packet that USM, VACM or net-snmp's parser refused. It has no secret.
 *
 * Plain data without pointers, filled by snmptrapd's thread. User and engine ID come from the network and may be any
 * bytes.
 */
#ifndef TK_REFUSAL_H
#define TK_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "snmp/engine_id.h"
#include "snmp/peer.h"
#include "refusal/reasons.h"

/** What is known in addition to the reason; tk_refusal_detail() and tk_remedy() make text of it. */
enum tk_hint {
    TK_HINT_NONE,
    TK_HINT_NO_MASTER_KEY,  /* unknown_engine: the user comes from the persistent file, or has a localized key */
    TK_HINT_NO_DISCOVERY,   /* unknown_engine: kafkaEngines off */
    TK_HINT_NOT_OUR_ENGINE, /* unknown_engine: an INFORM (or other request) to an engine ID that is not ours */
    TK_HINT_OTHER_PROTOCOL, /* wrong_digest: the digest has the length of another authentication protocol */
    TK_HINT_OTHER_ADDRESS,  /* not_in_time_window: the engine was accepted from another address: a clone? */
    TK_HINT_LOST_BOOTS,     /* not_in_time_window: same address, lower boots */
    TK_HINT_OLD_TIME,    /* not_in_time_window: same address and boots, over 150 s old: a replay, or clock set back */
    TK_HINT_STALE_CLOCK, /* not_in_time_window of our own engine: the sender uses old values of our boots and time */
    TK_HINT_NO_ACCESS_LINES, /* not_authorized, unknown_community: the configuration has no auth... line */
    TK_HINT_BAD_VERSION,     /* malformed: an SNMP version that net-snmp does not support */
};

struct tk_refusal {
    enum tk_reason reason;
    enum tk_hint hint;
    struct tk_peer peer;
    uint8_t version;        /* enum tk_snmp_version; 0: unknown */
    uint8_t security_level; /* enum tk_security_level; 0: unknown */
    uint8_t user_len, engine_len;
    uint8_t digest_len; /* octets of msgAuthenticationParameters: 12, 16, 24, 32 or 48, by the protocol */
    bool is_inform;     /* it expects a reply (reportableFlag) */
    bool is_own_engine;
    char user[TK_USER_BYTES]; /* v3 only: a community is a secret and is not kept */
    uint8_t engine[TK_ENGINE_BYTES];
    uint32_t boots, time;             /* as the packet says */
    uint32_t known_boots, known_time; /* not_in_time_window: as of the last accepted packet */
    char auth[16], priv[16];          /* the user's protocols, as in createUser ("SHA-256"); "": none, or unknown */
    struct tk_peer accepted_from;     /* TK_HINT_OTHER_ADDRESS */
};

#endif /* TK_REFUSAL_H */
