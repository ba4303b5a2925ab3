/* SPDX-License-Identifier: Apache-2.0 */
#include "import/snmptt.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "import/import_make.h"
#include "import/snmptt_format.h"
#include "import/snmptt_match.h"
#include "import/snmptt_nodes.h"

#define MAX_RANK (2 * (TK_OID_MAX_SUBIDS + 1))

/** An EVENT, and the lines behind it. The texts are parts of the file's. */
struct event {
    struct tk_import *im;
    unsigned line; /* 0: none is being read */
    const char *name, *oid, *category, *severity;
    const char *format;
    unsigned format_line;
    bool wants_all; /* MATCH MODE=and */
    bool is_bad;    /* it can't become a rule; why was told */
    struct tk_import_trap trap;
    struct tk_import_cases cases;
    struct tk_snmptt_nodes nodes;
    bool has_match;
};

/* ---- rules ---- */

static bool is_category(const struct event *e, const char *category)
{
    return strcmp(e->category, category) == 0;
}

/* Exact OIDs first, then the longer wildcards; of one kind, those with conditions first. */
static unsigned rank_of(const struct event *e, bool has_conditions)
{
    unsigned rank = e->trap.is_subtree ? MAX_RANK - 2 * (unsigned)e->trap.oid.len : 0;

    return rank + !has_conditions;
}

/* One rule for each case; nodes by name and by address are two conditions of which one has to hold. */
static void make_rules(struct event *e, struct tk_import_make *m)
{
    char address[INET6_ADDRSTRLEN] = TK_IMPORT_SOURCE;
    json_t *sources = tk_snmptt_nodes_sources(e->im, &e->nodes, address);

    for (unsigned i = 0; i < (e->has_match ? e->cases.count : 1); i++) {
        m->c = e->has_match ? e->cases.item + i : NULL;
        m->rank = rank_of(e, (m->c && json_array_size(m->c->varbinds)) || sources || e->nodes.devices);
        if (sources || !e->nodes.devices) {
            m->sources = sources;
            m->devices = NULL;
            m->address = address;
            tk_import_make_rule(e->im, m);
        }
        if (e->nodes.devices) {
            m->sources = NULL;
            m->devices = e->nodes.devices;
            m->address = NULL; /* a test's device is its address */
            tk_import_make_rule(e->im, m);
        }
    }
    json_decref(sources);
}

static void read_format(const struct event *e, struct tk_import_text *summary)
{
    const struct tk_snmptt_names names = {e->name, e->oid, e->category, e->severity};
    bool is_list;

    if (is_category(e, "IGNORE"))
        return;
    if (e->format)
        tk_snmptt_format(e->im, e->format_line, e->format, &names, &e->trap, summary, &is_list);
    else
        tk_import_tell(e->im, e->line, e->name, "the EVENT has no FORMAT; its events have the list of their varbinds");
}

/* ---- the end of an EVENT ---- */

static void make(struct event *e)
{
    struct tk_import_text summary = {0};
    struct tk_import_make m = {.name = e->name,
                               .line = e->line,
                               .text_line = e->format_line,
                               .trap = &e->trap,
                               .is_dropped = is_category(e, "IGNORE"),
                               .summary = &summary};

    read_format(e, &summary);
    m.severity = is_category(e, "LOGONLY") || is_category(e, "IGNORE")
                     ? "indeterminate"
                     : tk_import_severity(e->im, e->line, e->severity);
    m.fields = json_pack("{ss}", "category", e->category);
    e->im->is_out_of_memory |= !m.fields;
    make_rules(e, &m);
    json_decref(m.fields);
    tk_import_text_done(&summary);
}

static void finish(struct event *e)
{
    if (e->line && !e->is_bad && e->nodes.is_negative && (e->nodes.devices || e->nodes.others)) {
        tk_import_tell(
            e->im, e->line, e->name,
            "rules can exclude devices by IPv4 address only; the EVENT is left out; write such addresses into NODES");
        e->is_bad = true;
    }
    if (e->line && !e->is_bad)
        make(e);
    e->im->left_out += e->line && e->is_bad;
    tk_import_cases_done(&e->cases);
    tk_snmptt_nodes_done(&e->nodes);
}

/* ---- lines ---- */

static char *trim(char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    return text;
}

/* Cut off the next word. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    size_t len = strcspn(word, " \t");

    *rest = word + len;
    if (**rest)
        *(*rest)++ = '\0';
    return word;
}

/* EVENT NAME OID "CATEGORY" SEVERITY */
static void begin_event(struct event *e, struct tk_import *im, unsigned line, char *rest)
{
    char *category, *end;

    memset(e, 0, sizeof(*e));
    e->im = im;
    e->line = line;
    e->name = next_word(&rest);
    e->oid = next_word(&rest);
    category = strchr(rest, '"');
    end = category ? strchr(category + 1, '"') : NULL;
    im->found++;
    if (!*e->name || !*e->oid || !end || strlen(category) > TK_IMPORT_FIELD) {
        tk_import_tell(im, line, e->name, "an EVENT is NAME OID \"CATEGORY\" SEVERITY; correct the line");
        e->is_bad = true;
        return;
    }
    *end = '\0';
    e->category = category + 1;
    e->severity = trim(end + 1);
    e->is_bad = !tk_import_trap_of_text(im, line, e->oid, e->name, &e->trap);
}

