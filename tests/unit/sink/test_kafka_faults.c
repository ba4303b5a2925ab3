/* SPDX-License-Identifier: Apache-2.0 */
/* The Kafka sink when brokers fail, refuse or freeze: in each case exactly one report for a ticket. */
#include "kafka_fixture.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <syslog.h>

static void passing_errors_are_invisible(void **state)
{
    struct fixture *f = *state;

    fixture_property(f, "retry.backoff.ms", "10");
    fixture_open(f);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 6, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                      RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    fixture_publish(f, 0, 200);
    fixture_await(f, 200);
    assert_int_equal(f->count[TK_DELIVERED], 200);
    fixture_once_each(f, 0, 200);
    fixture_expect_order(f, 200);
}

/* A broker takes the first request of a producer that it has nothing of, whatever its sequence number. So if a request is
 * refused and one behind it is not, librdkafka takes the refused one for delivered too. Here each request holds one message,
 * and some are refused: all messages have to be there, in order. */
static void refused_request_is_not_delivered_by_a_later_one(void **state)
{
    static const rd_kafka_resp_err_t codes[] = {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                                                RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                                RD_KAFKA_RESP_ERR__TRANSPORT /* the connection ends */};
    static const bool is_refused[][3] = {{true, false, false}, {false, true, false}, {true, false, true}};
    struct fixture *f = *state;
    unsigned next = 0;

    fixture_property(f, "batch.num.messages", "1");
    fixture_property(f, "retry.backoff.ms", "10");
    fixture_property(f, "reconnect.backoff.max.ms", "100");
    fixture_property(f, "topic.metadata.refresh.fast.interval.ms", "10");
    fixture_open(f);
    assert_int_equal(rd_kafka_mock_broker_set_rtt(f->cluster, 1, 20),
                     0); /* so that several are on the wire, if they may be */
    for (size_t c = 0; c < sizeof(codes) / sizeof(codes[0]); c++)
        for (size_t i = 0; i < sizeof(is_refused) / sizeof(is_refused[0]); i++) {
            rd_kafka_resp_err_t answers[3];

            for (size_t n = 0; n < 3; n++)
                answers[n] = is_refused[i][n] ? codes[c] : RD_KAFKA_RESP_ERR_NO_ERROR;
            rd_kafka_mock_push_request_errors_array(f->cluster, PRODUCE_KEY, 3, answers);
            fixture_publish(f, next, next + 6);
            next += 6;
            fixture_await(f, next);
        }
    assert_int_equal(f->count[TK_DELIVERED], next);
    fixture_once_each(f, 0, next);
    fixture_expect_order(f, next);
}

/* One batch is refused while others are in flight and more wait: the producer is replaced, all tickets are reported.
 * */
static void refused_batch_is_condemned(void **state)
{
    struct fixture *f = *state;

    fixture_property(f, "batch.num.messages", "5");
    fixture_property(f, "linger.ms", "100");
    fixture_open(f);
    fixture_publish(f, 100, 101); /* makes the producer connect to its broker */
    fixture_await(f, 1);
    assert_int_equal(rd_kafka_mock_broker_set_rtt(f->cluster, 1, 200), 0);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    fixture_publish(f, 0, 60);
    fixture_await(f, 61);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 0);
    fixture_once_each(f, 0, 60);
    assert_int_equal(f->count[TK_CONDEMNED], 5); /* its batch */
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(f->fate[i], TK_CONDEMNED);
    assert_true(f->count[TK_SEND_AGAIN] >= 5); /* what waited behind the request in flight */
    assert_int_equal(rd_kafka_mock_broker_set_rtt(f->cluster, 1, 0), 0);
    fixture_insist(f, 101); /* the new producer works */
    assert_int_equal(fixture_lines(f, "had a fatal error"), 1);
    assert_int_equal(fixture_lines(f, "librdkafka"), 0);
}

