/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replay/replay_diff.h"

#include <stdio.h>
#include <string.h>

#define DEDUP_KEY  "\"dedup\":{\"key\":" /* a quote in a text has a backslash, so this stands nowhere else */
#define MAX_MEMBER 512

const char *tk_outcome_name(enum tk_verdict verdict)
{
    switch (verdict) {
    case TK_PASS: return "published";
    case TK_DROP_DUPLICATE: return "suppressed_duplicate";
    case TK_DROP_BY_RULE: return "suppressed_rule";
    case TK_DROP_MALFORMED: return "dropped_malformed";
    default: return "dropped_no_memory";
    }
}

/* The event in two parts, before the key of dedup and behind it. */
struct parts {
    size_t before, behind;
};

static struct parts divide(const struct tk_outcome *o)
{
    const char *at = memmem(o->event, o->len, DEDUP_KEY, sizeof(DEDUP_KEY) - 1), *end;

    if (!at)
        return (struct parts){o->len, o->len};
    at += sizeof(DEDUP_KEY) - 1;
    end = memchr(at, ',', o->len - (size_t)(at - o->event)); /* it is null, or digits in quotes */
    return (struct parts){(size_t)(at - o->event), end ? (size_t)(end - o->event) : o->len};
}

bool tk_outcome_is_same(const struct tk_outcome *a, const struct tk_outcome *b)
{
    struct parts of_a, of_b;

    if (a->verdict != b->verdict)
        return false;
    if (a->verdict != TK_PASS)
        return true;
    of_a = divide(a);
    of_b = divide(b);
    return of_a.before == of_b.before && a->len - of_a.behind == b->len - of_b.behind &&
           memcmp(a->event, b->event, of_a.before) == 0 &&
           memcmp(a->event + of_a.behind, b->event + of_b.behind, a->len - of_a.behind) == 0;
}

static void differ(json_t *list, const char *member, json_t *before, json_t *after)
{
    (void)json_array_append_new(list,
                                json_pack("{s:s, s:O?, s:O?}", "member", member, "before", before, "after", after));
}

/* @param member  the path so far; "" at the top */
static void compare(json_t *list, const char *member, json_t *before, json_t *after)
{
    char below[MAX_MEMBER];
    const char *name;
    json_t *value;
    size_t i;

    if (json_is_object(before) && json_is_object(after)) {
        json_object_foreach(before, name, value)
        {
            (void)snprintf(below, sizeof(below), "%s%s%s", member, *member ? "." : "", name);
            if (strcmp(below, "dedup.key") != 0)
                compare(list, below, value, json_object_get(after, name));
        }
        json_object_foreach(after, name, value)
        {
            (void)snprintf(below, sizeof(below), "%s%s%s", member, *member ? "." : "", name);
            if (!json_object_get(before, name))
                differ(list, below, NULL, value);
        }
    } else if (json_is_array(before) && json_is_array(after) && json_array_size(before) == json_array_size(after)) {
        json_array_foreach(before, i, value)
        {
            (void)snprintf(below, sizeof(below), "%s[%zu]", member, i);
            compare(list, below, value, json_array_get(after, i));
        }
    } else if (!after || !json_equal(before, after)) {
        differ(list, member, before, after);
    }
}

json_t *tk_outcome_differences(const struct tk_outcome *before, const struct tk_outcome *after)
{
    json_t *list = json_array(), *a = NULL, *b = NULL;

    if (before->verdict != after->verdict) {
        a = json_string(tk_outcome_name(before->verdict));
        b = json_string(tk_outcome_name(after->verdict));
        differ(list, "result", a, b);
    } else if (before->verdict == TK_PASS) {
        a = json_loadb(before->event, before->len, 0, NULL);
        b = json_loadb(after->event, after->len, 0, NULL);
        compare(list, "", a, b);
    }
    json_decref(a);
    json_decref(b);
    return list;
}
