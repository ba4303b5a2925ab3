/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_text.h"

#include <errno.h>
#include <stdlib.h>

#include "mibs/mib_types.h"

#define MAX_KEPT_STRING 255 /* DISPLAY-HINT and UNITS are shorter than this */

/* --- comments and strings ---------------------------------------------------------------------------------------- */

static void blank(char *text, size_t at, size_t end)
{
    for (; at < end; at++)
        if (text[at] != '\n')
            text[at] = ' ';
}

static size_t end_of_comment(const char *text, size_t at, size_t len, enum tk_mib_style style)
{
    for (at += 2; at < len && text[at] != '\n'; at++)
        if (style == TK_MIB_STYLE_COMMENTS && at + 1 < len && text[at] == '-' && text[at + 1] == '-')
            return at + 2;
    return at;
}

/* Is there a macro with its first clause? */
static bool holds_definition(const char *text, size_t at, size_t end)
{
    static const char *const macros[] = {"OBJECT-TYPE", "NOTIFICATION-TYPE", "TRAP-TYPE"};
    static const char *const clauses[] = {"SYNTAX", "OBJECTS", "STATUS", "ENTERPRISE", "VARIABLES"};
    struct tk_mib_word w;
    bool is_macro = false;

    while (tk_mib_word_next(text, &at, end, &w)) {
        for (size_t i = 0; is_macro && i < sizeof(clauses) / sizeof(clauses[0]); i++)
            if (tk_mib_word_is(text, w, clauses[i]))
                return true;
        is_macro = false;
        for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
            is_macro |= tk_mib_word_is(text, w, macros[i]);
    }
    return false;
}

/* @returns the place behind the string that begins here */
static size_t end_of_string(char *text, size_t at, size_t len, enum tk_mib_style style)
{
    const char *quote = memchr(text + at + 1, '"', len - at - 1), *line;
    size_t end = quote ? (size_t)(quote - text) : len;

    if (quote && (style != TK_MIB_STYLE_STRINGS || !holds_definition(text, at + 1, end)))
        return end + 1;
    line = memchr(text + at + 1, '\n', len - at - 1);
    end = line ? (size_t)(line - text) : len;
    text[at] = '"';
    if (end - at > 1)
        text[end - 1] = '"';
    else
        text[at] = ' '; /* a quote alone at the end of its line */
    return end;
}

static void clean(char *text, size_t len, enum tk_mib_style style)
{
    for (size_t i = 0; i < len;) {
        if (text[i] == '"') {
            size_t end = end_of_string(text, i, len, style);

            if (end - i > MAX_KEPT_STRING + 2 || memchr(text + i, '\n', end - i))
                blank(text, i + 1, end - 1);
            i = end;
        } else if (text[i] == '-' && i + 1 < len && text[i + 1] == '-') {
            size_t end = end_of_comment(text, i, len, style);

            blank(text, i, end);
            i = end;
        } else {
            if (text[i] != '\n' && (text[i] < ' ' || text[i] == 0x7f)) /* also all that is no ASCII */
                text[i] = ' ';
            i++;
        }
    }
}

/* --- modules ----------------------------------------------------------------------------------------------------- */

unsigned tk_mib_text_line(const struct tk_mib_text *t, size_t at, unsigned line, size_t place)
{
    for (; at < place; at++)
        line += t->text[at] == '\n';
    return line;
}

static uint64_t date_of(const struct tk_mib_text *t, struct tk_mib_word w)
{
    uint64_t date = 0;
    int digits = 0;

    for (size_t i = w.at; i < w.at + w.len && digits < 12; i++) {
        if (!isdigit((unsigned char)t->text[i]))
            continue;
        date = date * 10 + (uint64_t)(t->text[i] - '0');
        digits++;
    }
    if (digits == 10) /* YYMMDDHHMM: RFC 2578 has two digits for the years until 1999 */
        date += date < 7000000000u ? 200000000000u : 190000000000u;
    return digits == 10 || digits == 12 ? date : 0;
}

/* At "DEFINITIONS": is "::= BEGIN" near? @returns the end of BEGIN; 0: no */
static size_t begin_after(const struct tk_mib_text *t, size_t at)
{
    struct tk_mib_word w;
    bool has_equals = false;

    for (int i = 0; i < 5 && tk_mib_word_next(t->text, &at, t->len, &w); i++) {
        has_equals |= tk_mib_word_is(t->text, w, "::=");
        if (tk_mib_word_is(t->text, w, "BEGIN"))
            return has_equals ? at : 0;
    }
    return 0;
}

