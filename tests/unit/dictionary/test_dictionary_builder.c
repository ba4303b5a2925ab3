/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "dict_build.h"
#include "dictionary/dictionary_facts.h"

static const struct tk_dict_object *find(const struct tk_dict *d, const char *text, struct tk_oid *ret_oid,
                                         size_t *ret_matched)
{
    assert_int_equal(tk_oid_parse(ret_oid, text), 0);
    return tk_dict_find(d, ret_oid->subid, ret_oid->len, ret_matched);
}

static const struct tk_dict_object *named(const struct tk_dict *d, const char *name)
{
    const struct tk_dict_object *other, *o = tk_dict_find_name(d, name, strlen(name), &other);

    if (!o || other)
        fail_msg("'%s' is %s", name, o ? "ambiguous" : "not known");
    return o;
}

static void later_sources_win(void **state)
{
    struct tk_dict *d = dict_build("1.3.1 status A-MIB integer t=Status e=up:1,down:2 h=d\n"
                                   "1.3.2 old A-MIB integer e=a:1 h=d\n"
                                   "1.3.3 real A-MIB integer\n"
                                   "1.3.4 ifIndex IF-MIB integer\n"
                                   "1.3.5.1 row A-MIB - i=status\n"
                                   "1.3.5.1.1 column A-MIB octets\n"
                                   "1.3.1 state B-MIB integer\n"
                                   "1.3.2 new B-MIB octets\n"
                                   "1.3.3 merely B-MIB -\n"
                                   "1.3.4 ifIndex RFC1213-MIB integer e=one:1\n"
                                   "1.3.5.1 row A-MIB -\n"
                                   "1.3.3 elder RFC1253-MIB integer h=d-1\n");
    const struct tk_dict_object *o;
    struct tk_oid oid;
    size_t matched;

    (void)state;
    o = named(d, "B-MIB::state"); /* the name is replaced; what the second fact leaves out is kept */
    assert_int_equal(tk_dict_enum_count(d, o), 2);
    assert_string_equal(tk_dict_tc(d, o).text, "Status");
    o = named(d, "B-MIB::new"); /* another syntax: nothing is kept */
    assert_int_equal(tk_dict_enum_count(d, o), 0);
    assert_int_equal(tk_dict_hint(d, o).len, 0);
    assert_string_equal(tk_dict_name(d, find(d, "1.3.3", &oid, &matched)).text, "real");
    assert_string_equal(tk_dict_hint(d, named(d, "A-MIB::real")).text, "d-1");
    o = find(d, "1.3.4", &oid, &matched);
    assert_string_equal(tk_dict_module(d, o).text, "IF-MIB");
    assert_int_equal(tk_dict_enum_count(d, o), 1);
    assert_int_equal(tk_dict_index_count(d, named(d, "column")), 1);
    assert_int_equal(tk_dict_kind(d, named(d, "column")), TK_DICT_COLUMN);
    tk_dict_free(d);
}

static void indexes_resolve_across_modules(void **state)
{
    struct tk_dict *d = dict_build("1.3.1.1 rowA A-MIB - i=name,B-MIB::name,gone\n"
                                   "1.3.1.1.1 colA A-MIB integer\n"
                                   "1.3.2 name A-MIB octets z=3\n"
                                   "1.3.3 name B-MIB oid\n"
                                   "1.3.4 name C-MIB -\n"
                                   "1.3.5.1 rowB C-MIB - i=!name\n");
    const struct tk_dict_object *o = named(d, "colA");

    (void)state;
    assert_int_equal(tk_dict_index_count(d, o), 3);
    assert_int_equal(tk_dict_index(d, o, 0).syntax, TK_SYNTAX_OCTETS);
    assert_int_equal(tk_dict_index(d, o, 0).fixed_len, 3);
    assert_int_equal(tk_dict_index(d, o, 1).syntax, TK_SYNTAX_OID);
    assert_int_equal(tk_dict_index(d, o, 2).syntax, TK_SYNTAX_NONE);
    assert_null(tk_dict_index(d, o, 2).object);
    assert_int_equal(tk_dict_unresolved(d), 1);
    assert_int_not_equal(tk_dict_index(d, named(d, "rowB"), 0).syntax,
                         TK_SYNTAX_NONE); /* an arc of that name is not used as an index */
    tk_dict_free(d);
}

static void unordered_and_sparse_children(void **state)
{
    static const uint32_t subids[] = {5, 0, 4294967295u, 7, 6, 1000000, 1};
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d;
    size_t matched;

    (void)state;
    for (size_t i = 0; i < sizeof(subids) / sizeof(subids[0]); i++) {
        uint32_t oid[] = {1, 3, subids[i]};
        struct tk_dict_fact f = {.subid = oid, .len = 3, .name = "n", .name_len = 1, .syntax = TK_SYNTAX_INTEGER};

        assert_int_equal(tk_dict_builder_add(b, &f), 0);
    }
    d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    for (uint32_t probe = 0; probe < 12; probe++) {
        uint32_t oid[] = {1, 3, probe};
        bool is_there = probe == 0 || probe == 1 || (probe >= 5 && probe <= 7);

        assert_int_equal(tk_dict_find(d, oid, 3, &matched) != NULL, is_there);
    }
    for (size_t i = 0; i < sizeof(subids) / sizeof(subids[0]); i++) {
        uint32_t oid[] = {1, 3, subids[i]};

        assert_non_null(tk_dict_find(d, oid, 3, &matched));
        oid[2] ^= 0x10000;
        assert_null(tk_dict_find(d, oid, 3, &matched));
    }
    tk_dict_free(d);
}

