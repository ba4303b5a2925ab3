/* SPDX-License-Identifier: Apache-2.0 */
#include "import/snmptt.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "import/import_case.h"
#include "import/import_text.h"
#include "import/snmptt_format.h"
#include "import/snmptt_match.h"
#include "import/snmptt_nodes.h"

#define SOURCE       "192.0.2.1" /* of a test that names none */
#define MAX_RANK     (2 * (TK_OID_MAX_SUBIDS + 1))
#define MAX_CATEGORY 512 /* bytes: a field is cut at 512 characters */

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

/** What a rule and its test are made of. */
struct making {
    struct event *e;
    const struct tk_import_case *c; /* NULL: no conditions on varbinds */
    json_t *sources, *devices;      /* borrowed; NULL: none */
    const char *address;            /* of the test's sender; NULL: no test */
    struct tk_import_text summary;
    const char *severity;
};

static json_t *make_test(const struct making *m, const char *name, struct tk_import_samples *samples)
{
    struct tk_import *im = m->e->im;
    json_t *test = json_object(), *trap = json_object(), *event = json_null(), *summary = NULL;

    tk_import_put(im, trap, "trap", json_string(m->e->trap.test));
    tk_import_put(im, trap, "source", json_string(m->address));
    tk_import_put(im, trap, "varbinds", tk_import_samples_json(im, samples));
    tk_import_put(im, test, "name", json_string(name));
    tk_import_put(im, test, "trap", trap);
    if (!is_category(m->e, "IGNORE")) {
        event = json_object();
        tk_import_put(im, event, "severity", json_string(m->severity));
        tk_import_put(im, event, "severity_rule", json_sprintf("operator:%s", name));
        tk_import_put(im, event, "fields", json_pack("{ss}", "category", m->e->category));
        summary = tk_import_text_expected(im, &m->summary, samples, m->address, false);
        if (summary)
            tk_import_put(im, event, "summary", summary);
    }
    tk_import_put(im, test, "event", event);
    return test;
}

static void add_match(const struct making *m, json_t *match)
{
    struct tk_import *im = m->e->im;

    if (m->sources)
        tk_import_put(im, match, "source", json_incref(m->sources));
    if (m->devices)
        tk_import_put(im, match, "device", json_incref(m->devices));
    if (m->c && json_array_size(m->c->varbinds))
        tk_import_put(im, match, "varbinds", json_incref(m->c->varbinds));
}

static json_t *braced(const char *text)
{
    char out[2 * MAX_CATEGORY + 1];
    size_t n = 0;

    for (; *text && n + 2 < sizeof(out); text++) {
        out[n++] = *text;
        if (*text == '{' || *text == '}')
            out[n++] = *text;
    }
    out[n] = '\0';
    return json_string(out);
}

static void add_outcome(const struct making *m, json_t *rule)
{
    struct event *e = m->e;
    json_t *summary, *set;

    if (is_category(e, "IGNORE")) {
        tk_import_put(e->im, rule, "drop", json_true());
        return;
    }
    tk_import_put(e->im, rule, "severity", json_string(m->severity));
    set = json_object();
    tk_import_put(e->im, set, "category", braced(e->category));
    if (!tk_import_text_is_empty(&m->summary)) {
        summary = tk_import_text_template(e->im, &m->summary, false);
        if (summary)
            tk_import_put(e->im, rule, "summary", summary);
        else if (!e->im->is_out_of_memory)
            tk_import_tell(e->im, e->format_line, e->name,
                           "the FORMAT has over 32 variables and texts between them, or over %d bytes; write a shorter "
                           "summary; the rule has none",
                           TK_IMPORT_TEMPLATE);
    }
    tk_import_put(e->im, rule, "set", set);
}

static void make_rule(const struct making *m)
{
    struct event *e = m->e;
    struct tk_import_samples samples = {0};
    char name[TK_IMPORT_NAME];
    json_t *rule, *test = NULL;
    bool has_conditions = (m->c && json_array_size(m->c->varbinds)) || m->sources || m->devices;

    (void)tk_import_rule_name(e->im, e->name, name);
    rule = tk_import_new_rule(e->im, name, e->line, e->trap.ref);
    add_match(m, json_object_get(rule, "match"));
    add_outcome(m, rule);
    if (m->c)
        tk_import_samples_join(&samples, &m->c->samples);
    tk_import_text_need(e->im, &m->summary, &samples);
    if (m->address && !(m->c && m->c->has_no_sample))
        test = make_test(m, name, &samples);
    tk_import_samples_done(&samples);
    tk_import_add(e->im, rule, test, e->line, rank_of(e, has_conditions));
}

/* One rule for each case; nodes by name and by address are two conditions of which one has to hold. */
static void make_rules(struct making *m)
{
    struct event *e = m->e;
    char address[INET6_ADDRSTRLEN] = SOURCE;
    json_t *sources = tk_snmptt_nodes_sources(e->im, &e->nodes, address);

    for (unsigned i = 0; i < (e->has_match ? e->cases.count : 1); i++) {
        m->c = e->has_match ? e->cases.item + i : NULL;
        if (sources || !e->nodes.devices) {
            m->sources = sources;
            m->devices = NULL;
            m->address = address;
            make_rule(m);
        }
        if (e->nodes.devices) {
            m->sources = NULL;
            m->devices = e->nodes.devices;
            m->address = NULL; /* a test's device is its address */
            make_rule(m);
        }
    }
    json_decref(sources);
}

static void read_format(struct making *m)
{
    struct event *e = m->e;
    const struct tk_snmptt_names names = {e->name, e->oid, e->category, e->severity};
    bool is_list;

    if (is_category(e, "IGNORE"))
        return;
    if (e->format)
        tk_snmptt_format(e->im, e->format_line, e->format, &names, &e->trap, &m->summary, &is_list);
    else
        tk_import_tell(e->im, e->line, e->name, "the EVENT has no FORMAT; its events have the list of their varbinds");
}

/* ---- the end of an EVENT ---- */

static void finish(struct event *e)
{
    struct making m = {.e = e};

    if (e->line && !e->is_bad && e->nodes.is_negative && (e->nodes.devices || e->nodes.others)) {
        tk_import_tell(
            e->im, e->line, e->name,
            "rules can exclude devices by IPv4 address only; the EVENT is left out; write such addresses into NODES");
        e->is_bad = true;
    }
    if (e->line && !e->is_bad) {
        read_format(&m);
        m.severity = is_category(e, "LOGONLY") || is_category(e, "IGNORE")
                         ? "indeterminate"
                         : tk_import_severity(e->im, e->line, e->severity);
        make_rules(&m);
        tk_import_text_done(&m.summary);
    }
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
    if (!*e->name || !*e->oid || !end || strlen(category) > MAX_CATEGORY) {
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
