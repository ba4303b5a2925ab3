/* SPDX-License-Identifier: Apache-2.0 */
/* Measures a match of a linkDown with 6 varbinds: with the built-in rules, and with 20,000 operator's rules in front.
 * Prints one line of JSON. Reads mibs/standard.facts below $srcdir. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "event_fixture.h"
#include "dictionary/dictionary_facts.h"
#include "rules/rules_load.h"

enum { RULES = 20000, ROUNDS = 1000000 };

static struct event_fixture f;
static char facts[4 << 20];

static double now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct tk_dict *load_dict(void)
{
    const char *top = getenv("srcdir");
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d = NULL;
    char path[512];
    FILE *in;

    (void)snprintf(path, sizeof(path), "%s/mibs/standard.facts", top ? top : ".");
    in = fopen(path, "r");
    if (in && b && tk_dict_facts_read(b, facts, fread(facts, 1, sizeof(facts), in), path, NULL) == 0)
        d = tk_dict_builder_finish(b);
    if (in)
        (void)fclose(in);
    tk_dict_builder_free(b);
    return d;
}

static double measure(const struct tk_rules *r)
{
    double start = now_ns();

    for (int i = 0; i < ROUNDS; i++) {
        (void)tk_rules_match(r, &f.ev);
        tk_arena_reset(&f.arena);
    }
    return (now_ns() - start) / ROUNDS;
}

/* Half of the rules match a subtree, one matches the notification and a device. */
static struct tk_rules *load_many(const struct tk_dict *d)
{
    char path[] = "/tmp/bench_rules.XXXXXX";
    int fd = mkstemp(path);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    struct tk_rules *r;

    if (!out)
        return NULL;
    (void)fprintf(out, "{\"rules\":[{\"name\":\"first\",\"match\":{\"trap\":\"IF-MIB::linkDown\",\"device\":\"lab*\"},"
                       "\"severity\":\"minor\"}");
    for (int i = 0; i < RULES; i++)
        (void)fprintf(out, ",\n{\"name\":\"r%d\",\"match\":{\"trap\":\"1.3.6.1.4.1.%d.%s\"},\"severity\":\"minor\"}", i,
                      i / 2, i % 2 ? "*" : "0.1");
    (void)fprintf(out, "]}");
    (void)fclose(out);
    r = tk_rules_load(&(struct tk_rules_files){.operators = path}, d, NULL);
    (void)remove(path);
    return r;
}

int main(void)
{
    struct tk_dict *d = load_dict();
    struct tk_rules *few = d ? tk_rules_load(NULL, d, NULL) : NULL, *many;
    double start, load_ms, few_ns, many_ns;

    start = now_ns();
    many = d ? load_many(d) : NULL;
    load_ms = (now_ns() - start) / 1e6;
    if (!few || !many) {
        (void)fprintf(stderr, "can't load mibs/standard.facts or the rules: set srcdir to the top of the "
                              "sources\n");
        return 1;
    }
    event_fixture_init(&f, "1.3.6.1.6.3.1.1.5.3");
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.1.7", 7);
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.7.7", 1);
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.8.7", 2);
    event_fixture_text(&f, "1.3.6.1.2.1.2.2.1.2.7", "GigabitEthernet0/7");
    event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.3.7", 6);
    event_fixture_text(&f, "1.3.6.1.2.1.31.1.1.1.18.7", "to fra2");
    event_fixture_finish(&f, d);
    few_ns = measure(few);
    many_ns = measure(many);
    (void)printf("{\"bench\":\"rules\",\"builtin_rules\":%zu,\"match_ns\":%.0f,\"rules\":%zu,\"match_many_ns\":%.0f,"
                 "\"load_many_ms\":%.0f}\n",
                 tk_rules_count(few), few_ns, tk_rules_count(many), many_ns, load_ms);
    event_fixture_done(&f);
    tk_rules_free(few);
    tk_rules_free(many);
    tk_dict_free(d);
    return 0;
}
