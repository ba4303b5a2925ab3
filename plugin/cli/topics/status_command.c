/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka status: show whether events flow, by the statistics file, the queue's file and the health topic. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/topics/topic_options.h"
#include "watch/event_page.h"
#include "watch/moment.h"
#include "watch/safe_text.h"
#include "watch/screen.h"
#include "watch/status_json.h"
#include "watch/status_page.h"
#include "watch/trapd_settings.h"

#define FRAME       TK_SECOND        /* between two pages on a terminal */
#define RETRY       (30 * TK_SECOND) /* of a health topic that could not be read */
#define RETRY_MS    2000
#define DEFAULT_AGE "24h"

enum { OPT_STATS = TK_OPT_ACCESS_END, OPT_QUEUE, OPT_RECEIVER, OPT_FROM, OPT_ONCE };

static const struct tk_option option_table[] = {
    TK_ACCESS_OPTIONS("the topic of health records (default: kafkaHealthTopic)", "print all of it as one JSON object"),
    [OPT_STATS] = {"--stats", "FILE", "the file of statistics (default: that of kafkaStatsFile)"},
    [OPT_QUEUE] = {"--queue", "FILE", "the file of the queue (default: that of kafkaQueue)"},
    [OPT_RECEIVER] = {"--receiver", "HOST", "of the records, only those of this host (default: this machine)"},
    [OPT_FROM] = {"--from", "WHERE",
                  "read records from here: beginning, a time, or how long ago (default: " DEFAULT_AGE ")"},
    [OPT_ONCE] = {"--once", NULL, "print one page, and end; as without a terminal"},
};

struct command {
    struct tk_topic_options o;
    const char *stats, *queue, *operand;
    int64_t from;
    bool is_once;
    struct tk_settings *cf;
    struct tk_topic_reader *reader;
    struct tk_status status;
};

/* --- the command line -------------------------------------------------------------------------------------------- */

static int take_from(struct command *c, const char *value, struct tk_err *err)
{
    int64_t now = tk_clock_now().wall / TK_MSEC;

    c->from = TK_FROM_BEGINNING;
    c->status.since = 0;
    if (strcmp(value, "beginning") == 0)
        return 0;
    if (tk_moment_read(value, now, &c->from) < 0) {
        tk_err_set(
            err, NULL, 0,
            "--from: '%s': write beginning, a time in UTC such as 2026-11-22T05:45:26Z, or how long ago: 15m, 2h, 3d",
            value);
        return -EINVAL;
    }
    c->status.since = c->from < INT64_MAX / TK_MSEC ? c->from * TK_MSEC : 0;
    return 0;
}

static int take(void *arg, int word, const char *value, struct tk_err *err)
{
    struct command *c = arg;

    switch (word) {
    case TK_WORD_OPERAND: c->operand = c->operand ? c->operand : value; return 0; /* --help may follow */
    case OPT_STATS: c->stats = value; return 0;
    case OPT_QUEUE: c->queue = value; return 0;
    case OPT_RECEIVER: c->status.host = value; return 0;
    case OPT_FROM: return take_from(c, value, err);
    case OPT_ONCE: c->is_once = true; return 0;
    default: return tk_topic_option(&c->o, word, value, err);
    }
}

/* @returns false: the command ends with words->status */
static bool parse(struct command *c, struct tk_words *words)
{
    struct tk_err err = {0};

    (void)take_from(c, DEFAULT_AGE, &err);
    if (!tk_topic_parse(words, take, c))
        return false;
    if (c->operand)
        words->status = tk_words_refuse(words, "'%s': write options only", c->operand);
    return !c->operand;
}

/* --- sources ----------------------------------------------------------------------------------------------------- */

static const char *why_no_health(const struct command *c)
{
    if (!c->o.topic && !c->cf->health_topic)
        return "kafkaHealthTopic turns it off; write its name there, or after --topic";
    if (!c->cf->brokers)
        return "no brokers are known; write kafkaBrokers into the configuration, or --brokers HOST:PORT";
    if (strcasecmp(c->cf->brokers, "embedded") == 0)
        return "kafkaBrokers embedded: the built-in broker has another port at each start; write --brokers and the "
               "address in the line 'embedded broker ... listens on' of snmptrapd's log";
    return NULL;
}

