/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trapstorm: send many SNMP notifications over UDP at a steady rate, or as fast as the kernel accepts them.
 * Each has its sequence number as a varbind (1.3.6.1.4.1.32473.1.1.0), so that the receiver knows which ones arrived.
 * README.md in this folder has examples; --help lists the options.
 */
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "storm_inform.h"
#include "storm_msg.h"
#include "storm_send.h"
#include "storm_senders.h"
#include "storm_users.h"

#define SEQUENCES_MAX 0x7fffffffu /* request IDs are the low 31 bits of the sequence number */

struct options {
    struct sockaddr_storage to;
    socklen_t to_len;
    uint64_t count;
    unsigned engines;
    unsigned engine_base;
    unsigned ahead_mib;
    unsigned queue_max;
    unsigned retries;
    unsigned wait_ms;
    unsigned senders; /* 0: one socket sends all, and INFORMs are retried in rounds */
    unsigned timeout_ms;
    bool has_backoff;
    const char *answered_file;
    bool as_json;
    bool only_users;
    struct storm_identity who;
    enum storm_lines lines;
    struct storm_shape shape;
};

static const char usage[] =
    "trapstorm --to HOST:PORT [OPTION VALUE]...\n"
    "  --to HOST:PORT       where to; [HOST]:PORT for IPv6\n"
    "  --count N            messages (1)\n"
    "  --rate R             messages per second; 0: as fast as possible (0)\n"
    "  --version 1|2c|3     (2c)\n"
    "  --inform yes|no      INFORMs instead of traps (no); the replies are counted\n"
    "  --retries N          INFORMs: how often to send an INFORM without a reply again (0)\n"
    "  --wait MS            INFORMs: how long to wait for replies after each round (5000)\n"
    "  --senders K          INFORMs: K devices (127.1.0.1, ...), each with one INFORM in flight, up to 10000 (0: off)\n"
    "  --timeout MS         with --senders: how long to wait for a reply before each of the --retries (1000)\n"
    "  --backoff yes|no     with --senders: each time-out is twice the previous one (yes)\n"
    "  --answered-file FILE INFORMs: write the numbers that have a reply to FILE, one per line, at the end\n"
    "  --community TEXT     (public)\n"
    "  --varbinds N         without sysUpTime and snmpTrapOID; the last is the sequence number (6)\n"
    "  --distinct yes|no    no: all have the same varbinds and uptime; request IDs still differ (yes)\n"
    "  --first N            the first sequence number (1)\n"
    "  --trap OID           (1.3.6.1.6.3.1.1.5.3, linkDown)\n"
    "  --interfaces N       ifIndex is 1 to N (64)\n"
    "  --sources K          from 127.0.0.1 to 127.0.0.K in turn, K up to 65000 (1)\n"
    "  --queue-max BYTES    wait while more than that waits in the receiver's socket, on this machine; 0: never (0)\n"
    "  --ahead MIB          memory for messages that are encoded before the start (1024)\n"
    "  --json yes|no        print the result as JSON (no)\n"
    "SNMPv3:\n"
    "  --engines E          senders' engines in turn (1); --engine-base N numbers the first (1)\n"
    "  --user NAME          (storm)\n"
    "  --level noAuthNoPriv|authNoPriv|authPriv   (authPriv)\n"
    "  --auth MD5|SHA|SHA-224|SHA-256|SHA-384|SHA-512   (SHA)    --auth-pass TEXT   (stormauthpass)\n"
    "  --priv AES|AES-192|AES-256   (AES)    --priv-pass TEXT   (stormprivpass)\n"
    "  --boots N --engine-time SECONDS   (from the time of day, so that they never go back)\n"
    "  --print-users yes    print the createUser lines that a receiver of these traps needs, and exit\n"
    "  --users explicit|any a line with -e and its keys for each engine; or one line without -e (explicit)\n"
    "  --forge engines|users|digest   messages with a wrong digest, which no receiver accepts; engines, users: with\n"
    "                       another invented engine or user in each message; --seed N: which are invented (1)\n";

