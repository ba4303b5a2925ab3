/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the worker's CPU microseconds per trap: ring, all stages, JSON; the sink accepts and drops every event.
 *
 *     bench_pipeline [--alarms] [TRAPS [INVENTORY CIRCUITS]]
 *
 * --alarms: with kafkaAlarmTopic, so each trap is two messages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dictionary/dictionary_standard.h"
#include "delivery/worker.h"
#include "rules/rules_load.h"

struct null_sink {
    struct tk_sink sink;
    struct tk_sink_hooks hooks;
    uint64_t tickets[4096];
    unsigned count;
    size_t bytes;
};

static enum tk_publish null_publish(struct tk_sink *sink, const struct tk_message *msg)
{
    struct null_sink *n = (struct null_sink *)sink;

    if (n->count == sizeof(n->tickets) / sizeof(n->tickets[0]))
        return TK_FULL;
    n->bytes += msg->payload_len;
    if (msg->ticket != TK_NO_TICKET)
        n->tickets[n->count++] = msg->ticket;
    return TK_ACCEPTED;
}

static unsigned null_poll(struct tk_sink *sink)
{
    struct null_sink *n = (struct null_sink *)sink;
    unsigned served = n->count;

    for (unsigned i = 0; i < n->count; i++) {
        struct tk_report report = {.ticket = n->tickets[i], .fate = TK_DELIVERED};

        n->hooks.on_report(n->hooks.arg, &report);
    }
    n->count = 0;
    return served;
}

static unsigned null_in_flight(const struct tk_sink *sink)
{
    return ((const struct null_sink *)sink)->count;
}

static struct tk_sink_view null_view(const struct tk_sink *sink)
{
    (void)sink;
    return (struct tk_sink_view){.brokers = "none:9092"};
}

static void null_close(struct tk_sink *sink, tk_nsec deadline)
{
    (void)deadline;
    (void)null_poll(sink);
}

static const struct tk_sink_ops null_ops = {null_publish, null_poll, null_in_flight, null_view, null_close, NULL};
static struct null_sink the_sink;

static struct tk_sink *open_null(void *arg, struct tk_settings *cf, const struct tk_sink_hooks *hooks,
                                 struct tk_err *err)
{
    (void)arg, (void)cf, (void)err;
    the_sink.sink.ops = &null_ops;
    the_sink.hooks = *hooks;
    return &the_sink.sink;
}

static double cpu_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static void add_text(struct tk_trap_writer *w, const uint32_t *oid, size_t len, const char *text)
{
    (void)tk_trap_varbind(w, TK_OCTETS, oid, len, text, strlen(text));
}

static void add_int(struct tk_trap_writer *w, const uint32_t *oid, size_t len, uint8_t type, uint64_t value)
{
    (void)tk_trap_varbind(w, type, oid, len, &value, sizeof(value));
}

/* linkDown with six varbinds; each is of another interface of another device. */
static int push(struct tk_ring *q, unsigned i)
{
    static const uint8_t link_down[] = {0x2b, 6, 1, 6, 3, 1, 1, 5, 3};
    uint8_t engine[] = {0x80, 0, 0, 9, 3, 0, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
    struct tk_trap_head head = {
        .format = TK_TRAP_FORMAT,
        .version = TK_SNMP_V3,
        .pdu = TK_PDU_TRAP,
        .transport = TK_UDP,
        .flags = TK_HAS_UPTIME,
        .security_level = TK_AUTH_PRIV,
        .family = 4,
        .engine_id_len = sizeof(engine),
        .context_engine_id_len = sizeof(engine),
        .address = {10, (uint8_t)(i >> 14 & 63), (uint8_t)(i >> 6), (uint8_t)i},
        .port = 50063,
        .request_id = (int32_t)i,
        .uptime = i,
        .security_name_len = 3,
        .oid_len = sizeof(link_down),
        .varbind_count = 6,
    };
    struct tk_trap_parts parts = {"noc", "", engine, engine, link_down};
    uint32_t index = i % 48 + 1;
    uint32_t if_entry[] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 1, index};
    uint32_t if_x[] = {1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18, index};
    uint32_t seq[] = {1, 3, 6, 1, 4, 1, 8072, 9999, 1, 0};
    struct tk_time now = tk_clock_now();
    struct tk_trap_writer w;
    uint8_t *room = tk_ring_reserve(q, 1024);
    char name[32];

    if (!room)
        return -1;
    (void)tk_trap_begin(&w, room, 1024, &head, &parts);
    add_int(&w, if_entry, 11, TK_INTEGER, index);
    if_entry[9] = 7;
    add_int(&w, if_entry, 11, TK_INTEGER, 1);
    if_entry[9] = 8;
    add_int(&w, if_entry, 11, TK_INTEGER, 2);
    if_entry[9] = 2;
    (void)snprintf(name, sizeof(name), "GigabitEthernet0/%u", index);
    add_text(&w, if_entry, 11, name);
    add_text(&w, if_x, 12, "core uplink to fra3");
    add_int(&w, seq, 10, TK_COUNTER64, i);
    (void)tk_ring_commit(q, tk_trap_end(&w), &now);
    return 0;
}

