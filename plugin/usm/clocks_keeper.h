/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file clocks_keeper.h
 * @brief Keep the file of the engines whose clock has moved (clocks_file.h) up to date.
 *
 * It is written when another engine's clock has moved, at most every 30 s, and once an hour because of the moments in
 * which engines were heard; and at an orderly stop. Writing goes in turns of 4096 engines, so that it never stalls
 * reception. What was seen in the 30 s before a crash is lost. Because of that hour an engine is remembered for an hour
 * longer than the TTL of kafkaEngines.
 *
 * Owner: snmptrapd's thread.
 */
#ifndef TK_CLOCKS_KEEPER_H
#define TK_CLOCKS_KEEPER_H

#include "base/clock.h"
#include "base/err.h"
#include "usm/clocks.h"
#include "usm/engines.h"

/** What is written, besides the clocks that are only remembered. */
struct tk_clocks_source {
    struct tk_engines *engines;
    struct tk_clocks *clocks;
    tk_nsec ttl; /* of kafkaEngines */
    /** @returns the name of the user with this ID; NULL: there is none any more */
    const char *(*user_name)(uint32_t user_id);
    /** Call @p add for each engine that is not in `engines`; NULL: there are none. */
    void (*each_other)(void (*add)(void *arg, const struct tk_engine *e, const uint8_t *id, size_t id_len,
                                   const char *user),
                       void *arg);
};

struct tk_clocks_keeper;

/** @brief Read the file. @param max  as for tk_clocks_file_read() @param err  set if the file was refused
 *  @returns NULL when out of memory @locality snmptrapd @locks none */
struct tk_clocks_keeper *tk_clocks_keeper_new(const char *path, const struct tk_clocks_source *from, uint32_t max,
                                              const struct tk_time *now, struct tk_err *err);
/** @brief Free without writing. NULL is a no-op. @locality snmptrapd @locks none */
void tk_clocks_keeper_free(struct tk_clocks_keeper *k);

/** @brief Take one turn of writing, if the file is due. Call it once a second.
 *  @retval 1  the file was written: this turn was the last
 *  @retval 0  it is not due, or not complete yet
 *  @retval -errno  it can't be written; tried again when it is due next
 *  @locality snmptrapd @locks none */
int tk_clocks_keeper_turn(struct tk_clocks_keeper *k, const struct tk_clocks_source *from, const struct tk_time *now);
/** @brief Write all now, and wait for the disk. @retval 1 / -errno @locality snmptrapd @locks none */
int tk_clocks_keeper_finish(struct tk_clocks_keeper *k, const struct tk_clocks_source *from, const struct tk_time *now);

/** @returns whether the file was damaged, and the one before it, PATH.old, was read @locality snmptrapd @locks none */
bool tk_clocks_keeper_is_from_old(const struct tk_clocks_keeper *k);
/** @returns the file's path @locality snmptrapd @locks none */
const char *tk_clocks_keeper_path(const struct tk_clocks_keeper *k);

#endif /* TK_CLOCKS_KEEPER_H */
