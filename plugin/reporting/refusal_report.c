/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes reports about refused packets. A report that the sink does not take stays in the box; while the box is
 * full, refusal/refusal_table.h adds up what is refused. */
#include <stdio.h>

#include "refusal/refusal_record.h"
#include "reporting/reporting_internal.h"

#define MAX_PER_STEP 8
#define RETRY        TK_SECOND

/* Returns false if the report must be published later. */
static bool publish(struct tk_reporter *rp, struct tk_sink *sink, const struct tk_refusal_report *report)
{
    char id[96], time[TK_RFC3339_BYTES];

    (void)snprintf(id, sizeof(id), "%s-rejected-%llu-%lld", rp->receiver.queue, (unsigned long long)report->number,
                   (long long)(report->last / TK_MSEC));
    tk_clock_rfc3339(time, report->last);
    tk_refusal_record_write(&rp->json, &rp->receiver, report, id, time);
    /* A record that Kafka refuses permanently must not block the others, so only a full sink is retried. */
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
    for (unsigned n = 0; n < MAX_PER_STEP && (report = tk_refusal_box_oldest(rp->config.refusals)); n++) {
        if (is_wanted && !publish(rp, way->sink, report)) {
            rp->next_refusal = rp->now.mono + RETRY;
            return;
        }
        tk_refusal_box_took(rp->config.refusals);
    }
}
