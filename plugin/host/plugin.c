/* SPDX-License-Identifier: Apache-2.0 */
/* The module's life inside snmptrapd: init, start, SIGHUP, stop. net-snmp and snmptrapd call:
 *
 *   init_trapkafka()      at each dlmod line, so at SIGHUP again: registers directives and callbacks once
 *   POST_READ_CONFIG      when the configuration was read: puts the settings in force; stops without a dlmod line
 *   first alarm or message in the daemon, after fork and drop of privileges: starts threads and producer
 *   deinit_trapkafka()    at SIGHUP and at the end: only notes that no dlmod line was read yet
 *   SHUTDOWN              at an orderly stop, after the sockets were closed: publishes what the queue holds
 */
#include "base/devel.h"
#include "host/host_internal.h"

#include <errno.h>

#include <net-snmp/library/fd_event_manager.h>

#include "host/arrivals.h"
#include "host/inform.h"
#include "host/lines_above.h"
#include "host/mib_snapshot.h"
#include "host/refusals.h"
#include "host/unread_lines.h"
#include "dictionary/dictionary_builder.h"
#include "queue/ring_open.h"
#include "queue/ring_wait.h"
#include "queue/sync.h"
#include "sink/kafka_check.h"

#define EACH_SECOND     1                    /* for net-snmp's alarms */
#define ROOTS           3                    /* objects in the tree of net-snmp that has loaded no MIB */
#define INSTEAD_OF_FILE ((uint64_t)64 << 20) /* most bytes of a queue in memory that replaces an unusable file */

/* The only symbols that the module exports. */
__attribute__((visibility("default"))) void init_trapkafka(void);
__attribute__((visibility("default"))) void deinit_trapkafka(void);

struct tk_host tk_host;

/* --- log lines of the other threads, and each second ----------------------------------------------------------- */

static void write_log_lines(int fd, void *arg)
{
    struct tk_host *h = arg;
    char line[TK_LOG_LINE_BYTES];
    int priority;

    (void)fd;
    while (tk_log_take(h->log, &priority, line))
        snmp_log(priority, "%s\n", line);
}

static void each_second(unsigned int alarm, void *arg)
{
    struct tk_time now = tk_clock_now();
    struct tk_host *h = arg;

    (void)alarm;
    if (!h->is_running)
        return;
    tk_arrivals_settle(h);
    tk_losses_read(h);
    tk_v3_tick(h, &now);
    tk_refusals_tick(h, &now);
    tk_informs_tick(h, now.mono);
}

/* --- start and stop -------------------------------------------------------------------------------------------- */

/* The MIBs that snmptrapd has loaded, read once. @returns NULL: none, or out of memory */
static struct tk_dict *read_mibs(void)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *dict = NULL;
    int objects = b ? tk_mib_snapshot(b) : -1;

    if (objects > ROOTS)
        dict = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    if (dict || (objects >= 0 && objects <= ROOTS))
        DEBUGMSGTL(
            ("trapkafka", "%d objects from snmptrapd's MIBs, %zu bytes\n", objects, dict ? tk_dict_bytes(dict) : 0));
    else
        snmp_log(
            LOG_ERR,
            "trapkafka: out of memory for the MIBs that snmptrapd has loaded: they are not used; load fewer (mibs in "
            "snmp.conf), or compile them with 'trapkafka mibs build' and name the file in kafkaDictionary\n");
    return dict;
}

/* A thread does not end, for instance because its file system hangs. What it may still use is never freed. */
static void give_up(struct tk_host *h, const char *what)
{
    snmp_log(LOG_ERR,
             "trapkafka: the thread that is %s does not end: nothing is published from now on; restart "
             "snmptrapd when its file systems answer again\n",
             what);
    h->is_running = false;
    h->is_over = h->is_stuck = true;
}

