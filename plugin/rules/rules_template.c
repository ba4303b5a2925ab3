/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "rules/rules_internal.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/json_writer.h"
#include "event/varbind_text.h"

#define MAX_PARTS   16   /* references and the text between them */
#define MAX_LITERAL 1024 /* bytes of a template */

_Static_assert(MAX_PARTS *TK_RULES_MAX_TEXT + MAX_LITERAL < TK_RULES_KEY_MAX, "every key must fit");

/* ---- compiling ---- */

static bool add_part(struct tk_rules_compiler *c, struct tk_rule_part part)
{
    struct tk_rule *rule = (struct tk_rule *)c->r->rules.items + (c->r->rules.count - 1);
    struct tk_rule_part *kept;

    if (c->r->parts.count - rule->first_part >= MAX_PARTS)
        return tk_rules_complain(c, "\"key\" has more than %d references and texts between them; write a shorter key",
                                 MAX_PARTS);
    kept = tk_vector_push(&c->r->parts, 1, sizeof(*kept));
    if (!kept)
        return tk_rules_no_memory(c);
    *kept = part;
    return true;
}

static bool add_literal(struct tk_rules_compiler *c, const char *text, size_t len)
{
    struct tk_rule_part part = {.kind = TK_PART_LITERAL};

    return !len || (tk_rules_keep(c, &c->r->bytes, text, len, 1, &part.text) && add_part(c, part));
}

static bool cut_suffix(char *name, const char *suffix)
{
    size_t len = strlen(name), suffix_len = strlen(suffix);

    if (len <= suffix_len || strcmp(name + len - suffix_len, suffix) != 0)
        return false;
    name[len - suffix_len] = '\0';
    return true;
}

static bool add_object(struct tk_rules_compiler *c, char *name)
{
    static const struct tk_oid if_index = {10, {1, 3, 6, 1, 2, 1, 2, 2, 1, 1}};
    struct tk_rule_part part = {.kind = TK_PART_VALUE};
    struct tk_oid oid;

    if (cut_suffix(name, ".index"))
        part.kind = TK_PART_INSTANCE;
    else if (cut_suffix(name, ".parent"))
        part.kind = TK_PART_PARENT;
    if (!tk_rules_resolve(c, name, TK_WANT_OBJECT, &oid, &part.object) ||
        !tk_rules_keep(c, &c->r->subids, oid.subid, oid.len, sizeof(oid.subid[0]), &part.text))
        return false;
    part.is_ifindex = oid.len == if_index.len && memcmp(oid.subid, if_index.subid, oid.len * sizeof(oid.subid[0])) == 0;
    return add_part(c, part);
}

static bool add_reference(struct tk_rules_compiler *c, const char *text, size_t len)
{
    char name[256], shown[96];

    if (!len || len >= sizeof(name))
        return tk_rules_complain(c,
                                 "\"key\" refers to '{%s}'; write {device}, {trap}, {OBJECT}, {OBJECT.index} or "
                                 "{OBJECT.parent}",
                                 tk_escape(shown, sizeof(shown), text, len));
    memcpy(name, text, len);
    name[len] = '\0';
    if (strcmp(name, "device") == 0)
        return add_part(c, (struct tk_rule_part){.kind = TK_PART_DEVICE});
    if (strcmp(name, "trap") == 0)
        return add_part(c, (struct tk_rule_part){.kind = TK_PART_TRAP});
    return add_object(c, name);
}

bool tk_rules_parse_key(struct tk_rules_compiler *c, const char *text, size_t len)
{
    char literal[MAX_LITERAL] = "", shown[96];
    size_t used = 0;

    if (len > MAX_LITERAL)
        return tk_rules_complain(c, "\"key\" has %zu bytes; write at most %d", len, MAX_LITERAL);
    (void)tk_escape(shown, sizeof(shown), text, len);
    for (const char *p = text, *end = text + len; p < end; p++) {
        const char *close;

        if ((*p == '{' || *p == '}') && p + 1 < end && p[1] == *p) {
            literal[used++] = *p++;
            continue;
        }
        if (*p == '}')
            return tk_rules_complain(c, "\"key\" is '%s' and has a '}' without a '{'; write '}}' for a brace", shown);
        if (*p != '{') {
            literal[used++] = *p;
            continue;
        }
        close = memchr(p, '}', (size_t)(end - p));
        if (!close)
            return tk_rules_complain(c,
                                     "\"key\" is '%s' and has a '{' without a '}'; write {device}, {OBJECT}, ..., or "
                                     "'{{' for a brace",
                                     shown);
        if (!add_literal(c, literal, used) || !add_reference(c, p + 1, (size_t)(close - p - 1)))
            return false;
        used = 0;
        p = close;
    }
    return add_literal(c, literal, used);
}

