/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stats.h"

#include <stdio.h>
#include <string.h>

#define TK_STAT(id, kind, family, label, help) {TK_STAT_##kind, #family, label, help},
const struct tk_stat_info tk_stat_table[TK_STAT_COUNT] = {
#include "base/stats.def"
};
#undef TK_STAT

static const struct {
    const char *family, *help;
} families[] = {
#define TK_STAT(id, kind, family, label, help)
#define TK_FAMILY(family, help) {#family, help},
#include "base/stats.def"
#undef TK_STAT
};

bool tk_books_balance(const struct tk_books *b)
{
    const uint64_t *v = b->value;

    return v[TK_RECEIVED] + v[TK_RECOVERED] == v[TK_PUBLISHED] + v[TK_SUPPRESSED_DUPLICATE] +
                                                   v[TK_SUPPRESSED_RETRANSMISSION] + v[TK_DROPPED_QUEUE_FULL] +
                                                   v[TK_DROPPED_UNDELIVERABLE] + v[TK_DROPPED_TOO_LARGE] +
                                                   v[TK_DROPPED_MALFORMED] + v[TK_DROPPED_DAMAGED] + v[TK_PENDING];
}

static bool starts_family(int i)
{
    return i == 0 || strcmp(tk_stat_table[i].family, tk_stat_table[i - 1].family) != 0;
}

static bool ends_family(int i)
{
    return i == TK_STAT_COUNT - 1 || strcmp(tk_stat_table[i].family, tk_stat_table[i + 1].family) != 0;
}

void tk_books_json(const struct tk_books *b, struct tk_json *j)
{
    for (int i = 0; i < TK_STAT_COUNT; i++) {
        const struct tk_stat_info *info = &tk_stat_table[i];

        if (starts_family(i)) {
            tk_json_name(j, info->family, strlen(info->family));
            if (info->label[0])
                tk_json_object_begin(j);
        }
        if (info->label[0])
            tk_json_name(j, info->label, strlen(info->label));
        tk_json_u64(j, b->value[i]);
        if (info->label[0] && ends_family(i))
            tk_json_object_end(j);
    }
}

/* What a family counts: of one with labels, not what its first member counts. */
static const char *help_of(const struct tk_stat_info *info)
{
    for (size_t i = 0; info->label[0] && i < sizeof(families) / sizeof(families[0]); i++)
        if (strcmp(families[i].family, info->family) == 0)
            return families[i].help;
    TK_ASSERT(!info->label[0]);
    return info->help;
}

static void append(struct tk_json *text, const char *line)
{
    text->needs_comma = false;
    tk_json_raw(text, line, strlen(line));
}

void tk_books_prometheus(const struct tk_books *b, struct tk_json *text)
{
    char line[512], label[64];

    for (int i = 0; i < TK_STAT_COUNT; i++) {
        const struct tk_stat_info *info = &tk_stat_table[i];
        bool is_gauge = info->kind == TK_STAT_GAUGE;
        const char *suffix = is_gauge ? "" : "_total";

        if (starts_family(i)) {
            (void)snprintf(line, sizeof(line), "# HELP trapkafka_%s%s %s.\n# TYPE trapkafka_%s%s %s\n", info->family,
                           suffix, help_of(info), info->family, suffix, is_gauge ? "gauge" : "counter");
            append(text, line);
        }
        label[0] = '\0';
        if (info->label[0])
            (void)snprintf(label, sizeof(label), "{reason=\"%s\"}", info->label);
        (void)snprintf(line, sizeof(line), "trapkafka_%s%s%s %llu\n", info->family, suffix, label,
                       (unsigned long long)b->value[i]);
        append(text, line);
    }
}
