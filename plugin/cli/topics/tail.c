/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka tail: show the events of a topic as they come. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/topics/topic_options.h"
#include "watch/trapd_settings.h"
#include "watch/event_page.h"
#include "watch/moment.h"
#include "watch/safe_text.h"
#include "watch/screen.h"

enum { OPT_FROM = TK_OPT_FILTER_END, OPT_COUNT, OPT_TO_END, OPT_BRIEF };

static const struct tk_option option_table[] = {
    TK_ACCESS_OPTIONS("the topic (default: kafkaTopic)", "print the events as they are, one JSON object a line"),
    TK_FILTER_OPTIONS,
    [OPT_FROM] = {"--from", "WHERE", "beginning, end (the default), a time (2026-11-22T05:45Z), or how long ago (15m)"},
    [OPT_COUNT] = {"--count", "N", "end after N events"},
    [OPT_TO_END] = {"--to-end", NULL, "end when all is shown that the topic has now"},
    [OPT_BRIEF] = {"--brief", NULL, "print one line an event"},
};

struct tail {
    struct tk_topic_options o;
    int64_t from;
    unsigned long long count; /* 0: no limit */
    bool is_to_end, is_brief;
    const char *files[64];
    unsigned file_count;

    bool has_colour, is_terminal;
    unsigned columns; /* of the terminal */
    unsigned long long shown, foreign;
};

/* --- the command line -------------------------------------------------------------------------------------------- */

static int take_from(struct tail *t, const char *value, struct tk_err *err)
{
    if (strcmp(value, "beginning") == 0) {
        t->from = TK_FROM_BEGINNING;
    } else if (strcmp(value, "end") == 0) {
        t->from = TK_FROM_END;
    } else if (tk_moment_read(value, tk_clock_now().wall / TK_MSEC, &t->from) < 0) {
        tk_err_set(err, NULL, 0,
                   "--from: '%s': write beginning, end, a time in UTC such as 2026-11-22T05:45:26Z, or how long ago: "
                   "90s, 15m, 2h, 3d",
                   value);
        return -EINVAL;
    }
    return 0;
}

static int take_count(struct tail *t, const char *value, struct tk_err *err)
{
    char *end;

    errno = 0;
    t->count = strtoull(value, &end, 10);
    if (t->count > 0 && !*end && !errno && value[0] != '-')
        return 0;
    tk_err_set(err, NULL, 0, "--count: '%s': write a number, 1 or more", value);
    return -EINVAL;
}

static int take_file(struct tail *t, const char *value, struct tk_err *err)
{
    if (t->file_count == sizeof(t->files) / sizeof(t->files[0])) {
        tk_err_set(err, NULL, 0, "'%s': too many files; write at most %u, or cat FILE... | trapkafka tail -", value,
                   t->file_count);
        return -EINVAL;
    }
    t->files[t->file_count++] = value;
    return 0;
}

static int take(void *arg, int word, const char *value, struct tk_err *err)
{
    struct tail *t = arg;

    switch (word) {
    case TK_WORD_OPERAND: return take_file(t, value, err);
    case OPT_FROM: return take_from(t, value, err);
    case OPT_COUNT: return take_count(t, value, err);
    case OPT_TO_END: t->is_to_end = true; return 0;
    case OPT_BRIEF: t->is_brief = true; return 0;
    default: return tk_topic_option(&t->o, word, value, err);
    }
}

/* --- show -------------------------------------------------------------------------------------------------------- */

static void show_json(const struct tail *t, const struct tk_seen *seen, const char *value, size_t len)
{
    char *again = NULL;

    /* In JSON a line end is space only, and an event of the module has none. */
    if (memchr(value, '\n', len) || memchr(value, '\r', len)) {
        again = json_dumps(seen->root, JSON_COMPACT);
        value = again ? again : "";
        len = strlen(value);
    }
    if (t->is_terminal)
        tk_safe_print_json(stdout, value, len);
    else
        (void)fwrite(value, 1, len, stdout);
    (void)fputc('\n', stdout);
    free(again);
}

static void show(struct tail *t, const char *value, size_t len)
{
    struct tk_seen seen;

    if (!tk_seen_read(&seen, value, len)) {
        t->foreign++;
        return;
    }
    if (tk_record_filter_wants(&t->o.filter, &seen)) {
        t->shown++;
        if (t->o.wants_json)
            show_json(t, &seen, value, len);
        else if (t->is_brief)
            tk_event_line(stdout, &seen, t->columns, t->has_colour);
        else
            tk_event_page(stdout, &seen, t->has_colour);
        (void)fflush(stdout);
    }
    tk_seen_done(&seen);
}

static bool is_enough(const struct tail *t)
{
    return (t->count && t->shown == t->count) || ferror(stdout) || tk_topic_is_ending();
}

static void tell_foreign(const struct tail *t)
{
    if (t->foreign)
        (void)fprintf(stderr, "trapkafka tail: %llu messages are left out, because they are no JSON object\n",
                      t->foreign);
}

static int end(const struct tail *t)
{
    tell_foreign(t);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : TK_EXIT_TROUBLE;
}