/* ---- making a key ---- */

struct output {
    char text[TK_RULES_KEY_MAX];
    size_t len;
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

/* The octets as their text, @p n bytes or -1; but a key is one line, and a value in it is short. */
static void put_octets(struct output *out, const char *text, int n, const uint8_t *value, size_t len)
{
    char hex[TK_RULES_MAX_TEXT];

    if (n >= 0 && n <= TK_RULES_MAX_TEXT && is_printable((const uint8_t *)text, (size_t)n)) {
        put(out, text, (size_t)n);
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

static bool is_missing(const struct tk_event_varbind *vb)
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

    if (is_missing(vb)) {
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

/* Find the object in the index of a varbind: the object itself, or, if is_itself is false, any InterfaceIndex. */
static bool put_found_index(struct output *out, const struct tk_rules *r, const struct tk_rule_part *part,
                            const struct tk_event *ev, bool is_itself)
{
    for (size_t i = 0; i < ev->varbind_count; i++) {
        const struct tk_event_varbind *vb = ev->varbinds + i;
        struct tk_dict_value values[TK_DICT_MAX_INDEXES];
        int count = vb->object ? tk_dict_decode_instance(r->dict, vb->object, vb->subid + vb->matched,
                                                         vb->subids - vb->matched, values)
                               : 0;

        for (int k = 0; k < count; k++) {
            const struct tk_dict_index *ix = &values[k].index;

            if (is_itself ? tk_dict_is_same(r->dict, ix->object, part->object) : ix->is_ifindex) {
                put_index(out, r, values, (size_t)k);
                return true;
            }
        }
    }
    return false;
}

static void put_object(struct output *out, const struct tk_rules *r, const struct tk_rule_part *part,
                       const struct tk_event *ev)
{
    size_t i = tk_rules_find_varbind(r, part->text, ev, 0);
    const struct tk_event_varbind *vb = ev->varbinds + i;

    if (i < ev->varbind_count) {
        if (part->kind == TK_PART_INSTANCE)
            put_oid(out, vb->subid + part->text.len, vb->subids - part->text.len);
        else if (part->kind == TK_PART_PARENT)
            put_parent(out, vb);
        else
            put_value(out, r, ev, vb);
        return;
    }
    if (part->kind == TK_PART_VALUE && ((part->object && put_found_index(out, r, part, ev, true)) ||
                                        (part->is_ifindex && put_found_index(out, r, part, ev, false))))
        return;
    put(out, "-", 1);
}

static void put_trap(struct output *out, const struct tk_event *ev)
{
    if (ev->trap_name.text)
        put_text(out, ev->trap_name.text, ev->trap_name.len);
    else
        put_oid(out, ev->trap_oid, ev->trap_oid_len);
}

struct tk_text tk_rules_key(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_event *ev)
{
    const struct tk_rule_part *part = (const struct tk_rule_part *)r->parts.items + rule->first_part;
    struct output out; /* not cleared, because that costs time: only written bytes are read */
    char *text;

    out.len = 0;
    for (uint32_t i = 0; i < rule->part_count; i++, part++) {
        if (part->kind == TK_PART_LITERAL)
            put(&out, (const char *)r->bytes.items + part->text.at, part->text.len);
        else if (part->kind == TK_PART_TRAP)
            put_trap(&out, ev);
        else if (part->kind == TK_PART_DEVICE && ev->device.text)
            put_text(&out, ev->device.text, ev->device.len);
        else if (part->kind == TK_PART_DEVICE)
            put(&out, "-", 1);
        else
            put_object(&out, r, part, ev);
    }
    text = tk_arena_alloc(ev->arena, out.len);
    if (text)
        memcpy(text, out.text, out.len);
    return (struct tk_text){text, text ? out.len : 0};
}
