/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/inventory.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "temp_file.h"
#include <jansson.h>

/* Linked with --wrap=malloc,--wrap=calloc,--wrap=realloc: after `allocations_left` allocations, the next fails. */
static long allocations_left = -1;
void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static bool is_to_fail(void)
{
    return allocations_left >= 0 && allocations_left-- == 0;
}

void *__wrap_malloc(size_t bytes)
{
    return is_to_fail() ? NULL : __real_malloc(bytes);
}
void *__wrap_calloc(size_t count, size_t bytes)
{
    return is_to_fail() ? NULL : __real_calloc(count, bytes);
}
void *__wrap_realloc(void *old, size_t bytes)
{
    return is_to_fail() ? NULL : __real_realloc(old, bytes);
}

static void write_file(const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static struct tk_inventory *load(const char *text)
{
    struct tk_err_list errs = {0};
    struct tk_inventory *inv;

    write_file(text);
    inv = tk_inventory_load(path, 42, &errs, NULL);
    if (!inv)
        fail_msg("line %u: %s", errs.err[0].line, errs.err[0].text);
    return inv;
}

static uint32_t find_address(const struct tk_inventory *inv, const char *text)
{
    uint8_t bytes[16];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;

    assert_int_equal(inet_pton(family, text, bytes), 1);
    return tk_inventory_find_address(inv, family, bytes);
}

static uint32_t find_name(const struct tk_inventory *inv, const char *text)
{
    return tk_inventory_find_name(inv, text, strlen(text));
}

static void check_name(const struct tk_inventory *inv, uint32_t row, const char *want)
{
    size_t len;
    const char *name;

    assert_int_not_equal(row, TK_ROW_NONE);
    name = tk_inventory_name(inv, row, &len);
    if (!want) {
        assert_null(name);
        return;
    }
    assert_non_null(name);
    assert_int_equal(len, strlen(want));
    assert_memory_equal(name, want, len);
}

static void check_members(const struct tk_inventory *inv, uint32_t row, const char *want)
{
    struct tk_topology_join join;
    struct tk_json j;

    tk_topology_join_init(&join, tk_inventory_topology(inv), NULL);
    tk_json_init(&j);
    tk_json_object_begin(&j);
    tk_topology_write(&join, row, TK_ROW_NONE, &j);
    tk_json_object_end(&j);
    assert_false(j.is_failed);
    if (j.len != strlen(want) || memcmp(j.buf, want, j.len) != 0)
        fail_msg("%.*s instead of %s", (int)j.len, j.buf, want);
    tk_json_done(&j);
}

static void check_error(const char *text, unsigned line, const char *says)
{
    struct tk_err_list errs = {0};

    write_file(text);
    assert_null(tk_inventory_load(path, 42, &errs, NULL));
    assert_string_equal(errs.err[0].file, path);
    if (errs.err[0].line != line || !strstr(errs.err[0].text, says))
        fail_msg("line %u: %s, instead of line %u: %s", errs.err[0].line, errs.err[0].text, line, says);
}

static void test_address(void **state)
{
    struct tk_inventory *inv = load("site,address,name\nFRA3,192.0.2.7,pe1.fra\nBER1,2001:db8::7,pe1.ber\n"
                                    ",::ffff:192.0.2.8,pe2.fra\n,192.0.2.9,\n");
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 7};

    (void)state;
    assert_int_equal(tk_inventory_count(inv), 4);
    check_name(inv, find_address(inv, "192.0.2.7"), "pe1.fra");
    check_name(inv, find_address(inv, "2001:0db8:0::7"), "pe1.ber");
    check_name(inv, find_address(inv, "192.0.2.8"), "pe2.fra");
    check_name(inv, find_address(inv, "192.0.2.9"), NULL);
    check_name(inv, tk_inventory_find_address(inv, AF_INET6, mapped), "pe1.fra");
    assert_int_equal(find_address(inv, "192.0.2.10"), TK_ROW_NONE);
    assert_int_equal(find_address(inv, "::"), TK_ROW_NONE);
    assert_int_equal(tk_inventory_find_address(inv, AF_UNIX, mapped), TK_ROW_NONE);
    check_members(inv, find_address(inv, "192.0.2.7"), "{\"site\":\"FRA3\"}");
    check_members(inv, find_address(inv, "192.0.2.8"), "{}");
    check_members(inv, TK_ROW_NONE, "{}");
    tk_inventory_free(inv);
}

