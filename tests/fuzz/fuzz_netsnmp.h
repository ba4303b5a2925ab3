/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz_netsnmp.h
 * @brief The real net-snmp, without files: its clock, what it keeps and what it counts.
 */
#ifndef TK_FUZZ_NETSNMP_H
#define TK_FUZZ_NETSNMP_H

#include <stdint.h>

/** What snmpv3_local_snmpEngineTime() says; the receiver's boots are 1. */
extern uint32_t fuzz_engine_seconds;
/** How often sc_check_keyed_hash() found a digest right. */
extern unsigned fuzz_verified;

/** @brief init_snmp() without files or log; this receiver's engine ID is FUZZ_OWN. */
void fuzz_netsnmp_init(void);

/** @brief Entries in all chains of its list of engine times. @param ret_named  of these, those with an engine ID */
unsigned fuzz_netsnmp_engines(unsigned *ret_named);
/** @brief Users in its list. */
unsigned fuzz_netsnmp_users(void);
/** @brief The sum of its counters of what it refused. */
uint64_t fuzz_netsnmp_refused(void);

#endif /* TK_FUZZ_NETSNMP_H */
