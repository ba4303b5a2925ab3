/* SPDX-License-Identifier: Apache-2.0 */
/** @file usm_internal.h
 *  @brief The one state of this part, for its own files only. Owner: snmptrapd's thread. */
#ifndef TK_USM_INTERNAL_H
#define TK_USM_INTERNAL_H

#include "usm/engines.h"
#include "usm/library.h"
#include "usm/secparams.h"
#include "usm/usm.h"
#include "usm/users.h"

struct tk_usm {
    struct tk_usm_hooks hooks;
    struct snmp_secmod_def *model; /* net-snmp's USM; NULL: we don't stand in front */
    SecmodInMsg *original;         /* its decoder */
    struct tk_engines *engines;
    bool is_off; /* kafkaEngines off; what is known stays known for when it is on again */
    bool is_resting;
    bool is_clear;         /* net-snmp's list of engine times was emptied */
    bool is_broken;        /* it failed: never stand in front */
    tk_nsec guarded_until; /* a digest was wrong lately: verify before net-snmp does and logs it */
    uint8_t own[TK_ENGINE_BYTES];
    size_t own_len;
};
extern struct tk_usm tk_usm;

/* decode.c */
/** @brief In front of net-snmp's decoder. @locality snmptrapd @locks none */
SecmodInMsg tk_usm_decode;

/* refuse.c */
/** One message on its way through decode.c. */
struct tk_usm_message {
    struct snmp_secmod_incoming_params *params;
    struct tk_secparams sec;
    struct tk_user_key who; /* engine and name, as the message says */
    struct tk_user *user;   /* by whose keys it is judged; NULL: nobody */
    bool is_own_engine, asks_for_answer;
    struct tk_peer peer; /* transport 0: not looked at yet */
};
/** @brief Tell of a refusal. @locality snmptrapd @locks none */
void tk_usm_tell(struct tk_usm_message *m, enum tk_reason reason, enum tk_hint hint, const struct tk_engine *engine);
/** @brief Refuse in net-snmp's stead: its counter moves, the message is not looked at any more. @returns @p code
 *  @locality snmptrapd @locks none */
int tk_usm_refuse(struct tk_usm_message *m, int code);
/** @brief net-snmp's decoder refused: tell why. @returns @p code @locality snmptrapd @locks none */
int tk_usm_tell_code(struct tk_usm_message *m, int code, const struct tk_engine *engine);
/** @returns who sent it @locality snmptrapd @locks none */
const struct tk_peer *tk_usm_peer(struct tk_usm_message *m);

/* create_user.c */
/** @brief Take the users out of net-snmp's list that snmptrapd.conf does not have any more.
 *  @locality snmptrapd @locks none */
void tk_create_user_end_reading(void);
void tk_create_user_begin_reading(void);
/** @brief Write the persistent file anew, if it has a user whom snmptrapd.conf has too. After privileges were dropped.
 *  @locality snmptrapd @locks none */
void tk_create_user_store(void);
void tk_create_user_register(void);

/* self_test.c */
/** @brief A known packet through net-snmp's decoder, with what tk_loan_decode() lends. @retval 0 / -ENOTSUP with @p err set
 *  @locality snmptrapd @locks none */
int tk_usm_try_known_packet(SecmodInMsg *decode, struct tk_err *err);

#endif /* TK_USM_INTERNAL_H */
