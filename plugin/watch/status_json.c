/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/status_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define ROWS 20 /* of a list */

static void set(json_t *object, const char *name, json_t *value)
{
    (void)json_object_set_new(object, name, value ? value : json_null());
}

/* Text that need not be UTF-8; NULL is null. */
static json_t *text_of(const char *text)
{
    char escaped[1024];

    if (!text || tk_utf8_is_valid((const uint8_t *)text, strlen(text)))
        return text ? json_string(text) : NULL;
    return json_string(tk_escape_ascii(escaped, sizeof(escaped), text, strlen(text)));
}

static json_t *time_of(tk_nsec wall)
{
    char text[TK_RFC3339_BYTES];

    if (wall <= 0)
        return NULL;
    tk_clock_rfc3339(text, wall);
    return json_string(text);
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)(n <= INT64_MAX ? n : INT64_MAX));
}

/* By the writer of health records, so the names are those of base/stats.def. */
static json_t *books_of(const struct tk_figures *f)
{
    json_t *books = NULL;
    struct tk_json j;

    if (!f)
        return NULL;
    tk_json_init(&j);
    tk_json_object_begin(&j);
    tk_books_json(&f->books, &j);
    tk_json_object_end(&j);
    if (!j.is_failed)
        books = json_loadb(j.buf, j.len, 0, NULL);
    tk_json_done(&j);
    return books;
}

static json_t *rates_of(const struct tk_status *st)
{
    json_t *rates = st->before ? json_object() : NULL;
    double rate;

    for (int i = 0; rates && i < TK_STAT_COUNT; i++)
        if (tk_figures_is_first((enum tk_stat)i) && tk_status_rate(st, (enum tk_stat)i, &rate))
            set(rates, tk_stat_table[i].family, json_real(rate));
    return rates;
}

static json_t *findings_of(const struct tk_status *st)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < st->finding_count; i++) {
        json_t *one = json_object();

        set(one, "is_wrong", json_boolean(st->findings[i].is_wrong));
        set(one, "text", text_of(st->findings[i].text));
        (void)json_array_append_new(list, one);
    }
    return list;
}

static json_t *sources_of(const struct tk_status *st)
{
    static const char *const names[TK_STATUS_SOURCES] = {
        [TK_SOURCE_STATS] = "statistics",
        [TK_SOURCE_QUEUE] = "queue",
        [TK_SOURCE_HEALTH] = "health",
    };
    const tk_nsec at[TK_STATUS_SOURCES] = {
        [TK_SOURCE_STATS] = st->stats.at,
        [TK_SOURCE_QUEUE] = st->origin[TK_SOURCE_QUEUE].is_read ? st->now : 0,
        [TK_SOURCE_HEALTH] = st->receiver ? st->receiver->last.figures.at : 0,
    };
    json_t *all = json_object();

    for (int i = 0; i < TK_STATUS_SOURCES; i++) {
        json_t *one = json_object();

        set(one, "name", text_of(st->origin[i].name));
        set(one, "is_read", json_boolean(st->origin[i].is_read));
        set(one, "time", time_of(at[i]));
        set(all, names[i], one);
    }
    return all;
}

static json_t *kafka_of(const struct tk_status *st)
{
    json_t *kafka = json_object();

    set(kafka, "is_acknowledging", st->figures || st->receiver ? json_boolean(st->is_acknowledging) : NULL);
    set(kafka, "last_acknowledged", time_of(st->acknowledged));
    set(kafka, "acknowledging_since", time_of(st->acknowledging.at));
    return kafka;
}

static json_t *top_of(const struct tk_top_counts *c, const char *name, const char *detail)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < c->used && i < ROWS; i++) {
        json_t *one = json_object();

        set(one, name, text_of(c->item[i].name));
        if (detail)
            set(one, detail, text_of(c->item[i].detail));
        set(one, "count", number(c->item[i].count));
        (void)json_array_append_new(list, one);
    }
    return list;
}

static json_t *queue_of(const struct tk_status *st)
{
    const struct tk_peek_facts *q = &st->queue.facts;
    json_t *queue = st->origin[TK_SOURCE_QUEUE].is_read ? json_object() : NULL;

    if (!queue)
        return NULL;
    set(queue, "is_in_use", json_boolean(q->is_in_use));
    set(queue, "capacity_bytes", number(q->capacity));
    set(queue, "used_bytes", number(q->head - q->tail));
    set(queue, "pending", number(q->head_seq - q->tail_seq));
    set(queue, "oldest_received", time_of(st->queue.oldest));
    set(queue, "senders", top_of(&st->queue.senders, "address", NULL));
    return queue;
}

static json_t *changes_of(const struct tk_health_receiver *r)
{
    json_t *list = json_array();

    for (unsigned i = 0; r && i < r->change_count; i++) {
        json_t *one = json_object();

        set(one, "time", time_of(r->changes[i].at));
        set(one, "cause", text_of(r->changes[i].cause));
        set(one, "detail", text_of(r->changes[i].detail));
        (void)json_array_append_new(list, one);
    }
    return list;
}

static json_t *rules_of(const struct tk_figures *f)
{
    json_t *list = json_array();

    for (unsigned i = 0; f && i < f->rule_count; i++) {
        json_t *one = json_object();

        set(one, "rule", text_of(f->rules[i].name));
        set(one, "count", number(f->rules[i].count));
        (void)json_array_append_new(list, one);
    }
    return list;
}

char *tk_status_json(const struct tk_status *st)
{
    json_t *root = json_object();
    char *text;

    set(root, "time", time_of(st->now));
    set(root, "receiver", st->receiver ? text_of(st->receiver->host) : NULL);
    set(root, "is_fine", json_boolean(!st->wrong_count));
    set(root, "findings", findings_of(st));
    set(root, "sources", sources_of(st));
    set(root, "kafka", kafka_of(st));
    set(root, "queue", queue_of(st));
    set(root, "books", books_of(st->figures));
    set(root, "rates", rates_of(st));
    set(root, "suppressed_by_rule", rules_of(st->figures));
    set(root, "changes", changes_of(st->receiver));
    set(root, "refusals", st->receiver ? top_of(&st->receiver->refusals, "reason", "address") : json_array());
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}
