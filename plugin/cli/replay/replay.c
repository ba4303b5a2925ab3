/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka replay: run the notifications of files through the stages; with two configurations, tell what differs. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/offline.h"
#include "cli/replay/replay_diff.h"
#include "cli/replay/replay_figures.h"
#include "cli/replay/replay_input.h"
#include "stages/alarm_states.h"

#define DEFAULT_CONFIG  "/etc/snmp/snmptrapd.conf"
#define PROGRESS_PERIOD TK_SECOND

enum { OPT_CONFIG, OPT_PERSISTENT, OPT_DIFF, OPT_EVENTS, OPT_ALL, OPT_JSON };

static const struct tk_option option_table[] = {
    [OPT_CONFIG] = {"--config", "FILE", "snmptrapd's configuration; default " DEFAULT_CONFIG},
    [OPT_PERSISTENT] = {"--persistent", "DIR", "the folder of snmptrapd's persistent file; default net-snmp's"},
    [OPT_DIFF] = {"--diff", "FILE", "tell which events differ with the directives of this configuration, and how"},
    [OPT_EVENTS] = {"--events", NULL, "print each event, one JSON object a line; figures go to standard error"},
    [OPT_ALL] = {"--all", NULL, "take notifications that no access line permits too, as far as they can be decoded"},
    [OPT_JSON] = {"--json", NULL, "print differences and figures as JSON, one object a line"},
};

struct replay {
    const char *config, *persistent, *other_config;
    const char **files; /* room for all words */
    size_t file_count;
    bool has_events, takes_all, is_json;

    struct tk_receive_config receiver;
    struct tk_offline *offline[2]; /* of the configuration, and of the other one */
    struct tk_figures figures;
    struct tk_incoming incoming;
    const char *file; /* that is read */
    uint64_t number;  /* of the notification in it, from 1 */
    uint64_t seq;
    tk_nsec latest; /* of the times so far: the stages' clock never goes back */
    tk_nsec began, told;
    bool is_damaged, has_progress;
};

/* --- the command line -------------------------------------------------------------------------------------------- */

/* @returns false: the command ends with words->status */
static bool parse(struct replay *r, struct tk_words *words)
{
    const char *value = NULL;
    int word;

    r->config = DEFAULT_CONFIG;
    while ((word = tk_words_next(words, &value)) != TK_WORD_END) {
        switch (word) {
        case OPT_CONFIG: r->config = value; break;
        case OPT_PERSISTENT: r->persistent = value; break;
        case OPT_DIFF: r->other_config = value; break;
        case OPT_EVENTS: r->has_events = true; break;
        case OPT_ALL: r->takes_all = true; break;
        case OPT_JSON: r->is_json = true; break;
        case TK_WORD_OPERAND: r->files[r->file_count++] = value; break;
        default: return false;
        }
    }
    if (!r->file_count)
        words->status = tk_words_refuse(words,
                                        "write at least one FILE: a capture of tcpdump -w, or a log of snmptrapd -d");
    else if (r->has_events && r->other_config)
        words->status = tk_words_refuse(words, "write --events or --diff, not both");
    else
        return true;
    return false;
}

static void complain(const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka replay: %s\n", tk_err_format(err, text, sizeof(text)));
}

/* --- the configurations ------------------------------------------------------------------------------------------ */

static bool read_config_file(struct replay *r, struct tk_err *err)
{
    const struct tk_usm_hooks hooks = tk_pump_hooks();
    const struct tk_receive_sources sources = {.config = r->config,
                                               .persistent = r->persistent,
                                               .takes_directives = true};

    if (tk_receive_config_read(&r->receiver, &sources, &hooks, err) < 0)
        return false;
    if (r->receiver.unread[0])
        (void)fprintf(
            stderr,
            "trapkafka replay: %s: users and engine ID in snmptrapd's persistent file are not known here; run as "
            "root, or give its folder with --persistent\n",
            r->receiver.unread);
    if (r->receiver.errors)
        tk_err_set(err, NULL, 0, "%u errors in the configuration (above); correct them first", r->receiver.errors);
    return !err->is_set;
}

static bool load(struct replay *r, struct tk_err *err)
{
    struct tk_dict *mibs;
    struct tk_settings *other = NULL;

    if (!read_config_file(r, err) || (r->other_config && !(other = tk_offline_settings(r->other_config, err))))
        return false;
    mibs = tk_receive_config_mibs(err);
    if (mibs)
        r->offline[0] = tk_offline_of_settings(r->receiver.settings, mibs, err);
    if (r->offline[0] && other)
        r->offline[1] = tk_offline_of_settings(other, mibs, err);
    tk_dict_free(mibs);
    tk_settings_unref(other);
    r->figures.has_other = r->other_config != NULL;
    return !err->is_set;
}

