/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/render.h"

#include "event/encode.h"
#include "snmp/trap.h"

void tk_renderer_init(struct tk_renderer *r, struct tk_dedup *dedup)
{
    *r = (struct tk_renderer){.stages.dedup = dedup};
    tk_arena_init(&r->arena);
    tk_json_init(&r->json);
    tk_receiver_set_host(&r->receiver);
}

void tk_renderer_done(struct tk_renderer *r)
{
    tk_arena_done(&r->arena);
    tk_json_done(&r->json);
}

static enum tk_verdict write_event(struct tk_renderer *r, const struct tk_bundle *b,
                                   const struct tk_render_record *record)
{
    const struct tk_encode_tables tables = {
        .dict = b->dict,
        .topology = &b->join,
        .is_publishing_community = b->settings->is_publishing_community,
    };

    tk_receiver_set_queue(&r->receiver, record->queue);
    tk_event_id(r->event_id, &r->receiver, record->seq);
    tk_clock_rfc3339(r->received, record->received.wall);
    tk_encode_event(&r->json, &tables, &r->receiver, &r->ev, r->event_id, r->received);
    return r->json.is_failed ? TK_DROP_NO_MEMORY : TK_PASS;
}

enum tk_verdict tk_render(struct tk_renderer *r, const struct tk_bundle *b, const struct tk_render_record *record)
{
    enum tk_verdict verdict;

    tk_arena_reset(&r->arena);
    r->trap.head.reply = 0; /* if the record can't be read, there is no INFORM to answer */
    r->ev = (struct tk_event){
        .trap = &r->trap,
        .arena = &r->arena,
        .seq = record->seq,
        .received = record->received,
        .owner = record->owner,
        .is_sent_again = record->is_sent_again,
        .dedup_key = record->dedup_key,
        .repeats = record->repeats,
    };
    if (tk_trap_read(&r->trap, record->body, record->body_len) < 0)
        return TK_DROP_MALFORMED;
    verdict = tk_stages_run(&r->stages, b, &r->ev, record->received.mono);
    return verdict == TK_PASS ? write_event(r, b, record) : verdict;
}
