/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_internal.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/text.h"
#include "event/varbind_text.h"

/* ---- compiling ---- */

static bool add_value(struct tk_rules_compiler *c, struct tk_rule_value v)
{
    struct tk_rule_value *kept = tk_vector_push(&c->r->values, 1, sizeof(*kept));

    if (!kept)
        return tk_rules_no_memory(c);
    *kept = v;
    return true;
}

static bool add_bytes(struct tk_rules_compiler *c, enum tk_rule_value_kind kind, const void *bytes, size_t len)
{
    struct tk_rule_value v;

    memset(&v, 0, sizeof(v)); /* values are compared as bytes */
    v.kind = kind;
    return tk_rules_keep(c, &c->r->bytes, bytes, len, 1, &v.bytes) && add_value(c, v);
}

static bool add_number(struct tk_rules_compiler *c, enum tk_rule_value_kind kind, uint32_t number)
{
    struct tk_rule_value v;

    memset(&v, 0, sizeof(v));
    v.kind = kind;
    v.number = number;
    return add_value(c, v);
}

static bool add_range(struct tk_rules_compiler *c, struct tk_rule_number low, struct tk_rule_number high)
{
    struct tk_rule_value v;

    memset(&v, 0, sizeof(v));
    v.kind = TK_VALUE_RANGE;
    v.range = tk_rules_range(low, high);
    return add_value(c, v);
}

static bool is_number(uint8_t syntax)
{
    return syntax == TK_SYNTAX_INTEGER || syntax == TK_SYNTAX_COUNTER32 || syntax == TK_SYNTAX_GAUGE32 ||
           syntax == TK_SYNTAX_TIMETICKS || syntax == TK_SYNTAX_COUNTER64;
}

/* The object under test. If it is unknown, the type of the value in the rule decides how to compare. */
struct tested {
    const struct tk_dict_object *object;
    uint8_t syntax;
    const char *member, *shown_object;
};

bool tk_rules_find_label(struct tk_rules_compiler *c, const struct tk_dict_object *o, const char *member,
                         const char *shown, const char *label, const char *others, int64_t *ret_value)
{
    unsigned count = o ? tk_dict_enum_count(c->dict, o) : 0;
    char list[200] = "", shown_label[64];
    size_t len = strlen(label), used = 0;

    for (unsigned i = 0; i < count; i++) {
        struct tk_dict_enum e = tk_dict_enum(c->dict, o, i);

        if (e.label.len == len && memcmp(e.label.text, label, len) == 0) {
            *ret_value = e.value;
            return true;
        }
    }
    (void)tk_escape(shown_label, sizeof(shown_label), label, len);
    if (!count)
        return tk_rules_complain(c,
                                 "\"%s\" is '%s', but '%s' is a number without labels; write the number, without "
                                 "quotes",
                                 member, shown_label, shown);
    for (unsigned i = 0; i < count && used + 80 < sizeof(list); i++) { /* if not all labels fit, "..." is appended */
        struct tk_dict_text name = tk_dict_enum(c->dict, o, i).label;

        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%.*s", i ? ", " : "",
                                 name.len < 60 ? (int)name.len : 60, name.text);
    }
    return tk_rules_complain(c, "\"%s\" is '%s', which is not a label of '%s'; write %sone of: %s%s", member,
                             shown_label, shown, others, list, used + 80 < sizeof(list) ? "" : ", ...");
}

static bool find_label(struct tk_rules_compiler *c, const struct tested *t, json_t *label,
                       struct tk_rule_number *ret_value)
{
    int64_t value;

    if (!tk_rules_find_label(c, t->object, t->member, t->shown_object, json_string_value(label), "a number, or ",
                             &value))
        return false;
    *ret_value = (struct tk_rule_number){value < 0, (uint64_t)value};
    return true;
}

static bool add_oid(struct tk_rules_compiler *c, const char *text)
{
    uint8_t ber[TK_OID_MAX_BER];
    struct tk_oid oid;
    int len;

    if (!tk_rules_resolve(c, text, TK_WANT_ANY, &oid, NULL))
        return false;
    len = tk_oid_encode(ber, sizeof(ber), oid.subid, oid.len);
    if (len < 0)
        return tk_rules_complain(c, "'%.80s' is not an OID that SNMP can carry; write one that begins with 0, 1 or 2",
                                 text);
    return add_bytes(c, TK_VALUE_OID, ber, (size_t)len);
}

