/* SPDX-License-Identifier: Apache-2.0 */
/* Details, one function for each reason. The record has user, engine ID and peer in other members, so a detail only
 * repeats them if the sentence needs them. */
#include <stdbool.h>

#include "base/devel.h"
#include "refusal/malformed_words.h"
#include "refusal/remedy.h"
#include "refusal/refusal_detail.h"
#include "refusal/words.h"

static void detail_unknown_user(struct tk_words *w, const struct tk_refusal *r)
{
    if (!r->user_len) {
        tk_words_say(w, "the message names no user");
        return;
    }
    tk_words_say(w, "user ");
    tk_words_user(w, r);
    if (r->hint == TK_HINT_UNWRITABLE) {
        tk_words_say(w, " is unknown, and its name can't be written in snmptrapd.conf");
        return;
    }
    tk_words_say(w, " is unknown; the message is %s", tk_level_name(tk_refusal_level(r)));
    if (tk_digest_makers(r->digest_len))
        tk_words_say(w, ", and its digest has the length of %s", tk_digest_makers(r->digest_len));
}

static void detail_unknown_engine(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_NOT_OUR_ENGINE) {
        tk_words_say(w, "the message expects a reply (an INFORM does), but is addressed to engine ID ");
        tk_words_engine(w, r);
        tk_words_say(w, ", which is not this receiver's");
        return;
    }
    if (r->hint == TK_HINT_NO_ENGINE_ID) {
        tk_words_say(w, "the message has no engine ID (msgAuthoritativeEngineID is empty)");
        return;
    }
    tk_words_say(w, "user ");
    tk_words_user(w, r);
    if (r->hint == TK_HINT_NO_MASTER_KEY)
        tk_words_say(w, " has a key for one engine only: from net-snmp's persistent file, or localized in "
                        "createUser");
    else if (r->hint == TK_HINT_NO_DISCOVERY)
        tk_words_say(w, " has no createUser -e line for this engine, and kafkaEngines is off");
    else
        tk_words_say(w, " is known, but not for this engine ID");
}

static void detail_wrong_digest(struct tk_words *w, const struct tk_refusal *r)
{
    bool is_other = r->hint == TK_HINT_OTHER_PROTOCOL;

    tk_words_say(w, "the digest has %u octets", r->digest_len);
    if (tk_digest_makers(r->digest_len))
        tk_words_say(w, ", the length of %s", tk_digest_makers(r->digest_len));
    tk_words_say(w, "%s", is_other ? ", but user " : ", and does not match the key of user ");
    tk_words_user(w, r);
    if (r->auth[0])
        tk_words_say(w, is_other ? " has %.15s" : " (%.15s)", r->auth);
    else if (is_other)
        tk_words_say(w, " has another authentication protocol");
}

static void detail_decryption_error(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "the digest is right, but the %.15s key of user ", r->priv[0] ? r->priv : "privacy");
    tk_words_user(w, r);
    tk_words_say(w, " can't decrypt the message");
}

static void detail_clone(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "two devices use engine ID ");
    tk_words_engine(w, r);
    tk_words_say(w, ": the one at ");
    tk_words_peer(w, &r->accepted_from);
    tk_words_say(w, " was accepted, the one at ");
    tk_words_peer(w, &r->peer);
    tk_words_say(w, " was refused");
}

/* What follows "boots 3, time 500". */
static void detail_clock(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_STALE_CLOCK:
        tk_words_say(w, " are not this receiver's: the sender uses old values of this receiver's boots and time");
        break;
    case TK_HINT_LOST_BOOTS:
        tk_words_say(w,
                     " came after boots %u, time %u from the same address: the device lost its boots counter, or "
                     "this is a replay",
                     r->known_boots, r->known_time);
        break;
    case TK_HINT_REBOOTED:
        tk_words_say(w,
                     " came after boots %u, time %u from the same address: the device restarted and did not increment "
                     "its boots, or this is a replay",
                     r->known_boots, r->known_time);
        break;
    case TK_HINT_OLD_TIME:
        tk_words_say(w,
                     " are over 150 s older than boots %u, time %u from the same address: a replay, or the device's "
                     "clock was set back",
                     r->known_boots, r->known_time);
        break;
    case TK_HINT_CLOCK_STILL:
        tk_words_say(w, " have not changed since the engine's first message, over 150 s ago, and kafkaReplayGuard is "
                        "strict");
        break;
    case TK_HINT_CLOCK_STOPPED:
        tk_words_say(w, " have not changed for over 150 s, but did change before: a replay, or the engine's clock has "
                        "stopped");
        break;
    default: tk_words_say(w, " are outside the engine's time window");
    }
}