/* --- a topic ----------------------------------------------------------------------------------------------------- */

/* On standard error, so that the output has events only. */
static void tell_start(const struct tail *t, const struct tk_settings *cf, const char *topic, unsigned partitions)
{
    (void)fprintf(stderr, "trapkafka tail: reading topic %s of %s, partitions: %u%s\n", topic, cf->brokers, partitions,
                  t->is_to_end ? "" : "; Ctrl-C ends");
}

static int follow(struct tail *t, struct tk_topic_reader *reader, const struct tk_words *words)
{
    struct tk_topic_message m;
    struct tk_err err = {0};
    const char *trouble;
    int ret;

    while (!is_enough(t) && !(t->is_to_end && tk_topic_reader_is_at_end(reader))) {
        ret = tk_topic_reader_next(reader, 100, &m, &err);
        if (ret < 0)
            return tk_topic_complain(words, &err);
        if (ret > 0 && m.value) /* else it is a tombstone, or nothing */
            show(t, m.value, m.value_len);
        trouble = tk_topic_reader_trouble(reader);
        if (trouble)
            (void)fprintf(stderr, "trapkafka tail: %s; waiting for the brokers\n", trouble);
    }
    return end(t);
}

static int tail_topic(struct tail *t, struct tk_words *words)
{
    struct tk_err err = {0};
    struct tk_settings *cf = tk_access_settings(&t->o.access, &err);
    struct tk_topic_reader *reader = NULL;
    const char *topic = t->o.topic ? t->o.topic : cf ? cf->topic : NULL;
    int ret;

    if (cf && tk_access_check(cf, &err) == 0)
        reader = tk_topic_reader_open(cf, topic, t->from, t->o.timeout_ms, &err);
    if (reader) {
        tell_start(t, cf, topic, tk_topic_reader_partitions(reader));
        ret = follow(t, reader, words);
    } else {
        ret = tk_topic_complain(words, &err);
    }
    tk_topic_reader_close(reader);
    tk_settings_unref(cf);
    return ret;
}

/* --- files ------------------------------------------------------------------------------------------------------- */

/* Read a line of at most TK_SEEN_MAX_BYTES; of a longer one only that many bytes, and one more, so that it is refused.
 * @returns its length without the line end; -1: there is none */
static ssize_t read_line(FILE *f, char *buf)
{
    size_t len = 0;
    int c;

    while ((c = getc_unlocked(f)) != EOF && c != '\n')
        if (len <= TK_SEEN_MAX_BYTES)
            buf[len++] = (char)c;
    return c == EOF && len == 0 ? -1 : (ssize_t)len;
}

static int tail_file(struct tail *t, const char *path, char *buf, struct tk_err *err)
{
    unsigned long long before = t->shown, foreign = t->foreign, lines = 0;
    FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    ssize_t len;

    if (!f) {
        tk_err_set(err, path, 0, "%s; name a file with events, one JSON object a line", strerror(errno));
        return -EINVAL;
    }
    for (; !is_enough(t) && (len = read_line(f, buf)) >= 0; lines++)
        show(t, buf, (size_t)len);
    if (ferror(f))
        tk_err_set(err, path, 0, "%s; name a file with events, one JSON object a line", strerror(errno));
    else if (lines && t->shown == before && t->foreign - foreign == lines)
        tk_err_set(err, path, 0, "no line of it is an event; name a file with events, one JSON object a line");
    if (f != stdin)
        (void)fclose(f);
    return err->is_set ? -EINVAL : 0;
}

static int tail_files(struct tail *t, const struct tk_words *words)
{
    char *buf = malloc(TK_SEEN_MAX_BYTES + 1);
    struct tk_err err = {0};
    int ret = buf ? 0 : -ENOMEM;

    if (!buf)
        tk_err_set(&err, NULL, 0, "out of memory");
    for (unsigned i = 0; i < t->file_count && ret == 0; i++)
        ret = tail_file(t, t->files[i], buf, &err);
    free(buf);
    return ret < 0 ? tk_topic_complain(words, &err) : end(t);
}

static int run(struct tk_words *words)
{
    struct tail t = {.from = TK_FROM_END, .o.timeout_ms = 10000};

    if (!tk_topic_parse(words, take, &t))
        return words->status;
    tk_safe_text_init();
    t.is_terminal = isatty(STDOUT_FILENO);
    t.has_colour = tk_wants_colour(stdout);
    t.columns = tk_screen_size(stdout).columns;
    t.columns = t.columns ? t.columns : TK_PAGE_COLUMNS;
    (void)tk_topic_is_ending();
    return t.file_count ? tail_files(&t, words) : tail_topic(&t, words);
}

const struct tk_command tk_command_tail = {
    .name = "tail",
    .args = "[OPTIONS] [FILE]...",
    .about = "Show the events of a topic, or of files, as they come",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "FILE has one JSON object a line; - is standard input. Without it the topic is read, in no consumer group.\n"
        "Exit status: 0: success; 1: the output cannot be written; 2: the command line is wrong, or the topic or a\n"
        "file cannot be read.\n",
    .example = "trapkafka tail --severity major+ --device 'pe*' --from 15m",
    .run = run,
};
