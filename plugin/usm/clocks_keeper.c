/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/clocks_keeper.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "usm/clocks_file.h"

#define ENGINES_A_TURN 4096u
#define AFTER_CHANGE   (30 * TK_SECOND)
#define AFTER_ALL      (3600 * TK_SECOND)

struct tk_clocks_keeper {
    char *path;
    bool is_from_old;            /* PATH was damaged, PATH.old was read */
    struct tk_clocks_pass *pass; /* NULL: the file is not being written */
    bool is_remembered_done;     /* the clocks that are only remembered are written first: one that is recalled
                                  * meanwhile is among the engines then */
    uint32_t next;               /* which is to be written next */
    uint64_t written, writing;   /* tk_clocks_changes() that the file has; that it will have */
    tk_nsec began;               /* CLOCK_MONOTONIC, of the last pass */
};

/** One turn. */
struct turn {
    struct tk_clocks_pass *pass;
    const struct tk_clocks_source *from;
    const struct tk_time *now;
};

static uint32_t seconds_of(tk_nsec wall)
{
    return wall < 0 ? 0 : wall / TK_SECOND > UINT32_MAX ? UINT32_MAX : (uint32_t)(wall / TK_SECOND);
}

static void add(const struct turn *t, const uint8_t *id, size_t id_len, const char *user, tk_nsec heard)
{
    tk_clocks_pass_add(t->pass, tk_clocks_key(t->from->clocks, id, id_len, user),
                       seconds_of(t->now->wall - (t->now->mono - heard)));
}

static void add_other(void *arg, const struct tk_engine *e, const uint8_t *id, size_t id_len, const char *user)
{
    const struct turn *t = arg;

    if (e->has_moved)
        add(t, id, id_len, user, t->now->mono);
}

/* @returns false: there are no more */
static bool add_remembered(struct turn *t, uint32_t number)
{
    uint32_t heard;
    uint64_t key;

    if (!tk_clocks_at(t->from->clocks, number, &key, &heard))
        return false;
    if (heard)
        tk_clocks_pass_add(t->pass, key, heard);
    return true;
}

/* @returns false: there are no more */
static bool add_engine(struct turn *t, uint32_t number)
{
    const struct tk_engine *e;
    const char *user;

    if (!tk_engines_at(t->from->engines, number, &e))
        return false;
    user = e && e->has_moved ? t->from->user_name(e->user_id) : NULL;
    if (user)
        add(t, e->id, e->id_len, user, e->heard);
    return true;
}

/* Write the next ones. @returns whether all are written */
static bool add_some(struct tk_clocks_keeper *k, struct turn *t, uint32_t count)
{
    for (; count; count--) {
        if (k->is_remembered_done ? add_engine(t, k->next) : add_remembered(t, k->next)) {
            k->next++;
        } else if (!k->is_remembered_done) {
            k->is_remembered_done = true;
            k->next = 1;
        } else {
            if (t->from->each_other)
                t->from->each_other(add_other, t);
            return true;
        }
    }
    return false;
}

static int begin(struct tk_clocks_keeper *k, const struct tk_clocks_source *from, const struct tk_time *now)
{
    k->began = now->mono;
    k->writing = tk_clocks_changes(from->clocks);
    k->pass = tk_clocks_pass_new(k->path, tk_clocks_seed(from->clocks));
    k->is_remembered_done = false;
    k->next = 1;
    return k->pass ? 0 : -errno;
}

/* @returns 1: written, or -errno */
static int end(struct tk_clocks_keeper *k, bool is_synced)
{
    int ret = tk_clocks_pass_end(k->pass, is_synced);

    k->pass = NULL;
    if (ret < 0)
        return ret;
    k->written = k->writing;
    return 1;
}

static bool is_due(const struct tk_clocks_keeper *k, const struct tk_clocks_source *from, tk_nsec now)
{
    return now - k->began >= (tk_clocks_changes(from->clocks) != k->written ? AFTER_CHANGE : AFTER_ALL);
}

/* The file tells when an engine was heard before the last pass, which may be an hour ago: after a crash one that was heard
 * since must not be taken for one that was not. */
static void expire(const struct tk_clocks_source *from, const struct tk_time *now)
{
    tk_clocks_expire(from->clocks, seconds_of(now->wall - from->ttl - AFTER_ALL));
}

struct tk_clocks_keeper *tk_clocks_keeper_new(const char *path, const struct tk_clocks_source *from, uint32_t max,
                                              const struct tk_time *now, struct tk_err *err)
{
    struct tk_clocks_keeper *k = calloc(1, sizeof(*k));

    if (!k || !(k->path = strdup(path))) {
        free(k);
        return NULL;
    }
    k->began = now->mono;
    k->is_from_old = tk_clocks_file_read(from->clocks, path, max, err) == 1;
    expire(from, now);
    return k;
}

void tk_clocks_keeper_free(struct tk_clocks_keeper *k)
{
    if (!k)
        return;
    tk_clocks_pass_cancel(k->pass);
    free(k->path);
    free(k);
}

int tk_clocks_keeper_turn(struct tk_clocks_keeper *k, const struct tk_clocks_source *from, const struct tk_time *now)
{
    struct turn t = {.from = from, .now = now};

    expire(from, now);
    if (!k->pass)
        return is_due(k, from, now->mono) ? begin(k, from, now) : 0;
    t.pass = k->pass;
    return add_some(k, &t, ENGINES_A_TURN) ? end(k, false) : 0;
}

int tk_clocks_keeper_finish(struct tk_clocks_keeper *k, const struct tk_clocks_source *from, const struct tk_time *now)
{
    struct turn t = {.from = from, .now = now};
    int ret;

    tk_clocks_pass_cancel(k->pass);
    k->pass = NULL;
    expire(from, now);
    ret = begin(k, from, now);
    if (ret < 0)
        return ret;
    t.pass = k->pass;
    (void)add_some(k, &t, UINT32_MAX);
    return end(k, true);
}

bool tk_clocks_keeper_is_from_old(const struct tk_clocks_keeper *k)
{
    return k->is_from_old;
}

const char *tk_clocks_keeper_path(const struct tk_clocks_keeper *k)
{
    return k->path;
}
