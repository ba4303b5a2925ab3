/* SPDX-License-Identifier: Apache-2.0 */
/* What happens at the bound, in growth, with hashes that are all the same, when memory is out, at the end of a secret table,
 * and at a mistake of the caller. Random histories are in test_aged_hash_model.c. */
#include "base/aged_hash.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct entry {
    struct tk_aged aged;
    struct tk_age_link by_age, by_turn;
    uint32_t name, value;
    uint8_t more[12];
};

static bool is_same(const void *entry, const void *key)
{
    return ((const struct entry *)entry)->name == *(const uint32_t *)key;
}

/* --- allocations that fail ------------------------------------------------------------------------------------- */

void *__real_calloc(size_t n, size_t bytes);
void *__wrap_calloc(size_t n, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
int __real_munmap(void *at, size_t bytes);
int __wrap_munmap(void *at, size_t bytes);

static int allocations_left = -1; /* -1: none fails */
static unsigned allocations;

static bool may_allocate(void)
{
    allocations++;
    if (allocations_left < 0)
        return true;
    return allocations_left && allocations_left--;
}

void *__wrap_calloc(size_t n, size_t bytes)
{
    return may_allocate() ? __real_calloc(n, bytes) : NULL;
}
void *__wrap_realloc(void *p, size_t bytes)
{
    return may_allocate() ? __real_realloc(p, bytes) : NULL;
}
void *__wrap_malloc(size_t bytes)
{
    return may_allocate() ? __real_malloc(bytes) : NULL;
}

static size_t secret_bytes, left_bytes; /* that were given back, and of those not zero */

int __wrap_munmap(void *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        left_bytes += ((const uint8_t *)at)[i] != 0;
    secret_bytes += bytes;
    return __real_munmap(at, bytes);
}

/* --- the bound ------------------------------------------------------------------------------------------------- */

static void test_bound_of_fixed(void **state)
{
    (void)state;
    for (uint32_t max = 1; max <= 33; max++) {
        struct tk_aged_hash t;
        unsigned before;
        size_t bytes;

        assert_true(tk_aged_hash_init_fixed(&t, sizeof(struct entry), max));
        before = allocations;
        bytes = tk_aged_hash_bytes(&t);
        for (uint32_t i = 1; i <= max; i++) {
            assert_false(tk_aged_hash_is_full(&t));
            assert_int_equal(tk_aged_hash_add(&t, i * 7), i);
        }
        assert_true(tk_aged_hash_is_full(&t));
        assert_int_equal(tk_aged_hash_add(&t, 1), 0);
        for (uint32_t i = 1; i <= max; i++) { /* room for one is room for one */
            tk_aged_hash_remove(&t, i);
            assert_int_equal(t.count, max - 1);
            assert_int_equal(tk_aged_hash_add(&t, i * 11), i);
            assert_int_equal(tk_aged_hash_add(&t, 1), 0);
        }
        assert_int_equal(t.count, max);
        assert_int_equal(allocations, before);
        assert_int_equal(tk_aged_hash_bytes(&t), bytes);
        tk_aged_hash_done(&t);
        tk_aged_hash_done(&t);
    }
}

/* While the bound is far, no pointer changes; at the bound no memory is taken. */
static void test_growth(void **state)
{
    enum { COUNT = 30000 };
    struct entry **at = calloc(COUNT + 1, sizeof(*at));
    struct tk_aged_hash t;
    size_t bytes;

    (void)state;
    assert_non_null(at);
    assert_true(tk_aged_hash_init_growing(&t, sizeof(struct entry), true));
    assert_true(tk_aged_hash_bytes(&t) < 20 * 1024);
    tk_aged_hash_limit(&t, COUNT);
    for (uint32_t i = 1; i <= COUNT; i++) {
        assert_int_equal(tk_aged_hash_add(&t, i * 0x9e3779b9), i);
        at[i] = tk_aged_hash_at(&t, i);
        at[i]->name = i;
    }
    assert_int_equal(tk_aged_hash_add(&t, 0), 0);
    assert_true(t.bucket_count >= COUNT);
    for (uint32_t i = 1; i <= COUNT; i++) {
        assert_ptr_equal(tk_aged_hash_at(&t, i), at[i]);
        assert_int_equal(tk_aged_hash_find(&t, i * 0x9e3779b9, is_same, &i), i);
    }
    bytes = tk_aged_hash_bytes(&t);
    assert_true(bytes / COUNT <= sizeof(struct entry) + 6);
    for (uint32_t i = 1; i <= COUNT; i++) {
        tk_aged_hash_remove(&t, i);
        assert_int_equal(tk_aged_hash_add(&t, i), i);
        assert_int_equal(at[i]->name, 0);
    }
    assert_int_equal(tk_aged_hash_bytes(&t), bytes);
    free(at);
    tk_aged_hash_done(&t);
}

/* The worst that a caller without a seed can have done to it: every entry in one bucket. */
static void test_one_hash_for_all(void **state)
{
    enum { COUNT = 3000 };

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct tk_aged_hash t;

        if (kind == 0)
            assert_true(tk_aged_hash_init_fixed(&t, sizeof(struct entry), COUNT));
        else
            assert_true(tk_aged_hash_init_growing(&t, sizeof(struct entry), false));
        for (uint32_t i = 1; i <= COUNT; i++)
            ((struct entry *)tk_aged_hash_at(&t, tk_aged_hash_add(&t, 0xffffffff)))->name = i;
        for (uint32_t i = 1; i <= COUNT; i += 2)
            tk_aged_hash_remove(&t, tk_aged_hash_find(&t, 0xffffffff, is_same, &i));
        for (uint32_t i = 1; i <= COUNT; i++)
            assert_int_equal(tk_aged_hash_find(&t, 0xffffffff, is_same, &i), i % 2 ? 0 : i);
        assert_int_equal(t.count, COUNT / 2);
        tk_aged_hash_done(&t);
    }
}

