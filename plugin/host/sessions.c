/* SPDX-License-Identifier: Apache-2.0 */
/* The hook in front of snmptrapd's own session callback, snmp_input(). It does four things:
 *
 * - It counts what snmptrapd drops silently: what is no notification (arrivals.h), and notifications without
 *   snmpTrapOID.0, which reach no handler.
 * - It withholds notifications that would make snmptrapd read or write invalid memory (trap_oid.h), and keeps those with
 *   several snmpTrapOID.0 from its notification log, which compares them beyond the end of a heap block.
 * - It remembers the session of a notification, because for a tcp connection net-snmp tells handlers the listening
 *   one only. And it holds back the reply to an INFORM (inform_reply.h).
 *
 * snmptrapd's sessions are found in net-snmp's list `Sessions`, which the library exports without declaring it in a
 * header. So with an unknown version of net-snmp nothing is hooked. Accepted tcp connections inherit the listening
 * session's callback. */
#include <dlfcn.h>
#include <string.h>

#include "base/devel.h"
#include "host/arrivals.h"
#include "host/inform.h"
#include "host/refusals.h"
#include "usm/library.h"
#include "usm/trap_oid.h"

static netsnmp_callback snmptrapds_own;
static struct session_list **sessions; /* NULL: not hooked */

/** One call of receive(); calls may be nested. */
struct turn {
    struct tk_arrival_turn arrival;
    const netsnmp_session *session;
    uint32_t place; /* of the INFORM whose reply is held back; 0: none is */
    struct tk_reply_hold hold;
    struct turn *outer;
};
static struct turn *turn;

/* Call snmptrapd's own callback. The reply that it makes may be held back meanwhile. */
static int receive_sound(struct turn *this_turn, int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu,
                         void *magic)
{
    struct tk_inform_reply *reply;
    int ret;

    turn = this_turn;
    ret = snmptrapds_own(op, session, reqid, pdu, magic);
    turn = this_turn->outer;
    if (this_turn->place) {
        reply = tk_reply_hold_end(&this_turn->hold);
        tk_inform_keep(&tk_host, this_turn->place, this_turn->hold.was_sent, reply);
    }
    return ret;
}

/* Count a notification that snmptrapd does not get, and tell of it. */
static void withhold(const netsnmp_pdu *pdu, const netsnmp_transport *transport, enum tk_hint flaw)
{
    struct tk_refusal r;

    if (!tk_host.is_running)
        return;
    tk_authorize_describe(&r, pdu, transport, flaw);
    r.seen = (int32_t)pdu->enterprise_length;
    r.most = TK_MOST_ENTERPRISE;
    tk_refusals_note(&tk_host, &r);
}

static int receive(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
    struct turn this_turn = {.session = session, .outer = turn};
    enum tk_hint flaw;
    int ret = 1;

    /* For a wrong digest net-snmp calls with an error, and snmptrapd does nothing. */
    if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || !pdu || session->s_snmp_errno)
        return snmptrapds_own(op, session, reqid, pdu, magic);
    tk_arrivals_enter(&this_turn.arrival);
    flaw = tk_trap_oid_flaw(pdu);
    if (flaw == TK_HINT_NONE)
        ret = receive_sound(&this_turn, op, session, reqid, pdu, magic);
    else
        withhold(pdu, magic, flaw);
    tk_arrivals_leave(&tk_host, &this_turn.arrival);
    return ret;
}

/* In front of snmptrapd's notification log, in its POST list. */
static int skip_log(netsnmp_pdu *pdu, netsnmp_transport *transport, struct netsnmp_trapd_handler_s *self)
{
    (void)transport, (void)self;
    return tk_trap_oid_is_repeated(pdu) ? TK_TRAPD_BREAK : TK_TRAPD_OK;
}

/* --- replies --------------------------------------------------------------------------------------------------- */

const struct session_list *tk_sessions_all(void)
{
    return sessions ? *sessions : NULL;
}

static const struct session_list *current(void)
{
    const struct session_list *s = turn ? tk_sessions_all() : NULL;

    while (s && s->session != turn->session)
        s = s->next;
    return s && s->transport ? s : NULL;
}

bool tk_sessions_can_hold(void)
{
    return current() && !turn->place;
}

void tk_sessions_hold(uint32_t place)
{
    TK_ASSERT(place && tk_sessions_can_hold());
    turn->place = place;
    tk_reply_hold_begin(&turn->hold, current());
}

struct tk_inform_reply *tk_sessions_make_reply(netsnmp_pdu *pdu)
{
    const struct session_list *s = current();
    netsnmp_pdu *response = snmp_clone_pdu(pdu);
    struct tk_reply_hold hold;

