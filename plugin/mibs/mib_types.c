/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_types.h"

/* Those that nearly every module uses. Their modules are loaded before all others (mib_child.c). */
static const struct {
    const char *name, *module;
} types[] = {
    {"DisplayString", "SNMPv2-TC"},      {"PhysAddress", "SNMPv2-TC"},
    {"MacAddress", "SNMPv2-TC"},         {"TruthValue", "SNMPv2-TC"},
    {"TestAndIncr", "SNMPv2-TC"},        {"AutonomousType", "SNMPv2-TC"},
    {"VariablePointer", "SNMPv2-TC"},    {"RowPointer", "SNMPv2-TC"},
    {"RowStatus", "SNMPv2-TC"},          {"TimeStamp", "SNMPv2-TC"},
    {"TimeInterval", "SNMPv2-TC"},       {"DateAndTime", "SNMPv2-TC"},
    {"StorageType", "SNMPv2-TC"},        {"InetAddressType", "INET-ADDRESS-MIB"},
    {"InetAddress", "INET-ADDRESS-MIB"}, {"SnmpAdminString", "SNMP-FRAMEWORK-MIB"},
    {"InterfaceIndex", "IF-MIB"},        {"InterfaceIndexOrZero", "IF-MIB"},
};
#define TYPES (sizeof(types) / sizeof(types[0]))

static int type_of(const char *text, struct tk_mib_word w)
{
    for (size_t i = 0; i < TYPES; i++)
        if (tk_mib_word_is(text, w, types[i].name))
            return (int)i;
    return -1;
}

bool tk_mib_types_write_missing(const struct tk_mib_text *t, const struct tk_mib_module *m, FILE *out)
{
    bool is_used[TYPES] = {false}, is_known[TYPES] = {false}, is_any = false;
    struct tk_mib_word before = {0}, w;
    int last = -1;

    for (size_t at = m->body; tk_mib_word_next(t->text, &at, m->end, &w); before = w) {
        int type = type_of(t->text, w);

        if (last >= 0 && tk_mib_word_is(t->text, w, "::=")) /* the module has one of its own */
            is_known[last] = true;
        if (type >= 0 && w.at < m->imports_end)
            is_known[type] = true;
        else if (type >= 0 && tk_mib_word_is(t->text, before, "SYNTAX"))
            is_used[type] = true;
        last = type;
    }
    for (size_t i = 0; i < TYPES; i++) {
        if (!is_used[i] || is_known[i] || strcmp(types[i].module, m->name) == 0)
            continue;
        (void)fprintf(out, " %s FROM %s", types[i].name, types[i].module);
        is_any = true;
    }
    return is_any;
}
