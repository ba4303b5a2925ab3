/* SPDX-License-Identifier: Apache-2.0 */
/* Measures the rules: what it takes to load the built-in ones alone, and 25,000 (all shipped rules, and so many of an operator's
 * before them), and what a match costs with each: of a linkDown with 6 varbinds, of a notification with a derived rule, and
 * of one that no rule is for; and the texts of a rule that has a summary. Times are those of this thread's processor.
 * Prints one line of JSON. Reads mibs/ and conf/rules below $srcdir. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "rules/rules_load.h"
#include "shipped_dict.h"

enum { RULES = 25000, ROUNDS = 1000000 };

static struct event_fixture f;
static const struct tk_dict *dict;

static double now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void begin_link_down(void)
{
    event_fixture_init(&f, "1.3.6.1.6.3.1.1.5.3");
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.1.7", 7);
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.7.7", 1);
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.8.7", 2);
    event_fixture_text(&f, "1.3.6.1.2.1.2.2.1.2.7", "GigabitEthernet0/7");
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.3.7", 6);
    event_fixture_text(&f, "1.3.6.1.2.1.31.1.1.1.18.7", "to fra2");
    event_fixture_finish(&f, dict);
}

/* bsnAPDown of Cisco's wireless controllers: a curated rule with key, type and summary. */
static void begin_vendors(void)
{
    event_fixture_init(&f, "1.3.6.1.4.1.14179.2.6.3.6");
    event_fixture_varbind(&f, TK_OCTETS, "1.3.6.1.4.1.14179.2.2.1.1.1.0.27.33.160.255.2", "\0\x1b\x21\xa0\xff\x02", 6);
    event_fixture_text(&f, "1.3.6.1.4.1.14179.2.2.1.1.3.0.27.33.160.255.2", "ap-12");
    event_fixture_finish(&f, dict);
}

static void begin_unknown(void)
{
    event_fixture_init(&f, "1.3.6.1.4.1.99999.0.1");
    event_fixture_integer(&f, "1.3.6.1.4.1.99999.1.1.0", 7);
    event_fixture_finish(&f, dict);
}

static double measure(const struct tk_rules *r, void (*begin)(void), bool with_texts)
{
    double best = 1e9;

    begin();
    for (int part = 0; part < 10; part++) {
        double start = now_ns(), ns;

        for (int i = 0; i < ROUNDS / 10; i++) {
            (void)tk_rules_match(r, &f.ev, NULL);
            if (with_texts)
                (void)tk_rules_describe(r, &f.ev);
            tk_arena_reset(&f.arena);
        }
        ns = (now_ns() - start) / (ROUNDS / 10);
        best = ns < best ? ns : best;
    }
    event_fixture_done(&f);
    return best;
}

/* An operator's rules: half of them match a subtree, one the notification and a device. */
static bool write_operators(const char *path, size_t count)
{
    FILE *out = fopen(path, "w");

    if (!out)
        return false;
    (void)fprintf(out, "{\"rules\":[{\"name\":\"first\",\"match\":{\"trap\":\"IF-MIB::linkDown\",\"device\":\"lab*\"},"
                       "\"severity\":\"minor\"}");
    for (size_t i = 1; i < count; i++)
        (void)fprintf(out, ",\n{\"name\":\"r%zu\",\"match\":{\"trap\":\"1.3.6.1.4.1.%zu.%s\"},\"severity\":\"minor\"}",
                      i, i / 2, i % 2 ? "*" : "0.1");
    (void)fprintf(out, "]}");
    return fclose(out) == 0;
}

static struct tk_rules *load_many(const char *top, double *ret_load_ms, size_t *ret_heap)
{
    char folder[4096], path[] = "/tmp/bench_rules.XXXXXX";
    struct tk_rules_files files = {.shipped = folder, .vendors = TK_VENDOR_RULES_ALL, .names = dict};
    struct tk_rules_report report;
    struct tk_rules *r;
    size_t before;
    double start;
    int fd;

    (void)snprintf(folder, sizeof(folder), "%s/conf/rules", top);
    r = tk_rules_load_sound(&files, dict, &report);
    fd = r ? mkstemp(path) : -1;
    if (fd < 0 || !write_operators(path, tk_rules_count(r) < RULES ? RULES - tk_rules_count(r) : 1))
        return NULL;
    tk_rules_free(r);
    files.operators = path;
    before = mallinfo2().uordblks;
    start = now_ns();
    r = tk_rules_load_sound(&files, dict, &report);
    *ret_load_ms = (now_ns() - start) / 1e6;
    *ret_heap = mallinfo2().uordblks - before;
    (void)remove(path);
    return r;
}

int main(void)
{
    const char *top = getenv("srcdir");
    struct tk_dict *d = shipped_dict(top ? top : ".");
    struct tk_rules *few, *many;
    double load_ms = 0;
    size_t heap = 0;

    dict = d;
    few = d ? tk_rules_load(NULL, d, NULL) : NULL;
    many = few ? load_many(top ? top : ".", &load_ms, &heap) : NULL;
    if (!many) {
        (void)fprintf(stderr, "can't load mibs/ or conf/rules: set srcdir to the top of the sources\n");
        return 1;
    }
    (void)printf("{\"bench\":\"rules\",\"builtin_rules\":%zu,\"match_ns\":%.0f,\"rules\":%zu,\"load_cpu_ms\":%.0f,"
                 "\"bytes_per_rule\":%zu,\"match_many_ns\":%.0f,\"match_vendors_ns\":%.0f,\"with_summary_ns\":%.0f,"
                 "\"match_none_ns\":%.0f}\n",
                 tk_rules_count(few), measure(few, begin_link_down, false), tk_rules_count(many), load_ms,
                 heap / tk_rules_count(many), measure(many, begin_link_down, false),
                 measure(many, begin_vendors, false), measure(many, begin_vendors, true),
                 measure(many, begin_unknown, false));
    tk_rules_free(few);
    tk_rules_free(many);
    tk_dict_free(d);
    return 0;
}
