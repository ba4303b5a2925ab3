/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka queue: show what is in the file of a queue, without changing it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/offline.h"
#include "queue/ring_peek.h"

enum { OPT_RECORDS, OPT_CONFIG, OPT_JSON };

static const struct tk_option option_table[] = {
    [OPT_RECORDS] = {"--records", NULL, "print each waiting notification as its event, one JSON object a line"},
    [OPT_CONFIG] = {"--config", "FILE",
                    "with --records: read the module's directives (rules, inventory, circuits) from FILE"},
    [OPT_JSON] = {"--json", NULL, "print the facts as one JSON object"},
};

struct options {
    const char *path, *config;
    bool wants_records, wants_json;
};

/* Counts of the walk over the pending records. */
struct tally {
    uint64_t sound, damaged;
    struct tk_time oldest;
};

/* @returns false: the command ends with words->status */
static bool parse(struct options *o, struct tk_words *words)
{
    const char *value = NULL;
    int word;

    while ((word = tk_words_next(words, &value)) != TK_WORD_END) {
        if (word == TK_WORD_STOP)
            return false;
        if (word == OPT_RECORDS) {
            o->wants_records = true;
        } else if (word == OPT_JSON) {
            o->wants_json = true;
        } else if (word == OPT_CONFIG) {
            o->config = value;
        } else if (o->path) {
            words->status = tk_words_refuse(words, "'%s': there is a PATH already, '%s'; write one", value, o->path);
            return false;
        } else {
            o->path = value;
        }
    }
    if (!o->path)
        words->status = tk_words_refuse(words, "PATH is missing; write the path of the file that kafkaQueue names");
    else if (o->config && !o->wants_records)
        words->status = tk_words_refuse(words, "--config has no effect here; add --records, or leave it out");
    return o->path && (!o->config || o->wants_records);
}

