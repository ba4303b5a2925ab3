/* SPDX-License-Identifier: Apache-2.0 */
/* What the topic was seen to refuse for its size is not sent like any other: each refusal costs the request's other events
 * a second one, and the sink its producer. For some minutes; the topic's limit may be raised.
 *
 * Without compression a size that was refused once is refused again. With it, which is the default, the broker judges
 * another size than we know: such an event is suspect only, and goes alone. */
#include <string.h>
#include <strings.h>

#include "pipeline/worker_internal.h"

#define BELIEVED (300 * TK_SECOND)

static size_t message_bytes(const struct tk_worker *w)
{
    return w->message.payload_len + w->message.key_len;
}

static bool is_compressing(const struct tk_settings *cf)
{
    bool ret = true; /* the sink's own choice */

    for (size_t i = 0; i < cf->property_count; i++)
        if (strncmp(cf->properties[i].name, "compression.", 12) == 0 && cf->properties[i].name[12] != 'l') /* .level */
            ret = strcasecmp(cf->properties[i].value, "none") != 0;
    return ret;
}

static bool is_believed(const struct tk_worker *w)
{
    return w->too_large_from && w->now.mono < w->too_large_until;
}

static bool is_as_large(const struct tk_worker *w)
{
    return is_believed(w) && message_bytes(w) >= w->too_large_from;
}

void tk_worker_note_alone(struct tk_worker *w)
{
    w->alone_bytes = message_bytes(w);
}

void tk_worker_learn_size(struct tk_worker *w, bool is_too_large)
{
    if (!is_too_large) { /* so much may be too large, and need not be */
        if (is_believed(w) && w->alone_bytes >= w->too_large_from)
            w->too_large_from = w->alone_bytes + 1;
        return;
    }
    if (!is_believed(w) || w->alone_bytes < w->too_large_from)
        w->too_large_from = w->alone_bytes;
    w->too_large_until = w->now.mono + BELIEVED;
}

bool tk_worker_is_too_large(const struct tk_worker *w)
{
    return is_as_large(w) && !is_compressing(w->sink_settings);
}

bool tk_worker_is_suspect(const struct tk_worker *w)
{
    return is_as_large(w) && is_compressing(w->sink_settings);
}
