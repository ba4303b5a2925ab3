/* SPDX-License-Identifier: Apache-2.0 */
#include "receive/pump.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/vacm.h>

#include "receive/trapd.h"
#include "snmp/trap.h"
#include "usm/access.h"
#include "usm/trap_oid.h"
#include "usm/library.h"
#include "usm/users.h"
#include "usm/usm.h"

#define MAX_DATAGRAM       65535
#define UDP6_DOMAIN_SUBIDS 9 /* transportDomainUdpIpv6, RFC 3419; net-snmp does not say */
#define EXPORT             __attribute__((visibility("default")))

static const struct tk_receive_config *receiver;
static netsnmp_transport *transport;
static void *session;
static int answers = -1; /* the socket for replies */
static tk_pump_taker *taker;
static void *taker_arg;

/** The message that is being judged. */
static struct {
    const struct tk_datagram *datagram;
    struct tk_judged *judged;
    bool was_parsed, was_refused;
} current;

/* --- the capture's clock --------------------------------------------------------------------------------------- */

/** This receiver's engine clock for net-snmp, which calls the functions below. */
static struct {
    bool is_capture;
    tk_nsec first, now;   /* wall */
    bool is_own, has_own; /* is_own: judging an INFORM; has_own: an authenticated INFORM contained the clock */
    uint32_t own_boots, own_time;
    tk_nsec own_at;
} engine_clock;

static uint32_t seconds_since(tk_nsec from)
{
    tk_nsec seconds = (engine_clock.now - from) / TK_SECOND;

    return seconds < 0 ? 0 : seconds > INT32_MAX ? INT32_MAX : (uint32_t)seconds;
}

/* Call net-snmp's own function of this name, which ours replaces. */
static u_long ask_netsnmp(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    u_long (*function)(void);

    if (!symbol)
        return 0;
    memcpy(&function, &symbol, sizeof(function)); /* ISO C has no cast between the two */
    return function();
}

/* Replaces net-snmp's function, for net-snmp too, because the dynamic linker searches the program first. */
EXPORT u_long snmpv3_local_snmpEngineTime(void)
{
    uint64_t time;

    if (!engine_clock.is_capture)
        return ask_netsnmp("snmpv3_local_snmpEngineTime");
    if (!engine_clock.is_own)
        return seconds_since(engine_clock.first);
    time = (uint64_t)engine_clock.own_time + seconds_since(engine_clock.own_at);
    return time > INT32_MAX ? INT32_MAX : (u_long)time;
}

EXPORT u_long snmpv3_local_snmpEngineBoots(void)
{
    return engine_clock.is_capture && engine_clock.is_own ? engine_clock.own_boots
                                                          : ask_netsnmp("snmpv3_local_snmpEngineBoots");
}

void tk_pump_at(tk_nsec wall)
{
    if (!engine_clock.is_capture)
        engine_clock.first = engine_clock.now = wall;
    engine_clock.is_capture = true;
    if (wall > engine_clock.now)
        engine_clock.now = wall;
}

/* Take the clock of an INFORM that is newer than the known one. tk_pump() undoes this if it is not authentic. */
static void begin_inform(const struct tk_snmp_message *m)
{
    const struct tk_secparams *p = &m->params;
    bool is_perhaps_trap = receiver->engine_from == TK_ENGINE_ASSUMED && !m->pdu; /* with a clock of its sender */

    engine_clock.is_own = engine_clock.is_capture && m->has_params && p->engine_len &&
                          p->engine_len == receiver->engine_len &&
                          memcmp(p->engine, receiver->engine, p->engine_len) == 0;
    if (!engine_clock.is_own || (engine_clock.has_own && !is_perhaps_trap &&
                                 (p->boots < engine_clock.own_boots ||
                                  (p->boots == engine_clock.own_boots && p->time <= snmpv3_local_snmpEngineTime()))))
        return;
    engine_clock.own_boots = p->boots;
    engine_clock.own_time = p->time;
    engine_clock.own_at = engine_clock.now;
}

/* --- the transport --------------------------------------------------------------------------------------------- */

/* Fill in the address as net-snmp's udp transport does. Its udp6 transport has the remote address alone, which comes
 * first. */
