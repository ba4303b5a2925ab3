/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dictionary/notification.h"
#include "rules/rules_internal.h"

#include <stdlib.h>

static bool is_dotted(const char *text)
{
    if (*text == '.')
        text++;
    return *text >= '0' && *text <= '9';
}

/* The dictionary's object with exactly this OID, or NULL. */
static const struct tk_dict_object *find_exact(const struct tk_dict *d, const struct tk_oid *oid)
{
    size_t matched;
    const struct tk_dict_object *o = tk_dict_find(d, oid->subid, oid->len, &matched);

    return o && matched == oid->len ? o : NULL;
}

static bool complain_unknown(struct tk_rules_compiler *c, const char *text, const char *shown)
{
    const struct tk_dict *d = c->dict;
    const char *colons = strstr(text, "::");
    const struct tk_dict_object *o = colons ? tk_dict_find_name(d, colons + 2, strlen(colons + 2), NULL) : NULL;

    if (o) {
        struct tk_dict_text module = tk_dict_module(d, o), name = tk_dict_name(d, o);

        return tk_rules_complain(c, "no MIB that is loaded has '%s'; did you mean '%.*s::%.*s'?", shown,
                                 (int)module.len, module.text, (int)name.len, name.text);
    }
    return tk_rules_complain(c,
                             "no MIB that is loaded has '%s'; load its MIB, or write the numeric OID instead, such "
                             "as \"1.3.6.1.6.3.1.1.5.3\"",
                             shown);
}

static bool find_name(struct tk_rules_compiler *c, const char *text, const char *shown,
                      const struct tk_dict_object **ret_object)
{
    const struct tk_dict *d = c->dict;
    const struct tk_dict_object *other = NULL, *o = tk_dict_find_name(d, text, strlen(text), &other);

    if (!o)
        return complain_unknown(c, text, shown);
    if (other) {
        struct tk_dict_text m1 = tk_dict_module(d, o), m2 = tk_dict_module(d, other), name = tk_dict_name(d, o);

        if (m1.len == m2.len && memcmp(m1.text, m2.text, m1.len) == 0)
            return tk_rules_complain(c, "'%s' is the name of several OIDs; write the numeric OID instead", shown);
        return tk_rules_complain(c, "'%s' is ambiguous; write '%.*s::%.*s' or '%.*s::%.*s', or the numeric OID", shown,
                                 (int)m1.len, m1.text, (int)name.len, name.text, (int)m2.len, m2.text, (int)name.len,
                                 name.text);
    }
    *ret_object = o;
    return true;
}

static bool kind_ok(struct tk_rules_compiler *c, const char *shown, enum tk_rules_wanted wanted,
                    const struct tk_dict_object *o)
{
    if (wanted == TK_WANT_NOTIFICATION && tk_dict_kind(c->dict, o) != TK_DICT_NOTIFICATION)
        return tk_rules_complain(c,
                                 "'%s' is not a notification; write '%s.*' for all notifications below it, or a "
                                 "notification's name",
                                 shown, shown);
    if (wanted == TK_WANT_OBJECT && tk_dict_kind(c->dict, o) == TK_DICT_NOTIFICATION)
        return tk_rules_complain(c,
                                 "'%s' is a notification; write the name or the numeric OID of an object that it "
                                 "carries",
                                 shown);
    return true;
}

bool tk_rules_resolve(struct tk_rules_compiler *c, const char *text, enum tk_rules_wanted wanted,
                      struct tk_oid *ret_oid, const struct tk_dict_object **ret_object)
{
    const struct tk_dict_object *o = NULL;
    json_t *own = json_object_get(c->names, text);
    char shown[96];

    (void)tk_escape(shown, sizeof(shown), text, strlen(text));
    if (own && tk_oid_parse(ret_oid, json_string_value(own)) < 0)
        return tk_rules_complain(c, "the OID of '%s' in \"names\" has an error; correct it there", shown);
    if (own || is_dotted(text)) {
        if (!own && tk_oid_parse(ret_oid, text) < 0)
            return tk_rules_complain(c,
                                     "'%s' is not an OID; write numbers up to 4294967295 with dots between them, "
                                     "such as \"1.3.6.1.6.3.1.1.5.3\"",
                                     shown);
        o = find_exact(c->dict, ret_oid);
        if (own && wanted == TK_WANT_OBJECT && json_object_set_new(c->objects, text, json_true()) < 0)
            return tk_rules_no_memory(c);
    } else {
        if (!find_name(c, text, shown, &o) || !kind_ok(c, shown, wanted, o))
            return false;
        tk_dict_oid(c->dict, o, ret_oid);
    }
    if (ret_object)
        *ret_object = o;
    return true;
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t va = *(const uint32_t *)a, vb = *(const uint32_t *)b;

