/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tk_mib_line *line_at(const struct tk_mib_lines *l, uint32_t i)
{
    return (struct tk_mib_line *)l->lines.items + i;
}

static char *cut(char **rest)
{
    char *word = *rest, *end = strchr(word, ' ');

    if (end)
        *end++ = '\0';
    *rest = end ? end : word + strlen(word);
    return word;
}

int tk_mib_lines_add(struct tk_mib_lines *l, const char *line, uint32_t variant, uint64_t updated)
{
    struct tk_mib_line *n = tk_vector_push(&l->lines, 1, sizeof(*n));
    char *rest = n ? strdup(line) : NULL;

    if (!rest)
        return -ENOMEM;
    n->oid = cut(&rest);
    n->name = cut(&rest);
    n->module = cut(&rest);
    n->type = cut(&rest);
    n->rest = rest;
    n->variant = variant;
    n->updated = updated;
    return *n->type ? 0 : -EINVAL;
}

void tk_mib_lines_done(struct tk_mib_lines *l)
{
    for (uint32_t i = 0; i < l->lines.count; i++)
        free(line_at(l, i)->oid);
    tk_vector_done(&l->lines);
    free(l->by_name);
    l->by_name = NULL;
}

/* --- order ------------------------------------------------------------------------------------------------------- */

static int compare_oids(const char *a, const char *b)
{
    while (*a && *b) {
        char *end_a, *end_b;
        unsigned long va = strtoul(a, &end_a, 10), vb = strtoul(b, &end_b, 10);

        if (va != vb)
            return va < vb ? -1 : 1;
        a = end_a + (*end_a == '.');
        b = end_b + (*end_b == '.');
    }
    return (*a != 0) - (*b != 0);
}

const char *tk_mib_line_attribute(const struct tk_mib_line *n, char key)
{
    for (const char *at = n->rest; at && *at; at = strchr(at, ' '), at = at ? at + 1 : NULL) {
        if (at[0] == key && at[1] == '=')
            return at + 2;
        if (at[0] == 'h')
            break;
    }
    return NULL;
}

static bool is_row(const struct tk_mib_line *n)
{
    return tk_mib_line_attribute(n, 'i') || tk_mib_line_attribute(n, 'a');
}

bool tk_mib_line_is_notification(const struct tk_mib_line *n)
{
    return strcmp(n->type, "notification") == 0 || strcmp(n->type, "trap") == 0;
}

static bool is_name_only(const struct tk_mib_line *n)
{
    return strcmp(n->type, "-") == 0 && !is_row(n);
}

/* RFC1213-MIB and the like: newer modules have the same objects. */
static bool is_superseded(const struct tk_mib_line *n)
{
    return strncmp(n->module, "RFC", 3) == 0 && isdigit((unsigned char)n->module[n->module[3] == '-' ? 4 : 3]);
}

/* Which line counts for an OID? Less than 0: the first. */
static int compare_claims(const struct tk_mib_line *a, const struct tk_mib_line *b)
{
    bool a_is_standard = a->variant == TK_MIB_STANDARD, b_is_standard = b->variant == TK_MIB_STANDARD;

    if (a_is_standard != b_is_standard)
        return a_is_standard ? -1 : 1;
    if ((a->variant == TK_MIB_KNOWN) != (b->variant == TK_MIB_KNOWN))
        return a->variant == TK_MIB_KNOWN ? 1 : -1;
    if (is_name_only(a) != is_name_only(b))
        return is_name_only(a) ? 1 : -1;
    if (is_superseded(a) != is_superseded(b))
        return is_superseded(a) ? 1 : -1;
    if (tk_mib_line_is_notification(a) && tk_mib_line_is_notification(b) && strcmp(a->type, b->type) != 0)
        return strcmp(a->type, "notification") == 0 ? -1 : 1;
    if (a->updated != b->updated)
        return a->updated > b->updated ? -1 : 1;
    if (strcmp(a->module, b->module) != 0)
        return strcmp(a->module, b->module);
    if (strcmp(a->name, b->name) != 0)
        return strcmp(a->name, b->name);
    if (a->variant != b->variant)
        return a->variant < b->variant ? -1 : 1;
    return strcmp(a->rest, b->rest);
}

static int compare_lines(const void *a, const void *b)
{
    int order = compare_oids(((const struct tk_mib_line *)a)->oid, ((const struct tk_mib_line *)b)->oid);

    return order ? order : compare_claims(a, b);
}