static void tear_down(struct tk_host *h)
{
    h->is_running = false;
    if (!tk_reload_free(h->reload)) {
        give_up(h, "reading files");
        return;
    }
    if (!tk_sync_stop(h->sync)) {
        give_up(h, "writing the queue to its disk");
        return;
    }
    if (h->replies)
        tk_informs_done(h);
    tk_worker_free(h->worker);
    tk_mailbox_done(&h->mailbox);
    tk_refusals_done(h);
    if (h->log) {
        (void)unregister_readfd(tk_log_eventfd(h->log));
        write_log_lines(-1, h);
    }
    tk_log_free(h->log);
    tk_inform_results_free(h->replies);
    tk_ring_free(h->ring);
    tk_settings_unref(h->queue_settings);
    h->reload = NULL;
    h->worker = NULL;
    h->log = NULL;
    h->ring = NULL;
    h->sync = NULL;
    h->replies = NULL;
    h->queue_settings = NULL;
}

/* If the file can't be used, snmptrapd goes on with a queue in memory; the log and a health record say so. */
static struct tk_ring *open_queue(struct tk_host *h, struct tk_err *err)
{
    const struct tk_settings *cf = h->settings;
    char text[sizeof(struct tk_err)];
    struct tk_ring *q;

    if (!cf->queue_path)
        return tk_ring_new(cf->queue_bytes);
    q = tk_ring_open(cf->queue_path, cf->queue_bytes, err);
    if (!q) {
        uint64_t bytes = cf->queue_bytes < INSTEAD_OF_FILE ? cf->queue_bytes : INSTEAD_OF_FILE;

        snmp_log(LOG_ERR,
                 "trapkafka: kafkaQueue: %s; until then the queue is %llu bytes of memory, whose traps are lost when "
                 "snmptrapd dies\n",
                 tk_err_format(err, text, sizeof(text)), (unsigned long long)bytes);
        return tk_ring_new(bytes);
    }
    if (tk_ring_recovered(q))
        snmp_log(LOG_NOTICE, "trapkafka: %llu traps of an earlier run are in the queue '%s', and published first\n",
                 (unsigned long long)tk_ring_recovered(q), cf->queue_path);
    return q;
}

/* Set the thread that writes the queue's file to the disk to what kafkaQueueSync says now. */
static void set_sync(struct tk_host *h)
{
    unsigned period = h->settings->queue_sync_ms;

    if (h->sync) {
        tk_sync_set_period(h->sync, period); /* 0: it sleeps; ending it could wait for a disk that hangs */
    } else if (period && tk_ring_path(h->ring)) {
        h->sync = tk_sync_start(h->ring, period);
        if (!h->sync)
            snmp_log(
                LOG_ERR,
                "trapkafka: kafkaQueueSync: can't start a thread: %s; the kernel decides when the queue is written "
                "to the disk\n",
                strerror(errno));
    }
}

static void log_started(const struct tk_host *h)
{
    const char *path = tk_ring_path(h->ring);

    snmp_log(LOG_NOTICE, "trapkafka " PACKAGE_VERSION ": started, queue of %llu bytes in %s%s%s\n",
             (unsigned long long)tk_ring_capacity(h->ring), path ? "'" : "", path ? path : "memory", path ? "'" : "");
}

static void wake_worker(void *ring)
{
    tk_ring_wake(ring);
}

