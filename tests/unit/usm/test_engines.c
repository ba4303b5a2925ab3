/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/engines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOREVER (1000 * TK_SECOND)

static struct tk_engine *find(struct tk_engines *t, uint32_t name)
{
    return tk_engines_find(t, (const uint8_t *)&name, sizeof(name), 1);
}

static struct tk_engine *add(struct tk_engines *t, uint32_t name, tk_nsec now)
{
    struct tk_engine *e = tk_engines_add(t, (const uint8_t *)&name, sizeof(name), 1, now);

    assert_non_null(e);
    assert_true(e->id_len == sizeof(name) && memcmp(e->id, &name, sizeof(name)) == 0);
    assert_true(e->heard == now);
    assert_true(!e->auth_len && !e->priv_len && e->user_id == 1 && !e->boots && !e->time && !e->peer.family);
    for (size_t i = 0; i < sizeof(e->auth); i++)
        assert_int_equal(e->auth[i], 0);
    for (size_t i = 0; i < sizeof(e->priv); i++)
        assert_int_equal(e->priv[i], 0);
    memset(e->auth, 0xa5, sizeof(e->auth));
    memset(e->priv, 0x5a, sizeof(e->priv));
    e->auth_len = sizeof(e->auth);
    e->priv_len = sizeof(e->priv);
    return e;
}

static struct tk_engines *table(unsigned max, tk_nsec ttl)
{
    struct tk_engines *t = tk_engines_new();

    assert_non_null(t);
    tk_engines_limit(t, max, ttl, 0);
    return t;
}

static void test_find(void **state)
{
    struct tk_engines *t = tk_engines_new();
    uint8_t id[TK_ENGINE_BYTES + 1];

    (void)state;
    assert_non_null(t);
    memset(id, 7, sizeof(id));
    for (size_t len = 0; len <= TK_ENGINE_BYTES; len++) {
        assert_null(tk_engines_find(t, id, len, 1));
        assert_non_null(tk_engines_add(t, id, len, 1, 1));
    }
    for (size_t len = 0; len <= TK_ENGINE_BYTES; len++)
        assert_int_equal(tk_engines_find(t, id, len, 1)->id_len, len);
    id[0] = 8;
    assert_null(tk_engines_find(t, id, 5, 1));
    assert_null(tk_engines_find(t, id, sizeof(id), 1)); /* longer than any */
    assert_null(tk_engines_add(t, id, sizeof(id), 1, 1));
    assert_int_equal(tk_engines_count(t), 33);
    tk_engines_free(t);
    tk_engines_free(NULL);
}

static void test_least_recently_heard_makes_room(void **state)
{
    struct tk_engines *t = table(3, FOREVER);

    (void)state;
    (void)add(t, 1, 1);
    (void)add(t, 2, 2);
    (void)add(t, 3, 3);
    assert_int_equal(tk_engines_evicted(t), 0);
    tk_engines_heard(t, find(t, 1), 4);
    tk_engines_heard(t, find(t, 1), 5); /* the newest already */
    (void)add(t, 4, 6);
    assert_true(find(t, 1) && !find(t, 2) && find(t, 3) && find(t, 4));
    tk_engines_heard(t, find(t, 3), 7); /* from the middle */
    (void)add(t, 5, 8);
    (void)add(t, 6, 9);
    assert_true(!find(t, 1) && find(t, 3) && !find(t, 4) && find(t, 5) && find(t, 6));
    assert_int_equal(tk_engines_count(t), 3);
    assert_int_equal(tk_engines_evicted(t), 3);
    tk_engines_free(t);
}

static void test_one_place(void **state)
{
    struct tk_engines *t = table(1, FOREVER);

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        (void)add(t, i, i);
        assert_true(find(t, i) && (i == 0 || !find(t, i - 1)));
    }
    assert_int_equal(tk_engines_count(t), 1);
    assert_int_equal(tk_engines_evicted(t), 99);
    tk_engines_free(t);
}

