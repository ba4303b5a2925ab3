/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file receive_config.h
 * @brief Read from snmptrapd's configuration who may send what, with net-snmp's own parsers and ours. No module is
 *        loaded, no Perl runs, no socket is opened, no file is written.
 *
 * Users, engine ID, access lines, kafkaEngines and kafkaReplayGuard are read, and the module's other directives if the
 * caller wants them; all other lines are skipped. The order
 * is snmptrapd's: snmp.conf in the file's folder (default protocols, MIBs), the file and what it includes,
 * snmptrapd's persistent file.
 *
 * Once in the process, because net-snmp's state is global.
 */
#ifndef TK_RECEIVE_CONFIG_H
#define TK_RECEIVE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "refusal/refusal.h"
#include "config/settings.h"
#include "dictionary/dictionary.h"
#include "usm/usm.h"

/** What to read; strings are borrowed. */
struct tk_receive_sources {
    const char *config;
    const char *persistent; /* folder; NULL: net-snmp's */
    const char *engine;     /* this receiver's engine ID as hex digits; NULL: as the configuration says */
    const uint8_t *assumed; /* used if the configuration has no engine ID; NULL: none */
    size_t assumed_len;
    bool takes_directives; /* all directives of the module, not only those two */
};

enum tk_engine_from {
    TK_ENGINE_INVENTED,   /* net-snmp made a random one */
    TK_ENGINE_CONFIGURED, /* by the configuration */
    TK_ENGINE_GIVEN,      /* by --engine */
    TK_ENGINE_ASSUMED,    /* from the capture's INFORMs */
};

struct tk_receive_config {
    struct tk_settings *settings; /* the caller's to unref */
    uint8_t engine[TK_ENGINE_BYTES];
    size_t engine_len;
    enum tk_engine_from engine_from;
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
int tk_receive_config_read(struct tk_receive_config *ret, const struct tk_receive_sources *sources,
                           const struct tk_usm_hooks *hooks, struct tk_err *err);

/** @brief The MIBs that net-snmp has loaded, as in snmptrapd. After tk_receive_config_read(). @returns a dictionary, the
 *  caller's to free; NULL with @p err set @locality any @locks none */
struct tk_dict *tk_receive_config_mibs(struct tk_err *err);

#endif /* TK_RECEIVE_CONFIG_H */
