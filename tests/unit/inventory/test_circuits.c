/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/circuits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "temp_file.h"

#include "inventory/inventory.h"

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

static struct tk_circuits *load(const char *text)
{
    struct tk_err_list errs = {0};
    struct tk_circuits *c;

    write_file(text);
    c = tk_circuits_load(path, 42, &errs, NULL);
    if (!c)
        fail_msg("line %u: %s", errs.err[0].line, errs.err[0].text);
    return c;
}

static struct tk_inventory *load_inventory(const char *text)
{
    struct tk_err_list errs = {0};
    struct tk_inventory *inv;

    write_file(text);
    inv = tk_inventory_load(path, 42, &errs, NULL);
    if (!inv)
        fail_msg("line %u: %s", errs.err[0].line, errs.err[0].text);
    return inv;
}

static uint32_t by_index(const struct tk_circuits *c, const char *device, uint32_t if_index)
{
    return tk_circuits_find_index(c, device, strlen(device), if_index);
}

static uint32_t by_name(const struct tk_circuits *c, const char *device, const char *if_name)
{
    return tk_circuits_find_name(c, device, strlen(device), if_name, strlen(if_name));
}

static void check_members(const struct tk_inventory *inv, uint32_t device_row, const struct tk_circuits *c,
                          uint32_t circuit_row, const char *want)
{
    struct tk_topology_join join;
    struct tk_json j;

    tk_topology_join_init(&join, tk_inventory_topology(inv), tk_circuits_topology(c));
    tk_json_init(&j);
    tk_json_object_begin(&j);
    tk_topology_write(&join, device_row, circuit_row, &j);
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
    assert_null(tk_circuits_load(path, 42, &errs, NULL));
    assert_string_equal(errs.err[0].file, path);
    if (errs.err[0].line != line || !strstr(errs.err[0].text, says))
        fail_msg("line %u: %s, instead of line %u: %s", errs.err[0].line, errs.err[0].text, line, says);
}

static void test_find(void **state)
{
    struct tk_circuits *c = load(
        "circuit_id,ifname,device,IFINDEX\nC1,xe-0/0/1,pe1,7\nC2,,pe1,8\nC3,xe-0/0/1,pe2,\nC4,,pe2,7\n");

    (void)state;
    assert_int_equal(tk_circuits_count(c), 4);
    assert_int_equal(by_index(c, "pe1", 7), 0);
    assert_int_equal(by_name(c, "pe1", "xe-0/0/1"), 0);
    assert_int_equal(by_index(c, "pe1", 8), 1);
    assert_int_equal(by_name(c, "pe2", "xe-0/0/1"), 2);
    assert_int_equal(by_index(c, "pe2", 7), 3);
    assert_int_equal(by_index(c, "pe2", 8), TK_ROW_NONE);
    assert_int_equal(by_index(c, "pe1", 0), TK_ROW_NONE);
    assert_int_equal(by_index(c, "PE1", 7), TK_ROW_NONE);
    assert_int_equal(by_index(c, "", 7), TK_ROW_NONE);
    assert_int_equal(by_name(c, "pe1", ""), TK_ROW_NONE);
    assert_int_equal(by_name(c, "pe1", "XE-0/0/1"), TK_ROW_NONE);
    check_members(NULL, TK_ROW_NONE, c, 0, "{\"circuit_id\":\"C1\"}");
    check_members(NULL, TK_ROW_NONE, c, TK_ROW_NONE, "{}");
    tk_circuits_free(c);
    tk_circuits_free(NULL);
}

/* The file may write an address or an engine ID in several ways; it is looked up as events write it. */
static void test_device_column(void **state)
{
    struct tk_circuits *c = load("address,ifIndex\n2001:DB8:0:0::7,1\n::ffff:192.0.2.7,2\n");

    (void)state;
    assert_int_equal(by_index(c, "2001:db8::7", 1), 0);
    assert_int_equal(by_index(c, "192.0.2.7", 2), 1);
    tk_circuits_free(c);
    c = load("engine_id,ifIndex\n0x80001F8804706531,1\n");
    assert_int_equal(by_index(c, "80001f8804706531", 1), 0);
    tk_circuits_free(c);
    c = load("name,ifName\nPE1,ge-0\n");
    assert_int_equal(by_name(c, "PE1", "ge-0"), 0);
    assert_int_equal(by_index(c, "PE1", 1), TK_ROW_NONE);
    tk_circuits_free(c);
    c = load("device,ifIndex\n");
    assert_int_equal(by_index(c, "PE1", 1), TK_ROW_NONE);
    assert_true(tk_circuits_bytes(c) > 0);
    tk_circuits_free(c);
}