static void fill_address(netsnmp_indexed_addr_pair *pair, const struct tk_peer *peer)
{
    struct sockaddr_in *sin = (void *)&pair->remote_addr;
    struct sockaddr_in6 *sin6 = (void *)&pair->remote_addr;

    memset(pair, 0, sizeof(*pair));
    if (peer->family == 4) {
        sin->sin_family = AF_INET;
        sin->sin_port = htons(peer->port);
        memcpy(&sin->sin_addr, peer->address, 4);
    } else {
        sin6->sin6_family = AF_INET6;
        sin6->sin6_port = htons(peer->port);
        memcpy(&sin6->sin6_addr, peer->address, 16);
    }
}

static int receive(netsnmp_transport *t, void *buf, int size, void **opaque, int *opaque_len)
{
    netsnmp_indexed_addr_pair *pair = malloc(sizeof(*pair));
    size_t len = current.datagram->len;

    (void)t;
    if (!pair || size < 0)
        return -1;
    if (len > (size_t)size)
        len = (size_t)size;
    t->domain = current.datagram->source.family == 6 ? netsnmp_UDPIPv6Domain : netsnmpUDPDomain; /* VACM asks for it */
    t->domain_length = current.datagram->source.family == 6 ? UDP6_DOMAIN_SUBIDS : netsnmpUDPDomain_len;
    fill_address(pair, &current.datagram->source);
    memcpy(buf, current.datagram->payload, len);
    *opaque = pair;
    *opaque_len = current.datagram->source.family == 6 ? (int)sizeof(struct sockaddr_in6) : (int)sizeof(*pair);
    return (int)len;
}

static int send_answer(netsnmp_transport *t, const void *buf, int size, void **opaque, int *opaque_len)
{
    netsnmp_indexed_addr_pair pair;
    socklen_t len = current.datagram->source.family == 4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

    (void)t, (void)opaque, (void)opaque_len;
    if (answers < 0 || size < 0)
        return size;
    fill_address(&pair, &current.datagram->source);
    (void)sendto(answers, buf, (size_t)size, MSG_DONTWAIT, (const struct sockaddr *)&pair.remote_addr, len);
    return size; /* if it was lost, the sender asks again */
}

static int close_transport(netsnmp_transport *t)
{
    (void)close(t->sock);
    t->sock = -1;
    return 0;
}

/* --- judging --------------------------------------------------------------------------------------------------- */

static bool is_ours(const netsnmp_session *s)
{
    return s->callback_magic == transport && transport;
}

static void on_refused(void *arg, const struct tk_refusal *refusal)
{
    (void)arg;
    if (!current.judged)
        return;
    current.was_refused = true;
    current.judged->is_notification = true;
    current.judged->refusal = *refusal;
}

struct tk_usm_hooks tk_pump_hooks(void)
{
    return (struct tk_usm_hooks){.is_ours = is_ours, .on_refused = on_refused};
}

static int after_parse(netsnmp_session *s, netsnmp_pdu *pdu, int ret)
{
    (void)s, (void)pdu;
    current.was_parsed = ret == SNMPERR_SUCCESS;
    return 1;
}

static void read_trap_oid(struct tk_oid *ret, const netsnmp_pdu *pdu)
{
    const netsnmp_variable_list *vb = tk_trap_oid_find(pdu);

    if (!vb || vb->type != ASN_OBJECT_ID)
        return;
    for (size_t i = 0; i < vb->val_len / sizeof(oid) && i < TK_OID_MAX_SUBIDS; i++)
        ret->subid[ret->len++] = (uint32_t)vb->val.objid[i];
}

/* snmptrapd first asks whether any right is granted, then which: the module's handler needs `log`. */
static bool is_authorized(netsnmp_pdu *pdu)
{
    static max_align_t handler; /* only its address is looked at */

    return netsnmp_trapd_auth(pdu, transport, (void *)&handler) == TK_TRAPD_OK &&
           netsnmp_trapd_check_auth(VACM_VIEW_LOG_BIT);
}

static void judge(struct tk_judged *j, netsnmp_pdu *pdu)
{
    /* A trap has its sender's engine ID: what was assumed of it is wrong. */
    bool is_senders = receiver->engine_from == TK_ENGINE_ASSUMED && pdu->command != SNMP_MSG_INFORM;
    const uint8_t *engine = is_senders ? NULL : receiver->engine;
    size_t engine_len = is_senders ? 0 : receiver->engine_len;

    unsigned unknown = snmp_get_statistic(STAT_SNMPINBADCOMMUNITYNAMES);

    j->is_notification = true;
    read_trap_oid(&j->trap, pdu);
    if (!tk_trap_oid_is_found(pdu)) {
        tk_access_refusal(&j->refusal, pdu, false, engine, engine_len, TK_ACCESS_DENIED);
        return;
    }
    j->is_accepted = is_authorized(pdu);
    if (taker)
        taker(taker_arg, pdu);
    if (j->is_accepted)
        tk_access_describe(&j->refusal, pdu, false, engine, engine_len);
    else
        tk_access_refusal(&j->refusal, pdu, false, engine, engine_len,
                          snmp_get_statistic(STAT_SNMPINBADCOMMUNITYNAMES) != unknown ? TK_ACCESS_UNKNOWN_COMMUNITY
                                                                                      : TK_ACCESS_DENIED);
}

