/* SPDX-License-Identifier: Apache-2.0 */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "mibs/mib_child.h"

#include <errno.h>
#include <inttypes.h>

#include "dictionary/dictionary_builder.h"
#include "host/mib_snapshot.h"
#include "snmp/oid.h"

/* Nearly every module imports these, so they are loaded before the processes are forked. */
static const char *const common[] = {"SNMPv2-SMI",     "SNMPv2-TC", "SNMPv2-CONF",        "RFC1155-SMI",
                                     "RFC-1212",       "RFC-1215",  "SNMP-FRAMEWORK-MIB", "SNMPv2-MIB",
                                     "IANAifType-MIB", "IF-MIB",    "INET-ADDRESS-MIB"};

static unsigned number_of(const struct tk_mib_set *set, const struct tk_mib_variant *v)
{
    return (unsigned)(v - (const struct tk_mib_variant *)set->variants.items);
}

void tk_mib_child_last(char dst[TK_MIB_LAST_BYTES], const struct tk_mib_set *set, const struct tk_mib_variant *v)
{
    unsigned number = number_of(set, v);

    (void)snprintf(dst, TK_MIB_LAST_BYTES, TK_MIB_LAST_NAME "%u OBJECT IDENTIFIER ::= { iso %u }", number,
                   (unsigned)INT32_MAX - number);
}

static void add_copy(const struct tk_mib_variant *v)
{
    if (v && v->copy)
        (void)add_mibfile(v->copy, v->name);
}

void tk_mib_child_prepare(const char *empty)
{
    (void)setenv("MIBS", "", 1);
    (void)setenv("MIBDIRS", empty, 1);
    (void)unsetenv("MIBFILES");
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_MIB_ERRORS, 1);
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_MIB_PARSE_LABEL, 1);
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_MIB_COMMENT_TERM, 1);
    snmp_disable_log();
    snmp_enable_stderrlog();
    netsnmp_init_mib();
}

/* Tell net-snmp where the modules are that this one needs, directly or not. It searches the list of all that it knows
 * for each type of each object, so it gets no others. */
static bool add_needed(const struct tk_mib_set *set, const struct tk_mib_variant *v)
{
    uint32_t folder = tk_mib_set_file(set, v)->folder;
    struct tk_vector needed = {0}; /* const struct tk_mib_variant * */
    const struct tk_mib_variant **at = tk_vector_push(&needed, 1, sizeof(*at));

    if (at)
        *at = v;
    for (uint32_t i = 0; at && i < needed.count; i++) {
        const struct tk_mib_variant *n = ((const struct tk_mib_variant **)needed.items)[i];
        const struct tk_mib_text *t = &tk_mib_set_file(set, n)->text;
        const struct tk_mib_module *m = tk_mib_set_module(set, n);

        for (uint32_t k = 0; at && k < m->import_count; k++) {
            const char *name = tk_mib_text_import(t, m, k);
            const struct tk_mib_variant *import = tk_mib_set_choose(set, name, folder);
            bool is_new = import && strcmp(name, v->name) != 0;

            for (uint32_t o = 0; is_new && o < needed.count; o++)
                is_new = ((const struct tk_mib_variant **)needed.items)[o] != import;
            if (!is_new)
                continue;
            add_copy(import);
            at = tk_vector_push(&needed, 1, sizeof(*at));
            if (at)
                *at = import;
        }
    }
    add_copy(v);
    tk_vector_done(&needed);
    return at != NULL;
}

bool tk_mib_child_is_common(const struct tk_mib_set *set, const struct tk_mib_variant *v)
{
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
        if (strcmp(v->name, common[i]) == 0)
            return tk_mib_set_choose(set, v->name, UINT32_MAX) == v;
    return false;
}

void tk_mib_child_preload(const struct tk_mib_set *set)
{
    for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
        const struct tk_mib_variant *v = tk_mib_set_choose(set, common[i], UINT32_MAX);

        if (v && add_needed(set, v))
            (void)netsnmp_read_module(common[i]);
    }
}

/* --- facts ------------------------------------------------------------------------------------------------------- */

#define MAX_UNITS 256

struct writing {
    FILE *out;
    const char *module;
    bool has_end;
};

static void write_refs(FILE *out, const char *mark, const struct tk_dict_fact *f, const struct tk_dict_fact_ref *refs,
                       size_t count, size_t most)
{
    for (size_t i = 0; count <= most && i < count; i++) { /* more are not decoded, so none is written */
        (void)fputs(i ? "," : mark, out);
        if (refs[i].is_implied)
            (void)putc('!', out);
        if (refs[i].module && strcmp(refs[i].module, f->module) != 0)
            (void)fprintf(out, "%.*s::", (int)refs[i].module_len, refs[i].module);
        (void)fwrite(refs[i].name, 1, refs[i].name_len, out);
    }
}

static void write_value(FILE *out, const struct tk_dict_fact *f)
{
    if (f->tc)
        (void)fprintf(out, " t=%s", f->tc);
    if (f->fixed_len)
        (void)fprintf(out, " z=%u", f->fixed_len);
    for (size_t i = 0; i < f->enum_count; i++)
        (void)fprintf(out, "%s%.*s:%" PRId32, i ? "," : " e=", (int)f->enums[i].label_len, f->enums[i].label,
                      f->enums[i].value);
    for (size_t i = 0; i < f->units_len && i < MAX_UNITS; i++) /* a tab is a space */
        (void)fprintf(out, f->units[i] > ' ' && f->units[i] < 0x7f && f->units[i] != '%' ? "%s%c" : "%s%%%02x",
                      i ? "" : " u=", f->units[i] == '\t' ? ' ' : (unsigned char)f->units[i]);
}

static int take_node(void *arg, const struct tree *t, const struct tk_dict_fact *f)
{
    static const char *const types[] = {"-",         "integer", "octets",    "oid",       "ipaddress", "netaddress",
                                        "counter32", "gauge32", "timeticks", "counter64", "bits",      "opaque"};
    struct writing *w = arg;
    char oid[TK_OID_MAX_TEXT];
    const char *type = types[f->syntax];

    if (!f->module || strcmp(f->module, w->module) != 0)
        return 0;
    if (strncmp(f->name, TK_MIB_LAST_NAME, strlen(TK_MIB_LAST_NAME)) == 0) {
        w->has_end = true;
        return 0;
    }
    if (f->is_notification)
        type = t->type == TYPE_NOTIFTYPE ? "notification" : "trap";
    (void)tk_oid_format(oid, sizeof(oid), f->subid, f->len);
    (void)fprintf(w->out, "%s %s %s %s", oid, f->name, f->module, type);
    write_value(w->out, f);
    write_refs(w->out, " i=", f, f->indexes, f->index_count, TK_DICT_MAX_INDEXES);
    write_refs(w->out, " a=", f, f->augments, f->augments ? 1 : 0, 1);
    write_refs(w->out, " o=", f, f->objects, f->object_count, TK_DICT_MAX_OBJECTS);
    if (f->hint_len)
        (void)fprintf(w->out, " h=%.*s", (int)f->hint_len, f->hint);
    (void)putc('\n', w->out);
    return 0;
}

int tk_mib_child_read(const struct tk_mib_set *set, const struct tk_mib_variant *v, FILE *out)
{
    struct writing w = {.out = out, .module = v->name};

    if (!add_needed(set, v))
        return 2;
    (void)netsnmp_read_module(v->name);
    adopt_orphans();
    if (tk_mib_walk(take_node, &w) < 0 || fflush(out) != 0)
        return 2;
    return w.has_end ? 0 : 1;
}
