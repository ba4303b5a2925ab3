/* SPDX-License-Identifier: Apache-2.0 */
/* Which alarms stand, compared with a list that is searched, over random histories; and tables of every width. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "watch/alarm_table.h"
#include "watch/safe_text.h"

#define KEYS      40
#define HISTORIES 200
#define STEPS     400

static const struct tk_record_filter any = {0};

/* What stands by the model. */
struct model {
    bool stands;
    enum tk_rank rank;
    int since, device;
};

static size_t make_value(char *dst, size_t bytes, const struct model *m, int key)
{
    return (size_t)snprintf(dst, bytes,
                            "{\"severity\":\"%s\",\"source\":{\"device\":\"d%d\"},\"alarm\":{\"key\":\"k%d\",\"since\":"
                            "\"2026-11-22T05:45:%02d.000Z\",\"count\":3},\"summary\":\"Link down\"}",
                            tk_rank_name(m->rank), m->device, key, m->since);
}

static void take(struct tk_standing *s, struct model *model, int key)
{
    char name[16], value[512];
    int len = snprintf(name, sizeof(name), "k%d", key);

    if (rand() % 3 == 0) {
        model[key].stands = false;
        tk_standing_take(s, name, (size_t)len, NULL, 0);
        return;
    }
    model[key] = (struct model){true, (enum tk_rank)(TK_RANK_CLEARED + rand() % (TK_RANKS - TK_RANK_CLEARED)),
                                rand() % 60, rand() % 5};
    tk_standing_take(s, name, (size_t)len, value, make_value(value, sizeof(value), model + key, key));
}

static void compare(struct tk_standing *s, const struct model *model)
{
    const struct tk_standing_row *const *rows = tk_standing_sorted(s, TK_ORDER_KEY);
    size_t count = 0, of_rank[TK_RANKS] = {0};

    assert_non_null(rows);
    for (int key = 0; key < KEYS; key++) {
        char name[16], value[512];
        size_t i = 0;

        (void)snprintf(name, sizeof(name), "k%d", key);
        while (i < tk_standing_count(s) && strcmp(rows[i]->key, name) != 0)
            i++;
        assert_int_equal(i < tk_standing_count(s), model[key].stands);
        if (!model[key].stands)
            continue;
        count++;
        of_rank[model[key].rank]++;
        (void)make_value(value, sizeof(value), model + key, key);
        assert_string_equal(rows[i]->value, value);
    }
    assert_int_equal(count, tk_standing_count(s));
    for (int rank = 0; rank < TK_RANKS; rank++)
        assert_int_equal(of_rank[rank], tk_standing_of_rank(s, (enum tk_rank)rank));
}

static void check_order(struct tk_standing *s)
{
    const struct tk_standing_row *const *rows = tk_standing_sorted(s, TK_ORDER_SEVERITY);

    for (size_t i = 1; i < tk_standing_count(s); i++) {
        assert_true(rows[i - 1]->rank >= rows[i]->rank);
        if (rows[i - 1]->rank == rows[i]->rank)
            assert_true(strcmp(rows[i - 1]->since, rows[i]->since) >= 0);
    }
    rows = tk_standing_sorted(s, TK_ORDER_SINCE);
    for (size_t i = 1; i < tk_standing_count(s); i++)
        assert_true(strcmp(rows[i - 1]->since, rows[i]->since) >= 0);
    rows = tk_standing_sorted(s, TK_ORDER_DEVICE);
    for (size_t i = 1; i < tk_standing_count(s); i++)
        assert_true(strcmp(rows[i - 1]->device, rows[i]->device) <= 0);
    rows = tk_standing_sorted(s, TK_ORDER_KEY);
    for (size_t i = 1; i < tk_standing_count(s); i++)
        assert_true(strcmp(rows[i - 1]->key, rows[i]->key) < 0);
}

static void test_model(void **state)
{
    (void)state;
    srand(1);
    for (int n = 0; n < HISTORIES; n++) {
        struct tk_standing *s = tk_standing_new(&any, TK_STANDING_BYTES);
        struct model model[KEYS] = {0};

        assert_non_null(s);
        for (int i = 0; i < STEPS; i++)
            take(s, model, rand() % KEYS);
        compare(s, model);
        check_order(s);
        tk_standing_free(s);
    }
}

/* What is no alarm is counted, and ends what stood under its key. */
static void test_foreign(void **state)
{
    struct tk_standing *s = tk_standing_new(&any, TK_STANDING_BYTES);

    (void)state;
    tk_standing_take(s, "a", 1, "{}", 2);
    tk_standing_take(s, "a\0b", 3, "{}", 2);
    tk_standing_take(s, NULL, 0, "{}", 2);
    assert_int_equal(tk_standing_count(s), 2);
    assert_int_equal(tk_standing_foreign(s), 1);
    tk_standing_take(s, "a", 1, "no JSON", 7);
    assert_int_equal(tk_standing_count(s), 1);
    assert_int_equal(tk_standing_foreign(s), 2);
    tk_standing_take(s, "b", 1, NULL, 0);
    tk_standing_take(s, "a\0b", 3, NULL, 0);
    assert_int_equal(tk_standing_count(s), 0);
    tk_standing_free(s);
}

