/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "dictionary/notification.h"
#include "rules/rules_internal.h"

#include <stdio.h>
#include <stdlib.h>

static bool parse_name(struct tk_rules_compiler *c, json_t *rule)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-";
    json_t *name = json_object_get(rule, "name"), *first;
    size_t len = json_string_length(name);
    char shown[96];

    c->rule[0] = '\0';
    if (!len || len > TK_RULES_MAX_NAME || strspn(json_string_value(name), allowed) != len)
        return tk_rules_complain(c, "\"name\" is '%s'; write 1 to %d letters, digits, '.', '_', '/' or '-'",
                                 tk_rules_show(shown, sizeof(shown), name), TK_RULES_MAX_NAME);
    (void)snprintf(c->rule, sizeof(c->rule), "%s", json_string_value(name));
    first = json_object_get(c->seen, c->rule);
    if (first)
        return tk_rules_complain(c, "line %u has a rule of the same name; write another name",
                                 tk_rules_line(c, "rules", (size_t)json_integer_value(first)));
    if (json_object_set_new(c->seen, c->rule, json_integer((json_int_t)c->number)) < 0)
        return tk_rules_no_memory(c);
    return true;
}

static bool add_pattern(struct tk_rules_compiler *c, enum tk_rule_pattern_kind kind, const uint32_t *subid, size_t len)
{
    struct tk_rule_pattern *p = tk_vector_push(&c->r->patterns, 1, sizeof(*p));

    if (!p)
        return tk_rules_no_memory(c);
    p->kind = kind;
    p->rule = c->r->rules.count - 1;
    return tk_rules_keep(c, &c->r->subids, subid, len, sizeof(*subid), &p->key);
}

static bool add_exact(struct tk_rules_compiler *c, const struct tk_oid *oid)
{
    struct tk_oid known; /* as `resolve` finds it for events: all forms of the OID have one */

    (void)tk_dict_find_notification(c->r->dict, oid->subid, oid->len, &known);
    return add_pattern(c, TK_PATTERN_EXACT, known.subid, known.len);
}

/* All notifications of a module: of the MIB, if it is loaded, and those of "names". */
static bool add_module(struct tk_rules_compiler *c, const char *module, size_t len)
{
    uint32_t string = tk_rules_find_module(c, module, len);
    bool is_known = string && add_pattern(c, TK_PATTERN_MODULE, &string, 1);
    const char *name;
    char shown[96];
    json_t *value;

    json_object_foreach(c->names, name, value)
    {
        struct tk_oid oid;

        if (strncmp(name, module, len) != 0 || strncmp(name + len, "::", 2) != 0 || !json_is_string(value) ||
            tk_oid_parse(&oid, json_string_value(value)) < 0)
            continue;
        is_known = true;
        if (!add_exact(c, &oid))
            return false;
    }
    if (is_known || c->is_out_of_memory)
        return !c->is_out_of_memory;
    return tk_rules_complain(c,
                             "neither a MIB that is loaded nor \"names\" has a notification of module '%s'; load its "
                             "MIB, or write the OID of the subtree, such as \"1.3.6.1.4.1.9.*\"",
                             tk_escape(shown, sizeof(shown), module, len));
}