static void test_longest_prefix_wins(void **state)
{
    struct tk_inventory *inv = load("address,prefix,name\n,0.0.0.0/0,world\n,192.0.2.0/24,net\n,192.0.2.128/25,half\n"
                                    ",192.0.2.200/32,host\n192.0.2.200,,exact\n,192.0.2.201/32,host2\n"
                                    ",2001:db8::/32,net6\n,2001:db8:0:2::/63,two6\n,::ffff:198.51.100.0/120,mapped\n");

    (void)state;
    check_name(inv, find_address(inv, "192.0.2.200"), "exact");
    check_name(inv, find_address(inv, "192.0.2.201"), "host2");
    check_name(inv, find_address(inv, "192.0.2.128"), "half");
    check_name(inv, find_address(inv, "192.0.2.255"), "half");
    check_name(inv, find_address(inv, "192.0.2.127"), "net");
    check_name(inv, find_address(inv, "192.0.3.1"), "world");
    check_name(inv, find_address(inv, "198.51.100.5"), "mapped");
    check_name(inv, find_address(inv, "2001:db8:0:3::1"), "two6");
    check_name(inv, find_address(inv, "2001:db8:0:4::1"), "net6");
    assert_int_equal(find_address(inv, "2001:db9::1"), TK_ROW_NONE);
    tk_inventory_free(inv);
}

static void test_engine(void **state)
{
    struct tk_inventory *inv = load("engine_id,name\n0x80001f8804706531,pe1\n80001F8804706532,pe2\n");
    static const uint8_t pe1[] = {0x80, 0, 0x1f, 0x88, 4, 'p', 'e', '1'},
                         pe2[] = {0x80, 0, 0x1f, 0x88, 4, 'p', 'e', '2'};

    (void)state;
    check_name(inv, tk_inventory_find_engine(inv, pe1, sizeof(pe1)), "pe1");
    check_name(inv, tk_inventory_find_engine(inv, pe2, sizeof(pe2)), "pe2");
    assert_int_equal(tk_inventory_find_engine(inv, pe2, sizeof(pe2) - 1), TK_ROW_NONE);
    assert_int_equal(tk_inventory_find_engine(inv, pe2, 0), TK_ROW_NONE);
    tk_inventory_free(inv);
}

/* The name of a row that has other keys is not a key: sysName.0 only finds rows that have no other key. */
static void test_name(void **state)
{
    struct tk_inventory *inv = load("address,name,site\n192.0.2.1,pe1,A\n192.0.2.2,pe1,B\n,olt7,C\n");

    (void)state;
    check_name(inv, find_name(inv, "olt7"), "olt7");
    assert_int_equal(find_name(inv, "pe1"), TK_ROW_NONE);
    assert_int_equal(find_name(inv, "OLT7"), TK_ROW_NONE);
    assert_int_equal(find_name(inv, ""), TK_ROW_NONE);
    check_members(inv, find_name(inv, "olt7"), "{\"site\":\"C\"}");
    check_members(inv, find_address(inv, "192.0.2.2"), "{\"site\":\"B\"}");
    tk_inventory_free(inv);
}

static void test_several_keys_of_one_row(void **state)
{
    struct tk_inventory *inv = load("Name,ADDRESS,prefix,engine_id\npe1,192.0.2.1,198.51.100.0/24,8000000001020304\n");
    static const uint8_t engine[] = {0x80, 0, 0, 0, 1, 2, 3, 4};

    (void)state;
    assert_int_equal(find_address(inv, "192.0.2.1"), 0);
    assert_int_equal(find_address(inv, "198.51.100.77"), 0);
    assert_int_equal(tk_inventory_find_engine(inv, engine, sizeof(engine)), 0);
    check_members(inv, 0, "{}");
    tk_inventory_free(inv);
}

