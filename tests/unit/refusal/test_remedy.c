/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/remedy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "refusal/refusal_box.h"
#include "refusal/refusal_detail.h"
#include "snmp/trap.h"

#define DETAIL  sizeof(((struct tk_refusal_report *)0)->detail)
#define REMEDY  sizeof(((struct tk_refusal_report *)0)->remedy)
#define COMMAND 384 /* longer than any command */

static const uint8_t engine[] = {0x80, 0, 0, 9, 3, 0, 0x1b, 0x21, 0xa0, 0xff, 2};

static void set_user(struct tk_refusal *r, const char *user, size_t len)
{
    memset(r->user, 0, sizeof(r->user));
    memcpy(r->user, user, len);
    r->user_len = (uint8_t)len;
}

static struct tk_refusal refusal(enum tk_reason reason, enum tk_hint hint)
{
    struct tk_refusal r = {
        .reason = reason,
        .hint = hint,
        .version = TK_SNMP_V3,
        .security_level = TK_AUTH_PRIV,
        .peer = {TK_UDP, 4, 50063, {192, 0, 2, 7}},
        .accepted_from = {TK_UDP, 4, 50064, {192, 0, 2, 8}},
        .digest_len = 24,
        .boots = 3,
        .time = 500,
        .known_boots = 7,
        .known_time = 9000,
    };

    set_user(&r, "noc", 3);
    memcpy(r.engine, engine, sizeof(engine));
    r.engine_len = sizeof(engine);
    return r;
}

static void has(struct tk_refusal *r, const char *auth, const char *priv)
{
    (void)snprintf(r->auth, sizeof(r->auth), "%s", auth);
    (void)snprintf(r->priv, sizeof(r->priv), "%s", priv);
}

static void says(const struct tk_refusal *r, const char *detail, const char *remedy)
{
    char text[REMEDY];

    assert_string_equal(tk_refusal_detail(text, DETAIL, r), detail);
    assert_string_equal(tk_remedy(text, sizeof(text), r), remedy);
}

static void commands(const struct tk_refusal *r, const char *command)
{
    char text[COMMAND];

    assert_string_equal(tk_remedy_sender_command(text, sizeof(text), r), command);
}

#define CONF    "write into snmptrapd.conf, after the dlmod line, then send SIGHUP: "
#define CORRECT "correct the user's line in snmptrapd.conf, then send SIGHUP: "

static void test_unknown_user(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_UNKNOWN_USER, TK_HINT_NONE);

    (void)state;
    says(&r, "user 'noc' is unknown; the message is authPriv, and its digest has the length of SHA-256",
         CONF "`createUser noc SHA-256 AUTH_PASSWORD AES-256 PRIV_PASSWORD` with the sender's protocols, and "
              "`authUser log noc priv`");
    r.security_level = TK_AUTH_NO_PRIV;
    r.digest_len = 12;
    says(&r, "user 'noc' is unknown; the message is authNoPriv, and its digest has the length of SHA or MD5",
         CONF "`createUser noc SHA AUTH_PASSWORD` with the sender's protocols, and `authUser log noc auth`");
    r.security_level = TK_NO_AUTH_NO_PRIV;
    r.digest_len = 0;
    says(&r, "user 'noc' is unknown; the message is noAuthNoPriv",
         CONF "`createUser noc` with the sender's protocols, and `authUser log noc noauth`");
    r.hint = TK_HINT_UNWRITABLE;
    says(&r, "user 'noc' is unknown, and its name can't be written in snmptrapd.conf",
         "only the sender can correct this: configure a user name in it that a createUser line can have");
    r.user_len = 0;
    says(&r, "the message names no user",
         "only the sender can correct this: configure a user name in it that a createUser line can have");
}

static void test_protocol_by_digest(void **state)
{
    static const struct {
        uint8_t len;
        const char *line;
    } t[] = {{12, "noc SHA AUTH_PASSWORD AES P"},         {16, "noc SHA-224 AUTH_PASSWORD AES-256 P"},
             {24, "noc SHA-256 AUTH_PASSWORD AES-256 P"}, {32, "noc SHA-384 AUTH_PASSWORD AES-256 P"},
             {48, "noc SHA-512 AUTH_PASSWORD AES-256 P"}, {5, "noc SHA-256 AUTH_PASSWORD AES-256 P"}};
    char text[REMEDY];

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_refusal r = refusal(TK_REASON_UNKNOWN_USER, TK_HINT_NONE);

        r.digest_len = t[i].len;
        assert_non_null(strstr(tk_remedy(text, sizeof(text), &r), t[i].line));
    }
}

