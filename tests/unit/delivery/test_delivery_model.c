/* SPDX-License-Identifier: Apache-2.0 */
/* A model of delivery: random histories of a worker between a ring and a fake Kafka, against a plain reference.
 *
 * What happens: traps and INFORMs arrive, repeats, changes of alarms and malformed ones among them, of several sizes; the sink accepts, is
 * full, refuses a message, delivers, returns, is stuck with a rule's topic, condemns (for its size or not), reports out of order, closes; dead
 * letters are delivered, returned and refused; brokers are lost; memory is short; bundles change the topics, also those of
 * rules, the compression and the dead letter topic; topics of rules can't be had for a while; rules drop notifications;
 * time passes; the worker stops.
 *
 * What must hold, at each step: the books balance (world_step), and what life.h says (asserts of the devel build). A
 * record is published before any later one, is never published again once it was delivered or condemned, and is never
 * in flight twice; one whose request was refused goes alone. Only what Kafka refused is a dead letter. An INFORM is
 * told once, and that it is delivered only if its event is, or the one that it repeats. A change of an alarm's state is
 * no repeat. A message about an alarm follows the newest event of that alarm that was delivered, one of a key is in flight, and an INFORM
 * that changed an alarm is answered after that message. No event goes to a topic that can't be had, only a probe. No topic is given up that answered lately. What a rule drops is never published, and its INFORM is
 * answered. At the end, when the sink takes
 * everything again, except for topics of rules that are stuck: within bounded time nothing is pending, the ring is empty, every record has ended once, under the
 * name that the reference has for it; and kafkaAlarmTopic, compacted, has exactly the alarms that stand by the events delivered.
 *
 * TK_MODEL_HISTORIES=N  how many (default: a few thousand)
 * TK_MODEL_SEED=N       the first one's seed; a failure, an assert's too, prints what repeats it */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "event/encode.h"
#include "queue/ring_open.h"
#include "trap_text.h"
#include "worker_fixture.h"

#define HISTORIES   3000 /* without TK_MODEL_HISTORIES */
#define MAX_STEPS   60
#define MAX_RECORDS 256
#define DEVICES     3
#define OWN_TOPICS  3               /* of rules */
#define ALARMS      8               /* of a device: content 2n raises alarm n, content 2n + 1 clears it */
#define WINDOW      (5 * TK_SECOND) /* of dedup */
#define BELIEVED    (300 * TK_SECOND)
#define MOST_TEXT   16384
#define A_WORLD     50   /* histories on one worker */
#define PATIENCE    1000 /* seconds of the fake clock until everything must have ended */

