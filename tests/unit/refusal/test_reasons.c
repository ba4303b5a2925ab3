/* SPDX-License-Identifier: Apache-2.0 */
#include "refusal/reasons.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/stats.h"

static void test_words(void **state)
{
    (void)state;
    for (int i = 0; i < TK_REASONS; i++) {
        const char *name = tk_reason_name(i), *help = tk_reason_help(i);

        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        assert_true(name[0] && help[0] && help[strlen(help) - 1] != '.');
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, tk_reason_name(j));
    }
}

/* The counter of a reason is TK_REJECTED_UNKNOWN_USER + reason. */
static void test_counters(void **state)
{
    static const char *const labels[] = {
#define TK_STAT(id, kind, family, label, help) [TK_##id] = #family "/" label,
#include "base/stats.def"
#undef TK_STAT
    };
    static const int counters[TK_REASONS] = {
#define TK_REASON(id, name, help) [TK_REASON_##id] = TK_REJECTED_##id,
#include "refusal/reasons.def"
#undef TK_REASON
    };
    size_t rejected = 0;

    (void)state;
    for (int i = 0; i < TK_REASONS; i++) {
        assert_int_equal(counters[i], TK_REJECTED_UNKNOWN_USER + i);
        assert_int_equal(strncmp(labels[counters[i]], "rejected/", 9), 0);
        assert_string_equal(labels[counters[i]] + 9, tk_reason_name(i));
    }
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        rejected += strncmp(labels[i], "rejected/", 9) == 0;
    assert_int_equal(rejected, TK_REASONS);
}

/* Each hint is of one reason or two, and none of all. */
static void test_hints(void **state)
{
    (void)state;
    for (int hint = 0; hint < TK_HINTS; hint++) {
        int reasons = 0;

        for (int reason = 0; reason < TK_REASONS; reason++)
            reasons += tk_hint_fits(hint, reason);
        if (hint == TK_HINT_NONE)
            assert_int_equal(reasons, TK_REASONS);
        else
            assert_in_range(reasons, 1, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_hints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
