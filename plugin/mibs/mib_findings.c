/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_findings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct tk_mib_sources *s;
    struct tk_vector rows;                  /* struct tk_mib_row */
    const struct tk_mib_trouble **unlinked; /* sorted by variant and name */
    uint32_t unlinked_count;
    bool is_out_of_memory;
};

static const struct tk_mib_variant *variant_at(const struct search *r, uint32_t number)
{
    return (const struct tk_mib_variant *)r->s->set.variants.items + number;
}

static const struct tk_mib_line *line_at(const struct search *r, uint32_t number)
{
    return (const struct tk_mib_line *)r->s->lines.lines.items + number;
}

__attribute__((format(printf, 7, 8))) static void add(struct search *r, enum tk_mib_finding finding, uint32_t file,
                                                      unsigned line, const char *module, const char *name,
                                                      const char *fmt, ...)
{
    struct tk_mib_row *row = tk_vector_push(&r->rows, 1, sizeof(*row));
    char words[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(words, sizeof(words), fmt, ap);
    va_end(ap);
    if (!row || !(row->words = strdup(words))) {
        r->is_out_of_memory = true;
        return;
    }
    for (char *c = row->words; *c; c++) /* the parser repeats what it read */
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    row->finding = finding;
    row->file = file;
    row->line = line;
    row->module = module;
    row->name = name;
}

/* --- files, and what the parser said ----------------------------------------------------------------------------- */

static void find_in_files(struct search *r)
{
    for (uint32_t i = 0; i < r->s->set.files.count; i++) {
        const struct tk_mib_file *f = (const struct tk_mib_file *)r->s->set.files.items + i;

        if (f->error)
            add(r, TK_MIB_FOUND_UNREADABLE, i, 0, NULL, NULL, "%s", strerror(-f->error));
        else if (!f->is_facts && !f->text.modules.count)
            add(r, TK_MIB_FOUND_NO_MODULE, i, 0, NULL, NULL, "no NAME DEFINITIONS ::= BEGIN");
    }
}

/* @returns true if an earlier trouble is about the same missing module */
static bool is_known_missing(const struct search *r, uint32_t number)
{
    const struct tk_mib_trouble *all = r->s->reading.troubles.items;

    for (uint32_t i = 0; i < number; i++)
        if (all[i].kind == TK_MIB_TROUBLE_MISSING && strcmp(all[i].name, all[number].name) == 0)
            return true;
    return false;
}

static void find_missing(struct search *r, uint32_t number)
{
    const struct tk_mib_trouble *all = r->s->reading.troubles.items, *t = all + number;
    uint32_t importers = 0;

    if (is_known_missing(r, number))
        return;
    for (uint32_t i = number; i < r->s->reading.troubles.count; i++)
        importers += all[i].kind == TK_MIB_TROUBLE_MISSING && strcmp(all[i].name, t->name) == 0;
    add(r, TK_MIB_FOUND_MISSING, variant_at(r, t->variant)->file, t->line, t->name, NULL, "%u", importers);
}

static void find_in_troubles(struct search *r)
{
    static const enum tk_mib_finding findings[] = {
        [TK_MIB_TROUBLE_REDUCED] = TK_MIB_FOUND_REDUCED,
        [TK_MIB_TROUBLE_LOST] = TK_MIB_FOUND_LOST,
        [TK_MIB_TROUBLE_GIVEN_UP] = TK_MIB_FOUND_GIVEN_UP,
        [TK_MIB_TROUBLE_REMARK] = TK_MIB_FOUND_REMARK,
    };

    for (uint32_t i = 0; i < r->s->reading.troubles.count; i++) {
        const struct tk_mib_trouble *t = (const struct tk_mib_trouble *)r->s->reading.troubles.items + i;
        const struct tk_mib_variant *v = variant_at(r, t->variant);

        if (t->kind == TK_MIB_TROUBLE_MISSING)
            find_missing(r, i);
        else if (t->kind != TK_MIB_TROUBLE_UNLINKED)
            add(r, findings[t->kind], v->file, t->line, v->name, t->name, "%s",
                t->text && *t->text ? t->text : "the end of the module is missing");
    }
}

/* --- definitions without an OID ---------------------------------------------------------------------------------- */

static int compare_unlinked(const void *a, const void *b)
{
    const struct tk_mib_trouble *ta = *(const struct tk_mib_trouble *const *)a,
                                *tb = *(const struct tk_mib_trouble *const *)b;

    if (ta->variant != tb->variant)
        return ta->variant < tb->variant ? -1 : 1;
    return strcmp(ta->name, tb->name);
}

static bool list_unlinked(struct search *r)
{
    const struct tk_mib_trouble *all = r->s->reading.troubles.items;

    r->unlinked = calloc((size_t)r->s->reading.troubles.count + 1, sizeof(const struct tk_mib_trouble *));
    for (uint32_t i = 0; r->unlinked && i < r->s->reading.troubles.count; i++)
        if (all[i].kind == TK_MIB_TROUBLE_UNLINKED)
            r->unlinked[r->unlinked_count++] = all + i;
    if (r->unlinked)
        qsort(r->unlinked, r->unlinked_count, sizeof(const struct tk_mib_trouble *), compare_unlinked);
    return r->unlinked != NULL;
}

static const struct tk_mib_trouble *find_unlinked(const struct search *r, uint32_t variant, const char *name)
{
    const struct tk_mib_trouble wanted = {.variant = variant, .name = (char *)(uintptr_t)name}, *key = &wanted;
    const struct tk_mib_trouble **found = bsearch(&key, r->unlinked, r->unlinked_count,
                                                  sizeof(const struct tk_mib_trouble *), compare_unlinked);

    return found ? *found : NULL;
}

/* The name that is missing at the root of a definition without an OID. */
static const char *missing_root(const struct search *r, const struct tk_mib_trouble *t)
{
    for (int depth = 0; depth < 128; depth++) {
        const struct tk_mib_trouble *above = find_unlinked(r, t->variant, t->text);

        if (!above)
            break;
        t = above;
    }
    return t->text;
}

/* One row a module: how many, and because of which names. */
static void find_without_oid(struct search *r)
{
    for (uint32_t i = 0; i < r->unlinked_count;) {
        const struct tk_mib_variant *v = variant_at(r, r->unlinked[i]->variant);
        char roots[256] = "";
        size_t len = 0;
        uint32_t end = i;

        for (; end < r->unlinked_count && r->unlinked[end]->variant == r->unlinked[i]->variant; end++) {
            char quoted[TK_MIB_MAX_NAME + 4];
            const char *root = missing_root(r, r->unlinked[end]);

            (void)snprintf(quoted, sizeof(quoted), "'%s'", root);
            if (!strstr(roots, quoted) && len + strlen(quoted) + 2 < sizeof(roots))
                len += (size_t)snprintf(roots + len, sizeof(roots) - len, "%s%s", len ? ", " : "", quoted);
        }
        add(r, TK_MIB_FOUND_NO_OID, v->file, tk_mib_set_module(&r->s->set, v)->line, v->name, NULL, "%u %s", end - i,
            roots);
        i = end;
    }
}

/* --- what is defined twice --------------------------------------------------------------------------------------- */

static void find_twice(struct search *r)
{
    for (uint32_t i = 0; i < r->s->set.variants.count; i++) {
        const struct tk_mib_variant *v = variant_at(r, i);
        size_t count;
        const struct tk_mib_variant *best = tk_mib_set_choose(&r->s->set, v->name, UINT32_MAX);
        const struct tk_mib_file *f = tk_mib_set_file(&r->s->set, best);

        (void)tk_mib_set_find(&r->s->set, v->name, &count);
        if (count > 1 && v != best)
            add(r, TK_MIB_FOUND_TWICE, v->file, tk_mib_set_module(&r->s->set, v)->line, v->name, NULL, "%s", f->path);
    }
}

static const char *why(const struct tk_mib_line *winner, const struct tk_mib_line *loser)
{
    if (winner->variant == TK_MIB_STANDARD)
        return "it is built in";
    if (strcmp(winner->type, loser->type) != 0)
        return "it is of SMIv2";
    if (winner->updated > loser->updated)
        return "its module is newer";
    return "its module's name comes first";
}

/* The same definition may come from two files. */
static bool is_same(const struct tk_mib_line *a, const struct tk_mib_line *b)
{
    return strcmp(a->module, b->module) == 0 && strcmp(a->name, b->name) == 0;
}

static void find_same_oid(struct search *r)
{
    for (uint32_t i = 0; i < r->s->lines.lines.count; i++) {
        const struct tk_mib_line *n = line_at(r, i), *winner = line_at(r, n->winner);

        if (n->is_lost && tk_mib_line_is_notification(n) && tk_mib_line_is_of_mib(n) && !is_same(n, winner))
            add(r, TK_MIB_FOUND_SAME_OID, variant_at(r, n->variant)->file, 0, n->module, n->name,
                "%s: %s::%s counts, because %s", n->oid, winner->module, winner->name, why(winner, n));
    }
}

static void find_ambiguous(struct search *r)
{
    const struct tk_mib_line *last = NULL;

    for (uint32_t i = 0; i < r->s->lines.lines.count; i++) {
        const struct tk_mib_line *n = line_at(r, r->s->lines.by_name[i]);

        if (n->is_lost || !tk_mib_line_is_notification(n))
            continue;
        if (last && strcmp(last->name, n->name) == 0 && tk_mib_line_is_of_mib(n))
            add(r, TK_MIB_FOUND_AMBIGUOUS, variant_at(r, n->variant)->file, 0, n->module, n->name, "also %s::%s",
                last->module, last->name);
        else if (last && strcmp(last->name, n->name) == 0 && tk_mib_line_is_of_mib(last))
            add(r, TK_MIB_FOUND_AMBIGUOUS, variant_at(r, last->variant)->file, 0, last->module, last->name,
                "also %s::%s", n->module, n->name);
        last = n;
    }
}

/* --- each notification by name ----------------------------------------------------------------------------------- */

static bool is_lost(const struct search *r, uint32_t variant, const char *name)
{
    for (uint32_t i = 0; i < r->s->reading.troubles.count; i++) {
        const struct tk_mib_trouble *t = (const struct tk_mib_trouble *)r->s->reading.troubles.items + i;

        if (t->variant == variant &&
            (t->kind == TK_MIB_TROUBLE_GIVEN_UP || (t->kind == TK_MIB_TROUBLE_LOST && strcmp(t->name, name) == 0)))
            return true;
    }
    return false;
}

/* Everything that the text calls a notification has facts, or a reason why not. */
static void find_unnumbered(struct search *r)
{
    for (uint32_t i = 0; i < r->s->set.variants.count; i++) {
        const struct tk_mib_variant *v = variant_at(r, i);
        const struct tk_mib_module *m = tk_mib_set_module(&r->s->set, v);
        const struct tk_mib_notification *all = tk_mib_set_file(&r->s->set, v)->text.notifications.items;

        for (uint32_t k = m->notifications; k < m->notifications + m->notification_count; k++) {
            const struct tk_mib_trouble *t;

            if (tk_mib_lines_has(&r->s->lines, all[k].name, v->name) || is_lost(r, i, all[k].name))
                continue;
            t = find_unlinked(r, i, all[k].name);
            if (t)
                add(r, TK_MIB_FOUND_UNNUMBERED, v->file, all[k].line, v->name, all[k].name, "no file defines '%s'",
                    missing_root(r, t));
            else
                add(r, TK_MIB_FOUND_ELSEWHERE, v->file, all[k].line, v->name, all[k].name,
                    "another module has this name at its OID");
        }
    }
}

static void find_unresolved(struct search *r)
{
    for (uint32_t i = 0; i < r->s->lines.lines.count; i++) {
        const struct tk_mib_line *n = line_at(r, i);
        const char *at = n->is_lost || !tk_mib_line_is_notification(n) || !tk_mib_line_is_of_mib(n)
                             ? NULL
                             : tk_mib_line_attribute(n, 'o');

        while (at && *at && *at != ' ') {
            size_t len = strcspn(at, ", ");

            if (!tk_mib_lines_find(&r->s->lines, at, len, n->module))
                add(r, TK_MIB_FOUND_UNRESOLVED, variant_at(r, n->variant)->file, 0, n->module, n->name, "%.*s",
                    (int)len, at);
            at += len + (at[len] == ',');
        }
    }
}

/* --- all --------------------------------------------------------------------------------------------------------- */

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_rows(const void *a, const void *b)
{
    const struct tk_mib_row *ra = a, *rb = b;
    int order = (ra->finding > rb->finding) - (ra->finding < rb->finding);

    if (!order)
        order = (ra->file > rb->file) - (ra->file < rb->file);
    if (!order)
        order = (ra->line > rb->line) - (ra->line < rb->line);
    if (!order)
        order = compare_texts(ra->module, rb->module);
    if (!order)
        order = compare_texts(ra->name, rb->name);
    return order ? order : strcmp(ra->words, rb->words);
}

void tk_mib_findings_done(struct tk_vector *rows)
{
    for (uint32_t i = 0; i < rows->count; i++)
        free(((struct tk_mib_row *)rows->items)[i].words);
    tk_vector_done(rows);
}

int tk_mib_findings(const struct tk_mib_sources *s, struct tk_vector *ret_rows)
{
    struct search r = {.s = s};

    if (list_unlinked(&r)) {
        find_in_files(&r);
        find_in_troubles(&r);
        find_without_oid(&r);
        find_twice(&r);
        find_same_oid(&r);
        find_ambiguous(&r);
        find_unnumbered(&r);
        find_unresolved(&r);
    } else {
        r.is_out_of_memory = true;
    }
    free(r.unlinked);
    if (r.is_out_of_memory) {
        tk_mib_findings_done(&r.rows);
        return -ENOMEM;
    }
    if (r.rows.count)
        qsort(r.rows.items, r.rows.count, sizeof(struct tk_mib_row), compare_rows);
    *ret_rows = r.rows;
    return 0;
}
