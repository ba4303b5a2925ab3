/* SPDX-License-Identifier: Apache-2.0 */
/* The line that the service manager shows: what it says in each state, and when it is sent. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/notify.h"
#include "worker_fixture.h"

static struct world w;
static struct tk_notify notify;
static char path[80], line[2048];
static int manager = -1;

static int setup(void **state)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    (void)state;
    (void)snprintf(path, sizeof(path), "/tmp/trapkafka-status.%d", (int)getpid());
    (void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
    manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (manager < 0 || bind(manager, (struct sockaddr *)&a, sizeof(a)) < 0 || setenv("NOTIFY_SOCKET", path, 1) < 0)
        return -1;
    tk_notify_init(&notify);
    world_notify = &notify;
    world_init(&w, TK_RING_MIN_BYTES);
    w.kafka.view =
        (struct tk_sink_view){.brokers = "kafka1:9092", .brokers_up = 2, .brokers_known = 3, .has_delivered = true};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_done(&w);
    (void)close(manager);
    return unlink(path);
}

/* @returns the next line that was sent; NULL: none */
static const char *next_line(void)
{
    ssize_t len = recv(manager, line, sizeof(line) - 1, 0);

    if (len < 0)
        return NULL;
    line[len] = '\0';
    assert_int_equal(strncmp(line, "STATUS=trapkafka: ", 18), 0);
    assert_null(strchr(line, '\n'));
    return line + 18;
}

static void expect(const char *part)
{
    const char *got = next_line();

    assert_non_null(got);
    if (!strstr(got, part))
        fail_msg("'%s' is not in '%s'", part, got);
}

static void pass(tk_nsec t)
{
    world_pass(&w, t);
    world_run(&w);
}

static void reach(enum tk_reach to)
{
    fake_kafka_reach(&w.kafka, to);
    pass(TK_SECOND);
}

/* From a start to the first event, an outage, its end, and the stop. */
static void test_story(void **state)
{
    (void)state;
    world_configure(&w, "kafkaTopic alarms");
    world_run(&w);
    expect("ready to publish to kafka1:9092 (2 of 3 brokers connected); topic alarms; 0.0 events/s, 0 since the start; "
           "queue: 0 waiting, 0 % full; no trouble since the start");
    world_number(&w, 1);
    pass(TK_SECOND);
    pass(TK_SECOND);
    expect("publishing to kafka1:9092 (2 of 3 brokers connected); topic alarms; ");
    assert_non_null(strstr(line, " 1 since the start, the last at 2025-11-22T05:45:2"));
    w.kafka.is_manual = true;
    world_number(&w, 2);
    reach(TK_LOST);
    expect("KAFKA DOES NOT ACKNOWLEDGE since 2025-11-22T05:45:2");
    assert_non_null(strstr(line, "Z: no broker answers; topic alarms; "));
    assert_non_null(strstr(line, "queue: 1 waiting, "));
    assert_non_null(strstr(line, "; last trouble: 2025-11-22T05:45:2"));
    assert_non_null(strstr(line, "Z broker_lost: no broker answers"));
    w.kafka.is_manual = false;
    reach(TK_REACHED);
    expect("publishing to kafka1:9092");
    assert_non_null(strstr(line, " 2 since the start"));
    assert_non_null(strstr(line, "Z broker_lost: no broker answers")); /* it stays visible that there was trouble */
    tk_worker_finish(w.worker, w.now, w.now.mono + TK_SECOND);
    expect("stopped; 0 notifications wait in the queue");
    assert_null(next_line());
}

/* A line in which only numbers change comes every 5 seconds; one that says nothing new does not come at all. */
static void test_how_often(void **state)
{
    unsigned lines = 0;

    (void)state;
    world_configure(&w, NULL);
    world_run(&w);
    world_number(&w, 1);
    pass(TK_SECOND);
    pass(TK_SECOND);
    expect("ready to publish");
    expect("publishing to");
    for (unsigned n = 0; n < 60; n++) { /* 10 a second */
        for (unsigned i = 0; i < 10; i++)
            world_number(&w, 10 + 10 * n + i);
        pass(TK_SECOND);
        while (next_line())
            lines++;
    }
    assert_int_equal(lines, 12);
    assert_non_null(strstr(line, "; 10.0 events/s, "));
    pass(5 * TK_SECOND);
    pass(5 * TK_SECOND);
    while (next_line())
        ;
    assert_non_null(strstr(line, "; 0.0 events/s, 601 since"));
    for (unsigned n = 0; n < 60; n++)
        pass(TK_SECOND);
    assert_null(next_line());
}

/* Before the producer knows the cluster it is not ready. */
static void test_connecting(void **state)
{
    (void)state;
    w.kafka.view.brokers_known = w.kafka.view.brokers_up = 0;
    world_configure(&w, NULL);
    world_run(&w);
    expect("connecting to kafka1:9092; topic snmp-traps; ");
    w.kafka.view.brokers_known = 1;
    pass(TK_SECOND);
    expect("ready to publish to kafka1:9092 (0 of 1 brokers connected); ");
}

/* Why nothing is published: no brokers, a producer that does not open. */
static void test_reasons(void **state)
{
    (void)state;
    world_bundle(&w, tk_settings_new(), NULL);
    world_run(&w);
    expect("nothing is published: kafkaBrokers is missing; topic snmp-traps");
    {
        struct tk_settings *cf = tk_settings_new();

        assert_int_equal(tk_settings_set(cf, "kafkaBrokers", "b", NULL, NULL), 0);
        assert_int_equal(tk_settings_set(cf, "kafkaPropertyFile", "/no/such", NULL, NULL), -EINVAL);
        assert_int_equal(tk_settings_settle(cf, NULL), TK_SETTLED_HELD);
        world_bundle(&w, cf, NULL);
    }
    pass(TK_SECOND);
    expect(
        "nothing is published: kafkaPropertyFile '/no/such' was refused; correct the configuration, then send SIGHUP");
    assert_int_equal(w.kafka.opens, 0);
    w.kafka.refuses_to_open = true;
    world_configure(&w, NULL);
    pass(TK_SECOND);
    expect("nothing is published: no Kafka producer: the fake broker does not want; topic snmp-traps");
    w.kafka.refuses_to_open = false;
    pass(10 * TK_SECOND);
    expect("ready to publish to ");
}

/* Foreign text in it: the manager takes UTF-8 without control characters only. */
static void test_foreign_text(void **state)
{
    static char names[300];

    (void)state;
    memset(names, 'k', sizeof(names) - 1);
    memcpy(names, "a\nb\x1b\xff", 5);
    w.kafka.view.brokers = names;
    world_configure(&w, NULL);
    world_run(&w);
    expect("ready to publish to a?b??kkk");
    assert_non_null(strstr(line, "kkk... (2 of 3"));
}

/* A manager that reads nothing for a while gets the newest line then. */
static void test_manager_is_slow(void **state)
{
    unsigned n = 0;

    (void)state;
    world_configure(&w, NULL);
    for (; n < 3000; n++) {
        world_number(&w, n);
        pass(5 * TK_SECOND);
    }
    while (next_line())
        ;
    assert_null(strstr(line, "3000 since the start")); /* the socket was full */
    pass(5 * TK_SECOND);
    expect(" 3000 since the start");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_story, setup, teardown),
        cmocka_unit_test_setup_teardown(test_how_often, setup, teardown),
        cmocka_unit_test_setup_teardown(test_connecting, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reasons, setup, teardown),
        cmocka_unit_test_setup_teardown(test_foreign_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_manager_is_slow, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
