/* SPDX-License-Identifier: Apache-2.0 */
#include "reload/reload.h"

#include <errno.h>
#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>

#include "base/devel.h"
#include "base/hash.h"
#include "base/thread.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/dictionary_sources.h"
#include "reload/fingerprint.h"
#include "rules/rules_load.h"

#define STOP_TIMEOUT   (5 * TK_SECOND)
#define VERIFY_SECONDS 1 /* between two looks at the files of dictionaries */

struct tk_reload {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct tk_settings *request; /* guarded by mutex; NULL: nothing to do */
    atomic_bool is_stopping;     /* written under the mutex; also read between two files, without it */
    struct tk_log *log;
    struct tk_mailbox *mailbox;
    /* owned by the thread: the last good tables */
    struct tk_dict_sources *sources;
    struct tk_table *dict, *rules, *inventory, *circuits; /* the rules are compiled for this dictionary */
    struct tk_fingerprint files; /* of the dictionaries and rules; unsettled if any had a fault */
};

/* One line an error; what became of the file ends the last one. */
static void log_errors(struct tk_reload *r, const char *what, const struct tk_err_list *errors, const char *outcome)
{
    char text[TK_LOG_LINE_BYTES];

    for (unsigned i = 0; i < errors->kept; i++) {
        bool is_last = i + 1 == errors->kept;

        tk_log_put(r->log, LOG_ERR, "trapkafka: %s: %s%s%s", what, tk_err_list_format(errors, i, text, sizeof(text)),
                   is_last ? "; " : "", is_last ? outcome : "");
    }
}

static void log_warnings(struct tk_reload *r, const char *what, const struct tk_err_list *warnings)
{
    char text[TK_LOG_LINE_BYTES];

    for (unsigned i = 0; i < warnings->kept; i++)
        tk_log_put(r->log, LOG_WARNING, "trapkafka: %s: %s", what, tk_err_list_format(warnings, i, text, sizeof(text)));
}

/* ---- dictionaries ---- */

static void log_outcome(struct tk_reload *r, const char *what, enum tk_dict_outcome outcome, const struct tk_err *err,
                        const char *without)
{
    char text[sizeof(struct tk_err)];

    if (outcome == TK_DICT_OPENED)
        return;
    r->files.is_unsettled = true;
    tk_log_put(r->log, LOG_ERR, "trapkafka: %s: %s; %s, then send SIGHUP", what, tk_err_format(err, text, sizeof(text)),
               outcome == TK_DICT_KEPT ? "its contents of before stay in force; correct the file" : without);
}

/* Open the files of the settings. @returns the dictionary, NULL if out of memory */
static struct tk_table *open_dictionaries(struct tk_reload *r, const struct tk_settings *cf)
{
    tk_dict_sources_begin(r->sources);
    for (size_t i = 0; i < cf->dictionary_count; i++) {
        struct tk_err err = {0};
        enum tk_dict_outcome outcome = tk_dict_sources_open(r->sources, cf->dictionaries[i], &err);

        log_outcome(r, "kafkaDictionary", outcome, &err, "its names are missing; correct the file");
    }
    if (cf->vendor_dictionary) {
        struct tk_err err = {0};
        enum tk_dict_outcome outcome = tk_dict_sources_open_vendors(r->sources, cf->vendor_dictionary, &err);

        log_outcome(r, "the installed dictionary", outcome, &err,
                    "vendors' notifications have no names; install trapkafka's files again");
    }
    tk_dict_sources_end(r->sources);
    return tk_table_of_dict(tk_dict_sources_join(r->sources));
}

/* ---- tables ---- */

/* Would the new rules lack the vendors', which those in force have? */
static bool would_lose_vendors(const struct tk_reload *r, const struct tk_settings *cf, const struct tk_dict *shipped)
{
    const struct tk_rules *old = r->rules ? r->rules->object : NULL;

    return old && !shipped && cf->rules_folder && cf->vendor_rules != TK_VENDOR_RULES_OFF &&
           tk_rules_count_tier(old, TK_RULES_CURATED) + tk_rules_count_tier(old, TK_RULES_DERIVED);
}

/* Compile the rules for a new dictionary. If they are bad, the old ones stay, and with them their dictionary.
 * @returns false: so it is */
