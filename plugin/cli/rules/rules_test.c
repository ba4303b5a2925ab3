/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka rules test: compile files of rules, and run the tests that they have. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/rules/rules_dictionary.h"
#include "cli/rules/rules_file.h"

#define SHIPPED  TK_PKGDATADIR "/rules"
#define MAX_PATH 4096

enum { OPT_CHECK, OPT_DICTIONARY };

static const struct tk_option option_table[] = {
    [OPT_CHECK] = {"--check", NULL, "compile only, and print all errors; run no test"},
    [OPT_DICTIONARY] =
        {"--dictionary", "FILE",
         "take names from FILE too: a compiled dictionary, a file of facts, or a folder of such files; may "
         "be given several times, and then the installed dictionary of vendors is not used"},
};

struct options {
    bool checks_only;
    const char *dictionaries[TK_DICT_MAX_LAYERS];
    size_t dictionary_count;
    const char **files; /* room for all words */
    size_t file_count;
};

/* @returns false: the command ends with words->status */
static bool parse(struct options *o, struct tk_words *words)
{
    const char *value = NULL;
    int word;

    while ((word = tk_words_next(words, &value)) != TK_WORD_END) {
        if (word == TK_WORD_STOP)
            return false;
        if (word == OPT_CHECK) {
            o->checks_only = true;
        } else if (word == OPT_DICTIONARY) {
            if (o->dictionary_count + 1 == TK_DICT_MAX_LAYERS) {
                words->status = tk_words_refuse(words, "--dictionary is given too often; write it at most %d times",
                                                TK_DICT_MAX_LAYERS - 1);
                return false;
            }
            o->dictionaries[o->dictionary_count++] = value;
        } else {
            o->files[o->file_count++] = value;
        }
    }
    return true;
}

static int complain(const struct tk_err *err)
{
    char text[sizeof(struct tk_err)];

    (void)fprintf(stderr, "trapkafka rules test: %s\n", tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

static void say(void *arg, bool is_difference, const char *file, unsigned line, const char *text)
{
    FILE *out = is_difference ? stdout : stderr;

    (void)arg;
    (void)fprintf(out, "%s%s%s", is_difference ? "" : "trapkafka rules test: ", file, *file ? ": " : "");
    if (line)
        (void)fprintf(out, "line %u: ", line);
    (void)fprintf(out, "%s\n", text);
}

static int is_rules_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* All shipped files of a folder. One that is not installed is no error: the rules are in files of their own. */
static void test_folder(const struct options *o, const char *folder, struct tk_dict *d, struct tk_rules_tally *tally)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_rules_file, alphasort);

    for (int i = 0; i < count; i++) {
        char path[MAX_PATH];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        tk_rules_file_test(path, false, d, !o->checks_only, tally);
        free(entries[i]);
    }
    free(entries);
}

static void test_all(const struct options *o, struct tk_dict *d, struct tk_rules_tally *tally)
{
    for (size_t i = 0; i < o->file_count; i++)
        tk_rules_file_test(o->files[i], false, d, !o->checks_only, tally);
    if (o->file_count)
        return;
    tk_rules_file_test(NULL, false, d, !o->checks_only, tally);
    test_folder(o, SHIPPED, d, tally);
    test_folder(o, SHIPPED "/derived", d, tally);
}

static int run_options(const struct options *o)
{
    struct tk_rules_tally tally = {.say = say};
    struct tk_err err = {0};
    struct tk_dict *d = tk_rules_dictionary(o->dictionaries, o->dictionary_count, &err);

    if (!d)
        return complain(&err);
    test_all(o, d, &tally);
    tk_dict_free(d);
    if (!tally.errors || tally.tests || tally.files > 1)
        (void)printf("files: %u, tests: %u passed, %u failed; errors: %u\n", tally.files, tally.tests - tally.failed,
                     tally.failed, tally.errors);
    return tally.errors ? TK_EXIT_USAGE : tally.failed ? TK_EXIT_TROUBLE : 0;
}

static int run(struct tk_words *words)
{
    struct options o = {.files = calloc((size_t)words->count + 1, sizeof(*o.files))};
    int ret;

    if (!o.files)
        return TK_EXIT_USAGE;
    ret = parse(&o, words) ? run_options(&o) : words->status;
    free(o.files);
    if (fflush(stdout) != 0 && ret == 0)
        ret = TK_EXIT_TROUBLE;
    return ret;
}

const struct tk_command tk_command_rules_test = {
    .name = "rules test",
    .args = "[--check] [--dictionary FILE]... [FILE]...",
    .about = "Compile files of severity rules, and run the tests in them",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "FILE is a file of rules, as for kafkaSeverityRules; without FILE: the built-in and the shipped ones.\n"
        "Exit status: 0: success; 1: an event differs from what a test expects; 2: the command line is wrong, or a file\n"
        "has an error or cannot be read.\n",
    .example = "trapkafka rules test --dictionary /etc/snmp/acme.dict /etc/snmp/severity.json",
    .run = run,
};
