/* SPDX-License-Identifier: Apache-2.0 */
/* THE LIST OF STAGES, IN ORDER. Read this first. */
#include "stages/stages_internal.h"

static tk_stage *const stages[] = {
    tk_decode,      /* flat trap -> trap OID (v1 by RFC 3584), varbinds, addresses */
    tk_identify,    /* which device is this? rules' alarm keys and Kafka's key need it */
    tk_resolve,     /* OIDs -> names, by the dictionary */
    tk_severity,    /* perceived severity, alarm state and key, by the rules */
    tk_dedup_stage, /* is this a repeat? */
    tk_enrich,      /* where does the device stand, and which circuit is it? */
};                  /* then encode.c writes the event, and the worker publishes it */

enum tk_verdict tk_stages_run(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        enum tk_verdict verdict = stages[i](st, b, ev, now);

        if (verdict != TK_PASS)
            return verdict;
    }
    return TK_PASS;
}
