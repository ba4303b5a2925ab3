/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_hidden.h
 * @brief Which alarms of the shipped rules do imported rules take away, because they are tried first?
 */
#ifndef TK_IMPORT_HIDDEN_H
#define TK_IMPORT_HIDDEN_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "dictionary/dictionary.h"

struct tk_import_hidden;

/** @brief Load the shipped rules. @param dict  must outlive it @returns NULL: they can't be loaded
 *  @locality any @locks none */
struct tk_import_hidden *tk_import_hidden_new(struct tk_dict *dict);
/** @brief Free. NULL is a no-op. @locality any @locks none */
void tk_import_hidden_free(struct tk_import_hidden *h);

/**
 * @brief Count a rule if a shipped one raises or clears an alarm with the notification of its test, and it does not raise
 *        or clear the same one.
 * @param h      NULL is a no-op
 * @param flat   the notification, @p len bytes
 * @param event  what the imported rule makes of it; NULL: it drops it
 * @locality any  @locks none
 */
void tk_import_hidden_compare(struct tk_import_hidden *h, const char *rule, const uint8_t *flat, size_t len,
                              const json_t *event);

/** @brief Write one line about them, if there are any. @locality any @locks none */
void tk_import_hidden_tell(const struct tk_import_hidden *h, FILE *f);

#endif /* TK_IMPORT_HIDDEN_H */
