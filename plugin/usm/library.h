/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file library.h
 * @brief The functions inside net-snmp's library on which usm/ depends.
 *
 * They are no documented plugin interface. So each one is looked up by name when the module is loaded, and
 * self_test.c tests them before net-snmp's decoder is hooked.
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_LIBRARY_H
#define TK_LIBRARY_H

#include <stdbool.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/keytools.h>
#include <net-snmp/library/lcd_time.h>
#include <net-snmp/library/scapi.h>
#include <net-snmp/library/snmp_secmod.h>
#include <net-snmp/library/snmpusm.h>

#include "base/err.h"

/** All of them; the member of struct tk_netsnmp has the function's name. */
/* clang-format off */
#define TK_NETSNMP_FUNCTIONS(X) \
    X(find_sec_mod) X(usm_get_userList) X(usm_add_user) X(usm_remove_user) X(usm_free_user) X(usm_extend_user_kul) \
    X(usm_parse_create_usmUser) X(usm_parse_config_usmUser) X(generate_Ku) X(generate_kul) X(sc_check_keyed_hash) \
    X(sc_get_authtype) X(sc_get_privtype) X(sc_get_proper_auth_length_bytype) X(sc_get_proper_priv_length_bytype) \
    X(set_enginetime) X(search_enginetime_list) X(hash_engineID) X(free_etimelist) X(snmpv3_get_engineID) \
    X(snmpv3_local_snmpEngineBoots) X(snmpv3_local_snmpEngineTime)
/* clang-format on */

struct tk_netsnmp {
#define TK_MEMBER(name) __typeof__(&name) name;
    TK_NETSNMP_FUNCTIONS(TK_MEMBER)
#undef TK_MEMBER
};
extern struct tk_netsnmp tk_netsnmp;

/** @brief Is this a net-snmp version whose sources we have read (5.8, 5.9)? @locality any @locks none */
bool tk_netsnmp_is_known(void);
/** @brief Look up all functions. @retval 0 / -ENOTSUP with @p err set @locality snmptrapd @locks none */
int tk_netsnmp_load(struct tk_err *err);

/** One of net-snmp's protocols. */
struct tk_protocol {
    int type;
    const char *name;    /* as createUser writes it */
    unsigned digest_len; /* octets of msgAuthenticationParameters */
};
/** @returns the user's protocol; NULL: none (usmNoAuthProtocol), or a protocol of net-snmp's that is not in our table
 *  @locality any @locks none */
const struct tk_protocol *tk_auth_protocol(const struct usmUser *user);
/** @returns likewise @locality any @locks none */
const struct tk_protocol *tk_priv_protocol(const struct usmUser *user);

#endif /* TK_LIBRARY_H */
