/* SPDX-License-Identifier: Apache-2.0 */
#include "event/receiver.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

void tk_receiver_set_host(struct tk_receiver *rx)
{
    char name[sizeof(rx->host)] = ""; /* all zeros, because gethostname() may not terminate a long name */

    if (gethostname(name, sizeof(name) - 1) < 0 || !tk_utf8_is_valid((const uint8_t *)name, strlen(name)))
        (void)snprintf(name, sizeof(name), "unknown");
    memcpy(rx->host, name, sizeof(rx->host));
    (void)snprintf(rx->source, sizeof(rx->source), "/trapkafka/%s", rx->host);
}

void tk_receiver_set_queue(struct tk_receiver *rx, const uint8_t *name)
{
    (void)tk_hex_text(rx->queue, sizeof(rx->queue), name, 4);
}

void tk_event_id(char dst[TK_EVENT_ID_BYTES], const struct tk_receiver *rx, uint64_t seq)
{
    uint32_t digits[3] = {(uint32_t)(seq / 1000000000000000000u), (uint32_t)(seq / 1000000000u % 1000000000u),
                          (uint32_t)(seq % 1000000000u)};
    size_t n = strlen(rx->queue);

    memcpy(dst, rx->queue, n);
    dst[n++] = '-';
    if (!digits[0] && !digits[1]) /* the usual case; tk_format_dotted() is faster than snprintf */
        (void)tk_format_dotted(dst + n, TK_EVENT_ID_BYTES - n, &digits[2], 1);
    else
        (void)snprintf(dst + n, TK_EVENT_ID_BYTES - n, "%llu", (unsigned long long)seq);
}

void tk_receiver_begin_record(const struct tk_receiver *rx, struct tk_json *j, const char *type, const char *id,
                              const char *time)
{
    tk_json_clear(j);
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "schema");
    tk_json_u64(j, TK_SCHEMA);
    TK_JSON_NAME(j, "type");
    tk_json_cstring(j, type);
    TK_JSON_NAME(j, "event_id");
    tk_json_cstring(j, id);
    TK_JSON_NAME(j, "time");
    tk_json_cstring(j, time);
    TK_JSON_NAME(j, "receiver");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "host");
    tk_json_cstring(j, rx->host);
    TK_JSON_NAME(j, "queue");
    tk_json_cstring(j, rx->queue);
    tk_json_object_end(j);
}
