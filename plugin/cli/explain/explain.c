/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka explain: why a notification becomes the event that it becomes. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/explain/explain_arguments.h"
#include "cli/explain/explain_facts.h"
#include "cli/explain/explain_packet.h"
#include "cli/explain/explain_print.h"

#define DEFAULT_CONFIG "/etc/snmp/snmptrapd.conf"
#define MAX_PARTITIONS 1000000

enum { OPT_CONFIG, OPT_PERSISTENT, OPT_SOURCE, OPT_HEX, OPT_PCAP, OPT_NUMBER, OPT_PARTITIONS, OPT_JSON };

static const struct tk_option option_table[] = {
    [OPT_CONFIG] = {"--config", "FILE", "snmptrapd's configuration; default " DEFAULT_CONFIG},
    [OPT_PERSISTENT] = {"--persistent", "DIR", "the folder of snmptrapd's persistent file; default net-snmp's"},
    [OPT_SOURCE] = {"--source", "ADDRESS", "the address that it came from, unless a capture has it; default 127.0.0.1"},
    [OPT_HEX] = {"--hex", "HEX", "explain this SNMP message; - reads the digits from standard input"},
    [OPT_PCAP] = {"--pcap", "FILE", "explain a notification of this file of tcpdump -w; - is standard input"},
    [OPT_NUMBER] = {"--number", "N", "of the capture's notifications, number N, after those before it; default 1"},
    [OPT_PARTITIONS] = {"--partitions", "N", "tell the partition, of a topic with N partitions"},
    [OPT_JSON] = {"--json", NULL, "print one JSON object"},
};

struct explain {
    const char *config, *persistent, *hex, *pcap;
    bool is_config_given, is_json, has_arguments;
    uint32_t number, partitions;
    struct tk_receive_config receiver;
    struct tk_incoming trap;
    struct tk_explanation explanation;
};

/* --- the command line -------------------------------------------------------------------------------------------- */

static bool take_number(struct tk_words *words, const char *option, const char *text, uint32_t most, uint32_t *ret)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || n < 1 || n > most) {
        words->status = tk_words_refuse(words, "%s '%s': write a number from 1 to %u", option, text, (unsigned)most);
        return false;
    }
    *ret = (uint32_t)n;
    return true;
}

static bool take_source(struct explain *x, struct tk_words *words, const char *text)
{
    struct tk_peer *peer = &x->trap.source;

    *peer = (struct tk_peer){.transport = TK_UDP, .family = 4};
    if (inet_pton(AF_INET, text, peer->address) == 1)
        return true;
    *peer = (struct tk_peer){.transport = TK_UDP6, .family = 6};
    if (inet_pton(AF_INET6, text, peer->address) == 1)
        return true;
    words->status = tk_words_refuse(words, "--source '%s': write an IPv4 or IPv6 address", text);
    return false;
}

static bool take_option(struct explain *x, struct tk_words *words, int option, const char *value)
{
    switch (option) {
    case OPT_CONFIG: x->config = value; return (x->is_config_given = true);
    case OPT_PERSISTENT: x->persistent = value; return true;
    case OPT_SOURCE: return take_source(x, words, value);
    case OPT_HEX: x->hex = value; return true;
    case OPT_PCAP: x->pcap = value; return true;
    case OPT_NUMBER: return take_number(words, "--number", value, UINT32_MAX - 1, &x->number);
    case OPT_PARTITIONS: return take_number(words, "--partitions", value, MAX_PARTITIONS, &x->partitions);
    case OPT_JSON: return (x->is_json = true);
    default: return false;
    }
}

static bool is_question(const char *word)
{
    return strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-V") == 0 ||
           strcmp(word, "--version") == 0;
}

/* Our options have two dashes, and stand before those of snmptrap, which have one. */
static bool is_ours(const struct tk_words *words)
{
    const char *word = words->next < words->count ? words->words[words->next] : "";

    return (word[0] == '-' && word[1] == '-') || is_question(word) || (words->count == 1 && strcmp(word, "help") == 0);
}

/* A HOST and a question: "x --help". */
static bool is_question_behind_host(const struct tk_words *words)
{
    return words->count - words->next == 2 && words->words[words->next][0] != '-' &&
           is_question(words->words[words->next + 1]);
}

static bool check_ways(struct explain *x, struct tk_words *words)
{
    unsigned ways = (x->hex != NULL) + (x->pcap != NULL) + x->has_arguments;

    if (ways != 1)
        words->status = tk_words_refuse(words,
                                        ways ? "write --hex, --pcap, or the arguments of snmptrap, only one of them"
                                             : "write the arguments of snmptrap, or --hex HEX, or --pcap FILE");
    else if (x->number && !x->pcap)
        words->status = tk_words_refuse(words, "--number belongs to --pcap; leave it out");
    else
        return true;
    return false;
}

