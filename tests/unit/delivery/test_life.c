/* SPDX-License-Identifier: Apache-2.0 */
/* The table of transitions, walked row by row: what it must have, that it has nothing else, and that every life
 * leads to an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/life.h"

static const struct {
    enum tk_life from;
    enum tk_life_step step;
    enum tk_life to;
} rows[] = {
    {TK_LIFE_NONE, TK_STEP_READ, TK_LIFE_READ},
    {TK_LIFE_READ, TK_STEP_ACCEPTED, TK_LIFE_IN_FLIGHT},
    {TK_LIFE_READ, TK_STEP_FULL, TK_LIFE_HELD},
    {TK_LIFE_READ, TK_STEP_SET_APART, TK_LIFE_RETRY_ALONE},
    {TK_LIFE_READ, TK_STEP_CONDEMNED, TK_LIFE_LETTER},
    {TK_LIFE_READ, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_READ, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_HELD, TK_STEP_ACCEPTED, TK_LIFE_IN_FLIGHT},
    {TK_LIFE_HELD, TK_STEP_FULL, TK_LIFE_HELD},
    {TK_LIFE_HELD, TK_STEP_PUSHED_BACK, TK_LIFE_RETRY},
    {TK_LIFE_HELD, TK_STEP_SET_APART, TK_LIFE_RETRY_ALONE},
    {TK_LIFE_HELD, TK_STEP_CONDEMNED, TK_LIFE_LETTER},
    {TK_LIFE_HELD, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_HELD_ALONE, TK_STEP_ACCEPTED, TK_LIFE_IN_FLIGHT_ALONE},
    {TK_LIFE_HELD_ALONE, TK_STEP_FULL, TK_LIFE_HELD_ALONE},
    {TK_LIFE_HELD_ALONE, TK_STEP_PUSHED_BACK, TK_LIFE_RETRY_ALONE},
    {TK_LIFE_HELD_ALONE, TK_STEP_CONDEMNED, TK_LIFE_LETTER},
    {TK_LIFE_HELD_ALONE, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_IN_FLIGHT, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_IN_FLIGHT, TK_STEP_CAME_BACK, TK_LIFE_RETRY},
    {TK_LIFE_IN_FLIGHT, TK_STEP_REQUEST_REFUSED, TK_LIFE_RETRY_ALONE},
    {TK_LIFE_IN_FLIGHT_ALONE, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_IN_FLIGHT_ALONE, TK_STEP_CAME_BACK, TK_LIFE_RETRY_ALONE},
    {TK_LIFE_IN_FLIGHT_ALONE, TK_STEP_CONDEMNED, TK_LIFE_LETTER},
    {TK_LIFE_IN_FLIGHT_ALONE, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_RETRY, TK_STEP_ACCEPTED, TK_LIFE_IN_FLIGHT},
    {TK_LIFE_RETRY, TK_STEP_FULL, TK_LIFE_HELD},
    {TK_LIFE_RETRY, TK_STEP_SET_APART, TK_LIFE_RETRY_ALONE},
    {TK_LIFE_RETRY, TK_STEP_CONDEMNED, TK_LIFE_LETTER},
    {TK_LIFE_RETRY, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_RETRY, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_RETRY_ALONE, TK_STEP_ACCEPTED, TK_LIFE_IN_FLIGHT_ALONE},
    {TK_LIFE_RETRY_ALONE, TK_STEP_FULL, TK_LIFE_HELD_ALONE},
    {TK_LIFE_RETRY_ALONE, TK_STEP_CONDEMNED, TK_LIFE_LETTER},
    {TK_LIFE_RETRY_ALONE, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_RETRY_ALONE, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_LETTER, TK_STEP_ACCEPTED, TK_LIFE_LETTER_IN_FLIGHT},
    {TK_LIFE_LETTER, TK_STEP_ACCEPTED_ALONE, TK_LIFE_LETTER_IN_FLIGHT_ALONE},
    {TK_LIFE_LETTER, TK_STEP_FULL, TK_LIFE_LETTER},
    {TK_LIFE_LETTER, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_LETTER, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_LETTER_IN_FLIGHT, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_LETTER_IN_FLIGHT, TK_STEP_CAME_BACK, TK_LIFE_LETTER},
    {TK_LIFE_LETTER_IN_FLIGHT, TK_STEP_REQUEST_REFUSED, TK_LIFE_LETTER},
    {TK_LIFE_LETTER_IN_FLIGHT, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_LETTER_IN_FLIGHT_ALONE, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_LETTER_IN_FLIGHT_ALONE, TK_STEP_CAME_BACK, TK_LIFE_LETTER},
    {TK_LIFE_LETTER_IN_FLIGHT_ALONE, TK_STEP_UNWANTED, TK_LIFE_UNWANTED},
    {TK_LIFE_UNWANTED, TK_STEP_ENDED, TK_LIFE_ENDED},
    {TK_LIFE_OWING, TK_STEP_PAID, TK_LIFE_ENDED},
};

static void test_rows(void **state)
{
    bool is_listed[TK_LIVES][TK_STEPS] = {{false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (tk_life_after(rows[i].from, rows[i].step) != rows[i].to)
            fail_msg("%s, step %d: %s, not %s", tk_life_name(rows[i].from), (int)rows[i].step,
                     tk_life_name(tk_life_after(rows[i].from, rows[i].step)), tk_life_name(rows[i].to));
        is_listed[rows[i].from][rows[i].step] = true;
    }
    for (int life = 0; life < TK_LIVES; life++)
        for (int step = 0; step < TK_STEPS; step++)
            if (!is_listed[life][step] && tk_life_after((enum tk_life)life, (enum tk_life_step)step) != TK_LIFE_NONE)
                fail_msg("%s has a step %d that this test does not know", tk_life_name((enum tk_life)life), step);
}

/* From every life there is a way to the end, and from the end none. */
static void test_every_life_can_end(void **state)
{
    bool can_end[TK_LIVES] = {false};

    (void)state;
    can_end[TK_LIFE_ENDED] = true;
    for (int round = 0; round < TK_LIVES; round++)
        for (int life = 0; life < TK_LIVES; life++)
            for (int step = 0; step < TK_STEPS; step++)
                can_end[life] = can_end[life] || (life != TK_LIFE_NONE &&
                                                  can_end[tk_life_after((enum tk_life)life, (enum tk_life_step)step)]);
    for (int life = TK_LIFE_READ; life < TK_LIVES; life++)
        if (!can_end[life])
            fail_msg("%s never ends", tk_life_name((enum tk_life)life));
    for (int step = 0; step < TK_STEPS; step++)
        assert_int_equal(tk_life_after(TK_LIFE_ENDED, (enum tk_life_step)step), TK_LIFE_NONE);
}

static void test_names(void **state)
{
    (void)state;
    for (int a = 0; a < TK_LIVES; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(tk_life_name((enum tk_life)a), tk_life_name((enum tk_life)b));
    assert_string_equal(tk_life_name(TK_LIVES), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_every_life_can_end),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