static void on_signal(int number)
{
    if (number == SIGUSR1)
        storm_is_ending = 1;
    else
        storm_is_stopped = 1;
}

static void fail(const char *option, const char *value, const char *why)
{
    (void)fprintf(stderr, "trapstorm: --%s '%s': %s\n", option, value, why);
    exit(2);
}

static uint64_t number(const char *option, const char *value, uint64_t min, uint64_t max)
{
    char *end, why[96];
    unsigned long long n;

    errno = 0;
    n = strtoull(value, &end, 10);
    if (errno || *end || end == value || *value == '-' || n < min || n > max) {
        (void)snprintf(why, sizeof(why), "write a whole number from %llu to %llu", (unsigned long long)min,
                       (unsigned long long)max);
        fail(option, value, why);
    }
    return n;
}

static bool yes_or_no(const char *option, const char *value)
{
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        fail(option, value, "write yes or no");
    return strcmp(value, "yes") == 0;
}

static void parse_to(struct options *o, const char *value)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    const char *colon = strrchr(value, ':');
    struct addrinfo *found;
    char host[256];
    size_t len = colon ? (size_t)(colon - value) : 0;

    if (!colon || len == 0 || len >= sizeof(host))
        fail("to", value, "write HOST:PORT, for example 127.0.0.1:1162");
    memcpy(host, value, len);
    host[len] = '\0';
    if (host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        memmove(host, host + 1, len - 1);
    }
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        fail("to", value, "no such host or port");
    memcpy(&o->to, found->ai_addr, found->ai_addrlen);
    o->to_len = found->ai_addrlen;
    freeaddrinfo(found);
}

static void parse_level(struct options *o, const char *value)
{
    o->who.level = strcasecmp(value, "noAuthNoPriv") == 0 ? STORM_NOAUTH
                   : strcasecmp(value, "authNoPriv") == 0 ? STORM_AUTH
                                                          : STORM_AUTHPRIV;
    if (o->who.level == STORM_AUTHPRIV && strcasecmp(value, "authPriv") != 0)
        fail("level", value, "write noAuthNoPriv, authNoPriv or authPriv");
}

static void parse_version(struct options *o, const char *value)
{
    o->shape.version = strcmp(value, "1") == 0 ? STORM_V1 : strcmp(value, "3") == 0 ? STORM_V3 : STORM_V2C;
    if (o->shape.version == STORM_V2C && strcmp(value, "2c") != 0)
        fail("version", value, "write 1, 2c or 3");
}

static void parse_forge(struct options *o, const char *value)
{
    o->shape.forge = strcmp(value, "engines") == 0 ? STORM_FORGE_ENGINES
                     : strcmp(value, "users") == 0 ? STORM_FORGE_USERS
                                                   : STORM_FORGE_DIGEST;
    if (o->shape.forge == STORM_FORGE_DIGEST && strcmp(value, "digest") != 0)
        fail("forge", value, "write engines, users or digest");
}

static void parse_lines(struct options *o, const char *value)
{
    o->lines = strcmp(value, "any") == 0 ? STORM_LINES_ANY : STORM_LINES_EXPLICIT;
    if (o->lines == STORM_LINES_EXPLICIT && strcmp(value, "explicit") != 0)
        fail("users", value, "write explicit or any");
}

enum {
    TO = 1,
    COUNT,
    RATE,
    VERSION,
    INFORM,
    RETRIES,
    WAIT,
    SENDERS,
    TIMEOUT,
    BACKOFF,
    ANSWERED_FILE,
    COMMUNITY,
    VARBINDS,
    DISTINCT,
    FIRST,
    TRAP,
    INTERFACES,
    SOURCES,
    AHEAD,
    QUEUE_MAX,
    JSON,
    ENGINES,
    ENGINE_BASE,
    USER,
    LEVEL,
    AUTH,
    AUTH_PASS,
    PRIV,
    PRIV_PASS,
    BOOTS,
    ENGINE_TIME,
    PRINT_USERS,
    USERS,
    FORGE,
    SEED,
    HELP
};

