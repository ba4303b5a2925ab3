/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check_config.h
 * @brief Read snmptrapd's configuration as snmptrapd would with the module, and say what is wrong in it, line by line.
 */
#ifndef TK_CHECK_CONFIG_H
#define TK_CHECK_CONFIG_H

#include "cli/check/check_findings.h"
#include "config/settings.h"

struct tk_check_config {
    struct tk_settings *settings;
    unsigned files;               /* that were read */
    char first[512];              /* the first of them */
    struct tk_check_where *where; /* of each directive, the line that was accepted last */
};

/**
 * @brief Read it, and say what is found.
 * @param path  snmptrapd's configuration file; NULL: those that net-snmp finds by itself
 * @returns false with @p err set: no file can be read, or out of memory
 * @locality any  @locks none
 */
bool tk_check_config_read(struct tk_check_config *c, const char *path, struct tk_check_findings *findings,
                          struct tk_err *err);
/** @brief Free what it has. @locality any @locks none */
void tk_check_config_done(struct tk_check_config *c);

/** @brief Where this directive was given; if it was not, the first file. @locality any @locks none */
struct tk_check_place tk_check_config_place(const struct tk_check_config *c, enum tk_directive_number directive);

#endif /* TK_CHECK_CONFIG_H */