static int compare_names(const void *a, const void *b, void *arg)
{
    const struct tk_mib_line *la = line_at(arg, *(const uint32_t *)a), *lb = line_at(arg, *(const uint32_t *)b);
    int order = strcmp(la->name, lb->name);

    if (order == 0)
        order = strcmp(la->module, lb->module);
    return order ? order : (la > lb) - (la < lb);
}

int tk_mib_lines_settle(struct tk_mib_lines *l)
{
    uint32_t winner = 0;

    free(l->by_name);
    l->by_name = calloc((size_t)l->lines.count + 1, sizeof(*l->by_name));
    if (!l->by_name)
        return -ENOMEM;
    if (l->lines.count)
        qsort(l->lines.items, l->lines.count, sizeof(struct tk_mib_line), compare_lines);
    for (uint32_t i = 0; i < l->lines.count; i++) {
        line_at(l, i)->is_lost = i && strcmp(line_at(l, i)->oid, line_at(l, i - 1)->oid) == 0;
        if (!line_at(l, i)->is_lost)
            winner = i;
        line_at(l, i)->winner = winner;
        l->by_name[i] = i;
    }
    qsort_r(l->by_name, l->lines.count, sizeof(*l->by_name), compare_names, l);
    return 0;
}

/* --- names ------------------------------------------------------------------------------------------------------- */

static int compare_name(const char *name, size_t len, const char *other)
{
    int order = strncmp(name, other, len);

    return order ? order : -(other[len] != '\0');
}