static const struct option names[] = {
    {"to", 1, 0, TO},
    {"count", 1, 0, COUNT},
    {"rate", 1, 0, RATE},
    {"version", 1, 0, VERSION},
    {"inform", 1, 0, INFORM},
    {"retries", 1, 0, RETRIES},
    {"wait", 1, 0, WAIT},
    {"senders", 1, 0, SENDERS},
    {"timeout", 1, 0, TIMEOUT},
    {"backoff", 1, 0, BACKOFF},
    {"answered-file", 1, 0, ANSWERED_FILE},
    {"community", 1, 0, COMMUNITY},
    {"varbinds", 1, 0, VARBINDS},
    {"distinct", 1, 0, DISTINCT},
    {"first", 1, 0, FIRST},
    {"trap", 1, 0, TRAP},
    {"interfaces", 1, 0, INTERFACES},
    {"sources", 1, 0, SOURCES},
    {"ahead", 1, 0, AHEAD},
    {"queue-max", 1, 0, QUEUE_MAX},
    {"json", 1, 0, JSON},
    {"engines", 1, 0, ENGINES},
    {"engine-base", 1, 0, ENGINE_BASE},
    {"user", 1, 0, USER},
    {"level", 1, 0, LEVEL},
    {"auth", 1, 0, AUTH},
    {"auth-pass", 1, 0, AUTH_PASS},
    {"priv", 1, 0, PRIV},
    {"priv-pass", 1, 0, PRIV_PASS},
    {"boots", 1, 0, BOOTS},
    {"engine-time", 1, 0, ENGINE_TIME},
    {"print-users", 1, 0, PRINT_USERS},
    {"users", 1, 0, USERS},
    {"forge", 1, 0, FORGE},
    {"seed", 1, 0, SEED},
    {"help", 0, 0, HELP},
    {0, 0, 0, 0},
};

static void parse_one(struct options *o, int which, const char *name, const char *value)
{
    struct storm_shape *shape = &o->shape;

    switch (which) {
    case TO: parse_to(o, value); break;
    case COUNT: o->count = number(name, value, 1, SEQUENCES_MAX); break;
    case RATE: shape->rate = (double)number(name, value, 0, 10000000); break;
    case VERSION: parse_version(o, value); break;
    case INFORM: shape->is_inform = yes_or_no(name, value); break;
    case RETRIES: o->retries = (unsigned)number(name, value, 0, 1000); break;
    case WAIT: o->wait_ms = (unsigned)number(name, value, 0, 3600000); break;
    case SENDERS: o->senders = (unsigned)number(name, value, 0, 10000); break;
    case TIMEOUT: o->timeout_ms = (unsigned)number(name, value, 1, 3600000); break;
    case BACKOFF: o->has_backoff = yes_or_no(name, value); break;
    case ANSWERED_FILE: o->answered_file = value; break;
    case COMMUNITY: shape->community = value; break;
    case VARBINDS: shape->varbinds = (unsigned)number(name, value, 0, 1000); break;
    case DISTINCT: shape->is_distinct = yes_or_no(name, value); break;
    case FIRST: shape->first = number(name, value, 0, UINT32_MAX); break;
    case TRAP:
        if (storm_oid_parse(&shape->trap, value) != 0 || shape->trap.len < 3)
            fail(name, value, "write a numeric OID, for example 1.3.6.1.6.3.1.1.5.3");
        break;
    case INTERFACES: shape->interfaces = (unsigned)number(name, value, 1, 1000000); break;
    case SOURCES: shape->sources = (unsigned)number(name, value, 1, 65000); break;
    case AHEAD: o->ahead_mib = (unsigned)number(name, value, 0, 1048576); break;
    case QUEUE_MAX: o->queue_max = (unsigned)number(name, value, 0, 1073741824); break;
    case JSON: o->as_json = yes_or_no(name, value); break;
    case ENGINES: o->engines = (unsigned)number(name, value, 1, 1000000); break;
    case ENGINE_BASE: o->engine_base = (unsigned)number(name, value, 0, UINT32_MAX - 1000000); break;
    case USER: o->who.user = value; break;
    case LEVEL: parse_level(o, value); break;
    case AUTH: o->who.auth = value; break;
    case AUTH_PASS: o->who.auth_pass = value; break;
    case PRIV: o->who.priv = value; break;
    case PRIV_PASS: o->who.priv_pass = value; break;
    case BOOTS: shape->boots = (uint32_t)number(name, value, 1, INT32_MAX - 1); break;
    case ENGINE_TIME: shape->engine_time = (uint32_t)number(name, value, 0, INT32_MAX - 1); break;
    case PRINT_USERS: o->only_users = yes_or_no(name, value); break;
    case USERS: parse_lines(o, value); break;
    case FORGE: parse_forge(o, value); break;
    case SEED: shape->seed = number(name, value, 0, UINT64_MAX); break;
    case HELP: (void)fputs(usage, stdout); exit(0);
    default: (void)fprintf(stderr, "trapstorm --help lists the options\n"); exit(2);
    }
}

