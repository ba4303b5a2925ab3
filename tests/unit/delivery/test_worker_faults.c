/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories: traps and INFORMs arrive, the sink accepts, refuses, fails, delivers out of order, closes. After
 * each step the books balance; at the end every record has ended once; a record is published before any later one of
 * the
 * queue, unless it is in flight or has ended already; one that was condemned goes alone, and then to the dead
 * letters, if there is a topic for them. An INFORM is told what became of it once, and that it is delivered only if
 * its event
 * is, or the one that it repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "worker_fixture.h"

#define HISTORIES 2000
#define STEPS     120
#define MAX_SEQ   1024

#define CONTENTS  (4 * 40)

enum fate { UNSEEN, IN_FLIGHT, CAME_BACK, ENDED };

static struct world w;
static uint64_t dead_lettered, told; /* in all histories */
static struct {
    enum fate fate[MAX_SEQ];
    bool was_condemned[MAX_SEQ];
    bool is_delivered[MAX_SEQ], is_inform[MAX_SEQ], is_told[MAX_SEQ];
    unsigned content[MAX_SEQ]; /* what it says; repeats say the same */
    bool has_content_arrived[CONTENTS];
    unsigned dead_in_flight;
    char event_id[MAX_SEQ][64];
    uint64_t published, undeliverable, alone; /* alone: sequence number of one that must have no company, or 0 */
    bool has_failed;
    uint64_t last_seq;
} model;

static uint64_t seq_of(const struct fake_message *m)
{
    unsigned long long seq = 0;

    assert_int_equal(sscanf(m->event_id, "%*8[0-9a-f]-%llu", &seq), 1);
    assert_true(seq > 0 && seq < MAX_SEQ);
    return seq;
}

static void on_publish(void *arg, const struct fake_message *m)
{
    uint64_t seq;

    (void)arg;
    if (m->topic == TK_TOPIC_HEALTH)
        return;
    seq = seq_of(m);
    if (m->topic == TK_TOPIC_DEAD_LETTERS) {
        assert_true(model.was_condemned[seq]);
        assert_int_equal(model.fate[seq], ENDED);
        assert_false(model.is_delivered[seq]);
        model.dead_in_flight++;
        return;
    }
    assert_true(model.fate[seq] == UNSEEN || model.fate[seq] == CAME_BACK);
    if (model.event_id[seq][0])
        assert_string_equal(m->event_id, model.event_id[seq]);
    (void)snprintf(model.event_id[seq], sizeof(model.event_id[seq]), "%s", m->event_id);
    for (uint64_t before = 1; before < seq; before++)
        assert_true(model.fate[before] != CAME_BACK);
    for (uint64_t after = seq + 1; after < MAX_SEQ; after++)
        assert_true(model.fate[after] != IN_FLIGHT);
    if (!model.has_failed)
        assert_true(seq > model.last_seq);
    model.last_seq = seq;
    assert_true(!model.alone || model.fate[model.alone] != IN_FLIGHT);
    model.alone = 0;
    if (model.was_condemned[seq]) {
        assert_int_equal(m->in_flight - model.dead_in_flight, 0);
        model.alone = seq;
    }
    model.fate[seq] = IN_FLIGHT;
}

static void on_report(void *arg, const struct fake_message *m)
{
    uint64_t seq = seq_of(m);

    (void)arg;
    if (m->topic == TK_TOPIC_DEAD_LETTERS) {
        model.dead_in_flight--;
        return;
    }
    assert_int_equal(model.fate[seq], IN_FLIGHT);
    if (m->fate == TK_DELIVERED) {
        model.fate[seq] = ENDED;
        model.is_delivered[seq] = true;
        model.has_content_arrived[model.content[seq]] = true;
        model.published++;
        return;
    }
    model.has_failed = true;
    model.fate[seq] = CAME_BACK;
    if (m->fate == TK_CONDEMNED) {
        if (model.was_condemned[seq]) {
            model.fate[seq] = ENDED;
            model.undeliverable++;
        }
        model.was_condemned[seq] = true;
    }
}

static void arrive(void)
{
    unsigned device = (unsigned)random() % 4, uptime = (unsigned)random() % 40; /* some repeat */
    uint64_t seq = tk_ring_next_seq(w.ring);
    char line[200];

    if (tk_ring_snapshot(w.ring).received >= MAX_SEQ - 2)
        return;
    if (random() % 12 == 0) {
        (void)world_bytes(&w, "x", 1);
        return;
    }
    (void)snprintf(line, sizeof(line), "2c from=192.0.2.%u:162 uptime=%u oid=1.3.6.1.6.3.1.1.5.1", device + 1, uptime);
    model.content[seq] = device * 40 + uptime;
    model.is_inform[seq] = random() % 3 == 0;
    if (model.is_inform[seq])
        assert_int_equal(world_inform(&w, line, (uint32_t)seq), seq); /* a place of its own */
    else
        (void)world_trap(&w, line);
}

