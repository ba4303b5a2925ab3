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

#define TK_DIRECTIVE(token, args, dflt, set, help) TK_DIRECTIVE_##token,
enum tk_directive_number {
#include "config/directives.def"
    TK_DIRECTIVE_COUNT
};
#undef TK_DIRECTIVE

/** What makes two notifications the same; bits of settings.dedup_fields. */
enum tk_dedup_field {
    TK_BY_ENGINE = 1,
    TK_BY_TRAP_OID = 2,
    TK_BY_UPTIME = 4,
    TK_BY_VARBINDS = 8,
    TK_BY_SOURCE = 16,
    TK_BY_REQUEST_ID = 32,
};

#define TK_ENGINES_MAX 10000000u /* kafkaEngines */

struct tk_property {
    char *name, *value;
    bool is_from_file; /* of kafkaPropertyFile: the value may be a secret and is never logged */
};

struct tk_settings {
    atomic_uint refs;
    char *raw[TK_DIRECTIVE_COUNT]; /* arguments as written; NULL: not given */

    char *brokers;                                  /* NULL: not configured */
    char *topic, *health_topic, *dead_letter_topic; /* the latter two NULL: off */
    struct tk_property *properties;
    size_t property_count;
    bool has_headers;
    uint64_t queue_bytes;
    char *queue_path;                            /* NULL: memory */
    unsigned queue_sync_ms;                      /* 0: off */
    bool is_answering_delivered;                 /* answer INFORMs when Kafka has the event; else when queued */
    char *severity_rules, *inventory, *circuits; /* files, or NULL */
    unsigned dedup_window_s;                     /* 0: off */
    unsigned dedup_fields;                       /* enum tk_dedup_field */
    unsigned engines_max;                        /* 0: off */
    unsigned engines_ttl_s;
    bool is_logging_traps;
    bool is_publishing_community;
    char *stats_file; /* NULL: off */
    unsigned stats_seconds;
    unsigned flush_seconds; /* how long an orderly stop may take */
};

/** Checks a librdkafka property; implemented by the sink. @retval 0 / -EINVAL with @p err set */
typedef int tk_property_check(const char *name, const char *value, struct tk_err *err);

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
 * @retval 0        accepted
 * @retval -EINVAL  refused, nothing changed; @p err holds value, reason and remedy (file and line are the caller's)
 * @locality snmptrapd  @locks none
 */
int tk_settings_set(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                    struct tk_err *err);

/**
 * @brief Copy a directive's value out of @p before, after its new line was refused.
 * @param args  the refused arguments; for kafkaProperty they name the property
 * @returns whether @p before had a value and @p cf has it now
 * @locality snmptrapd  @locks none
 */
bool tk_settings_keep(struct tk_settings *cf, const char *token, const char *args, const struct tk_settings *before);

/** @brief Check the configuration as a whole, after its last line. @retval 0 / -EINVAL with @p err set
 *  @locality snmptrapd @locks none */
int tk_settings_check(const struct tk_settings *cf, struct tk_err *err);

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