static void parse(struct options *o, int argc, char **argv)
{
    struct storm_shape *shape = &o->shape;
    struct timespec now;
    int which, at;

    *o = (struct options){.count = 1,
                          .engines = 1,
                          .engine_base = 1,
                          .ahead_mib = 1024,
                          .wait_ms = 5000,
                          .timeout_ms = 1000,
                          .has_backoff = true,
                          .who = {.user = "storm",
                                  .level = STORM_AUTHPRIV,
                                  .auth = "SHA",
                                  .auth_pass = "stormauthpass",
                                  .priv = "AES",
                                  .priv_pass = "stormprivpass"}};
    *shape = (struct storm_shape){.version = STORM_V2C,
                                  .is_distinct = true,
                                  .community = "public",
                                  .varbinds = 6,
                                  .interfaces = 64,
                                  .first = 1,
                                  .sources = 1,
                                  .seed = 1};
    (void)storm_oid_parse(&shape->trap, "1.3.6.1.6.3.1.1.5.3");
    /* Engine time and uptime come from the clock, so that they are higher than in the previous run. Else a receiver
     * would refuse the engines' messages as too old, or take a second run for a repeat of the first. */
    (void)clock_gettime(CLOCK_REALTIME, &now); /* can't fail with this clock */
    shape->uptime_cs = (uint32_t)((uint64_t)now.tv_sec * 100 + (uint64_t)now.tv_nsec / 10000000);
    shape->engine_time = (uint32_t)(now.tv_sec & 0x3fffffff);
    shape->boots = (uint32_t)(now.tv_sec >> 30) + 1;
    while ((which = getopt_long(argc, argv, "", names, &at)) != -1)
        parse_one(o, which, which == '?' ? "" : names[at].name, optarg);
    if (optind != argc)
        fail("help", argv[optind], "an option was expected");
    if (!o->to_len && !o->only_users)
        fail("to", "", "write HOST:PORT, for example 127.0.0.1:1162");
    if (o->to_len && shape->sources > 1 &&
        (o->to.ss_family != AF_INET || (ntohl(((struct sockaddr_in *)&o->to)->sin_addr.s_addr) >> 24) != 127))
        fail("sources", "", "several sources need a destination in 127.0.0.0/8");
    if (shape->is_inform && shape->version == STORM_V1)
        fail("inform", "yes", "SNMPv1 has no INFORM");
    if (o->senders && (!shape->is_inform || o->to.ss_family != AF_INET ||
                       (ntohl(((struct sockaddr_in *)&o->to)->sin_addr.s_addr) >> 24) != 127))
        fail("senders", "", "many senders need --inform yes and a destination in 127.0.0.0/8");
    if (shape->forge && (shape->version != STORM_V3 || shape->is_inform))
        fail("forge", "", "SNMPv3 traps are forged here: --version 3 without --inform");
    if (strlen(shape->community) > 255)
        fail("community", shape->community, "at most 255 characters");
}

