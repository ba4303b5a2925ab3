/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories of a table against a plain model: an array by name, and arrays of names by age; with hashes of all
 * kinds, to one that all names share. Some histories have a deliberate mistake in them, which the comparison must notice.
 *
 * TK_MODEL_HISTORIES=N  how many (default: a few thousand)
 * TK_MODEL_SEED=N       the first one's seed; a failure prints its own */
#include "base/aged_hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct entry {
    struct tk_aged aged;
    struct tk_age_link by_age, by_turn;
    uint32_t name, value;
    uint8_t more[12];
};

/* --- the model ------------------------------------------------------------------------------------------------- */

#define NAMES 96u

/** Deliberate mistakes, to see that the comparison notices. */
enum fault { NO_FAULT, NOT_RENEWED, WRONG_END, OTHER_VALUE, NOT_ADDED, FAULTS };

struct order { /* names, the oldest first */
    uint32_t name[NAMES], count;
};

static struct {
    uint64_t seed, random;
    unsigned step;
    enum fault fault;
    bool is_faulty; /* a mistake was made */
    jmp_buf failed;
    const char *what; /* does not hold */

    struct tk_aged_hash table;
    struct tk_age_list age, turn;
    uint32_t hash_mask, max;
    struct {
        uint32_t number; /* 0: not there */
        uint32_t value;
        const struct entry *at;
        bool has_turn;
    } known[NAMES];
    uint32_t count;
    struct order by_age, by_turn;
} m;

#define HOLDS(condition) \
    do { \
        if (!(condition)) { \
            m.what = #condition; \
            longjmp(m.failed, 1); \
        } \
    } while (0)

static uint32_t dice(uint32_t sides)
{
    uint64_t z = m.random += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % sides);
}

/* Make the mistake of this history now? */
static bool goes_wrong(enum fault fault)
{
    if (m.fault != fault || dice(4))
        return false;
    m.is_faulty = true;
    return true;
}

static void insert(struct order *order, uint32_t at, uint32_t name)
{
    memmove(&order->name[at + 1], &order->name[at], (order->count++ - at) * sizeof(order->name[0]));
    order->name[at] = name;
}

static void drop(struct order *order, uint32_t name)
{
    uint32_t at = 0;

    while (order->name[at] != name)
        at++;
    memmove(&order->name[at], &order->name[at + 1], (--order->count - at) * sizeof(order->name[0]));
}

/* --- steps ----------------------------------------------------------------------------------------------------- */

static uint32_t hash_of(uint32_t name)
{
    return (uint32_t)((name + m.seed) * 0x9e3779b97f4a7c15u >> 32) & m.hash_mask;
}

static bool is_same(const void *entry, const void *key)
{
    return ((const struct entry *)entry)->name == *(const uint32_t *)key;
}

static uint32_t find(uint32_t name)
{
    return tk_aged_hash_find(&m.table, hash_of(name), is_same, &name);
}

static struct entry *entry_at(uint32_t number)
{
    return tk_aged_hash_at(&m.table, number);
}

static bool is_blank(const struct entry *e)
{
    struct entry blank = {.aged = e->aged};

    return memcmp(e, &blank, sizeof(blank)) == 0;
}

static void remove_name(uint32_t name)
{
    uint32_t number = m.known[name].number;

    tk_age_list_take_out(&m.table, &m.age, number);
    drop(&m.by_age, name);
    if (m.known[name].has_turn) {
        tk_age_list_take_out(&m.table, &m.turn, number);
        drop(&m.by_turn, name);
    }
    tk_aged_hash_remove(&m.table, number);
    HOLDS(is_blank(entry_at(number)));
    memset(&m.known[name], 0, sizeof(m.known[name]));
    m.count--;
}

static void evict(void)
{
    uint32_t number = m.age.oldest;

    HOLDS(number && m.by_age.count && entry_at(number)->name == m.by_age.name[0]);
    remove_name(m.by_age.name[0]);
}

static void join_turn(uint32_t name)
{
    bool is_front = dice(2), is_wrong = m.by_turn.count && goes_wrong(WRONG_END);

    if (is_front != is_wrong)
        tk_age_list_prepend(&m.table, &m.turn, m.known[name].number);
    else
        tk_age_list_append(&m.table, &m.turn, m.known[name].number);
    insert(&m.by_turn, is_front ? 0 : m.by_turn.count, name);
    m.known[name].has_turn = true;
}

static void add(uint32_t name)
{
    uint32_t number;
    struct entry *e;

    HOLDS(tk_aged_hash_is_full(&m.table) == (m.count == m.max));
    if (m.count == m.max) {
        HOLDS(tk_aged_hash_add(&m.table, hash_of(name)) == 0);
        evict();
    }
    number = tk_aged_hash_add(&m.table, hash_of(name));
    HOLDS(number);
    e = entry_at(number);
    HOLDS(is_blank(e));
    memset(e->more, 0xa5, sizeof(e->more));
    e->name = name;
    e->value = dice(1000);
    m.known[name].number = number;
    m.known[name].value = e->value;
    m.known[name].at = e;
    m.count++;
    tk_age_list_append(&m.table, &m.age, number);
    insert(&m.by_age, m.by_age.count, name);
    if (goes_wrong(NOT_ADDED)) {
        tk_age_list_take_out(&m.table, &m.age, number);
        tk_aged_hash_remove(&m.table, number);
    } else if (dice(2)) {
        join_turn(name);
    }
}

