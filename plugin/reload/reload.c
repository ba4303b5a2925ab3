/* SPDX-License-Identifier: Apache-2.0 */
#include "reload/reload.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

#include "base/devel.h"
#include "base/hash.h"
#include "base/thread.h"
#include "rules/rules_load.h"

#define STOP_TIMEOUT (5 * TK_SECOND)

struct tk_reload {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct tk_settings *request; /* guarded by mutex; NULL: nothing to do */
    atomic_bool is_stopping;     /* written under the mutex; also read between two files, without it */
    const struct tk_dict *dict;
    struct tk_log *log;
    struct tk_mailbox *mailbox;
    /* owned by the thread: the last good tables */
    struct tk_table *rules, *inventory, *circuits;
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

static void load_rules(struct tk_reload *r, const struct tk_settings *cf)
{
    const struct tk_rules_files files = {.operators = cf->severity_rules,
                                         .shipped = cf->rules_folder,
                                         .vendors = cf->vendor_rules};
    struct tk_rules_report report;
    struct tk_rules *rules = tk_rules_load_sound(&files, r->dict, &report);
    char outcome[160] = "the file is not used; correct it, then send SIGHUP";
    struct tk_table *table;

    if (r->rules && !tk_err_list_is_empty(&report.errors)) {
        tk_rules_free(rules);
        log_errors(r, "kafkaSeverityRules", &report.errors,
                   "the previous table stays in force; correct the file, then send SIGHUP");
        return;
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
        return; /* out of memory: send_bundle() says so if there are no rules at all */
    tk_table_unref(r->rules);
    r->rules = table;
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
    load_rules(r, cf);
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
    struct tk_bundle *b = r->rules ? tk_bundle_new(cf, r->dict, r->rules, r->inventory, r->circuits) : NULL;

    if (!b) {
        tk_log_put(r->log, LOG_ERR,
                   "trapkafka: out of memory for new settings and tables: the previous ones stay in force; give "
                   "snmptrapd more memory, then send SIGHUP");
        return;
    }
    tk_mailbox_send(r->mailbox, b);
}

static void *run(void *arg)
{
    struct tk_reload *r = arg;

    TK_THREAD_IS(LOADER);
    for (;;) {
        struct tk_settings *cf;

        (void)pthread_mutex_lock(&r->mutex);
        while (!r->request && !r->is_stopping)
            (void)pthread_cond_wait(&r->wake, &r->mutex);
        cf = r->request;
        r->request = NULL;
        (void)pthread_mutex_unlock(&r->mutex);
        if (!cf)
            return NULL;
        load(r, cf);
        if (!atomic_load(&r->is_stopping))
            send_bundle(r, cf);
        tk_settings_unref(cf);
    }
}

struct tk_reload *tk_reload_new(const struct tk_dict *dict, struct tk_log *log, struct tk_mailbox *mailbox)
{
    struct tk_reload *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->dict = dict;
    r->log = log;
    r->mailbox = mailbox;
    (void)pthread_mutex_init(&r->mutex, NULL);
    (void)pthread_cond_init(&r->wake, NULL);
    if (tk_thread_start(&r->thread, "trapkafka-load", run, r) == 0)
        return r;
    free(r);
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
    tk_table_unref(r->rules);
    tk_table_unref(r->inventory);
    tk_table_unref(r->circuits);
    (void)pthread_cond_destroy(&r->wake);
    (void)pthread_mutex_destroy(&r->mutex);
    free(r);
    return true;
}
