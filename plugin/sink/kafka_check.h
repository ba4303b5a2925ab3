/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_check.h
 * @brief Which of librdkafka's properties an operator may set, and with which values: checked when they are read.
 *
 * A few properties decide that no event is lost or reordered. The module sets those itself, and refuses them in
 * kafkaProperty with a reason. Values of secrets (passwords, keys, tokens) are never in an error text.
 */
#ifndef TK_KAFKA_CHECK_H
#define TK_KAFKA_CHECK_H

#include "config/settings.h"

/** When a property is not refused but left out, with a warning. */
enum tk_refused_unless {
    TK_UNLESS_NEVER,
    TK_UNLESS_OWN,    /* its value is the one that the module sets, or relies on */
    TK_UNLESS_SHARED, /* it is in a file, which other clients may use too: it is for consumers, or names the brokers */
};

/** One property that kafkaProperty refuses. */
struct tk_refused_property {
    const char *name;
    const char *why;    /* the reason */
    const char *remedy; /* what to do instead */
    enum tk_refused_unless unless;
};
extern const struct tk_refused_property tk_refused_properties[];
extern const size_t tk_refused_property_count;

/** @brief Does librdkafka have this property, is the value valid, and may the operator set it? Of a file of TLS: can it
 *         be opened? @locality any @locks none */
tk_property_check tk_kafka_check_property;

/** @brief Can the files of TLS be opened? They may have been removed, or root been given up, since they were checked.
 *  @retval 0 / -EINVAL with @p err set @locality worker @locks none */
int tk_kafka_check_files(const struct tk_settings *cf, struct tk_err *err);

/**
 * @brief Do the properties suit each other? Refused is what would publish in clear although credentials or certificates
 *        are given, and what could never authenticate.
 * @retval 0 / -EINVAL with @p err set
 * @locality any  @locks none
 */
int tk_kafka_check_together(const struct tk_settings *cf, struct tk_err *err);

#endif /* TK_KAFKA_CHECK_H */