static void test_unknown_engine(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_UNKNOWN_ENGINE, TK_HINT_NONE);

    (void)state;
    has(&r, "SHA-512", "AES");
    says(&r, "user 'noc' is known, but not for this engine ID",
         CONF "`createUser -e 0x8000000903001b21a0ff02 noc SHA-512 AUTH_PASSWORD AES PRIV_PASSWORD`; or the "
              "same without -e, for all engines");
    r.hint = TK_HINT_NO_MASTER_KEY;
    says(&r, "user 'noc' has a key for one engine only: from net-snmp's persistent file, or localized in createUser",
         CONF "`createUser noc SHA-512 AUTH_PASSWORD AES PRIV_PASSWORD`");
    r.hint = TK_HINT_NO_DISCOVERY;
    says(&r, "user 'noc' has no createUser -e line for this engine, and kafkaEngines is off",
         "write `kafkaEngines 100000 7d` into snmptrapd.conf in place of `kafkaEngines off`, then send SIGHUP; or, for "
         "this engine alone, " CONF "`createUser -e 0x8000000903001b21a0ff02 noc "
         "SHA-512 AUTH_PASSWORD AES PRIV_PASSWORD`");
    r.hint = TK_HINT_NOT_OUR_ENGINE;
    says(&r,
         "the message expects a reply (an INFORM does), but is addressed to engine ID 0x8000000903001b21a0ff02, "
         "which is not this receiver's",
         "let the sender discover this receiver's engine ID instead of configuring one; or send traps instead of "
         "INFORMs");
    r.hint = TK_HINT_NO_ENGINE_ID;
    says(
        &r, "the message has no engine ID (msgAuthoritativeEngineID is empty)",
        "only the sender can correct this: configure an SNMP engine ID in it; a trap has to carry the engine ID of its "
        "sender");
}

static void test_wrong_keys(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_WRONG_DIGEST, TK_HINT_NONE);

    (void)state;
    has(&r, "SHA-256", "AES-256");
    says(&r, "the digest has 24 octets, the length of SHA-256, and does not match the key of user 'noc' (SHA-256)",
         "set the sender's authentication protocol and password as in snmptrapd.conf; or " CORRECT
         "`createUser noc SHA-256 AUTH_PASSWORD AES-256 PRIV_PASSWORD` with the sender's protocols");
    r.has_own_line = true;
    says(&r, "the digest has 24 octets, the length of SHA-256, and does not match the key of user 'noc' (SHA-256)",
         "set the sender's authentication protocol and password as in snmptrapd.conf; or " CORRECT
         "`createUser -e 0x8000000903001b21a0ff02 noc SHA-256 AUTH_PASSWORD AES-256 PRIV_PASSWORD` with the sender's "
         "protocols");
    r.has_own_line = false;
    r.hint = TK_HINT_OTHER_PROTOCOL;
    r.digest_len = 12;
    r.security_level = TK_AUTH_NO_PRIV;
    has(&r, "SHA-256", "");
    says(&r, "the digest has 12 octets, the length of SHA or MD5, but user 'noc' has SHA-256",
         "set the sender's authentication protocol to SHA-256; or " CORRECT
         "`createUser noc SHA AUTH_PASSWORD` with the sender's protocols");
    r.digest_len = 5;
    says(&r, "the digest has 5 octets, but user 'noc' has SHA-256",
         "only the sender can correct this: set its authentication protocol to SHA-256");
    r = refusal(TK_REASON_DECRYPTION_ERROR, TK_HINT_NONE);
    has(&r, "SHA", "DES");
    says(&r, "the digest is right, but the DES key of user 'noc' can't decrypt the message",
         "set the sender's privacy protocol and password as in snmptrapd.conf; or " CORRECT
         "`createUser noc SHA AUTH_PASSWORD DES PRIV_PASSWORD` with the sender's protocols");
}

