/* SPDX-License-Identifier: Apache-2.0 */
/* Rows with indexes of every kind: random definitions, random values, an encoder of its own by RFC 2578, section 7.7. What
 * it encodes is decoded back exactly, for columns of the row and of a row that augments it; what does not fit is refused. */
#include "dictionary/dictionary_builder.h"
#include "dictionary/instance.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_INDEXES 6

enum shape { WHOLE, FIXED, COUNTED, IMPLIED, LEADING_ONE, SHAPES };

struct kind {
    enum tk_dict_syntax syntax;
    enum shape shape;
    bool is_octets; /* no sub-identifier above 255 */
};

static const struct kind kinds[] = {{TK_SYNTAX_INTEGER, WHOLE, false},        {TK_SYNTAX_GAUGE32, WHOLE, false},
                                    {TK_SYNTAX_COUNTER32, WHOLE, false},      {TK_SYNTAX_TIMETICKS, WHOLE, false},
                                    {TK_SYNTAX_IPADDRESS, FIXED, true},       {TK_SYNTAX_OCTETS, FIXED, true},
                                    {TK_SYNTAX_OCTETS, COUNTED, true},        {TK_SYNTAX_OCTETS, IMPLIED, true},
                                    {TK_SYNTAX_OID, COUNTED, false},          {TK_SYNTAX_OID, IMPLIED, false},
                                    {TK_SYNTAX_BITS, COUNTED, true},          {TK_SYNTAX_OPAQUE, COUNTED, true},
                                    {TK_SYNTAX_NETADDRESS, LEADING_ONE, true}};

struct row {
    size_t count;
    struct kind kinds[MAX_INDEXES];
    uint16_t fixed_len[MAX_INDEXES];
};

struct value {
    uint32_t subid[TK_OID_MAX_SUBIDS];
    size_t len;
};

static const uint32_t base[] = {1, 3, 6, 1, 4, 1, 99999, 1};
enum { BASE = sizeof(base) / sizeof(base[0]) };

static void add(struct tk_dict_builder *b, const uint32_t *below, size_t len, struct tk_dict_fact f, const char *name)
{
    uint32_t subid[BASE + 4];

    memcpy(subid, base, sizeof(base));
    memcpy(subid + BASE, below, len * sizeof(*below));
    f.subid = subid;
    f.len = BASE + len;
    f.name = name;
    f.name_len = strlen(name);
    f.module = "M";
    f.module_len = 1;
    assert_int_equal(tk_dict_builder_add(b, &f), 0);
}

/* Table 1 has the indexes as its columns 1.., and column 99; the row of table 2 augments that of table 1. */
static struct tk_dict *build(const struct row *row)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict_fact_ref indexes[MAX_INDEXES];
    const struct tk_dict_fact_ref augments = {.name = "entry", .name_len = 5};
    char names[MAX_INDEXES][32];
    struct tk_dict *d;

    assert_non_null(b);
    for (size_t i = 0; i < row->count; i++) {
        uint32_t column[] = {1, 1, (uint32_t)i + 1};

        (void)snprintf(names[i], sizeof(names[i]), "index%zu", i);
        indexes[i] = (struct tk_dict_fact_ref){.name = names[i],
                                               .name_len = strlen(names[i]),
                                               .is_implied = row->kinds[i].shape == IMPLIED};
        add(b, column, 3, (struct tk_dict_fact){.syntax = row->kinds[i].syntax, .fixed_len = row->fixed_len[i]},
            names[i]);
    }
    add(b, (const uint32_t[]){2, 1}, 2, (struct tk_dict_fact){.augments = &augments}, "otherEntry");
    add(b, (const uint32_t[]){2, 1, 1}, 3, (struct tk_dict_fact){.syntax = TK_SYNTAX_INTEGER}, "other");
    add(b, (const uint32_t[]){1, 1}, 2, (struct tk_dict_fact){.indexes = indexes, .index_count = row->count}, "entry");
    add(b, (const uint32_t[]){1, 1, 99}, 3, (struct tk_dict_fact){.syntax = TK_SYNTAX_INTEGER}, "value");
    d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    assert_non_null(d);
    return d;
}

static void random_row(struct row *row)
{
    *row = (struct row){.count = 1 + (size_t)random() % MAX_INDEXES};
    for (size_t i = 0; i < row->count; i++) {
        do
            row->kinds[i] = kinds[(size_t)random() % (sizeof(kinds) / sizeof(kinds[0]))];
        while (row->kinds[i].shape == IMPLIED && i + 1 < row->count);
        if (row->kinds[i].shape == FIXED && row->kinds[i].syntax == TK_SYNTAX_OCTETS)
            row->fixed_len[i] = (uint16_t)(1 + random() % 9);
    }
}

static void random_value(const struct row *row, size_t i, struct value *v)
{
    const struct kind *k = row->kinds + i;

    v->len = k->shape == WHOLE ? 1 : row->fixed_len[i] ? row->fixed_len[i] : (size_t)random() % 12;
    if (k->syntax == TK_SYNTAX_IPADDRESS || k->syntax == TK_SYNTAX_NETADDRESS)
        v->len = 4;
    for (size_t n = 0; n < v->len; n++) {
        v->subid[n] = random() % 2 ? (uint32_t)random() % 20 : (uint32_t)random() << 1 ^ (uint32_t)random();
        if (k->is_octets)
            v->subid[n] &= 255;
    }
}