#define HOLDS(condition) \
    do { \
        if (!(condition)) { \
            print_error("does not hold: %s\n", #condition); \
            fail(); \
        } \
    } while (0)

struct record {
    unsigned device, content; /* two records of one device and content are repeats; contents: see write_line() */
    tk_nsec received;
    size_t event_bytes; /* of its message, once it was seen */
    bool is_malformed, is_inform;
    bool is_dropped;   /* by a rule */
    bool is_published; /* the sink took its event at least once */
    bool was_stuck;    /* it was in flight in a topic that takes nothing */
    bool is_in_flight;
    bool came_back;     /* and was not published again since */
    bool must_go_alone; /* a request that it was in was refused */
    bool is_delivered;
    bool is_condemned; /* Kafka refused it alone, or the producer refused it */
    bool is_told;
    bool is_out_of_memory; /* its event could not be written */
    bool has_flipped_bit;  /* its bytes in the ring are damaged */
    bool is_damaged;       /* and it must be read again, so that it ends */
    bool has_lost_alarm;   /* the message about its alarm, as far as it is known, was refused */
    uint8_t *bytes;        /* in the ring, until it has ended */
};

/* What the runs as a whole have seen: histories that show nothing prove nothing. */
static struct {
    uint64_t delivered, suppressed, condemned, by_size, letters, kept, told, sent_again, full, out_of_memory,
        last_words, routed, rerouted, dropped, given_up, probes, alarms, tombstones, standing, alarms_lost;
} seen;

static struct world w;
static bool is_under_way; /* the histories have not come to their end */
static struct {
    uint64_t world_seed; /* of the first history on this worker */
    uint64_t seed, random;
    unsigned step;
    bool may_fail;       /* the sink does not only deliver */
    bool is_partitioned; /* after one event of a device came back, its later ones do too, as in Kafka */
    bool is_dedup;
    bool has_rules;                              /* with topics, and with one that drops */
    bool has_alarm_topic, is_alarm_topic_turned; /* kafkaAlarmTopic, and whether it is turned off and on */
    bool is_memory_short;                        /* some events can not be written */
    unsigned scale;                              /* of the sizes of events; large ones fill the ring */
    bool has_stuck_letters;                      /* dead letters are reported at the end only */
    bool has_file;
    uint64_t first_seq; /* of this history */
    unsigned count;
    struct record record[MAX_RECORDS];
    unsigned alone; /* 1 + the record that must have no company in flight; 0: none */
    unsigned letters_in_flight, alarms_in_flight;
    unsigned told_alarm[DEVICES][ALARMS]; /* 1 + the newest record that a delivered message about the alarm has */
    unsigned newest_published;            /* 1 + the newest record that was published */
    unsigned last_delivered[DEVICES][OWN_TOPICS + 1];
    tk_nsec answered[TK_ROUTES + 1]; /* when each route had an answer, or nothing in flight */
    tk_nsec came_back[TK_ROUTES + 1];
    size_t refused_bytes; /* the smallest event that was refused alone for its size; 0: none */
    struct tk_books before;
} m;

static uint64_t dice(uint64_t sides)
{
    uint64_t z = m.random += 0x9e3779b97f4a7c15u; /* splitmix64 */

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % sides;
}

static unsigned number_of(const char *event_id)
{
    unsigned long long seq = 0;

    HOLDS(sscanf(event_id, "%*8[0-9a-f]-%llu", &seq) == 1);
    HOLDS(seq >= m.first_seq && seq - m.first_seq < m.count);
    return (unsigned)(seq - m.first_seq);
}

/* --- memory ---------------------------------------------------------------------------------------------------- */

/* In front of event/encode.c (the linker's --wrap): now and then there is no memory for an event. Its record ends. */
void __real_tk_encode_event(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev,
                            const char *event_id, const char *received, const struct tk_encode_tables *tables);
void __wrap_tk_encode_event(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev,
                            const char *event_id, const char *received, const struct tk_encode_tables *tables);
void __wrap_tk_encode_event(struct tk_json *j, const struct tk_receiver *rx, const struct tk_event *ev,
                            const char *event_id, const char *received, const struct tk_encode_tables *tables)
{
    struct record *r;

    __real_tk_encode_event(j, rx, ev, event_id, received, tables);
    if (!m.is_memory_short || dice(12))
        return;
    j->is_failed = true;
    r = &m.record[number_of(event_id)];
    if (strchr(event_id, '/')) { /* about its alarm */
        r->has_lost_alarm = true;
        return;
    }
    HOLDS(!r->is_in_flight && !r->is_delivered && !r->is_malformed && !r->is_out_of_memory);
    r->is_out_of_memory = r->is_damaged = true; /* it is counted as damaged */
    r->is_condemned = r->came_back = false;
    seen.out_of_memory++;
}

/* --- what the worker does -------------------------------------------------------------------------------------- */

static size_t bytes_of(const struct fake_message *msg)
{
    return strlen(msg->payload) + strlen(msg->key);
}

/* Where nothing is compressed, an event as large as one that was refused for its size is condemned without being sent. */
static bool is_by_size(const struct record *r, const struct fake_message *msg)
{
    return (!r->is_published || r->came_back) && m.refused_bytes && bytes_of(msg) >= m.refused_bytes;
}

/* A later event is published: one that came back must have been condemned by its size. */
static void pass_by(struct record *r)
{
    HOLDS(m.refused_bytes && r->event_bytes >= m.refused_bytes);
    r->is_condemned = true;
    r->came_back = false;
}

static void publish_letter(struct record *r, const struct fake_message *msg)
{
    HOLDS(!r->is_delivered && !r->is_in_flight);
    HOLDS(r->is_condemned || is_by_size(r, msg));
    r->is_condemned = true;
    r->came_back = false;
    m.letters_in_flight++;
}

/* @returns 0: kafkaTopic; else a number of the topic of a rule */
static unsigned topic_number(const struct fake_message *msg)
{
    return !msg->route ? 0 : strcmp(msg->topic_name, "first") == 0 ? 1 : strcmp(msg->topic_name, "second") == 0 ? 2 : 3;
}

static bool is_stuck(unsigned route)
{
    return route && w.kafka.stuck >> route & 1;
}

/* A copy of an event that goes to kafkaTopic, to a topic that can't be had. */
static void check_probe(const struct fake_message *msg)
{
    const struct record *r = &m.record[number_of(msg->event_id)];
    const struct fake_message *event = msg - 1;

    HOLDS(msg->route && w.kafka.away >> msg->route & 1);
    HOLDS(r->is_in_flight && msg > w.kafka.messages && event->ticket != TK_NO_TICKET && event->route == 0);
    HOLDS(strcmp(event->payload, msg->payload) == 0 && strcmp(event->key, msg->key) == 0);
    seen.probes++;
}

/* An event goes to a topic of its device's rules, or to kafkaTopic; and never to one that can't be had. */
static void check_route(const struct record *r, const struct fake_message *msg)
{
    static const char *const topics[DEVICES] = {"", "first", "second"}; /* how the names begin */
    bool is_main = strcmp(msg->topic_name, "snmp-traps") == 0 || strlen(msg->topic_name) == 1;

    HOLDS(!r->is_dropped);
    HOLDS(is_main == (msg->route == 0));
    HOLDS(is_main || (m.has_rules && topics[r->device][0]));
    HOLDS(is_main || strncmp(msg->topic_name, topics[r->device], strlen(topics[r->device])) == 0);
    HOLDS(!(w.kafka.away >> msg->route & 1));
    seen.routed += !is_main;
    seen.rerouted += is_main && m.has_rules && topics[r->device][0];
}

/* Are events in flight by this route? @param but  not counting this one */
static bool is_route_busy(unsigned route, const struct fake_message *but)
{
    for (size_t i = w.kafka.first_open; i < w.kafka.count; i++) {
        const struct fake_message *msg = &w.kafka.messages[i];

        if (msg != but && msg->topic == TK_TOPIC_EVENTS && msg->route == route && msg->ticket != TK_NO_TICKET &&
            !msg->is_reported)
            return true;
    }
    return false;
}

static bool is_alarm(const struct record *r)
{
    return r->content < 2 * ALARMS && !r->is_malformed;
}

static bool is_same_alarm(const struct record *a, const struct record *b)
{
    return is_alarm(a) && is_alarm(b) && a->device == b->device && a->content / 2 == b->content / 2;
}

/* Is it known that there is no message about it: refused, or its record can't be read again? */
static bool has_lost_alarm(const struct record *r)
{
    return r->has_lost_alarm || r->has_flipped_bit;
}

/* The key that clears name and nothing raises. */
static bool is_further(const struct fake_message *msg)
{
    return strstr(msg->key, "/further") != NULL;
}

static void publish_alarm(const struct fake_message *msg)
{
    const struct record *r = &m.record[number_of(msg->event_id)];
    char key[64];

    m.alarms_in_flight++;
    HOLDS(strcmp(msg->topic_name, "alarms") == 0 && msg->key && strstr(msg->event_id, "/alarm"));
    for (const struct fake_message *other = w.kafka.messages + w.kafka.first_open; other < msg; other++)
        HOLDS(other->topic != TK_TOPIC_ALARMS || other->is_reported || strcmp(other->key, msg->key) != 0);
    HOLDS(r->is_delivered && is_alarm(r));
    seen.tombstones += !msg->payload;
    if (is_further(msg)) {
        HOLDS(!msg->payload && r->content % 2 == 1);
        return;
    }
    (void)snprintf(key, sizeof(key), "192.0.2.%u/link/%u", r->device + 1, r->content / 2 + 1);
    HOLDS(strcmp(msg->key, key) == 0);
    HOLDS((msg->payload == NULL) == (r->content % 2 == 1));
    for (const struct record *later = r + 1; !m.is_alarm_topic_turned && later < m.record + m.count; later++)
        HOLDS(!is_same_alarm(r, later) || !later->is_delivered); /* else it has an old state */
}

static void report_alarm(const struct fake_message *msg)
{
    struct record *r = &m.record[number_of(msg->event_id)];
    unsigned *told = &m.told_alarm[r->device][r->content / 2];

    m.alarms_in_flight--;
    seen.alarms += msg->fate == TK_DELIVERED;
    if (is_further(msg))
        return;
    if (msg->fate != TK_SEND_AGAIN)
        r->has_lost_alarm = msg->fate == TK_CONDEMNED;
    if (msg->fate == TK_DELIVERED && r + 1 > m.record + *told)
        *told = (unsigned)(r + 1 - m.record);
}

static void on_publish(void *arg, const struct fake_message *msg)
{
    struct record *r;
    unsigned n;

    (void)arg;
    if (msg->topic == TK_TOPIC_HEALTH)
        return;
    if (msg->ticket == TK_NO_TICKET) {
        check_probe(msg);
        return;
    }
    if (msg->topic == TK_TOPIC_ALARMS) {
        publish_alarm(msg);
        return;
    }
    n = number_of(msg->event_id);
    if (msg->topic == TK_TOPIC_DEAD_LETTERS) {
        publish_letter(&m.record[n], msg);
        return;
    }
    r = &m.record[n];
    check_route(r, msg);
    HOLDS(!r->is_in_flight && !r->is_delivered && !r->is_condemned && !r->is_malformed && !r->is_out_of_memory);
    HOLDS(!r->is_published || r->came_back || r->is_damaged);
    r->is_damaged = false; /* it was held: its event was written before the bit flipped */
    for (unsigned i = 0; i < n; i++)
        if (m.record[i].came_back) /* an earlier one waits, unless it ended unseen */
            pass_by(&m.record[i]);
    for (unsigned i = n + 1; i < m.count; i++)
        HOLDS(!m.record[i].is_in_flight); /* a later one went first */
    HOLDS(r->is_published || n + 1 > m.newest_published);
    if (n + 1 > m.newest_published)
        m.newest_published = n + 1;
    HOLDS(!m.alone || !m.record[m.alone - 1].is_in_flight);
    m.alone = 0;
    r->event_bytes = bytes_of(msg);
    if (r->must_go_alone) {
        HOLDS(msg->in_flight == m.letters_in_flight + m.alarms_in_flight);
        m.alone = n + 1;
    }
    r->is_published = r->is_in_flight = true;
    r->came_back = false;
    r->was_stuck |= is_stuck(msg->route);
    if (!is_route_busy(msg->route, msg) && w.now.mono - m.came_back[msg->route] >= 60 * TK_SECOND)
        m.answered[msg->route] = w.now.mono;
}

/* The worker gives up a topic that has taken nothing for long, though it had events. */
static void on_give_up(void *arg, unsigned route)
{
    (void)arg;
    HOLDS(route && is_route_busy(route, NULL));
    HOLDS(w.now.mono - m.answered[route] >= TK_STALL_SECONDS * TK_SECOND);
    seen.given_up++;
}

/* Kafka will never take it. For a dead letter its bytes are read again. */
static void condemn(struct record *r)
{
    r->is_condemned = !r->has_flipped_bit;
    r->is_damaged = r->has_flipped_bit;
    r->came_back = false;
    seen.condemned++;
}

/* publish() itself says no. */
static void on_refused(void *arg, const struct tk_message *msg, enum tk_publish answer)
{
    struct record *r;

    (void)arg;
    (void)answer;
    if (msg->topic == TK_TOPIC_ALARMS)
        m.record[number_of(msg->ce_id)].has_lost_alarm = true;
    if (msg->topic != TK_TOPIC_EVENTS)
        return;
    r = &m.record[number_of(msg->ce_id)];
    HOLDS(!r->is_in_flight && !r->is_delivered && !r->is_condemned);
    condemn(r);
}

static void on_report(void *arg, const struct fake_message *msg)
{
    struct record *r = &m.record[number_of(msg->event_id)];
    unsigned n = (unsigned)(r - m.record);

    (void)arg;
    if (msg->topic == TK_TOPIC_ALARMS) {
        report_alarm(msg);
        return;
    }
    if (msg->topic == TK_TOPIC_DEAD_LETTERS) {
        m.letters_in_flight--;
        seen.letters += msg->fate == TK_DELIVERED;
        return;
    }
    HOLDS(r->is_in_flight);
    r->is_in_flight = false;
    if (msg->fate == TK_SEND_AGAIN)
        m.came_back[msg->route] = w.now.mono;
    else
        m.answered[msg->route] = w.now.mono;
    if (msg->fate == TK_DELIVERED) {
        r->is_delivered = true;
        seen.delivered++;
        if (m.is_partitioned && !r->was_stuck) { /* others may have overtaken that in kafkaTopic */
            HOLDS(n + 1 > m.last_delivered[r->device][topic_number(msg)]);
            m.last_delivered[r->device][topic_number(msg)] = n + 1;
        }
        return;
    }
    if (msg->fate == TK_SEND_AGAIN || !r->must_go_alone) {
        r->came_back = !r->has_flipped_bit;
        r->is_damaged = r->has_flipped_bit;
        r->must_go_alone |= msg->fate == TK_CONDEMNED;
        seen.sent_again++;
        return;
    }
    condemn(r);
    if (msg->is_about_size) {
        if (!m.refused_bytes || r->event_bytes < m.refused_bytes)
            m.refused_bytes = r->event_bytes;
    }
}

/* The same notification, and between the two no change of its alarm's state. */
static bool is_repeat_of(const struct record *r, const struct record *first)
{
    if (first >= r || first->device != r->device || first->content != r->content || first->is_malformed)
        return false;
    for (const struct record *between = first + 1; between < r; between++)
        if (is_same_alarm(between, r) && between->content != r->content)
            return false;
    return true;
}

/* Has the message about its alarm come to its end? Several records may share one. */
static bool is_alarm_told(const struct record *r)
{
    bool is_lost = false;

    if (!m.has_alarm_topic || m.is_alarm_topic_turned || !is_alarm(r) || !r->is_delivered)
        return true;
    for (const struct record *later = r; later < m.record + m.count; later++)
        is_lost |= is_same_alarm(r, later) && has_lost_alarm(later);
    return is_lost || m.told_alarm[r->device][r->content / 2] > (unsigned)(r - m.record) ||
           world_stat(&w, TK_DERIVED_DROPPED_TOPIC_LOST) > m.before.value[TK_DERIVED_DROPPED_TOPIC_LOST];
}

static void take_replies(void)
{
    struct tk_inform_result reply;

    while (tk_inform_results_take(w.replies, &reply)) {
        struct record *r = &m.record[reply.seq - m.first_seq];
        bool is_delivered = r->is_delivered;

        HOLDS(reply.seq >= m.first_seq && reply.seq - m.first_seq < m.count);
        HOLDS(r->is_inform && !r->is_told);
        r->is_told = true;
        seen.told++;
        for (unsigned i = 0; i < m.count && !r->is_published; i++)
            is_delivered |= is_repeat_of(r, &m.record[i]) && m.record[i].is_delivered;
        HOLDS(!reply.is_delivered || is_delivered || r->is_dropped);
        HOLDS(reply.is_delivered || !r->is_dropped);
        HOLDS(reply.is_delivered || !r->is_delivered);
        HOLDS(is_alarm_told(r));
    }
}

static void step(void)
{
    (void)world_step(&w);
    take_replies();
    while (world_log(&w))
        ;
}

/* --- what happens ---------------------------------------------------------------------------------------------- */

/* Uptimes are equal for each content, so that it is a repeat. Those of alarms: linkDown, linkUp of an interface. */
static void write_line(const struct record *r, char *line, size_t bytes)
{
    static const unsigned sizes[] = {0, 0, 0, 300, 900};
    static char text[MOST_TEXT + 1];
    const int text_len = (int)(sizes[r->content % 5] * m.scale) + 1;
    const unsigned uptime = (unsigned)(m.seed % 100000 * 100);
    int len;

    memset(text, 'x', sizeof(text));
    if (is_alarm(r))
        len = snprintf(line, bytes,
                       "2c from=192.0.2.%u:162 uptime=%u oid=1.3.6.1.6.3.1.1.5.%u 1.3.6.1.2.1.2.2.1.1.%u i %u",
                       r->device + 1, uptime, 3 + r->content % 2, r->content / 2 + 1, r->content / 2 + 1);
    else
        len = snprintf(line, bytes, "2c from=192.0.2.%u:162 uptime=%u oid=1.3.6.1.6.3.1.1.5.1", r->device + 1,
                       uptime + r->content);
    (void)snprintf(line + len, bytes - (size_t)len, " 1.3.6.1.2.1.1.4.0 s %.*s", text_len, text);
}

/* By the rule "noise". */
static bool is_for_dropping(const struct record *r)
{
    return r->device == 0 && !is_alarm(r) && !r->is_malformed && r->content % 5 < 3;
}

static void receive_record(struct record *r)
{
    uint64_t seq = tk_ring_next_seq(w.ring);
    static uint8_t bytes[TK_TRAP_MAX_BYTES];
    char line[MOST_TEXT + 200], err[TRAP_TEXT_ERR];
    uint32_t place = m.count + 1;
    size_t len;

    if (r->is_malformed)
        r->is_inform = false;
    r->is_dropped = m.has_rules && is_for_dropping(r);
    write_line(r, line, sizeof(line));
    len = trap_text_write(line, bytes, err);
    HOLDS(len > 0);
    if (r->is_malformed)
        len = 1;
    if (r->is_inform) {
        memcpy(bytes + offsetof(struct tk_trap_head, reply), &place, sizeof(place));
        tk_inform_results_wait(w.replies, place, seq);
    }
    r->bytes = tk_ring_reserve(w.ring, len);
    if (r->bytes) {
        memcpy(r->bytes, bytes, len);
        (void)tk_ring_commit(w.ring, len, &w.now);
        m.count++;
        return;
    }
    tk_ring_count_loss(w.ring, TK_LOSS_QUEUE_FULL);
    if (r->is_inform)
        tk_inform_results_forget(w.replies, place);
}

static void arrive(void)
{
    struct record *r = &m.record[m.count];

    if (m.count == MAX_RECORDS)
        return;
    *r = (struct record){.device = (unsigned)dice(DEVICES),
                         .content = (unsigned)dice(40),
                         .received = w.now.mono,
                         .is_malformed = dice(25) == 0,
                         .is_inform = dice(3) == 0};
    receive_record(r);
}

/* Small, no alarm, and not a repeat of the one before. */
static void arrive_for_main(void)
{
    struct record *r = &m.record[m.count];

    if (m.count == MAX_RECORDS)
        return;
    *r = (struct record){.device = 1, .content = 20 + m.count % 4 * 5, .received = w.now.mono};
    receive_record(r);
}

/* A bit flips in a record that waits to be published again. */
static void damage(void)
{
    for (unsigned i = 0; i < m.count; i++) {
        struct record *r = &m.record[i];

        if (!r->came_back || (m.refused_bytes && r->event_bytes >= m.refused_bytes)) /* it may have ended unseen */
            continue;
        r->bytes[sizeof(struct tk_trap_head)] ^= 1;
        r->has_flipped_bit = r->is_damaged = true;
        r->came_back = false;
        return;
    }
}

static enum tk_fate fate_of(const struct record *r, bool has_failed)
{
    if (!m.may_fail)
        return TK_DELIVERED;
    if (r->must_go_alone && !has_failed)
        return dice(2) ? TK_CONDEMNED : TK_DELIVERED; /* else few would be condemned */
    switch (dice(has_failed ? 2 : 8)) {
    case 0: return TK_SEND_AGAIN;
    case 1: return TK_CONDEMNED;
    default: return TK_DELIVERED;
    }
}

/* Some of what is in flight is reported: of each device's events those published first, if Kafka has partitions. */
static void report_some(void)
{
    bool has_failed[DEVICES] = {false}, is_held_back[DEVICES] = {false};
    uint64_t share = dice(4) + 1;

    for (size_t i = w.kafka.first_open; i < w.kafka.count; i++) {
        const struct fake_message *msg = &w.kafka.messages[i];
        struct record *r;

        if (msg->ticket == TK_NO_TICKET || msg->is_reported || msg->is_told || is_stuck(msg->route))
            continue;
        if (msg->topic == TK_TOPIC_ALARMS) {
            if (dice(4) < share && !w.kafka.is_alarm_topic_stuck)
                fake_kafka_report(&w.kafka, i, m.may_fail && dice(3) == 0 ? 1 + (enum tk_fate)dice(2) : TK_DELIVERED);
            continue;
        }
        r = &m.record[number_of(msg->event_id)];
        w.kafka.is_about_size = dice(2);
        if (msg->topic == TK_TOPIC_DEAD_LETTERS) {
            if (dice(4) < share && !m.has_stuck_letters)
                fake_kafka_report(&w.kafka, i, m.may_fail && dice(3) == 0 ? 1 + (enum tk_fate)dice(2) : TK_DELIVERED);
            continue;
        }
        if (m.is_partitioned && !has_failed[r->device] && dice(4) >= share)
            is_held_back[r->device] = true;
        if (is_held_back[r->device] || (!m.is_partitioned && dice(4) >= share))
            continue;
        if (m.is_partitioned) {
            enum tk_fate fate = fate_of(r, has_failed[r->device]);

            has_failed[r->device] |= fate != TK_DELIVERED;
            fake_kafka_report(&w.kafka, i, fate);
        } else {
            fake_kafka_report(&w.kafka, i, fate_of(r, false));
        }
    }
}

static void return_all(void)
{
    w.kafka.is_about_size = false;
    fake_kafka_report_all(&w.kafka, TK_SEND_AGAIN);
}

/* The built-in rules, with topics for two devices; their names vary, so that a bundle may need a new sink. */
static const char *rules_with_topics(char *json, size_t bytes)
{
    static const char rule[] =
        "{\"name\":\"%s%u\",\"match\":{\"trap\":\"IF-MIB::link%s\",\"device\":\"192.0.2.%u\"},\"severity\":\"%s\","
        "\"state\":\"%s\",\"key\":\"{device}/link/{ifIndex}\"%s%s},";
    static const char *const topics[] = {"", ",\"topic\":\"first\"", ",\"topic\":\"second\"",
                                         ",\"topic\":\"first-too\""};
    size_t len = (size_t)snprintf(json, bytes, "{\"rules\":[");

    for (unsigned device = 0; device < DEVICES; device++) {
        const char *topic = topics[device && dice(4) ? device == 1 && dice(2) ? 3 : device : 0];

        len += (size_t)snprintf(json + len, bytes - len, rule, "down", device, "Down", device + 1, "major", "raise",
                                topic, "");
        len += (size_t)snprintf(json + len, bytes - len, rule, "up", device, "Up", device + 1, "cleared", "clear",
                                topic, ",\"clears\":[\"{device}/further\"]");
    }
    (void)snprintf(json + len, bytes - len,
                   "{\"name\":\"noise\",\"match\":{\"trap\":\"SNMPv2-MIB::coldStart\",\"device\":\"192.0.2.1\","
                   "\"varbinds\":[{\"object\":\"1.3.6.1.2.1.1.4\",\"equals\":\"x\"}]},\"drop\":true},"
                   "{\"name\":\"cold\",\"match\":{\"trap\":\"SNMPv2-MIB::coldStart\"},\"severity\":\"minor\"}]}");
    return json;
}

static void exchange_bundle(void)
{
    char json[4096];
    const char *directives[7] = {m.is_dedup ? "kafkaDedup 5" : "kafkaDedup off"};
    unsigned n = 1;

    if (m.has_alarm_topic && (!m.is_alarm_topic_turned || dice(2)))
        directives[n++] = "kafkaAlarmTopic alarms";
    if (dice(2))
        directives[n++] = "kafkaDeadLetterTopic dead";
    if (dice(2))
        directives[n++] = dice(2) ? "kafkaTopic a" : "kafkaTopic b";
    if (dice(2))
        directives[n++] = "kafkaProperty compression.codec none";
    if (dice(2))
        directives[n++] = "kafkaStopTimeout 0";
    directives[n] = NULL;
    world_bundle(&w, world_settings(directives), m.has_rules ? rules_with_topics(json, sizeof(json)) : NULL);
}

/* The topic of a route can't be had, or can be had again. */
static void turn_route(void)
{
    unsigned count = w.kafka.sink && w.kafka.hooks.routes ? w.kafka.hooks.routes->count : 0;

    if (count)
        fake_kafka_tell_route(&w.kafka, 1 + (unsigned)dice(count), dice(2));
}

/* The topic of a route takes nothing, or takes events again. */
static void turn_stuck(void)
{
    unsigned count = w.kafka.sink && w.kafka.hooks.routes ? w.kafka.hooks.routes->count : 0;

    if (!count)
        return;
    w.kafka.stuck ^= UINT64_C(1) << (1 + dice(count));
    for (size_t i = w.kafka.first_open; i < w.kafka.count; i++) {
        const struct fake_message *msg = &w.kafka.messages[i];

        if (msg->topic == TK_TOPIC_EVENTS && msg->ticket != TK_NO_TICKET && is_stuck(msg->route))
            m.record[number_of(msg->event_id)].was_stuck = true;
    }
}

static void trouble(void)
{
    switch (dice(15)) {
    case 13: w.kafka.alarm_answer = dice(2) ? TK_ACCEPTED : dice(2) ? TK_TOO_LARGE : TK_REFUSED; break;
    case 14: w.kafka.is_alarm_topic_stuck = dice(2); break;
    case 11:
    case 12: turn_stuck(); break;
    case 9: damage(); break;
    case 10: turn_route(); break;
    case 0: w.kafka.refuses_to_open = dice(2); break;
    case 1: exchange_bundle(); break;
    case 2: w.kafka.is_lost_at_close = dice(2); break;
    case 3: return_all(); break; /* as after a fatal error of the producer */
    case 4: fake_kafka_reach(&w.kafka, dice(2) ? TK_LOST : TK_REACHED); break;
    case 5: w.kafka.answer = dice(2) ? TK_TOO_LARGE : TK_REFUSED; break;
    case 6: w.kafka.dead_answer = dice(2) ? TK_ACCEPTED : dice(2) ? TK_TOO_LARGE : TK_REFUSED; break;
    case 7: w.kafka.health_answer = dice(2) ? TK_ACCEPTED : TK_REFUSED; break;
    default: w.kafka.room = dice(3) ? (size_t)dice(5) : SIZE_MAX; break;
    }
}

static void something_happens(void)
{
    static const tk_nsec pauses[] = {TK_MSEC, 50 * TK_MSEC, 150 * TK_MSEC, TK_SECOND, 6 * TK_SECOND, 400 * TK_SECOND};

    switch (dice(10)) {
    case 0:
    case 1:
    case 2:
    case 3:
        for (uint64_t n = dice(6); n; n--)
            arrive();
        break;
    case 4:
    case 5:
    case 6: report_some(); break;
    case 7: world_pass(&w, pauses[dice(dice(4) ? 4 : 6)]); break;
    case 8:
        if (m.may_fail)
            trouble();
        break;
    default: w.kafka.room = dice(4) ? SIZE_MAX : (size_t)dice(4); break;
    }
}

/* --- the end of a history -------------------------------------------------------------------------------------- */

static void be_well_again(void)
{
    return_all(); /* in flight there may be an event behind one that came back */
    w.kafka.refuses_to_open = w.kafka.is_lost_at_close = false;
    w.kafka.room = SIZE_MAX;
    w.kafka.answer = w.kafka.dead_answer = w.kafka.health_answer = w.kafka.alarm_answer = TK_ACCEPTED;
    w.kafka.is_alarm_topic_stuck = false;
    fake_kafka_reach(&w.kafka, TK_REACHED);
    step();
    w.kafka.is_manual = false;
}

static bool is_all_told(void)
{
    for (unsigned i = 0; i < m.count; i++)
        if (m.record[i].is_inform && !m.record[i].is_told)
            return false;
    return true;
}

/* Some topics of rules may still be stuck: the worker finds that out while others deliver, or else with its queue nearly
 * full. If this test has no more records for others, they are well again too. */
static void drain(void)
{
    be_well_again();
    for (unsigned s = 0;
         s < PATIENCE && (world_stat(&w, TK_PENDING) || world_stat(&w, TK_DERIVED_PENDING) || !is_all_told()); s++) {
        for (unsigned busy = 0; busy < 4; busy++)
            step();
        world_pass(&w, TK_SECOND);
        if (w.kafka.stuck && s % 4 == 0)
            arrive_for_main();
        if (m.count == MAX_RECORDS)
            w.kafka.stuck = 0;
    }
    HOLDS(world_stat(&w, TK_PENDING) == 0);
    HOLDS(tk_ring_used(w.ring) == 0);
    HOLDS(is_all_told());
    HOLDS(m.letters_in_flight == 0 && m.alarms_in_flight == 0);
}

/* The topic, compacted, against the events that were delivered. */
static void check_alarm_topic(void)
{
    const struct record *newest[DEVICES][ALARMS] = {{NULL}};
    char key[64];

    if (!m.has_alarm_topic) {
        HOLDS(fake_kafka_count(&w.kafka, TK_TOPIC_ALARMS) == 0);
        return;
    }
    for (const struct record *r = m.record; r < m.record + m.count; r++)
        if (is_alarm(r) && r->is_delivered)
            newest[r->device][r->content / 2] = r;
    for (unsigned device = 0; device < DEVICES; device++)
        for (unsigned alarm = 0; alarm < ALARMS; alarm++) {
            const struct record *r = newest[device][alarm];
            const struct fake_message *msg;

            (void)snprintf(key, sizeof(key), "192.0.2.%u/link/%u", device + 1, alarm + 1);
            msg = fake_kafka_standing(&w.kafka, key);
            if (!r)
                HOLDS(!msg);
            else if (has_lost_alarm(r))
                seen.alarms_lost++;
            else
                HOLDS((msg != NULL) == (r->content % 2 == 0) && (!msg || number_of(msg->event_id) == r - m.record));
            seen.standing += msg != NULL;
        }
}

/* May a record that was never published be a repeat of an earlier one? */
static bool has_first(const struct record *r)
{
    for (const struct record *first = m.record; first < r; first++)
        if (is_repeat_of(r, first) && (first->is_published || first->is_condemned) &&
            r->received - first->received < WINDOW)
            return true;
    return false;
}

/* The same content, delivered, and so short a time ago that this one can't have been news. */
static bool is_missed_repeat(const struct record *r)
{
    const struct record *newest = NULL;

    for (const struct record *first = m.record; first < r; first++)
        if (is_repeat_of(r, first) && (first->is_published || first->is_condemned))
            newest = first;
    return newest && newest->is_delivered && r->received - newest->received < WINDOW;
}

/* What was received last of an alarm is what was delivered last of it, unless a record of it was lost on the way. */
static void check_last_words(void)
{
    for (const struct record *last = m.record + m.count; last-- > m.record;) {
        const struct record *delivered = NULL;
        bool is_last = is_alarm(last), is_lost = false;

        for (const struct record *r = m.record; is_last && r < m.record + m.count; r++) {
            if (!is_same_alarm(r, last))
                continue;
            is_last = r <= last;
            is_lost |= r->is_condemned || r->is_damaged || (m.refused_bytes && !r->is_delivered);
            if (r->is_delivered)
                delivered = r;
        }
        if (!is_last || is_lost)
            continue;
        HOLDS(delivered && delivered->content == last->content);
        seen.last_words++;
    }
}

static uint64_t since(const struct tk_books *now, enum tk_stat stat)
{
    return now->value[stat] - m.before.value[stat];
}

/* Every record has one end, and the books have it under its name. */
static void compare_ends(void)
{
    struct tk_books now = tk_worker_books(w.worker);
    uint64_t delivered = 0, malformed = 0, condemned = 0, damaged = 0, dropped = 0, unseen = 0;
    uint64_t undeliverable = since(&now, TK_DROPPED_UNDELIVERABLE) + since(&now, TK_DROPPED_TOO_LARGE);

    for (unsigned i = 0; i < m.count; i++) {
        const struct record *r = &m.record[i];

        HOLDS(r->is_delivered + r->is_malformed + r->is_condemned + r->is_damaged + r->is_dropped <= 1);
        HOLDS(!m.is_dedup || !r->is_published || !is_missed_repeat(r));
        delivered += r->is_delivered;
        malformed += r->is_malformed;
        condemned += r->is_condemned;
        damaged += r->is_damaged;
        dropped += r->is_dropped;
        if (r->is_delivered || r->is_malformed || r->is_condemned || r->is_damaged || r->is_dropped)
            continue;
        unseen++; /* a repeat, or as large as others that were refused */
        HOLDS((!r->is_published && m.is_dedup && has_first(r)) || m.refused_bytes);
    }
    HOLDS(since(&now, TK_RECEIVED) == m.count + since(&now, TK_DROPPED_QUEUE_FULL));
    HOLDS(since(&now, TK_PUBLISHED) == delivered);
    HOLDS(since(&now, TK_DROPPED_MALFORMED) == malformed);
    HOLDS(since(&now, TK_DROPPED_DAMAGED) == damaged);
    HOLDS(since(&now, TK_SUPPRESSED_RULE) == dropped);
    HOLDS(undeliverable >= condemned);
    HOLDS(since(&now, TK_SUPPRESSED_DUPLICATE) + undeliverable == condemned + unseen);
    HOLDS(m.is_dedup || since(&now, TK_SUPPRESSED_DUPLICATE) == 0);
    seen.suppressed += since(&now, TK_SUPPRESSED_DUPLICATE);
    seen.dropped += dropped;
    seen.kept += since(&now, TK_UNDELIVERABLE_KEPT);
    seen.by_size += undeliverable - condemned;
}

/* --- histories ------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/tk-model-XXXXXX";

static void path_of(char *path, size_t bytes, const char *suffix)
{
    (void)snprintf(path, bytes, "%s/queue%s", folder, suffix);
}

static void open_world(void)
{
    struct tk_err err = {0};
    char path[64];

    m.world_seed = m.seed;
    m.has_file = dice(2);
    path_of(path, sizeof(path), "");
    world_open(&w, m.has_file ? tk_ring_open(path, TK_RING_MIN_BYTES, &err) : tk_ring_new(TK_RING_MIN_BYTES), NULL);
    w.kafka.on_publish = on_publish;
    w.kafka.on_report = on_report;
    w.kafka.on_refused = on_refused;
    w.kafka.on_give_up = on_give_up;
    w.kafka.view.brokers_up = 1;
}

static void close_world(void)
{
    static const char *const suffixes[] = {"", ".undeliverable", ".undeliverable.1"};
    char path[64];

    seen.full += w.kafka.full_answers;
    world_done(&w);
    for (size_t i = 0; m.has_file && i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        path_of(path, sizeof(path), suffixes[i]);
        (void)unlink(path);
    }
}

static void begin_history(uint64_t seed)
{
    const uint64_t world_seed = m.world_seed;
    const bool has_file = m.has_file;

    memset(&m, 0, offsetof(__typeof__(m), record));
    m.alone = m.letters_in_flight = m.alarms_in_flight = m.newest_published = 0;
    memset(m.told_alarm, 0, sizeof(m.told_alarm));
    memset(m.last_delivered, 0, sizeof(m.last_delivered));
    memset(m.answered, 0, sizeof(m.answered));
    memset(m.came_back, 0, sizeof(m.came_back));
    m.refused_bytes = 0;
    m.has_file = has_file;
    m.world_seed = world_seed;
    m.seed = m.random = seed;
}

static void run_history(void)
{
    unsigned steps;

    m.may_fail = dice(5) != 0;
    m.is_partitioned = dice(2);
    m.is_dedup = dice(2);
    m.has_rules = dice(2);
    m.has_alarm_topic = dice(3) != 0;
    m.is_alarm_topic_turned = dice(4) == 0;
    w.kafka.away = w.kafka.stuck = 0;
    w.kafka.wants_probes = dice(2);
    m.scale = dice(32) ? 1 : 18;
    m.has_stuck_letters = m.scale > 1 || dice(8) == 0;
    m.first_seq = tk_ring_next_seq(w.ring);
    world_pass(&w, 2 * BELIEVED); /* nothing is a repeat of an earlier history, and no size is believed */
    exchange_bundle();
    (void)world_step(&w);
    w.kafka.is_manual = true;
    m.is_memory_short = m.may_fail && dice(4) == 0;
    steps = m.scale > 1 ? 4 * MAX_STEPS : 10 + (unsigned)dice(MAX_STEPS);
    m.before = tk_worker_books(w.worker);
    for (m.step = 0; m.step < steps; m.step++) {
        something_happens();
        for (uint64_t n = dice(3); n; n--)
            step();
    }
    m.is_memory_short = false;
    drain();
    compare_ends();
    if (m.is_dedup)
        check_last_words();
    if (!m.is_alarm_topic_turned &&
        world_stat(&w, TK_DERIVED_DROPPED_TOPIC_LOST) == m.before.value[TK_DERIVED_DROPPED_TOPIC_LOST])
        check_alarm_topic();
    fake_kafka_clear(&w.kafka);
}

