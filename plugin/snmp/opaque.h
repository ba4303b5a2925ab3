/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file opaque.h
 * @brief Numbers that agents wrap in Opaque: a tag of net-snmp's (0x9f and a second byte), a length and the number.
 *
 * net-snmp unwraps them itself if it was built to; others reach us as they were sent. Owner: any thread; no state.
 */
#ifndef TK_OPAQUE_H
#define TK_OPAQUE_H

#include "snmp/trap.h"

#define TK_OPAQUE_ROOM 8

/**
 * @brief If a varbind's Opaque is a wrapped number, turn the varbind into one of TK_FLOAT, TK_DOUBLE, TK_COUNTER64,
 *        TK_INTEGER64 or TK_UNSIGNED64; else leave it alone.
 * @param vb    of type TK_OPAQUE
 * @param room  TK_OPAQUE_ROOM bytes, which become the varbind's value
 * @returns whether it was one
 * @locality any  @locks none
 */
bool tk_opaque_unwrap(struct tk_varbind *vb, uint8_t *room);

#endif /* TK_OPAQUE_H */