/* Keys that are shorter than the privacy protocol's are extended, in one of two ways. */
static void test_key_extensions(void **state)
{
    static const struct {
        const char *auth, *priv, *other;
    } t[] = {{"SHA", "AES-256", "AES-256-C"},
             {"SHA", "AES-256-C", "AES-256"},
             {"MD5", "AES-192", "AES-192-C"},
             {"SHA", "AES-192-C", "AES-192"},
             {"SHA-224", "AES-256", "AES-256-C"},
             {"SHA-224", "AES-192", NULL},
             {"SHA-256", "AES-256", NULL},
             {"SHA-512", "AES-256-C", NULL},
             {"SHA", "AES", NULL},
             {"MD5", "DES", NULL}};
    char text[REMEDY], wanted[128];

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_refusal r = refusal(TK_REASON_DECRYPTION_ERROR, TK_HINT_NONE);

        has(&r, t[i].auth, t[i].priv);
        (void)tk_remedy(text, sizeof(text), &r);
        assert_int_equal(strstr(text, "extends keys") != NULL, t[i].other != NULL);
        if (!t[i].other)
            continue;
        (void)snprintf(wanted, sizeof(wanted), "; or, if both are the same, write %s there in place of %s, because",
                       t[i].other, t[i].priv);
        assert_non_null(strstr(text, wanted));
    }
}

static void test_time_window(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_NOT_IN_TIME_WINDOW, TK_HINT_OTHER_ADDRESS);

    (void)state;
    says(&r,
         "two devices use engine ID 0x8000000903001b21a0ff02: the one at 192.0.2.8 was accepted, the one at "
         "192.0.2.7 was refused",
         "give each device an engine ID of its own; or, if it is one device that moved to 192.0.2.7, restart "
         "snmptrapd, so that it forgets the old boots and time");
    r.hint = TK_HINT_LOST_BOOTS;
    says(&r,
         "boots 3, time 500 came after boots 7, time 9000 from the same address: the device lost its boots counter, "
         "or this is a replay",
         "restart snmptrapd, so that it forgets the old boots; then make the device keep its boots across restarts");
    r.hint = TK_HINT_OLD_TIME;
    r.known_boots = 3;
    says(&r,
         "boots 3, time 500 are over 150 s older than boots 3, time 9000 from the same address: a replay, or the "
         "device's clock was set back",
         "if the device's clock was set back, restart its SNMP agent, which increments its boots; if not, find out "
         "who sends from 192.0.2.7");
    r.hint = TK_HINT_REBOOTED;
    says(&r,
         "boots 3, time 500 came after boots 3, time 9000 from the same address: the device restarted and did not "
         "increment its boots, or this is a replay",
         "restart snmptrapd, so that it forgets the old time; then make the device keep its boots across restarts");
    r.hint = TK_HINT_STALE_CLOCK;
    says(
        &r, "boots 3, time 500 are not this receiver's: the sender uses old values of this receiver's boots and time",
        "wait: the sender synchronizes its clock by this receiver's report; or, if this continues, restart the sender's "
        "SNMP agent; or, if it sends traps, configure an engine ID of its own in it");
    r.hint = TK_HINT_OWN_ENGINE;
    says(
        &r,
        "the trap has this receiver's engine ID 0x8000000903001b21a0ff02, so its boots and time are compared with this "
        "receiver's",
        "only the sender can correct this: configure an engine ID of its own in it");
}

static void test_clocks_that_do_not_advance(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_NOT_IN_TIME_WINDOW, TK_HINT_BOOTS_LATCHED);

    (void)state;
    says(&r, "boots are latched at 2147483647: RFC 3414 refuses all messages of this engine",
         "only the device can correct this: give it a new engine ID; or reset its boots");
    r.hint = TK_HINT_CLOCK_STILL;
    says(&r,
         "boots 3, time 500 have not changed since the engine's first message, over 150 s ago, and kafkaReplayGuard is "
         "strict",
         "write `kafkaReplayGuard compatible` into snmptrapd.conf in place of `kafkaReplayGuard strict`, then send "
         "SIGHUP; or correct the device, so that its engine time advances");
    r.hint = TK_HINT_CLOCK_STOPPED;
    says(
        &r,
        "boots 3, time 500 have not changed for over 150 s, but did change before: a replay, or the engine's clock has "
        "stopped",
        "if the device's clock stopped, restart its SNMP agent, which increments its boots; or, if it does not run again, "
        "stop snmptrapd, delete trapkafka.clocks in net-snmp's persistent folder, and start it; if the clock runs, find "
        "out who sends from 192.0.2.7");
    r.hint = TK_HINT_REPLAY;
    says(&r, "an identical message was accepted before: a replay, or the packet was delivered twice",
         "nothing is to do if the network delivers packets twice; if not, find out who sends from 192.0.2.7");
}

