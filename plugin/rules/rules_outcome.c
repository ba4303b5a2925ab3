/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule says about a notification: severity, alarm, texts, and where the event goes. */
#include "rules/rules_internal.h"

#include <stdio.h>

#include "base/text.h"
#include "config/settings.h"

#define MAX_TYPE  32 /* bytes */
#define MAX_FIELD 64

const char *const tk_rules_event_types[] = {
    "other",
    "communicationsAlarm",
    "qualityOfServiceAlarm",
    "processingErrorAlarm",
    "equipmentAlarm",
    "environmentalAlarm",
    "integrityViolation",
    "operationalViolation",
    "physicalViolation",
    "securityServiceOrMechanismViolation",
    "timeDomainViolation",
    NULL,
};

static const char *const severities[] = {NULL,      "critical",      "major",   "minor",
                                         "warning", "indeterminate", "cleared", NULL}; /* as enum tk_severity */
static const char *const states[] = {"none", "raise", "clear", NULL};                  /* as enum tk_alarm_state */

/* A rule's outcome while it is being compiled. */
struct outcome {
    struct tk_rules_compiler *c;
    json_t *json;
    struct tk_rule *rule;
    struct tk_rule_more more;
    unsigned states, severities; /* those that are possible: a bit for each number */
};

static json_t *get(const struct outcome *o, const char *member)
{
    return json_object_get(o->json, member);
}

/* ---- the alarm ---- */

static bool parse_state(struct outcome *o)
{
    json_t *state = get(o, "state");
    char shown[64];

    if (!state || json_is_null(state))
        return true;
    for (int s = TK_ALARM_NONE; s <= TK_ALARM_CLEAR && json_is_string(state); s++)
        if (strcmp(json_string_value(state), states[s]) == 0) {
            o->rule->state = (uint8_t)s;
            return true;
        }
    return tk_rules_complain(o->c, "\"state\" is '%s'; write \"raise\", \"clear\" or \"none\"",
                             tk_rules_show(shown, sizeof(shown), state));
}

/* Which states are possible. */
static bool parse_states(struct outcome *o)
{
    json_t *from = get(o, "state_from"), *state = get(o, "state");

    if (!parse_state(o))
        return false;
    if (from &&
        !tk_rules_parse_choice(o->c, "state_from", from, states, TK_ALARM_NONE, &o->more.state_from, &o->states))
        return false;
    if (!from && !json_is_string(state) && get(o, "severity_from") && get(o, "key")) {
        o->more.is_state_by_severity = 1;
        o->states = 1U << TK_ALARM_NONE | 1U << TK_ALARM_RAISE | 1U << TK_ALARM_CLEAR;
    }
    o->states |= 1U << o->rule->state;
    return true;
}

static bool parse_severity(struct outcome *o)
{
    json_t *severity = get(o, "severity"), *from = get(o, "severity_from");
    bool can_raise = o->states & 1U << TK_ALARM_RAISE, ok;
    char shown[64];

    ok = !from || tk_rules_parse_choice(o->c, "severity_from", from, severities, TK_SEV_CRITICAL,
                                        &o->more.severity_from, &o->severities);
    if (!severity && o->states == 1U << TK_ALARM_CLEAR) {
        o->rule->severity = TK_SEV_CLEARED;
        return ok;
    }
    if (!severity && (from || o->more.is_dropped)) {
        o->rule->severity = TK_SEV_INDETERMINATE;
        return ok;
    }
    for (int s = TK_SEV_CRITICAL; s < TK_SEV_COUNT_ && json_is_string(severity); s++)
        if (strcmp(json_string_value(severity), severities[s]) == 0) {
            o->rule->severity = (uint8_t)s;
            if (s == TK_SEV_CLEARED && can_raise)
                return tk_rules_complain(o->c, "\"severity\" is 'cleared' but the alarm is raised; write \"state\": "
                                               "\"clear\", or the severity of the alarm");
            return ok;
        }
    return tk_rules_complain(o->c,
                             "\"severity\" is '%s'; write critical, major, minor, warning, indeterminate or "
                             "cleared",
                             tk_rules_show(shown, sizeof(shown), severity));
}

static bool parse_key(struct outcome *o)
{
    json_t *key = get(o, "key");
    char shown[96];

    if (o->states == 1U << TK_ALARM_NONE && key)
        return tk_rules_complain(o->c,
                                 "\"key\" is '%s' but there is no alarm; write \"state\": \"raise\" or \"clear\", or "
                                 "leave \"key\" out",
                                 tk_rules_show(shown, sizeof(shown), key));
    if (o->states == 1U << TK_ALARM_NONE)
        return true;
    if (!json_string_length(key))
        return tk_rules_complain(o->c,
                                 "\"key\" is '%s'; write a text that identifies the alarm, the same for raise and "
                                 "clear, such as \"{device}/link/{ifIndex}\"",
                                 tk_rules_show(shown, sizeof(shown), key));
    return tk_rules_parse_template(o->c, "key", key, false, &o->rule->key);
}

