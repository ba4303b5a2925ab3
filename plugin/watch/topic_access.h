/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file topic_access.h
 * @brief Which brokers, with which properties: as the module publishes, by snmptrapd's configuration or by options.
 */
#ifndef TK_TOPIC_ACCESS_H
#define TK_TOPIC_ACCESS_H

#include <librdkafka/rdkafka.h>

#include "base/err.h"
#include "config/settings.h"

/** What an operator gave on the command line; NULL: not given. */
struct tk_access_options {
    const char *config;     /* snmptrapd's configuration file */
    const char *brokers;    /* HOST:PORT[,HOST:PORT...] */
    const char *properties; /* a file of NAME=VALUE lines, as that of kafkaPropertyFile */
    bool is_config_needed;  /* read the default file too where brokers are given */
    bool is_config_helpful; /* go on without the default file if there is none */
};

/**
 * @brief Settings of the configuration file (without one, and without brokers: of the default one), then of the options.
 * @returns settings with one reference; NULL with @p err set
 * @locality any  @locks none
 */
struct tk_settings *tk_access_settings(const struct tk_access_options *o, struct tk_err *err);

/** @brief May the brokers be asked? Not without any, and not if they are the built-in one, whose address is only in
 *         snmptrapd's log. @retval 0 / -EINVAL with @p err set @locality any @locks none */
int tk_access_check(const struct tk_settings *cf, struct tk_err *err);

/**
 * @brief The topic that a directive names.
 * @param token  a directive of later versions may be asked for too
 * @returns the topic; NULL: none. It belongs to @p cf
 * @locality any  @locks none
 */
const char *tk_access_topic(const struct tk_settings *cf, const char *token);

/**
 * @brief The configuration of a consumer: the operator's properties but those that are for producers only, then ours.
 *        It joins no group and stores no offset.
 * @returns what the caller gives to rd_kafka_new() or destroys; NULL with @p err set
 * @locality any  @locks none
 */
rd_kafka_conf_t *tk_access_conf(const struct tk_settings *cf, struct tk_err *err);

#endif /* TK_TOPIC_ACCESS_H */
