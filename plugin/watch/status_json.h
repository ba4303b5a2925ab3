/* SPDX-License-Identifier: Apache-2.0 */
/** @file status_json.h
 *  @brief The state of a snmptrapd with the module as one JSON object; doc/trapkafka.1.in describes its members. */
#ifndef TK_STATUS_JSON_H
#define TK_STATUS_JSON_H

#include "watch/status_facts.h"

/** @brief Write it. @param st  judged @returns to be freed; NULL: out of memory @locality any @locks none */
char *tk_status_json(const struct tk_status *st);

#endif /* TK_STATUS_JSON_H */
