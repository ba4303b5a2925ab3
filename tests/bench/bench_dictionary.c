/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures the dictionary: time to build it, its size, time to open its file, memory, nanoseconds per look-up.
 *
 *     bench_dictionary             the built-in facts
 *     bench_dictionary mibs        the MIBs that net-snmp loads (MIBDIRS, MIBS=ALL), written to a file and opened
 *     bench_dictionary FILE...     compiled dictionaries, above and below the built-in facts as in the daemon: the last
 *                                  FILE is the last layer
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <malloc.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "host/mib_snapshot.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/dictionary_sources.h"
#include "dictionary/dictionary_standard.h"

#define LOOKUPS 1000000u
#define SPREAD  1000u
#define ROUNDS  5
#define APART   997 /* columns between two of the ten */

static double heap_mib(void)
{
    struct mallinfo2 m = mallinfo2();

    return (double)(m.uordblks + m.hblkhd) / 1048576;
}

static double cpu_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* CPU time, because other processes may be running */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* KiB of a line of /proc/self/status. */
static long status_kib(const char *name)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[200];
    long kib = 0;

    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtol(line + strlen(name) + 1, NULL, 10);
    if (f)
        (void)fclose(f);
    return kib;
}

/* Use the fastest of some rounds, because noise only makes a round slower. */
static void measure(const struct tk_dict *d, const char *name, const struct tk_oid *oids, uint32_t count)
{
    double best = 0;
    uint64_t sum = 0;
    uint32_t seed = 1;

    for (int round = 0; round < ROUNDS && count; round++) {
        double start = cpu_seconds(), taken;

        for (uint32_t i = 0; i < LOOKUPS; i++) {
            const struct tk_oid *oid = oids + (seed >> 8) % count;
            size_t matched;

            (void)tk_dict_find(d, oid->subid, oid->len, &matched);
            sum += matched;
            seed = seed * 1664525u + 1013904223u;
        }
        taken = cpu_seconds() - start;
        if (round == 0 || taken < best)
            best = taken;
    }
    printf("%-34s %6.1f ns a look-up (%u OIDs, %.1f arcs matched)\n", name, best / LOOKUPS * 1e9, count,
           (double)sum / LOOKUPS / ROUNDS);
}

/* The usual OIDs of a trap, those of vendors' notifications one after the other, and all over the dictionary. */
static void measure_all(const struct tk_dict *d)
{
    static const char *const usual[] = {
        "1.3.6.1.2.1.1.3.0",       "1.3.6.1.6.3.1.1.4.1.0",    "1.3.6.1.6.3.1.1.5.3",
        "1.3.6.1.2.1.2.2.1.1.7",   "1.3.6.1.2.1.2.2.1.7.7",    "1.3.6.1.2.1.2.2.1.8.7",
        "1.3.6.1.6.3.18.1.3.0",    "1.3.6.1.2.1.31.1.1.1.1.7", "1.3.6.1.2.1.15.3.1.7.192.0.2.7",
        "1.3.6.1.4.1.99999.1.2.3",
    };
    struct tk_oid some[sizeof(usual) / sizeof(usual[0])], *all = calloc(SPREAD + 1, sizeof(*all));
    uint32_t count = 0, seen = 0, one = 0, columns = 0;

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        (void)tk_oid_parse(some + i, usual[i]);
    measure(d, "the usual ten OIDs", some, sizeof(usual) / sizeof(usual[0]));
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o && all && one < 10; o = tk_dict_next(d, o)) {
        if (tk_dict_kind(d, o) != TK_DICT_COLUMN || columns++ % APART)
            continue;
        tk_dict_oid(d, o, all);
        if (all->len < 9 || all->subid[4] != 4 || all->subid[6] == 2021 || all->subid[6] == 8072) /* net-snmp's own */
            continue;
        all->subid[all->len++] = 7;
        some[one++] = *all;
    }
    measure(d, "ten columns of vendors", some, one);
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o && all && count < SPREAD; o = tk_dict_next(d, o))
        if (seen++ % (tk_dict_count(d) / SPREAD + 1) == 0)
            tk_dict_oid(d, o, all + count++);
    measure(d, "OIDs from all over the dictionary", all, count);
    free(all);
}

