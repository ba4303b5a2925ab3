/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain_facts.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/text.h"
#include "cli/explain/explain_rule.h"
#include "cli/explain/explain_words.h"
#include "refusal/refusal_detail.h"
#include "refusal/remedy.h"
#include "rules/rules_trace.h"

static const uint8_t queue_name[4]; /* in event IDs: no queue */

static enum tk_verdict render(struct tk_explanation *x, const struct tk_incoming *trap, struct tk_time received,
                              struct tk_rules_trace *trace)
{
    const struct tk_render_record record = {.body = trap->flat,
                                            .body_len = trap->flat_len,
                                            .queue = queue_name,
                                            .seq = ++x->seq,
                                            .received = received,
                                            .owner = x->seq};

    return tk_offline_render(x->offline, &record, trace);
}

void tk_explain_pass(struct tk_explanation *x, const struct tk_incoming *trap)
{
    (void)render(x, trap, trap->received, NULL);
}

static json_t *time_text(tk_nsec wall)
{
    char text[TK_RFC3339_BYTES];

    tk_clock_rfc3339(text, wall);
    return json_string(text);
}

/* --- reception ---------------------------------------------------------------------------------------------------- */

static json_t *access_facts(const struct tk_incoming *t)
{
    const struct tk_refusal *r = &t->judged.refusal;
    char detail[TK_DETAIL_BYTES], remedy[TK_REMEDY_BYTES];

    if (!t->is_judged)
        return json_null();
    if (t->judged.is_accepted)
        return json_pack("{s:b}", "is_permitted", 1);
    return json_pack("{s:b, s:s, s:s, s:s}", "is_permitted", 0, "reason", tk_reason_name(r->reason), "detail",
                     tk_refusal_detail(detail, sizeof(detail), r), "remedy", tk_remedy(remedy, sizeof(remedy), r));
}

static json_t *reception(const struct tk_incoming *t)
{
    char address[64];

    return json_pack("{s:s, s:i, s:o, s:o, s:o}", "source", tk_peer_name(address, sizeof(address), &t->source), "port",
                     (int)t->source.port, "received", time_text(t->received.wall), "bytes",
                     t->packet_len ? json_integer((json_int_t)t->packet_len) : json_null(), "access", access_facts(t));
}

/* --- device, inventory, circuit ----------------------------------------------------------------------------------- */

static json_t *cells(const struct tk_csv *csv)
{
    json_t *row = json_object();

    for (unsigned i = 0; i < tk_csv_column_count(csv); i++) {
        struct tk_csv_field f = tk_csv_field(csv, i);

        if (f.len)
            (void)json_object_set_new(row, tk_csv_column(csv, i), tk_explain_text((struct tk_text){f.text, f.len}));
    }
    return row;
}

/* A row of a table, as it stands in its file: {"file", "line", "row"}. */
static json_t *row_facts(const char *path, uint32_t row)
{
    struct tk_err_list ignored = {0}; /* it was read a moment ago */
    struct tk_csv *csv;
    json_t *facts = NULL;

    if (!path || row == TK_ROW_NONE)
        return json_null();
    csv = tk_csv_new(path, &ignored);
    for (uint32_t at = 0; csv && tk_csv_next(csv, &ignored) == 1; at++)
        if (at == row) {
            facts = json_pack("{s:s, s:i, s:o}", "file", path, "line", (int)tk_csv_line(csv), "row", cells(csv));
            break;
        }
    tk_csv_free(csv);
    return facts ? facts : json_null();
}

static json_t *device_facts(const struct tk_explanation *x)
{
    static const char *const by[] = {
        [TK_DEVICE_OF_ENGINE] = "engine_id",    [TK_DEVICE_OF_AGENT] = "agent_address",
        [TK_DEVICE_OF_PEER] = "source_address", [TK_DEVICE_OF_NAME] = "sysName",
        [TK_DEVICE_UNKNOWN] = "nothing",
    };
    const struct tk_bundle *b = tk_offline_bundle(x->offline);
    const struct tk_event *ev = &tk_offline_renderer(x->offline)->event;
    char engine[2 * TK_ENGINE_BYTES + 1] = "";
    bool is_forwarded = ev->agent.text && ev->has_agent_host &&
                        (ev->agent.len != ev->address.len ||
                         memcmp(ev->agent.text, ev->address.text, ev->agent.len) != 0);

    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:b, s:o}", "name", tk_explain_text(ev->device), "found_by",
                     by[ev->device_from], "source_address", tk_explain_text(ev->address), "agent_address",
                     tk_explain_text(ev->agent), "engine_id",
                     ev->engine_id ? json_string(tk_hex_text(engine, sizeof(engine), ev->engine_id, ev->engine_id_len))
                                   : json_null(),
                     "is_forwarded", (int)is_forwarded, "inventory",
                     row_facts(b->settings->inventory, b->inventory ? ev->inventory_row : TK_ROW_NONE));
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static json_t *object_facts(const struct tk_explanation *x, const uint32_t *subid, size_t len,
                            const struct tk_dict_object *o)
{
    const struct tk_dict *d = tk_offline_bundle(x->offline)->dict;
    struct tk_dict_text name, module;

    if (!o)
        return json_pack("{s:o, s:n, s:n}", "oid", tk_explain_oid(subid, len), "name", "dictionary");
    name = tk_dict_name(d, o);
    module = tk_dict_module(d, o);
    return json_pack("{s:o, s:o, s:s}", "oid", tk_explain_oid(subid, len), "name",
                     tk_explain_name((struct tk_text){module.text, module.len}, (struct tk_text){name.text, name.len}),
                     "dictionary", tk_offline_layer(x->offline, tk_dict_layer(d, o)));
}

