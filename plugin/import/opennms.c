/* SPDX-License-Identifier: Apache-2.0 */
#include "import/opennms.h"

#include <stdlib.h>
#include <string.h>

#include "import/import_make.h"
#include "import/import_xml.h"
#include "import/opennms_mask.h"
#include "import/opennms_text.h"
#include "import/opennms_varbind.h"

#define MAX_FIELDS 16 /* of a rule */

/** An event that is being read. */
struct event {
    struct tk_import *im;
    unsigned line;
    const xmlNode *element;
    const char *name; /* the end of the uei */
    char *uei, *label, *severity, *text, *dest;
    char *alarm_type, *key; /* the key that counts for this type */
    unsigned text_line, alarm_line;
    json_t *fields;
    struct tk_opennms_mask mask;
};

/* ---- what an event has besides ---- */

/** Elements that are not carried over. */
static const struct {
    const char *name, *why; /* NULL: nothing is said */
} others[] = {
    {"mask", NULL},
    {"uei", NULL},
    {"event-label", NULL},
    {"logmsg", NULL},
    {"severity", NULL},
    {"alarm-data", NULL},
    {"varbindsdecode", NULL},
    {"parameter", NULL},
    {"descr", NULL},
    {"mouseovertext", NULL},
    {"snmp", NULL},
    {"operinstruct", "instructions are not taken; keep them where operators read them, by the event's fields.uei"},
    {"autoaction", "rules run no program; let a consumer of the topic run it"},
    {"operaction", "rules run no program; let a consumer of the topic run it"},
    {"script", "rules run no program; let a consumer of the topic run it"},
    {"autoacknowledge", "an event is not acknowledged; let a consumer of the topic do it"},
    {"loggroup", "rules have no groups of logs; write a parameter, or \"topic\" in the rule"},
    {"tticket", "let a consumer of the topic open tickets"},
    {"forward", "let a consumer of the topic forward events"},
    {"correlation", "let a consumer of the topic correlate events"},
    {"collectionGroup", "let a consumer of the topic collect values"},
    {"filters", "rules can't change a value; let a consumer do it"},
    {"priority", "rules are tried in the order of the file; put the event where it belongs"},
};

static void tell_others(const struct event *e)
{
    for (const xmlNode *part = tk_xml_child(e->element, NULL); part; part = tk_xml_next(part, NULL)) {
        const char *why = "no such element is known; see what it does, and write it into the rule";

        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
            if (tk_xml_is(part, others[i].name))
                why = others[i].why;
        if (why)
            tk_import_tell(e->im, tk_xml_line(part), (const char *)part->name, "%s", why);
    }
}

/* ---- fields ---- */

static bool is_field_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    size_t len = strlen(name);

    return len && len <= 64 && strspn(name, letters) == len && (*name < '0' || *name > '9');
}

static void add_field(struct event *e, unsigned line, const char *name, const char *value)
{
    if (!is_field_name(name))
        tk_import_tell(e->im, line, name, "a field's name has letters, digits and _; write such a name");
    else if (strlen(value) > TK_IMPORT_FIELD || strchr(value, '%') || strchr(value, '\n'))
        tk_import_tell(e->im, line, name,
                       "its value has several lines, over %d bytes or a %%; write a text into \"set\" of the rule",
                       TK_IMPORT_FIELD);
    else if (json_object_size(e->fields) == MAX_FIELDS)
        tk_import_tell(e->im, line, name, "a rule has at most %d fields; leave some out", MAX_FIELDS);
    else
        tk_import_put(e->im, e->fields, name, json_string(value));
}

static void add_fields(struct event *e)
{
    const xmlNode *part = tk_xml_child(e->element, "parameter");

    e->fields = json_object();
    add_field(e, e->line, "uei", e->uei);
    if (*e->label)
        add_field(e, e->line, "label", e->label);
    for (; part; part = tk_xml_next(part, "parameter")) {
        char *name = tk_xml_attribute(e->im, part, "name"), *value = tk_xml_attribute(e->im, part, "value");

        add_field(e, tk_xml_line(part), name ? name : "", value ? value : "");
        free(name);
        free(value);
    }
}

/* ---- labels of values ---- */