/* Of those in its bucket, is_same() is asked about entries with this very hash only: dedup keeps the rest of its keys. */
static bool is_any(const void *entry, const void *key)
{
    (void)entry, (void)key;
    return true;
}

static void test_whole_hash_is_compared(void **state)
{
    struct tk_aged_hash t;

    (void)state;
    assert_true(tk_aged_hash_init_fixed(&t, sizeof(struct entry), 4));
    assert_int_equal(tk_aged_hash_add(&t, 0x10001), 1);
    assert_int_equal(tk_aged_hash_add(&t, 0x80010001), 2);
    assert_int_equal(tk_aged_hash_add(&t, 0x20001), 3);
    assert_int_equal(tk_aged_hash_find(&t, 0x10001, is_any, NULL), 1);
    assert_int_equal(tk_aged_hash_find(&t, 0x80010001, is_any, NULL), 2);
    assert_int_equal(tk_aged_hash_find(&t, 0x20001, is_any, NULL), 3);
    assert_int_equal(tk_aged_hash_find(&t, 1, is_any, NULL), 0);
    tk_aged_hash_done(&t);
}

static void test_secrets_are_wiped_at_the_end(void **state)
{
    enum { COUNT = 1024 + 511 }; /* the second block is half used */
    struct tk_aged_hash t;

    (void)state;
    assert_true(tk_aged_hash_init_growing(&t, sizeof(struct entry), true));
    for (uint32_t i = 1; i <= COUNT; i++) {
        struct entry *e = tk_aged_hash_at(&t, tk_aged_hash_add(&t, i));

        memset(e->more, 0xa5, sizeof(e->more));
    }
    secret_bytes = left_bytes = 0;
    tk_aged_hash_done(&t);
    assert_int_equal(secret_bytes, 2 * 1024 * sizeof(struct entry));
    assert_int_equal(left_bytes, 0);
}

/* --- memory is out --------------------------------------------------------------------------------------------- */

static void test_creation_without_memory(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        bool is_made = false;

        for (int left = 0; !is_made; left++) {
            struct tk_aged_hash t;

            assert_true(left < 10);
            allocations_left = left;
            is_made = kind ? tk_aged_hash_init_growing(&t, sizeof(struct entry), false)
                           : tk_aged_hash_init_fixed(&t, sizeof(struct entry), 100);
            allocations_left = -1;
            tk_aged_hash_done(&t);
        }
    }
}

/* So that a hundred entries fill many blocks, and split every bucket several times. */
static void make_blocks_small(struct tk_aged_hash *t)
{
    t->slab_shift = 2;
    t->slab_mask = 3;
    t->part_shift = 1;
    t->part_mask = 1;
    t->bucket_count = t->round = 1;
}

