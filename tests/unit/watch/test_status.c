/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to be wrong: each cause is made, and must be told and no other; what the health topic tells, in any order
 * of its records, and with hostile ones; the page at every width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch/safe_text.h"
#include "watch/status_json.h"
#include "watch/status_page.h"

#define NOW (1795000000 * TK_SECOND)

static void take(struct tk_health_log *l, const char *host, tk_nsec at, const char *more)
{
    char time[TK_RFC3339_BYTES], text[4096];
    int len;

    tk_clock_rfc3339(time, at);
    len = snprintf(text, sizeof(text), "{\"time\":\"%s\",\"receiver\":{\"host\":\"%s\",\"queue\":\"q1\"},%s}", time,
                   host, more);
    tk_health_log_take(l, text, (size_t)len);
}

#define MINUTE(received, uptime) \
    "\"type\":\"health\",\"cause\":\"periodic\",\"is_balanced\":true,\"uptime_seconds\":" #uptime \
    ",\"books\":{\"received\":" #received "}"
#define CHANGE(cause, detail) \
    "\"type\":\"health\",\"is_balanced\":true,\"cause\":\"" cause "\",\"detail\":\"" detail \
    "\",\"books\":{\"received\":5}"
#define REFUSED(reason, address, count) \
    "\"type\":\"rejected\",\"reason\":\"" reason "\",\"source\":{\"address\":\"" address "\"},\"count\":" #count \
    ",\"remedy\":\"write " reason "\""

/* --- what is wrong ----------------------------------------------------------------------------------------------- */

static const char *const absent[TK_STATUS_SOURCES] = {"absent", "absent", "absent"};

/* All three sources, and nothing wrong. */
static struct tk_status *fine(void)
{
    struct tk_status *st = calloc(1, sizeof(*st));

    assert_non_null(st);
    for (int i = 0; i < TK_STATUS_SOURCES; i++)
        st->origin[i] = (struct tk_status_origin){.name = "source", .absent = absent[i], .is_read = true};
    st->stats_seconds = 15;
    st->host = "h";
    st->since = NOW - 86400 * TK_SECOND;
    st->stats.at = NOW - 3 * TK_SECOND;
    st->stats_before.at = NOW - 18 * TK_SECOND;
    for (int i = 0; i < TK_STAT_COUNT; i++)
        st->stats.has[i] = st->stats_before.has[i] = tk_stat_table[i].kind != TK_STAT_INFO;
    st->stats.count = st->stats_before.count = TK_STAT_COUNT - 1;
    st->stats.books.value[TK_RECEIVED] = st->stats.books.value[TK_PUBLISHED] = 45;
    st->stats.books.value[TK_LAST_ACKNOWLEDGED] = (uint64_t)(NOW / TK_SECOND) - 4;
    st->queue.facts = (struct tk_peek_facts){.capacity = 1000, .is_in_use = true};
    take(&st->log, "h", NOW - 90 * TK_SECOND, MINUTE(10, 100));
    take(&st->log, "h", NOW - 30 * TK_SECOND, MINUTE(40, 160));
    return st;
}

static void free_status(struct tk_status *st)
{
    tk_status_done(st);
    free(st);
}

