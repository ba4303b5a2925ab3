/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/health_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reporting/changes.h"
#include "watch/moment.h"

void tk_health_log_done(struct tk_health_log *l)
{
    for (unsigned i = 0; i < l->used; i++)
        free(l->receivers[i]);
    l->used = 0;
}

static struct tk_health_receiver *find(const struct tk_health_log *l, const char *host)
{
    for (unsigned i = 0; i < l->used; i++)
        if (strncmp(l->receivers[i]->host, host, sizeof(l->receivers[i]->host) - 1) == 0)
            return l->receivers[i];
    return NULL;
}

static struct tk_health_receiver *receiver_of(struct tk_health_log *l, const char *host)
{
    struct tk_health_receiver *r = find(l, host);
    bool is_wanted = l->wanted && strcmp(l->wanted, host) == 0; /* the last place is for this one */

    if (r || l->used + !is_wanted >= TK_HEALTH_RECEIVERS || !(r = calloc(1, sizeof(*r))))
        return r;
    (void)snprintf(r->host, sizeof(r->host), "%s", host);
    l->receivers[l->used++] = r;
    return r;
}

/* @returns 0: no moment */
static tk_nsec moment_of(const json_t *record, const char *name)
{
    const char *text = tk_seen_text(record, name);
    int64_t ms;

    return strlen(text) >= 20 && tk_moment_read(text, 0, &ms) == 0 && ms < INT64_MAX / TK_MSEC ? ms * TK_MSEC : 0;
}

static struct tk_health_change make_change(tk_nsec at, const char *cause, const char *detail)
{
    struct tk_health_change c = {.at = at};

    (void)snprintf(c.cause, sizeof(c.cause), "%s", cause);
    (void)snprintf(c.detail, sizeof(c.detail), "%s", detail);
    return c;
}

static void keep_latest(struct tk_health_change *kept, const struct tk_health_change *c)
{
    if (c->at >= kept->at)
        *kept = *c;
}

static void take_change(struct tk_health_receiver *r, const struct tk_health_change *c)
{
    unsigned at = 0;

    if (strcmp(c->cause, tk_change_name(TK_CHANGE_BROKER_LOST)) == 0)
        keep_latest(&r->lost, c);
    if (strcmp(c->cause, tk_change_name(TK_CHANGE_BROKER_REGAINED)) == 0 ||
        strcmp(c->cause, tk_change_name(TK_CHANGE_STARTED)) == 0)
        keep_latest(&r->acknowledging, c);
    while (at < r->change_count && r->changes[at].at > c->at)
        at++;
    if (at == TK_HEALTH_CHANGES)
        return;
    if (r->change_count < TK_HEALTH_CHANGES)
        r->change_count++;
    memmove(r->changes + at + 1, r->changes + at, (r->change_count - at - 1) * sizeof(*c));
    r->changes[at] = *c;
}

static void take_books(struct tk_health_receiver *r, const json_t *record, tk_nsec at)
{
    struct tk_health_books b = {.is_balanced = json_is_true(json_object_get(record, "is_balanced"))};

    tk_figures_read_health(&b.figures, record);
    b.figures.at = at;
    b.uptime_seconds = tk_seen_number(record, "uptime_seconds");
    (void)snprintf(b.cause, sizeof(b.cause), "%s", tk_seen_text(record, "cause"));
    (void)snprintf(b.queue, sizeof(b.queue), "%s", tk_seen_text(json_object_get(record, "receiver"), "queue"));
    if (at >= r->last.figures.at) {
        if (at - r->last.figures.at >= TK_HEALTH_APART)
            r->before = r->last;
        r->last = b;
    } else if (r->last.figures.at - at >= TK_HEALTH_APART && at > r->before.figures.at) {
        r->before = b;
    }
}

static void take_health(struct tk_health_receiver *r, const json_t *record, tk_nsec at)
{
    const json_t *detail = json_object_get(record, "detail");
    struct tk_health_change c = make_change(at, tk_seen_text(record, "cause"), tk_seen_text(record, "detail"));

    if (json_is_string(detail))
        take_change(r, &c);
    take_books(r, record, at);
}

static void take_refusal(struct tk_health_receiver *r, const struct tk_seen *seen, tk_nsec at)
{
    json_int_t count = tk_seen_number(seen->root, "count");
    struct tk_health_change c = make_change(at, tk_seen_text(seen->root, "reason"), tk_seen_text(seen->root, "remedy"));

    (void)tk_top_counts_add(&r->refusals, c.cause, *seen->device ? seen->device : "several",
                            count > 0 ? (uint64_t)count : 0);
    keep_latest(&r->remedy, &c);
}

void tk_health_log_take(struct tk_health_log *l, const void *value, size_t len)
{
    struct tk_health_receiver *r = NULL;
    struct tk_seen seen;
    tk_nsec at = 0;
    bool is_health, is_refusal, is_seen = value && tk_seen_read(&seen, value, len);

    if (!is_seen) {
        l->foreign++;
        return;
    }
    is_health = strcmp(seen.type, "health") == 0;
    is_refusal = strcmp(seen.type, "rejected") == 0;
    if (is_health || is_refusal)
        at = moment_of(seen.root, "time");
    if (at)
        r = receiver_of(l, tk_seen_text(json_object_get(seen.root, "receiver"), "host"));
    if (r && is_health)
        take_health(r, seen.root, at);
    else if (r)
        take_refusal(r, &seen, at);
    l->foreign += !at;
    l->left_out += at && !r;
    if (r)
        r->records++;
    tk_seen_done(&seen);
}

const struct tk_health_receiver *tk_health_log_of(const struct tk_health_log *l, const char *host)
{
    const struct tk_health_receiver *last = NULL;

    if (host)
        return find(l, host);
    for (unsigned i = 0; i < l->used; i++)
        if (!last || l->receivers[i]->last.figures.at > last->last.figures.at)
            last = l->receivers[i];
    return last;
}
