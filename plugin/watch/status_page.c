/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/status_page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "watch/safe_text.h"

#define ROWS         8   /* of a list */
#define NAME_COLUMNS 24  /* of a counter */
#define HELP_COLUMNS 110 /* the least with which counters are explained */

struct page {
    FILE *f;
    const struct tk_status *st;
    unsigned columns;
    bool has_colour;
};

/* --- lines ------------------------------------------------------------------------------------------------------- */

static void put_line(const struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put_line(const struct page *p, const char *fmt, ...)
{
    char *line = NULL;
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vasprintf(&line, fmt, ap);
    va_end(ap);
    if (len < 0)
        return;
    while (len > 0 && line[len - 1] == ' ')
        len--;
    (void)tk_safe_print(p->f, line, (size_t)len, p->columns);
    (void)fputc('\n', p->f);
    free(line);
}

/* A heading, with an empty line before it. */
static void put_title(const struct page *p, const char *title)
{
    (void)fprintf(p->f, "\n%s", p->has_colour ? "\033[1m" : "");
    (void)tk_safe_print(p->f, title, strlen(title), p->columns);
    (void)fprintf(p->f, "%s\n", p->has_colour ? "\033[0m" : "");
}

/* "LEAD    words words", with further lines below the first word. */
static void put_wrapped(const struct page *p, const char *lead, const char *colour, const char *text)
{
    unsigned indent = (unsigned)strlen(lead), used = indent, gap = 0;

    (void)fprintf(p->f, "%s%s%s", colour, lead, *colour ? "\033[0m" : "");
    while (*text) {
        size_t len = strcspn(text, " ");
        unsigned width = tk_safe_columns(text, len, p->columns);

        if (gap && used + gap + width > p->columns) {
            (void)fprintf(p->f, "\n%*s", (int)indent, "");
            used = indent;
            gap = 0;
        }
        (void)fprintf(p->f, "%*s", (int)gap, "");
        used += gap;
        used += tk_safe_print(p->f, text, len, p->columns > used ? p->columns - used : 0);
        gap = 1;
        text += len;
        text += strspn(text, " ");
    }
    (void)fputc('\n', p->f);
}

/* "2026-11-22 05:45:26" */
static const char *time_text(char dst[TK_RFC3339_BYTES], tk_nsec wall)
{
    tk_clock_rfc3339(dst, wall);
    dst[10] = ' ';
    dst[19] = '\0';
    return dst;
}

static const char *size_text(char dst[32], uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    unsigned unit = 0;

    for (; size >= 1024 && unit < 4; unit++)
        size /= 1024;
    (void)snprintf(dst, 32, "%.*f %s", unit && size < 10, size, units[unit]);
    return dst;
}

/* --- the head ---------------------------------------------------------------------------------------------------- */

static void put_head(const struct page *p)
{
    const struct tk_status *st = p->st;
    char time[TK_RFC3339_BYTES], verdict[64];

    (void)snprintf(verdict, sizeof(verdict), "%u thing%s wrong", st->wrong_count,
                   st->wrong_count == 1 ? " is" : "s are");
    put_line(p, "%s  %s UTC%s%s", st->wrong_count ? verdict : "fine", time_text(time, st->now),
             st->receiver ? "  " : "", st->receiver ? st->receiver->host : "");
    for (int wrong = 1; wrong >= 0; wrong--)
        for (unsigned i = 0; i < st->finding_count; i++)
            if (st->findings[i].is_wrong == wrong)
                put_wrapped(p, wrong ? "WRONG  " : "note   ", p->has_colour && wrong ? "\033[1;31m" : "",
                            st->findings[i].text);
    (void)fputc('\n', p->f);
}

static void put_kafka(const struct page *p)
{
    const struct tk_status *st = p->st;
    const struct tk_figures *f = st->figures;
    char line[512], last[80] = "", since[128] = "", brokers[80] = "", time[TK_RFC3339_BYTES], ago[32];

    if (!f && !st->receiver) {
        put_line(p, "Kafka  not known");
        return;
    }
    if (st->acknowledged)
        (void)snprintf(last, sizeof(last), ", the last event at %s (%s ago)", time_text(time, st->acknowledged),
                       tk_status_ago(ago, st->now - st->acknowledged));
    if (st->is_acknowledging && st->acknowledging.at)
        (void)snprintf(since, sizeof(since), ", since %s (%s)", time_text(time, st->acknowledging.at),
                       st->acknowledging.cause);
    if (f && f->has[TK_BROKERS])
        (void)snprintf(brokers, sizeof(brokers), ", %" PRIu64 " of %" PRIu64 " brokers connected",
                       f->books.value[TK_BROKERS_UP], f->books.value[TK_BROKERS]);
    (void)snprintf(line, sizeof(line), "%s%s%s%s",
                   !st->is_acknowledging    ? "acknowledges NOTHING"
                   : !f || st->acknowledged ? "acknowledges"
                                            : "nothing to acknowledge yet",
                   last, since, brokers);
    put_wrapped(p, "Kafka  ", "", line);
}

static void put_queue(const struct page *p)
{
    const struct tk_status *st = p->st;
    const struct tk_peek_facts *q = &st->queue.facts;
    const uint64_t *v = st->figures ? st->figures->books.value : NULL;
    uint64_t used = v ? v[TK_QUEUE_BYTES] : 0, capacity = v ? v[TK_QUEUE_CAPACITY] : 0, pending = v ? v[TK_PENDING] : 0;
    char oldest[64] = "", ago[32], size[32];

    if (st->origin[TK_SOURCE_QUEUE].is_read) {
        used = q->head - q->tail;
        capacity = q->capacity;
        pending = q->head_seq - q->tail_seq;
    }
    if (!capacity) {
        put_line(p, "Queue  not known");
        return;
    }
    if (st->queue.oldest && st->origin[TK_SOURCE_QUEUE].is_read)
        (void)snprintf(oldest, sizeof(oldest), ", the oldest for %s", tk_status_ago(ago, st->now - st->queue.oldest));
    put_line(p, "Queue  %.1f %% of %s in use, %" PRIu64 " wait%s%s%s", 100.0 * (double)used / (double)capacity,
             size_text(size, capacity), pending, oldest, st->origin[TK_SOURCE_QUEUE].name ? "; " : "",
             st->origin[TK_SOURCE_QUEUE].name ? st->origin[TK_SOURCE_QUEUE].name : "");
}

/* --- the funnel -------------------------------------------------------------------------------------------------- */

static void put_count(const struct page *p, const char *indent, const char *name, uint64_t count, const char *rate,
                      const char *help)
{
    char *line = NULL;

    if (asprintf(&line, "%s%-*s %12" PRIu64 " %10s", indent, (int)(NAME_COLUMNS - strlen(indent)), name, count, rate) <
        0)
        return;
    put_line(p, "%s%s%s", line, p->columns >= HELP_COLUMNS ? "  " : "", p->columns >= HELP_COLUMNS ? help : "");
    free(line);
}

/* A family, and below it those of its members that counted something. */
static void put_family(const struct page *p, enum tk_stat first)
{
    const struct tk_figures *f = p->st->figures;
    char rate[32] = "-";
    double per_second;
    uint64_t sum;

    if (!tk_figures_sum(f, first, &sum))
        return;
    if (tk_status_rate(p->st, first, &per_second))
        (void)snprintf(rate, sizeof(rate), "%.1f", per_second);
    else if (!tk_stat_is_counter(first))
        rate[0] = '\0';
    put_count(p, "", tk_stat_table[first].family, sum, rate, tk_family_help(first));
    for (int i = (int)first; i < TK_STAT_COUNT && (i == (int)first || !tk_figures_is_first((enum tk_stat)i)); i++)
        if (tk_stat_table[i].label[0] && f->books.value[i])
            put_count(p, "  ", tk_stat_table[i].label, f->books.value[i], "", tk_stat_table[i].help);
}

/* A book ends with what is not finished yet. */
static bool is_of_book(int i, enum tk_stat_kind kind)
{
    return tk_stat_table[i].kind == kind || (kind == TK_STAT_BOOKED && i == TK_PENDING) ||
           (kind == TK_STAT_DERIVED && i == TK_DERIVED_PENDING);
}

static void put_book(const struct page *p, enum tk_stat_kind kind)
{
    for (int i = 0; i < TK_STAT_COUNT; i++)
        if (tk_figures_is_first((enum tk_stat)i) && is_of_book(i, kind))
            put_family(p, (enum tk_stat)i);
}

static void put_funnel(const struct page *p)
{
    const struct tk_status *st = p->st;
    const struct tk_figures *f = st->figures;
    char title[80];
    uint64_t sum;

    if (!f)
        return;
    (void)snprintf(title, sizeof(title), "%-*s %12s %10s", NAME_COLUMNS, "FROM THE PORT TO KAFKA", "COUNT", "A SECOND");
    put_title(p, title);
    put_book(p, TK_STAT_LOSS);
    put_book(p, TK_STAT_BOOKED);
    if (f->books.value[TK_DERIVED])
        put_book(p, TK_STAT_DERIVED);
    for (int i = 0; i < TK_STAT_COUNT; i++)
        if (tk_stat_table[i].kind == TK_STAT_COUNTER && tk_figures_is_first((enum tk_stat)i) &&
            tk_figures_sum(f, (enum tk_stat)i, &sum) && sum)
            put_family(p, (enum tk_stat)i);
}

/* --- lists ------------------------------------------------------------------------------------------------------- */

static void put_changes(const struct page *p)
{
    const struct tk_health_receiver *r = p->st->receiver;
    char time[TK_RFC3339_BYTES];

    if (!r || !r->change_count)
        return;
    put_title(p, "LAST TROUBLES, AND THEIR ENDS");
    for (unsigned i = 0; i < r->change_count; i++)
        put_line(p, "%s  %-14s  %s", time_text(time, r->changes[i].at), r->changes[i].cause, r->changes[i].detail);
}

static void put_top(const struct page *p, const char *title, const struct tk_top_counts *c)
{
    if (!c->used)
        return;
    put_title(p, title);
    for (unsigned i = 0; i < c->used && i < ROWS; i++)
        put_line(p, "%12" PRIu64 "  %s%s%s", c->item[i].count, c->item[i].name, *c->item[i].detail ? "  from " : "",
                 c->item[i].detail);
    if (c->used > ROWS)
        put_line(p, "%12s  and %u others", "", c->used - ROWS);
}

static void put_refusals(const struct page *p)
{
    const struct tk_health_receiver *r = p->st->receiver;
    char title[96], ago[32];

    if (!r || !r->refusals.used)
        return;
    (void)snprintf(title, sizeof(title), "REFUSED IN THE LAST %s", tk_status_ago(ago, p->st->now - p->st->since));
    put_top(p, p->st->since ? title : "REFUSED", &r->refusals);
    if (*r->remedy.detail)
        put_wrapped(p, "  the last: ", "", r->remedy.detail);
}

static void put_rules(const struct page *p)
{
    const struct tk_figures *f = p->st->figures;

    if (!f || !f->rule_count)
        return;
    put_title(p, "DROPPED BY RULES");
    for (unsigned i = 0; i < f->rule_count; i++)
        put_line(p, "%12" PRIu64 "  %s", f->rules[i].count, f->rules[i].name);
}

static void put_sources(const struct page *p)
{
    const struct tk_status *st = p->st;
    const struct tk_status_origin *o = st->origin;
    char ago[32];

    if (!o[TK_SOURCE_STATS].is_read && !o[TK_SOURCE_HEALTH].is_read)
        return;
    put_title(p, "SOURCES");
    if (o[TK_SOURCE_STATS].is_read)
        put_line(p, "statistics    %s, written %s ago%s", o[TK_SOURCE_STATS].name,
                 tk_status_ago(ago, st->now - st->stats.at),
                 st->figures == &st->stats ? "" : " (older than the topic's)");
    if (o[TK_SOURCE_HEALTH].is_read && st->receiver)
        put_line(p, "health topic  %s, %llu records, the last %s ago", o[TK_SOURCE_HEALTH].name, st->receiver->records,
                 tk_status_ago(ago, st->now - st->receiver->last.figures.at));
    if (st->log.foreign)
        put_line(p, "              %llu messages are no records of health or refusals", st->log.foreign);
    if (st->log.left_out)
        put_line(p, "              %llu records of more than %d receivers are left out", st->log.left_out,
                 TK_HEALTH_RECEIVERS);
    if (st->log.used > 1)
        put_line(p, "              %u receivers write to it; choose one: --receiver", st->log.used);
}

void tk_status_page(FILE *f, const struct tk_status *st, unsigned columns, bool has_colour)
{
    const struct page p = {.f = f, .st = st, .columns = columns, .has_colour = has_colour};

    put_head(&p);
    put_kafka(&p);
    put_queue(&p);
    put_funnel(&p);
    put_changes(&p);
    put_refusals(&p);
    if (st->origin[TK_SOURCE_QUEUE].is_read)
        put_top(&p, "WAITING IN THE QUEUE, BY SENDER", &st->queue.senders);
    put_rules(&p);
    put_sources(&p);
}
