/* SPDX-License-Identifier: Apache-2.0 */
/** @file embedded_broker.h
 *  @brief Run librdkafka's built-in broker on loopback, in a handle of its own; for demonstrations and small tests.
 * */
#ifndef TK_EMBEDDED_BROKER_H
#define TK_EMBEDDED_BROKER_H

#include "base/err.h"

struct tk_embedded_broker;

/** @brief Start the broker. @returns NULL with @p err set @locality worker @locks none */
struct tk_embedded_broker *tk_embedded_broker_new(struct tk_err *err);

/** @brief Its address, "127.0.0.1:PORT", owned by the broker. @locality worker @locks none */
const char *tk_embedded_broker_address(const struct tk_embedded_broker *b);

/** @brief Stop the broker. NULL is a no-op. @locality worker @locks none */
void tk_embedded_broker_free(struct tk_embedded_broker *b);

#endif /* TK_EMBEDDED_BROKER_H */
