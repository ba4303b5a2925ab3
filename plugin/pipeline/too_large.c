/* SPDX-License-Identifier: Apache-2.0 */
/* What the topic was seen to refuse for its size is not sent again and again: each refusal costs the request's other
 * events a second one, and the sink its producer. For some minutes; the topic's limit may be raised. */
#include <string.h>
#include <strings.h>

#include "pipeline/worker_internal.h"

#define BELIEVED (300 * TK_SECOND)

static size_t message_bytes(const struct tk_worker *w)
{
    return w->message.payload_len + w->message.key_len;
}

/* Then the size on the wire, which is what the broker judges, is another one. */
static bool is_compressing(const struct tk_settings *cf)
{
    for (size_t i = 0; i < cf->property_count; i++)
        if (strncmp(cf->properties[i].name, "compression.", 12) == 0 && strcasecmp(cf->properties[i].value, "none") != 0)
            return true;
    return false;
}

static bool is_believed(const struct tk_worker *w)
{
    return w->too_large_from && w->now.mono < w->too_large_until;
}

void tk_worker_note_alone(struct tk_worker *w)
{
    w->alone_bytes = message_bytes(w);
}

void tk_worker_learn_too_large(struct tk_worker *w)
{
    if (is_compressing(w->sink_settings))
        return;
    if (!is_believed(w) || w->alone_bytes < w->too_large_from)
        w->too_large_from = w->alone_bytes;
    w->too_large_until = w->now.mono + BELIEVED;
}

bool tk_worker_is_too_large(const struct tk_worker *w)
{
    return is_believed(w) && message_bytes(w) >= w->too_large_from;
}