static void test_rights(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_UNSUPPORTED_LEVEL, TK_HINT_NONE);

    (void)state;
    has(&r, "SHA-256", "");
    says(&r, "the message is authPriv, but user 'noc' has SHA-256 for authentication and no protocol for privacy",
         "set the sender's level to authNoPriv, for which snmptrapd.conf needs `authUser log noc auth`; or " CORRECT
         "`createUser noc SHA-256 AUTH_PASSWORD AES-256 PRIV_PASSWORD` with the sender's protocols");
    r = refusal(TK_REASON_NOT_AUTHORIZED, TK_HINT_NONE);
    says(&r, "user 'noc' has no authUser line", CONF "`authUser log noc priv`");
    r.hint = TK_HINT_OTHER_CONTEXT;
    says(&r, "the authUser line of user 'noc' is for another context", CONF "`authUser log noc priv`");
    r.hint = TK_HINT_NO_LOG_RIGHT;
    says(&r, "the authUser line of user 'noc' gives another right, but not log", CONF "`authUser log noc priv`");
    r.hint = TK_HINT_OTHER_OID;
    says(&r, "the authUser line of user 'noc' is limited by an OID or view, which this notification is not in",
         "remove the OID or view from the user's authUser line in snmptrapd.conf, then send SIGHUP: "
         "`authUser log noc priv`");
    r.hint = TK_HINT_LONG_CONTEXT;
    r.context_len = 33;
    says(&r, "the context name has 33 octets, and VACM takes 32 at most",
         "only the sender can correct this: configure a context name of at most 32 octets in it");
    r.hint = TK_HINT_LOW_LEVEL;
    r.security_level = TK_NO_AUTH_NO_PRIV;
    r.needed_level = TK_AUTH_PRIV;
    says(&r, "the authUser line of user 'noc' demands the level authPriv, and the message is noAuthNoPriv",
         CONF "`authUser log noc noauth`");
    has(&r, "SHA", "AES");
    says(&r, "the authUser line of user 'noc' demands the level authPriv, and the message is noAuthNoPriv",
         CONF "`authUser log noc noauth`; or set the sender's level to authPriv");
    r.hint = TK_HINT_NO_ACCESS_LINES;
    says(&r, "the configuration has no authUser, authGroup or authCommunity line", CONF "`authUser log noc noauth`");
}

#define ABOVE "write into snmptrapd.conf, above other authCommunity lines, then send SIGHUP: "

static void test_communities(void **state)
{
    static const char its_line[] = "the community's authCommunity line in snmptrapd.conf, then send SIGHUP; or " ABOVE
                                   "`authCommunity log COMMUNITY 192.0.2.7` with the sender's community";
    struct tk_refusal r = refusal(TK_REASON_NOT_AUTHORIZED, TK_HINT_NONE);
    char wanted[REMEDY];

    (void)state;
    r.version = TK_SNMP_V2C;
    says(&r, "the community is known for 192.0.2.7, but has no right to log this notification",
         ABOVE "`authCommunity log COMMUNITY 192.0.2.7` with the sender's community");
    r.hint = TK_HINT_HOST_DENIED;
    says(&r, "hosts.allow and hosts.deny, or sourceFilterType in snmp.conf, refuse 192.0.2.7",
         "write into /etc/hosts.allow, which is read at once: `snmptrapd : 192.0.2.7`; or, if snmp.conf has "
         "sourceFilterType, correct its sourceFilterAddress lines and restart snmptrapd");
    r.hint = TK_HINT_NO_LOG_RIGHT;
    says(&r, "the authCommunity line that permits the community of 192.0.2.7 gives another right, but not log",
         "write `log,` before the types in the community's authCommunity line in snmptrapd.conf, then send SIGHUP; a "
         "second line for the community has no effect");
    r.hint = TK_HINT_OTHER_OID;
    (void)snprintf(wanted, sizeof(wanted), "remove the OID or view from %s", its_line);
    says(&r,
         "the authCommunity line that permits the community of 192.0.2.7 is limited by an OID or view, which this "
         "notification is not in",
         wanted);
    r.hint = TK_HINT_OTHER_VERSION;
    (void)snprintf(wanted, sizeof(wanted), "remove -v and its version from %s", its_line);
    says(&r, "the authCommunity line that permits the community of 192.0.2.7 is for another SNMP version (-v)", wanted);
    r = refusal(TK_REASON_UNKNOWN_COMMUNITY, TK_HINT_NONE);
    r.version = TK_SNMP_V2C;
    says(&r,
         "no authCommunity line permits the community that 192.0.2.7 uses: it is unknown, or its line is for other "
         "addresses",
         ABOVE "`authCommunity log COMMUNITY 192.0.2.7` with the sender's community");
    r.needs_quotes = true;
    r.peer.family = 0;
    says(&r,
         "no authCommunity line permits the community that an unknown address uses: it is unknown, or its line is for "
         "other addresses",
         ABOVE
         "`authCommunity log COMMUNITY` with the sender's community, in double quotes, with \\\\\\ before each quote "
         "and backslash in it");
    r.needs_quotes = false;
    r.peer.family = 6;
    r.peer.address[0] = 0x20;
    says(&r,
         "no authCommunity line permits the community that 2000:207:: uses: it is unknown, or its line is for other "
         "addresses",
         ABOVE "`authCommunity log COMMUNITY 2000:207::` with the sender's community (ignore net-snmp's error about an "
               "IPv4 name)");
    r.hint = TK_HINT_UNWRITABLE;
    says(
        &r,
        "no authCommunity line permits the community that 2000:207:: uses, and none can: it is empty, too long, or has "
        "a NUL or a line feed in it",
        "only the sender can correct this: configure a community in it that an authCommunity line can have");
}

