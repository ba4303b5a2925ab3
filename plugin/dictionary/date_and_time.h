/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file date_and_time.h
 * @brief Format SNMPv2-TC's DateAndTime for people, as RFC 3339 writes a time.
 *
 * Owner: any thread; no state, no locks, no allocation, no time zone of this machine.
 */
#ifndef TK_DATE_AND_TIME_H
#define TK_DATE_AND_TIME_H

#include <stddef.h>
#include <stdint.h>

#define TK_DATE_AND_TIME_BYTES 32

/**
 * @brief Format 8 octets, a local time, as "2026-11-22T05:45:26.1"; 11 octets, which have a zone too, as
 *        "2026-11-22T05:45:26.1+01:00". The zone is the packet's: nothing is converted.
 * @param dst  TK_DATE_AND_TIME_BYTES; not terminated
 * @returns the length, or -1: another length, a part out of its range (RFC 2579), or a day that its month does not have
 * @locality any  @locks none
 */
int tk_date_and_time(char *dst, const uint8_t *value, size_t len);

#endif /* TK_DATE_AND_TIME_H */
