/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file worker_fixture.h
 * @brief Run a worker without its thread, between a ring and a fake Kafka; the test sets the time.
 */
#ifndef TK_WORKER_FIXTURE_H
#define TK_WORKER_FIXTURE_H

#include <jansson.h>

#include "base/log.h"
#include "base/stats.h"
#include "fake_sink.h"
#include "delivery/worker.h"

struct world {
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_inform_results *replies;
    struct tk_stats stats;
    struct fake_kafka kafka;
    struct tk_mailbox mailbox;
    struct tk_worker *worker;
    const struct tk_dict *dict;
    struct tk_time now;
    char text[TK_LOG_LINE_BYTES]; /* the line that world_log() returned last */
};

/** The service manager of the next worker; NULL: none. */
extern const struct tk_notify *world_notify;

/** @brief Make a worker that has no bundle yet, with a queue of @p ring_bytes. */
void world_init(struct world *w, size_t ring_bytes);
/** @brief The same with the test's own queue, which world_done() frees; @p queue_failure may be NULL. */
void world_open(struct world *w, struct tk_ring *ring, const char *queue_failure);
/** @brief Free everything. Does not call tk_worker_finish(). */
void world_done(struct world *w);

/** @brief The standard dictionary; made once, lives until the process ends. */
const struct tk_dict *world_dict(void);

/** @brief Settings with a broker and these directives: "kafkaDedup 60", ..., NULL. */
struct tk_settings *world_settings(const char *const *directives);

/** @brief Send the worker a bundle: settings @p cf (takes them) and rules from JSON, or the built-in ones (NULL). */
void world_bundle(struct world *w, struct tk_settings *cf, const char *rules_json);
/** @brief The same with settings that have a broker and one more directive, or none (NULL). */
void world_configure(struct world *w, const char *directive);

/** @brief Receive a trap, written as in trap_text.h. @returns whether the queue had room */
bool world_trap(struct world *w, const char *line);
/** @brief Receive trap number @p n, of one of three devices; no two are repeats. */
void world_number(struct world *w, unsigned n);
/** @brief Receive an INFORM; @p place waits for its answer. @returns its sequence number */
uint64_t world_inform(struct world *w, const char *line, uint32_t place);
/** @brief Take the next reply. @returns its place, negative if it is "not delivered"; 0: there is no reply */
int world_reply(struct world *w);
/** @brief Put any bytes into the queue as a record. @returns whether the queue had room */
bool world_bytes(struct world *w, const void *bytes, size_t len);

/** @brief Make one step, and check that the books balance after it. @returns what the step returned */
bool world_step(struct world *w);
/** @brief Make steps until a step has nothing to do. */
void world_run(struct world *w);
/** @brief Let time pass, without a step. */
void world_pass(struct world *w, tk_nsec t);

/** @brief The value of a counter. */
uint64_t world_stat(struct world *w, enum tk_stat stat);

/** @brief Take the next log line. @returns NULL when there is none */
const char *world_log(struct world *w);
/** @brief Take log lines until one contains @p part. @returns whether there was one */
bool world_has_logged(struct world *w, const char *part);

/** @brief The ID of event @p n, and the sequence number in it. */
const char *world_id(const struct world *w, size_t n);
unsigned world_seq(const struct world *w, size_t n);
/** @brief The payload of any message as JSON; the caller frees it. */
json_t *world_json(const struct fake_message *m);
/** @brief The payload of event @p n as JSON; the caller frees it. Fails the test if there is none. */
json_t *world_event(struct world *w, size_t n);

#endif /* TK_WORKER_FIXTURE_H */
