/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/status_facts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reporting/changes.h"

#define STUCK        (60 * TK_SECOND)  /* events wait so long, and none is acknowledged */
#define HEALTH_OLD   (180 * TK_SECOND) /* a record comes each minute */
#define SLACK        (5 * TK_SECOND)   /* of the statistics file, beside three periods */
#define QUEUE_HIGH   80                /* percent, as the health record queue_high */
#define CLOCKS_APART (60 * TK_SECOND)

const char *tk_status_ago(char dst[32], tk_nsec age)
{
    long long s = age > 0 ? (long long)(age / TK_SECOND) : 0;

    if (s < 120)
        (void)snprintf(dst, 32, "%lld s", s);
    else if (s < 7200)
        (void)snprintf(dst, 32, "%lld min", s / 60);
    else if (s < 2 * 86400)
        (void)snprintf(dst, 32, "%lld h %lld min", s / 3600, s / 60 % 60);
    else
        (void)snprintf(dst, 32, "%lld d %lld h", s / 86400, s / 3600 % 24);
    return dst;
}

void tk_status_done(struct tk_status *st)
{
    tk_health_log_done(&st->log);
}

/* --- files ------------------------------------------------------------------------------------------------------- */

static void read_stats(struct tk_status *st)
{
    struct tk_status_origin *o = &st->origin[TK_SOURCE_STATS];
    struct tk_figures next;

    if (!o->name)
        return;
    tk_err_clear(&o->err);
    if (tk_figures_read_file(&next, o->name, &o->err) < 0)
        return; /* what was read before is still to be seen; that it is old is told */
    if (o->is_read && next.at != st->stats.at)
        st->stats_before = st->stats;
    st->stats = next;
    o->is_read = true;
}

void tk_status_read_files(struct tk_status *st)
{
    struct tk_status_origin *o = &st->origin[TK_SOURCE_QUEUE];

    read_stats(st);
    if (!o->name)
        return;
    tk_err_clear(&o->err);
    o->is_read = tk_queue_view_read(&st->queue, o->name, &o->err) == 0;
    tk_top_counts_sort(&st->queue.senders);
}

/* --- findings ---------------------------------------------------------------------------------------------------- */

