/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file queue_internal.h
 * @brief The ring's structures and internal functions, for the files of queue/ and their tests.
 */
#ifndef TK_QUEUE_INTERNAL_H
#define TK_QUEUE_INTERNAL_H

#include <stdalign.h>

#include "base/mapping_guard.h"
#include "queue/ring_file.h"

#define TK_CACHE_LINE        64
#define TK_RING_FAULTY_ROOM  ((uint64_t)64 << 20) /* limit after a fault of the file: its pages may be memory now */
#define TK_RING_RESTART_FROM ((size_t)256 << 10)  /* beyond this offset an empty ring starts again at 0 */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/** A queue's file and its mapping; used also while the file is opened or copied to another size. */
struct tk_ring_file {
    int fd;        /* holds the lock; -1: none */
    uint8_t *base; /* NULL: not mapped */
    size_t bytes;
    struct tk_mapping_guard *guard;
};

struct tk_ring {
    struct tk_ring_view view;
    struct tk_ring_file file; /* fd -1: memory */
    char *path;
    int eventfd;
    uint32_t life; /* which opening of the file this is, from 1; 0: memory */
    uint64_t recovered, first_seq;
    _Atomic uint64_t room; /* bytes that may be in use: the capacity, less after a fault */

    /* written by the producer */
    alignas(TK_CACHE_LINE) _Atomic uint64_t head;
    _Atomic uint64_t generation; /* odd while head and the counters below change */
    _Atomic uint64_t received, lost[TK_LOSSES], next_seq;
    uint64_t tail_seen;    /* copy of tail, read again if the ring looks full: tail is in the worker's cache line */
    uint64_t reserved_at;  /* position of the record being written */
    size_t page_looked_at; /* the page at which wants_restart() last read tail */

    /* written by the worker */
    alignas(TK_CACHE_LINE) _Atomic uint64_t tail;
    struct tk_cursor read;
    _Atomic bool is_asleep;
    uint64_t touched;             /* pages are populated up to here; memory: an offset, file: a position */
    uint64_t lap_touched;         /* file: start of the lap whose first pages are populated already */
    struct tk_ring_header header; /* file: the header as last written */
};

/** @brief Allocate a ring without a mapping. @returns NULL with errno @locality any @locks none */
struct tk_ring *tk_ring_alloc(void);

/** @brief Free the ring, and leave its file as a kill would: not marked clean. NULL is a no-op.
 *  @locality any @locks none */
void tk_ring_abandon(struct tk_ring *q);

/** @brief Write the header with this tail and the current head. @locality worker @locks none */
void tk_ring_store_header(struct tk_ring *q, uint64_t tail, uint64_t tail_seq);

/** @brief @p bytes rounded up to whole pages. @locality any @locks none */
uint64_t tk_ring_round(uint64_t bytes);

#endif /* TK_QUEUE_INTERNAL_H */
