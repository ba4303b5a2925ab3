/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file stage.h
 * @brief What a stage is: (state, event, now) -> PASS or DROP.
 *
 * `now` is the moment of reception, out of the record, never the worker's clock: otherwise ten minutes of backlog would
 * collapse into one window. A stage neither logs nor touches files, and keeps no pointer into a bundle.
 */
#ifndef TK_STAGE_H
#define TK_STAGE_H

#include "base/clock.h"
#include "pipeline/event.h"

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

/** @retval TK_PASS go on @locality worker @locks none */
typedef enum tk_verdict tk_stage(struct tk_stage_state *st, struct tk_event *ev, tk_nsec now);

tk_stage tk_decode, tk_identify, tk_resolve, tk_severity, tk_dedup_stage, tk_enrich;

/** @brief Run the list in stages.c. @locality worker @locks none */
enum tk_verdict tk_stages_run(struct tk_stage_state *st, struct tk_event *ev, tk_nsec now);

#endif /* TK_STAGE_H */
