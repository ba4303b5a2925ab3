/* SPDX-License-Identifier: Apache-2.0 */
/* A stack of layers: which one decides, and what refers from one to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "dict_build.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/instance.h"
#include "dictionary/notification.h"

/* A stack of the dictionaries, which live in the stack alone. */
static struct tk_dict *stack(const char *const *facts, size_t count)
{
    struct tk_dict *parts[TK_DICT_MAX_LAYERS] = {NULL}, *d;

    for (size_t i = 0; i < count; i++)
        parts[i] = dict_build(facts[i]);
    d = tk_dict_join(parts, count);
    assert_non_null(d);
    for (size_t i = 0; i < count; i++)
        tk_dict_free(parts[i]);
    return d;
}

#define STACK(...) \
    stack((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static const struct tk_dict_object *named(const struct tk_dict *d, const char *name)
{
    const struct tk_dict_object *other, *o = tk_dict_find_name(d, name, strlen(name), &other);

    if (!o || other)
        fail_msg("'%s' is %s", name, o ? "ambiguous" : "not known");
    return o;
}

/* "MODULE::name/matched" of the object that is found; "-": there is none. */
static void expect(const struct tk_dict *d, const char *oid, const char *expected)
{
    const struct tk_dict_object *o;
    char found[200] = "-";
    struct tk_oid parsed;
    size_t matched;

    assert_int_equal(tk_oid_parse(&parsed, oid), 0);
    o = tk_dict_find(d, parsed.subid, parsed.len, &matched);
    if (o)
        (void)snprintf(found, sizeof(found), "%s::%s/%zu", tk_dict_module(d, o).text, tk_dict_name(d, o).text, matched);
    if (strcmp(found, expected) != 0)
        fail_msg("%s is %s, not %s", oid, found, expected);
}

static void the_first_layer_that_resolves_an_oid_decides(void **state)
{
    struct tk_dict *d = STACK("1.3.1 a OWN-MIB integer\n1.3.2 b OWN-MIB -\n1.3.3.1 row OWN-MIB - i=a\n"
                              "1.3.3.1.1 column OWN-MIB octets\n1.3.4 c RFC1213-MIB integer\n",
                              "1.3.1 x STD-MIB integer\n1.3.1.0.7 below STD-MIB integer\n1.3.2 y STD-MIB integer\n"
                              "1.3.3.1.1 z STD-MIB octets\n1.3.4 c STD-MIB integer\n1.3.5 only STD-MIB integer\n",
                              "1.3 org LAST-MIB -\n1.3.2 w LAST-MIB notification\n1.3.2.9 deep LAST-MIB integer\n");

    (void)state;
    expect(d, "1.3.1.0", "OWN-MIB::a/3");
    expect(d, "1.3.1.0.7", "OWN-MIB::a/3");        /* the first layer has an instance there */
    expect(d, "1.3.2", "STD-MIB::y/3");            /* the first layer has only a name for it */
    expect(d, "1.3.2.9.0", "STD-MIB::y/3");        /* an instance of y */
    expect(d, "1.3.3.1.1.5", "OWN-MIB::column/5"); /* a tie is the first layer's */
    expect(d, "1.3.4.0", "STD-MIB::c/3");          /* RFC1213-MIB is superseded */
    expect(d, "1.3.5.0", "STD-MIB::only/3");
    expect(d, "1.3.6", "LAST-MIB::org/2"); /* no layer resolves it: the longest */
    expect(d, "1.3.3", "LAST-MIB::org/2"); /* a table without a name */
    expect(d, "2.1", "-");
    tk_dict_free(d);
}

static void the_first_layer_that_has_a_name_decides(void **state)
{
    struct tk_dict *d = STACK("1.3.1 a OWN-MIB integer\n1.3.2 twice OWN-MIB integer\n1.3.3 twice OTHER-MIB integer\n",
                              "1.3.4 a STD-MIB integer\n1.3.5 twice STD-MIB integer\n1.3.6 b STD-MIB integer\n"
                              "1.3.1 renamed STD-MIB integer\n");
    const struct tk_dict_object *other;
    struct tk_oid oid;

    (void)state;
    tk_dict_oid(d, named(d, "a"), &oid); /* not ambiguous: the second one is of another layer */
    assert_int_equal(oid.subid[2], 1);
    tk_dict_oid(d, named(d, "STD-MIB::a"), &oid);
    assert_int_equal(oid.subid[2], 4);
    assert_non_null(tk_dict_find_name(d, "twice", 5, &other));
    assert_non_null(other);
    assert_non_null(named(d, "b"));
    assert_non_null(named(d, "STD-MIB::twice"));
    assert_true(tk_dict_is_same(d, named(d, "renamed"), named(d, "OWN-MIB::a")));
    assert_false(tk_dict_is_same(d, named(d, "STD-MIB::a"), named(d, "OWN-MIB::a")));
    assert_int_not_equal(tk_dict_number(d, named(d, "renamed")), tk_dict_number(d, named(d, "OWN-MIB::a")));
    assert_int_equal(tk_dict_module_number(d, named(d, "STD-MIB::a")), tk_dict_find_module(d, "STD-MIB", 7));
    assert_int_equal(tk_dict_module_number(d, named(d, "STD-MIB::twice")), tk_dict_find_module(d, "STD-MIB", 7));
    assert_int_equal(tk_dict_find_module(d, "NO-MIB", 6), 0);
    assert_int_equal(tk_dict_find_module(d, "", 0), 0);
    tk_dict_free(d);
}

/* Rows, AUGMENTS and objects of notifications that another layer has. */
static void references_reach_other_layers(void **state)
{
    static const uint32_t suffix[] = {7, 2, 97, 98};
    struct tk_dict *d =
        STACK("1.3.1.1 aRow OWN-MIB - i=STD-MIB::port,STD-MIB::name\n1.3.1.1.1 aColumn OWN-MIB integer\n"
              "1.3.2.1 more OWN-MIB - a=STD-MIB::base\n1.3.2.1.1 moreColumn OWN-MIB integer\n"
              "1.3.0.1 failed OWN-MIB notification o=aColumn,STD-MIB::port,STD-MIB::gone,moved\n"
              "1.3.3 port OTHER-MIB octets\n",
              "1.3.4 port STD-MIB integer t=InterfaceIndex\n1.3.5 name STD-MIB octets h=255a\n"
              "1.3.6.1 base STD-MIB - i=port\n1.3.6.1.1 baseColumn STD-MIB integer\n"
              "1.3.7 moved STD-MIB integer\n1.3.1.1.1 elsewhere STD-MIB integer\n");
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    const struct tk_dict_object *o = named(d, "aColumn");
    struct tk_dict_member m;

    (void)state;
    assert_int_equal(tk_dict_decode_instance(d, o, suffix, 4, values), 2);
    assert_ptr_equal(values[0].index.object, named(d, "STD-MIB::port"));
    assert_true(values[0].index.is_ifindex);
    assert_string_equal(values[1].index.name.text, "name");
    assert_string_equal(values[1].index.module.text, "STD-MIB");
    assert_int_equal(values[1].len, 2);
    assert_int_equal(tk_dict_decode_instance(d, named(d, "moreColumn"), suffix, 1, values), 1);
    assert_ptr_equal(values[0].index.object, named(d, "STD-MIB::port"));
    o = named(d, "failed");
    assert_int_equal(tk_dict_notification_objects(d, o), 4);
    assert_int_equal(tk_dict_notification_objects(d, named(d, "aColumn")), 0);
    m = tk_dict_notification_object(d, o, 0);
    assert_ptr_equal(m.object, named(d, "aColumn"));
    assert_true(tk_dict_is_same(d, m.object, named(d, "elsewhere")));
    assert_ptr_equal(tk_dict_notification_object(d, o, 1).object, named(d, "STD-MIB::port")); /* not OTHER-MIB's */
    m = tk_dict_notification_object(d, o, 2);
    assert_null(m.object);
    assert_string_equal(m.name.text, "gone");
    assert_string_equal(m.module.text, "STD-MIB");
    assert_ptr_equal(tk_dict_notification_object(d, o, 3).object, named(d, "moved"));
    assert_null(tk_dict_notification_object(d, o, 4).object);
    assert_int_equal(tk_dict_unresolved(d), 1);
    tk_dict_free(d);
}

static void a_sibling_of_a_layer_above_hides_those_below(void **state)
{
    static const uint32_t first[] = {1, 3, 9, 1, 1}, second[] = {1, 3, 9, 1, 2};
    struct tk_dict *d = STACK("1.3.9.1.2 mine OWN-MIB integer\n",
                              "1.3.9.1 row STD-MIB - i=a\n1.3.9.1.1 a STD-MIB integer\n1.3.9.1.2 b STD-MIB integer\n");
    const struct tk_dict_object *a = named(d, "a"), *b = named(d, "b");

    (void)state;
    assert_ptr_equal(tk_dict_find_sibling(d, b, first, 5), a);
    assert_null(tk_dict_find_sibling(d, a, second, 5));
    tk_dict_free(d);
}

/* Forms of a notification's OID are looked for in all layers. */
static void notifications_of_any_layer_have_all_forms(void **state)
{
    static const uint32_t oid[] = {1, 3, 6, 1, 4, 1, 9, 0, 5};
    struct tk_dict *d = STACK("1.3.6.1.4.1.9 cisco OWN-MIB -\n", "1.3.6.1.4.1.9.5 failed STD-MIB notification\n");
    struct tk_oid known;

    (void)state;
    assert_ptr_equal(tk_dict_find_notification(d, oid, 9, &known), named(d, "failed"));
    assert_int_equal(known.len, 8);
    tk_dict_free(d);
}

static void units_and_objects_are_facts(void **state)
{
    static const char facts[] = "1.3.1 a A-MIB integer u=0.1%20degrees%20C\n"
                                "1.3.2 b A-MIB gauge32 u=100%25 h=d-2\n"
                                "1.3.3.0.1 n A-MIB notification o=a,B-MIB::b\n"
                                "1.3.4.1 row A-MIB - a=B-MIB::gone\n";
    struct tk_dict *d = dict_build(facts);
    const struct tk_dict_object *o = named(d, "a");
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    (void)state;
    assert_string_equal(tk_dict_units(d, o).text, "0.1 degrees C");
    assert_string_equal(tk_dict_units(d, named(d, "b")).text, "100%");
    assert_int_equal(tk_dict_units(d, named(d, "n")).len, 0);
    for (o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o))
        assert_true(tk_dict_facts_write(out, d, o));
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "1.3.1 a A-MIB integer u=0.1%20degrees%20C\n"
                              "1.3.2 b A-MIB gauge32 u=100%25 h=d-2\n"
                              "1.3.4.1 row A-MIB - a=B-MIB::gone\n"
                              "1.3.3.0.1 n A-MIB notification o=a,b\n"); /* b is A-MIB's, whatever the fact said */
    free(text);
    tk_dict_free(d);
}

static void an_empty_stack_knows_nothing(void **state)
{
    static const uint32_t oid[] = {1, 3};
    struct tk_dict *none = tk_dict_join(NULL, 0), *nulls = tk_dict_join((struct tk_dict *[]){NULL, NULL}, 2);
    size_t matched = 9;

    (void)state;
    assert_null(tk_dict_find(none, oid, 2, &matched));
    assert_int_equal(matched, 0);
    assert_null(tk_dict_find_name(nulls, "a", 1, NULL));
    assert_null(tk_dict_next(nulls, NULL));
    assert_int_equal(tk_dict_find_module(none, "A-MIB", 5), 0);
    assert_int_equal(tk_dict_count(none), 0);
    tk_dict_free(none);
    tk_dict_free(nulls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_layer_that_resolves_an_oid_decides),
        cmocka_unit_test(the_first_layer_that_has_a_name_decides),
        cmocka_unit_test(references_reach_other_layers),
        cmocka_unit_test(a_sibling_of_a_layer_above_hides_those_below),
        cmocka_unit_test(notifications_of_any_layer_have_all_forms),
        cmocka_unit_test(units_and_objects_are_facts),
        cmocka_unit_test(an_empty_stack_knows_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
