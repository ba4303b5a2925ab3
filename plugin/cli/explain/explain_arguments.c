/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain_arguments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net-snmp/library/system.h>

#define OPTIONS "+Y:VhHm:M:O:I:P:D:dv:r:t:c:Z:e:E:n:u:l:x:X:a:A:p:T:-:3:s:S:L:C:" /* snmptrap's */
#define FORM_V2 "HOST UPTIME TRAP_OID [OID TYPE VALUE]..."
#define FORM_V1 "HOST ENTERPRISE AGENT GENERIC SPECIFIC UPTIME [OID TYPE VALUE]..."

static const oid uptime_0[] = {1, 3, 6, 1, 2, 1, 1, 3, 0}, trap_oid_0[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
static const oid default_enterprise[] = {1, 3, 6, 1, 4, 1, 3, 1, 1}; /* as of snmptrap */

static bool is_inform; /* -Ci; net-snmp calls back without an argument of ours */

/** The arguments behind the options. */
struct arguments {
    struct tk_words *words;
    const struct tk_dict *d;
    char **at, **end;
    char name[TK_OID_MAX_TEXT + 1];
};

void tk_explain_arguments_look(int count, char **words)
{
    char **argv = calloc((size_t)count + 2, sizeof(*argv));
    static char program[] = "snmptrap";
    int c;

    if (!argv)
        return;
    argv[0] = program;
    memcpy(argv + 1, words, (size_t)count * sizeof(*argv));
    opterr = 0;
    optind = 0;
    while ((c = getopt(count + 1, argv, OPTIONS)) != -1)
        if (c == 'm' || c == 'M')
            (void)setenv(c == 'm' ? "MIBS" : "MIBDIRS", optarg, 1);
    opterr = 1;
    free(argv);
}

/* --- names ------------------------------------------------------------------------------------------------------- */

/* "IF-MIB::ifIndex.7" or "ifIndex.7" as numbers. @returns the text itself, if no dictionary has the name */
static const char *numbers_of(struct arguments *a, const char *text)
{
    const struct tk_dict_object *o, *other = NULL;
    size_t len = strcspn(text, ".");
    struct tk_oid oid;

    if (!*text || strchr(".0123456789", *text))
        return text;
    o = tk_dict_find_name(a->d, text, len, &other);
    if (!o || other)
        return text;
    tk_dict_oid(a->d, o, &oid);
    (void)tk_oid_format(a->name, sizeof(a->name), oid.subid, oid.len);
    if (strlen(a->name) + strlen(text + len) >= sizeof(a->name))
        return text;
    return strcat(a->name, text + len);
}

static bool refuse(struct arguments *a, const char *what, const char *value)
{
    a->words->status = tk_words_refuse(a->words, "%s '%s': %s", what, value, snmp_api_errstring(snmp_errno));
    return false;
}

static bool has_next(struct arguments *a, const char *what, const char *form)
{
    if (a->at < a->end)
        return true;
    a->words->status = tk_words_refuse(a->words, "%s is missing; write %s, as for snmptrap", what, form);
    return false;
}

static bool read_number(struct arguments *a, const char *what, long *ret)
{
    char *end;

    if (!has_next(a, what, FORM_V1))
        return false;
    *ret = strtol(*a->at, &end, 10);
    if (!**a->at || *end) {
        a->words->status = tk_words_refuse(a->words, "%s '%s': not a number; write %s", what, *a->at, FORM_V1);
        return false;
    }
    a->at++;
    return true;
}

/* --- the PDU ------------------------------------------------------------------------------------------------------ */

static void *copy(const void *bytes, size_t len)
{
    void *to = malloc(len + 1);

    if (to && len)
        memcpy(to, bytes, len);
    return to;
}

/* What the message around the PDU says. A sender's engine ID that is not given is taken for this receiver's: then the
 * source address names the device. */
static void fill_security(netsnmp_pdu *pdu, const netsnmp_session *s, const struct tk_receive_config *own)
{
    const u_char *engine = s->securityEngineIDLen && !is_inform ? s->securityEngineID : own->engine;
    size_t engine_len = s->securityEngineIDLen && !is_inform ? s->securityEngineIDLen : own->engine_len;

    pdu->version = s->version;
    if (s->version != SNMP_VERSION_3) {
        pdu->community = copy(s->community, s->community_len);
        pdu->community_len = s->community_len;
        return;
    }
    pdu->securityLevel = s->securityLevel ? s->securityLevel : SNMP_SEC_LEVEL_NOAUTH;
    pdu->securityName = copy(s->securityName, s->securityNameLen);
    pdu->securityNameLen = s->securityNameLen;
    pdu->securityEngineID = copy(engine, engine_len);
    pdu->securityEngineIDLen = engine_len;
    if (s->contextEngineIDLen) {
        engine = s->contextEngineID;
        engine_len = s->contextEngineIDLen;
    }
    pdu->contextEngineID = copy(engine, engine_len);
    pdu->contextEngineIDLen = engine_len;
    pdu->contextName = copy(s->contextName, s->contextNameLen);
    pdu->contextNameLen = s->contextNameLen;
}

static bool fill_enterprise(struct arguments *a, netsnmp_pdu *pdu)
{
    oid name[MAX_OID_LEN];
    size_t len = MAX_OID_LEN;

    if (!has_next(a, "the enterprise", FORM_V1))
        return false;
    if (!**a->at) {
        len = OID_LENGTH(default_enterprise);
        memcpy(name, default_enterprise, sizeof(default_enterprise));
    } else if (!snmp_parse_oid(numbers_of(a, *a->at), name, &len)) {
        return refuse(a, "the enterprise", *a->at);
    }
    pdu->enterprise = copy(name, len * sizeof(*name));
    pdu->enterprise_length = len;
    a->at++;
    return true;
}

static bool fill_agent(struct arguments *a, netsnmp_pdu *pdu, const struct tk_peer *source)
{
    in_addr_t address;

    if (!has_next(a, "the agent's address", FORM_V1))
        return false;
    memcpy(&address, source->address, sizeof(address));
    if (!**a->at)
        memset(&address, 0, source->family == 4 ? 0 : sizeof(address));
    else if (netsnmp_gethostbyname_v4(*a->at, &address) < 0) {
        a->words->status = tk_words_refuse(a->words, "the agent's address '%s': no such host; write an IPv4 address",
                                           *a->at);
        return false;
    }
    memcpy(pdu->agent_addr, &address, sizeof(pdu->agent_addr));
    a->at++;
    return true;
}

static bool fill_v1(struct arguments *a, netsnmp_pdu *pdu, const struct tk_peer *source)
{
    long uptime = 0;

    pdu->reqid = 0; /* a v1 trap has none */
    if (!fill_enterprise(a, pdu) || !fill_agent(a, pdu, source) ||
        !read_number(a, "the generic-trap", &pdu->trap_type) ||
        !read_number(a, "the specific-trap", &pdu->specific_type) || !has_next(a, "the uptime", FORM_V1))
        return false;
    if (!**a->at) {
        pdu->time = (u_long)get_uptime();
        a->at++;
        return true;
    }
    if (!read_number(a, "the uptime", &uptime))
        return false;
    pdu->time = (u_long)uptime;
    return true;
}

static bool fill_v2(struct arguments *a, netsnmp_pdu *pdu)
{
    char uptime[24];

    if (!has_next(a, "the uptime", FORM_V2))
        return false;
    (void)snprintf(uptime, sizeof(uptime), "%ld", get_uptime());
    if (snmp_add_var(pdu, uptime_0, OID_LENGTH(uptime_0), 't', **a->at ? *a->at : uptime) != 0)
        return refuse(a, "the uptime", *a->at);
    a->at++;
    if (!has_next(a, "the trap's OID", FORM_V2))
        return false;
    if (snmp_add_var(pdu, trap_oid_0, OID_LENGTH(trap_oid_0), 'o', numbers_of(a, *a->at)) != 0)
        return refuse(a, "the trap's OID", *a->at);
    a->at++;
    return true;
}

static bool fill_varbinds(struct arguments *a, netsnmp_pdu *pdu)
{
    for (; a->at < a->end; a->at += 3) {
        oid name[MAX_OID_LEN];
        size_t len = MAX_OID_LEN;

        if (a->end - a->at < 3) {
            a->words->status = tk_words_refuse(a->words, "'%s': a varbind needs three words: OID TYPE VALUE", *a->at);
            return false;
        }
        if (!snmp_parse_oid(numbers_of(a, a->at[0]), name, &len))
            return refuse(a, "the varbind", a->at[0]);
        if (snmp_add_var(pdu, name, len, a->at[1][0], a->at[1][0] == 'o' ? numbers_of(a, a->at[2]) : a->at[2]) != 0) {
            a->words->status = tk_words_refuse(a->words, "the varbind %s %s '%s': %s", a->at[0], a->at[1], a->at[2],
                                               snmp_api_errstring(snmp_errno));
            return false;
        }
    }
    return true;
}

/* --- the command line -------------------------------------------------------------------------------------------- */

static void take_option(int argc, char *const *argv, int opt)
{
    (void)argc, (void)argv;
    if (opt == 'C' && strchr(optarg, 'i'))
        is_inform = true;
}

static bool make(struct tk_incoming *t, struct arguments *a, const netsnmp_session *s)
{
    int kind = s->version == SNMP_VERSION_1 ? SNMP_MSG_TRAP : is_inform ? SNMP_MSG_INFORM : SNMP_MSG_TRAP2;
    netsnmp_pdu *pdu = snmp_pdu_create(kind);
    struct tk_err err = {0};
    bool ok = pdu && (kind == SNMP_MSG_TRAP ? fill_v1(a, pdu, &t->source) : fill_v2(a, pdu)) && fill_varbinds(a, pdu);

    if (ok) {
        fill_security(pdu, s, t->receiver);
        ok = tk_incoming_flatten(t, pdu, pdu->securityLevel > SNMP_SEC_LEVEL_NOAUTH, &err);
        if (!ok)
            a->words->status = tk_words_refuse(a->words, "%s", err.text);
    }
    if (pdu)
        snmp_free_pdu(pdu);
    return ok;
}

bool tk_explain_arguments_read(struct tk_incoming *t, struct tk_words *words, const struct tk_dict *d)
{
    static char program[] = "snmptrap";
    int count = words->count - words->next, at;
    char **argv = calloc((size_t)count + 2, sizeof(*argv));
    struct arguments a = {.words = words, .d = d};
    netsnmp_session session;
    bool ok = false;

    words->status = 2;
    if (!argv)
        return false;
    argv[0] = program;
    memcpy(argv + 1, words->words + words->next, (size_t)count * sizeof(*argv));
    (void)setenv("POSIXLY_CORRECT", "1", 1); /* a negative number is no option */
    optind = 0;
    at = snmp_parse_args(count + 1, argv, &session, "C:", take_option);
    if (at < 0) {
        words->status = tk_words_refuse(words, "these are no arguments of snmptrap; write -v 2c -c COMMUNITY " FORM_V2
                                               ", or -v 1 -c COMMUNITY " FORM_V1);
    } else {
        a.at = argv + at;
        a.end = argv + count + 1;
        ok = make(t, &a, &session);
    }
    free(argv);
    return ok;
}
