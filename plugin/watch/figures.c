/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/figures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OURS  "trapkafka_"
#define RULES OURS "suppressed_by_rule_total{rule=\""

typedef char series_table[TK_STAT_COUNT][TK_STAT_SERIES_BYTES];

static bool starts_with(const char *text, size_t len, const char *with)
{
    size_t n = strlen(with);

    return len >= n && memcmp(text, with, n) == 0;
}

static void note_rule(struct tk_figures *f, const char *name, size_t len, uint64_t count)
{
    unsigned at = f->rule_count;

    while (at > 0 && f->rules[at - 1].count < count)
        at--;
    if (at == TK_FIGURES_RULES)
        return;
    if (f->rule_count < TK_FIGURES_RULES)
        f->rule_count++;
    memmove(f->rules + at + 1, f->rules + at, (f->rule_count - at - 1) * sizeof(f->rules[0]));
    len = len < TK_NAMED_COUNT_BYTES ? len : TK_NAMED_COUNT_BYTES - 1;
    f->rules[at].count = count;
    memcpy(f->rules[at].name, name, len);
    f->rules[at].name[len] = '\0';
}

/* --- Prometheus text --------------------------------------------------------------------------------------------- */

/* All of @p text is a decimal number. */
static bool read_number(const char *text, size_t len, uint64_t *ret)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned digit = (unsigned)text[i] - '0';

        if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *ret = n;
    return len > 0;
}

static bool is_of_histogram(const char *series, size_t len)
{
    for (size_t i = 0; i < TK_HISTOGRAM_COUNT; i++)
        if (starts_with(series + strlen(OURS), len - strlen(OURS), tk_histogram_table[i].family))
            return true;
    return false;
}

/* @returns false: a line that the module does not write */
static bool read_series(struct tk_figures *f, series_table table, const char *series, size_t len, uint64_t value)
{
    size_t rule = strlen(RULES);

    for (int i = 0; i < TK_STAT_COUNT; i++)
        if (strlen(table[i]) == len && memcmp(table[i], series, len) == 0) {
            if (f->has[i])
                return false;
            f->has[i] = true;
            f->books.value[i] = value;
            f->count++;
            return true;
        }
    if (starts_with(series, len, RULES) && len >= rule + 2 && memcmp(series + len - 2, "\"}", 2) == 0)
        note_rule(f, series + rule, len - rule - 2, value);
    else
        f->unknown++;
    return true;
}

static bool read_line(struct tk_figures *f, series_table table, const char *line, size_t len)
{
    const char *space = memrchr(line, ' ', len);
    uint64_t value = 0;
    size_t series;

    if (!len || *line == '#')
        return true;
    if (!space || !starts_with(line, len, OURS))
        return false;
    series = (size_t)(space - line);
    if (is_of_histogram(line, series) ||
        (starts_with(line, series, table[TK_BUILD]) && line[strlen(table[TK_BUILD])] == '{'))
        return true;
    return read_number(space + 1, len - series - 1, &value) && read_series(f, table, line, series, value);
}

void tk_figures_read_text(struct tk_figures *ret, const char *text, size_t len)
{
    series_table table;
    unsigned number = 1;

    memset(ret, 0, sizeof(*ret));
    for (int i = 0; i < TK_STAT_COUNT; i++)
        (void)tk_stat_series(table[i], (enum tk_stat)i);
    for (size_t at = 0; at < len; number++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line = end ? (size_t)(end - text) - at : len - at;

        /* The module ends each line: one without an end was cut, and so may be its number. */
        if (!(end && read_line(ret, table, text + at, line)) && !ret->wrong_line)
            ret->wrong_line = number;
        at += line + 1;
    }
}

/* @returns the bytes read, or less than 0 with @p err set */
static ssize_t read_all(int fd, char *buf, const char *path, struct tk_err *err)
{
    size_t len = 0;
    ssize_t n;

    while ((n = read(fd, buf + len, TK_FIGURES_BYTES + 1 - len)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            tk_err_set(err, path, 0, "%s", strerror(errno));
            return -EINVAL;
        }
        len += (size_t)n;
        if (len > TK_FIGURES_BYTES) {
            tk_err_set(err, path, 0, "more than %u bytes; name the file of kafkaStatsFile", TK_FIGURES_BYTES);
            return -EINVAL;
        }
    }
    return (ssize_t)len;
}