static size_t skip_macro(const struct tk_mib_text *t, size_t at)
{
    struct tk_mib_word w;

    while (tk_mib_word_next(t->text, &at, t->len, &w))
        if (tk_mib_word_is(t->text, w, "END"))
            break;
    return at;
}

/* What the scan for modules remembers. */
struct search {
    struct tk_mib_word name; /* the last label outside of braces */
    struct tk_mib_word last; /* the last word */
    int braces;
    bool is_inside; /* a module is open: the last one */
    bool is_importing;
    bool expects_module, expects_date;
    struct tk_mib_word from; /* the last module that was imported from */
    size_t counted;          /* lines up to here */
    unsigned line;
};

static bool open_module(struct tk_mib_text *t, struct search *s, size_t begin)
{
    struct tk_mib_module *m;

    if (s->is_inside) {
        m = (struct tk_mib_module *)t->modules.items + t->modules.count - 1;
        m->end = s->name.at;
    }
    m = tk_vector_push(&t->modules, 1, sizeof(*m));
    if (!m)
        return false;
    s->line = tk_mib_text_line(t, s->counted, s->line, s->name.at);
    s->counted = s->name.at;
    tk_mib_word_copy(m->name, t->text, s->name);
    m->at = s->name.at;
    m->body = begin;
    m->line = s->line;
    m->imports = t->imports.count;
    m->notifications = t->notifications.count;
    s->is_inside = true;
    s->is_importing = false;
    s->braces = 0;
    return true;
}

static bool add_import(struct tk_mib_text *t, struct tk_mib_word w)
{
    struct tk_mib_module *m = (struct tk_mib_module *)t->modules.items + t->modules.count - 1;
    char *name = tk_vector_push(&t->imports, 1, TK_MIB_MAX_NAME);

    if (!name)
        return false;
    tk_mib_word_copy(name, t->text, w);
    m->import_count++;
    return true;
}

/* At the name of a macro: does a notification begin with the word before? */
static bool add_notification(struct tk_mib_text *t, struct search *s, bool is_trap, size_t at)
{
    static const char *const clauses[] = {"OBJECTS", "STATUS", "ENTERPRISE", "VARIABLES", "DESCRIPTION"};
    struct tk_mib_module *m = (struct tk_mib_module *)t->modules.items + t->modules.count - 1;
    struct tk_mib_notification *n;
    struct tk_mib_word w;
    bool is_clause = false;

    if (!tk_mib_word_next(t->text, &at, t->len, &w) || !tk_mib_word_is_label(t->text, s->last))
        return true;
    for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++)
        is_clause |= tk_mib_word_is(t->text, w, clauses[i]);
    if (!is_clause)
        return true;
    n = tk_vector_push(&t->notifications, 1, sizeof(*n));
    if (!n)
        return false;
    s->line = tk_mib_text_line(t, s->counted, s->line, s->last.at);
    s->counted = s->last.at;
    tk_mib_word_copy(n->name, t->text, s->last);
    n->line = s->line;
    n->is_trap = is_trap;
    m->notification_count++;
    return true;
}

static void end_imports(struct search *s, struct tk_mib_module *m, size_t at)
{
    s->is_importing = false;
    m->imports_end = at;
}

/* Look at one word inside a module. */
static bool look_inside(struct tk_mib_text *t, struct search *s, struct tk_mib_word w, size_t *at)
{
    struct tk_mib_module *m = (struct tk_mib_module *)t->modules.items + t->modules.count - 1;

    if (s->expects_module) {
        s->expects_module = false;
        s->from = w;
        return add_import(t, w);
    }
    if (s->expects_date) {
        s->expects_date = false;
        m->updated = date_of(t, w);
        return true;
    }
    if (s->is_importing && tk_mib_word_is(t->text, w, "::=")) { /* IMPORTS without its ';' */
        end_imports(s, m, s->from.len ? s->from.at + s->from.len : 0);
        if (m->imports_end)
            t->text[m->imports_end] = ';';
    }
    if (tk_mib_word_is(t->text, w, "IMPORTS"))
        s->is_importing = true;
    else if (s->is_importing && tk_mib_word_is(t->text, w, ";"))
        end_imports(s, m, w.at);
    else if (tk_mib_word_is(t->text, w, "FROM"))
        s->expects_module = s->is_importing;
    else if (tk_mib_word_is(t->text, w, "LAST-UPDATED"))
        s->expects_date = true;
    else if (tk_mib_word_is(t->text, w, "MACRO") && !s->is_importing)
        *at = skip_macro(t, *at);
    else if (!s->is_importing &&
             (tk_mib_word_is(t->text, w, "NOTIFICATION-TYPE") || tk_mib_word_is(t->text, w, "TRAP-TYPE")))
        return add_notification(t, s, tk_mib_word_is(t->text, w, "TRAP-TYPE"), *at);
    else if (tk_mib_word_is(t->text, w, "END") && !s->is_importing) {
        m->end = w.at;
        s->is_inside = false;
    }
    return true;
}

