/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file status_facts.h
 * @brief The state of one snmptrapd with the module, put together from three sources, of which any may be missing: the
 *        file of kafkaStatsFile, the file of the queue, and the health topic; and what is wrong with it.
 *
 * Owner: one thread. Borrows the names that it is given.
 */
#ifndef TK_STATUS_FACTS_H
#define TK_STATUS_FACTS_H

#include "watch/figures.h"
#include "watch/health_log.h"
#include "watch/queue_view.h"

#define TK_STATUS_FINDINGS 16

enum tk_status_source { TK_SOURCE_STATS, TK_SOURCE_QUEUE, TK_SOURCE_HEALTH, TK_STATUS_SOURCES };

struct tk_status_origin {
    const char *name;   /* of the file or topic; NULL: there is none */
    const char *absent; /* why there is none, and what to write */
    bool is_read;
    struct tk_err err; /* why it can't be read */
};

struct tk_status_finding {
    bool is_wrong; /* else it is to be known only */
    char text[900];
};

struct tk_status {
    struct tk_status_origin origin[TK_STATUS_SOURCES];
    unsigned stats_seconds; /* how often snmptrapd writes them */
    const char *host;       /* of the receiver; NULL: this machine, or the only one */
    tk_nsec since;          /* wall clock: from when on the health topic was read */

    struct tk_figures stats, stats_before; /* two readings of the file */
    struct tk_queue_view queue;
    struct tk_health_log log;

    /* What tk_status_judge() found. */
    tk_nsec now;                               /* wall clock */
    const struct tk_health_receiver *receiver; /* NULL: none is known */
    const struct tk_figures *figures;          /* the newest; NULL: there are none */
    const struct tk_figures *before;           /* for rates; NULL: there are none */
    struct tk_health_change acknowledging;     /* since when Kafka does; at is 0: not known */
    tk_nsec acknowledged;                      /* wall clock: the last time; 0: never, or not known */
    bool is_acknowledging;
    unsigned finding_count, wrong_count;
    struct tk_status_finding findings[TK_STATUS_FINDINGS];
};

/** @brief Read both files again. @locality the owner @locks none */
void tk_status_read_files(struct tk_status *st);

/** @brief Compare the sources, and say what is wrong, and what to do. @param now  wall clock
 *  @locality the owner @locks none */
void tk_status_judge(struct tk_status *st, tk_nsec now);

/** @brief How much a family grew in a second. @param first  its first row @returns false: not known
 *  @locality the owner @locks none */
bool tk_status_rate(const struct tk_status *st, enum tk_stat first, double *ret);

/** @brief Free what it holds. @locality the owner @locks none */
void tk_status_done(struct tk_status *st);

/** @brief "12 s", "5 min", "3 h 20 min", "2 d 4 h"; less than 0 is "0 s". @returns @p dst @locality any @locks none */
const char *tk_status_ago(char dst[32], tk_nsec age);

#endif /* TK_STATUS_FACTS_H */