static int read_open(struct tk_figures *ret, int fd, const char *path, struct tk_err *err)
{
    struct stat st;
    ssize_t len;
    char *buf;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        tk_err_set(err, path, 0, "no regular file; name the file of kafkaStatsFile");
        return -EINVAL;
    }
    buf = malloc(TK_FIGURES_BYTES + 1);
    if (!buf) {
        tk_err_set(err, NULL, 0, "out of memory");
        return -ENOMEM;
    }
    len = read_all(fd, buf, path, err);
    if (len >= 0) {
        tk_figures_read_text(ret, buf, (size_t)len);
        ret->at = tk_clock_nsec(st.st_mtim);
        if (!ret->count)
            tk_err_set(err, path, 0, "no counters of trapkafka are in it; name the file of kafkaStatsFile");
    }
    free(buf);
    return err->is_set ? -EINVAL : 0;
}

int tk_figures_read_file(struct tk_figures *ret, const char *path, struct tk_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not block us */
    int error = errno, status;

    if (fd < 0) {
        tk_err_set(err, path, 0, "%s; %s", strerror(error),
                   error == ENOENT ? "is snmptrapd running, and may its user write into the folder?"
                                   : "run the command as a user who can read it");
        return error == ENOENT ? -ENOENT : -EINVAL;
    }
    status = read_open(ret, fd, path, err);
    (void)close(fd);
    return status;
}

/* --- a health record --------------------------------------------------------------------------------------------- */

static bool read_member(const json_t *value, uint64_t *ret)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

/* Of which family, and which label, base/stats.def knows nothing. */
static void count_unknown(struct tk_figures *f, json_t *books)
{
    const char *name, *label;
    json_t *family, *member;
    unsigned there = 0;

    json_object_foreach(books, name, family)
    {
        if (json_is_object(family))
            json_object_foreach(family, label, member) there++;
        else
            there++;
    }
    f->unknown = there > f->count ? there - f->count : 0;
}

void tk_figures_read_health(struct tk_figures *ret, const json_t *record)
{
    json_t *books = json_object_get(record, "books"), *rules = json_object_get(record, "suppressed_by_rule"), *rule;
    size_t i;

    memset(ret, 0, sizeof(*ret));
    for (int k = 0; k < TK_STAT_COUNT; k++) {
        const json_t *family = json_object_get(books, tk_stat_table[k].family);
        const char *label = tk_stat_table[k].label;

        ret->has[k] = read_member(label[0] ? json_object_get(family, label) : family, &ret->books.value[k]);
        ret->count += ret->has[k];
    }
    count_unknown(ret, books);
    json_array_foreach(rules, i, rule)
    {
        const json_t *name = json_object_get(rule, "rule");
        uint64_t count;

        if (i == TK_FIGURES_RULES)
            break;
        if (json_is_string(name) && read_member(json_object_get(rule, "count"), &count))
            note_rule(ret, json_string_value(name), json_string_length(name), count);
    }
}

/* --- what they say ----------------------------------------------------------------------------------------------- */

enum tk_stat tk_figures_missing(const struct tk_figures *f)
{
    for (int i = 0; i < TK_STAT_COUNT; i++)
        if (!f->has[i] && tk_stat_table[i].kind != TK_STAT_INFO)
            return (enum tk_stat)i;
    return TK_STAT_COUNT;
}

bool tk_figures_are_whole(const struct tk_figures *f)
{
    return tk_figures_missing(f) == TK_STAT_COUNT && !f->unknown && !f->wrong_line;
}

bool tk_figures_is_first(enum tk_stat stat)
{
    return stat == 0 || strcmp(tk_stat_table[stat].family, tk_stat_table[stat - 1].family) != 0;
}

bool tk_figures_sum(const struct tk_figures *f, enum tk_stat first, uint64_t *ret)
{
    bool is_there = false;

    *ret = 0;
    for (int i = (int)first; i < TK_STAT_COUNT && (i == (int)first || !tk_figures_is_first((enum tk_stat)i)); i++) {
        is_there |= f->has[i];
        *ret += f->books.value[i] <= INT64_MAX - *ret ? f->books.value[i] : INT64_MAX - *ret;
    }
    return is_there;
}

bool tk_figures_rate(const struct tk_figures *before, const struct tk_figures *after, enum tk_stat first, double *ret)
{
    uint64_t was, is;

    if (!tk_stat_is_counter(first) || after->at <= before->at || !tk_figures_sum(before, first, &was) ||
        !tk_figures_sum(after, first, &is) || is < was)
        return false;
    *ret = (double)(is - was) / ((double)(after->at - before->at) / (double)TK_SECOND);
    return true;
}