static void is_fine(struct tk_status *st)
{
    (void)st;
}
static void no_stats(struct tk_status *st)
{
    st->origin[TK_SOURCE_STATS].name = NULL, st->origin[TK_SOURCE_STATS].is_read = false;
}
static void no_queue(struct tk_status *st)
{
    st->origin[TK_SOURCE_QUEUE].name = NULL, st->origin[TK_SOURCE_QUEUE].is_read = false;
}
static void bad_queue(struct tk_status *st)
{
    tk_err_set(&st->origin[TK_SOURCE_QUEUE].err, "q", 0, "torn"), st->origin[TK_SOURCE_QUEUE].is_read = false;
}
static void old_stats(struct tk_status *st)
{
    st->stats.at = NOW - 60 * TK_SECOND;
}
static void future_stats(struct tk_status *st)
{
    st->stats.at = NOW + 3600 * TK_SECOND;
}
static void unbalanced(struct tk_status *st)
{
    st->stats.books.value[TK_RECEIVED]++;
}
static void derived_unbalanced(struct tk_status *st)
{
    st->stats.books.value[TK_DERIVED]++;
}
static void other_version(struct tk_status *st)
{
    st->stats.has[TK_SUPPRESSED_RULE] = false;
}
static void newer_version(struct tk_status *st)
{
    st->stats.unknown = 2;
}
static void foreign_line(struct tk_status *st)
{
    st->stats.wrong_line = 7;
}
static void kernel_drops(struct tk_status *st)
{
    st->stats.books.value[TK_KERNEL_DROPPED] = 30;
}
static void full_queue(struct tk_status *st)
{
    st->queue.facts.head = 800;
}
static void closed_queue(struct tk_status *st)
{
    st->queue.facts.is_in_use = false, st->queue.facts.is_clean = true;
}
static void dead_queue(struct tk_status *st)
{
    st->queue.facts.is_in_use = false;
}
static void damaged_queue(struct tk_status *st)
{
    st->queue.damaged = 3;
}
static void old_health(struct tk_status *st)
{
    st->log.receivers[0]->last.figures.at = NOW - 200 * TK_SECOND;
}
static void stopped(struct tk_status *st)
{
    take(&st->log, "h", NOW, "\"type\":\"health\",\"cause\":\"stop\",\"is_balanced\":true");
}
static void health_unbalanced(struct tk_status *st)
{
    take(&st->log, "h", NOW, "\"type\":\"health\",\"is_balanced\":false");
}
static void other_host(struct tk_status *st)
{
    st->host = "elsewhere";
}
static void lost(struct tk_status *st)
{
    take(&st->log, "h", NOW, CHANGE("broker_lost", "no broker is there"));
}
static void waits(struct tk_status *st)
{
    st->stats.books.value[TK_RECEIVED]++;
    st->stats.books.value[TK_PENDING] = 1;
    st->stats.books.value[TK_LAST_ACKNOWLEDGED] -= 200;
    st->queue.oldest = NOW - 100 * TK_SECOND;
}
static void waits_since_start(struct tk_status *st)
{
    waits(st), st->stats.books.value[TK_LAST_ACKNOWLEDGED] = 0;
}
static void waits_in_memory(struct tk_status *st)
{
    waits(st), no_queue(st);
}
static void drains(struct tk_status *st)
{
    waits(st), st->stats.books.value[TK_LAST_ACKNOWLEDGED] += 199;
}
static void just_came(struct tk_status *st)
{
    waits(st), st->queue.oldest = NOW - TK_SECOND;
}
static void lost_and_regained(struct tk_status *st)
{
    take(&st->log, "h", NOW - 9 * TK_SECOND, CHANGE("broker_lost", "no broker is there"));
    take(&st->log, "h", NOW - 2 * TK_SECOND, CHANGE("broker_regained", "again"));
}

static const struct {
    const char *name;
    void (*make)(struct tk_status *st);
    unsigned wrong, notes;
    const char *said; /* in one of them */
} causes[] = {
    {"fine", is_fine, 0, 0, NULL},
    {"no stats", no_stats, 0, 2, "statistics: absent"}, /* a record has not all counters here */
    {"no queue", no_queue, 0, 1, "queue: absent"},
    {"bad queue", bad_queue, 1, 0, "queue: q: torn"},
    {"old stats", old_stats, 1, 0, "was written 60 s ago, and snmptrapd writes it every 15 s"},
    {"future stats", future_stats, 0, 1, "correct the clock"},
    {"unbalanced", unbalanced, 1, 0, "the books do not balance"},
    {"derived unbalanced", derived_unbalanced, 1, 0, "the books do not balance"},
    {"other version", other_version, 0, 1, "the counters lack trapkafka_suppressed_total{reason=\"rule\"}"},
    {"newer version", newer_version, 0, 1, "2 counters are not known"},
    {"foreign line", foreign_line, 0, 1, "line 7 of the statistics"},
    {"kernel drops", kernel_drops, 1, 0, "kernel_dropped 2.0 a second"},
    {"full queue", full_queue, 1, 0, "at least 80 % full"},
    {"closed queue", closed_queue, 1, 0, "closed in order"},
    {"dead queue", dead_queue, 1, 0, "it died"},
    {"damaged queue", damaged_queue, 1, 0, "3 records of source are damaged"},
    {"old health", old_health, 1, 0, "the last record of h is 3 min old"},
    {"stopped", stopped, 1, 0, "was stopped 0 s ago"},
    {"health unbalanced", health_unbalanced, 1, 0, "says the last record"},
    {"other host", other_host, 1, 0,
     "no record of the last 24 h 0 min from host elsewhere; write --receiver and one of: h"},
    {"lost", lost, 1, 0, "Kafka acknowledges nothing since 0 s ago: no broker is there"},
    {"waits", waits, 1, 0, "the last one was acknowledged 3 min ago"},
    {"waits since start", waits_since_start, 1, 0, "none was acknowledged since snmptrapd started"},
    {"waits in memory", waits_in_memory, 1, 1, "the last one was acknowledged 3 min ago"},
    {"drains", drains, 0, 0, NULL},
    {"just came", just_came, 0, 0, NULL},
    {"lost and regained", lost_and_regained, 0, 0, NULL},
};

