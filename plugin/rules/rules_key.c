/* SPDX-License-Identifier: Apache-2.0 */
/* Makes alarm keys, and the plain text of values that they are made of. */
#include "base/text.h"
#include "rules/rules_internal.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/json_writer.h"
#include "event/varbind_text.h"

struct output {
    char text[TK_RULES_KEY_MAX];
    size_t len;
    bool is_followed; /* something follows the value */
};

static void put(struct output *out, const char *text, size_t len)
{
    TK_ASSERT(len <= sizeof(out->text) - out->len);
    memcpy(out->text + out->len, text, len);
    out->len += len;
}

/* Values come from the network and may be long. A hash is short, and differs if the values differ. */
static void put_hash(struct output *out, const void *bytes, size_t len)
{
    char hash[24];

    (void)snprintf(hash, sizeof(hash), "#%016" PRIx64, tk_hash64(bytes, len, 0));
    put(out, hash, 17);
}

static void put_text(struct output *out, const char *text, size_t len)
{
    if (len <= TK_RULES_MAX_TEXT)
        put(out, text, len);
    else
        put_hash(out, text, len);
}

static void put_oid(struct output *out, const uint32_t *subid, size_t len)
{
    char text[TK_OID_MAX_TEXT];
    size_t bytes = tk_oid_format(text, sizeof(text), subid, len);

    put_text(out, text, bytes);
}

static bool is_printable(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return tk_utf8_is_valid(text, len);
}

/* A text that another value follows must not look like two values: "a/b" and "c" are not "a" and "b/c". @returns its length
 * in @p dst, 3 * TK_RULES_MAX_TEXT */
static size_t escape(char *dst, const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        dst[n++] = text[i];
        if (text[i] == '/' || text[i] == '%') {
            dst[n - 1] = '%';
            n += tk_format_hex(dst + n, text + i, 1);
        }
    }
    return n;
}

static void put_words(struct output *out, const char *text, size_t len)
{
    char escaped[3 * TK_RULES_MAX_TEXT];
    size_t n;

    if (!out->is_followed || !(memchr(text, '/', len) || memchr(text, '%', len))) {
        put(out, text, len);
        return;
    }
    n = escape(escaped, text, len);
    if (n <= TK_RULES_MAX_TEXT)
        put(out, escaped, n);
    else
        put_hash(out, text, len);
}

/* The octets as their text, @p n bytes or -1; but a key is one line, and a value in it is short. */
static void put_octets(struct output *out, const char *text, int n, const uint8_t *value, size_t len)
{
    char hex[TK_RULES_MAX_TEXT];

    if (n >= 0 && n <= TK_RULES_MAX_TEXT && is_printable((const uint8_t *)text, (size_t)n)) {
        put_words(out, text, (size_t)n);
    } else if (n > TK_RULES_MAX_TEXT || len > (sizeof(hex) - 2) / 2) {
        put_hash(out, value, len);
    } else {
        len = tk_format_marked_hex(hex, value, len);
        put(out, hex, len);
    }
}

int tk_rules_plain_text(const struct tk_varbind *vb, char *dst, size_t dst_bytes)
{
    struct tk_oid oid;
    int64_t n;

    switch (vb->type) {
    case TK_INTEGER:
    case TK_INTEGER64:
        n = tk_varbind_i64(vb);
        return (int)tk_format_signed(dst, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, n < 0);
    case TK_COUNTER32:
    case TK_GAUGE32:
    case TK_TIMETICKS:
    case TK_COUNTER64:
    case TK_UNSIGNED64: return (int)tk_format_signed(dst, tk_varbind_u64(vb), false);
    case TK_IPADDRESS: return inet_ntop(AF_INET, vb->value, dst, (socklen_t)dst_bytes) ? (int)strlen(dst) : -1;
    case TK_OID:
        return tk_oid_decode(&oid, vb->value, vb->value_len) < 0
                   ? -1
                   : (int)tk_oid_format(dst, dst_bytes, oid.subid, oid.len);
    default: return -1;
    }
}

bool tk_rules_is_missing(const struct tk_event_varbind *vb)
{
    return vb->is_secret || vb->raw.type == TK_NULL || vb->raw.type == TK_NO_SUCH_OBJECT ||
           vb->raw.type == TK_NO_SUCH_INSTANCE || vb->raw.type == TK_END_OF_MIB_VIEW;
}

/* The text of octets for a key. BITS have none there, as integers have no labels. */
static int octets_text(char *dst, const struct tk_rules *r, const struct tk_event *ev,
                       const struct tk_event_varbind *vb)
{
    bool is_bits = vb->object && tk_dict_syntax(r->dict, vb->object) == TK_SYNTAX_BITS;

    return vb->raw.type == TK_OCTETS && !is_bits ? tk_varbind_octets_text(dst, r->dict, ev, vb) : -1;
}

static void put_value(struct output *out, const struct tk_rules *r, const struct tk_event *ev,
                      const struct tk_event_varbind *vb)
{
    char text[TK_TEXT_BYTES]; /* TK_OID_MAX_TEXT is less */
    int len;

    if (tk_rules_is_missing(vb)) {
        put(out, "-", 1);
        return;
    }
    len = tk_rules_plain_text(&vb->raw, text, sizeof(text));
    if (len >= 0)
        put_text(out, text, (size_t)len);
    else
        put_octets(out, text, octets_text(text, r, ev, vb), vb->raw.value, vb->raw.value_len);
}

