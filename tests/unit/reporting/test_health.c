/* SPDX-License-Identifier: Apache-2.0 */
/* Health records, the statistics file, and how the worker stops. */
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "worker_fixture.h"

static struct world w;
static char folder[200], file[256];

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/health.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(file, sizeof(file), "%s/stats.prom", folder);
    world_init(&w, TK_RING_MIN_BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    (void)unlink(file);
    return rmdir(folder);
}

static void trap(unsigned n)
{
    char line[100];

    (void)snprintf(line, sizeof(line), "2c oid=1.3.6.1.6.3.1.1.5.1 uptime=%u", n);
    assert_true(world_trap(&w, line));
}

/* How many health records there are, without those of state changes, which test_changes.c tests. */
static size_t health_records(void)
{
    size_t n = 0;

    for (size_t i = 0; i < w.kafka.count; i++)
        n += w.kafka.messages[i].topic == TK_TOPIC_HEALTH && !strstr(w.kafka.messages[i].payload, "\"detail\"");
    return n;
}

/* Reads a health record and checks that it has the members that conf/event.schema.json requires. */
static json_t *read_health(void)
{
    static const struct {
        const char *name;
        json_type type;
    } members[] = {
        {"schema", JSON_INTEGER},  {"type", JSON_STRING},  {"event_id", JSON_STRING},        {"time", JSON_STRING},
        {"receiver", JSON_OBJECT}, {"cause", JSON_STRING}, {"uptime_seconds", JSON_INTEGER}, {"books", JSON_OBJECT},
    };
    const struct fake_message *m = fake_kafka_health(&w.kafka);
    json_t *health;

    assert_non_null(m);
    assert_int_equal(m->ticket, TK_NO_TICKET);
    assert_string_equal(m->type, "trapkafka.health");
    health = json_loads(m->payload, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(health);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        assert_int_equal(json_typeof(json_object_get(health, members[i].name)), members[i].type);
    assert_string_equal(json_string_value(json_object_get(health, "type")), "health");
    assert_string_equal(json_string_value(json_object_get(health, "event_id")), m->event_id);
    assert_string_equal(json_string_value(json_object_get(json_object_get(health, "receiver"), "host")), m->key);
    assert_true(json_is_true(json_object_get(health, "is_balanced")));
    return health;
}

static void assert_health(const char *cause, int uptime, int published, int pending)
{
    json_t *health = read_health(), *books = json_object_get(health, "books");

    assert_string_equal(json_string_value(json_object_get(health, "cause")), cause);
    assert_int_equal(json_integer_value(json_object_get(health, "uptime_seconds")), uptime);
    assert_int_equal(json_integer_value(json_object_get(books, "published")), published);
    assert_int_equal(json_integer_value(json_object_get(books, "pending")), pending);
    json_decref(health);
}

static void test_health_once_a_minute_and_at_stop(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    trap(1);
    world_run(&w);
    world_pass(&w, 59 * TK_SECOND);
    world_run(&w);
    assert_int_equal(health_records(), 0);
    for (unsigned minute = 1; minute <= 3; minute++) {
        world_pass(&w, minute == 1 ? TK_SECOND : 60 * TK_SECOND);
        world_run(&w);
        world_run(&w);
        assert_int_equal(health_records(), minute);
        assert_health("minute", 60 * (int)minute, 1, 0);
    }
    w.kafka.is_manual = true;
    trap(2);
    world_run(&w);
    tk_worker_finish(w.worker, w.now, w.now.mono + 5);
    assert_int_equal(health_records(), 4);
    assert_health("stop", 180, 1, 1);
    assert_int_equal(w.kafka.closes, 1);
    assert_int_equal(w.kafka.close_deadline, w.now.mono + 5);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 2); /* delivered while the sink was closed */
}

