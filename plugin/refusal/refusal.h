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

/** Room for any text of tk_refusal_detail(), and of tk_remedy(). */
#define TK_DETAIL_BYTES 256
#define TK_REMEDY_BYTES 640

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
    bool has_own_line;        /* the user has a createUser -e line for this engine */
    bool needs_quotes;        /* unknown_community: the community can't be written as one plain word */
    uint8_t needed_level;     /* TK_HINT_LOW_LEVEL */
    uint16_t context_len;     /* not_authorized, v3 */
    char user[TK_USER_BYTES]; /* v3 only: a community is a secret and is not kept */
    uint8_t engine[TK_ENGINE_BYTES];
    int32_t seen, most;               /* malformed: what the hint is about, and its bound (hints.def) */
    uint32_t boots, time;             /* as the packet says */
    uint32_t known_boots, known_time; /* not_in_time_window: as of the newest accepted packet */
    char auth[16], priv[16];          /* the user's protocols, as in createUser ("SHA-256"); "": none, or unknown */
    struct tk_peer accepted_from;     /* TK_HINT_OTHER_ADDRESS */
};

#endif /* TK_REFUSAL_H */
