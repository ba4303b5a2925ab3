/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring_wait.h"
#include "replay.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "trap_text.h"

static void wake_worker(void *ring)
{
    tk_ring_wake(ring);
}

static void remove_folder(const char *folder)
{
    DIR *dir = folder[0] ? opendir(folder) : NULL;
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            (void)unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        (void)closedir(dir);
    (void)rmdir(folder);
}

void replay_fail(const struct replay *r, const char *fmt, ...)
{
    va_list ap;

    (void)fprintf(stderr, "%s:%u: ", r->file, r->line);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fprintf(stderr, "\n");
    remove_folder(r->folder);
    _exit(1);
}

void replay_open(struct replay *r, const char *file)
{
    struct tk_worker_config config = {.open_sink = fake_kafka_open, .open_arg = &r->kafka, .stats = &r->stats};
    const char *tmp = getenv("TMPDIR");

    memset(r, 0, sizeof(*r));
    r->file = file;
    (void)snprintf(r->folder, sizeof(r->folder), "%s/replay.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(r->folder))
        replay_fail(r, "the temporary folder can't be made");
    r->ring = config.ring = tk_ring_new(TK_RING_MIN_BYTES);
    r->log = config.log = tk_log_new();
    fake_kafka_init(&r->kafka);
    r->now = (struct tk_time){.wall = 1763790326123456789, .mono = 1000 * TK_SECOND, .boot = 2000 * TK_SECOND};
    tk_mailbox_init(&r->mailbox, wake_worker, r->ring);
    config.mailbox = &r->mailbox;
    r->worker = r->ring && r->log ? tk_worker_new(&config) : NULL;
    r->reload = r->worker ? tk_reload_new(NULL, r->log, &r->mailbox) : NULL;
    if (!r->reload)
        replay_fail(r, "out of memory");
    replay_conf(r, "kafkaBrokers", "kafka.example.net:9092");
}

void replay_close(struct replay *r)
{
    tk_reload_free(r->reload);
    tk_worker_finish(r->worker, r->now, r->now.mono);
    tk_worker_free(r->worker);
    tk_mailbox_done(&r->mailbox);
    tk_ring_free(r->ring);
    tk_log_free(r->log);
    fake_kafka_done(&r->kafka);
    tk_settings_unref(r->settings);
    remove_folder(r->folder);
}

void replay_conf(struct replay *r, const char *token, const char *args)
{
    size_t i;

    for (i = 0; i < r->conf_count && strcasecmp(r->conf[i].token, token) != 0; i++)
        ;
    if (i == REPLAY_CONF_MAX)
        replay_fail(r, "too many directives");
    if (!*args) {
        if (i == r->conf_count)
            replay_fail(r, "%s can't be removed: it is not set", token);
        r->conf[i] = r->conf[--r->conf_count];
        return;
    }
    (void)snprintf(r->conf[i].token, sizeof(r->conf[i].token), "%s", token);
    if (args[0] == '@') /* an inline file */
        (void)snprintf(r->conf[i].args, sizeof(r->conf[i].args), "%s/%s", r->folder, args + 1);
    else
        (void)snprintf(r->conf[i].args, sizeof(r->conf[i].args), "%s", args);
    r->conf_count += i == r->conf_count;
}

const char *replay_logged(struct replay *r)
{
    char line[TK_LOG_LINE_BYTES];
    int priority;

    while (tk_log_take(r->log, &priority, line)) {
        size_t len = strlen(r->logged);

        (void)snprintf(r->logged + len, sizeof(r->logged) - len, "%s\n", line);
    }
    return r->logged;
}

void replay_reload(struct replay *r)
{
    struct tk_settings *cf = tk_settings_new();
    char in_force[] = "trapkafka: in force: ";
    size_t before = strlen(replay_logged(r));

    if (!cf)
        replay_fail(r, "out of memory");
    cf->rules_folder = cf->vendor_dictionary = NULL; /* what is installed on this machine must not matter */
    for (size_t i = 0; i < r->conf_count; i++) {
        struct tk_err err = {0};
        const char *token = r->conf[i].token, *args = r->conf[i].args;

        if (tk_settings_set(cf, token, args, NULL, &err) == 0)
            continue;
        if (r->settings)
            (void)tk_settings_keep(cf, token, args, r->settings);
        tk_log_put(r->log, 3, "%s", err.text);
    }
    tk_reload_request(r->reload, cf);
    tk_settings_unref(r->settings);
    r->settings = cf;
    /* The loader thread sends a bundle; each step of the worker looks for it. */
    for (unsigned i = 0; !strstr(replay_logged(r) + before, in_force); i++) {
        if (i > 60)
            replay_fail(r, "the worker did not receive a bundle");
        tk_ring_wait_for_wake(r->ring, TK_SECOND);
        replay_work(r);
    }
}

void replay_work(struct replay *r)
{
    for (unsigned idle = 0, n = 0; idle < 2; n++) {
        struct tk_books books;

        if (r->is_down)
            fake_kafka_report_all(&r->kafka, TK_SEND_AGAIN);
        idle = tk_worker_step(r->worker, r->now) ? 0 : idle + 1;
        books = tk_worker_books(r->worker);
        if (!tk_books_balance(&books))
            replay_fail(r, "the books don't balance");
        if (n > 100000)
            replay_fail(r, "the worker does not stop working");
    }
}

void replay_trap(struct replay *r, const char *line)
{
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    char err[TRAP_TEXT_ERR];
    size_t len = trap_text_write(line, bytes, err);
    uint8_t *dst;

    if (!len)
        replay_fail(r, "%s", err);
    if (!r->settings)
        replay_reload(r);
    dst = tk_ring_reserve(r->ring, len);
    if (!dst) {
        tk_ring_count_loss(r->ring, TK_LOSS_QUEUE_FULL);
        return;
    }
    memcpy(dst, bytes, len);
    (void)tk_ring_commit(r->ring, len, &r->now);
    replay_work(r);
}

void replay_pass(struct replay *r, tk_nsec t)
{
    r->now.wall += t;
    r->now.mono += t;
    r->now.boot += t;
    if (r->settings)
        replay_work(r);
}

const struct fake_message *replay_next(struct replay *r, enum tk_topic topic)
{
    while (r->next_message[topic] < r->kafka.count) {
        const struct fake_message *m = &r->kafka.messages[r->next_message[topic]++];

        if (m->topic == topic && (m->ticket == TK_NO_TICKET || (m->is_reported && m->fate == TK_DELIVERED)))
            return m;
    }
    return NULL;
}

bool replay_stat(struct replay *r, const char *name, uint64_t *ret_value)
{
    struct tk_books books = tk_worker_books(r->worker);
    const char *dot = strchr(name, '.');
    size_t len = dot ? (size_t)(dot - name) : strlen(name);

    for (int i = 0; i < TK_STAT_COUNT; i++) {
        const struct tk_stat_info *info = &tk_stat_table[i];

        if (strlen(info->family) == len && strncmp(info->family, name, len) == 0 &&
            strcmp(info->label, dot ? dot + 1 : "") == 0) {
            *ret_value = books.value[i];
            return true;
        }
    }
    return false;
}