/* --- one notification -------------------------------------------------------------------------------------------- */

static struct tk_outcome render(struct replay *r, unsigned which)
{
    static const uint8_t queue[4];
    const struct tk_incoming *t = &r->incoming;
    const struct tk_render_record record = {.body = t->flat,
                                            .body_len = t->flat_len,
                                            .queue = queue,
                                            .seq = r->seq,
                                            .received = t->received,
                                            .owner = r->seq};
    enum tk_verdict verdict = tk_offline_render(r->offline[which], &record, NULL);
    const struct tk_renderer *result = tk_offline_renderer(r->offline[which]);

    tk_replayed_count(&r->figures.of[which], verdict, result);
    return (struct tk_outcome){.verdict = verdict, .event = result->json.buf, .len = result->json.len};
}

static void put_value(const json_t *value)
{
    char *text = value && !json_is_null(value) ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    char safe[4096];

    (void)fputs(text ? tk_escape(safe, sizeof(safe), text, strlen(text)) : "nothing", stdout);
    free(text);
}

/* @param facts  file, number, received, device, trap, differences */
static void print_differences(const json_t *facts)
{
    const json_t *difference;
    char safe[1024];
    size_t i;
    const char *device = json_string_value(json_object_get(facts, "device"));
    const char *trap = json_string_value(json_object_get(facts, "trap"));

    (void)printf("%s: notification %" JSON_INTEGER_FORMAT ", %s", json_string_value(json_object_get(facts, "file")),
                 json_integer_value(json_object_get(facts, "number")),
                 json_string_value(json_object_get(facts, "received")));
    (void)printf(" from %s", tk_escape(safe, sizeof(safe), device, strlen(device)));
    (void)printf(", %s\n", tk_escape(safe, sizeof(safe), trap, strlen(trap)));
    json_array_foreach(json_object_get(facts, "differences"), i, difference)
    {
        const char *member = json_string_value(json_object_get(difference, "member"));

        (void)printf("  %s: ", tk_escape(safe, sizeof(safe), member, strlen(member)));
        put_value(json_object_get(difference, "before"));
        (void)fputs(" -> ", stdout);
        put_value(json_object_get(difference, "after"));
        (void)putchar('\n');
    }
}

/* The notification's name, by the first configuration, or its OID. */
static json_t *trap_text(const struct tk_event *ev)
{
    char text[2 * TK_DICT_MAX_NAME + TK_OID_MAX_TEXT];

    if (!ev->trap_name.text)
        (void)tk_oid_format(text, sizeof(text), ev->trap_oid, ev->trap_oid_len);
    else
        (void)snprintf(text, sizeof(text), "%.*s%s%.*s", (int)ev->trap_mib.len,
                       ev->trap_mib.text ? ev->trap_mib.text : "", ev->trap_mib.len ? "::" : "", (int)ev->trap_name.len,
                       ev->trap_name.text);
    return json_string(text);
}

static void tell_difference(struct replay *r, const struct tk_outcome *before, const struct tk_outcome *after)
{
    const struct tk_event *ev = &tk_offline_renderer(r->offline[0])->event;
    char received[TK_RFC3339_BYTES], device[1024];
    json_t *facts;

    tk_clock_rfc3339(received, r->incoming.received.wall);
    (void)tk_escape(device, sizeof(device), ev->device.text ? ev->device.text : "", ev->device.len);
    facts = json_pack("{s:s, s:s, s:I, s:s, s:s, s:o, s:o}", "type", "difference", "file", r->file, "number",
                      (json_int_t)r->number, "received", received, "device", device, "trap", trap_text(ev),
                      "differences", tk_outcome_differences(before, after));
    if (facts && r->is_json) {
        (void)json_dumpf(facts, stdout, JSON_COMPACT);
        (void)putchar('\n');
    } else if (facts) {
        print_differences(facts);
    }
    json_decref(facts);
}

