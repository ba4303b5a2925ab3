/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures the dictionary: time to build it, its memory, nanoseconds per look-up.
 *
 *     bench_dictionary             the built-in facts
 *     bench_dictionary mibs        the built-in facts and the MIBs that net-snmp loads (MIBDIRS, MIBS=ALL)
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <malloc.h>
#include <time.h>

#include "host/mib_snapshot.h"
#include "dictionary/dictionary_standard.h"

#define LOOKUPS 1000000u
#define SPREAD  1000u
#define ROUNDS  5

static double heap_mib(void)
{
    struct mallinfo2 m = mallinfo2();

    return (double)(m.uordblks + m.hblkhd) / 1048576;
}

static double seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* CPU time, because other processes may be running */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Use the fastest of some rounds, because noise only makes a round slower. */
static void measure(const struct tk_dict *d, const char *name, const struct tk_oid *oids, uint32_t count)
{
    double best = 0;
    uint64_t sum = 0;
    uint32_t seed = 1;

    for (int round = 0; round < ROUNDS; round++) {
        double start = seconds(), taken;

        for (uint32_t i = 0; i < LOOKUPS; i++) {
            const struct tk_oid *oid = oids + (seed >> 8) % count;
            size_t matched;

            (void)tk_dict_find(d, oid->subid, oid->len, &matched);
            sum += matched;
            seed = seed * 1664525u + 1013904223u;
        }
        taken = seconds() - start;
        if (round == 0 || taken < best)
            best = taken;
    }
    printf("%-34s %6.1f ns a look-up (%u OIDs, %.1f arcs matched)\n", name, best / LOOKUPS * 1e9, count,
           (double)sum / LOOKUPS / ROUNDS);
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {
        "1.3.6.1.2.1.1.3.0",       "1.3.6.1.6.3.1.1.4.1.0",    "1.3.6.1.6.3.1.1.5.3",
        "1.3.6.1.2.1.2.2.1.1.7",   "1.3.6.1.2.1.2.2.1.7.7",    "1.3.6.1.2.1.2.2.1.8.7",
        "1.3.6.1.6.3.18.1.3.0",    "1.3.6.1.2.1.31.1.1.1.1.7", "1.3.6.1.2.1.15.3.1.7.192.0.2.7",
        "1.3.6.1.4.1.99999.1.2.3",
    };
    struct tk_oid some[sizeof(usual) / sizeof(usual[0])];
    struct tk_dict_builder *b = tk_dict_builder_new();
    uint32_t count = 0, seen = 0;
    struct tk_oid *all;
    struct tk_dict *d;
    double start, read, parsed, walked, built, heap = heap_mib();

    if (!b)
        return 1;
    start = seconds();
    if (tk_dict_standard_add(b, NULL) < 0)
        return 1;
    read = seconds();
    printf("facts read                         %6.1f ms\n", (read - start) * 1e3);
    if (argc > 1 && strcmp(argv[1], "mibs") == 0) {
        double before = heap_mib();

        netsnmp_init_mib();
        parsed = seconds();
        heap += heap_mib() - before; /* net-snmp's memory, not ours */
        printf("MIBs parsed by net-snmp            %6.1f ms\n", (parsed - read) * 1e3);
        printf("objects in the snapshot            %6d\n", tk_mib_snapshot(b));
        walked = seconds();
        printf("snapshot walked                    %6.1f ms\n", (walked - parsed) * 1e3);
    }
    start = seconds();
    d = tk_dict_builder_finish(b);
    built = seconds();
    if (!d)
        return 1;
    printf("laid out                           %6.1f ms\n", (built - start) * 1e3);
    printf("builder and dictionary together    %6.1f MiB of heap at the peak\n", heap_mib() - heap);
    tk_dict_builder_free(b);
    printf("dictionary                         %6.1f MiB: %u nodes, %.1f bytes each, %u references unresolved\n",
           (double)tk_dict_bytes(d) / 1048576, tk_dict_count(d), (double)tk_dict_bytes(d) / tk_dict_count(d),
           tk_dict_unresolved(d));

    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (tk_oid_parse(some + i, usual[i]) < 0)
            return 1;
    measure(d, "the usual ten OIDs", some, sizeof(usual) / sizeof(usual[0]));
    all = calloc(SPREAD, sizeof(*all));
    if (!all)
        return 1;
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o && count < SPREAD; o = tk_dict_next(d, o))
        if (seen++ % (tk_dict_count(d) / SPREAD + 1) == 0)
            tk_dict_oid(d, o, all + count++);
    measure(d, "OIDs from all over the dictionary", all, count);
    free(all);
    tk_dict_free(d);
    return 0;
}
