/* SPDX-License-Identifier: Apache-2.0 */
/* Remedies, one function for each reason. */
#include "refusal/remedy.h"

#include <stdbool.h>
#include <string.h>

#include "base/devel.h"
#include "refusal/malformed_words.h"

#define NOTIFICATION "1.3.6.1.6.3.1.1.5.1" /* coldStart */
#define IN_CONF      "write into snmptrapd.conf, after the dlmod line, then send SIGHUP: "
#define CORRECT      "correct the user's line in snmptrapd.conf, then send SIGHUP: "
#define ONLY_SENDER  "only the sender can correct this: "

/* --- parts of lines -------------------------------------------------------------------------------------------- */

/* The protocol, by the digest's length; SHA-256, the most common one, if the length is unknown. */
static const char *auth_of_digest(const struct tk_refusal *r)
{
    const char *makers = tk_digest_makers(r->digest_len);

    return r->digest_len == 12 ? "SHA" : makers ? makers : "SHA-256";
}

static const char *auth_of(const struct tk_refusal *r)
{
    return r->auth[0] ? r->auth : auth_of_digest(r);
}

/* A message does not show its privacy protocol. Guess: AES-256 is usually configured together with SHA-2. */
static const char *priv_of(const struct tk_refusal *r)
{
    return r->priv[0] ? r->priv : r->digest_len == 12 ? "AES" : "AES-256";
}

static void say_create_user(struct tk_words *w, const struct tk_refusal *r, const char *auth, bool is_for_engine)
{
    enum tk_security_level level = tk_refusal_level(r);

    tk_words_say(w, "`createUser ");
    if (is_for_engine) {
        tk_words_say(w, "-e ");
        tk_words_engine(w, r);
        tk_words_say(w, " ");
    }
    tk_words_conf_user(w, r, 1);
    if (level >= TK_AUTH_NO_PRIV || r->auth[0])
        tk_words_say(w, " %.15s AUTH_PASSWORD", auth);
    if (level == TK_AUTH_PRIV || r->priv[0])
        tk_words_say(w, " %.15s PRIV_PASSWORD", priv_of(r));
    tk_words_say(w, "`");
}

static void say_auth_user(struct tk_words *w, const struct tk_refusal *r, enum tk_security_level level)
{
    tk_words_say(w, "`authUser log ");
    tk_words_conf_user(w, r, 2);
    tk_words_say(w, " %s`", level == TK_AUTH_PRIV ? "priv" : level == TK_AUTH_NO_PRIV ? "auth" : "noauth");
}

static bool has_address(const struct tk_refusal *r)
{
    return r->peer.family == 4 || r->peer.family == 6;
}

/* --- by reason ------------------------------------------------------------------------------------------------- */

static void remedy_unknown_user(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_UNWRITABLE) {
        tk_words_say(w, ONLY_SENDER "configure a user name in it that a createUser line can have");
        return;
    }
    tk_words_say(w, IN_CONF);
    say_create_user(w, r, auth_of_digest(r), false);
    tk_words_say(w, " with the sender's protocols, and ");
    say_auth_user(w, r, tk_refusal_level(r));
    tk_words_explain_user(w, r);
}

static void remedy_unknown_engine(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_NOT_OUR_ENGINE:
        tk_words_say(w, "let the sender discover this receiver's engine ID instead of configuring one; or send traps "
                        "instead of INFORMs");
        return;
    case TK_HINT_NO_ENGINE_ID:
        tk_words_say(w, "only the sender can correct this: configure an SNMP engine ID in it; a trap has to carry the "
                        "engine ID of its sender");
        return;
    case TK_HINT_NO_MASTER_KEY:
        tk_words_say(w, IN_CONF);
        say_create_user(w, r, auth_of(r), false);
        break;
    case TK_HINT_NO_DISCOVERY:
        tk_words_say(w, "write `kafkaEngines 100000 7d` into snmptrapd.conf in place of `kafkaEngines off`, then send "
                        "SIGHUP; or, for this engine alone, " IN_CONF);
        say_create_user(w, r, auth_of(r), true);
        break;
    default:
        tk_words_say(w, IN_CONF);
        say_create_user(w, r, auth_of(r), true);
        tk_words_say(w, "; or the same without -e, for all engines");
    }
    tk_words_explain_user(w, r);
}