#define CAPTURE  "; to capture the packets: `tcpdump -n -i any -w malformed.pcap src host 192.0.2.7`"
#define SOFTWARE "only the sender can mend it: update its SNMP software, or give its vendor the packet" CAPTURE

/* Each cause of `malformed`, with the words for its sender. */
static void test_malformed(void **state)
{
    static const struct {
        enum tk_hint hint;
        int seen, most;
        const char *detail, *remedy;
    } rows[] = {
        {TK_HINT_NONE, 0, 0, "net-snmp can't decode the message", SOFTWARE},
        {TK_HINT_EMPTY, 0, 0, "the datagram is empty",
         "find the program there that sends empty datagrams to the trap port, such as a port scanner, and stop it" CAPTURE},
        {TK_HINT_NO_MESSAGE, 0x47, 0, "this is no SNMP message: it begins with 0x47 instead of 0x30",
         "find the program there that sends something other than SNMP to the trap port, and stop it" CAPTURE},
        {TK_HINT_CUT, 120, 0, "the message is cut: 120 octets came, and by its length field it has more",
         "only the sender can mend it: let it send smaller notifications, with fewer varbinds, or update its SNMP "
         "software" CAPTURE},
        {TK_HINT_BAD_LENGTH, 0, 0, "the length of the message is written in a form that SNMP does not have", SOFTWARE},
        {TK_HINT_NO_VERSION, 0, 0, "the message has no readable version", SOFTWARE},
        {TK_HINT_BAD_VERSION, 2, 0, "the message has SNMP version number 2, which net-snmp does not support",
         "set the sender to SNMP version 1, 2c or 3" CAPTURE},
        {TK_HINT_VERSION_DISABLED, 0, 0, "net-snmp's configuration disables SNMPv2c",
         "take disableSNMPv2c out of snmp.conf and restart snmptrapd, or set the sender to another version"},
        {TK_HINT_NO_COMMUNITY, 0, 0,
         "its community can't be read: it is missing, no OCTET STRING, or its length is wrong",
         "set a community at the sender; if it has one, update its SNMP software, or give its vendor the packet" CAPTURE},
        {TK_HINT_LONG_COMMUNITY, 257, 256, "its community has 257 octets; net-snmp accepts at most 256",
         "set a shorter community at the sender, and the same in an authCommunity line" CAPTURE},
        {TK_HINT_BAD_HEADER, 0, 0,
         "its SNMPv3 header (msgGlobalData) can't be read, or msgID, msgMaxSize, msgFlags or msgSecurityModel is out of "
         "range",
         SOFTWARE},
        {TK_HINT_SECURITY_MODEL, 99, 0, "its security model is 99; only 3, the user-based one, is accepted here",
         "set the sender to SNMPv3 with a user (USM), or to SNMPv2c" CAPTURE},
        {TK_HINT_PRIV_WITHOUT_AUTH, 0, 0,
         "its msgFlags ask for privacy without authentication, which SNMPv3 does not allow",
         "set the sender's security level to authPriv, authNoPriv or noAuthNoPriv" CAPTURE},
        {TK_HINT_LONG_ENGINE, 33, 32, "its engine ID has 33 octets; SNMP allows at most 32",
         "set an engine ID of 5 to 32 octets at the sender" CAPTURE},
        {TK_HINT_LONG_CONTEXT_ENGINE, 33, 32, "its context engine ID has 33 octets; SNMP allows at most 32",
         "set an engine ID of 5 to 32 octets at the sender" CAPTURE},
        {TK_HINT_BAD_SECURITY, 0, 0,
         "its security parameters can't be read, or one is too long: a user name has at most 32 octets, and no NUL",
         "set a user name of at most 32 octets at the sender; if it has one, update its SNMP software, or give its "
         "vendor the packet" CAPTURE},
        {TK_HINT_BAD_SALT, 4, 8, "its msgPrivacyParameters have 4 octets; encryption needs 8", SOFTWARE},
        {TK_HINT_PDU_TYPE, 0xa9, 0, "PDU type 0xa9 is unknown", SOFTWARE},
        {TK_HINT_BAD_PDU, 0, 0,
         "its PDU can't be read: an OID has over 128 sub-identifiers, or a type or a length is wrong", SOFTWARE},
        {TK_HINT_NO_TRAP_OID, 0, 0, "the notification has no snmpTrapOID.0, so nothing says what happened", SOFTWARE},
        {TK_HINT_TRAP_OID_TYPE, 0, 0, "snmpTrapOID.0 is no OBJECT IDENTIFIER, and net-snmp is not safe from that",
         SOFTWARE},
        {TK_HINT_LONG_ENTERPRISE, 127, 126, "its enterprise has 127 sub-identifiers; net-snmp is safe with at most 126",
         SOFTWARE},
        {TK_HINT_GENERIC_TRAP, -1, 0, "generic-trap -1 is not defined; SNMPv1 has 0 to 6",
         "only the sender can mend it: its own traps need generic-trap 6 (enterpriseSpecific)" CAPTURE},
        {TK_HINT_BAD_OID, 0, 0, "an OID or a value in it can't be written as SNMP has it", SOFTWARE},
        {TK_HINT_TOO_LARGE, 0, 262144,
         "the notification is larger than a record of the queue, which has at most 262144 bytes",
         "only the sender can mend it: let it send smaller notifications, with fewer varbinds, or update its SNMP "
         "software" CAPTURE},
        {TK_HINT_STREAM_BROKEN, 0, 0, "octets that are no SNMP message came on the connection, so it was closed",
         "find the program there that sends something other than SNMP to the trap port, and stop it" CAPTURE},
        {TK_HINT_STREAM_LOST, 0, 0,
         "the message came after octets that are no SNMP message, or after one that is too large, and was lost when the connection was closed",
         SOFTWARE},
        {TK_HINT_STREAM_ENDED, 0, 0, "the connection ended in the middle of a message",
         "only the sender can mend it: it may close a connection only when a message was sent as a whole" CAPTURE},
    };
    struct tk_refusal r = refusal(TK_REASON_MALFORMED, TK_HINT_NONE);
    unsigned hints = 0;

    (void)state;
    r.version = TK_SNMP_V2C;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        r.hint = rows[i].hint;
        r.seen = rows[i].seen;
        r.most = rows[i].most;
        says(&r, rows[i].detail, rows[i].remedy);
    }
    for (int hint = 0; hint < TK_HINTS; hint++)
        hints += tk_hint_fits(hint, TK_REASON_MALFORMED);
    assert_int_equal(hints, sizeof(rows) / sizeof(rows[0])); /* none was forgotten */
    r.hint = TK_HINT_NONE;
    r.peer.family = 0;
    says(
        &r, rows[0].detail,
        "only the sender can mend it: update its SNMP software, or give its vendor the packet; to capture the packets: "
        "`tcpdump -n -i any -w malformed.pcap dst port 162`");
}

