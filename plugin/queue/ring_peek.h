/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_peek.h
 * @brief Look into a queue's file without touching it, beside the daemon that uses it or without one.
 *
 * No lock is kept and nothing is written. A running daemon goes on meanwhile: records may be finished, and written
 * over, under our eyes; each is copied first and checked then, and what was finished in between is left out.
 *
 * Threads: one per tk_peek. Memory: the mapping (pages of the file), and what the caller brings.
 */
#ifndef TK_RING_PEEK_H
#define TK_RING_PEEK_H

#include "queue/ring_record.h"

struct tk_peek;

struct tk_peek_facts {
    uint32_t format;
    uint32_t life;    /* how often it was opened for writing */
    uint8_t uuid[16]; /* the first four bytes name the queue */
    uint64_t capacity;
    uint64_t tail, tail_seq; /* the oldest pending record */
    uint64_t head, head_seq; /* the end, as far as records were found; head_seq - tail_seq are pending */
    bool is_in_use;          /* a daemon has it */
    bool is_clean;           /* it was closed in an orderly way */
};

/**
 * @brief Open @p path for reading.
 * @returns NULL with @p err set
 * @locality any  @locks the file's, shared, for an instant
 */
struct tk_peek *tk_peek_open(const char *path, struct tk_err *err);

/** NULL is a no-op. @locality any @locks none */
void tk_peek_free(struct tk_peek *p);

/** @brief As they were when the file was opened. @locality any @locks none */
const struct tk_peek_facts *tk_peek_facts(const struct tk_peek *p);

/**
 * @brief The next pending record, oldest first.
 * @param buf      takes the body; TK_TRAP_MAX_BYTES are always enough
 * @param ret_rec  its body is in @p buf
 * @retval 1 / 0 (no more) / -EBADMSG (damaged bytes were passed: position, end, seq and lost) / -ENOBUFS (passed)
 * @locality any  @locks none
 */
int tk_peek_next(struct tk_peek *p, uint8_t *buf, size_t buf_bytes, struct tk_record *ret_rec);

#endif /* TK_RING_PEEK_H */