/* The worker stops in the middle: what it leaves in the ring is pending, and nothing ended twice. */
static void stop_in_the_middle(void)
{
    struct tk_books books;

    m.first_seq = tk_ring_next_seq(w.ring);
    m.may_fail = true;
    m.scale = 1;
    world_pass(&w, 2 * BELIEVED);
    w.kafka.is_manual = true;
    exchange_bundle();
    for (m.step = 0; m.step < 20; m.step++) {
        something_happens();
        step();
    }
    tk_worker_finish(w.worker, w.now, w.now.mono + TK_SECOND);
    take_replies();
    books = tk_worker_books(w.worker);
    HOLDS(tk_books_balance(&books));
}

/* A history needs those before it on its worker. */
static void say_where(int signal)
{
    (void)signal;
    print_error("TK_MODEL_SEED=%llu TK_MODEL_HISTORIES=%llu repeats it: history %llu, step %u\n",
                (unsigned long long)m.world_seed, (unsigned long long)(m.seed - m.world_seed + 1),
                (unsigned long long)m.seed, m.step);
}

static int begin_model(void **state)
{
    (void)state;
    is_under_way = true;
    return signal(SIGABRT, say_where) == SIG_ERR ? -1 : 0; /* an assert of the worker; the process then ends */
}

static int end_model(void **state)
{
    (void)state;
    if (is_under_way) /* a check has failed, also one of the fixtures */
        say_where(0);
    return 0;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void test_random_histories(void **state)
{
    const uint64_t histories = number("TK_MODEL_HISTORIES", HISTORIES), seed = number("TK_MODEL_SEED", 1);

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (uint64_t i = 0; i < histories; i++) {
        begin_history(seed + i);
        if (i % A_WORLD == 0)
            open_world();
        run_history();
        if (i % A_WORLD == A_WORLD - 1 || i + 1 == histories) {
            begin_history(seed + i);
            stop_in_the_middle();
            close_world();
        }
    }
    is_under_way = false;
    (void)rmdir(folder);
    print_message(
        "%llu histories: %llu events delivered, %llu repeats, %llu condemned, %llu of these by their size alone, "
        "%llu dead letters delivered, %llu kept, %llu INFORMs told, %llu came back, %llu times full\n",
        (unsigned long long)histories, (unsigned long long)seen.delivered, (unsigned long long)seen.suppressed,
        (unsigned long long)seen.condemned, (unsigned long long)seen.by_size, (unsigned long long)seen.letters,
        (unsigned long long)seen.kept, (unsigned long long)seen.told, (unsigned long long)seen.sent_again,
        (unsigned long long)seen.full);
    if (histories >= 1000) { /* or these histories show nothing */
        assert_in_range(seen.condemned, histories / 4, UINT64_MAX);
        assert_in_range(seen.by_size, histories / 100, UINT64_MAX);
        assert_in_range(seen.letters, histories / 10, UINT64_MAX);
        assert_in_range(seen.kept, histories / 10, UINT64_MAX);
        assert_in_range(seen.told, histories, UINT64_MAX);
        assert_in_range(seen.suppressed, histories / 2, UINT64_MAX);
        assert_in_range(seen.full, histories, UINT64_MAX);
        assert_in_range(seen.out_of_memory, histories / 10, UINT64_MAX);
        assert_in_range(seen.last_words, histories, UINT64_MAX);
        assert_in_range(seen.routed, histories, UINT64_MAX);
        assert_in_range(seen.rerouted, histories / 10, UINT64_MAX);
        assert_in_range(seen.dropped, histories / 2, UINT64_MAX);
        assert_in_range(seen.given_up, histories / 50, UINT64_MAX);
        assert_in_range(seen.probes, histories / 10, UINT64_MAX);
        assert_in_range(seen.alarms, histories, UINT64_MAX);
        assert_in_range(seen.tombstones, histories, UINT64_MAX);
        assert_in_range(seen.standing, histories, UINT64_MAX);
        assert_in_range(seen.alarms_lost, histories / 20, UINT64_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_histories, begin_model, end_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
