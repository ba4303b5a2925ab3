/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file open.h
 * @brief Open the sink that the settings ask for: on the operator's brokers, or on the embedded broker.
 */
#ifndef TK_OPEN_H
#define TK_OPEN_H

#include "sink/kafka.h"

/** What outlives a sink: the embedded broker, which is started once and kept, also when the settings change. */
struct tk_opener {
    struct tk_embedded_broker *embedded; /* NULL until the settings ask for it */
};

/** @brief A tk_sink_open_fn; @p arg is a struct tk_opener. @locality worker @locks none */
tk_sink_open_fn tk_open_kafka;

/** @brief Stop the embedded broker, if there is one. @locality any, when no worker runs @locks none */
void tk_opener_done(struct tk_opener *o);

#endif /* TK_OPEN_H */
