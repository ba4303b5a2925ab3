/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_pairs.h"

#include <string.h>

/* A key with {} for each reference but {device}. @param dst  as long as the key */
static void shape_of(const char *key, char *dst)
{
    while (*key) {
        bool is_brace = (*key == '{' || *key == '}') && key[1] == *key;

        if (is_brace || *key != '{' || strncmp(key, "{device}", 8) == 0) {
            *dst++ = *key;
            if (is_brace)
                *dst++ = *key;
            key += 1 + is_brace;
            continue;
        }
        *dst++ = '{';
        key += strcspn(key, "}");
    }
    *dst = '\0';
}

static bool has_state(const struct tk_import_rule *r, const char *state)
{
    const char *own = r->rule ? json_string_value(json_object_get(r->rule, "state")) : NULL;

    return own && strcmp(own, state) == 0;
}

#define MAX_KEY 1024 /* bytes of a template */

void tk_import_tell_unpaired(struct tk_import *im)
{
    const struct tk_import_rule *r = im->rules.items;
    json_t *raised = json_object();
    char shape[MAX_KEY + 1];

    for (uint32_t i = 0; i < im->rules.count; i++)
        if (has_state(r + i, "raise")) {
            shape_of(json_string_value(json_object_get(r[i].rule, "key")), shape);
            tk_import_put(im, raised, shape, json_true());
        }
    for (uint32_t i = 0; i < im->rules.count; i++) {
        const char *key = has_state(r + i, "clear") ? json_string_value(json_object_get(r[i].rule, "key")) : NULL;

        if (!key)
            continue;
        shape_of(key, shape);
        if (json_object_get(raised, shape))
            continue;
        im->file = r[i].file;
        tk_import_tell(im, r[i].line, key,
                       "no rule raises this key, so nothing is cleared; import what raises it too, or correct the key");
    }
    json_decref(raised);
}