static void empty_and_bounds(void **state)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    uint32_t deep[TK_OID_MAX_SUBIDS + 1] = {1};
    struct tk_dict_fact f = {.subid = deep, .len = 0, .name = "a\"\xe9 b", .name_len = 5};
    struct tk_dict *d = tk_dict_builder_finish(b);
    size_t matched;

    (void)state;
    assert_null(tk_dict_find(d, deep, 3, &matched));
    assert_null(tk_dict_find_name(d, "x", 1, NULL));
    tk_dict_free(d);
    assert_int_equal(tk_dict_builder_add(b, &f), -EINVAL);
    f.len = TK_OID_MAX_SUBIDS + 1;
    assert_int_equal(tk_dict_builder_add(b, &f), -EINVAL);
    f.len = TK_OID_MAX_SUBIDS;
    assert_int_equal(tk_dict_builder_add(b, &f), 0);
    d = tk_dict_builder_finish(b);
    assert_string_equal(tk_dict_name(d, tk_dict_find(d, deep, TK_OID_MAX_SUBIDS, &matched)).text, "a???b");
    assert_null(tk_dict_find(d, deep, TK_OID_MAX_SUBIDS - 1, &matched)); /* arcs without names */
    tk_dict_free(d);
    tk_dict_builder_free(b);
    tk_dict_free(NULL);
    tk_dict_builder_free(NULL);
}

static void malformed_facts(void **state)
{
    static const struct {
        const char *line, *reason;
    } bad[] = {
        {"1.3.1", "fewer than four words"},
        {"1.3.1 a B-MIB", "fewer than four words"},
        {"1.3..1 a B-MIB integer", "not an OID"},
        {"1.3. a B-MIB integer", "not an OID"},
        {".1.3 a B-MIB integer", "not an OID"},
        {"1.3.4294967296 a B-MIB integer", "not an OID"},
        {"1.3.99999999999999999999 a B-MIB integer", "not an OID"},
        {"1.3.-1 a B-MIB integer", "not an OID"},
        {"x a B-MIB integer", "not an OID"},
        {"1.3.1 a B-MIB int", "not a type"},
        {"1.3.1 a B-MIB integer  t=X", "not an attribute"},
        {"1.3.1 a B-MIB integer q=X", "not an attribute"},
        {"1.3.1 a B-MIB integer e=up", "not an enumeration"},
        {"1.3.1 a B-MIB integer e=up:", "not an enumeration"},
        {"1.3.1 a B-MIB integer e=:1", "not an enumeration"},
        {"1.3.1 a B-MIB integer e=up:1x", "not an enumeration"},
        {"1.3.1 a B-MIB integer e=up:2147483648", "not an enumeration"},
        {"1.3.1 a B-MIB - i=B-MIB::", "not an index"},
        {"1.3.1 a B-MIB - i=!", "not an index"},
        {"1.3.1 a B-MIB - i=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "limit of 16"},
        {"1.3.1 a B-MIB notification i=a", "has no indexes"},
        {"1.3.1 a B-MIB integer o=a", "no notification"},
        {"1.3.1 a B-MIB notification o=B-MIB::", "not an object"},
        {"1.3.1 a B-MIB notification a=b", "not the row"},
        {"1.3.1 a B-MIB - a=B-MIB::", "not the row"},
        {"1.3.1 a B-MIB integer u=100%", "without two hexadecimal digits"},
        {"1.3.1 a B-MIB integer u=%2", "without two hexadecimal digits"},
        {"1.3.1 a B-MIB integer u=%2g", "without two hexadecimal digits"},
        {"1.3.1 a B-MIB octets z=0", "not a size"},
        {"1.3.1 a B-MIB octets z=65536", "not a size"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct tk_dict_builder *b = tk_dict_builder_new();
        struct tk_err err = {0};
        char text[200];
        int len = snprintf(text, sizeof(text), "# head\n\n1.3.9 fine - integer\n%s\n", bad[i].line);

        assert_int_equal(tk_dict_facts_read(b, text, (size_t)len, "some.facts", &err), -EINVAL);
        assert_int_equal(err.line, 4);
        assert_string_equal(err.file, "some.facts");
        if (!strstr(err.text, bad[i].reason))
            fail_msg("'%s' gives '%s'", bad[i].line, err.text);
        tk_dict_builder_free(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(indexes_resolve_across_modules),
        cmocka_unit_test(unordered_and_sparse_children),
        cmocka_unit_test(empty_and_bounds),
        cmocka_unit_test(malformed_facts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
