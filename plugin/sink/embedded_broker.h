/* SPDX-License-Identifier: Apache-2.0 */
/** @file embedded_broker.h
 *  @brief librdkafka's built-in broker on loopback, for demonstrations and small tests. It has a handle of its own. */
#ifndef TK_EMBEDDED_BROKER_H
#define TK_EMBEDDED_BROKER_H

#include "base/err.h"

struct tk_embedded_broker;

/** @returns NULL with @p err set @locality worker @locks none */
struct tk_embedded_broker *tk_embedded_broker_new(struct tk_err *err);

/** @returns "127.0.0.1:PORT", owned by the broker @locality worker @locks none */
const char *tk_embedded_broker_address(const struct tk_embedded_broker *b);

/** NULL is a no-op. @locality worker @locks none */
void tk_embedded_broker_free(struct tk_embedded_broker *b);

#endif /* TK_EMBEDDED_BROKER_H */
