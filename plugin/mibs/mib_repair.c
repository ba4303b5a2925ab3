/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_repair.h"

#include <stdlib.h>

struct definition {
    struct tk_mib_word name;
    struct tk_mib_word kind;       /* the macro; len 0: a type */
    size_t end;                    /* where the next one begins */
    struct tk_mib_word number;     /* "{ ... }" or a number after "::=" */
    struct tk_mib_word objects;    /* "{ ... }" after OBJECTS or VARIABLES, with that word in front */
    struct tk_mib_word enterprise; /* with its word in front */
};

static bool is_macro(const struct tk_mib_text *t, struct tk_mib_word w)
{
    static const char *const macros[] = {"OBJECT-TYPE",        "NOTIFICATION-TYPE", "TRAP-TYPE",
                                         "MODULE-IDENTITY",    "OBJECT-IDENTITY",   "OBJECT-GROUP",
                                         "NOTIFICATION-GROUP", "MODULE-COMPLIANCE", "AGENT-CAPABILITIES"};

    for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
        if (tk_mib_word_is(t->text, w, macros[i]))
            return true;
    return false;
}

/* Does a definition begin with these two words? */
static bool is_beginning(const struct tk_mib_text *t, struct tk_mib_word name, struct tk_mib_word next)
{
    if (!name.len || !tk_mib_word_is_label(t->text, name))
        return false;
    if (is_macro(t, next))
        return !tk_mib_word_is(t->text, name, "IMPORTS") && !tk_mib_word_is(t->text, name, "FROM");
    if (tk_mib_word_is(t->text, next, "OBJECT")) {
        size_t at = next.at + next.len;
        struct tk_mib_word w;

        return islower((unsigned char)t->text[name.at]) && tk_mib_word_next(t->text, &at, t->len, &w) &&
               tk_mib_word_is(t->text, w, "IDENTIFIER") && tk_mib_word_next(t->text, &at, t->len, &w) &&
               tk_mib_word_is(t->text, w, "::=");
    }
    return tk_mib_word_is(t->text, next, "::=") && isupper((unsigned char)t->text[name.at]) && !is_macro(t, name) &&
           !tk_mib_word_is(t->text, name, "IDENTIFIER") && !tk_mib_word_is(t->text, name, "DEFINITIONS");
}

/* @returns where the group that begins with "{" ends, or 0 */
static size_t end_of_group(const struct tk_mib_text *t, size_t at, size_t end)
{
    struct tk_mib_word w;

    while (tk_mib_word_next(t->text, &at, end, &w)) {
        if (tk_mib_word_is(t->text, w, "}"))
            return at;
        if (tk_mib_word_is(t->text, w, "::="))
            break;
    }
    return 0;
}

static void read_parts(const struct tk_mib_text *t, struct definition *d)
{
    size_t at = d->kind.at + d->kind.len;
    struct tk_mib_word w, next;

    while (tk_mib_word_next(t->text, &at, d->end, &w)) {
        size_t after = at, end;

        if (!tk_mib_word_next(t->text, &after, d->end, &next))
            return;
        end = tk_mib_word_is(t->text, next, "{") ? end_of_group(t, after, d->end) : after;
        if (!end)
            continue;
        if (tk_mib_word_is(t->text, w, "::="))
            d->number = (struct tk_mib_word){next.at, end - next.at};
        else if ((tk_mib_word_is(t->text, w, "OBJECTS") || tk_mib_word_is(t->text, w, "VARIABLES")) &&
                 tk_mib_word_is(t->text, next, "{"))
            d->objects = (struct tk_mib_word){w.at, end - w.at};
        else if (tk_mib_word_is(t->text, w, "ENTERPRISE"))
            d->enterprise = (struct tk_mib_word){w.at, end - w.at};
    }
}

/* Find the definition around a position. If the one before it has no number, the parser read on into this one: then it is
 * that one. */
static bool find_definition(const struct tk_mib_text *t, const struct tk_mib_module *m, size_t where,
                            struct definition *d)
{
    struct tk_mib_word before = {0}, w;
    struct definition last = {.end = m->end};
    size_t at = m->body;

