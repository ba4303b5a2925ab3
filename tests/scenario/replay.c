/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a scenario: a script of notifications, time and outages, with checks of the events that come out.
 *
 *     replay FILE.rpl      exit status: 0: all checks passed; 1: one failed, with file and line; 2: usage
 *
 * A scenario is a text file with one command per line; empty lines and lines that begin with '#' are skipped.
 *
 *   FILE NAME                 an inline file: the following lines, up to a line END
 *   CONF DIRECTIVE ARGUMENTS  a directive for the next RELOAD; @NAME is the path of an inline file. Without arguments
 *                             the directive is removed. kafkaBrokers is set already
 *   RELOAD                    does what SIGHUP does. The first TRAP does it too, if there was no RELOAD
 *   TRAP WORDS                a notification arrives; see tests/unit/trap_text.h
 *   TIME_PASSES SECONDS       time passes; fractions are allowed
 *   SINK full                 Kafka's client takes no more messages
 *   SINK down                 Kafka's client returns all messages
 *   SINK lost                 the same, and it reports that no broker can be reached
 *   SINK ok                   Kafka's client works, and reports that brokers can be reached
 *   SINK refuse               Kafka refuses the next event permanently, and then works
 *   SINK alarms_stuck         kafkaAlarmTopic takes nothing, all else works
 *   SINK alarms_refuse        the producer refuses messages about alarms, as too large
 *   CHECK_EVENT JSON          the next delivered event has these members with these values. Its objects may have more
 *                             members; its lists must have the same length. "<absent>": there is no such member;
 *                             "<any>": any string. The JSON may continue on the following lines
 *   CHECK_DEAD JSON           the same for the next dead letter
 *   CHECK_HEALTH JSON         the same for the next health record
 *   CHECK_NONE                no further event was delivered
 *   CHECK_ALARM JSON          the same as CHECK_EVENT for the next message of kafkaAlarmTopic; {"tombstone": KEY} for one
 *                             without a value
 *   CHECK_NO_ALARM            no further message about an alarm was delivered
 *   CHECK_STANDING N          so many keys have a value in kafkaAlarmTopic once it is compacted
 *   CHECK_STAT NAME VALUE     a counter of the books has this value: published, suppressed.duplicate
 *   CHECK_LOG TEXT            a line with this text was logged since the last CHECK_LOG or CHECK_NOT_LOGGED
 *   CHECK_NOT_LOGGED TEXT     no such line was logged
 *
 * After each command the worker is stepped until it has nothing to do; after each step the books must balance.
 */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES 65536

struct script {
    struct replay r;
    FILE *in;
    char text[TEXT_BYTES]; /* the current line, with the lines on which its JSON continues */
};

/* Read the next line into s->text, after the first @p at bytes, without its newline. */
static bool read_line(struct script *s, size_t at)
{
    size_t len;

    if (!fgets(s->text + at, (int)(sizeof(s->text) - at), s->in))
        return false;
    s->r.line++;
    len = strcspn(s->text + at, "\n");
    if (!s->text[at + len] && !feof(s->in))
        replay_fail(&s->r, "the line is too long");
    s->text[at + len] = '\0';
    return true;
}

static void do_file(struct script *s, const char *name)
{
    char path[512];
    FILE *out;

    if (!*name || strchr(name, '/') || *name == '.')
        replay_fail(&s->r, "FILE needs a plain name");
    (void)snprintf(path, sizeof(path), "%s/%s", s->r.folder, name);
    out = fopen(path, "w");
    if (!out)
        replay_fail(&s->r, "%s can't be written", path);
    while (read_line(s, 0)) {
        if (strcmp(s->text, "END") == 0) {
            (void)fclose(out);
            return;
        }
        (void)fprintf(out, "%s\n", s->text);
    }
    replay_fail(&s->r, "FILE without END");
}

static void do_conf(struct script *s, char *args)
{
    char *token = strsep(&args, " \t");

    replay_conf(&s->r, token, args ? args + strspn(args, " \t") : "");
}

