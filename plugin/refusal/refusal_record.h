/* SPDX-License-Identifier: Apache-2.0 */
/** @file refusal_record.h
 *  @brief The record about refused packets, type "rejected", as the health topic gets it. */
#ifndef TK_REFUSAL_RECORD_H
#define TK_REFUSAL_RECORD_H

#include "base/json_writer.h"
#include "event/receiver.h"
#include "refusal/refusal_box.h"

/**
 * @brief Write the whole record; look at j->is_failed afterwards.
 * @param id, time  terminated; "event_id", and when the last of these packets came
 * @locality worker  @locks none
 */
void tk_refusal_record_write(struct tk_json *j, const struct tk_receiver *rx, const struct tk_refusal_report *report,
                             const char *id, const char *time);

#endif /* TK_REFUSAL_RECORD_H */
