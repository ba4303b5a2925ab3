/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file v3_config.h
 * @brief Read from snmptrapd's configuration who may send what, with net-snmp's own parsers and ours. No module is
 *        loaded, no Perl runs, no socket is opened, no file is written.
 *
 * Users, engine ID, access lines, kafkaEngines and kafkaReplayGuard are read; all other lines are skipped. The order
 * is snmptrapd's: snmp.conf in the file's folder (default protocols, MIBs), the file and what it includes,
 * snmptrapd's persistent file.
 *
 * Once in the process, because net-snmp's state is global.
 */
#ifndef TK_V3_CONFIG_H
#define TK_V3_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "refusal/refusal.h"
#include "config/settings.h"
#include "usm/usm.h"

/** What to read; strings are borrowed. */
struct tk_v3_sources {
    const char *config;
    const char *persistent; /* folder; NULL: net-snmp's */
    const char *engine;     /* this receiver's engine ID as hex digits; NULL: as the configuration says */
    const uint8_t *assumed; /* used if the configuration has no engine ID; NULL: none */
    size_t assumed_len;
};

enum tk_v3_engine_from {
    TK_ENGINE_INVENTED,   /* net-snmp made a random one */
    TK_ENGINE_CONFIGURED, /* by the configuration */
    TK_ENGINE_GIVEN,      /* by --engine */
    TK_ENGINE_ASSUMED,    /* from the capture's INFORMs */
};

struct tk_v3_receiver {
    struct tk_settings *settings; /* only kafkaEngines and kafkaReplayGuard are used */
    uint8_t engine[TK_ENGINE_BYTES];
    size_t engine_len;
    enum tk_v3_engine_from engine_from;
    unsigned errors;  /* in the lines that are read */
    char unread[512]; /* the persistent file and why it can't be read; empty: no such problem */
};

/**
 * @brief Start net-snmp, read, and put the users in force. Errors and warnings are printed to standard error.
 * @retval 0         @p ret is filled; ret->errors counts wrong lines
 * @retval -EINVAL   the file can't be read, or an option is wrong, or out of memory; @p err set
 * @retval -ENOTSUP  this net-snmp can't be used, @p err set
 * @locality any  @locks none
 */
int tk_v3_config_read(struct tk_v3_receiver *ret, const struct tk_v3_sources *sources, const struct tk_usm_hooks *hooks,
                      struct tk_err *err);

#endif /* TK_V3_CONFIG_H */
