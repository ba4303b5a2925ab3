/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ring_recover.h
 * @brief Find the tail and head of a ring that an earlier life left in a file, after a kill or a loss of power. Reads
 *        only.
 *
 * The search begins at the head in the header and follows the records as long as they are sound. At a damaged place
 * it looks for the next sound record, up to 256 MiB behind that place and 256 MiB behind the next beginning of the
 * mapping. What lies between is damaged; the worker counts it when it reads there. A record is accepted only if its
 * checksum, position and ring are correct, and its life and sequence number are not lower than expected.
 */
#ifndef TK_RING_RECOVER_H
#define TK_RING_RECOVER_H

#include "queue/ring_file.h"

struct tk_recovery {
    uint64_t tail, tail_seq;
    uint64_t head, head_seq; /* position and sequence number of the next record */
    uint32_t life;           /* the highest life found */
    bool needs_name;         /* Kafka may have records from behind head. Their event IDs must not be used again, so
                              * the queue needs a new name. */
};

/**
 * @brief Recover from an intact header.
 * @param boot  tk_boot_number()
 * @locality snmptrapd, before the worker starts  @locks none
 */
void tk_ring_recover(const struct tk_ring_view *v, const struct tk_ring_header *h, uint64_t boot,
                     struct tk_recovery *ret_found);

/**
 * @brief Recover without a header: find all records of the ring that wrote the record with the highest position.
 *        Reads all bytes. Records of the last lap that were finished are found again, so they are published again.
 * @param v             its uuid is set from that record
 * @param ret_is_blank  set if all bytes are zero
 * @returns false when there is no record
 * @locality snmptrapd, before the worker starts  @locks none
 */
bool tk_ring_recover_blind(struct tk_ring_view *v, struct tk_recovery *ret_found, bool *ret_is_blank);

#endif /* TK_RING_RECOVER_H */