/* @returns false: the command ends with words->status */
static bool parse(struct explain *x, struct tk_words *words)
{
    const char *value = NULL;

    x->config = DEFAULT_CONFIG;
    x->trap.source = (struct tk_peer){.transport = TK_UDP, .family = 4, .address = {127, 0, 0, 1}};
    while (is_ours(words) || is_question_behind_host(words)) {
        int option;

        if (is_question_behind_host(words))
            words->next++;
        option = tk_words_next(words, &value);
        if (option == TK_WORD_STOP || (option >= 0 && !take_option(x, words, option, value)))
            return false;
        if (option == TK_WORD_OPERAND || option == TK_WORD_END) { /* behind "--" */
            words->next -= option == TK_WORD_OPERAND;
            break;
        }
    }
    x->has_arguments = words->next < words->count;
    return check_ways(x, words);
}

static int complain(const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka explain: %s\n", tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

/* --- the configuration ------------------------------------------------------------------------------------------- */

static bool take_config(struct explain *x, struct tk_err *err)
{
    const struct tk_usm_hooks hooks = tk_pump_hooks();
    struct tk_receive_sources sources = {.config = x->config, .persistent = x->persistent, .takes_directives = true};

    if (!x->is_config_given && access(x->config, F_OK) != 0) {
        (void)fprintf(stderr, "trapkafka explain: there is no %s: the defaults of all directives are used\n",
                      x->config);
        sources.config = "/dev/null";
    }
    if (tk_receive_config_read(&x->receiver, &sources, &hooks, err) < 0)
        return false;
    if (x->receiver.unread[0] && !x->has_arguments)
        (void)fprintf(stderr,
                      "trapkafka explain: %s: users and engine ID in snmptrapd's persistent file are not known here; "
                      "run as root, or give its folder with --persistent\n",
                      x->receiver.unread);
    if (x->receiver.errors)
        tk_err_set(err, NULL, 0, "%u errors in the configuration (above); correct them first", x->receiver.errors);
    return !err->is_set;
}

static bool load(struct explain *x, struct tk_err *err)
{
    struct tk_dict *mibs = tk_receive_config_mibs(err);

    if (mibs)
        x->explanation.offline = tk_offline_of_settings(x->receiver.settings, mibs, err);
    tk_dict_free(mibs);
    return x->explanation.offline != NULL;
}

/* --- the notification -------------------------------------------------------------------------------------------- */

static void pass(void *arg, const struct tk_incoming *t)
{
    struct explain *x = arg;

    if (t->judged.is_accepted)
        tk_explain_pass(&x->explanation, t);
}

static bool read_packet(struct explain *x, struct tk_err *err)
{
    bool ok;

    if (tk_pump_open(&x->receiver, -1, err) < 0)
        return false;
    ok = x->hex ? tk_explain_packet_of_hex(&x->trap, x->hex, err)
                : tk_explain_packet_of_capture(&x->trap, x->pcap, x->number ? x->number : 1, pass, x, err);
    tk_pump_close();
    return ok;
}

static int print(struct explain *x)
{
    json_t *facts = tk_explain_facts(&x->explanation);
    int ret = x->explanation.is_published ? 0 : TK_EXIT_TROUBLE;

    if (!facts) {
        (void)fprintf(stderr, "trapkafka explain: out of memory\n");
        return TK_EXIT_USAGE;
    }
    if (x->is_json)
        tk_explain_print_json(facts, x->explanation.event);
    else
        tk_explain_print(facts, x->explanation.event);
    json_decref(facts);
    free(x->explanation.event);
    return fflush(stdout) != 0 ? TK_EXIT_TROUBLE : ret;
}

static int explain(struct explain *x, struct tk_words *words)
{
    struct tk_err err = {0};

    x->trap.receiver = &x->receiver;
    x->trap.received = tk_clock_now();
    x->explanation.trap = &x->trap;
    x->explanation.partitions = x->partitions;
    if (x->has_arguments)
        tk_explain_arguments_look(words->count - words->next, words->words + words->next);
    if (!take_config(x, &err) || !load(x, &err))
        return complain(&err);
    if (x->has_arguments) {
        if (!tk_explain_arguments_read(&x->trap, words, tk_offline_bundle(x->explanation.offline)->dict))
            return words->status;
    } else if (!read_packet(x, &err)) {
        return complain(&err);
    }
    return print(x);
}

static int run(struct tk_words *words)
{
    struct explain *x = calloc(1, sizeof(*x));
    int ret;

    if (!x) {
        (void)fprintf(stderr, "trapkafka explain: out of memory\n");
        return TK_EXIT_USAGE;
    }
    ret = parse(x, words) ? explain(x, words) : words->status;
    tk_offline_free(x->explanation.offline);
    tk_settings_unref(x->receiver.settings);
    free(x);
    return ret;
}

const struct tk_command tk_command_explain = {
    .name = "explain",
    .args = "[OPTIONS] (--hex HEX | --pcap FILE | SNMPTRAP-ARGUMENTS)",
    .about = "Tell why a notification becomes the event that it becomes: device, names, rule, keys, message",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "SNMPTRAP-ARGUMENTS are the options and arguments of snmptrap(1), behind the options above. Nothing is sent.\n"
        "  trapkafka explain --source 192.0.2.7 -v 2c -c public localhost '' IF-MIB::linkDown IF-MIB::ifIndex.7 i 7\n\n"
        "Exit status: 0: an event would be published; 1: it would not; 2: the command line, the configuration or the\n"
        "capture is wrong.\n",
    .example = "trapkafka explain --partitions 12 --pcap traps.pcap --number 3",
    .run = run,
};
