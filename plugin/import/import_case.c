/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_case.h"

#include <string.h>

void tk_import_cases_done(struct tk_import_cases *cases)
{
    for (unsigned i = 0; i < cases->count; i++) {
        json_decref(cases->item[i].varbinds);
        tk_import_samples_done(&cases->item[i].samples);
    }
    cases->count = 0;
}

struct tk_import_case *tk_import_cases_add(struct tk_import *im, struct tk_import_cases *cases)
{
    struct tk_import_case *c = cases->item + cases->count;

    if (cases->count == TK_IMPORT_CASES)
        return NULL;
    memset(c, 0, sizeof(*c));
    c->varbinds = json_array();
    im->is_out_of_memory |= !c->varbinds;
    cases->count++;
    return c;
}

bool tk_import_cases_add_one(struct tk_import *im, struct tk_import_cases *cases, const struct tk_dict_object *o,
                             json_t *condition, json_t *sample)
{
    struct tk_import_case *c = tk_import_cases_add(im, cases);
    char ref[TK_OID_MAX_TEXT];
    json_t *whole;

    if (!c) {
        json_decref(condition);
        json_decref(sample);
        return false;
    }
    whole = json_object();
    tk_import_put(im, whole, "object", json_string(tk_import_ref(im, o, ref)));
    im->is_out_of_memory |= !condition || json_object_update(whole, condition) < 0;
    json_decref(condition);
    tk_import_append(im, c->varbinds, whole);
    c->has_no_sample = !sample;
    tk_import_sample_add(&c->samples, o, sample);
    return true;
}

static void copy(struct tk_import *im, struct tk_import_case *dst, const struct tk_import_case *src)
{
    if (!dst)
        return;
    im->is_out_of_memory |= json_array_extend(dst->varbinds, src->varbinds) < 0;
    tk_import_samples_join(&dst->samples, &src->samples);
    dst->has_no_sample |= src->has_no_sample;
}

bool tk_import_cases_and(struct tk_import *im, struct tk_import_cases *cases, const struct tk_import_cases *other)
{
    struct tk_import_cases before = *cases;

    if (before.count * other->count > TK_IMPORT_CASES)
        return false;
    cases->count = 0;
    for (unsigned i = 0; i < before.count; i++)
        for (unsigned j = 0; j < other->count; j++) {
            struct tk_import_case *c = tk_import_cases_add(im, cases);

            copy(im, c, before.item + i);
            copy(im, c, other->item + j);
        }
    tk_import_cases_done(&before);
    return true;
}

bool tk_import_cases_or(struct tk_import *im, struct tk_import_cases *cases, const struct tk_import_cases *other)
{
    if (cases->count + other->count > TK_IMPORT_CASES)
        return false;
    for (unsigned j = 0; j < other->count; j++)
        copy(im, tk_import_cases_add(im, cases), other->item + j);
    return true;
}