static void test_sender_commands(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_WRONG_DIGEST, TK_HINT_NONE);

    (void)state;
    commands(&r, "snmptrap -v3 -e 0x8000000903001b21a0ff02 -Z 1,1 -u noc -l authPriv -a SHA-256 -A "
                 "AUTH_PASSWORD -x AES-256 -X PRIV_PASSWORD HOST '' 1.3.6.1.6.3.1.1.5.1");
    has(&r, "MD5", "DES");
    r.is_inform = true; /* an INFORM's engine ID is the receiver's, which the sender discovers */
    commands(&r, "snmpinform -v3 -u noc -l authPriv -a MD5 -A AUTH_PASSWORD -x DES -X PRIV_PASSWORD HOST '' "
                 "1.3.6.1.6.3.1.1.5.1");
    r.is_inform = false;
    r.engine_len = 0;
    r.security_level = TK_AUTH_NO_PRIV;
    commands(&r, "snmptrap -v3 -u noc -l authNoPriv -a MD5 -A AUTH_PASSWORD HOST '' 1.3.6.1.6.3.1.1.5.1");
    r.security_level = TK_NO_AUTH_NO_PRIV;
    set_user(&r, "it's; rm", 8);
    commands(&r, "snmptrap -v3 -u 'it'\\''s; rm' -l noAuthNoPriv HOST '' 1.3.6.1.6.3.1.1.5.1");
    set_user(&r,
             "a'\\\n\xff"
             "0",
             6);
    commands(&r, "snmptrap -v3 -u $'a\\047\\134\\012\\3770' -l noAuthNoPriv HOST '' 1.3.6.1.6.3.1.1.5.1");
    r.version = TK_SNMP_V2C;
    commands(&r, "snmptrap -v2c -c COMMUNITY HOST '' 1.3.6.1.6.3.1.1.5.1");
    r.version = TK_SNMP_V1;
    commands(&r, "snmptrap -v1 -c COMMUNITY HOST '' '' 0 0 ''");
}

