/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file v3_config.h
 * @brief snmptrapd's configuration, as far as it says who may send what: read by net-snmp's own parsers and ours, and
 *        nothing else done. No module is loaded, no Perl runs, no socket opens, no file is written.
 *
 * Read are users, engine ID, access lines and kafkaEngines; all other lines are passed over. Read in snmptrapd's
 * order: snmp.conf beside the file (default protocols, MIBs), the file and what it includes, snmptrapd's persistent
 * file.
 *
 * One reading a process: net-snmp's state is global.
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
    const uint8_t *assumed; /* taken for it when the configuration does not say; NULL: none */
    size_t assumed_len;
};

enum tk_v3_engine_from {
    TK_ENGINE_INVENTED, /* net-snmp makes one at random */
    TK_ENGINE_CONFIGURED,
    TK_ENGINE_GIVEN,
    TK_ENGINE_ASSUMED,
};

struct tk_v3_receiver {
    struct tk_settings *settings; /* kafkaEngines of it */
    uint8_t engine[TK_ENGINE_BYTES];
    size_t engine_len;
    enum tk_v3_engine_from engine_from;
    unsigned errors;  /* in lines that count */
    char unread[512]; /* the persistent file, when it is there but can't be read; else empty */
};

/**
 * @brief Start net-snmp, read, and put the users in force. Errors and warnings go to standard error, those of lines
 *        with file and line.
 * @retval 0         @p ret is filled; look at errors
 * @retval -EINVAL   the file can't be read, or an option is wrong, @p err set
 * @retval -ENOTSUP  this net-snmp is not as we need it, @p err set
 * @locality any  @locks none
 */
int tk_v3_config_read(struct tk_v3_receiver *ret, const struct tk_v3_sources *sources, const struct tk_usm_hooks *hooks,
                      struct tk_err *err);

#endif /* TK_V3_CONFIG_H */
