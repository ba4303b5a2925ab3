/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file settings.h
 * @brief What the operator asked for: one immutable object per reading of the configuration.
 *
 * Life:    tk_settings_new() holds the defaults; tk_settings_set() takes one directive at a time (snmptrapd's
 *          thread); once published nobody writes to it, and whoever holds it takes a reference.
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
    bool is_from_file; /* a secret, perhaps: its value is never logged */
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
    bool is_answering_delivered;                 /* INFORMs: when Kafka has the event; else when the queue has it */
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

/** Checks a librdkafka property; the sink supplies it. @retval 0 / -EINVAL with @p err set */
typedef int tk_property_check(const char *name, const char *value, struct tk_err *err);

/** @brief Defaults, one reference. @returns NULL when out of memory @locality any @locks none */
struct tk_settings *tk_settings_new(void);
/** @brief One more holder. @returns @p cf @locality any @locks none */
struct tk_settings *tk_settings_ref(struct tk_settings *cf);
/** @brief Give a reference back; the last one frees. NULL is a no-op. @locality any @locks none */
void tk_settings_unref(struct tk_settings *cf);

/**
 * @brief Take one directive's arguments as the operator wrote them.
 * @param token     name out of the table
 * @param args      the rest of the line
 * @param property  checks kafkaProperty; NULL: not checked
 * @retval 0        taken
 * @retval -EINVAL  refused, nothing changed; @p err holds value, reason and remedy (file and line are the caller's)
 * @locality snmptrapd  @locks none
 */
int tk_settings_set(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                    struct tk_err *err);

/**
 * @brief A refused directive keeps what it had @p before.
 * @param args  as refused; of kafkaProperty, the name tells which one
 * @returns whether it had anything
 * @locality snmptrapd  @locks none
 */
bool tk_settings_keep(struct tk_settings *cf, const char *token, const char *args, const struct tk_settings *before);

/** @brief What only the whole configuration shows, after the last line. @retval 0 / -EINVAL with @p err set
 *  @locality snmptrapd @locks none */
int tk_settings_check(const struct tk_settings *cf, struct tk_err *err);

/** @brief Would the producer have to be replaced between these two? @locality any @locks none */
bool tk_settings_same_producer(const struct tk_settings *a, const struct tk_settings *b);

/** One row of the table, for usage, man page and tests. */
struct tk_directive {
    const char *token, *args, *default_text, *help;
};
extern const struct tk_directive tk_directives[];
extern const size_t tk_directive_count;

#endif /* TK_SETTINGS_H */