/* As a worker does it: condemned messages are sent again alone, and only the bad one is refused again. */
static void sent_alone_shows_the_one(void **state)
{
    struct fixture *f = *state;
    unsigned condemned;

    fixture_open(f);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 2, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                                      RD_KAFKA_RESP_ERR_INVALID_RECORD);
    fixture_publish(f, 0, 3);
    fixture_await(f, 3);
    condemned = f->count[TK_CONDEMNED];
    assert_true(condemned >= 1);
    assert_non_null(strstr(f->reason, "Broker:"));
    while (fixture_publish_to(f, TK_TOPIC_EVENTS, 3, 0) != TK_ACCEPTED)
        fixture_turn(f);
    fixture_await(f, 4);
    assert_int_equal(f->fate[3], TK_CONDEMNED);
    fixture_insist(f, 4);
    fixture_insist(f, 5);
    fixture_once_each(f, 0, 6);
}

static void outage_holds_and_recovers(void **state)
{
    struct fixture *f = *state;

    fixture_property(f, "reconnect.backoff.max.ms", "200");
    fixture_open(f);
    fixture_publish(f, 0, 100);
    fixture_await(f, 100);
    assert_int_equal(rd_kafka_mock_broker_set_down(f->cluster, 1), 0);
    fixture_publish(f, 100, 600);
    fixture_await_line(f, "holding events in the queue");
    assert_int_equal(fixture_total(f), 100);
    assert_int_equal(f->sink->ops->in_flight(f->sink), 500);
    assert_int_equal(fixture_lines(f, "holding events in the queue"), 1);
    assert_int_equal(rd_kafka_mock_broker_set_up(f->cluster, 1), 0);
    fixture_publish(f, 600, 700);
    fixture_await(f, 700);
    assert_int_equal(f->count[TK_DELIVERED], 700);
    fixture_once_each(f, 0, 700);
    fixture_expect_order(f, 700);
    assert_int_equal(fixture_lines(f, "holding events in the queue"), 1);
    assert_int_equal(fixture_lines(f, "Kafka acknowledges events again"), 1);
    assert_int_equal(f->lost, 1);
    fixture_turn(f);
    assert_int_equal(f->reached, 1);
    assert_true(f->lines <= 8);
}

/* Below each time-out of librdkafka's own, of which the shortest (api.version.request.timeout.ms) is 10 s: a close that
 * waits for one of them, or for the broker, takes longer. */
#define LATE (8 * TK_SECOND)

static void close_while_down_keeps_its_deadline(void **state)
{
    struct fixture *f = *state;
    tk_nsec took;

    fixture_open(f);
    fixture_publish(f, 0, 1);
    fixture_await(f, 1);
    assert_int_equal(rd_kafka_mock_broker_set_down(f->cluster, 1), 0);
    fixture_publish(f, 1, 500);
    took = fixture_close(f, 300 * TK_MSEC);
    print_message("close took %.3f s with the broker down, 0.3 s allowed\n", (double)took / 1e9);
    assert_true(took < LATE); /* the broker never comes back */
    assert_int_equal(f->count[TK_SEND_AGAIN], 499);
    fixture_once_each(f, 0, 500);
}

static void close_on_slow_broker_keeps_its_deadline(void **state)
{
    struct fixture *f = *state;
    tk_nsec took;

    fixture_open(f);
    fixture_publish(f, 0, 1);
    fixture_await(f, 1);
    assert_int_equal(rd_kafka_mock_broker_set_rtt(f->cluster, 1, 2 * PATIENCE / TK_MSEC), 0);
    fixture_publish(f, 1, 100);
    fixture_turn_for(f, 50 * TK_MSEC); /* on the wire */
    took = fixture_close(f, 200 * TK_MSEC);
    print_message("close took %.3f s with requests unanswered, 0.2 s allowed\n", (double)took / 1e9);
    assert_true(took < LATE); /* the answers come later */
    assert_int_equal(f->count[TK_SEND_AGAIN], 99);
    fixture_once_each(f, 0, 100);
}

/* A broker that accepts connections and never answers, like a stopped process. */
static void close_on_frozen_broker_keeps_its_deadline(void **state)
{
    struct fixture *f = *state;
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(sin);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char address[32];
    tk_nsec took;

    assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
    (void)snprintf(address, sizeof(address), "127.0.0.1:%u", ntohs(sin.sin_port));
    fixture_open_at(f, address);
    fixture_publish(f, 0, 100);
    fixture_turn_for(f, 100 * TK_MSEC);
    took = fixture_close(f, 200 * TK_MSEC);
    print_message("close took %.3f s with a frozen broker, 0.2 s allowed\n", (double)took / 1e9);
    assert_true(took < LATE); /* the broker never says a word */
    assert_int_equal(f->count[TK_SEND_AGAIN], 100);
    fixture_once_each(f, 0, 100);
    (void)close(fd);
}

