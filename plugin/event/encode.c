/* SPDX-License-Identifier: Apache-2.0 */
#include "event/encode.h"

#include "base/hash.h"
#include "base/text.h"
#include "event/event_internal.h"
#include "snmp/oid.h"

#define MAX_NAME 256 /* of an object or module, as dictionaries have them */

/* For functions that are not to be inlined into tk_encode_event(). There the compiler holds j in another register than
 * the functions of the writer do, and the processor then passes j->len through memory from each member to the next one,
 * which costs 0.1 us an event. */
#define APART __attribute__((noinline))

static void text_or_null(struct tk_json *j, struct tk_text t)
{
    if (t.text)
        tk_json_string(j, t.text, t.len);
    else
        tk_json_null(j);
}

void tk_encode_foreign_text(struct tk_json *j, const char *text, size_t len)
{
    if (tk_utf8_is_valid((const uint8_t *)text, len))
        tk_json_string(j, text, len);
    else
        tk_json_marked_hex(j, (const uint8_t *)text, len);
}

static void hex_or_null(struct tk_json *j, const uint8_t *bytes, size_t len)
{
    if (len)
        tk_json_hex(j, bytes, len);
    else
        tk_json_null(j);
}

static void hash128(struct tk_json *j, struct tk_hash128 h)
{
    uint8_t bytes[16];

    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(h.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(h.low >> (56 - 8 * i));
    }
    tk_json_hex(j, bytes, sizeof(bytes));
}

/* Two receivers of one notification must compute the same value, so it has no request ID, and the hash no seed. */
static struct tk_hash128 fingerprint(const struct tk_event *ev)
{
    uint8_t buf[2048];
    struct tk_hasher h;

    tk_hasher_init(&h, buf, sizeof(buf), 0);
    tk_hasher_add(&h, ev->device.text, ev->device.len);
    tk_hasher_add(&h, ev->trap_oid_ber, ev->trap_oid_ber_len);
    tk_hasher_add(&h, &ev->trap->head.uptime, sizeof(ev->trap->head.uptime));
    tk_hasher_add(&h, ev->trap->varbinds, ev->trap->head.varbinds_len);
    return tk_hasher_end(&h);
}

APART static void encode_source(struct tk_json *j, const struct tk_event *ev)
{
    const struct tk_trap_head *head = &ev->trap->head;

    TK_JSON_NAME(j, "source");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "device");
    tk_json_string(j, ev->device.text, ev->device.len);
    TK_JSON_NAME(j, "address");
    text_or_null(j, ev->address);
    TK_JSON_NAME(j, "port");
    if (head->family)
        tk_json_u64(j, head->port);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "transport");
    tk_json_cstring(j, tk_transport_name(head->transport));
    TK_JSON_NAME(j, "agent_address");
    text_or_null(j, ev->agent);
    TK_JSON_NAME(j, "address_from");
    tk_json_cstring(j, ev->is_from_agent ? "agent" : "peer");
    tk_json_object_end(j);
}

APART static void encode_snmp(struct tk_json *j, const struct tk_event *ev, bool is_publishing_community)
{
    const struct tk_trap *trap = ev->trap;
    const struct tk_trap_head *head = &trap->head;
    bool is_v3 = head->version == TK_SNMP_V3;

    TK_JSON_NAME(j, "snmp");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "version");
    tk_json_cstring(j, tk_version_name(head->version));
    TK_JSON_NAME(j, "pdu");
    tk_json_cstring(j, head->pdu == TK_PDU_INFORM ? "inform" : "trap");
    TK_JSON_NAME(j, "security_name");
    if (is_v3 || is_publishing_community)
        tk_encode_foreign_text(j, trap->security_name, head->security_name_len);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "security_level");
    tk_json_cstring(j, tk_level_name(head->security_level));
    TK_JSON_NAME(j, "engine_id");
    hex_or_null(j, trap->engine_id, head->engine_id_len);
    TK_JSON_NAME(j, "context_engine_id");
    hex_or_null(j, trap->context_engine_id, head->context_engine_id_len);
    TK_JSON_NAME(j, "context_name");
    if (is_v3)
        tk_encode_foreign_text(j, trap->context_name, head->context_name_len);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "request_id");
    if (head->pdu == TK_PDU_TRAP_V1)
        tk_json_null(j);
    else
        tk_json_i64(j, head->request_id);
    TK_JSON_NAME(j, "uptime");
    if (head->flags & TK_HAS_UPTIME)
        tk_json_u64(j, head->uptime);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "clock_checked");
    tk_json_bool(j, head->flags & TK_CLOCK_CHECKED);
    tk_json_object_end(j);
}

