/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay.h
 * @brief Run the module without snmptrapd and Kafka: ring, worker, loader thread, a fake sink and a simulated clock.
 */
#ifndef TK_REPLAY_H
#define TK_REPLAY_H

#include <jansson.h>

#include "base/log.h"
#include "base/stats.h"
#include "fake_sink.h"
#include "reload/reload.h"
#include "delivery/worker.h"

#define REPLAY_CONF_MAX 32

struct replay {
    const char *file;
    unsigned line;
    char folder[256]; /* inline files; removed at the end */
    struct {
        char token[64], args[512];
    } conf[REPLAY_CONF_MAX];
    size_t conf_count;
    struct tk_settings *settings; /* in force; NULL: there was no RELOAD */
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_stats stats;
    struct fake_kafka kafka;
    bool is_down;                   /* the fake sink returns all messages */
    size_t next_message[TK_TOPICS]; /* the first message of the topic that was not checked */
    struct tk_mailbox mailbox;
    struct tk_worker *worker;
    struct tk_reload *reload;
    struct tk_time now;
    char logged[65536]; /* lines logged since the last CHECK_LOG or CHECK_NOT_LOGGED */
};

/** @brief Print file, line and the reason, and exit with status 1. */
void replay_fail(const struct replay *r, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

void replay_open(struct replay *r, const char *file);
void replay_close(struct replay *r);

/** @brief Set a directive for the next reload; without @p args remove it. */
void replay_conf(struct replay *r, const char *token, const char *args);
/** @brief Do what SIGHUP does: read the configuration again, load its files, wait until they are in force. */
void replay_reload(struct replay *r);
/** @brief Put a notification into the ring, and run the worker. */
void replay_trap(struct replay *r, const char *line);
void replay_pass(struct replay *r, tk_nsec t);
/** @brief Step the worker until it has nothing to do; fail if the books don't balance after a step. */
void replay_work(struct replay *r);

/** @brief The next delivered message of a topic that was not checked, or NULL. A health record need not be delivered,
 *         because the sink does not report the delivery of health records. */
const struct fake_message *replay_next(struct replay *r, enum tk_topic topic);
/** @brief Read the counter "family" or "family.label". @returns false: there is no such counter */
bool replay_stat(struct replay *r, const char *name, uint64_t *ret_value);
/** @brief Add new log lines to r->logged. @returns r->logged */
const char *replay_logged(struct replay *r);

#endif /* TK_REPLAY_H */
