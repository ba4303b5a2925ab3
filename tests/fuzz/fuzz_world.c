/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <jansson.h>
#include <string.h>
#include <sanitizer/asan_interface.h>

#include "dictionary/dictionary_standard.h"
#include "sink/kafka.h"
#include "snmp/trap.h"
#include "rules/rules_load.h"

#define RING_BYTES ((size_t)1 << 20)
#define BEHIND     256 /* bytes after a record that must not be read */

/* The targets have no Kafka. */
const char *tk_kafka_library_version(void)
{
    return "none";
}

/* --- checks of events ------------------------------------------------------------------------------------------ */

static void check_members(const json_t *object, const char *const *names)
{
    FUZZ_CHECK(json_is_object(object));
    for (; *names; names++) {
        if (!json_object_get(object, *names))
            (void)fprintf(stderr, "member %s is missing\n", *names);
        FUZZ_CHECK(json_object_get(object, *names));
    }
}

static void check_varbind(const json_t *vb)
{
    static const char *const members[] = {"oid", "name", "mib", "index", "type", "value", "text", NULL};
    const json_t *value = json_object_get(vb, "value"), *index = json_object_get(vb, "index");

    check_members(vb, members);
    FUZZ_CHECK(json_is_string(json_object_get(vb, "text")) && json_is_string(json_object_get(vb, "type")));
    FUZZ_CHECK(!json_object_get(vb, "number") || json_is_number(json_object_get(vb, "number")));
    FUZZ_CHECK(json_is_string(value) || json_is_null(value));
    FUZZ_CHECK(json_is_array(index));
    for (size_t i = 0; i < json_array_size(index); i++)
        FUZZ_CHECK(json_is_string(json_array_get(index, i)));
}

static void check_trap(const json_t *event)
{
    static const char *const members[] = {
        "schema", "type",  "event_id", "fingerprint", "received",      "receiver",
        "source", "snmp",  "trap",     "severity",    "itil_priority", "severity_rule",
        "alarm",  "dedup", "topology", "varbinds",    "summary",       NULL,
    };
    static const char *const source[] = {"device",        "address",      "port", "transport",
                                         "agent_address", "address_from", NULL};
    static const char *const snmp[] = {
        "version",           "pdu",          "security_name", "security_level", "engine_id",
        "context_engine_id", "context_name", "request_id",    "uptime",         NULL,
    };
    static const char *const trap[] = {"oid", "name", "mib", NULL};
    const json_t *varbinds = json_object_get(event, "varbinds");

    check_members(event, members);
    check_members(json_object_get(event, "source"), source);
    check_members(json_object_get(event, "snmp"), snmp);
    check_members(json_object_get(event, "trap"), trap);
    FUZZ_CHECK(json_string_length(json_object_get(json_object_get(event, "source"), "device")) > 0);
    FUZZ_CHECK(json_is_array(varbinds));
    for (size_t i = 0; i < json_array_size(varbinds); i++)
        check_varbind(json_array_get(varbinds, i));
}

static void check_health(const json_t *record)
{
    static const char *const members[] = {"schema", "type",           "event_id",    "time",  "receiver",
                                          "cause",  "uptime_seconds", "is_balanced", "books", NULL};

    check_members(record, members);
    FUZZ_CHECK(json_is_true(json_object_get(record, "is_balanced")));
}

static void check_rejected(const json_t *record)
{
    static const char *const members[] = {
        "schema", "type",      "event_id", "time", "receiver", "reason", "count", "first",
        "last",   "is_merged", "source",   "snmp", "detail",   "remedy", NULL,
    };
    static const char *const source[] = {"address", "port", "transport", NULL};
    static const char *const snmp[] = {"version", "security_name", "security_level", "engine_id", "engine", NULL};
    static const char *const engine[] = {"enterprise", "vendor", "format", "text", NULL};
    const json_t *of_engine = json_object_get(json_object_get(record, "snmp"), "engine");

    check_members(record, members);
    check_members(json_object_get(record, "source"), source);
    check_members(json_object_get(record, "snmp"), snmp);
    if (!json_is_null(of_engine))
        check_members(of_engine, engine);
    FUZZ_CHECK(json_integer_value(json_object_get(record, "count")) > 0);
    FUZZ_CHECK(json_string_length(json_object_get(record, "detail")) > 0);
    FUZZ_CHECK(json_string_length(json_object_get(record, "remedy")) > 0);
}

struct null_sink {
    struct tk_sink base;
    struct tk_sink_hooks hooks;
    struct fuzz_world *world;
};

static enum tk_publish publish(struct tk_sink *sink, const struct tk_message *msg)
{
    struct fuzz_world *w = ((struct null_sink *)sink)->world;
    json_error_t error;
    json_t *json = json_loadb(msg->payload, msg->payload_len, JSON_REJECT_DUPLICATES, &error);

