/* SPDX-License-Identifier: Apache-2.0 */
#include "import/opennms_mask.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "import/import_make.h"

#define ENTERPRISE_SPECIFIC 6

/** An element that may have several values. */
struct values {
    unsigned count, line;
    char *value[TK_IMPORT_CASES];
};

/** A mask that is being read. */
struct reading {
    struct tk_import *im;
    unsigned line;
    const char *name;
    struct tk_opennms_mask *mask;
    struct values id, generic, specific;
};

static bool refuse(const struct reading *r, unsigned line, const char *value, const char *why)
{
    tk_import_tell(r->im, line, value, "%s; the event is left out, write its rule by hand", why);
    return false;
}

static void free_values(struct values *v)
{
    for (unsigned i = 0; i < v->count; i++)
        free(v->value[i]);
    v->count = 0;
}

/* ---- senders ---- */

/* "192.0.2.7", "2001:db8::1", "10.1.%" */
static bool read_source(const char *value, char *prefix, size_t prefix_bytes, char *address)
{
    uint8_t octets[sizeof(struct in6_addr)];
    size_t len = strlen(value);
    unsigned dots = 0;
    char filled[32];

    if (inet_pton(AF_INET, value, octets) == 1 || inet_pton(AF_INET6, value, octets) == 1) {
        (void)snprintf(prefix, prefix_bytes, "%s", value);
        (void)snprintf(address, INET6_ADDRSTRLEN, "%s", value);
        return true;
    }
    if (len < 3 || len > 13 || strcmp(value + len - 2, ".%") != 0)
        return false;
    for (size_t i = 0; i < len; i++)
        dots += value[i] == '.';
    (void)snprintf(filled, sizeof(filled), "%.*s%s", (int)len - 1, value,
                   dots == 1   ? "0.0.0"
                   : dots == 2 ? "0.0"
                               : "0");
    if (dots > 3 || inet_pton(AF_INET, filled, octets) != 1)
        return false;
    (void)snprintf(prefix, prefix_bytes, "%s/%u", filled, 8 * dots);
    (void)snprintf(address, INET6_ADDRSTRLEN, "%s", filled);
    return true;
}

static bool add_source(struct reading *r, unsigned line, const char *value)
{
    char prefix[INET6_ADDRSTRLEN + 8];

    if (!read_source(value, prefix, sizeof(prefix), r->mask->address))
        return refuse(r, line, value, "rules compare senders by address, or by a prefix such as 10.1.%");
    if (!r->mask->sources)
        r->mask->sources = json_array();
    tk_import_append(r->im, r->mask->sources, json_string(prefix));
    return true;
}

static bool add_sources(struct reading *r, const xmlNode *element)
{
    const xmlNode *value = tk_xml_child(element, "mevalue");
    bool is_ok = true;

    if (r->mask->sources)
        return refuse(r, tk_xml_line(element), NULL, "two elements compare the sender, and a rule has one list");
    for (; value && is_ok; value = tk_xml_next(value, "mevalue")) {
        char *text = tk_xml_text(r->im, value);

        is_ok = text && add_source(r, tk_xml_line(value), text);
        free(text);
    }
    return is_ok;
}

/* ---- elements ---- */

static bool add_values(struct reading *r, struct values *v, const xmlNode *element)
{
    const xmlNode *value = tk_xml_child(element, "mevalue");

    if (v->count)
        return refuse(r, tk_xml_line(element), NULL, "the element is there twice");
    v->line = tk_xml_line(element);
    for (; value; value = tk_xml_next(value, "mevalue")) {
        if (v->count == TK_IMPORT_CASES)
            return refuse(r, v->line, NULL, "the element has over 16 values");
        v->value[v->count] = tk_xml_text(r->im, value);
        if (!v->value[v->count])
            return false;
        v->count++;
    }
    return true;
}

static bool add_element(struct reading *r, const xmlNode *element)
{
    char *name = tk_xml_text(r->im, tk_xml_child(element, "mename"));
    bool is_ok;

    if (!name)
        return false;
    if (strcmp(name, "id") == 0)
        is_ok = add_values(r, &r->id, element);
    else if (strcmp(name, "generic") == 0)
        is_ok = add_values(r, &r->generic, element);
    else if (strcmp(name, "specific") == 0)
        is_ok = add_values(r, &r->specific, element);
    else if (strcmp(name, "snmphost") == 0 || strcmp(name, "interface") == 0)
        is_ok = add_sources(r, element);
    else
        is_ok = refuse(r, tk_xml_line(element), name,
                       "rules compare notification, sender, SNMPv3 user and varbinds, and have no such condition");
    free(name);
    return is_ok;
}

/* ---- notifications ---- */

static bool add_trap(struct reading *r, const struct tk_oid *oid, bool is_subtree)
{
    struct tk_opennms_mask *m = r->mask;

    if (m->trap_count == TK_IMPORT_CASES)
        return refuse(r, r->line, NULL, "the mask is for over 16 notifications");
    tk_import_trap_of_oid(r->im, oid, is_subtree, r->name, m->traps + m->trap_count++);
    return true;
}

static bool read_number(const char *text, uint32_t *ret)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno || n > UINT32_MAX)
        return false;
    *ret = (uint32_t)n;
    return true;
}

