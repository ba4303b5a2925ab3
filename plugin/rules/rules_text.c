/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a rules file: in which line something stands, for errors (jansson has lines only for errors of syntax),
 * and the single rules of a file that is not valid JSON. */
#include "rules/rules_internal.h"

#include <stdlib.h>

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p;
}

static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        if (*p == '\\')
            p++;
    return p < end ? p + 1 : end;
}

static const char *skip_value(const char *p, const char *end)
{
    size_t depth = 0;

    for (p = skip_space(p, end); p < end;) {
        char ch = *p;

        if (ch == '"') {
            p = skip_string(p, end);
            if (!depth)
                return p;
            continue;
        }
        if (!depth && (ch == ',' || ch == ']' || ch == '}'))
            return p;
        p++;
        if (ch == '{' || ch == '[')
            depth++;
        else if ((ch == '}' || ch == ']') && --depth == 0)
            return p;
    }
    return end;
}

/* Skip the name at @p p, its colon, and spaces. */
static const char *skip_name(const char *p, const char *end)
{
    p = skip_space(skip_string(p, end), end);
    return skip_space(p < end ? p + 1 : end, end);
}

static const char *find_member(const char *p, const char *end, const char *member)
{
    size_t len = strlen(member);

    p = skip_space(p, end);
    if (p == end || *p != '{')
        return NULL;
    for (p = skip_space(p + 1, end); p < end && *p == '"'; p = skip_space(p < end ? p + 1 : end, end)) {
        bool is_it = (size_t)(end - p) > len + 1 && memcmp(p + 1, member, len) == 0 && p[len + 1] == '"';

        p = skip_name(p, end);
        if (is_it)
            return p;
        p = skip_space(skip_value(p, end), end);
    }
    return NULL;
}

static unsigned line_at(const struct tk_rules_compiler *c, const char *p)
{
    unsigned line = 1;

    for (const char *at = c->json; at < p; at++)
        line += *at == '\n';
    return line;
}

unsigned tk_rules_line(const struct tk_rules_compiler *c, const char *member, size_t number)
{
    const char *end = c->json + c->json_len, *p;
    bool has_names;

    if (tk_err_list_is_full(c->errors)) /* finding a line takes time */
        return 0;
    if (c->places.count && strcmp(member, "rules") == 0)
        return line_at(c, c->json + ((const uint32_t *)c->places.items)[number]);
    p = find_member(c->json, end, member);
    if (!p || p == end || (*p != '[' && *p != '{'))
        return 0;
    has_names = *p == '{';
    p = skip_space(p + 1, end);
    for (; number && p < end; number--) {
        p = skip_space(skip_value(has_names ? skip_name(p, end) : p, end), end);
        p = skip_space(p < end ? p + 1 : end, end);
    }
    return p == end ? 0 : line_at(c, p);
}

/* ---- a file that is not valid JSON ---- */

json_t *tk_rules_load_json(const char *text, size_t len, json_error_t *bad)
{
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, bad);
    char *marked;

    if (value || json_error_code(bad) != json_error_numeric_overflow)
        return value;
    marked = tk_rules_mark_big_numbers(text, len, &len);
    value = marked ? json_loadb(marked, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, bad) : NULL;
    free(marked);
    return value;
}

static void complain_syntax(struct tk_rules_compiler *c, const char *at, const json_error_t *bad)
{
    unsigned line = tk_err_list_is_full(c->errors) ? 0 : line_at(c, at) + (bad->line > 0 ? (unsigned)bad->line - 1 : 0);

    tk_err_list_add(c->errors, c->file, line,
                    "not valid JSON: %s; check commas, quotes and brackets in this line and the one before", bad->text);
}

/* Load one rule, from @p p to @p next. A rule that is not valid JSON becomes null, so that the others keep their
 * places. */
static bool load_rule(struct tk_rules_compiler *c, json_t *rules, const char *p, const char *next)
{
    uint32_t *place = tk_vector_push(&c->places, 1, sizeof(*place));
    json_error_t bad;
    json_t *rule = tk_rules_load_json(p, (size_t)(next - p), &bad);

    if (!rule)
        complain_syntax(c, p, &bad);
    if (!place || json_array_append_new(rules, rule ? rule : json_null()) < 0)
        return tk_rules_no_memory(c);
    *place = (uint32_t)(p - c->json);
    return true;
}

/* @p p: after the bracket. A comma that is missing between two rules costs neither of them. */
static json_t *load_rules(struct tk_rules_compiler *c, const char *p, const char *end)
{
    static const json_error_t no_comma = {.line = 1, .text = "a comma is missing before this rule"};
    json_t *rules = json_array();
    bool is_after_rule = false;

    while (rules && (p = skip_space(p, end)) < end && *p != ']') {
        const char *next = skip_value(p, end);

        if (*p == ',' || next == p) { /* a comma, or a bracket that closes nothing */
            is_after_rule = false;
            p++;
            continue;
        }
        if (is_after_rule)
            complain_syntax(c, p, &no_comma);
        if (!load_rule(c, rules, p, next)) {
            json_decref(rules);
            return NULL;
        }
        is_after_rule = true;
        p = next;
    }
    return rules;
}

json_t *tk_rules_load_in_parts(struct tk_rules_compiler *c)
{
    const char *end = c->json + c->json_len, *names = find_member(c->json, end, "names");
    const char *rules = find_member(c->json, end, "rules");
    json_t *root, *value = NULL;
    json_error_t bad;

    if (!rules || rules == end || *rules != '[')
        return NULL;
    root = json_object();
    if (names)
        value = tk_rules_load_json(names, (size_t)(skip_value(names, end) - names), &bad);
    if (names && !value)
        complain_syntax(c, names, &bad);
    if ((value && json_object_set_new(root, "names", value) < 0) ||
        json_object_set_new(root, "rules", load_rules(c, rules + 1, end)) < 0) {
        (void)tk_rules_no_memory(c);
        json_decref(root);
        return NULL;
    }
    return root;
}
