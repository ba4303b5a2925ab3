/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain_rule.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain/explain_words.h"
#include "rules/rules_load.h"

#define BUILT_IN TK_RULES_STANDARD_FILE ", built in"

/** A file of rules, and one of its rules. */
struct source {
    char path[PATH_MAX];
    char *text; /* NULL: the built-in rules, which are static, or none */
    const char *json;
    size_t json_len;
    json_t *root;
    const json_t *rule; /* NULL: not found */
    unsigned line;      /* 0: unknown */
};

struct explain {
    const struct tk_offline *o;
    const struct tk_trap *trap;
    const struct tk_rules_trace *t;
    struct source source; /* the last one that was read */
};

/* --- finding ------------------------------------------------------------------------------------------------------ */

static void source_done(struct source *s)
{
    free(s->text);
    json_decref(s->root);
    memset(s, 0, sizeof(*s));
}

/* Read a file, unless it is the one that was read before. @param path  NULL: the built-in rules */
static void source_read(struct source *s, const char *path)
{
    struct tk_err ignored = {0}; /* it could be read a moment ago */

    if (strcmp(s->path, path ? path : BUILT_IN) == 0)
        return;
    source_done(s);
    (void)snprintf(s->path, sizeof(s->path), "%s", path ? path : BUILT_IN);
    if (path)
        s->json = s->text = tk_rules_load_text(path, &s->json_len, &ignored);
    else
        s->json = tk_rules_standard_text(&s->json_len);
    if (s->json)
        s->root = json_loadb(s->json, s->json_len, 0, NULL);
}

static bool source_find(struct source *s, const char *path, const char *name)
{
    size_t i;
    const json_t *rule;

    source_read(s, path);
    s->rule = NULL;
    s->line = 0;
    json_array_foreach(json_object_get(s->root, "rules"), i, rule)
    {
        const char *its = json_string_value(json_object_get(rule, "name"));

        if (!its || strcmp(its, name) != 0)
            continue;
        s->rule = rule;
        s->line = tk_rules_line_of(s->json, s->json_len, "rules", i);
        return true;
    }
    return false;
}

/* "operator:NAME", "standard:NAME", "vendor:FILE/NAME", "derived:FILE/NAME" */
static void find_rule(struct explain *x, const char *label)
{
    const struct tk_settings *cf = tk_offline_bundle(x->o)->settings;
    const char *name = strchr(label, ':') + 1, *slash = strchr(name, '/');
    char path[PATH_MAX];

    if (strncmp(label, "operator:", 9) == 0) {
        (void)source_find(&x->source, cf->severity_rules, name);
        return;
    }
    if (strncmp(label, "standard:", 9) == 0) {
        (void)snprintf(path, sizeof(path), "%s/" TK_RULES_IETF_FILE, cf->rules_folder);
        if (!source_find(&x->source, NULL, name))
            (void)source_find(&x->source, path, name);
        return;
    }
    if (!slash)
        return;
    (void)snprintf(path, sizeof(path), "%s/%s%.*s.json", cf->rules_folder,
                   strncmp(label, "derived:", 8) == 0 ? TK_RULES_DERIVED_FOLDER "/" : "", (int)(slash - name), name);
    (void)source_find(&x->source, path, slash + 1);
}

/* Begin to describe a rule by its number. @returns its members: name, file, line */
static json_t *rule_object(struct explain *x, uint32_t rule)
{
    struct tk_text label = tk_rules_label(tk_offline_bundle(x->o)->rules, rule);
    char name[512];

    (void)snprintf(name, sizeof(name), "%.*s", (int)label.len, label.text);
    x->source.rule = NULL;
    find_rule(x, name);
    return json_pack("{s:s, s:s, s:o}", "name", name, "file", x->source.path, "line",
                     x->source.rule ? json_integer(x->source.line) : json_null());
}

/* --- rules that came close ---------------------------------------------------------------------------------------- */

static const char *const conditions[] = {
    [TK_CONDITION_TRAP] = "trap",        [TK_CONDITION_DEVICE] = "device",
    [TK_CONDITION_SOURCE] = "source",    [TK_CONDITION_SECURITY_NAME] = "security_name",
    [TK_CONDITION_VARBIND] = "varbinds",
};

static json_t *wanted(const struct explain *x, const struct tk_rules_miss *miss)
{
    json_t *match = json_object_get(x->source.rule, "match"), *json = json_object_get(match, conditions[miss->failed]);

    if (miss->failed == TK_CONDITION_VARBIND)
        json = json_array_get(json, miss->test);
    return json ? json_incref(json) : json_null();
}

static json_t *seen(const struct explain *x, const struct tk_rules_miss *miss)
{
    const struct tk_event *ev = &tk_offline_renderer(x->o)->event;
    const struct tk_trap *trap = x->trap;

    switch (miss->failed) {
    case TK_CONDITION_TRAP:
        return ev->trap_name.text ? tk_explain_name(ev->trap_mib, ev->trap_name)
                                  : tk_explain_oid(ev->trap_oid, ev->trap_oid_len);
    case TK_CONDITION_DEVICE: return tk_explain_text(ev->device);
    case TK_CONDITION_SOURCE: return tk_explain_text(ev->address);
    case TK_CONDITION_SECURITY_NAME:
        if (trap->head.version != TK_SNMP_V3)
            return json_null();
        return tk_explain_text((struct tk_text){(const char *)trap->security_name, trap->head.security_name_len});
    case TK_CONDITION_VARBIND: return tk_explain_value(x->o, miss->varbind);
    }
    return json_null();
}

