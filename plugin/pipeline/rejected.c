/* SPDX-License-Identifier: Apache-2.0 */
/* Records of refused packets, out of the box beside the ring to the health topic. They hold up no trap: what the sink
 * does not take now stays in the box, and when that is full, they are added up where they come from. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/encode.h"
#include "pipeline/worker_internal.h"
#include "queue/trap.h"
#include "usm/engine_id.h"

#define SOME  8 /* in one step */
#define AGAIN TK_SECOND

static void encode_source(struct tk_json *j, const struct tk_peer *peer)
{
    char text[INET6_ADDRSTRLEN];
    int family = peer->family == 4 ? AF_INET : AF_INET6;

    TK_JSON_NAME(j, "source");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "address");
    tk_json_cstring(j, peer->family ? inet_ntop(family, peer->address, text, sizeof(text)) : NULL);
    TK_JSON_NAME(j, "port");
    if (peer->family)
        tk_json_u64(j, peer->port);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "transport");
    tk_json_cstring(j, tk_transport_name(peer->transport));
    tk_json_object_end(j);
}

static void encode_engine(struct tk_json *j, const uint8_t *engine, size_t len)
{
    struct tk_engine_id id;

    TK_JSON_NAME(j, "engine_id");
    if (!len) {
        tk_json_null(j);
        TK_JSON_NAME(j, "engine");
        tk_json_null(j);
        return;
    }
    tk_json_hex(j, engine, len);
    tk_engine_id_read(&id, engine, len);
    TK_JSON_NAME(j, "engine");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "enterprise");
    if (id.enterprise)
        tk_json_u64(j, id.enterprise);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "vendor");
    tk_json_cstring(j, id.vendor);
    TK_JSON_NAME(j, "format");
    tk_json_cstring(j, id.format);
    TK_JSON_NAME(j, "text");
    tk_json_cstring(j, id.text);
    tk_json_object_end(j);
}

static void encode_snmp(struct tk_json *j, const struct tk_reject *reject)
{
    const struct tk_refusal *r = &reject->refusal;

    TK_JSON_NAME(j, "snmp");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "version");
    tk_json_cstring(j, tk_version_name(r->version));
    TK_JSON_NAME(j, "security_name");
    if (reject->is_merged || r->version != TK_SNMP_V3 || !r->user_len)
        tk_json_null(j);
    else
        tk_encode_foreign_text(j, r->user, r->user_len);
    TK_JSON_NAME(j, "security_level");
    tk_json_cstring(j, tk_level_name(r->security_level));
    encode_engine(j, r->engine, reject->is_merged ? 0 : r->engine_len);
    tk_json_object_end(j);
}

static void encode_time(struct tk_json *j, tk_nsec wall)
{
    char text[TK_RFC3339_BYTES];

    tk_clock_rfc3339(text, wall);
    tk_json_cstring(j, text);
}

static void encode(struct tk_worker *w, const struct tk_reject *reject, const char *id)
{
    struct tk_json *j = &w->scratch;

    tk_json_clear(j);
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "schema");
    tk_json_u64(j, TK_SCHEMA);
    TK_JSON_NAME(j, "type");
    tk_json_cstring(j, "rejected");
    TK_JSON_NAME(j, "event_id");
    tk_json_cstring(j, id);
    TK_JSON_NAME(j, "time");
    encode_time(j, reject->last);
    tk_worker_encode_receiver(w, j);
    TK_JSON_NAME(j, "reason");
    tk_json_cstring(j, tk_reason_name(reject->refusal.reason));
    TK_JSON_NAME(j, "count");
    tk_json_u64(j, reject->count);
    TK_JSON_NAME(j, "first");
    encode_time(j, reject->first);
    TK_JSON_NAME(j, "last");
    encode_time(j, reject->last);
    TK_JSON_NAME(j, "is_merged");
    tk_json_bool(j, reject->is_merged);
    encode_source(j, &reject->refusal.peer);
    encode_snmp(j, reject);
    TK_JSON_NAME(j, "detail");
    tk_json_cstring(j, reject->detail);
    TK_JSON_NAME(j, "remedy");
    tk_json_cstring(j, reject->remedy);
    tk_json_object_end(j);
}

/* @returns false: not now */
static bool publish(struct tk_worker *w, const struct tk_reject *reject)
{
    char id[96], time[TK_RFC3339_BYTES];
    struct tk_json *j = &w->scratch;
    struct tk_message msg;

    (void)snprintf(id, sizeof(id), "%s-rejected-%llu-%lld", w->queue, (unsigned long long)reject->number,
                   (long long)(reject->last / TK_MSEC));
    tk_clock_rfc3339(time, reject->last);
    encode(w, reject, id);
    if (j->is_failed)
        return false;
    msg = (struct tk_message){
        .topic = TK_TOPIC_HEALTH, .key = w->receiver.host, .key_len = strlen(w->receiver.host), .payload = j->buf,
        .payload_len = j->len, .ticket = TK_NO_TICKET, .wall = reject->last, .ce_id = id,
        .ce_type = "trapkafka.rejected", .ce_source = w->ce_source, .ce_time = time,
    };
    /* One that is refused for good must not hold up the others. */
    return w->sink->ops->publish(w->sink, &msg) != TK_FULL;
}

void tk_worker_write_rejects(struct tk_worker *w)
{
    const bool is_wanted = w->bundle->settings->health_topic;
    const struct tk_reject *reject;

    if (!w->config.rejects)
        return;
    if (is_wanted && (!w->sink || w->replace_by || w->is_reach_lost || w->now.mono < w->next_reject))
        return;
    for (unsigned n = 0; n < SOME && (reject = tk_reject_box_oldest(w->config.rejects)); n++) {
        if (is_wanted && !publish(w, reject)) {
            w->next_reject = w->now.mono + AGAIN;
            return;
        }
        tk_reject_box_took(w->config.rejects);
    }
}
