/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_internal.h
 * @brief The ring's inside, for the files of ring*.c, sync.c and tests.
 */
#ifndef TK_RING_INTERNAL_H
#define TK_RING_INTERNAL_H

#include <stdalign.h>

#include "queue/ring_fault.h"
#include "queue/ring_file.h"

#define TK_CACHE_LINE        64
#define TK_RING_FAULTY_ROOM  ((uint64_t)64 << 20) /* what a faulty file may hold: it may be memory by now */
#define TK_RING_RESTART_FROM ((size_t)256 << 10)  /* an empty ring goes back to its beginning from here on */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/** A queue's file, mapped as a whole; also while it is being opened or laid out anew. */
struct tk_ring_file {
    int fd;        /* -1: none; locked */
    uint8_t *base; /* NULL: not mapped */
    size_t bytes;
    struct tk_guard *guard;
};

struct tk_ring {
    struct tk_ring_view view;
    struct tk_ring_file file; /* fd -1: memory */
    char *path;
    int eventfd;
    uint32_t life;
    uint64_t recovered, first_seq;
    _Atomic uint64_t room; /* bytes that may be in use: the capacity, less after a fault */

    /* the producer's */
    alignas(TK_CACHE_LINE) _Atomic uint64_t head;
    _Atomic uint64_t generation; /* odd while the counters below and head move together */
    _Atomic uint64_t received, lost[TK_LOSSES], next_seq;
    uint64_t tail_seen;    /* what the producer last knew of tail: saves the shared cache line */
    uint64_t reserved_at;  /* where the record being written begins */
    size_t page_looked_at; /* see wants_restart() */

    /* the worker's */
    alignas(TK_CACHE_LINE) _Atomic uint64_t tail;
    struct tk_cursor read;
    _Atomic bool is_asleep;
    uint64_t touched;             /* up to which pages are there; memory: bytes, file: position */
    uint64_t lap_touched;         /* file: where the lap begins whose first pages are there already */
    struct tk_ring_header header; /* file: as it was written last */
};

/** @brief A ring without a mapping. @returns NULL with errno @locality any @locks none */
struct tk_ring *tk_ring_alloc(void);

/** @brief Free without a word to the file, as a kill does. NULL is a no-op. @locality any @locks none */
void tk_ring_abandon(struct tk_ring *q);

/** @brief Write the header: the tail as given, the head as it is now. @locality worker @locks none */
void tk_ring_store_header(struct tk_ring *q, uint64_t tail, uint64_t tail_seq);

/** @brief @p bytes rounded up to whole pages. @locality any @locks none */
uint64_t tk_ring_round(uint64_t bytes);

#endif /* TK_RING_INTERNAL_H */
