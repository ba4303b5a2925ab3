/* SPDX-License-Identifier: Apache-2.0 */
/* In most cases only the sender can mend it. So a remedy says what to change there, and how to capture the packet that
 * its vendor needs. */
#include "refusal/malformed_words.h"

#include <stdbool.h>

/* --- what was seen --------------------------------------------------------------------------------------------- */

/* For "SNMPv": "1", "2c", "3". */
static const char *version_of(const struct tk_refusal *r)
{
    const char *name = tk_version_name(r->version);

    return name ? name : "";
}

/* Hints with numbers. */
static bool say_with_numbers(struct tk_words *w, const struct tk_refusal *r)
{
    switch (r->hint) {
    case TK_HINT_NO_MESSAGE:
        tk_words_say(w, "this is no SNMP message: it begins with 0x%02x instead of 0x30", (unsigned)r->seen);
        return true;
    case TK_HINT_CUT:
        tk_words_say(w, "the message is cut: %d octets came, and by its length field it has more", r->seen);
        return true;
    case TK_HINT_BAD_VERSION:
        tk_words_say(w, "the message has SNMP version number %d, which net-snmp does not support", r->seen);
        return true;
    case TK_HINT_VERSION_DISABLED:
        tk_words_say(w, "net-snmp's configuration disables SNMPv%s", version_of(r));
        return true;
    case TK_HINT_LONG_COMMUNITY:
        tk_words_say(w, "its community has %d octets; net-snmp accepts at most %d", r->seen, r->most);
        return true;
    case TK_HINT_SECURITY_MODEL:
        tk_words_say(w, "its security model is %d; only 3, the user-based one, is accepted here", r->seen);
        return true;
    case TK_HINT_LONG_ENGINE:
        tk_words_say(w, "its engine ID has %d octets; SNMP allows at most %d", r->seen, r->most);
        return true;
    case TK_HINT_LONG_CONTEXT_ENGINE:
        tk_words_say(w, "its context engine ID has %d octets; SNMP allows at most %d", r->seen, r->most);
        return true;
    case TK_HINT_BAD_SALT:
        tk_words_say(w, "its msgPrivacyParameters have %d octets; encryption needs %d", r->seen, r->most);
        return true;
    case TK_HINT_PDU_TYPE: tk_words_say(w, "PDU type 0x%02x is unknown", (unsigned)r->seen); return true;
    case TK_HINT_LONG_ENTERPRISE:
        tk_words_say(w, "its enterprise has %d sub-identifiers; net-snmp is safe with at most %d", r->seen, r->most);
        return true;
    case TK_HINT_GENERIC_TRAP:
        tk_words_say(w, "generic-trap %d is not defined; SNMPv1 has 0 to 6", r->seen);
        return true;
    case TK_HINT_TOO_LARGE:
        if (r->seen) {
            tk_words_say(w, "the message has %d octets; at most %d are accepted, so its connection was closed", r->seen,
                         r->most);
            return true;
        }
        tk_words_say(w, "the notification is larger than a record of the queue, which has at most %d bytes", r->most);
        return true;
    default: return false;
    }
}

static const char *const details[TK_HINTS] = {
    [TK_HINT_EMPTY] = "the datagram is empty",
    [TK_HINT_BAD_LENGTH] = "the length of the message is written in a form that SNMP does not have",
    [TK_HINT_NO_VERSION] = "the message has no readable version",
    [TK_HINT_NO_COMMUNITY] = "its community can't be read: it is missing, no OCTET STRING, or its length is wrong",
    [TK_HINT_BAD_HEADER] = "its SNMPv3 header (msgGlobalData) can't be read, or msgID, msgMaxSize, msgFlags or "
                           "msgSecurityModel is out of range",
    [TK_HINT_PRIV_WITHOUT_AUTH] = "its msgFlags ask for privacy without authentication, which SNMPv3 does not allow",
    [TK_HINT_BAD_SECURITY] = "its security parameters can't be read, or one is too long: a user name has at most 32 "
                             "octets, and no NUL",
    [TK_HINT_BAD_PDU] = "its PDU can't be read: an OID has over 128 sub-identifiers, or a type or a length is wrong",
    [TK_HINT_NO_TRAP_OID] = "the notification has no snmpTrapOID.0, so nothing says what happened",
    [TK_HINT_TRAP_OID_TYPE] = "snmpTrapOID.0 is no OBJECT IDENTIFIER, and net-snmp is not safe from that",
    [TK_HINT_BAD_OID] = "an OID or a value in it can't be written as SNMP has it",
    [TK_HINT_STREAM_BROKEN] = "octets that are no SNMP message came on the connection, so it was closed",
    [TK_HINT_STREAM_LOST] =
        "the message came after octets that are no SNMP message, or after one that is too large, and was lost when the "
        "connection was closed",
    [TK_HINT_STREAM_ENDED] = "the connection ended in the middle of a message",
};

