/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file settings.h
 * @brief The operator's settings: one object per reading of the configuration, immutable once it is published.
 *
 * Life:    tk_settings_new() sets the defaults; tk_settings_set() parses one directive at a time, in snmptrapd's
 *          thread. References are counted: each holder takes one.
 * Table:   config/directives.def is the one source of names, arguments, defaults, ranges and help.
 */
#ifndef TK_SETTINGS_H
#define TK_SETTINGS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/err_list.h"

#define TK_DIRECTIVE(token, args, dflt, set, help) TK_DIRECTIVE_##token,
enum tk_directive_number {
#include "config/directives.def"
    TK_DIRECTIVE_COUNT
};
#undef TK_DIRECTIVE

/** Which of the shipped rules for vendors' notifications are in force. */
enum tk_vendor_rules { TK_VENDOR_RULES_OFF, TK_VENDOR_RULES_CURATED, TK_VENDOR_RULES_ALL };

/** What makes two notifications the same; bits of settings.dedup_fields. */
enum tk_dedup_field {
    TK_BY_ENGINE = 1,
    TK_BY_TRAP_OID = 2,
    TK_BY_UPTIME = 4,
    TK_BY_VARBINDS = 8,
    TK_BY_SOURCE = 16,
    TK_BY_REQUEST_ID = 32,
};

#define TK_ENGINES_MAX      10000000u /* kafkaEngines */
#define TK_DICTIONARIES_MAX 8         /* lines kafkaDictionary */

struct tk_property {
    char *name, *value;
    bool is_from_file; /* of kafkaPropertyFile: the value may be a secret and is never logged */
};

struct tk_settings {
    atomic_uint refs;
    char *raw[TK_DIRECTIVE_COUNT];    /* arguments as written; NULL: not given */
    bool is_kept[TK_DIRECTIVE_COUNT]; /* of an earlier reading: a line that is not refused takes its place */

    char *brokers; /* NULL: not configured */
    char *topic;
    char *health_topic, *dead_letter_topic, *alarm_topic; /* NULL: off */
    bool is_creating_topics;                              /* those that do not exist */
    struct tk_property *properties;
    size_t property_count;
    bool has_headers;
    uint64_t queue_bytes;
    char *queue_path;                            /* NULL: memory */
    unsigned queue_sync_ms;                      /* 0: off */
    bool is_answering_delivered;                 /* answer INFORMs when Kafka has the event; else when queued */
    char *severity_rules, *inventory, *circuits; /* files, or NULL */
    enum tk_vendor_rules vendor_rules;
    char *dictionaries[TK_DICTIONARIES_MAX];      /* files */
    bool is_dictionary_kept[TK_DICTIONARIES_MAX]; /* of an earlier reading: a line that names it gives it its place */
    size_t dictionary_count;
    const char *vendor_dictionary; /* the installed dictionary of vendors; NULL: there is none. No directive sets it. */
    const char *rules_folder; /* where the shipped rules are installed; NULL: there are none. No directive sets it. */
    unsigned dedup_window_s;  /* 0: off */
    unsigned dedup_fields;    /* enum tk_dedup_field */
    unsigned engines_max;     /* 0: off */
    unsigned engines_ttl_s;
    bool is_replay_strict;
    bool is_logging_traps;
    bool is_publishing_community;
    char *stats_file; /* NULL: off */
    unsigned stats_seconds;
    unsigned flush_seconds; /* how long an orderly stop may take */

    /* The first setting that was refused although it decides where events go, or how they are protected on the way;
     * empty: none. See tk_settings_settle(). */
    char refused[160];
    bool is_held; /* open no producer: events wait in the queue */
};

#define TK_PROPERTY_LEFT_OUT 1 /* of a tk_property_check: not set, and nothing is lost by that */

/**
 * Checks a librdkafka property; implemented by the sink.
 * @param is_from_file  of kafkaPropertyFile: the value may be a secret, and the file may be shared with other clients
 * @retval 0                     accepted
 * @retval TK_PROPERTY_LEFT_OUT  the producer goes without it; @p err says why, as a warning
 * @retval -EINVAL, -ENOENT      refused; librdkafka has no property of that name. @p err is set
 */
typedef int tk_property_check(const char *name, const char *value, bool is_from_file, struct tk_err *err);