static bool parse_pattern(struct tk_rules_compiler *c, json_t *pattern)
{
    const char *text = json_string_value(pattern);
    size_t len = json_string_length(pattern);
    char base[TK_OID_MAX_TEXT + 1], shown[96];
    struct tk_oid oid;

    if (!len || len > TK_OID_MAX_TEXT)
        return tk_rules_complain(c,
                                 "\"trap\" is '%s'; write a notification's name or OID, \"OID.*\", \"MODULE::*\", "
                                 "\"*\", or a list of these",
                                 tk_rules_show(shown, sizeof(shown), pattern));
    if (strcmp(text, "*") == 0)
        return add_pattern(c, TK_PATTERN_SUBTREE, NULL, 0);
    if (len > 3 && strcmp(text + len - 3, "::*") == 0)
        return add_module(c, text, len - 3);
    if (len > 2 && strcmp(text + len - 2, ".*") == 0) {
        memcpy(base, text, len - 2);
        base[len - 2] = '\0';
        return tk_rules_resolve(c, base, TK_WANT_ANY, &oid, NULL) &&
               add_pattern(c, TK_PATTERN_SUBTREE, oid.subid, oid.len);
    }
    if (strpbrk(text, "*?"))
        return tk_rules_complain(c,
                                 "\"trap\" is '%s', but '*' is only allowed at the end; write \"OID.*\", "
                                 "\"MODULE::name.*\", \"MODULE::*\" or \"*\"",
                                 tk_rules_show(shown, sizeof(shown), pattern));
    return tk_rules_resolve(c, text, TK_WANT_NOTIFICATION, &oid, NULL) && add_exact(c, &oid);
}

static bool parse_device(struct tk_rules_compiler *c, json_t *glob)
{
    struct tk_rule *rule = (struct tk_rule *)c->r->rules.items + (c->r->rules.count - 1);
    struct tk_rule_span span;
    char shown[96];

    if (!json_string_length(glob) || json_string_length(glob) > 255)
        return tk_rules_complain(c,
                                 "\"device\" is '%s'; write a name of up to 255 characters, such as \"pe*.fra\", or "
                                 "a list of names",
                                 tk_rules_show(shown, sizeof(shown), glob));
    rule->glob_count++;
    return tk_rules_keep(c, &c->r->bytes, json_string_value(glob), json_string_length(glob), 1, &span) &&
           tk_rules_keep(c, &c->r->globs, &span, 1, sizeof(span), &span);
}

/* Call @p parse for a value, or for each item of a list. */
static bool each(struct tk_rules_compiler *c, const char *member, json_t *value,
                 bool (*parse)(struct tk_rules_compiler *, json_t *))
{
    bool ok = true;

    if (!json_is_array(value))
        return parse(c, value);
    if (!json_array_size(value))
        return tk_rules_complain(c, "\"%s\" is an empty list; write at least one item, or leave \"%s\" out", member,
                                 member);
    for (size_t i = 0; i < json_array_size(value) && !c->is_out_of_memory; i++)
        ok &= parse(c, json_array_get(value, i));
    return ok;
}

static bool parse_match(struct tk_rules_compiler *c, json_t *match)
{
    static const char *const members[] = {"trap", "device", "varbinds", NULL};
    json_t *trap = json_object_get(match, "trap"), *device = json_object_get(match, "device");
    json_t *varbinds = json_object_get(match, "varbinds");
    char shown[96];
    bool ok;

    if (!json_is_object(match))
        return tk_rules_complain(c, "\"match\" is '%s'; write \"match\": {\"trap\": \"IF-MIB::linkDown\"}",
                                 tk_rules_show(shown, sizeof(shown), match));
    ok = tk_rules_members_ok(c, match, "\"match\"", members);
    if (!trap)
        ok = tk_rules_complain(c, "\"match\" has no \"trap\"; write which notification it matches, or \"trap\": "
                                  "\"*\" for all of them");
    ok &= !trap || each(c, "trap", trap, parse_pattern);
    ok &= !device || each(c, "device", device, parse_device);
    if (varbinds && !json_is_array(varbinds))
        return tk_rules_complain(c,
                                 "\"varbinds\" is '%s'; write a list, such as [{\"object\": "
                                 "\"IF-MIB::ifAdminStatus\", \"equals\": \"up\"}]",
                                 tk_rules_show(shown, sizeof(shown), varbinds));
    return (!json_array_size(varbinds) || each(c, "varbinds", varbinds, tk_rules_parse_test)) && ok;
}

