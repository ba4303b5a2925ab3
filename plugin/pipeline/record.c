/* SPDX-License-Identifier: Apache-2.0 */
/* A record's way: out of the ring, through the stages, to the sink. */
#include <string.h>

#include "pipeline/worker_internal.h"

#define READ_BATCH 256 /* records between two looks at reports and commands */

/* It ends before the sink. */
static void drop(struct tk_worker *w, uint64_t ticket, enum tk_verdict verdict, uint64_t owner, bool is_sent_again)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);

    if (verdict == TK_DROP_DUPLICATE) {
        tk_stats_add(w->config.stats, TK_SUPPRESSED_DUPLICATE, 1);
        tk_worker_follow(w, entry, owner);
    } else {
        tk_stats_add(w->config.stats,
                     verdict == TK_DROP_MALFORMED ? TK_DROPPED_MALFORMED : TK_DROPPED_DAMAGED, 1);
        tk_dedup_undo(w->stages.dedup, entry->dedup_key);
        tk_worker_tell(w, entry, false);
    }
    if (is_sent_again)
        tk_window_finish(w->window, ticket);
    else
        tk_window_drop(w->window, ticket);
}

static void count_event(struct tk_worker *w, const struct tk_event *ev)
{
    struct tk_stats *stats = w->config.stats;

    if (!ev->trap_object)
        tk_stats_add(stats, TK_UNRESOLVED, 1);
    if (ev->severity == TK_SEV_UNSET)
        tk_stats_add(stats, TK_NO_RULE, 1);
    if (ev->bundle->inventory && ev->inventory_row == TK_ROW_NONE)
        tk_stats_add(stats, TK_NO_DEVICE, 1);
}

/* Read the trap and run the stages; a first time, the entry learns what the next times need. */
static enum tk_verdict run_stages(struct tk_worker *w, const struct tk_record *rec, struct tk_entry *entry,
                                  struct tk_trap *trap, struct tk_event *ev)
{
    enum tk_verdict verdict = TK_DROP_MALFORMED;

    trap->head.reply = 0;
    if (tk_trap_read(trap, rec->body, rec->body_len) == 0)
        verdict = tk_stages_run(&w->stages, ev, rec->received.mono);
    if (ev->is_sent_again)
        return verdict;
    entry->repeats = ev->repeats;
    entry->dedup_key = ev->dedup_key;
    entry->seq = rec->seq;
    if (trap->head.reply && rec->seq >= tk_ring_first_seq(w->config.ring)) /* nobody waits since an earlier life */
        entry->reply = trap->head.reply;
    return verdict;
}

bool tk_worker_encode(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_sent_again)
{
    struct tk_entry *entry = tk_window_get(w->window, ticket);
    struct tk_trap trap;
    struct tk_event ev = {
        .trap = &trap, .bundle = w->bundle, .arena = &w->arena, .seq = rec->seq, .received = rec->received,
        .is_sent_again = is_sent_again, .repeats = entry->repeats, .dedup_key = entry->dedup_key, .owner = ticket,
    };
    enum tk_verdict verdict;
    size_t key_len;

    tk_arena_reset(&w->arena);
    verdict = run_stages(w, rec, entry, &trap, &ev);
    if (verdict == TK_PASS) {
        tk_receiver_set_queue(&w->receiver, rec->queue);
        tk_event_id(w->event_id, &w->receiver, rec->seq);
        tk_clock_rfc3339(w->received, rec->received.wall);
        tk_encode_event(&w->json, &w->receiver, &ev, w->event_id, w->received);
        if (w->json.is_failed)
            verdict = TK_DROP_NO_MEMORY;
    }
    if (verdict != TK_PASS) {
        drop(w, ticket, verdict, ev.owner, is_sent_again);
        return false;
    }
    if (!is_sent_again)
        count_event(w, &ev);
    key_len = ev.device.len < sizeof(w->key) ? ev.device.len : sizeof(w->key);
    memcpy(w->key, ev.device.text, key_len);
    w->message = (struct tk_message){
        .topic = TK_TOPIC_EVENTS, .key = w->key, .key_len = key_len, .payload = w->json.buf,
        .payload_len = w->json.len, .ticket = ticket, .wall = rec->received.wall, .ce_id = w->event_id,
        .ce_type = "trapkafka.trap", .ce_source = w->ce_source, .ce_time = w->received,
    };
    return true;
}

bool tk_worker_publish(struct tk_worker *w, uint64_t ticket)
{
    w->is_held = false;
    if (tk_worker_is_too_large(w)) {
        tk_worker_condemn(w, ticket, TK_DROPPED_UNDELIVERABLE, "it is as large as others that the topic refused for their "
                          "size; raise the topic's max.message.bytes");
        return true;
    }
    if (tk_worker_is_suspect(w) && !tk_window_get(w->window, ticket)->is_alone) {
        tk_window_get(w->window, ticket)->is_alone = true; /* its state is AGAIN */
        tk_worker_return_alone(w);
        return true;
    }
    switch (w->sink->ops->publish(w->sink, &w->message)) {
    case TK_ACCEPTED:
        tk_window_get(w->window, ticket)->state = TK_ENTRY_IN_FLIGHT;
        return true;
    case TK_FULL:
        w->is_held = true;
        w->held_ticket = ticket;
        return false;
    case TK_TOO_LARGE:
        tk_worker_condemn(w, ticket, TK_DROPPED_TOO_LARGE,
                          "it is larger than message.max.bytes; raise it by kafkaProperty, and the topic's limit");
        return true;
    case TK_REFUSED:
        tk_worker_condemn(w, ticket, TK_DROPPED_UNDELIVERABLE, "librdkafka says that the message is invalid");
        return true;
    }
    return true;
}

void tk_worker_process(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_sent_again)
{
    if (tk_worker_encode(w, rec, ticket, is_sent_again))
        (void)tk_worker_publish(w, ticket);
}

static void pass_damaged(struct tk_worker *w, const struct tk_record *rec)
{
    tk_stats_add(w->config.stats, TK_DROPPED_DAMAGED, rec->lost);
    if (w->config.replies)
        tk_replies_tell_damaged(w->config.replies, rec->seq, rec->seq + rec->lost);
    tk_window_add_finished(w->window, rec->position, rec->end);
    tk_worker_note_damage(w, rec->position, rec->lost);
}

unsigned tk_worker_read(struct tk_worker *w)
{
    unsigned n = 0;

    while (n < READ_BATCH && !w->is_held && !w->is_resending && !tk_window_is_full(w->window)) {
        struct tk_record rec;
        int ret = tk_ring_read(w->config.ring, &rec);

        if (ret == 0)
            break;
        n++;
        if (ret < 0)
            pass_damaged(w, &rec);
        else
            tk_worker_process(w, &rec, tk_window_add(w->window, rec.position, rec.end), false);
    }
    return n;
}
