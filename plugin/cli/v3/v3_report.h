/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file v3_report.h
 * @brief What `trapkafka v3 check` prints, as text or as one JSON object a line. What the network wrote is escaped;
 *        there is no secret in it.
 */
#ifndef TK_V3_REPORT_H
#define TK_V3_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "cli/v3/v3_capture.h"
#include "cli/v3/v3_config.h"
#include "cli/v3/v3_pump.h"

struct tk_v3_totals {
    uint64_t seen, accepted, refused[TK_REASONS]; /* SNMPv3 notifications */
    uint64_t community;                           /* v1 and v2c notifications */
    uint64_t others;                              /* other SNMP messages: requests, responses, reports, discovery */
    uint64_t foreign;                             /* datagrams that are no SNMP */
};

struct tk_v3_report;

/** @returns NULL with @p err set @locality any @locks none */
struct tk_v3_report *tk_v3_report_new(bool is_json, struct tk_err *err);
/** NULL is a no-op. @locality any @locks none */
void tk_v3_report_free(struct tk_v3_report *r);

/** @brief One notification. @param wall  when it came @locality any @locks none */
void tk_v3_report_one(struct tk_v3_report *r, tk_nsec wall, const struct tk_judged *j,
                      const struct tk_v3_receiver *receiver);
/** @brief The end. @param losses  NULL: nothing was captured @locality any @locks none */
void tk_v3_report_end(struct tk_v3_report *r, const struct tk_v3_totals *totals, const struct tk_v3_receiver *receiver,
                      const struct tk_capture_losses *losses);

#endif /* TK_V3_REPORT_H */
