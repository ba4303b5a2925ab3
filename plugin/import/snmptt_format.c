/* SPDX-License-Identifier: Apache-2.0 */
#include "import/snmptt_format.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** A FORMAT line that is being read. */
struct format {
    struct tk_import *im;
    unsigned line;
    const struct tk_snmptt_names *names;
    const struct tk_import_trap *trap;
    struct tk_import_text *text;
};

/** What becomes of a variable without a number. */
enum meaning {
    DEVICE,
    SPACE,
    DOLLAR,
    EVENT_NAME,
    EVENT_OID,
    CATEGORY,
    SEVERITY,
    TRAP_NAME,
    TRAP_OID,
    ENTERPRISE,
    GENERIC,
    SPECIFIC,
    ALL,
    ABSENT
};

/* Longest names first where one begins another. */
static const struct variable {
    const char *name;
    enum meaning meaning;
    const char *instead; /* ABSENT: where the event has it */
} variables[] = {
    {"$aA", DEVICE, NULL},
    {"$aR", DEVICE, NULL},
    {"$ar", DEVICE, NULL},
    {"$A", DEVICE, NULL},
    {"$R", DEVICE, NULL},
    {"$r", DEVICE, NULL},
    {"$N", EVENT_NAME, NULL},
    {"$i", EVENT_OID, NULL},
    {"$c", CATEGORY, NULL},
    {"$s", SEVERITY, NULL},
    {"$O", TRAP_NAME, NULL},
    {"$o", TRAP_OID, NULL},
    {"$E", ENTERPRISE, NULL},
    {"$e", ENTERPRISE, NULL},
    {"$G", GENERIC, NULL},
    {"$S", SPECIFIC, NULL},
    {"$$", DOLLAR, NULL},
    {"$Fn", SPACE, NULL},
    {"$Fr", SPACE, NULL},
    {"$Ft", SPACE, NULL},
    {"$Ff", SPACE, NULL},
    {"$Fa", SPACE, NULL},
    {"$Fz", ABSENT, "it is of EXEC only; use the event's summary"},
    {"$+*", ALL, NULL},
    {"$-*", ALL, NULL},
    {"$*", ALL, NULL},
    {"$x", ABSENT, "the time is the event's member received"},
    {"$X", ABSENT, "the time is the event's member received"},
    {"$@", ABSENT, "the time is the event's member received"},
    {"$T", ABSENT, "it is the event's member snmp.uptime"},
    {"$H", ABSENT, "it is the event's member receiver.host"},
    {"$C", ABSENT, "a summary has no community; kafkaPublishCommunity publishes it as snmp.security_name"},
    {"$D", ABSENT, "texts of MIBs are not taken; write what you need into the summary"},
    {"$#", ABSENT, "count the event's varbinds"},
    {"$Be", ABSENT, "it is the event's member snmp.engine_id"},
    {"$Bu", ABSENT, "it is the event's member snmp.security_name"},
    {"$BE", ABSENT, "it is the event's member snmp.context_engine_id"},
    {"$Bn", ABSENT, "it is the event's member snmp.context_name"},
    {"$j", ABSENT, "it is the seventh number of the event's trap.oid"},
};

static void add(const struct format *f, const char *text)
{
    tk_import_text_add(f->im, f->text, text, strlen(text));
}

/* ENTERPRISE of a notification's OID, RFC 3584, 3.1. */
static size_t enterprise_len(const struct tk_oid *oid)
{
    return oid->len > 2 && oid->subid[oid->len - 2] == 0 ? oid->len - 2 : oid->len - 1;
}

/* @returns from 0; -1: it is not one of RFC 1215's six */
static int generic_of(const struct tk_oid *oid)
{
    static const uint32_t snmp_traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};
    bool is_below = oid->len == 10 && memcmp(oid->subid, snmp_traps, sizeof(snmp_traps)) == 0;

    return is_below && oid->subid[9] >= 1 && oid->subid[9] <= 6 ? (int)oid->subid[9] - 1 : -1;
}

static void add_oid(const struct format *f, size_t len)
{
    char text[TK_OID_MAX_TEXT] = ".";

    (void)tk_oid_format(text + 1, sizeof(text) - 1, f->trap->oid.subid, len);
    add(f, text);
}

static void tell_unknown_part(const struct format *f, const char *name)
{
    tk_import_tell(f->im, f->line, name,
                   "the EVENT is for many OIDs, so this is not the same text for all; use the event's trap.oid");
}

static void add_number(const struct format *f, uint32_t number)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%" PRIu32, number);
    add(f, text);
}

/* What follows from the OID of the notification. */
static void add_of_oid(const struct format *f, const struct variable *v)
{
    int generic = generic_of(&f->trap->oid);

    if (f->trap->is_subtree)
        tell_unknown_part(f, v->name);
    else if (v->meaning == TRAP_OID)
        add_oid(f, f->trap->oid.len);
    else if (v->meaning == ENTERPRISE)
        add_oid(f, enterprise_len(&f->trap->oid));
    else if (v->meaning == GENERIC)
        add_number(f, generic < 0 ? 0 : (uint32_t)generic);
    else
        add_number(f, generic < 0 ? f->trap->oid.subid[f->trap->oid.len - 1] : 0);
}

/* ---- varbinds ---- */

static const char *type_name(enum tk_dict_syntax syntax)
{
    static const char *const names[TK_SYNTAX_COUNT_] = {"",       "INTEGER",   "OCTETSTR", "OBJECTID",
                                                        "IPADDR", "NETADDR",   "COUNTER",  "GAUGE",
                                                        "TICKS",  "COUNTER64", "BITS",     "OPAQUE"};

    return names[syntax];
}

