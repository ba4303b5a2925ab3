/* SPDX-License-Identifier: Apache-2.0 */
/* Finds state changes by polling: how full the queue is, drops, and failures of the queue file and of dictionaries. */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "dictionary/dictionary_file.h"
#include "reporting/reporting_internal.h"

#define DROP_PERIOD  (3600 * TK_SECOND)
#define HIGH_PERCENT 80
#define LOW_PERCENT  60

void tk_reporter_note_start(struct tk_reporter *rp)
{
    const char *path = tk_ring_path(rp->config.ring);

    if (rp->queue_failure)
        tk_reporter_note(rp, TK_CHANGE_QUEUE_FAILED, "%s", rp->queue_failure);
    if (path)
        tk_reporter_note(rp, TK_CHANGE_STARTED, "%llu records recovered from %s",
                         (unsigned long long)tk_ring_recovered(rp->config.ring), path);
    else
        tk_reporter_note(rp, TK_CHANGE_STARTED, "the queue is in memory");
}

static void watch_faults(struct tk_reporter *rp)
{
    uint64_t faults = tk_ring_faults(rp->config.ring), held_back;
    const char *path = tk_ring_path(rp->config.ring);

    if (faults == rp->faults || !path)
        return;
    rp->faults = faults;
    if (tk_log_limit_pass(&rp->fault_change, rp->now.mono, TK_CHANGE_PERIOD, &held_back))
        tk_reporter_note(rp, TK_CHANGE_QUEUE_FAILED,
                         "%s was truncated, or its disk failed: the queue continues in memory", path);
    if (tk_log_limit_pass(&rp->fault_limit, rp->now.mono, TK_LOG_PERIOD, &held_back))
        tk_log_put(rp->config.log, LOG_ERR,
                   "trapkafka: the queue file '%s' was truncated, or its disk failed: records in the affected pages "
                   "are lost, and the queue continues in memory; repair the disk, then restart snmptrapd (%llu more "
                   "failures since the last message)",
                   path, (unsigned long long)held_back);
}

/* The loader thread notices that a file was overwritten, the guard of its mapping that it was cut. */
static void watch_dictionary(struct tk_reporter *rp, const struct tk_dict *dict)
{
    const char *path;
    unsigned count = 0;

    for (; (path = tk_dict_file_lost(dict, count)); count++) {
        if (count < rp->lost_dictionaries)
            continue;
        tk_reporter_note(rp, TK_CHANGE_DICTIONARY_LOST,
                         "%s was cut or overwritten, or its disk failed: its names are missing", path);
        tk_log_put(
            rp->config.log, LOG_ERR,
            "trapkafka: the dictionary '%s' was cut or overwritten while it was in use, or its disk failed: events "
            "have numbers in place of its names; copy or build it again, then send SIGHUP",
            path);
    }
    if (!count && rp->lost_dictionaries)
        tk_log_put(rp->config.log, LOG_ERR, "trapkafka: all dictionaries can be read again");
    rp->lost_dictionaries = count;
}

static void watch_fill(struct tk_reporter *rp)
{
    uint64_t used = tk_ring_used(rp->config.ring), percent = used / (tk_ring_capacity(rp->config.ring) / 100);

    if (!rp->is_high && percent >= HIGH_PERCENT) {
        rp->is_high = true;
        tk_reporter_note(rp, TK_CHANGE_QUEUE_HIGH, "%llu bytes in use, %llu %%", (unsigned long long)used,
                         (unsigned long long)percent);
    } else if (rp->is_high && percent < LOW_PERCENT) {
        rp->is_high = false;
        tk_reporter_note(rp, TK_CHANGE_QUEUE_NORMAL, "%llu bytes in use, %llu %%", (unsigned long long)used,
                         (unsigned long long)percent);
    }
}

static void watch_drops(struct tk_reporter *rp)
{
    struct tk_books books = rp->config.read_books(rp->config.arg);
    char text[TK_CHANGE_TEXT] = "since the start:";
    uint64_t drops = 0;

    for (int i = 0; i < TK_STAT_COUNT; i++) {
        size_t len = strlen(text);

        if (strcmp(tk_stat_table[i].family, "dropped") != 0 || !books.value[i])
            continue;
        drops += books.value[i];
        (void)snprintf(text + len, sizeof(text) - len, " %s %llu", tk_stat_table[i].label,
                       (unsigned long long)books.value[i]);
    }
    if (drops == rp->drops)
        return;
    if (!rp->drops || rp->now.mono - rp->last_drop >= DROP_PERIOD)
        tk_reporter_note(rp, TK_CHANGE_FIRST_DROP, "%s", text);
    rp->drops = drops;
    rp->last_drop = rp->now.mono;
}

void tk_reporter_watch(struct tk_reporter *rp, const struct tk_report_way *way)
{
    watch_faults(rp);
    watch_dictionary(rp, way->dict);
    watch_fill(rp);
    watch_drops(rp);
}
