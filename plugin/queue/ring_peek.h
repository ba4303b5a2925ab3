/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_peek.h
 * @brief Read the pending records of a queue's file without changing it, also while snmptrapd uses it.
 *
 * No lock is kept and nothing is written. A running daemon may finish and overwrite records while we read. So each
 * record is copied first and checked afterwards, and records that were finished meanwhile are left out.
 *
 * Threads: one per tk_peek. Memory: the mapping (pages of the file), and what the caller brings.
 */
#ifndef TK_RING_PEEK_H
#define TK_RING_PEEK_H

#include "queue/ring_record.h"

struct tk_peek;

struct tk_peek_facts {
    uint32_t format;
    uint32_t life;    /* how often the file was opened for writing */
    uint8_t uuid[16]; /* the first four bytes name the queue */
    uint64_t capacity;
    uint64_t tail, tail_seq; /* position and sequence number of the oldest pending record */
    uint64_t head, head_seq; /* the end, as far as records were found; head_seq - tail_seq records are pending */
    bool is_in_use;          /* a daemon has locked the file */
    bool is_clean;           /* closed in an orderly way */
};

/**
 * @brief Open @p path for reading.
 * @returns NULL with @p err set
 * @locality any  @locks the file's, shared, for an instant
 */
struct tk_peek *tk_peek_open(const char *path, struct tk_err *err);

/** @brief Close the file. NULL is a no-op. @locality any @locks none */
void tk_peek_free(struct tk_peek *p);

/** @brief What was found when the file was opened. @locality any @locks none */
const struct tk_peek_facts *tk_peek_facts(const struct tk_peek *p);

/**
 * @brief Read the next pending record, oldest first.
 * @param buf      for the body; TK_TRAP_MAX_BYTES are always enough
 * @param ret_rec  the record; its body is in @p buf
 * @retval 1         @p ret_rec is filled
 * @retval 0         no more records
 * @retval -EBADMSG  damaged bytes were skipped; @p ret_rec has only position, end, seq and lost
 * @retval -ENOBUFS  the body is larger than @p buf; the record was skipped
 * @locality any  @locks none
 */
int tk_peek_next(struct tk_peek *p, uint8_t *buf, size_t buf_bytes, struct tk_record *ret_rec);

#endif /* TK_RING_PEEK_H */
