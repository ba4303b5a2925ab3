/* SPDX-License-Identifier: Apache-2.0 */
#include "import/annotated_summary.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

/** A text that is being read. */
struct reading {
    struct tk_import *im;
    unsigned line;
    const struct tk_import_trap *trap;
    struct tk_import_text *text;
    const char *arguments; /* those that are left */
};

static bool is_first(const struct reading *r, unsigned n, const struct tk_dict_object *o)
{
    for (unsigned i = 1; i < n; i++)
        if (tk_import_nth(r->im, r->trap, i) == o)
            return false;
    return true;
}

static void add_argument(struct reading *r, const char *conversion)
{
    const char *digits = r->arguments + strcspn(r->arguments, DIGITS);
    unsigned long n = strtoul(digits, NULL, 10);
    const struct tk_dict_object *o = *digits
                                         ? tk_import_nth(r->im, r->trap, n < TK_DICT_MAX_OBJECTS ? (unsigned)n + 1 : 0)
                                         : NULL;

    r->arguments = digits + strspn(digits, DIGITS);
    if (o && is_first(r, (unsigned)n + 1, o))
        tk_import_text_object(r->im, r->text, TK_IMPORT_OBJECT, o);
    else if (!*digits)
        tk_import_tell(r->im, r->line, conversion, "the ARGUMENTS have no number for it; write {OBJECT}");
    else if (o)
        tk_import_tell(r->im, r->line, conversion,
                       "the notification has this object twice, and rules read the first; use the event's varbinds");
    else
        tk_import_tell(r->im, r->line, conversion,
                       "its number in ARGUMENTS is %lu, and the notification has %u objects, counted from 0; write "
                       "{OBJECT}",
                       n, tk_import_object_count(r->im, r->trap));
}

/* "%s", "%-10.3ld", "%%". @returns how many bytes; 0: it is none */
static size_t add_conversion(struct reading *r, const char *at)
{
    size_t len = 1 + strspn(at + 1, DIGITS "-+ #.lh");
    char conversion[32];

    if (at[1] == '%') {
        tk_import_text_add(r->im, r->text, "%", 1);
        return 2;
    }
    if (!at[len] || !strchr("sdiuxXoc", at[len]) || len + 2 > sizeof(conversion))
        return 0;
    (void)snprintf(conversion, sizeof(conversion), "%.*s", (int)len + 1, at);
    add_argument(r, conversion);
    return len + 1;
}

void tk_annotated_summary(struct tk_import *im, unsigned line, const char *text, const char *arguments,
                          const struct tk_import_trap *trap, struct tk_import_text *t)
{
    struct reading r = {im, line, trap, t, arguments};

    while (*text) {
        size_t plain = strcspn(text, "%"), len;

        tk_import_text_add(im, t, text, plain);
        text += plain;
        if (!*text)
            break;
        len = add_conversion(&r, text);
        if (!len)
            tk_import_text_add(im, t, "%", 1);
        text += len ? len : 1;
    }
}
