/* SPDX-License-Identifier: Apache-2.0 */
/* The file of the engines whose clock has moved: written in turns, read back, and refused when anything is wrong with it. */
#include "usm/clocks_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "usm/clocks_keeper.h"

#define TTL  (1000 * TK_SECOND)
#define HOUR (3600 * TK_SECOND)       /* after so long the file is written although no clock moved */
#define WALL (1700000000 * TK_SECOND) /* at monotonic time 0 */

static char folder[64], path[96], old[104];

static int make_folder(void **state)
{
    const char *base = getenv("TMPDIR");

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%.40s/clocksXXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/clocks", folder);
    (void)snprintf(old, sizeof(old), "%s.old", path);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    (void)unlink(old);
    return rmdir(folder); /* nothing else is left in it */
}

static struct tk_time at(tk_nsec mono)
{
    return (struct tk_time){.mono = mono, .wall = WALL + mono};
}

/* --- the file -------------------------------------------------------------------------------------------------- */

static void write_file(uint64_t seed, uint32_t engines)
{
    struct tk_clocks_pass *p = tk_clocks_pass_new(path, seed);

    assert_non_null(p);
    for (uint32_t i = 1; i <= engines; i++)
        tk_clocks_pass_add(p, i * 1000003ull, i);
    assert_int_equal(tk_clocks_pass_end(p, true), 0);
}

static int read_file(struct tk_clocks *t, uint32_t max, struct tk_err *err)
{
    tk_err_clear(err);
    return tk_clocks_file_read(t, path, max, err);
}

static uint32_t heard_of(const struct tk_clocks *t, uint64_t wanted)
{
    uint32_t heard;
    uint64_t key;

    for (uint32_t i = 1; tk_clocks_at(t, i, &key, &heard); i++)
        if (key == wanted)
            return heard;
    return 0;
}

static void test_what_is_written_is_read(void **state)
{
    static const uint32_t counts[] = {0, 1, 1364, 1365, 1366, 10000};
    struct tk_clocks *t = tk_clocks_new();
    struct tk_err err = {0};

    (void)state;
    assert_non_null(t);
    assert_int_equal(read_file(t, 10, &err), 0); /* there is none */
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        write_file(77 + i, counts[i]);
        assert_int_equal(read_file(t, 20000, &err), 0);
        assert_int_equal(tk_clocks_count(t), counts[i]);
        assert_int_equal(tk_clocks_seed(t), 77 + i);
        for (uint32_t k = 1; k <= counts[i]; k += 97)
            assert_int_equal(heard_of(t, k * 1000003ull), k);
    }
    assert_int_equal(read_file(t, 100, &err), 0);
    assert_int_equal(tk_clocks_count(t), 100);
    tk_clocks_free(t);
}

static void refused(struct tk_clocks *t, const char *reason)
{
    struct tk_err err = {0};
    char text[sizeof(struct tk_err)];

    assert_true(read_file(t, 100, &err) < 0);
    assert_int_equal(tk_clocks_count(t), 0);
    assert_string_equal(err.file, path);
    if (!strstr(tk_err_format(&err, text, sizeof(text)), reason))
        fail_msg("'%s' is not in '%s'", reason, text);
}

