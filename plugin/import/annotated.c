/* SPDX-License-Identifier: Apache-2.0 */
#include "import/annotated.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "import/annotated_summary.h"
#include "import/import_make.h"

#define MAX_NAME 64   /* of a module, of a notification */
#define MAX_TEXT 1024 /* of an annotation */

enum annotation { TYPE, SUMMARY, ARGUMENTS, SEVERITY, STATE, CATEGORY, TIMEINDEX, SKIPPED, ANNOTATIONS };

static const struct {
    const char *name;
    enum annotation annotation;
} names[] = {
    {"TYPE", TYPE},           {"SUMMARY", SUMMARY}, {"ARGUMENTS", ARGUMENTS},
    {"SEVERITY", SEVERITY},   {"STATE", STATE},     {"CATEGORY", CATEGORY},
    {"TIMEINDEX", TIMEINDEX}, {"HELP", SKIPPED},    {"HELPTAG", SKIPPED},
};

/** A definition that is being read. */
struct definition {
    char name[MAX_NAME + 1];
    unsigned line;               /* 0: none is being read */
    unsigned lines[ANNOTATIONS]; /* 0: there is none */
    char texts[ANNOTATIONS][MAX_TEXT + 1];
    enum annotation last; /* what a line without a name goes on with */
    bool is_annotated;
};

/** A file that is being read. */
struct reading {
    struct tk_import *im;
    unsigned line;
    char module[MAX_NAME + 1], word[MAX_NAME + 1]; /* the word before */
    bool is_quoted;                                /* a string is open */
    struct definition definition;
};

/* ---- the rule ---- */

/* A field has small letters, as the values of our own members have. */
static void add_field(struct tk_import *im, const struct definition *d, json_t *fields, enum annotation which,
                      const char *member, bool is_word)
{
    char value[TK_IMPORT_FIELD + 1];

    if (!d->lines[which] || !*d->texts[which])
        return;
    if (strlen(d->texts[which]) > TK_IMPORT_FIELD) {
        tk_import_tell(im, d->lines[which], member, "a field has at most %d bytes; write a shorter text",
                       TK_IMPORT_FIELD);
        return;
    }
    (void)snprintf(value, sizeof(value), "%s", d->texts[which]);
    for (char *p = value; is_word && *p; p++)
        *p = (char)tolower((unsigned char)*p);
    tk_import_put(im, fields, member, json_string(value));
}

static const char *severity_of(struct tk_import *im, const struct definition *d)
{
    if (d->lines[SEVERITY])
        return tk_import_severity(im, d->lines[SEVERITY], d->texts[SEVERITY]);
    tk_import_tell(im, d->line, d->name, "it has no --#SEVERITY, the rule has indeterminate; write one");
    return "indeterminate";
}

/* Numbers of 99 and the like say that no object has a time. */
static void tell_time(struct tk_import *im, const struct definition *d, const struct tk_import_trap *trap)
{
    unsigned long n = strtoul(d->texts[TIMEINDEX], NULL, 10);

    if (d->lines[TIMEINDEX] && n < tk_import_object_count(im, trap))
        tk_import_tell(im, d->lines[TIMEINDEX], d->texts[TIMEINDEX],
                       "an event's time is when it was received; the time in this object is among its varbinds");
}

static void make_rule(struct tk_import *im, const struct definition *d, const struct tk_import_trap *trap)
{
    struct tk_import_text summary = {0};
    struct tk_import_make m = {.name = d->name,
                               .line = d->line,
                               .text_line = d->lines[SUMMARY],
                               .trap = trap,
                               .address = TK_IMPORT_SOURCE,
                               .severity = severity_of(im, d),
                               .summary = &summary,
                               .fields = json_object()};

    if (d->lines[SUMMARY])
        tk_annotated_summary(im, d->lines[SUMMARY], d->texts[SUMMARY], d->texts[ARGUMENTS], trap, &summary);
    tell_time(im, d, trap);
    add_field(im, d, m.fields, TYPE, "type", false);
    add_field(im, d, m.fields, CATEGORY, "category", false);
    add_field(im, d, m.fields, STATE, "state", true);
    tk_import_make_rule(im, &m);
    json_decref(m.fields);
    tk_import_text_done(&summary);
}

static void finish(struct reading *r)
{
    struct definition *d = &r->definition;
    char text[2 * MAX_NAME + 4];
    struct tk_import_trap trap;

    if (d->line && d->is_annotated) {
        r->im->found++;
        (void)snprintf(text, sizeof(text), "%s::%s", r->module, d->name);
        if (tk_import_trap_of_text(r->im, d->line, text, NULL, &trap))
            make_rule(r->im, d, &trap);
        else
            r->im->left_out++;
    }
    d->line = 0;
}

