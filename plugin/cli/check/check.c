/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka check: check snmptrapd's configuration, all files that it names, and the brokers, without a daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/check/check_brokers.h"
#include "cli/check/check_files.h"
#include "cli/check/check_tables.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"

#define TIMEOUT_S     10
#define MAX_TIMEOUT_S 600

enum { OPT_USER, OPT_BROKERS, OPT_TIMEOUT, OPT_ALL, OPT_JSON };

static const struct tk_option option_table[] = {
    [OPT_USER] = {"--user", "USER", "open files with the rights of USER, whom snmptrapd runs as"},
    [OPT_BROKERS] = {"--brokers", NULL, "ask the brokers too: connection, rights, topics; nothing is written"},
    [OPT_TIMEOUT] = {"--timeout", "SECONDS", "how long the brokers may take in all, 1 to 600 (default 10)"},
    [OPT_ALL] = {"--all", NULL, "print what is sound too"},
    [OPT_JSON] = {"--json", NULL, "print one JSON object a line, and the summary as the last one"},
};

struct options {
    const char *path, *user;
    bool asks_brokers;
    unsigned timeout_s;
};

static bool refuse(struct tk_words *words, int status)
{
    words->status = status;
    return false;
}

static bool take(struct options *o, struct tk_check_findings *f, struct tk_words *words, int word, const char *value)
{
    unsigned long seconds;
    char *end;

    switch (word) {
    case OPT_USER: o->user = value; return true;
    case OPT_BROKERS: o->asks_brokers = true; return true;
    case OPT_ALL: f->wants_all = true; return true;
    case OPT_JSON: f->is_json = true; return true;
    case OPT_TIMEOUT:
        seconds = strtoul(value, &end, 10);
        if (*value < '0' || *value > '9' || *end || seconds < 1 || seconds > MAX_TIMEOUT_S)
            return refuse(words, tk_words_refuse(words, "--timeout '%s': not a number of seconds; write 1 to %d", value,
                                                 MAX_TIMEOUT_S));
        o->timeout_s = (unsigned)seconds;
        return true;
    default: break;
    }
    if (o->path)
        return refuse(words, tk_words_refuse(words, "'%s': there is a FILE already, '%s'; write one", value, o->path));
    o->path = value;
    return true;
}

/* @returns false: the command ends with words->status */
static bool parse(struct options *o, struct tk_check_findings *f, struct tk_words *words)
{
    const char *value = NULL;
    int word;

    while ((word = tk_words_next(words, &value)) != TK_WORD_END)
        if (word == TK_WORD_STOP || !take(o, f, words, word, value))
            return false;
    return true;
}

static int complain(const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka check: %s\n", tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

static int check(const struct options *o, struct tk_check_findings *f)
{
    struct tk_check_config c = {0};
    struct tk_check_tables tables;
    struct tk_err err = {0};

    if ((o->user && !tk_check_become(o->user, &err)) || !tk_check_config_read(&c, o->path, f, &err)) {
        tk_check_config_done(&c);
        return complain(&err);
    }
    if (!o->user && geteuid() == 0)
        tk_check_say(f, TK_CHECK_WARNING, (struct tk_check_place){c.first, 0},
                     "files were opened with root's rights; write --user USER to see whether snmptrapd can open them "
                     "(Debian: --user Debian-snmp)");
    tk_check_tables_load(&tables, &c, f);
    tk_check_files(&c, f);
    if (o->asks_brokers)
        tk_check_brokers(&c, tables.rules, o->timeout_s * TK_SECOND, f);
    tk_check_summarize(f, c.files);
    tk_check_tables_done(&tables);
    tk_check_config_done(&c);
    return f->count[TK_CHECK_ERROR] ? TK_EXIT_TROUBLE : 0;
}

static int run(struct tk_words *words)
{
    struct options o = {.timeout_s = TIMEOUT_S};
    struct tk_check_findings f = {0};
    int ret = parse(&o, &f, words) ? check(&o, &f) : words->status;

    if (fflush(stdout) != 0 && ret == 0)
        ret = TK_EXIT_TROUBLE;
    return ret;
}

const struct tk_command tk_command_check = {
    .name = "check",
    .args = "[--user USER] [--brokers [--timeout SECONDS]] [--all] [--json] [FILE]",
    .about = "Check snmptrapd's configuration and all that it names, without a daemon",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "FILE is snmptrapd's configuration file; without FILE: those that snmptrapd reads by itself.\n"
        "Exit status: 0: no error was found, perhaps warnings; 1: there are errors; 2: the command line is wrong, or the\n"
        "configuration cannot be read.\n",
    .example = "trapkafka check --user Debian-snmp --brokers /etc/snmp/snmptrapd.conf",
    .run = run,
};