static bool load_rules(struct tk_reload *r, const struct tk_settings *cf, struct tk_table *dict)
{
    struct tk_dict *shipped = tk_dict_sources_shipped(r->sources);
    const struct tk_rules_files files = {.operators = cf->severity_rules,
                                         .shipped = cf->rules_folder,
                                         .vendors = cf->vendor_rules,
                                         .names = shipped};
    struct tk_rules_report report;
    struct tk_rules *rules = tk_rules_load_sound(&files, dict->object, &report);
    char outcome[160] = "the file is not used; correct it, then send SIGHUP";
    bool is_loss = would_lose_vendors(r, cf, shipped);
    struct tk_table *table;

    tk_dict_free(shipped);
    if (r->rules && !tk_err_list_is_empty(&report.errors)) {
        tk_rules_free(rules);
        log_errors(r, "kafkaSeverityRules", &report.errors,
                   cf->dictionary_count
                       ? "the previous table and dictionaries stay in force; correct the file, then send SIGHUP"
                       : "the previous table stays in force; correct the file, then send SIGHUP");
        return false;
    }
    if (is_loss) {
        tk_rules_free(rules);
        log_errors(r, "kafkaVendorRules", &report.shipped,
                   "all previous rules and dictionaries stay in force; install trapkafka's files again, then send "
                   "SIGHUP");
        return false;
    }
    if (report.rule_count)
        (void)snprintf(outcome, sizeof(outcome),
                       "in force are %zu of its %zu rules, and none that clears alarms; correct the file, then send "
                       "SIGHUP",
                       report.in_force, report.rule_count);
    log_errors(r, "kafkaSeverityRules", &report.errors, outcome);
    log_errors(r, "built-in rules", &report.standard,
               "these rules are not in force; correct the MIB that contradicts them");
    log_errors(r, "kafkaVendorRules", &report.shipped,
               "these rules are not in force; install trapkafka's files again, then send SIGHUP");
    table = tk_table_of_rules(rules);
    if (!table)
        return false; /* out of memory: send_bundle() says so if there are no rules at all */
    tk_table_unref(r->rules);
    r->rules = table;
    if (!tk_err_list_is_empty(&report.errors) || !tk_err_list_is_empty(&report.standard) ||
        !tk_err_list_is_empty(&report.shipped))
        r->files.is_unsettled = true;
    return true;
}

/* What dictionary and rules are made of. */
static struct tk_fingerprint fingerprint(const struct tk_settings *cf)
{
    struct tk_fingerprint f;
    char derived[PATH_MAX];

    tk_fingerprint_begin(&f, tk_clock_now().wall);
    for (size_t i = 0; i < cf->dictionary_count; i++)
        tk_fingerprint_add_file(&f, cf->dictionaries[i]);
    tk_fingerprint_add_file(&f, cf->vendor_dictionary);
    tk_fingerprint_add_file(&f, cf->severity_rules);
    tk_fingerprint_add(&f, &cf->vendor_rules, sizeof(cf->vendor_rules));
    tk_fingerprint_add_folder(&f, cf->rules_folder);
    if (cf->rules_folder) {
        (void)snprintf(derived, sizeof(derived), "%s/" TK_RULES_DERIVED_FOLDER, cf->rules_folder);
        tk_fingerprint_add_folder(&f, derived);
    }
    return f;
}

/* Compiling all shipped rules takes longer than all else, and most requests are about something else. */
static void load_dictionary_and_rules(struct tk_reload *r, const struct tk_settings *cf)
{
    struct tk_fingerprint files = fingerprint(cf); /* before they are read: what changes later is seen next time */
    struct tk_table *dict;

    if (r->dict && tk_fingerprint_equal(&files, &r->files) && !tk_dict_file_lost(r->dict->object, 0))
        return;
    r->files = files;
    dict = open_dictionaries(r, cf);
    if (dict && load_rules(r, cf, dict)) {
        tk_table_unref(r->dict);
        r->dict = dict;
    } else {
        tk_table_unref(dict);
        r->files.is_unsettled = true;
    }
}

/* Replace the last good table by a new one. If the new one is NULL, log why and keep the last good one. */
static void keep(struct tk_reload *r, struct tk_table **slot, struct tk_table *table, const char *directive,
                 struct tk_err_list *errors)
{
    if (table) {
        tk_table_unref(*slot);
        *slot = table;
        return;
    }
    if (tk_err_list_is_empty(errors))
        tk_err_list_add(errors, NULL, 0, "out of memory");
    log_errors(r, directive, errors,
               *slot ? "the previous table stays in force; correct the file, then send SIGHUP"
                     : "the file is not used; correct it, then send SIGHUP");
}

static void forget(struct tk_table **slot)
{
    tk_table_unref(*slot);
    *slot = NULL;
}

static void load_inventory(struct tk_reload *r, const char *path)
{
    struct tk_err_list errors = {0}, warnings = {0};
    struct tk_table *table = tk_table_of_inventory(tk_inventory_load(path, tk_random_seed(), &errors, &warnings));

    log_warnings(r, "kafkaInventory", &warnings);
    keep(r, &r->inventory, table, "kafkaInventory", &errors);
}