static void add_match_line(struct event *e, unsigned line, const char *text)
{
    struct tk_import_cases cases = {0};
    const char *mode = strncmp(text, "MODE", 4) == 0 ? text + 4 + strspn(text + 4, " \t=") : NULL;
    bool is_ok;

    if (e->is_bad)
        return;
    if (mode) {
        e->wants_all = strcasecmp(mode, "and") == 0;
        if (!e->wants_all && strcasecmp(mode, "or") != 0)
            tk_import_tell(e->im, line, text, "MODE is or, or and; it is read as or");
        if (e->has_match) {
            tk_import_tell(e->im, line, text,
                           "MODE stands behind a MATCH; the EVENT is left out; write it before them");
            e->is_bad = true;
        }
        return;
    }
    e->is_bad = !tk_snmptt_match(e->im, line, text, &e->trap, &cases);
    if (e->is_bad)
        return;
    is_ok = e->has_match && e->wants_all ? tk_import_cases_and(e->im, &e->cases, &cases)
                                         : tk_import_cases_or(e->im, &e->cases, &cases);
    e->has_match = true;
    if (!is_ok) {
        tk_import_tell(e->im, line, text,
                       "the MATCHes make over %d rules; the EVENT is left out, write its rule by hand",
                       TK_IMPORT_CASES);
        e->is_bad = true;
    }
    tk_import_cases_done(&cases);
}

static void add_format(struct event *e, unsigned line, const char *text)
{
    if (e->format)
        tk_import_tell(e->im, line, text, "the EVENT has a FORMAT already; this one is left out");
    else
        e->format = text;
    e->format_line = e->format_line ? e->format_line : line;
}

/* Nothing runs for IGNORE and LOGONLY in SNMPTT either. */
static bool runs_programs(const struct event *e)
{
    return !e->is_bad && !is_category(e, "IGNORE") && !is_category(e, "LOGONLY");
}

static void add_line(struct event *e, unsigned line, const char *word, char *rest)
{
    if (strcmp(word, "FORMAT") == 0) {
        add_format(e, line, rest);
    } else if (strcmp(word, "MATCH") == 0) {
        add_match_line(e, line, rest);
    } else if (strcmp(word, "NODES") == 0) {
        if (!e->is_bad)
            e->is_bad = !tk_snmptt_nodes_add(e->im, line, rest, &e->nodes);
    } else if (strcmp(word, "REGEX") == 0) {
        if (!e->is_bad && !is_category(e, "IGNORE"))
            tk_import_tell(e->im, line, rest, "rules can't change a text; change the FORMAT, or let a consumer do it");
    } else if (strcmp(word, "EXEC") == 0 || strcmp(word, "PREEXEC") == 0) {
        if (runs_programs(e))
            tk_import_tell(e->im, line, rest, "rules run no program; let a consumer of the topic run it");
    } else {
        tk_import_tell(e->im, line, word, "no such line in snmptt.conf; correct it, or put # before it");
    }
}

/** The lines of a file. */
struct reader {
    struct tk_import *im;
    struct event event;
    unsigned description; /* the line of an SDESC that is open */
    unsigned stray;       /* the first line that stands before all EVENTs; 0: none */
};

static void read_line(struct reader *r, unsigned line, char *text)
{
    char *rest = trim(text), *word;

    if (r->description) {
        if (strncmp(rest, "EDESC", 5) == 0)
            r->description = 0;
        return;
    }
    if (!*rest || *rest == '#')
        return;
    word = next_word(&rest);
    rest = trim(rest);
    if (strcmp(word, "SDESC") == 0) {
        r->description = line;
    } else if (strcmp(word, "EVENT") == 0) {
        if (r->stray)
            tk_import_tell(r->im, r->stray, NULL,
                           "lines before the first EVENT are left out; put an EVENT before them, or # before each");
        r->stray = 0;
        finish(&r->event);
        begin_event(&r->event, r->im, line, rest);
    } else if (!r->event.line) {
        r->stray = r->stray ? r->stray : line;
    } else {
        add_line(&r->event, line, word, rest);
    }
}

void tk_snmptt_read(struct tk_import *im, char *text)
{
    struct reader r = {.im = im, .event = {.im = im}};
    unsigned line = 0;

    while (text && *text && !im->is_out_of_memory) {
        char *end = text + strcspn(text, "\n"), *next = *end ? end + 1 : NULL;

        *end = '\0';
        read_line(&r, ++line, text);
        text = next;
    }
    if (r.description)
        tk_import_tell(im, r.description, "SDESC", "no EDESC ends it, so nothing behind it was read; write EDESC");
    finish(&r.event);
}
