/* SPDX-License-Identifier: Apache-2.0 */
#include "base/named_counts.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

static bool is_same(const struct tk_named_count *item, const char *name, size_t len)
{
    return strncmp(item->name, name, len) == 0 && item->name[len] == '\0';
}

void tk_named_counts_add(struct tk_named_counts *c, const char *name, size_t len)
{
    uint64_t i = tk_hash64(name, len, 0) % TK_NAMED_COUNT_SLOTS;

    if (len >= TK_NAMED_COUNT_BYTES) {
        c->others++;
        return;
    }
    while (c->slot[i] && !is_same(&c->item[c->slot[i] - 1], name, len))
        i = (i + 1) % TK_NAMED_COUNT_SLOTS;
    if (!c->slot[i]) {
        if (c->used == TK_NAMED_COUNTS) {
            c->others++;
            return;
        }
        memcpy(c->item[c->used].name, name, len);
        c->slot[i] = (uint8_t)++c->used;
    }
    c->item[c->slot[i] - 1].count++;
}

/* The item that comes after @p last, largest first; of equal ones, the one that came first. NULL: none */
static const struct tk_named_count *next_of(const struct tk_named_counts *c, const struct tk_named_count *last)
{
    const struct tk_named_count *next = NULL;

    for (const struct tk_named_count *item = c->item; item < c->item + c->used; item++)
        if ((!last || item->count < last->count || (item->count == last->count && item > last)) &&
            (!next || item->count > next->count))
            next = item;
    return next;
}

void tk_named_counts_json(const struct tk_named_counts *c, const char *member, unsigned most, struct tk_json *j)
{
    const struct tk_named_count *item = NULL;

    tk_json_array_begin(j);
    while (most-- && (item = next_of(c, item))) {
        tk_json_object_begin(j);
        tk_json_name(j, member, strlen(member));
        tk_json_cstring(j, item->name);
        TK_JSON_NAME(j, "count");
        tk_json_u64(j, item->count);
        tk_json_object_end(j);
    }
    tk_json_array_end(j);
}

static void append(struct tk_json *text, const char *line)
{
    text->needs_comma = false;
    tk_json_raw(text, line, strlen(line));
}

void tk_named_counts_prometheus(const struct tk_named_counts *c, const char *family, const char *help,
                                const char *label, struct tk_json *text)
{
    char line[512];

    if (!c->used && !c->others)
        return;
    (void)snprintf(line, sizeof(line), "# HELP trapkafka_%s_total %s.\n# TYPE trapkafka_%s_total counter\n", family,
                   help, family);
    append(text, line);
    for (unsigned i = 0; i < c->used; i++) {
        (void)snprintf(line, sizeof(line), "trapkafka_%s_total{%s=\"%s\"} %" PRIu64 "\n", family, label,
                       c->item[i].name, c->item[i].count);
        append(text, line);
    }
    if (!c->others)
        return;
    (void)snprintf(line, sizeof(line), "trapkafka_%s_total{%s=\"other\"} %" PRIu64 "\n", family, label, c->others);
    append(text, line);
}
