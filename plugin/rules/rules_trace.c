/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/rules_trace.h"

#include "rules/rules_internal.h"

#define NEAR_SUBIDS 7
#define NEAR_ASKED  1000 /* a rule that was asked is nearer than one whose "trap" does not match */

static const struct tk_rule *rule_at(const struct tk_rules *r, uint32_t rule)
{
    TK_ASSERT(rule < r->rules.count);
    return (const struct tk_rule *)r->rules.items + rule;
}

/* Keep the nearest ones. */
static void keep(struct tk_rules_trace *t, struct tk_rules_miss miss)
{
    size_t at = t->miss_count;

    while (at && t->miss[at - 1].near < miss.near)
        at--;
    if (at == TK_RULES_MISSES)
        return;
    if (t->miss_count < TK_RULES_MISSES)
        t->miss_count++;
    memmove(t->miss + at + 1, t->miss + at, (t->miss_count - 1 - at) * sizeof(*t->miss));
    t->miss[at] = miss;
}

/* A rule with several patterns may be asked more than once, in a row: it is one miss. */
static void keep_asked(struct tk_rules_trace *t, struct tk_rules_miss miss)
{
    if (t->failed && t->asked == miss.rule)
        return;
    t->failed++;
    t->asked = miss.rule;
    keep(t, miss);
}

static enum tk_rule_found_by found_by(const struct tk_rule_pattern *p)
{
    switch ((enum tk_rule_pattern_kind)p->kind) {
    case TK_PATTERN_SUBTREE: return TK_FOUND_BY_SUBTREE;
    case TK_PATTERN_MODULE: return TK_FOUND_BY_MODULE;
    default: return TK_FOUND_BY_NAME;
    }
}