static bool add_text(struct tk_rules_compiler *c, const struct tested *t, json_t *value)
{
    const char *text = json_string_value(value);
    uint8_t address[16];
    bool is_v4 = inet_pton(AF_INET, text, address) == 1, is_any = t->syntax == TK_SYNTAX_NONE;
    struct tk_oid oid;

    if (t->syntax == TK_SYNTAX_OID)
        return add_oid(c, text);
    if (t->syntax == TK_SYNTAX_IPADDRESS || t->syntax == TK_SYNTAX_NETADDRESS || (is_any && is_v4)) {
        if (!is_v4)
            return tk_rules_complain(c,
                                     "\"%s\" is '%.80s', but '%s' is an IPv4 address; write one, such as "
                                     "\"192.0.2.1\"",
                                     t->member, text, t->shown_object);
        if (!add_bytes(c, TK_VALUE_ADDRESS, address, 4))
            return false;
    } else if (t->object && tk_dict_is_inet_address(c->dict, t->object)) {
        if (is_v4 && !add_bytes(c, TK_VALUE_OCTETS, address, 4))
            return false;
        if (inet_pton(AF_INET6, text, address) == 1 && !add_bytes(c, TK_VALUE_OCTETS, address, 16))
            return false;
    }
    if (is_any && tk_oid_parse(&oid, text) == 0 && oid.len > 1 && oid.subid[0] <= 2 && !add_oid(c, text))
        return false;
    return add_bytes(c, TK_VALUE_OCTETS, text, json_string_length(value));
}

static bool parse_equals(struct tk_rules_compiler *c, const struct tested *t, json_t *value)
{
    bool wants_text = t->syntax != TK_SYNTAX_NONE && !is_number(t->syntax);
    struct tk_rule_number n;
    char shown[64];

    if (t->syntax == TK_SYNTAX_BITS)
        return tk_rules_complain(c,
                                 "\"%s\" can't test '%s', which is a set of bits; write \"has\": with labels of bits",
                                 t->member, t->shown_object);
    if (!wants_text && tk_rules_number(value, &n))
        return add_range(c, n, n);
    if (json_is_string(value) && is_number(t->syntax))
        return find_label(c, t, value, &n) && add_range(c, n, n);
    if (json_is_string(value))
        return add_text(c, t, value);
    return tk_rules_complain(c, "\"%s\" is '%s'; write %s", t->member, tk_rules_show(shown, sizeof(shown), value),
                             wants_text ? "text in quotes: the object is not a number"
                                        : "a whole number from -9223372036854775808 to "
                                          "18446744073709551615, or a label or text in quotes");
}

static bool parse_matches(struct tk_rules_compiler *c, const struct tested *t, json_t *value)
{
    char shown[64];

    if (!json_string_length(value) || json_string_length(value) > 255)
        return tk_rules_complain(c,
                                 "\"%s\" is '%s'; write text of up to 255 characters with '*' and '?', such as "
                                 "\"*fan*\"",
                                 t->member, tk_rules_show(shown, sizeof(shown), value));
    return add_bytes(c, TK_VALUE_GLOB, json_string_value(value), json_string_length(value));
}

static bool parse_regex(struct tk_rules_compiler *c, const struct tested *t, json_t *value)
{
    uint32_t number;

    return tk_rules_add_regex(c, t->member, value, &number) && add_number(c, TK_VALUE_REGEX, number);
}

static bool parse_has(struct tk_rules_compiler *c, const struct tested *t, json_t *value)
{
    struct tk_rule_number bit = {.is_negative = true};
    char shown[64];

    (void)tk_rules_number(value, &bit);

    if (t->syntax != TK_SYNTAX_BITS && t->syntax != TK_SYNTAX_NONE && t->syntax != TK_SYNTAX_OCTETS)
        return tk_rules_complain(c,
                                 "\"has\" can't test '%s', which is not a set of bits; write \"equals\": or "
                                 "\"in\":",
                                 t->shown_object);
    if (json_is_string(value) && !find_label(c, t, value, &bit))
        return false;
    if (bit.is_negative || bit.bits > 65535)
        return tk_rules_complain(c, "\"has\" is '%s'; write the label or the number (0 to 65535) of a bit",
                                 tk_rules_show(shown, sizeof(shown), value));
    return add_number(c, TK_VALUE_BIT, (uint32_t)bit.bits);
}

static bool parse_list(struct tk_rules_compiler *c, const struct tested *t, json_t *value,
                       bool (*parse)(struct tk_rules_compiler *, const struct tested *, json_t *))
{
    if (!json_is_array(value))
        return parse(c, t, value);
    if (!json_array_size(value))
        return tk_rules_complain(c, "\"%s\" is an empty list; write at least one value", t->member);
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!parse(c, t, json_array_get(value, i)))
            return false;
    return true;
}