static size_t encode(const struct row *row, const struct value *values, uint32_t *suffix)
{
    size_t len = 0;

    for (size_t i = 0; i < row->count; i++) {
        if (row->kinds[i].shape == LEADING_ONE)
            suffix[len++] = 1;
        if (row->kinds[i].shape == COUNTED)
            suffix[len++] = (uint32_t)values[i].len;
        for (size_t n = 0; n < values[i].len; n++)
            suffix[len++] = values[i].subid[n];
    }
    return len;
}

static const struct tk_dict_object *find(const struct tk_dict *d, const char *name)
{
    const struct tk_dict_object *o = tk_dict_find_name(d, name, strlen(name), NULL);

    assert_non_null(o);
    return o;
}

static void decodes_back(const struct tk_dict *d, const char *column, const struct row *row, const struct value *values,
                         const uint32_t *suffix, size_t len)
{
    struct tk_dict_value found[TK_DICT_MAX_INDEXES];
    int n = tk_dict_decode_instance(d, find(d, column), suffix, len, found);

    assert_int_equal(n, row->count);
    for (size_t i = 0; i < row->count; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "index%zu", i);
        assert_string_equal(found[i].index.name.text, name);
        assert_int_equal(found[i].index.syntax, row->kinds[i].syntax);
        assert_int_equal(found[i].len, values[i].len);
        assert_memory_equal(found[i].subid, values[i].subid, values[i].len * sizeof(values[i].subid[0]));
    }
}

static bool fits(const struct tk_dict *d, const uint32_t *suffix, size_t len)
{
    struct tk_dict_value found[TK_DICT_MAX_INDEXES];
    uint32_t *exact = malloc(len ? len * sizeof(*suffix) : 1); /* so that a sanitizer sees a read behind it */
    int n;

    assert_non_null(exact);
    memcpy(exact, suffix, len * sizeof(*suffix));
    n = tk_dict_decode_instance(d, find(d, "value"), exact, len, found);
    free(exact);
    assert_true(n > 0 || n == -EINVAL);
    return n > 0;
}

static bool ends_with_implied(const struct row *row)
{
    return row->kinds[row->count - 1].shape == IMPLIED;
}

/* Every index but an implied one says where it ends, so a suffix that is cut or longer does not fit. */
static void refuses_others(const struct tk_dict *d, const struct row *row, const uint32_t *suffix, size_t len)
{
    uint32_t other[TK_OID_MAX_SUBIDS];

    memcpy(other, suffix, len * sizeof(*suffix));
    if (!ends_with_implied(row)) {
        for (size_t cut = 0; cut < len; cut++)
            assert_false(fits(d, suffix, cut));
        other[len] = (uint32_t)random() % 3;
        assert_false(fits(d, other, len + 1));
    }
    for (size_t i = 0, at = 0; i < row->count && row->kinds[i].shape != IMPLIED; i++) {
        size_t value_len = row->kinds[i].shape == WHOLE ? 1 : row->fixed_len[i] ? row->fixed_len[i] : 4;

        if (row->kinds[i].shape == LEADING_ONE) {
            other[at] = 2;
            assert_false(fits(d, other, len));
            other[at] = suffix[at];
            at++;
        }
        if (row->kinds[i].shape == COUNTED) {
            value_len = suffix[at];
            other[at] = UINT32_MAX;
            assert_false(fits(d, other, len));
            other[at] = suffix[at];
            at++;
        }
        if (row->kinds[i].is_octets && value_len) {
            other[at] = 256;
            assert_false(fits(d, other, len));
            other[at] = suffix[at];
        }
        at += value_len;
    }
}

static void test_rows(void **state)
{
    unsigned seen[SHAPES] = {0};

    (void)state;
    srandom(77);
    for (int round = 0; round < 3000; round++) {
        struct row row;
        struct tk_dict *d;

        random_row(&row);
        d = build(&row);
        for (size_t i = 0; i < row.count; i++)
            seen[row.kinds[i].shape]++;
        for (int rows = 0; rows < 4; rows++) {
            struct value values[MAX_INDEXES];
            uint32_t suffix[TK_OID_MAX_SUBIDS];
            size_t len;

            for (size_t i = 0; i < row.count; i++)
                random_value(&row, i, values + i);
            len = encode(&row, values, suffix);
            decodes_back(d, "value", &row, values, suffix, len);
            decodes_back(d, "other", &row, values, suffix, len);
            refuses_others(d, &row, suffix, len);
        }
        tk_dict_free(d);
    }
    for (int i = 0; i < SHAPES; i++)
        assert_true(seen[i] > 100);
}

/* Indexes that no agent can send, or that a MIB defines badly: the instance stays numbers. */
static void test_bad_definitions(void **state)
{
    static const struct kind bad[] = {{TK_SYNTAX_COUNTER64, WHOLE, false}, {TK_SYNTAX_OCTETS, IMPLIED, true}};
    static const uint32_t suffix[] = {1, 2, 3, 4, 5, 6};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct row row = {.count = 2,
                          .kinds = {bad[i], {TK_SYNTAX_INTEGER, WHOLE, false}}}; /* IMPLIED is not the last */
        struct tk_dict *d = build(&row);

        for (size_t len = 0; len <= sizeof(suffix) / sizeof(suffix[0]); len++)
            assert_false(fits(d, suffix, len));
        tk_dict_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_bad_definitions)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