/* Alarms beyond the bound are counted; room comes back when others end. */
static void test_bound(void **state)
{
    struct tk_standing *s = tk_standing_new(&any, 1000);
    char name[16];
    size_t fit;

    (void)state;
    for (int i = 0; i < 100; i++) {
        int len = snprintf(name, sizeof(name), "%02d", i);

        tk_standing_take(s, name, (size_t)len, "{}", 2);
    }
    fit = tk_standing_count(s);
    assert_in_range(fit, 2, 20);
    assert_int_equal(tk_standing_left_out(s), 100 - fit);
    tk_standing_take(s, "00", 2, NULL, 0);
    tk_standing_take(s, "99", 2, "{}", 2);
    assert_int_equal(tk_standing_count(s), fit);
    tk_standing_free(s);
}

/* --- the table --- */

static struct tk_standing *some_alarms(void)
{
    static const char *const messages[][2] = {
        {"pe1.fra/link/7",
         "{\"severity\":\"critical\",\"source\":{\"device\":\"pe1.fra\"},\"topology\":{\"site\":\"FRA3\",\"circuit_id\":"
         "\"DE-FRA-00077\"},\"alarm\":{\"since\":\"2026-11-22T05:45:26.123Z\",\"count\":12},\"summary\":\"Link down: "
         "GigabitEthernet0/0/0/7 to the customer in the north, operational status down\"}"},
        {"cpe\xe6\x9d\xb1\xe4\xba\xac/bgp/192.0.2.1",
         "{\"severity\":\"indeterminate\",\"source\":{\"device\":\"cpe\xe6\x9d\xb1\xe4\xba\xac\"},\"alarm\":{\"since\":"
         "\"2026-11-22T05:45:27.123Z\",\"count\":1},\"summary\":\"\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac"
         "\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac\"}"},
        {"x", "{\"severity\":7,\"alarm\":{\"since\":\"\\u001b[2J\\u001b[2J\\u001b[2J\"},\"summary\":null}"},
        {"y\x1b[2J", "{}"},
    };
    struct tk_standing *s = tk_standing_new(&any, TK_STANDING_BYTES);

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        tk_standing_take(s, messages[i][0], strlen(messages[i][0]), messages[i][1], strlen(messages[i][1]));
    return s;
}

static char *table(struct tk_standing *s, unsigned columns, bool has_colour)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    assert_non_null(f);
    tk_alarm_table(f, tk_standing_sorted(s, TK_ORDER_SEVERITY), tk_standing_count(s), columns, has_colour);
    assert_int_equal(fclose(f), 0);
    return text;
}

/* No line is wider than the terminal, at any width, and nothing that a terminal would obey gets out. */
static void test_width(void **state)
{
    struct tk_standing *s = some_alarms();

    (void)state;
    tk_safe_text_init();
    for (unsigned columns = 1; columns < 260; columns++) {
        char *text = table(s, columns, false), *line = text;
        unsigned lines = 0;

        assert_null(strchr(text, '\033'));
        for (char *end; (end = strchr(line, '\n')); line = end + 1, lines++)
            if (tk_safe_columns(line, (size_t)(end - line), 1000) > columns)
                fail_msg("%u columns: %.*s", columns, (int)(end - line), line);
        assert_int_equal(lines, 1 + tk_standing_count(s));
        free(text);
    }
    tk_standing_free(s);
}

static void test_columns(void **state)
{
    struct tk_standing *s = some_alarms();
    char *narrow = table(s, 80, false), *wide = table(s, 200, true);

    (void)state;
    assert_non_null(strstr(narrow, "SEVERITY"));
    assert_non_null(strstr(narrow, "11-22 05:45  "));
    assert_null(strstr(narrow, "CIRCUIT"));
    assert_non_null(strstr(wide, "DE-FRA-00077"));
    assert_non_null(strstr(wide, "2026-11-22 05:45:26"));
    assert_non_null(strstr(wide, "pe1.fra/link/7"));
    assert_non_null(strstr(wide, "\033[1;31mcritical"));
    assert_non_null(strstr(wide, "operational status down"));
    free(narrow);
    free(wide);
    tk_standing_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model), cmocka_unit_test(test_foreign), cmocka_unit_test(test_bound),
        cmocka_unit_test(test_width), cmocka_unit_test(test_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
