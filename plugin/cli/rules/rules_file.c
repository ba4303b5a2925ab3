/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules/rules_file.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/offline.h"
#include "cli/rules/rules_trap.h"
#include "rules/rules_load.h"

#define SHOWN_BYTES 1024

/** A file whose tests are run. */
struct run {
    const char *name; /* of the file */
    const char *json;
    size_t json_len;
    const struct tk_dict *dict;
    struct tk_offline *offline;
    struct tk_rules_tally *tally;
    const json_t *names;
    uint8_t *flat;

    /* of the test that runs */
    size_t number; /* from 0 */
    const json_t *test;
    char rule[256]; /* that decided */
    bool has_failed;
};

static void say_error(void *arg, const struct tk_err *err)
{
    struct tk_rules_tally *tally = arg;

    tally->errors++;
    tally->say(tally->say_arg, false, err->file, err->line, err->text);
}

/* --- comparing --------------------------------------------------------------------------------------------------- */

static const char *as_text(const json_t *json, char *dst)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    (void)snprintf(dst, SHOWN_BYTES, "%s", text ? text : "absent");
    free(text);
    return dst;
}

/* "test 3 'NAME' (NOTIFICATION): WHAT" */
static void say_test(const struct run *r, bool is_difference, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void say_test(const struct run *r, bool is_difference, const char *fmt, ...)
{
    const char *name = json_string_value(json_object_get(r->test, "name"));
    const char *trap = json_string_value(json_object_get(json_object_get(r->test, "trap"), "trap"));
    unsigned line = tk_rules_line_of(r->json, r->json_len, "tests", r->number);
    char text[4 * SHOWN_BYTES];
    va_list ap;
    size_t len;

    (void)snprintf(text, sizeof(text), "test %zu%s%.*s%s (%.*s): ", r->number + 1, name ? " '" : "", SHOWN_BYTES / 2,
                   name ? name : "", name ? "'" : "", SHOWN_BYTES / 2, trap ? trap : "no notification");
    len = strlen(text);
    va_start(ap, fmt);
    (void)vsnprintf(text + len, sizeof(text) - len, fmt, ap);
    va_end(ap);
    r->tally->say(r->tally->say_arg, is_difference, r->name, line, text);
}

static void differ(struct run *r, const char *path, const json_t *expected, const json_t *got)
{
    char want[SHOWN_BYTES], have[SHOWN_BYTES];

    r->has_failed = true;
    say_test(r, true, "%s is %s, expected %s; decided by %s", path, as_text(got, have), as_text(expected, want),
             r->rule);
}

/* It is dropped, or not, against what the test expects. */
static void differ_in_kind(struct run *r, const json_t *event)
{
    r->has_failed = true;
    say_test(r, true, "the notification is %s, expected %s; decided by %s", event ? "published" : "dropped",
             event ? "that a rule drops it" : "an event", r->rule);
}

/* Objects are compared member by member, lists item by item. */
static void compare(struct run *r, const char *path, const json_t *expected, const json_t *got)
{
    char below[256];
    const char *name;
    json_t *value;
    size_t i;

    if (json_is_object(expected) && json_is_object(got)) {
        json_object_foreach((json_t *)(uintptr_t)expected, name, value)
        {
            (void)snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", name);
            compare(r, below, value, json_object_get(got, name));
        }
    } else if (json_is_array(expected) && json_is_array(got) && json_array_size(expected) == json_array_size(got)) {
        json_array_foreach(expected, i, value)
        {
            (void)snprintf(below, sizeof(below), "%s[%zu]", path, i);
            compare(r, below, value, json_array_get(got, i));
        }
    } else if (!got || !json_equal(expected, got)) {
        differ(r, path, expected, got);
    }
}

/* --- one test ---------------------------------------------------------------------------------------------------- */

static void refuse(struct run *r, const char *why)
{
    say_test(r, false, "%s", why);
    r->tally->errors++;
}

/* @returns the event; NULL: a rule dropped it, or (with an error) there is none */
static json_t *make_event(struct run *r, size_t flat_len)
{
    static const uint8_t queue[4];
    const struct tk_time now = tk_clock_now();
    struct tk_text dropped_by;
    json_t *event;
    size_t len;
    const char *json = tk_offline_event(r->offline, r->flat, flat_len, queue, 1, &now, &len);

    dropped_by = tk_offline_dropped_by(r->offline);
    if (dropped_by.text)
        (void)snprintf(r->rule, sizeof(r->rule), "%.*s", (int)dropped_by.len, dropped_by.text);
    if (!json) {
        if (!dropped_by.text)
            refuse(r, "no event can be made of this notification");
        return NULL;
    }
    event = json_loadb(json, len, 0, NULL);
    (void)snprintf(r->rule, sizeof(r->rule), "%s", json_string_value(json_object_get(event, "severity_rule")));
    return event;
}

static void run_test(struct run *r)
{
    const json_t *expected = json_object_get(r->test, "event");
    struct tk_err err = {0};
    unsigned errors = r->tally->errors;
    json_t *event;
    size_t len;

    r->has_failed = false;
    if (!json_is_object(expected) && !json_is_null(expected)) {
        refuse(r,
               "\"event\" is missing; write an object with members that the event must have, or null if a rule drops "
               "the notification");
        return;
    }
    len = tk_rules_trap_write(json_object_get(r->test, "trap"), r->names, r->dict, r->flat, &err);
    if (!len) {
        refuse(r, err.text);
        return;
    }
    event = make_event(r, len);
    if (r->tally->errors > errors)
        return;
    r->tally->tests++;
    if (event && json_is_object(expected))
        compare(r, "", expected, event);
    else if (event || json_is_object(expected))
        differ_in_kind(r, event);
    r->tally->failed += r->has_failed;
    json_decref(event);
}

static void run_tests(struct run *r)
{
    json_t *root = json_loadb(r->json, r->json_len, 0, NULL);
    const json_t *test;

    r->names = json_object_get(root, "names");
    r->flat = malloc(TK_TRAP_MAX_BYTES);
    json_array_foreach(json_object_get(root, "tests"), r->number, test)
    {
        r->test = test;
        if (r->flat)
            run_test(r);
    }
    free(r->flat);
    json_decref(root);
}

/* --- one file ---------------------------------------------------------------------------------------------------- */

static void run_tests_of(const char *path, struct tk_dict *dict, struct tk_rules *rules, struct tk_rules_tally *tally)
{
    struct run r = {.name = path ? path : TK_RULES_STANDARD_FILE, .dict = dict, .tally = tally};
    struct tk_err err = {0};
    char *text = path ? tk_rules_load_text(path, &r.json_len, &err) : NULL;

    r.json = path ? text : tk_rules_standard_text(&r.json_len);
    r.offline = tk_offline_of_rules(dict, rules, &err);
    if (r.json && r.offline)
        run_tests(&r);
    if (err.is_set)
        say_error(tally, &err);
    tk_offline_free(r.offline);
    free(text);
}

static struct tk_rules *compile(const char *path, bool is_operators, const struct tk_dict *dict,
                                struct tk_rules_tally *tally)
{
    struct tk_err_list errors = {.tell = say_error, .tell_arg = tally};
    const struct tk_rules_files only = {.operators = path};

    return is_operators ? tk_rules_load_told(&only, dict, say_error, tally) : tk_rules_load_alone(path, dict, &errors);
}

void tk_rules_file_test(const char *path, bool is_operators, struct tk_dict *dict, bool wants_tests,
                        struct tk_rules_tally *tally)
{
    unsigned before = tally->errors;
    struct tk_rules *rules = compile(path, is_operators, dict, tally);

    tally->files++;
    if (rules)
        tally->rules += tk_rules_count(rules);
    if (rules && wants_tests && tally->errors == before)
        run_tests_of(path, dict, rules, tally);
    else
        tk_rules_free(rules);
}