static void run_one(struct replay *r)
{
    struct tk_incoming *t = &r->incoming;
    struct tk_outcome outcome[2];

    r->figures.notifications++;
    r->number++;
    if (!t->judged.is_accepted && !(r->takes_all && t->flat_len)) {
        r->figures.refused++;
        return;
    }
    if (!t->flat_len) {
        r->figures.unfit++;
        return;
    }
    if (t->received.mono > r->latest)
        r->latest = t->received.mono;
    t->received.mono = t->received.boot = r->latest;
    r->seq++;
    outcome[0] = render(r, 0);
    if (r->has_events && outcome[0].verdict == TK_PASS)
        (void)printf("%.*s\n", (int)outcome[0].len, outcome[0].event);
    if (!r->offline[1])
        return;
    outcome[1] = render(r, 1);
    if (tk_outcome_is_same(&outcome[0], &outcome[1]))
        return;
    r->figures.different++;
    tell_difference(r, &outcome[0], &outcome[1]);
}

/* --- files ------------------------------------------------------------------------------------------------------- */

static void tell_progress(struct replay *r, bool is_end)
{
    tk_nsec now = tk_clock_mono();

    if (!r->has_progress || (!is_end && now - r->told < PROGRESS_PERIOD))
        return;
    r->told = now;
    if (is_end)
        (void)fputs("\r\033[K", stderr);
    else
        (void)fprintf(stderr, "\r\033[K%" PRIu64 " notifications, %.0f a second", r->figures.notifications,
                      (double)r->figures.notifications * TK_SECOND / (double)(now - r->began));
}

/* @returns false: it can't be opened */
static bool run_file(struct replay *r, const char *path)
{
    struct tk_err err = {0};
    struct tk_input *in = tk_input_open(path, &err);
    int got;

    if (!in) {
        complain(&err);
        return false;
    }
    r->file = path;
    r->number = 0;
    while ((got = tk_input_next(in, &r->incoming, &err)) == 1) {
        run_one(r);
        if (r->number % 1024 == 0)
            tell_progress(r, false);
    }
    tell_progress(r, true);
    if (got < 0) {
        complain(&err);
        r->is_damaged = true;
    }
    r->figures.passed_over += tk_input_passed_over(in);
    tk_input_free(in);
    return true;
}

/* A file that can't be used is told before the rules are compiled, and before the files in front of it are read. */
static bool check_files(struct replay *r, struct tk_err *err)
{
    for (size_t i = 0; i < r->file_count && !err->is_set; i++)
        tk_input_free(tk_input_open(r->files[i], err));
    return !err->is_set;
}

static int replay(struct replay *r)
{
    struct tk_err err = {0};
    bool ok = true;

    if (!check_files(r, &err) || !load(r, &err) || tk_pump_open(&r->receiver, -1, &err) < 0) {
        complain(&err);
        return TK_EXIT_USAGE;
    }
    r->incoming.receiver = &r->receiver;
    r->has_progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
    r->began = r->told = tk_clock_mono();
    for (size_t i = 0; i < r->file_count && ok; i++)
        ok = run_file(r, r->files[i]);
    tk_pump_close();
    if (!ok)
        return TK_EXIT_USAGE;
    r->figures.seconds = (double)(tk_clock_mono() - r->began) / TK_SECOND;
    for (unsigned i = 0; i < 2 && r->offline[i]; i++)
        r->figures.of[i].standing = tk_offline_renderer(r->offline[i])->stages.alarms->standing_count;
    tk_figures_print(&r->figures, r->is_json, r->has_events);
    return fflush(stdout) != 0 || r->is_damaged || r->figures.different ? TK_EXIT_TROUBLE : 0;
}

static int run(struct tk_words *words)
{
    struct replay *r = calloc(1, sizeof(*r));
    int ret = TK_EXIT_USAGE;

    if (r)
        r->files = calloc((size_t)words->count + 1, sizeof(*r->files));
    if (r && r->files)
        ret = parse(r, words) ? replay(r) : words->status;
    else
        (void)fprintf(stderr, "trapkafka replay: out of memory\n");
    if (r) {
        tk_offline_free(r->offline[0]);
        tk_offline_free(r->offline[1]);
        tk_settings_unref(r->receiver.settings);
        free(r->files);
    }
    free(r);
    return ret;
}

const struct tk_command tk_command_replay = {
    .name = "replay",
    .args = "[OPTIONS] FILE...",
    .about =
        "Run the notifications of captures, logs and events through the module's stages, and tell what differs between two "
        "configurations",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "FILE is a capture of tcpdump -w (pcap or pcapng), a log of snmptrapd -d, which has the packets as hexadecimal,\n"
        "or events, one JSON object a line. Time is that of the file. Nothing is published.\n\n"
        "Exit status: 0: no event differs; 1: some do, or a file is damaged; 2: the command line, a configuration or a\n"
        "file is wrong.\n",
    .example = "trapkafka replay --config /etc/snmp/snmptrapd.conf --diff new.conf traps.pcap",
    .run = run,
};
