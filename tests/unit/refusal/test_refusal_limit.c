/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/refusal_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct tk_refusal_limits l;
static tk_nsec now;
static uint64_t mentioned; /* with the line that was written last */

static int setup(void **state)
{
    (void)state;
    memset(&l, 0, sizeof(l));
    now = 1000 * TK_SECOND;
    return 0;
}

static bool is_logged(enum tk_reason reason, enum tk_hint hint, uint32_t address)
{
    struct tk_refusal r = {.reason = reason, .hint = hint, .peer = {.family = 4}};

    memcpy(r.peer.address, &address, sizeof(address));
    return tk_refusal_limit_pass(&l, &r, now, &mentioned);
}

static void test_one_sender(void **state)
{
    (void)state;
    assert_true(is_logged(TK_REASON_WRONG_DIGEST, TK_HINT_NONE, 1));
    assert_int_equal(mentioned, 0);
    for (int i = 0; i < 5; i++)
        assert_false(is_logged(TK_REASON_WRONG_DIGEST, TK_HINT_NONE, 1));
    now += TK_LOG_PERIOD - 1;
    assert_false(is_logged(TK_REASON_WRONG_DIGEST, TK_HINT_NONE, 1));
    now += 1;
    assert_true(is_logged(TK_REASON_WRONG_DIGEST, TK_HINT_NONE, 1));
    assert_int_equal(mentioned, 6);
    assert_int_equal(l.held_back, 6);
}

/* Neither another reason, nor another hint, nor another sender waits for the first one. */
static void test_others_do_not_wait(void **state)
{
    (void)state;
    assert_true(is_logged(TK_REASON_UNKNOWN_ENGINE, TK_HINT_NONE, 1));
    assert_true(is_logged(TK_REASON_WRONG_DIGEST, TK_HINT_NONE, 1));
    assert_true(is_logged(TK_REASON_UNKNOWN_ENGINE, TK_HINT_NO_DISCOVERY, 1));
    assert_true(is_logged(TK_REASON_UNKNOWN_ENGINE, TK_HINT_NONE, 2));
    assert_int_equal(l.held_back, 0);
}

/* A flood of each cause from a million addresses: its lines are bounded, and each other cause has its first line at once. */
static void test_flood(void **state)
{
    uint64_t lines = 0, said = 0;

    (void)state;
    for (uint32_t address = 1; address <= 1000000; address++) {
        if (address % 10000 == 0)
            now += TK_SECOND; /* 100 seconds */
        if (is_logged(TK_REASON_WRONG_DIGEST, TK_HINT_NONE, address)) {
            lines++;
            said += mentioned;
        }
    }
    assert_in_range(lines, 10, 11 * (TK_REFUSAL_SENDERS + 1));
    assert_int_equal(l.held_back, 1000000 - lines);
    for (int i = 0; i < TK_REASONS * TK_HINTS; i++) {
        enum tk_reason reason = i % TK_REASONS;
        enum tk_hint hint = i / TK_REASONS;

        if (tk_hint_fits(hint, reason) && (reason != TK_REASON_WRONG_DIGEST || hint))
            assert_true(is_logged(reason, hint, 5));
    }
    now += TK_LOG_PERIOD; /* what was held back is mentioned sooner or later, and only once */
    for (uint32_t address = 1; address <= TK_REFUSAL_SENDERS + 1; address++) {
        assert_true(is_logged(TK_REASON_WRONG_DIGEST, TK_HINT_NONE, address));
        said += mentioned;
    }
    assert_int_equal(said, 1000000 - lines);
}

/* A place that is given to another sender keeps the count of what was held back. */
static void test_nothing_is_forgotten(void **state)
{
    uint64_t said = 0;

    (void)state;
    for (uint32_t address = 1; address <= TK_REFUSAL_SENDERS; address++) {
        assert_true(is_logged(TK_REASON_MALFORMED, TK_HINT_NONE, address));
        assert_false(is_logged(TK_REASON_MALFORMED, TK_HINT_NONE, address));
    }
    now += TK_LOG_PERIOD;
    for (uint32_t address = 101; address <= 100 + TK_REFUSAL_SENDERS + 1; address++) {
        assert_true(is_logged(TK_REASON_MALFORMED, TK_HINT_NONE, address));
        said += mentioned;
    }
    assert_int_equal(said, TK_REFUSAL_SENDERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_sender, setup),
        cmocka_unit_test_setup(test_others_do_not_wait, setup),
        cmocka_unit_test_setup(test_flood, setup),
        cmocka_unit_test_setup(test_nothing_is_forgotten, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
