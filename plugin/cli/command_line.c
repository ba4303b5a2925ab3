/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command_line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli_internal.h"

bool tk_word_is_question(const char *word, bool *ret_wants_help)
{
    *ret_wants_help = strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0;
    if (*ret_wants_help)
        return true;
    if (strcmp(word, "-V") != 0 && strcmp(word, "--version") != 0)
        return false;
    (void)printf("trapkafka %s\n", PACKAGE_VERSION);
    return true;
}

static void print_help(const struct tk_command *command)
{
    (void)printf("usage: trapkafka %s %s\n\n%s.\n\n", command->name, command->args, command->about);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct tk_option *o = &command->options[i];
        char form[32];

        (void)snprintf(form, sizeof(form), "%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
        (void)printf("  %-18s %s\n", form, o->help);
    }
    (void)printf("  %-18s %s\n  %-18s %s\n\n%sExample:\n  %s\n", "-h, --help", "print this", "-V, --version",
                 "print the version", command->more, command->example);
}

int tk_words_refuse(const struct tk_words *words, const char *fmt, ...)
{
    va_list ap;

    (void)fprintf(stderr, "trapkafka %s: ", words->command->name);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fprintf(stderr, "\nusage: trapkafka %s %s\nsee: trapkafka %s --help\n", words->command->name,
                  words->command->args, words->command->name);
    return TK_EXIT_USAGE;
}

static int stop(struct tk_words *words, int status)
{
    words->status = status;
    return TK_WORD_STOP;
}

static int take_option(struct tk_words *words, const char *word, const char **ret_value)
{
    size_t len = strcspn(word, "=");

    for (size_t i = 0; i < words->command->option_count; i++) {
        const struct tk_option *o = &words->command->options[i];

        if (strlen(o->name) != len || memcmp(o->name, word, len) != 0)
            continue;
        if (!o->arg && word[len])
            return stop(words,
                        tk_words_refuse(words, "'%s': %s takes no value; leave out '%s'", word, o->name, word + len));
        if (o->arg && word[len])
            *ret_value = word + len + 1;
        else if (o->arg && words->next == words->count)
            return stop(words,
                        tk_words_refuse(words, "%s: %s is missing; write %s %s", o->name, o->arg, o->name, o->arg));
        else if (o->arg)
            *ret_value = words->words[words->next++];
        return (int)i;
    }
    return stop(words, tk_words_refuse(words, "'%s': no such option; write one of those below, or ./%s if it is a file",
                                       word, word));
}

int tk_words_next(struct tk_words *words, const char **ret_value)
{
    const char *word;
    bool wants_help;

    if (words->next == words->count)
        return TK_WORD_END;
    word = words->words[words->next++];
    if (words->are_operands || word[0] != '-' || !word[1]) {
        if (words->count == 1 && strcmp(word, "help") == 0) {
            print_help(words->command);
            return stop(words, 0);
        }
        *ret_value = word;
        return TK_WORD_OPERAND;
    }
    if (strcmp(word, "--") == 0) {
        words->are_operands = true;
        return tk_words_next(words, ret_value);
    }
    if (!tk_word_is_question(word, &wants_help))
        return take_option(words, word, ret_value);
    if (wants_help)
        print_help(words->command);
    return stop(words, 0);
}
