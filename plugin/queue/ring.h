/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring.h
 * @brief The queue between snmptrapd's thread and the worker: a ring of bytes in a mapping, and the journal.
 *
 *            tail                 read                  head
 *   ..........|=== in flight ======|=== not yet read =====|..........free..........
 *             '- moved by the worker over finished records '- moved by snmptrapd's thread
 *
 * Positions count bytes since the ring began and never wrap; the place in the mapping is position modulo capacity. A
 * record lies in one piece: where it would not fit before the end of the mapping, a filler record takes the rest (or
 * nothing does, where no head fits any more).
 *
 * Threads: one producer (snmptrapd's thread), one consumer (the worker). No lock; the only system call on the
 *          producer's side is one write to an eventfd when the worker sleeps.
 * Order:   a record's bytes are written before `head` is (release); the worker reads `head` (acquire) before them.
 * Wake-up: the worker naps first, then raises `is_asleep`, looks again, and only then waits on the eventfd; the
 *          producer looks at `is_asleep` after moving `head`. All four accesses are sequentially consistent, or both
 *          sides could miss each other.
 * Memory:  the capacity, fixed at start. Weakness: a record may leave up to one record's length unused at the end.
 */
#ifndef TK_RING_H
#define TK_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "snmp/trap.h"

#define TK_RING_MIN_BYTES ((size_t)1024 * 1024)

#define TK_RING_RECORD    0x54524b31u /* "1KRT": a record */
#define TK_RING_FILLER    0x46524b31u /* "1KRF": nothing up to the end of the mapping; its seq is the next record's */

/** In front of every flat trap; the checksum covers all of it but itself, and the body. Records align to 8 bytes. */
struct tk_record_head {
    uint32_t magic;
    uint32_t crc;
    uint64_t position;        /* of this head */
    uint8_t uuid[16];         /* the ring's */
    uint64_t seq;             /* from 1, without gaps */
    int64_t wall, mono, boot; /* moment of reception, nanoseconds */
    uint32_t body_len;        /* bytes that follow, without padding */
    uint32_t life;            /* of the ring, when it was written: how often its file had been opened */
};

/** A record as the worker sees it; the body is borrowed from the ring until tk_ring_release() passes it. */
struct tk_record {
    uint64_t position, end; /* the ring's bytes that it takes */
    uint64_t seq;
    uint8_t queue[4]; /* the ring's name when the record was written; with seq unique for ever */
    uint64_t lost;    /* after -EBADMSG: how many records the bytes held; 0: a damaged filler */
    struct tk_time received;
    const uint8_t *body;
    size_t body_len;
};

struct tk_ring;

/**
 * @brief Make a ring in anonymous memory; tk_ring_touch() sees to it that no trap meets a page fault.
 * @param bytes  capacity, at least TK_RING_MIN_BYTES, rounded up to whole pages
 * @returns NULL with errno when memory or descriptors run out
 * @locality any  @locks none
 */
struct tk_ring *tk_ring_new(size_t bytes);

/** @brief The file; NULL: memory. @locality any @locks none */
const char *tk_ring_path(const struct tk_ring *q);

/** @brief Records that an earlier life left, damaged ones included. @locality any @locks none */
uint64_t tk_ring_recovered(const struct tk_ring *q);

/** @brief Sequence numbers from here on were given out in this life. @locality any @locks none */
uint64_t tk_ring_first_seq(const struct tk_ring *q);

/** @brief Unmap. NULL is a no-op. Both threads must have stopped. @locality any @locks none */
void tk_ring_free(struct tk_ring *q);

/** @brief The ring's identity, 16 bytes; its first four name the queue in event IDs. @locality any @locks none */
const uint8_t *tk_ring_uuid(const struct tk_ring *q);
/** @brief Bytes in all. @locality any @locks none */
size_t tk_ring_capacity(const struct tk_ring *q);
/** @brief Bytes between tail and head, fillers included. @locality any @locks none */
size_t tk_ring_used(const struct tk_ring *q);

/* --- producer (snmptrapd's thread) ----------------------------------------------------------------------------- */

/**
 * @brief Room for a body of up to @p body_bytes, in one piece.
 * @returns NULL when the ring is full. Nothing is published before tk_ring_commit(); a reservation may be abandoned.
 * @locality snmptrapd  @locks none
 */
uint8_t *tk_ring_reserve(struct tk_ring *q, size_t body_bytes);

/**
 * @brief Publish the record reserved last, with what was really written, and wake the worker if it sleeps.
 * @returns its sequence number
 * @locality snmptrapd  @locks none
 */
uint64_t tk_ring_commit(struct tk_ring *q, size_t body_len, const struct tk_time *received);

/** @brief The sequence number that the next tk_ring_commit() gives out. @locality snmptrapd @locks none */
uint64_t tk_ring_next_seq(const struct tk_ring *q);

/** @brief Count a trap that did not get into the ring; @p counter is one of the producer's (below).
 *  @locality snmptrapd @locks none */
enum tk_ring_loss { TK_LOSS_QUEUE_FULL, TK_LOSS_TOO_LARGE, TK_LOSS_MALFORMED, TK_LOSS_RETRANSMISSION, TK_LOSSES };
void tk_ring_count_loss(struct tk_ring *q, enum tk_ring_loss loss);

/* --- consumer (worker) ----------------------------------------------------------------------------------------- */

/**
 * @brief The next unread record, and move the read position over it.
 * @retval 1         @p ret_rec is filled
 * @retval 0         nothing to read
 * @retval -EBADMSG  damaged bytes were met and passed; @p ret_rec tells position, end, seq (what should have been
 *                   there) and lost only. A long stretch comes in pieces.
 * @locality worker  @locks none
 */
int tk_ring_read(struct tk_ring *q, struct tk_record *ret_rec);

/** @brief Read the record at @p position again (between tail and read). @retval 1 / -EBADMSG
 *  @locality worker @locks none */
int tk_ring_read_at(const struct tk_ring *q, uint64_t position, struct tk_record *ret_rec);

/** @brief Everything before @p position, where a record that was read begins or ends, is finished: give it back.
 *  @locality worker @locks none */
void tk_ring_release(struct tk_ring *q, uint64_t position);

/** What the producer has done, at one boundary between two records. */
struct tk_ring_books {
    uint64_t received;        /* handler calls that brought a notification */
    uint64_t lost[TK_LOSSES]; /* of those, not in the ring */
    uint64_t head;            /* where the ring ended at that moment */
    uint64_t next_seq;        /* of the record that will stand there */
};

/** @brief A consistent snapshot of the producer's counters. @locality worker @locks none */
struct tk_ring_books tk_ring_snapshot(const struct tk_ring *q);

/**
 * @brief Records from the read position up to the head of @p books: by their sequence numbers, which have no gaps.
 *        (A walk would page in all of a large file; tests compare the two.)
 * @locality worker  @locks none
 */
uint64_t tk_ring_count_unread(const struct tk_ring *q, const struct tk_ring_books *books);

/** @brief Once a second or so: note in the file how far the ring reaches, so that a recovery need not look for it. After a
 *         fault the ring holds 64 MiB at most from then on: it may be memory by now.
 *  @locality worker @locks none */
void tk_ring_note(struct tk_ring *q);

/**
 * @brief Faults that the file's mapping survived: it was truncated, or its disk failed. What the pages held is lost
 *        (the reader meets damaged records), and what is written to them from now on is in memory only.
 * @returns how many so far; 0 for a ring in memory
 * @locality any  @locks none
 */
uint64_t tk_ring_faults(const struct tk_ring *q);

/** @brief Is there something to read? @locality worker @locks none */
bool tk_ring_has_more(const struct tk_ring *q);

/** @brief The descriptor that becomes readable when the worker is to wake; also librdkafka's.
 *  @locality any @locks none */
int tk_ring_eventfd(const struct tk_ring *q);

#endif /* TK_RING_H */
