/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file topic_options.h
 * @brief The options of all subcommands that read topics: which brokers and topic, and which records.
 */
#ifndef TK_TOPIC_OPTIONS_H
#define TK_TOPIC_OPTIONS_H

#include "base/err.h"
#include "watch/record_filter.h"
#include "watch/topic_access.h"
#include "watch/topic_reader.h"

struct tk_words;

/** Numbers of the shared options: they are the first ones of each table. */
enum {
    TK_OPT_CONFIG,
    TK_OPT_BROKERS,
    TK_OPT_PROPERTIES,
    TK_OPT_TOPIC,
    TK_OPT_TIMEOUT,
    TK_OPT_JSON,
    TK_OPT_ACCESS_END,
    TK_OPT_SEVERITY = TK_OPT_ACCESS_END, /* the filter, in the order of enum tk_filter_kind */
    TK_OPT_DEVICE,
    TK_OPT_NAME,
    TK_OPT_SITE,
    TK_OPT_TYPE,
    TK_OPT_FILTER_END,
};

/* Rows of a table of options; TOPIC says which topic is the default, JSON what is printed. */
#define TK_ACCESS_OPTIONS(TOPIC, JSON) \
    [TK_OPT_CONFIG] = {"--config", "FILE", "read the module's directives from FILE (default: " TK_DEFAULT_CONFIG ")"}, \
    [TK_OPT_BROKERS] = {"--brokers", "LIST", "Kafka's brokers, HOST:PORT[,HOST:PORT...] (default: kafkaBrokers)"}, \
    [TK_OPT_PROPERTIES] = {"--properties", "FILE", "properties of librdkafka, as for kafkaPropertyFile"}, \
    [TK_OPT_TOPIC] = {"--topic", "NAME", TOPIC}, \
    [TK_OPT_TIMEOUT] = {"--timeout", "SECONDS", "how long to wait for the brokers at the start (default: 10)"}, \
    [TK_OPT_JSON] = {"--json", NULL, JSON}
#define TK_FILTER_OPTIONS \
    [TK_OPT_SEVERITY] = {"--severity", "LIST", "only these: major,critical, or major+ for major and above"}, \
    [TK_OPT_DEVICE] = {"--device", "GLOB", "only these devices: 'pe*.fra'; may be given several times"}, \
    [TK_OPT_NAME] = {"--name", "GLOB", "only these notifications: linkDown, 'BGP4-MIB::*', or an OID"}, \
    [TK_OPT_SITE] = {"--site", "GLOB", "only these sites, a column of the inventory"}, \
    [TK_OPT_TYPE] = {"--type", "GLOB", \
                     "only alarms of this type (link, bgp, fan ...), or records (trap, rejected ...)"}

struct tk_topic_options {
    struct tk_access_options access;
    const char *topic; /* NULL: the default */
    int timeout_ms;
    bool wants_json;
    struct tk_record_filter filter;
};

/** @brief Take a shared option that was read. @retval 0 / -EINVAL with @p err set @locality any @locks none */
int tk_topic_option(struct tk_topic_options *o, int option, const char *value, struct tk_err *err);

/** Take an option, or an operand, that was read. @retval 0 / -EINVAL with @p err set */
typedef int tk_topic_take_fn(void *arg, int word, const char *value, struct tk_err *err);

/** @brief Read all words, each by @p take. @returns false: the command ends with words->status
 *  @locality any @locks none */
bool tk_topic_parse(struct tk_words *words, tk_topic_take_fn *take, void *arg);

/** @brief Print why a subcommand of topics ends. @returns TK_EXIT_USAGE @locality any @locks none */
int tk_topic_complain(const struct tk_words *words, const struct tk_err *err);

/** @brief Has somebody asked the process to end (SIGINT, SIGTERM)? The first call begins to listen.
 *  @locality main @locks none */
bool tk_topic_is_ending(void);

#endif /* TK_TOPIC_OPTIONS_H */
