/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file reload.h
 * @brief The thread that reads files: rules, inventory, circuits. A million rows never stall reception.
 *
 * A request names settings; the thread makes a bundle of them and puts it into the mailbox. A file that is bad keeps
 * the last good table in force and is said in the log. Of several requests the newest counts.
 */
#ifndef TK_RELOAD_H
#define TK_RELOAD_H

#include "base/log.h"
#include "dictionary/dictionary.h"
#include "reload/mailbox.h"

struct tk_reload;

/**
 * @brief Start the thread, named "trapkafka-load".
 * @param dict, log, mailbox  outlive it
 * @returns NULL when out of memory or threads
 * @locality snmptrapd  @locks none
 */
struct tk_reload *tk_reload_new(const struct tk_dict *dict, struct tk_log *log, struct tk_mailbox *mailbox);

/** @brief Ask for a bundle of these settings; a reference is taken. Returns at once.
 *  @locality snmptrapd @locks takes the thread's own, for some instructions */
void tk_reload_request(struct tk_reload *r, struct tk_settings *settings);

/**
 * @brief End the thread, after the file that it is reading. NULL is a no-op.
 * @returns false when it does not end within some seconds: then nothing is freed, and dictionary, log and mailbox
 *          must stay too
 * @locality snmptrapd  @locks none
 */
bool tk_reload_free(struct tk_reload *r);

#endif /* TK_RELOAD_H */
