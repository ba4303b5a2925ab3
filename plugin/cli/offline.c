/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/offline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/conf_lines.h"
#include "dictionary/dictionary_sources.h"
#include "stages/bundle.h"
#include "stages/alarm_states.h"
#include "stages/dedup_window.h"
#include "rules/rules_load.h"

struct tk_offline {
    struct tk_dict *own_dict; /* NULL: it is the caller's */
    struct tk_dict_sources *sources;
    struct tk_settings *settings;
    struct tk_bundle *bundle;
    struct tk_dedup *dedup;         /* NULL: off */
    struct tk_alarm_states *alarms; /* NULL: none are kept */
    struct tk_renderer renderer;
    bool is_dropped; /* by a rule: the last trap */
};

static bool is_ours(const char *token)
{
    for (size_t i = 0; i < tk_directive_count; i++)
        if (strcasecmp(token, tk_directives[i].token) == 0)
            return true;
    return false;
}

/** A configuration while its lines are read. */
struct reading {
    struct tk_settings *settings;
    struct tk_err *err;
    struct tk_conf_walk walk;
};

static void set_line(void *arg, const struct tk_conf_line *line)
{
    struct reading *r = arg;

    if (strcmp(line->type, "snmptrapd") != 0 || !is_ours(line->token) ||
        tk_settings_set(r->settings, line->token, line->rest, NULL, r->err) == 0)
        return;
    if (!r->err->line) {
        r->err->line = line->number;
        (void)snprintf(r->err->file, sizeof(r->err->file), "%s", line->file);
    }
    r->walk.is_done = true;
}

static void refuse_unread(void *arg, const char *path, const struct tk_conf_line *by, int error)
{
    struct reading *r = arg;

    tk_err_set(r->err, by ? by->file : path, by ? by->number : 0, "%s%s%s; name a file with the module's directives",
               by ? path : "", by ? ": " : "", strerror(error));
    r->walk.is_done = true;
}

struct tk_settings *tk_offline_settings(const char *config, struct tk_err *err)
{
    struct reading r = {.settings = tk_settings_new(), .err = err};

    r.walk = (struct tk_conf_walk){.on_line = set_line, .on_unread = refuse_unread, .arg = &r};
    if (!r.settings)
        tk_err_set(err, NULL, 0, "out of memory");
    else if (config)
        tk_conf_walk_file(&r.walk, config);
    if (!err->is_set)
        return r.settings;
    tk_settings_unref(r.settings);
    return NULL;
}

/* The layers of the daemon. The installed dictionary may be missing: then its names are.
 * @param mibs  NULL: nothing @returns NULL with the error set */
static struct tk_dict *open_dictionaries(struct tk_offline *o, struct tk_dict *mibs, struct tk_err *err)
{
    struct tk_err vendors = {0};
    struct tk_dict *d = NULL;
    bool is_good;

    o->sources = tk_dict_sources_new(mibs, err);
    is_good = o->sources != NULL;
    for (size_t i = 0; i < o->settings->dictionary_count && is_good; i++)
        is_good = tk_dict_sources_open(o->sources, o->settings->dictionaries[i], err) == TK_DICT_OPENED;
    if (is_good && o->settings->vendor_dictionary)
        (void)tk_dict_sources_open_vendors(o->sources, o->settings->vendor_dictionary, &vendors);
    if (is_good)
        d = tk_dict_sources_join(o->sources);
    if (!d)
        tk_err_set(err, NULL, 0, "out of memory for the dictionary; give the process more memory");
    return d;
}

static struct tk_bundle *make_bundle(struct tk_offline *o, struct tk_err *err)
{
    const struct tk_settings *cf = o->settings;
    struct tk_err_list errs = {0};
    struct tk_dict *shipped = tk_dict_sources_shipped(o->sources);
    const struct tk_rules_files files = {.operators = cf->severity_rules,
                                         .shipped = cf->rules_folder,
                                         .vendors = cf->vendor_rules,
                                         .names = shipped};
    struct tk_rules *rules = tk_rules_load(&files, o->own_dict, err);
    struct tk_inventory *devices = cf->inventory ? tk_inventory_load(cf->inventory, 1, &errs, NULL) : NULL;
    struct tk_circuits *circuits = cf->circuits ? tk_circuits_load(cf->circuits, 1, &errs, NULL) : NULL;
    struct tk_table *tables[] = {
        tk_table_of_rules(rules),
        tk_table_of_inventory(devices),
        tk_table_of_circuits(circuits),
    };
    struct tk_bundle *b = NULL;

