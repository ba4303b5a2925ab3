/* SPDX-License-Identifier: Apache-2.0 */
#include "host/refusals.h"

#include <stdio.h>
#include <string.h>

#include "base/devel.h"
#include "base/text.h"
#include "host/arrivals.h"
#include "refusal/refusal_table.h"
#include "refusal/remedy.h"
#include "refusal/refusal_detail.h"

_Static_assert(TK_REJECTED_MALFORMED - TK_REJECTED_UNKNOWN_USER == TK_REASON_MALFORMED,
               "stats.def has the reasons in the order of reasons.def");

/* --- life ------------------------------------------------------------------------------------------------------ */

void tk_refusals_init(struct tk_host *h)
{
    if (!h->refusal_table) /* else a packet was refused before the start */
        h->refusal_table = tk_refusal_table_new();
    h->refusal_box = tk_refusal_box_new();
    if (!h->refusal_table || !h->refusal_box)
        snmp_log(LOG_WARNING, "trapkafka: out of memory: refused packets are counted, but not reported one by one\n");
}

void tk_refusals_done(struct tk_host *h)
{
    tk_refusal_table_free(h->refusal_table);
    tk_refusal_box_free(h->refusal_box);
    h->refusal_table = NULL;
    h->refusal_box = NULL;
}

void tk_refusals_tell(struct tk_host *h, const struct tk_refusal *refusal)
{
    struct tk_time now;

    TK_ASSERT(tk_hint_fits(refusal->hint, refusal->reason));
    if (!h->refusal_table && !h->is_over)
        h->refusal_table = tk_refusal_table_new();
    if (!h->refusal_table)
        return;
    now = tk_clock_now();
    tk_refusal_table_add(h->refusal_table, refusal, &now);
}

void tk_refusals_count(struct tk_host *h, const struct tk_refusal *refusal)
{
    tk_stats_add(&h->stats, (enum tk_stat)(TK_REJECTED_UNKNOWN_USER + (int)refusal->reason), 1);
    if (refusal->reason == TK_REASON_MALFORMED)
        tk_stats_add(&h->stats, TK_UNPARSABLE, 1);
    tk_refusals_tell(h, refusal);
}

void tk_refusals_note(void *arg, const struct tk_refusal *refusal)
{
    tk_arrivals_claim();
    tk_refusals_count(arg, refusal);
}

/* --- reports --------------------------------------------------------------------------------------------------- */

static void name_sender(char *dst, size_t dst_bytes, const struct tk_refusal_report *report)
{
    const struct tk_peer *peer = &report->refusal.peer;
    char name[64];

    if (!peer->family && report->is_merged)
        (void)snprintf(dst, dst_bytes, "several senders");
    else if (!peer->family)
        (void)snprintf(dst, dst_bytes, "%s", tk_peer_name(name, sizeof(name), peer));
    else
        (void)snprintf(dst, dst_bytes, "%s port %u", tk_peer_name(name, sizeof(name), peer), peer->port);
}

/* ", user 'noc', engine 8000...", or nothing for a merged report, which has only the last one's */
static void name_user(char *dst, size_t dst_bytes, const struct tk_refusal_report *report)
{
    const struct tk_refusal *r = &report->refusal;
    char user[4 * TK_USER_BYTES + 5], engine[2 * TK_ENGINE_BYTES + 1];
    size_t at = 0;

    dst[0] = '\0';
    if (report->is_merged)
        return;
    if (r->user_len) {
        at = (size_t)snprintf(dst, dst_bytes, ", user '%s'", tk_escape_ascii(user, sizeof(user), r->user, r->user_len));
    }
    if (r->engine_len)
        (void)snprintf(dst + at, dst_bytes - at, ", engine %s",
                       tk_hex_text(engine, sizeof(engine), r->engine, r->engine_len));
}

static void log_report(struct tk_host *h, const struct tk_refusal_report *report, tk_nsec now)
{
    char sender[96], user[4 * TK_USER_BYTES + 2 * TK_ENGINE_BYTES + 40], more[64] = "";
    uint64_t held_back;

    if (!tk_refusal_limit_pass(&h->refusal_limits, &report->refusal, now, &held_back))
        return;
    name_sender(sender, sizeof(sender), report);
    name_user(user, sizeof(user), report);
    if (held_back)
        (void)snprintf(more, sizeof(more), " (%llu more such lines were held back)", (unsigned long long)held_back);
    snmp_log(LOG_WARNING, "trapkafka: rejected: %s from %s%s, %llu %s: %s; %s%s\n",
             tk_reason_name(report->refusal.reason), sender, user, (unsigned long long)report->count,
             report->count == 1 ? "packet" : "packets", report->detail, report->remedy, more);
}

/* Write detail and remedy. */
static void explain(struct tk_refusal_report *report)
{
    static const char merged[] = "several users or engines, of the last one: ";
    size_t skip = 0;

    if (report->is_merged && (report->refusal.user_len || report->refusal.engine_len)) {
        skip = sizeof(merged) - 1;
        memcpy(report->detail, merged, skip);
    }
    (void)tk_refusal_detail(report->detail + skip, sizeof(report->detail) - skip, &report->refusal);
    (void)tk_remedy(report->remedy, sizeof(report->remedy), &report->refusal);
}

void tk_refusals_tick(struct tk_host *h, const struct tk_time *now)
{
    struct tk_refusal_report report;

    if (!h->refusal_table)
        return;
    while (tk_refusal_table_next(h->refusal_table, now, &report)) {
        explain(&report);
        if (h->refusal_box && !tk_refusal_box_put(h->refusal_box, &report)) {
            tk_refusal_table_put_back(h->refusal_table, &report);
            break;
        }
        log_report(h, &report, now->mono);
    }
    tk_stats_set(&h->stats, TK_REJECTS_MERGED, tk_refusal_table_merged(h->refusal_table));
    tk_stats_set(&h->stats, TK_REJECT_LINES_HELD, h->refusal_limits.held_back);
}
