/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka alarms: show which alarms stand, by the topic of kafkaAlarmTopic. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/topics/topic_options.h"
#include "watch/alarm_table.h"
#include "watch/event_page.h"
#include "watch/safe_text.h"
#include "watch/screen.h"
#include "watch/trapd_settings.h"

#define FRAME_MS 300 /* the shortest time between two pages on a terminal */

enum { OPT_SORT = TK_OPT_FILTER_END, OPT_ONCE };

static const struct tk_option option_table[] = {
    TK_ACCESS_OPTIONS("the topic (default: kafkaAlarmTopic)",
                      "print the events that raised them, one JSON object a line"),
    TK_FILTER_OPTIONS,
    [OPT_SORT] = {"--sort", "ORDER", "severity (the default), since, device, or key"},
    [OPT_ONCE] = {"--once", NULL, "print the alarms that stand now, and end; as without a terminal"},
};

struct alarms {
    struct tk_topic_options o;
    enum tk_standing_order order;
    bool is_once;
    const char *operand; /* one that should not be there */
    struct tk_standing *standing;
    const char *topic;
    char trouble[256]; /* why nothing comes; "": all is well */
};

/* --- the command line -------------------------------------------------------------------------------------------- */

static int take_order(struct alarms *a, const char *value, struct tk_err *err)
{
    static const char *const names[TK_ORDERS] = {
        [TK_ORDER_SEVERITY] = "severity",
        [TK_ORDER_SINCE] = "since",
        [TK_ORDER_DEVICE] = "device",
        [TK_ORDER_KEY] = "key",
    };

    for (int i = 0; i < TK_ORDERS; i++)
        if (strcmp(value, names[i]) == 0) {
            a->order = (enum tk_standing_order)i;
            return 0;
        }
    tk_err_set(err, NULL, 0, "--sort: '%s': write severity, since, device, or key", value);
    return -EINVAL;
}

static int take(void *arg, int word, const char *value, struct tk_err *err)
{
    struct alarms *a = arg;

    switch (word) {
    case TK_WORD_OPERAND: a->operand = a->operand ? a->operand : value; return 0; /* --help may follow */
    case OPT_SORT: return take_order(a, value, err);
    case OPT_ONCE: a->is_once = true; return 0;
    default: return tk_topic_option(&a->o, word, value, err);
    }
}

/* @returns false: the command ends with words->status */
static bool parse(struct alarms *a, struct tk_words *words)
{
    if (!tk_topic_parse(words, take, a))
        return false;
    if (a->operand)
        words->status = tk_words_refuse(words, "'%s': write options only", a->operand);
    return !a->operand;
}

/* --- one page ---------------------------------------------------------------------------------------------------- */

static void print_json(const struct tk_standing_row *row)
{
    bool has_lines = memchr(row->value, '\n', row->value_len) || memchr(row->value, '\r', row->value_len);
    json_t *event = has_lines ? json_loadb(row->value, row->value_len, JSON_ALLOW_NUL, NULL) : NULL;
    char *again = event ? json_dumps(event, JSON_COMPACT) : NULL;

    if (isatty(STDOUT_FILENO))
        tk_safe_print_json(stdout, again ? again : row->value, again ? strlen(again) : row->value_len);
    else
        (void)fwrite(again ? again : row->value, 1, again ? strlen(again) : row->value_len, stdout);
    (void)fputc('\n', stdout);
    free(again);
    json_decref(event);
}

static void tell_left_out(const struct alarms *a)
{
    if (tk_standing_foreign(a->standing))
        (void)fprintf(stderr, "trapkafka alarms: %llu messages are left out, because they are no alarms\n",
                      tk_standing_foreign(a->standing));
    if (tk_standing_left_out(a->standing))
        (void)fprintf(stderr, "trapkafka alarms: the memory for alarms (%zu MiB) is full: %llu messages are left out\n",
                      TK_STANDING_BYTES >> 20, tk_standing_left_out(a->standing));
}