static void test_each_cause(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        struct tk_status *st = fine();
        bool is_said = !causes[i].said;

        causes[i].make(st);
        tk_status_judge(st, NOW);
        for (unsigned k = 0; k < st->finding_count; k++)
            is_said |= causes[i].said && strstr(st->findings[k].text, causes[i].said);
        if (st->wrong_count != causes[i].wrong || st->finding_count != causes[i].wrong + causes[i].notes || !is_said) {
            for (unsigned k = 0; k < st->finding_count; k++)
                print_message("%d %s\n", st->findings[k].is_wrong, st->findings[k].text);
            fail_msg("%s: %u wrong of %u", causes[i].name, st->wrong_count, st->finding_count);
        }
        free_status(st);
    }
}

/* Of two readings of the file, else of two records; not over a restart. */
static void test_rates(void **state)
{
    struct tk_status *st = fine();
    double rate;

    (void)state;
    tk_status_judge(st, NOW);
    assert_true(tk_status_rate(st, TK_RECEIVED, &rate));
    assert_float_equal(rate, 3.0, 1e-6);
    st->stats_before.count = 0;
    tk_status_judge(st, NOW);
    assert_true(tk_status_rate(st, TK_RECEIVED, &rate));
    assert_float_equal(rate, 0.5, 1e-6);
    take(&st->log, "h", NOW, MINUTE(100, 5));
    tk_status_judge(st, NOW);
    assert_false(tk_status_rate(st, TK_RECEIVED, &rate));
    st->host = "elsewhere"; /* neither */
    tk_status_judge(st, NOW);
    assert_false(tk_status_rate(st, TK_RECEIVED, &rate));
    free_status(st);
}

/* --- the health topic -------------------------------------------------------------------------------------------- */

static void test_records_in_any_order(void **state)
{
    static const char *const changes[] = {CHANGE("broker_lost", "a"), CHANGE("broker_regained", "b"),
                                          CHANGE("queue_high", "c"), CHANGE("queue_normal", "d"),
                                          CHANGE("damaged", "e")};

    (void)state;
    srand(3);
    for (int history = 0; history < 200; history++) {
        struct tk_health_log l = {0};
        const struct tk_health_receiver *r;
        int order[40];

        for (int i = 0; i < 40; i++)
            order[i] = i;
        for (int i = 39; i > 0; i--) {
            int k = rand() % (i + 1), kept = order[i];

            order[i] = order[k];
            order[k] = kept;
        }
        for (int i = 0; i < 40; i++)
            take(&l, "h", NOW + order[i] * 60 * TK_SECOND, changes[order[i] % 5]);
        take(&l, "other", NOW + 3600 * 24 * TK_SECOND, changes[0]);
        r = tk_health_log_of(&l, "h");
        assert_non_null(r);
        assert_int_equal(r->change_count, TK_HEALTH_CHANGES);
        for (unsigned i = 0; i < TK_HEALTH_CHANGES; i++)
            assert_int_equal(r->changes[i].at, NOW + (39 - (int)i) * 60 * TK_SECOND);
        assert_int_equal(r->lost.at, NOW + 35 * 60 * TK_SECOND);
        assert_int_equal(r->acknowledging.at, NOW + 36 * 60 * TK_SECOND);
        assert_int_equal(r->last.figures.at, NOW + 39 * 60 * TK_SECOND);
        assert_true(r->before.figures.at == NOW + 38 * 60 * TK_SECOND);
        assert_string_equal(tk_health_log_of(&l, NULL)->host, "other");
        tk_health_log_done(&l);
    }
}

static void test_refusals(void **state)
{
    struct tk_status *st = fine();

    (void)state;
    take(&st->log, "h", NOW - 5 * TK_SECOND, REFUSED("unknown_user", "192.0.2.1", 3));
    take(&st->log, "h", NOW - 4 * TK_SECOND, REFUSED("wrong_digest", "192.0.2.1", 10));
    take(&st->log, "h", NOW - 3 * TK_SECOND, REFUSED("unknown_user", "192.0.2.1", 4));
    take(&st->log, "h", NOW - 2 * TK_SECOND, REFUSED("unknown_user", "192.0.2.2", -4));
    tk_status_judge(st, NOW);
    assert_int_equal(st->receiver->refusals.used, 3);
    assert_string_equal(st->receiver->refusals.item[0].name, "wrong_digest");
    assert_int_equal(st->receiver->refusals.item[1].count, 7);
    assert_int_equal(st->receiver->refusals.item[2].count, 0);
    assert_string_equal(st->receiver->remedy.detail, "write unknown_user");
    free_status(st);
}