/* RFC 3584, 3.1: generic 0 is coldStart, snmpTraps.1. */
static bool add_generic(struct reading *r, uint32_t generic)
{
    const struct tk_oid oid = {.len = 10, .subid = {1, 3, 6, 1, 6, 3, 1, 1, 5, generic + 1}};

    return add_trap(r, &oid, false);
}

/* With a 0 before it, as SNMPv1's notifications have; rules match the form without it too. */
static bool add_specific(struct reading *r, const struct tk_oid *enterprise, uint32_t specific)
{
    struct tk_oid oid = *enterprise;

    if (oid.subid[oid.len - 1] != 0)
        oid.subid[oid.len++] = 0;
    oid.subid[oid.len++] = specific;
    return add_trap(r, &oid, false);
}

static bool is_snmp_traps(const struct tk_oid *oid)
{
    static const uint32_t snmp_traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};

    return oid->len >= 9 && memcmp(oid->subid, snmp_traps, sizeof(snmp_traps)) == 0;
}

/* ".1.3.6.1.4.1.9.%" */
static bool add_subtree(struct reading *r, const char *id)
{
    size_t len = strlen(id);
    char base[TK_OID_MAX_TEXT];
    struct tk_oid oid;

    if (r->specific.count)
        return refuse(r, r->specific.line, r->specific.value[0],
                      "rules can't compare the specific number below several enterprises");
    if (len < 3 || len > sizeof(base) || strcmp(id + len - 2, ".%") != 0)
        return refuse(r, r->id.line, id, "rules compare OIDs, and whole subtrees such as .1.3.6.1.4.1.9.%");
    (void)snprintf(base, sizeof(base), "%.*s", (int)len - 2, id);
    if (tk_oid_parse(&oid, base) < 0 || oid.len < 2 || oid.len + 2 > TK_OID_MAX_SUBIDS)
        return refuse(r, r->id.line, id, "it is no OID");
    return add_trap(r, &oid, true);
}

static bool add_enterprise(struct reading *r, const char *id)
{
    struct tk_oid oid;
    uint32_t specific;

    if (strpbrk(id, "%~"))
        return add_subtree(r, id);
    if (strlen(id) >= TK_OID_MAX_TEXT || tk_oid_parse(&oid, id) < 0 || oid.len < 2 || oid.len + 2 > TK_OID_MAX_SUBIDS)
        return refuse(r, r->id.line, id, "it is no OID");
    if (!r->specific.count)
        return refuse(r, r->id.line, id,
                      "there is no specific number; a rule for all of them would be for the enterprises below it too");
    for (unsigned i = 0; i < r->specific.count; i++) {
        if (!read_number(r->specific.value[i], &specific))
            return refuse(r, r->specific.line, r->specific.value[i], "rules compare a specific number as it is");
        if (!add_specific(r, &oid, specific))
            return false;
    }
    return true;
}

/* A notification of RFC 1215 is the same for all enterprises; a rule can't compare SNMPv1's enterprise of it. */
static bool check_generic_id(const struct reading *r)
{
    struct tk_oid oid;

    for (unsigned i = 0; i < r->id.count; i++)
        if (tk_oid_parse(&oid, r->id.value[i]) < 0 || !is_snmp_traps(&oid))
            return refuse(r, r->id.line, r->id.value[i],
                          "rules can't compare the enterprise of a generic notification");
    return true;
}

static bool find_traps(struct reading *r)
{
    bool is_specific = !r->generic.count, is_ok = true;
    uint32_t generic;

    for (unsigned i = 0; i < r->generic.count && is_ok; i++) {
        if (!read_number(r->generic.value[i], &generic) || generic > ENTERPRISE_SPECIFIC)
            return refuse(r, r->generic.line, r->generic.value[i], "a generic number is 0 to 6");
        if (generic == ENTERPRISE_SPECIFIC)
            is_specific = true;
        else
            is_ok = check_generic_id(r) && add_generic(r, generic);
    }
    if (!is_ok || !is_specific)
        return is_ok;
    if (!r->id.count)
        return refuse(r, r->line, NULL,
                      r->generic.count || r->specific.count
                          ? "its mask has no id"
                          : "it is for no notification: its mask has neither id nor generic");
    for (unsigned i = 0; i < r->id.count && is_ok; i++)
        is_ok = add_enterprise(r, r->id.value[i]);
    return is_ok;
}

void tk_opennms_mask_done(struct tk_opennms_mask *m)
{
    json_decref(m->sources);
    m->sources = NULL;
    m->trap_count = 0;
}

bool tk_opennms_mask_read(struct tk_import *im, unsigned line, const xmlNode *mask, const char *name,
                          struct tk_opennms_mask *ret)
{
    struct reading r = {.im = im, .line = line, .name = name, .mask = ret};
    const xmlNode *element = tk_xml_child(mask, "maskelement");
    bool is_ok = true;

    ret->trap_count = 0;
    ret->sources = NULL;
    (void)snprintf(ret->address, sizeof(ret->address), "%s", TK_IMPORT_SOURCE);
    for (; element && is_ok; element = tk_xml_next(element, "maskelement"))
        is_ok = add_element(&r, element);
    is_ok = is_ok && find_traps(&r);
    free_values(&r.id);
    free_values(&r.generic);
    free_values(&r.specific);
    if (!is_ok)
        tk_opennms_mask_done(ret);
    return is_ok;
}