/* @returns 0, or -1 with the cause printed */
static int build_user(struct options *o)
{
    const struct storm_identity *who = &o->who;
    const char *why;

    if (storm_user_init(&o->shape.user, who->user, who->level, who->auth, who->auth_pass, who->priv, who->priv_pass,
                        &why) == 0)
        return 0;
    (void)fprintf(stderr, "trapstorm: %s\n", why);
    return -1;
}

/* An INFORM uses the receiver's engine ID, boots and time. @returns 0, or -1 with the cause printed */
static int build_engines(struct options *o, int fd)
{
    struct storm_shape *shape = &o->shape;
    uint8_t id[STORM_ENGINE_ID_MAX];
    size_t len = 0;

    if (shape->is_inform && storm_discover(fd, (const struct sockaddr *)&o->to, o->to_len, id, &len, &shape->boots,
                                           &shape->engine_time) != 0) {
        (void)fprintf(stderr, "trapstorm: the receiver did not report its engine\n");
        return -1;
    }
    shape->engines_len = shape->is_inform ? 1 : o->engines;
    shape->engines = storm_engines_make(&shape->user, o->engine_base, shape->engines_len);
    if (shape->engines && (!shape->is_inform || storm_engine_init(shape->engines, &shape->user, id, len) == 0))
        return 0;
    (void)fprintf(stderr, "trapstorm: OpenSSL refused the keys, or out of memory\n");
    return -1;
}

/* @returns 0, or 1 if it could not run */
static int print_users(struct options *o)
{
    enum storm_lines lines = o->shape.is_inform ? STORM_LINES_ANY : o->lines;

    if (build_user(o) != 0 || (lines == STORM_LINES_EXPLICIT && build_engines(o, -1) != 0))
        return 1;
    storm_users_print(&o->who, &o->shape.user, lines, o->shape.engines, o->shape.engines_len);
    return 0;
}

static void report(const struct options *o, const struct storm_sender *s)
{
    const struct storm_book *book = s->book;
    double seconds = (double)s->took_ns / 1e9, rate = seconds > 0 ? (double)(s->sent - s->resent) / seconds : 0;
    unsigned long long first = o->shape.first, last = first + s->done - (s->done ? 1 : 0);

    if (!o->as_json) {
        (void)printf("sent %llu in %.3f s: %.0f/s", (unsigned long long)s->sent, seconds, rate);
        if (s->failed || s->late)
            (void)printf(", failed %llu, late %llu", (unsigned long long)s->failed, (unsigned long long)s->late);
        if (book)
            (void)printf("; answered %llu, repeated %llu, foreign %llu, resent %llu, median %.1f ms, max %.1f ms",
                         (unsigned long long)book->answered, (unsigned long long)book->repeated,
                         (unsigned long long)book->foreign, (unsigned long long)s->resent,
                         storm_book_delay_ms(book, 0.5), storm_book_delay_ms(book, 1));
        (void)printf("\n");
        return;
    }
    (void)printf("{\"sent\":%llu,\"failed\":%llu,\"late\":%llu,\"seconds\":%.6f,\"rate\":%.1f,\"bytes\":%llu,"
                 "\"first\":%llu,\"last\":%llu",
                 (unsigned long long)s->sent, (unsigned long long)s->failed, (unsigned long long)s->late, seconds, rate,
                 (unsigned long long)s->bytes, first, last);
    if (book)
        (void)printf(",\"answered\":%llu,\"repeated\":%llu,\"foreign\":%llu,\"resent\":%llu,\"median_ms\":%.3f,"
                     "\"p99_ms\":%.3f,\"max_ms\":%.3f",
                     (unsigned long long)book->answered, (unsigned long long)book->repeated,
                     (unsigned long long)book->foreign, (unsigned long long)s->resent, storm_book_delay_ms(book, 0.5),
                     storm_book_delay_ms(book, 0.99), storm_book_delay_ms(book, 1));
    (void)printf("}\n");
}

