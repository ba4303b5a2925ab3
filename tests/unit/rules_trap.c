/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_trap.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

#define MAX_OCTETS 64

/* A varbind to be. */
struct draft {
    const struct tk_dict_object *object; /* NULL: unknown */
    struct tk_oid oid;                   /* with its instance */
    size_t own;                          /* how many of its sub-identifiers are the object's */
};

static uint32_t number_of(const struct tk_dict *d, const struct tk_dict_object *o)
{
    struct tk_oid oid;

    tk_dict_oid(d, o, &oid);
    return (uint32_t)tk_hash64(oid.subid, oid.len * sizeof(oid.subid[0]), 7) % 10000;
}

/* Does a rule that is tried before this one ask for the value? */
static bool is_wanted_before(const struct rules_trap *t, const struct tk_dict_object *o, int64_t value)
{
    const struct tk_rule_test *tests = t->r->tests.items;
    const struct tk_rule_value *values = t->r->values.items;
    const struct tk_rule *rules = t->r->rules.items;
    struct tk_oid oid;

    tk_dict_oid(t->dict, o, &oid);
    for (const struct tk_rule_pattern *p = t->rivals; p < t->rivals_end; p++)
        for (uint32_t i = 0; i < rules[p->rule].tests.len; i++) {
            const struct tk_rule_test *test = tests + rules[p->rule].tests.at + i;

            if (test->oid.len != oid.len || memcmp((const uint32_t *)t->r->subids.items + test->oid.at, oid.subid,
                                                   oid.len * sizeof(oid.subid[0])) != 0)
                continue;
            for (uint32_t k = 0; k < test->values.len; k++)
                if (values[test->values.at + k].kind == TK_VALUE_RANGE &&
                    values[test->values.at + k].range.min <= value && values[test->values.at + k].range.max >= value)
                    return true;
        }
    return false;
}

/* A label that no rule before this one asks for, if there is one; another one in each row, if there are several. */
static int64_t label_of(const struct rules_trap *t, const struct tk_dict_object *o, uint32_t number, unsigned count)
{
    int64_t value = 0;

    for (unsigned i = 0; i < count; i++) {
        value = tk_dict_enum(t->dict, o, (number + t->shift + t->row + i) % count).value;
        if (!is_wanted_before(t, o, value))
            break;
    }
    return value;
}

/* The integer that an object has in a row. */
static int64_t integer_of(const struct rules_trap *t, const struct tk_dict_object *o)
{
    uint32_t number = number_of(t->dict, o);
    unsigned count = tk_dict_enum_count(t->dict, o);

    if (tk_dict_is_inet_type(t->dict, o))
        return 1; /* ipv4 */
    if (count)
        return label_of(t, o, number, count);
    switch (t->shift) {
    case 0: return (int64_t)number * 4 + t->row + 1;
    case 1: return (int64_t)t->row + 1;
    case 2: return INT32_MAX - (int64_t)t->row;
    default: return (int64_t)number * t->shift + t->row;
    }
}

static size_t octets_of(const struct rules_trap *t, const struct tk_dict_object *o, uint8_t *dst)
{
    uint16_t fixed = tk_dict_fixed_len(t->dict, o);
    uint32_t number = number_of(t->dict, o);
    char text[MAX_OCTETS];

    if (tk_dict_is_inet_address(t->dict, o)) {
        const uint8_t address[] = {10, (uint8_t)(number >> 8), (uint8_t)number, (uint8_t)(t->row + 1)};

        memcpy(dst, address, sizeof(address));
        return sizeof(address);
    }
    if (tk_dict_syntax(t->dict, o) == TK_SYNTAX_BITS) { /* none is set */
        memset(dst, 0, 4);
        return 4;
    }
    (void)snprintf(text, sizeof(text), "%u-%05u-abcdefghijklmnopqrstuvwxyz", t->row, number);
    fixed = fixed > MAX_OCTETS / 2 ? MAX_OCTETS / 2 : fixed;
    memcpy(dst, text, fixed ? fixed : 7);
    return fixed ? fixed : 7;
}