static unsigned count_bits(unsigned bits)
{
    unsigned n = 0;

    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

void tk_rules_trace_begin(struct tk_rules_trace *t)
{
    *t = (struct tk_rules_trace){.severity_from = {SIZE_MAX, -1}, .state_from = {SIZE_MAX, -1}};
}

void tk_rules_trace_sender(struct tk_rules_trace *t, const struct tk_rule_pattern *p, unsigned wanted, unsigned found)
{
    static const enum tk_rule_condition conditions[] = {
        [TK_SENDER_DEVICE] = TK_CONDITION_DEVICE,
        [TK_SENDER_SOURCE] = TK_CONDITION_SOURCE,
        [TK_SENDER_SECURITY_NAME] = TK_CONDITION_SECURITY_NAME,
    };
    unsigned kind = 0;

    while (!((wanted & ~found) & 1U << kind))
        kind++;
    keep_asked(t, (struct tk_rules_miss){.rule = p->rule,
                                         .failed = conditions[kind],
                                         .found_by = found_by(p),
                                         .varbind = SIZE_MAX,
                                         .near = NEAR_ASKED + count_bits(found & ((1U << kind) - 1))});
}

void tk_rules_trace_test(struct tk_rules_trace *t, const struct tk_rules *r, const struct tk_rule_pattern *p,
                         uint32_t test, const struct tk_event *ev)
{
    const struct tk_rule *rule = rule_at(r, p->rule);
    const struct tk_rule_test *failed = (const struct tk_rule_test *)r->tests.items + rule->tests.at + test;
    const struct tk_rule_sender *s = (const struct tk_rule_sender *)r->senders.items + rule->senders.at;
    size_t varbind = tk_rules_find_varbind(r, failed->oid, ev, 0);
    unsigned senders = 0;

    for (uint32_t i = 0; i < rule->senders.len; i++)
        senders |= 1U << s[i].kind;
    keep_asked(t, (struct tk_rules_miss){.rule = p->rule,
                                         .failed = TK_CONDITION_VARBIND,
                                         .found_by = found_by(p),
                                         .test = test,
                                         .varbind = varbind < ev->varbind_count ? varbind : SIZE_MAX,
                                         .near = NEAR_ASKED + count_bits(senders) + test});
}

void tk_rules_trace_decided(struct tk_rules_trace *t, struct tk_rules_cursor *lists, size_t n,
                            const struct tk_rule_pattern *p)
{
    uint32_t last = p->rule;

    t->found_by = found_by(p);
    while (n) {
        size_t first = 0;

        for (size_t i = 1; i < n; i++)
            if (lists[i].at->rule < lists[first].at->rule)
                first = i;
        t->later += lists[first].at->rule != last;
        last = lists[first].at->rule;
        if (++lists[first].at == lists[first].end)
            lists[first] = lists[--n];
    }
}

void tk_rules_trace_choice(struct tk_rules_chosen *chosen, const struct tk_rules *r, uint32_t choice, int result,
                           const struct tk_event *ev)
{
    size_t varbind;

    *chosen = (struct tk_rules_chosen){.varbind = SIZE_MAX, .result = result};
    if (!choice)
        return;
    varbind = tk_rules_find_varbind(r, ((const struct tk_rule_choice *)r->choices.items + (choice - 1))->oid, ev, 0);
    if (varbind < ev->varbind_count)
        chosen->varbind = varbind;
}

/* ---- rules that were not asked ---- */

/* How many sub-identifiers the pattern and the notification share at their beginning. */
static size_t shared(const struct tk_rules *r, const struct tk_rule_pattern *p, const struct tk_event *ev)
{
    const uint32_t *before = (const uint32_t *)r->subids.items + p->at;
    size_t n = 0;

    while (n < p->len && n < ev->notification_len && (n + 1U == p->len ? p->last : before[n]) == ev->notification[n])
        n++;
    return n;
}

static bool was_asked(const struct tk_rules_cursor *lists, size_t n, uint32_t rule)
{
    for (size_t i = 0; i < n; i++)
        for (const struct tk_rule_pattern *p = lists[i].at; p < lists[i].end; p++)
            if (p->rule == rule)
                return true;
    return false;
}

static bool is_kept(const struct tk_rules_trace *t, uint32_t rule)
{
    for (size_t i = 0; i < t->miss_count; i++)
        if (t->miss[i].rule == rule)
            return true;
    return false;
}

void tk_rules_trace_near(struct tk_rules_trace *t, const struct tk_rules *r, const struct tk_event *ev)
{
    struct tk_rules_cursor lists[TK_RULES_MAX_LISTS];
    const struct tk_rule_pattern *p = r->patterns.items, *end = p + r->patterns.count;
    size_t n = tk_rules_find_lists(r, ev, lists);

    for (; p < end; p++) {
        size_t near;

        if (p->kind != TK_PATTERN_EXACT && p->kind != TK_PATTERN_SUBTREE)
            continue;
        if (rule_at(r, p->rule)->tier != TK_RULES_OPERATOR || was_asked(lists, n, p->rule))
            continue;
        near = shared(r, p, ev);
        if (near >= NEAR_SUBIDS && !is_kept(t, p->rule))
            keep(t, (struct tk_rules_miss){.rule = p->rule,
                                           .failed = TK_CONDITION_TRAP,
                                           .varbind = SIZE_MAX,
                                           .near = (uint32_t)near});
    }
}

/* ---- keys ---- */

static const struct tk_rule_part *parts_of(const struct tk_rules *r, uint32_t rule, uint32_t *ret_count)
{
    const struct tk_rule_span key = rule_at(r, rule)->key;

    *ret_count = key.len;
    return (const struct tk_rule_part *)r->parts.items + key.at;
}

size_t tk_rules_trace_key_values(const struct tk_rules *r, uint32_t rule)
{
    uint32_t count;
    const struct tk_rule_part *part = parts_of(r, rule, &count);
    size_t n = 0;

    for (uint32_t i = 0; i < count; i++)
        n += part[i].kind != TK_PART_LITERAL;
    return n;
}

struct tk_text tk_rules_trace_key_value(const struct tk_rules *r, uint32_t rule, size_t n, const struct tk_event *ev)
{
    uint32_t count;
    const struct tk_rule_part *part = parts_of(r, rule, &count);

    for (uint32_t i = 0; i < count; i++)
        if (part[i].kind != TK_PART_LITERAL && n-- == 0)
            return tk_rules_key(r, (struct tk_rule_span){rule_at(r, rule)->key.at + i, 1}, ev);
    return (struct tk_text){NULL, 0};
}