/* A column of both files is written once: the circuit's value, or the device's if the circuit has none. */
static void test_circuit_wins(void **state)
{
    struct tk_inventory *inv = load_inventory("name,site,rack,role\npe1,FRA3,R12,pe\npe2,,R13,\n");
    struct tk_circuits *c = load("device,ifIndex,rack,circuit_id,site\npe1,1,R99,C1,BER1\npe1,2,,C2,\npe2,1,,,BER2\n");

    (void)state;
    check_members(inv, 0, c, 0, "{\"role\":\"pe\",\"rack\":\"R99\",\"circuit_id\":\"C1\",\"site\":\"BER1\"}");
    check_members(inv, 0, c, 1, "{\"site\":\"FRA3\",\"rack\":\"R12\",\"role\":\"pe\",\"circuit_id\":\"C2\"}");
    check_members(inv, 1, c, 2, "{\"rack\":\"R13\",\"site\":\"BER2\"}");
    check_members(inv, 0, c, TK_ROW_NONE, "{\"site\":\"FRA3\",\"rack\":\"R12\",\"role\":\"pe\"}");
    check_members(inv, TK_ROW_NONE, c, 0, "{\"rack\":\"R99\",\"circuit_id\":\"C1\",\"site\":\"BER1\"}");
    check_members(inv, TK_ROW_NONE, c, TK_ROW_NONE, "{}");
    check_members(NULL, TK_ROW_NONE, NULL, TK_ROW_NONE, "{}");
    tk_inventory_free(inv);
    tk_circuits_free(c);
}

static void test_header_errors(void **state)
{
    (void)state;
    check_error("", 0, "no header");
    check_error("ifIndex,site\n", 1, "no column names the device");
    check_error("device,name,ifIndex\n", 1, "several columns name the device");
    check_error("device,site\n", 1, "no column names the interface");
    check_error("device,Device,ifIndex\n", 1, "'device' and 'Device' are the same key column");
}

static void test_row_errors(void **state)
{
    (void)state;
    check_error("device,ifIndex\n,1\n", 2, "column 'device': '' is not a device");
    check_error("device,ifIndex,ifName,site\npe1,,,A\n", 2, "no interface:");
    check_error("device,ifIndex\npe1,\n", 2, "no interface:");
    check_error("device,ifIndex\npe1,0\n", 2,
                "column 'ifIndex': '0' is not an ifIndex; write a number from 1 to 2147483647");
    check_error("device,ifIndex\npe1,-1\n", 2, "is not an ifIndex");
    check_error("device,ifIndex\npe1,7a\n", 2, "is not an ifIndex");
    check_error("device,ifIndex\npe1,2147483648\n", 2, "is not an ifIndex");
    check_error("device,ifIndex\npe1,99999999999999999999999999\n", 2, "is not an ifIndex");
    check_error("address,ifIndex\npe1,1\n", 2, "column 'address': 'pe1' is not an IPv4 or IPv6 address");
    check_error("engine_id,ifIndex\npe1,1\n", 2, "column 'engine_id': 'pe1' is not an engine ID");
    tk_circuits_free(load("device,ifIndex\npe1,2147483647\n"));
}

static void test_duplicates(void **state)
{
    (void)state;
    check_error("device,ifIndex\npe1,7\npe2,7\n#\npe1,07\n", 5,
                "column 'ifIndex': '7' of device 'pe1' is also in line 2");
    check_error("device,ifIndex,ifName\npe1,7,ge-0\npe1,8,ge-1\npe1,9,ge-0\n", 4,
                "column 'ifName': 'ge-0' of device 'pe1' is also in line 2");
}

