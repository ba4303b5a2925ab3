/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/alarm_states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct tk_hash128 key(uint64_t n)
{
    return (struct tk_hash128){.high = n * 0x9e3779b97f4a7c15u, .low = n << 32 | n % 3};
}

static void test_since(void **state)
{
    struct tk_alarm_states a;

    (void)state;
    assert_true(tk_alarm_states_init(&a, 2));
    assert_int_equal(tk_alarm_states_note(&a, key(1), TK_ALARM_RAISE, 1), 1);
    assert_int_equal(tk_alarm_states_note(&a, key(1), TK_ALARM_RAISE, 2), 1);
    assert_int_equal(tk_alarm_states_note(&a, key(2), TK_ALARM_CLEAR, 3), 3);
    assert_int_equal(tk_alarm_states_note(&a, key(1), TK_ALARM_CLEAR, 4), 4);
    assert_int_equal(tk_alarm_states_note(&a, key(1), TK_ALARM_CLEAR, 5), 4);
    assert_int_equal(tk_alarm_states_note(&a, key(2), TK_ALARM_CLEAR, 6), 3);
    assert_int_equal(a.evicted, 0);
    tk_alarm_states_clear(&a);
    assert_int_equal(a.alarms.count, 0);
    assert_int_equal(tk_alarm_states_note(&a, key(2), TK_ALARM_CLEAR, 7), 7);
    tk_alarm_states_done(&a);
}

#define ALARMS 12
#define ROOM   7

/* Against a model that is a list in order of use. */
static void test_random_histories(void **state)
{
    (void)state;
    srandom(1);
    for (int round = 0; round < 300; round++) {
        struct {
            uint64_t alarm, since;
            enum tk_alarm_state state;
        } model[ROOM + 1];
        struct tk_alarm_states a;
        uint64_t evicted = 0;
        size_t used = 0;

        assert_true(tk_alarm_states_init(&a, ROOM));
        for (uint64_t event = 1; event < 300; event++) {
            uint64_t n = (uint64_t)random() % ALARMS;
            enum tk_alarm_state now = random() % 2 ? TK_ALARM_RAISE : TK_ALARM_CLEAR;
            size_t at = 0;

            while (at < used && model[at].alarm != n)
                at++;
            model[used].alarm = n;
            model[used].since = at < used && model[at].state == now ? model[at].since : event;
            model[used].state = now;
            if (at < used)
                memmove(&model[at], &model[at + 1], (used - at) * sizeof(model[0]));
            else if (used == ROOM)
                memmove(&model[0], &model[1], ROOM * sizeof(model[0]));
            evicted += at == used && used == ROOM;
            used += at == used && used < ROOM;
            assert_int_equal(tk_alarm_states_note(&a, key(n), now, event), model[used - 1].since);
            assert_int_equal(a.alarms.count, used);
            assert_int_equal(a.evicted, evicted);
        }
        tk_alarm_states_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_since),
        cmocka_unit_test(test_random_histories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