static void find(struct tk_status *st, bool is_wrong, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void find(struct tk_status *st, bool is_wrong, const char *fmt, ...)
{
    struct tk_status_finding *f = &st->findings[st->finding_count];
    va_list ap;

    st->wrong_count += is_wrong;
    if (st->finding_count == TK_STATUS_FINDINGS)
        return;
    st->finding_count++;
    f->is_wrong = is_wrong;
    va_start(ap, fmt);
    (void)vsnprintf(f->text, sizeof(f->text), fmt, ap);
    va_end(ap);
}

static void judge_origins(struct tk_status *st)
{
    static const char *const names[TK_STATUS_SOURCES] = {
        [TK_SOURCE_STATS] = "statistics",
        [TK_SOURCE_QUEUE] = "queue",
        [TK_SOURCE_HEALTH] = "health topic",
    };
    char text[sizeof(struct tk_err)];

    for (int i = 0; i < TK_STATUS_SOURCES; i++) {
        const struct tk_status_origin *o = &st->origin[i];

        if (o->name && o->err.is_set)
            find(st, true, "%s: %s", names[i], tk_err_format(&o->err, text, sizeof(text)));
        else if (!o->name)
            find(st, false, "%s: %s", names[i], o->absent);
    }
}

static void judge_age(struct tk_status *st)
{
    tk_nsec age = st->now - st->stats.at;
    char text[32];

    if (!st->origin[TK_SOURCE_STATS].is_read)
        return;
    if (age > 3 * (tk_nsec)st->stats_seconds * TK_SECOND + SLACK)
        find(st, true,
             "statistics: %s was written %s ago, and snmptrapd writes it every %u s; is snmptrapd running, and may its "
             "user write into the folder? See: systemctl status snmptrapd",
             st->origin[TK_SOURCE_STATS].name, tk_status_ago(text, age), st->stats_seconds);
    else if (-age > CLOCKS_APART)
        find(st, false, "statistics: %s is of a moment that has yet to come; correct the clock",
             st->origin[TK_SOURCE_STATS].name);
}

/* Which receiver the health topic is read for. */
static void judge_receiver(struct tk_status *st)
{
    const struct tk_status_origin *o = &st->origin[TK_SOURCE_HEALTH];
    char host[256] = "", others[400] = "", within[64] = "", text[32];
    size_t len = 0;

    (void)gethostname(host, sizeof(host) - 1);
    st->receiver = tk_health_log_of(&st->log, st->host ? st->host : host);
    if (!st->receiver && !st->host && st->log.used == 1)
        st->receiver = tk_health_log_of(&st->log, NULL);
    if (st->receiver || !o->is_read || o->err.is_set)
        return;
    for (unsigned i = 0; i < st->log.used && len + 2 < sizeof(others); i++)
        len += (size_t)snprintf(others + len, sizeof(others) - len, "%s%s", i ? ", " : "", st->log.receivers[i]->host);
    if (st->since)
        (void)snprintf(within, sizeof(within), " of the last %s", tk_status_ago(text, st->now - st->since));
    if (st->log.used)
        find(st, true, "health topic: %s has no record%s from host %s; write --receiver and one of: %s", o->name,
             within, st->host ? st->host : host, others);
    else
        find(st, true,
             "health topic: %s has no record%s; is snmptrapd running, and does it publish? See: systemctl status "
             "snmptrapd; for older records write --from",
             o->name, within);
}

static void judge_health(struct tk_status *st)
{
    const struct tk_health_books *last = st->receiver ? &st->receiver->last : NULL;
    tk_nsec age = last ? st->now - last->figures.at : 0;
    char text[32];

    if (!last || !last->figures.at)
        return;
    if (strcmp(last->cause, "stop") == 0)
        find(st, true, "health topic: snmptrapd was stopped %s ago; start it", tk_status_ago(text, age));
    else if (age > HEALTH_OLD)
        find(st, true,
             "health topic: the last record of %s is %s old, and one comes each minute; is snmptrapd running, and does "
             "Kafka take what it publishes? See: systemctl status snmptrapd",
             st->receiver->host, tk_status_ago(text, age));
    if (!last->is_balanced)
        find(st, true, "health topic: the books do not balance, says the last record of %s; please report it",
             st->receiver->host);
}

/* The newest counters, and earlier ones of the same source. */
static void choose_figures(struct tk_status *st)
{
    const struct tk_health_receiver *r = st->receiver;
    bool has_health = r && r->last.figures.count, has_stats = st->origin[TK_SOURCE_STATS].is_read;

    st->figures = st->before = NULL;
    if (has_stats && !(has_health && r->last.figures.at > st->stats.at + STUCK)) {
        st->figures = &st->stats;
        st->before = st->stats_before.count ? &st->stats_before : NULL;
    } else if (has_health) {
        st->figures = &r->last.figures;
    }
    if (!st->before && has_health && r->before.figures.count && strcmp(r->before.queue, r->last.queue) == 0 &&
        r->last.uptime_seconds > r->before.uptime_seconds)
        st->before = &r->before.figures;
}

static void judge_books(struct tk_status *st)
{
    const struct tk_figures *f = st->figures;
    enum tk_stat missing;
    char series[TK_STAT_SERIES_BYTES];

    if (!f)
        return;
    missing = tk_figures_missing(f);
    if (f->wrong_line)
        find(st, false,
             "line %u of the statistics is not understood, so the books can't be checked; write --stats and the "
             "file of kafkaStatsFile",
             f->wrong_line);
    else if (missing != TK_STAT_COUNT)
        find(st, false,
             "the counters lack %s, so the books can't be checked; use the command of snmptrapd's version of the "
             "module",
             tk_stat_series(series, missing));
    else if (f->unknown)
        find(st, false,
             "%u counters are not known to this version, so the books can't be checked; use the command of "
             "snmptrapd's version of the module",
             f->unknown);
    else if (!tk_books_balance(&f->books))
        find(st, true,
             "the books do not balance: received + recovered is not published + suppressed + dropped + pending, or "
             "so of derived; please report it");
}

static void judge_losses(struct tk_status *st)
{
    static const enum tk_stat losses[] = {TK_KERNEL_DROPPED, TK_DROPPED_QUEUE_FULL};
    double rate;

    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++)
        if (tk_status_rate(st, losses[i], &rate) && rate > 0)
            find(st, true, "notifications are being lost: %s %.1f a second: %s", tk_stat_table[losses[i]].family, rate,
                 tk_family_help(losses[i]));
}