/* @param form  0: the value; '+': name:value; '-': name (type):value; 'v': the name */
static void add_object(const struct format *f, char form, const struct tk_dict_object *o)
{
    struct tk_dict_text name = tk_dict_name(f->im->dict, o);

    if (form)
        tk_import_text_add(f->im, f->text, name.text, name.len);
    if (form == '-') {
        add(f, " (");
        add(f, type_name(tk_dict_syntax(f->im->dict, o)));
        add(f, ")");
    }
    if (form == '+' || form == '-')
        add(f, ":");
    if (form != 'v')
        tk_import_text_object(f->im, f->text, TK_IMPORT_OBJECT, o);
}

/* A rule refers to objects, and means the first varbind of an object. */
static bool is_first(const struct format *f, unsigned n, const struct tk_dict_object *o)
{
    for (unsigned i = 1; i < n; i++)
        if (tk_import_nth(f->im, f->trap, i) == o)
            return false;
    return true;
}

static void add_varbind(const struct format *f, const char *name, char form, unsigned n)
{
    const struct tk_dict_object *o = tk_import_nth(f->im, f->trap, n);

    if (o && is_first(f, n, o))
        add_object(f, form, o);
    else if (o)
        tk_import_tell(f->im, f->line, name,
                       "the notification has this object twice, and rules read the first; use the event's varbinds");
    else if (f->trap->object)
        tk_import_tell(f->im, f->line, name, "the definition of the notification has %u objects; write {OBJECT}",
                       tk_import_object_count(f->im, f->trap));
    else
        tk_import_tell(f->im, f->line, name,
                       "no dictionary knows the notification's objects; compile its MIB (trapkafka mibs build) and "
                       "name it with --dictionary, or write {OID}");
}

static void add_all(const struct format *f, const struct variable *v)
{
    unsigned count = tk_import_object_count(f->im, f->trap);
    char form = v->name[1] == '*' ? 0 : v->name[1];

    if (!f->trap->object) {
        tk_import_tell(f->im, f->line, v->name,
                       "no dictionary knows the notification's objects; compile its MIB (trapkafka mibs build) and "
                       "name it with --dictionary, or use the event's varbinds");
        return;
    }
    for (unsigned i = 1; i <= count; i++) {
        if (i > 1)
            add(f, " ");
        add_varbind(f, v->name, form, i);
    }
}

/* ---- the line ---- */

static void add_variable(const struct format *f, const struct variable *v)
{
    switch (v->meaning) {
    case DEVICE: tk_import_text_refer(f->im, f->text, TK_IMPORT_DEVICE); break;
    case SPACE: add(f, " "); break;
    case DOLLAR: add(f, "$"); break;
    case EVENT_NAME: add(f, f->names->event); break;
    case EVENT_OID: add(f, f->names->oid); break;
    case CATEGORY: add(f, f->names->category); break;
    case SEVERITY: add(f, f->names->severity); break;
    case TRAP_NAME: tk_import_text_refer(f->im, f->text, TK_IMPORT_TRAP_NAME); break;
    case TRAP_OID:
    case ENTERPRISE:
    case GENERIC:
    case SPECIFIC: add_of_oid(f, v); break;
    case ALL: add_all(f, v); break;
    case ABSENT: tk_import_tell(f->im, f->line, v->name, "a summary can't have this: %s", v->instead); break;
    }
}

/* "$12", "$+12", "$-12", "$v12", "$p1". @returns how many bytes; 0: none of them */
static size_t add_numbered(const struct format *f, const char *at)
{
    char form = strchr("+-vp", at[1]) && at[1] ? at[1] : 0, name[16], *end;
    const char *digits = at + 1 + (form != 0);
    unsigned long n;

    if (!isdigit((unsigned char)*digits))
        return 0;
    n = strtoul(digits, &end, 10);
    (void)snprintf(name, sizeof(name), "%.*s", (int)(end - at), at);
    if (form == 'p')
        tk_import_tell(f->im, f->line, name, "it is the output of a PREEXEC, and rules run no program; leave it out");
    else
        add_varbind(f, name, form, n > TK_DICT_MAX_OBJECTS ? TK_DICT_MAX_OBJECTS + 1 : (unsigned)n);
    return (size_t)(end - at);
}

static size_t add_reference(const struct format *f, const char *at)
{
    size_t len = add_numbered(f, at);

    if (len)
        return len;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        len = strlen(variables[i].name);
        if (strncmp(at, variables[i].name, len) == 0) {
            add_variable(f, variables + i);
            return len;
        }
    }
    tk_import_text_add(f->im, f->text, at, 1);
    return 1;
}

void tk_snmptt_format(struct tk_import *im, unsigned line, const char *format, const struct tk_snmptt_names *names,
                      const struct tk_import_trap *trap, struct tk_import_text *t, bool *ret_is_list)
{
    const struct format f = {im, line, names, trap, t};
    size_t len = strlen(format);

    while (len && isspace((unsigned char)format[len - 1]))
        len--;
    *ret_is_list = len == 2 && format[0] == '$' && format[1] == '*';
    while (*format && !*ret_is_list) {
        size_t plain = strcspn(format, "$");

        tk_import_text_add(im, t, format, plain);
        format += plain;
        if (*format)
            format += add_reference(&f, format);
    }
}