/* The line of just this user and engine is in force, if there is one. */
static void say_correct(struct tk_words *w, const struct tk_refusal *r, const char *auth)
{
    tk_words_say(w, CORRECT);
    say_create_user(w, r, auth, r->has_own_line);
    tk_words_say(w, " with the sender's protocols");
}

static void remedy_wrong_digest(struct tk_words *w, const struct tk_refusal *r)
{
    const bool is_other = r->hint == TK_HINT_OTHER_PROTOCOL;

    if (!tk_digest_makers(r->digest_len)) {
        tk_words_say(w, ONLY_SENDER "set its authentication protocol to %.15s",
                     r->auth[0] ? r->auth : "that of the user");
        return;
    }
    if (is_other)
        tk_words_say(w, "set the sender's authentication protocol to %.15s; or ",
                     r->auth[0] ? r->auth : "that of the user");
    else
        tk_words_say(w, "set the sender's authentication protocol and password as in snmptrapd.conf; or ");
    say_correct(w, r, is_other ? auth_of_digest(r) : auth_of(r));
    tk_words_explain_user(w, r);
}

/* The same protocol with the other way to extend a key that is too short for it; NULL: the user's key need not be extended.
 * AES-256 follows draft-blumenthal-aes-usm, AES-256-C draft-reeder-snmpv3-usm-3desede as Cisco's devices do. */
static const char *other_extension(const struct tk_refusal *r)
{
    static const struct {
        const char *priv, *other;
        size_t key_bytes;
    } extended[] = {{"AES-192", "AES-192-C", 24},
                    {"AES-192-C", "AES-192", 24},
                    {"AES-256", "AES-256-C", 32},
                    {"AES-256-C", "AES-256", 32}};

    for (size_t i = 0; i < sizeof(extended) / sizeof(extended[0]); i++)
        if (strcmp(r->priv, extended[i].priv) == 0)
            return tk_auth_key_bytes(r->auth) < extended[i].key_bytes ? extended[i].other : NULL;
    return NULL;
}

static void remedy_decryption_error(struct tk_words *w, const struct tk_refusal *r)
{
    const char *other = other_extension(r);

    tk_words_say(w, "set the sender's privacy protocol and password as in snmptrapd.conf; or ");
    say_correct(w, r, auth_of(r));
    if (other)
        tk_words_say(w,
                     "; or, if both are the same, write %s there in place of %s, because the sender extends keys in "
                     "that way",
                     other, r->priv);
    tk_words_explain_user(w, r);
}