static size_t subids_of(const struct rules_trap *t, const struct tk_dict_object *o, uint32_t *dst)
{
    const uint32_t oid[] = {1, 3, 6, 1, 4, 1, 99999, number_of(t->dict, o), t->row + 1};

    memcpy(dst, oid, sizeof(oid));
    return sizeof(oid) / sizeof(oid[0]);
}

/* ---- the instance ---- */

static void append(struct tk_oid *oid, uint32_t subid)
{
    if (oid->len < TK_OID_MAX_SUBIDS)
        oid->subid[oid->len++] = subid;
}

static void append_index(const struct rules_trap *t, const struct tk_dict_index *ix, struct tk_oid *oid)
{
    uint8_t octets[MAX_OCTETS];
    uint32_t subids[TK_OID_MAX_SUBIDS];
    size_t len;

    switch (ix->syntax) {
    case TK_SYNTAX_NETADDRESS:
    case TK_SYNTAX_IPADDRESS:
        if (ix->syntax == TK_SYNTAX_NETADDRESS)
            append(oid, 1);
        append(oid, 10);
        append(oid, number_of(t->dict, ix->object) >> 8);
        append(oid, number_of(t->dict, ix->object) & 255);
        append(oid, t->row + 1);
        break;
    case TK_SYNTAX_OID:
        len = subids_of(t, ix->object, subids);
        if (!ix->is_implied)
            append(oid, (uint32_t)len);
        for (size_t i = 0; i < len; i++)
            append(oid, subids[i]);
        break;
    case TK_SYNTAX_OCTETS:
    case TK_SYNTAX_OPAQUE:
    case TK_SYNTAX_BITS:
        len = octets_of(t, ix->object, octets);
        if (ix->fixed_len)
            while (len < ix->fixed_len && len < MAX_OCTETS)
                octets[len++] = 'x';
        else if (!ix->is_implied)
            append(oid, (uint32_t)len);
        for (size_t i = 0; i < len; i++)
            append(oid, octets[i]);
        break;
    default: append(oid, (uint32_t)integer_of(t, ix->object));
    }
}

static void append_instance(struct rules_trap *t, struct draft *d)
{
    unsigned count = d->object ? tk_dict_index_count(t->dict, d->object) : 0;

    if (!count)
        append(&d->oid, 0);
    for (unsigned i = 0; i < count; i++) {
        struct tk_dict_index ix = tk_dict_index(t->dict, d->object, i);

        if (ix.object) {
            t->has_row = true;
            append_index(t, &ix, &d->oid);
        } else {
            append(&d->oid, t->row + 1);
        }
    }
}

/* ---- the value ---- */

static void add_number(const struct rules_trap *t, const char *oid, uint8_t type, int64_t value)
{
    event_fixture_varbind(t->f, type, oid, &value, sizeof(value));
}

static uint8_t type_of(enum tk_dict_syntax syntax)
{
    switch (syntax) {
    case TK_SYNTAX_OCTETS:
    case TK_SYNTAX_BITS: return TK_OCTETS;
    case TK_SYNTAX_OID: return TK_OID;
    case TK_SYNTAX_IPADDRESS:
    case TK_SYNTAX_NETADDRESS: return TK_IPADDRESS;
    case TK_SYNTAX_COUNTER32: return TK_COUNTER32;
    case TK_SYNTAX_GAUGE32: return TK_GAUGE32;
    case TK_SYNTAX_TIMETICKS: return TK_TIMETICKS;
    case TK_SYNTAX_COUNTER64: return TK_COUNTER64;
    case TK_SYNTAX_OPAQUE: return TK_OPAQUE;
    default: return TK_INTEGER;
    }
}

static void add_usual(const struct rules_trap *t, const struct draft *d, const char *oid)
{
    uint8_t type = type_of(d->object ? tk_dict_syntax(t->dict, d->object) : TK_SYNTAX_INTEGER);
    uint8_t octets[MAX_OCTETS], ber[TK_OID_MAX_BER];
    uint32_t subids[TK_OID_MAX_SUBIDS];
    size_t len;

    switch (type) {
    case TK_OCTETS:
    case TK_OPAQUE:
        len = octets_of(t, d->object, octets);
        event_fixture_varbind(t->f, type, oid, octets, len);
        break;
    case TK_OID:
        len = subids_of(t, d->object, subids);
        event_fixture_varbind(t->f, type, oid, ber, (size_t)tk_oid_encode(ber, sizeof(ber), subids, len));
        break;
    case TK_IPADDRESS: {
        uint32_t n = number_of(t->dict, d->object);
        const uint8_t address[] = {10, (uint8_t)(n >> 8), (uint8_t)n, (uint8_t)(t->row + 1)};

        event_fixture_varbind(t->f, type, oid, address, sizeof(address));
        break;
    }
    default: add_number(t, oid, type, d->object ? integer_of(t, d->object) : (int64_t)t->row);
    }
}

