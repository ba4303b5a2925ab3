/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_file.h
 * @brief What is in a queue's file: two copies of a header, and the ring's bytes.
 *
 *   0      header copy, in one sector of the first 4096 bytes
 *   4096   the other copy
 *   8192   `capacity` bytes: the ring (ring_record.h)
 *
 * The copies are written in turn, so that one is intact at any instruction; the newest intact one counts. A header
 * is never newer than the records that it speaks of as far as the death of a process goes; after a loss of power
 * each page may be of another time, and recovery (ring_recover.h) sorts that out.
 */
#ifndef TK_RING_FILE_H
#define TK_RING_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/ring_record.h"

#define TK_RING_FILE_FORMAT  1u
#define TK_RING_HEADER_STEP  ((size_t)4096)
#define TK_RING_HEADER_BYTES (2 * TK_RING_HEADER_STEP) /* in front of the ring's bytes */

struct tk_ring_header {
    char magic[8];
    uint32_t format;     /* up to here, and the checksum over 128 bytes, the same in all formats to come */
    uint32_t crc;        /* of all but itself */
    uint64_t generation; /* grows with each writing */
    uint8_t uuid[16];
    uint64_t capacity;
    uint64_t tail, tail_seq; /* where the oldest unfinished record begins; its sequence number */
    uint64_t head, head_seq; /* the ring reached so far at least; the sequence number that comes next there */
    uint64_t boot;           /* of the machine, when it was written; 0: unknown */
    uint32_t life;           /* how often the file was opened for writing */
    uint32_t is_clean;       /* an orderly close: head and head_seq are exact */
    uint8_t reserved[32];
};

enum tk_header_state {
    TK_HEADER_INTACT,
    TK_HEADER_HALF,    /* one copy is; it may be the older one */
    TK_HEADER_DAMAGED, /* ours, but neither copy can be used */
    TK_HEADER_BLANK,   /* zeros */
    TK_HEADER_OTHER,   /* ours, intact, of another format: ret_header->format says which */
    TK_HEADER_FOREIGN,
};

/** @brief The newest intact copy. @p bytes may lie in a mapping. @locality any @locks none */
enum tk_header_state tk_header_load(const uint8_t bytes[TK_RING_HEADER_BYTES], struct tk_ring_header *ret_header);

/** @brief Is a file of @p length bytes a header of ours that was cut before its first 8 bytes?
 *  @locality any @locks none */
bool tk_header_is_stub(const uint8_t bytes[TK_RING_HEADER_BYTES], uint64_t length);

/** @brief Write the next copy: generation and checksum are set. No system call. @locality any @locks none */
void tk_header_store(uint8_t bytes[TK_RING_HEADER_BYTES], struct tk_ring_header *header);

/** @brief A ring's identity, RFC 9562 version 4. @locality any @locks none */
void tk_ring_make_uuid(uint8_t ret_uuid[16]);

/** @brief A number for this boot of the machine; 0 when the kernel does not tell. @locality any @locks none */
uint64_t tk_boot_number(void);

#endif /* TK_RING_FILE_H */
