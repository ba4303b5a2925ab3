/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_senders.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "storm_send.h"

#define NS           1000000000LL
#define TICK_MS      5
#define EVENTS       64
#define FIRST_SOURCE 0x7f010001u /* 127.1.0.1 */

struct sender {
    int fd;
    bool is_busy;
    uint64_t sequence;  /* of the INFORM in flight */
    uint32_t uptime_cs; /* of the INFORM in flight, so that a retry is the same PDU */
    unsigned tries;     /* how often it was sent */
    int64_t deadline_ns;
    uint8_t *packet; /* at the end of the buffer */
    size_t packet_len;
};

struct world {
    struct storm_senders *s;
    struct sender *senders;
    unsigned *idle; /* a ring of idle senders; the one that is idle longest is next */
    unsigned idle_from, idle_len;
    int epoll;
    size_t stride;
    int64_t start_ns, engine_ns; /* when shape.engine_time held */
    uint32_t start_cs, engine_time;
};

static int open_sender(struct world *w, unsigned i)
{
    struct sender *one = &w->senders[i];
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(FIRST_SOURCE + i)};
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};

    one->packet = malloc(w->stride);
    one->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (!one->packet || one->fd < 0 || bind(one->fd, (struct sockaddr *)&from, sizeof(from)) != 0)
        return -1;
    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, one->fd, &event);
}

static void close_all(struct world *w)
{
    for (unsigned i = 0; w->senders && i < w->s->len; i++) {
        if (w->senders[i].fd >= 0)
            (void)close(w->senders[i].fd);
        free(w->senders[i].packet);
    }
    if (w->epoll >= 0)
        (void)close(w->epoll);
    free(w->senders);
    free(w->idle);
}

static int open_all(struct world *w)
{
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->senders = calloc(w->s->len, sizeof(*w->senders));
    w->idle = calloc(w->s->len, sizeof(*w->idle));
    if (w->epoll < 0 || !w->senders || !w->idle)
        return -1;
    for (unsigned i = 0; i < w->s->len; i++)
        w->senders[i].fd = -1;
    for (unsigned i = 0; i < w->s->len; i++) {
        if (open_sender(w, i) != 0)
            return -1;
        w->idle[w->idle_len++] = i;
    }
    return 0;
}

static void rest(struct world *w, struct sender *one)
{
    one->is_busy = false;
    w->idle[(w->idle_from + w->idle_len++) % w->s->len] = (unsigned)(one - w->senders);
}

/* Encode the sender's INFORM. A v3 message is encoded again for each retry, because its engine time changes. */
static int encode(struct world *w, struct sender *one, int64_t now)
{
    struct storm_shape *shape = &w->s->shape;

    shape->uptime_cs = one->uptime_cs;
    shape->engine_time = w->engine_time + (uint32_t)((now - w->engine_ns) / NS);
    one->packet_len = storm_msg_encode(shape, one->sequence, one->packet, w->stride);
    return one->packet_len ? 0 : -1;
}

static int send_one(struct world *w, struct sender *one, int64_t now)
{
    struct storm_senders *s = w->s;
    unsigned doublings = s->has_backoff ? one->tries : 0;

    if ((one->tries == 0 || s->shape.version == STORM_V3) && encode(w, one, now) != 0)
        return -1;
    if (sendto(one->fd, one->packet + w->stride - one->packet_len, one->packet_len, 0, (struct sockaddr *)&s->to,
               s->to_len) < 0) {
        s->failed++;
    } else {
        s->sent++;
        s->resent += one->tries > 0;
        s->bytes += one->packet_len;
    }
    storm_book_sent(s->book, one->sequence, now);
    one->tries++;
    one->deadline_ns = now + ((int64_t)s->timeout_ms * 1000000 << (doublings < 16 ? doublings : 16));
    return 0;
}

/* Give new numbers to idle senders, as many as the rate allows by now. */
static int start_due(struct world *w, int64_t now)
{
    struct storm_senders *s = w->s;
    uint64_t due = s->count;

    if (s->rate > 0) {
        due = 1 + (uint64_t)((double)(now - w->start_ns) * s->rate / (double)NS);
        /* All were busy for a while. Don't catch up, because that would make a burst after an outage. */
        if (due > s->started + s->len) {
            w->start_ns += (int64_t)((double)(due - s->started - s->len) * (double)NS / s->rate);
            due = s->started + s->len;
        }
    }
    while (!storm_is_ending && s->started < s->count && s->started < due && w->idle_len) {
        struct sender *one = &w->senders[w->idle[w->idle_from]];

        w->idle_from = (w->idle_from + 1) % s->len;
        w->idle_len--;
        *one = (struct sender){.fd = one->fd,
                               .packet = one->packet,
                               .is_busy = true,
                               .sequence = s->shape.first + s->started++,
                               .uptime_cs = w->start_cs + (uint32_t)((now - w->engine_ns) / 10000000)};
        if (send_one(w, one, now) != 0)
            return -1;
    }
    return 0;
}

