/* SPDX-License-Identifier: Apache-2.0 */
/* Checks the shipped rules against the shipped facts, one by one, with notifications made of what the facts say:
 *
 *   rules/check_rules [-p] [FOLDER|FILE.json]...      without arguments: conf/rules of the source tree
 *
 * - Each file compiles: no name or label is unknown.
 * - Each rule matches a notification, so none before it hides it.
 * - What a rule refers to, its notification carries, as a varbind or in an index.
 * - A summary does not repeat the unit that a value has.
 * - One key never means two alarms: it differs from row to row, and check_keys.h says what holds for all keys together.
 *
 * Prints each fault, and the numbers; -p prints the pairs too, -s the lines that tests/unit/rules/shared_keys.txt should
 * have. Reads mibs/standard.facts and mibs/facts below $abs_top_srcdir, or below the current folder. */
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "check_keys.h"
#include "dictionary/notification.h"
#include "rules_trap.h"
#include "shipped_dict.h"

#define ROWS   2
#define SHIFTS 40

static struct tk_dict *dict;
static struct tk_rules *rules;
static struct event_fixture fixture;
static struct check_keys all_keys;
static unsigned faults, beyond;
static FILE *device_wide; /* names of rules, one a line, with a comment behind */

static const struct tk_rule *rule_at(uint32_t i)
{
    return (const struct tk_rule *)rules->rules.items + i;
}

__attribute__((format(printf, 2, 3))) static void complain(uint32_t rule, const char *fmt, ...)
{
    struct tk_text label = tk_rules_label(rules, rule);
    va_list ap;

    (void)printf("%.*s: ", (int)label.len, label.text);
    va_start(ap, fmt);
    (void)vprintf(fmt, ap);
    va_end(ap);
    (void)printf("\n");
    faults++;
}

/* ---- one rule ---- */

/* Is the rule in the list of those whose notifications are about the device, though their varbinds are of a row? */
static bool is_device_wide(uint32_t rule)
{
    struct tk_text label = tk_rules_label(rules, rule);
    char line[512];
    bool is_it = false;

    rewind(device_wide);
    while (!is_it && fgets(line, sizeof(line), device_wide))
        is_it = strcspn(line, " \n") == label.len && memcmp(line, label.text, label.len) == 0;
    return is_it;
}

/* The standard facts do not have the OBJECTS of notifications: nothing can be said about what these carry. */
static bool is_known(const struct rules_trap *t)
{
    return t->rule->tier != TK_RULES_STANDARD || !t->notification ||
           tk_dict_notification_objects(dict, t->notification) > 0;
}

static void note(const struct rules_trap *t, uint32_t rule, enum tk_alarm_state state, struct tk_text key,
                 struct tk_rule_span parts)
{
    check_keys_note(&all_keys,
                    (struct check_key){strndup(key.text, key.len), rule, t->rivals, t->row, state, is_known(t), parts});
}

static void check_parts(const struct rules_trap *t, uint32_t rule, struct tk_rule_span parts, const char *member)
{
    const struct tk_rule_part *p = (const struct tk_rule_part *)rules->parts.items + parts.at;
    const struct tk_rule_object *objects = rules->objects.items;
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];

    for (uint32_t i = 0; i < parts.len; i++, p++) {
        struct tk_rule_span oid;
        char text[TK_OID_MAX_TEXT];
        const struct tk_dict_object *o;

        if (p->kind < TK_PART_TEXT)
            continue;
        oid = objects[p->object].oid;
        if (tk_rules_find_varbind(rules, oid, &t->f->ev, 0) < t->f->ev.varbind_count ||
            (p->kind <= TK_PART_VALUE && tk_rules_find_index(rules, p->object, &t->f->ev, values) >= 0))
            continue;
        o = ((const struct tk_rule_known *)rules->known.items)[p->object].object;
        (void)tk_oid_format(text, sizeof(text), (const uint32_t *)rules->subids.items + oid.at, oid.len);
        complain(rule,
                 "\"%s\" refers to %.*s, which the notification does not carry, neither as a varbind nor in an index",
                 member, o ? (int)tk_dict_name(dict, o).len : (int)strlen(text), o ? tk_dict_name(dict, o).text : text);
    }
}

/* Does one of the next words say what the unit says: '%', "errored seconds"? */
static bool says_unit(struct tk_text rest, struct tk_dict_text units)
{
    const char *p = rest.text, *end = rest.text + rest.len;

    for (int word = 0; word < 3 && p < end; word++) {
        size_t len = 0;

        p += *p == ' ';
        while (p + len < end && !strchr(" ,;:()", p[len]))
            len++;
        if ((len && *p == '%') || (len > 3 && memmem(units.text, units.len, p, len)))
            return true;
        p += len;
    }
    return false;
}

