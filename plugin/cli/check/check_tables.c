/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/check_tables.h"

#include <string.h>

#include "cli/rules/rules_file.h"
#include "dictionary/dictionary_sources.h"
#include "inventory/circuits.h"
#include "inventory/inventory.h"
#include "rules/rules_load.h"

#define NO_MEMORY "out of memory; give the process more memory"

/** The file that is checked. */
struct loading {
    const struct tk_check_config *c;
    struct tk_check_findings *findings;
    struct tk_check_place at; /* the line that names it */
    const char *told;         /* a file whose errors were said before; NULL: none */
};

static void on_error(void *arg, const struct tk_err *err)
{
    const struct loading *l = arg;

    if (!l->told || strcmp(err->file, l->told) != 0)
        tk_check_say_err(l->findings, TK_CHECK_ERROR, l->at, err);
}

static void on_warning(void *arg, const struct tk_err *err)
{
    const struct loading *l = arg;

    tk_check_say_err(l->findings, TK_CHECK_WARNING, l->at, err);
}

/* --- dictionaries ------------------------------------------------------------------------------------------------ */

static void open_dictionary(struct loading *l, struct tk_dict_sources *sources, const char *path)
{
    struct tk_err err = {0};

    if (tk_dict_sources_open(sources, path, &err) == TK_DICT_OPENED)
        tk_check_say(l->findings, TK_CHECK_OK, (struct tk_check_place){path, 0}, "dictionary of MIBs");
    else
        on_error(l, &err);
}

static void open_vendors(struct loading *l, struct tk_dict_sources *sources, const char *path)
{
    struct tk_err err = {0};

    if (tk_dict_sources_open_vendors(sources, path, &err) == TK_DICT_OPENED)
        tk_check_say(l->findings, TK_CHECK_OK, (struct tk_check_place){path, 0}, "installed dictionary of vendors");
    else
        tk_check_say(l->findings, TK_CHECK_ERROR, (struct tk_check_place){err.file, 0},
                     "the installed dictionary of vendors: %s; install trapkafka's files again", err.text);
}

/* The layers of the daemon, but for the MIBs that it loads itself. @returns NULL: out of memory, and said so */
static struct tk_dict_sources *open_dictionaries(struct loading *l)
{
    const struct tk_settings *cf = l->c->settings;
    struct tk_err err = {0};
    struct tk_dict_sources *sources = tk_dict_sources_new(NULL, &err);

    l->at = tk_check_config_place(l->c, TK_DIRECTIVE_kafkaDictionary);
    if (!sources) {
        on_error(l, &err);
        return NULL;
    }
    for (size_t i = 0; i < cf->dictionary_count; i++)
        open_dictionary(l, sources, cf->dictionaries[i]);
    if (cf->vendor_dictionary)
        open_vendors(l, sources, cf->vendor_dictionary);
    return sources;
}

/* --- rules ------------------------------------------------------------------------------------------------------- */

static void say_rules(void *arg, bool is_difference, const char *file, unsigned line, const char *text)
{
    const struct loading *l = arg;
    const struct tk_check_place place = {file, line};

    (void)is_difference;
    tk_check_say(l->findings, TK_CHECK_ERROR, *file ? place : l->at, "%s", text);
}

/* The operator's file, with its tests. */
static void test_rules(struct loading *l, const char *path, struct tk_dict *dict)
{
    struct tk_rules_tally tally = {.say = say_rules, .say_arg = l};

    tk_rules_file_test(path, true, dict, true, &tally);
    if (!tally.errors && !tally.failed)
        tk_check_say(l->findings, TK_CHECK_OK, (struct tk_check_place){path, 0}, "rules; %u of %u tests passed",
                     tally.tests - tally.failed, tally.tests);
}

/* All rules as the module puts them in force. */
static struct tk_rules *load_rules(struct loading *l, const struct tk_dict_sources *sources, struct tk_dict *dict)
{
    const struct tk_settings *cf = l->c->settings;
    struct tk_dict *shipped = tk_dict_sources_shipped(sources);
    const struct tk_rules_files files = {.operators = cf->severity_rules,
                                         .shipped = cf->rules_folder,
                                         .vendors = cf->vendor_rules,
                                         .names = shipped};
    struct tk_rules *rules;

    l->at = tk_check_config_place(l->c, TK_DIRECTIVE_kafkaSeverityRules);
    if (cf->severity_rules)
        test_rules(l, cf->severity_rules, dict);
    l->at = tk_check_config_place(l->c, TK_DIRECTIVE_kafkaVendorRules);
    l->told = cf->severity_rules;
    rules = tk_rules_load_told(&files, dict, on_error, l);
    l->told = NULL;
    if (rules)
        tk_check_say(l->findings, TK_CHECK_OK, l->at, "%zu rules in all", tk_rules_count(rules));
    tk_dict_free(shipped);
    return rules;
}

/* --- tables ------------------------------------------------------------------------------------------------------ */

static void load_inventory(struct loading *l, const char *path)
{
    struct tk_err_list errors = {.tell = on_error, .tell_arg = l}, warnings = {.tell = on_warning, .tell_arg = l};
    struct tk_inventory *devices;

    l->at = tk_check_config_place(l->c, TK_DIRECTIVE_kafkaInventory);
    devices = tk_inventory_load(path, 1, &errors, &warnings);
    if (devices)
        tk_check_say(l->findings, TK_CHECK_OK, (struct tk_check_place){path, 0}, "%u rows of devices",
                     tk_inventory_count(devices));
    else if (tk_err_list_is_empty(&errors))
        tk_check_say(l->findings, TK_CHECK_ERROR, l->at, NO_MEMORY);
    tk_inventory_free(devices);
}

static void load_circuits(struct loading *l, const char *path)
{
    struct tk_err_list errors = {.tell = on_error, .tell_arg = l}, warnings = {.tell = on_warning, .tell_arg = l};
    struct tk_circuits *circuits;

    l->at = tk_check_config_place(l->c, TK_DIRECTIVE_kafkaCircuits);
    circuits = tk_circuits_load(path, 1, &errors, &warnings);
    if (circuits)
        tk_check_say(l->findings, TK_CHECK_OK, (struct tk_check_place){path, 0}, "%u rows of circuits",
                     tk_circuits_count(circuits));
    else if (tk_err_list_is_empty(&errors))
        tk_check_say(l->findings, TK_CHECK_ERROR, l->at, NO_MEMORY);
    tk_circuits_free(circuits);
}

void tk_check_tables_load(struct tk_check_tables *t, const struct tk_check_config *c,
                          struct tk_check_findings *findings)
{
    struct loading l = {.c = c, .findings = findings};
    struct tk_dict_sources *sources = open_dictionaries(&l);

    *t = (struct tk_check_tables){.dict = sources ? tk_dict_sources_join(sources) : NULL};
    if (t->dict)
        t->rules = load_rules(&l, sources, t->dict);
    else if (sources)
        tk_check_say(findings, TK_CHECK_ERROR, l.at, NO_MEMORY);
    tk_dict_sources_free(sources);
    if (c->settings->inventory)
        load_inventory(&l, c->settings->inventory);
    if (c->settings->circuits)
        load_circuits(&l, c->settings->circuits);
}

void tk_check_tables_done(struct tk_check_tables *t)
{
    tk_rules_free(t->rules);
    tk_dict_free(t->dict);
}