static void test_peers(void **state)
{
    struct tk_peer peer = {.transport = TK_UDP6, .family = 6, .address = {0x20, 1, 0x0d, 0xb8, [15] = 7}};
    char name[64];

    (void)state;
    assert_string_equal(tk_peer_name(name, sizeof(name), &peer), "2001:db8::7");
    peer.family = 4;
    assert_string_equal(tk_peer_name(name, sizeof(name), &peer), "32.1.13.184");
    peer.family = 0;
    assert_string_equal(tk_peer_name(name, sizeof(name), &peer), "an unknown address");
    assert_string_equal(tk_peer_name(name, 6, &peer), "an un");
    assert_string_equal(tk_peer_name(name, 1, &peer), "");
}

/* --- users' names in lines of snmptrapd.conf ------------------------------------------------------------------- */

/* Read one word as net-snmp does. @returns the rest of the line */
static const char *take_word(const char *from, char *word)
{
    char quote = *from == '"' || *from == '\'' ? *from++ : '\0';

    while (*from && (quote ? *from != quote : *from != ' ')) {
        if (*from == '\\' && from[1])
            from++;
        *word++ = *from++;
    }
    *word = '\0';
    if (quote && *from)
        from++;
    return from + strspn(from, " ");
}

static void test_names_in_lines(void **state)
{
    static const char *const names[] = {
        "noc",
        "a b",
        "#noc",
        "\"",
        "\\",
        "\"\\\" \\",
        "it's",
        "'noc'",
        " noc ",
        "a;b",
        "$HOME",
        "NOC\\user",
        "a`b",
        "a#b",
        "{x}",
        "%s%n",
        "\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"",
    };
    char remedy[REMEDY], once[200], twice[200], quoted[210];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct tk_refusal r = refusal(TK_REASON_UNKNOWN_USER, TK_HINT_NONE);
        const char *at;

        set_user(&r, names[i], strlen(names[i]));
        at = strstr(tk_remedy(remedy, sizeof(remedy), &r), "`createUser ");
        at = take_word(at + 12, once);
        assert_string_equal(once, names[i]);
        assert_int_equal(strncmp(at, "SHA-256 AUTH_PASSWORD AES-256 PRIV_PASSWORD` ", 45), 0);
        at = take_word(strstr(at, "`authUser log ") + 14, once);
        assert_string_equal(at, "priv`");
        (void)snprintf(quoted, sizeof(quoted), "\"%s\"", once); /* net-snmp reads an authUser line twice */
        (void)take_word(quoted, twice);
        assert_string_equal(twice, names[i]);
    }
}

