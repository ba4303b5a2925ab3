/* SPDX-License-Identifier: Apache-2.0 */
#include "import/opennms_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME 160 /* bytes between two % */

/** A text that is being read. */
struct reading {
    struct tk_import *im;
    unsigned line;
    const struct tk_opennms_event *event;
    struct tk_import_text *text;
    bool is_key;
    bool has_device; /* a key: a part names the device */
    bool is_bad;     /* something was told */
};

enum meaning { DEVICE, OWN, UEI, LABEL, SEVERITY, PERCENT, ABSENT };

static const struct variable {
    const char *name; /* a [ at its end: any name in brackets */
    enum meaning meaning;
    const char *instead; /* ABSENT: where the event has it */
} variables[] = {
    {"snmphost", DEVICE, NULL},
    {"nodelabel", DEVICE, NULL},
    {"nodeid", DEVICE, NULL},
    {"interface", DEVICE, NULL},
    {"interfaceresolv", DEVICE, NULL},
    {"primaryinterface", DEVICE, NULL},
    {"host", DEVICE, NULL},
    {"foreignsource", OWN, NULL},
    {"foreignid", DEVICE, NULL},
    {"dpname", OWN, NULL},
    {"source", OWN, NULL},
    {"nodelocation", OWN, NULL},
    {"uei", UEI, NULL},
    {"eventlabel", LABEL, NULL},
    {"severity", SEVERITY, NULL},
    {"pctsign", PERCENT, NULL},
    {"time", ABSENT, "the time is the event's member received"},
    {"shorttime", ABSENT, "the time is the event's member received"},
    {"eventid", ABSENT, "the event's member event_id identifies it"},
    {"id", ABSENT, "it is the event's member trap.oid"},
    {"idtext", ABSENT, "it is the event's member trap.name"},
    {"generic", ABSENT, "it is in the event's member trap.oid"},
    {"specific", ABSENT, "it is the end of the event's member trap.oid"},
    {"snmp", ABSENT, "it is the event's member snmp"},
    {"version", ABSENT, "it is the event's member snmp.version"},
    {"community", ABSENT, "kafkaPublishCommunity publishes it as snmp.security_name"},
    {"ifindex", ABSENT, "write a reference to the varbind that has it, such as {IF-MIB::ifIndex}"},
    {"ifalias", ABSENT, "write a reference to a varbind that has it, such as {IF-MIB::ifAlias}"},
    {"service", ABSENT, "an event has no service of OpenNMS"},
    {"hardware[", ABSENT, "the inventory (kafkaInventory) has what an event says of its device"},
    {"asset[", ABSENT, "the inventory (kafkaInventory) has what an event says of its device"},
    {"parm[##]", ABSENT, "count the event's varbinds"},
};

static void add(const struct reading *r, const char *text)
{
    tk_import_text_add(r->im, r->text, text, strlen(text));
}

static void tell(struct reading *r, const char *name, const char *why)
{
    tk_import_tell(r->im, r->line, name, "%s", why);
    r->is_bad = true;
}

/* ---- varbinds ---- */

static bool is_first(const struct reading *r, unsigned n, const struct tk_dict_object *o)
{
    for (unsigned i = 1; i < n; i++)
        if (tk_import_nth(r->im, r->event->trap, i) == o)
            return false;
    return true;
}

/* @returns NULL: a rule can't refer to it, which was told */
static const struct tk_dict_object *nth(struct reading *r, const char *name, unsigned long n)
{
    const struct tk_import_trap *trap = r->event->trap;
    const struct tk_dict_object *o = tk_import_nth(r->im, trap, n > TK_DICT_MAX_OBJECTS ? 0 : (unsigned)n);

    if (o && is_first(r, (unsigned)n, o))
        return o;
    if (o)
        tell(r, name, "the notification has this object twice, and rules read the first; use the event's varbinds");
    else if (trap->object)
        tell(r, name, "the definition of the notification has no such object; write {OBJECT}");
    else
        tell(r, name,
             "no dictionary knows the notification's objects; compile its MIB (trapkafka mibs build) and name it with "
             "--dictionary, or write {OID}");
    return NULL;
}

static void add_name(const struct reading *r, const struct tk_dict_object *o)
{
    struct tk_dict_text name = tk_dict_name(r->im->dict, o);

    tk_import_text_add(r->im, r->text, name.text, name.len);
}

