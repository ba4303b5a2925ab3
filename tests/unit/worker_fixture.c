/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dictionary/dictionary_standard.h"
#include "rules/rules_load.h"
#include "trap_text.h"

/* Made once; they live until the process ends. */
static struct tk_dict *dict;
static struct tk_table *standard_rules;

static void free_shared(void)
{
    tk_table_unref(standard_rules);
    tk_dict_free(dict);
}

const struct tk_dict *world_dict(void)
{
    struct tk_err err = {0};

    if (dict)
        return dict;
    dict = tk_dict_standard_new(&err);
    assert_non_null(dict);
    (void)atexit(free_shared);
    return dict;
}

const struct tk_notify *world_notify;

void world_init(struct world *w, size_t ring_bytes)
{
    world_open(w, tk_ring_new(ring_bytes), NULL);
}

void world_open(struct world *w, struct tk_ring *ring, const char *queue_failure)
{
    struct tk_worker_config config = {.open_sink = fake_kafka_open,
                                      .open_arg = &w->kafka,
                                      .stats = &w->stats,
                                      .notify = world_notify,
                                      .queue_failure = queue_failure};

    memset(w, 0, sizeof(*w));
    w->ring = config.ring = ring;
    w->log = config.log = tk_log_new();
    w->replies = config.replies = tk_inform_results_new();
    w->dict = world_dict();
    fake_kafka_init(&w->kafka);
    w->now = (struct tk_time){.wall = 1763790326123456789, .mono = 1000 * TK_SECOND, .boot = 2000 * TK_SECOND};
    assert_non_null(w->ring);
    assert_non_null(w->log);
    assert_non_null(w->replies);
    tk_mailbox_init(&w->mailbox, NULL, NULL);
    config.mailbox = &w->mailbox;
    w->worker = tk_worker_new(&config);
    assert_non_null(w->worker);
}

void world_done(struct world *w)
{
    if (w->kafka.sink)
        w->kafka.sink->ops->close(w->kafka.sink, 0);
    tk_worker_free(w->worker);
    tk_mailbox_done(&w->mailbox);
    tk_ring_free(w->ring);
    tk_log_free(w->log);
    tk_inform_results_free(w->replies);
    fake_kafka_done(&w->kafka);
}

struct tk_settings *world_settings(const char *const *directives)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_err err = {0};
    char token[64];

    assert_non_null(cf);
    assert_int_equal(tk_settings_set(cf, "kafkaBrokers", "kafka.example.net:9092", NULL, &err), 0);
    for (; directives && *directives; directives++) {
        const char *args = *directives + strcspn(*directives, " ");

        (void)snprintf(token, sizeof(token), "%.*s", (int)(args - *directives), *directives);
        if (tk_settings_set(cf, token, args + strspn(args, " "), NULL, &err) < 0)
            fail_msg("%s: %s", *directives, err.text);
    }
    return cf;
}

static struct tk_table *load_rules(const struct world *w, const char *json)
{
    struct tk_err err = {0};
    struct tk_rules *rules = json ? tk_rules_parse(json, strlen(json), "rules.json", w->dict, &err)
                                  : tk_rules_load(NULL, w->dict, &err);
    struct tk_table *table;

    if (!rules)
        fail_msg("%s", err.text);
    table = tk_table_of_rules(rules);
    assert_non_null(table);
    return table;
}

void world_bundle(struct world *w, struct tk_settings *cf, const char *rules_json)
{
    struct tk_table *table;
    struct tk_bundle *b;

    if (!standard_rules)
        standard_rules = load_rules(w, NULL);
    table = rules_json ? load_rules(w, rules_json) : tk_table_ref(standard_rules);
    b = tk_bundle_new(cf, w->dict, table, NULL, NULL);
    assert_non_null(b);
    tk_table_unref(table);
    tk_settings_unref(cf);
    tk_mailbox_send(&w->mailbox, b);
}

void world_configure(struct world *w, const char *directive)
{
    const char *const directives[] = {directive, NULL};

    world_bundle(w, world_settings(directives), NULL);
}

bool world_bytes(struct world *w, const void *bytes, size_t len)
{
    uint8_t *dst = tk_ring_reserve(w->ring, len);

    if (!dst) {
        tk_ring_count_loss(w->ring, TK_LOSS_QUEUE_FULL);
        return false;
    }
    memcpy(dst, bytes, len);
    (void)tk_ring_commit(w->ring, len, &w->now);
    return true;
}

bool world_trap(struct world *w, const char *line)
{
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    char err[TRAP_TEXT_ERR];
    size_t len = trap_text_write(line, bytes, err);

    if (!len)
        fail_msg("%s: %s", line, err);
    return world_bytes(w, bytes, len);
}

void world_number(struct world *w, unsigned n)
{
    char line[256];

    (void)snprintf(line, sizeof(line),
                   "2c from=192.0.2.%u:162 uptime=%u oid=1.3.6.1.6.3.1.1.5.3 "
                   "1.3.6.1.2.1.2.2.1.1.%u i %u",
                   n % 3 + 1, n, n, n);
    assert_true(world_trap(w, line));
}

uint64_t world_inform(struct world *w, const char *line, uint32_t place)
{
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    char err[TRAP_TEXT_ERR];
    size_t len = trap_text_write(line, bytes, err);
    uint64_t seq = tk_ring_next_seq(w->ring);

    if (!len)
        fail_msg("%s: %s", line, err);
    memcpy(bytes + offsetof(struct tk_trap_head, reply), &place, sizeof(place));
    tk_inform_results_wait(w->replies, place, seq);
    assert_true(world_bytes(w, bytes, len));
    return seq;
}

int world_reply(struct world *w)
{
    struct tk_inform_result reply;

    if (!tk_inform_results_take(w->replies, &reply))
        return 0;
    return reply.is_delivered ? (int)reply.place : -(int)reply.place;
}

bool world_step(struct world *w)
{
    bool did_something = tk_worker_step(w->worker, w->now);
    struct tk_books books = tk_worker_books(w->worker);

    assert_true(tk_books_balance(&books));
    return did_something;
}

void world_run(struct world *w)
{
    unsigned n = 0;

    while (world_step(w) || world_step(w))
        assert_true(n++ < 100000);
}

void world_pass(struct world *w, tk_nsec t)
{
    w->now.wall += t;
    w->now.mono += t;
    w->now.boot += t;
}

uint64_t world_stat(struct world *w, enum tk_stat stat)
{
    return tk_worker_books(w->worker).value[stat];
}

const char *world_log(struct world *w)
{
    int priority;

    return tk_log_take(w->log, &priority, w->text) ? w->text : NULL;
}

bool world_has_logged(struct world *w, const char *part)
{
    const char *line;

    while ((line = world_log(w)))
        if (strstr(line, part))
            return true;
    return false;
}

const char *world_id(const struct world *w, size_t n)
{
    const struct fake_message *m = fake_kafka_event(&w->kafka, n);

    assert_non_null(m);
    return m->event_id;
}

unsigned world_seq(const struct world *w, size_t n)
{
    unsigned queue, number;

    assert_int_equal(sscanf(world_id(w, n), "%x-%u", &queue, &number), 2);
    return number;
}

json_t *world_json(const struct fake_message *m)
{
    json_error_t error;
    json_t *json;

    assert_non_null(m);
    json = json_loads(m->payload, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s: %s", error.text, m->payload);
    return json;
}

json_t *world_event(struct world *w, size_t n)
{
    return world_json(fake_kafka_event(&w->kafka, n));
}
