/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file words.h
 * @brief A sentence about a refused packet while it is written: into a bounded buffer, always terminated, ASCII
 *        without control characters whatever the network wrote. What does not fit is left out. usm/remedy's own.
 */
#ifndef TK_WORDS_H
#define TK_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "refusal/refusal.h"
#include "snmp/trap.h"

struct tk_words {
    char *at;
    size_t len, room; /* bytes; room counts the terminator */
};

/** @brief An empty sentence in @p dst, which is borrowed. @locality any @locks none */
struct tk_words tk_words_begin(char *dst, size_t dst_bytes);
/** @locality any @locks none */
void tk_words_say(struct tk_words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** @brief "0x800000090300001b21a0ff02" @locality any @locks none */
void tk_words_engine(struct tk_words *w, const struct tk_refusal *r);
/** @brief "192.0.2.7" @locality any @locks none */
void tk_words_peer(struct tk_words *w, const struct tk_peer *peer);

/** @brief The user, for people: 'noc' @locality any @locks none */
void tk_words_user(struct tk_words *w, const struct tk_refusal *r);
/**
 * @brief The user, as a word of snmptrapd.conf; USER where it can't be written there, or not in ASCII.
 * @param readings  how often net-snmp takes quotes off: createUser 1, authUser 2
 * @locality any  @locks none
 */
void tk_words_conf_user(struct tk_words *w, const struct tk_refusal *r, unsigned readings);
/** @brief What USER stands for, where it was written. @locality any @locks none */
void tk_words_explain_user(struct tk_words *w, const struct tk_refusal *r);
/** @brief The user, as a word of a shell's command line. @locality any @locks none */
void tk_words_shell_user(struct tk_words *w, const struct tk_refusal *r);

/** @brief The message's level; where it is unknown, the digest tells. @locality any @locks none */
enum tk_security_level tk_refusal_level(const struct tk_refusal *r);
/** @returns what makes digests of this length; NULL: nothing that net-snmp knows @locality any @locks none */
const char *tk_digest_makers(uint8_t digest_len);

#endif /* TK_WORDS_H */
