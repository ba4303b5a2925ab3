/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_inform.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_ANSWER UINT32_MAX

int storm_book_init(struct storm_book *book, uint64_t first, uint64_t count)
{
    memset(book, 0, sizeof(*book));
    book->first = first;
    book->count = count;
    book->sent_ns = calloc(count, sizeof(*book->sent_ns));
    book->delay_us = malloc(count * sizeof(*book->delay_us));
    if (!book->sent_ns || !book->delay_us)
        return -1;
    memset(book->delay_us, 0xff, count * sizeof(*book->delay_us));
    return 0;
}

void storm_book_done(struct storm_book *book)
{
    free(book->sent_ns);
    free(book->delay_us);
    book->sent_ns = NULL;
    book->delay_us = NULL;
}

bool storm_book_is_answered(const struct storm_book *book, uint64_t sequence)
{
    return book->delay_us[sequence - book->first] != NO_ANSWER;
}

void storm_book_sent(struct storm_book *book, uint64_t sequence, int64_t now_ns)
{
    int64_t *at = &book->sent_ns[sequence - book->first];

    if (!*at)
        *at = now_ns;
}

void storm_book_answered(struct storm_book *book, int32_t id, int64_t now_ns)
{
    /* The request ID is the low 31 bits of the sequence number; there are fewer than 2^31 messages. */
    uint64_t n = ((uint64_t)(uint32_t)id - book->first) & 0x7fffffff;
    int64_t us;

    if (n >= book->count || !book->sent_ns[n]) {
        book->foreign++;
        return;
    }
    if (book->delay_us[n] != NO_ANSWER) {
        book->repeated++;
        return;
    }
    us = (now_ns - book->sent_ns[n]) / 1000;
    book->delay_us[n] = us < 0 ? 0 : us >= NO_ANSWER ? NO_ANSWER - 1 : (uint32_t)us;
    book->answered++;
}

void storm_book_drain(struct storm_book *book, const struct storm_shape *shape, int fd, int64_t now_ns)
{
    uint8_t buf[4096];
    ssize_t len;

    while ((len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) >= 0) {
        int32_t id;

        if (storm_msg_read_answer(shape, buf, (size_t)len, &id) == 0)
            storm_book_answered(book, id, now_ns);
        else
            book->foreign++;
    }
}

static int compare_delays(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

double storm_book_delay_ms(const struct storm_book *book, double share)
{
    uint32_t *sorted;
    double ms;

    if (!book->answered || !(sorted = malloc(book->count * sizeof(*sorted))))
        return 0;
    memcpy(sorted, book->delay_us, book->count * sizeof(*sorted));
    qsort(sorted, book->count, sizeof(*sorted), compare_delays); /* messages without a reply are last */
    ms = sorted[(uint64_t)(share * (double)(book->answered - 1))] / 1000.0;
    free(sorted);
    return ms;
}

int storm_book_write(const struct storm_book *book, const char *path)
{
    FILE *file = fopen(path, "we");
    bool is_bad;

    if (!file)
        return -1;
    for (uint64_t n = 0; n < book->count; n++)
        if (book->delay_us[n] != NO_ANSWER)
            (void)fprintf(file, "%llu\n",
                          (unsigned long long)(book->first + n)); /* errors are checked with ferror() below */
    is_bad = ferror(file);
    return fclose(file) != 0 || is_bad ? -1 : 0;
}

int storm_discover(int fd, const struct sockaddr *to, socklen_t to_len, uint8_t id[STORM_ENGINE_ID_MAX], size_t *id_len,
                   uint32_t *boots, uint32_t *engine_time)
{
    uint8_t probe[128], buf[4096];
    size_t probe_len = storm_msg_probe(probe, sizeof(probe));

    for (unsigned tries = 0; tries < 5; tries++) {
        struct pollfd pfd = {.fd = fd, .events = POLLIN};
        ssize_t len;

        (void)sendto(fd, probe + sizeof(probe) - probe_len, probe_len, 0, to,
                     to_len); /* sent again if no report comes */
        if (poll(&pfd, 1, 1000) <= 0)
            continue;
        len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
        if (len > 0 && storm_msg_read_engine(buf, (size_t)len, id, id_len, boots, engine_time) == 0)
            return 0;
    }
    return -1;
}