/* @returns where lines of that name begin in by_name */
static uint32_t first_of_name(const struct tk_mib_lines *l, const char *name, size_t len)
{
    uint32_t low = 0, high = l->lines.count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (compare_name(name, len, line_at(l, l->by_name[mid])->name) > 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* @returns the line that counts for what this module calls by the name */
static struct tk_mib_line *find_in_module(const struct tk_mib_lines *l, const char *name, size_t len,
                                          const char *module, size_t module_len)
{
    struct tk_mib_line *found = NULL;

    for (uint32_t i = first_of_name(l, name, len); i < l->lines.count; i++) {
        struct tk_mib_line *n = line_at(l, l->by_name[i]);

        if (compare_name(name, len, n->name) != 0)
            break;
        if (compare_name(module, module_len, n->module) == 0 && (!found || !is_name_only(n)))
            found = line_at(l, n->winner);
    }
    return found;
}

/* @returns the line that counts for the name in whatever module: a built-in one, or the only one */
static struct tk_mib_line *find_anywhere(const struct tk_mib_lines *l, const char *name, size_t len)
{
    struct tk_mib_line *found = NULL;
    bool is_ambiguous = false;

    for (uint32_t i = first_of_name(l, name, len); i < l->lines.count; i++) {
        struct tk_mib_line *n = line_at(l, l->by_name[i]), *winner = line_at(l, n->winner);

        if (compare_name(name, len, n->name) != 0)
            break;
        if (is_name_only(n))
            continue;
        if (!tk_mib_line_is_of_source(n))
            return winner;
        is_ambiguous |= found && found != winner;
        found = winner;
    }
    return is_ambiguous ? NULL : found;
}

bool tk_mib_lines_has(const struct tk_mib_lines *l, const char *name, const char *module)
{
    size_t len = strlen(name);

    for (uint32_t i = first_of_name(l, name, len); i < l->lines.count; i++) {
        if (strcmp(line_at(l, l->by_name[i])->name, name) != 0)
            return false;
        if (strcmp(line_at(l, l->by_name[i])->module, module) == 0)
            return true;
    }
    return false;
}

struct tk_mib_line *tk_mib_lines_find(const struct tk_mib_lines *l, const char *ref, size_t len, const char *module)
{
    const char *colons = memmem(ref, len, "::", 2);
    const char *name = colons ? colons + 2 : ref;
    size_t name_len = len - (size_t)(name - ref);
    const char *in = colons ? ref : module;
    struct tk_mib_line *found = find_in_module(l, name, name_len, in, colons ? (size_t)(colons - ref) : strlen(module));

    return found ? found : find_anywhere(l, name, name_len); /* the import is missing, or names a wrong module */
}

/* --- what is needed ---------------------------------------------------------------------------------------------- */

/* Call @p each with the objects that an attribute refers to. */
static void each_ref(struct tk_mib_lines *l, const struct tk_mib_line *n, char key,
                     void (*each)(struct tk_mib_lines *l, struct tk_mib_line *found))
{
    for (const char *at = tk_mib_line_attribute(n, key); at && *at && *at != ' ';) {
        size_t len = strcspn(at, ", ");
        struct tk_mib_line *found = tk_mib_lines_find(l, at + (*at == '!'), len - (*at == '!'), n->module);

        if (found)
            each(l, found);
        at += len + (at[len] == ',');
    }
}

static struct tk_mib_line *find_oid(const struct tk_mib_lines *l, const char *oid)
{
    uint32_t low = 0, high = l->lines.count;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (compare_oids(line_at(l, mid)->oid, oid) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < l->lines.count && strcmp(line_at(l, low)->oid, oid) == 0 ? line_at(l, low) : NULL;
}

static struct tk_mib_line *parent_of(const struct tk_mib_lines *l, const struct tk_mib_line *n)
{
    char oid[2048], *dot;

    (void)snprintf(oid, sizeof(oid), "%s", n->oid);
    dot = strrchr(oid, '.');
    if (!dot)
        return NULL;
    *dot = '\0';
    return find_oid(l, oid);
}

static void need_row(struct tk_mib_lines *l, struct tk_mib_line *row);

static void need_object(struct tk_mib_lines *l, struct tk_mib_line *n)
{
    struct tk_mib_line *row;

    if (n->is_needed)
        return;
    n->is_needed = true;
    row = parent_of(l, n);
    if (row && is_row(row))
        need_row(l, row);
}

static void need_row(struct tk_mib_lines *l, struct tk_mib_line *row)
{
    if (row->is_needed)
        return;
    row->is_needed = true;
    each_ref(l, row, 'i', need_object);
    each_ref(l, row, 'a', need_row);
}

/* The names on the way to a notification. */
static void need_ancestors(struct tk_mib_lines *l, const struct tk_mib_line *n)
{
    char oid[2048], *dot;

    (void)snprintf(oid, sizeof(oid), "%s", n->oid);
    while ((dot = strrchr(oid, '.'))) {
        struct tk_mib_line *above;

        *dot = '\0';
        above = find_oid(l, oid);
        if (above)
            above->is_needed = true;
    }
}

void tk_mib_lines_need_notifications(struct tk_mib_lines *l)
{
    for (uint32_t i = 0; i < l->lines.count; i++) {
        struct tk_mib_line *n = line_at(l, i);

        if (n->is_lost || !tk_mib_line_is_notification(n) || !tk_mib_line_is_of_source(n))
            continue;
        n->is_needed = true;
        each_ref(l, n, 'o', need_object);
        need_ancestors(l, n);
    }
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

static void write_ref(const struct tk_mib_lines *l, const struct tk_mib_line *n, const char *module, const char *ref,
                      size_t len, FILE *f)
{
    const struct tk_mib_line *found;

    if (*ref == '!') {
        (void)putc('!', f);
        ref++;
        len--;
    }
    found = tk_mib_lines_find(l, ref, len, module);
    if (!found)
        (void)fprintf(f, "%.*s", (int)len, ref);
    else if (strcmp(found->module, n->module) == 0)
        (void)fputs(found->name, f);
    else
        (void)fprintf(f, "%s::%s", found->module, found->name);
}

/* Write references that stand in a line of @p module as those of @p n. */
static void write_refs(const struct tk_mib_lines *l, const struct tk_mib_line *n, const char *module, const char *refs,
                       char key, FILE *f)
{
    (void)fprintf(f, " %c=", key);
    while (*refs && *refs != ' ') {
        size_t len = strcspn(refs, ", ");

        write_ref(l, n, module, refs, len, f);
        refs += len;
        if (*refs == ',')
            (void)putc(*refs++, f);
    }
}

bool tk_mib_lines_write(const struct tk_mib_lines *l, const struct tk_mib_line *n, FILE *f)
{
    const char *at = n->rest;

    (void)fprintf(f, "%s %s %s %s", n->oid, n->name, n->module, n->type);
    while (*at) {
        size_t len = at[0] == 'h' ? strlen(at) : strcspn(at, " ");

        if (at[0] == 'i' || at[0] == 'o' || at[0] == 'a')
            write_refs(l, n, n->module, at + 2, at[0], f);
        else
            (void)fprintf(f, " %.*s", (int)len, at);
        at += len + (at[len] == ' ');
    }
    (void)putc('\n', f);
    return !ferror(f);
}
