/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/standing.h"

#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct tk_standing {
    const struct tk_record_filter *filter;
    void *tree; /* of rows, by key */
    struct tk_standing_row **rows;
    const struct tk_standing_row **sorted;
    size_t count, cap, bytes, max_bytes, of_rank[TK_RANKS];
    unsigned long long foreign, left_out, changes;
};

struct tk_standing *tk_standing_new(const struct tk_record_filter *filter, size_t max_bytes)
{
    struct tk_standing *s = calloc(1, sizeof(*s));

    if (s) {
        s->filter = filter;
        s->max_bytes = max_bytes;
    }
    return s;
}

static void free_row(struct tk_standing_row *row)
{
    if (!row)
        return;
    free(row->key);
    free(row->value);
    free(row->device);
    free(row->since);
    free(row);
}

static void leave_to_the_rows(void *row)
{
    (void)row;
}

void tk_standing_free(struct tk_standing *s)
{
    if (!s)
        return;
    tdestroy(s->tree, leave_to_the_rows);
    for (size_t i = 0; i < s->count; i++)
        free_row(s->rows[i]);
    free(s->rows);
    free(s->sorted);
    free(s);
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int compare_keys(const void *va, const void *vb)
{
    const struct tk_standing_row *a = va, *b = vb;

    return compare_bytes(a->key, a->key_len, b->key, b->key_len);
}

static size_t bytes_of(const struct tk_standing_row *row)
{
    return sizeof(*row) + row->key_len + row->value_len + strlen(row->device) + strlen(row->since) + 4;
}

static char *copy(const char *bytes, size_t len)
{
    char *made = malloc(len + 1);

    if (made) {
        memcpy(made, bytes, len);
        made[len] = '\0';
    }
    return made;
}

static struct tk_standing_row *make_row(const char *key, size_t key_len, const char *value, size_t value_len,
                                        const struct tk_seen *seen)
{
    struct tk_standing_row *row = calloc(1, sizeof(*row));

    if (!row)
        return NULL;
    row->key = copy(key, key_len);
    row->key_len = key_len;
    row->value = copy(value, value_len);
    row->value_len = value_len;
    row->rank = seen->rank;
    row->device = strdup(seen->device);
    row->since = strdup(seen->since);
    if (row->key && row->value && row->device && row->since)
        return row;
    free_row(row);
    return NULL;
}

static bool has_room(struct tk_standing *s)
{
    size_t cap = s->cap ? s->cap + s->cap / 2 : 64;
    struct tk_standing_row **rows;

    if (s->count < s->cap)
        return true;
    rows = reallocarray(s->rows, cap, sizeof(*rows));
    if (!rows)
        return false;
    s->rows = rows;
    s->cap = cap;
    return true;
}

/* The alarm stands. Its key is not in the table. */
static void add(struct tk_standing *s, struct tk_standing_row *row)
{
    if (row && s->bytes + bytes_of(row) <= s->max_bytes && has_room(s) && tsearch(row, &s->tree, compare_keys)) {
        row->at = s->count;
        s->rows[s->count++] = row;
        s->bytes += bytes_of(row);
        s->of_rank[row->rank]++;
        s->changes++;
        return;
    }
    s->left_out++;
    free_row(row);
}

static void end(struct tk_standing *s, const char *key, size_t key_len)
{
    struct tk_standing_row *const *found, *row;

    /* only what compare_keys() reads */
    found = tfind(&(struct tk_standing_row){.key = (char *)(uintptr_t)key, .key_len = key_len}, &s->tree, compare_keys);
    if (!found)
        return;
    row = *found;
    (void)tdelete(row, &s->tree, compare_keys);
    s->rows[row->at] = s->rows[--s->count];
    s->rows[row->at]->at = row->at;
    s->bytes -= bytes_of(row);
    s->of_rank[row->rank]--;
    s->changes++;
    free_row(row);
}

void tk_standing_take(struct tk_standing *s, const char *key, size_t key_len, const char *value, size_t value_len)
{
    struct tk_seen seen;
    bool is_read;

    if (!key) {
        s->foreign++;
        return;
    }
    end(s, key, key_len);
    if (!value)
        return;
    is_read = tk_seen_read(&seen, value, value_len);
    s->foreign += !is_read;
    if (!is_read)
        return;
    if (tk_record_filter_wants(s->filter, &seen))
        add(s, make_row(key, key_len, value, value_len, &seen));
    tk_seen_done(&seen);
}

size_t tk_standing_count(const struct tk_standing *s)
{
    return s->count;
}

size_t tk_standing_of_rank(const struct tk_standing *s, enum tk_rank rank)
{
    return s->of_rank[rank];
}

unsigned long long tk_standing_foreign(const struct tk_standing *s)
{
    return s->foreign;
}

unsigned long long tk_standing_left_out(const struct tk_standing *s)
{
    return s->left_out;
}

unsigned long long tk_standing_changes(const struct tk_standing *s)
{
    return s->changes;
}

/* --- order ------------------------------------------------------------------------------------------------------- */

static int by_key(const void *va, const void *vb)
{
    return compare_keys(*(const struct tk_standing_row *const *)va, *(const struct tk_standing_row *const *)vb);
}

static int by_since(const void *va, const void *vb)
{
    const struct tk_standing_row *a = *(const struct tk_standing_row *const *)va;
    const struct tk_standing_row *b = *(const struct tk_standing_row *const *)vb;
    int order = strcmp(b->since, a->since);

    order = order ? order : (b->rank > a->rank) - (b->rank < a->rank);
    return order ? order : by_key(va, vb);
}

static int by_severity(const void *va, const void *vb)
{
    const struct tk_standing_row *a = *(const struct tk_standing_row *const *)va;
    const struct tk_standing_row *b = *(const struct tk_standing_row *const *)vb;

    return a->rank == b->rank ? by_since(va, vb) : b->rank > a->rank ? 1 : -1;
}

static int by_device(const void *va, const void *vb)
{
    const struct tk_standing_row *a = *(const struct tk_standing_row *const *)va;
    const struct tk_standing_row *b = *(const struct tk_standing_row *const *)vb;
    int order = strcmp(a->device, b->device);

    return order ? order : by_severity(va, vb);
}

const struct tk_standing_row *const *tk_standing_sorted(struct tk_standing *s, enum tk_standing_order order)
{
    static int (*const compare[TK_ORDERS])(const void *, const void *) = {
        [TK_ORDER_SEVERITY] = by_severity,
        [TK_ORDER_SINCE] = by_since,
        [TK_ORDER_DEVICE] = by_device,
        [TK_ORDER_KEY] = by_key,
    };
    const struct tk_standing_row **sorted = reallocarray(s->sorted, s->count + 1, sizeof(*sorted));

    if (!sorted)
        return NULL;
    s->sorted = sorted;
    for (size_t i = 0; i < s->count; i++)
        sorted[i] = s->rows[i];
    qsort(sorted, s->count, sizeof(*sorted), compare[order]);
    return sorted;
}