static int on_message(int op, netsnmp_session *s, int reqid, netsnmp_pdu *pdu, void *magic)
{
    (void)s, (void)reqid, (void)magic;
    if (op == NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE && current.judged &&
        (pdu->command == SNMP_MSG_TRAP2 || pdu->command == SNMP_MSG_INFORM || pdu->command == SNMP_MSG_TRAP))
        judge(current.judged, pdu);
    return 1;
}

/* Judge a message that net-snmp could not decode, and for which usm/ reported no refusal. */
static void judge_undecoded(struct tk_judged *j, const struct tk_datagram *d, const struct tk_snmp_message *m)
{
    struct tk_refusal *r = &j->refusal;

    if (tk_snmp_message_is_probe(m))
        return;
    j->is_notification = true;
    *r = (struct tk_refusal){
        .reason = TK_REASON_MALFORMED,
        .peer = d->source,
        .version = m->version,
        .security_level = m->security_level,
        .is_inform = m->asks_for_answer,
        .engine_len = m->params.engine_len,
        .user_len = m->params.user_len,
        .digest_len = m->params.digest_len,
        .boots = m->params.boots,
        .time = m->params.time,
    };
    if (r->engine_len)
        memcpy(r->engine, m->params.engine, r->engine_len);
    if (r->user_len)
        memcpy(r->user, m->params.user, r->user_len);
}

void tk_pump_taken_by(tk_pump_taker *take, void *arg)
{
    taker = take;
    taker_arg = arg;
}

void tk_pump(struct tk_judged *ret, const struct tk_datagram *d, const struct tk_snmp_message *m)
{
    const __typeof__(engine_clock) before = engine_clock;
    netsnmp_large_fd_set fds;

    memset(ret, 0, sizeof(*ret));
    current.datagram = d;
    current.judged = ret;
    current.was_parsed = current.was_refused = false;
    begin_inform(m);
    netsnmp_large_fd_set_init(&fds, FD_SETSIZE);
    netsnmp_large_fd_setfd(transport->sock, &fds);
    (void)snmp_sess_read2(session, &fds);
    netsnmp_large_fd_set_cleanup(&fds);
    if (!current.was_parsed && !current.was_refused)
        judge_undecoded(ret, d, m);
    if (engine_clock.is_own && current.was_parsed && m->security_level != TK_NO_AUTH_NO_PRIV)
        engine_clock.has_own = true;
    else
        engine_clock = before;
    engine_clock.is_own = false;
    current.judged = NULL;
}

/* --- life ------------------------------------------------------------------------------------------------------ */

int tk_pump_open(const struct tk_receive_config *of, int sock, struct tk_err *err)
{
    netsnmp_session sess;

    receiver = of;
    answers = sock;
    transport = calloc(1, sizeof(*transport));
    if (transport) {
        transport->sock = eventfd(0, EFD_CLOEXEC); /* net-snmp needs a descriptor, whichever it is */
        transport->msgMaxSize = MAX_DATAGRAM;
        transport->f_recv = receive;
        transport->f_send = send_answer;
        transport->f_close = close_transport;
        snmp_sess_init(&sess);
        sess.peername = NULL;
        sess.version = SNMP_DEFAULT_VERSION;
        sess.callback = on_message;
        sess.callback_magic = transport;
        sess.isAuthoritative = SNMP_SESS_UNKNOWNAUTH;
        session = snmp_sess_add(&sess, transport, NULL, after_parse);
    }
    if (session)
        return 0;
    transport = NULL; /* net-snmp freed it */
    tk_err_set(err, NULL, 0, "cannot open a net-snmp session: %s", snmp_api_errstring(snmp_errno));
    return -ENOMEM;
}

void tk_pump_close(void)
{
    if (session)
        (void)snmp_sess_close(session);
    session = NULL;
    transport = NULL;
    tk_usm_done();
}