/* A name that makes up a tenth of all is found among a hundred thousand. */
static void test_top_counts(void **state)
{
    struct tk_top_counts c = {0};
    uint64_t sum = 0;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        char name[300];

        (void)snprintf(name, sizeof(name), "%0*d", i % 10 ? 100 : 3, i % 10 ? i : 0);
        (void)tk_top_counts_add(&c, name, "x", 1);
    }
    tk_top_counts_sort(&c);
    assert_string_equal(c.item[0].name, "000");
    assert_true(c.item[0].count >= 9000);
    for (unsigned i = 0; i < c.used; i++)
        sum += c.item[i].count;
    assert_int_equal(sum + c.others, 100000);
}

static void test_hostile_records(void **state)
{
    static const char *const records[] = {
        "",
        "7",
        "[]",
        "{",
        "{}",
        "{\"type\":7}",
        "{\"type\":\"health\"}",
        "{\"type\":\"health\",\"time\":\"15m\"}",
        "{\"type\":\"health\",\"time\":\"9999999-11-22T05:45:26Z\"}",
        "{\"type\":\"trap\",\"time\":\"2026-11-22T05:45:26.1Z\"}",
    };
    struct tk_health_log l = {.wanted = "mine"};
    char name[600];

    (void)state;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
        tk_health_log_take(&l, records[i], strlen(records[i]));
    tk_health_log_take(&l, NULL, 0);
    assert_int_equal(l.foreign, sizeof(records) / sizeof(records[0]) + 1);
    assert_int_equal(l.used, 0);
    for (int i = 0; i < 200; i++) {
        (void)snprintf(name, sizeof(name), "%0*d", i == 7 ? 500 : 3, i);
        take(&l, name, NOW,
             "\"type\":\"health\",\"books\":{\"received\":-1,\"dropped\":5,\"rejected\":[1]},\"detail\":{}");
        take(&l, name, NOW,
             "\"type\":\"rejected\",\"count\":\"x\",\"source\":1,\"reason\":null,\"remedy\":\"\\u001b[2J\"");
    }
    assert_int_equal(l.used, TK_HEALTH_RECEIVERS - 1);
    assert_int_equal(l.left_out, 2 * (200 - TK_HEALTH_RECEIVERS + 1));
    take(&l, "mine", NOW, MINUTE(1, 1));
    assert_non_null(tk_health_log_of(&l, "mine"));
    tk_health_log_done(&l);
}

/* --- the page ---------------------------------------------------------------------------------------------------- */

static void check_page(const struct tk_status *st, unsigned columns)
{
    char *page = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&page, &len);

    assert_non_null(f);
    tk_status_page(f, st, columns, false);
    (void)fclose(f);
    assert_null(strchr(page, '\033'));
    for (char *line = page; *line;) {
        size_t n = strcspn(line, "\n");

        if (tk_safe_columns(line, n, 100000) > columns)
            fail_msg("at %u columns: %.*s", columns, (int)n, line);
        line += n + 1;
    }
    free(page);
}

static void test_every_width(void **state)
{
    struct tk_status *st = fine();
    char *json;
    json_t *root;

    (void)state;
    tk_safe_text_init();
    lost(st);
    take(&st->log, "h", NOW, REFUSED("\\u001b[2J\\n\\u6f22\\u5b57", "\\u202e1", 3));
    take(&st->log, "\\u001b]0;x\\u0007", NOW, MINUTE(1, 1));
    for (int i = 0; i < TK_STAT_COUNT; i++)
        st->stats.books.value[i] += (uint64_t)i << (i % 50);
    (void)tk_top_counts_add(&st->queue.senders, "\033[2J\xff", "", 1);
    st->stats.rule_count = 1;
    (void)strcpy(st->stats.rules[0].name, "\033\xff\n");
    tk_status_judge(st, NOW);
    for (unsigned columns = 20; columns < 220; columns++)
        check_page(st, columns);
    json = tk_status_json(st);
    assert_non_null(json);
    root = json_loads(json, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_false(json_object_get(root, "is_fine")));
    assert_null(strpbrk(json, "\n\033\xff"));
    json_decref(root);
    free(json);
    free_status(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_cause),           cmocka_unit_test(test_rates),
        cmocka_unit_test(test_records_in_any_order), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_top_counts),           cmocka_unit_test(test_hostile_records),
        cmocka_unit_test(test_every_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
