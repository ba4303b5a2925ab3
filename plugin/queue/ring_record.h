/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_record.h
 * @brief Read records and fillers in the ring's bytes, check them, and skip damaged bytes.
 *
 * A place holds a record or a filler ("no record from here to the end of the mapping"). It is sound if magic,
 * position, ring and checksum are correct; a place that is not sound is not used. If no head fits before the end of
 * the mapping, the bytes there are skipped. Sequence numbers have no gaps and `life` does not decrease, so two sound
 * records tell how many were lost between them.
 *
 * All functions work on a view: of a ring in use, of a file during recovery, or of a file that another process uses.
 * They check everything that they read there. No locks; no memory of their own.
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
    uint8_t uuid[16];  /* the first four bytes, the queue's name, may differ in records of earlier lives */
};

/** The position of a walk over the records, and what the next record must match. */
struct tk_cursor {
    uint64_t position;
    uint64_t seq;  /* the next record's, even if that one is lost */
    uint32_t life; /* the next record's is not lower */
};

/** @brief Bytes that a record takes in the ring: head, body and padding. @locality any @locks none */
size_t tk_record_bytes(size_t body_len);

/** @brief The checksum of a head, except its crc, and of head->body_len bytes of body. @locality any @locks none */
uint32_t tk_record_crc(const struct tk_record_head *head, const uint8_t *body);

/** @brief The first position behind @p position that is at the beginning of the mapping. @locality any @locks none */
uint64_t tk_ring_next_lap(const struct tk_ring_view *v, uint64_t position);

/**
 * @brief Is there a sound place at @p position that does not reach beyond @p end?
 * @param ret_head  a copy of its head; set only when true is returned
 * @locality any  @locks none
 */
bool tk_place_read(const struct tk_ring_view *v, uint64_t position, uint64_t end, struct tk_record_head *ret_head);

/**
 * @brief Find the first sound place in [@p from, @p until) that can follow @p c and has a number below @p seq_end.
 * @returns its position; @p until when there is none
 * @locality any  @locks none
 */
uint64_t tk_place_find(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t from, uint64_t until,
                       uint64_t end, uint64_t seq_end, struct tk_record_head *ret_head);

/**
 * @brief Read the record at @p position, or behind a filler there, whatever its sequence number and life.
 * @returns false if there is no sound record
 * @locality any  @locks none
 */
bool tk_record_read(const struct tk_ring_view *v, uint64_t position, uint64_t end, struct tk_record *ret_rec);

/** @brief Where the next record begins: behind a filler at the cursor, if that is not beyond @p end, else at the
 *         cursor.
 *  @locality any @locks none */
uint64_t tk_cursor_begin(const struct tk_ring_view *v, const struct tk_cursor *c, uint64_t end);

/**
 * @brief Read the next record, if it is sound and has the sequence number and life that the cursor expects.
 * @param end  the end of the ring's content
 * @returns false if it is not; then nothing has changed
 * @locality any  @locks none
 */
bool tk_cursor_take(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, struct tk_record *ret_rec);

/**
 * @brief Skip the damaged bytes at the cursor, at most 16 MiB in one call.
 * @param end, seq_end  the end of the ring's content, and the sequence number of the next record there
 * @param ret_rec       position, end, seq and lost are set
 * @locality any  @locks none
 */
void tk_cursor_pass(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, uint64_t seq_end,
                    struct tk_record *ret_rec);

/** @brief Read the next record, or skip damaged bytes. @retval 1 / 0 (at @p end) / -EBADMSG (skipped)
 *  @locality any @locks none */
int tk_cursor_next(const struct tk_ring_view *v, struct tk_cursor *c, uint64_t end, uint64_t seq_end,
                   struct tk_record *ret_rec);

#endif /* TK_RING_RECORD_H */