static void name_sources(struct command *c)
{
    struct tk_status *st = &c->status;
    const char *no_health = why_no_health(c);

    st->origin[TK_SOURCE_STATS] = (struct tk_status_origin){
        .name = c->stats ? c->stats : c->cf->stats_file,
        .absent = "the configuration has no kafkaStatsFile; write kafkaStatsFile FILE there, or --stats FILE",
    };
    st->origin[TK_SOURCE_QUEUE] = (struct tk_status_origin){
        .name = c->queue ? c->queue : c->cf->queue_path,
        .absent =
            "it is in snmptrapd's memory, where it can't be looked at; write kafkaQueue SIZE PATH for one in a file, "
            "or --queue FILE",
    };
    st->origin[TK_SOURCE_HEALTH] = (struct tk_status_origin){
        .name = no_health    ? NULL
                : c->o.topic ? c->o.topic
                             : c->cf->health_topic,
        .absent = no_health,
    };
    st->stats_seconds = c->cf->stats_seconds;
}

static bool has_source(const struct tk_status *st, struct tk_err *err)
{
    for (int i = 0; i < TK_STATUS_SOURCES; i++)
        if (st->origin[i].name)
            return true;
    tk_err_set(err, NULL, 0,
               "nothing to look at: no kafkaStatsFile, no queue in a file, no health topic; write --config FILE with "
               "snmptrapd's configuration, or --stats FILE, --queue FILE, or --brokers HOST:PORT");
    return false;
}

static void open_reader(struct command *c, int timeout_ms)
{
    struct tk_status_origin *o = &c->status.origin[TK_SOURCE_HEALTH];

    if (!o->name || c->reader)
        return;
    tk_err_clear(&o->err);
    if (tk_access_check(c->cf, &o->err) == 0)
        c->reader = tk_topic_reader_open(c->cf, o->name, c->from, timeout_ms, &o->err);
    o->is_read = c->reader != NULL;
}

/* Take what the topic has. @param wait_ms  for the first message */
static void read_topic(struct command *c, int wait_ms)
{
    struct tk_status_origin *o = &c->status.origin[TK_SOURCE_HEALTH];
    struct tk_topic_message m;
    const char *trouble;
    int ret = 0;

    while (c->reader && (ret = tk_topic_reader_next(c->reader, wait_ms, &m, &o->err)) > 0 && !tk_topic_is_ending()) {
        if (m.value)
            tk_health_log_take(&c->status.log, m.value, m.value_len);
        wait_ms = 0;
    }
    trouble = c->reader && ret == 0 ? tk_topic_reader_trouble(c->reader) : NULL;
    if (trouble)
        tk_err_set(&o->err, NULL, 0, "%s; waiting for the brokers", trouble);
    else if (ret == 0 && o->err.is_set && c->reader && tk_topic_reader_reaches(c->reader))
        tk_err_clear(&o->err);
    if (ret < 0) { /* to be opened again */
        tk_topic_reader_close(c->reader);
        c->reader = NULL;
    }
}

static void load(struct command *c, int timeout_ms)
{
    tk_nsec until = tk_clock_mono() + timeout_ms * TK_MSEC;

    open_reader(c, timeout_ms);
    while (c->reader && !tk_topic_reader_is_at_end(c->reader) && !tk_topic_is_ending() && tk_clock_mono() < until)
        read_topic(c, 100);
}

/* --- show -------------------------------------------------------------------------------------------------------- */

static int status_of(const struct command *c)
{
    return c->status.wrong_count ? TK_EXIT_TROUBLE : 0;
}

