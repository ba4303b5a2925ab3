/* SPDX-License-Identifier: Apache-2.0 */
/* Reports about refused packets, from the box to the health topic, without delaying traps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "refusal/refusal_box.h"
#include "worker_fixture.h"

static struct world w;
static struct tk_refusal_box *box;
static uint64_t put_count;

/* Replaces the fixture's worker, which has no box, by one that has. */
static int setup(void **state)
{
    struct tk_worker_config config = {.open_sink = fake_kafka_open, .open_arg = &w.kafka, .stats = &w.stats};

    (void)state;
    put_count = 0;
    world_init(&w, TK_RING_MIN_BYTES);
    tk_worker_free(w.worker);
    config.ring = w.ring;
    config.log = w.log;
    config.replies = w.replies;
    config.mailbox = &w.mailbox;
    config.refusals = box = tk_refusal_box_new();
    w.worker = tk_worker_new(&config);
    return box && w.worker ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    tk_refusal_box_free(box);
    return 0;
}

static struct tk_refusal_report reject_of(const char *user)
{
    struct tk_refusal_report r = {
        .number = ++put_count,
        .count = 3,
        .first = w.now.wall - TK_SECOND,
        .last = w.now.wall,
        .refusal =
            {
                .reason = TK_REASON_WRONG_DIGEST,
                .version = 3,
                .security_level = 3,
                .engine_len = 11,
                .peer = {.transport = TK_UDP, .family = 4, .port = 50063, .address = {192, 0, 2, 7}},
                .engine = {0x80, 0, 0, 9, 3, 0, 0x1b, 0x21, 0xa0, 0xff, 2},
            },
        .detail = "the digest is not the one of the user's key",
        .remedy = "compare \"passwords\"",
    };

    r.refusal.user_len = (uint8_t)strlen(user);
    memcpy(r.refusal.user, user, r.refusal.user_len);
    return r;
}

static void put(const struct tk_refusal_report *r)
{
    assert_true(tk_refusal_box_put(box, r));
}

static void put_some(unsigned n)
{
    while (n--) {
        struct tk_refusal_report r = reject_of("noc");

        put(&r);
    }
}

/* The nth record of type "rejected" on the health topic, or NULL. */
static const struct fake_message *record_message(size_t n)
{
    const struct fake_message *m;

    for (size_t i = 0; (m = fake_kafka_message(&w.kafka, TK_TOPIC_HEALTH, i)); i++)
        if (strcmp(m->type, "trapkafka.rejected") == 0 && n-- == 0)
            return m;
    return NULL;
}

static size_t count_records(void)
{
    size_t n = 0;

    while (record_message(n))
        n++;
    return n;
}

static json_t *only_record(void)
{
    assert_int_equal(count_records(), 1);
    return world_json(record_message(0));
}

static void expect(const json_t *record, const char *json)
{
    json_t *wanted = json_loads(json, JSON_DECODE_ANY, NULL);
    char *got = json_dumps(record, JSON_SORT_KEYS | JSON_ENCODE_ANY);

    assert_non_null(wanted);
    if (!json_equal(record, wanted))
        fail_msg("%s", got);
    free(got);
    json_decref(wanted);
}

static void test_record(void **state)
{
    struct tk_refusal_report r = reject_of("noc");
    const struct fake_message *m;
    char time[TK_RFC3339_BYTES];
    json_t *record;

    (void)state;
    world_configure(&w, NULL);
    put(&r);
    world_run(&w);
    m = record_message(0);
    record = only_record();
    assert_string_equal(json_string_value(json_object_get(record, "type")), "rejected");
    assert_string_equal(json_string_value(json_object_get(record, "event_id")), m->event_id);
    assert_non_null(m ? strstr(m->event_id, "-rejected-1-1763790326123") : NULL);
    assert_non_null(m->key);
    assert_string_equal(m->key, json_string_value(json_object_get(json_object_get(record, "receiver"), "host")));
    assert_true(m->ticket == TK_NO_TICKET);
    tk_clock_rfc3339(time, r.last);
    assert_string_equal(json_string_value(json_object_get(record, "time")), time);
    assert_string_equal(json_string_value(json_object_get(record, "last")), time);
    tk_clock_rfc3339(time, r.first);
    assert_string_equal(json_string_value(json_object_get(record, "first")), time);
    assert_string_equal(json_string_value(json_object_get(record, "reason")), "wrong_digest");
    assert_int_equal(json_integer_value(json_object_get(record, "count")), 3);
    assert_true(json_is_false(json_object_get(record, "is_merged")));
    assert_string_equal(json_string_value(json_object_get(record, "detail")), r.detail);
    assert_string_equal(json_string_value(json_object_get(record, "remedy")), r.remedy);
    expect(json_object_get(record, "source"), "{\"address\":\"192.0.2.7\",\"port\":50063,\"transport\":\"udp\"}");
    expect(json_object_get(record, "snmp"),
           "{\"version\":\"3\",\"security_name\":\"noc\",\"security_level\":\"authPriv\","
           "\"engine_id\":\"8000000903001b21a0ff02\",\"engine\":{\"enterprise\":9,\"vendor\":\"Cisco\","
           "\"format\":\"mac\",\"text\":\"00:1b:21:a0:ff:02\"}}");
    json_decref(record);
    assert_null(tk_refusal_box_oldest(box));
}

