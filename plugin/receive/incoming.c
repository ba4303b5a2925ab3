/* SPDX-License-Identifier: Apache-2.0 */
#include "receive/incoming.h"

#include <errno.h>
#include <string.h>

#include "refusal/message_flaw.h"
#include "usm/usm.h"

bool tk_incoming_flatten(struct tk_incoming *t, const netsnmp_pdu *pdu, bool is_clock_checked, struct tk_err *err)
{
    const struct tk_pdu_reception reception = {
        .peer = t->source,
        .own_engine = t->receiver->engine,
        .own_engine_len = t->receiver->engine_len,
        .is_clock_checked = is_clock_checked,
    };
    struct tk_flat_pdu flat;
    int need = tk_flat_pdu_measure(&flat, pdu, &reception), len = -EINVAL;

    if (need >= 0)
        len = tk_flat_pdu_write(&flat, t->flat, (size_t)need);
    if (len >= 0)
        t->flat_len = (size_t)len;
    else if (need == -E2BIG)
        tk_err_set(err, NULL, 0, "the notification is larger than a record of the queue, %zu bytes; send less",
                   TK_TRAP_MAX_BYTES);
    else
        tk_err_set(err, NULL, 0,
                   "snmptrapd takes this notification, but it can be no event: its generic-trap is not 0 to 6, its "
                   "snmpTrapOID.0 is missing, or an OID in it is malformed; correct the sender");
    return len >= 0;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/** Where the pump brings the PDU. */
struct taking {
    struct tk_incoming *t;
    struct tk_err *err;
};

static void take(void *arg, const struct snmp_pdu *pdu)
{
    struct taking *taking = arg;

    (void)tk_incoming_flatten(taking->t, pdu, tk_usm_is_clock_checked(pdu), taking->err);
}

/* net-snmp only says that it can't read a message. */
static void find_flaw(struct tk_refusal *r, const struct tk_datagram *d)
{
    size_t known = d->len < TK_MESSAGE_HEAD ? d->len : TK_MESSAGE_HEAD;

    if (r->reason == TK_REASON_MALFORMED && r->hint == TK_HINT_NONE)
        r->hint = tk_message_flaw(r, d->payload, known, d->len);
}

bool tk_incoming_read(struct tk_incoming *t, const struct tk_datagram *d, struct tk_err *err)
{
    struct taking taking = {.t = t, .err = err};
    struct tk_snmp_message m;

    t->source = d->source;
    t->packet_len = d->len;
    t->flat_len = 0;
    t->is_judged = true;
    if (!tk_snmp_message_read(&m, d->payload, d->len)) /* net-snmp will say what it is */
        memset(&m, 0, sizeof(m));
    tk_pump_taken_by(take, &taking);
    tk_pump(&t->judged, d, &m);
    tk_pump_taken_by(NULL, NULL);
    if (err->is_set || !t->judged.is_notification)
        return false;
    find_flaw(&t->judged.refusal, d);
    return true;
}

bool tk_incoming_is_candidate(const struct tk_datagram *d)
{
    struct tk_snmp_message m;

    if (!tk_snmp_message_read(&m, d->payload, d->len) || d->target.port == SNMP_PORT ||
        (d->source.port == SNMP_PORT && d->target.port != SNMP_TRAP_PORT))
        return false;
    return (!m.pdu && m.version == TK_SNMP_V3) || m.pdu == TK_PDU_TAG_TRAP_V1 || m.pdu == TK_PDU_TAG_TRAP ||
           m.pdu == TK_PDU_TAG_INFORM;
}
