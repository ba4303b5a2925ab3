/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file replay.h
 * @brief The world that a scenario plays in: ring, worker, loader thread and a fake Kafka; time is the scenario's.
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
    struct tk_settings *settings; /* in force; NULL: nothing was loaded yet */
    struct tk_dict *dict;
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_stats stats;
    struct fake_kafka kafka;
    bool is_down;                   /* the fake Kafka gives everything back */
    size_t next_message[TK_TOPICS]; /* what came before it for that topic was checked */
    struct tk_mailbox mailbox;
    struct tk_worker *worker;
    struct tk_reload *reload;
    struct tk_time now;
    char logged[65536]; /* since the last CHECK_LOG, a line each */
};

/** @brief Name file and line, say why, and exit with 1. */
void replay_fail(const struct replay *r, const char *fmt, ...) __attribute__((format(printf, 2, 3), noreturn));

void replay_open(struct replay *r, const char *file);
void replay_close(struct replay *r);

/** @brief A directive for the next reload; without @p args it is taken back. */
void replay_conf(struct replay *r, const char *token, const char *args);
/** @brief What SIGHUP does: read the configuration again, load its files, wait until that is in force. */
void replay_reload(struct replay *r);
/** @brief A notification arrives, and the worker works on it. */
void replay_trap(struct replay *r, const char *line);
void replay_pass(struct replay *r, tk_nsec t);
/** @brief Steps until nothing is done any more; the books balance after each. */
void replay_work(struct replay *r);

/** @brief The next message that was delivered to that topic and not checked, or NULL. Of health records, one that was
 *         handed over: nobody reports what became of it. */
const struct fake_message *replay_next(struct replay *r, enum tk_topic topic);
/** @brief The counter "family" or "family.label". @returns false: there is none */
bool replay_stat(struct replay *r, const char *name, uint64_t *ret_value);
/** @brief Gather what was logged. */
const char *replay_logged(struct replay *r);

#endif /* TK_REPLAY_H */