static bool parse_severity(struct tk_rules_compiler *c, json_t *severity, struct tk_rule *rule)
{
    char shown[64];

    if (!severity && rule->state == TK_ALARM_CLEAR) {
        rule->severity = TK_SEV_CLEARED;
        return true;
    }
    for (int s = TK_SEV_CRITICAL; s < TK_SEV_COUNT_ && json_is_string(severity); s++)
        if (strcmp(json_string_value(severity), tk_severity_name((enum tk_severity)s)) == 0) {
            rule->severity = (enum tk_severity)s;
            if (s == TK_SEV_CLEARED && rule->state == TK_ALARM_RAISE)
                return tk_rules_complain(c, "\"severity\" is 'cleared' but the alarm is raised; write \"state\": "
                                            "\"clear\", or the severity of the alarm");
            return true;
        }
    return tk_rules_complain(c,
                             "\"severity\" is '%s'; write critical, major, minor, warning, indeterminate or "
                             "cleared",
                             tk_rules_show(shown, sizeof(shown), severity));
}

static bool parse_state(struct tk_rules_compiler *c, json_t *state, struct tk_rule *rule)
{
    static const char *const names[] = {"none", "raise", "clear"}; /* in the order of enum tk_alarm_state */
    char shown[64];

    if (!state || json_is_null(state))
        return true;
    for (int s = TK_ALARM_NONE; s <= TK_ALARM_CLEAR && json_is_string(state); s++)
        if (strcmp(json_string_value(state), names[s]) == 0) {
            rule->state = (enum tk_alarm_state)s;
            return true;
        }
    return tk_rules_complain(c, "\"state\" is '%s'; write \"raise\", \"clear\" or \"none\"",
                             tk_rules_show(shown, sizeof(shown), state));
}

static bool parse_alarm_key(struct tk_rules_compiler *c, json_t *key, enum tk_alarm_state state)
{
    char shown[96];

    if (state == TK_ALARM_NONE && key)
        return tk_rules_complain(c,
                                 "\"key\" is '%s' but there is no alarm; write \"state\": \"raise\" or \"clear\", or "
                                 "leave \"key\" out",
                                 tk_rules_show(shown, sizeof(shown), key));
    if (state == TK_ALARM_NONE)
        return true;
    if (!json_string_length(key))
        return tk_rules_complain(c,
                                 "\"key\" is '%s'; write a text that identifies the alarm, the same for raise and "
                                 "clear, such as \"{device}/link/{ifIndex}\"",
                                 tk_rules_show(shown, sizeof(shown), key));
    return tk_rules_parse_key(c, json_string_value(key), json_string_length(key));
}

/* Look for all errors of a rule, so that they can be corrected at once. Without a state, its key can't be judged. */
static bool parse_members(struct tk_rules_compiler *c, json_t *json, struct tk_rule *rule)
{
    static const char *const members[] = {"name", "comment", "match", "severity", "state", "key", NULL};
    bool ok = parse_name(c, json), has_state;

    ok &= tk_rules_members_ok(c, json, "the rule", members);
    has_state = parse_state(c, json_object_get(json, "state"), rule);
    ok &= has_state && parse_severity(c, json_object_get(json, "severity"), rule);
    ok &= parse_match(c, json_object_get(json, "match"));
    return (!has_state || parse_alarm_key(c, json_object_get(json, "key"), rule->state)) && has_state && ok;
}

static bool parse_rule(struct tk_rules_compiler *c, json_t *json)
{
    struct tk_rule *rule = tk_vector_push(&c->r->rules, 1, sizeof(*rule)); /* stays: nothing below appends rules */
    char label[TK_RULES_MAX_NAME + 16], shown[96];

    if (!rule)
        return tk_rules_no_memory(c);
    *rule = (struct tk_rule){.first_glob = c->r->globs.count,
                             .first_test = c->r->tests.count,
                             .first_part = c->r->parts.count};
    c->rule[0] = '\0';
    if (!json_is_object(json))
        return tk_rules_complain(c,
                                 "the rule is '%s'; write an object: {\"name\": ..., \"match\": ..., \"severity\": "
                                 "...}",
                                 tk_rules_show(shown, sizeof(shown), json));
    if (!parse_members(c, json, rule))
        return false;
    rule->test_count = c->r->tests.count - rule->first_test;
    rule->part_count = c->r->parts.count - rule->first_part;
    (void)snprintf(label, sizeof(label), "%s:%s", c->set, c->rule);
    return tk_rules_keep(c, &c->r->bytes, label, strlen(label), 1, &rule->label);
}