static void test_unknown_is_null(void **state)
{
    struct tk_refusal_report r = {
        .number = 1,
        .count = 1,
        .refusal = {.reason = TK_REASON_MALFORMED},
        .detail = "d",
        .remedy = "r",
    };
    json_t *record;

    (void)state;
    world_configure(&w, NULL);
    put(&r);
    world_run(&w);
    record = only_record();
    expect(json_object_get(record, "source"), "{\"address\":null,\"port\":null,\"transport\":null}");
    expect(json_object_get(record, "snmp"), "{\"version\":null,\"security_name\":null,\"security_level\":null,"
                                            "\"engine_id\":null,\"engine\":null}");
    json_decref(record);
}

static void test_merged(void **state)
{
    struct tk_refusal_report r = reject_of("noc");
    json_t *record;

    (void)state;
    world_configure(&w, NULL);
    r.is_merged = true;
    r.refusal.peer.family = 6;
    r.refusal.peer.transport = TK_TCP6;
    put(&r);
    world_run(&w);
    record = only_record();
    assert_true(json_is_true(json_object_get(record, "is_merged")));
    expect(json_object_get(record, "source"), "{\"address\":\"c000:207::\",\"port\":50063,\"transport\":\"tcp6\"}");
    expect(json_object_get(record, "snmp"), "{\"version\":\"3\",\"security_name\":null,\"security_level\":\"authPriv\","
                                            "\"engine_id\":null,\"engine\":null}");
    json_decref(record);
}

static void test_user_that_is_no_text(void **state)
{
    struct tk_refusal_report r = reject_of("a\xff\x01");
    json_t *record;

    (void)state;
    world_configure(&w, NULL);
    put(&r);
    world_run(&w);
    record = only_record();
    expect(json_object_get(json_object_get(record, "snmp"), "security_name"), "\"0x61ff01\"");
    json_decref(record);
}

static void test_order_and_ids(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    put_some(TK_REFUSAL_PLACES);
    assert_true(!tk_refusal_box_put(box, &(struct tk_refusal_report){.number = 99}));
    for (int i = 0; i < TK_REFUSAL_PLACES; i++)
        (void)world_step(&w);
    assert_int_equal(count_records(), TK_REFUSAL_PLACES);
    for (size_t i = 1; i < TK_REFUSAL_PLACES; i++)
        assert_string_not_equal(record_message(i - 1)->event_id, record_message(i)->event_id);
}

static void test_health_topic_off(void **state)
{
    (void)state;
    world_configure(&w, "kafkaHealthTopic \"\"");
    put_some(5);
    world_run(&w);
    assert_null(tk_refusal_box_oldest(box)); /* removed from the box, and dropped */
    assert_int_equal(fake_kafka_count(&w.kafka, TK_TOPIC_HEALTH), 0);
}

/* Reports that can't be published now wait in the box; meanwhile traps are published. */
static void test_full_sink(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    world_run(&w);
    w.kafka.health_answer = TK_FULL;
    put_some(3);
    world_number(&w, 1);
    world_run(&w);
    assert_int_equal(fake_kafka_events(&w.kafka), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_int_equal(count_records(), 0);
    w.kafka.health_answer = TK_ACCEPTED;
    world_run(&w);
    assert_int_equal(count_records(), 0); /* not retried in each step */
    world_pass(&w, TK_SECOND);
    world_run(&w);
    assert_int_equal(count_records(), 3);
}

static void test_one_refused_for_good(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    world_run(&w);
    w.kafka.health_answer = TK_TOO_LARGE;
    put_some(1);
    world_run(&w);
    assert_null(tk_refusal_box_oldest(box));
}

static void test_outage(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    world_run(&w);
    fake_kafka_reach(&w.kafka, TK_LOST);
    world_run(&w);
    put_some(2);
    world_pass(&w, 60 * TK_SECOND);
    world_run(&w);
    assert_int_equal(count_records(), 0);
    fake_kafka_reach(&w.kafka, TK_REACHED);
    world_run(&w);
    assert_int_equal(count_records(), 2);
}

static void test_no_sink(void **state)
{
    (void)state;
    w.kafka.refuses_to_open = true;
    put_some(1);
    (void)world_step(&w); /* no bundle yet */
    world_configure(&w, NULL);
    world_run(&w);
    assert_non_null(tk_refusal_box_oldest(box));
    w.kafka.refuses_to_open = false;
    world_pass(&w, 10 * TK_SECOND);
    world_run(&w);
    assert_int_equal(count_records(), 1);
}

static void test_stop(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    world_run(&w);
    put_some(2);
    tk_worker_finish(w.worker, w.now, w.now.mono + TK_SECOND);
    assert_int_equal(count_records(), 2);
}

/* Traps don't wait for reports, however many there are, and reports are not in the books. */
static void test_beside_traps(void **state)
{
    (void)state;
    world_configure(&w, "kafkaDedup off");
    world_run(&w);
    for (unsigned i = 0; i < 100; i++) {
        put_some(i % 3);
        world_number(&w, i);
        (void)world_step(&w);
        assert_int_equal(fake_kafka_events(&w.kafka), i + 1);
    }
    world_run(&w);
    assert_int_equal(count_records(), 99);
    assert_int_equal(world_stat(&w, TK_RECEIVED), 100);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(test_record),        TEST(test_unknown_is_null),  TEST(test_merged),    TEST(test_user_that_is_no_text),
        TEST(test_order_and_ids), TEST(test_health_topic_off), TEST(test_full_sink), TEST(test_one_refused_for_good),
        TEST(test_outage),        TEST(test_no_sink),          TEST(test_stop),      TEST(test_beside_traps),
#undef TEST
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