static void compare_label(struct event *e, const xmlNode *decode, const struct tk_dict_object *o)
{
    char *value = tk_xml_attribute(e->im, decode, "varbindvalue");
    char *text = tk_xml_attribute(e->im, decode, "varbinddecodedstring");
    char *end = NULL;
    long long number = value ? strtoll(value, &end, 10) : 0;
    struct tk_dict_text label = {.text = NULL};

    if (value && end != value && !*end)
        label = tk_dict_label(e->im->dict, o, number);
    if (!text || !label.text)
        tk_import_tell(e->im, tk_xml_line(decode), value,
                       "the dictionary has no label for this value, and the summary has the value; write rules with a "
                       "condition on it");
    else if (strlen(text) != label.len || strncasecmp(text, label.text, label.len) != 0)
        tk_import_tell(e->im, tk_xml_line(decode), text,
                       "the summary has the dictionary's label of this value, %.*s; write rules with a condition on it",
                       (int)label.len, label.text);
    free(value);
    free(text);
}

/* Values get their labels from the dictionary; where the text would have another one, that is told. */
static void compare_labels(struct event *e, const struct tk_import_trap *trap, const struct tk_import_text *summary)
{
    const xmlNode *part = tk_xml_child(e->element, "varbindsdecode");

    for (; part; part = tk_xml_next(part, "varbindsdecode")) {
        char *id = tk_xml_text(e->im, tk_xml_child(part, "parmid"));
        unsigned long n = id && strncmp(id, "parm[#", 6) == 0 ? strtoul(id + 6, NULL, 10) : 0;
        const struct tk_dict_object *o = tk_import_nth(e->im, trap, n > TK_DICT_MAX_OBJECTS ? 0 : (unsigned)n);
        const xmlNode *decode = tk_xml_child(part, "decode");

        for (; o && decode && tk_import_text_has(summary, o); decode = tk_xml_next(decode, "decode"))
            compare_label(e, decode, o);
        free(id);
    }
}

/* ---- alarms ---- */

static void read_alarm(struct event *e)
{
    const xmlNode *alarm = tk_xml_child(e->element, "alarm-data");

    if (!alarm)
        return;
    e->alarm_line = tk_xml_line(alarm);
    e->alarm_type = tk_xml_attribute(e->im, alarm, "alarm-type");
    e->key = tk_xml_attribute(e->im, alarm,
                              e->alarm_type && strcmp(e->alarm_type, "2") == 0 ? "clear-key" : "reduction-key");
}

static void tell_alarm(const struct event *e, const char *value, const char *why)
{
    tk_import_tell(e->im, e->alarm_line, value, "%s; the rule raises and clears nothing", why);
}

/* @returns the state; NULL: the rule has none */
static const char *state_of(const struct event *e, const char *severity, const struct tk_opennms_event *refers,
                            struct tk_import_text *key)
{
    bool is_clear = e->alarm_type && strcmp(e->alarm_type, "2") == 0;

    if (!e->alarm_line)
        return NULL;
    if (e->alarm_type && strcmp(e->alarm_type, "3") == 0)
        tell_alarm(e, "alarm-type 3",
                   "no event clears such an alarm, so it would stand for ever; if it is to stand, "
                   "write state and key");
    else if (!e->alarm_type || (!is_clear && strcmp(e->alarm_type, "1") != 0))
        tell_alarm(e, e->alarm_type, "an alarm-type is 1, 2 or 3");
    else if (!e->key || !*e->key)
        tell_alarm(e, e->name,
                   is_clear ? "there is no clear-key; write the reduction-key of what it clears"
                            : "there is no reduction-key");
    else if (!is_clear && strcmp(severity, "cleared") == 0)
        tell_alarm(e, e->severity, "an event of this severity can't raise an alarm; write alarm-type 2, or a severity");
    else if (tk_opennms_key(e->im, e->alarm_line, e->key, refers, key))
        return is_clear ? "clear" : "raise";
    else
        tell_alarm(e, e->key, "a key needs all of its parts, or it would stand for several alarms");
    return NULL;
}

/* ---- rules ---- */

static bool is_dropped(const struct event *e)
{
    return e->dest && (strcmp(e->dest, "donotpersist") == 0 || strcmp(e->dest, "discardtraps") == 0 ||
                       strcmp(e->dest, "suppress") == 0);
}

/** One rule that is being made: what its texts are. */
struct texts {
    struct tk_import_text summary, key;
};

