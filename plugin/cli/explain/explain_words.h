/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain_words.h
 * @brief Texts of an event as JSON values. Bytes that are no UTF-8 are escaped.
 */
#ifndef TK_EXPLAIN_WORDS_H
#define TK_EXPLAIN_WORDS_H

#include <jansson.h>

#include "cli/offline.h"

/** @brief A text; absent gives null. @locality any @locks none */
json_t *tk_explain_text(struct tk_text text);
/** @brief An OID with dots. @locality any @locks none */
json_t *tk_explain_oid(const uint32_t *subid, size_t len);
/** @brief "MODULE::name", or null. @locality any @locks none */
json_t *tk_explain_name(struct tk_text module, struct tk_text name);
/** @brief What a person reads of a varbind of the last event. @param varbind  SIZE_MAX: null @locality any @locks none */
json_t *tk_explain_value(const struct tk_offline *o, size_t varbind);

#endif /* TK_EXPLAIN_WORDS_H */