static void test_time_to_live(void **state)
{
    struct tk_engines *t = table(5000, 60 * TK_SECOND);

    (void)state;
    (void)add(t, 1, 0);
    (void)add(t, 2, 10 * TK_SECOND);
    tk_engines_expire(t, 60 * TK_SECOND - 1);
    assert_true(find(t, 1) && find(t, 2));
    tk_engines_expire(t, 60 * TK_SECOND);
    assert_true(!find(t, 1) && find(t, 2));
    tk_engines_heard(t, find(t, 2), 69 * TK_SECOND);
    tk_engines_expire(t, 70 * TK_SECOND);
    assert_non_null(find(t, 2));
    tk_engines_expire(t, 129 * TK_SECOND);
    assert_null(find(t, 2));
    assert_int_equal(tk_engines_count(t), 0);
    assert_int_equal(tk_engines_evicted(t), 0); /* forgotten, not pushed out */
    for (uint32_t i = 10; i < 2510; i++)
        (void)add(t, i, 130 * TK_SECOND);
    for (unsigned left = 2500; left; left = left < 1000 ? 0 : left - 1000) { /* a bounded number each call */
        assert_int_equal(tk_engines_count(t), left);
        tk_engines_expire(t, 190 * TK_SECOND);
    }
    assert_int_equal(tk_engines_count(t), 0);
    tk_engines_free(t);
}

static void test_limit(void **state)
{
    struct tk_engines *t = table(1000, FOREVER);

    (void)state;
    for (uint32_t i = 0; i < 1000; i++)
        (void)add(t, i, i);
    assert_int_equal(tk_engines_count(t), 1000);
    tk_engines_limit(t, 100, FOREVER, 1000);
    assert_int_equal(tk_engines_count(t), 100);
    for (uint32_t i = 0; i < 1000; i++)
        assert_true((find(t, i) != NULL) == (i >= 900));
    tk_engines_limit(t, 5000, 100, 1000); /* heard at 900 or before: gone */
    assert_int_equal(tk_engines_count(t), 99);
    assert_true(!find(t, 900) && find(t, 901));
    assert_int_equal(tk_engines_evicted(t), 0);
    tk_engines_free(t);
}

/* Whoever knows one user's password can't touch what is known of another's engine. */
static void test_users_of_one_engine_are_apart(void **state)
{
    struct tk_engines *t = table(10, FOREVER);
    struct tk_engine *one = add(t, 7, 1), *two;
    const uint32_t name = 7;

    (void)state;
    one->boots = 5;
    assert_null(tk_engines_find(t, (const uint8_t *)&name, sizeof(name), 2));
    two = tk_engines_add(t, (const uint8_t *)&name, sizeof(name), 2, 2);
    assert_non_null(two);
    assert_true(two != one && two->boots == 0 && two->auth_len == 0);
    two->boots = 2147483646;
    assert_int_equal(find(t, 7)->boots, 5);
    assert_int_equal(tk_engines_count(t), 2);
    tk_engines_free(t);
}

/* While nothing goes, no pointer changes, whatever the index does. */
static void test_growth(void **state)
{
    enum { COUNT = 100000 };
    struct tk_engines *t = table(COUNT, FOREVER);
    struct tk_engine **at = calloc(COUNT, sizeof(*at));
    size_t before = tk_engines_bytes(t);

    (void)state;
    assert_non_null(at);
    for (uint32_t i = 0; i < COUNT; i++)
        at[i] = add(t, i, i);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_ptr_equal(find(t, i), at[i]);
    assert_null(find(t, COUNT));
    assert_true(before < 64 * 1024);
    assert_true((tk_engines_bytes(t) - before) / COUNT <= sizeof(struct tk_engine) + 16);
    before = tk_engines_bytes(t);
    for (uint32_t i = 0; i < COUNT / 2; i++) /* at the bound nothing more is taken */
        (void)add(t, COUNT + i, COUNT + i);
    assert_int_equal(tk_engines_bytes(t), before);
    assert_int_equal(tk_engines_evicted(t), COUNT / 2);
    free(at);
    tk_engines_free(t);
}

