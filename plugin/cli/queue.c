/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka queue: show what is in the file of a queue, without changing it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli_internal.h"
#include "cli/offline.h"
#include "queue/ring_peek.h"

struct options {
    const char *path, *config;
    bool wants_records;
};

/* Counts of the walk over the pending records. */
struct tally {
    uint64_t sound, damaged;
    struct tk_time oldest;
};

static bool parse(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--records") == 0)
            o->wants_records = true;
        else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
            o->config = argv[++i];
        else if (argv[i][0] == '-' || o->path)
            return false;
        else
            o->path = argv[i];
    }
    return o->path && (!o->config || o->wants_records);
}

static int complain(const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka queue: %s\n", tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_TROUBLE;
}

/* --- the facts --------------------------------------------------------------------------------------------------- */

static void print_facts(const char *path, const struct tk_peek_facts *facts)
{
    uint64_t used = facts->head - facts->tail;

    (void)printf("%s: queue %02x%02x%02x%02x, format %u, opened %u times, %s\n", path, facts->uuid[0], facts->uuid[1],
                 facts->uuid[2], facts->uuid[3], facts->format, facts->life,
                 facts->is_in_use  ? "a daemon has it open"
                 : facts->is_clean ? "closed in order"
                                   : "its daemon died");
    (void)printf("capacity  %" PRIu64 " bytes\n", facts->capacity);
    (void)printf("used      %" PRIu64 " bytes (%.1f %%)\n", used, 100.0 * (double)used / (double)facts->capacity);
    if (facts->head_seq > facts->tail_seq)
        (void)printf("pending   %" PRIu64 " records, numbers %" PRIu64 " to %" PRIu64 "\n",
                     facts->head_seq - facts->tail_seq, facts->tail_seq, facts->head_seq - 1);
    else
        (void)printf("pending   none, the next number is %" PRIu64 "\n", facts->head_seq);
}

static void print_oldest(const struct tk_time *oldest)
{
    char time[TK_RFC3339_BYTES];
    struct tk_time now = tk_clock_now();

    tk_clock_rfc3339(time, oldest->wall);
    (void)printf("oldest    received %s, %.0f seconds ago\n", time, (double)(now.wall - oldest->wall) / TK_SECOND);
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

static int show(const struct options *o, struct tk_offline *offline)
{
    uint8_t *buf = malloc(TK_TRAP_MAX_BYTES);
    struct tally tally = {0};
    struct tk_err err = {0};
    struct tk_peek *peek;

    if (!buf)
        tk_err_set(&err, NULL, 0, "out of memory");
    peek = buf ? tk_peek_open(o->path, &err) : NULL;
    if (!peek) {
        free(buf);
        return complain(&err);
    }
    if (!offline)
        print_facts(o->path, tk_peek_facts(peek));
    walk(peek, offline, buf, &tally);
    if (!offline && tally.sound)
        print_oldest(&tally.oldest);
    tk_peek_free(peek);
    free(buf);
    return tally.damaged ? TK_EXIT_TROUBLE : 0;
}

int tk_command_queue(int argc, char **argv)
{
    struct tk_offline *offline = NULL;
    struct options o = {0};
    struct tk_err err = {0};
    int ret;

    if (!parse(&o, argc, argv)) {
        (void)fprintf(stderr, "usage: trapkafka queue [--records] [--config FILE] PATH\n");
        return TK_EXIT_USAGE;
    }
    if (o.wants_records && !(offline = tk_offline_new(o.config, &err)))
        return complain(&err);
    ret = show(&o, offline);
    tk_offline_free(offline);
    if (fflush(stdout) != 0 && ret == 0)
        ret = TK_EXIT_TROUBLE;
    return ret;
}