static void test_values_are_json(void **state)
{
    struct tk_inventory *inv = load(
        "name,a,b,c-d\nx,\"say \"\"hi\"\"\",\"back\\slash\ttab\nline\",M\xc3\xbcnchen\ny,,\"\",1\n");

    (void)state;
    check_members(inv, find_name(inv, "x"),
                  "{\"a\":\"say \\\"hi\\\"\",\"b\":\"back\\\\slash\\ttab\\nline\",\"c-d\":\"M\xc3\xbcnchen\"}");
    check_members(inv, find_name(inv, "y"), "{\"c-d\":\"1\"}");
    tk_inventory_free(inv);
}

static void test_empty_table(void **state)
{
    struct tk_inventory *inv = load("address,prefix,engine_id,name\n");

    (void)state;
    assert_int_equal(tk_inventory_count(inv), 0);
    assert_int_equal(find_address(inv, "192.0.2.1"), TK_ROW_NONE);
    assert_int_equal(find_name(inv, "x"), TK_ROW_NONE);
    assert_true(tk_inventory_bytes(inv) > 0);
    tk_inventory_free(inv);
    tk_inventory_free(NULL);
    assert_null(tk_inventory_topology(NULL));
}

static void test_header_errors(void **state)
{
    (void)state;
    check_error("", 0, "no header");
    check_error("site,rack\n", 1, "no key column, the first name is 'site'");
    check_error("address,Address\n", 1, "'address' and 'Address' are the same key column");
    check_error("address,my site\n", 1, "'my site'");
}

static void test_key_errors(void **state)
{
    (void)state;
    check_error("address,site\n192.0.2.1,A\n,B\n", 3, "no key:");
    check_error("address\n192.0.2.300\n", 2, "column 'address': '192.0.2.300' is not an IPv4 or IPv6 address");
    check_error("address\n192.0.2.1/24\n", 2, "is not an IPv4 or IPv6 address");
    check_error("address\nfe80::1%eth0\n", 2, "is not an IPv4 or IPv6 address");
    check_error("address\npe1.example.net-and-a-name-that-is-longer-than-any-address\n", 2,
                "is not an IPv4 or IPv6 address");
    check_error("prefix\n192.0.2.0\n", 2, "column 'prefix': '192.0.2.0' is not a prefix");
    check_error("prefix\n192.0.2.0/\n", 2, "is not a prefix");
    check_error("prefix\n192.0.2.0/33\n", 2, "is not a prefix");
    check_error("prefix\n192.0.2.0/-1\n", 2, "is not a prefix");
    check_error("prefix\n192.0.2.0/0024\n", 2, "is not a prefix");
    check_error("prefix\n192.0.2.0/24x\n", 2, "is not a prefix");
    check_error("prefix\n/24\n", 2, "is not a prefix");
    check_error("prefix\n2001:db8::/129\n", 2, "is not a prefix");
    check_error("prefix\n::ffff:192.0.2.0/24\n", 2, "is not a prefix");
    check_error("prefix\n192.0.2.7/24\n", 2, "has address bits after its length; write 192.0.2.0/24");
    check_error("prefix\n2001:db8::1/33\n", 2, "write 2001:db8::/33");
    check_error("engine_id\n0x\n", 2, "column 'engine_id': '0x' is not an engine ID");
    check_error("engine_id\n80001f88047065310\n", 2, "is not an engine ID");
    check_error("engine_id\n80001f88x4706531\n", 2, "is not an engine ID");
    check_error("engine_id\n80001f88\n", 2, "is not an engine ID");
    check_error("engine_id\n800000000000000000000000000000000000000000000000000000000000000033\n", 2,
                "is not an engine ID");
    check_error("name\n\"a\nb\"\n", 2, "'a\\x0ab' is not a device name; write it without control characters");
    check_error("address,name\n192.0.2.1,pe\x01\n", 2, "control characters");
}