/* The name of a varbind is its OID, with the instance. */
static void add_name_of(const struct reading *r, const struct tk_dict_object *o)
{
    add_name(r, o);
    add(r, ".");
    tk_import_text_object(r->im, r->text, TK_IMPORT_INDEX, o);
}

/* "parm[all]", "parm[names-all]", "parm[values-all]" */
static void add_all(struct reading *r, const char *name)
{
    unsigned count = tk_import_object_count(r->im, r->event->trap);
    bool has_names = strcmp(name, "parm[values-all]") != 0, has_values = strcmp(name, "parm[names-all]") != 0;

    if (!r->event->trap->object) {
        (void)nth(r, name, 0);
        return;
    }
    for (unsigned i = 1; i <= count; i++) {
        const struct tk_dict_object *o = nth(r, name, i);

        if (!o)
            continue;
        if (i > 1)
            add(r, " ");
        if (has_names)
            add_name(r, o);
        if (has_names && has_values)
            add(r, "=\"");
        if (has_values)
            tk_import_text_object(r->im, r->text, TK_IMPORT_OBJECT, o);
        if (has_names && has_values)
            add(r, "\"");
    }
}

/* "parm[.1.3.6.1.2.1.2.2.1.1.7]", "parm[ifIndex]" */
static void add_named(struct reading *r, const char *name, const char *inner, size_t len)
{
    const struct tk_dict_object *o = NULL;
    char text[MAX_NAME];
    struct tk_oid oid;
    size_t matched;

    (void)snprintf(text, sizeof(text), "%.*s", (int)len, inner);
    if (isalpha((unsigned char)*text))
        o = tk_dict_find_name(r->im->dict, text, len, NULL);
    else if (tk_oid_parse(&oid, text) == 0)
        o = tk_dict_resolve(r->im->dict, oid.subid, oid.len, &matched);
    if (o && tk_dict_syntax(r->im->dict, o) != TK_SYNTAX_NONE)
        tk_import_text_object(r->im, r->text, TK_IMPORT_OBJECT, o);
    else
        tell(r, name, "no dictionary knows this object; name its MIB's dictionary with --dictionary, or write {OID}");
}

/* @returns false: it is no varbind */
static bool add_parm(struct reading *r, const char *name)
{
    size_t len = strlen(name);
    const char *inner = name + 5;
    bool wants_name = strncmp(inner, "name-#", 6) == 0;
    const struct tk_dict_object *o;
    unsigned long n;
    char *end;

    if (strncmp(name, "parm[", 5) != 0 || len < 7 || name[len - 1] != ']' || strcmp(name, "parm[##]") == 0)
        return false;
    if (strcmp(inner, "all]") == 0 || strcmp(inner, "names-all]") == 0 || strcmp(inner, "values-all]") == 0) {
        if (r->is_key)
            tell(r, name, "a key can't have all varbinds; name those that identify the alarm");
        else
            add_all(r, name);
        return true;
    }
    if (*inner != '#' && !wants_name) {
        add_named(r, name, inner, len - 6);
        return true;
    }
    inner += wants_name ? 6 : 1;
    n = strtoul(inner, &end, 10);
    if (!isdigit((unsigned char)*inner) || end != name + len - 1) {
        tell(r, name, "rules can't have a part of an OID; write {OBJECT.index}, the instance of an object");
        return true;
    }
    o = nth(r, name, n);
    if (o && wants_name)
        add_name_of(r, o);
    else if (o)
        tk_import_text_object(r->im, r->text, TK_IMPORT_OBJECT, o);
    return true;
}

/* ---- variables ---- */

static const struct variable *find_variable(const char *name)
{
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        size_t len = strlen(variables[i].name);
        bool is_open = variables[i].name[len - 1] == '[';

        if (is_open ? strncmp(variables[i].name, name, len) == 0 : strcmp(variables[i].name, name) == 0)
            return variables + i;
    }
    return NULL;
}

static void add_variable(struct reading *r, const struct variable *v, const char *name)
{
    switch (v->meaning) {
    case DEVICE:
        if (r->is_key)
            r->has_device = true;
        else
            tk_import_text_refer(r->im, r->text, TK_IMPORT_DEVICE);
        break;
    case OWN:
        if (!r->is_key)
            tell(r, name, "an event has no such part of OpenNMS; receiver.host names the machine that received it");
        break;
    case UEI: add(r, r->event->uei); break;
    case LABEL: add(r, r->event->label); break;
    case SEVERITY: add(r, r->event->severity); break;
    case PERCENT: add(r, "%"); break;
    case ABSENT: tell(r, name, v->instead); break;
    }
}

