/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/keep.h"

#include <stdlib.h>
#include <string.h>

#include "usm/clocks_keeper.h"
#include "usm/usm_internal.h"

/** A user that serves all engines: only these have learned engines. */
struct named {
    uint32_t id;
    const char *name;
};

static struct tk_clocks_keeper *keeper;
static struct named *named; /* in the order of their IDs; made when a turn first needs one */
static size_t named_count, named_room;
static bool is_named;
static bool is_failing; /* the file can't be written, and that was logged */

/* --- users ----------------------------------------------------------------------------------------------------- */

static void note_user(const struct tk_user *user)
{
    if (!user->serves_all)
        return;
    if (named_count == named_room) {
        size_t room = named_room ? 2 * named_room : 64;
        struct named *larger = realloc(named, room * sizeof(*larger));

        if (!larger)
            return; /* its engines are left out of the file this time */
        named = larger;
        named_room = room;
    }
    named[named_count++] = (struct named){user->id, user->key.name};
}

static int compare(const void *a, const void *b)
{
    uint32_t one = ((const struct named *)a)->id, other = ((const struct named *)b)->id;

    return one < other ? -1 : one > other;
}

static void list_users(void)
{
    named_count = 0;
    tk_users_each(note_user);
    if (named_count)
        qsort(named, named_count, sizeof(*named), compare);
    is_named = true;
}

static const char *user_name(uint32_t id)
{
    const struct named key = {id, NULL};
    const struct named *found;

    if (!is_named)
        list_users();
    found = named_count ? bsearch(&key, named, named_count, sizeof(*named), compare) : NULL;

    return found ? found->name : NULL;
}

static struct {
    void (*add)(void *arg, const struct tk_engine *e, const uint8_t *id, size_t id_len, const char *user);
    void *arg;
} other;

static void give_other(const struct tk_user *user)
{
    if (user->engine)
        other.add(other.arg, user->engine, user->key.engine, user->key.engine_len, user->key.name);
}

static void each_other(void (*add)(void *arg, const struct tk_engine *e, const uint8_t *id, size_t id_len,
                                   const char *user),
                       void *arg)
{
    other.add = add;
    other.arg = arg;
    tk_users_each(give_other);
}

static struct tk_clocks_source source(void)
{
    is_named = false; /* users may have changed since the last turn */
    return (struct tk_clocks_source){.engines = tk_usm.engines,
                                     .clocks = tk_usm.guard.clocks,
                                     .ttl = tk_usm.ttl,
                                     .user_name = user_name,
                                     .each_other = each_other};
}

/* --- the file -------------------------------------------------------------------------------------------------- */

/* @param ret  1: written, 0: nothing was to do, < 0: an error */
static void report(int ret)
{
    if (ret < 0 && !is_failing)
        snmp_log(LOG_WARNING,
                 "trapkafka: can't write '%s': %s; after a restart recorded traps of SNMPv3 engines could be sent "
                 "again, until each engine was heard; make its folder writable for snmptrapd's user\n",
                 tk_clocks_keeper_path(keeper), strerror(-ret));
    else if (ret > 0 && is_failing)
        snmp_log(LOG_WARNING, "trapkafka: '%s' is written again\n", tk_clocks_keeper_path(keeper));
    if (ret)
        is_failing = ret < 0;
}

void tk_keep_clocks(const char *path, unsigned max, const struct tk_time *now)
{
    char text[sizeof(struct tk_err)];
    struct tk_clocks_source from;
    struct tk_err err = {0};

    if (keeper || !tk_usm.engines)
        return;
    from = source();
    keeper = tk_clocks_keeper_new(path, &from, 2 * max, now, &err);
    if (err.is_set && keeper && tk_clocks_keeper_is_from_old(keeper))
        snmp_log(LOG_WARNING, "trapkafka: %s; the file before it, '%s.old', is used\n",
                 tk_err_format(&err, text, sizeof(text)), path);
    else if (err.is_set)
        snmp_log(LOG_ERR,
                 "trapkafka: %s; the file is not used, and written anew: until each SNMPv3 engine was heard, its "
                 "recorded traps could be sent again\n",
                 tk_err_format(&err, text, sizeof(text)));
}

void tk_keep_turn(const struct tk_time *now)
{
    struct tk_clocks_source from;

    if (!keeper || tk_usm.is_off)
        return;
    from = source();
    report(tk_clocks_keeper_turn(keeper, &from, now));
}

void tk_keep_finish(const struct tk_time *now)
{
    struct tk_clocks_source from;

    if (keeper && !tk_usm.is_off) {
        from = source();
        report(tk_clocks_keeper_finish(keeper, &from, now));
    }
    tk_clocks_keeper_free(keeper);
    free(named);
    keeper = NULL;
    named = NULL;
    named_count = named_room = 0;
}