/* The name of a rule's file is preferred to that of a dictionary. */
static json_t *trap_facts(const struct tk_explanation *x)
{
    const struct tk_event *ev = &tk_offline_renderer(x->offline)->event;
    json_t *facts = object_facts(x, ev->trap_oid, ev->trap_oid_len, ev->trap_object);
    json_t *name = tk_explain_name(ev->trap_mib, ev->trap_name);

    if (!json_equal(name, json_object_get(facts, "name")))
        (void)json_object_set_new(facts, "dictionary",
                                  json_string(tk_offline_bundle(x->offline)->settings->severity_rules));
    (void)json_object_set_new(facts, "name", name);
    return facts;
}

static json_t *varbind_facts(const struct tk_explanation *x)
{
    const struct tk_event *ev = &tk_offline_renderer(x->offline)->event;
    json_t *list = json_array();

    for (size_t i = 0; i < ev->varbind_count; i++) {
        const struct tk_event_varbind *vb = ev->varbinds + i;
        json_t *facts = object_facts(x, vb->subid, vb->subids, vb->object);

        (void)json_object_set_new(facts, "index",
                                  vb->object && vb->subids > vb->matched
                                      ? tk_explain_oid(vb->subid + vb->matched, vb->subids - vb->matched)
                                      : json_null());
        (void)json_object_set_new(facts, "text", tk_explain_value(x->offline, i));
        (void)json_array_append_new(list, facts);
    }
    return list;
}

static json_t *missing_facts(const struct tk_explanation *x)
{
    const struct tk_event *ev = &tk_offline_renderer(x->offline)->event;
    json_t *list = json_array();

    for (size_t i = 0; i < ev->missing_count; i++) {
        const struct tk_dict_member *m = ev->missing + i;

        (void)json_array_append_new(list, tk_explain_name((struct tk_text){m->module.text, m->module.len},
                                                          (struct tk_text){m->name.text, m->name.len}));
    }
    return list;
}

/* --- dedup, alarm, message ---------------------------------------------------------------------------------------- */

static json_t *dedup_fields(unsigned fields)
{
    static const struct {
        enum tk_dedup_field field;
        const char *name;
    } names[] = {{TK_BY_ENGINE, "contextEngineID"}, {TK_BY_TRAP_OID, "trapOID"}, {TK_BY_UPTIME, "sysUpTime"},
                 {TK_BY_VARBINDS, "varbinds"},      {TK_BY_SOURCE, "source"},    {TK_BY_REQUEST_ID, "requestID"}};
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (fields & names[i].field)
            (void)json_array_append_new(list, json_string(names[i].name));
    return list;
}

static json_t *dedup_facts(const struct tk_explanation *x)
{
    const struct tk_settings *cf = tk_offline_bundle(x->offline)->settings;
    const struct tk_event *ev = &tk_offline_renderer(x->offline)->event;

    if (!cf->dedup_window_s)
        return json_null();
    return json_pack("{s:i, s:o, s:b, s:i}", "window", (int)cf->dedup_window_s, "fields",
                     dedup_fields(cf->dedup_fields), "has_alarm", ev->alarm_state != TK_ALARM_NONE, "repeats",
                     (int)ev->repeats);
}

/* What would become of the same notification a millisecond later? The stages say. */
static void add_second(struct tk_explanation *x, json_t *dedup)
{
    const struct tk_incoming *t = x->trap;
    tk_nsec window = tk_offline_bundle(x->offline)->settings->dedup_window_s * TK_SECOND;
    struct tk_time later = t->received;
    bool is_repeat;

    if (!json_is_object(dedup))
        return;
    later.wall += TK_SECOND / 1000;
    later.mono += TK_SECOND / 1000;
    later.boot += TK_SECOND / 1000;
    is_repeat = render(x, t, later, NULL) == TK_DROP_DUPLICATE;
    (void)json_object_set_new(dedup, "suppressed_until",
                              is_repeat ? time_text(t->received.wall + window) : json_null());
}

