/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the CPU microseconds of the worker's thread per publish, with and without headers, against the
 * embedded broker. Usage: bench_sink [MESSAGES [BYTES]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sink/embedded_broker.h"
#include "sink/kafka.h"

static unsigned delivered, other;

static void on_report(void *arg, const struct tk_report *report)
{
    (void)arg;
    *(report->fate == TK_DELIVERED ? &delivered : &other) += 1;
}

static void on_log(void *arg, int priority, const char *text)
{
    (void)arg;
    (void)fprintf(stderr, "<%d> %s\n", priority, text);
}

static double thread_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void run(const char *brokers, unsigned messages, size_t bytes, bool has_headers)
{
    struct tk_settings cf = {.refs = 1000,
                             .brokers = strdup("embedded"),
                             .topic = strdup("bench"),
                             .is_creating_topics = true,
                             .has_headers = has_headers};
    struct tk_sink_hooks hooks = {.on_report = on_report, .on_log = on_log, .eventfd = -1};
    struct tk_err err = {0};
    struct tk_sink *sink = tk_kafka_new(&cf, brokers, &hooks, &err);
    char *payload = malloc(bytes), key[32];
    double publish = 0, poll = 0, before;
    unsigned sent = 0, full = 0;
    tk_nsec start;

    if (!sink) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    memset(payload, 'x', bytes);
    delivered = other = 0;
    start = tk_clock_mono();
    while (delivered + other < messages) {
        enum tk_publish res = TK_ACCEPTED;

        before = thread_us();
        for (unsigned i = 0; i < 100 && sent < messages && res == TK_ACCEPTED; i++) {
            struct tk_message msg = {
                .topic = TK_TOPIC_EVENTS,
                .key = key,
                .payload = payload,
                .payload_len = bytes,
                .ticket = sent,
                .wall = start,
                .ce_id = "7c9e6679-184467",
                .ce_type = "io.trapkafka.trap.v1",
                .ce_source = "//noc-trap-1/snmptrapd",
                .ce_time = "2026-11-22T05:45:26.123456Z",
            };

            msg.key_len = (size_t)snprintf(key, sizeof(key), "192.0.2.%u", sent % 250);
            res = sink->ops->publish(sink, &msg);
            if (res == TK_ACCEPTED)
                sent++;
        }
        publish += thread_us() - before;
        before = thread_us();
        (void)sink->ops->poll(sink);
        poll += thread_us() - before;
        if (res == TK_FULL || sent == messages) {
            full += res == TK_FULL;
            (void)usleep(1000);
        }
    }
    (void)printf("{\"headers\":%s,\"messages\":%u,\"bytes\":%zu,\"publish_us\":%.2f,\"poll_us\":%.2f,\"full\":%u,"
                 "\"delivered\":%u,\"seconds\":%.2f}\n",
                 has_headers ? "true" : "false", messages, bytes, publish / messages, poll / messages, full, delivered,
                 (double)(tk_clock_mono() - start) / 1e9);
    sink->ops->close(sink, tk_clock_mono() + TK_SECOND);
    free(payload);
    free(cf.brokers);
    free(cf.topic);
}

int main(int argc, char **argv)
{
    unsigned messages = argc > 1 ? (unsigned)atoi(argv[1]) : 200000;
    size_t bytes = argc > 2 ? (size_t)atoi(argv[2]) : 1200;
    struct tk_err err = {0};
    struct tk_embedded_broker *broker = tk_embedded_broker_new(&err);

    if (!broker) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    for (int i = 0; i < 2; i++) {
        run(tk_embedded_broker_address(broker), messages, bytes, false);
        run(tk_embedded_broker_address(broker), messages, bytes, true);
    }
    tk_embedded_broker_free(broker);
    return 0;
}
