/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules.h"

#include <errno.h>
#include <stdlib.h>

#include "rules/rules_internal.h"
#include "rules/rules_trace.h"

void tk_rules_free(struct tk_rules *r)
{
    if (!r)
        return;
    tk_rules_done(r);
    free(r);
}

size_t tk_rules_bytes(const struct tk_rules *r)
{
    return tk_rules_kept_bytes(r);
}

size_t tk_rules_count(const struct tk_rules *r)
{
    return r->rules.count - r->withheld;
}

size_t tk_rules_count_tier(const struct tk_rules *r, enum tk_rules_tier tier)
{
    return r->counts[tier];
}

size_t tk_rules_topic_count(const struct tk_rules *r)
{
    return r->topics.count;
}

struct tk_text tk_rules_topic(const struct tk_rules *r, uint32_t topic)
{
    return tk_rules_word_text(r, &r->topics, topic);
}

struct tk_text tk_rules_label(const struct tk_rules *r, uint32_t rule)
{
    TK_ASSERT(rule < r->rules.count);
    return tk_rules_text(r, ((const struct tk_rule *)r->rules.items)[rule].label);
}

bool tk_rules_name(const struct tk_rules *r, const struct tk_event *ev, struct tk_text *ret_name,
                   struct tk_text *ret_mib)
{
    const struct tk_rule_name *name;
    struct tk_rules_cursor list;

    if (!r->names.count || (!tk_rules_find_list(r, TK_PATTERN_NAME, ev->trap_oid, ev->trap_oid_len, &list) &&
                            !tk_rules_find_known(r, TK_PATTERN_NAME_OF_FORM, ev, &list)))
        return false;
    name = (const struct tk_rule_name *)r->names.items + list.at->rule;
    *ret_name = tk_rules_text(r, name->name);
    *ret_mib = tk_rules_text(r, name->module);
    return true;
}

/* ---- matching ---- */

/* @param p  the pattern by which the rule is asked */
static bool senders_hold(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_rule_pattern *p,
                         const struct tk_event *ev, struct tk_rules_trace *trace)
{
    unsigned wanted, found = tk_rules_sender_kinds(r, rule, ev, &wanted);

    if (found != wanted && trace)
        tk_rules_trace_sender(trace, p, wanted, found);
    return found == wanted;
}

static bool rule_holds(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_rule_pattern *p,
                       struct tk_event *ev, struct tk_rules_trace *trace)
{
    const struct tk_rule_test *test = (const struct tk_rule_test *)r->tests.items + rule->tests.at;

    if (rule->senders.len && !senders_hold(r, rule, p, ev, trace))
        return false;
    for (uint32_t i = 0; i < rule->tests.len; i++) {
        if (tk_rules_test_holds(r, rule, test + i, ev))
            continue;
        if (trace)
            tk_rules_trace_test(trace, r, p, i, ev);
        return false;
    }
    return true;
}

/* Severity and state, as values of objects decide. */
static void judge(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_rule_more *m,
                  struct tk_event *ev, struct tk_rules_trace *trace)
{
    int severity = m->severity_from ? tk_rules_choose(r, m->severity_from, ev) : -1;
    int state = m->state_from ? tk_rules_choose(r, m->state_from, ev) : -1;

    if (trace) {
        tk_rules_trace_choice(&trace->severity_from, r, m->severity_from, severity, ev);
        tk_rules_trace_choice(&trace->state_from, r, m->state_from, state, ev);
    }
    if (m->is_state_by_severity)
        state = severity < 0 ? TK_ALARM_NONE : severity == TK_SEV_CLEARED ? TK_ALARM_CLEAR : TK_ALARM_RAISE;
    if (state >= 0)
        ev->alarm_state = (enum tk_alarm_state)state;
    if (severity >= 0 && !(severity == TK_SEV_CLEARED && ev->alarm_state == TK_ALARM_RAISE))
        ev->severity = (enum tk_severity)severity;
    else if (m->state_from && severity < 0 && state == TK_ALARM_NONE)
        ev->severity = TK_SEV_INDETERMINATE; /* that of the rule is what the alarm would have */
    if (ev->alarm_state == TK_ALARM_CLEAR && (severity >= 0 || state >= 0 || rule->state != TK_ALARM_CLEAR))
        ev->severity = TK_SEV_CLEARED;
}

