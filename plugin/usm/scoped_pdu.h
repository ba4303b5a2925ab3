/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file scoped_pdu.h
 * @brief What can be told of a scoped PDU (RFC 3412 section 6) before net-snmp parses it: whether it is one, and what PDU
 *        it holds. Nothing is copied or allocated; any bytes may be given.
 */
#ifndef TK_SCOPED_PDU_H
#define TK_SCOPED_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_PDU_TAG_TRAP2 0xa7

/** @brief Does this begin as a scoped PDU does: a SEQUENCE, and in it the context engine ID?
 *  @locality any @locks none */
bool tk_scoped_pdu_is_one(const uint8_t *at, size_t len);

/** @returns the tag of the PDU in it: 0xa0 get ... 0xa6 INFORM, 0xa7 Trap (v2); 0: it is no scoped PDU
 *  @locality any @locks none */
uint8_t tk_scoped_pdu_tag(const uint8_t *at, size_t len);

/** @brief Does it hold a trap or an INFORM, as snmptrapd takes them? @locality any @locks none */
bool tk_scoped_pdu_is_notification(const uint8_t *at, size_t len);

#endif /* TK_SCOPED_PDU_H */
