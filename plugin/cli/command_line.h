/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file command_line.h
 * @brief Read the options of a subcommand, and answer --help. An error says what to write instead.
 *
 * Every subcommand is described by one struct tk_command, so all of them answer -h, --help, help, -V and --version
 * alike: on standard output, with exit status 0. Errors go to standard error.
 */
#ifndef TK_COMMAND_LINE_H
#define TK_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct tk_words;

struct tk_option {
    const char *name; /* "--config" */
    const char *arg;  /* what follows it: "FILE"; NULL: nothing */
    const char *help;
};

struct tk_command {
    const char *name;  /* the words after "trapkafka": "v3 check" */
    const char *args;  /* "[--records] PATH" */
    const char *about; /* what it does, in one line */
    const struct tk_option *options;
    size_t option_count;
    const char *more;    /* the rest of --help: operands and exit status */
    const char *example; /* a whole command line, for the end of --help */
    /** @returns the exit status */
    int (*run)(struct tk_words *words);
};

/** The words behind the subcommand's name, as far as they were read. */
struct tk_words {
    const struct tk_command *command;
    int count;
    char **words;
    int next;
    bool are_operands; /* "--" was read */
    int status;        /* the exit status after TK_WORD_STOP */
};

/** What tk_words_next() found, if it is not the index of an option. */
enum { TK_WORD_OPERAND = -1, TK_WORD_END = -2, TK_WORD_STOP = -3 };

/**
 * @brief Read the next word, and its value if it is an option that takes one ("--config FILE" or "--config=FILE").
 * @param ret_value  the value of an option, or the operand; it points into the words
 * @returns the index of an option; TK_WORD_OPERAND; TK_WORD_END; TK_WORD_STOP: help or an error was printed, and
 *          words->status is the exit status
 * @locality any  @locks none
 */
int tk_words_next(struct tk_words *words, const char **ret_value);

/** @brief Print what is wrong with the command line, and where its form is explained. @returns TK_EXIT_USAGE
 *  @locality any @locks none */
int tk_words_refuse(const struct tk_words *words, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** @brief Is @p word a question for help or for the version? Then print the version, or tell the caller to print help.
 *  @param ret_wants_help  whether help is asked for; else the version was printed
 *  @locality any @locks none */
bool tk_word_is_question(const char *word, bool *ret_wants_help);

#endif /* TK_COMMAND_LINE_H */
