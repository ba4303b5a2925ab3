/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file worker_fixture.h
 * @brief A worker without its thread, between a ring and a fake Kafka; the test owns the time.
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
    struct tk_replies *replies;
    struct tk_stats stats;
    struct fake_kafka kafka;
    struct tk_mailbox mailbox;
    struct tk_worker *worker;
    const struct tk_dict *dict;
    struct tk_time now;
    char text[TK_LOG_LINE_BYTES]; /* what world_log() took */
};

/** @brief A worker that has no bundle yet; its queue has @p ring_bytes. */
void world_init(struct world *w, size_t ring_bytes);
/** @brief The same on a queue of the test's own (it is freed by world_done()); @p queue_failure may be NULL. */
void world_open(struct world *w, struct tk_ring *ring, const char *queue_failure);
/** @brief Ends what is there; not tk_worker_finish(). */
void world_done(struct world *w);

/** @brief The standard dictionary; made once, lives until the process ends. */
const struct tk_dict *world_dict(void);

/** @brief Settings with a broker, and the directives after it: "kafkaDedup 60", ..., NULL. */
struct tk_settings *world_settings(const char *const *directives);

/** @brief Send the worker a bundle: settings (which it takes), rules out of JSON or the built-in ones (NULL). */
void world_bundle(struct world *w, struct tk_settings *cf, const char *rules_json);
/** @brief The same with settings of a broker and one more directive, or NULL. */
void world_configure(struct world *w, const char *directive);

/** @brief A trap arrives, as trap_text.h writes it. @returns whether there was room */
bool world_trap(struct world *w, const char *line);
/** @brief Trap number @p n of one of three devices arrives; none repeats another. */
void world_number(struct world *w, unsigned n);
/** @brief An INFORM arrives; @p place waits for its answer. @returns its sequence number */
uint64_t world_inform(struct world *w, const char *line, uint32_t place);
/** @brief The next answer. @returns the place, negative when it is told that there will be none; 0: nothing was told */
int world_reply(struct world *w);
/** @brief Bytes arrive that may be anything. @returns whether there was room */
bool world_bytes(struct world *w, const void *bytes, size_t len);

/** @brief One step; the books must balance after it. @returns what the step returned */
bool world_step(struct world *w);
/** @brief Steps until nothing is done any more. */
void world_run(struct world *w);
/** @brief Time passes, without a step. */
void world_pass(struct world *w, tk_nsec t);

/** @brief A counter of the books. */
uint64_t world_stat(struct world *w, enum tk_stat stat);

/** @brief The next line of the log, or NULL. */
const char *world_log(struct world *w);
/** @brief Take lines of the log until one holds @p part. @returns whether there was one */
bool world_has_logged(struct world *w, const char *part);

/** @brief The ID of event @p n, and the sequence number in it. */
const char *world_id(const struct world *w, size_t n);
unsigned world_seq(const struct world *w, size_t n);
/** @brief The payload of any message as JSON; the caller's to free. */
json_t *world_json(const struct fake_message *m);
/** @brief The payload of event @p n as JSON; the caller's to free. An event that is none fails the test. */
json_t *world_event(struct world *w, size_t n);

#endif /* TK_WORKER_FIXTURE_H */
