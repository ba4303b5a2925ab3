/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "mibs/mib_report.h"
#include "cli/mibs/mibs_say.h"

static const struct tk_option option_table[] = {
    {"--output", "DIR", "write NAME.facts into this folder for each folder NAME of MIB files (required)"},
    {"--report", "FILE", "write what could not be read, and what is defined twice, into this file"},
};

enum { OPT_OUTPUT, OPT_REPORT };

struct making {
    struct tk_mib_sources sources;
    const char *output, *report;
};

static const char head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Facts about the notifications of the MIB modules in the folder %s, and about what reading their objects needs.\n"
    "# Written by `trapkafka mibs facts`; README.md says from what, and the head of ../standard.facts has the format.\n";

static bool is_of_folder(const struct making *m, const struct tk_mib_line *n, uint32_t folder)
{
    const struct tk_mib_set *set = &m->sources.set;

    if (!n->is_needed || n->is_lost || !tk_mib_line_is_of_mib(n))
        return false;
    return tk_mib_set_file(set, (const struct tk_mib_variant *)set->variants.items + n->variant)->folder == folder;
}

static bool write_lines(const struct making *m, uint32_t folder, FILE *f)
{
    bool is_good = true;

    for (uint32_t i = 0; is_good && i < m->sources.lines.lines.count; i++) {
        const struct tk_mib_line *n = (const struct tk_mib_line *)m->sources.lines.lines.items + i;

        if (is_of_folder(m, n, folder))
            is_good = tk_mib_lines_write(&m->sources.lines, n, f);
    }
    return is_good;
}

static int write_folder(const struct making *m, uint32_t folder, struct tk_err *err)
{
    const struct tk_mib_folder *fo = (const struct tk_mib_folder *)m->sources.set.folders.items + folder;
    char *path, *lines = NULL;
    size_t len = 0;
    FILE *text = open_memstream(&lines, &len), *f = NULL;
    bool is_good = text && write_lines(m, folder, text);

    if (text && fclose(text) != 0)
        is_good = false;
    if (!is_good || asprintf(&path, "%s/%s.facts", m->output, fo->name) < 0) {
        free(lines);
        tk_err_set(err, NULL, 0, "out of memory");
        return -ENOMEM;
    }
    if (len) { /* not for folders without notifications */
        f = fopen(path, "we");
        is_good = f && fprintf(f, head, fo->name) > 0 && fwrite(lines, 1, len, f) == len;
        if (!f || fclose(f) != 0 || !is_good)
            tk_err_set(err, path, 0, "%s; name a folder in which files can be written", strerror(errno));
    }
    free(path);
    free(lines);
    return err->is_set ? -EIO : 0;
}

static int write_report(const struct making *m, struct tk_mib_counts *counts, struct tk_err *err)
{
    FILE *f = m->report ? fopen(m->report, "we") : NULL;
    int ret = tk_mib_report(&m->sources, f ? TK_MIB_REPORT_ALL : TK_MIB_REPORT_COUNT, f, counts);

    if ((m->report && !f) || (f && fclose(f) != 0))
        ret = -errno;
    if (ret < 0)
        tk_err_set(err, m->report, 0, "%s; name a file that can be written", strerror(-ret));
    return ret;
}

static int make(struct making *m, struct tk_mib_counts *counts, struct tk_err *err)
{
    int ret = tk_mib_sources_add_standard(&m->sources, true);

    if (ret == 0)
        ret = tk_mib_sources_read(&m->sources, err);
    if (ret < 0) {
        tk_err_set(err, NULL, 0, "out of memory");
        return ret;
    }
    tk_mib_lines_need_notifications(&m->sources.lines);
    for (uint32_t i = 0; ret == 0 && i < m->sources.set.folders.count; i++)
        ret = write_folder(m, i, err);
    return ret == 0 ? write_report(m, counts, err) : ret;
}

static bool parse(struct making *m, struct tk_words *words)
{
    const char *value;
    int word;

    while ((word = tk_words_next(words, &value)) >= TK_WORD_OPERAND) {
        if (word == OPT_OUTPUT)
            m->output = value;
        else if (word == OPT_REPORT)
            m->report = value;
        else if (tk_mib_sources_add(&m->sources, value) < 0)
            words->status = tk_words_refuse(words, "out of memory");
        if (words->status)
            return false;
    }
    if (word == TK_WORD_END && !m->output)
        words->status = tk_words_refuse(words, "--output is missing; write --output DIR");
    else if (word == TK_WORD_END && !m->sources.paths.count)
        words->status = tk_words_refuse(words, "there is no MIB file; write DIR or FILE");
    else
        return word == TK_WORD_END;
    return false;
}

static int run(struct tk_words *words)
{
    struct making m = {0};
    struct tk_mib_counts counts;
    struct tk_err err = {0};
    int ret;

    if (!parse(&m, words))
        ret = words->status;
    else if (make(&m, &counts, &err) < 0)
        ret = tk_mibs_complain(words, &err);
    else
        ret = tk_mibs_say_counts(&counts, stdout);
    tk_mib_sources_done(&m.sources);
    return ret;
}

const struct tk_command tk_command_mibs_facts = {
    .name = "mibs facts",
    .args = "--output DIR [--report FILE] DIR|FILE...",
    .about = "Write the facts about the notifications of MIB files as text, as they are in the sources of trapkafka",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more = "DIR and FILE are folders of MIB files, and MIB files; modules of earlier ones are preferred.\n"
            "Exit status: 0: all was read; 1: the facts were written without some definitions; 2: the command line is\n"
            "wrong, or a file cannot be read or written.\n",
    .example = "trapkafka mibs facts --output facts --report report.txt /srv/mibs/ietf /srv/mibs/acme",
    .run = run,
};
