/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file reload.h
 * @brief The loader thread, which reads dictionaries, rules, inventory and circuits, so that a large file does not
 *        stall reception.
 *
 * A request has settings; the thread loads the files that they name and sends a bundle to the mailbox. If a file is
 * bad, the thread logs its errors and keeps the last good table. If there is none, because snmptrapd has just started,
 * what is sound of a rules file is used: tk_rules_load_sound(). Rules and dictionary are replaced together, because the
 * one is compiled for the other; while their files are what they were (fingerprint.h) and had no fault, they stay. Of
 * several requests only the newest is served. Once a second the thread looks whether somebody has written into a
 * dictionary's file.
 */
#ifndef TK_RELOAD_H
#define TK_RELOAD_H

#include "base/log.h"
#include "dictionary/dictionary.h"
#include "reload/mailbox.h"
#include "rules/rules.h"

struct tk_reload;

/**
 * @brief Start the thread, named "trapkafka-load".
 * @param mibs  what snmptrapd has loaded, borrowed for the call; NULL: nothing
 * @param log, mailbox  must outlive the thread
 * @returns NULL if out of memory, or if the thread can't be started
 * @locality snmptrapd  @locks none
 */
struct tk_reload *tk_reload_new(struct tk_dict *mibs, struct tk_log *log, struct tk_mailbox *mailbox);

/** @brief Request a bundle for these settings; takes a reference. Returns at once.
 *  @locality snmptrapd @locks the thread's mutex, held for a few instructions */
void tk_reload_request(struct tk_reload *r, struct tk_settings *settings);

/**
 * @brief Stop the thread after the file that it is reading. NULL is a no-op.
 * @returns false if it does not stop within five seconds: then nothing is freed, and the caller must not free
 *          log and mailbox either
 * @locality snmptrapd  @locks none
 */
bool tk_reload_free(struct tk_reload *r);

#endif /* TK_RELOAD_H */