/** What is said about one line of the configuration. */
struct tk_remarks {
    struct tk_err_list errors; /* the line is refused, and changes nothing */
    struct tk_err_list warnings;
};

/** @brief Create settings with all defaults and one reference. @returns NULL when out of memory
 *  @locality any @locks none */
struct tk_settings *tk_settings_new(void);
/** @brief Take a reference. @returns @p cf @locality any @locks none */
struct tk_settings *tk_settings_ref(struct tk_settings *cf);
/** @brief Drop a reference; the last one frees the settings. NULL is a no-op. @locality any @locks none */
void tk_settings_unref(struct tk_settings *cf);

/**
 * @brief Parse one directive's arguments into @p cf.
 * @param token     name out of the table
 * @param args      the rest of the line
 * @param property  checks kafkaProperty; NULL: not checked
 * @param remarks   value, reason and remedy of each error are added (file and line, if empty, are the caller's); NULL: none
 * @retval 0        accepted
 * @retval -EINVAL  refused: nothing changed but `refused`, if the line decides where or how safely events are published
 * @locality snmptrapd  @locks none
 */
int tk_settings_read(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                     struct tk_remarks *remarks);

/** @brief tk_settings_read() for a caller that wants the first error only. @locality snmptrapd @locks none */
int tk_settings_set(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                    struct tk_err *err);

enum tk_line_kind {
    TK_LINE_FOREIGN,    /* none of the module's directives */
    TK_LINE_ORDINARY,   /* without it events still go where they should, as safely as they should */
    TK_LINE_PROTECTIVE, /* it decides where events go, or how they are protected; or it may be such a line, mistyped */
};

/**
 * @brief What does this line protect? Asked about a line that net-snmp has not passed on.
 * @param token  its first word, of any kind
 * @param args   the rest of the line
 * @locality any  @locks none
 */
enum tk_line_kind tk_settings_line_kind(const char *token, const char *args);

/**
 * @brief Copy a directive's value out of @p before, after its new line was refused. A later line may still replace it.
 * @param args  the refused arguments; for kafkaProperty they name the property
 * @returns whether @p before had a value and @p cf has it now
 * @locality snmptrapd  @locks none
 */
bool tk_settings_keep(struct tk_settings *cf, const char *token, const char *args, const struct tk_settings *before);

/**
 * @brief A line with this directive was refused, and there is no value before: if the default, or an earlier line, could
 *        do what the line forbids, put the safe value in force. That is so with kafkaCreateTopics: no topic is created.
 * @returns whether there is such a value
 * @locality snmptrapd  @locks none
 */
bool tk_settings_fall_back(struct tk_settings *cf, const char *token);

/** @brief Check the configuration as a whole, after its last line. @retval 0 / -EINVAL with @p err set
 *  @locality snmptrapd @locks none */
int tk_settings_check(const struct tk_settings *cf, struct tk_err *err);

/** @brief Is this a valid name of a Kafka topic? @locality any @locks none */
bool tk_settings_is_topic(const char *name);

/** @brief Note that @p what was refused, so that a producer might publish unprotected or to a wrong topic. The first call
 *         counts. @locality snmptrapd @locks none */
void tk_settings_distrust(struct tk_settings *cf, const char *what);

enum tk_settled {
    TK_SETTLED,        /* no such setting was refused */
    TK_SETTLED_BEFORE, /* brokers, topics, headers and properties are all those of before */
    TK_SETTLED_HELD,   /* there are none of before: no producer may be opened */
};

/**
 * @brief After the last line: fail closed. If a setting was refused that decides where events go or how they are
 *        protected, the producer's settings of @p before (NULL: none) stay in force, all of them, so that no mixture
 *        sends credentials or events to a wrong place; without such settings @p cf is held.
 * @locality snmptrapd  @locks none
 */
enum tk_settled tk_settings_settle(struct tk_settings *cf, const struct tk_settings *before);

/** @brief Can one producer serve both? If not, a change from one to the other needs a new producer.
 *  @locality any @locks none */
bool tk_settings_same_producer(const struct tk_settings *a, const struct tk_settings *b);

/** One row of the table, for usage, man page and tests. */
struct tk_directive {
    const char *token, *args, *default_text, *help;
};
extern const struct tk_directive tk_directives[];
extern const size_t tk_directive_count;

#endif /* TK_SETTINGS_H */
