/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz.h
 * @brief Helpers for the fuzz targets: checks that abort, a reader of the input, input as a file, a worker without
 *        Kafka.
 *
 * Each target has its own LLVMFuzzerTestOneInput(); tests/fuzz/run builds and runs them.
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

/** Abort unless the condition holds; libFuzzer reports that like a sanitizer's finding. */
#define FUZZ_CHECK(condition) \
    do { \
        if (!(condition)) { \
            (void)fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* --- a reader of the input ------------------------------------------------------------------------------------- */

/** The input, read from the front; after its end all bytes are zero. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};

/** @brief Read the next byte. */
uint8_t fuzz_u8(struct fuzz_bytes *b);
/** @brief Read the next two or four bytes, little endian. */
uint32_t fuzz_u16(struct fuzz_bytes *b);
uint32_t fuzz_u32(struct fuzz_bytes *b);

/* --- texts ----------------------------------------------------------------------------------------------------- */

/** @brief A terminated copy of exactly @p len + 1 bytes, so that a sanitizer finds a read after it. The caller frees. */
char *fuzz_text(const void *bytes, size_t len);

/**
 * @brief Write a file with this content that only its owner may read; one at a time.
 * @returns a path, valid until the next call
 */
const char *fuzz_file(const void *bytes, size_t len);

/** @brief Check an error for operators: it is set, terminated, and has no control bytes. */
void fuzz_check_error(const struct tk_err *err);
/** @brief Check that the text is one JSON document: valid UTF-8, no member twice. */
void fuzz_check_json(const char *text, size_t len);

/* --- a worker with a ring and a sink that only checks ---------------------------------------------------------- */

#define FUZZ_MAX_IN_FLIGHT 4096

struct fuzz_world {
    struct tk_ring *ring;
    struct tk_log *log;
    struct tk_stats stats;
    struct tk_mailbox mailbox;
    struct tk_worker *worker;
    struct tk_time now;
    unsigned events; /* how many were published since the last fuzz_world_run() began */
    uint64_t tickets[FUZZ_MAX_IN_FLIGHT];
    unsigned in_flight;
};

/** The standard dictionary; valid until the process ends. */
const struct tk_dict *fuzz_dict(void);

/**
 * @brief Make a worker with a bundle of the built-in rules and these directives ("kafkaDedup off", ..., NULL).
 * @param inventory, circuits  CSV text, or NULL
 */
void fuzz_world_init(struct fuzz_world *w, const char *const *directives, const char *inventory, const char *circuits);

/** @brief Put these rules in force; the world takes them. */
void fuzz_world_rules(struct fuzz_world *w, struct tk_rules *rules);

/** @brief Put a flat trap into the ring, where reading after its end is a finding; then fuzz_world_run(). */
void fuzz_world_body(struct fuzz_world *w, const uint8_t *body, size_t len);

/** @brief Step the worker until it has nothing to do; check each event and the books. Then let an hour pass. */
void fuzz_world_run(struct fuzz_world *w);

/** @brief Write a linkDown with a varbind of each type, as a flat trap. @returns its length */
size_t fuzz_rich_trap(uint8_t *dst, size_t dst_bytes);

#endif /* TK_FUZZ_H */
