/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trap_text.h
 * @brief Make a flat trap from a line of text, for tests and scenarios.
 *
 *   VERSION [WORD...] [OID TYPE VALUE]...
 *
 *   VERSION  1, 2c or 3
 *   WORD     inform (else a trap)
 *            own (both engine IDs are the receiver's), own_engine (the security engine ID), own_context
 *            from=ADDRESS:PORT | from=[IPV6]:PORT | from=none      over=udp|udp6|tcp|tcp6|other
 *            community=TEXT | user=TEXT   level=noAuthNoPriv|authNoPriv|authPriv
 *            engine=HEX (security and context)   context_engine=HEX   context=TEXT
 *            request=N   uptime=N (without it, the trap has none)
 *            oid=OID (v2c, v3: snmpTrapOID.0)   enterprise=OID generic=N specific=N agent=ADDRESS (v1)
 *   TYPE     as snmptrap's: i integer, u gauge32, c counter32, C counter64, t timeticks, a address, o OID, s text,
 *            x octets in hex, n null (VALUE ignored), F float, D double, I integer64, U unsigned64; and
 *            O opaque in hex, ?TAG (hex) with VALUE in hex
 *   VALUE    may be in double quotes; there is no escape
 */
#ifndef TK_TRAP_TEXT_H
#define TK_TRAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snmp/trap.h"

#define TRAP_TEXT_ERR 128

/**
 * @brief Write the flat trap that @p line describes.
 * @param dst      TK_TRAP_MAX_BYTES
 * @param ret_err  TRAP_TEXT_ERR bytes; the error
 * @returns its length, or 0
 */
size_t trap_text_write(const char *line, uint8_t *dst, char *ret_err);

/** @brief The next word of @p *text, quotes stripped, into @p word. @returns false at the end */
bool trap_text_word(const char **text, char *word, size_t word_bytes);

/** @brief Convert hex digits to octets. @returns how many octets, or -1 */
int trap_text_hex(const char *hex, uint8_t *dst, size_t dst_bytes);

#endif /* TK_TRAP_TEXT_H */