static bool parse_clears(struct outcome *o)
{
    json_t *clears = get(o, "clears"), *one = json_is_array(clears) ? NULL : clears;
    size_t count = one ? 1 : json_array_size(clears);
    struct tk_rule_span keys[TK_RULES_MAX_CLEARS];
    char shown[96];

    if (!clears)
        return true;
    if (!count || count > TK_RULES_MAX_CLEARS)
        return tk_rules_complain(o->c, "\"clears\" is '%s'; write a key, or a list of 1 to %d keys, of alarms that end",
                                 tk_rules_show(shown, sizeof(shown), clears), TK_RULES_MAX_CLEARS);
    for (size_t i = 0; i < count; i++)
        if (!tk_rules_parse_template(o->c, "clears", one ? one : json_array_get(clears, i), false, keys + i))
            return false;
    return tk_rules_keep(o->c, &o->c->r->clears, keys, count, sizeof(keys[0]), &o->more.clears);
}

/* ---- words ---- */

static bool parse_type(struct outcome *o)
{
    json_t *type = get(o, "type");
    const char *text = json_string_value(type);
    size_t len = json_string_length(type);
    char shown[96];

    if (!type)
        return true;
    if (!len || len > MAX_TYPE || *text < 'a' || *text > 'z' ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
        return tk_rules_complain(o->c,
                                 "\"type\" is '%s'; write a word of 1 to %d small letters, digits and '-' that begins "
                                 "with a letter, such as \"link\" or \"fan\"",
                                 tk_rules_show(shown, sizeof(shown), type), MAX_TYPE);
    o->rule->type = tk_rules_word(o->c, &o->c->r->words, text, len);
    return o->rule->type;
}

static bool parse_event_type(struct outcome *o)
{
    json_t *type = get(o, "event_type");
    char shown[96], list[256] = "";
    size_t used = 0;

    if (!type)
        return true;
    for (unsigned i = 0; tk_rules_event_types[i] && json_is_string(type); i++)
        if (strcmp(tk_rules_event_types[i], json_string_value(type)) == 0) {
            o->rule->event_type = (uint8_t)(i + 1);
            return true;
        }
    for (unsigned i = 0; tk_rules_event_types[i]; i++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", tk_rules_event_types[i]);
    return tk_rules_complain(o->c, "\"event_type\" is '%s'; write one of: %s",
                             tk_rules_show(shown, sizeof(shown), type), list);
}

/* ---- texts ---- */

static bool parse_summary(struct outcome *o)
{
    json_t *summary = get(o, "summary");
    char shown[96];

    if (!summary)
        return true;
    if (!json_string_length(summary))
        return tk_rules_complain(o->c,
                                 "\"summary\" is '%s'; write one line for people, such as \"Fan {entPhysicalName} "
                                 "failed\"",
                                 tk_rules_show(shown, sizeof(shown), summary));
    return tk_rules_parse_template(o->c, "summary", summary, true, &o->rule->summary);
}

static bool is_field_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    size_t len = strlen(name);

    return len && len <= MAX_FIELD && strspn(name, letters) == len && (*name < '0' || *name > '9');
}

static bool parse_field(struct outcome *o, const char *name, json_t *value, struct tk_rule_field *field)
{
    struct tk_rules_compiler *c = o->c;
    char shown[96], member[MAX_FIELD + 8];

    if (!is_field_name(name))
        return tk_rules_complain(c,
                                 "\"set\" has the name '%s'; write 1 to %d letters, digits and '_', not a digit at "
                                 "the beginning",
                                 tk_escape(shown, sizeof(shown), name, strlen(name)), MAX_FIELD);
    (void)snprintf(member, sizeof(member), "set.%s", name);
    if (!json_is_string(value))
        return tk_rules_complain(c, "\"%s\" is '%s'; write text in quotes, which may have references in braces", member,
                                 tk_rules_show(shown, sizeof(shown), value));
    return tk_rules_keep(c, &c->r->bytes, name, strlen(name), 1, &field->name) &&
           tk_rules_parse_template(c, member, value, true, &field->value);
}

static bool parse_set(struct outcome *o)
{
    struct tk_rule_field fields[TK_RULES_MAX_FIELDS];
    json_t *set = get(o, "set"), *value;
    size_t count = 0;
    const char *name;
    char shown[96];
    bool ok = true;

    if (!set)
        return true;
    if (!json_object_size(set) || json_object_size(set) > TK_RULES_MAX_FIELDS)
        return tk_rules_complain(o->c, "\"set\" is '%s'; write 1 to %d members, such as {\"site\": \"{sysLocation}\"}",
                                 tk_rules_show(shown, sizeof(shown), set), TK_RULES_MAX_FIELDS);
    json_object_foreach(set, name, value) ok &= parse_field(o, name, value, fields + count++);
    return ok && tk_rules_keep(o->c, &o->c->r->fields, fields, count, sizeof(fields[0]), &o->more.fields);
}

/* ---- where the event goes ---- */

static bool is_operators(const struct outcome *o, const char *member)
{
    if (o->c->tier == TK_RULES_OPERATOR)
        return true;
    return tk_rules_complain(o->c, "\"%s\" is for the operator's rules; leave it out", member);
}

static bool parse_topic(struct outcome *o)
{
    json_t *topic = get(o, "topic");
    char shown[96];

    if (!topic)
        return true;
    if (!is_operators(o, "topic"))
        return false;
    if (!json_is_string(topic) || !tk_settings_is_topic(json_string_value(topic)))
        return tk_rules_complain(o->c,
                                 "\"topic\" is '%s', which is not a valid Kafka topic name; write 1 to 249 letters, "
                                 "digits, '.', '_' and '-', but not '.' or '..'",
                                 tk_rules_show(shown, sizeof(shown), topic));
    o->more.topic = tk_rules_word(o->c, &o->c->r->topics, json_string_value(topic), json_string_length(topic));
    if (o->more.topic > TK_RULES_MAX_TOPICS)
        return tk_rules_complain(o->c,
                                 "\"topic\" is '%s', the %uth topic of the file; write at most %d different topics",
                                 json_string_value(topic), o->more.topic, TK_RULES_MAX_TOPICS);
    return o->more.topic;
}

static bool parse_drop(struct outcome *o)
{
    static const char *const useless[] = {"state", "key",  "clears",     "summary",       "set",
                                          "topic", "type", "event_type", "severity_from", "state_from"};
    json_t *drop = get(o, "drop");
    bool ok = true;
    char shown[96];

    if (!drop)
        return true;
    if (!is_operators(o, "drop"))
        return false;
    if (!json_is_boolean(drop))
        return tk_rules_complain(o->c, "\"drop\" is '%s'; write true or false, without quotes",
                                 tk_rules_show(shown, sizeof(shown), drop));
    o->more.is_dropped = json_is_true(drop);
    for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]) && o->more.is_dropped; i++)
        if (get(o, useless[i]))
            ok = tk_rules_complain(o->c,
                                   "\"%s\" says something about an event that is dropped; leave it out, or leave "
                                   "\"drop\" out",
                                   useless[i]);
    return ok;
}

