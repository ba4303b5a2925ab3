/* SPDX-License-Identifier: Apache-2.0 */
/* Sees what changed, and says it once: to the log where somebody has to act, to the health topic through states.h. */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "pipeline/worker_internal.h"

#define CHANGE_PERIOD (60 * TK_SECOND)
#define DROP_PERIOD   (3600 * TK_SECOND)
#define HIGH_PERCENT  80
#define LOW_PERCENT   60

void tk_worker_note(struct tk_worker *w, enum tk_change change, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tk_states_note(&w->states, change, &w->now, fmt, ap);
    va_end(ap);
}

static void regain(struct tk_worker *w)
{
    w->is_lost = false;
    tk_worker_note(w, TK_CHANGE_BROKER_REGAINED, "%llu bytes wait in the queue",
                   (unsigned long long)tk_ring_used(w->config.ring));
}

void tk_worker_on_reach(void *arg, enum tk_reach reach)
{
    struct tk_worker *w = arg;

    w->is_reach_lost = reach == TK_LOST;
    if (w->is_reach_lost && !w->is_lost) {
        w->is_lost = true;
        tk_worker_note(w, TK_CHANGE_BROKER_LOST, "no broker can be reached; events wait in the queue");
    } else if (!w->is_reach_lost && w->is_lost) {
        regain(w);
    }
}

/* A sink begins as reached and says nothing then: after a loss, only a delivery tells. */
void tk_worker_note_delivery(struct tk_worker *w)
{
    if (w->is_lost && !w->is_reach_lost)
        regain(w);
}

void tk_worker_note_damage(struct tk_worker *w, uint64_t position, uint64_t lost)
{
    uint64_t held_back;

    if (tk_log_limit_pass(&w->damaged_change, w->now.mono, CHANGE_PERIOD, &held_back))
        tk_worker_note(w, TK_CHANGE_DAMAGED, "at position %llu: %llu records (%llu more such places since the last such "
                       "record)", (unsigned long long)position, (unsigned long long)lost,
                       (unsigned long long)held_back);
    if (tk_log_limit_pass(&w->damaged_limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_ERR, "trapkafka: the queue is damaged at position %llu, records lost: %llu; is "
                   "the machine's %s sound? (%llu more such places since the last such line)",
                   (unsigned long long)position, (unsigned long long)lost,
                   tk_ring_path(w->config.ring) ? "disk" : "memory", (unsigned long long)held_back);
}

void tk_worker_note_start(struct tk_worker *w)
{
    const char *path = tk_ring_path(w->config.ring);

    if (w->queue_failure)
        tk_worker_note(w, TK_CHANGE_QUEUE_FAILED, "%s", w->queue_failure);
    if (path)
        tk_worker_note(w, TK_CHANGE_STARTED, "%llu records recovered from %s",
                       (unsigned long long)tk_ring_recovered(w->config.ring), path);
    else
        tk_worker_note(w, TK_CHANGE_STARTED, "the queue is memory");
}

static void watch_faults(struct tk_worker *w)
{
    uint64_t faults = tk_ring_faults(w->config.ring), held_back;
    const char *path = tk_ring_path(w->config.ring);

    if (faults == w->faults || !path)
        return;
    w->faults = faults;
    if (tk_log_limit_pass(&w->fault_change, w->now.mono, CHANGE_PERIOD, &held_back))
        tk_worker_note(w, TK_CHANGE_QUEUE_FAILED, "%s was cut or its disk failed: the queue goes on in memory", path);
    if (tk_log_limit_pass(&w->fault_limit, w->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_ERR, "trapkafka: the queue's file '%s' was cut or its disk failed: what those "
                   "pages held is lost, the queue goes on in memory; mend the disk and restart snmptrapd (%llu more "
                   "since the last such line)", path, (unsigned long long)held_back);
}

static void watch_fill(struct tk_worker *w)
{
    uint64_t used = tk_ring_used(w->config.ring), percent = used / (tk_ring_capacity(w->config.ring) / 100);

    if (!w->is_high && percent >= HIGH_PERCENT) {
        w->is_high = true;
        tk_worker_note(w, TK_CHANGE_QUEUE_HIGH, "%llu bytes in use, %llu %%", (unsigned long long)used,
                       (unsigned long long)percent);
    } else if (w->is_high && percent < LOW_PERCENT) {
        w->is_high = false;
        tk_worker_note(w, TK_CHANGE_QUEUE_NORMAL, "%llu bytes in use, %llu %%", (unsigned long long)used,
                       (unsigned long long)percent);
    }
}

static void watch_drops(struct tk_worker *w)
{
    struct tk_books books = tk_worker_books(w);
    char text[TK_STATE_TEXT] = "since the start:";
    uint64_t drops = 0;

    for (int i = 0; i < TK_STAT_COUNT; i++) {
        size_t len = strlen(text);

        if (strcmp(tk_stat_table[i].family, "dropped") != 0 || !books.value[i])
            continue;
        drops += books.value[i];
        (void)snprintf(text + len, sizeof(text) - len, " %s %llu", tk_stat_table[i].label,
                       (unsigned long long)books.value[i]);
    }
    if (drops == w->drops)
        return;
    if (!w->drops || w->now.mono - w->last_drop >= DROP_PERIOD)
        tk_worker_note(w, TK_CHANGE_FIRST_DROP, "%s", text);
    w->drops = drops;
    w->last_drop = w->now.mono;
}

void tk_worker_watch(struct tk_worker *w)
{
    watch_faults(w);
    watch_fill(w);
    watch_drops(w);
}
