/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes the reports about refused packets. What the sink does not take now stays in the box; when that is full,
 * the table that they come from (refusal/refusal_table.h) goes on adding up. */
#include <stdio.h>

#include "refusal/refusal_record.h"
#include "reporting/reporting_internal.h"

#define SOME  8 /* in one step */
#define AGAIN TK_SECOND

/* @returns false: not now */
static bool publish(struct tk_reporter *rp, struct tk_sink *sink, const struct tk_refusal_report *report)
{
    char id[96], time[TK_RFC3339_BYTES];

    (void)snprintf(id, sizeof(id), "%s-rejected-%llu-%lld", rp->receiver.queue, (unsigned long long)report->number,
                   (long long)(report->last / TK_MSEC));
    tk_clock_rfc3339(time, report->last);
    tk_refusal_record_write(&rp->json, &rp->receiver, report, id, time);
    /* One that is refused for good must not hold up the others. */
    return !rp->json.is_failed &&
           tk_reporter_publish(rp, sink, "trapkafka.rejected", id, time, report->last) != TK_FULL;
}

void tk_reporter_write_refusals(struct tk_reporter *rp, const struct tk_report_way *way)
{
    const bool is_wanted = way->settings->health_topic;
    const struct tk_refusal_report *report;

    if (!rp->config.refusals)
        return;
    if (is_wanted && (!way->sink || way->is_replacing || way->is_lost || rp->now.mono < rp->next_refusal))
        return;
    for (unsigned n = 0; n < SOME && (report = tk_refusal_box_oldest(rp->config.refusals)); n++) {
        if (is_wanted && !publish(rp, way->sink, report)) {
            rp->next_refusal = rp->now.mono + AGAIN;
            return;
        }
        tk_refusal_box_took(rp->config.refusals);
    }
}
