/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen. User, engine and peer have members of their own beside it: they stand here where it needs them. */
#include <stdbool.h>

#include "refusal/remedy.h"
#include "refusal/remedy_detail.h"
#include "refusal/words.h"

static void see_unknown_user(struct tk_words *w, const struct tk_refusal *r)
{
    if (!r->user_len) {
        tk_words_say(w, "the message names no user");
        return;
    }
    tk_words_say(w, "no user ");
    tk_words_user(w, r);
    tk_words_say(w, " here; the message is %s", tk_level_name(tk_refusal_level(r)));
    if (tk_digest_makers(r->digest_len))
        tk_words_say(w, ", its digest as %s makes it", tk_digest_makers(r->digest_len));
}

static void see_unknown_engine(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_NOT_OUR_ENGINE) {
        tk_words_say(w, "it asks for an answer, but of engine ID ");
        tk_words_engine(w, r);
        tk_words_say(w, ", which is not this receiver's");
        return;
    }
    tk_words_say(w, "user ");
    tk_words_user(w, r);
    if (r->hint == TK_HINT_NO_MASTER_KEY)
        tk_words_say(w, " has a key for one engine only (persistent file, or a localized key)");
    else if (r->hint == TK_HINT_NO_DISCOVERY)
        tk_words_say(w, " has no createUser -e line for this engine, and kafkaEngines is off");
    else
        tk_words_say(w, " is known, but not for this engine ID");
}

static void see_wrong_digest(struct tk_words *w, const struct tk_refusal *r)
{
    bool is_other = r->hint == TK_HINT_OTHER_PROTOCOL;

    tk_words_say(w, "the digest has %u octets", r->digest_len);
    if (tk_digest_makers(r->digest_len))
        tk_words_say(w, ", as %s makes it", tk_digest_makers(r->digest_len));
    tk_words_say(w, "%s", is_other ? ", but user " : ", and is wrong for user ");
    tk_words_user(w, r);
    if (r->auth[0])
        tk_words_say(w, " %s %.15s", is_other ? "has" : "with", r->auth);
    else if (is_other)
        tk_words_say(w, " has another protocol");
}

static void see_decryption_error(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "the authentication is right, but the %.15s key of user ", r->priv[0] ? r->priv : "privacy");
    tk_words_user(w, r);
    tk_words_say(w, " does not decrypt it");
}

static void see_clone(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "two devices use engine ID ");
    tk_words_engine(w, r);
    tk_words_say(w, ": the one at ");
    tk_words_peer(w, &r->accepted_from);
    tk_words_say(w, " was accepted, the one at ");
    tk_words_peer(w, &r->peer);
    tk_words_say(w, " refused");
}

static void see_time_window(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_OTHER_ADDRESS) {
        see_clone(w, r);
        return;
    }
    tk_words_say(w, "boots %u, time %u", r->boots, r->time);
    if (r->hint == TK_HINT_STALE_CLOCK)
        tk_words_say(w, " is not this receiver's clock: the sender has an old notion of it");
    else if (r->hint == TK_HINT_LOST_BOOTS)
        tk_words_say(w,
                     " after boots %u, time %u from the same address: the device lost its boots counter, or a "
                     "replay",
                     r->known_boots, r->known_time);
    else if (r->hint == TK_HINT_OLD_TIME)
        tk_words_say(w,
                     " is over 150 s older than boots %u, time %u from the same address: a replay, or a clock "
                     "set back",
                     r->known_boots, r->known_time);
    else
        tk_words_say(w, " is not in the time window of its engine");
}

static void see_unsupported_level(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "the message is %s, but user ", tk_level_name(tk_refusal_level(r)));
    tk_words_user(w, r);
    tk_words_say(w, " has %.15s for authentication, %.15s for privacy", r->auth[0] ? r->auth : "nothing",
                 r->priv[0] ? r->priv : "nothing");
}

static bool see_no_access_lines(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint != TK_HINT_NO_ACCESS_LINES)
        return false;
    tk_words_say(w, "no authUser, authGroup or authCommunity line at all is in the configuration");
    return true;
}

static void see_not_authorized(struct tk_words *w, const struct tk_refusal *r)
{
    if (see_no_access_lines(w, r))
        return;
    if (r->version == TK_SNMP_V3) {
        tk_words_say(w, "user ");
        tk_words_user(w, r);
        tk_words_say(w, " at level %s has no right to log this notification", tk_level_name(tk_refusal_level(r)));
    } else {
        tk_words_say(w, "the community is known for ");
        tk_words_peer(w, &r->peer);
        tk_words_say(w, ", but has no right to log this notification");
    }
}

static void see_unknown_community(struct tk_words *w, const struct tk_refusal *r)
{
    if (see_no_access_lines(w, r))
        return;
    tk_words_say(w, "no authCommunity line permits the community that ");
    tk_words_peer(w, &r->peer);
    tk_words_say(w, " uses");
}

static void see_malformed(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, r->hint == TK_HINT_BAD_VERSION ? "its version is none that net-snmp speaks"
                                                   : "net-snmp can't decode it, or it has no sound snmpTrapOID.0");
}

const char *tk_remedy_detail(char *dst, size_t dst_bytes, const struct tk_refusal *r)
{
    static void (*const see[TK_REASONS])(struct tk_words * w, const struct tk_refusal *r) = {
        [TK_REASON_UNKNOWN_USER] = see_unknown_user,
        [TK_REASON_UNKNOWN_ENGINE] = see_unknown_engine,
        [TK_REASON_WRONG_DIGEST] = see_wrong_digest,
        [TK_REASON_DECRYPTION_ERROR] = see_decryption_error,
        [TK_REASON_NOT_IN_TIME_WINDOW] = see_time_window,
        [TK_REASON_UNSUPPORTED_LEVEL] = see_unsupported_level,
        [TK_REASON_NOT_AUTHORIZED] = see_not_authorized,
        [TK_REASON_UNKNOWN_COMMUNITY] = see_unknown_community,
        [TK_REASON_MALFORMED] = see_malformed,
    };
    struct tk_words w = tk_words_begin(dst, dst_bytes);

    see[r->reason](&w, r);
    return dst;
}