static json_t *near(struct explain *x)
{
    json_t *list = json_array();

    for (size_t i = 0; i < x->t->miss_count; i++) {
        const struct tk_rules_miss *miss = x->t->miss + i;
        json_t *rule = rule_object(x, miss->rule);

        (void)json_object_set_new(rule, "condition", json_string(conditions[miss->failed]));
        (void)json_object_set_new(rule, "wanted", wanted(x, miss));
        (void)json_object_set_new(rule, "seen", seen(x, miss));
        (void)json_array_append_new(list, rule);
    }
    return list;
}

/* --- the rule that decided ---------------------------------------------------------------------------------------- */

/* The references of a template, in order. @returns the next one's end; NULL: there are no more */
static const char *next_reference(const char *at, const char **ret_begin)
{
    for (; *at; at++) {
        if (at[0] != at[1] || (*at != '{' && *at != '}')) {
            if (*at != '{')
                continue;
            *ret_begin = at;
            return strchr(at, '}') ? strchr(at, '}') + 1 : NULL;
        }
        at++; /* a brace that is text */
    }
    return NULL;
}

static json_t *key_values(const struct explain *x, const char *template)
{
    const struct tk_event *ev = &tk_offline_renderer(x->o)->event;
    const struct tk_rules *r = tk_offline_bundle(x->o)->rules;
    json_t *list = json_array();
    const char *begin = NULL;
    size_t n = 0;

    while ((template = next_reference(template, &begin))) {
        struct tk_text value = tk_rules_trace_key_value(r, ev->rule, n++, ev);

        (void)json_array_append_new(list, json_pack("{s:s#, s:o}", "reference", begin, (int)(template - begin), "value",
                                                    tk_explain_text(value)));
    }
    return list;
}

static json_t *key(const struct explain *x)
{
    const struct tk_event *ev = &tk_offline_renderer(x->o)->event;
    json_t *template = json_object_get(x->source.rule, "key");

    if (!template)
        return json_null();
    return json_pack("{s:O, s:o, s:o}", "template", template, "values",
                     ev->alarm_key.text ? key_values(x, json_string_value(template)) : json_array(), "text",
                     tk_explain_text(ev->alarm_key));
}

static const char *state_name(int state)
{
    return state == TK_ALARM_RAISE ? "raise" : state == TK_ALARM_CLEAR ? "clear" : "none";
}

static json_t *choice(const struct explain *x, const char *member, const struct tk_rules_chosen *chosen, bool is_state)
{
    json_t *by = json_object_get(x->source.rule, member);
    const char *result = is_state ? state_name(chosen->result) : tk_severity_name((enum tk_severity)chosen->result);

    if (!by)
        return json_null();
    return json_pack("{s:O?, s:o, s:o}", "object", json_object_get(by, "object"), "seen",
                     tk_explain_value(x->o, chosen->varbind), "result",
                     chosen->result < 0 ? json_null() : json_string(result));
}

static json_t *clears(const struct tk_event *ev)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ev->clear_count; i++)
        (void)json_array_append_new(list, tk_explain_text(ev->clears[i]));
    return list;
}

static json_t *decided(struct explain *x)
{
    static const char *const found_by[] =
        {[TK_FOUND_BY_NAME] = "name", [TK_FOUND_BY_SUBTREE] = "subtree", [TK_FOUND_BY_MODULE] = "module"};
    const struct tk_event *ev = &tk_offline_renderer(x->o)->event;
    json_t *rule;

    if (ev->rule == TK_RULE_NONE)
        return json_pack("{s:s, s:n, s:n, s:n, s:n, s:n, s:n, s:[]}", "name", "default", "file", "line", "found_by",
                         "severity_from", "state_from", "key", "clears");
    rule = rule_object(x, ev->rule);
    (void)json_object_set_new(rule, "found_by", json_string(found_by[x->t->found_by]));
    (void)json_object_set_new(rule, "severity_from", choice(x, "severity_from", &x->t->severity_from, false));
    (void)json_object_set_new(rule, "state_from", choice(x, "state_from", &x->t->state_from, true));
    (void)json_object_set_new(rule, "key", key(x));
    (void)json_object_set_new(rule, "clears", clears(ev));
    return rule;
}

json_t *tk_explain_rule(const struct tk_offline *o, const struct tk_trap *trap, const struct tk_rules_trace *t)
{
    const struct tk_event *ev = &tk_offline_renderer(o)->event;
    struct explain x = {.o = o, .trap = trap, .t = t};
    json_t *rule = decided(&x);

    (void)json_object_set_new(rule, "severity", json_string(tk_severity_name(ev->severity)));
    (void)json_object_set_new(rule, "state", json_string(state_name(ev->alarm_state)));
    (void)json_object_set_new(rule, "failed", json_integer(t->failed));
    (void)json_object_set_new(rule, "later", json_integer(t->later));
    (void)json_object_set_new(rule, "near", near(&x));
    source_done(&x.source);
    return rule;
}
