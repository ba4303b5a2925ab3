/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file stage_fixture.h
 * @brief Run one trap (trap_text.h) through the stages, without a worker.
 */
#ifndef TK_STAGE_FIXTURE_H
#define TK_STAGE_FIXTURE_H

#include <jansson.h>

#include "stages/bundle.h"
#include "stages/stages_internal.h"

struct stage_fixture {
    struct tk_dict *dict;
    struct tk_bundle *bundle;
    struct tk_dedup *dedup;
    struct tk_alarm_states *alarms;
    struct tk_stage_state stages;
    struct tk_arena arena;
    struct tk_trap trap;
    struct tk_event ev;
    uint8_t bytes[TK_TRAP_MAX_BYTES];
};

/**
 * @brief Prepare a dictionary, a bundle and the stages. A failure in here fails the test.
 * @param facts      a dictionary as dictionary_facts.h reads it; NULL: the standard one
 * @param inventory  CSV text, or NULL
 * @param directive  such as "kafkaPublishCommunity yes", or NULL
 */
void stage_fixture_init(struct stage_fixture *f, const char *facts, const char *inventory, const char *directive);
/** @brief Exchange the rules for those of an operator's file, without the built-in ones. */
void stage_fixture_rules(struct stage_fixture *f, const char *json);
void stage_fixture_done(struct stage_fixture *f);

/** @brief Read the text into f->trap and begin f->ev; runs no stage. */
void stage_fixture_begin(struct stage_fixture *f, const char *line);
/** @brief Begin, and run decode alone. @returns its verdict */
enum tk_verdict stage_fixture_decode(struct stage_fixture *f, const char *line);
/** @brief Begin, and run all stages, each of which must pass the event. */
void stage_fixture_run(struct stage_fixture *f, const char *line);
/** @brief Run all stages, and encode the event. @returns it as JSON; the caller frees it */
json_t *stage_fixture_encode(struct stage_fixture *f, const char *line);

/** @brief The value at a path of @p json, such as "source.device" or "varbinds.0.value", as text. NULL: null */
const char *stage_fixture_at(const json_t *json, const char *path);

#endif /* TK_STAGE_FIXTURE_H */
