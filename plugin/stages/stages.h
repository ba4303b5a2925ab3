/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file stages.h
 * @brief The stages that a notification runs through, in order: stages.c has the list. A stage is
 *        (state, bundle, event, now) -> PASS or DROP.
 *
 * `now` is the moment of reception, out of the record, never the worker's clock: with the worker's clock, ten
 * minutes of backlog would fall into one dedup window, and distinct alarms would be dropped as repeats. A stage
 * neither logs nor
 * touches files, and its state keeps no pointer into a bundle.
 *
 * To add a stage: a file of its own in this folder, its prototype in stages_internal.h, a line in the list in
 * stages.c, its members in event/event.h. What it remembers between traps goes into struct tk_stage_state, what it
 * reads from
 * files into struct tk_bundle. A stage that can drop needs a verdict here and a counter in base/stats.def.
 */
#ifndef TK_STAGES_H
#define TK_STAGES_H

#include "base/clock.h"
#include "event/event.h"
#include "stages/bundle.h"

enum tk_verdict {
    TK_PASS,
    TK_DROP_DUPLICATE,
    TK_DROP_MALFORMED, /* what is in the record can't be an event */
    TK_DROP_NO_MEMORY,
};

/** What the stages remember from trap to trap. */
struct tk_stage_state {
    struct tk_dedup *dedup;
};

/**
 * @brief Run all stages, in the order of the list, until one drops the event.
 * @param b    tables and settings; read only
 * @param now  monotonic, of reception
 * @retval TK_PASS  all passed
 * @locality worker  @locks none
 */
enum tk_verdict tk_stages_run(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now);

#endif /* TK_STAGES_H */
