/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the facts of MIB modules to standard output, as net-snmp's parser and plugin/host/mib_snapshot.c read them:
 *
 *     dump_facts MODULE... < /dev/null       (MIBDIRS and MIBS select what net-snmp loads)
 *
 * The lines are sorted by OID. The ancestors of each object are written too, whatever their module.
 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "host/mib_snapshot.h"
#include "dictionary/dictionary_builder.h"
#include "dictionary/dictionary_facts.h"

struct line {
    const struct tk_dict_object *object;
    struct tk_oid oid;
};

static bool is_wanted(const struct tk_dict *d, const struct tk_dict_object *o, int argc, char **argv)
{
    struct tk_dict_text module = tk_dict_module(d, o);

    for (int i = 1; i < argc; i++)
        if (strlen(argv[i]) == module.len && memcmp(argv[i], module.text, module.len) == 0)
            return true;
    return false;
}

static int compare(const void *a, const void *b)
{
    const struct tk_oid *x = &((const struct line *)a)->oid, *y = &((const struct line *)b)->oid;

    for (size_t i = 0; i < x->len && i < y->len; i++)
        if (x->subid[i] != y->subid[i])
            return x->subid[i] < y->subid[i] ? -1 : 1;
    return x->len < y->len ? -1 : x->len > y->len;
}

/* Mark the objects of these modules, and all above them. @returns how many */
static size_t mark(const struct tk_dict *d, bool *is_kept, int argc, char **argv)
{
    size_t count = 0;

    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o)) {
        if (!is_wanted(d, o, argc, argv))
            continue;
        for (const struct tk_dict_object *up = o; up && !is_kept[tk_dict_number(d, up)]; up = tk_dict_parent(d, up)) {
            is_kept[tk_dict_number(d, up)] = true;
            count++;
        }
    }
    return count;
}

static bool dump(const struct tk_dict *d, int argc, char **argv)
{
    bool *is_kept = calloc(tk_dict_count(d), sizeof(*is_kept));
    struct line *lines = is_kept ? calloc(mark(d, is_kept, argc, argv) + 1, sizeof(*lines)) : NULL;
    size_t count = 0;

    if (!lines)
        return false;
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o)) {
        if (!is_kept[tk_dict_number(d, o)])
            continue;
        lines[count].object = o;
        tk_dict_oid(d, o, &lines[count++].oid);
    }
    qsort(lines, count, sizeof(*lines), compare);
    for (size_t i = 0; i < count; i++)
        (void)tk_dict_facts_write(stdout, d, lines[i].object);
    free(lines);
    free(is_kept);
    return fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d;
    bool is_good;

    netsnmp_init_mib();
    if (!b || tk_mib_snapshot(b) < 0)
        return 1;
    d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    is_good = d && dump(d, argc, argv);
    tk_dict_free(d);
    return is_good ? 0 : 1;
}