void tk_host_start(struct tk_host *h)
{
    struct tk_err refused = {0};
    struct tk_worker_config config = {.stats = &h->stats, .open_sink = tk_open_kafka, .open_arg = &h->opener};

    if (h->is_running || h->is_over || !h->is_loaded || !h->settings)
        return;
    if (!h->has_mibs)
        h->mibs = read_mibs();
    h->has_mibs = true;
    h->queue_settings = tk_settings_ref(h->settings);
    h->ring = config.ring = open_queue(h, &refused);
    h->log = config.log = tk_log_new();
    h->replies = config.replies = tk_inform_results_new();
    tk_refusals_init(h);
    config.refusals = h->refusal_box;
    config.notify = &h->notify;
    config.mailbox = &h->mailbox;
    tk_mailbox_init(&h->mailbox, wake_worker, h->ring);
    config.queue_failure = refused.is_set ? refused.text : NULL;
    h->worker = h->ring && h->log && h->replies ? tk_worker_new(&config) : NULL;
    h->reload = h->worker ? tk_reload_new(h->mibs, h->log, &h->mailbox) : NULL;
    if (!h->reload || tk_worker_start(h->worker) < 0) {
        snmp_log(LOG_ERR,
                 "trapkafka: cannot start: no memory or threads for a queue of %llu bytes; nothing is published; "
                 "give kafkaQueue a smaller SIZE\n",
                 (unsigned long long)h->settings->queue_bytes);
        h->is_loaded = false; /* so that not each trap tries again, but the next SIGHUP does */
        tear_down(h);
        return;
    }
    if (register_readfd(tk_log_eventfd(h->log), write_log_lines, h) != FD_REGISTERED_OK)
        snmp_log(LOG_WARNING,
                 "trapkafka: net-snmp accepts no more descriptors: log lines of the worker appear at the stop\n");
    tk_informs_init(h);
    set_sync(h);
    tk_reload_request(h->reload, h->settings);
    h->is_running = true;
    tk_sessions_guard();
    log_started(h);
}

static void stop(struct tk_host *h, const char *why)
{
    struct tk_time now = tk_clock_now();
    uint64_t left;

    if (!h->is_running)
        return;
    tk_refusals_tick(h, &now);
    left = tk_worker_stop(h->worker, h->settings->flush_seconds * TK_SECOND);
    write_log_lines(-1, h);
    if (left == TK_WORKER_STUCK) {
        give_up(h, "publishing");
        return;
    }
    tk_informs_answer(h); /* to those whose connections are still open */
    if (left && tk_ring_path(h->ring) && !tk_ring_faults(h->ring))
        snmp_log(LOG_NOTICE, "trapkafka: %llu traps wait in the queue '%s' for the next start\n",
                 (unsigned long long)left, tk_ring_path(h->ring));
    else if (left)
        snmp_log(LOG_ERR,
                 "trapkafka: %llu traps are lost with the queue, which is in memory: %s within %u seconds "
                 "(kafkaStopTimeout)\n",
                 (unsigned long long)left,
                 h->settings->is_held   ? "a setting was refused"
                 : h->settings->brokers ? "Kafka did not accept them"
                                        : "no kafkaBrokers line was read",
                 h->settings->flush_seconds);
    snmp_log(LOG_NOTICE, "trapkafka: stopped, %s\n", why);
    tk_losses_begin_again();
    tear_down(h);
    if (h->is_stuck)
        return;
    memset(&h->stats, 0, sizeof(h->stats)); /* not at the next start, because refusals are counted before that */
    tk_opener_done(&h->opener);
}

/* --- what net-snmp calls --------------------------------------------------------------------------------------- */

static void first_alarm(unsigned int alarm, void *arg)
{
    (void)alarm;
    tk_host_start(arg);
}

static bool is_same_queue(const struct tk_settings *a, const struct tk_settings *b)
{
    return a->queue_bytes == b->queue_bytes && !a->queue_path == !b->queue_path &&
           (!a->queue_path || strcmp(a->queue_path, b->queue_path) == 0);
}

/* Fail closed: see tk_settings_settle(). */
static void settle(struct tk_host *h)
{
    char text[sizeof(struct tk_err)];
    struct tk_err err = {0};

    if (!h->reading->refused[0] && tk_kafka_check_together(h->reading, &err) < 0) {
        snmp_log(LOG_ERR, "trapkafka: %s\n", tk_err_format(&err, text, sizeof(text)));
        tk_settings_distrust(h->reading, "the combination of Kafka's properties");
    }
    switch (tk_settings_settle(h->reading, h->settings)) {
    case TK_SETTLED:
        if (h->settings && h->settings->refused[0])
            snmp_log(LOG_ERR,
                     "trapkafka: %s, which was refused before, is corrected: brokers, topics and properties are "
                     "in force as they are written now\n",
                     h->settings->refused);
        break;
    case TK_SETTLED_BEFORE:
        snmp_log(LOG_ERR,
                 "trapkafka: %s was refused: brokers, topics and properties all stay as they were before; correct the "
                 "configuration, then send SIGHUP\n",
                 h->reading->refused);
        break;
    case TK_SETTLED_HELD: break; /* tk_settings_check() says so */
    }
}