/* ---- annotations ---- */

/* Append, without quotes. @returns false: it is too long */
static bool append(char *dst, const char *text, size_t len)
{
    size_t n = strlen(dst);

    if (n + len + 1 > MAX_TEXT)
        return false;
    if (n)
        dst[n++] = ' ';
    for (size_t i = 0; i < len; i++)
        if (text[i] != '"')
            dst[n++] = text[i];
    while (n && isspace((unsigned char)dst[n - 1]))
        n--;
    dst[n] = '\0';
    return true;
}

static enum annotation annotation_of(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i].name) == len && strncasecmp(names[i].name, name, len) == 0)
            return names[i].annotation;
    return ANNOTATIONS;
}

static void tell_unknown(struct reading *r, const char *text, size_t len)
{
    char shown[MAX_NAME + 4];

    (void)snprintf(shown, sizeof(shown), "--#%.*s", (int)(len < MAX_NAME ? len : MAX_NAME), text);
    tk_import_tell(r->im, r->line, shown, "no such annotation is known; see what it does, and write it into the rule");
}

/* What follows "--#" up to the end of the line. Behind white space or a quote the last annotation goes on. */
static void read_annotation(struct reading *r, const char *text, size_t len)
{
    struct definition *d = &r->definition;
    size_t name = 0;

    if (!d->line)
        return;
    d->is_annotated = true;
    while (name < len && !isspace((unsigned char)text[name]) && !strchr("\"{", text[name]))
        name++;
    if (name) {
        d->last = annotation_of(text, name);
        if (d->last == ANNOTATIONS) {
            tell_unknown(r, text, name);
            return;
        }
        d->lines[d->last] = r->line;
        d->texts[d->last][0] = '\0';
    }
    while (name < len && isspace((unsigned char)text[name]))
        name++;
    if (d->last != ANNOTATIONS && !append(d->texts[d->last], text + name, len - name))
        tk_import_tell(r->im, r->line, NULL, "an annotation has at most %d bytes; shorten it; the rest is left out",
                       MAX_TEXT);
}

/* ---- lines ---- */

static void begin_definition(struct reading *r)
{
    struct definition *d = &r->definition;

    finish(r);
    if (!islower((unsigned char)r->word[0]))
        return;
    memset(d, 0, sizeof(*d));
    d->last = ANNOTATIONS;
    d->line = r->line;
    (void)snprintf(d->name, sizeof(d->name), "%s", r->word);
}

static void take_word(struct reading *r, const char *word, size_t len)
{
    char text[MAX_NAME + 1];

    (void)snprintf(text, sizeof(text), "%.*s", (int)(len < MAX_NAME ? len : MAX_NAME), word);
    if (strcmp(text, "DEFINITIONS") == 0) {
        finish(r);
        (void)snprintf(r->module, sizeof(r->module), "%s", r->word);
    } else if (strcmp(text, "TRAP-TYPE") == 0 || strcmp(text, "NOTIFICATION-TYPE") == 0) {
        begin_definition(r);
    } else if (strcmp(text, "::=") == 0) {
        finish(r);
    }
    (void)snprintf(r->word, sizeof(r->word), "%s", text);
}

static size_t word_len(const char *at, const char *end)
{
    size_t len = 0;

    while (at + len < end && !isspace((unsigned char)at[len]) && !strchr("{}(),;\"", at[len]) &&
           strncmp(at + len, "--", 2) != 0)
        len++;
    return len ? len : 1;
}

static void read_line(struct reading *r, const char *at, const char *end)
{
    while (at < end) {
        const char *quote;

        if (r->is_quoted || *at == '"') {
            at += !r->is_quoted;
            quote = memchr(at, '"', (size_t)(end - at));
            r->is_quoted = !quote;
            at = quote ? quote + 1 : end;
        } else if (strncmp(at, "--", 2) == 0) {
            if (at[2] == '#')
                read_annotation(r, at + 3, (size_t)(end - at - 3));
            return;
        } else if (isspace((unsigned char)*at)) {
            at++;
        } else {
            size_t len = word_len(at, end);

            take_word(r, at, len);
            at += len;
        }
    }
}

void tk_annotated_read(struct tk_import *im, const char *text)
{
    struct reading *r = calloc(1, sizeof(*r));

    im->is_out_of_memory |= !r;
    if (!r)
        return;
    r->im = im;
    while (*text && !im->is_out_of_memory) {
        size_t len = strcspn(text, "\n");

        r->line++;
        read_line(r, text, text + len);
        text += len + (text[len] != '\0');
    }
    free(r);
}