    TK_ASSERT(s);
    if (!response)
        return NULL;
    response->command = SNMP_MSG_RESPONSE;
    response->errstat = response->errindex = 0;
    tk_reply_hold_begin(&hold, s);
    if (!snmp_send(s->session, response))
        snmp_free_pdu(response);
    return tk_reply_hold_end(&hold);
}

/* For a connection net-snmp tells the listening transport only, so compare the peer's address too. */
static bool is_session_of(const struct session_list *s, const netsnmp_pdu *pdu, const netsnmp_transport *transport)
{
    const netsnmp_transport *t = s->transport;

    if (!t || !s->session || s->session->callback != receive || s->session->callback_magic != transport)
        return false;
    if (!(t->flags & NETSNMP_TRANSPORT_FLAG_STREAM))
        return t == transport;
    return !(t->flags & NETSNMP_TRANSPORT_FLAG_LISTEN) && t->data_length == pdu->transport_data_length &&
           t->data_length > 0 && memcmp(t->data, pdu->transport_data, (size_t)t->data_length) == 0;
}

bool tk_sessions_begin_again(netsnmp_pdu *pdu, const netsnmp_transport *transport)
{
    const struct session_list *s = turn ? NULL : tk_sessions_all();

    while (s && !is_session_of(s, pdu, transport))
        s = s->next;
    if (!s)
        return false;
    (void)receive(NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE, s->session, (int)pdu->reqid, pdu, s->session->callback_magic);
    return true;
}

/* --- the hook -------------------------------------------------------------------------------------------------- */

/* @returns snmptrapd's own callback; NULL: not found */
static netsnmp_callback find_snmp_input(void)
{
    void *symbol = dlsym(RTLD_DEFAULT, "snmp_input");
    netsnmp_callback found;

    memcpy(&found, &symbol, sizeof(found)); /* ISO C has no cast between the two */
    return found;
}

bool tk_sessions_receives(const netsnmp_session *session)
{
    if (!session)
        return false;
    return session->callback == receive || (session->callback && session->callback == find_snmp_input());
}

bool tk_sessions_is_stream(const netsnmp_session *session)
{
    const struct session_list *s = tk_sessions_all();

    while (s && s->session != session)
        s = s->next;
    return s && s->transport && (s->transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM);
}

/* @returns whether it is a receiving session of snmptrapd's */
static bool hook(netsnmp_session *session)
{
    if (!session || !snmptrapds_own || (session->callback != snmptrapds_own && session->callback != receive))
        return false;
    session->callback = receive;
    return true;
}

/* net-snmp opens a session. snmptrapd's have their transport as magic. */
static int at_open(int major, int minor, void *session, void *arg)
{
    (void)major, (void)minor, (void)arg;
    if (hook(session) && ((netsnmp_session *)session)->callback_magic)
        tk_arrivals_watch(((netsnmp_session *)session)->callback_magic);
    return SNMPERR_SUCCESS;
}

/* @returns false: a net-snmp whose sources we have not read */
static bool find_library(void)
{
    struct session_list **list = dlsym(RTLD_DEFAULT, "Sessions");
    netsnmp_callback snmp_input = find_snmp_input();

    if (!list || !snmp_input || !tk_netsnmp_is_known())
        return false;
    snmptrapds_own = snmp_input;
    sessions = list;
    return true;
}

void tk_sessions_register(void)
{
    struct netsnmp_trapd_handler_s *mine;

    if (!find_library()) {
        snmp_log(LOG_WARNING,
                 "trapkafka: net-snmp %s is not supported by this module (5.8 and 5.9 are): INFORMs are answered "
                 "when they are queued (kafkaInformReply), and what is no notification, or can't be decoded, is not "
                 "counted\n",
                 netsnmp_get_version());
        return;
    }
    (void)snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SESSION_INIT, at_open, NULL);
    mine = netsnmp_add_global_traphandler(TK_TRAPD_POST_LIST, skip_log);
    if (!mine)
        return; /* out of memory */
    mine->authtypes = TK_TRAPD_AUTH_NONE;
    mine->flags = TK_TRAPD_FLAG_BUILTIN;
}

void tk_sessions_guard(void)
{
    for (const struct session_list *s = tk_sessions_all(); s; s = s->next) {
        if (!hook(s->session) || !s->transport)
            continue;
        tk_arrivals_watch(s->transport);
        if (!(s->transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM))
            tk_losses_note_socket(s->transport->sock);
    }
}