int main(int argc, char **argv)
{
    bool has_alarms = argc > 1 && strcmp(argv[1], "--alarms") == 0;
    const int first = has_alarms ? 2 : 1;
    unsigned traps = argc > first ? (unsigned)atoi(argv[first]) : 1000000, made = 0;
    struct tk_settings *cf = tk_settings_new();
    struct tk_stats stats = {0};
    struct tk_mailbox mailbox = {0};
    struct tk_worker_config config = {.stats = &stats,
                                      .open_sink = open_null,
                                      .log = tk_log_new(),
                                      .ring = tk_ring_new(16 << 20),
                                      .mailbox = &mailbox};
    struct tk_worker *w = tk_worker_new(&config);
    struct tk_inventory *inv = NULL;
    struct tk_circuits *circuits = NULL;
    struct tk_err_list errs = {0};
    struct tk_err err = {0};
    struct tk_dict *dict;
    struct tk_rules *rules;
    double spent_making = 0, spent_working = 0;

    dict = tk_dict_standard_new(&err);
    if (!dict)
        return 1;
    rules = tk_rules_load(NULL, dict, &err);
    if (argc > first + 2) {
        inv = tk_inventory_load(argv[first + 1], 1, &errs, NULL);
        circuits = tk_circuits_load(argv[first + 2], 1, &errs, NULL);
    }
    if (!rules || !tk_err_list_is_empty(&errs)) {
        fprintf(stderr, "bench_pipeline: %s\n", err.is_set ? err.text : errs.err[0].text);
        return 1;
    }
    (void)tk_settings_set(cf, "kafkaBrokers", "none:1", NULL, &err);
    if (has_alarms)
        (void)tk_settings_set(cf, "kafkaAlarmTopic", "alarms", NULL, &err);
    tk_mailbox_send(&mailbox, tk_bundle_new(cf, dict, tk_table_of_rules(rules), tk_table_of_inventory(inv),
                                            tk_table_of_circuits(circuits)));
    while (made < traps) {
        double t0 = cpu_us(), t1;

        for (int i = 0; i < 4096 && made < traps && push(config.ring, made) == 0; i++)
            made++;
        t1 = cpu_us();
        while (tk_worker_step(w, tk_clock_now()) || tk_ring_has_more(config.ring))
            ;
        spent_working += cpu_us() - t1;
        spent_making += t1 - t0;
    }
    printf("traps %u, bytes of JSON a trap %.0f\n", made, (double)the_sink.bytes / made);
    printf("flat trap into the ring    %6.3f us\n", spent_making / made);
    printf("ring, stages, JSON         %6.3f us\n", spent_working / made);
    printf("published %llu, suppressed %llu, messages about alarms %llu\n",
           (unsigned long long)tk_stats_get(&stats, TK_PUBLISHED),
           (unsigned long long)tk_stats_get(&stats, TK_SUPPRESSED_DUPLICATE),
           (unsigned long long)tk_stats_get(&stats, TK_DERIVED_PUBLISHED));
    return 0;
}
