/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/trap.h"

#include <errno.h>
#include <string.h>

#include "base/devel.h"
#include "snmp/oid.h"

size_t tk_trap_head_bytes(const struct tk_trap_head *head)
{
    return sizeof(*head) + head->security_name_len + head->context_name_len + head->engine_id_len +
           head->context_engine_id_len + head->oid_len;
}

static void put(struct tk_trap_writer *w, const void *src, size_t len)
{
    TK_ASSERT(len <= (size_t)(w->end - w->at));
    if (len)
        memcpy(w->at, src, len);
    w->at += len;
}

int tk_trap_begin(struct tk_trap_writer *w, uint8_t *dst, size_t dst_bytes, const struct tk_trap_head *head,
                  const struct tk_trap_parts *parts)
{
    size_t need = tk_trap_head_bytes(head);

    if (need > dst_bytes)
        return -ENOSPC;
    w->start = w->at = dst;
    w->end = dst + dst_bytes;
    put(w, head, sizeof(*head));
    put(w, parts->security_name, head->security_name_len);
    put(w, parts->context_name, head->context_name_len);
    put(w, parts->engine_id, head->engine_id_len);
    put(w, parts->context_engine_id, head->context_engine_id_len);
    put(w, parts->oid, head->oid_len);
    w->varbinds_at = (uint32_t)need;
    return 0;
}

int tk_trap_varbind(struct tk_trap_writer *w, uint8_t type, const uint32_t *subid, size_t subids, const void *value,
                    size_t value_len)
{
    struct tk_varbind_head head = {.type = type, .value_len = (uint32_t)value_len};
    size_t room = (size_t)(w->end - w->at);
    uint8_t *head_at = w->at;
    int oid_len;

    if (room < sizeof(head) || value_len > room - sizeof(head))
        return -ENOSPC;
    oid_len = tk_oid_encode(w->at + sizeof(head), room - sizeof(head) - value_len, subid, subids);
    if (oid_len < 0)
        return oid_len;
    head.oid_len = (uint16_t)oid_len;
    memcpy(head_at, &head, sizeof(head));
    w->at += sizeof(head) + (size_t)oid_len;
    put(w, value, value_len);
    return 0;
}

size_t tk_trap_end(struct tk_trap_writer *w)
{
    uint32_t varbinds_len = (uint32_t)(w->at - w->start) - w->varbinds_at;

    memcpy(w->start + offsetof(struct tk_trap_head, varbinds_len), &varbinds_len, sizeof(varbinds_len));
    return (size_t)(w->at - w->start);
}

/* The size that a type's value must have; SIZE_MAX: any. */
static size_t fixed_size(uint8_t type)
{
    switch (type) {
    case TK_INTEGER:
    case TK_COUNTER32:
    case TK_GAUGE32:
    case TK_TIMETICKS:
    case TK_COUNTER64:
    case TK_INTEGER64:
    case TK_UNSIGNED64:
    case TK_DOUBLE: return 8;
    case TK_IPADDRESS:
    case TK_FLOAT: return 4;
    case TK_NULL:
    case TK_NO_SUCH_OBJECT:
    case TK_NO_SUCH_INSTANCE:
    case TK_END_OF_MIB_VIEW: return 0;
    default: return SIZE_MAX;
    }
}

const uint8_t *tk_trap_next(const uint8_t *at, struct tk_varbind *ret_vb)
{
    struct tk_varbind_head head;

    memcpy(&head, at, sizeof(head));
    at += sizeof(head);
    ret_vb->type = head.type;
    ret_vb->oid = at;
    ret_vb->oid_len = head.oid_len;
    ret_vb->value = at + head.oid_len;
    ret_vb->value_len = head.value_len;
    return ret_vb->value + head.value_len;
}

static bool varbinds_are_sound(const struct tk_trap *trap)
{
    const uint8_t *at = trap->varbinds, *end = at + trap->head.varbinds_len;

    for (unsigned i = 0; i < trap->head.varbind_count; i++) {
        struct tk_varbind_head head;
        size_t fixed;

        if ((size_t)(end - at) < sizeof(head))
            return false;
        memcpy(&head, at, sizeof(head));
        at += sizeof(head);
        if ((size_t)(end - at) < head.oid_len || (size_t)(end - at) - head.oid_len < head.value_len)
            return false;
        fixed = fixed_size(head.type);
        if (fixed != SIZE_MAX && head.value_len != fixed)
            return false;
        at += head.oid_len + head.value_len;
    }
    return at == end;
}

int tk_trap_read(struct tk_trap *ret_trap, const uint8_t *bytes, size_t len)
{
    struct tk_trap *t = ret_trap;

    if (len < sizeof(t->head))
        return -EBADMSG;
    memcpy(&t->head, bytes, sizeof(t->head));
    if (t->head.format != TK_TRAP_FORMAT || t->head.version < TK_SNMP_V1 || t->head.version > TK_SNMP_V3 ||
        t->head.pdu < TK_PDU_TRAP || t->head.pdu > TK_PDU_TRAP_V1 ||
        (t->head.family != 0 && t->head.family != 4 && t->head.family != 6) || tk_trap_head_bytes(&t->head) > len ||
        len - tk_trap_head_bytes(&t->head) != t->head.varbinds_len)
        return -EBADMSG;
    t->bytes = bytes;
    t->len = len;
    t->security_name = (const char *)bytes + sizeof(t->head);
    t->context_name = t->security_name + t->head.security_name_len;
    t->engine_id = (const uint8_t *)t->context_name + t->head.context_name_len;
    t->context_engine_id = t->engine_id + t->head.engine_id_len;
    t->oid = t->context_engine_id + t->head.context_engine_id_len;
    t->varbinds = t->oid + t->head.oid_len;
    return varbinds_are_sound(t) ? 0 : -EBADMSG;
}

size_t tk_varbind_text_len(const struct tk_varbind *vb)
{
    size_t len = vb->value_len;

    while (len && vb->value[len - 1] == 0)
        len--;
    return len;
}

int64_t tk_varbind_i64(const struct tk_varbind *vb)
{
    return (int64_t)tk_varbind_u64(vb);
}

uint64_t tk_varbind_u64(const struct tk_varbind *vb)
{
    uint64_t v;

    memcpy(&v, vb->value, sizeof(v));
    return v;
}

/* --- names ----------------------------------------------------------------------------------------------------- */

static const char *name_of(const char *const *names, size_t count, uint8_t number)
{
    return number < count ? names[number] : NULL;
}

const char *tk_version_name(uint8_t version)
{
    static const char *const names[] = {[TK_SNMP_V1] = "1", [TK_SNMP_V2C] = "2c", [TK_SNMP_V3] = "3"};

    return name_of(names, sizeof(names) / sizeof(names[0]), version);
}

const char *tk_level_name(uint8_t level)
{
    static const char *const names[] = {
        [TK_NO_AUTH_NO_PRIV] = "noAuthNoPriv",
        [TK_AUTH_NO_PRIV] = "authNoPriv",
        [TK_AUTH_PRIV] = "authPriv",
    };

    return name_of(names, sizeof(names) / sizeof(names[0]), level);
}

const char *tk_transport_name(uint8_t transport)
{
    static const char *const names[] = {
        [TK_UDP] = "udp", [TK_UDP6] = "udp6", [TK_TCP] = "tcp", [TK_TCP6] = "tcp6", [TK_OTHER_TRANSPORT] = "other",
    };

    return name_of(names, sizeof(names) / sizeof(names[0]), transport);
}
