/* SPDX-License-Identifier: Apache-2.0 */
/** @file cli_internal.h
 *  @brief The commands of the program `trapkafka`. Each has a file; main.c lists them. */
#ifndef TK_CLI_INTERNAL_H
#define TK_CLI_INTERNAL_H

#define TK_EXIT_TROUBLE 1
#define TK_EXIT_USAGE   2

/** @brief Run a command; argv[0] is its name. @returns the exit status @locality any @locks none */
typedef int tk_command(int argc, char **argv);

tk_command tk_command_queue;
tk_command tk_command_v3;

#endif /* TK_CLI_INTERNAL_H */
