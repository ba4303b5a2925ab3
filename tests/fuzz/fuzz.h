/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz.h
 * @brief What the fuzz targets share: checks that abort, bytes to choose by, texts as files, and a worker without
 *        Kafka.
 *
 * Each target is a LLVMFuzzerTestOneInput() of its own; tests/fuzz/run builds and runs them.
 */
#ifndef TK_FUZZ_H
#define TK_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/stats.h"
#include "delivery/worker.h"

/** What must hold for any input. A sanitizer's finding and this look the same to libFuzzer. */
#define FUZZ_CHECK(condition) \
    do { \
        if (!(condition)) { \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* --- bytes to choose by ---------------------------------------------------------------------------------------- */

/** The input, eaten from the front; beyond its end there are zeros. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};

/** @brief The next byte. */
uint8_t fuzz_u8(struct fuzz_bytes *b);
/** @brief The next two or four, little endian. */
uint32_t fuzz_u16(struct fuzz_bytes *b);
uint32_t fuzz_u32(struct fuzz_bytes *b);

/* --- texts ----------------------------------------------------------------------------------------------------- */

/** @brief A terminated copy of exactly @p len + 1 bytes, so that a sanitizer sees who reads on; the caller's to free. */
char *fuzz_text(const void *bytes, size_t len);

/**
 * @brief A regular file with this content, that only its owner may read; one at a time.
 * @returns a path, valid until the next call
 */
const char *fuzz_file(const void *bytes, size_t len);

/** @brief An error that an operator reads: set, terminated, without control bytes. */
void fuzz_check_error(const struct tk_err *err);
/** @brief A whole JSON document: valid UTF-8, no member twice. */
void fuzz_check_json(const char *text, size_t len);

/* --- a worker between a ring and nothing ----------------------------------------------------------------------- */

#define FUZZ_MAX_IN_FLIGHT 4096

struct fuzz_world {
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_stats stats;
    struct tk_mailbox mailbox;
    struct tk_worker *worker;
    struct tk_time now;
    unsigned events; /* that were published since the last fuzz_world_run() began */
    uint64_t tickets[FUZZ_MAX_IN_FLIGHT];
    unsigned in_flight;
};

/** The standard dictionary; lives until the process ends. */
const struct tk_dict *fuzz_dict(void);

/**
 * @brief A worker with a bundle: the built-in rules, and these directives ("kafkaDedup off", ..., NULL).
 * @param inventory, circuits  CSV text, or NULL
 */
void fuzz_world_init(struct fuzz_world *w, const char *const *directives, const char *inventory, const char *circuits);

/** @brief Put these rules in force; they are the world's from now on. */
void fuzz_world_rules(struct fuzz_world *w, struct tk_rules *rules);

/** @brief A flat trap arrives; reading behind its end is a finding. Then fuzz_world_run(). */
void fuzz_world_body(struct fuzz_world *w, const uint8_t *body, size_t len);

/** @brief Step until all is done; each event is checked, and so are the books. Then an hour passes. */
void fuzz_world_run(struct fuzz_world *w);

/** @brief A linkDown with a varbind of each type, as a flat trap. @returns its length */
size_t fuzz_rich_trap(uint8_t *dst, size_t dst_bytes);

#endif /* TK_FUZZ_H */
