/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/render.h"

#include <string.h>

#include "base/devel.h"
#include "event/encode.h"
#include "snmp/trap.h"

void tk_renderer_init(struct tk_renderer *r, const struct tk_stage_state *stages)
{
    *r = (struct tk_renderer){.stages = stages ? *stages : (struct tk_stage_state){0}};
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
                                   const struct tk_render_record *record, const struct tk_event *ev)
{
    const struct tk_encode_tables tables = {
        .dict = b->dict,
        .topology = &b->join,
        .is_publishing_community = b->settings->is_publishing_community,
    };

    tk_receiver_set_queue(&r->receiver, record->queue);
    tk_event_id(r->event_id, &r->receiver, record->seq);
    if (record->suffix) {
        TK_ASSERT(strlen(record->suffix) < TK_SUFFIX_BYTES);
        (void)strncat(r->event_id, record->suffix, TK_SUFFIX_BYTES - 1);
    }
    tk_clock_rfc3339(r->received, record->received.wall);
    tk_encode_event(&r->json, &r->receiver, ev, r->event_id, r->received, &tables);
    return r->json.is_failed ? TK_DROP_NO_MEMORY : TK_PASS;
}

static void note_findings(struct tk_findings *found, const struct tk_bundle *b, const struct tk_event *ev)
{
    *found = (struct tk_findings){
        .owner = ev->owner,
        .dedup_key = ev->dedup_key,
        .repeats = ev->repeats,
        .alarm = ev->alarm,
        .alarm_entry = ev->alarm_entry,
        .has_ended_more = ev->has_ended_more,
        .reply = ev->trap->head.reply,
        .topic = ev->topic,
        .rule = ev->severity_rule,
        .device = ev->device,
        .is_unresolved = !ev->trap_name.text,
        .has_no_rule = ev->severity == TK_SEV_UNSET,
        .regex_given_up = ev->regex_given_up,
        .regex_rule = ev->regex_rule,
        .has_no_device = b->inventory && ev->inventory_row == TK_ROW_NONE,
        .is_incomplete = ev->missing_count > 0,
    };
}

enum tk_verdict tk_render(struct tk_renderer *r, const struct tk_bundle *b, const struct tk_render_record *record)
{
    struct tk_event *ev = &r->event;
    struct tk_trap trap;
    enum tk_verdict verdict = TK_DROP_MALFORMED;

    *ev = (struct tk_event){
        .trap = &trap,
        .arena = &r->arena,
        .seq = record->seq,
        .received = record->received,
        .owner = record->owner,
        .is_sent_again = record->is_sent_again,
        .dedup_key = record->dedup_key,
        .repeats = record->repeats,
        .alarm = record->alarm,
    };
    tk_arena_reset(&r->arena);
    trap.head.reply = 0; /* no INFORM waits for what can't be read */
    if (tk_trap_read(&trap, record->body, record->body_len) == 0)
        verdict = tk_stages_run(&r->stages, b, ev, record->received.mono);
    note_findings(&r->found, b, ev);
    if (verdict == TK_PASS)
        verdict = write_event(r, b, record, ev);
    ev->trap = NULL; /* it ends with this function */
    return verdict;
}
