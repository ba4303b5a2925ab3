/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain_trap.h"

#include <errno.h>

bool tk_explain_trap_flatten(struct tk_explain_trap *t, const netsnmp_pdu *pdu, bool is_clock_checked,
                             struct tk_err *err)
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