static int print_once(struct command *c)
{
    unsigned columns = tk_screen_size(stdout).columns;
    char *json = NULL;

    load(c, c->o.timeout_ms);
    tk_status_read_files(&c->status);
    tk_status_judge(&c->status, tk_clock_now().wall);
    if (!c->o.wants_json) {
        tk_status_page(stdout, &c->status, columns ? columns : TK_PAGE_COLUMNS, tk_wants_colour(stdout));
    } else if ((json = tk_status_json(&c->status))) {
        tk_safe_print_json(stdout, json, strlen(json));
        (void)fputc('\n', stdout);
        free(json);
    }
    if (fflush(stdout) != 0 || ferror(stdout) || (c->o.wants_json && !json))
        return TK_EXIT_TROUBLE;
    return status_of(c);
}

/* Show as many lines as there is room for. */
static void show_page(char *page, struct tk_screen_size size)
{
    unsigned room = size.rows > 3 ? size.rows : 3, rows = 0, hidden = 0;
    char *line = page, *last = page, note[64];
    size_t len = strlen(page);
    char *cut;

    if (len && page[len - 1] == '\n')
        page[len - 1] = '\0';
    for (; line; line = strchr(line, '\n'), line += line != NULL) {
        if (++rows == room)
            last = line;
        hidden += rows >= room;
    }
    if (hidden < 2) {
        tk_screen_show(stdout, page);
        return;
    }
    *last = '\0';
    (void)snprintf(note, sizeof(note), "... and %u lines more; --once shows all", hidden);
    note[size.columns < sizeof(note) ? size.columns : sizeof(note) - 1] = '\0';
    if (asprintf(&cut, "%s%s", page, note) < 0)
        return;
    tk_screen_show(stdout, cut);
    free(cut);
}

static void draw(struct command *c)
{
    struct tk_screen_size size = tk_screen_size(stdout);
    char *page = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&page, &len);

    if (!f)
        return;
    tk_status_read_files(&c->status);
    tk_status_judge(&c->status, tk_clock_now().wall);
    tk_status_page(f, &c->status, size.columns, tk_wants_colour(stdout));
    if (fclose(f) == 0)
        show_page(page, size);
    free(page);
}

static int keep_current(struct command *c)
{
    tk_nsec next = 0, retry = 0;

    tk_screen_begin(stdout);
    load(c, c->o.timeout_ms);
    while (!tk_topic_is_ending() && !ferror(stdout)) {
        tk_nsec now = tk_clock_mono();

        if (now >= next) {
            draw(c);
            next = now + FRAME;
        }
        if (c->reader) {
            read_topic(c, 100);
            retry = now + RETRY;
        } else if (now >= retry) {
            open_reader(c, RETRY_MS);
            retry = tk_clock_mono() + RETRY;
        } else {
            (void)usleep(100000);
        }
    }
    tk_screen_end(stdout);
    return status_of(c);
}

static int run(struct tk_words *words)
{
    static char machine[256];
    static struct command c = {.o.timeout_ms = 10000, .o.access.is_config_needed = true};
    struct tk_err err = {0};
    int ret;

    if (!parse(&c, words))
        return words->status;
    tk_safe_text_init();
    (void)tk_topic_is_ending();
    c.o.access.is_config_helpful = c.stats || c.queue;
    c.cf = tk_access_settings(&c.o.access, &err);
    if (!c.cf)
        return tk_topic_complain(words, &err);
    (void)gethostname(machine, sizeof(machine) - 1);
    c.status.log.wanted = c.status.host ? c.status.host : machine;
    name_sources(&c);
    if (!has_source(&c.status, &err))
        ret = tk_topic_complain(words, &err);
    else
        ret = !c.is_once && !c.o.wants_json && isatty(STDOUT_FILENO) ? keep_current(&c) : print_once(&c);
    tk_topic_reader_close(c.reader);
    tk_status_done(&c.status);
    tk_settings_unref(c.cf);
    return ret;
}

const struct tk_command tk_command_status = {
    .name = "status",
    .args = "[OPTIONS]",
    .about = "Show whether events flow to Kafka, and if not, why",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "On a terminal the page keeps itself current until Ctrl-C. The topic is read in no consumer group.\n"
        "Exit status: 0: all is fine; 1: something is wrong, the page says what; 2: the command line is wrong, or the\n"
        "configuration cannot be read.\n",
    .example = "trapkafka status --once || echo 'look after snmptrapd'",
    .run = run,
};
