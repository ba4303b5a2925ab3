/* SPDX-License-Identifier: Apache-2.0 */
/* The program trapkafka: its subcommands run the module's code without snmptrapd and Kafka. */
#include <stdio.h>
#include <string.h>

#include "cli/cli_internal.h"
#include "cli/command_line.h"

static const struct tk_command *const commands[] = {
    &tk_command_alarms,         &tk_command_check,         &tk_command_explain,    &tk_command_import_mib,
    &tk_command_import_opennms, &tk_command_import_snmptt, &tk_command_mibs_build, &tk_command_mibs_find,
    &tk_command_mibs_report,    &tk_command_mibs_facts,    &tk_command_queue,      &tk_command_replay,
    &tk_command_rules_test,     &tk_command_status,        &tk_command_tail,       &tk_command_v3_check,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Does @p name begin with this word? @returns what follows the word; NULL: it does not */
static const char *after_word(const char *name, const char *word)
{
    size_t len = strlen(word);

    if (!len || strncmp(name, word, len) != 0 || (name[len] && name[len] != ' '))
        return NULL;
    return name[len] ? name + len + 1 : name + len;
}

/* Find the subcommand that the first words name. @returns NULL: none; @p ret_depth words are the beginning of one */
static const struct tk_command *find(int count, char **words, int *ret_depth)
{
    *ret_depth = 0;
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *rest = commands[i]->name;
        int depth = 0;

        while (depth < count && *rest && after_word(rest, words[depth]))
            rest = after_word(rest, words[depth++]);
        if (depth > *ret_depth)
            *ret_depth = depth;
        if (!*rest)
            return commands[i];
    }
    return NULL;
}

/* Print the subcommands whose names begin with these words. */
static void print_commands(FILE *f, int depth, char **words)
{
    const char *lead = "usage:";

    for (size_t i = 0; i < COMMANDS; i++) {
        const char *rest = commands[i]->name;

        for (int n = 0; rest && n < depth; n++)
            rest = after_word(rest, words[n]);
        if (!rest)
            continue;
        (void)fprintf(f, "%s trapkafka %s %s\n           %s\n", lead, commands[i]->name, commands[i]->args,
                      commands[i]->about);
        lead = "      ";
    }
    (void)fprintf(f, "%s trapkafka [SUBCOMMAND] --help | --version\n", lead);
}

static int refuse(int count, char **words, int depth)
{
    (void)fprintf(stderr, "trapkafka");
    for (int i = 0; i < depth; i++)
        (void)fprintf(stderr, " %s", words[i]);
    if (depth == count)
        (void)fprintf(stderr, ": a subcommand is missing; write one of these:\n");
    else
        (void)fprintf(stderr, ": '%s': no such %s; write one of these:\n", words[depth],
                      words[depth][0] == '-' ? "option" : "subcommand");
    print_commands(stderr, depth, words);
    return TK_EXIT_USAGE;
}

static int run(int count, char **words)
{
    int depth;
    const struct tk_command *command = find(count, words, &depth);
    struct tk_words rest = {.command = command, .count = count - depth, .words = words + depth};
    bool wants_help = false;

    if (command)
        return command->run(&rest);
    if (depth == count)
        return refuse(count, words, depth);
    if (strcmp(words[depth], "help") != 0) {
        if (!tk_word_is_question(words[depth], &wants_help))
            return refuse(count, words, depth);
        if (!wants_help)
            return 0;
    }
    print_commands(stdout, depth, words);
    return 0;
}

/* "help queue" is "queue --help". */
static int help_for(int count, char **words)
{
    static char help[] = "--help";
    char *asked[4];
    int n = 0;

    while (n < count && n < 3) {
        asked[n] = words[n];
        n++;
    }
    asked[n++] = help;
    return run(n, asked);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "help") == 0)
        return help_for(argc - 2, argv + 2);
    return run(argc - 1, argv + 1);
}
