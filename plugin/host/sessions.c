/* SPDX-License-Identifier: Apache-2.0 */
/* The hook in front of snmptrapd's own session callback, snmp_input(). It does three things:
 *
 * - It counts notifications that snmptrapd drops silently: a v2 notification without snmpTrapOID.0 reaches no
 *   handler, nor does an enterprise-specific v1 trap without enterprise.
 * - It withholds notifications that would make snmptrapd read invalid memory: snmp_input() copies a snmpTrapOID.0 of
 *   another type as if it were an OID.
 * - It remembers the session of a notification, because for a tcp connection net-snmp tells handlers the listening
 *   one only. And it holds back the reply to an INFORM (inform_reply.h).
 *
 * snmptrapd's sessions are found in net-snmp's list `Sessions`, which the library exports without declaring it in a
 * header. So with an unknown version of net-snmp nothing is hooked. Accepted tcp connections inherit the listening
 * session's callback. */
#include <dlfcn.h>
#include <string.h>

#include "base/devel.h"
#include "host/host_internal.h"
#include "host/inform.h"
#include "host/refusals.h"
#include "usm/library.h"
#include "usm/trap_oid.h"

static netsnmp_callback snmptrapds_own;
static struct session_list **sessions; /* NULL: not hooked */

/** One call of receive(); calls may be nested. */
struct turn {
    const netsnmp_session *session;
    uint32_t place; /* of the INFORM whose reply is held back; 0: none is */
    struct tk_reply_hold hold;
    struct turn *outer;
};
static struct turn *turn;

/* Can snmptrapd find the trap OID of this PDU safely? */
static bool is_sound(const netsnmp_pdu *pdu)
{
    switch (pdu->command) {
    case SNMP_MSG_TRAP:
        return pdu->trap_type != SNMP_TRAP_ENTERPRISESPECIFIC ||
               (pdu->enterprise_length >= 1 && pdu->enterprise_length <= MAX_OID_LEN);
    case SNMP_MSG_TRAP2:
    case SNMP_MSG_INFORM: return tk_trap_oid_is_sound(pdu);
    default: return true; /* not a notification */
    }
}

/* Call snmptrapd's own callback. The reply that it makes may be held back meanwhile. */
static int receive_sound(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
    struct turn this_turn = {.session = session, .outer = turn};
    struct tk_inform_reply *reply;
    int ret;

    turn = &this_turn;
    ret = snmptrapds_own(op, session, reqid, pdu, magic);
    turn = this_turn.outer;
    if (this_turn.place) {
        reply = tk_reply_hold_end(&this_turn.hold);
        tk_inform_keep(&tk_host, this_turn.place, this_turn.hold.was_sent, reply);
    }
    return ret;
}

static int receive(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
    if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || !pdu || session->s_snmp_errno)
        return snmptrapds_own(op, session, reqid, pdu, magic);
    if (!is_sound(pdu)) {
        tk_refusals_note_malformed(pdu, magic);
        DEBUGMSGTL(("trapkafka", "a notification without a valid trap OID: counted as unparsable\n"));
        return 1;
    }
    return receive_sound(op, session, reqid, pdu, magic);
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

void tk_sessions_guard(void)
{
    struct session_list **list = dlsym(RTLD_DEFAULT, "Sessions");
    netsnmp_callback snmp_input = find_snmp_input();

    if (!list || !snmp_input || !tk_netsnmp_is_known()) {
        snmp_log(LOG_WARNING,
                 "trapkafka: net-snmp %s is not supported by this module (5.8 and 5.9 are): INFORMs are answered "
                 "when they are queued (kafkaInformReply), and notifications without a trap OID are not counted\n",
                 netsnmp_get_version());
        return;
    }
    snmptrapds_own = snmp_input;
    sessions = list;
    for (struct session_list *s = *list; s; s = s->next) {
        if (!s->session || s->session->callback != snmp_input)
            continue;
        s->session->callback = receive;
        if (s->transport)
            tk_undecodable_watch(s->transport);
        if (s->transport && !(s->transport->flags & NETSNMP_TRANSPORT_FLAG_STREAM))
            tk_losses_note_socket(s->transport->sock);
    }
}