static void put_parent(struct output *out, const struct tk_event_varbind *vb)
{
    struct tk_oid oid;

    if (vb->raw.type != TK_OID || tk_oid_decode(&oid, vb->raw.value, vb->raw.value_len) < 0 || oid.len < 2)
        put(out, "-", 1);
    else
        put_oid(out, oid.subid, oid.len - 1);
}

/* An object has the same text in a key whether it is a varbind or an index. */
static void put_index(struct output *out, const struct tk_rules *r, const struct tk_dict_value *values, size_t at)
{
    const struct tk_dict_value *v = values + at;
    uint8_t octets[TK_OID_MAX_SUBIDS];
    char text[TK_TEXT_BYTES];

    switch (v->index.syntax) {
    case TK_SYNTAX_BITS:
        tk_index_octets(octets, v);
        put_octets(out, text, -1, octets, v->len);
        break;
    case TK_SYNTAX_OCTETS:
    case TK_SYNTAX_OPAQUE:
        tk_index_octets(octets, v);
        put_octets(out, text, tk_index_octets_text(text, r->dict, values, at), octets, v->len);
        break;
    default: put_oid(out, v->subid, v->len); /* an integer too: decimal, as in a value */
    }
}

/* The object itself, or, if object is NULL, any InterfaceIndex. */
static int find_index(const struct tk_rules *r, const struct tk_dict_object *object, const struct tk_event *ev,
                      struct tk_dict_value *values)
{
    for (size_t i = 0; i < ev->varbind_count; i++) {
        const struct tk_event_varbind *vb = ev->varbinds + i;
        int count = vb->object ? tk_dict_decode_instance(r->dict, vb->object, vb->subid + vb->matched,
                                                         vb->subids - vb->matched, values)
                               : 0;

        for (int k = 0; k < count; k++)
            if (object ? tk_dict_is_same(r->dict, values[k].index.object, object) : values[k].index.is_ifindex)
                return k;
    }
    return -1;
}

int tk_rules_find_index(const struct tk_rules *r, uint32_t object, const struct tk_event *ev,
                        struct tk_dict_value *values)
{
    const struct tk_dict_object *known = ((const struct tk_rule_known *)r->known.items)[object].object;
    int at = known ? find_index(r, known, ev, values) : -1;

    return at < 0 && ((const struct tk_rule_object *)r->objects.items)[object].is_ifindex
               ? find_index(r, NULL, ev, values)
               : at;
}

static void put_object(struct output *out, const struct tk_rules *r, const struct tk_rule_part *part,
                       const struct tk_event *ev)
{
    struct tk_rule_span oid = ((const struct tk_rule_object *)r->objects.items)[part->object].oid;
    size_t i = tk_rules_find_varbind(r, oid, ev, 0);
    const struct tk_event_varbind *vb = ev->varbinds + i;
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    int at;

    if (i < ev->varbind_count) {
        if (part->kind == TK_PART_INSTANCE)
            put_oid(out, vb->subid + oid.len, vb->subids - oid.len);
        else if (part->kind == TK_PART_PARENT)
            put_parent(out, vb);
        else
            put_value(out, r, ev, vb);
        return;
    }
    at = part->kind == TK_PART_VALUE ? tk_rules_find_index(r, part->object, ev, values) : -1;
    if (at >= 0)
        put_index(out, r, values, (size_t)at);
    else
        put(out, "-", 1);
}

static void put_trap(struct output *out, const struct tk_event *ev)
{
    if (ev->trap_name.text)
        put_text(out, ev->trap_name.text, ev->trap_name.len);
    else
        put_oid(out, ev->trap_oid, ev->trap_oid_len);
}

static void put_part(struct output *out, const struct tk_rules *r, const struct tk_rule_part *part,
                     const struct tk_event *ev)
{
    switch ((enum tk_rule_part_kind)part->kind) {
    case TK_PART_LITERAL: put(out, (const char *)r->bytes.items + part->bytes.at, part->bytes.len); break;
    case TK_PART_TRAP: put_trap(out, ev); break;
    case TK_PART_DEVICE:
        if (ev->device.text)
            put_text(out, ev->device.text, ev->device.len);
        else
            put(out, "-", 1);
        break;
    default: put_object(out, r, part, ev);
    }
}

struct tk_text tk_rules_key(const struct tk_rules *r, struct tk_rule_span parts, const struct tk_event *ev)
{
    const struct tk_rule_part *part = (const struct tk_rule_part *)r->parts.items + parts.at;
    struct output out; /* not cleared, because that costs time: only written bytes are read */
    char *text;

    out.len = 0;
    for (uint32_t i = 0; i < parts.len; i++) {
        out.is_followed = i + 1 < parts.len;
        put_part(&out, r, part + i, ev);
    }
    text = tk_arena_alloc(ev->arena, out.len + 1);
    if (text)
        memcpy(text, out.text, out.len);
    return (struct tk_text){text, text ? out.len : 0};
}