/* A value's text has the unit: the words behind it must not say it again. */
static void check_units(uint32_t rule, struct tk_rule_span parts)
{
    const struct tk_rule_part *p = (const struct tk_rule_part *)rules->parts.items + parts.at;

    for (uint32_t i = 0; i + 1 < parts.len; i++) {
        const struct tk_dict_object *o = p[i].kind == TK_PART_TEXT
                                             ? ((const struct tk_rule_known *)rules->known.items)[p[i].object].object
                                             : NULL;
        struct tk_dict_text units = o ? tk_dict_units(dict, o) : (struct tk_dict_text){0};

        if (units.len && p[i + 1].kind == TK_PART_LITERAL && says_unit(tk_rules_text(rules, p[i + 1].bytes), units))
            complain(rule, "\"summary\" says '%.*s' twice: the text of %.*s has it; write {%.*s#value}", (int)units.len,
                     units.text, (int)tk_dict_name(dict, o).len, tk_dict_name(dict, o).text,
                     (int)tk_dict_name(dict, o).len, tk_dict_name(dict, o).text);
    }
}

/* What the rule makes of one notification. @returns whether it matched */
static bool try(struct rules_trap *t, uint32_t rule, char **ret_key, uint32_t *ret_other)
{
    const struct tk_event *ev = &t->f->ev;
    bool is_it;

    rules_trap_make(t);
    (void)tk_rules_match(rules, &t->f->ev, NULL);
    is_it = ev->rule == rule;
    if (is_it) {
        if (ev->alarm_state != TK_ALARM_NONE)
            note(t, rule, ev->alarm_state, ev->alarm_key, t->rule->key);
        for (size_t i = 0; i < ev->clear_count; i++)
            note(t, rule, TK_ALARM_CLEAR, ev->clears[i],
                 ((const struct tk_rule_span *)rules->clears.items)[tk_rules_more(rules, t->rule)->clears.at + i]);
        *ret_key = ev->alarm_state == TK_ALARM_RAISE ? strndup(ev->alarm_key.text, ev->alarm_key.len) : NULL;
    } else {
        *ret_other = ev->rule;
    }
    return is_it;
}

/* Does the key have a value that the rule tests, or that decides? Then it says what the alarm is about. */
static bool has_tested_part(const struct rules_trap *t, const struct tk_rule *rule)
{
    const struct tk_rule_part *p = (const struct tk_rule_part *)rules->parts.items + rule->key.at;
    const struct tk_rule_test *tests = (const struct tk_rule_test *)rules->tests.items + rule->tests.at;
    const struct tk_rule_object *objects = rules->objects.items;

    for (uint32_t i = 0; i < rule->key.len; i++) {
        if (p[i].kind < TK_PART_TEXT)
            continue;
        for (uint32_t k = 0; k < rule->tests.len; k++)
            if (tests[k].oid.at == objects[p[i].object].oid.at)
                return true;
        for (int k = 0; k < 2; k++)
            if (t->choices[k] && t->choices[k]->oid.at == objects[p[i].object].oid.at)
                return true;
    }
    return false;
}

/* Raises about two rows are two alarms, but for those that are known to be about the device. */
static void check_rows(uint32_t rule, const struct rules_trap *t, char *const keys[ROWS])
{
    if (has_tested_part(t, rule_at(rule)) || is_device_wide(rule))
        return;
    if (t->has_row && keys[0] && keys[1] && strcmp(keys[0], keys[1]) == 0)
        complain(rule, "\"key\" is '%s' for each row of what the notification is about; add what tells them apart",
                 keys[0]);
}

static bool check_variant(struct rules_trap *t, uint32_t rule, uint32_t *ret_other)
{
    const struct tk_rule_more *more = tk_rules_more(rules, rule_at(rule));
    char *keys[ROWS] = {NULL};
    bool has_matched = true;

    for (t->row = 0; t->row < ROWS && has_matched; t->row++) {
        has_matched = try(t, rule, &keys[t->row], ret_other);
        if (t->row + 1 < ROWS)
            event_fixture_done(t->f);
    }
    if (has_matched && is_known(t)) {
        check_rows(rule, t, keys);
        check_parts(t, rule, rule_at(rule)->key, "key");
        check_parts(t, rule, rule_at(rule)->summary, "summary");
        check_units(rule, rule_at(rule)->summary);
        for (uint32_t i = 0; more && i < more->clears.len; i++)
            check_parts(t, rule, ((const struct tk_rule_span *)rules->clears.items)[more->clears.at + i], "clears");
        if (t->not_carried)
            complain(rule, "it asks for %s, which the notification does not carry", t->not_carried);
    }
    event_fixture_done(t->f);
    free(keys[0]);
    free(keys[1]);
    return has_matched;
}

static const struct tk_rule_choice *choice_at(uint32_t number)
{
    return number ? (const struct tk_rule_choice *)rules->choices.items + (number - 1) : NULL;
}

static uint32_t option_count(const struct tk_rule_choice *c)
{
    return c ? c->options.len : 1;
}