/* A text that a glob matches: '*' is nothing, '?' a letter. */
static size_t text_of_glob(const char *glob, size_t len, uint8_t *dst)
{
    size_t n = 0;

    for (size_t i = 0; i < len && n < MAX_OCTETS; i++)
        if (glob[i] != '*')
            dst[n++] = glob[i] == '?' ? 'x' : (uint8_t)glob[i];
    return n;
}

/* A value as a rule wants it. */
static void add_wanted(struct rules_trap *t, const struct draft *d, const char *oid, const struct tk_rule_value *v)
{
    uint8_t type = type_of(d->object ? tk_dict_syntax(t->dict, d->object) : TK_SYNTAX_INTEGER);
    const char *bytes = (const char *)t->r->bytes.items + v->bytes.at;
    uint8_t octets[8192] = {0};

    switch ((enum tk_rule_value_kind)v->kind) {
    case TK_VALUE_RANGE:
        if (v->range.min == INT64_MIN || v->range.min > v->range.max)
            add_number(t, oid, type, v->range.min > v->range.max ? (int64_t)v->range.umin : v->range.max);
        else
            add_number(t, oid, type, v->range.min);
        break;
    case TK_VALUE_BIT:
        octets[v->number / 8] = (uint8_t)(0x80 >> v->number % 8);
        event_fixture_varbind(t->f, TK_OCTETS, oid, octets, v->number / 8 + 1);
        break;
    case TK_VALUE_GLOB:
        event_fixture_varbind(t->f, TK_OCTETS, oid, octets, text_of_glob(bytes, v->bytes.len, octets));
        break;
    case TK_VALUE_REGEX:
        t->is_beyond = true;
        add_usual(t, d, oid);
        break;
    case TK_VALUE_OID: event_fixture_varbind(t->f, TK_OID, oid, bytes, v->bytes.len); break;
    case TK_VALUE_ADDRESS: event_fixture_varbind(t->f, TK_IPADDRESS, oid, bytes, v->bytes.len); break;
    case TK_VALUE_OCTETS: event_fixture_varbind(t->f, TK_OCTETS, oid, bytes, v->bytes.len); break;
    }
}

static void add_option(const struct rules_trap *t, const struct draft *d, const char *oid,
                       const struct tk_rule_option *o)
{
    const char *bytes = (const char *)t->r->bytes.items + o->bytes.at;
    uint8_t type = type_of(d->object ? tk_dict_syntax(t->dict, d->object) : TK_SYNTAX_OCTETS);

    if (o->kind == TK_OPTION_NUMBER)
        add_number(t, oid, type, o->number);
    else if (o->kind == TK_OPTION_OID)
        event_fixture_varbind(t->f, TK_OID, oid, bytes, o->bytes.len);
    else if (type == TK_OCTETS)
        event_fixture_varbind(t->f, TK_OCTETS, oid, bytes, o->bytes.len);
    else
        add_number(t, oid, type, strtoll(bytes, NULL, 10));
}

static bool is_of(const struct rules_trap *t, struct tk_rule_span oid, const struct draft *d)
{
    return d->oid.len >= oid.len &&
           memcmp(d->oid.subid, (const uint32_t *)t->r->subids.items + oid.at, oid.len * sizeof(d->oid.subid[0])) == 0;
}

