/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file usm.h
 * @brief SNMPv3's user-based security on net-snmp's library: who may speak for which engine, and why not.
 *
 * net-snmp keeps the cryptography. This part stands in front of its decoder (snmp_secmod_def.decode of the USM):
 *
 *   message -> secparams -> users: who is meant   -> engines: known?  -> net-snmp's decode with that one user and
 *   that one
 *                           (createUser lines)        else localize,     engine time in its lists, and neither after
 *                           it
 *                                                     verify first
 *
 * so that net-snmp's own lists stay short, whatever strangers send, and every refusal has a name.
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

/** Who is asked and told. */
struct tk_usm_hooks {
    /** Does this session receive notifications? Others (answers to what snmptrapd itself sends) pass untouched. */
    bool (*is_ours)(const netsnmp_session *session);
    /** Did it come over a connection (tcp)? NULL: never. */
    bool (*is_stream)(const netsnmp_session *session);
    /** A message was refused; @p refusal is borrowed. Not called for discovery and time probes of INFORM senders. */
    void (*on_refused)(void *arg, const struct tk_refusal *refusal);
    void *arg;
};

struct tk_usm_counts {
    unsigned engines; /* learned */
    uint64_t evicted;
    size_t bytes; /* of the table of engines */
};

/**
 * @brief Take over createUser and usmUser lines, so that the master keys of users without -e stay at hand and
 *        snmptrapd.conf wins over the persistent file. Once, before the lines are read, and after tk_usm_self_test().
 * @locality snmptrapd  @locks none
 */
void tk_usm_register(void);

/** @brief A reading of the configuration begins. @locality snmptrapd @locks none */
void tk_usm_begin_reading(void);

/**
 * @brief It has ended: users that are no longer written in snmptrapd.conf go, the others are in force; warnings
 *        about users that can't serve all engines go to snmp_log. Steps in front of net-snmp's decoder the first
 *        time.
 * @param cf  engines_max, engines_ttl_s; engines_max 0: stock behaviour, refusals are still told
 * @retval 0 / -ENOMEM  as before
 * @locality snmptrapd  @locks none
 */
int tk_usm_configure(const struct tk_settings *cf, const struct tk_usm_hooks *hooks, tk_nsec now);

/** @brief Once a second: expiry; users that came or went by SNMP. @locality snmptrapd @locks none */
void tk_usm_tick(tk_nsec now);

/** @locality snmptrapd @locks none */
struct tk_usm_counts tk_usm_counts(void);

/** @brief No dlmod line any more: pass everything untouched until the next tk_usm_configure().
 *  @locality snmptrapd @locks none */
void tk_usm_rest(void);
/** @brief The end: as before tk_usm_configure(), keys wiped. @locality snmptrapd @locks none */
void tk_usm_done(void);

#endif /* TK_USM_H */
