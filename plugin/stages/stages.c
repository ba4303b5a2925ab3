/* SPDX-License-Identifier: Apache-2.0 */
/* The list of stages, in order. Read this file first; stages.h says how to add a stage. */
#include "stages/stages_internal.h"

static tk_stage *const stages[] = {
    tk_decode,      /* read the flat trap: trap OID (v1 by RFC 3584), varbinds, addresses */
    tk_identify,    /* find the device, which alarm keys and the Kafka key need */
    tk_resolve,     /* find the names of OIDs in the dictionary */
    tk_severity,    /* set perceived severity, alarm state and alarm key by the rules */
    tk_alarm_stage, /* find what it changes in its alarm */
    tk_dedup_stage, /* drop it if it is a repeat */
    tk_describe,    /* make the summary and the fields that the rule says */
    tk_alarm_keep,  /* it is none: keep the state that it brings to its alarm */
    tk_enrich,      /* find the circuit */
};                  /* then encode.c writes the event with its topology, and the worker publishes it */

enum tk_verdict tk_stages_run(struct tk_stage_state *st, const struct tk_bundle *b, struct tk_event *ev, tk_nsec now)
{
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        enum tk_verdict verdict = stages[i](st, b, ev, now);

        if (verdict != TK_PASS)
            return verdict;
    }
    return TK_PASS;
}