/* @returns the name as it was written, or the OID */
APART static struct tk_part encode_trap(struct tk_json *j, const struct tk_event *ev)
{
    struct tk_part oid, name;

    TK_JSON_NAME(j, "trap");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "oid");
    oid.at = j->len;
    tk_json_oid(j, ev->trap_oid, ev->trap_oid_len);
    oid.len = j->len - oid.at;
    TK_JSON_NAME(j, "name");
    name.at = j->len;
    text_or_null(j, ev->trap_name);
    name.len = j->len - name.at;
    TK_JSON_NAME(j, "mib");
    text_or_null(j, ev->trap_mib);
    tk_json_object_end(j);
    return ev->trap_name.text ? name : oid;
}

APART static void encode_alarm(struct tk_json *j, const struct tk_event *ev)
{
    const struct tk_alarm_view *alarm = &ev->alarm;
    char since[TK_RFC3339_BYTES];

    TK_JSON_NAME(j, "alarm");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "state");
    tk_json_cstring(j, ev->alarm_state == TK_ALARM_RAISE   ? "raise"
                       : ev->alarm_state == TK_ALARM_CLEAR ? "clear"
                                                           : NULL);
    TK_JSON_NAME(j, "key");
    text_or_null(j, ev->alarm_key);
    TK_JSON_NAME(j, "type");
    text_or_null(j, ev->alarm_type);
    TK_JSON_NAME(j, "event_type");
    text_or_null(j, ev->event_type);
    TK_JSON_NAME(j, "transition");
    tk_json_cstring(j, tk_alarm_transition_name(alarm->transition));
    TK_JSON_NAME(j, "since");
    if (alarm->since)
        tk_clock_rfc3339(since, alarm->since);
    tk_json_cstring(j, alarm->since ? since : NULL);
    TK_JSON_NAME(j, "count");
    if (alarm->transition == TK_ALARM_UNTOLD)
        tk_json_null(j);
    else
        tk_json_u64(j, alarm->count);
    TK_JSON_NAME(j, "previous_severity");
    tk_json_cstring(j, alarm->previous == TK_SEV_UNSET ? NULL : tk_severity_name(alarm->previous));
    TK_JSON_NAME(j, "clears");
    tk_json_array_begin(j);
    for (size_t i = 0; i < ev->clear_count; i++)
        tk_json_string(j, ev->clears[i].text, ev->clears[i].len);
    tk_json_array_end(j);
    tk_json_object_end(j);
}

APART static void encode_judgement(struct tk_json *j, const struct tk_event *ev)
{
    bool is_itil = ev->severity >= TK_SEV_CRITICAL && ev->severity <= TK_SEV_WARNING;

    TK_JSON_NAME(j, "severity");
    tk_json_cstring(j, tk_severity_name(ev->severity));
    TK_JSON_NAME(j, "itil_priority");
    if (is_itil)
        tk_json_u64(j, (uint64_t)(ev->severity - TK_SEV_CRITICAL) + 1);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "severity_rule");
    text_or_null(j, ev->severity_rule);
}

