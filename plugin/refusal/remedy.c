/* SPDX-License-Identifier: Apache-2.0 */
/* Remedies, one function for each reason. */
#include "refusal/remedy.h"

#include <stdbool.h>

#include "base/devel.h"
#include "refusal/malformed_words.h"

#define NOTIFICATION "1.3.6.1.6.3.1.1.5.1" /* coldStart */
#define IN_CONF      "write into snmptrapd.conf, then send SIGHUP: "

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

static void say_auth_user(struct tk_words *w, const struct tk_refusal *r)
{
    enum tk_security_level level = tk_refusal_level(r);

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
    tk_words_say(w, IN_CONF);
    say_create_user(w, r, auth_of_digest(r), false);
    tk_words_say(w, " with the sender's protocols, and ");
    say_auth_user(w, r);
    tk_words_explain_user(w, r);
}

static void remedy_unknown_engine(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_NOT_OUR_ENGINE:
        tk_words_say(w, "let the sender discover this receiver's engine ID instead of configuring one, or send traps "
                        "instead of INFORMs");
        return;
    case TK_HINT_NO_ENGINE_ID:
        tk_words_say(w, "only the sender can correct this: configure an SNMP engine ID in it; a trap has to carry the "
                        "engine ID of its sender");
        return;
    case TK_HINT_NO_MASTER_KEY:
        tk_words_say(w, "write the user with its password into snmptrapd.conf, after the dlmod line, then send SIGHUP: "
                        "");
        say_create_user(w, r, auth_of(r), false);
        break;
    case TK_HINT_NO_DISCOVERY:
        tk_words_say(w, IN_CONF "`kafkaEngines 100000 7d`, or for this engine alone ");
        say_create_user(w, r, auth_of(r), true);
        break;
    default:
        tk_words_say(w, IN_CONF);
        say_create_user(w, r, auth_of(r), true);
        tk_words_say(w, ", or the same without -e for all engines");
    }
    tk_words_explain_user(w, r);
}

static void remedy_wrong_digest(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_OTHER_PROTOCOL) {
        tk_words_say(w, "set the sender to %.15s, or " IN_CONF, r->auth[0] ? r->auth : "the user's protocol");
        say_create_user(w, r, auth_of_digest(r), false);
    } else {
        tk_words_say(w, "set the sender's authentication password as in snmptrapd.conf, or correct it there: ");
        say_create_user(w, r, auth_of(r), false);
    }
    tk_words_explain_user(w, r);
}

static void remedy_decryption_error(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "set the sender's privacy protocol and password as in snmptrapd.conf, or correct them there: ");
    say_create_user(w, r, auth_of(r), false);
    tk_words_explain_user(w, r);
}

static void remedy_time_window(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_OTHER_ADDRESS:
        tk_words_say(w, "give each device an engine ID of its own; if it is one device that moved to ");
        tk_words_peer(w, &r->peer);
        tk_words_say(w, ", restart its SNMP agent, which increments its boots");
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
        tk_words_say(w, "only the device can correct this: give it a new engine ID, or reset its boots");
        break;
    case TK_HINT_CLOCK_STILL:
        tk_words_say(w, IN_CONF "`kafkaReplayGuard compatible`; or correct the device, so that its engine time "
                                "advances");
        break;
    case TK_HINT_CLOCK_STOPPED:
        tk_words_say(w, "if the device's clock stopped, restart its SNMP agent, which increments its boots; if not, "
                        "find out who sends from ");
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
        tk_words_say(w, "wait: the sender synchronizes its clock by this receiver's report; if this continues, "
                        "restart the sender's SNMP agent");
        break;
    default: tk_words_say(w, "restart the sender's SNMP agent, which increments its boots");
    }
}

static void remedy_unsupported_level(struct tk_words *w, const struct tk_refusal *r)
{
    enum tk_security_level best = r->priv[0] ? TK_AUTH_PRIV : r->auth[0] ? TK_AUTH_NO_PRIV : TK_NO_AUTH_NO_PRIV;

    tk_words_say(w, "set the sender's level to %s, or give the user the missing protocol: " IN_CONF,
                 tk_level_name(best));
    say_create_user(w, r, auth_of(r), false);
    tk_words_explain_user(w, r);
}

static void remedy_unknown_community(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, IN_CONF "`authCommunity log COMMUNITY");
    if (has_address(r)) {
        tk_words_say(w, " ");
        tk_words_peer(w, &r->peer);
    }
    tk_words_say(w, "` with the sender's community");
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

static void remedy_not_authorized(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_HOST_DENIED) {
        remedy_host_denied(w, r);
        return;
    }
    if (r->version != TK_SNMP_V3) {
        remedy_unknown_community(w, r);
        return;
    }
    tk_words_say(w, IN_CONF);
    say_auth_user(w, r);
    if (tk_refusal_level(r) != TK_AUTH_PRIV && r->hint != TK_HINT_NO_ACCESS_LINES)
        tk_words_say(w, ", or raise the sender's level to that of the user's authUser line (without a level, it is "
                        "auth)");
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