static void check_rule(const struct tk_rule_pattern *first, const struct tk_rule_pattern *pattern,
                       const struct tk_oid *oid)
{
    const uint32_t rule = pattern->rule;
    const struct tk_rule_more *more = tk_rules_more(rules, rule_at(rule));
    struct rules_trap t = {.r = rules,
                           .rule = rule_at(rule),
                           .dict = dict,
                           .oid = *oid,
                           .f = &fixture,
                           .rivals = first,
                           .rivals_end = pattern};
    unsigned faults_before = faults;
    uint32_t other = TK_RULE_NONE;
    bool has_matched = false;
    struct tk_oid known;

    t.notification = tk_dict_find_notification(dict, oid->subid, oid->len, &known);
    t.choices[0] = more ? choice_at(more->severity_from) : NULL;
    t.choices[1] = more ? choice_at(more->state_from) : NULL;
    for (; t.shift < SHIFTS && !has_matched; t.shift++)
        for (t.options[1] = 0; t.options[1] < option_count(t.choices[1]); t.options[1]++)
            for (t.options[0] = 0; t.options[0] < option_count(t.choices[0]); t.options[0]++)
                if (faults == faults_before) /* one variant tells it */
                    has_matched |= check_variant(&t, rule, &other);
    beyond += t.is_beyond;
    if (has_matched || t.is_beyond)
        return;
    if (other != TK_RULE_NONE && rule_at(other)->tier < rule_at(rule)->tier)
        return; /* that is what tiers are for */
    if (other == TK_RULE_NONE)
        complain(rule, "it matches no notification that its own tests describe");
    else
        complain(rule, "it never matches: '%.*s' comes before it", (int)tk_rules_label(rules, other).len,
                 tk_rules_label(rules, other).text);
}

static void check_each(void)
{
    const struct tk_rule_pattern *p = rules->patterns.items, *first = p;

    for (uint32_t i = 0; i < rules->patterns.count; i++) {
        struct tk_oid oid = {.len = p[i].len};

        if (p[i].kind != TK_PATTERN_EXACT)
            continue;
        if (first->at != p[i].at || first->last != p[i].last || first->len != p[i].len) /* another notification */
            first = p + i;
        memcpy(oid.subid, (const uint32_t *)rules->subids.items + p[i].at, (oid.len - 1) * sizeof(oid.subid[0]));
        oid.subid[oid.len - 1] = p[i].last;
        check_rule(first, p + i, &oid);
    }
}

/* ---- all of them ---- */

static void print_errors(const struct tk_err_list *errors)
{
    char line[1024];

    for (unsigned i = 0; i < errors->kept; i++)
        (void)printf("%s\n", tk_err_list_format(errors, i, line, sizeof(line)));
    faults += errors->kept + errors->further;
}

/* All files of a folder, or one file. @returns NULL if nothing could be read */
static struct tk_rules *load(const char *path)
{
    const struct tk_rules_files files = {.shipped = path, .vendors = TK_VENDOR_RULES_ALL, .names = dict};
    struct tk_rules_report report = {0};
    struct tk_rules *r;
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        r = tk_rules_load_sound(&files, dict, &report);
    else
        r = tk_rules_load_alone(path, dict, &report.shipped);
    print_errors(&report.standard);
    print_errors(&report.shipped);
    return r;
}

static void check(const char *path)
{
    unsigned before = faults;

    beyond = 0;
    rules = load(path);
    if (!rules)
        return;
    all_keys.rules = rules;
    check_each();
    check_keys_all(&all_keys);
    (void)printf(
        "%s: %zu rules of standards, %zu of vendors, %zu derived; %u pairs of raise and clear; %zu bytes; %u rules with "
        "regular expressions not tried; %u faults\n",
        path, tk_rules_count_tier(rules, TK_RULES_STANDARD), tk_rules_count_tier(rules, TK_RULES_CURATED),
        tk_rules_count_tier(rules, TK_RULES_DERIVED), all_keys.pairs, tk_rules_bytes(rules), beyond, faults - before);
    tk_rules_free(rules);
}

static FILE *open_list(const char *top, const char *name)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/tests/unit/rules/%s", top, name);
    f = fopen(path, "r");
    if (!f) {
        (void)fprintf(stderr, "can't read %s\n", path);
        exit(2);
    }
    return f;
}

int main(int argc, char **argv)
{
    const char *top = getenv("abs_top_srcdir");
    char path[4096];
    int option;

    while ((option = getopt(argc, argv, "ps")) != -1) {
        all_keys.is_printing_pairs |= option == 'p';
        all_keys.is_printing_shared |= option == 's';
    }
    top = top ? top : ".";
    dict = shipped_dict(top);
    if (!dict) {
        (void)fprintf(stderr, "can't load %s/mibs/facts; run this in the top folder of the sources\n", top);
        return 2;
    }
    all_keys.dict = dict;
    all_keys.complain = complain;
    all_keys.shared = open_list(top, "shared_keys.txt");
    device_wide = open_list(top, "device_wide.txt");
    (void)snprintf(path, sizeof(path), "%s/conf/rules", top);
    if (optind == argc)
        check(path);
    for (int i = optind; i < argc; i++)
        check(argv[i]);
    tk_dict_free(dict);
    return faults ? 1 : 0;
}
