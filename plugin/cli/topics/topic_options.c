/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/topics/topic_options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli_internal.h"
#include "cli/command_line.h"

#define MOST_SECONDS 3600

static volatile sig_atomic_t is_ending;

static int take_timeout(struct tk_topic_options *o, const char *value, struct tk_err *err)
{
    char *end;
    unsigned long seconds = strtoul(value, &end, 10);

    if (*end || end == value || seconds < 1 || seconds > MOST_SECONDS) {
        tk_err_set(err, NULL, 0, "--timeout: '%s': write a number of seconds, 1 to %d", value, MOST_SECONDS);
        return -EINVAL;
    }
    o->timeout_ms = (int)seconds * 1000;
    return 0;
}

int tk_topic_option(struct tk_topic_options *o, int option, const char *value, struct tk_err *err)
{
    switch (option) {
    case TK_OPT_CONFIG: o->access.config = value; return 0;
    case TK_OPT_BROKERS: o->access.brokers = value; return 0;
    case TK_OPT_PROPERTIES: o->access.properties = value; return 0;
    case TK_OPT_JSON: o->wants_json = true; return 0;
    case TK_OPT_TIMEOUT: return take_timeout(o, value, err);
    case TK_OPT_TOPIC:
        o->topic = value;
        if (tk_settings_is_topic(value))
            return 0;
        tk_err_set(err, NULL, 0,
                   "--topic: '%s' is no name of a topic; write 1 to 249 of the characters a-z A-Z 0-9 . _ -", value);
        return -EINVAL;
    default: return tk_record_filter_add(&o->filter, (enum tk_filter_kind)(option - TK_OPT_SEVERITY), value, err);
    }
}

bool tk_topic_parse(struct tk_words *words, tk_topic_take_fn *take, void *arg)
{
    const char *value = NULL;
    struct tk_err err = {0};
    int word;

    while ((word = tk_words_next(words, &value)) != TK_WORD_END) {
        if (word == TK_WORD_STOP)
            return false;
        if (take(arg, word, value, &err) < 0) {
            words->status = tk_words_refuse(words, "%s", err.text);
            return false;
        }
    }
    return true;
}

int tk_topic_complain(const struct tk_words *words, const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka %s: %s\n", words->command->name, tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

static void note_signal(int number)
{
    (void)number;
    is_ending = 1;
}

bool tk_topic_is_ending(void)
{
    static bool is_listening;

    if (!is_listening) {
        struct sigaction action = {.sa_handler = note_signal};

        is_listening = true;
        (void)sigaction(SIGINT, &action, NULL);
        (void)sigaction(SIGTERM, &action, NULL);
        (void)sigaction(SIGHUP, &action, NULL);
    }
    return is_ending;
}
