/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka v3 check: would snmptrapd with the module accept these SNMPv3 notifications, and if not, why? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/devel.h"
#include "cli/cli_internal.h"
#include "cli/v3/v3_capture.h"
#include "cli/v3/v3_config.h"
#include "cli/v3/v3_listen.h"
#include "cli/v3/v3_message.h"
#include "cli/v3/v3_pump.h"
#include "cli/v3/v3_report.h"
#include "snmp/trap.h"

#define DEFAULT_CONFIG "/etc/snmp/snmptrapd.conf"
#define SNMP_PORT      161 /* of agents, for polling */
#define TRAP_PORT      162
#define MAX_RECEIVERS  64 /* when full, the oldest is replaced */
#define MAX_ENGINES    16

static const char usage[] =
    "usage: trapkafka v3 check [--config FILE] [--persistent DIR] [--engine HEX] [--port N] [--count N] [--json]\n"
    "                          (--listen ADDRESS | CAPTURE)\n";

struct options {
    struct tk_v3_sources sources;
    const char *listen, *capture;
    unsigned long port, count; /* 0: any port; no limit */
    bool is_json;
};

struct check {
    struct options options;
    struct tk_v3_receiver receiver;
    struct tk_v3_report *report;
    struct tk_v3_totals totals;
    struct tk_peer receivers[MAX_RECEIVERS]; /* targets of INFORMs: what they send are replies */
    unsigned next_receiver;
};

/* --- options --------------------------------------------------------------------------------------------------- */

static bool parse_number(const char *word, unsigned long max, unsigned long *ret)
{
    char *end;

    errno = 0;
    *ret = strtoul(word, &end, 10);
    return word[0] >= '0' && word[0] <= '9' && !*end && !errno && *ret >= 1 && *ret <= max;
}

/* @returns false: not an option that takes a value, or a wrong value */
static bool take_value(struct options *o, const char *name, const char *value)
{
    if (strcmp(name, "--config") == 0)
        o->sources.config = value;
    else if (strcmp(name, "--persistent") == 0)
        o->sources.persistent = value;
    else if (strcmp(name, "--engine") == 0)
        o->sources.engine = strncasecmp(value, "0x", 2) == 0 ? value + 2 : value;
    else if (strcmp(name, "--listen") == 0)
        o->listen = value;
    else if (strcmp(name, "--port") == 0)
        return parse_number(value, 65535, &o->port);
    else if (strcmp(name, "--count") == 0)
        return parse_number(value, UINT32_MAX, &o->count);
    else
        return false;
    return true;
}

static bool parse(struct options *o, int argc, char **argv)
{
    o->sources.config = DEFAULT_CONFIG;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            o->is_json = true;
        } else if (argv[i][0] == '-' && argv[i][1]) {
            if (i + 1 == argc || !take_value(o, argv[i], argv[i + 1]))
                return false;
            i++;
        } else if (o->capture) {
            return false;
        } else {
            o->capture = argv[i];
        }
    }
    return !o->capture != !o->listen;
}