static void put(const uint8_t *bytes, size_t len)
{
    FILE *f;

    (void)unlink(path);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

/* Each way to cut it, each bit that can flip, and bytes behind its end. */
static void test_damage(void **state)
{
    struct tk_clocks *t = tk_clocks_new();
    uint8_t bytes[256];
    size_t len;
    FILE *f;

    (void)state;
    assert_non_null(t);
    write_file(5, 4);
    f = fopen(path, "r");
    assert_non_null(f);
    len = fread(bytes, 1, sizeof(bytes), f);
    (void)fclose(f);
    assert_int_equal(len, 16 + 4 * 12 + 8);
    for (size_t cut = 0; cut < len; cut++) {
        put(bytes, cut);
        refused(t, "it is ");
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        put(bytes, len);
        refused(t, bit < 64 ? "version" : "checksum");
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(bytes + len, 0, 12);
    put(bytes, len + 12);
    refused(t, "checksum");
    put(bytes, len);
    assert_int_equal(read_file(t, 100, &(struct tk_err){0}), 0);
    tk_clocks_free(t);
}

/* A power failure may leave a new file cut anywhere: then the one before it is read. */
static void test_old_file(void **state)
{
    struct tk_clocks *t = tk_clocks_new();
    struct tk_err err = {0};

    (void)state;
    assert_non_null(t);
    write_file(5, 4);
    write_file(6, 3);
    assert_int_equal(read_file(t, 100, &err), 0);
    assert_int_equal(tk_clocks_seed(t), 6);
    for (off_t len = 16 + 3 * 12 + 8 - 1; len >= 0; len--) {
        assert_int_equal(truncate(path, len), 0);
        assert_int_equal(read_file(t, 100, &err), 1);
        assert_true(err.is_set);
        assert_string_equal(err.file, path);
        assert_int_equal(tk_clocks_seed(t), 5);
        assert_int_equal(tk_clocks_count(t), 4);
    }
    assert_int_equal(truncate(old, 10), 0);
    refused(t, "it is cut");
    write_file(7, 2); /* is no worse for what is there */
    assert_int_equal(read_file(t, 100, &err), 0);
    assert_int_equal(tk_clocks_count(t), 2);
    assert_int_equal(unlink(path), 0); /* who deletes the file wants to forget */
    write_file(8, 1);
    assert_int_equal(truncate(path, 0), 0);
    refused(t, "it is cut");
    tk_clocks_free(t);
}

static void test_what_is_no_file_of_ours(void **state)
{
    struct tk_clocks *t = tk_clocks_new();
    char other[128];

    (void)state;
    assert_non_null(t);
    write_file(5, 4);
    assert_int_equal(chmod(path, 0660), 0);
    refused(t, "other users may write it");
    (void)snprintf(other, sizeof(other), "%s.other", path);
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    refused(t, "symbolic link");
    (void)unlink(path);
    (void)unlink(other);
    assert_int_equal(mkfifo(path, 0600), 0);
    refused(t, "not a regular file"); /* and opening it does not block */
    (void)unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    refused(t, "not a regular file");
    (void)rmdir(path);
    (void)snprintf(other, sizeof(other), "%s.new", path); /* something is in the way: it is removed */
    assert_int_equal(mkfifo(other, 0600), 0);
    write_file(5, 4);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_null(tk_clocks_pass_new(path, 1));
    (void)rmdir(other);
    tk_clocks_pass_cancel(tk_clocks_pass_new(path, 1));
    assert_int_equal(access(other, F_OK), -1);
    assert_int_equal(read_file(t, 100, &(struct tk_err){0}), 0); /* the old one is still there */
    assert_int_equal(tk_clocks_count(t), 4);
    tk_clocks_free(t);
}

/* --- when it is written ---------------------------------------------------------------------------------------- */

static const char *user_name(uint32_t id)
{
    return id == 1 ? "noc" : id == 2 ? "other" : NULL; /* 3: removed meanwhile */
}

static struct tk_engine explicit_engine = {.has_moved = 1};

static void each_other(void (*add)(void *arg, const struct tk_engine *e, const uint8_t *id, size_t id_len,
                                   const char *user),
                       void *arg)
{
    add(arg, &explicit_engine, (const uint8_t *)"explicit", 8, "noc");
}

static struct tk_clocks_source new_source(void)
{
    struct tk_clocks_source from = {.engines = tk_engines_new(),
                                    .clocks = tk_clocks_new(),
                                    .ttl = TTL,
                                    .user_name = user_name,
                                    .each_other = each_other};

    assert_true(from.engines && from.clocks);
    tk_engines_limit(from.engines, 100000, TTL, 0);
    return from;
}

static void free_source(struct tk_clocks_source *from)
{
    tk_engines_free(from->engines);
    tk_clocks_free(from->clocks);
}

static bool recalls(const struct tk_clocks_source *from, uint32_t name, const char *user)
{
    return tk_clocks_recall(from->clocks, (const uint8_t *)&name, sizeof(name), user);
}

static struct tk_clocks_keeper *keeper(const struct tk_clocks_source *from, tk_nsec now)
{
    struct tk_time time = at(now);
    struct tk_err err = {0};
    struct tk_clocks_keeper *k = tk_clocks_keeper_new(path, from, 100000, &time, &err);

    assert_non_null(k);
    assert_false(err.is_set);
    return k;
}

/* @returns how often the file was written */
static unsigned turns(struct tk_clocks_keeper *k, const struct tk_clocks_source *from, tk_nsec since, unsigned seconds)
{
    unsigned written = 0;

    for (unsigned i = 0; i < seconds; i++) {
        struct tk_time now = at(since + i * TK_SECOND);
        int ret = tk_clocks_keeper_turn(k, from, &now);

        assert_in_range(ret, 0, 1);
        written += (unsigned)ret;
    }
    return written;
}

static void test_turns(void **state)
{
    enum { ENGINES = 20000 };
    struct tk_clocks_source from = new_source(), later;
    struct tk_clocks_keeper *k = keeper(&from, 0), *again;
    struct tk_time now = at(100 * TK_SECOND);

    (void)state;
    for (uint32_t i = 0; i < ENGINES; i++)
        tk_engines_add(from.engines, (const uint8_t *)&i, sizeof(i), 1 + i % 3, 0)->has_moved = i % 2;
    assert_int_equal(turns(k, &from, 0, 60), 0);
    assert_int_equal(access(path, F_OK), -1); /* nothing has changed */
    tk_clocks_moved(from.clocks);
    assert_int_equal(turns(k, &from, 60 * TK_SECOND, 2), 0);
    assert_int_equal(access(path, F_OK), -1); /* it takes some turns */
    assert_int_equal(turns(k, &from, 62 * TK_SECOND, 10), 1);
    later = new_source();
    again = keeper(&later, 80 * TK_SECOND);
    for (uint32_t i = 0; i < ENGINES; i++)
        assert_true(recalls(&later, i, user_name(1 + i % 3) ? user_name(1 + i % 3) : "third") == (i % 2 && i % 3 != 2));
    assert_false(recalls(&later, 1, "other")); /* each once */
    assert_true(tk_clocks_recall(later.clocks, (const uint8_t *)"explicit", 8, "noc"));
    /* What was remembered and not heard yet is in the next file too; the end of the TTL ends it. */
    tk_clocks_keeper_free(again);
    again = keeper(&later, 90 * TK_SECOND);
    assert_int_equal(tk_clocks_keeper_finish(again, &later, &now), 1);
    tk_clocks_keeper_free(again);
    again = keeper(&later, 100 * TK_SECOND);
    assert_true(recalls(&later, 1, "other"));
    (void)turns(again, &later, TTL + HOUR, 1); /* heard at 0 */
    assert_true(recalls(&later, 3, "noc"));
    (void)turns(again, &later, TTL + HOUR + TK_SECOND, 1);
    assert_false(recalls(&later, 9, "noc"));
    tk_clocks_keeper_free(again);
    tk_clocks_keeper_free(k);
    tk_clocks_keeper_free(NULL);
    free_source(&from);
    free_source(&later);
}

/* Whenever snmptrapd crashes: an engine that is heard again and again is known after it, however short the TTL is. */
static void test_crash(void **state)
{
    static const uint8_t id[] = "heard";

    (void)state;
    for (unsigned crash = 100; crash < 9000; crash += 700) {
        struct tk_clocks_source from = new_source(), later = new_source();
        struct tk_clocks_keeper *k = keeper(&from, 0);
        struct tk_engine *e = tk_engines_add(from.engines, id, sizeof(id), 1, 0);

        e->has_moved = 1;
        tk_clocks_moved(from.clocks);
        for (unsigned second = 0; second < crash; second++) {
            tk_engines_heard(from.engines, e, second * TK_SECOND);
            (void)turns(k, &from, second * TK_SECOND, 1);
        }
        tk_clocks_keeper_free(k);
        k = keeper(&later, crash * TK_SECOND);
        assert_true(tk_clocks_recall(later.clocks, id, sizeof(id), "noc"));
        tk_clocks_keeper_free(k);
        free_source(&from);
        free_source(&later);
        assert_int_equal(unlink(path), 0);
    }
}

/* A folder that can't be written is told each time, and a later turn tries again. */
static void test_no_folder(void **state)
{
    struct tk_clocks_source from = new_source();
    struct tk_clocks_keeper *k = keeper(&from, 0);
    struct tk_time now = at(60 * TK_SECOND);

    (void)state;
    (void)unlink(path);
    (void)unlink(old);
    assert_int_equal(rmdir(folder), 0);
    tk_clocks_moved(from.clocks);
    assert_int_equal(tk_clocks_keeper_turn(k, &from, &now), -ENOENT);
    assert_int_equal(turns(k, &from, now.mono, 30), 0); /* not tried: this is no success */
    now = at(90 * TK_SECOND);
    assert_int_equal(tk_clocks_keeper_turn(k, &from, &now), -ENOENT);
    assert_int_equal(tk_clocks_keeper_finish(k, &from, &now), -ENOENT);
    assert_int_equal(mkdir(folder, 0700), 0);
    now = at(150 * TK_SECOND);
    assert_int_equal(tk_clocks_keeper_turn(k, &from, &now), 0);
    assert_int_equal(turns(k, &from, 151 * TK_SECOND, 3), 1);
    assert_int_equal(access(path, F_OK), 0);
    tk_clocks_keeper_free(k);
    free_source(&from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_written_is_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_damage, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_old_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_is_no_file_of_ours, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_turns, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_crash, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_no_folder, make_folder, remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