void tk_malformed_detail(struct tk_words *w, const struct tk_refusal *r)
{
    if (!say_with_numbers(w, r))
        tk_words_say(w, "%s", details[r->hint] ? details[r->hint] : "net-snmp can't decode the message");
}

/* --- what to do ------------------------------------------------------------------------------------------------ */

/* Where no remedy stands here, the sender has an error in its software. */
static const char software[] = "only the sender can mend it: update its SNMP software, or give its vendor the packet";
static const char no_snmp[] =
    "find the program there that sends something other than SNMP to the trap port, and stop it";
static const char too_long[] =
    "only the sender can mend it: let it send smaller notifications, with fewer varbinds, or "
    "update its SNMP software";
static const char engine_id[] = "set an engine ID of 5 to 32 octets at the sender";
static const char *const remedies[TK_HINTS] = {
    [TK_HINT_EMPTY] =
        "find the program there that sends empty datagrams to the trap port, such as a port scanner, and stop "
        "it",
    [TK_HINT_NO_MESSAGE] = no_snmp,
    [TK_HINT_STREAM_BROKEN] = no_snmp,
    [TK_HINT_CUT] = too_long,
    [TK_HINT_TOO_LARGE] = too_long,
    [TK_HINT_BAD_VERSION] = "set the sender to SNMP version 1, 2c or 3",
    [TK_HINT_NO_COMMUNITY] =
        "set a community at the sender; if it has one, update its SNMP software, or give its vendor "
        "the packet",
    [TK_HINT_LONG_COMMUNITY] = "set a shorter community at the sender, and the same in an authCommunity line",
    [TK_HINT_SECURITY_MODEL] = "set the sender to SNMPv3 with a user (USM), or to SNMPv2c",
    [TK_HINT_PRIV_WITHOUT_AUTH] = "set the sender's security level to authPriv, authNoPriv or noAuthNoPriv",
    [TK_HINT_LONG_ENGINE] = engine_id,
    [TK_HINT_LONG_CONTEXT_ENGINE] = engine_id,
    [TK_HINT_BAD_SECURITY] =
        "set a user name of at most 32 octets at the sender; if it has one, update its SNMP software, "
        "or give its vendor the packet",
    [TK_HINT_GENERIC_TRAP] = "only the sender can mend it: its own traps need generic-trap 6 (enterpriseSpecific)",
    [TK_HINT_STREAM_ENDED] =
        "only the sender can mend it: it may close a connection only when a message was sent as a whole",
};

void tk_malformed_remedy(struct tk_words *w, const struct tk_refusal *r)
{
    if (r->hint == TK_HINT_VERSION_DISABLED) {
        tk_words_say(w,
                     "take disableSNMPv%s out of snmp.conf and restart snmptrapd, or set the sender to another version",
                     version_of(r));
        return;
    }
    tk_words_say(w, "%s; to capture the packets: `tcpdump -n -i any -w malformed.pcap ",
                 remedies[r->hint] ? remedies[r->hint] : software);
    if (r->peer.family == 4 || r->peer.family == 6) {
        tk_words_say(w, "src host ");
        tk_words_peer(w, &r->peer);
    } else {
        tk_words_say(w, "dst port 162");
    }
    tk_words_say(w, "`");
}