static int complain(const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka v3: %s\n", tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

/* --- which datagrams are notifications ------------------------------------------------------------------------- */

static bool is_same_peer(const struct tk_peer *a, const struct tk_peer *b)
{
    return a->port == b->port && a->family == b->family && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static bool is_receiver(const struct check *c, const struct tk_peer *peer)
{
    for (unsigned i = 0; i < MAX_RECEIVERS; i++) /* unused ones have no family */
        if (is_same_peer(&c->receivers[i], peer))
            return true;
    return false;
}

static void remember_receiver(struct check *c, const struct tk_peer *peer)
{
    if (!is_receiver(c, peer))
        c->receivers[c->next_receiver++ % MAX_RECEIVERS] = *peer;
}

/* Polling is told by its port: an encrypted trap looks like a response, and an encrypted INFORM like a request. */
static bool is_polling(const struct check *c, const struct tk_datagram *d)
{
    if (c->options.port)
        return d->target.port != c->options.port;
    return d->target.port == SNMP_PORT || (d->source.port == SNMP_PORT && d->target.port != TRAP_PORT);
}

/* May this be an SNMPv3 notification? If not, count what it is. */
static bool is_candidate(struct check *c, const struct tk_datagram *d, struct tk_v3_message *m)
{
    if (!tk_v3_message_read(m, d->payload, d->len)) {
        c->totals.foreign++;
        return false;
    }
    if (m->version != TK_SNMP_V3) {
        if (m->pdu == TK_PDU_TAG_TRAP_V1 || m->pdu == TK_PDU_TAG_TRAP || m->pdu == TK_PDU_TAG_INFORM)
            c->totals.community++;
        else
            c->totals.others++;
        return false;
    }
    if (is_polling(c, d) || is_receiver(c, &d->source)) {
        c->totals.others++;
        return false;
    }
    if (m->asks_for_answer && !c->options.listen)
        remember_receiver(c, &d->target);
    return true;
}

/* Judge a datagram. @returns false: --count notifications were seen */
static bool consider(struct check *c, const struct tk_datagram *d, tk_nsec wall)
{
    struct tk_v3_message m;
    struct tk_judged j;

    if (!is_candidate(c, d, &m))
        return true;
    if (m.pdu && m.pdu != TK_PDU_TAG_TRAP && m.pdu != TK_PDU_TAG_INFORM && !c->options.listen) {
        c->totals.others++;
        return true;
    }
    tk_pump(&j, d, &m);
    if (!j.is_notification) {
        c->totals.others++;
        return true;
    }
    TK_ASSERT(tk_hint_fits(j.refusal.hint, j.refusal.reason));
    c->totals.seen++;
    if (j.is_accepted)
        c->totals.accepted++;
    else
        c->totals.refused[j.refusal.reason]++;
    tk_v3_report_one(c->report, wall, &j, &c->receiver);
    return !c->options.count || c->totals.seen < c->options.count;
}

/* --- a capture ------------------------------------------------------------------------------------------------- */

/** Engine IDs to which INFORMs were sent. */
struct engines {
    struct {
        uint8_t id[TK_ENGINE_BYTES];
        size_t len;
        uint64_t count;
    } of[MAX_ENGINES];
    unsigned count;
};

static void count_engine(struct engines *e, const struct tk_secparams *p)
{
    unsigned i = 0;

    while (i < e->count && (e->of[i].len != p->engine_len || memcmp(e->of[i].id, p->engine, p->engine_len) != 0))
        i++;
    if (i == MAX_ENGINES)
        return;
    if (i == e->count) {
        e->count++;
        e->of[i].len = p->engine_len;
        memcpy(e->of[i].id, p->engine, p->engine_len);
    }
    e->of[i].count++;
}

/* Read a capture file a first time, to find the receiver's engine ID: the one to which most INFORMs were sent. */
static int find_receivers_engine(struct check *c, struct engines *engines, struct tk_err *err)
{
    struct tk_err ignored = {0};
    struct tk_v3_message m;
    struct tk_capture *capture;
    struct tk_datagram d;
    struct stat st;
    unsigned best = 0;
    tk_nsec wall;

    if (c->options.sources.engine || stat(c->options.capture, &st) < 0 || !S_ISREG(st.st_mode))
        return 0;
    capture = tk_capture_open(c->options.capture, err);
    if (!capture)
        return -EINVAL;
    while (tk_capture_next(capture, &d, &wall, &ignored) == 1)
        if (is_candidate(c, &d, &m) && m.has_params && m.asks_for_answer && m.params.engine_len >= 5 &&
            (!m.pdu || m.pdu == TK_PDU_TAG_INFORM))
            count_engine(engines, &m.params);
    tk_capture_free(capture);
    memset(&c->totals, 0, sizeof(c->totals));
    memset(c->receivers, 0, sizeof(c->receivers));
    c->next_receiver = 0;
    for (unsigned i = 1; i < engines->count; i++)
        if (engines->of[i].count > engines->of[best].count)
            best = i;
    c->options.sources.assumed = engines->of[best].id;
    c->options.sources.assumed_len = engines->of[best].len;
    return 0;
}

static int check_capture(struct check *c, struct tk_err *err)
{
    struct tk_capture *capture = tk_capture_open(c->options.capture, err);
    struct tk_datagram d;
    bool goes_on = true;
    tk_nsec wall;
    int got = 1;

    if (!capture)
        return complain(err);
    while (goes_on && (got = tk_capture_next(capture, &d, &wall, err)) == 1) {
        tk_pump_at(wall);
        goes_on = consider(c, &d, wall);
    }
    if (got < 0)
        (void)complain(err);
    tk_v3_report_end(c->report, &c->totals, &c->receiver, tk_capture_losses(capture));
    tk_capture_free(capture);
    return 0;
}

/* --- a socket -------------------------------------------------------------------------------------------------- */

static int check_socket(struct check *c, int sock, struct tk_err *err)
{
    struct tk_datagram d;
    int got;

    while ((got = tk_listen_next(sock, &d, err)) == 1) {
        bool goes_on = consider(c, &d, tk_clock_now().wall);

        (void)fflush(stdout);
        tk_usm_tick(tk_clock_mono());
        if (!goes_on)
            break;
    }
    tk_v3_report_end(c->report, &c->totals, &c->receiver, NULL);
    return got < 0 ? complain(err) : 0;
}

/* --- the command ----------------------------------------------------------------------------------------------- */

static int judge(struct check *c, int sock, struct tk_err *err)
{
    int ret;

    if (tk_pump_open(&c->receiver, sock, err) < 0)
        return complain(err);
    ret = sock < 0 ? check_capture(c, err) : check_socket(c, sock, err);
    tk_pump_close();
    if (fflush(stdout) != 0 && ret == 0)
        ret = TK_EXIT_TROUBLE;
    if (ret == 0 && (c->totals.seen == 0 || c->totals.accepted < c->totals.seen))
        ret = TK_EXIT_TROUBLE;
    return ret;
}

/* Read the configuration. @returns an exit status, 0: go on */
static int take_config(struct check *c, struct tk_err *err)
{
    const struct tk_usm_hooks hooks = tk_pump_hooks();

    if (tk_v3_config_read(&c->receiver, &c->options.sources, &hooks, err) < 0)
        return complain(err);
    if (c->receiver.unread[0])
        (void)fprintf(stderr,
                      "trapkafka v3: %s: users and engine ID in snmptrapd's persistent file are not known here; "
                      "run as root, or give its folder with --persistent\n",
                      c->receiver.unread);
    if (!c->receiver.errors)
        return 0;
    (void)fprintf(stderr, "trapkafka v3: %u errors in the configuration (above); correct them first\n",
                  c->receiver.errors);
    return TK_EXIT_USAGE;
}

static int run(struct check *c, struct engines *engines)
{
    struct tk_err err = {0};
    int sock = -1, ret;

    if (c->options.capture && find_receivers_engine(c, engines, &err) < 0)
        return complain(&err);
    c->report = tk_v3_report_new(c->options.is_json, &err);
    if (!c->report)
        return complain(&err);
    ret = take_config(c, &err);
    if (ret == 0 && c->options.listen && (sock = tk_listen_open(c->options.listen, &err)) < 0)
        ret = complain(&err);
    if (ret == 0)
        ret = judge(c, sock, &err);
    if (sock >= 0)
        (void)close(sock);
    return ret;
}

int tk_command_v3(int argc, char **argv)
{
    struct engines engines = {0};
    struct check *c = calloc(1, sizeof(*c));
    int ret = TK_EXIT_USAGE;

    if (!c || argc < 2 || strcmp(argv[1], "check") != 0 || !parse(&c->options, argc, argv)) {
        (void)fprintf(stderr, "%s", usage);
    } else {
        ret = run(c, &engines);
        tk_v3_report_free(c->report);
        tk_settings_unref(c->receiver.settings);
    }
    free(c);
    return ret;
}
