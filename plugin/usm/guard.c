/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/guard.h"

#include <string.h>

#include "base/devel.h"
#include "base/hash.h"

static uint64_t still_key(const struct tk_guard *g, const struct tk_guarded *m)
{
    return tk_hash64(m->engine, m->engine_len, g->seed + m->user_id);
}

bool tk_guard_init(struct tk_guard *g)
{
    *g = (struct tk_guard){.seed = tk_random_seed(), .still = tk_still_new(), .clocks = tk_clocks_new()};
    return g->still && g->clocks;
}

void tk_guard_done(struct tk_guard *g)
{
    tk_still_free(g->still);
    tk_clocks_free(g->clocks);
    *g = (struct tk_guard){.still = NULL};
}

uint64_t tk_guard_digest(const uint8_t *digest, size_t len)
{
    uint64_t part = 0;

    memcpy(&part, digest, len < sizeof(part) ? len : sizeof(part));
    return part;
}

static bool is_beyond_window(const struct tk_engine *e, const struct tk_guarded *m)
{
    return m->now - e->local_time > TK_TIME_WINDOW;
}

static bool is_same_clock(const struct tk_engine *e, const struct tk_guarded *m)
{
    return m->boots == e->boots && m->time == e->time;
}

/* Was an identical message accepted, while the clock did not move? */
static bool is_known(const struct tk_guard *g, const struct tk_guarded *m)
{
    return tk_still_has(g->still, still_key(g, m), m->digest);
}

/* Judge a message with the clock that the engine has had since its first message. */
static struct tk_guard_verdict judge_still(const struct tk_guard *g, const struct tk_engine *e,
                                           const struct tk_guarded *m)
{
    bool is_beyond = is_beyond_window(e, m);

    if (is_known(g, m))
        return (struct tk_guard_verdict){.refused = TK_HINT_REPLAY};
    return (struct tk_guard_verdict){.refused = is_beyond && g->is_strict ? TK_HINT_CLOCK_STILL : TK_HINT_NONE};
}

struct tk_guard_verdict tk_guard_judge(const struct tk_guard *g, const struct tk_engine *e, const struct tk_guarded *m)
{
    if (m->boots >= TK_BOOTS_LATCHED)
        return (struct tk_guard_verdict){.refused = TK_HINT_BOOTS_LATCHED};
    if (!e) /* forgotten by kafkaEngines, perhaps: then its digests may still be there */
        return (struct tk_guard_verdict){.refused = is_known(g, m) ? TK_HINT_REPLAY : TK_HINT_NONE};
    if (is_same_clock(e, m) && !e->has_moved)
        return judge_still(g, e, m);
    if (m->boots == e->boots && m->time <= e->time && is_beyond_window(e, m))
        return (struct tk_guard_verdict){.refused = m->time == e->time ? TK_HINT_CLOCK_STOPPED : TK_HINT_OLD_TIME};
    return (struct tk_guard_verdict){.is_checked = true};
}

/* Note a message of an engine whose clock had not moved before it. */
static void note_still(struct tk_guard *g, struct tk_engine *e, const struct tk_guarded *m, bool is_first)
{
    uint64_t key = still_key(g, m);

    if (!is_first && m->boots == e->boots && m->time != e->time) {
        e->has_moved = true;
        tk_clocks_moved(g->clocks);
    }
    if (!is_first && !is_same_clock(e, m)) /* what came before is refused by boots and time from now on */
        tk_still_forget(g->still, key);
    if (!e->has_moved)
        tk_still_add(g->still, key, m->digest);
}

bool tk_guard_note(struct tk_guard *g, struct tk_engine *e, const struct tk_guarded *m, bool is_first)
{
    bool is_still = !is_first && !e->has_moved && is_same_clock(e, m) && is_beyond_window(e, m) && !e->is_told;

    TK_ASSERT(m->boots < TK_BOOTS_LATCHED);
    if (is_first)
        e->has_moved = tk_clocks_recall(g->clocks, m->engine, m->engine_len, m->user);
    if (!e->has_moved)
        note_still(g, e, m, is_first);
    if (is_first || m->boots > e->boots || (m->boots == e->boots && m->time > e->time)) {
        e->boots = m->boots;
        e->time = m->time;
        e->local_time = m->now;
    }
    if (is_still) {
        e->is_told = true;
        g->still_engines++;
    }
    return is_still;
}