static void add_varbind(struct rules_trap *t, const struct draft *d)
{
    const struct tk_rule_test *tests = (const struct tk_rule_test *)t->r->tests.items + t->rule->tests.at;
    char oid[TK_OID_MAX_TEXT];

    if (t->f->count == EVENT_FIXTURE_VARBINDS)
        return;
    (void)tk_oid_format(oid, sizeof(oid), d->oid.subid, d->oid.len);
    for (uint32_t i = 0; i < t->rule->tests.len; i++)
        if (is_of(t, tests[i].oid, d)) {
            if (tests[i].wants_absent)
                return;
            if (tests[i].values.len) {
                add_wanted(t, d, oid, (const struct tk_rule_value *)t->r->values.items + tests[i].values.at);
                return;
            }
        }
    for (int i = 0; i < 2; i++)
        if (t->choices[i] && is_of(t, t->choices[i]->oid, d)) {
            add_option(t, d, oid,
                       (const struct tk_rule_option *)t->r->options.items + t->choices[i]->options.at + t->options[i]);
            return;
        }
    add_usual(t, d, oid);
}

/* ---- the notification ---- */

static void add_member(struct rules_trap *t, const struct tk_dict_object *o)
{
    struct draft d = {.object = o};

    tk_dict_oid(t->dict, o, &d.oid);
    d.own = d.oid.len;
    append_instance(t, &d);
    add_varbind(t, &d);
}

/* The facts have the name of the object, but not what it is. */
static void add_undefined(struct rules_trap *t, const struct tk_dict_member *m)
{
    char name[512];
    const struct tk_dict_object *o;

    (void)snprintf(name, sizeof(name), "%.*s%s%.*s", (int)m->module.len, m->module.text, m->module.len ? "::" : "",
                   (int)m->name.len, m->name.text);
    o = tk_dict_find_name(t->dict, name, strlen(name), NULL);
    if (o)
        add_member(t, o);
}

static bool is_carried(const struct rules_trap *t, struct tk_rule_span oid)
{
    const uint32_t *subid = (const uint32_t *)t->r->subids.items + oid.at;

    for (size_t i = 0; i < t->f->count; i++)
        if (t->f->drafts[i].oid.len >= oid.len &&
            memcmp(t->f->drafts[i].oid.subid, subid, oid.len * sizeof(*subid)) == 0)
            return true;
    return false;
}

/* What a rule asks of the notification is there, though its definition does not have it: devices send more. */
static void add_asked(struct rules_trap *t, struct tk_rule_span oid)
{
    struct draft d = {.own = oid.len};
    size_t matched;

    d.oid.len = oid.len;
    memcpy(d.oid.subid, (const uint32_t *)t->r->subids.items + oid.at, oid.len * sizeof(d.oid.subid[0]));
    d.object = tk_dict_resolve(t->dict, d.oid.subid, d.oid.len, &matched);
    (void)tk_oid_format(t->text, sizeof(t->text), d.oid.subid, d.oid.len);
    if (d.object) {
        struct tk_dict_text name = tk_dict_name(t->dict, d.object);

        (void)snprintf(t->text, sizeof(t->text), "%.*s", (int)name.len, name.text);
        if (matched == d.oid.len)
            append_instance(t, &d);
    }
    t->not_carried = t->text;
    add_varbind(t, &d);
}

void rules_trap_make(struct rules_trap *t)
{
    const struct tk_rule_test *tests = (const struct tk_rule_test *)t->r->tests.items + t->rule->tests.at;
    unsigned count = t->notification ? tk_dict_notification_objects(t->dict, t->notification) : 0;
    char text[TK_OID_MAX_TEXT];

    t->has_row = t->is_beyond = false;
    t->not_carried = NULL;
    (void)tk_oid_format(text, sizeof(text), t->oid.subid, t->oid.len);
    event_fixture_init(t->f, text);
    for (unsigned i = 0; i < count; i++) {
        struct tk_dict_member m = tk_dict_notification_object(t->dict, t->notification, i);

        if (m.object)
            add_member(t, m.object);
        else
            add_undefined(t, &m);
    }
    for (uint32_t i = 0; i < t->rule->tests.len; i++)
        if (!tests[i].wants_absent && !is_carried(t, tests[i].oid))
            add_asked(t, tests[i].oid);
    for (int i = 0; i < 2; i++)
        if (t->choices[i] && !is_carried(t, t->choices[i]->oid))
            add_asked(t, t->choices[i]->oid);
    event_fixture_finish(t->f, t->dict);
}
