/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_send.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "storm_queue.h"

#define BATCH   64      /* messages per system call */
#define STEP_NS 1000000 /* the shortest wait: waking up more often costs more than sending */
#define LATE_NS 50000000
#define NS      1000000000LL

volatile sig_atomic_t storm_is_stopped;
volatile sig_atomic_t storm_is_ending;

int64_t storm_now_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* can't fail with this clock */
    return ts.tv_sec * NS + ts.tv_nsec;
}

static int encode_more(struct storm_sender *s, unsigned most)
{
    for (; most && s->encoded < s->count && s->encoded - s->done < s->slots; most--, s->encoded++) {
        size_t slot = (size_t)(s->encoded % s->slots);
        size_t len = storm_msg_encode(s->shape, s->shape->first + s->encoded, s->mem + slot * s->stride, s->stride);

        if (len == 0)
            return -1;
        s->len[slot] = (uint32_t)len;
    }
    return 0;
}

int storm_sender_init(struct storm_sender *s, const struct storm_shape *shape, uint64_t count, size_t mem_max)
{
    memset(s, 0, sizeof(*s));
    s->fd = -1;
    s->shape = shape;
    s->count = count;
    s->stride = storm_msg_size_max(shape);
    s->slots = mem_max / s->stride;
    if (s->slots > count)
        s->slots = (size_t)count;
    if (s->slots == 0)
        s->slots = 1;
    s->mem = malloc(s->slots * s->stride);
    s->len = malloc(s->slots * sizeof(*s->len));
    if (!s->mem || !s->len)
        return -1;
    while (s->encoded < s->slots && !storm_is_stopped)
        if (encode_more(s, 1024) != 0)
            return -1;
    return 0;
}

void storm_sender_done(struct storm_sender *s)
{
    free(s->mem);
    free(s->len);
    s->mem = NULL;
    s->len = NULL;
}

struct batch {
    struct mmsghdr msg[BATCH];
    struct iovec iov[BATCH];
    unsigned len;
    /* CMSG_SPACE makes the size of a row a multiple of the alignment. */
    _Alignas(struct cmsghdr) uint8_t control[BATCH][CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static void add(struct batch *batch, struct storm_sender *s, uint64_t n)
{
    unsigned i = batch->len++;
    size_t slot = (size_t)(n % s->slots);
    struct msghdr *h = &batch->msg[i].msg_hdr;

    batch->iov[i].iov_base = s->mem + (slot + 1) * s->stride - s->len[slot];
    batch->iov[i].iov_len = s->len[slot];
    memset(&batch->msg[i], 0, sizeof(batch->msg[i]));
    h->msg_name = &s->to;
    h->msg_namelen = s->to_len;
    h->msg_iov = &batch->iov[i];
    h->msg_iovlen = 1;
    if (s->shape->sources > 1) {
        struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(0x7f000001u + (uint32_t)(n % s->shape->sources))};
        struct cmsghdr *c;

        h->msg_control = batch->control[i];
        h->msg_controllen = sizeof(batch->control[i]);
        c = CMSG_FIRSTHDR(h);
        c->cmsg_level = IPPROTO_IP;
        c->cmsg_type = IP_PKTINFO;
        c->cmsg_len = CMSG_LEN(sizeof(info));
        memcpy(CMSG_DATA(c), &info, sizeof(info));
    }
    if (s->book)
        storm_book_sent(s->book, s->shape->first + n, storm_now_ns());
}

/* Send the batch. If the kernel refuses a message (because of a firewall, for example), count it and go on. */
static void flush(struct batch *batch, struct storm_sender *s)
{
    for (unsigned at = 0; at < batch->len && !storm_is_stopped;) {
        int taken = sendmmsg(s->fd, batch->msg + at, batch->len - at, 0);

        if (taken > 0) {
            for (int i = 0; i < taken; i++)
                s->bytes += batch->iov[at + (unsigned)i].iov_len;
            s->sent += (unsigned)taken;
            at += (unsigned)taken;
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            struct timespec pause = {.tv_nsec = STEP_NS};

            (void)nanosleep(&pause, NULL); /* a shorter sleep is fine */
        } else if (errno != EINTR) {
            s->failed++;
            at++;
        }
    }
    batch->len = 0;
}

/* Sleep until a time of the monotonic clock, or until a reply comes. */
static void wait_until(struct storm_sender *s, int64_t until_ns)
{
    struct timespec ts = {.tv_sec = until_ns / NS, .tv_nsec = until_ns % NS};

    if (s->book) {
        struct pollfd pfd = {.fd = s->fd, .events = POLLIN};
        int64_t left = until_ns - storm_now_ns();

        ts.tv_sec = left > 0 ? left / NS : 0;
        ts.tv_nsec = left > 0 ? left % NS : 0;
        (void)ppoll(&pfd, 1, &ts, NULL); /* the caller checks again, whatever ended it */
        storm_book_drain(s->book, s->shape, s->fd, storm_now_ns());
    } else {
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL); /* the same */
    }
}