/* What begins with the % at @p at. @returns how many bytes */
static size_t add_reference(struct reading *r, const char *at)
{
    const char *end = strchr(at + 1, '%');
    size_t len = end ? (size_t)(end - at - 1) : 0;
    const struct variable *v;
    char name[MAX_NAME];

    if (!len || len >= sizeof(name) || strcspn(at + 1, " \t\r\n") < len) {
        add(r, "%");
        return 1;
    }
    (void)snprintf(name, sizeof(name), "%.*s", (int)len, at + 1);
    v = find_variable(name);
    if (v)
        add_variable(r, v, name);
    else if (!add_parm(r, name))
        tell(r, name, "no such variable is known; write what is meant");
    return len + 2;
}

/* ---- texts for people ---- */

/* "<p>", "</p>", "<br/>". @returns how many bytes; 0: none */
static size_t tag_len(const char *at)
{
    const char *end = strchr(at, '>');

    return end && (isalpha((unsigned char)at[1]) || (at[1] == '/' && isalpha((unsigned char)at[2])))
               ? (size_t)(end + 1 - at)
               : 0;
}

/* Without its tags and the white space around it, is it that? */
static bool is_only(const char *text, const char *what)
{
    bool is_found = false;

    while (*text) {
        size_t len = *text == '<' ? tag_len(text) : 0;

        if (!len && !is_found && strncmp(text, what, strlen(what)) == 0) {
            is_found = true;
            len = strlen(what);
        }
        if (!len && !isspace((unsigned char)*text))
            return false;
        text += len ? len : 1;
    }
    return is_found;
}

void tk_opennms_text(struct tk_import *im, unsigned line, const char *text, const struct tk_opennms_event *e,
                     struct tk_import_text *t, bool *ret_is_list)
{
    struct reading r = {.im = im, .line = line, .event = e, .text = t};

    *ret_is_list = is_only(text, "%parm[all]%");
    while (*text && !*ret_is_list) {
        size_t plain = strcspn(text, "%<"), len;

        tk_import_text_add(im, t, text, plain);
        text += plain;
        if (*text == '%') {
            text += add_reference(&r, text);
        } else if (*text) {
            len = tag_len(text);
            add(&r, len ? " " : "<");
            text += len ? len : 1;
        }
    }
}

/* ---- keys ---- */

/* The end of the part that begins here: a ":" that is not between two %. */
static const char *part_end(const char *at)
{
    while (*at && *at != ':') {
        const char *end = *at == '%' ? strchr(at + 1, '%') : NULL;

        at = end ? end + 1 : at + 1;
    }
    return at;
}

static void join(struct tk_import *im, struct tk_import_text *dst, const struct tk_import_text *src)
{
    const struct tk_import_part *part = src->parts.items;

    for (uint32_t i = 0; i < src->parts.count; i++, part++) {
        if (part->kind == TK_IMPORT_LITERAL)
            tk_import_text_add(im, dst, part->text ? part->text : "", part->text ? strlen(part->text) : 0);
        else
            tk_import_text_object(im, dst, part->kind, part->object);
    }
}

static void add_part(struct reading *r, const char *at, const char *end)
{
    while (at < end) {
        size_t plain = strcspn(at, "%");

        if (plain) {
            plain = plain < (size_t)(end - at) ? plain : (size_t)(end - at);
            tk_import_text_add(r->im, r->text, at, plain);
            at += plain;
        } else {
            at += add_reference(r, at);
        }
    }
}

bool tk_opennms_key(struct tk_import *im, unsigned line, const char *text, const struct tk_opennms_event *e,
                    struct tk_import_text *t)
{
    struct tk_import_text parts = {0}, part = {0};
    struct reading r = {.im = im, .line = line, .event = e, .text = &part, .is_key = true};

    while (*text) {
        const char *end = part_end(text);

        add_part(&r, text, end);
        if (part.parts.count) {
            if (parts.parts.count)
                tk_import_text_add(im, &parts, "/", 1);
            join(im, &parts, &part);
        }
        tk_import_text_done(&part);
        text = *end ? end + 1 : end;
    }
    if (r.has_device) {
        tk_import_text_refer(im, t, TK_IMPORT_DEVICE);
        tk_import_text_add(im, t, "/", parts.parts.count != 0);
    }
    join(im, t, &parts);
    tk_import_text_done(&parts);
    return !r.is_bad && t->parts.count;
}