static int print_page(struct alarms *a)
{
    const struct tk_standing_row *const *rows = tk_standing_sorted(a->standing, a->order);
    size_t count = rows ? tk_standing_count(a->standing) : 0;
    unsigned columns = tk_screen_size(stdout).columns;

    if (a->o.wants_json) {
        for (size_t i = 0; i < count; i++)
            print_json(rows[i]);
    } else {
        tk_alarm_table(stdout, rows, count, columns ? columns : TK_PAGE_COLUMNS, tk_wants_colour(stdout));
        if (count)
            (void)fputc('\n', stdout);
        tk_alarm_totals(stdout, a->standing);
        (void)fputc('\n', stdout);
    }
    tell_left_out(a);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : TK_EXIT_TROUBLE;
}

/* --- a page that keeps itself current ---------------------------------------------------------------------------- */

/* One line behind the table: how many more there are, and what is wrong. */
static void put_foot(FILE *f, const struct alarms *a, size_t hidden, unsigned columns)
{
    char line[512];

    (void)snprintf(line, sizeof(line), "%s%.0zu%s%s", hidden ? "... and " : "", hidden, hidden ? " more" : "",
                   hidden && *a->trouble ? "; " : "");
    (void)tk_safe_print(f, line, strlen(line), columns);
    if (*a->trouble && columns > strlen(line))
        (void)tk_safe_print(f, a->trouble, strlen(a->trouble), columns - (unsigned)strlen(line));
}

static void put_head(FILE *f, const struct alarms *a, unsigned columns)
{
    char *line = NULL;
    size_t len = 0;
    FILE *m = open_memstream(&line, &len);

    if (!m)
        return;
    tk_alarm_totals(m, a->standing);
    (void)fprintf(m, "  (topic %s; Ctrl-C ends)", a->topic);
    (void)fclose(m);
    (void)tk_safe_print(f, line, len, columns);
    (void)fputs("\n\n", f);
    free(line);
}

/* The page: head, empty line, titles, alarms, foot. */
static void draw(const struct alarms *a, struct tk_screen_size size)
{
    const struct tk_standing_row *const *rows = tk_standing_sorted(a->standing, a->order);
    size_t count = rows ? tk_standing_count(a->standing) : 0, room = size.rows > 5 ? size.rows - 4 : 1;
    size_t shown = count < room ? count : room, len = 0;
    char *page = NULL;
    FILE *f = open_memstream(&page, &len);

    if (!f)
        return;
    put_head(f, a, size.columns);
    tk_alarm_table(f, rows, shown, size.columns, tk_wants_colour(stdout));
    put_foot(f, a, count - shown, size.columns);
    if (fclose(f) == 0)
        tk_screen_show(stdout, page);
    free(page);
}

static void note_trouble(struct alarms *a, struct tk_topic_reader *reader)
{
    const char *trouble = tk_topic_reader_trouble(reader);

    if (trouble)
        (void)snprintf(a->trouble, sizeof(a->trouble), "waiting for the brokers; %s", trouble);
    else if (*a->trouble && tk_topic_reader_reaches(reader))
        a->trouble[0] = '\0';
}

static int keep_current(struct alarms *a, struct tk_topic_reader *reader, struct tk_err *err)
{
    struct tk_screen_size last = {0}, size;
    unsigned long long drawn = 0;
    char trouble[sizeof(a->trouble)] = "-";
    struct tk_topic_message m;
    int64_t next = 0;
    int ret = 0;

    tk_screen_begin(stdout);
    while (ret >= 0 && !tk_topic_is_ending() && !ferror(stdout)) {
        size = tk_screen_size(stdout);
        if (tk_clock_now().mono >= next &&
            (drawn != tk_standing_changes(a->standing) + 1 || size.columns != last.columns || size.rows != last.rows ||
             strcmp(trouble, a->trouble) != 0)) {
            draw(a, size);
            drawn = tk_standing_changes(a->standing) + 1;
            last = size;
            (void)strcpy(trouble, a->trouble);
            next = tk_clock_now().mono + FRAME_MS * TK_MSEC;
        }
        ret = tk_topic_reader_next(reader, 100, &m, err);
        if (ret > 0) {
            tk_standing_take(a->standing, m.key, m.key_len, m.value, m.value_len);
            a->trouble[0] = '\0'; /* it came from a broker */
        }
        note_trouble(a, reader);
    }
    tk_screen_end(stdout);
    return ret < 0 ? ret : 0;
}