/* An index that can't grow makes chains longer; without a block of entries nothing is added, and all others stay. */
static void test_growth_without_memory(void **state)
{
    struct tk_aged_hash t;
    uint32_t added = 0, refused = 0;

    (void)state;
    assert_true(tk_aged_hash_init_growing(&t, sizeof(struct entry), false));
    make_blocks_small(&t);
    for (uint32_t i = 1; i <= 500; i++) {
        uint32_t number;

        allocations_left = i % 3 ? -1 : 0;
        number = tk_aged_hash_add(&t, i * 0x9e3779b9);
        if (number) {
            ((struct entry *)tk_aged_hash_at(&t, number))->name = i;
            added++;
        } else {
            refused++;
        }
        allocations_left = -1;
        assert_int_equal(t.count, added);
    }
    assert_true(refused > 10);
    for (uint32_t i = 1; i <= 500; i++)
        added -= tk_aged_hash_find(&t, i * 0x9e3779b9, is_same, &i) != 0;
    assert_int_equal(added, 0);
    tk_aged_hash_done(&t);
}

/* --- mistakes of the caller ------------------------------------------------------------------------------------ */

#ifdef TK_DEVEL
static struct tk_aged_hash bad;
static struct tk_age_list list, other;

static void number_never_used(void)
{
    (void)tk_aged_hash_at(&bad, 4);
}
static void no_number(void)
{
    (void)tk_aged_hash_at(&bad, 0);
}
static void removed_twice(void)
{
    tk_aged_hash_remove(&bad, 1), tk_aged_hash_remove(&bad, 1);
}
static void appended_twice(void)
{
    tk_age_list_append(&bad, &list, 2);
}
static void taken_out_of_another(void)
{
    tk_age_list_take_out(&bad, &other, 2);
}
static void links_contradict(void)
{
    tk_age_link_of(&bad, &list, 3)->older = 1, tk_age_list_take_out(&bad, &list, 3);
}
static void more_than_the_bound(void)
{
    bad.max = 2, (void)tk_aged_hash_add(&bad, 1);
}

/* Run it in a child. @returns did it abort, after one line that says why? */
static bool does_abort(void (*mistake)(void))
{
    char line[512];
    size_t len = 0;
    ssize_t got;
    int fd[2], status;
    pid_t pid;

    assert_int_equal(pipe(fd), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(fd[1], STDERR_FILENO);
        (void)signal(SIGABRT, SIG_DFL);
        mistake();
        _exit(0);
    }
    (void)close(fd[1]);
    while (len < sizeof(line) - 1 && (got = read(fd[0], line + len, sizeof(line) - 1 - len)) > 0)
        len += (size_t)got;
    line[len] = 0;
    (void)close(fd[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(line, "aged_hash.") &&
           strstr(line, "does not hold: ") && strchr(line, '\n') == line + len - 1;
}

static void test_mistakes_abort_devel_builds(void **state)
{
    (void)state;
    list = other = TK_AGE_LIST(struct entry, by_age);
    assert_true(tk_aged_hash_init_fixed(&bad, sizeof(struct entry), 10));
    for (uint32_t i = 1; i <= 3; i++)
        assert_int_equal(tk_aged_hash_add(&bad, i), i);
    tk_age_list_append(&bad, &list, 2);
    tk_age_list_append(&bad, &list, 3);
    assert_true(does_abort(number_never_used));
    assert_true(does_abort(no_number));
    assert_true(does_abort(removed_twice));
    assert_true(does_abort(appended_twice));
    assert_true(does_abort(taken_out_of_another));
    assert_true(does_abort(links_contradict));
    assert_true(does_abort(more_than_the_bound));
    tk_aged_hash_done(&bad);
}
#else
static void test_mistakes_abort_devel_builds(void **state)
{
    int evaluated = 0;

    (void)state;
    TK_ASSERT(++evaluated);
    assert_int_equal(evaluated, 0);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound_of_fixed),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_one_hash_for_all),
        cmocka_unit_test(test_whole_hash_is_compared),
        cmocka_unit_test(test_secrets_are_wiped_at_the_end),
        cmocka_unit_test(test_creation_without_memory),
        cmocka_unit_test(test_growth_without_memory),
        cmocka_unit_test(test_mistakes_abort_devel_builds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
