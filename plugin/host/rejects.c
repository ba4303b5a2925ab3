/* SPDX-License-Identifier: Apache-2.0 */
#include "host/rejects.h"

#include <stdio.h>
#include <string.h>

#include "host/reject_table.h"
#include "usm/remedy.h"

#define LOG_PERIOD (10 * TK_SECOND)

_Static_assert(TK_REJECTED_MALFORMED - TK_REJECTED_UNKNOWN_USER == TK_REASON_MALFORMED,
               "stats.def has the reasons in the order of reasons.def");

/* --- life ------------------------------------------------------------------------------------------------------ */

void tk_rejects_init(struct tk_host *h)
{
    if (!h->reject_table) /* else packets came before */
        h->reject_table = tk_reject_table_new();
    h->reject_box = tk_reject_box_new();
    if (!h->reject_table || !h->reject_box)
        snmp_log(LOG_WARNING, "trapkafka: out of memory: refused packets are counted, but not told one by one\n");
}

void tk_rejects_done(struct tk_host *h)
{
    tk_reject_table_free(h->reject_table);
    tk_reject_box_free(h->reject_box);
    h->reject_table = NULL;
    h->reject_box = NULL;
}

void tk_rejects_note(void *arg, const struct tk_refusal *refusal)
{
    struct tk_host *h = arg;
    struct tk_time now;

    h->refused++;
    if (refusal->reason != TK_REASON_MALFORMED) /* losses.c knows their number */
        tk_stats_add(&h->stats, (enum tk_stat)(TK_REJECTED_UNKNOWN_USER + (int)refusal->reason), 1);
    if (!h->reject_table && !h->is_over)
        h->reject_table = tk_reject_table_new();
    if (!h->reject_table)
        return;
    now = tk_clock_now();
    tk_reject_table_add(h->reject_table, refusal, &now);
}

/* --- telling --------------------------------------------------------------------------------------------------- */

/* What a stranger chose, for a line of the log. */
static void escape(char *dst, size_t dst_bytes, const char *text, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < len && at + 5 <= dst_bytes; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x20 && c < 0x7f && c != '\'' && c != '\\') {
            dst[at++] = (char)c;
        } else {
            dst[at++] = '\\';
            dst[at++] = 'x';
            dst[at++] = digits[c >> 4];
            dst[at++] = digits[c & 15];
        }
    }
    dst[at] = '\0';
}

static void name_sender(char *dst, size_t dst_bytes, const struct tk_reject *reject)
{
    const struct tk_peer *peer = &reject->refusal.peer;
    char name[64];

    if (!peer->family && reject->is_merged)
        (void)snprintf(dst, dst_bytes, "several senders");
    else if (!peer->family)
        (void)snprintf(dst, dst_bytes, "%s", tk_peer_name(name, sizeof(name), peer));
    else
        (void)snprintf(dst, dst_bytes, "%s port %u", tk_peer_name(name, sizeof(name), peer), peer->port);
}

/* ", user 'noc', engine 8000...", or nothing: of merged ones it would be the last one's only */
static void name_user(char *dst, size_t dst_bytes, const struct tk_reject *reject)
{
    const struct tk_refusal *r = &reject->refusal;
    char user[4 * TK_USER_BYTES + 1];
    size_t at = 0;

    dst[0] = '\0';
    if (reject->is_merged)
        return;
    if (r->user_len) {
        escape(user, sizeof(user), r->user, r->user_len);
        at = (size_t)snprintf(dst, dst_bytes, ", user '%s'", user);
    }
    if (r->engine_len)
        at += (size_t)snprintf(dst + at, dst_bytes - at, ", engine ");
    for (unsigned i = 0; i < r->engine_len; i++)
        at += (size_t)snprintf(dst + at, dst_bytes - at, "%02x", r->engine[i]);
}

static void say(struct tk_host *h, const struct tk_reject *reject, tk_nsec now)
{
    char sender[96], user[4 * TK_USER_BYTES + 2 * TK_ENGINE_BYTES + 32], more[64] = "";
    uint64_t held_back;

    if (!tk_log_limit_pass(&h->reject_limit, now, LOG_PERIOD, &held_back))
        return;
    name_sender(sender, sizeof(sender), reject);
    name_user(user, sizeof(user), reject);
    if (held_back)
        (void)snprintf(more, sizeof(more), " (%llu more such lines were held back)", (unsigned long long)held_back);
    snmp_log(LOG_WARNING, "trapkafka: rejected: %s from %s%s, %llu %s: %s; %s%s\n",
             tk_reason_name(reject->refusal.reason), sender, user, (unsigned long long)reject->count,
             reject->count == 1 ? "packet" : "packets", reject->detail, reject->remedy, more);
}

static void explain(struct tk_reject *reject)
{
    static const char merged[] = "several users or engines, of the last one: ";
    size_t skip = 0;

    if (reject->is_merged && (reject->refusal.user_len || reject->refusal.engine_len)) {
        skip = sizeof(merged) - 1;
        memcpy(reject->detail, merged, skip);
    }
    (void)tk_remedy_detail(reject->detail + skip, sizeof(reject->detail) - skip, &reject->refusal);
    (void)tk_remedy(reject->remedy, sizeof(reject->remedy), &reject->refusal);
}

void tk_rejects_tick(struct tk_host *h, const struct tk_time *now)
{
    struct tk_reject reject;

    if (!h->reject_table)
        return;
    while (tk_reject_table_next(h->reject_table, now, &reject)) {
        explain(&reject);
        if (h->reject_box && !tk_reject_box_put(h->reject_box, &reject)) {
            tk_reject_table_put_back(h->reject_table, &reject);
            break;
        }
        say(h, &reject, now->mono);
    }
    tk_stats_set(&h->stats, TK_REJECTS_MERGED, tk_reject_table_merged(h->reject_table));
}
