/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/words.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/devel.h"
#include "base/text.h"
#include "refusal/remedy.h"

struct tk_words tk_words_begin(char *dst, size_t dst_bytes)
{
    if (dst_bytes)
        dst[0] = '\0';
    return (struct tk_words){.at = dst, .room = dst_bytes};
}

void tk_words_say(struct tk_words *w, const char *fmt, ...)
{
    va_list ap;
    int len;

    if (w->len + 1 >= w->room)
        return;
    va_start(ap, fmt);
    len = vsnprintf(w->at + w->len, w->room - w->len, fmt, ap);
    va_end(ap);
    if (len > 0)
        w->len = (size_t)len < w->room - w->len ? w->len + (size_t)len : w->room - 1;
}

void tk_words_engine(struct tk_words *w, const struct tk_refusal *r)
{
    char digits[2 * TK_ENGINE_BYTES + 1];

    TK_ASSERT(r->engine_len <= TK_ENGINE_BYTES);
    tk_words_say(w, "0x%s", tk_hex_text(digits, sizeof(digits), r->engine, r->engine_len));
}

void tk_words_peer(struct tk_words *w, const struct tk_peer *peer)
{
    char name[64];

    tk_words_say(w, "%s", tk_peer_name(name, sizeof(name), peer));
}

/* --- users ----------------------------------------------------------------------------------------------------- */

static size_t user_len(const struct tk_refusal *r)
{
    return r->user_len < TK_USER_BYTES ? r->user_len : TK_USER_BYTES;
}

static bool is_printable(char c)
{
    return c >= 0x20 && c <= 0x7e;
}

static bool has_odd_bytes(const struct tk_refusal *r)
{
    for (size_t i = 0; i < user_len(r); i++)
        if (!is_printable(r->user[i]))
            return true;
    return false;
}

/* Is the name one word without quoting, both for net-snmp's configuration reader and for a shell? */
static bool is_word(const struct tk_refusal *r)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+:/-";

    for (size_t i = 0; i < user_len(r); i++)
        if (!memchr(safe, r->user[i], sizeof(safe) - 1))
            return false;
    return r->user_len > 0;
}

void tk_words_user(struct tk_words *w, const struct tk_refusal *r)
{
    char user[4 * TK_USER_BYTES + 5];

    tk_words_say(w, "'%s'", tk_escape_ascii(user, sizeof(user), r->user, user_len(r)));
}

/* Can the name be written in snmptrapd.conf? There, a name that begins with '-' may be read as an option. */
static bool is_for_conf(const struct tk_refusal *r)
{
    return r->user_len && r->user[0] != '-' && !has_odd_bytes(r);
}

void tk_words_conf_user(struct tk_words *w, const struct tk_refusal *r, unsigned readings)
{
    TK_ASSERT(readings == 1 || readings == 2);
    if (!is_for_conf(r)) {
        tk_words_say(w, "USER");
        return;
    }
    if (is_word(r)) {
        tk_words_say(w, "%.*s", (int)user_len(r), r->user);
        return;
    }
    tk_words_say(w, "\"");
    for (size_t i = 0; i < user_len(r); i++) {
        bool is_special = r->user[i] == '"' || r->user[i] == '\\';

        tk_words_say(w, "%s%c", !is_special ? "" : readings == 1 ? "\\" : "\\\\\\", r->user[i]);
    }
    tk_words_say(w, "\"");
}

void tk_words_explain_user(struct tk_words *w, const struct tk_refusal *r)
{
    char digits[2 * TK_USER_BYTES + 1];

    if (is_for_conf(r))
        return;
    tk_words_say(w, "; USER stands for the user name, ");
    if (r->user_len)
        tk_words_say(w, "0x%s", tk_hex_text(digits, sizeof(digits), r->user, user_len(r)));
    else
        tk_words_say(w, "which the message lacks");
}

void tk_words_shell_user(struct tk_words *w, const struct tk_refusal *r)
{
    bool is_odd = has_odd_bytes(r);

    if (is_word(r)) {
        tk_words_say(w, "%.*s", (int)user_len(r), r->user);
        return;
    }
    tk_words_say(w, is_odd ? "$'" : "'"); /* $'...' is for bash, ksh, zsh, busybox: POSIX sh can't write such bytes */
    for (size_t i = 0; i < user_len(r); i++) {
        char c = r->user[i];

        if (is_odd && (!is_printable(c) || c == '\'' || c == '\\'))
            tk_words_say(w, "\\%03o", (unsigned char)c);
        else if (c == '\'')
            tk_words_say(w, "'\\''");
        else
            tk_words_say(w, "%c", c);
    }
    tk_words_say(w, "'");
}

/* --- levels and digests ---------------------------------------------------------------------------------------- */

enum tk_security_level tk_refusal_level(const struct tk_refusal *r)
{
    if (r->security_level >= TK_NO_AUTH_NO_PRIV && r->security_level <= TK_AUTH_PRIV)
        return r->security_level;
    return r->digest_len ? TK_AUTH_NO_PRIV : TK_NO_AUTH_NO_PRIV;
}

const char *tk_digest_makers(uint8_t digest_len)
{
    switch (digest_len) {
    case 12: return "SHA or MD5";
    case 16: return "SHA-224";
    case 24: return "SHA-256";
    case 32: return "SHA-384";
    case 48: return "SHA-512";
    default: return NULL;
    }
}

size_t tk_auth_key_bytes(const char *auth)
{
    static const struct {
        const char *name;
        size_t bytes;
    } t[] = {{"MD5", 16}, {"SHA", 20}, {"SHA-224", 28}, {"SHA-256", 32}, {"SHA-384", 48}, {"SHA-512", 64}};

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        if (strcmp(auth, t[i].name) == 0)
            return t[i].bytes;
    return 0;
}
