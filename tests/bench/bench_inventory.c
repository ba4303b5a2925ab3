/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures inventory and circuits: CPU seconds to load, MiB held and at the peak, ns of CPU per look-up in random
 * order. One JSON object on stdout. Arguments: devices (default 100000), circuits (default 1000000).
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inventory/circuits.h"
#include "inventory/inventory.h"

#define LOOKUPS 2000000u
#define MIB     (1024.0 * 1024.0)

struct key {
    char device[24];
    size_t device_len;
    uint8_t address[4];
    uint32_t if_index;
    char if_name[16];
    size_t if_name_len;
};

static double cpu_seconds(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); /* CPU time, because other processes may be running */
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A line of /proc/self/status, such as VmHWM, in MiB. */
static double status_mib(const char *name)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[256];
    double kib = 0;

    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtod(line + strlen(name) + 1, NULL);
    if (f)
        (void)fclose(f);
    return kib / 1024;
}

static void make_key(struct key *key, unsigned device, uint32_t if_index)
{
    key->device_len = (size_t)snprintf(key->device, sizeof(key->device), "pe%05u.site%u.net", device, device % 500);
    key->address[0] = 10;
    key->address[1] = (uint8_t)(device >> 16);
    key->address[2] = (uint8_t)(device >> 8);
    key->address[3] = (uint8_t)device;
    key->if_index = if_index;
    key->if_name_len = (size_t)snprintf(key->if_name, sizeof(key->if_name), "xe-0/0/%u", if_index);
}

static bool write_devices(const char *path, unsigned count)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return false;
    fputs("address,prefix,name,site,rack,role,owner\n", f);
    for (unsigned i = 0; i < count; i++) {
        struct key k;

        make_key(&k, i, 0);
        fprintf(f, "10.%u.%u.%u,,%s,SITE%u,R%u,provider edge,Team %u\n", k.address[1], k.address[2], k.address[3],
                k.device, i % 500, i % 4000, i % 20);
    }
    for (unsigned length = 8; length <= 23; length++)
        fprintf(f, ",172.0.0.0/%u,,SITE1,,,\n", length);
    return fclose(f) == 0;
}

static bool write_circuits(const char *path, unsigned devices, unsigned count)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return false;
    fputs("device,ifIndex,ifName,circuit_id,customer,service\n", f);
    for (unsigned i = 0; i < count; i++) {
        struct key k;
        unsigned port = i / devices + 1;

        make_key(&k, i % devices, port);
        fprintf(f, "%s,%u,%s,DE-SITE%u-%07u,Customer %u,L%uVPN\n", k.device, port, k.if_name, i % 500, i, i % 30000,
                i % 2 + 2);
    }
    return fclose(f) == 0;
}

static struct key *random_keys(unsigned devices, unsigned ports)
{
    struct key *key = calloc(LOOKUPS, sizeof(*key));

    srandom(1);
    for (unsigned i = 0; key && i < LOOKUPS; i++)
        make_key(&key[i], (unsigned)random() % devices, (unsigned)random() % ports + 1);
    return key;
}

static struct tk_inventory *bench_inventory(const char *path)
{
    struct tk_err_list errs = {0};
    double held = status_mib("RssAnon:"), start = cpu_seconds();
    struct tk_inventory *inv = tk_inventory_load(path, 42, &errs, NULL);

    if (!inv) {
        fprintf(stderr, "%s: line %u: %s\n", errs.err[0].file, errs.err[0].line, errs.err[0].text);
        exit(EXIT_FAILURE);
    }
    printf("{\"devices\":%u,\"devices_load_cpu_s\":%.3f,\"devices_mib\":%.1f,\"devices_rss_mib\":%.1f,",
           tk_inventory_count(inv), cpu_seconds() - start, (double)tk_inventory_bytes(inv) / MIB,
           status_mib("RssAnon:") - held);
    return inv;
}

static struct tk_circuits *bench_circuits(const char *path)
{
    struct tk_err_list errs = {0};
    double held = status_mib("RssAnon:"), start = cpu_seconds();
    struct tk_circuits *c = tk_circuits_load(path, 42, &errs, NULL);