static void load_circuits(struct tk_reload *r, const char *path)
{
    struct tk_err_list errors = {0}, warnings = {0};
    struct tk_table *table = tk_table_of_circuits(tk_circuits_load(path, tk_random_seed(), &errors, &warnings));

    log_warnings(r, "kafkaCircuits", &warnings);
    keep(r, &r->circuits, table, "kafkaCircuits", &errors);
}

static void load(struct tk_reload *r, const struct tk_settings *cf)
{
    TK_ON_THREAD(LOADER);
    load_dictionary_and_rules(r, cf);
    if (atomic_load(&r->is_stopping))
        return;
    if (cf->inventory)
        load_inventory(r, cf->inventory);
    else
        forget(&r->inventory);
    if (atomic_load(&r->is_stopping))
        return;
    if (cf->circuits)
        load_circuits(r, cf->circuits);
    else
        forget(&r->circuits);
}

static void send_bundle(struct tk_reload *r, struct tk_settings *cf)
{
    struct tk_bundle *b = r->dict && r->rules ? tk_bundle_new(cf, r->dict->object, r->rules, r->inventory, r->circuits)
                                              : NULL;

    if (!b) {
        tk_log_put(r->log, LOG_ERR,
                   "trapkafka: out of memory for new settings and tables: the previous ones stay in force; give "
                   "snmptrapd more memory, then send SIGHUP");
        return;
    }
    tk_bundle_keep_dict(b, r->dict);
    tk_mailbox_send(r->mailbox, b);
}

/* Wait for a request, at most until it is time to look at the dictionaries' files again.
 * @returns the request, or NULL; the caller holds the mutex */
static struct tk_settings *wait_for_request(struct tk_reload *r)
{
    struct tk_settings *cf;
    struct timespec until;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += VERIFY_SECONDS;
    while (!r->request && !r->is_stopping)
        if (pthread_cond_timedwait(&r->wake, &r->mutex, &until) == ETIMEDOUT)
            break;
    cf = r->request;
    r->request = NULL;
    return cf;
}

/* Reading files took several times what the tables occupy, and glibc keeps it for a thread that seldom needs it again. */
static void give_memory_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

static void *run(void *arg)
{
    struct tk_reload *r = arg;

    TK_THREAD_IS(LOADER);
    for (;;) {
        struct tk_settings *cf;

        (void)pthread_mutex_lock(&r->mutex);
        cf = wait_for_request(r);
        (void)pthread_mutex_unlock(&r->mutex);
        if (atomic_load(&r->is_stopping) && !cf)
            return NULL;
        if (r->dict)
            tk_dict_file_verify(r->dict->object);
        if (!cf)
            continue;
        load(r, cf);
        if (!atomic_load(&r->is_stopping))
            send_bundle(r, cf);
        tk_settings_unref(cf);
        give_memory_back();
    }
}

static void done(struct tk_reload *r)
{
    tk_table_unref(r->rules);
    tk_table_unref(r->inventory);
    tk_table_unref(r->circuits);
    tk_table_unref(r->dict);
    tk_dict_sources_free(r->sources);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->mutex);
    free(r);
}

struct tk_reload *tk_reload_new(struct tk_dict *mibs, struct tk_log *log, struct tk_mailbox *mailbox)
{
    pthread_condattr_t by_monotonic_clock;
    struct tk_reload *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->files.is_unsettled = true;
    r->log = log;
    r->mailbox = mailbox;
    (void)pthread_mutex_init(&r->mutex, NULL);
    (void)pthread_condattr_init(&by_monotonic_clock);
    (void)pthread_condattr_setclock(&by_monotonic_clock, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&r->wake, &by_monotonic_clock);
    (void)pthread_condattr_destroy(&by_monotonic_clock);
    r->sources = tk_dict_sources_new(mibs, NULL);
    if (r->sources && tk_thread_start(&r->thread, "trapkafka-load", run, r) == 0)
        return r;
    done(r);
    return NULL;
}

void tk_reload_request(struct tk_reload *r, struct tk_settings *settings)
{
    TK_ON_THREAD(SNMPTRAPD);
    TK_ASSERT(settings);
    (void)pthread_mutex_lock(&r->mutex);
    tk_settings_unref(r->request);
    r->request = tk_settings_ref(settings);
    (void)pthread_cond_signal(&r->wake);
    (void)pthread_mutex_unlock(&r->mutex);
}

bool tk_reload_free(struct tk_reload *r)
{
    if (!r)
        return true;
    (void)pthread_mutex_lock(&r->mutex);
    tk_settings_unref(r->request);
    r->request = NULL;
    r->is_stopping = true;
    (void)pthread_cond_signal(&r->wake);
    (void)pthread_mutex_unlock(&r->mutex);
    if (!tk_thread_join(r->thread, STOP_TIMEOUT))
        return false;
    done(r);
    return true;
}