static void do_sink(struct script *s, const char *args)
{
    static const char *const words[] = {"full", "down", "lost", "refuse", "ok", "alarms_stuck", "alarms_refuse"};
    enum { FULL, DOWN, LOST, REFUSE, OK, STUCK, REFUSE_ALARMS, WORDS } what = FULL;
    struct fake_kafka *k = &s->r.kafka;

    while (what < WORDS && strcmp(args, words[what]) != 0)
        what++;
    if (what == WORDS)
        replay_fail(&s->r, "write SINK full, down, lost, refuse, ok, alarms_stuck or alarms_refuse");
    k->room = what == FULL ? 0 : SIZE_MAX;
    s->r.is_down = k->is_manual = what == DOWN || what == LOST;
    k->answer = what == REFUSE ? TK_REFUSED : TK_ACCEPTED;
    k->alarm_answer = what == REFUSE_ALARMS ? TK_TOO_LARGE : TK_ACCEPTED;
    k->is_alarm_topic_stuck = what == STUCK;
    if (what == LOST || k->reach == TK_LOST)
        fake_kafka_reach(k, what == LOST ? TK_LOST : TK_REACHED);
    if (s->r.settings)
        replay_work(&s->r);
}

static const char *as_text(const json_t *json, char *dst, size_t bytes)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    (void)snprintf(dst, bytes, "%s", text ? text : "nothing");
    free(text);
    return dst;
}

/* Fail unless @p got has the expected members and values. @param path  where it is, for the error; below 256 bytes */
static void compare(const struct replay *r, const char *path, const json_t *expected, const json_t *got)
{
    const char *word = json_string_value(expected);
    char below[256], want[1024], have[1024];
    const char *name;
    json_t *value;
    size_t i;

    if (word && strcmp(word, "<absent>") == 0 && !got)
        return;
    if (word && strcmp(word, "<any>") == 0 && json_is_string(got))
        return;
    if (json_is_object(expected) && json_is_object(got)) {
        json_object_foreach((json_t *)(uintptr_t)expected, name, value)
        {
            (void)snprintf(below, sizeof(below), "%s.%s", path, name);
            compare(r, below, value, json_object_get(got, name));
        }
        return;
    }
    if (json_is_array(expected) && json_is_array(got) && json_array_size(expected) == json_array_size(got)) {
        json_array_foreach(expected, i, value)
        {
            (void)snprintf(below, sizeof(below), "%s[%zu]", path, i);
            compare(r, below, value, json_array_get(got, i));
        }
        return;
    }
    if (!got || !json_equal(expected, got))
        replay_fail(r, "event%s is %s, not %s", path, as_text(got, have, sizeof(have)),
                    as_text(expected, want, sizeof(want)));
}

/* Parse the JSON at @p args, which may continue on the following lines. */
static json_t *read_json(struct script *s, char *args)
{
    for (;;) {
        json_error_t error;
        json_t *json = json_loads(args, JSON_REJECT_DUPLICATES, &error);
        size_t len = (size_t)(args - s->text) + strlen(args);

        if (json)
            return json;
        if (json_error_code(&error) != json_error_premature_end_of_input)
            replay_fail(&s->r, "not JSON: %s", error.text);
        s->text[len] = '\n';
        if (!read_line(s, len + 1))
            replay_fail(&s->r, "the JSON is incomplete");
    }
}

static void do_check(struct script *s, enum tk_topic topic, char *args)
{
    unsigned line = s->r.line;
    json_t *expected = read_json(s, args), *got;
    const struct fake_message *m;

    s->r.line = line;
    m = replay_next(&s->r, topic);
    if (!m)
        replay_fail(&s->r, "there is no further message");
    got = m->payload ? json_loads(m->payload, JSON_REJECT_DUPLICATES, NULL) : json_pack("{s:s}", "tombstone", m->key);
    if (!got)
        replay_fail(&s->r, "the event is not JSON: %s", m->payload);
    compare(&s->r, "", expected, got);
    json_decref(expected);
    json_decref(got);
}