static void take_replies(void)
{
    int place;

    while ((place = world_reply(&w))) {
        unsigned seq = (unsigned)abs(place);

        assert_true(model.is_inform[seq] && !model.is_told[seq]);
        model.is_told[seq] = true;
        told++;
        if (place > 0)
            assert_true(model.is_delivered[seq] ||
                        (model.fate[seq] == UNSEEN && model.has_content_arrived[model.content[seq]]));
        else
            assert_false(model.is_delivered[seq]);
    }
}

static void report_some(bool may_fail)
{
    for (long n = random() % 6; n && w.kafka.count; n--) {
        size_t from = w.kafka.count > 20 ? w.kafka.count - 20 : 0;
        size_t i = from + (size_t)random() % (w.kafka.count - from);
        const struct fake_message *m = &w.kafka.messages[i];
        long dice = random() % 20;
        enum tk_fate fate = !may_fail || dice < 15 ? TK_DELIVERED : dice < 18 ? TK_SEND_AGAIN : TK_CONDEMNED;

        if (may_fail && m->topic == TK_TOPIC_EVENTS && model.was_condemned[seq_of(m)])
            fate = random() % 2 ? TK_CONDEMNED : TK_DELIVERED; /* else few would be, twice */
        fake_kafka_report(&w.kafka, i, fate);
    }
}

static void do_something(bool may_fail)
{
    static const char *const directives[] = {"kafkaTopic a",   "kafkaTopic b",       "kafkaDedup 5",
                                             "kafkaDedup off", "kafkaStopTimeout 0", "kafkaDeadLetterTopic dead"};

    switch (random() % 26) {
    case 25:
        if (may_fail)
            fake_kafka_report_all(&w.kafka, TK_CONDEMNED);
        break;
    case 24:
        if (may_fail)
            w.kafka.dead_answer = random() % 3 ? TK_ACCEPTED : TK_REFUSED;
        break;
    case 0: w.kafka.room = (size_t)random() % 4; break;
    case 1: w.kafka.room = SIZE_MAX; break;
    case 2:
        if (may_fail)
            w.kafka.refuses_to_open = random() % 2;
        break;
    case 3:
        if (may_fail)
            world_configure(&w, directives[random() % 6]);
        break;
    case 4:
        if (may_fail)
            w.kafka.is_lost_at_close = random() % 2;
        break;
    case 5: world_pass(&w, random() % (20 * TK_SECOND)); break;
    case 6:
        if (may_fail)
            fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
        break;
    case 7:
    case 8:
    case 9:
    case 10: world_pass(&w, random() % (200 * TK_MSEC)); break;
    case 11:
    case 12:
    case 13:
    case 14:
    case 15: report_some(may_fail); break;
    default: arrive();
    }
}

static void drain(void)
{
    w.kafka.room = SIZE_MAX;
    w.kafka.refuses_to_open = w.kafka.is_manual = false;
    for (int i = 0; i < 2000 && (i < 10 || world_stat(&w, TK_PENDING)); i++) {
        (void)world_step(&w);
        take_replies();
        world_pass(&w, TK_SECOND);
    }
    assert_int_equal(world_stat(&w, TK_PENDING), 0);
    assert_int_equal(tk_ring_used(w.ring), 0);
    for (uint64_t seq = 1; seq < MAX_SEQ; seq++)
        assert_true((model.fate[seq] == UNSEEN || model.fate[seq] == ENDED) &&
                    model.is_inform[seq] == model.is_told[seq]);
}

static void run_history(unsigned seed)
{
    bool may_fail = seed % 4 != 0;
    struct tk_books books;

    srandom(seed);
    memset(&model, 0, sizeof(model));
    world_init(&w, TK_RING_MIN_BYTES);
    world_bundle(&w,
                 world_settings((const char *const[]){random() % 2 ? "kafkaDedup 5" : "kafkaDedup off",
                                                      random() % 2 ? "kafkaDeadLetterTopic dead" : NULL, NULL}),
                 NULL);
    w.kafka.is_manual = true;
    w.kafka.on_publish = on_publish;
    w.kafka.on_report = on_report;
    for (int i = 0; i < STEPS; i++) {
        do_something(may_fail);
        (void)world_step(&w);
        take_replies();
    }
    if (random() % 2)
        drain();
    tk_worker_finish(w.worker, w.now, w.now.mono + TK_SECOND);
    take_replies();
    books = tk_worker_books(w.worker);
    assert_true(tk_books_balance(&books));
    assert_int_equal(books.value[TK_PUBLISHED], model.published);
    assert_int_equal(books.value[TK_DROPPED_UNDELIVERABLE], model.undeliverable);
    assert_int_equal(books.value[TK_DROPPED_DAMAGED], 0);
    dead_lettered += books.value[TK_DEAD_LETTERED];
    world_done(&w);
}

static void test_random_histories(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= HISTORIES; seed++) {
        run_history(seed);
    }
    assert_in_range(dead_lettered, 100, UINT64_MAX);
    assert_in_range(told, 10000, UINT64_MAX); /* or these histories show nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_histories)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