static void remedy_time_window(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_OTHER_ADDRESS:
        tk_words_say(w, "give each device an engine ID of its own; or, if it is one device that moved to ");
        tk_words_peer(w, &r->peer);
        tk_words_say(w, ", restart snmptrapd, so that it forgets the old boots and time");
        break;
    case TK_HINT_LOST_BOOTS:
        tk_words_say(w, "restart snmptrapd, so that it forgets the old boots; then make the device keep its boots "
                        "across restarts");
        break;
    case TK_HINT_REBOOTED:
        tk_words_say(w, "restart snmptrapd, so that it forgets the old time; then make the device keep its boots "
                        "across restarts");
        break;
    case TK_HINT_BOOTS_LATCHED:
        tk_words_say(w, "only the device can correct this: give it a new engine ID; or reset its boots");
        break;
    case TK_HINT_CLOCK_STILL:
        tk_words_say(w,
                     "write `kafkaReplayGuard compatible` into snmptrapd.conf in place of `kafkaReplayGuard strict`, "
                     "then send SIGHUP; or correct the device, so that its engine time "
                     "advances");
        break;
    case TK_HINT_CLOCK_STOPPED:
        tk_words_say(w,
                     "if the device's clock stopped, restart its SNMP agent, which increments its boots; or, if it "
                     "does not run again, stop snmptrapd, delete trapkafka.clocks in net-snmp's persistent folder, and "
                     "start it; if the clock runs, find out who sends from ");
        tk_words_peer(w, &r->peer);
        break;
    case TK_HINT_REPLAY:
        tk_words_say(w, "nothing is to do if the network delivers packets twice; if not, find out who sends from ");
        tk_words_peer(w, &r->peer);
        break;
    case TK_HINT_OLD_TIME:
        tk_words_say(w, "if the device's clock was set back, restart its SNMP agent, which increments its boots; if "
                        "not, find out who sends from ");
        tk_words_peer(w, &r->peer);
        break;
    case TK_HINT_STALE_CLOCK:
        tk_words_say(w, "wait: the sender synchronizes its clock by this receiver's report; or, if this continues, "
                        "restart the sender's SNMP agent; or, if it sends traps, configure an engine ID of its own in "
                        "it");
        break;
    case TK_HINT_OWN_ENGINE: tk_words_say(w, ONLY_SENDER "configure an engine ID of its own in it"); break;
    default: tk_words_say(w, "restart snmptrapd, so that it forgets the old boots and time");
    }
}

static void remedy_unsupported_level(struct tk_words *w, const struct tk_refusal *r)
{
    enum tk_security_level best = r->priv[0] ? TK_AUTH_PRIV : r->auth[0] ? TK_AUTH_NO_PRIV : TK_NO_AUTH_NO_PRIV;

    tk_words_say(w, "set the sender's level to %s, for which snmptrapd.conf needs ", tk_level_name(best));
    say_auth_user(w, r, best);
    tk_words_say(w, "; or ");
    say_correct(w, r, auth_of(r));
    tk_words_explain_user(w, r);
}

static void say_auth_community(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "`authCommunity log COMMUNITY");
    if (has_address(r)) {
        tk_words_say(w, " ");
        tk_words_peer(w, &r->peer);
    }
    tk_words_say(w, "` with the sender's community");
    if (r->needs_quotes)
        tk_words_say(w, ", in double quotes, with \\\\\\ before each quote and backslash in it");
    if (r->peer.family == 6) /* net-snmp tries both families: it logs an error for IPv4, and uses the line for IPv6 */
        tk_words_say(w, " (ignore net-snmp's error about an IPv4 name)");
}

/* libwrap writes an IPv6 address in brackets, sourceFilterAddress does not. */
static void remedy_host_denied(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "write into /etc/hosts.allow, which is read at once: `snmptrapd : %s",
                 r->peer.family == 6 ? "[" : "");
    tk_words_peer(w, &r->peer);
    tk_words_say(w,
                 "%s`; or, if snmp.conf has sourceFilterType, correct its sourceFilterAddress lines and restart "
                 "snmptrapd",
                 r->peer.family == 6 ? "]" : "");
}

static void remedy_unknown_community(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_UNWRITABLE) {
        tk_words_say(w, ONLY_SENDER "configure a community in it that an authCommunity line can have");
        return;
    }
    /* Of several lines for one community and address, net-snmp uses the first. */
    tk_words_say(w, "write into snmptrapd.conf, above other authCommunity lines, then send SIGHUP: ");
    say_auth_community(w, r);
}

static void remedy_known_community(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_NO_LOG_RIGHT:
        tk_words_say(w, "write `log,` before the types in the community's authCommunity line in snmptrapd.conf, then "
                        "send SIGHUP; a second line for the community has no effect");
        return;
    case TK_HINT_OTHER_OID: tk_words_say(w, "remove the OID or view from "); break;
    case TK_HINT_OTHER_VERSION: tk_words_say(w, "remove -v and its version from "); break;
    default: remedy_unknown_community(w, r); return;
    }
    tk_words_say(w, "the community's authCommunity line in snmptrapd.conf, then send SIGHUP; or ");
    remedy_unknown_community(w, r);
}