static void test_long_name(void **state)
{
    char text[400] = "name\n";

    (void)state;
    memset(text + 5, 'n', 256);
    check_error(text, 2, "write at most 255 bytes");
    text[5 + 255] = '\0';
    tk_inventory_free(load(text));
}

static void test_duplicates(void **state)
{
    (void)state;
    check_error("# c\naddress\n192.0.2.1\n192.0.2.2\n\n::ffff:192.0.2.1\n", 6,
                "column 'address': '192.0.2.1' is also in line 3");
    check_error("prefix\n2001:db8::/32\n2001:DB8:0::/32\n", 3, "'2001:db8::/32' is also in line 2");
    check_error("engine_id\n0x80001f8804706531\n80001F8804706531\n", 3, "'80001f8804706531' is also in line 2");
    check_error("name\nolt7\nolt8\nolt7\n", 4, "'olt7' is also in line 2, and neither line has another key");
}

/* All errors of a file at once: those of its rows in their order, then what two rows have in common. */
static void test_errors_at_once(void **state)
{
    static const struct {
        unsigned line;
        const char *says;
    } t[] = {
        {2, "column 'address': 'foo' is not an IPv4"},
        {3, "column 'prefix': '10.0.0.1/8' has address bits after its length; write 10.0.0.0/8"},
        {3, "column 'engine_id': 'x' is not an engine ID"},
        {4, "no key:"},
        {5, "5 fields, but the header names 4 columns"},
        {7, "column 'address': '192.0.2.1' is also in line 6"},
        {9, "column 'address': '192.0.2.1' is also in line 6"},
        {9, "column 'prefix': '10.0.0.0/8' is also in line 8"},
    };
    struct tk_err_list errs = {0};

    (void)state;
    write_file("address,prefix,engine_id,site\nfoo,,,\n192.0.2.1,10.0.0.1/8,x,\n,,,A\n192.0.2.2,,,,B\n192.0.2.1,,,\n"
               "192.0.2.1,,,\n,10.0.0.0/8,,\n192.0.2.1,10.0.0.0/8,,\n");
    assert_null(tk_inventory_load(path, 42, &errs, NULL));
    assert_int_equal(errs.kept, sizeof(t) / sizeof(t[0]));
    for (unsigned i = 0; i < errs.kept; i++)
        if (errs.err[i].line != t[i].line || !strstr(errs.err[i].text, t[i].says))
            fail_msg("line %u: %s, instead of line %u: %s", errs.err[i].line, errs.err[i].text, t[i].line, t[i].says);
}

/* @param says  part of the one warning; NULL: there is none */
static void check_warning(const char *header, const char *says)
{
    struct tk_err_list errs = {0}, warnings = {0};
    struct tk_inventory *inv;

    write_file(header);
    inv = tk_inventory_load(path, 42, &errs, &warnings);
    assert_non_null(inv);
    assert_int_equal(warnings.kept, says ? 1 : 0);
    if (says && (warnings.err[0].line != 1 || !strstr(warnings.err[0].text, says)))
        fail_msg("%s, instead of: %s", warnings.err[0].text, says);
    tk_inventory_free(inv);
}

static void test_warnings(void **state)
{
    (void)state;
    check_warning("address,site,rack,circuit_id,engine\n", NULL);
    check_warning("ADDRESS,Name,engine_id,prefix,site\n", NULL);
    check_warning("address,severity\n",
                  "'severity' is also a member of every event; the column becomes topology.severity");
    check_warning("address,Device\n", "'Device' is also a member of every event");
    check_warning("address,engine-id\n",
                  "'engine-id' is not the key column 'engine_id', so it becomes topology.engine-id");
    check_warning("address,EngineID\n", "rename it to 'engine_id' if that is meant");
}