    if (!json)
        (void)fprintf(stderr, "not JSON: %s, at byte %d of:\n%.*s\n", error.text, error.position, (int)msg->payload_len,
                      msg->payload);
    FUZZ_CHECK(json);
    if (msg->topic == TK_TOPIC_EVENTS) {
        FUZZ_CHECK(msg->key && msg->key_len);
        check_trap(json);
    } else if (strcmp(msg->ce_type, "trapkafka.rejected") == 0) {
        check_rejected(json);
    } else {
        check_health(json);
    }
    json_decref(json);
    if (msg->ticket == TK_NO_TICKET)
        return TK_ACCEPTED;
    FUZZ_CHECK(w->in_flight < FUZZ_MAX_IN_FLIGHT);
    w->tickets[w->in_flight++] = msg->ticket;
    w->events++;
    return TK_ACCEPTED;
}

static unsigned poll_sink(struct tk_sink *sink)
{
    struct null_sink *s = (struct null_sink *)sink;
    unsigned n = s->world->in_flight;

    while (s->world->in_flight) {
        struct tk_report report = {.ticket = s->world->tickets[--s->world->in_flight], .fate = TK_DELIVERED};

        s->hooks.on_report(s->hooks.arg, &report);
    }
    return n;
}

static unsigned in_flight(const struct tk_sink *sink)
{
    return ((const struct null_sink *)sink)->world->in_flight;
}

static struct tk_sink_view view(const struct tk_sink *sink)
{
    (void)sink;
    return (struct tk_sink_view){.brokers = "kafka.example.net:9092"};
}

static void close_sink(struct tk_sink *sink, tk_nsec deadline)
{
    (void)deadline;
    (void)poll_sink(sink);
    free(sink);
}

static struct tk_sink *open_sink(void *arg, struct tk_settings *cf, const struct tk_sink_hooks *hooks,
                                 struct tk_err *err)
{
    static const struct tk_sink_ops ops = {publish, poll_sink, in_flight, view, close_sink, NULL, NULL, NULL};
    struct null_sink *s = calloc(1, sizeof(*s));

    (void)cf, (void)err;
    FUZZ_CHECK(s);
    s->base.ops = &ops;
    s->hooks = *hooks;
    s->world = arg;
    return &s->base;
}

/* --- the world ------------------------------------------------------------------------------------------------- */

const struct tk_dict *fuzz_dict(void)
{
    static struct tk_dict *dict;

    if (dict)
        return dict;
    dict = tk_dict_standard_new(NULL);
    FUZZ_CHECK(dict);
    return dict;
}

static struct tk_settings *settings(const char *const *directives)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_err err = {0};
    char token[64];

    FUZZ_CHECK(cf && tk_settings_set(cf, "kafkaBrokers", "kafka.example.net:9092", NULL, &err) == 0);
    for (; directives && *directives; directives++) {
        size_t len = strcspn(*directives, " ");

        (void)snprintf(token, sizeof(token), "%.*s", (int)len, *directives);
        FUZZ_CHECK(tk_settings_set(cf, token, *directives + len, NULL, &err) == 0);
    }
    return cf;
}

static void send_bundle(struct fuzz_world *w, struct tk_settings *cf, struct tk_table *rules,
                        struct tk_table *inventory, struct tk_table *circuits)
{
    struct tk_bundle *b = tk_bundle_new(cf, fuzz_dict(), rules, inventory, circuits);

    FUZZ_CHECK(b);
    tk_settings_unref(cf);
    tk_table_unref(rules);
    tk_table_unref(inventory);
    tk_table_unref(circuits);
    tk_mailbox_send(&w->mailbox, b);
}

void fuzz_world_init(struct fuzz_world *w, const char *const *directives, const char *inventory, const char *circuits)
{
    struct tk_worker_config config = {.open_sink = open_sink, .open_arg = w, .stats = &w->stats};
    struct tk_table *tables[3] = {NULL, NULL, NULL};
    struct tk_err_list errs = {0};
    struct tk_err err = {0};

    memset(w, 0, sizeof(*w));
    w->ring = config.ring = tk_ring_new(RING_BYTES);
    w->log = config.log = tk_log_new();
    FUZZ_CHECK(w->ring && w->log);
    tk_mailbox_init(&w->mailbox, NULL, NULL);
    config.mailbox = &w->mailbox;
    w->worker = tk_worker_new(&config);
    FUZZ_CHECK(w->worker);
    w->now = (struct tk_time){.wall = 1763790326123456789, .mono = 1000 * TK_SECOND, .boot = 2000 * TK_SECOND};
    tables[0] = tk_table_of_rules(tk_rules_load(NULL, fuzz_dict(), &err));
    if (inventory)
        tables[1] = tk_table_of_inventory(tk_inventory_load(fuzz_file(inventory, strlen(inventory)), 1, &errs, NULL));
    if (circuits)
        tables[2] = tk_table_of_circuits(tk_circuits_load(fuzz_file(circuits, strlen(circuits)), 1, &errs, NULL));
    (void)tk_err_list_take(&errs, &err);
    if (!tk_err_list_is_empty(&errs))
        (void)fprintf(stderr, "%s\n", errs.err[0].text);
    FUZZ_CHECK(tk_err_list_is_empty(&errs));
    send_bundle(w, settings(directives), tables[0], tables[1], tables[2]);
}