/* Run many senders (storm_senders.h), and copy their results to the sender's as far as both have them. */
static int storm_of_senders(struct options *o, struct storm_sender *s, struct storm_book *book)
{
    struct storm_senders many = {.shape = o->shape,
                                 .book = book,
                                 .to = o->to,
                                 .to_len = o->to_len,
                                 .len = o->senders,
                                 .rate = o->shape.rate,
                                 .retries = o->retries,
                                 .timeout_ms = o->timeout_ms,
                                 .has_backoff = o->has_backoff,
                                 .count = o->count};

    if (storm_book_init(book, o->shape.first, o->count) != 0 || storm_senders_run(&many) != 0) {
        perror("trapstorm: senders");
        return -1;
    }
    s->book = book;
    s->sent = many.sent;
    s->failed = many.failed;
    s->resent = many.resent;
    s->bytes = many.bytes;
    s->took_ns = many.took_ns;
    s->done = many.started;
    return 0;
}

/* @returns 0; 1 if it could not run; 3 if messages were refused or INFORMs have no reply */
static int storm(struct options *o, int fd)
{
    struct storm_sender s = {.mem = NULL};
    struct storm_book book = {.sent_ns = NULL};
    int status = 1;

    if (o->shape.version == STORM_V3 && (build_user(o) != 0 || build_engines(o, fd) != 0))
        goto done;
    if (o->senders) {
        if (storm_of_senders(o, &s, &book) != 0)
            goto done;
        goto told;
    }
    if (storm_sender_init(&s, &o->shape, o->count, (size_t)o->ahead_mib << 20) != 0) {
        (void)fprintf(stderr, "trapstorm: a message could not be encoded, or out of memory\n");
        goto done;
    }
    if (o->shape.is_inform) {
        s.book = &book;
        if (s.slots < o->count || storm_book_init(&book, o->shape.first, o->count) != 0) {
            (void)fprintf(stderr, "trapstorm: all INFORMs must fit into the memory of --ahead\n");
            goto done;
        }
    }
    s.fd = fd;
    s.to = o->to;
    s.to_len = o->to_len;
    s.queue_max = o->queue_max;
    if (storm_sender_run(&s) != 0)
        goto done;
    if (s.book)
        storm_sender_insist(&s, o->retries, o->wait_ms);
told:
    if (s.book && o->answered_file && storm_book_write(s.book, o->answered_file) != 0) {
        perror("trapstorm: --answered-file");
        goto done;
    }
    report(o, &s);
    status = s.failed || (s.book && book.answered < s.done) ? 3 : 0;
done:
    storm_book_done(&book);
    storm_sender_done(&s);
    return status;
}

int main(int argc, char **argv)
{
    const struct sigaction stop = {.sa_handler = on_signal};
    const int room = 4 << 20; /* for replies; the kernel may give less */
    struct options o;
    int fd, status;

    parse(&o, argc, argv);
    if (o.only_users) {
        status = print_users(&o);
        goto done;
    }
    (void)sigaction(SIGINT, &stop, NULL);
    (void)sigaction(SIGTERM, &stop, NULL);
    if (o.senders)
        (void)sigaction(SIGUSR1, &stop, NULL);
    fd = socket(o.to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        perror("trapstorm: socket");
        return 1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    status = storm(&o, fd);
    (void)close(fd);
done:
    free(o.shape.engines);
    storm_user_done(&o.shape.user);
    return status;
}