static void renew(uint32_t name)
{
    if (m.by_age.name[m.by_age.count - 1] == name || !goes_wrong(NOT_RENEWED)) {
        if (dice(2))
            tk_age_list_renew(&m.table, &m.age, m.known[name].number);
        else
            tk_age_list_renew_entry(&m.table, &m.age, entry_at(m.known[name].number));
    }
    drop(&m.by_age, name);
    insert(&m.by_age, m.by_age.count, name);
}

static void change_turn(uint32_t name)
{
    if (!m.known[name].has_turn) {
        join_turn(name);
        return;
    }
    tk_age_list_take_out(&m.table, &m.turn, m.known[name].number);
    drop(&m.by_turn, name);
    m.known[name].has_turn = false;
}

static void change_value(uint32_t name)
{
    m.known[name].value = dice(1000);
    entry_at(m.known[name].number)->value = m.known[name].value + goes_wrong(OTHER_VALUE);
}

static void change_limit(void)
{
    if (!m.table.is_growing)
        return;
    m.max = 1 + dice(NAMES);
    while (m.count > m.max)
        evict();
    tk_aged_hash_limit(&m.table, m.max);
}

/* --- comparison ------------------------------------------------------------------------------------------------ */

static void compare_list(const struct tk_age_list *list, const struct order *order)
{
    uint32_t number = list->oldest, before = 0;

    for (uint32_t i = 0; i < order->count; i++) {
        HOLDS(number == m.known[order->name[i]].number);
        HOLDS(tk_age_link_of(&m.table, list, number)->older == before);
        before = number;
        number = tk_age_list_newer(&m.table, list, number);
    }
    HOLDS(number == 0 && list->newest == before);
}

static void compare_name(uint32_t name)
{
    uint32_t number = find(name);

    HOLDS(number == m.known[name].number);
    if (!number)
        return;
    HOLDS(entry_at(number) == m.known[name].at && m.known[name].at->name == name);
    HOLDS(m.known[name].at->value == m.known[name].value);
}

static void compare(void)
{
    HOLDS(m.table.count == m.count && m.count <= m.max);
    for (uint32_t name = 0; name < NAMES; name++)
        compare_name(name);
    compare_list(&m.age, &m.by_age);
    compare_list(&m.turn, &m.by_turn);
}

/* --- a history ------------------------------------------------------------------------------------------------- */

/* So that a hundred entries fill many blocks, and split every bucket several times. */
static void make_blocks_small(struct tk_aged_hash *t)
{
    t->slab_shift = 2;
    t->slab_mask = 3;
    t->part_shift = 1;
    t->part_mask = 1;
    t->bucket_count = t->round = 1;
}

static void make_table(void)
{
    static const uint32_t masks[] = {UINT32_MAX, UINT32_MAX, 0xf000000f, 3, 0};
    bool is_there;

    m.hash_mask = masks[dice(sizeof(masks) / sizeof(masks[0]))];
    m.max = dice(4) ? 1 + dice(NAMES) : 1 + dice(4);
    m.age = TK_AGE_LIST(struct entry, by_age);
    m.turn = TK_AGE_LIST(struct entry, by_turn);
    if (dice(2)) {
        is_there = tk_aged_hash_init_fixed(&m.table, sizeof(struct entry), m.max);
    } else {
        is_there = tk_aged_hash_init_growing(&m.table, sizeof(struct entry), dice(2));
        make_blocks_small(&m.table);
        tk_aged_hash_limit(&m.table, m.max);
    }
    HOLDS(is_there);
}

static void one_step(void)
{
    uint32_t name = dice(NAMES), what = dice(100);

    if (what == 0)
        change_limit();
    else if (what < 4 && m.count)
        evict();
    else if (what < 30)
        compare_name(name);
    else if (!m.known[name].number)
        add(name);
    else if (what < 45)
        remove_name(name);
    else if (what < 70)
        renew(name);
    else if (what < 85)
        change_turn(name);
    else
        change_value(name);
}

/* @returns does everything hold? Else m.what and m.step tell what, and when. */
static bool holds(uint64_t seed, enum fault fault)
{
    memset(&m, 0, sizeof(m));
    m.seed = m.random = seed;
    m.fault = fault;
    if (setjmp(m.failed) == 0) {
        make_table();
        for (unsigned steps = 20 + dice(400); m.step < steps; m.step++) {
            one_step();
            if (m.is_faulty || m.step % 16 == 0) /* nothing is built on a mistake */
                compare();
        }
        compare();
    }
    tk_aged_hash_done(&m.table);
    return !m.what;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_histories(void **state)
{
    const uint64_t histories = setting("TK_MODEL_HISTORIES", 5000), seed = setting("TK_MODEL_SEED", 1);

    (void)state;
    for (uint64_t i = 0; i < histories; i++) {
        if (!holds(seed + i, NO_FAULT)) {
            print_error("seed %llu, step %u: does not hold: %s\n", (unsigned long long)(seed + i), m.step, m.what);
            fail();
        }
    }
}

/* Each mistake is noticed in each history in which it was made. */
static void test_comparison_notices(void **state)
{
    (void)state;
    for (enum fault fault = NO_FAULT + 1; fault < FAULTS; fault++) {
        unsigned made = 0, noticed = 0;

        for (uint64_t seed = 1; seed <= 200; seed++) {
            noticed += !holds(seed, fault);
            made += m.is_faulty;
        }
        assert_true(made > 100);
        assert_int_equal(noticed, made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_histories), cmocka_unit_test(test_comparison_notices)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
