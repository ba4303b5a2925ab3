/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file malformed_words.h
 * @brief What is wrong with a message that net-snmp or the module can't use, and how its sender can be corrected.
 */
#ifndef TK_MALFORMED_WORDS_H
#define TK_MALFORMED_WORDS_H

#include "refusal/words.h"

/** @brief Say what was seen. @locality any @locks none */
void tk_malformed_detail(struct tk_words *w, const struct tk_refusal *r);
/** @brief Say what to do. @locality any @locks none */
void tk_malformed_remedy(struct tk_words *w, const struct tk_refusal *r);

#endif /* TK_MALFORMED_WORDS_H */
