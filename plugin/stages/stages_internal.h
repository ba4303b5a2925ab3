/* SPDX-License-Identifier: Apache-2.0 */
/** @file stages_internal.h
 *  @brief Each stage's function, for the list in stages.c. */
#ifndef TK_STAGES_INTERNAL_H
#define TK_STAGES_INTERNAL_H

#include "stages/stages.h"

/** @brief A stage. @retval TK_PASS go on to the next stage @locality worker @locks none */
typedef enum tk_verdict tk_stage(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev,
                                 tk_nsec now);

tk_stage tk_decode, tk_identify, tk_resolve, tk_severity, tk_alarm_stage, tk_dedup_stage, tk_alarm_keep, tk_describe,
    tk_enrich;

/**
 * @brief Part of tk_resolve: fill ev->missing, and mark the varbinds that are none of the notification's OBJECTS.
 * @returns false if out of memory
 * @locality worker  @locks none
 */
bool tk_compare_objects(const struct tk_dict *dict, struct tk_event *ev);

#endif /* TK_STAGES_INTERNAL_H */
