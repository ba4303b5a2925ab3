/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/err.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/mibs/mibs_say.h"

static const struct tk_option option_table[] = {
    {"--all", NULL, "print everything that is to be said, a line each, its parts separated by tabs"},
};

static int report(struct tk_words *words, struct tk_mib_sources *s, enum tk_mib_report_form form)
{
    struct tk_mib_counts counts;
    struct tk_err err = {0};
    int ret = tk_mib_sources_add_standard(s, false);

    if (ret == 0)
        ret = tk_mib_sources_read(s, &err);
    if (ret == 0) {
        ret = tk_mib_report(s, form, stdout, &counts);
        if (ret < 0)
            tk_err_set(&err, NULL, 0, "%s", strerror(-ret));
    }
    return ret == 0 ? tk_mibs_say_counts(&counts, form == TK_MIB_REPORT_ALL ? stderr : stdout)
                    : tk_mibs_complain(words, &err);
}

static int run(struct tk_words *words)
{
    enum tk_mib_report_form form = TK_MIB_REPORT_PEOPLE;
    struct tk_mib_sources s = {0};
    const char *value;
    int word, ret;

    while ((word = tk_words_next(words, &value)) >= TK_WORD_OPERAND) {
        if (word == 0)
            form = TK_MIB_REPORT_ALL;
        else if (tk_mib_sources_add(&s, value) < 0)
            words->status = tk_words_refuse(words, "out of memory");
    }
    if (word == TK_WORD_END && !s.paths.count)
        ret = tk_words_refuse(words, "there is no MIB file; write DIR or FILE");
    else
        ret = word == TK_WORD_END && !words->status ? report(words, &s, form) : words->status;
    tk_mib_sources_done(&s);
    return ret;
}

const struct tk_command tk_command_mibs_report = {
    .name = "mibs report",
    .args = "[--all] DIR|FILE...",
    .about = "Say what of MIB files net-snmp's parser cannot read, and what to do",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "DIR and FILE are folders of MIB files, and MIB files; modules of earlier ones are preferred.\n"
        "Exit status: 0: all was read; 1: some definitions cannot be read; 2: the command line is wrong, or a file\n"
        "cannot be read.\n",
    .example = "trapkafka mibs report --all /srv/mibs/acme",
    .run = run,
};