/* With nothing but the last health record under way: as long as the operator allows if brokers answer, else a second. */
static void test_how_long_the_last_record_is_waited_for(void **state)
{
    static const struct {
        bool has_delivered, is_lost;
        tk_nsec timeout, wait;
    } rows[] = {
        {true, false, 5 * TK_SECOND, 5 * TK_SECOND},
        {true, true, 5 * TK_SECOND, TK_SECOND},
        {false, false, 5 * TK_SECOND, TK_SECOND},
        {false, false, TK_SECOND / 2, TK_SECOND / 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        world_done(&w);
        world_init(&w, TK_RING_MIN_BYTES);
        w.kafka.view.has_delivered = rows[i].has_delivered;
        world_configure(&w, NULL);
        if (rows[i].is_lost)
            fake_kafka_reach(&w.kafka, TK_LOST);
        world_run(&w);
        tk_worker_finish(w.worker, w.now, w.now.mono + rows[i].timeout);
        assert_int_equal(w.kafka.close_deadline, w.now.mono + rows[i].wait);
    }
}

static void test_health_can_be_off_or_fail(void **state)
{
    (void)state;
    world_configure(&w, "kafkaHealthTopic \"\"");
    world_run(&w);
    world_pass(&w, 61 * TK_SECOND);
    world_run(&w);
    assert_int_equal(health_records(), 0);
    world_configure(&w, NULL);
    world_run(&w);
    w.kafka.room = 0; /* full: the record is not retried */
    world_pass(&w, 61 * TK_SECOND);
    world_run(&w);
    w.kafka.room = 1;
    world_run(&w);
    assert_int_equal(health_records(), 0);
    world_pass(&w, 60 * TK_SECOND);
    world_run(&w);
    assert_int_equal(health_records(), 1);
}

static char *read_stats(char *text, size_t bytes)
{
    FILE *f = fopen(file, "r");
    size_t n;

    if (!f)
        return NULL;
    n = fread(text, 1, bytes - 1, f);
    text[n] = '\0';
    (void)fclose(f);
    return text;
}

static void test_stats_file(void **state)
{
    char directive[300], text[16384];

    (void)state;
    (void)snprintf(directive, sizeof(directive), "kafkaStatsFile %s 30", file);
    world_configure(&w, directive);
    world_run(&w);
    assert_non_null(read_stats(text, sizeof(text)));
    assert_non_null(strstr(text, "\ntrapkafka_published_total 0\n"));
    trap(1);
    world_run(&w);
    world_pass(&w, 29 * TK_SECOND);
    world_run(&w);
    assert_non_null(strstr(read_stats(text, sizeof(text)), "\ntrapkafka_published_total 0\n"));
    world_pass(&w, TK_SECOND);
    world_run(&w);
    assert_non_null(strstr(read_stats(text, sizeof(text)), "\ntrapkafka_published_total 1\n"));
    trap(2);
    world_run(&w);
    tk_worker_finish(w.worker, w.now, 0);
    assert_non_null(strstr(read_stats(text, sizeof(text)), "\ntrapkafka_published_total 2\n"));
    assert_false(world_has_logged(&w, "kafkaStatsFile"));
}

static void test_stats_file_that_can_not_be_written(void **state)
{
    char directive[300];

    (void)state;
    (void)snprintf(directive, sizeof(directive), "kafkaStatsFile %s 1", file);
    world_configure(&w, directive);
    assert_int_equal(mkdir(file, 0700), 0); /* a folder has the name of the statistics file */
    for (int i = 0; i < 30; i++) {
        world_run(&w);
        world_pass(&w, TK_SECOND);
    }
    assert_int_equal(rmdir(file), 0);
    assert_true(world_has_logged(&w, "kafkaStatsFile"));
    assert_false(world_has_logged(&w, "kafkaStatsFile")); /* logged at most once a minute */
}

/* If the deadline passes, unacknowledged events stay in the queue and are pending in the books. */
static void test_finish_leaves_the_rest_pending(void **state)
{
    struct tk_books books;

    (void)state;
    world_configure(&w, NULL);
    w.kafka.is_manual = w.kafka.is_lost_at_close = true;
    w.kafka.room = 3;
    for (unsigned i = 1; i <= 6; i++)
        trap(i);
    world_run(&w);
    fake_kafka_report(&w.kafka, 1, TK_DELIVERED);
    tk_worker_finish(w.worker, w.now, w.now.mono);
    books = tk_worker_books(w.worker);
    assert_true(tk_books_balance(&books));
    assert_int_equal(books.value[TK_PUBLISHED], 1);
    assert_int_equal(books.value[TK_PENDING], 5);
}

/* The real thread starts, delivers and stops, without waiting for a time-out. */
static void test_thread(void **state)
{
    tk_nsec begin = tk_clock_mono();

    (void)state;
    world_configure(&w, NULL);
    assert_int_equal(tk_worker_stop(w.worker, 0), 0); /* the thread was never started */
    assert_int_equal(tk_worker_start(w.worker), 0);
    for (unsigned i = 1; i <= 1000; i++)
        trap(i);
    assert_int_equal(tk_worker_stop(w.worker, 60 * TK_SECOND), 0);
    assert_int_equal(world_stat(&w, TK_PUBLISHED), 1000);
    assert_true(tk_clock_mono() - begin < 50 * TK_SECOND);
}

/* The signals that the thread of this name blocks. */
static unsigned long long blocked_by(const char *name)
{
    DIR *dir = opendir("/proc/self/task");
    unsigned long long blocked = 0;
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        char path[300], line[200], wanted[64];
        bool is_it = false;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
        (void)snprintf(wanted, sizeof(wanted), "Name:\t%s\n", name);
        f = fopen(path, "r");
        while (f && fgets(line, sizeof(line), f)) {
            is_it |= strcmp(line, wanted) == 0;
            if (is_it && strncmp(line, "SigBlk:", 7) == 0)
                blocked = strtoull(line + 7, NULL, 16);
        }
        if (f)
            (void)fclose(f);
    }
    (void)closedir(dir);
    return blocked;
}

static void test_thread_blocks_signals_but_faults(void **state)
{
    static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL};
    struct pollfd logged = {.fd = tk_log_eventfd(w.log), .events = POLLIN};
    unsigned long long blocked;

    (void)state;
    world_configure(&w, NULL);
    assert_int_equal(tk_worker_start(w.worker), 0);
    assert_int_equal(poll(&logged, 1, 60000),
                     1); /* wait for "in force": then it runs; before, all signals are blocked */
    blocked = blocked_by("trapkafka");
    assert_true(blocked & 1ull << (SIGTERM - 1));
    assert_true(blocked & 1ull << (SIGHUP - 1));
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        assert_false(blocked & 1ull << (faults[i] - 1));
    assert_int_equal(tk_worker_stop(w.worker, 0), 0);
}

static void test_thread_stops_in_time(void **state)
{
    (void)state;
    world_configure(&w, NULL);
    w.kafka.room = 0;
    trap(1);
    assert_int_equal(tk_worker_start(w.worker), 0);
    assert_int_equal(tk_worker_stop(w.worker, 10 * TK_MSEC), 1);
    assert_int_equal(world_stat(&w, TK_PENDING), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_how_long_the_last_record_is_waited_for),
        T(test_health_once_a_minute_and_at_stop),
        T(test_health_can_be_off_or_fail),
        T(test_stats_file),
        T(test_stats_file_that_can_not_be_written),
        T(test_finish_leaves_the_rest_pending),
        T(test_thread),
        T(test_thread_blocks_signals_but_faults),
        T(test_thread_stops_in_time),
    };
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
