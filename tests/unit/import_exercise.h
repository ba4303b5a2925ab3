/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_exercise.h
 * @brief Read a text of another program's format, and look at the rules. To be included after cmocka.h.
 */
#ifndef TK_IMPORT_EXERCISE_H
#define TK_IMPORT_EXERCISE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dict_build.h"
#include "import/import.h"
#include "temp_file.h"

#define ACME "1.3.6.1.4.1.99999."

static const char import_facts[] = ACME
    "0.1 acmeFan ACME-MIB notification o=acmeNumber,acmeText,acmeState,acmePeer,acmeNumber\n" ACME
    "1.1 acmeNumber ACME-MIB integer\n" ACME "1.2 acmeText ACME-MIB octets\n" ACME
    "1.3 acmeState ACME-MIB integer e=up:1,down:2,dead:3\n" ACME "1.4 acmePeer ACME-MIB ipaddress\n";
static const char import_standard_facts[] = "1.3.6.1.6.3.1.1.5.3 linkDown IF-MIB notification\n";

static struct tk_dict *import_dict, *import_standard;

static inline int make_dicts(void **state)
{
    struct tk_dict *parts[2];

    import_standard = dict_build(import_standard_facts);
    parts[0] = dict_build(import_facts);
    parts[1] = import_standard;
    import_dict = tk_dict_join(parts, 2);
    tk_dict_free(parts[0]);
    return import_dict ? make_file(state) : -1;
}

static inline int free_dicts(void **state)
{
    tk_dict_free(import_dict);
    tk_dict_free(import_standard);
    return remove_file(state);
}

/** What was read of one text. */
struct result {
    struct tk_import im;
    char *said;
    json_t *file;
    struct tk_err err;
};

typedef void import_reader(struct tk_import *im, char *text, struct tk_err *err);

static inline void read_with(struct result *r, import_reader *reader, const char *text, size_t len,
                             const char *severity)
{
    size_t size = 0;
    unsigned first;
    FILE *notes = open_memstream(&r->said, &size);
    char *copy, *printed;

    memset(&r->err, 0, sizeof(r->err));
    assert_non_null(notes);
    assert_true(tk_import_init(&r->im, import_dict, import_standard, notes));
    assert_true(!severity || tk_import_map_severity(&r->im, severity));
    copy = tk_import_take_text(&r->im, "dir/a.conf", text, len, &size);
    reader(&r->im, copy, &r->err);
    free(copy);
    tk_import_sort(&r->im);
    assert_false(r->im.is_out_of_memory);
    assert_int_equal(fclose(notes), 0);
    printed = tk_import_print(&r->im, &size, &first);
    assert_non_null(printed);
    r->file = json_loadb(printed, size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(r->file);
    free(printed);
}

static inline void done(struct result *r)
{
    json_decref(r->file);
    free(r->said);
    tk_import_done(&r->im);
}

static inline json_t *rule_of(const struct result *r, size_t i)
{
    return json_array_get(json_object_get(r->file, "rules"), i);
}

/** The event that a test expects. */
static inline json_t *expected_of(const struct result *r, size_t i)
{
    return json_object_get(json_array_get(json_object_get(r->file, "tests"), i), "event");
}

static inline void assert_json(const json_t *got, const char *expected, const char *what)
{
    char *text = got ? json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : strdup("none");

    if (strcmp(text, expected) != 0)
        fail_msg("%s: %s, expected %s", what, text, expected);
    free(text);
}

static inline void assert_said(const struct result *r, const char *expected, const char *what)
{
    if (expected ? !strstr(r->said, expected) : *r->said)
        fail_msg("%s: said '%s', expected '%s'", what, r->said, expected ? expected : "nothing");
}

#endif /* TK_IMPORT_EXERCISE_H */
