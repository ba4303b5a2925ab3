/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file stages.h
 * @brief Run a notification through the stages, in the order of the list in stages.c. A stage is a function
 *        (state, bundle, event, now) -> PASS or DROP.
 *
 * `now` is the moment of reception, from the record, never the worker's clock: with the worker's clock, ten minutes
 * of backlog would be in one dedup window, and distinct alarms would be dropped as repeats. A stage neither logs nor
 * opens files, and its state keeps no pointer into a bundle.
 *
 * To add a stage: add a file in this folder, its prototype in stages_internal.h, a line in the list in stages.c, and
 * its members in event/event.h. State that it keeps between traps goes into struct tk_stage_state, tables that it
 * reads go into struct tk_bundle. A stage that can drop needs a verdict here and a counter in base/stats.def.
 */
#ifndef TK_STAGES_H
#define TK_STAGES_H

#include "base/clock.h"
#include "event/event.h"
#include "stages/bundle.h"

enum tk_verdict {
    TK_PASS,
    TK_DROP_DUPLICATE,
    TK_DROP_BY_RULE,   /* the rule that matched says so */
    TK_DROP_MALFORMED, /* the record is not a valid trap */
    TK_DROP_NO_MEMORY,
};

/** The state that the stages keep between traps. */
struct tk_stage_state {
    struct tk_dedup *dedup;         /* NULL: no bundle switches dedup on */
    struct tk_alarm_states *alarms; /* NULL: no states of alarms are kept */
    struct tk_rules_trace *trace;   /* set to why the rules decided, for `trapkafka explain`; NULL: nobody asks */
    uint64_t events;                /* seen so far, those that are sent again left out */
};

/**
 * @brief Run the stages in the order of the list, until one drops the event.
 * @param b    tables and settings; read only
 * @param now  monotonic time of reception
 * @retval TK_PASS  all passed
 * @locality worker  @locks none
 */
enum tk_verdict tk_stages_run(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now);

#endif /* TK_STAGES_H */
