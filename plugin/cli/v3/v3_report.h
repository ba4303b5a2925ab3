/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file v3_report.h
 * @brief Print the results of `trapkafka v3 check`, as text or as JSON lines. What comes from the network is escaped.
 *        No secret is printed.
 */
#ifndef TK_V3_REPORT_H
#define TK_V3_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "receive/capture.h"
#include "receive/receive_config.h"
#include "receive/pump.h"

struct tk_v3_totals {
    uint64_t seen, accepted, refused[TK_REASONS]; /* SNMPv3 notifications */
    uint64_t community;                           /* v1 and v2c notifications */
    uint64_t others;                              /* other SNMP messages: requests, responses, reports, discovery */
    uint64_t foreign;                             /* datagrams that are not SNMP */
};

struct tk_v3_report;

/** @brief Start a report. @returns NULL with @p err set @locality any @locks none */
struct tk_v3_report *tk_v3_report_new(bool is_json, struct tk_err *err);
/** @brief Free. NULL is a no-op. @locality any @locks none */
void tk_v3_report_free(struct tk_v3_report *r);

/** @brief Print one notification. @param wall  when it came @locality any @locks none */
void tk_v3_report_one(struct tk_v3_report *r, tk_nsec wall, const struct tk_judged *j,
                      const struct tk_receive_config *receiver);
/** @brief Print the totals. @param losses  NULL: not from a capture @locality any @locks none */
void tk_v3_report_end(struct tk_v3_report *r, const struct tk_v3_totals *totals,
                      const struct tk_receive_config *receiver, const struct tk_capture_losses *losses);

#endif /* TK_V3_REPORT_H */
