/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dict_exercise.h
 * @brief Call every function of a dictionary that may be damaged; a sanitizer or a signal says if one goes wrong.
 */
#ifndef TK_DICT_EXERCISE_H
#define TK_DICT_EXERCISE_H

#include <stdio.h>
#include <stdlib.h>

#include "dictionary/dictionary_facts.h"
#include "dictionary/display_hint.h"
#include "dictionary/notification.h"
#include "dictionary/octets_text.h"

#define DICT_EXERCISE_OBJECTS 400 /* of a dictionary that has more, the first and the last half */

static size_t dict_exercise_sum; /* so that no read is left out */

static inline void dict_exercise_text(struct tk_dict_text t)
{
    for (size_t i = 0; i < t.len; i++)
        dict_exercise_sum += (unsigned char)t.text[i];
}

static inline void dict_exercise_index(const struct tk_dict *d, const struct tk_dict_object *o)
{
    static const uint32_t suffix[] = {1, 4, 192, 0, 2, 7, 300, 3, 97, 98, 99, 1};
    const size_t most = sizeof(suffix) / sizeof(suffix[0]);
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    char text[TK_TEXT_BYTES];

    for (size_t len = 0; len <= most; len++) {
        uint32_t *copy = malloc(len * sizeof(*copy) + 1); /* of exactly this size, for a sanitizer */
        int count;

        if (!copy)
            abort();
        memcpy(copy, suffix, len * sizeof(*copy));
        count = tk_dict_decode_instance(d, o, copy, len, values);
        for (int i = 0; i < count; i++) {
            dict_exercise_sum += tk_index_text(text, d, values, (size_t)i);
            dict_exercise_text(values[i].index.name);
        }
        free(copy);
    }
}

static inline void dict_exercise_value(const struct tk_dict *d, const struct tk_dict_object *o)
{
    static const uint8_t octets[] = {0x07, 0xea, 0x02, 0x1c, 0x80, 0x41, 0x42, 0x43};
    char text[TK_TEXT_BYTES];

    dict_exercise_text(tk_dict_tc(d, o));
    dict_exercise_text(tk_dict_hint(d, o));
    dict_exercise_text(tk_dict_units(d, o));
    dict_exercise_sum += tk_dict_reading(d, o) + tk_dict_syntax(d, o) + tk_dict_fixed_len(d, o);
    dict_exercise_sum += (size_t)tk_octets_text(text, d, o, TK_INET_NOT_GIVEN, octets, sizeof(octets));
    dict_exercise_sum += (size_t)tk_textual_integer(text, sizeof(text), tk_dict_hint(d, o), 42);
    for (int64_t value = -1; value < 4; value++)
        if (tk_dict_label(d, o, value).text)
            dict_exercise_text(tk_dict_label(d, o, value));
    for (unsigned i = 0; i < tk_dict_enum_count(d, o) && i < 50; i++)
        dict_exercise_text(tk_dict_enum(d, o, i).label);
}

static inline void dict_exercise_object(const struct tk_dict *d, const struct tk_dict_object *o, FILE *out)
{
    struct tk_dict_text name = tk_dict_name(d, o), module = tk_dict_module(d, o);
    const struct tk_dict_object *other;
    struct tk_oid oid, known;
    size_t matched;

    dict_exercise_text(name);
    dict_exercise_text(module);
    dict_exercise_sum += tk_dict_kind(d, o) + tk_dict_number(d, o) + tk_dict_module_number(d, o);
    dict_exercise_sum += tk_dict_find_module(d, module.text, module.len);
    tk_dict_oid(d, o, &oid);
    if (oid.len > TK_OID_MAX_SUBIDS)
        abort();
    if (oid.len && oid.len < TK_OID_MAX_SUBIDS) {
        oid.subid[oid.len] = 0;
        dict_exercise_sum += tk_dict_find_sibling(d, o, oid.subid, oid.len) != NULL;
        other = tk_dict_resolve(d, oid.subid, oid.len + 1, &matched);
        dict_exercise_sum += other && tk_dict_is_same(d, o, other);
        dict_exercise_sum += tk_dict_find_notification(d, oid.subid, oid.len, &known) != NULL;
    }
    dict_exercise_sum += tk_dict_find_name(d, name.text, name.len, &other) != NULL;
    dict_exercise_sum += tk_inet_type_object(d, o) != NULL;
    dict_exercise_value(d, o);
    dict_exercise_index(d, o);
    for (unsigned i = 0; i < tk_dict_notification_objects(d, o) && i < 20; i++)
        dict_exercise_text(tk_dict_notification_object(d, o, i).name);
    if (!tk_dict_facts_write(out, d, o))
        abort();
}

static inline void dict_exercise(const struct tk_dict *d)
{
    static const uint32_t usual[] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 8, 7};
    FILE *out = fopen("/dev/null", "w");
    const uint32_t count = tk_dict_count(d);
    size_t matched;

    if (!out)
        abort();
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o)) {
        const uint32_t n = tk_dict_number(d, o);

        if (n < DICT_EXERCISE_OBJECTS / 2 || n + DICT_EXERCISE_OBJECTS / 2 > count)
            dict_exercise_object(d, o, out);
    }
    for (size_t len = 0; len <= sizeof(usual) / sizeof(usual[0]); len++)
        dict_exercise_sum += tk_dict_find(d, usual, len, &matched) != NULL;
    dict_exercise_sum += tk_dict_find_name(d, "ifIndex", 7, NULL) != NULL;
    dict_exercise_sum += tk_dict_find_name(d, "IF-MIB::ifIndex", 15, NULL) != NULL;
    (void)fclose(out);
}

#endif /* TK_DICT_EXERCISE_H */
