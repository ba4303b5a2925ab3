/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file unread_lines.h
 * @brief Notice lines of the configuration that were meant for the module, and that net-snmp does not hand to it.
 *
 * net-snmp itself refuses a directive without a value, and one with a name that it does not know, by a line in the
 * log. Such a line may have been meant to name a topic, or to protect events, so it has to fail closed like any
 * other. It is found by reading net-snmp's log lines while the configuration is read.
 *
 * Owner: snmptrapd's thread. At a start, lines above the dlmod line are not seen, because the module is not loaded yet
 * (lines_above.h finds those). Never seen are lines of a snmptrapd that was started without an option -L.
 */
#ifndef TK_UNREAD_LINES_H
#define TK_UNREAD_LINES_H

/** @brief The configuration is being read: notice such lines, in the settings that are being read. A second call does no
 *         harm, and is needed when snmp.conf was read since: noTokenWarnings in it keeps net-snmp from writing such lines.
 *         @locality snmptrapd @locks none */
void tk_unread_lines_begin(void);

/** @brief The configuration was read. A second call does no harm. @locality snmptrapd @locks none */
void tk_unread_lines_end(void);

#endif /* TK_UNREAD_LINES_H */