static bool parse_range(struct tk_rules_compiler *c, const struct tested *t, json_t *min, json_t *max)
{
    char shown_min[32], shown_max[32];
    struct tk_rule_number low = {true, (uint64_t)INT64_MIN}, high = {false, UINT64_MAX};

    if ((min && !tk_rules_number(min, &low)) || (max && !tk_rules_number(max, &high)) || tk_rules_is_less(high, low))
        return tk_rules_complain(c,
                                 "\"min\" is '%s' and \"max\" is '%s'; write whole numbers from "
                                 "-9223372036854775808 to 18446744073709551615, the smaller one as \"min\"",
                                 tk_rules_show(shown_min, sizeof(shown_min), min),
                                 tk_rules_show(shown_max, sizeof(shown_max), max));
    if (t->syntax != TK_SYNTAX_NONE && !is_number(t->syntax))
        return tk_rules_complain(c,
                                 "\"min\" and \"max\" can't test '%s', which is not a number; write \"equals\": or "
                                 "\"matches\":",
                                 t->shown_object);
    return add_range(c, low, high);
}

/* The name of the test, or NULL unless there is exactly one; min and max together are one test, "min". */
static const char *only_test(json_t *json)
{
    static const char *const tests[] = {"equals", "in", "matches", "regex", "has", "present", "min", "max"};
    const char *found = NULL;

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!json_object_get(json, tests[i]))
            continue;
        if (found && !(strcmp(found, "min") == 0 && strcmp(tests[i], "max") == 0))
            return NULL;
        found = found ? found : tests[i];
    }
    return found;
}

static bool parse_values(struct tk_rules_compiler *c, json_t *json, const struct tested *t, bool *ret_wants_absent)
{
    json_t *value = json_object_get(json, t->member);
    char shown[64];

    switch (t->member[0]) {
    case 'e': return parse_equals(c, t, value);
    case 'i':
        if (!json_is_array(value))
            return tk_rules_complain(c, "\"in\" is '%s'; write a list, such as [1, 2]",
                                     tk_rules_show(shown, sizeof(shown), value));
        return parse_list(c, t, value, parse_equals);
    case 'h': return parse_list(c, t, value, parse_has);
    case 'r': return parse_list(c, t, value, parse_regex);
    case 'p':
        if (!json_is_boolean(value))
            return tk_rules_complain(c, "\"present\" is '%s'; write true or false, without quotes",
                                     tk_rules_show(shown, sizeof(shown), value));
        *ret_wants_absent = !json_is_true(value);
        return true;
    default:
        if (strcmp(t->member, "matches") == 0)
            return parse_list(c, t, value, parse_matches);
        return parse_range(c, t, json_object_get(json, "min"), json_object_get(json, "max"));
    }
}

bool tk_rules_parse_test(struct tk_rules_compiler *c, json_t *json)
{
    static const char *const members[] = {"object", "equals", "in",  "matches", "regex",
                                          "has",    "min",    "max", "present", NULL};
    struct tk_rule_test test = {.wants_absent = 0}, *kept;
    uint32_t first = c->r->values.count;
    bool wants_absent = false;
    json_t *object = json_object_get(json, "object");
    char shown[96];
    struct tested t = {.member = only_test(json), .shown_object = shown};
    struct tk_oid oid;

    if (!json_is_object(json) || !json_string_length(object))
        return tk_rules_complain(c,
                                 "\"varbinds\" has '%s'; write {\"object\": \"IF-MIB::ifAdminStatus\", \"equals\": "
                                 "\"up\"}",
                                 tk_rules_show(shown, sizeof(shown), json));
    if (!tk_rules_members_ok(c, json, "an element of \"varbinds\"", members))
        return false;
    (void)tk_rules_show(shown, sizeof(shown), object);
    if (!t.member)
        return tk_rules_complain(
            c,
            "the element of \"varbinds\" for '%s' has no test or several; write exactly one of "
            "equals, in, matches, regex, has, present, or min and max, and one element for each test",
            shown);
    if (!tk_rules_resolve(c, json_string_value(object), TK_WANT_OBJECT, &oid, &t.object))
        return false;
    t.syntax = t.object ? tk_dict_syntax(c->dict, t.object) : TK_SYNTAX_NONE;
    if (!tk_rules_keep(c, &c->r->subids, oid.subid, oid.len, sizeof(oid.subid[0]), &test.oid) ||
        !parse_values(c, json, &t, &wants_absent) ||
        !tk_rules_share(c, &c->r->values, first, sizeof(struct tk_rule_value), &test.values))
        return false;
    test.wants_absent = wants_absent;
    kept = tk_vector_push(&c->r->tests, 1, sizeof(*kept));
    if (!kept)
        return tk_rules_no_memory(c);
    *kept = test;
    return true;
}

