/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trap.h
 * @brief The flat trap: one notification in one block of bytes without pointers, the body of a record in the queue.
 *
 *   struct tk_trap_head | security name | context name | security engine ID | context engine ID | OID | varbinds
 *   varbind: struct tk_varbind_head | OID | value
 *
 * OIDs stay in BER form (snmp/oid.h). Numbers are in the machine's byte order, because a queue file is not moved
 * between machines. Values: integers take 8 bytes (signed for TK_INTEGER and TK_INTEGER64, unsigned for the others),
 * float 4, double 8, IpAddress 4; any other value is its own bytes.
 *
 * The writer runs in snmptrapd's thread and does not allocate. The reader checks everything, because the bytes may
 * come from a damaged queue file.
 */
#ifndef TK_TRAP_H
#define TK_TRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snmp/peer.h"

#define TK_TRAP_FORMAT 1

/** The longest flat trap. The largest datagram, 65,507 bytes of the smallest varbinds, needs 150 KiB. */
#define TK_TRAP_MAX_BYTES ((size_t)256 * 1024)

enum tk_snmp_version { TK_SNMP_V1 = 1, TK_SNMP_V2C = 2, TK_SNMP_V3 = 3 };
/** TK_PDU_TRAP_V1 has enterprise, generic and specific. The PDU's form does not follow from the message's version. */
enum tk_pdu { TK_PDU_TRAP = 1, TK_PDU_INFORM = 2, TK_PDU_TRAP_V1 = 3 };
enum tk_security_level { TK_NO_AUTH_NO_PRIV = 1, TK_AUTH_NO_PRIV, TK_AUTH_PRIV };

enum tk_trap_flag {
    TK_HAS_UPTIME = 1, /* sysUpTime.0, or the v1 time stamp */
    /* The engine ID is the receiver's, as in every INFORM: it does not identify the sender. */
    TK_CONTEXT_ENGINE_IS_OWN = 2,
    TK_HAS_AGENT = 4, /* agent holds a v1 agent-addr */
    TK_SECURITY_ENGINE_IS_OWN = 8,
    TK_CLOCK_CHECKED = 16, /* v3: boots and time were newer than earlier ones. Records of older versions lack it */
};

/** SNMP's types (RFC 2578 section 7, RFC 3416) by their BER tags; types wrapped in Opaque by net-snmp's numbers. */
enum tk_value_type {
    TK_INTEGER = 0x02,
    TK_OCTETS = 0x04,
    TK_NULL = 0x05,
    TK_OID = 0x06,
    TK_IPADDRESS = 0x40,
    TK_COUNTER32 = 0x41,
    TK_GAUGE32 = 0x42,
    TK_TIMETICKS = 0x43,
    TK_OPAQUE = 0x44,
    TK_COUNTER64 = 0x46,
    TK_FLOAT = 0x78,
    TK_DOUBLE = 0x79,
    TK_INTEGER64 = 0x7a,
    TK_UNSIGNED64 = 0x7b,
    TK_NO_SUCH_OBJECT = 0x80,
    TK_NO_SUCH_INSTANCE = 0x81,
    TK_END_OF_MIB_VIEW = 0x82,
};

struct tk_trap_head {
    uint8_t format;         /* TK_TRAP_FORMAT */
    uint8_t version;        /* enum tk_snmp_version */
    uint8_t pdu;            /* enum tk_pdu */
    uint8_t transport;      /* enum tk_transport */
    uint8_t flags;          /* enum tk_trap_flag */
    uint8_t security_level; /* enum tk_security_level */
    uint8_t family;         /* of address: 4, 6, or 0 where the transport has none */
    uint8_t engine_id_len;  /* security engine ID, v3 */
    uint8_t address[16];    /* the peer's, network order */
    uint8_t agent[4];       /* v1 agent-addr, network order */
    uint16_t port;          /* the peer's, host order */
    uint8_t context_engine_id_len;
    uint8_t reserved;
    int32_t generic;  /* v1 generic-trap, 0..6 */
    int32_t specific; /* v1 specific-trap */
    int32_t request_id;
    uint32_t uptime;            /* hundredths of a second */
    uint16_t security_name_len; /* v3 user; v1 and v2c community */
    uint16_t context_name_len;
    uint16_t oid_len;       /* v1: enterprise; else snmpTrapOID.0; BER bytes */
    uint16_t varbind_count; /* without v2's leading sysUpTime.0 and snmpTrapOID.0, which are in this head */
    uint32_t varbinds_len;  /* bytes */
    uint32_t reply;         /* an INFORM's place in queue/inform_results.h while its answer waits; 0: none */
};

