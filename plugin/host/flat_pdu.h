/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file flat_pdu.h
 * @brief Convert net-snmp's PDU to the flat trap (snmp/trap.h): first measure it, then write it where there is room. For
 *        the module, and for the commands that show what it would do.
 *
 * No allocation, no lock, no system call.
 */
#ifndef TK_FLAT_PDU_H
#define TK_FLAT_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp/oid.h"
#include "snmp/peer.h"
#include "snmp/trap.h"

/** What is known of a PDU besides what stands in it. */
struct tk_pdu_reception {
    struct tk_peer peer;       /* from where it came */
    const uint8_t *own_engine; /* this receiver's engine ID */
    size_t own_engine_len;
    bool is_clock_checked; /* SNMPv3: the clock in it was compared with the sender's */
};

/** A PDU that was measured. It views the PDU and itself: don't copy it. */
struct tk_flat_pdu {
    const netsnmp_pdu *pdu;
    /* the two leading varbinds of a v2 notification, whose values go into the flat trap's head */
    const netsnmp_variable_list *uptime, *trap_oid;
    struct tk_trap_head head;
    struct tk_trap_parts parts;
    uint8_t ber[TK_OID_MAX_BER];
};

/** @brief Is this generic-trap of a v1 trap one that RFC 1157 defines? @locality any @locks none */
bool tk_flat_pdu_knows_generic(long generic);

/**
 * @brief Read what goes into the head, and measure.
 * @returns an upper bound of the flat trap's bytes; -EINVAL: it is no valid notification; -E2BIG: it is larger than a
 *          record may be
 * @locality any  @locks none
 */
int tk_flat_pdu_measure(struct tk_flat_pdu *ret, const netsnmp_pdu *pdu, const struct tk_pdu_reception *reception);

/** @brief Write the flat trap. @param bytes  room at @p dst, as measured @returns its length; -EINVAL: a varbind can't be
 *  carried @locality any @locks none */
int tk_flat_pdu_write(const struct tk_flat_pdu *f, uint8_t *dst, size_t bytes);

#endif /* TK_FLAT_PDU_H */