static int complain(const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka queue: %s\n", tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

/* --- the facts --------------------------------------------------------------------------------------------------- */

static const char *state_of(const struct tk_peek_facts *facts, const char *in_use, const char *clean, const char *died)
{
    return facts->is_in_use ? in_use : facts->is_clean ? clean : died;
}

static void print_facts(const char *path, const struct tk_peek_facts *facts, const struct tk_time *oldest)
{
    uint64_t used = facts->head - facts->tail;
    char time[TK_RFC3339_BYTES];

    (void)printf("%s: queue %02x%02x%02x%02x, format %u, opened %u times, %s\n", path, facts->uuid[0], facts->uuid[1],
                 facts->uuid[2], facts->uuid[3], facts->format, facts->life,
                 state_of(facts, "a daemon has it open", "closed in order", "its daemon died"));
    (void)printf("capacity  %" PRIu64 " bytes\n", facts->capacity);
    (void)printf("used      %" PRIu64 " bytes (%.1f %%)\n", used, 100.0 * (double)used / (double)facts->capacity);
    if (facts->head_seq > facts->tail_seq)
        (void)printf("pending   %" PRIu64 " records, numbers %" PRIu64 " to %" PRIu64 "\n",
                     facts->head_seq - facts->tail_seq, facts->tail_seq, facts->head_seq - 1);
    else
        (void)printf("pending   none, the next number is %" PRIu64 "\n", facts->head_seq);
    if (!oldest)
        return;
    tk_clock_rfc3339(time, oldest->wall);
    (void)printf("oldest    received %s, %.0f seconds ago\n", time,
                 (double)(tk_clock_now().wall - oldest->wall) / TK_SECOND);
}

static void write_facts(struct tk_json *j, const char *path, const struct tk_peek_facts *facts,
                        const struct tk_time *oldest)
{
    char time[TK_RFC3339_BYTES];

    tk_json_object_begin(j);
    TK_JSON_NAME(j, "path");
    if (tk_utf8_is_valid((const uint8_t *)path, strlen(path)))
        tk_json_cstring(j, path);
    else
        tk_json_null(j);
    TK_JSON_NAME(j, "queue");
    tk_json_hex(j, facts->uuid, 4);
    TK_JSON_NAME(j, "format");
    tk_json_u64(j, facts->format);
    TK_JSON_NAME(j, "opened");
    tk_json_u64(j, facts->life);
    TK_JSON_NAME(j, "state");
    tk_json_cstring(j, state_of(facts, "in_use", "closed", "died"));
    TK_JSON_NAME(j, "capacity_bytes");
    tk_json_u64(j, facts->capacity);
    TK_JSON_NAME(j, "used_bytes");
    tk_json_u64(j, facts->head - facts->tail);
    TK_JSON_NAME(j, "pending");
    tk_json_u64(j, facts->head_seq - facts->tail_seq);
    TK_JSON_NAME(j, "oldest_seq");
    tk_json_u64(j, facts->tail_seq);
    TK_JSON_NAME(j, "next_seq");
    tk_json_u64(j, facts->head_seq);
    if (oldest)
        tk_clock_rfc3339(time, oldest->wall);
    TK_JSON_NAME(j, "oldest_received");
    tk_json_cstring(j, oldest ? time : NULL);
    tk_json_object_end(j);
}

static int print_json(const char *path, const struct tk_peek_facts *facts, const struct tk_time *oldest)
{
    struct tk_json j;
    int ret = TK_EXIT_TROUBLE;

    tk_json_init(&j);
    write_facts(&j, path, facts, oldest);
    if (j.is_failed)
        (void)fprintf(stderr, "trapkafka queue: out of memory\n");
    else
        ret = printf("%.*s\n", (int)j.len, j.buf) < 0 ? TK_EXIT_TROUBLE : 0;
    tk_json_done(&j);
    return ret;
}

/* --- the records ------------------------------------------------------------------------------------------------- */

static void print_record(struct tk_offline *offline, const struct tk_record *rec)
{
    size_t len = 0;
    const char *event = tk_offline_event(offline, rec->body, rec->body_len, rec->queue, rec->seq, &rec->received, &len);

    if (event)
        (void)printf("%.*s\n", (int)len, event);
    else
        (void)fprintf(stderr, "trapkafka queue: record %" PRIu64 " at position %" PRIu64 " is not a notification\n",
                      rec->seq, rec->position);
}

/* Walk over the pending records. Without @p offline stop at the first one, because reading a large file takes
 * long. */
static void walk(struct tk_peek *peek, struct tk_offline *offline, uint8_t *buf, struct tally *tally)
{
    struct tk_record rec;
    int ret;

    while ((ret = tk_peek_next(peek, buf, TK_TRAP_MAX_BYTES, &rec)) != 0) {
        if (ret < 0) {
            tally->damaged += rec.lost;
            (void)fprintf(stderr, "trapkafka queue: damaged at position %" PRIu64 ": %" PRIu64 " records are lost\n",
                          rec.position, rec.lost);
            continue;
        }
        if (tally->sound++ == 0)
            tally->oldest = rec.received;
        if (!offline)
            return;
        print_record(offline, &rec);
    }
}

static int tell_facts(const struct options *o, const struct tk_peek_facts *facts, const struct tk_time *oldest)
{
    if (o->wants_json)
        return print_json(o->path, facts, oldest);
    print_facts(o->path, facts, oldest);
    return 0;
}

static int show(const struct options *o, struct tk_offline *offline)
{
    uint8_t *buf = malloc(TK_TRAP_MAX_BYTES);
    struct tally tally = {0};
    struct tk_err err = {0};
    struct tk_peek *peek;
    int ret = 0;

    if (!buf)
        tk_err_set(&err, NULL, 0, "out of memory");
    peek = buf ? tk_peek_open(o->path, &err) : NULL;
    if (!peek) {
        free(buf);
        return complain(&err);
    }
    walk(peek, offline, buf, &tally);
    if (!offline)
        ret = tell_facts(o, tk_peek_facts(peek), tally.sound ? &tally.oldest : NULL);
    tk_peek_free(peek);
    free(buf);
    return tally.damaged ? TK_EXIT_TROUBLE : ret;
}

static int run(struct tk_words *words)
{
    struct tk_offline *offline = NULL;
    struct options o = {0};
    struct tk_err err = {0};
    int ret;

    if (!parse(&o, words))
        return words->status;
    if (o.wants_records && !(offline = tk_offline_new(o.config, &err)))
        return complain(&err);
    ret = show(&o, offline);
    tk_offline_free(offline);
    if (fflush(stdout) != 0 && ret == 0)
        ret = TK_EXIT_TROUBLE;
    return ret;
}

const struct tk_command tk_command_queue = {
    .name = "queue",
    .args = "[--records [--config FILE]] [--json] PATH",
    .about = "Show what waits in a queue that is a file, without changing it",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "PATH is the file that kafkaQueue names; a running snmptrapd does not mind.\n"
        "Exit status: 0: success; 1: a record is damaged; 2: the command line is wrong, or a file cannot be read.\n",
    .example = "trapkafka queue --json /var/lib/snmp/trapkafka.queue",
    .run = run,
};
