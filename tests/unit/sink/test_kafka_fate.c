/* SPDX-License-Identifier: Apache-2.0 */
/* The table of fates: each error code of librdkafka is in it, or in a list of codes that no report carries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sink/kafka_fate.h"

#define NEWEST_BROKER_CODE  133 /* of librdkafka 2.12; for later codes the sign decides */
#define NEWEST_LIBRARY_CODE (-137)

static enum tk_fate first_fate(int code)
{
    struct tk_kafka_doubt doubt = {0};

    return tk_kafka_fate(&doubt, TK_SECOND, (rd_kafka_resp_err_t)code);
}

static enum tk_fate fate_in_the_end(int code)
{
    struct tk_kafka_doubt doubt = {0};
    enum tk_fate fate = TK_DELIVERED;

    for (tk_nsec now = TK_SECOND; now < 2 * TK_KAFKA_DOUBT; now += TK_SECOND)
        fate = tk_kafka_fate(&doubt, now, (rd_kafka_resp_err_t)code);
    return fate;
}

/* Codes that no message's report carries: answers to requests of consumers, groups, transactions and administration,
 * and the library's own. */
static const int not_about_messages[] = {
    1,
    11,
    12,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    30,
    36,
    37,
    38,
    39,
    40,
    41,
    50,
    54,
    55,
    60,
    61,
    62,
    63,
    64,
    67,
    68,
    69,
    70,
    71,
    73,
    78,
    79,
    80,
    81,
    82,
    83,
    84,
    85,
    86,
    88,
    91,
    92,
    93,
    94,
    95,
    96,
    97,
    98,
    99,
    101,
    102,
    104,
    105,
    106,
    107,
    108,
    109,
    110,
    111,
    112,
    113,
    114,
    115,
    116,
    117,
    118,
    119,
    120,
    121,
    122,
    123,
    124,
    125,
    126,
    127,
    128,
    130,
    131,
    132,
    133,
    RD_KAFKA_RESP_ERR__BEGIN,
    RD_KAFKA_RESP_ERR__END,
    RD_KAFKA_RESP_ERR__PARTITION_EOF,
    RD_KAFKA_RESP_ERR__FS,
    RD_KAFKA_RESP_ERR__INVALID_ARG,
    RD_KAFKA_RESP_ERR__QUEUE_FULL,
    RD_KAFKA_RESP_ERR__WAIT_COORD,
    RD_KAFKA_RESP_ERR__UNKNOWN_GROUP,
    RD_KAFKA_RESP_ERR__IN_PROGRESS,
    RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS,
    RD_KAFKA_RESP_ERR__EXISTING_SUBSCRIPTION,
    RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS,
    RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS,
    RD_KAFKA_RESP_ERR__CONFLICT,
    RD_KAFKA_RESP_ERR__STATE,
    RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL,
    RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
    RD_KAFKA_RESP_ERR__NO_OFFSET,
    RD_KAFKA_RESP_ERR__KEY_SERIALIZATION,
    RD_KAFKA_RESP_ERR__VALUE_SERIALIZATION,
    RD_KAFKA_RESP_ERR__KEY_DESERIALIZATION,
    RD_KAFKA_RESP_ERR__VALUE_DESERIALIZATION,
    RD_KAFKA_RESP_ERR__PARTIAL,
    RD_KAFKA_RESP_ERR__READ_ONLY,
    RD_KAFKA_RESP_ERR__NOENT,
    RD_KAFKA_RESP_ERR__UNDERFLOW,
    RD_KAFKA_RESP_ERR__INVALID_TYPE,
    RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
    RD_KAFKA_RESP_ERR__UNKNOWN_BROKER,
    RD_KAFKA_RESP_ERR__NOT_CONFIGURED,
    RD_KAFKA_RESP_ERR__APPLICATION,
    RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST,
    RD_KAFKA_RESP_ERR__NOOP,
    RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET,
    -139 /* log truncation */,
    -138 /* other record */,
};

static bool is_about_messages(int code)
{
    for (size_t i = 0; i < sizeof(not_about_messages) / sizeof(not_about_messages[0]); i++)
        if (not_about_messages[i] == code)
            return false;
    return true;
}

