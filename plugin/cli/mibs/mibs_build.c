/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/mibs/mibs_say.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/dictionary_file.h"

static const struct tk_option option_table[] = {
    {"-o", "FILE", "write the dictionary into this file (required); kafkaDictionary names it then"},
    {"--facts", NULL, "write it as text, a fact a line, which a further build reads as NAME.facts"},
    {"--quiet", NULL, "print errors only"},
};

enum { OPT_OUTPUT, OPT_FACTS, OPT_QUIET };

struct build {
    struct tk_mib_sources sources;
    const char *output;
    bool wants_facts, is_quiet;
};

static bool write_lines(const struct tk_mib_lines *l, FILE *f)
{
    bool is_good = true;

    for (uint32_t i = 0; is_good && i < l->lines.count; i++) {
        const struct tk_mib_line *n = (const struct tk_mib_line *)l->lines.items + i;

        if (!n->is_lost && tk_mib_line_is_of_source(n))
            is_good = tk_mib_lines_write(l, n, f);
    }
    return is_good;
}

static int write_facts(const char *path, const char *text, size_t len, struct tk_err *err)
{
    char *beside = NULL;
    FILE *f = asprintf(&beside, "%s.new", path) < 0 ? NULL : fopen(beside, "we");
    bool is_good = f && fwrite(text, 1, len, f) == len;
    int error = errno;

    if (f && fclose(f) != 0) {
        is_good = false;
        error = errno;
    }
    if (is_good && rename(beside, path) < 0) {
        is_good = false;
        error = errno;
    }
    if (!is_good && f)
        (void)unlink(beside);
    free(beside);
    if (!is_good)
        tk_err_set(err, path, 0, "%s; name a file that can be written", strerror(error));
    return is_good ? 0 : -EIO;
}

static int write_dictionary(const char *path, const char *text, size_t len, struct tk_err *err)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d = NULL;
    int ret = b ? tk_dict_facts_read(b, text, len, "the facts of the MIB files", err) : -ENOMEM;

    if (ret == 0) {
        d = tk_dict_builder_finish(b);
        ret = d ? tk_dict_file_write(path, d, err) : -ENOMEM;
    }
    tk_dict_free(d);
    tk_dict_builder_free(b);
    return ret;
}

static int build(struct build *b, struct tk_mib_counts *counts, struct tk_err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f;
    int ret = tk_mib_sources_add_standard(&b->sources, false);

    if (ret == 0)
        ret = tk_mib_sources_read(&b->sources, err);
    if (ret < 0)
        return ret;
    f = open_memstream(&text, &len);
    ret = f && write_lines(&b->sources.lines, f) ? 0 : -ENOMEM;
    if (f && fclose(f) != 0)
        ret = -ENOMEM;
    if (ret == 0)
        ret = tk_mib_report(&b->sources, b->is_quiet ? TK_MIB_REPORT_COUNT : TK_MIB_REPORT_PEOPLE, stdout, counts);
    if (ret == 0)
        ret = b->wants_facts ? write_facts(b->output, text, len, err) : write_dictionary(b->output, text, len, err);
    free(text);
    return ret;
}

static bool parse(struct build *b, struct tk_words *words)
{
    const char *value;
    int word;

    while ((word = tk_words_next(words, &value)) >= TK_WORD_OPERAND) {
        if (word == OPT_OUTPUT)
            b->output = value;
        else if (word == OPT_FACTS)
            b->wants_facts = true;
        else if (word == OPT_QUIET)
            b->is_quiet = true;
        else if (tk_mib_sources_add(&b->sources, value) < 0)
            words->status = tk_words_refuse(words, "out of memory");
        if (words->status)
            return false;
    }
    if (word == TK_WORD_END && !b->output)
        words->status = tk_words_refuse(words, "-o is missing; write -o FILE");
    else if (word == TK_WORD_END && !b->sources.paths.count)
        words->status = tk_words_refuse(words, "there is no MIB file; write DIR or FILE");
    else
        return word == TK_WORD_END;
    return false;
}

static int run(struct tk_words *words)
{
    struct build b = {0};
    struct tk_mib_counts counts;
    struct tk_err err = {0};
    int ret;

    if (!parse(&b, words)) {
        ret = words->status;
    } else {
        ret = build(&b, &counts, &err);
        if (ret < 0) {
            tk_err_set(&err, NULL, 0, "%s", strerror(-ret)); /* keeps an error that is set already */
            ret = tk_mibs_complain(words, &err);
        } else if (!b.is_quiet) {
            ret = tk_mibs_say_counts(&counts, stdout);
        } else {
            ret = counts.trouble ? TK_EXIT_TROUBLE : 0;
        }
    }
    tk_mib_sources_done(&b.sources);
    return ret;
}

const struct tk_command tk_command_mibs_build = {
    .name = "mibs build",
    .args = "-o FILE [--facts] [--quiet] DIR|FILE...",
    .about = "Compile MIB files and files of facts into a dictionary, and say what of them cannot be read",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "DIR and FILE are folders, MIB files, and files of facts (NAME.facts); modules of earlier ones are preferred.\n"
        "Exit status: 0: success; 1: the dictionary was written without what cannot be read; 2: nothing was written,\n"
        "because the command line is wrong, or a file cannot be read or written.\n",
    .example = "trapkafka mibs build -o /etc/snmp/acme.dict /srv/mibs/ietf /srv/mibs/acme",
    .run = run,
};