static int make_clears(const struct tk_rules *r, const struct tk_rule_more *m, struct tk_event *ev)
{
    const struct tk_rule_span *from = (const struct tk_rule_span *)r->clears.items + m->clears.at;
    struct tk_text *to = tk_arena_alloc(ev->arena, m->clears.len * sizeof(*to));

    if (!to)
        return -ENOMEM;
    for (uint32_t i = 0; i < m->clears.len; i++) {
        to[i] = tk_rules_key(r, from[i], ev);
        if (!to[i].text)
            return -ENOMEM;
    }
    ev->clears = to;
    ev->clear_count = m->clears.len;
    return 1;
}

static int apply(const struct tk_rules *r, const struct tk_rule *rule, struct tk_event *ev,
                 struct tk_rules_trace *trace)
{
    const struct tk_rule_more *m = tk_rules_more(r, rule);
    const char *event_type = rule->event_type ? tk_rules_event_types[rule->event_type - 1] : NULL;

    ev->rule = (uint32_t)(rule - (const struct tk_rule *)r->rules.items);
    ev->severity = (enum tk_severity)rule->severity;
    ev->alarm_state = (enum tk_alarm_state)rule->state;
    ev->severity_rule = tk_rules_text(r, rule->label);
    ev->alarm_type = tk_rules_word_text(r, &r->words, rule->type);
    ev->event_type = (struct tk_text){event_type, event_type ? strlen(event_type) : 0};
    ev->alarm_key = (struct tk_text){NULL, 0};
    if (m) {
        judge(r, rule, m, ev, trace);
        ev->topic = m->topic;
        ev->is_dropped = m->is_dropped;
    }
    if (ev->alarm_state != TK_ALARM_NONE) {
        ev->alarm_key = tk_rules_key(r, rule->key, ev);
        if (!ev->alarm_key.text)
            return -ENOMEM;
    }
    return m && m->clears.len ? make_clears(r, m, ev) : 1;
}

int tk_rules_match(const struct tk_rules *r, struct tk_event *ev, struct tk_rules_trace *trace)
{
    struct tk_rules_cursor lists[TK_RULES_MAX_LISTS];
    size_t n = tk_rules_find_lists(r, ev, lists);

    ev->rule = TK_RULE_NONE;
    ev->regex_steps = 0;
    if (trace)
        tk_rules_trace_begin(trace);
    TK_ASSERT(n <= sizeof(lists) / sizeof(lists[0]));
    while (n) {
        const struct tk_rule *rule;
        size_t first = 0;

        for (size_t i = 1; i < n; i++)
            if (lists[i].at->rule < lists[first].at->rule)
                first = i;
        TK_ASSERT(lists[first].at->rule < r->rules.count);
        rule = (const struct tk_rule *)r->rules.items + lists[first].at->rule;
        if (rule_holds(r, rule, lists[first].at, ev, trace)) {
            if (trace)
                tk_rules_trace_decided(trace, lists, n, lists[first].at);
            return apply(r, rule, ev, trace);
        }
        if (++lists[first].at == lists[first].end)
            lists[first] = lists[--n];
    }
    return 0;
}

bool tk_rules_describe(const struct tk_rules *r, struct tk_event *ev)
{
    if (ev->rule == TK_RULE_NONE)
        return true;
    TK_ASSERT(ev->rule < r->rules.count);
    return tk_rules_make_texts(r, (const struct tk_rule *)r->rules.items + ev->rule, ev);
}
