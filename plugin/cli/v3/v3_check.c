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
#include "cli/command_line.h"
#include "receive/capture.h"
#include "receive/receive_config.h"
#include "cli/v3/v3_listen.h"
#include "receive/message.h"
#include "receive/pump.h"
#include "cli/v3/v3_report.h"
#include "snmp/trap.h"

#define DEFAULT_CONFIG "/etc/snmp/snmptrapd.conf"
#define SNMP_PORT      161 /* of agents, for polling */
#define TRAP_PORT      162
#define MAX_RECEIVERS  64 /* when full, the oldest is replaced */
#define MAX_ENGINES    16

enum { OPT_CONFIG, OPT_PERSISTENT, OPT_ENGINE, OPT_PORT, OPT_COUNT, OPT_JSON, OPT_LISTEN };

static const struct tk_option option_table[] = {
    [OPT_CONFIG] = {"--config", "FILE", "snmptrapd's configuration; default: " DEFAULT_CONFIG},
    [OPT_PERSISTENT] = {"--persistent", "DIR", "the folder of snmptrapd's persistent file; default: net-snmp's own"},
    [OPT_ENGINE] = {"--engine", "HEX", "this receiver's engine ID, as after oldEngineID in the persistent file"},
    [OPT_PORT] = {"--port", "N", "check only datagrams to this UDP port"},
    [OPT_COUNT] = {"--count", "N", "exit after N SNMPv3 notifications"},
    [OPT_JSON] = {"--json", NULL, "print one JSON object a line, and a summary at the end"},
    [OPT_LISTEN] = {"--listen", "ADDRESS",
                    "receive notifications, for example at udp:127.0.0.1:1162 or 1162, until Ctrl-C"},
};

struct options {
    struct tk_receive_sources sources;
    const char *listen, *capture;
    unsigned long port, count; /* 0: any port; no limit */
    bool is_json;
};

struct check {
    struct options options;
    struct tk_receive_config receiver;
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

static bool take_number(struct tk_words *words, int option, const char *value, unsigned long max, unsigned long *ret)
{
    if (parse_number(value, max, ret))
        return true;
    words->status = tk_words_refuse(words, "%s '%s': not a number from 1 to %lu; write one", option_table[option].name,
                                    value, max);
    return false;
}

/* @returns false: the command ends with words->status */
static bool take_word(struct options *o, struct tk_words *words, int word, const char *value)
{
    switch (word) {
    case OPT_CONFIG: o->sources.config = value; return true;
    case OPT_PERSISTENT: o->sources.persistent = value; return true;
    case OPT_ENGINE: o->sources.engine = strncasecmp(value, "0x", 2) == 0 ? value + 2 : value; return true;
    case OPT_LISTEN: o->listen = value; return true;
    case OPT_JSON: o->is_json = true; return true;
    case OPT_PORT: return take_number(words, word, value, 65535, &o->port);
    case OPT_COUNT: return take_number(words, word, value, UINT32_MAX, &o->count);
    case TK_WORD_OPERAND:
        if (o->capture)
            words->status = tk_words_refuse(words, "'%s': there is a CAPTURE already, '%s'; write one", value,
                                            o->capture);
        return o->capture ? false : (o->capture = value) != NULL;
    default: return false;
    }
}

/* @returns false: the command ends with words->status */
static bool parse(struct options *o, struct tk_words *words)
{
    const char *value = NULL;
    int word;

    o->sources.config = DEFAULT_CONFIG;
    while ((word = tk_words_next(words, &value)) != TK_WORD_END)
        if (!take_word(o, words, word, value))
            return false;
    if (!o->capture == !o->listen)
        words->status = tk_words_refuse(words, "write a CAPTURE of tcpdump -w, or --listen ADDRESS%s",
                                        o->capture ? ", not both" : "");
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
static bool is_candidate(struct check *c, const struct tk_datagram *d, struct tk_snmp_message *m)
{
    if (!tk_snmp_message_read(m, d->payload, d->len)) {
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
    struct tk_snmp_message m;
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
    struct tk_snmp_message m;
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

    if (tk_receive_config_read(&c->receiver, &c->options.sources, &hooks, err) < 0)
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

static int check(struct check *c, struct engines *engines)
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

static int run(struct tk_words *words)
{
    struct engines engines = {0};
    struct check *c = calloc(1, sizeof(*c));
    int ret;

    if (!c) {
        (void)fprintf(stderr, "trapkafka v3: out of memory\n");
        return TK_EXIT_USAGE;
    }
    if (parse(&c->options, words)) {
        ret = check(c, &engines);
        tk_v3_report_free(c->report);
        tk_settings_unref(c->receiver.settings);
    } else {
        ret = words->status;
    }
    free(c);
    return ret;
}

const struct tk_command tk_command_v3_check = {
    .name = "v3 check",
    .args = "[OPTIONS] (--listen ADDRESS | CAPTURE)",
    .about = "Tell whether these SNMPv3 notifications would be accepted, and if not, why",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "CAPTURE is a file of tcpdump -w; - is standard input.\n"
        "Exit status: 0: all would be accepted; 1: one would be refused, or there was none; 2: the command line, the\n"
        "configuration or the capture is wrong.\n",
    .example = "trapkafka v3 check --config /etc/snmp/snmptrapd.conf traps.pcap",
    .run = run,
};
