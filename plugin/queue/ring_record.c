/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring_record.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"

#define NAME_BYTES 4
#define PASS_BYTES ((uint64_t)16 << 20) /* damaged bytes that one call searches */

size_t tk_record_bytes(size_t body_len)
{
    return (sizeof(struct tk_record_head) + body_len + 7) & ~(size_t)7;
}

uint32_t tk_record_crc(const struct tk_record_head *head, const uint8_t *body)
{
    const size_t from = offsetof(struct tk_record_head, position);
    uint32_t crc = tk_crc32c(0, &head->magic, sizeof(head->magic));

    crc = tk_crc32c(crc, (const uint8_t *)head + from, sizeof(*head) - from);
    return tk_crc32c(crc, body, head->body_len);
}

uint64_t tk_ring_next_lap(const struct tk_ring_view *v, uint64_t position)
{
    return position - position % v->capacity + v->capacity;
}

bool tk_place_read(const struct tk_ring_view *v, uint64_t position, uint64_t end, struct tk_record_head *ret_head)
{
    uint64_t to_end = v->capacity - position % v->capacity;
    const uint8_t *at = v->map + position % v->capacity;
    struct tk_record_head head;
    uint64_t taken;

    if (to_end < sizeof(head) || position >= end || end - position < sizeof(head))
        return false;
    memcpy(&head, at, sizeof(head));
    if ((head.magic != TK_RING_RECORD && head.magic != TK_RING_FILLER) || head.position != position ||
        memcmp(head.uuid + NAME_BYTES, v->uuid + NAME_BYTES, sizeof(head.uuid) - NAME_BYTES) != 0)
        return false;
    if (head.body_len > to_end - sizeof(head) || (head.magic == TK_RING_FILLER && head.body_len))
        return false;
    taken = head.magic == TK_RING_FILLER ? to_end : tk_record_bytes(head.body_len);
    if (taken > end - position || head.crc != tk_record_crc(&head, at + sizeof(head)))
        return false;
    *ret_head = head;
    return true;
}

uint64_t tk_place_find(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t from, uint64_t until,
                       uint64_t end, uint64_t seq_end, struct tk_record_head *ret_head)
{
    while (from < until) {
        uint64_t stop = tk_ring_next_lap(v, from);
        const uint8_t *at = v->map + from % v->capacity;

        for (stop = stop < until ? stop : until; from < stop; from += 8, at += 8) {
            uint32_t magic;

            memcpy(&magic, at, sizeof(magic));
            if ((magic == TK_RING_RECORD || magic == TK_RING_FILLER) && tk_place_read(v, from, end, ret_head) &&
                ret_head->seq >= c->seq && ret_head->seq < seq_end && ret_head->life >= c->life)
                return from;
        }
    }
    return until;
}

static bool is_expected(const struct tk_cursor *c, const struct tk_record_head *head)
{
    return head->seq == c->seq && head->life >= c->life;
}

/* Where the next record begins: behind a filler, or behind a rest that is too small for a head.
 * @param c  what the filler must match; NULL: any */
static uint64_t skip_filler(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t position, uint64_t end)
{
    struct tk_record_head head;

    if (v->capacity - position % v->capacity < sizeof(head))
        return tk_ring_next_lap(v, position);
    if (tk_place_read(v, position, end, &head) && head.magic == TK_RING_FILLER && (!c || is_expected(c, &head)))
        return tk_ring_next_lap(v, position);
    return position;
}

/* @param c  what the record must match; NULL: any record */
static bool read_record(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t position, uint64_t end,
                        struct tk_record *ret_rec, struct tk_record_head *ret_head)
{
    uint64_t begin = position;
    uint32_t magic;

    memcpy(&magic, v->map + begin % v->capacity, sizeof(magic));
    if (magic != TK_RING_RECORD)
        begin = skip_filler(v, c, begin, end);
    if (!tk_place_read(v, begin, end, ret_head) || ret_head->magic != TK_RING_RECORD ||
        (c && !is_expected(c, ret_head)))
        return false;
    *ret_rec = (struct tk_record){
        .position = position,
        .end = begin + tk_record_bytes(ret_head->body_len),
        .seq = ret_head->seq,
        .received = {.wall = ret_head->wall, .mono = ret_head->mono, .boot = ret_head->boot},
        .body = v->map + begin % v->capacity + sizeof(*ret_head),
        .body_len = ret_head->body_len,
    };
    memcpy(ret_rec->queue, ret_head->uuid, sizeof(ret_rec->queue));
    return true;
}

bool tk_record_read(const struct tk_ring_view *v, uint64_t position, uint64_t end, struct tk_record *ret_rec)
{
    struct tk_record_head head;

    return read_record(v, NULL, position, end, ret_rec, &head);
}

bool tk_cursor_take(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, struct tk_record *ret_rec)
{
    struct tk_record_head head;

    if (!read_record(v, c, c->position, end, ret_rec, &head))
        return false;
    *c = (struct tk_cursor){.position = ret_rec->end, .seq = head.seq + 1, .life = head.life};
    return true;
}

uint64_t tk_cursor_begin(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t end)
{
    uint64_t begin = skip_filler(v, c, c->position, end);

    return begin <= end ? begin : c->position;
}

/* Is only a filler damaged? Then the expected record stands where the mapping begins again, and no record is lost. */
static bool is_only_a_filler(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t end)
{
    struct tk_record_head head;

    return tk_place_read(v, tk_ring_next_lap(v, c->position), end, &head) && is_expected(c, &head);
}

void tk_cursor_pass(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, uint64_t seq_end,
                    struct tk_record *ret_rec)
{
    /* The bytes under a sound filler are older than it, so the search begins behind them. */
    const uint64_t begin = tk_cursor_begin(v, c, end);
    const uint64_t from = begin > c->position ? begin : begin + 8;
    const uint64_t until = end - begin > PASS_BYTES ? begin + PASS_BYTES : end;
    struct tk_record_head head = {.seq = c->seq};
    uint64_t found = until;

    if (is_only_a_filler(v, c, end))
        found = tk_ring_next_lap(v, c->position);
    else if (from < until)
        found = tk_place_find(v, c, from, until, end, seq_end, &head);
    if (found == end)
        head.seq = seq_end > c->seq ? seq_end : c->seq;
    else if (found == until) { /* more in the next call: leave 8 bytes, to which that call charges the lost records */
        found -= 8;
        head.seq = c->seq;
    }
    *ret_rec = (struct tk_record){.position = c->position, .end = found, .seq = c->seq, .lost = head.seq - c->seq};
    c->position = found;
    c->seq = head.seq;
}

int tk_cursor_next(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, uint64_t seq_end,
                   struct tk_record *ret_rec)
{
    if (c->position >= end)
        return 0;
    if (tk_cursor_take(v, c, end, ret_rec))
        return 1;
    tk_cursor_pass(v, c, end, seq_end, ret_rec);
    return -EBADMSG;
}
