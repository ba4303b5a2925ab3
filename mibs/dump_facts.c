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

static bool is_wanted(const struct tk_dict *d, const struct tk_dict_object *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], tk_dict_module(d, o).text) == 0)
            return true;
    return false;
}

/* Write the nodes in the order of their OIDs. The recursion is at most as deep as an OID is long. */
static void dump(const struct tk_dict *d, uint32_t n, const bool *is_kept)
{
    if (is_kept[n] && d->objects[n].name)
        (void)tk_dict_facts_write(stdout, d, d->objects + n);
    for (uint32_t i = 0; i < d->nodes[n].child_count; i++)
        dump(d, d->nodes[n].first_child + i, is_kept);
}

int main(int argc, char **argv)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d;
    bool *is_kept;

    netsnmp_init_mib();
    if (!b || tk_mib_snapshot(b) < 0)
        return 1;
    d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    is_kept = d ? calloc(d->node_count, sizeof(*is_kept)) : NULL;
    if (!is_kept)
        return 1;
    for (uint32_t n = d->node_count - 1; n; n--) { /* backwards: children have higher numbers than their parents */
        is_kept[n] |= is_wanted(d, d->objects + n, argc, argv);
        is_kept[d->objects[n].parent] |= is_kept[n];
    }
    dump(d, 0, is_kept);
    free(is_kept);
    tk_dict_free(d);
    return fflush(stdout) == 0 ? 0 : 1;
}