static json_t *alarm_facts(const struct tk_explanation *x)
{
    const struct tk_event *ev = &tk_offline_renderer(x->offline)->event;

    if (ev->alarm_state == TK_ALARM_NONE)
        return json_null();
    return json_pack("{s:o, s:o?, s:b, s:o, s:i}", "key", tk_explain_text(ev->alarm_key), "transition",
                     tk_alarm_transition_name(ev->alarm.transition)
                         ? json_string(tk_alarm_transition_name(ev->alarm.transition))
                         : NULL,
                     "stands", ev->alarm_state == TK_ALARM_RAISE, "since",
                     ev->alarm.since ? time_text(ev->alarm.since) : json_null(), "count", (int)ev->alarm.count);
}

static json_t *message_facts(const struct tk_explanation *x)
{
    const struct tk_bundle *b = tk_offline_bundle(x->offline);
    const struct tk_findings *found = &tk_offline_renderer(x->offline)->found;
    json_t *topic = found->topic ? tk_explain_text(tk_rules_topic(b->rules, found->topic))
                                 : json_string(b->settings->topic);
    int32_t partition = -1;

    if (x->partitions) /* that of the producer: it depends on the key alone */
        partition = rd_kafka_msg_partitioner_murmur2_random(NULL, found->device.text, found->device.len,
                                                            (int32_t)x->partitions, NULL, NULL);
    return json_pack("{s:o, s:o, s:o, s:o, s:i}", "topic", topic, "key", tk_explain_text(found->device), "partitions",
                     x->partitions ? json_integer(x->partitions) : json_null(), "partition",
                     partition < 0 ? json_null() : json_integer(partition), "bytes", (int)x->event_len);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static const char *verdict_name(enum tk_verdict verdict)
{
    switch (verdict) {
    case TK_PASS: return "published";
    case TK_DROP_DUPLICATE: return "suppressed_duplicate";
    case TK_DROP_BY_RULE: return "suppressed_rule";
    case TK_DROP_MALFORMED: return "dropped_malformed";
    default: return "dropped_no_memory";
    }
}

static bool keep_event(struct tk_explanation *x)
{
    const struct tk_json *json = &tk_offline_renderer(x->offline)->json;

    x->event = malloc(json->len + 1);
    if (!x->event)
        return false;
    memcpy(x->event, json->buf, json->len);
    x->event[json->len] = '\0';
    x->event_len = json->len;
    return true;
}

static bool is_refused(const struct tk_incoming *t)
{
    return t->is_judged && !t->judged.is_accepted;
}

static void add_stages(struct tk_explanation *x, json_t *facts)
{
    struct tk_rules_trace trace = {0};
    struct tk_trap trap;
    json_t *dedup;
    enum tk_verdict verdict = render(x, x->trap, x->trap->received, &trace);
    const struct tk_event *ev = &tk_offline_renderer(x->offline)->event;
    const struct tk_bundle *b = tk_offline_bundle(x->offline);

    if (verdict == TK_PASS && !keep_event(x))
        verdict = TK_DROP_NO_MEMORY;
    x->is_published = verdict == TK_PASS && !is_refused(x->trap);
    (void)json_object_set_new(facts, "result", json_string(is_refused(x->trap) ? "refused" : verdict_name(verdict)));
    if (verdict == TK_DROP_MALFORMED || verdict == TK_DROP_NO_MEMORY ||
        tk_trap_read(&trap, x->trap->flat, x->trap->flat_len) < 0)
        return;
    tk_rules_trace_near(&trace, b->rules, ev);
    (void)json_object_set_new(facts, "device", device_facts(x));
    (void)json_object_set_new(facts, "trap", trap_facts(x));
    (void)json_object_set_new(facts, "varbinds", varbind_facts(x));
    (void)json_object_set_new(facts, "missing", missing_facts(x));
    (void)json_object_set_new(facts, "rule", tk_explain_rule(x->offline, &trap, &trace));
    dedup = dedup_facts(x);
    (void)json_object_set_new(facts, "dedup", dedup);
    (void)json_object_set_new(facts, "alarm", alarm_facts(x));
    if (verdict != TK_PASS)
        return;
    (void)json_object_set_new(facts, "circuit", row_facts(b->settings->circuits, ev->circuit_row));
    (void)json_object_set_new(facts, "message", message_facts(x));
    add_second(x, dedup); /* last: the event of before is gone with it */
}

json_t *tk_explain_facts(struct tk_explanation *x)
{
    json_t *facts = json_pack("{s:o, s:s}", "reception", reception(x->trap), "result", "refused");

    if (facts && x->trap->flat_len)
        add_stages(x, facts);
    return facts;
}
