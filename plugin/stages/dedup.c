/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 6: is this a repeat? The key is made of the fields that kafkaDedup names and, whatever it names, of the alarm
 * and its state: two alarms are never repeats of each other. */
#include "stages/bundle.h"
#include "stages/dedup_window.h"
#include "stages/stages_internal.h"

#define HASH_BUFFER 2048

static void add_source(struct tk_hasher *h, const struct tk_event *ev)
{
    const struct tk_trap_head *head = &ev->trap->head;

    tk_hasher_add(h, head->address, head->family == 6 ? 16 : head->family);
    tk_hasher_add(h, ev->agent_bytes, sizeof(ev->agent_bytes)); /* one proxy speaks for many */
}

static struct tk_hash128 make_key(const struct tk_event *ev, unsigned fields, uint64_t seed)
{
    const struct tk_trap *trap = ev->trap;
    uint8_t buf[HASH_BUFFER];
    struct tk_hasher h;

    if (ev->alarm_state != TK_ALARM_NONE) /* in the seed and not as a piece: that would take more time */
        seed ^= ev->alarm_hash.low + (uint64_t)ev->alarm_state;
    tk_hasher_init(&h, buf, sizeof(buf), seed);
    if (fields & TK_BY_ENGINE) {
        if (ev->engine_id)
            tk_hasher_add(&h, ev->engine_id, ev->engine_id_len);
        else
            add_source(&h, ev);
    }
    if (fields & TK_BY_TRAP_OID)
        tk_hasher_add(&h, ev->trap_oid_ber, ev->trap_oid_ber_len);
    if (fields & TK_BY_UPTIME)
        tk_hasher_add(&h, &trap->head.uptime, sizeof(trap->head.uptime));
    if (fields & TK_BY_VARBINDS)
        tk_hasher_add(&h, trap->varbinds, trap->head.varbinds_len);
    if (fields & TK_BY_SOURCE)
        add_source(&h, ev);
    if (fields & TK_BY_REQUEST_ID)
        tk_hasher_add(&h, &trap->head.request_id, sizeof(trap->head.request_id));
    return tk_hasher_end(&h);
}

enum tk_verdict tk_dedup_stage(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    const struct tk_settings *cf = b->settings;
    struct tk_sighting s = {.number = ev->number, .changed = ev->alarm_changed, .now = now, .owner = ev->owner};

    if (cf->dedup_window_s == 0 && st->dedup)
        tk_dedup_clear(st->dedup); /* when it is on again, nothing repeats what came before */
    if (cf->dedup_window_s == 0 || ev->is_sent_again)
        return TK_PASS;
    s.key = ev->dedup_key = make_key(ev, cf->dedup_fields, tk_dedup_seed(st->dedup));
    s.window = cf->dedup_window_s * TK_SECOND;
    if (!tk_dedup_pass(st->dedup, &s)) {
        ev->owner = s.owner;
        return TK_DROP_DUPLICATE;
    }
    ev->repeats = s.repeats;
    return TK_PASS;
}
