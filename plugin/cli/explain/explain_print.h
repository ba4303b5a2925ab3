/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain_print.h
 * @brief Print an explanation: for a person, step by step, or as one JSON object.
 */
#ifndef TK_EXPLAIN_PRINT_H
#define TK_EXPLAIN_PRINT_H

#include <jansson.h>
#include <stdbool.h>

/** @brief Print for a person, with colours if standard output is a terminal and NO_COLOR is not set. @param event  its
 *  JSON; NULL: none @locality any @locks none */
void tk_explain_print(const json_t *facts, const char *event);

/** @brief Print one JSON object, with the event as its last member, byte by byte as the worker wrote it.
 *  @locality any @locks none */
void tk_explain_print_json(const json_t *facts, const char *event);

#endif /* TK_EXPLAIN_PRINT_H */