    tk_dict_free(shipped);
    if (!err->is_set && !tk_err_list_is_empty(&errs))
        *err = errs.err[0];
    if (tables[0] && !err->is_set)
        b = tk_bundle_new(o->settings, o->own_dict, tables[0], tables[1], tables[2]);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        tk_table_unref(tables[i]); /* the bundle has its own references */
    if (!b)
        tk_err_set(err, NULL, 0, "out of memory for rules, inventory and circuits");
    return b;
}

struct tk_offline *tk_offline_new(const char *config, struct tk_err *err)
{
    struct tk_offline *o = calloc(1, sizeof(*o));

    if (!o) {
        tk_err_set(err, NULL, 0, "out of memory");
        return NULL;
    }
    tk_renderer_init(&o->renderer, NULL);
    o->settings = tk_offline_settings(config, err);
    if (!o->settings || !(o->own_dict = open_dictionaries(o, NULL, err))) {
        tk_offline_free(o);
        return NULL;
    }
    o->settings->dedup_window_s = 0;
    o->bundle = make_bundle(o, err);
    if (!o->bundle) {
        tk_offline_free(o);
        return NULL;
    }
    return o;
}

struct tk_offline *tk_offline_of_settings(struct tk_settings *settings, struct tk_dict *mibs, struct tk_err *err)
{
    struct tk_offline *o = calloc(1, sizeof(*o));
    struct tk_stage_state stages = {0};

    if (o) {
        o->settings = tk_settings_ref(settings);
        o->dedup = stages.dedup = tk_dedup_new(TK_DEDUP_MAX_KEYS);
        o->alarms = stages.alarms = tk_alarm_states_new(TK_ALARMS_MAX);
        tk_renderer_init(&o->renderer, &stages);
    }
    if (!o || !o->dedup || !o->alarms)
        tk_err_set(err, NULL, 0, "out of memory");
    else if ((o->own_dict = open_dictionaries(o, mibs, err)))
        o->bundle = make_bundle(o, err);
    if (o && o->bundle)
        return o;
    tk_offline_free(o);
    return NULL;
}

struct tk_offline *tk_offline_of_rules(struct tk_dict *dict, struct tk_rules *rules, struct tk_err *err)
{
    struct tk_offline *o = calloc(1, sizeof(*o));
    struct tk_table *table = tk_table_of_rules(rules);

    if (o) {
        tk_renderer_init(&o->renderer, NULL);
        o->settings = tk_settings_new();
    }
    if (o && o->settings && table) {
        o->settings->dedup_window_s = 0;
        o->bundle = tk_bundle_new(o->settings, dict, table, NULL, NULL);
    }
    tk_table_unref(table); /* the bundle has its own reference */
    if (o && o->bundle)
        return o;
    tk_err_set(err, NULL, 0, "out of memory");
    tk_offline_free(o);
    return NULL;
}

void tk_offline_free(struct tk_offline *o)
{
    if (!o)
        return;
    tk_bundle_free(o->bundle);
    tk_settings_unref(o->settings);
    tk_dict_free(o->own_dict);
    tk_dict_sources_free(o->sources);
    tk_renderer_done(&o->renderer);
    tk_dedup_free(o->dedup);
    tk_alarm_states_free(o->alarms);
    free(o);
}

const char *tk_offline_event(struct tk_offline *o, const uint8_t *flat, size_t len, const uint8_t queue[4],
                             uint64_t seq, const struct tk_time *received, size_t *ret_len)
{
    const struct tk_render_record record = {.body = flat,
                                            .body_len = len,
                                            .queue = queue,
                                            .seq = seq,
                                            .received = *received};

    if (tk_offline_render(o, &record, NULL) != TK_PASS)
        return NULL;
    *ret_len = o->renderer.json.len;
    return o->renderer.json.buf;
}

enum tk_verdict tk_offline_render(struct tk_offline *o, const struct tk_render_record *record,
                                  struct tk_rules_trace *trace)
{
    enum tk_verdict verdict;

    o->renderer.stages.trace = trace;
    verdict = tk_render(&o->renderer, o->bundle, record);
    o->renderer.stages.trace = NULL;
    o->is_dropped = verdict == TK_DROP_BY_RULE;
    return verdict;
}

const struct tk_renderer *tk_offline_renderer(const struct tk_offline *o)
{
    return &o->renderer;
}

const struct tk_bundle *tk_offline_bundle(const struct tk_offline *o)
{
    return o->bundle;
}

const char *tk_offline_layer(const struct tk_offline *o, unsigned layer)
{
    return tk_dict_sources_layer(o->sources, layer);
}

struct tk_text tk_offline_dropped_by(const struct tk_offline *o)
{
    return o->is_dropped ? o->renderer.found.rule : (struct tk_text){NULL, 0};
}