/* A rule with an error leaves nothing behind. */
static void parse_rule_or_undo(struct tk_rules_compiler *c, json_t *json)
{
    struct tk_rules *r = c->r;
    struct tk_vector *const vectors[] = {&r->rules, &r->patterns, &r->tests,  &r->values,
                                         &r->parts, &r->globs,    &r->subids, &r->bytes};
    uint32_t counts[sizeof(vectors) / sizeof(vectors[0])];

    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        counts[i] = vectors[i]->count;
    if (!(c->places.count && json_is_null(json)) && parse_rule(c, json)) /* null: its error was told */
        return;
    c->faulty++;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
        vectors[i]->count = counts[i];
}

/* @returns false: there is no list of rules that could be compiled */
static bool check_root(struct tk_rules_compiler *c, json_t *root, json_t *rules)
{
    const char *name;
    json_t *value;
    char shown[64];

    if (!json_is_object(root) || !json_is_array(rules)) {
        tk_err_list_add(c->errors, c->file, 1,
                        "the file has no list of rules; write {\"rules\": [{\"name\": ..., \"match\": ..., "
                        "\"severity\": ...}]}");
        return false;
    }
    json_object_foreach(root, name, value) if (strcmp(name, "rules") != 0 && strcmp(name, "names") != 0 &&
                                               strcmp(name, "comment") != 0)
        tk_err_list_add(c->errors, c->file, 0,
                        "the file has an unknown member '%s' beside \"rules\"; the members are: comment, names, rules",
                        tk_escape(shown, sizeof(shown), name, strlen(name)));
    if (json_array_size(rules) <= TK_RULES_MAX)
        return true;
    tk_err_list_add(c->errors, c->file, 0,
                    "the file has %zu rules, more than the %d that are allowed; use fewer: one rule can match a "
                    "subtree (OID.*) or a list of notifications",
                    json_array_size(rules), TK_RULES_MAX);
    return false;
}

/* A file that is not valid JSON: what can be read of it is still compiled. */
static json_t *load(struct tk_rules_compiler *c)
{
    json_error_t bad;
    json_t *root = tk_rules_load_json(c->json, c->json_len, &bad);

    if (root)
        return root;
    root = tk_rules_load_in_parts(c);
    if (tk_err_list_is_empty(c->errors)) /* the fault is outside of the rules */
        tk_err_list_add(c->errors, c->file, bad.line > 0 ? (unsigned)bad.line : 0,
                        "not valid JSON at column %d: %s; check commas, quotes and brackets in this line and the one "
                        "before",
                        bad.column, bad.text);
    return root;
}

bool tk_rules_compile(struct tk_rules_compiler *c, size_t *ret_count)
{
    json_t *root = load(c), *rules = json_object_get(root, "rules");

    *ret_count = 0;
    c->names = json_object_get(root, "names");
    c->seen = json_object();
    c->objects = json_object();
    if (!c->seen || !c->objects)
        (void)tk_rules_no_memory(c);
    else if (root && check_root(c, root, rules)) {
        tk_rules_check_names(c);
        *ret_count = json_array_size(rules);
        for (c->number = 0; c->number < *ret_count && !c->is_out_of_memory; c->number++)
            parse_rule_or_undo(c, json_array_get(rules, c->number));
        if (c->is_naming_events && !c->is_out_of_memory)
            tk_rules_keep_names(c);
    }
    json_decref(c->seen);
    json_decref(c->objects);
    json_decref(root);
    tk_vector_done(&c->places);
    free(c->modules);
    return !c->is_out_of_memory;
}
