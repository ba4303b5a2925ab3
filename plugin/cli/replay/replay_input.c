/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replay/replay_input.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receive/capture.h"
#include "cli/replay/replay_dump.h"
#include "cli/replay/replay_event.h"

struct tk_input {
    struct tk_capture *capture; /* or */
    struct tk_dump *dump;       /* or */
    FILE *events;
    char *line; /* of the events; as large as the longest one */
    size_t line_bytes;
    uint64_t others;
};

/* pcap in both byte orders, with microseconds and nanoseconds; pcapng */
static bool is_capture(const char *path)
{
    static const uint8_t magic[][4] = {
        {0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1}, {0xa1, 0xb2, 0x3c, 0x4d},
        {0x4d, 0x3c, 0xb2, 0xa1}, {0x0a, 0x0d, 0x0d, 0x0a},
    };
    FILE *f = fopen(path, "re");
    uint8_t head[4];
    bool is_one = false;

    if (f && fread(head, sizeof(head), 1, f) == 1)
        for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++)
            is_one |= memcmp(head, magic[i], sizeof(head)) == 0;
    if (f)
        (void)fclose(f);
    return is_one;
}

/* The first character but white space says it. */
static FILE *open_events(const char *path)
{
    FILE *f = fopen(path, "re");
    int c;

    if (!f)
        return NULL;
    while ((c = getc(f)) != EOF && isspace(c))
        ;
    if (c == '{') {
        rewind(f);
        return f;
    }
    (void)fclose(f);
    return NULL;
}

struct tk_input *tk_input_open(const char *path, struct tk_err *err)
{
    struct tk_input *in = calloc(1, sizeof(*in));

    if (!in) {
        tk_err_set(err, NULL, 0, "out of memory");
        return NULL;
    }
    if (is_capture(path))
        in->capture = tk_capture_open(path, err);
    else if (!(in->events = open_events(path)))
        in->dump = tk_dump_open(path, err);
    if (in->capture || in->dump || in->events)
        return in;
    tk_input_free(in);
    return NULL;
}

void tk_input_free(struct tk_input *in)
{
    if (!in)
        return;
    tk_capture_free(in->capture);
    tk_dump_free(in->dump);
    if (in->events)
        (void)fclose(in->events);
    free(in->line);
    free(in);
}

static int next_event(struct tk_input *in, struct tk_incoming *t)
{
    ssize_t len;

    while ((len = getline(&in->line, &in->line_bytes, in->events)) > 0) {
        json_t *event = json_loadb(in->line, (size_t)len, 0, NULL);
        bool is_one = tk_incoming_of_event(t, event);

        json_decref(event);
        if (is_one)
            return 1;
        in->others++;
    }
    return 0;
}

int tk_input_next(struct tk_input *in, struct tk_incoming *t, struct tk_err *err)
{
    struct tk_datagram d;
    tk_nsec wall;
    int got;

    if (in->events)
        return next_event(in, t);
    while ((got = in->capture ? tk_capture_next(in->capture, &d, &wall, err) : tk_dump_next(in->dump, &d, &wall)) ==
           1) {
        struct tk_err unfit = {0};

        if (!tk_incoming_is_candidate(&d)) {
            in->others++;
            continue;
        }
        tk_pump_at(wall);
        t->received = (struct tk_time){.wall = wall, .mono = wall, .boot = wall};
        if (tk_incoming_read(t, &d, &unfit) || unfit.is_set)
            return 1;
        in->others++;
    }
    return got;
}

uint64_t tk_input_passed_over(const struct tk_input *in)
{
    const struct tk_capture_losses *losses = in->capture ? tk_capture_losses(in->capture) : NULL;

    return in->others + (losses ? losses->other + losses->fragments + losses->cut : 0);
}