static void judge_queue(struct tk_status *st)
{
    const struct tk_peek_facts *q = &st->queue.facts;
    const char *path = st->origin[TK_SOURCE_QUEUE].name;

    if (!st->origin[TK_SOURCE_QUEUE].is_read)
        return;
    if (!q->is_in_use)
        find(st, true,
             "queue: no snmptrapd has %s open (%s), and %" PRIu64 " notifications wait in it; start snmptrapd", path,
             q->is_clean ? "it was closed in order" : "it died", q->head_seq - q->tail_seq);
    if ((q->head - q->tail) * 100 / (q->capacity ? q->capacity : 1) >= QUEUE_HIGH)
        find(st, true, "queue: %s is at least %d %% full; bring Kafka back, or make kafkaQueue larger", path,
             QUEUE_HIGH);
    if (st->queue.damaged)
        find(st, true, "queue: %" PRIu64 " records of %s are damaged; see: trapkafka queue %s", st->queue.damaged, path,
             path);
}

/* --- Kafka ------------------------------------------------------------------------------------------------------- */

/* Since when something waits; 0: nothing does, or that is not known. */
static tk_nsec waiting_since(const struct tk_status *st)
{
    if (st->origin[TK_SOURCE_QUEUE].is_read && st->queue.oldest)
        return st->queue.oldest;
    return 0;
}

static bool is_stuck(const struct tk_status *st)
{
    const struct tk_figures *f = st->figures;
    tk_nsec since = waiting_since(st);

    if (st->origin[TK_SOURCE_QUEUE].is_read && !since)
        return false;
    if (since && st->now - since < STUCK)
        return false;
    if (!f)
        return since != 0;
    if (!since && !f->books.value[TK_PENDING])
        return false;
    return f->at - st->acknowledged >= STUCK ||
           st->now - st->acknowledged >= STUCK + 3 * (tk_nsec)st->stats_seconds * TK_SECOND;
}

static void judge_kafka(struct tk_status *st)
{
    const struct tk_health_receiver *r = st->receiver;
    bool is_lost = r && r->lost.at > r->acknowledging.at;
    char text[32];

    st->acknowledged = st->figures
                           ? (tk_nsec)(st->figures->books.value[TK_LAST_ACKNOWLEDGED] % (INT64_MAX / TK_SECOND)) *
                                 TK_SECOND
                           : 0;
    st->acknowledging = r && !is_lost ? r->acknowledging : (struct tk_health_change){0};
    if (is_lost && st->acknowledged > r->lost.at + TK_SECOND)
        is_lost = false; /* its end is not told yet */
    st->is_acknowledging = !is_lost && !is_stuck(st);
    if (is_lost)
        find(st, true, "Kafka acknowledges nothing since %s ago: %s", tk_status_ago(text, st->now - r->lost.at),
             r->lost.detail);
    else if (!st->is_acknowledging && st->acknowledged)
        find(st, true,
             "Kafka acknowledges nothing: events wait, and the last one was acknowledged %s ago; see: systemctl status "
             "snmptrapd",
             tk_status_ago(text, st->now - st->acknowledged));
    else if (!st->is_acknowledging)
        find(st, true,
             "Kafka acknowledges nothing: events wait, and none was acknowledged since snmptrapd started; see: "
             "systemctl status snmptrapd");
}

bool tk_status_rate(const struct tk_status *st, enum tk_stat first, double *ret)
{
    if (!st->before)
        return false;
    return tk_figures_rate(st->before, st->before == &st->stats_before ? &st->stats : &st->receiver->last.figures,
                           first, ret);
}

void tk_status_judge(struct tk_status *st, tk_nsec now)
{
    st->now = now;
    for (unsigned i = 0; i < st->log.used; i++)
        tk_top_counts_sort(&st->log.receivers[i]->refusals);
    st->finding_count = st->wrong_count = 0;
    judge_receiver(st);
    choose_figures(st);
    judge_kafka(st);
    judge_books(st);
    judge_losses(st);
    judge_queue(st);
    judge_age(st);
    judge_health(st);
    judge_origins(st);
}