/* A member that events get must be in the list of topology.c, so that a column of its name is warned of. */
static void test_members_of_the_schema(void **state)
{
    json_t *schema, *members;
    const char *top = getenv("abs_top_srcdir"), *name;
    char file[512];
    json_t *value;

    (void)state;
    (void)snprintf(file, sizeof(file), "%s/conf/event.schema.json", top ? top : ".");
    schema = json_load_file(file, 0, NULL);
    assert_non_null(schema);
    members = json_object_get(json_object_get(json_object_get(schema, "$defs"), "trap"), "properties");
    assert_true(json_object_size(members) > 10);
    json_object_foreach(members, name, value) if (!tk_topology_is_event_member(name))
        fail_msg("events have a member '%s': add it to the list in tk_topology_is_event_member()", name);
    json_decref(schema);
    assert_false(tk_topology_is_event_member("site"));
}

/* Each allocation fails in turn: loading returns an error, does not crash, and leaks nothing; then it succeeds. */
static void test_out_of_memory(void **state)
{
    struct tk_inventory *inv = NULL;

    (void)state;
    write_file(
        "address,prefix,engine_id,name,site\n192.0.2.1,,,a,A\n,192.0.2.0/24,,b,B\n,,8000000001020304,c,C\n,,,d,D\n");
    for (long n = 0; !inv; n++) {
        struct tk_err_list errs = {0};

        assert_true(n < 100);
        allocations_left = n;
        inv = tk_inventory_load(path, 42, &errs, NULL);
        if (allocations_left >= 0) /* none failed */
            assert_non_null(inv);
        allocations_left = -1;
        if (!inv)
            assert_non_null(strstr(errs.err[0].text, "out of memory"));
    }
    check_name(inv, find_name(inv, "d"), "d");
    check_name(inv, find_address(inv, "192.0.2.9"), "b");
    tk_inventory_free(inv);
}

/* Look-ups give the same answers as a linear search, for many rows of a few hundred networks. */
static void test_many_rows(void **state)
{
    enum { ROWS = 20000 };
    FILE *f = fopen(path, "w");
    struct tk_err_list errs = {0};
    struct tk_inventory *inv;

    (void)state;
    assert_non_null(f);
    fputs("address,prefix,name,site\n", f);
    for (unsigned i = 0; i < ROWS; i++)
        fprintf(f, "10.%u.%u.%u,,d%u,S%u\n", i >> 14, i >> 7 & 127, (i & 127) * 2, i, i % 100);
    for (unsigned i = 0; i < 100; i++)
        fprintf(f, ",10.0.%u.0/24,net%u,\n", i, i);
    assert_int_equal(fclose(f), 0);
    inv = tk_inventory_load(path, 7, &errs, NULL);
    assert_non_null(inv);
    assert_int_equal(tk_inventory_count(inv), ROWS + 100);
    for (unsigned i = 0; i < ROWS; i++) {
        char address[32], want[32];

        (void)snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 14, i >> 7 & 127, (i & 127) * 2);
        assert_int_equal(find_address(inv, address), i);
        (void)snprintf(want, sizeof(want), "{\"site\":\"S%u\"}", i % 100);
        check_members(inv, i, want);
        (void)snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 14, i >> 7 & 127, (i & 127) * 2 + 1);
        if (i >> 7 < 100)
            assert_int_equal(find_address(inv, address), ROWS + (i >> 7));
        else
            assert_int_equal(find_address(inv, address), TK_ROW_NONE);
    }
    tk_inventory_free(inv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address),
        cmocka_unit_test(test_longest_prefix_wins),
        cmocka_unit_test(test_engine),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_several_keys_of_one_row),
        cmocka_unit_test(test_values_are_json),
        cmocka_unit_test(test_empty_table),
        cmocka_unit_test(test_header_errors),
        cmocka_unit_test(test_key_errors),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_errors_at_once),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_members_of_the_schema),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_many_rows),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
