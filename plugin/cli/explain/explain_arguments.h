/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain_arguments.h
 * @brief Make the notification that net-snmp's snmptrap would send with these arguments, by net-snmp's own parsers.
 *        Nothing is sent.
 *
 * Names of objects are looked up in the module's dictionaries first, so that they work on a machine without MIB files.
 */
#ifndef TK_EXPLAIN_ARGUMENTS_H
#define TK_EXPLAIN_ARGUMENTS_H

#include "cli/command_line.h"
#include "receive/incoming.h"
#include "dictionary/dictionary.h"

/** @brief Take over snmptrap's options -m and -M, which net-snmp reads before it starts: to be called before it does.
 *  @locality any @locks none */
void tk_explain_arguments_look(int count, char **words);

/**
 * @brief Read the arguments, and fill t->flat.
 * @param words  the arguments; strings are borrowed
 * @returns false: words->status is the exit status, and the error was printed
 * @locality any  @locks none
 */
bool tk_explain_arguments_read(struct tk_incoming *t, struct tk_words *words, const struct tk_dict *d);

#endif /* TK_EXPLAIN_ARGUMENTS_H */
