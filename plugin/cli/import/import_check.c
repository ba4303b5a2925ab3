/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import/import_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err_list.h"
#include "cli/import/import_hidden.h"
#include "cli/offline.h"
#include "cli/rules/rules_trap.h"
#include "rules/rules_load.h"

/** Rules that are tried. */
struct check {
    struct tk_import *im;
    struct tk_dict *dict;
    unsigned first;      /* the line of the first rule */
    char path[64];       /* of the file of rules */
    unsigned removed;    /* in this pass */
    struct tk_err other; /* an error that is of no rule */
    struct tk_offline *offline;
    uint8_t *flat;
    json_t *places; /* of the rules, by name */
    struct tk_import_hidden *hidden;
};

static struct tk_import_rule *rule_at(const struct check *c, uint32_t i)
{
    return (struct tk_import_rule *)c->im->rules.items + i;
}

static const char *name_of(const struct tk_import_rule *r)
{
    return json_string_value(json_object_get(r->rule, "name"));
}

static void take_out(struct check *c, struct tk_import_rule *r)
{
    json_decref(r->rule);
    json_decref(r->test);
    r->rule = r->test = NULL;
    c->im->left_out++;
    c->removed++;
}

/* ---- compiling ---- */

/* The rule that was printed on a line; rules that were taken out since then count too. */
static struct tk_import_rule *rule_of_line(const struct check *c, unsigned line, const uint32_t *printed,
                                           uint32_t count)
{
    return line >= c->first && line - c->first < count ? rule_at(c, printed[line - c->first]) : NULL;
}

struct pass {
    struct check *c;
    uint32_t *printed; /* the rules, as they are in the file */
    uint32_t count;
};

static void take_error(void *arg, const struct tk_err *err)
{
    struct pass *p = arg;
    struct check *c = p->c;
    struct tk_import_rule *r = NULL;

    if (strcmp(err->file, c->path) != 0) /* of the built-in rules, which a dictionary contradicts */
        return;
    r = rule_of_line(c, err->line, p->printed, p->count);
    if (!r) {
        if (!c->other.is_set)
            c->other = *err;
        return;
    }
    if (!r->rule) /* its second error */
        return;
    c->im->file = r->file;
    tk_import_tell(c->im, r->line, name_of(r), "no rule of ours says this: %s", err->text);
    take_out(c, r);
}

