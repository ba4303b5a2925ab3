/* SPDX-License-Identifier: Apache-2.0 */
/** @file check_brokers.h
 *  @brief Ask the brokers that the configuration names, and say what is found. */
#ifndef TK_CHECK_BROKERS_H
#define TK_CHECK_BROKERS_H

#include "base/clock.h"
#include "cli/check/check_config.h"
#include "rules/rules.h"

/** @brief See sink/kafka_inspect.h. @param rules  may name topics; NULL: none @locality any @locks none */
void tk_check_brokers(const struct tk_check_config *c, const struct tk_rules *rules, tk_nsec patience,
                      struct tk_check_findings *findings);

#endif /* TK_CHECK_BROKERS_H */
