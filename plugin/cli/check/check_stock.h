/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check_stock.h
 * @brief Lines of snmptrapd.conf that are net-snmp's, and do something that one would not expect of them: what loads the
 *        module, who may send, and what has no effect.
 */
#ifndef TK_CHECK_STOCK_H
#define TK_CHECK_STOCK_H

#include <stdbool.h>

#include "cli/check/check_findings.h"
#include "config/conf_lines.h"

struct tk_check_stock {
    struct tk_check_findings *findings;
    bool is_logging_traps; /* kafkaLogTraps; set when all lines were read */

    bool has_perl, has_start_file, has_perl_since; /* a perl line; perlInitFile; a perl line below that */
    bool has_module, has_access, has_log_right;
    struct tk_check_place first_access, first_format;
    char access_file[512], format_file[512]; /* where these files' names are kept */
};

/** @brief Is this the dlmod line of the module? @locality any @locks none */
bool tk_check_is_module(const struct tk_conf_line *line);

/** @brief Look at a line, in the order of reading. @locality any @locks none */
void tk_check_stock_line(struct tk_check_stock *s, const struct tk_conf_line *line);

/** @brief Look at the whole, after the last line. @param where  the configuration's first file @locality any @locks none */
void tk_check_stock_end(struct tk_check_stock *s, const char *where);

#endif /* TK_CHECK_STOCK_H */
