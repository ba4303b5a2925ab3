/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay_figures.h
 * @brief What `trapkafka replay` counts, and how it prints that at the end.
 */
#ifndef TK_REPLAY_FIGURES_H
#define TK_REPLAY_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

#include "stages/render.h"

/** Of one configuration. */
struct tk_replayed {
    uint64_t published, duplicates, by_rule, dropped;
    uint64_t bytes; /* of all events */
    uint64_t severities[TK_SEV_COUNT_];
    uint64_t transitions[TK_ALARM_TRANSITIONS];
    uint64_t unresolved, no_rule, no_device;
    uint64_t standing; /* alarms at the end */
};

struct tk_figures {
    uint64_t notifications;
    uint64_t refused;     /* by access lines or USM, or unreadable */
    uint64_t unfit;       /* they can be no event */
    uint64_t passed_over; /* datagrams that are no notification */
    uint64_t different;   /* notifications whose events differ; with two configurations */
    double seconds;       /* that it took */
    bool has_other;
    struct tk_replayed of[2]; /* the configuration, and the other one */
};

/** @brief Count what the stages made of a notification. @locality any @locks none */
void tk_replayed_count(struct tk_replayed *r, enum tk_verdict verdict, const struct tk_renderer *result);

/** @brief Print on standard output, or, where that has events, on standard error. @locality any @locks none */
void tk_figures_print(const struct tk_figures *f, bool is_json, bool is_stderr);

#endif /* TK_REPLAY_FIGURES_H */
