/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_inspect.h
 * @brief Look at the brokers and the topics that the settings name, and say what would keep events from them. For the
 *        command: nothing is published, and nothing is created.
 *
 * Brokers are asked what any producer may ask, and for the topics' settings, which takes the right DescribeConfigs. What
 * librdkafka cannot ask is not known: the right Write (only a write would tell), and the brokers' clocks.
 *
 * Owner:  one thread, which waits for answers. Memory: fixed, beside librdkafka's own.
 * Clock:  monotonic; a limit on all questions together.
 */
#ifndef TK_KAFKA_INSPECT_H
#define TK_KAFKA_INSPECT_H

#include "base/clock.h"
#include "config/settings.h"
#include "sink/sink.h"

enum tk_inspected { TK_INSPECTED_OK, TK_INSPECTED_WARNING, TK_INSPECTED_ERROR };

/** Is told each finding. @param directive  the one that it is about */
typedef void tk_inspected_fn(void *arg, enum tk_inspected level, enum tk_directive_number directive, const char *text);

/**
 * @brief Ask the brokers.
 * @param cf        with brokers, other than the embedded one, and not held
 * @param routes    topics of rules; NULL: none
 * @param patience  for all answers together
 * @locality any  @locks none
 */
void tk_kafka_inspect(struct tk_settings *cf, const struct tk_routes *routes, tk_nsec patience, tk_inspected_fn *tell,
                      void *arg);

#endif /* TK_KAFKA_INSPECT_H */
