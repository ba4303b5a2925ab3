/* SPDX-License-Identifier: Apache-2.0 */
/* The line that `systemctl status snmptrapd` shows: whether events flow, and if not, why. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/notify.h"
#include "base/text.h"
#include "reporting/reporting_internal.h"

#define NUMBERS_PERIOD (5 * TK_SECOND) /* of a line in which only numbers have changed */
#define BROKERS_SHOWN  120
#define TIME_BYTES     21 /* "2026-11-22T05:45:26Z" */

static const char *time_text(char dst[TK_RFC3339_BYTES], tk_nsec wall)
{
    tk_clock_rfc3339(dst, wall);
    dst[TIME_BYTES - 2] = 'Z'; /* without microseconds */
    dst[TIME_BYTES - 1] = '\0';
    return dst;
}

static void add(char *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(char *line, const char *fmt, ...)
{
    size_t len = strlen(line);
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(line + len, TK_STATUS_BYTES - len, fmt, ap);
    va_end(ap);
}

static void add_brokers(char *line, const struct tk_report_way *way, bool has_published)
{
    struct tk_sink_view view = way->sink->ops->view(way->sink);
    size_t len = strlen(view.brokers);

    add(line, "%s to %s%.*s%s",
        has_published        ? "publishing"
        : view.brokers_known ? "ready to publish"
                             : "connecting",
        strcasecmp(way->settings->brokers, "embedded") == 0 ? "the embedded broker " : "", BROKERS_SHOWN, view.brokers,
        len > BROKERS_SHOWN ? "..." : "");
    if (view.brokers_known)
        add(line, " (%u of %u brokers connected)", view.brokers_up, view.brokers_known);
}

/* Where events go, or why they don't. */
static void add_state(const struct tk_reporter *rp, const struct tk_report_way *way, bool has_published, char *line)
{
    char time[TK_RFC3339_BYTES];

    if (way->settings->is_held) {
        add(line, "nothing is published: %s was refused; correct the configuration, then send SIGHUP",
            way->settings->refused);
    } else if (!way->settings->brokers) {
        add(line, "nothing is published: kafkaBrokers is missing");
    } else if (way->is_replacing) {
        add(line, "changing to another Kafka producer");
    } else if (!way->sink) {
        add(line, "nothing is published: %s", way->why_closed ? way->why_closed : "the Kafka producer is not open yet");
    } else if (rp->is_lost) {
        add(line, "KAFKA DOES NOT ACKNOWLEDGE since %s: %s", time_text(time, rp->lost_at.wall), rp->lost_text);
    } else {
        add_brokers(line, way, has_published);
    }
    add(line, "; topic %s", way->settings->topic);
}

static double rate_of(struct tk_reporter *rp, uint64_t published)
{
    tk_nsec now = rp->now.mono, since = rp->status.counted_at ? rp->status.counted_at : rp->started;
    double rate = 0;

    if (now > since)
        rate = (double)(published - rp->status.counted) / ((double)(now - since) / (double)TK_SECOND);
    rp->status.counted = published;
    rp->status.counted_at = now;
    return rate;
}

static void add_numbers(struct tk_reporter *rp, const struct tk_books *books, char *line)
{
    const uint64_t *v = books->value;
    char time[TK_RFC3339_BYTES];

    add(line, "; %.1f events/s, %" PRIu64 " since the start", rate_of(rp, v[TK_PUBLISHED]), v[TK_PUBLISHED]);
    if (v[TK_LAST_ACKNOWLEDGED])
        add(line, ", the last at %s", time_text(time, (tk_nsec)v[TK_LAST_ACKNOWLEDGED] * TK_SECOND));
    add(line, "; queue: %" PRIu64 " waiting, %.0f %% full", v[TK_PENDING],
        100.0 * (double)v[TK_QUEUE_BYTES] / (double)v[TK_QUEUE_CAPACITY]);
    if (rp->status.trouble_at)
        add(line, "; last trouble: %s %s: %s", time_text(time, rp->status.trouble_at),
            tk_change_name(rp->status.trouble), rp->status.trouble_text);
    else
        add(line, "; no trouble since the start");
}

/* The service manager refuses what is not UTF-8, and a line end would end the text. */
static void clean(char *line)
{
    bool is_utf8 = tk_utf8_is_valid((const uint8_t *)line, strlen(line));

    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f || (!is_utf8 && *c & 0x80))
            *c = '?';
}

static void send_line(struct tk_reporter *rp, char *line)
{
    clean(line);
    if (strcmp(line, rp->status.sent) == 0)
        return;
    (void)snprintf(rp->status.sent, sizeof(rp->status.sent), "%s", line);
    if (tk_notify_send(rp->config.notify, line) < 0)
        rp->status.sent[0] = '\0'; /* the manager did not read: send it again the next time */
}

void tk_reporter_note_trouble(struct tk_reporter *rp, enum tk_change change, const char *text)
{
    switch (change) {
    case TK_CHANGE_STARTED:
    case TK_CHANGE_BROKER_REGAINED:
    case TK_CHANGE_TOPIC_REGAINED:
    case TK_CHANGE_QUEUE_NORMAL: return;
    default: break;
    }
    rp->status.trouble = change;
    rp->status.trouble_at = rp->now.wall;
    (void)snprintf(rp->status.trouble_text, sizeof(rp->status.trouble_text), "%s", text);
}

void tk_reporter_tell_status(struct tk_reporter *rp, const struct tk_report_way *way)
{
    char line[TK_STATUS_BYTES] = "STATUS=trapkafka: ", state[TK_STATUS_BYTES];
    struct tk_books books;

    if (!rp->config.notify || !rp->config.notify->len)
        return;
    books = rp->config.read_books(rp->config.arg);
    add_state(rp, way, books.value[TK_PUBLISHED] > 0, line);
    memcpy(state, line, sizeof(state));
    if (strcmp(state, rp->status.state) == 0 && rp->now.mono < rp->status.next)
        return;
    memcpy(rp->status.state, state, sizeof(state));
    rp->status.next = rp->now.mono + NUMBERS_PERIOD;
    add_numbers(rp, &books, line);
    send_line(rp, line);
}

void tk_reporter_tell_text(struct tk_reporter *rp, const char *text)
{
    char line[TK_STATUS_BYTES] = "STATUS=trapkafka: ";

    if (!rp->config.notify || !rp->config.notify->len)
        return;
    add(line, "%s", text);
    send_line(rp, line);
}
