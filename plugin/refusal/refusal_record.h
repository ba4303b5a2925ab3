/* SPDX-License-Identifier: Apache-2.0 */
/** @file refusal_record.h
 *  @brief Write a report about refused packets as a record of type "rejected" for the health topic. */
#ifndef TK_REFUSAL_RECORD_H
#define TK_REFUSAL_RECORD_H

#include "base/json_writer.h"
#include "event/receiver.h"
#include "refusal/refusal_box.h"

/**
 * @brief Write the whole record; afterwards the caller must check j->is_failed.
 * @param id, time  terminated; the record's "event_id" and "time" (when the last of these packets came)
 * @locality worker  @locks none
 */
void tk_refusal_record_write(struct tk_json *j, const struct tk_receiver *rx, const struct tk_refusal_report *report,
                             const char *id, const char *time);

#endif /* TK_REFUSAL_RECORD_H */
