/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
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

/* Call @p parse for a value, or for each item of a list. */
bool tk_rules_each(struct tk_rules_compiler *c, const char *member, json_t *value,
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

static bool parse_tests(struct tk_rules_compiler *c, json_t *varbinds, struct tk_rule *rule)
{
    uint32_t first = c->r->tests.count;
    char shown[96];

    if (varbinds && !json_is_array(varbinds))
        return tk_rules_complain(c,
                                 "\"varbinds\" is '%s'; write a list, such as [{\"object\": "
                                 "\"IF-MIB::ifAdminStatus\", \"equals\": \"up\"}]",
                                 tk_rules_show(shown, sizeof(shown), varbinds));
    return (!json_array_size(varbinds) || tk_rules_each(c, "varbinds", varbinds, tk_rules_parse_test)) &&
           tk_rules_share(c, &c->r->tests, first, sizeof(struct tk_rule_test), &rule->tests);
}

static bool parse_match(struct tk_rules_compiler *c, json_t *match, struct tk_rule *rule)
{
    static const char *const members[] = {"trap", "device", "source", "security_name", "varbinds", NULL};
    char shown[96];
    bool ok;

    if (!json_is_object(match))
        return tk_rules_complain(c, "\"match\" is '%s'; write \"match\": {\"trap\": \"IF-MIB::linkDown\"}",
                                 tk_rules_show(shown, sizeof(shown), match));
    ok = tk_rules_members_ok(c, match, "\"match\"", members);
    ok &= tk_rules_parse_trap(c, json_object_get(match, "trap"));
    ok &= tk_rules_parse_senders(c, match);
    return parse_tests(c, json_object_get(match, "varbinds"), rule) && ok;
}

/* Look for all errors of a rule, so that they can be corrected at once. */
static bool parse_members(struct tk_rules_compiler *c, json_t *json, struct tk_rule *rule)
{
    static const char *const members[] = {"name",       "comment", "match",  "severity", "severity_from", "state",
                                          "state_from", "key",     "clears", "type",     "event_type",    "summary",
                                          "set",        "topic",   "drop",   NULL};
    bool ok = parse_name(c, json);

    ok &= tk_rules_members_ok(c, json, "the rule", members);
    ok &= tk_rules_parse_outcome(c, json, rule);
    return parse_match(c, json_object_get(json, "match"), rule) && ok;
}

static bool parse_rule(struct tk_rules_compiler *c, json_t *json)
{
    struct tk_rule *rule = tk_vector_push(&c->r->rules, 1, sizeof(*rule)); /* stays: nothing below appends rules */
    char label[TK_RULES_MAX_NAME + TK_RULES_MAX_SET], shown[96];

    if (!rule)
        return tk_rules_no_memory(c);
    rule->tier = (uint8_t)c->tier;
    c->rule[0] = '\0';
    if (!json_is_object(json))
        return tk_rules_complain(c,
                                 "the rule is '%s'; write an object: {\"name\": ..., \"match\": ..., \"severity\": "
                                 "...}",
                                 tk_rules_show(shown, sizeof(shown), json));
    if (!parse_members(c, json, rule))
        return false;
    (void)snprintf(label, sizeof(label), "%s%s", c->set, c->rule);
    return tk_rules_keep(c, &c->r->bytes, label, strlen(label), 1, &rule->label);
}

/* A rule with an error leaves nothing behind. */
static void parse_rule_or_undo(struct tk_rules_compiler *c, json_t *json)
{
    struct tk_rules_mark mark = tk_rules_mark(c->r);
    uint32_t regexes = c->r->regexes.codes.count;

    if (!(c->places.count && json_is_null(json)) && parse_rule(c, json)) /* null: its error was told */
        return;
    c->faulty++;
    tk_rules_back_to(c->r, &mark);
    tk_rules_forget_regexes(c->r, regexes);
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
                                               strcmp(name, "comment") != 0 && strcmp(name, "tests") != 0)
        tk_err_list_add(c->errors, c->file, 0,
                        "the file has an unknown member '%s' beside \"rules\"; the members are: comment, names, rules, "
                        "tests",
                        tk_escape(shown, sizeof(shown), name, strlen(name)));
    if (json_object_get(root, "tests") && !json_is_array(json_object_get(root, "tests")))
        tk_err_list_add(c->errors, c->file, 0,
                        "\"tests\" is not a list; write \"tests\": [{\"trap\": ..., \"event\": ...}]");
    if (c->tier > TK_RULES_STANDARD && c->names) {
        tk_err_list_add(c->errors, c->file, 0,
                        "a vendor's file has \"names\", which are ignored; use the names of the shipped dictionary");
        c->names = NULL;
    }
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
        if (c->tier == TK_RULES_OPERATOR && !c->is_out_of_memory)
            tk_rules_keep_names(c);
    }
    json_decref(c->seen);
    json_decref(c->objects);
    json_decref(root);
    tk_vector_done(&c->places);
    free(c->modules);
    return !c->is_out_of_memory;
}
