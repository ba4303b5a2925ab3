/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring.h
 * @brief The queue between snmptrapd's thread and the worker: a ring of bytes in memory or in a mapped file.
 *
 *            tail                 read                  head
 *   ..........|=== in flight ======|=== not yet read =====|..........free..........
 *             '- moved by the worker over finished records '- moved by snmptrapd's thread
 *
 * Positions count bytes since the ring began and never wrap; the offset in the mapping is position modulo capacity. A
 * record is contiguous. If it does not fit before the end of the mapping, a filler takes the rest; if not even a
 * filler's head fits, the rest stays unused.
 *
 * Threads: one producer (snmptrapd's thread), one consumer (the worker). No lock; the only system call on the
 *          producer's side is one write to an eventfd when the worker sleeps.
 * Order:   the producer writes a record's bytes, then `head` (release); the worker reads `head` (acquire), then the
 *          bytes.
 * Wake-up: the worker naps, sets `is_asleep`, reads `head` again, and only then waits on the eventfd. The producer
 *          moves `head`, then reads `is_asleep`. All four accesses are sequentially consistent. With less, the worker
 *          could miss the new head while the producer misses the flag.
 * Memory:  the capacity, fixed at start. Weakness: up to one record's length stays unused at the end of the mapping.
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
#define TK_RING_FILLER    0x46524b31u /* "1KRF": no record up to the mapping's end; its seq is the next record's */

/** The head in front of each flat trap. The checksum covers body and head, except itself. Records align to 8 bytes.
 *  */
struct tk_record_head {
    uint32_t magic;
    uint32_t crc;
    uint64_t position;        /* of this head */
    uint8_t uuid[16];         /* the ring's */
    uint64_t seq;             /* from 1, without gaps */
    int64_t wall, mono, boot; /* moment of reception, nanoseconds */
    uint32_t body_len;        /* bytes that follow, without padding */
    uint32_t life;            /* which opening of the ring's file wrote the record */
};

/** A record that was read; its body is borrowed from the ring until tk_ring_release() goes past it. */
struct tk_record {
    uint64_t position, end; /* the ring's bytes that it takes */
    uint64_t seq;
    uint8_t queue[4]; /* the queue's name when the record was written; name and seq are the event's ID */
    uint64_t lost;    /* after -EBADMSG: how many records were lost in these bytes; 0: a damaged filler */
    struct tk_time received;
    const uint8_t *body;
    size_t body_len;
};

struct tk_ring;

/**
 * @brief Make a ring in anonymous memory. tk_ring_touch() populates its pages before the producer needs them.
 * @param bytes  capacity, at least TK_RING_MIN_BYTES, rounded up to whole pages
 * @returns NULL with errno when memory or descriptors run out
 * @locality any  @locks none
 */
struct tk_ring *tk_ring_new(size_t bytes);

/** @brief The path of the file; NULL: memory. @locality any @locks none */
const char *tk_ring_path(const struct tk_ring *q);

/** @brief How many records an earlier life left, damaged ones included. @locality any @locks none */
uint64_t tk_ring_recovered(const struct tk_ring *q);

/** @brief The first sequence number of this life. @locality any @locks none */
uint64_t tk_ring_first_seq(const struct tk_ring *q);

/** @brief Free the ring; its file is marked as closed cleanly. NULL is a no-op. Both threads must have stopped.
 *  @locality any @locks none */
void tk_ring_free(struct tk_ring *q);

/** @brief The ring's identity, 16 bytes; its first four name the queue in event IDs. @locality any @locks none */
const uint8_t *tk_ring_uuid(const struct tk_ring *q);
/** @brief Bytes in all. @locality any @locks none */
size_t tk_ring_capacity(const struct tk_ring *q);
/** @brief Bytes between tail and head, fillers included. @locality any @locks none */
size_t tk_ring_used(const struct tk_ring *q);

/* --- producer (snmptrapd's thread) ----------------------------------------------------------------------------- */

/**
 * @brief Reserve room for a body of up to @p body_bytes. The worker does not see it before tk_ring_commit(); a
 *        reservation may be abandoned.
 * @returns where to write the body; NULL when the ring is full
 * @locality snmptrapd  @locks none
 */
uint8_t *tk_ring_reserve(struct tk_ring *q, size_t body_bytes);

/**
 * @brief Make the record reserved last visible to the worker, with the length written, and wake the worker if it
 *        sleeps.
 * @returns its sequence number
 * @locality snmptrapd  @locks none
 */
uint64_t tk_ring_commit(struct tk_ring *q, size_t body_len, const struct tk_time *received);

/** @brief The sequence number that the next tk_ring_commit() gives out. @locality snmptrapd @locks none */
uint64_t tk_ring_next_seq(const struct tk_ring *q);

/** Why a notification did not get into the ring. */
enum tk_ring_loss { TK_LOSS_QUEUE_FULL, TK_LOSS_TOO_LARGE, TK_LOSS_MALFORMED, TK_LOSS_RETRANSMISSION, TK_LOSSES };

/** @brief Count a notification that did not get into the ring. @locality snmptrapd @locks none */
void tk_ring_count_loss(struct tk_ring *q, enum tk_ring_loss loss);

/* --- consumer (worker) ----------------------------------------------------------------------------------------- */

/**
 * @brief Read the next unread record, and move the read position behind it.
 * @retval 1         @p ret_rec is filled
 * @retval 0         nothing to read
 * @retval -EBADMSG  damaged bytes were skipped; @p ret_rec has only position, end, seq (of the first record lost
 *                   there) and lost. A long damaged stretch takes several calls.
 * @locality worker  @locks none
 */
int tk_ring_read(struct tk_ring *q, struct tk_record *ret_rec);

/** @brief Read the record at @p position again (between tail and read). @retval 1 / -EBADMSG
 *  @locality worker @locks none */
int tk_ring_read_at(const struct tk_ring *q, uint64_t position, struct tk_record *ret_rec);

/** @brief Move the tail to @p position, where a record that was read begins or ends: all before it is finished.
 *  @locality worker @locks none */
void tk_ring_release(struct tk_ring *q, uint64_t position);

/** The producer's counters, at one boundary between two records. */
struct tk_ring_books {
    uint64_t received;        /* notifications that reached the handler */
    uint64_t lost[TK_LOSSES]; /* of those, the ones that did not get into the ring */
    uint64_t head;            /* the ring's end at that moment */
    uint64_t next_seq;        /* of the next record, at `head` */
};

/** @brief A consistent snapshot of the producer's counters. @locality worker @locks none */
struct tk_ring_books tk_ring_snapshot(const struct tk_ring *q);

/**
 * @brief How many records are between the read position and the head of @p books. Computed from sequence numbers,
 *        which have no gaps: a walk would page in all of a large file. (Tests compare the two.)
 * @locality worker  @locks none
 */
uint64_t tk_ring_count_unread(const struct tk_ring *q, const struct tk_ring_books *books);

/** @brief Once a second or so: write the head into the file's header, so that recovery need not search for it. After
 *         a fault of the file, limit the ring to 64 MiB, because memory may stand in for the file's pages.
 *  @locality worker @locks none */
void tk_ring_note(struct tk_ring *q);

/**
 * @brief Count of faults of the file's mapping: the file was truncated, or its disk failed. The content of the pages
 *        is lost (the worker reads damaged records), and what is written to them later is in memory only.
 * @returns how many so far; 0 for a ring in memory
 * @locality any  @locks none
 */
uint64_t tk_ring_faults(const struct tk_ring *q);

/** @brief Is there an unread record? @locality worker @locks none */
bool tk_ring_has_more(const struct tk_ring *q);

/** @brief The descriptor that wakes the worker. librdkafka writes to it too, when it has a delivery report.
 *  @locality any @locks none */
int tk_ring_eventfd(const struct tk_ring *q);

#endif /* TK_RING_H */