static void detail_time_window(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_OTHER_ADDRESS: detail_clone(w, r); break;
    case TK_HINT_BOOTS_LATCHED:
        tk_words_say(w, "boots are latched at 2147483647: RFC 3414 refuses all messages of this engine");
        break;
    case TK_HINT_OWN_ENGINE:
        tk_words_say(w, "the trap has this receiver's engine ID ");
        tk_words_engine(w, r);
        tk_words_say(w, ", so its boots and time are compared with this receiver's");
        break;
    case TK_HINT_REPLAY:
        tk_words_say(w, "an identical message was accepted before: a replay, or the packet was delivered twice");
        break;
    default: tk_words_say(w, "boots %u, time %u", r->boots, r->time); detail_clock(w, r);
    }
}

static void detail_unsupported_level(struct tk_words *w, const struct tk_refusal *r)
{
    tk_words_say(w, "the message is %s, but user ", tk_level_name(tk_refusal_level(r)));
    tk_words_user(w, r);
    tk_words_say(w, " has %.15s for authentication and %.15s for privacy", r->auth[0] ? r->auth : "no protocol",
                 r->priv[0] ? r->priv : "no protocol");
}

static bool detail_no_access_lines(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint != TK_HINT_NO_ACCESS_LINES)
        return false;
    tk_words_say(w, "the configuration has no authUser, authGroup or authCommunity line");
    return true;
}

static void detail_user(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_LONG_CONTEXT) {
        tk_words_say(w, "the context name has %u octets, and VACM takes 32 at most", r->context_len);
        return;
    }
    tk_words_say(w, r->hint == TK_HINT_NONE ? "user " : "the authUser line of user ");
    tk_words_user(w, r);
    switch (r->hint) {
    case TK_HINT_NO_LOG_RIGHT: tk_words_say(w, " gives another right, but not log"); break;
    case TK_HINT_OTHER_OID: tk_words_say(w, " is limited by an OID or view, which this notification is not in"); break;
    case TK_HINT_OTHER_CONTEXT: tk_words_say(w, " is for another context"); break;
    case TK_HINT_LOW_LEVEL:
        tk_words_say(w, " demands the level %s, and the message is %s", tk_level_name(r->needed_level),
                     tk_level_name(tk_refusal_level(r)));
        break;
    default: tk_words_say(w, " has no authUser line");
    }
}

static void detail_community(struct tk_words *w, const struct tk_refusal *r)
{
    static const char line[] = "the authCommunity line that permits the community of ";

    tk_words_say(w, r->hint == TK_HINT_NONE ? "the community is known for " : line);
    tk_words_peer(w, &r->peer);
    switch (r->hint) {
    case TK_HINT_NO_LOG_RIGHT: tk_words_say(w, " gives another right, but not log"); break;
    case TK_HINT_OTHER_OID: tk_words_say(w, " is limited by an OID or view, which this notification is not in"); break;
    case TK_HINT_OTHER_VERSION: tk_words_say(w, " is for another SNMP version (-v)"); break;
    default: tk_words_say(w, ", but has no right to log this notification");
    }
}

static void detail_not_authorized(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_HOST_DENIED) {
        tk_words_say(w, "hosts.allow and hosts.deny, or sourceFilterType in snmp.conf, refuse ");
        tk_words_peer(w, &r->peer);
        return;
    }
    if (detail_no_access_lines(w, r))
        return;
    if (r->version == TK_SNMP_V3)
        detail_user(w, r);
    else
        detail_community(w, r);
}

static void detail_unknown_community(struct tk_words *w, const struct tk_refusal *r)
{
    if (detail_no_access_lines(w, r))
        return;
    tk_words_say(w, "no authCommunity line permits the community that ");
    tk_words_peer(w, &r->peer);
    tk_words_say(w, r->hint == TK_HINT_UNWRITABLE
                        ? " uses, and none can: it is empty, too long, or has a NUL or a line "
                          "feed in it"
                        : " uses: it is unknown, or its line is for other addresses");
}

const char *tk_refusal_detail(char *dst, size_t dst_bytes, const struct tk_refusal *r)
{
    static void (*const details[TK_REASONS])(struct tk_words * w, const struct tk_refusal *r) = {
        [TK_REASON_UNKNOWN_USER] = detail_unknown_user,      [TK_REASON_UNKNOWN_ENGINE] = detail_unknown_engine,
        [TK_REASON_WRONG_DIGEST] = detail_wrong_digest,      [TK_REASON_DECRYPTION_ERROR] = detail_decryption_error,
        [TK_REASON_NOT_IN_TIME_WINDOW] = detail_time_window, [TK_REASON_UNSUPPORTED_LEVEL] = detail_unsupported_level,
        [TK_REASON_NOT_AUTHORIZED] = detail_not_authorized,  [TK_REASON_UNKNOWN_COMMUNITY] = detail_unknown_community,
        [TK_REASON_MALFORMED] = tk_malformed_detail,
    };
    struct tk_words w = tk_words_begin(dst, dst_bytes);

    TK_ASSERT((unsigned)r->reason < TK_REASONS && details[r->reason]);
    details[r->reason](&w, r);
    return dst;
}
