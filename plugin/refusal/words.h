/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file words.h
 * @brief Write a sentence about a refused packet into a bounded buffer, for remedy.c and refusal_detail.c.
 *
 * The text is always terminated, and ASCII without control characters for any bytes from the network. What does not
 * fit is left out.
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

/** @brief Begin an empty sentence in @p dst, which is borrowed. @locality any @locks none */
struct tk_words tk_words_begin(char *dst, size_t dst_bytes);
/** @brief Append text. @locality any @locks none */
void tk_words_say(struct tk_words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** @brief Append the engine ID: 0x800000090300001b21a0ff02 @locality any @locks none */
void tk_words_engine(struct tk_words *w, const struct tk_refusal *r);
/** @brief Append the address: 192.0.2.7 @locality any @locks none */
void tk_words_peer(struct tk_words *w, const struct tk_peer *peer);

/** @brief Append the user, for people: 'noc' @locality any @locks none */
void tk_words_user(struct tk_words *w, const struct tk_refusal *r);
/**
 * @brief Append the user as a word of snmptrapd.conf, or USER if the name can't be written there.
 * @param readings  how often net-snmp removes quotes: createUser 1, authUser 2
 * @locality any  @locks none
 */
void tk_words_conf_user(struct tk_words *w, const struct tk_refusal *r, unsigned readings);
/** @brief Append what USER stands for, if it was written. @locality any @locks none */
void tk_words_explain_user(struct tk_words *w, const struct tk_refusal *r);
/** @brief Append the user as a word of a shell's command line. @locality any @locks none */
void tk_words_shell_user(struct tk_words *w, const struct tk_refusal *r);

/** @brief The message's security level; if unknown, auth if there is a digest. @locality any @locks none */
enum tk_security_level tk_refusal_level(const struct tk_refusal *r);
/** @brief The authentication protocols with digests of this length. @returns NULL: none @locality any @locks none */
const char *tk_digest_makers(uint8_t digest_len);
/** @brief Octets of a key of this authentication protocol, as createUser writes it. @returns 0: unknown
 *  @locality any @locks none */
size_t tk_auth_key_bytes(const char *auth);

#endif /* TK_WORDS_H */
