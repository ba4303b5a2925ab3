/* SPDX-License-Identifier: Apache-2.0 */
/** @file usm_internal.h
 *  @brief The state of usm/, and what its files call of each other. Owner: snmptrapd's thread. */
#ifndef TK_USM_INTERNAL_H
#define TK_USM_INTERNAL_H

#include "base/log.h"
#include "usm/engines.h"
#include "usm/guard.h"
#include "usm/library.h"
#include "usm/secparams.h"
#include "usm/usm.h"
#include "usm/users.h"

struct tk_usm {
    struct tk_usm_hooks hooks;
    struct snmp_secmod_def *model; /* net-snmp's USM; NULL: its decoder is not hooked */
    SecmodInMsg *original;         /* its decoder */
    struct tk_engines *engines;
    struct tk_guard guard;
    const netsnmp_pdu *checked; /* the PDU decoded last, if its clock was checked */
    struct tk_log_limit still_limit;
    tk_nsec ttl;           /* of kafkaEngines */
    bool is_off;           /* kafkaEngines off; the engines are kept for when it is on again */
    bool is_resting;       /* the configuration has no dlmod line: check nothing */
    bool is_clear;         /* net-snmp's list of engine times was emptied */
    bool is_broken;        /* net-snmp failed the self-test: never hook its decoder */
    tk_nsec guarded_until; /* a digest was wrong: until then verify each before net-snmp, which logs wrong ones */
    uint8_t own[TK_ENGINE_BYTES]; /* this receiver's engine ID */
    size_t own_len;
};
extern struct tk_usm tk_usm;

/* usm_decode.c */
/** @brief The hook in front of net-snmp's decoder. @locality snmptrapd @locks none */
SecmodInMsg tk_usm_decode;

/* refuse.c */
#define TK_SALT_BYTES \
    8 /* msgPrivacyParameters of an encrypted message: RFC 3414 section 8.1.1.1, RFC 3826 section 3.1.2.1 */
/** The message that is being decoded. */
struct tk_usm_message {
    struct snmp_secmod_incoming_params *params;
    struct tk_secparams sec;
    struct tk_user_key who; /* engine and name, as the message says */
    struct tk_user *user;   /* whose keys are used; NULL: no user found */
    bool is_own_engine, asks_for_answer;
    bool is_probe;       /* discovery of our engine ID */
    bool must_be_trap;   /* any other PDU is refused: it asks for an answer of another engine */
    uint8_t pdu_tag;     /* 0: encrypted, or no scoped PDU */
    uint8_t digest[12];  /* its beginning: net-snmp's decoder writes zeros over it */
    enum tk_hint guard;  /* why the replay guard refuses it */
    struct tk_peer peer; /* transport 0: not read yet, see tk_usm_peer() */
};
/** @brief Report a refusal. @param engine  clock and address of its newest accepted message, or NULL
 *  @locality snmptrapd @locks none */
void tk_usm_tell(struct tk_usm_message *m, enum tk_reason reason, enum tk_hint hint, const struct tk_engine *engine);
/** @brief Refuse a message as net-snmp's decoder would: raise its counter and return no scoped PDU. @returns @p code
 *  @locality snmptrapd @locks none */
int tk_usm_refuse(struct tk_usm_message *m, int code);
/** @brief Report the refusal that belongs to a code of net-snmp's decoder; discovery is none. @returns @p code
 *  @locality snmptrapd @locks none */
int tk_usm_tell_code(struct tk_usm_message *m, int code, const struct tk_engine *engine);
/** @brief Log that a message was accepted although its engine's clock stands still. At most one line in 10 s.
 *  @locality snmptrapd @locks none */
void tk_usm_log_still(struct tk_usm_message *m, tk_nsec now);
/** @returns the message's sender @locality snmptrapd @locks none */
const struct tk_peer *tk_usm_peer(struct tk_usm_message *m);

/* create_user.c */
/** @brief Register the parsers of createUser and usmUser lines. @locality snmptrapd @locks none */
void tk_create_user_register(void);
/** @brief Call before the configuration is read. @locality snmptrapd @locks none */
void tk_create_user_begin_reading(void);
/** @brief Call after it was read: removes users whose createUser line is gone. @locality snmptrapd @locks none */
void tk_create_user_end_reading(void);
/** @brief Store the persistent file again, if it has a line for a user of snmptrapd.conf. Call it after privileges
 *         were dropped. @locality snmptrapd @locks none */
void tk_create_user_store(void);

/* self_test.c */
/** @brief Test net-snmp's decoder with a known packet and a loan. @retval 0 / -ENOTSUP with @p err set
 *  @locality snmptrapd @locks none */
int tk_usm_try_known_packet(SecmodInMsg *decode, struct tk_err *err);

#endif /* TK_USM_INTERNAL_H */
