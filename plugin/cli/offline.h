/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file offline.h
 * @brief Run the worker's stages without a daemon, to show the event that would be published for a flat trap.
 *
 * Names come from the same dictionaries as the daemon's. Unless tk_offline_of_settings() makes it, dedup is off, so that
 * each trap is shown, and MIBs that the daemon has loaded are not used.
 */
#ifndef TK_OFFLINE_H
#define TK_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "rules/rules.h"
#include "stages/render.h"

struct tk_offline;

/** @brief Read the module's directives of a file and of what it includes; other lines are skipped. @param config  NULL:
 *  defaults @returns settings, the caller's to unref; NULL with @p err set @locality any @locks none */
struct tk_settings *tk_offline_settings(const char *config, struct tk_err *err);

/**
 * @brief Load the tables that the module's directives in @p config name. Without a rules file, the built-in rules.
 * @param config  a file in the format of snmptrapd.conf; NULL: defaults
 * @returns NULL with @p err set
 * @locality any  @locks none
 */
struct tk_offline *tk_offline_new(const char *config, struct tk_err *err);
/**
 * @brief The same with these rules and no other tables.
 * @param dict   resolves names; must outlive it
 * @param rules  compiled against @p dict; taken, also if this fails
 * @locality any  @locks none
 */
struct tk_offline *tk_offline_of_rules(struct tk_dict *dict, struct tk_rules *rules, struct tk_err *err);
/**
 * @brief The same with settings that were read, and with dedup and the states of alarms as the daemon has them.
 * @param mibs  what net-snmp has loaded, borrowed for the call; NULL: nothing
 * @locality any  @locks none
 */
struct tk_offline *tk_offline_of_settings(struct tk_settings *settings, struct tk_dict *mibs, struct tk_err *err);
/** @brief Free. NULL is a no-op. @locality any @locks none */
void tk_offline_free(struct tk_offline *o);

/**
 * @brief Make the event of one trap.
 * @param queue  the four bytes that name the queue in event IDs
 * @returns the event's JSON, @p ret_len bytes, not terminated, valid until the next call; NULL: not a valid flat trap,
 *          or a rule drops it
 * @locality any  @locks none
 */
const char *tk_offline_event(struct tk_offline *o, const uint8_t *flat, size_t len, const uint8_t queue[4],
                             uint64_t seq, const struct tk_time *received, size_t *ret_len);

/** @brief The same, with the verdict of the stages, and why rules decided. @param trace  set; NULL: nobody asks
 *  @locality any @locks none */
enum tk_verdict tk_offline_render(struct tk_offline *o, const struct tk_render_record *record,
                                  struct tk_rules_trace *trace);
/** @brief The result of the last call. @locality any @locks none */
const struct tk_renderer *tk_offline_renderer(const struct tk_offline *o);
/** @brief The settings and tables. @locality any @locks none */
const struct tk_bundle *tk_offline_bundle(const struct tk_offline *o);
/** @brief From where a layer of the dictionary is: tk_dict_sources_layer(). @locality any @locks none */
const char *tk_offline_layer(const struct tk_offline *o, unsigned layer);

/** @brief The rule that drops the trap of the last call; its text is NULL: none did. @locality any @locks none */
struct tk_text tk_offline_dropped_by(const struct tk_offline *o);

#endif /* TK_OFFLINE_H */
