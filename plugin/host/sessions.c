/* SPDX-License-Identifier: Apache-2.0 */
/* In front of snmptrapd's own callback: what it throws away unseen is counted, and what would hurt it is kept away.
 *
 * A v2 notification without snmpTrapOID.0 returns before any handler, and so does a specific v1 trap without
 * enterprise; one whose snmpTrapOID.0 is not an OID is copied by snmp_input() as if it were. None of them can be an
 * event.
 *
 * snmptrapd's sessions are found through net-snmp's list, whose type has a header while its name is only exported:
 * where the library is another than the ones read, nothing is touched. Accepted tcp connections inherit the callback
 * of the
 * listening one.
 *
 * From here it is known by which session a notification came: of a tcp connection, handlers are told the listening
 * one. And here the reply to an INFORM is held back (late_reply.h) while snmptrapd does all the rest. */
#include <dlfcn.h>
#include <string.h>

#include "host/host_internal.h"
#include "host/inform.h"
#include "host/refusals.h"
#include "usm/library.h"
#include "usm/trap_oid.h"

static netsnmp_callback snmptrapds_own;
static struct session_list **sessions; /* NULL: unknown */

/** One call of receive(). */
struct turn {
    const netsnmp_session *session;
    uint32_t place; /* of the INFORM whose reply is held back; 0: none */
    struct tk_reply_hold hold;
    struct turn *outer;
};
static struct turn *turn;

/* Would snmptrapd come to a trap OID, and safely? */
static bool is_sound(const netsnmp_pdu *pdu)
{
    switch (pdu->command) {
    case SNMP_MSG_TRAP:
        return pdu->trap_type != SNMP_TRAP_ENTERPRISESPECIFIC ||
               (pdu->enterprise_length >= 1 && pdu->enterprise_length <= MAX_OID_LEN);
    case SNMP_MSG_TRAP2:
    case SNMP_MSG_INFORM: return tk_trap_oid_is_sound(pdu);
    default: return true; /* no notification: snmptrapd's business */
    }
}

/* snmptrapd's own work on one PDU; the reply that it makes may be held back. */
static int receive_sound(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
    struct turn this_turn = {.session = session, .outer = turn};
    struct tk_late_reply *reply;
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
        DEBUGMSGTL(("trapkafka", "a notification without a sound trap OID: counted as unparsable\n"));
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
    turn->place = place;
    tk_reply_hold_begin(&turn->hold, current());
}

struct tk_late_reply *tk_sessions_make_reply(netsnmp_pdu *pdu)
{
    const struct session_list *s = current();
    netsnmp_pdu *response = snmp_clone_pdu(pdu);
    struct tk_reply_hold hold;

    if (!response)
        return NULL;
    response->command = SNMP_MSG_RESPONSE;
    response->errstat = response->errindex = 0;
    tk_reply_hold_begin(&hold, s);
    if (!snmp_send(s->session, response))
        snmp_free_pdu(response);
    return tk_reply_hold_end(&hold);
}

/* By handing on a listening transport only, net-snmp says of a connection no more than its peer's address. */
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

/* --- standing in front ----------------------------------------------------------------------------------------- */

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
                 "trapkafka: net-snmp %s is not one that this module knows: INFORMs are answered when they "
                 "are queued (kafkaInformReply), and notifications without a trap OID go uncounted\n",
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