    *d = last;
    while (tk_mib_word_next(t->text, &at, m->end, &w)) {
        if (is_beginning(t, before, w)) {
            if (before.at > where && d->name.len) {
                d->end = before.at;
                break;
            }
            if (before.at <= where) {
                last = *d;
                last.end = before.at;
                *d = (struct definition){
                    .name = before,
                    .kind = tk_mib_word_is(t->text, w, "::=") ? (struct tk_mib_word){w.at, 0} : w,
                    .end = m->end,
                };
            }
        }
        before = w;
    }
    read_parts(t, d);
    if (last.name.len && last.kind.len) {
        read_parts(t, &last);
        if (!last.number.len)
            *d = last;
    }
    return d->name.len != 0;
}

static void blank(char *text, size_t at, size_t end)
{
    for (; at < end; at++)
        if (text[at] != '\n')
            text[at] = ' ';
}

/* Write text over a place, as far as it fits. */
static bool put(char *text, size_t *at, size_t end, const char *words, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        while (*at < end && text[*at] == '\n')
            ++*at;
        if (*at >= end)
            return false;
        text[(*at)++] = words[i] == '\n' ? ' ' : words[i];
    }
    return true;
}

/* Leave "name MACRO ... ::= { parent number }" with what is needed of the rest. */
static bool reduce(struct tk_mib_text *t, const struct definition *d)
{
    bool is_notification = tk_mib_word_is(t->text, d->kind, "NOTIFICATION-TYPE"),
         is_trap = tk_mib_word_is(t->text, d->kind, "TRAP-TYPE");
    char *line = NULL;
    size_t bytes = 0, at = d->name.at;
    FILE *f;
    bool is_good;

    if (!d->number.len || (is_trap && !d->enterprise.len) || (t->text[d->number.at] == '{') == is_trap)
        return false;
    f = open_memstream(&line, &bytes);
    if (!f)
        return false;
    (void)fprintf(f, "%.*s ", (int)d->name.len, t->text + d->name.at);
    (void)fputs(is_trap ? "TRAP-TYPE " : is_notification ? "NOTIFICATION-TYPE " : "OBJECT IDENTIFIER ", f);
    if (is_trap)
        (void)fprintf(f, "%.*s ", (int)d->enterprise.len, t->text + d->enterprise.at);
    if ((is_trap || is_notification) && d->objects.len)
        (void)fprintf(f, "%.*s ", (int)d->objects.len, t->text + d->objects.at);
    if (is_notification)
        (void)fputs("STATUS current ", f);
    (void)fprintf(f, "::= %.*s ", (int)d->number.len, t->text + d->number.at);
    is_good = fclose(f) == 0 && bytes < d->end - d->name.at;
    if (is_good) {
        blank(t->text, d->name.at, d->end);
        is_good = put(t->text, &at, d->end, line, bytes);
    }
    free(line);
    return is_good;
}

/* A definition that was reduced already has nothing left to take away. */
static bool is_reduced(const struct tk_mib_text *t, const struct definition *d)
{
    size_t at = d->kind.at + d->kind.len, count = 0;
    struct tk_mib_word w;

    while (tk_mib_word_next(t->text, &at, d->end, &w))
        count += tk_mib_word_is(t->text, w, "DESCRIPTION") || tk_mib_word_is(t->text, w, "SYNTAX");
    return count == 0;
}

enum tk_mib_repair tk_mib_repair(struct tk_mib_text *t, const struct tk_mib_module *m, unsigned line,
                                 char ret_name[TK_MIB_MAX_NAME], unsigned *ret_line)
{
    size_t where = m->at;
    struct definition d;

    for (unsigned at = m->line; where < m->end && at < line; where++)
        at += t->text[where] == '\n';
    while (where < m->end && isspace((unsigned char)t->text[where]) && t->text[where] != '\n')
        where++;
    if (!find_definition(t, m, where, &d))
        return TK_MIB_REPAIR_NONE;
    tk_mib_word_copy(ret_name, t->text, d.name);
    *ret_line = tk_mib_text_line(t, m->at, m->line, d.name.at);
    if (!is_reduced(t, &d) && reduce(t, &d))
        return TK_MIB_REPAIR_REDUCED;
    blank(t->text, d.name.at, d.end);
    return TK_MIB_REPAIR_BLANKED;
}
