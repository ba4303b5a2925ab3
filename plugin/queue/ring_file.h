/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_file.h
 * @brief The format of a queue's file: two copies of a header, then the ring's bytes.
 *
 *   0      header copy, in one sector of the first 4096 bytes
 *   4096   the other copy
 *   8192   `capacity` bytes: the ring (ring_record.h)
 *
 * The copies are written in turn, so that one is intact at any instruction; the newest intact one counts. After the
 * death of a process, the file has every record that the header counts. After a loss of power, each page may be of
 * another age; recovery (ring_recover.h) allows for that.
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
    uint32_t format;     /* up to here, and the checksum over 128 bytes, all later formats must stay the same */
    uint32_t crc;        /* of the header except this member */
    uint64_t generation; /* one more at each write */
    uint8_t uuid[16];
    uint64_t capacity;
    uint64_t tail, tail_seq; /* position and sequence number of the oldest unfinished record */
    uint64_t head, head_seq; /* the ring's end, or an earlier one; the sequence number of the next record there */
    uint64_t boot;           /* tk_boot_number() when the header was written; 0: unknown */
    uint32_t life;           /* how often the file was opened for writing */
    uint32_t is_clean;       /* closed in an orderly way: head and head_seq are exact */
    uint8_t reserved[32];
};

enum tk_header_state {
    TK_HEADER_INTACT,
    TK_HEADER_HALF,    /* one copy is intact; it may be the older one */
    TK_HEADER_DAMAGED, /* ours, but neither copy can be used */
    TK_HEADER_BLANK,   /* zeros */
    TK_HEADER_OTHER,   /* ours, intact, of another format: ret_header->format says which */
    TK_HEADER_FOREIGN,
};

/** @brief Find the newest intact copy. @p bytes may be in a mapping. @locality any @locks none */
enum tk_header_state tk_header_load(const uint8_t bytes[TK_RING_HEADER_BYTES], struct tk_ring_header *ret_header);

/** @brief Is a file of @p length bytes the beginning of a header of ours, cut before its 8 bytes of magic were
 *         written?
 *  @locality any @locks none */
bool tk_header_is_stub(const uint8_t bytes[TK_RING_HEADER_BYTES], uint64_t length);

/** @brief Write the next copy: generation and checksum are set. No system call. @locality any @locks none */
void tk_header_store(uint8_t bytes[TK_RING_HEADER_BYTES], struct tk_ring_header *header);

/** @brief A ring's identity, RFC 9562 version 4. @locality any @locks none */
void tk_ring_make_uuid(uint8_t ret_uuid[16]);

/** @brief A number for this boot of the machine; 0: unknown. @locality any @locks none */
uint64_t tk_boot_number(void);

#endif /* TK_RING_FILE_H */