static void print_size(const char *name, const struct tk_dict *d)
{
    printf("%-34s %6.1f MiB: %u nodes, %.1f bytes each, %u references unresolved\n", name,
           (double)tk_dict_bytes(d) / 1048576, tk_dict_count(d), (double)tk_dict_bytes(d) / tk_dict_count(d),
           tk_dict_unresolved(d));
}

/* Open the file some times: the first one may read the disk. */
static void measure_open(const char *path)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct timespec from, to;
        double cpu = cpu_seconds();
        struct tk_dict *d;

        (void)clock_gettime(CLOCK_MONOTONIC, &from);
        d = tk_dict_file_open(path, NULL);
        (void)clock_gettime(CLOCK_MONOTONIC, &to);
        cpu = cpu_seconds() - cpu;
        if (!d)
            exit(1);
        if (round == 0)
            print_size("dictionary", d);
        printf("opened, round %d                   %6.1f ms, %.1f ms of CPU\n", round + 1,
               (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6, cpu * 1e3);
        tk_dict_free(d);
    }
}

/* The layers of a daemon. */
static int measure_files(char **paths, int count)
{
    struct tk_dict_sources *s;
    struct tk_dict *d;
    struct tk_err err = {0};
    long anonymous, mapped;
    char text[sizeof(err)];

    for (int i = 0; i < count; i++)
        measure_open(paths[i]);
    s = tk_dict_sources_new(NULL, &err);
    anonymous = status_kib("RssAnon");
    mapped = status_kib("RssFile");
    for (int i = 0; s && i < count; i++) {
        enum tk_dict_outcome o = i + 1 < count ? tk_dict_sources_open(s, paths[i], &err)
                                               : tk_dict_sources_open_vendors(s, paths[i], &err);

        if (o != TK_DICT_OPENED) {
            (void)fprintf(stderr, "%s\n", tk_err_format(&err, text, sizeof(text)));
            return 1;
        }
    }
    d = s ? tk_dict_sources_join(s) : NULL;
    if (!d)
        return 1;
    print_size("all layers", d);
    measure_all(d);
    printf("RssAnon grew by                    %6ld KiB, RssFile by %ld KiB\n", status_kib("RssAnon") - anonymous,
           status_kib("RssFile") - mapped);
    tk_dict_free(d);
    tk_dict_sources_free(s);
    return 0;
}

static struct tk_dict *finish(struct tk_dict_builder *b, double heap)
{
    double start = cpu_seconds();
    struct tk_dict *d = tk_dict_builder_finish(b);

    printf("laid out                           %6.1f ms\n", (cpu_seconds() - start) * 1e3);
    printf("builder and dictionary together    %6.1f MiB of heap\n", heap_mib() - heap);
    tk_dict_builder_free(b);
    return d;
}

static int measure_mibs(void)
{
    char path[] = "/tmp/bench_dictionary.XXXXXX";
    struct tk_dict_builder *b = tk_dict_builder_new();
    double start = cpu_seconds(), heap;
    struct tk_dict *d;
    int fd = mkstemp(path), ret;

    netsnmp_init_mib();
    printf("MIBs parsed by net-snmp            %6.1f ms\n", (cpu_seconds() - start) * 1e3);
    heap = heap_mib(); /* net-snmp's memory, not ours */
    start = cpu_seconds();
    printf("objects in the snapshot            %6d\n", b ? tk_mib_snapshot(b) : -1);
    printf("snapshot walked                    %6.1f ms\n", (cpu_seconds() - start) * 1e3);
    d = b ? finish(b, heap) : NULL;
    start = cpu_seconds();
    if (fd < 0 || close(fd) < 0 || !d || tk_dict_file_write(path, d, NULL) < 0)
        return 1;
    printf("written                            %6.1f ms of CPU\n", (cpu_seconds() - start) * 1e3);
    tk_dict_free(d);
    ret = measure_files((char *[]){path}, 1);
    (void)unlink(path);
    return ret;
}

static int measure_standard(void)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    double start = cpu_seconds(), heap = heap_mib();
    struct tk_dict *d;

    if (!b || tk_dict_standard_add(b, NULL) < 0)
        return 1;
    printf("facts read                         %6.1f ms\n", (cpu_seconds() - start) * 1e3);
    d = finish(b, heap);
    if (!d)
        return 1;
    print_size("dictionary", d);
    measure_all(d);
    tk_dict_free(d);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return measure_standard();
    return argc == 2 && strcmp(argv[1], "mibs") == 0 ? measure_mibs() : measure_files(argv + 1, argc - 1);
}
