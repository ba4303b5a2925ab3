/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring_recover.h"

#include <string.h>

#define AHEAD_BYTES ((uint64_t)256 << 20)

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Move @p c to the next sound place behind it. The limit is two capacities: if the newer header copy is lost, the
 * older one may be behind by one step of the tail, which is a capacity at most, and the ring extends a capacity from
 * there. */
static bool look_ahead(const struct tk_ring_view *v, struct tk_cursor *c)
{
    uint64_t begin = tk_cursor_begin(v, c, UINT64_MAX), from = begin > c->position ? begin : begin + 8;
    uint64_t lap = tk_ring_next_lap(v, begin), limit = c->position + 2 * v->capacity;
    uint64_t near = smaller(begin + AHEAD_BYTES, limit), far = smaller(lap + AHEAD_BYTES, limit);
    struct tk_record_head head;
    uint64_t at = tk_place_find(v, c, from, near, UINT64_MAX, UINT64_MAX, &head);

    if (at >= near) {
        at = tk_place_find(v, c, lap < near ? near : lap, far, UINT64_MAX, UINT64_MAX, &head);
        if (at >= far)
            return false;
    }
    c->position = at;
    c->seq = head.seq;
    return true;
}

/* Follow the records from @p c on. @returns the ring's end. If the last sound place is a filler, its sequence number
 * tells how many records were lost before it. */
static struct tk_cursor follow(const struct tk_ring_view *v, struct tk_cursor c)
{
    struct tk_record rec;

    do {
        while (tk_cursor_take(v, &c, UINT64_MAX, &rec))
            ;
    } while (look_ahead(v, &c));
    return c;
}

/* Find the record with the highest position in the first @p bytes of the mapping. @param uuid  NULL: of any ring */
static bool survey(const struct tk_ring_view *v, const uint8_t *uuid, uint64_t bytes, struct tk_record_head *ret_newest,
                   bool *ret_is_blank)
{
    bool is_found = false;

    *ret_is_blank = true;
    for (uint64_t offset = 0; offset < bytes; offset += 8) {
        struct tk_ring_view own = *v;
        struct tk_record_head head;
        uint32_t words[2];

        memcpy(words, v->map + offset, sizeof(words));
        *ret_is_blank = *ret_is_blank && !words[0] && !words[1];
        if (words[0] != TK_RING_RECORD || v->capacity - offset < sizeof(head))
            continue;
        memcpy(&head, v->map + offset, sizeof(head));
        memcpy(own.uuid, uuid ? uuid : head.uuid, sizeof(own.uuid));
        if (head.position % v->capacity != offset || !tk_place_read(&own, head.position, UINT64_MAX, &head))
            continue;
        if (!is_found || head.position > ret_newest->position)
            *ret_newest = head;
        is_found = true;
    }
    return is_found;
}

/* After a loss of power the header may be laps older than the records, because an empty ring starts again at its
 * beginning, which is a lap each time. */
static void look_for_newer_laps(const struct tk_ring_view *v, struct tk_cursor *last)
{
    struct tk_record_head newest;
    bool is_blank;

    if (survey(v, v->uuid, smaller(v->capacity, AHEAD_BYTES), &newest, &is_blank) && newest.seq >= last->seq &&
        newest.position > last->position && newest.life >= last->life)
        *last = follow(v, (struct tk_cursor){.position = newest.position, .seq = newest.seq, .life = newest.life});
}

/* Find the tail when the header has none that can be used: newer records may have overwritten its bytes. Overwritten
 * records had been finished, so the first place in the last capacity that is still sound is the tail. */
static void find_tail(const struct tk_ring_view *v, struct tk_recovery *found)
{
    const uint64_t from = found->head > v->capacity ? found->head - v->capacity : 0;
    const struct tk_cursor least = {.seq = found->tail_seq};
    struct tk_record_head head;

    found->tail = tk_place_find(v, &least, from, found->head, found->head, found->head_seq, &head);
    found->tail_seq = found->tail < found->head ? head.seq : found->head_seq;
}

/* Is there a damaged record at the end that was found? It was complete once: a process that dies while it writes a
 * record leaves no such head, because the head is written last. Kafka may have that record, so its event ID must not
 * be used for another one. */
static bool is_something_lost_at(const struct tk_ring_view *v, const struct tk_cursor *end)
{
    uint64_t at = end->position;
    struct tk_record_head head;

    if (v->capacity - at % v->capacity < sizeof(head) || tk_place_read(v, at, UINT64_MAX, &head))
        at = tk_ring_next_lap(v, at); /* behind a filler, or a rest too small for one */
    memcpy(&head, v->map + at % v->capacity, sizeof(head));
    return (head.position == at && head.crc) || (head.seq == end->seq && memcmp(head.uuid + 4, v->uuid + 4, 12) == 0);
}

void tk_ring_recover(const struct tk_ring_view *v, const struct tk_ring_header *h, uint64_t boot,
                     struct tk_recovery *ret_found)
{
    const bool is_same_boot = boot && boot == h->boot;
    struct tk_cursor last = {.position = h->head, .seq = h->head_seq, .life = h->life};

    if (!h->is_clean)
        last = follow(v, last);
    if (!h->is_clean && !is_same_boot)
        look_for_newer_laps(v, &last);
    *ret_found = (struct tk_recovery){
        .tail = h->tail,
        .tail_seq = h->tail_seq,
        .head = last.position,
        .head_seq = last.seq,
        .life = last.life,
        .needs_name = !h->is_clean && (!is_same_boot || is_something_lost_at(v, &last)),
    };
    if (ret_found->head - ret_found->tail > v->capacity)
        find_tail(v, ret_found);
}

bool tk_ring_recover_blind(struct tk_ring_view *v, struct tk_recovery *ret_found, bool *ret_is_blank)
{
    struct tk_record_head newest;
    struct tk_cursor last;

    if (!survey(v, NULL, v->capacity, &newest, ret_is_blank))
        return false;
    memcpy(v->uuid, newest.uuid, sizeof(v->uuid));
    last = follow(v, (struct tk_cursor){.position = newest.position, .seq = newest.seq, .life = newest.life});
    *ret_found = (struct tk_recovery){
        .tail_seq = 1,
        .head = last.position,
        .head_seq = last.seq,
        .life = last.life,
        .needs_name = true,
    };
    find_tail(v, ret_found);
    return true;
}