static void read_texts(struct event *e, struct tk_import_make *m, struct texts *t)
{
    const struct tk_opennms_event refers = {e->uei, e->label, e->severity, m->trap};
    bool is_list;

    tk_opennms_text(e->im, e->text_line, e->text, &refers, &t->summary, &is_list);
    compare_labels(e, m->trap, &t->summary);
    m->severity = tk_import_severity(e->im, e->line, e->severity);
    m->state = state_of(e, m->severity, &refers, &t->key);
    if (m->state && strcmp(m->state, "clear") == 0)
        m->severity = NULL;
}

static void make_rule(struct event *e, const struct tk_import_trap *trap)
{
    struct texts t = {.key = {.parts = {.count = 0}}};
    struct tk_import_cases cases = {0};
    struct tk_import_make m = {.name = e->name,
                               .line = e->line,
                               .text_line = e->text_line,
                               .trap = trap,
                               .sources = e->mask.sources,
                               .address = e->mask.address,
                               .is_dropped = is_dropped(e),
                               .summary = &t.summary,
                               .key = &t.key,
                               .fields = e->fields};

    if (!tk_opennms_varbinds(e->im, tk_xml_child(e->element, "mask"), trap, &cases)) {
        e->im->left_out++;
        return;
    }
    if (!m.is_dropped)
        read_texts(e, &m, &t);
    m.c = cases.item;
    tk_import_make_rule(e->im, &m);
    tk_import_text_done(&t.summary);
    tk_import_text_done(&t.key);
    tk_import_cases_done(&cases);
}

/* ---- events ---- */

static void read_parts(struct event *e)
{
    const xmlNode *text = tk_xml_child(e->element, "logmsg");
    const char *slash;

    e->uei = tk_xml_text(e->im, tk_xml_child(e->element, "uei"));
    e->label = tk_xml_text(e->im, tk_xml_child(e->element, "event-label"));
    e->severity = tk_xml_text(e->im, tk_xml_child(e->element, "severity"));
    e->text = tk_xml_text(e->im, text);
    e->dest = text ? tk_xml_attribute(e->im, text, "dest") : NULL;
    e->text_line = text ? tk_xml_line(text) : e->line;
    slash = e->uei ? strrchr(e->uei, '/') : NULL;
    e->name = slash && slash[1] ? slash + 1 : e->uei;
    read_alarm(e);
}

static void done(struct event *e)
{
    char *const texts[] = {e->uei, e->label, e->severity, e->text, e->dest, e->alarm_type, e->key};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    json_decref(e->fields);
    tk_opennms_mask_done(&e->mask);
}

static void read_event(struct tk_import *im, const xmlNode *element)
{
    struct event e = {.im = im, .line = tk_xml_line(element), .element = element};

    im->found++;
    read_parts(&e);
    if (im->is_out_of_memory) {
        done(&e);
        return;
    }
    if (!*e.uei)
        tk_import_tell(im, e.line, NULL, "an event needs a uei; the event is left out; write one");
    if (*e.uei && tk_opennms_mask_read(im, e.line, tk_xml_child(element, "mask"), e.name, &e.mask)) {
        if (!is_dropped(&e)) {
            tell_others(&e);
            add_fields(&e);
        }
        for (unsigned i = 0; i < e.mask.trap_count; i++)
            make_rule(&e, e.mask.traps + i);
    } else {
        im->left_out++;
    }
    done(&e);
}

static void read_root(struct tk_import *im, const xmlNode *root, struct tk_err *err)
{
    const xmlNode *part = tk_xml_child(root, NULL);

    if (!tk_xml_is(root, "events")) {
        tk_err_set(err, im->file, tk_xml_line(root),
                   "its element is '%.60s'; name a file in the format of eventconf, whose element is events",
                   (const char *)root->name);
        return;
    }
    for (; part && !im->is_out_of_memory; part = tk_xml_next(part, NULL)) {
        if (tk_xml_is(part, "event")) {
            read_event(im, part);
        } else if (tk_xml_is(part, "event-file")) {
            char *file = tk_xml_text(im, part);

            tk_import_tell(im, tk_xml_line(part), file, "no further file is read; name it too, before this one");
            free(file);
        }
    }
}

bool tk_opennms_read(struct tk_import *im, const char *text, struct tk_err *err)
{
    xmlDoc *doc = tk_xml_parse(im, text, err);

    if (!doc)
        return false;
    read_root(im, xmlDocGetRootElement(doc), err);
    xmlFreeDoc(doc);
    return !err->is_set;
}