static void missing_topic_names_the_command(void **state)
{
    struct fixture *f = *state;
    tk_nsec until = tk_clock_mono() + PATIENCE;

    fixture_property(f, "topic.metadata.propagation.max.ms", "100");
    rd_kafka_mock_topic_set_error(f->cluster, "t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    fixture_open(f);
    while (fixture_lines(f, "does not exist") == 0 && tk_clock_mono() < until) {
        if (f->sink->ops->in_flight(f->sink) == 0)
            (void)fixture_publish_to(f, TK_TOPIC_EVENTS, 0, 0);
        fixture_turn(f);
    }
    assert_int_equal(f->count[TK_DELIVERED], 0);
    assert_int_equal(fixture_lines(f, "kafka-topics.sh --bootstrap-server 127.0.0.1:"), 1);
    assert_int_equal(fixture_lines(f, " --create --topic t --partitions 3 --replication-factor "), 1);
    for (unsigned i = 0; i < f->lines; i++)
        if (strstr(f->line[i], "does not exist"))
            assert_int_equal(f->priority[i], LOG_ERR);
    rd_kafka_mock_topic_set_error(f->cluster, "t", RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(f->lost, 1);
    fixture_insist(f, 1);
    assert_int_equal(fixture_lines(f, "does not exist"), 1);
    assert_int_equal(fixture_lines(f, "Kafka acknowledges events again"), 1);
    fixture_turn(f);
    assert_int_equal(f->reached, 1);
}

/* The permission to write is withdrawn while events flow: the produce request itself is refused. */
static void forbidden_request_is_sent_again(void **state)
{
    struct fixture *f = *state;

    fixture_open(f);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    fixture_publish(f, 0, 10);
    fixture_await(f, 10);
    assert_int_equal(f->count[TK_CONDEMNED], 0);
    assert_true(f->count[TK_SEND_AGAIN] >= 1);
    assert_int_equal(fixture_lines(f, "kafka-acls.sh"), 1);
    fixture_insist(f, 10);
    fixture_once_each(f, 0, 10);
}

static void forbidden_producer_backs_off(void **state)
{
    struct fixture *f = *state;

    rd_kafka_mock_push_request_errors(f->cluster, INIT_ID_KEY, 3, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    fixture_property(f, "reconnect.backoff.max.ms", "100");
    assert_int_equal(rd_kafka_mock_broker_set_down(f->cluster, 1), 0); /* or a slow test publishes to a dead producer */
    fixture_open(f);
    fixture_publish(f, 0, 10);
    assert_int_equal(rd_kafka_mock_broker_set_up(f->cluster, 1), 0);
    fixture_await(f, 10);
    assert_int_equal(f->count[TK_SEND_AGAIN], 10);
    fixture_insist(f, 10);
    assert_int_equal(fixture_lines(f, "IdempotentWrite"), 1); /* three fatal errors; two lines held back */
    fixture_once_each(f, 0, 10);
    fixture_turn(f);
    assert_int_equal(f->lost, 1); /* once for all three: the state outlives producers */
    assert_int_equal(f->reached, 1);
}

static void close_during_replacement(void **state)
{
    struct fixture *f = *state;

    rd_kafka_mock_push_request_errors(f->cluster, INIT_ID_KEY, 1, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    fixture_open(f);
    fixture_await_line(f, "had a fatal error");
    assert_true(fixture_close(f, PATIENCE) < PATIENCE / 2); /* it does not wait for its deadline */
}

/* librdkafka itself retries requests that time out, however often: no event comes back. */
static void timeouts_throw_nothing_away(void **state)
{
    struct fixture *f = *state;

    fixture_property(f, "socket.timeout.ms", "1000"); /* less than the brokers take to answer */
    fixture_property(f, "request.timeout.ms", "1");
    fixture_property(f, "retry.backoff.ms", "10");
    fixture_property(f, "socket.max.fails", "1");
    fixture_open(f);
    fixture_publish(f, 0, 1);
    fixture_await(f, 1);
    assert_int_equal(rd_kafka_mock_broker_set_rtt(f->cluster, 1, 1500), 0);
    fixture_publish(f, 1, 50);
    fixture_turn_for(f, 4 * TK_SECOND);
    assert_int_equal(f->count[TK_SEND_AGAIN] + f->count[TK_CONDEMNED], 0);
    assert_int_equal(rd_kafka_mock_broker_set_rtt(f->cluster, 1, 0), 0);
    fixture_await(f, 50);
    assert_int_equal(f->count[TK_DELIVERED], 50);
    fixture_once_each(f, 0, 50);
}

static void deleted_topic_is_waited_for(void **state)
{
    struct fixture *f = *state;
    tk_nsec until = tk_clock_mono() + PATIENCE;
    enum tk_publish res = TK_ACCEPTED;
    unsigned next = 1;

    fixture_property(f, "topic.metadata.propagation.max.ms", "100");
    fixture_property(f, "topic.metadata.refresh.interval.ms", "100");
    fixture_open(f);
    fixture_publish(f, 0, 1);
    fixture_await(f, 1);
    rd_kafka_mock_topic_set_error(f->cluster, "t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    /* The message comes back or is not accepted. Until librdkafka has noticed the deletion, it is delivered. */
    while (f->count[TK_SEND_AGAIN] == 0 && res == TK_ACCEPTED && tk_clock_mono() < until) {
        if (f->sink->ops->in_flight(f->sink) == 0 && next < MAX_TICKETS)
            res = fixture_publish_to(f, TK_TOPIC_EVENTS, next++, 0);
        fixture_turn(f);
    }
    assert_true(f->count[TK_SEND_AGAIN] >= 1 || res == TK_FULL);
    assert_int_equal(f->count[TK_CONDEMNED], 0);
    rd_kafka_mock_topic_set_error(f->cluster, "t", RD_KAFKA_RESP_ERR_NO_ERROR);
    fixture_insist(f, 0);
}

struct stamps {
    int64_t lowest, highest; /* milliseconds */
};

static void note_stamp(void *arg, const rd_kafka_message_t *m)
{
    rd_kafka_timestamp_type_t type;
    int64_t stamp = rd_kafka_message_timestamp(m, &type);
    struct stamps *all = arg;

    if (!all->lowest || stamp < all->lowest)
        all->lowest = stamp;
    if (stamp > all->highest)
        all->highest = stamp;
}

/* What the fixture publishes is years old. It is the timestamp that is refused: the event is sent again with another one,
 * and later events get theirs at once. */
static void refused_timestamp_is_renewed(void **state)
{
    struct fixture *f = *state;
    int64_t begin = tk_clock_now().wall / TK_MSEC;
    struct stamps stamps = {0};

    fixture_open(f);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    fixture_publish(f, 0, 10);
    fixture_await(f, 10);
    assert_int_equal(f->count[TK_SEND_AGAIN], 10);
    for (unsigned i = 10; i < 20; i++)
        fixture_insist(f, i);
    assert_int_equal(f->count[TK_CONDEMNED], 0);
    assert_int_equal(f->count[TK_SEND_AGAIN], 10);
    fixture_consume(f, "t", 1, 10, note_stamp, &stamps);
    assert_true(stamps.lowest >= begin);
    assert_true(stamps.highest <= tk_clock_now().wall / TK_MSEC);
    assert_int_equal(fixture_lines(f, "published again with the moment of sending"), 1);
    assert_int_equal(fixture_lines(f, "message.timestamp.before.max.ms"), 1);
    assert_int_equal(f->lost, 0);
}

/* Refused even so, however long: a clock is wrong. That is said, events are held, and none is condemned. */
static void wrong_clock_holds(void **state)
{
    struct fixture *f = *state;
    tk_nsec until = tk_clock_mono() + PATIENCE;

    fixture_open(f);
    for (int i = 0; i < 6; i++)
        rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
    for (unsigned i = 0; f->count[TK_DELIVERED] == 0 && tk_clock_mono() < until;) {
        if (f->sink->ops->in_flight(f->sink) == 0 && fixture_publish_to(f, TK_TOPIC_EVENTS, i, i) == TK_ACCEPTED)
            i++;
        fixture_turn(f);
    }
    assert_int_equal(f->count[TK_DELIVERED], 1);
    assert_int_equal(f->count[TK_CONDEMNED], 0);
    assert_int_equal(f->count[TK_SEND_AGAIN], 6);
    assert_int_equal(fixture_lines(f, "the clock of this machine or of a broker is wrong"),
                     1); /* others are held back */
    assert_int_equal(f->lost, 1);
    for (unsigned i = 0; i < f->lines; i++)
        if (strstr(f->line[i], "is wrong") || strstr(f->line[i], "acknowledges events again"))
            assert_int_equal(f->priority[i], LOG_ERR);
    assert_int_equal(fixture_lines(f, "acknowledges events again"), 1);
}

/* Neither holds a dead letter up, whose topic refuses it though it is sent just now. */
static void refused_timestamp_of_a_dead_letter(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "dead", 1, 1), 0);
    f->cf.dead_letter_topic = (char *)(uintptr_t) "dead";
    fixture_open(f);
    for (unsigned i = 0; i < 2; i++) {
        rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
        while (fixture_publish_to(f, TK_TOPIC_DEAD_LETTERS, i, 0) != TK_ACCEPTED)
            fixture_turn(f);
        fixture_await(f, i + 1);
    }
    assert_int_equal(f->fate[0], TK_SEND_AGAIN);
    assert_int_equal(f->fate[1], TK_CONDEMNED);
    fixture_insist(f, 2);
    assert_int_equal(f->lost, 0);
}

/* An error that only an operator can end names what to write. */
static void refused_form_names_its_remedy(void **state)
{
    static const struct {
        rd_kafka_resp_err_t code;
        const char *remedy;
    } t[] = {{RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, "kafkaProperty compression.codec"},
             {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, "kafkaHeaders none"}};
    struct fixture *f = *state;

    fixture_open(f);
    for (unsigned i = 0; i < 2; i++) {
        rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, t[i].code);
        fixture_insist(f, i);
        assert_int_equal(fixture_lines(f, t[i].remedy), 1);
        assert_int_equal(fixture_lines(f, "acknowledges events again"), i + 1);
    }
    assert_int_equal(f->count[TK_CONDEMNED], 0);
}

/* Brokers that were just started have no producer ID to give yet. That is no warning, and the cause if it goes on. */
static void brokers_that_are_not_ready_are_no_warning(void **state)
{
    struct fixture *f = *state;

    rd_kafka_mock_push_request_errors(f->cluster, INIT_ID_KEY, 2, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS);
    fixture_open(f);
    fixture_publish(f, 0, 10);
    fixture_await(f, 10);
    assert_int_equal(f->count[TK_DELIVERED], 10);
    assert_true(fixture_lines(f, "Failed to acquire idempotence PID") >= 1);
    for (unsigned i = 0; i < f->lines; i++)
        assert_true(f->priority[i] >= LOG_NOTICE);
}

/* If a topic refuses health records permanently, that is logged once, and no further producer is lost by it. */
static void refused_health_is_held_back(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "h", 1, 1), 0);
    f->cf.health_topic = (char *)(uintptr_t) "h";
    fixture_open(f);
    fixture_publish(f, 0, 1);
    fixture_await(f, 1);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_POLICY_VIOLATION);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_HEALTH, TK_NO_TICKET, 0), TK_ACCEPTED);
    fixture_await_line(f, "refuses health records permanently");
    assert_int_equal(fixture_lines(f, "kafkaHealthTopic"), 1);
    fixture_insist(f, 1);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_HEALTH, TK_NO_TICKET, 0), TK_FULL);
    assert_int_equal(f->lost, 0);
    fixture_once_each(f, 0, 2);
}