static void do_check_none(struct script *s, enum tk_topic topic)
{
    const struct fake_message *m = replay_next(&s->r, topic);

    if (m)
        replay_fail(&s->r, "there is a message: %s", m->payload ? m->payload : m->key);
}

static void do_check_standing(struct script *s, const char *args)
{
    size_t standing = fake_kafka_count_standing(&s->r.kafka);

    if (standing != strtoull(args, NULL, 10))
        replay_fail(&s->r, "%zu alarms stand, not %s", standing, args);
}

static void do_check_stat(struct script *s, char *args)
{
    char *name = strsep(&args, " \t"), *end;
    unsigned long long expected = args ? strtoull(args, &end, 10) : 0;
    uint64_t value;

    if (!args || end == args)
        replay_fail(&s->r, "write CHECK_STAT NAME VALUE");
    if (!replay_stat(&s->r, name, &value))
        replay_fail(&s->r, "there is no counter %s", name);
    if (value != expected)
        replay_fail(&s->r, "%s is %llu, not %llu", name, (unsigned long long)value, expected);
}

static void do_check_log(struct script *s, const char *args, bool is_expected)
{
    if ((strstr(replay_logged(&s->r), args) != NULL) != is_expected)
        replay_fail(&s->r, "the text is %sin the log:\n%s", is_expected ? "not " : "", s->r.logged);
    s->r.logged[0] = '\0';
}

static void do_command(struct script *s)
{
    char *args = s->text + strcspn(s->text, " \t"), *command = s->text;

    if (*args)
        *args++ = '\0';
    args += strspn(args, " \t");
    if (strcmp(command, "FILE") == 0)
        do_file(s, args);
    else if (strcmp(command, "CONF") == 0)
        do_conf(s, args);
    else if (strcmp(command, "RELOAD") == 0)
        replay_reload(&s->r);
    else if (strcmp(command, "TRAP") == 0)
        replay_trap(&s->r, args);
    else if (strcmp(command, "TIME_PASSES") == 0)
        replay_pass(&s->r, (tk_nsec)(strtod(args, NULL) * (double)TK_SECOND));
    else if (strcmp(command, "SINK") == 0)
        do_sink(s, args);
    else if (strcmp(command, "CHECK_EVENT") == 0)
        do_check(s, TK_TOPIC_EVENTS, args);
    else if (strcmp(command, "CHECK_DEAD") == 0)
        do_check(s, TK_TOPIC_DEAD_LETTERS, args);
    else if (strcmp(command, "CHECK_HEALTH") == 0)
        do_check(s, TK_TOPIC_HEALTH, args);
    else if (strcmp(command, "CHECK_NONE") == 0)
        do_check_none(s, TK_TOPIC_EVENTS);
    else if (strcmp(command, "CHECK_ALARM") == 0)
        do_check(s, TK_TOPIC_ALARMS, args);
    else if (strcmp(command, "CHECK_NO_ALARM") == 0)
        do_check_none(s, TK_TOPIC_ALARMS);
    else if (strcmp(command, "CHECK_STANDING") == 0)
        do_check_standing(s, args);
    else if (strcmp(command, "CHECK_STAT") == 0)
        do_check_stat(s, args);
    else if (strcmp(command, "CHECK_LOG") == 0)
        do_check_log(s, args, true);
    else if (strcmp(command, "CHECK_NOT_LOGGED") == 0)
        do_check_log(s, args, false);
    else
        replay_fail(&s->r, "unknown command %s", command);
}

int main(int argc, char **argv)
{
    static struct script s;

    (void)alarm(120); /* if the scenario hangs, it fails, and the test run continues */
    if (argc != 2 || !(s.in = fopen(argv[1], "r"))) {
        (void)fprintf(stderr, "usage: replay FILE.rpl (a file that can be read)\n");
        return 2;
    }
    replay_open(&s.r, argv[1]);
    while (read_line(&s, 0))
        if (s.text[0] && s.text[0] != '#')
            do_command(&s);
    (void)fclose(s.in);
    replay_close(&s.r);
    return 0;
}