static int repeat_overdue(struct world *w, int64_t now)
{
    for (unsigned i = 0; i < w->s->len; i++) {
        struct sender *one = &w->senders[i];

        if (!one->is_busy || now < one->deadline_ns)
            continue;
        if (one->tries <= w->s->retries) {
            if (send_one(w, one, now) != 0)
                return -1;
        } else {
            w->s->given_up++;
            rest(w, one);
        }
    }
    return 0;
}

/* Handle a report: the receiver has another engine ID or time. @returns whether that differs from what we had */
static bool renew_engine(struct world *w, const uint8_t *bytes, size_t len, int64_t now)
{
    struct storm_shape *shape = &w->s->shape;
    struct storm_engine *engine = shape->engines;
    uint32_t boots, engine_time, ours = w->engine_time + (uint32_t)((now - w->engine_ns) / NS);
    uint8_t id[STORM_ENGINE_ID_MAX];
    size_t id_len;
    bool is_same_id;

    if (shape->version != STORM_V3 || storm_msg_read_engine(bytes, len, id, &id_len, &boots, &engine_time) != 0)
        return false;
    is_same_id = id_len == engine->id_len && memcmp(id, engine->id, id_len) == 0;
    if (is_same_id && boots == shape->boots && engine_time + 60 > ours && ours + 60 > engine_time)
        return false;
    if (!is_same_id && storm_engine_init(engine, &shape->user, id, id_len) != 0)
        return false;
    shape->boots = boots;
    w->engine_time = engine_time - (uint32_t)((now - w->engine_ns) / NS);
    w->s->renewed++;
    return true;
}

static int read_answers(struct world *w, struct sender *one, int64_t now)
{
    struct storm_senders *s = w->s;
    uint8_t buf[4096];
    ssize_t len;

    while ((len = recv(one->fd, buf, sizeof(buf), 0)) >= 0) {
        int32_t id;

        if (storm_msg_read_answer(&s->shape, buf, (size_t)len, &id) == 0) {
            storm_book_answered(s->book, id, now);
            if (one->is_busy && id == (int32_t)(one->sequence & 0x7fffffff))
                rest(w, one);
            continue;
        }
        if (!renew_engine(w, buf, (size_t)len, now))
            s->book->foreign++;
        /* Another sender's report may have changed the engine already, so send again, within the retries. */
        if (s->shape.version == STORM_V3 && one->is_busy && one->tries <= s->retries && send_one(w, one, now) != 0)
            return -1;
    }
    return 0;
}

static int step(struct world *w)
{
    struct epoll_event events[EVENTS];
    int64_t now = storm_now_ns();
    int ready;

    if (start_due(w, now) != 0 || repeat_overdue(w, now) != 0)
        return -1;
    ready = epoll_wait(w->epoll, events, EVENTS, TICK_MS);
    now = storm_now_ns();
    for (int i = 0; i < ready; i++)
        if (read_answers(w, &w->senders[events[i].data.u32], now) != 0)
            return -1;
    return 0;
}

static bool is_done(const struct world *w)
{
    return w->idle_len == w->s->len && (storm_is_ending || w->s->started == w->s->count);
}

int storm_senders_run(struct storm_senders *s)
{
    struct world w = {.s = s,
                      .epoll = -1,
                      .stride = storm_msg_size_max(&s->shape),
                      .start_cs = s->shape.uptime_cs,
                      .engine_time = s->shape.engine_time};
    int64_t start = storm_now_ns();
    int result = -1;

    w.start_ns = w.engine_ns = start;
    s->shape.rate = 0; /* uptime and engine time are set for each message */
    if (open_all(&w) == 0)
        for (result = 0; result == 0 && !storm_is_stopped && !is_done(&w);)
            result = step(&w);
    s->took_ns = storm_now_ns() - start;
    close_all(&w);
    return result;
}