/* A file without a name: the compiler reads files. @returns its descriptor, or -1 */
static int write_file(struct check *c, const char *text, size_t len)
{
    int fd = memfd_create("rules", MFD_CLOEXEC);
    size_t done = 0;

    while (fd >= 0 && done < len) {
        ssize_t n = write(fd, text + done, len - done);

        if (n < 0 && errno != EINTR) {
            (void)close(fd);
            return -1;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    (void)snprintf(c->path, sizeof(c->path), "/proc/self/fd/%d", fd);
    return fd;
}

static bool list_printed(struct pass *p)
{
    struct check *c = p->c;

    p->printed = calloc(c->im->rules.count + 1, sizeof(*p->printed));
    for (uint32_t i = 0; p->printed && i < c->im->rules.count; i++)
        if (rule_at(c, i)->rule)
            p->printed[p->count++] = i;
    return p->printed;
}

/* @returns the rules; NULL: some were taken out, or there is an error */
static struct tk_rules *compile(struct check *c)
{
    struct pass p = {.c = c};
    struct tk_err_list errors = {.tell = take_error, .tell_arg = &p};
    struct tk_rules *rules = NULL;
    size_t len = 0;
    char *text = tk_import_print(c->im, &len, &c->first);
    int fd = text ? write_file(c, text, len) : -1;

    c->removed = 0;
    if (fd >= 0 && list_printed(&p))
        rules = tk_rules_load_alone(c->path, c->dict, &errors);
    if (!rules && !c->removed)
        tk_err_set(&c->other, NULL, 0, "out of memory for the rules");
    if (fd >= 0)
        (void)close(fd);
    free(p.printed);
    free(text);
    if (!c->removed && !c->other.is_set)
        return rules;
    tk_rules_free(rules);
    return NULL;
}

/* ---- tests ---- */

/* The rule that decided is of the same conditions, or of none. */
static bool covers(const struct tk_import_rule *decided, const struct tk_import_rule *r)
{
    const json_t *first = json_object_get(decided->rule, "match"), *second = json_object_get(r->rule, "match");

    return json_equal(first, second) || (json_object_size(first) == 1 &&
                                         json_equal(json_object_get(first, "trap"), json_object_get(second, "trap")));
}

static struct tk_import_rule *rule_of_name(const struct check *c, const char *label)
{
    const json_t *place = strncmp(label, "operator:", 9) == 0 ? json_object_get(c->places, label + 9) : NULL;

    return place ? rule_at(c, (uint32_t)json_integer_value(place)) : NULL;
}

/* @returns false: another rule decides */
static bool decide(struct check *c, struct tk_import_rule *r, const char *label)
{
    const struct tk_import_rule *decided = rule_of_name(c, label);

    if (decided == r)
        return true;
    if (decided && decided->rule && covers(decided, r)) {
        c->im->file = r->file;
        tk_import_tell(c->im, r->line, name_of(r),
                       "line %u of %s has the same notification with the same conditions or none, and one notification "
                       "is one event; the rule is left out; put conditions to that one",
                       decided->line, decided->file);
        take_out(c, r);
        return false;
    }
    json_decref(r->test);
    r->test = NULL;
    return false;
}

static void run_test(struct check *c, struct tk_import_rule *r)
{
    static const uint8_t queue[4];
    const struct tk_time now = tk_clock_now();
    struct tk_err err = {0};
    struct tk_text dropped_by;
    char label[256] = "";
    size_t size = 0, len = tk_rules_trap_write(json_object_get(r->test, "trap"), c->im->names, c->dict, c->flat, &err);
    const char *json = len ? tk_offline_event(c->offline, c->flat, len, queue, 1, &now, &size) : NULL;
    json_t *event = json ? json_loadb(json, size, 0, NULL) : NULL;

    dropped_by = tk_offline_dropped_by(c->offline);
    if (event)
        (void)snprintf(label, sizeof(label), "%s", json_string_value(json_object_get(event, "severity_rule")));
    else if (dropped_by.text)
        (void)snprintf(label, sizeof(label), "%.*s", (int)dropped_by.len, dropped_by.text);
    if (decide(c, r, label))
        tk_import_hidden_compare(c->hidden, name_of(r), c->flat, len, event);
    json_decref(event);
}

static bool run_tests(struct check *c)
{
    c->flat = malloc(TK_TRAP_MAX_BYTES);
    c->places = json_object();
    c->hidden = tk_import_hidden_new(c->dict);
    for (uint32_t i = 0; c->places && i < c->im->rules.count; i++)
        if (rule_at(c, i)->rule && json_object_set_new(c->places, name_of(rule_at(c, i)), json_integer(i)) < 0)
            return false;
    for (uint32_t i = 0; c->flat && c->places && i < c->im->rules.count; i++)
        if (rule_at(c, i)->test)
            run_test(c, rule_at(c, i));
    return c->flat && c->places;
}

bool tk_import_check(struct tk_import *im, struct tk_dict *dict, struct tk_err *err)
{
    struct check c = {.im = im, .dict = dict};
    struct tk_rules *rules;
    bool is_good = false;

    do
        rules = compile(&c);
    while (!rules && !c.other.is_set);
    if (rules)
        c.offline = tk_offline_of_rules(dict, rules, &c.other);
    if (c.offline)
        is_good = run_tests(&c);
    tk_offline_free(c.offline);
    if (is_good && im->notes)
        tk_import_hidden_tell(c.hidden, im->notes);
    tk_import_hidden_free(c.hidden);
    json_decref(c.places);
    free(c.flat);
    if (is_good)
        return true;
    tk_err_set(&c.other, NULL, 0, "out of memory");
    *err = c.other;
    return false;
}