struct tk_varbind_head {
    uint8_t type; /* enum tk_value_type, or any other tag, with the raw bytes as value */
    uint8_t reserved;
    uint16_t oid_len;
    uint32_t value_len;
};

/** @brief The name as events have it: "2c", "authPriv", "udp6". @returns NULL for an unknown number
 *  @locality any @locks none */
const char *tk_version_name(uint8_t version);
const char *tk_level_name(uint8_t level);
const char *tk_transport_name(uint8_t transport);

/* --- writing (snmptrapd's thread) ------------------------------------------------------------------------------ */

struct tk_trap_writer {
    uint8_t *start, *at, *end;
    uint32_t varbinds_at; /* offset at which the varbinds begin */
};

/** The bytes between head and varbinds; their lengths are in the head. */
struct tk_trap_parts {
    const void *security_name, *context_name, *engine_id, *context_engine_id;
    const uint8_t *oid;
};

/** @brief Bytes that head and parts take. @locality any @locks none */
size_t tk_trap_head_bytes(const struct tk_trap_head *head);

/**
 * @brief Write head and parts at @p dst.
 * @retval 0 / -ENOSPC
 * @locality snmptrapd  @locks none
 */
int tk_trap_begin(struct tk_trap_writer *w, uint8_t *dst, size_t dst_bytes, const struct tk_trap_head *head,
                  const struct tk_trap_parts *parts);

/**
 * @brief Append one varbind; @p subid of at most 128 sub-identifiers of at most 2^32-1 each.
 * @retval 0 / -ENOSPC / -EINVAL (an OID that BER cannot encode)
 * @locality snmptrapd  @locks none
 */
int tk_trap_varbind(struct tk_trap_writer *w, uint8_t type, const uint32_t *subid, size_t subids, const void *value,
                    size_t value_len);

/** @brief Finish the flat trap. @returns its length in bytes @locality snmptrapd @locks none */
size_t tk_trap_end(struct tk_trap_writer *w);

/* --- reading (worker) ------------------------------------------------------------------------------------------ */

/** A validated view into the flat bytes, which it borrows. */
struct tk_trap {
    struct tk_trap_head head;
    const char *security_name, *context_name; /* not terminated */
    const uint8_t *engine_id, *context_engine_id, *oid;
    const uint8_t *varbinds;
    const uint8_t *bytes;
    size_t len;
};

struct tk_varbind {
    uint8_t type;       /* enum tk_value_type or unknown */
    const uint8_t *oid; /* BER */
    size_t oid_len;
    const uint8_t *value;
    size_t value_len; /* right for the type when the type has a fixed size */
};

/**
 * @brief Check all of @p bytes and describe them.
 * @retval 0         @p ret_trap views @p bytes; walking its varbinds can't fail
 * @retval -EBADMSG  not a flat trap of this format
 * @locality any  @locks none
 */
int tk_trap_read(struct tk_trap *ret_trap, const uint8_t *bytes, size_t len);

/**
 * @brief Read the varbind at @p at, of a trap that tk_trap_read() accepted.
 * @param at  trap->varbinds at first, then what this function returned
 * @returns the address of the next varbind
 * @locality any  @locks none
 */
const uint8_t *tk_trap_next(const uint8_t *at, struct tk_varbind *ret_vb);

/** @brief The length of an octet string that is a name, without the NULs with which some devices pad it.
 *  @locality any @locks none */
size_t tk_varbind_text_len(const struct tk_varbind *vb);

/** @brief An integer value; TK_INTEGER and TK_INTEGER64 are signed. @locality any @locks none */
int64_t tk_varbind_i64(const struct tk_varbind *vb);
/** @brief The same as unsigned (counters, gauges, ticks). @locality any @locks none */
uint64_t tk_varbind_u64(const struct tk_varbind *vb);

#endif /* TK_TRAP_H */
