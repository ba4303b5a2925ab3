/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/top_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void grow(uint64_t *count, uint64_t n)
{
    *count += n <= INT64_MAX - *count ? n : INT64_MAX - *count;
}

static struct tk_top_count *find(struct tk_top_counts *c, const char *name, const char *detail)
{
    struct tk_top_count *least = c->item;

    for (unsigned i = 0; i < c->used; i++) {
        if (strncmp(c->item[i].name, name, sizeof(least->name) - 1) == 0 &&
            strncmp(c->item[i].detail, detail, sizeof(least->detail) - 1) == 0)
            return c->item + i;
        if (c->item[i].count < least->count)
            least = c->item + i;
    }
    if (c->used < TK_TOP_COUNTS)
        least = c->item + c->used++;
    else
        grow(&c->others, least->count);
    (void)snprintf(least->name, sizeof(least->name), "%s", name);
    (void)snprintf(least->detail, sizeof(least->detail), "%s", detail);
    least->count = 0;
    return least;
}

const struct tk_top_count *tk_top_counts_add(struct tk_top_counts *c, const char *name, const char *detail, uint64_t n)
{
    struct tk_top_count *item = find(c, name, detail);

    grow(&item->count, n);
    return item;
}

static int compare(const void *a, const void *b)
{
    const struct tk_top_count *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name) != 0 ? strcmp(x->name, y->name) : strcmp(x->detail, y->detail);
}

void tk_top_counts_sort(struct tk_top_counts *c)
{
    qsort(c->item, c->used, sizeof(c->item[0]), compare);
}