/* ---- all of it ---- */

static bool keep_more(struct outcome *o)
{
    static const struct tk_rule_more nothing;
    struct tk_rule_span at;

    if (memcmp(&o->more, &nothing, sizeof(nothing)) == 0)
        return true;
    if (!tk_rules_keep(o->c, &o->c->r->more, &o->more, 1, sizeof(o->more), &at))
        return false;
    o->rule->more = at.at + 1;
    return true;
}

/* Look for all errors of a rule, so that they can be corrected at once. Without a state, its key can't be judged. */
bool tk_rules_parse_outcome(struct tk_rules_compiler *c, json_t *json, struct tk_rule *rule)
{
    struct outcome o = {.c = c, .json = json, .rule = rule};
    bool ok = parse_drop(&o), has_states = parse_states(&o);

    ok &= has_states && parse_severity(&o);
    ok &= parse_type(&o);
    ok &= parse_event_type(&o);
    ok &= !has_states || parse_key(&o);
    ok &= parse_clears(&o);
    ok &= parse_summary(&o);
    ok &= parse_set(&o);
    ok &= parse_topic(&o);
    return ok && has_states && keep_more(&o);
}

static bool can_choose(const struct tk_rules *r, uint32_t choice, unsigned result)
{
    const struct tk_rule_option *options = r->options.items;
    const struct tk_rule_choice *choices = r->choices.items;

    if (!choice)
        return false;
    for (uint32_t i = 0; i < choices[choice - 1].options.len; i++)
        if (options[choices[choice - 1].options.at + i].result == result)
            return true;
    return false;
}

bool tk_rules_can_clear(const struct tk_rules *r, const struct tk_rule *rule)
{
    const struct tk_rule_more *m = tk_rules_more(r, rule);

    return rule->state == TK_ALARM_CLEAR || rule->severity == TK_SEV_CLEARED ||
           (m && (m->clears.len || m->is_dropped || can_choose(r, m->severity_from, TK_SEV_CLEARED) ||
                  can_choose(r, m->state_from, TK_ALARM_CLEAR)));
}