/* ---- matching ---- */

bool tk_rules_glob(const char *glob, size_t glob_len, const char *text, size_t len)
{
    size_t g = 0, t = 0, star = SIZE_MAX, resume = 0;

    while (t < len) {
        if (g < glob_len && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob_len && (glob[g] == '?' || glob[g] == text[t])) {
            g++;
            t++;
        } else if (star != SIZE_MAX) { /* let the last star match one more byte */
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob_len && glob[g] == '*')
        g++;
    return g == glob_len;
}

struct pattern {
    const struct tk_rules *r;
    const struct tk_rule *rule;
    const struct tk_rule_value *value;
    struct tk_event *ev;
};

static bool text_matches(const struct pattern *p, const char *text, size_t len)
{
    const struct tk_rule_value *v = p->value;

    if (v->kind == TK_VALUE_REGEX)
        return tk_rules_regex_matches(p->r, p->rule, v->number, p->ev, text, len);
    return tk_rules_glob((const char *)p->r->bytes.items + v->bytes.at, v->bytes.len, text, len);
}

static bool is_same(const struct tk_varbind *raw, const char *text, size_t len)
{
    return raw->value_len == len && memcmp(raw->value, text, len) == 0;
}

/* Octets match as they are, or as the event's `text` has them. */
static bool pattern_matches(const struct pattern *p, const struct tk_event_varbind *vb)
{
    const struct tk_varbind *raw = &vb->raw;
    char text[TK_TEXT_BYTES];
    int len = tk_rules_plain_text(raw, text, sizeof(text));

    if (len < 0 && raw->type == TK_OCTETS) {
        size_t n = raw->value_len < TK_RULES_MAX_MATCH ? raw->value_len : TK_RULES_MAX_MATCH;

        if (text_matches(p, (const char *)raw->value, n))
            return true;
        if (n == raw->value_len && !(tk_varbind_is_own_text(p->r->dict, vb) && tk_is_text(raw->value, n)))
            len = tk_varbind_octets_text(text, p->r->dict, p->ev, vb);
        if (len >= 0 && is_same(raw, text, (size_t)len))
            return false;
    }
    return len >= 0 && text_matches(p, text, (size_t)len);
}

static bool has_bit(const struct tk_varbind *vb, uint32_t bit)
{
    return vb->type == TK_OCTETS && vb->value_len > bit / 8 && vb->value[bit / 8] & (0x80 >> bit % 8);
}

static bool value_matches(const struct pattern *p, const struct tk_event_varbind *with)
{
    const struct tk_rule_value *v = p->value;
    const struct tk_varbind *vb = &with->raw;
    uint8_t type;

    switch ((enum tk_rule_value_kind)v->kind) {
    case TK_VALUE_RANGE: return tk_rules_in_range(&v->range, vb);
    case TK_VALUE_GLOB:
    case TK_VALUE_REGEX: return pattern_matches(p, with);
    case TK_VALUE_BIT: return has_bit(vb, v->number);
    default:
        type = v->kind == TK_VALUE_OID ? TK_OID : v->kind == TK_VALUE_ADDRESS ? TK_IPADDRESS : TK_OCTETS;
        return vb->type == type && vb->value_len == v->bytes.len &&
               memcmp(vb->value, (const char *)p->r->bytes.items + v->bytes.at, v->bytes.len) == 0;
    }
}

bool tk_rules_test_holds(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_rule_test *test,
                         struct tk_event *ev)
{
    const struct tk_rule_value *v = (const struct tk_rule_value *)r->values.items + test->values.at;
    struct pattern p = {r, rule, NULL, ev};
    size_t i = tk_rules_find_varbind(r, test->oid, ev, 0);

    if (!test->values.len)
        return (i == ev->varbind_count) == (test->wants_absent != 0);
    for (; i < ev->varbind_count; i = tk_rules_find_varbind(r, test->oid, ev, i + 1))
        for (p.value = v; p.value < v + test->values.len; p.value++)
            if (value_matches(&p, ev->varbinds + i))
                return true;
    return false;
}
