/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz_netsnmp.h
 * @brief Run the real net-snmp library without files, set its clock, and read its lists and counters.
 */
#ifndef TK_FUZZ_NETSNMP_H
#define TK_FUZZ_NETSNMP_H

#include <stdint.h>

/** What snmpv3_local_snmpEngineTime() returns; the receiver's boots are 1. */
extern uint32_t fuzz_engine_seconds;
/** How many digests sc_check_keyed_hash() verified. */
extern unsigned fuzz_verified;

/** @brief Call init_snmp() without files or log; this receiver's engine ID is FUZZ_OWN. */
void fuzz_netsnmp_init(void);

/** @brief Count the entries of its list of engine times. @param ret_named  how many of them have an engine ID */
unsigned fuzz_netsnmp_engines(unsigned *ret_named);
/** @brief Count the users in its list. */
unsigned fuzz_netsnmp_users(void);
/** @brief Add up its counters of refused messages. */
uint64_t fuzz_netsnmp_refused(void);

#endif /* TK_FUZZ_NETSNMP_H */
