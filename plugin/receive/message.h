/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file message.h
 * @brief Read what an SNMP message shows before it is verified and decrypted. The bytes are not trusted.
 */
#ifndef TK_MESSAGE_H
#define TK_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usm/secparams.h"

struct tk_snmp_message {
    uint8_t version; /* enum tk_snmp_version; 0: unknown */
    uint8_t pdu;     /* its tag (0xa7: a v2 trap); 0: encrypted, or malformed */
    /* v3 only: */
    bool has_header, has_params; /* these parts are well-formed */
    uint8_t security_level;      /* enum tk_security_level */
    bool asks_for_answer;        /* reportableFlag */
    struct tk_secparams params;  /* views into the message */
};

#define TK_PDU_TAG_TRAP_V1 0xa4
#define TK_PDU_TAG_INFORM  0xa6
#define TK_PDU_TAG_TRAP    0xa7

/** @brief Read a message. @returns false: not SNMP @locality any @locks none */
bool tk_snmp_message_read(struct tk_snmp_message *ret, const uint8_t *bytes, size_t len);

/** @brief Is it discovery: does it ask for the receiver's engine ID or its time (RFC 3414 section 4)?
 *  @locality any @locks none */
bool tk_snmp_message_is_probe(const struct tk_snmp_message *m);

#endif /* TK_MESSAGE_H */