/* --- all of it --------------------------------------------------------------------------------------------------- */

/* Read what the topic has now. @retval 0 / -EACCES with @p err set */
static int load(struct alarms *a, struct tk_topic_reader *reader, struct tk_err *err)
{
    struct tk_topic_message m;
    const char *trouble;
    int ret = 0;

    while (!tk_topic_reader_is_at_end(reader) && !tk_topic_is_ending()) {
        ret = tk_topic_reader_next(reader, 100, &m, err);
        if (ret < 0)
            return ret;
        if (ret > 0)
            tk_standing_take(a->standing, m.key, m.key_len, m.value, m.value_len);
        trouble = tk_topic_reader_trouble(reader);
        if (trouble)
            (void)fprintf(stderr, "trapkafka alarms: %s; waiting for the brokers\n", trouble);
    }
    return 0;
}

static int show(struct alarms *a, struct tk_topic_reader *reader, const struct tk_words *words)
{
    bool is_live = !a->is_once && !a->o.wants_json && isatty(STDOUT_FILENO);
    struct tk_err err = {0};
    int ret = load(a, reader, &err);

    if (ret == 0 && is_live)
        ret = keep_current(a, reader, &err);
    if (ret < 0)
        return tk_topic_complain(words, &err);
    return is_live ? 0 : print_page(a);
}

static const char *topic_of(const struct alarms *a, const struct tk_settings *cf, struct tk_err *err)
{
    const char *topic = a->o.topic ? a->o.topic : cf->alarm_topic;

    if (!topic)
        tk_err_set(err, NULL, 0,
                   "no topic of alarms: the configuration has no kafkaAlarmTopic; write its name after --topic");
    return topic;
}

static int run(struct tk_words *words)
{
    struct alarms a = {.o.timeout_ms = 10000};
    struct tk_topic_reader *reader = NULL;
    struct tk_settings *cf;
    struct tk_err err = {0};
    int ret;

    if (!parse(&a, words))
        return words->status;
    tk_safe_text_init();
    (void)tk_topic_is_ending();
    a.standing = tk_standing_new(&a.o.filter, TK_STANDING_BYTES);
    cf = tk_access_settings(&a.o.access, &err);
    if (!a.standing)
        tk_err_set(&err, NULL, 0, "out of memory");
    a.topic = cf && a.standing && tk_access_check(cf, &err) == 0 ? topic_of(&a, cf, &err) : NULL;
    if (a.topic)
        reader = tk_topic_reader_open(cf, a.topic, TK_FROM_BEGINNING, a.o.timeout_ms, &err);
    ret = reader ? show(&a, reader, words) : tk_topic_complain(words, &err);
    tk_topic_reader_close(reader);
    tk_settings_unref(cf);
    tk_standing_free(a.standing);
    return ret;
}

const struct tk_command tk_command_alarms = {
    .name = "alarms",
    .args = "[OPTIONS]",
    .about = "Show which alarms stand",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "On a terminal the table keeps itself current until Ctrl-C. The topic is read from its beginning, in no consumer\n"
        "group.\n"
        "Exit status: 0: success; 1: the output cannot be written; 2: the command line is wrong, or the topic cannot be\n"
        "read.\n",
    .example = "trapkafka alarms --severity major+ --site 'FRA*'",
    .run = run,
};