    if (!c) {
        fprintf(stderr, "%s: line %u: %s\n", errs.err[0].file, errs.err[0].line, errs.err[0].text);
        exit(EXIT_FAILURE);
    }
    printf(
        "\"circuits\":%u,\"circuits_load_cpu_s\":%.3f,\"circuits_mib\":%.1f,\"circuits_rss_mib\":%.1f,\"peak_rss_mib\":%.1f,",
        tk_circuits_count(c), cpu_seconds() - start, (double)tk_circuits_bytes(c) / MIB, status_mib("RssAnon:") - held,
        status_mib("VmHWM:"));
    return c;
}

/*
 * The worker does one look-up after the other. Here the next key depends on the last result, so that the
 * processor can't overlap their cache misses.
 */
#define BENCH(name, expected, expression) \
    do { \
        double start = cpu_seconds(); \
        unsigned found = 0; \
\
        for (unsigned i = 0, at = 0; i < LOOKUPS; i++, at = i & (0u - (unsigned)(found <= i))) { \
            const struct key *k = &key[at]; \
\
            found += (expression) != TK_ROW_NONE; \
        } \
        printf("\"" name "\":%.0f,", (cpu_seconds() - start) / LOOKUPS * 1e9); \
        if (found != (expected)) \
            fprintf(stderr, name ": found %u of %u\n", found, (unsigned)(expected)); \
    } while (0)

static uint32_t write_both(const struct tk_topology_join *join, struct tk_json *j, uint32_t device, uint32_t circuit)
{
    tk_json_clear(j);
    tk_topology_write(join, device, circuit, j);
    return (uint32_t)j->len; /* any value but TK_ROW_NONE */
}

static void bench_lookups(const struct tk_inventory *inv, const struct tk_circuits *c, const struct key *key)
{
    static const uint8_t nowhere[4] = {192, 0, 2, 1};
    struct tk_topology_join join;
    struct tk_json j;

    tk_topology_join_init(&join, tk_inventory_topology(inv), tk_circuits_topology(c));
    tk_json_init(&j);
    BENCH("find_address_ns", LOOKUPS, tk_inventory_find_address(inv, AF_INET, k->address));
    BENCH("miss_16_prefix_lengths_ns", 0u, tk_inventory_find_address(inv, AF_INET, nowhere + (k->address[0] == 0)));
    BENCH("find_index_ns", LOOKUPS, tk_circuits_find_index(c, k->device, k->device_len, k->if_index));
    BENCH("find_name_ns", LOOKUPS, tk_circuits_find_name(c, k->device, k->device_len, k->if_name, k->if_name_len));
    BENCH("find_both_and_write_7_ns", LOOKUPS,
          write_both(&join, &j, tk_inventory_find_address(inv, AF_INET, k->address),
                     tk_circuits_find_index(c, k->device, k->device_len, k->if_index)));
    BENCH("write_7_from_cache_ns", LOOKUPS, write_both(&join, &j, k->if_index, k->if_index));
    printf("\"lookups\":%u}\n", LOOKUPS);
    tk_json_done(&j);
}

int main(int argc, char **argv)
{
    unsigned devices = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
    unsigned circuits = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1000000;
    char folder[] = "bench_inventory.XXXXXX";
    struct tk_inventory *inv;
    struct tk_circuits *c;
    struct key *key;

    if (!devices || circuits < devices) {
        fprintf(stderr, "usage: %s [DEVICES [CIRCUITS]], with at least as many circuits as devices\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (!mkdtemp(folder) || chdir(folder) != 0 || !write_devices("devices.csv", devices) ||
        !write_circuits("circuits.csv", devices, circuits)) {
        perror(folder);
        return EXIT_FAILURE;
    }
    inv = bench_inventory("devices.csv");
    c = bench_circuits("circuits.csv");
    key = random_keys(devices, circuits / devices);
    if (key)
        bench_lookups(inv, c, key);
    free(key);
    tk_circuits_free(c);
    tk_inventory_free(inv);
    (void)remove("devices.csv");
    (void)remove("circuits.csv");
    return chdir("..") == 0 && remove(folder) == 0 && key ? EXIT_SUCCESS : EXIT_FAILURE;
}