static void test_names_that_no_line_takes(void **state)
{
    struct tk_refusal r = refusal(TK_REASON_UNKNOWN_USER, TK_HINT_NONE);

    (void)state;
    set_user(&r, "a\n\0\xff'", 5);
    says(&r,
         "user 'a\\x0a\\x00\\xff\\x27' is unknown; the message is authPriv, and its digest has the length of SHA-256",
         CONF "`createUser USER SHA-256 AUTH_PASSWORD AES-256 PRIV_PASSWORD` with the sender's protocols, and "
              "`authUser log USER priv`; USER stands for the user name, 0x610a00ff27");
    set_user(&r, "-e", 2);
    says(&r, "user '-e' is unknown; the message is authPriv, and its digest has the length of SHA-256",
         CONF "`createUser USER SHA-256 AUTH_PASSWORD AES-256 PRIV_PASSWORD` with the sender's protocols, and "
              "`authUser log USER priv`; USER stands for the user name, 0x2d65");
}

/* --- any refusal ----------------------------------------------------------------------------------------------- */

static void whole(const char *text, const char *longer)
{
    assert_true(text[0] != '\0');
    assert_string_equal(text, longer); /* nothing is cut */
    for (const char *c = text; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            fail_msg("byte %02x in '%s'", (unsigned char)*c, text);
}

static void check_whole(const struct tk_refusal *r)
{
    char text[REMEDY], longer[2048];

    whole(tk_refusal_detail(text, DETAIL, r), tk_refusal_detail(longer, sizeof(longer), r));
    whole(tk_remedy(text, REMEDY, r), tk_remedy(longer, sizeof(longer), r));
    whole(tk_remedy_sender_command(text, COMMAND, r), tk_remedy_sender_command(longer, sizeof(longer), r));
}

/* The longest values of all members, with each reason, hint, level and version: no text is cut. */
static void test_all(void **state)
{
    static const char fillers[] = {'x', '"', '\\', '\'', '\n', '\0', (char)0xff, ' ', '-', '%'};
    struct tk_refusal r;

    (void)state;
    for (unsigned i = 0; i < TK_REASONS * TK_HINTS * 4 * 4 * sizeof(fillers); i++) {
        r = refusal(i % TK_REASONS, i / TK_REASONS % TK_HINTS);
        r.security_level = i / TK_REASONS / TK_HINTS % 4;
        r.version = i / TK_REASONS / TK_HINTS / 4 % 4;
        memset(r.user, fillers[i / TK_REASONS / TK_HINTS / 16], sizeof(r.user));
        r.user_len = TK_USER_BYTES;
        check_whole(&r);
        memset(r.engine, 0xff, sizeof(r.engine));
        r.engine_len = TK_ENGINE_BYTES;
        memset(r.peer.address, 0xff, sizeof(r.peer.address));
        memset(r.accepted_from.address, 0xff, sizeof(r.accepted_from.address));
        r.peer.family = r.accepted_from.family = 6;
        r.boots = r.time = r.known_boots = r.known_time = UINT32_MAX;
        r.digest_len = 255;
        check_whole(&r);
        has(&r, "SHA-512", "AES-256-C");
        r.digest_len = 12;
        r.is_inform = true;
        check_whole(&r);
    }
}

static void test_small_buffers(void **state)
{
    char whole_text[REMEDY], text[REMEDY];
    struct tk_refusal r = refusal(TK_REASON_UNKNOWN_USER, TK_HINT_NONE);

    (void)state;
    (void)tk_remedy(whole_text, sizeof(whole_text), &r);
    for (size_t bytes = 1; bytes < sizeof(text); bytes++) {
        memset(text, 'X', sizeof(text));
        (void)tk_remedy(text, bytes, &r);
        assert_true(strlen(text) < bytes && strncmp(text, whole_text, strlen(text)) == 0);
        assert_true(strlen(text) == bytes - 1 || strlen(text) == strlen(whole_text));
        assert_int_equal(text[bytes], 'X');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_user),
        cmocka_unit_test(test_protocol_by_digest),
        cmocka_unit_test(test_unknown_engine),
        cmocka_unit_test(test_wrong_keys),
        cmocka_unit_test(test_time_window),
        cmocka_unit_test(test_clocks_that_do_not_advance),
        cmocka_unit_test(test_key_extensions),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_communities),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_sender_commands),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_names_in_lines),
        cmocka_unit_test(test_names_that_no_line_takes),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_small_buffers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