static int find_modules(struct tk_mib_text *t)
{
    struct search s = {.line = 1};
    struct tk_mib_word w;
    size_t at = 0;

    while (tk_mib_word_next(t->text, &at, t->len, &w)) {
        size_t begin = tk_mib_word_is(t->text, w, "DEFINITIONS") ? begin_after(t, at) : 0;

        if (begin && s.name.len) {
            if (!open_module(t, &s, begin))
                return -ENOMEM;
            at = begin;
            continue;
        }
        if (s.is_inside && !look_inside(t, &s, w, &at))
            return -ENOMEM;
        s.braces += tk_mib_word_is(t->text, w, "{") - tk_mib_word_is(t->text, w, "}");
        if (s.braces <= 0 && tk_mib_word_is_label(t->text, w)) {
            s.braces = 0;
            s.name = w;
        }
        s.last = w;
    }
    if (s.is_inside) /* its END is missing */
        ((struct tk_mib_module *)t->modules.items)[t->modules.count - 1].end = t->len;
    return 0;
}

int tk_mib_text_take(struct tk_mib_text *t, char *text, size_t len, enum tk_mib_style style)
{
    *t = (struct tk_mib_text){.text = text, .len = len};
    clean(t->text, t->len, style);
    return find_modules(t);
}

int tk_mib_text_load(struct tk_mib_text *t, const char *path)
{
    FILE *f = fopen(path, "re");
    char *text = NULL;
    size_t len = 0, cap = 0;
    int ret = 0;

    *t = (struct tk_mib_text){0};
    if (!f)
        return -errno;
    while (ret == 0 && !feof(f)) {
        if (len + 1 >= cap) {
            char *more = realloc(text, cap = cap ? cap * 2 : 65536);

            if (!more)
                ret = -ENOMEM;
            else
                text = more;
        }
        if (ret == 0)
            len += fread(text + len, 1, cap - len - 1, f);
        if (ferror(f))
            ret = -EIO;
        if (len > TK_MIB_MAX_BYTES)
            ret = -EFBIG;
    }
    (void)fclose(f);
    if (ret < 0) {
        free(text);
        return ret;
    }
    text[len] = '\0';
    t->text = text;
    t->len = len;
    return 0;
}

int tk_mib_text_read(struct tk_mib_text *t, const char *path, enum tk_mib_style style)
{
    int ret = tk_mib_text_load(t, path);

    return ret < 0 ? ret : tk_mib_text_take(t, t->text, t->len, style);
}

void tk_mib_text_forget(struct tk_mib_text *t)
{
    free(t->text);
    t->text = NULL;
    t->len = 0;
}

void tk_mib_text_done(struct tk_mib_text *t)
{
    tk_mib_text_forget(t);
    tk_vector_done(&t->modules);
    tk_vector_done(&t->imports);
    tk_vector_done(&t->notifications);
    *t = (struct tk_mib_text){0};
}

const char *tk_mib_text_import(const struct tk_mib_text *t, const struct tk_mib_module *m, uint32_t number)
{
    return (const char *)t->imports.items + (size_t)(m->imports + number) * TK_MIB_MAX_NAME;
}

bool tk_mib_text_write(const struct tk_mib_text *t, const struct tk_mib_module *m, const char *last, FILE *out)
{
    size_t body;

    for (unsigned i = 1; i < m->line; i++)
        (void)putc('\n', out);
    (void)fprintf(out, "%s DEFINITIONS ::= BEGIN", m->name);
    for (size_t i = m->at; i < m->body; i++)
        if (t->text[i] == '\n')
            (void)putc('\n', out);
    body = m->body;
    if (m->imports_end) {
        (void)fwrite(t->text + body, 1, m->imports_end - body, out);
        (void)tk_mib_types_write_missing(t, m, out);
        body = m->imports_end;
    }
    (void)fwrite(t->text + body, 1, m->end - body, out);
    (void)fprintf(out, "\n%s\nEND\n", last);
    return !ferror(out);
}