static void test_errors_at_once(void **state)
{
    static const struct {
        unsigned line;
        const char *says;
    } t[] = {
        {2, "column 'device': '' is not a device"},
        {2, "column 'ifIndex': '0' is not an ifIndex"},
        {3, "no interface:"},
        {5, "column 'ifIndex': '7' of device 'pe1' is also in line 4"},
        {5, "column 'ifName': 'ge-0' of device 'pe1' is also in line 4"},
    };
    struct tk_err_list errs = {0}, warnings = {0};

    (void)state;
    write_file("device,ifIndex,ifName,Severity,if_name\n,0,,,\npe1,,,,\npe1,7,ge-0,,\npe1,7,ge-0,,\n,,,,\n");
    assert_null(tk_circuits_load(path, 42, &errs, &warnings));
    assert_int_equal(errs.kept, sizeof(t) / sizeof(t[0]));
    for (unsigned i = 0; i < errs.kept; i++)
        if (errs.err[i].line != t[i].line || !strstr(errs.err[i].text, t[i].says))
            fail_msg("line %u: %s, instead of line %u: %s", errs.err[i].line, errs.err[i].text, t[i].line, t[i].says);
    assert_int_equal(warnings.kept, 2);
    assert_non_null(strstr(warnings.err[1].text, "'if_name' is not the key column 'ifName'"));
    tk_err_list_clear(&errs);
    write_file("address,device,customer\n");
    assert_null(tk_circuits_load(path, 42, &errs, NULL));
    assert_int_equal(errs.kept, 2); /* two devices, and no interface */
}

/* Each allocation fails in turn: loading returns an error, does not crash, and leaks nothing; then it succeeds. */
static void test_out_of_memory(void **state)
{
    struct tk_circuits *c = NULL;

    (void)state;
    write_file("device,ifIndex,ifName,circuit\npe1,1,a,A\npe1,2,,B\npe2,,b,C\n");
    for (long n = 0; !c; n++) {
        struct tk_err_list errs = {0};

        assert_true(n < 100);
        allocations_left = n;
        c = tk_circuits_load(path, 42, &errs, NULL);
        if (allocations_left >= 0) /* none failed */
            assert_non_null(c);
        allocations_left = -1;
        if (!c)
            assert_non_null(strstr(errs.err[0].text, "out of memory"));
    }
    assert_int_equal(by_index(c, "pe1", 2), 1);
    assert_int_equal(by_name(c, "pe2", "b"), 2);
    tk_circuits_free(c);
}

static void test_many_rows(void **state)
{
    enum { DEVICES = 500, INTERFACES = 100 };
    FILE *f = fopen(path, "w");
    struct tk_err_list errs = {0};
    struct tk_circuits *c;

    (void)state;
    assert_non_null(f);
    fputs("device,ifIndex,ifName,circuit\n", f);
    for (unsigned d = 0; d < DEVICES; d++)
        for (unsigned i = 1; i <= INTERFACES; i++)
            fprintf(f, "d%u,%u,ge-%u,C%u-%u\n", d, i, i, d, i);
    assert_int_equal(fclose(f), 0);
    c = tk_circuits_load(path, 7, &errs, NULL);
    assert_non_null(c);
    for (unsigned d = 0; d < DEVICES; d++) {
        char device[32], if_name[32], want[64];

        (void)snprintf(device, sizeof(device), "d%u", d);
        for (unsigned i = 1; i <= INTERFACES; i++) {
            uint32_t row = d * INTERFACES + i - 1;

            (void)snprintf(if_name, sizeof(if_name), "ge-%u", i);
            (void)snprintf(want, sizeof(want), "{\"circuit\":\"C%u-%u\"}", d, i);
            assert_int_equal(by_index(c, device, i), row);
            assert_int_equal(by_name(c, device, if_name), row);
            check_members(NULL, TK_ROW_NONE, c, row, want);
        }
        assert_int_equal(by_index(c, device, INTERFACES + 1), TK_ROW_NONE);
    }
    tk_circuits_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),           cmocka_unit_test(test_device_column),
        cmocka_unit_test(test_circuit_wins),   cmocka_unit_test(test_header_errors),
        cmocka_unit_test(test_row_errors),     cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_errors_at_once), cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_many_rows),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