    return va < vb ? -1 : va > vb;
}

static bool collect_modules(struct tk_rules_compiler *c)
{
    const struct tk_dict *d = c->dict;
    struct tk_vector v = {0};
    uint32_t *modules;
    size_t kept = 0;

    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o)) {
        uint32_t *module;

        if (tk_dict_kind(d, o) != TK_DICT_NOTIFICATION || !tk_dict_module_number(d, o))
            continue;
        module = tk_vector_push(&v, 1, sizeof(*module));
        if (!module) {
            free(v.items);
            return tk_rules_no_memory(c);
        }
        *module = tk_dict_module_number(d, o);
    }
    modules = v.items;
    if (v.count)
        qsort(modules, v.count, sizeof(*modules), compare_u32);
    for (uint32_t i = 0; i < v.count; i++)
        if (!i || modules[i] != modules[kept - 1])
            modules[kept++] = modules[i];
    c->modules = modules;
    c->module_count = kept;
    return true;
}

bool tk_rules_is_module(struct tk_rules_compiler *c, const char *name, size_t len)
{
    uint32_t module;

    if (len > UINT8_MAX || (!c->modules && !collect_modules(c)))
        return false;
    module = tk_dict_find_module(c->dict, name, len);
    return module && c->module_count && bsearch(&module, c->modules, c->module_count, sizeof(module), compare_u32);
}

/* ---- "names" of the file ---- */

void tk_rules_check_names(struct tk_rules_compiler *c)
{
    size_t number = 0;
    const char *name;
    json_t *value;

    if (c->names && !json_is_object(c->names))
        tk_err_list_add(c->errors, c->file, 0,
                        "\"names\" is not an object; write \"names\": {\"acmeFanFailed\": \"1.3.6.1.4.1.99999.0.7\"}");
    json_object_foreach(c->names, name, value)
    {
        const char *colons = strstr(name, "::");
        bool is_name = ((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z')) && (!colons || colons[2]);
        char shown[96], oid_shown[96];
        struct tk_oid oid;

        if (!is_name || strpbrk(name, ".*?{}") || !json_is_string(value) ||
            tk_oid_parse(&oid, json_string_value(value)) < 0)
            tk_err_list_add(c->errors, c->file, tk_rules_line(c, "names", number),
                            "\"names\" has '%s' for '%s'; write a name that begins with a letter and has none of "
                            ".*?{}, and a numeric OID, such as \"acmeFanFailed\": \"1.3.6.1.4.1.99999.0.7\"",
                            tk_rules_show(oid_shown, sizeof(oid_shown), value),
                            tk_escape(shown, sizeof(shown), name, strlen(name)));
        number++;
    }
}

static bool add_name(struct tk_rules_compiler *c, const char *text, const struct tk_oid *oid)
{
    const char *colons = strstr(text, "::"), *bare = colons ? colons + 2 : text;
    uint32_t number = c->r->names.count;
    struct tk_rule_name *name = tk_vector_push(&c->r->names, 1, sizeof(*name));
    struct tk_oid known;

    if (!name)
        return tk_rules_no_memory(c);
    (void)tk_dict_find_notification(c->r->dict, oid->subid, oid->len, &known);
    return tk_rules_keep(c, &c->r->bytes, text, colons ? (size_t)(colons - text) : 0, 1, &name->module) &&
           tk_rules_keep(c, &c->r->bytes, bare, strlen(bare), 1, &name->name) &&
           tk_rules_add_pattern(c, TK_PATTERN_NAME, number, oid->subid, oid->len) &&
           tk_rules_add_pattern(c, TK_PATTERN_NAME_OF_FORM, number, known.subid, known.len);
}

static bool is_object(const struct tk_rules_compiler *c, const char *name, const struct tk_oid *oid)
{
    size_t matched;
    const struct tk_dict_object *o = tk_dict_find(c->dict, oid->subid, oid->len, &matched);

    return json_object_get(c->objects, name) ||
           (o && matched == oid->len && tk_dict_kind(c->dict, o) != TK_DICT_NOTIFICATION &&
            tk_dict_kind(c->dict, o) != TK_DICT_NODE);
}

/* Names name events too, but not those of objects: in another form, an object's OID can be that of a notification. */
void tk_rules_keep_names(struct tk_rules_compiler *c)
{
    const char *name;
    json_t *value;

    json_object_foreach(c->names, name, value)
    {
        struct tk_oid oid;

        if (json_is_string(value) && tk_oid_parse(&oid, json_string_value(value)) == 0 && !is_object(c, name, &oid) &&
            !add_name(c, name, &oid))
            return;
    }
}
