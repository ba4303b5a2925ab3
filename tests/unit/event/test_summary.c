/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/legible.h"
#include "stage_fixture.h"

#define LINK_DOWN "2c oid=1.3.6.1.6.3.1.1.5.3 uptime=1 "
#define IF_ENTRY  "1.3.6.1.2.1.2.2.1."
#define ACME      "1.3.6.1.4.1.99999."

static struct stage_fixture f;

static int setup(void **state)
{
    (void)state;
    stage_fixture_init(&f, NULL, NULL, NULL);
    stage_fixture_rules(&f, "{\"rules\":[]}"); /* built-in ones have summaries */
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_fixture_done(&f);
    return 0;
}

/* The summary of an event; the caller frees the event. */
static const char *summary_of(const char *line, json_t **ret_event)
{
    const char *summary;

    *ret_event = stage_fixture_encode(&f, line);
    summary = json_string_value(json_object_get(*ret_event, "summary"));
    assert_non_null(summary);
    return summary;
}

static void test_lines(void **state)
{
    static const struct {
        const char *line, *summary;
    } t[] = {
        {LINK_DOWN, "linkDown"},
        {LINK_DOWN IF_ENTRY "1.7 i 7 " IF_ENTRY "7.7 i 1 " IF_ENTRY "8.7 i 2 " IF_ENTRY "2.7 s xe-0/0/1",
         "linkDown: ifIndex.7=7, ifAdminStatus=up, ifOperStatus=down, ifDescr=xe-0/0/1"},
        {LINK_DOWN IF_ENTRY "8.7 i 2 " IF_ENTRY "8.8 i 1 1.3.6.1.2.1.1.5.0 s pe1 " IF_ENTRY "2.8 s xe-0/0/1",
         "linkDown: ifOperStatus.7=down, ifOperStatus.8=up, sysName=pe1, ifDescr=xe-0/0/1"},
        {"2c oid=1.3.6.1.6.3.1.1.5.1 1.3.6.1.2.1.15.3.1.2.192.0.2.1 i 3", "coldStart: bgpPeerState.192.0.2.1=active"},
        {"2c oid=" ACME "0.1 " ACME "1.5.0 s \"a \\b\" " ACME "1.6.0 n 0",
         ACME "0.1: " ACME "1.5.0=a \\b, " ACME "1.6.0=null"},
        {"1 enterprise=" ACME "1 generic=2 specific=0 agent=192.0.2.9", "linkDown"}, /* without snmpTrapEnterprise */
        {"2c oid=1.3.6.1.6.3.1.1.5.1 1.3.6.1.6.3.18.1.4.0 s s3cr3t 1.3.6.1.6.3.18.1.3.0 a 192.0.2.9", "coldStart"},
        {"2c oid=" ACME "0.1 1.3.1 x 200d0a6120090a6220", ACME "0.1: 1.3.1=a b"}, /* white space */
        {"2c oid=" ACME "0.1 1.3.1 s \"a= b\"", ACME "0.1: 1.3.1=a= b"},
        {"2c oid=" ACME "0.1 1.3.1 x 61c28562e280a863e280ae64", ACME "0.1: 1.3.1=a b c d"}, /* U+0085, U+2028, U+202E */
        {"2c oid=" ACME "0.1 1.3.1 x 226122 1.3.2 s \"\"", ACME "0.1: 1.3.1=\"a\", 1.3.2="},
        {"2c oid=" ACME "0.1 1.3.1 x 00112233445566778899aabbccddeeff00 1.3.2 i 5",
         ACME "0.1: 1.3.1=0x00112233445566778899aabbccddeeff\xe2\x80\xa6, 1.3.2=5"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        json_t *event;
        const char *summary = summary_of(t[i].line, &event);

        if (strcmp(summary, t[i].summary) != 0)
            fail_msg("%s: '%s', not '%s'", t[i].line, summary, t[i].summary);
        json_decref(event);
    }
}

static size_t characters(const char *utf8)
{
    size_t n = 0;

    for (; *utf8; utf8++)
        n += ((unsigned char)*utf8 & 0xc0) != 0x80;
    return n;
}

static bool ends_with_mark(const char *text)
{
    size_t len = strlen(text);

    return len >= TK_CUT_MARK_BYTES && strcmp(text + len - TK_CUT_MARK_BYTES, TK_CUT_MARK) == 0;
}

/* At the bound, with characters of one to four bytes: what fits is whole, what does not is cut and says so. */
static void test_length(void **state)
{
    static const char *const letters[] = {"61", "c3a4", "e282ac", "f09f9880", "22"};
    static const char head[] = "coldStart: 1.3.1=";

    (void)state;
    for (size_t k = 0; k < 5; k++) {
        for (size_t total = TK_SUMMARY_CHARS - 2; total <= TK_SUMMARY_CHARS + 2; total++) {
            size_t first = 200, second = total - strlen(head) - first - strlen(", 1.3.2=");
            char line[8192] = "2c oid=1.3.6.1.6.3.1.1.5.1 1.3.1 x ";
            const char *summary;
            json_t *event;

            second = second < 255 ? second : 255;
            first = total - strlen(head) - second - strlen(", 1.3.2=");
            assert_true(first <= 255);
            for (size_t i = 0; i < first; i++)
                strcat(line, letters[k]);
            strcat(line, " 1.3.2 x ");
            for (size_t i = 0; i < second; i++)
                strcat(line, letters[k]);
            summary = summary_of(line, &event);
            assert_int_equal(characters(summary), total < TK_SUMMARY_CHARS ? total : TK_SUMMARY_CHARS);
            assert_int_equal(ends_with_mark(summary), total > TK_SUMMARY_CHARS);
            json_decref(event);
        }
    }
}

static void test_many_varbinds(void **state)
{
    char line[65536] = "2c oid=1.3.6.1.6.3.1.1.5.1";
    json_t *event;

    (void)state;
    for (int i = 0; i < 900; i++)
        strcat(line, " 1.3 i 1");
    assert_true(ends_with_mark(summary_of(line, &event)));
    json_decref(event);
}

/* Whatever a sender chose, it is one line of at most TK_SUMMARY_CHARS characters without control characters. */
static void test_random_values(void **state)
{
    unsigned cut = 0;

    (void)state;
    srandom(4);
    for (int round = 0; round < 5000; round++) {
        char line[16384] = "2c oid=1.3.6.1.6.3.1.1.5.1", *at;
        const char *summary;
        json_t *event;

        for (long n = random() % 12; n; n--) {
            static const char *const pieces[] = {"22",   "5c",       "0a", "c285", "e280a8",
                                                 "c3a4", "f09f9880", "61", "20",   "e280a6"};

            at = line + strlen(line);
            at += sprintf(at, " 1.3.%ld x ", random() % 3);
            for (long k = 1 + random() % 90; k; k--)
                at += random() % 200 ? sprintf(at, "%s", pieces[random() % 10]) : sprintf(at, "%02lx", random() % 256);
        }
        summary = summary_of(line, &event);
        assert_true(characters(summary) <= TK_SUMMARY_CHARS);
        assert_true(tk_is_text((const uint8_t *)summary, strlen(summary)));
        assert_null(strpbrk(summary, "\t\r\n"));
        assert_null(strstr(summary, "\xc2\x85"));
        assert_null(strstr(summary, "\xe2\x80\xa8"));
        assert_int_equal(json_string_length(json_object_get(event, "summary")), strlen(summary));
        cut += ends_with_mark(summary);
        json_decref(event);
    }
    assert_true(cut > 500);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_lines), T(test_length), T(test_many_varbinds), T(test_random_values)};
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
