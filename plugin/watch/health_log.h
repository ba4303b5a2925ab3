/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file health_log.h
 * @brief What the health topic tells, for each receiver: the last books, changes of state, and who was refused.
 *
 * The records may come in any order, as those of a topic with several partitions do.
 *
 * Owner:  one thread. No locks.
 * Bound:  TK_HEALTH_RECEIVERS receivers of 40 KiB; records of further ones are counted only.
 */
#ifndef TK_HEALTH_LOG_H
#define TK_HEALTH_LOG_H

#include "watch/figures.h"
#include "watch/seen.h"
#include "watch/top_counts.h"

#define TK_HEALTH_RECEIVERS 64
#define TK_HEALTH_CHANGES   10
#define TK_HEALTH_APART     (10 * TK_SECOND) /* least time between two records that make a rate */

struct tk_health_change {
    tk_nsec at; /* wall clock */
    char cause[48], detail[300];
};

struct tk_health_books {
    struct tk_figures figures; /* at is 0: there are none */
    char queue[24], cause[48];
    json_int_t uptime_seconds;
    bool is_balanced; /* as the record says */
};

struct tk_health_receiver {
    char host[256];
    struct tk_health_books last, before;                /* TK_HEALTH_APART or more before the last */
    struct tk_health_change changes[TK_HEALTH_CHANGES]; /* the last first */
    unsigned change_count;
    struct tk_health_change lost, acknowledging; /* the last that says so; at is 0: none does */
    struct tk_top_counts refusals;               /* name: reason, detail: address */
    struct tk_health_change remedy;              /* the last refusal: reason, and what to do */
    unsigned long long records;
};

/** Zeroed, but for `wanted`: nothing was taken. */
struct tk_health_log {
    const char *wanted;                                        /* a host that is never left out, or NULL */
    struct tk_health_receiver *receivers[TK_HEALTH_RECEIVERS]; /* in the order in which they came first */
    unsigned used;
    unsigned long long foreign;  /* messages that are no record of health or refusals */
    unsigned long long left_out; /* records of further receivers, or for lack of memory */
};

/** @brief Free what it holds. @locality the owner @locks none */
void tk_health_log_done(struct tk_health_log *l);

/** @brief Take a message of the topic. @locality the owner @locks none */
void tk_health_log_take(struct tk_health_log *l, const void *value, size_t len);

/** @brief The receiver of this host. @param host  NULL: the one that wrote last @returns NULL: there is none
 *  @locality the owner @locks none */
const struct tk_health_receiver *tk_health_log_of(const struct tk_health_log *l, const char *host);

#endif /* TK_HEALTH_LOG_H */
