/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_recover.h
 * @brief How far does a ring reach that an earlier life, or a loss of power, left behind? Reads only.
 *
 * From what the header knew the records are followed as long as they are sound. At an unsound place the next sound
 * one is sought, up to 256 MiB beyond the last and behind the next beginning of the mapping: what lies between is
 * damaged, and counted when the worker gets there. A record counts only if its checksum, position and ring are
 * right, its life is not below and its sequence number not behind its predecessor's.
 */
#ifndef TK_RING_RECOVER_H
#define TK_RING_RECOVER_H

#include "queue/ring_file.h"

struct tk_recovery {
    uint64_t tail, tail_seq;
    uint64_t head, head_seq; /* the next record's place and sequence number */
    uint32_t life;           /* the newest that was seen */
    bool needs_name;         /* records after head may be known to Kafka: their numbers must not come back */
};

/**
 * @brief From an intact header.
 * @param boot  tk_boot_number()
 * @locality snmptrapd, before the worker starts  @locks none
 */
void tk_ring_recover(const struct tk_ring_view *v, const struct tk_ring_header *h, uint64_t boot,
                     struct tk_recovery *ret_found);

/**
 * @brief Without a header: all records of the newest one's ring, finished ones of its last lap included. Reads
 *        all bytes.
 * @param v             its uuid is set from what is found
 * @param ret_is_blank  nothing but zeros
 * @returns false when there is no record
 * @locality snmptrapd, before the worker starts  @locks none
 */
bool tk_ring_recover_blind(struct tk_ring_view *v, struct tk_recovery *ret_found, bool *ret_is_blank);

#endif /* TK_RING_RECOVER_H */
