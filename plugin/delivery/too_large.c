/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes that a topic was seen to refuse. An event of such a size is not sent like any other: a refusal makes
 * librdkafka fail the whole request, so that its other events are sent twice, and costs the sink its producer. This is
 * believed for some minutes only, because the topic's limit may be raised meanwhile.
 *
 * Without compression a size that was refused once is refused again. With compression, which is the default, the broker
 * judges another size than we know: such an event is only suspect, and goes in a request of its own. */
#include <string.h>
#include <strings.h>

#include "delivery/delivery_internal.h"

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

static bool is_believed(const struct tk_worker *w, unsigned route)
{
    return w->too_large.topic[route].from && w->now.mono < w->too_large.topic[route].until;
}

static bool is_as_large(const struct tk_worker *w)
{
    unsigned route = w->message.route;

    return is_believed(w, route) && message_bytes(w) >= w->too_large.topic[route].from;
}

void tk_too_large_note_alone(struct tk_worker *w)
{
    w->too_large.alone_bytes = message_bytes(w);
    w->too_large.alone_route = w->message.route;
}

void tk_too_large_learn(struct tk_worker *w, bool is_too_large)
{
    unsigned route = w->too_large.alone_route;
    size_t bytes = w->too_large.alone_bytes, *from = &w->too_large.topic[route].from;

    if (!is_too_large) { /* so much may be too large, and need not be */
        if (is_believed(w, route) && bytes >= *from)
            *from = bytes + 1;
        return;
    }
    if (!is_believed(w, route) || bytes < *from)
        *from = bytes;
    w->too_large.topic[route].until = w->now.mono + BELIEVED;
}

bool tk_too_large_is_certain(const struct tk_worker *w)
{
    return is_as_large(w) && !is_compressing(w->outlet.settings);
}

bool tk_too_large_is_suspect(const struct tk_worker *w)
{
    return is_as_large(w) && is_compressing(w->outlet.settings);
}
