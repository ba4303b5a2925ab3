/* SPDX-License-Identifier: Apache-2.0 */
#include "stage_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stages/alarm_states.h"
#include "stages/dedup_window.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/dictionary_standard.h"
#include "event/encode.h"
#include "trap_text.h"
#include "rules/rules_load.h"

static struct tk_dict *read_dict(const char *facts)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_err err = {0};
    struct tk_dict *d;

    assert_non_null(b);
    if ((facts ? tk_dict_facts_read(b, facts, strlen(facts), "facts", &err) : tk_dict_standard_add(b, &err)) < 0)
        fail_msg("%s", err.text);
    d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    assert_non_null(d);
    return d;
}

static struct tk_table *read_inventory(const char *csv)
{
    const char *tmp = getenv("TMPDIR");
    struct tk_inventory *inventory;
    struct tk_err_list errs = {0};
    char path[256];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/inventory.XXXXXX", tmp ? tmp : "/tmp");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, csv, strlen(csv)), strlen(csv));
    (void)close(fd);
    inventory = tk_inventory_load(path, 1, &errs, NULL);
    (void)unlink(path);
    if (!inventory)
        fail_msg("%s", errs.err[0].text);
    return tk_table_of_inventory(inventory);
}

void stage_fixture_init(struct stage_fixture *f, const char *facts, const char *inventory, const char *directive)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_table *rules, *devices = inventory ? read_inventory(inventory) : NULL;
    struct tk_err err = {0};
    char token[64];

    memset(f, 0, sizeof(*f));
    f->dict = read_dict(facts);
    if (directive) {
        (void)snprintf(token, sizeof(token), "%.*s", (int)strcspn(directive, " "), directive);
        if (tk_settings_set(cf, token, directive + strcspn(directive, " "), NULL, &err) < 0)
            fail_msg("%s", err.text);
    }
    rules = tk_table_of_rules(tk_rules_load(NULL, f->dict, &err));
    if (err.is_set)
        fail_msg("%s", err.text);
    f->bundle = tk_bundle_new(cf, f->dict, rules, devices, NULL);
    f->dedup = f->stages.dedup = tk_dedup_new(16);
    f->alarms = f->stages.alarms = tk_alarm_states_new(16);
    assert_true(f->bundle && f->dedup && f->alarms);
    tk_arena_init(&f->arena);
    tk_table_unref(rules);
    tk_table_unref(devices);
    tk_settings_unref(cf);
}

void stage_fixture_rules(struct stage_fixture *f, const char *json)
{
    struct tk_err err = {0};
    struct tk_table *rules = tk_table_of_rules(tk_rules_parse(json, strlen(json), "rules.json", f->dict, &err));
    struct tk_bundle *b = f->bundle;

    if (!rules)
        fail_msg("%s: %s", json, err.text);
    f->bundle = tk_bundle_new(b->settings, f->dict, rules, b->inventory_table, b->circuits_table);
    assert_non_null(f->bundle);
    tk_table_unref(rules);
    tk_bundle_free(b);
}

void stage_fixture_done(struct stage_fixture *f)
{
    tk_arena_done(&f->arena);
    tk_dedup_free(f->dedup);
    tk_alarm_states_free(f->alarms);
    tk_bundle_free(f->bundle);
    tk_dict_free(f->dict);
}

void stage_fixture_begin(struct stage_fixture *f, const char *line)
{
    char err[TRAP_TEXT_ERR];
    size_t len = trap_text_write(line, f->bytes, err);

    if (!len)
        fail_msg("%s", err);
    tk_arena_reset(&f->arena);
    assert_int_equal(tk_trap_read(&f->trap, f->bytes, len), 0);
    f->ev = (struct tk_event){.trap = &f->trap, .arena = &f->arena, .seq = 1};
}

enum tk_verdict stage_fixture_decode(struct stage_fixture *f, const char *line)
{
    stage_fixture_begin(f, line);
    return tk_decode(&f->stages, f->bundle, &f->ev, 0);
}

void stage_fixture_run(struct stage_fixture *f, const char *line)
{
    static tk_nsec now;

    stage_fixture_begin(f, line);
    now += 1000 * TK_SECOND; /* so that no event is a repeat of an earlier one */
    assert_int_equal(tk_stages_run(&f->stages, f->bundle, &f->ev, now), TK_PASS);
}

json_t *stage_fixture_encode(struct stage_fixture *f, const char *line)
{
    const struct tk_receiver rx = {.host = "receiver", .queue = "00c0ffee"};
    const struct tk_encode_tables tables = {
        .dict = f->dict,
        .topology = &f->bundle->join,
        .is_publishing_community = f->bundle->settings->is_publishing_community,
    };
    struct tk_json j;
    json_error_t error;
    json_t *json;

    stage_fixture_run(f, line);
    tk_json_init(&j);
    tk_encode_event(&j, &rx, &f->ev, "00c0ffee-1", "2026-11-22T05:45:26.123456Z", &tables);
    assert_false(j.is_failed);
    json = json_loadb(j.buf, j.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!json)
        fail_msg("%s: %.*s", error.text, (int)j.len, j.buf);
    tk_json_done(&j);
    return json;
}

const char *stage_fixture_at(const json_t *json, const char *path)
{
    static char text[8192];

    while (json && *path) {
        size_t len = strcspn(path, ".");
        char name[64] = "";

        assert_true(len < sizeof(name));
        memcpy(name, path, len);
        path += len + (path[len] == '.');
        json = json_is_array(json) ? json_array_get(json, (size_t)atoi(name)) : json_object_get(json, name);
    }
    if (!json)
        fail_msg("there is no such member");
    if (json_is_null(json))
        return NULL;
    if (json_is_integer(json))
        (void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(json));
    else if (json_is_real(json))
        (void)snprintf(text, sizeof(text), "%.17g", json_real_value(json));
    else if (json_is_boolean(json))
        (void)snprintf(text, sizeof(text), "%s", json_is_true(json) ? "true" : "false");
    else
        (void)snprintf(text, sizeof(text), "%s", json_string_value(json));
    return text;
}
