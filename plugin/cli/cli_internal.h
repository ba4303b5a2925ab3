/* SPDX-License-Identifier: Apache-2.0 */
/** @file cli_internal.h
 *  @brief The subcommands of the program `trapkafka`. Each has a file; main.c lists them. */
#ifndef TK_CLI_INTERNAL_H
#define TK_CLI_INTERNAL_H

#define TK_EXIT_TROUBLE 1 /* what was looked at is not in order */
#define TK_EXIT_USAGE   2 /* the command line, or a file that it names, is wrong */

struct tk_command;

extern const struct tk_command tk_command_alarms;
extern const struct tk_command tk_command_check;
extern const struct tk_command tk_command_explain;
extern const struct tk_command tk_command_import_mib;
extern const struct tk_command tk_command_import_opennms;
extern const struct tk_command tk_command_import_snmptt;
extern const struct tk_command tk_command_mibs_build;
extern const struct tk_command tk_command_mibs_facts;
extern const struct tk_command tk_command_mibs_find;
extern const struct tk_command tk_command_mibs_report;
extern const struct tk_command tk_command_queue;
extern const struct tk_command tk_command_replay;
extern const struct tk_command tk_command_rules_test;
extern const struct tk_command tk_command_status;
extern const struct tk_command tk_command_tail;
extern const struct tk_command tk_command_v3_check;

#endif /* TK_CLI_INTERNAL_H */