/* Put the settings that were read in force. */
static void publish_settings(struct tk_host *h)
{
    char text[sizeof(struct tk_err)];
    struct tk_err err = {0};

    TK_ASSERT(h->reading);
    if (!h->settings)
        tk_lines_above_find(h->reading);
    settle(h);
    if (tk_settings_check(h->reading, &err) < 0)
        snmp_log(LOG_ERR, "trapkafka: %s\n", tk_err_format(&err, text, sizeof(text)));
    if (h->is_running && !is_same_queue(h->queue_settings, h->reading))
        snmp_log(LOG_WARNING, "trapkafka: kafkaQueue: the new value takes effect when snmptrapd is restarted\n");
    tk_settings_unref(h->settings);
    h->settings = tk_settings_ref(h->reading);
    h->engine_id_len = snmpv3_get_engineID(h->engine_id, sizeof(h->engine_id));
    tk_v3_configure(h);
    if (h->is_running) {
        set_sync(h);
        tk_reload_request(h->reload, h->settings);
    } else {
        (void)snmp_alarm_register(0, 0, first_alarm, h);
    }
}

static int after_reading(int major, int minor, void *server_arg, void *client_arg)
{
    struct tk_host *h = &tk_host;

    (void)major, (void)minor, (void)server_arg, (void)client_arg;
    tk_unread_lines_end();
    if (h->is_loaded && h->reading)
        publish_settings(h);
    else if (!h->is_loaded) {
        tk_losses_read(h);
        tk_arrivals_settle(h);
        tk_v3_rest();
        stop(h, "no dlmod line is left in the configuration");
    }
    return SNMPERR_SUCCESS;
}

static int at_shutdown(int major, int minor, void *server_arg, void *client_arg)
{
    struct tk_host *h = &tk_host;

    (void)major, (void)minor, (void)server_arg, (void)client_arg;
    tk_arrivals_end(h);
    if (h->is_running)
        tk_losses_read(h);
    /* Before the queue is published, which may take so long that snmptrapd is killed. */
    tk_losses_forget_sockets();
    if (!h->is_stuck) /* by a file system that hangs: this would hang too */
        tk_v3_keep();
    stop(h, "snmptrapd is stopping");
    h->is_over = true;
    tk_v3_done();
    if (h->is_stuck)
        return SNMPERR_SUCCESS;
    tk_settings_unref(h->settings);
    tk_settings_unref(h->reading);
    tk_dict_free(h->mibs);
    h->settings = h->reading = NULL;
    h->mibs = NULL;
    return SNMPERR_SUCCESS;
}

void init_trapkafka(void)
{
    struct tk_host *h = &tk_host;

    TK_THREAD_IS(SNMPTRAPD);
    if (h->is_loaded) {
        config_perror("trapkafka is loaded by an earlier dlmod line; remove one of the two");
        return;
    }
    h->is_loaded = true;
    if (h->is_registered) {
        if (!h->is_over)
            tk_unread_lines_begin(); /* again, because snmp.conf has been read since */
        return;
    }
    if (tk_handler_register() < 0 || tk_authorize_register() < 0) {
        config_perror("trapkafka: out of memory: nothing is published");
        h->is_loaded = false;
        return;
    }
    h->is_registered = true;
    tk_notify_init(&h->notify); /* snmptrapd removes the variable when it is ready */
    tk_v3_init();
    tk_sessions_register();
    tk_tokens_register(h);
    (void)snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_POST_READ_CONFIG, after_reading, NULL);
    (void)snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_SHUTDOWN, at_shutdown, NULL);
    (void)snmp_alarm_register(EACH_SECOND, SA_REPEAT, each_second, h);
}

void deinit_trapkafka(void)
{
    tk_host.is_loaded = false;
}
