/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TK_STAT(id, kind, family, label, help) {TK_STAT_##kind, #family, label, help},
const struct tk_stat_info tk_stat_table[TK_STAT_COUNT] = {
#include "base/stats.def"
};

#define TK_HISTOGRAM(id, family, help) {#family, help},
const struct tk_histogram_info tk_histogram_table[TK_HISTOGRAM_COUNT] = {
#include "base/stats.def"
};

/* From a request to a broker nearby to an outage of an hour. */
static const struct {
    tk_nsec most;
    const char *text;
} bounds[TK_BUCKETS] = {
    {5 * TK_MSEC, "0.005"}, {10 * TK_MSEC, "0.01"},   {20 * TK_MSEC, "0.02"},     {50 * TK_MSEC, "0.05"},
    {100 * TK_MSEC, "0.1"}, {200 * TK_MSEC, "0.2"},   {500 * TK_MSEC, "0.5"},     {TK_SECOND, "1"},
    {2 * TK_SECOND, "2"},   {5 * TK_SECOND, "5"},     {10 * TK_SECOND, "10"},     {30 * TK_SECOND, "30"},
    {60 * TK_SECOND, "60"}, {600 * TK_SECOND, "600"}, {3600 * TK_SECOND, "3600"},
};

void tk_stats_observe(struct tk_stats *s, enum tk_histogram_id id, tk_nsec took)
{
    struct tk_histogram *h = &s->histogram[id];
    size_t i = 0;

    TK_ASSERT((unsigned)id < TK_HISTOGRAM_COUNT);
    if (took < 0)
        took = 0;
    while (i < TK_BUCKETS && took > bounds[i].most)
        i++;
    h->bucket[i]++;
    h->sum_us += (uint64_t)took / 1000;
}

static const struct {
    const char *family, *help;
} families[] = {
#define TK_FAMILY(family, help) {#family, help},
#include "base/stats.def"
};

static bool derived_balance(const uint64_t *v)
{
    return v[TK_DERIVED] == v[TK_DERIVED_PUBLISHED] + v[TK_DERIVED_DROPPED_TOO_LARGE] +
                                v[TK_DERIVED_DROPPED_UNDELIVERABLE] + v[TK_DERIVED_DROPPED_TOPIC_LOST] +
                                v[TK_DERIVED_DROPPED_WITHDRAWN] + v[TK_DERIVED_DROPPED_DAMAGED] + v[TK_DERIVED_PENDING];
}

bool tk_books_balance(const struct tk_books *b)
{
    const uint64_t *v = b->value;

    return derived_balance(v) && v[TK_RECEIVED] + v[TK_RECOVERED] ==
                                     v[TK_PUBLISHED] + v[TK_SUPPRESSED_DUPLICATE] + v[TK_SUPPRESSED_RETRANSMISSION] +
                                         v[TK_SUPPRESSED_RULE] + v[TK_DROPPED_QUEUE_FULL] +
                                         v[TK_DROPPED_UNDELIVERABLE] + v[TK_DROPPED_TOO_LARGE] +
                                         v[TK_DROPPED_MALFORMED] + v[TK_DROPPED_DAMAGED] + v[TK_PENDING];
}

uint64_t tk_histogram_count(const struct tk_histogram *h)
{
    uint64_t count = 0;

    for (size_t i = 0; i <= TK_BUCKETS; i++)
        count += h->bucket[i];
    return count;
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

        if (info->kind == TK_STAT_INFO)
            continue;
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

const char *tk_family_help(enum tk_stat stat)
{
    const struct tk_stat_info *info = &tk_stat_table[stat];

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

static void append_head(struct tk_json *text, const char *family, const char *suffix, const char *help,
                        const char *type)
{
    char line[512];

    (void)snprintf(line, sizeof(line), "# HELP trapkafka_%s%s %s.\n# TYPE trapkafka_%s%s %s\n", family, suffix, help,
                   family, suffix, type);
    append(text, line);
}

bool tk_stat_is_counter(enum tk_stat stat)
{
    return tk_stat_table[stat].kind != TK_STAT_GAUGE && tk_stat_table[stat].kind != TK_STAT_INFO;
}

const char *tk_stat_series(char dst[TK_STAT_SERIES_BYTES], enum tk_stat stat)
{
    const struct tk_stat_info *info = &tk_stat_table[stat];
    const char *begin = info->label[0] ? "{reason=\"" : "", *end = info->label[0] ? "\"}" : "";

    (void)snprintf(dst, TK_STAT_SERIES_BYTES, "trapkafka_%s%s%s%s%s", info->family,
                   tk_stat_is_counter(stat) ? "_total" : "", begin, info->label, end);
    return dst;
}

static void append_stat(struct tk_json *text, int i, uint64_t value, const struct tk_build *build)
{
    const struct tk_stat_info *info = &tk_stat_table[i];
    bool is_counter = tk_stat_is_counter((enum tk_stat)i);
    char line[256], series[TK_STAT_SERIES_BYTES];

    if (starts_family(i))
        append_head(text, info->family, is_counter ? "_total" : "", tk_family_help((enum tk_stat)i),
                    is_counter ? "counter" : "gauge");
    (void)tk_stat_series(series, (enum tk_stat)i);
    if (info->kind == TK_STAT_INFO)
        (void)snprintf(line, sizeof(line), "%s{version=\"%s\",librdkafka=\"%s\"} 1\n", series, build->version,
                       build->librdkafka);
    else
        (void)snprintf(line, sizeof(line), "%s %" PRIu64 "\n", series, value);
    append(text, line);
}

static void append_histogram(struct tk_json *text, const struct tk_histogram_info *info, const struct tk_histogram *h)
{
    uint64_t count = 0;
    char line[256];

    append_head(text, info->family, "", info->help, "histogram");
    for (size_t i = 0; i <= TK_BUCKETS; i++) {
        count += h->bucket[i];
        (void)snprintf(line, sizeof(line), "trapkafka_%s_bucket{le=\"%s\"} %" PRIu64 "\n", info->family,
                       i < TK_BUCKETS ? bounds[i].text : "+Inf", count);
        append(text, line);
    }
    (void)snprintf(line, sizeof(line), "trapkafka_%s_sum %" PRIu64 ".%06" PRIu64 "\ntrapkafka_%s_count %" PRIu64 "\n",
                   info->family, h->sum_us / 1000000, h->sum_us % 1000000, info->family, count);
    append(text, line);
}

void tk_books_prometheus(const struct tk_books *b, const struct tk_build *build, struct tk_json *text)
{
    for (int i = 0; i < TK_STAT_COUNT; i++)
        append_stat(text, i, b->value[i], build);
    for (int i = 0; i < TK_HISTOGRAM_COUNT; i++)
        append_histogram(text, &tk_histogram_table[i], &b->histogram[i]);
}
