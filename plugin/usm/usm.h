/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file usm.h
 * @brief SNMPv3's user-based security model (USM) on net-snmp's library: which user may send for which engine, and
 *        why a message is refused.
 *
 * net-snmp does the cryptography. usm/ hooks its decoder (snmp_secmod_def.decode of the USM). For each message:
 *
 *   secparams.h  reads engine ID, user name and digest
 *   users.h      finds the user (createUser lines)
 *   engines.h    finds the engine; for a new one keys.h localizes the user's key and verifies the digest
 *   loan.h       calls net-snmp's decoder with only this user and this engine's time in its lists
 *
 * So net-snmp's lists stay short, whatever is sent, and every refusal has a reason.
 *
 * Owner: snmptrapd's thread, or the one of `trapkafka v3 check`. No locks.
 */
#ifndef TK_USM_H
#define TK_USM_H

#include <stdbool.h>
#include <stdint.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "base/clock.h"
#include "base/err.h"
#include "refusal/refusal.h"
#include "config/settings.h"

/** The caller's functions. */
struct tk_usm_hooks {
    /** Does this session receive notifications? Others (with answers to what snmptrapd sends) are not checked. */
    bool (*is_ours)(const netsnmp_session *session);
    /** Is the session a connection (tcp)? NULL: never. */
    bool (*is_stream)(const netsnmp_session *session);
    /** A message was refused; @p refusal is borrowed. Not called for discovery and time probes of INFORM senders. */
    void (*on_refused)(void *arg, const struct tk_refusal *refusal);
    void *arg;
};

struct tk_usm_counts {
    unsigned engines; /* learned */
    uint64_t evicted;
    size_t bytes;                    /* of the table of engines */
    uint64_t still, digests_evicted; /* see guard.h, still.h */
};

/**
 * @brief Replace net-snmp's parsers of createUser and usmUser lines, so that net-snmp keeps the master keys of users
 *        without -e, and snmptrapd.conf wins over the persistent file. Once, after tk_usm_self_test(), before the
 *        lines are read.
 * @locality snmptrapd  @locks none
 */
void tk_usm_register(void);

/** @brief Call before the configuration is read. @locality snmptrapd @locks none */
void tk_usm_begin_reading(void);

/**
 * @brief Call after the configuration was read: removes users that snmptrapd.conf has no more, and puts the others in
 *        force. Logs a warning for each user that can't serve all engines. The first call hooks net-snmp's decoder.
 * @param cf  engines_max, engines_ttl_s, is_replay_strict; engines_max 0: as stock, but refusals are reported
 * @retval 0
 * @retval -ENOMEM   users and engines stay as they were
 * @retval -ENOTSUP  net-snmp fails the self-test, as was logged; its decoder is not hooked
 * @locality snmptrapd  @locks none
 */
int tk_usm_configure(const struct tk_settings *cf, const struct tk_usm_hooks *hooks, tk_nsec now);

/** @brief Call once a second: forgets old engines, and finds users that SNMP has changed.
 *  @locality snmptrapd @locks none */
void tk_usm_tick(tk_nsec now);

/** @returns the numbers for statistics @locality snmptrapd @locks none */
struct tk_usm_counts tk_usm_counts(void);

/**
 * @brief Were boots and time of this PDU compared with an earlier clock, and newer?
 * @param pdu  the one that net-snmp decoded last; of any other PDU the answer is false
 * @returns false also for v1 and v2c, for noAuthNoPriv and for an INFORM to an engine that is not this receiver's
 * @locality snmptrapd  @locks none
 */
bool tk_usm_is_clock_checked(const netsnmp_pdu *pdu);

/** @brief The configuration has no dlmod line any more: check nothing until the next tk_usm_configure().
 *  @locality snmptrapd @locks none */
void tk_usm_rest(void);
/** @brief Remove the hook, wipe the keys, free all. @locality snmptrapd @locks none */
void tk_usm_done(void);

#endif /* TK_USM_H */