/* Each code of this librdkafka is in the table or in the list above, and not in both. */
static void every_code_is_decided(void **state)
{
    const struct rd_kafka_err_desc *descs;
    unsigned stated = 0, others = 0;
    size_t count;

    (void)state;
    rd_kafka_get_err_descs(&descs, &count);
    for (size_t i = 0; i < count; i++) {
        int code = descs[i].code;

        if (!descs[i].desc || code > NEWEST_BROKER_CODE || (code > NEWEST_LIBRARY_CODE && code < -1))
            continue;
        if (tk_kafka_fate_is_stated(code) != is_about_messages(code))
            fail_msg("%s (%d) is %s", descs[i].name, code, tk_kafka_fate_is_stated(code) ? "in both" : "in neither");
        stated += tk_kafka_fate_is_stated(code);
        others += !tk_kafka_fate_is_stated(code);
    }
    print_message("librdkafka %s: %u codes stated, %u not about messages\n", rd_kafka_version_str(), stated, others);
    assert_true(stated >= 70);
}

static void condemned_is_what_the_message_is_blamed_for(void **state)
{
    static const int condemned[] = {2, 4, 10, 18, 44, 87}, doubtful[] = {-1, 21, 42};
    int code;
    size_t c, d;

    (void)state;
    for (code = -200, c = d = 0; code <= NEWEST_BROKER_CODE; code++) {
        if (!tk_kafka_fate_is_stated((rd_kafka_resp_err_t)code) || code == 0)
            continue;
        if (c < 6 && code == condemned[c]) {
            assert_int_equal(first_fate(code), TK_CONDEMNED);
            c++;
        } else if (d < 3 && code == doubtful[d]) {
            assert_int_equal(first_fate(code), TK_SEND_AGAIN);
            assert_int_equal(fate_in_the_end(code), TK_CONDEMNED);
            d++;
        } else {
            assert_int_equal(first_fate(code), TK_SEND_AGAIN);
            assert_int_equal(fate_in_the_end(code), TK_SEND_AGAIN);
        }
    }
    assert_int_equal(c, 6);
    assert_int_equal(d, 3);
    assert_int_equal(first_fate(0), TK_DELIVERED);
}

/* An unknown code of a broker must not block all other events without end. One of the library is not about the
 * message. */
static void unknown_codes_go_by_their_sign(void **state)
{
    (void)state;
    assert_int_equal(first_fate(12345), TK_SEND_AGAIN);
    assert_int_equal(fate_in_the_end(12345), TK_CONDEMNED);
    assert_int_equal(fate_in_the_end(-105), TK_SEND_AGAIN);
}

static void doubt_ends_when_it_is_quiet(void **state)
{
    struct tk_kafka_doubt doubt = {0};
    tk_nsec now = TK_SECOND;

    (void)state;
    assert_int_equal(tk_kafka_fate(&doubt, now, RD_KAFKA_RESP_ERR_UNKNOWN), TK_SEND_AGAIN);
    now += TK_KAFKA_DOUBT; /* no error meanwhile: the time starts anew */
    assert_int_equal(tk_kafka_fate(&doubt, now, RD_KAFKA_RESP_ERR_UNKNOWN), TK_SEND_AGAIN);
    for (int i = 0; i < 5; i++) {
        now += TK_KAFKA_DOUBT_QUIET;
        assert_int_equal(tk_kafka_fate(&doubt, now, RD_KAFKA_RESP_ERR_UNKNOWN), i < 4 ? TK_SEND_AGAIN : TK_CONDEMNED);
        assert_int_equal(tk_kafka_fate(&doubt, now, RD_KAFKA_RESP_ERR__TRANSPORT), TK_SEND_AGAIN);
    }
}

static void topics(void **state)
{
    static const int trouble[] =
        {3, 17, 29, 100, 103, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION};
    unsigned found = 0;

    (void)state;
    for (int code = -200; code <= 200; code++)
        found += tk_kafka_is_topic_trouble((rd_kafka_resp_err_t)code);
    assert_int_equal(found, sizeof(trouble) / sizeof(trouble[0]));
    for (size_t i = 0; i < sizeof(trouble) / sizeof(trouble[0]); i++)
        assert_true(tk_kafka_is_topic_trouble((rd_kafka_resp_err_t)trouble[i]));
}

static void texts_stay(void **state)
{
    const char *unknown = tk_kafka_code_text((rd_kafka_resp_err_t)12345);

    (void)state;
    assert_string_equal(tk_kafka_code_text(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), "Broker: Message size too large");
    assert_ptr_equal(tk_kafka_code_text((rd_kafka_resp_err_t)12346), unknown);
    assert_non_null(strstr(unknown, "does not know"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_is_decided),
        cmocka_unit_test(condemned_is_what_the_message_is_blamed_for),
        cmocka_unit_test(unknown_codes_go_by_their_sign),
        cmocka_unit_test(doubt_ends_when_it_is_quiet),
        cmocka_unit_test(topics),
        cmocka_unit_test(texts_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