/* A dead letter that its topic refuses does not wait, because it would block events. */
static void forbidden_dead_letter_is_condemned(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(rd_kafka_mock_topic_create(f->cluster, "dead", 1, 1), 0);
    f->cf.dead_letter_topic = (char *)(uintptr_t) "dead";
    fixture_open(f);
    fixture_publish(f, 0, 1);
    fixture_await(f, 1);
    rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    assert_int_equal(fixture_publish_to(f, TK_TOPIC_DEAD_LETTERS, 1, 0), TK_ACCEPTED);
    fixture_await(f, 2);
    assert_int_equal(f->fate[1], TK_CONDEMNED);
    assert_int_equal(fixture_lines(f, "--topic dead; until then"), 1);
    fixture_insist(f, 2);
    fixture_turn(f);
    assert_int_equal(f->lost, 0);
}

/* One event in a hundred is refused for its size. As a worker does, a condemned event is sent again alone, and
 * dropped when it is condemned again. So each costs two refusals: of its batch, and of it alone. */
static void one_in_a_hundred_refused_keeps_flowing(void **state)
{
    const unsigned all = 5000;
    struct fixture *f = *state;
    tk_nsec start, until;
    unsigned next = 0, alone = 0, given_up = 0, total;

    fixture_property(f, "linger.ms", "0");
    fixture_open(f);
    fixture_publish(f, all, all + 1); /* makes the producer connect to its broker */
    fixture_await(f, 1);
    start = tk_clock_mono();
    until = start + 5 * PATIENCE;
    while (next < all && tk_clock_mono() < until) {
        unsigned end = next + 100;

        /* The bad one is first in its batch, and alone, so that the mock cluster is sure to refuse it. */
        for (int time = 0; time < 2; time++) {
            rd_kafka_mock_push_request_errors(f->cluster, PRODUCE_KEY, 1, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
            total = fixture_total(f);
            while (fixture_publish_to(f, TK_TOPIC_EVENTS, next, next) != TK_ACCEPTED && tk_clock_mono() < until)
                fixture_turn(f);
            fixture_await(f, total + 1);
            assert_int_equal(f->fate[next], TK_CONDEMNED);
            alone++;
        }
        given_up++;
        total = fixture_total(f);
        for (unsigned i = next + 1; i < end && tk_clock_mono() < until;)
            if (fixture_publish_to(f, TK_TOPIC_EVENTS, i, i) == TK_ACCEPTED)
                i++;
            else
                fixture_turn(f);
        fixture_await(f, total + 99);
        next = end;
    }
    assert_int_equal(given_up, all / 100);
    assert_int_equal(f->count[TK_DELIVERED], all / 100 * 99 + 1);
    print_message("1 %% condemned, %u producers replaced: %.0f events/s\n", alone,
                  all / ((double)(tk_clock_mono() - start) / 1e9));
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(passing_errors_are_invisible),
        WITH_FIXTURE(refused_request_is_not_delivered_by_a_later_one),
        WITH_FIXTURE(refused_batch_is_condemned),
        WITH_FIXTURE(sent_alone_shows_the_one),
        WITH_FIXTURE(outage_holds_and_recovers),
        WITH_FIXTURE(close_while_down_keeps_its_deadline),
        WITH_FIXTURE(close_on_slow_broker_keeps_its_deadline),
        WITH_FIXTURE(close_on_frozen_broker_keeps_its_deadline),
        WITH_FIXTURE(missing_topic_names_the_command),
        WITH_FIXTURE(forbidden_request_is_sent_again),
        WITH_FIXTURE(forbidden_producer_backs_off),
        WITH_FIXTURE(close_during_replacement),
        WITH_FIXTURE(timeouts_throw_nothing_away),
        WITH_FIXTURE(deleted_topic_is_waited_for),
        WITH_FIXTURE(refused_timestamp_is_renewed),
        WITH_FIXTURE(wrong_clock_holds),
        WITH_FIXTURE(refused_timestamp_of_a_dead_letter),
        WITH_FIXTURE(refused_form_names_its_remedy),
        WITH_FIXTURE(brokers_that_are_not_ready_are_no_warning),
        WITH_FIXTURE(refused_health_is_held_back),
        WITH_FIXTURE(forbidden_dead_letter_is_condemned),
        WITH_FIXTURE(one_in_a_hundred_refused_keeps_flowing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