static void remedy_not_authorized(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_HOST_DENIED) {
        remedy_host_denied(w, r);
        return;
    }
    if (r->version != TK_SNMP_V3) {
        remedy_known_community(w, r);
        return;
    }
    if (r->hint == TK_HINT_LONG_CONTEXT) {
        tk_words_say(w, ONLY_SENDER "configure a context name of at most 32 octets in it");
        return;
    }
    if (r->hint == TK_HINT_OTHER_OID)
        tk_words_say(w, "remove the OID or view from the user's authUser line in snmptrapd.conf, then send SIGHUP: ");
    else
        tk_words_say(w, IN_CONF);
    say_auth_user(w, r, tk_refusal_level(r));
    if (r->hint == TK_HINT_LOW_LEVEL && (r->needed_level < TK_AUTH_PRIV ? r->auth[0] : r->priv[0]))
        tk_words_say(w, "; or set the sender's level to %s", tk_level_name(r->needed_level));
    tk_words_explain_user(w, r);
}

const char *tk_remedy(char *dst, size_t dst_bytes, const struct tk_refusal *r)
{
    static void (*const remedies[TK_REASONS])(struct tk_words * w, const struct tk_refusal *r) = {
        [TK_REASON_UNKNOWN_USER] = remedy_unknown_user,      [TK_REASON_UNKNOWN_ENGINE] = remedy_unknown_engine,
        [TK_REASON_WRONG_DIGEST] = remedy_wrong_digest,      [TK_REASON_DECRYPTION_ERROR] = remedy_decryption_error,
        [TK_REASON_NOT_IN_TIME_WINDOW] = remedy_time_window, [TK_REASON_UNSUPPORTED_LEVEL] = remedy_unsupported_level,
        [TK_REASON_NOT_AUTHORIZED] = remedy_not_authorized,  [TK_REASON_UNKNOWN_COMMUNITY] = remedy_unknown_community,
        [TK_REASON_MALFORMED] = tk_malformed_remedy,
    };
    struct tk_words w = tk_words_begin(dst, dst_bytes);

    TK_ASSERT((unsigned)r->reason < TK_REASONS && remedies[r->reason]);
    remedies[r->reason](&w, r);
    return dst;
}

/* --- the command that sends a test notification ---------------------------------------------------------------- */

static void say_v3_credentials(struct tk_words *w, const struct tk_refusal *r)
{
    enum tk_security_level level = tk_refusal_level(r);

    tk_words_say(w, " -v3 ");
    if (!r->is_inform && r->engine_len) {
        tk_words_say(w, "-e ");
        tk_words_engine(w, r);
        /* Without -Z the tool sends its own boots and time. The receiver would accept them as the device's, and then
         * refuse the device's as too old. */
        tk_words_say(w, " -Z 1,1 ");
    }
    tk_words_say(w, "-u ");
    tk_words_shell_user(w, r);
    tk_words_say(w, " -l %s", tk_level_name(level));
    if (level >= TK_AUTH_NO_PRIV)
        tk_words_say(w, " -a %.15s -A AUTH_PASSWORD", auth_of(r));
    if (level == TK_AUTH_PRIV)
        tk_words_say(w, " -x %.15s -X PRIV_PASSWORD", priv_of(r));
    tk_words_say(w, " HOST '' " NOTIFICATION);
}

const char *tk_remedy_sender_command(char *dst, size_t dst_bytes, const struct tk_refusal *r)
{
    struct tk_words w = tk_words_begin(dst, dst_bytes);

    tk_words_say(&w, "%s", r->is_inform ? "snmpinform" : "snmptrap");
    if (r->version == TK_SNMP_V1)
        tk_words_say(&w, " -v1 -c COMMUNITY HOST '' '' 0 0 ''");
    else if (r->version == TK_SNMP_V2C)
        tk_words_say(&w, " -v2c -c COMMUNITY HOST '' " NOTIFICATION);
    else
        say_v3_credentials(&w, r);
    return dst;
}
