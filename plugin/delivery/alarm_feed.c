/* SPDX-License-Identifier: Apache-2.0 */
/* What a record changes in kafkaAlarmTopic, and the message that says so. A raise is published as its event, with the
 * alarm's key; a clear, also one whose raise is not known, as a tombstone. Repeats change nothing: dedup has dropped
 * them. The topic has the state that a reader of the events would have: a change is due once its event was acknowledged,
 * so what Kafka refuses changes no alarm there either. */
#include "delivery/delivery_internal.h"
#include "stages/alarm_states.h"

#define SUFFIX "/alarm"

_Static_assert(1 + TK_RULES_MAX_CLEARS <= TK_DERIVED_PER_RECORD, "a record changes its own alarm and those it clears");

void tk_alarm_feed_note(struct tk_worker *w, uint64_t ticket)
{
    const struct tk_event *ev = &w->renderer.event;
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    struct tk_hash128 keys[1 + TK_RULES_MAX_CLEARS];
    size_t count = 0;

    if (!w->derived.due || !w->bundle->settings->alarm_topic || entry->bundle == w->bundle_number)
        return;
    entry->bundle = w->bundle_number;
    if (ev->alarm_state != TK_ALARM_NONE)
        keys[count++] = tk_alarm_states_hash(w->alarms, ev->alarm_key);
    for (size_t i = 0; i < ev->clear_count; i++)
        keys[count++] = tk_alarm_states_hash(w->alarms, ev->clears[i]);
    tk_derived_set(w->derived.due, TK_DERIVED_ALARM, ticket, keys, count);
}

static const struct tk_bundle *bundle_of(const struct tk_worker *w, const struct tk_entry *entry)
{
    return w->bundle_before && entry->bundle != w->bundle_number ? w->bundle_before : w->bundle;
}

static bool is_same(struct tk_hash128 a, struct tk_hash128 b)
{
    return a.high == b.high && a.low == b.low;
}

/* Of the alarms that the event in the renderer changes, the one with this hash. @returns its key; absent: none */
static struct tk_text find_key(const struct tk_worker *w, struct tk_hash128 hash, bool *ret_is_raise)
{
    const struct tk_event *ev = &w->renderer.event;

    *ret_is_raise = false;
    if (ev->alarm_state != TK_ALARM_NONE && is_same(tk_alarm_states_hash(w->alarms, ev->alarm_key), hash)) {
        *ret_is_raise = ev->alarm_state == TK_ALARM_RAISE;
        return ev->alarm_key;
    }
    for (size_t i = 0; i < ev->clear_count; i++)
        if (is_same(tk_alarm_states_hash(w->alarms, ev->clears[i]), hash))
            return ev->clears[i];
    return (struct tk_text){0};
}

bool tk_alarm_feed_write(struct tk_worker *w, const struct tk_derived_change *change, struct tk_message *msg,
                         enum tk_stat *ret_drop)
{
    const struct tk_entry *entry = tk_window_get(w->window, change->ticket);
    struct tk_renderer *r = &w->renderer;
    struct tk_render_record record;
    struct tk_record rec;
    struct tk_text key;
    bool is_raise;

    *ret_drop = TK_DERIVED_DROPPED_DAMAGED;
    if (tk_ring_read_at(w->config.ring, entry->begin, &rec) < 0)
        return false;
    record = tk_publish_record(&rec, entry, change->ticket, true);
    record.suffix = SUFFIX;
    if (tk_render(r, bundle_of(w, entry), &record) != TK_PASS)
        return false;
    *ret_drop = TK_DERIVED_DROPPED_WITHDRAWN;
    key = find_key(w, change->subject, &is_raise);
    if (!key.text)
        return false;
    *msg = (struct tk_message){
        .topic = TK_TOPIC_ALARMS,
        .key = key.text,
        .key_len = key.len,
        .payload = is_raise ? r->json.buf : NULL,
        .payload_len = is_raise ? r->json.len : 0,
        .wall = rec.received.wall,
        .ce_id = r->event_id,
        .ce_type = "trapkafka.trap",
        .ce_source = r->receiver.source,
        .ce_time = r->received,
    };
    return true;
}
