/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_record.h
 * @brief How records lie in the ring's bytes: heads, checksums, fillers, and the way over damaged places.
 *
 * A place holds a record or a filler ("nothing from here to the end of the mapping"). It is sound when magic,
 * position, ring and checksum are right; nothing else is believed. What is too small for a head before the end of
 * the mapping is passed without being looked at. Sequence numbers have no gaps and `life` does not decrease, so a
 * gap between two sound records tells how many were lost between them.
 *
 * Everything here works on a view, be it a live ring's, a file that is being recovered, or somebody else's file, and
 * trusts nothing that it reads there. No locks; no memory of its own.
 */
#ifndef TK_RING_RECORD_H
#define TK_RING_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/ring.h"

struct tk_ring_view {
    uint8_t *map;
    uint64_t capacity; /* a multiple of 8, above 0 */
    uint8_t uuid[16];  /* the first four, the name, may differ in records of earlier lives */
};

/** Where a walk stands, and what the next record has to be. */
struct tk_cursor {
    uint64_t position;
    uint64_t seq;  /* of the next record, lost or not */
    uint32_t life; /* at least */
};

/** @brief Bytes that a record takes. @locality any @locks none */
size_t tk_record_bytes(size_t body_len);

/** @brief The checksum of a head (but its crc) and the body that it tells the length of.
 *  @locality any @locks none */
uint32_t tk_record_crc(const struct tk_record_head *head, const uint8_t *body);

/** @brief Where the mapping begins again after @p position. @locality any @locks none */
uint64_t tk_ring_next_lap(const struct tk_ring_view *v, uint64_t position);

/**
 * @brief Is there a sound place at @p position, which ends at @p end at the latest?
 * @param ret_head  a copy of its head; set when true is returned only
 * @locality any  @locks none
 */
bool tk_place_read(const struct tk_ring_view *v, uint64_t position, uint64_t end, struct tk_record_head *ret_head);

/**
 * @brief The first sound place in [@p from, @p until) that can follow @p c and comes before number @p seq_end.
 * @returns its position; @p until when there is none
 * @locality any  @locks none
 */
uint64_t tk_place_find(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t from, uint64_t until,
                       uint64_t end, uint64_t seq_end, struct tk_record_head *ret_head);

/**
 * @brief The record at @p position, fillers before it passed, whatever its sequence number and life.
 * @returns false if no sound one stands there
 * @locality any  @locks none
 */
bool tk_record_read(const struct tk_ring_view *v, uint64_t position, uint64_t end, struct tk_record *ret_rec);

/** @brief Where the next record begins, if it can: behind the filler at the cursor, or at the cursor.
 *  @locality any @locks none */
uint64_t tk_cursor_begin(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t end);

/**
 * @brief The next record, if it is sound and the very one that is expected.
 * @param end  no byte from here on belongs to the ring's content
 * @returns false, with nothing changed, if it is not
 * @locality any  @locks none
 */
bool tk_cursor_take(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, struct tk_record *ret_rec);

/**
 * @brief Pass the damaged bytes at the cursor, 16 MiB at most: a long stretch comes in pieces.
 * @param end, seq_end  where the content ends, and the sequence number that comes next there
 * @param ret_rec       position, end, seq and lost are set
 * @locality any  @locks none
 */
void tk_cursor_pass(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, uint64_t seq_end,
                    struct tk_record *ret_rec);

/** @brief Either. @retval 1 / 0 (at @p end) / -EBADMSG (passed) @locality any @locks none */
int tk_cursor_next(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, uint64_t seq_end,
                   struct tk_record *ret_rec);

#endif /* TK_RING_RECORD_H */