static void test_keys_are_wiped(void **state)
{
    struct tk_engines *t = table(2, FOREVER);
    const struct tk_engine *e = add(t, 1, 1);

    (void)state;
    (void)add(t, 2, 2);
    tk_engines_limit(t, 1, FOREVER, 3); /* its memory stays the table's: look at it */
    assert_null(find(t, 1));
    for (size_t i = 0; i < sizeof(*e); i++)
        assert_int_equal(((const uint8_t *)e)[i], 0);
    tk_engines_free(t);
}

/* --- against a plain array ------------------------------------------------------------------------------------- */

#define NAMES 400u

static struct {
    struct {
        bool is_there;
        uint32_t boots;
        tk_nsec heard;
        uint64_t order; /* by when it became the newest */
    } engine[NAMES];
    uint64_t order, evicted;
    unsigned max, count;
    tk_nsec ttl;
} m;

static uint64_t random_state;

static uint32_t dice(uint32_t sides)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % sides);
}

static uint32_t model_oldest(void)
{
    uint32_t oldest = NAMES;

    for (uint32_t i = 0; i < NAMES; i++)
        if (m.engine[i].is_there && (oldest == NAMES || m.engine[i].order < m.engine[oldest].order))
            oldest = i;
    return oldest;
}

static void model_forget(uint32_t name)
{
    m.engine[name].is_there = false;
    m.count--;
}

static void model_make_room(unsigned most)
{
    for (; m.count > most; m.evicted++)
        model_forget(model_oldest());
}

static void model_expire(tk_nsec now)
{
    for (uint32_t old = model_oldest(); old < NAMES && now - m.engine[old].heard >= m.ttl; old = model_oldest())
        model_forget(old);
}

static void model_heard(uint32_t name, tk_nsec now)
{
    m.engine[name].heard = now;
    m.engine[name].order = ++m.order;
}

static void step_add(struct tk_engines *t, uint32_t name, tk_nsec now)
{
    model_make_room(m.max - 1);
    m.count++;
    m.engine[name].is_there = true;
    m.engine[name].boots = dice(1000);
    model_heard(name, now);
    add(t, name, now)->boots = m.engine[name].boots;
}

static void step_known(struct tk_engines *t, uint32_t name, tk_nsec now)
{
    tk_engines_heard(t, find(t, name), now);
    model_heard(name, now);
}

static void step_limit(struct tk_engines *t, tk_nsec now)
{
    m.max = 1 + dice(NAMES);
    m.ttl = 1 + dice(400);
    while (m.count > m.max)
        model_forget(model_oldest());
    model_expire(now);
    tk_engines_limit(t, m.max, m.ttl, now);
}

static void compare(struct tk_engines *t)
{
    for (uint32_t i = 0; i < NAMES; i++) {
        const struct tk_engine *e = find(t, i);

        assert_true((e != NULL) == m.engine[i].is_there);
        if (e)
            assert_true(e->boots == m.engine[i].boots && e->heard == m.engine[i].heard);
    }
    assert_int_equal(tk_engines_count(t), m.count);
    assert_int_equal(tk_engines_evicted(t), m.evicted);
}

static void test_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct tk_engines *t = table(NAMES, FOREVER);
        tk_nsec now = 1;

        memset(&m, 0, sizeof(m));
        m.max = NAMES;
        m.ttl = FOREVER;
        random_state = seed;
        for (unsigned step = 0; step < 4000; step++) {
            uint32_t name = dice(NAMES), what = dice(100);

            now += dice(3);
            if (what == 0) {
                step_limit(t, now);
            } else if (what < 3) {
                model_expire(now);
                tk_engines_expire(t, now);
            } else if (m.engine[name].is_there) {
                step_known(t, name, now);
            } else {
                step_add(t, name, now);
            }
            if (step % 64 == 0)
                compare(t);
        }
        compare(t);
        tk_engines_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),      cmocka_unit_test(test_least_recently_heard_makes_room),
        cmocka_unit_test(test_one_place), cmocka_unit_test(test_time_to_live),
        cmocka_unit_test(test_limit),     cmocka_unit_test(test_users_of_one_engine_are_apart),
        cmocka_unit_test(test_growth),    cmocka_unit_test(test_keys_are_wiped),
        cmocka_unit_test(test_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