/* The receiver is behind: let it catch up. What was due meanwhile is sent later (see LATE_NS). */
static void wait_for_room(struct storm_sender *s)
{
    while (s->queue_max && !storm_is_stopped && storm_queue_bytes(&s->to) > s->queue_max)
        wait_until(s, storm_now_ns() + STEP_NS);
}

int storm_sender_run(struct storm_sender *s)
{
    double rate = s->shape->rate;
    int64_t start = storm_now_ns(), schedule = start, now = start;
    struct batch batch = {.len = 0};

    while (s->done < s->count && !storm_is_stopped) {
        uint64_t due = s->count;

        if (rate > 0) {
            int64_t next = schedule + (int64_t)((double)s->done * (double)NS / rate);

            now = storm_now_ns();
            if (now - next > LATE_NS) { /* this process was not scheduled; don't catch up with a burst */
                schedule += now - next;
                s->late++;
            }
            if (now < next) {
                /* Encode only a few messages at a time, so that sending is not late. */
                if (s->encoded < s->count && s->encoded - s->done < s->slots) {
                    if (encode_more(s, 16) != 0)
                        return -1;
                } else {
                    wait_until(s, next - now < STEP_NS ? now + STEP_NS : next);
                }
                continue;
            }
            due = 1 + (uint64_t)((double)(now - schedule) * rate / (double)NS);
        }
        if (s->encoded == s->done && encode_more(s, BATCH) != 0)
            return -1;
        wait_for_room(s);
        for (uint64_t n = s->done; n < due && n < s->encoded && batch.len < BATCH; n++)
            add(&batch, s, n);
        s->done += batch.len;
        flush(&batch, s);
        if (s->book)
            storm_book_drain(s->book, s->shape, s->fd, storm_now_ns());
    }
    s->took_ns = storm_now_ns() - start;
    return 0;
}

static void await_answers(struct storm_sender *s, unsigned wait_ms)
{
    int64_t until = storm_now_ns() + (int64_t)wait_ms * 1000000;

    while (s->book->answered < s->done && storm_now_ns() < until && !storm_is_stopped)
        wait_until(s, until);
}

void storm_sender_insist(struct storm_sender *s, unsigned retries, unsigned wait_ms)
{
    struct batch batch = {.len = 0};

    await_answers(s, wait_ms);
    for (; retries && s->book->answered < s->done && !storm_is_stopped; retries--) {
        for (uint64_t n = 0; n < s->done; n++) {
            if (storm_book_is_answered(s->book, s->shape->first + n))
                continue;
            add(&batch, s, n);
            s->resent++;
            if (batch.len == BATCH) {
                flush(&batch, s);
                storm_book_drain(s->book, s->shape, s->fd, storm_now_ns());
            }
        }
        flush(&batch, s);
        await_answers(s, wait_ms);
    }
}
