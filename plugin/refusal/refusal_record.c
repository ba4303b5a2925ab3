/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/refusal_record.h"

#include <arpa/inet.h>

#include "event/encode.h"
#include "snmp/trap.h"

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

static void encode_snmp(struct tk_json *j, const struct tk_refusal_report *report)
{
    const struct tk_refusal *r = &report->refusal;

    TK_JSON_NAME(j, "snmp");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "version");
    tk_json_cstring(j, tk_version_name(r->version));
    TK_JSON_NAME(j, "security_name");
    if (report->is_merged || r->version != TK_SNMP_V3 || !r->user_len)
        tk_json_null(j);
    else
        tk_encode_foreign_text(j, r->user, r->user_len);
    TK_JSON_NAME(j, "security_level");
    tk_json_cstring(j, tk_level_name(r->security_level));
    encode_engine(j, r->engine, report->is_merged ? 0 : r->engine_len);
    tk_json_object_end(j);
}

static void encode_time(struct tk_json *j, tk_nsec wall)
{
    char text[TK_RFC3339_BYTES];

    tk_clock_rfc3339(text, wall);
    tk_json_cstring(j, text);
}

void tk_refusal_record_write(struct tk_json *j, const struct tk_receiver *rx, const struct tk_refusal_report *report,
                             const char *id, const char *time)
{
    tk_receiver_begin_record(rx, j, "rejected", id, time);
    TK_JSON_NAME(j, "reason");
    tk_json_cstring(j, tk_reason_name(report->refusal.reason));
    TK_JSON_NAME(j, "count");
    tk_json_u64(j, report->count);
    TK_JSON_NAME(j, "first");
    encode_time(j, report->first);
    TK_JSON_NAME(j, "last");
    encode_time(j, report->last);
    TK_JSON_NAME(j, "is_merged");
    tk_json_bool(j, report->is_merged);
    encode_source(j, &report->refusal.peer);
    encode_snmp(j, report);
    TK_JSON_NAME(j, "detail");
    tk_json_cstring(j, report->detail);
    TK_JSON_NAME(j, "remedy");
    tk_json_cstring(j, report->remedy);
    tk_json_object_end(j);
}
