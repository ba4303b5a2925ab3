/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a record's body through all stages, as it is or with its lengths corrected.
 *
 * Input: one byte (1: which world; 2: correct the lengths), then the body. */
#include "fuzz.h"

#include <string.h>

#include "fuzz_samples.h"
#include "snmp/trap.h"

#define MAX_BODY ((size_t)64 * 1024)

static struct fuzz_world worlds[2];
static uint8_t body[MAX_BODY];

static uint16_t at_most(uint16_t value, size_t left)
{
    return value < left ? value : (uint16_t)left;
}

static uint8_t size_of(uint8_t type)
{
    switch (type) {
    case TK_IPADDRESS:
    case TK_FLOAT: return 4;
    case TK_NULL:
    case TK_NO_SUCH_OBJECT:
    case TK_NO_SUCH_INSTANCE:
    case TK_END_OF_MIB_VIEW: return 0;
    default: return 8;
    }
}

static bool has_any_size(uint8_t type)
{
    return type == TK_OCTETS || type == TK_OID || type == TK_OPAQUE || (type > TK_OID && type < TK_IPADDRESS);
}

/* Random lengths rarely add up, so reduce each to what is left. @returns the body's new length */
static size_t put_lengths_right(size_t len)
{
    struct tk_trap_head head;
    size_t at = sizeof(head);

    memcpy(&head, body, sizeof(head));
    head.format = TK_TRAP_FORMAT;
    head.version = TK_SNMP_V1 + head.version % 3;
    head.pdu = TK_PDU_TRAP + head.pdu % 3;
    head.family = head.family % 3 ? head.family % 3 * 2 + 2 : 0;
    head.security_name_len = at_most(head.security_name_len % 64, len - at);
    at += head.security_name_len;
    head.context_name_len = at_most(head.context_name_len % 64, len - at);
    at += head.context_name_len;
    head.engine_id_len = (uint8_t)at_most(head.engine_id_len % 40, len - at);
    at += head.engine_id_len;
    head.context_engine_id_len = (uint8_t)at_most(head.context_engine_id_len % 40, len - at);
    at += head.context_engine_id_len;
    head.oid_len = at_most(head.oid_len % 160, len - at);
    at += head.oid_len;
    head.varbinds_len = (uint32_t)at;
    for (head.varbind_count = 0; len - at >= sizeof(struct tk_varbind_head); head.varbind_count++) {
        struct tk_varbind_head vb;

        memcpy(&vb, body + at, sizeof(vb));
        vb.oid_len = at_most(vb.oid_len % 160, len - at - sizeof(vb));
        vb.value_len %= 512;
        if (!has_any_size(vb.type))
            vb.value_len = size_of(vb.type);
        if (vb.value_len > len - at - sizeof(vb) - vb.oid_len)
            break;
        memcpy(body + at, &vb, sizeof(vb));
        at += sizeof(vb) + vb.oid_len + vb.value_len;
    }
    head.varbinds_len = (uint32_t)at - head.varbinds_len;
    memcpy(body, &head, sizeof(head));
    return at;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const open[] = {"kafkaPublishCommunity yes", "kafkaDedup off", NULL};

    (void)argc, (void)argv;
    fuzz_world_init(&worlds[0], NULL, fuzz_inventory, fuzz_circuits);
    fuzz_world_init(&worlds[1], open, NULL, NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_trap trap;

    if (size < 1 || size - 1 > MAX_BODY)
        return 0;
    memcpy(body, data + 1, size - 1);
    size--;
    if ((data[0] & 2) && size >= sizeof(struct tk_trap_head)) {
        size = put_lengths_right(size);
        FUZZ_CHECK(tk_trap_read(&trap, body, size) == 0);
    }
    fuzz_world_body(&worlds[data[0] & 1], body, size);
    return 0;
}