void fuzz_world_rules(struct fuzz_world *w, struct tk_rules *rules)
{
    struct tk_table *table = tk_table_of_rules(rules);

    FUZZ_CHECK(table);
    send_bundle(w, settings(NULL), table, NULL, NULL);
}

void fuzz_world_run(struct fuzz_world *w)
{
    char line[TK_LOG_LINE_BYTES];
    struct tk_books books;
    unsigned steps = 0;
    int priority;

    w->events = 0;
    while (tk_worker_step(w->worker, w->now) || tk_worker_step(w->worker, w->now))
        FUZZ_CHECK(steps++ < 10000);
    books = tk_worker_books(w->worker);
    FUZZ_CHECK(tk_books_balance(&books));
    FUZZ_CHECK(books.value[TK_PENDING] == 0 && tk_ring_used(w->ring) == 0);
    while (tk_log_take(w->log, &priority, line))
        FUZZ_CHECK(memchr(line, '\0', sizeof(line)));
    w->now.wall += 3600 * TK_SECOND; /* longer than any dedup window, so that one input does not affect the next */
    w->now.mono += 3600 * TK_SECOND;
    w->now.boot += 3600 * TK_SECOND;
}

void fuzz_world_body(struct fuzz_world *w, const uint8_t *body, size_t len)
{
    uint8_t *dst = tk_ring_reserve(w->ring, len + BEHIND);

    FUZZ_CHECK(dst);
    if (len)
        memcpy(dst, body, len);
    (void)tk_ring_commit(w->ring, len, &w->now);
    ASAN_POISON_MEMORY_REGION(dst + len, BEHIND);
    fuzz_world_run(w);
    ASAN_UNPOISON_MEMORY_REGION(dst + len, BEHIND);
}

/* --- a trap ---------------------------------------------------------------------------------------------------- */

static void add(struct tk_trap_writer *tw, uint8_t type, const char *oid, const void *value, size_t len)
{
    uint32_t subid[TK_OID_MAX_SUBIDS];
    size_t subids = 0;
    char *end;

    for (; *oid; oid = *end ? end + 1 : end)
        subid[subids++] = (uint32_t)strtoul(oid, &end, 10);
    FUZZ_CHECK(tk_trap_varbind(tw, type, subid, subids, value, len) == 0);
}

size_t fuzz_rich_trap(uint8_t *dst, size_t dst_bytes)
{
    static const uint8_t link_down[] = {0x2b, 6, 1, 6, 3, 1, 1, 5, 3}, address[] = {192, 0, 2, 7};
    struct tk_trap_head head = {
        .format = TK_TRAP_FORMAT,
        .version = TK_SNMP_V2C,
        .pdu = TK_PDU_TRAP,
        .transport = TK_UDP,
        .family = 4,
        .security_level = TK_NO_AUTH_NO_PRIV,
        .flags = TK_HAS_UPTIME,
        .address = {192, 0, 2, 7},
        .port = 162,
        .uptime = 570,
        .request_id = 7,
        .security_name_len = 6,
        .oid_len = sizeof(link_down),
        .varbind_count = 12,
    };
    struct tk_trap_parts parts = {.security_name = "public", .oid = link_down};
    const uint64_t seven = 7, minus = (uint64_t)-7;
    const float f = 1.5F;
    const double d = -2.25;
    struct tk_trap_writer tw;

    FUZZ_CHECK(tk_trap_begin(&tw, dst, dst_bytes, &head, &parts) == 0);
    add(&tw, TK_INTEGER, "1.3.6.1.2.1.2.2.1.1.7", &seven, 8);
    add(&tw, TK_INTEGER, "1.3.6.1.2.1.2.2.1.8.7", &seven, 8);
    add(&tw, TK_INTEGER, "1.3.6.1.4.1.99999.1.1", &minus, 8);
    add(&tw, TK_OCTETS, "1.3.6.1.2.1.31.1.1.1.1.7", "xe-0/0/1", 8);
    add(&tw, TK_OCTETS, "1.3.6.1.2.1.2.2.1.6.7", "\0\x1b\x21\xa0\xff\x02", 6);
    add(&tw, TK_IPADDRESS, "1.3.6.1.6.3.18.1.3.0", address, 4);
    add(&tw, TK_OID, "1.3.6.1.4.1.99999.1.2", link_down, sizeof(link_down));
    add(&tw, TK_COUNTER64, "1.3.6.1.2.1.31.1.1.1.6.7", &minus, 8);
    add(&tw, TK_FLOAT, "1.3.6.1.4.1.99999.1.3", &f, sizeof(f));
    add(&tw, TK_DOUBLE, "1.3.6.1.4.1.99999.1.4", &d, sizeof(d));
    add(&tw, TK_TIMETICKS, "1.3.6.1.2.1.2.2.1.9.7", &seven, 8);
    add(&tw, TK_NULL, "1.3.6.1.4.1.99999.1.5", NULL, 0);
    return tk_trap_end(&tw);
}