APART static void encode_dedup(struct tk_json *j, const struct tk_event *ev)
{
    TK_JSON_NAME(j, "dedup");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "key");
    if (ev->dedup_key.high | ev->dedup_key.low)
        hash128(j, ev->dedup_key);
    else
        tk_json_null(j); /* kafkaDedup off */
    TK_JSON_NAME(j, "repeats");
    tk_json_u64(j, ev->repeats);
    tk_json_object_end(j);
}

APART static void encode_head(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev,
                              const char *event_id, const char *received)
{
    TK_JSON_NAME(j, "schema");
    tk_json_u64(j, TK_SCHEMA);
    TK_JSON_NAME(j, "type");
    tk_json_raw(j, "\"trap\"", 6);
    TK_JSON_NAME(j, "event_id");
    tk_json_cstring(j, event_id);
    TK_JSON_NAME(j, "fingerprint");
    hash128(j, fingerprint(ev));
    TK_JSON_NAME(j, "received");
    tk_json_cstring(j, received);
    TK_JSON_NAME(j, "receiver");
    tk_json_object_begin(j);
    TK_JSON_NAME(j, "host");
    tk_json_cstring(j, rx->host);
    TK_JSON_NAME(j, "queue");
    tk_json_cstring(j, rx->queue);
    TK_JSON_NAME(j, "seq");
    tk_json_u64(j, ev->seq);
    tk_json_object_end(j);
}

APART static void encode_missing(struct tk_json *j, const struct tk_event *ev)
{
    TK_JSON_NAME(j, "missing");
    tk_json_array_begin(j);
    for (size_t i = 0; i < ev->missing_count; i++) {
        struct tk_dict_text name = ev->missing[i].name, module = ev->missing[i].module;
        char text[2 * MAX_NAME + 2];
        size_t len = 0;

        if (module.len && module.len <= MAX_NAME) {
            memcpy(text, module.text, module.len);
            memcpy(text + module.len, "::", 2);
            len = module.len + 2;
        }
        if (name.len > MAX_NAME)
            name.len = MAX_NAME;
        memcpy(text + len, name.text, name.len);
        tk_json_string(j, text, len + name.len);
    }
    tk_json_array_end(j);
}

/* Behind the varbinds, of which they are made. */
static void encode_fields(struct tk_json *j, const struct tk_event *ev, const struct tk_written *written)
{
    TK_JSON_NAME(j, "fields");
    tk_json_object_begin(j);
    for (size_t i = 0; i < ev->field_count; i++) {
        tk_json_name(j, ev->fields[i].name.text, ev->fields[i].name.len);
        tk_encode_pieces(j, ev->fields[i].value, written);
    }
    tk_json_object_end(j);
}

void tk_encode_event(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev, const char *event_id,
                     const char *received, const struct tk_encode_tables *tables)
{
    struct tk_written *written = tk_arena_alloc(ev->arena, (ev->varbind_count + 1) * sizeof(*written));
    struct tk_part trap;

    tk_json_clear(j);
    if (!written) {
        j->is_failed = true;
        return;
    }
    tk_json_object_begin(j);
    encode_head(j, rx, ev, event_id, received);
    encode_source(j, ev);
    encode_snmp(j, ev, tables->is_publishing_community);
    trap = encode_trap(j, ev);
    encode_judgement(j, ev);
    encode_alarm(j, ev);
    encode_dedup(j, ev);
    TK_JSON_NAME(j, "topology");
    tk_json_object_begin(j);
    tk_topology_write(tables->topology, ev->inventory_row, ev->circuit_row, j);
    tk_json_object_end(j);
    encode_missing(j, ev);
    TK_JSON_NAME(j, "varbinds");
    tk_json_array_begin(j);
    for (size_t i = 0; i < ev->varbind_count; i++)
        tk_encode_varbind(j, tables->dict, ev, &ev->varbinds[i], i ? &written[i - 1] : NULL, &written[i]);
    tk_json_array_end(j);
    encode_fields(j, ev, written);
    tk_encode_summary(j, ev, trap, written);
    tk_json_object_end(j);
}
