/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka import: rules out of the files of other programs. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "cli/import/import_check.h"
#include "cli/rules/rules_dictionary.h"
#include "dictionary/dictionary_standard.h"
#include "import/annotated.h"
#include "import/import_pairs.h"
#include "import/opennms.h"
#include "import/snmptt.h"

enum { OPT_OUTPUT, OPT_DICTIONARY, OPT_SEVERITY };

static const struct tk_option option_table[] = {
    [OPT_OUTPUT] = {"-o", "FILE", "write the rules into this file; without it: to standard output"},
    [OPT_DICTIONARY] =
        {"--dictionary", "FILE",
         "take names, and the objects of notifications, from FILE too: a compiled dictionary, a file of facts, or a folder "
         "of such files; may be given several times, and then the installed dictionary of vendors is not used"},
    [OPT_SEVERITY] = {"--severity", "NAME=SEVERITY",
                      "the severity of ours for one of theirs, such as Normal=cleared; may be given several times"},
};

struct options {
    const char *output;
    const char *dictionaries[TK_DICT_MAX_LAYERS];
    size_t dictionary_count;
    const char **severities, **files; /* room for all words */
    size_t severity_count, file_count;
};

static bool take_dictionary(struct options *o, struct tk_words *words, const char *value)
{
    if (o->dictionary_count + 1 < TK_DICT_MAX_LAYERS) {
        o->dictionaries[o->dictionary_count++] = value;
        return true;
    }
    words->status = tk_words_refuse(words, "--dictionary is given too often; write it at most %d times",
                                    TK_DICT_MAX_LAYERS - 1);
    return false;
}

/* @returns false: the command ends with words->status */
static bool parse(struct options *o, struct tk_words *words)
{
    const char *value = NULL;
    int word;

    while ((word = tk_words_next(words, &value)) != TK_WORD_END) {
        if (word == TK_WORD_STOP || (word == OPT_DICTIONARY && !take_dictionary(o, words, value)))
            return false;
        if (word == OPT_OUTPUT)
            o->output = value;
        else if (word == OPT_SEVERITY)
            o->severities[o->severity_count++] = value;
        else if (word == TK_WORD_OPERAND)
            o->files[o->file_count++] = value;
    }
    if (!o->file_count)
        words->status = tk_words_refuse(words, "there is no file to read; write FILE");
    return o->file_count;
}

/* ---- reading ---- */

static bool take_severities(struct tk_import *im, const struct options *o, struct tk_words *words)
{
    for (size_t i = 0; i < o->severity_count; i++) {
        if (tk_import_map_severity(im, o->severities[i]))
            continue;
        words->status =
            tk_words_refuse(words,
                            "--severity '%s': write NAME=SEVERITY, where SEVERITY is critical, major, minor, "
                            "warning, indeterminate or cleared",
                            o->severities[i]);
        return false;
    }
    return true;
}

/** A format of another program. */
struct format {
    void (*read)(struct tk_import *im, char *text, struct tk_err *err);
    bool takes_folders;
    const char *nothing; /* of a file, or a folder, without a definition */
};

static void read_snmptt(struct tk_import *im, char *text, struct tk_err *err)
{
    (void)err;
    tk_snmptt_read(im, text);
}

static void read_opennms(struct tk_import *im, char *text, struct tk_err *err)
{
    (void)tk_opennms_read(im, text, err);
}

static void read_annotated(struct tk_import *im, char *text, struct tk_err *err)
{
    (void)err;
    tk_annotated_read(im, text);
}

static const struct format annotated = {read_annotated, true,
                                        "no notification has annotations; name MIB files with --#SEVERITY and so on"};
static const struct format snmptt = {read_snmptt, false, "it has no EVENT; name a file in the format of snmptt.conf"};
static const struct format opennms = {read_opennms, false,
                                      "it has no event; name a file in the format of eventconf that has events"};

static bool read_file(struct tk_import *im, const char *path, const struct format *format, struct tk_err *err)
{
    size_t len;
    char *text = tk_import_read(im, path, &len, err);

    if (text)
        format->read(im, text, err);
    free(text);
    if (im->is_out_of_memory)
        tk_err_set(err, NULL, 0, "out of memory");
    return !err->is_set;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type != DT_DIR;
}

static bool read_folder(struct tk_import *im, const char *folder, const struct format *format, struct tk_err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_shown, alphasort);

    if (count < 0)
        tk_err_set(err, folder, 0, "%s; name a folder that can be read", strerror(errno));
    for (int i = 0; i < count; i++) {
        char *path = NULL;

        if (!err->is_set && asprintf(&path, "%s/%s", folder, entries[i]->d_name) > 0)
            (void)read_file(im, path, format, err);
        free(path);
        free(entries[i]);
    }
    free(entries);
    return !err->is_set;
}

static bool read_files(struct tk_import *im, const struct options *o, const struct format *format, struct tk_err *err)
{
    bool is_good = true;

    for (size_t i = 0; i < o->file_count && is_good; i++) {
        unsigned before = im->found;
        struct stat st;
        bool is_folder = format->takes_folders && stat(o->files[i], &st) == 0 && S_ISDIR(st.st_mode);

        is_good = is_folder ? read_folder(im, o->files[i], format, err) : read_file(im, o->files[i], format, err);
        if (is_good && im->found == before) {
            tk_err_set(err, o->files[i], 0, "%s", format->nothing);
            is_good = false;
        }
    }
    return is_good;
}

/* ---- writing ---- */

/* Beside the file, and renamed: a daemon that reads it never sees half of it. */
static bool write_file(const char *path, const char *text, size_t len, struct tk_err *err)
{
    char *beside = NULL;
    FILE *f = asprintf(&beside, "%s.new", path) < 0 ? NULL : fopen(beside, "we");
    bool is_good = f && fwrite(text, 1, len, f) == len;
    int error = errno;

    if (f && fclose(f) != 0 && is_good) {
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
    return is_good;
}

static bool write_rules(struct tk_import *im, const char *path, struct tk_err *err)
{
    unsigned first;
    size_t len = 0;
    char *text = tk_import_print(im, &len, &first);
    bool is_good = text != NULL;

    if (!text)
        tk_err_set(err, NULL, 0, "out of memory");
    else if (path)
        is_good = write_file(path, text, len, err);
    else
        is_good = fwrite(text, 1, len, stdout) == len && fflush(stdout) == 0;
    if (!is_good)
        tk_err_set(err, NULL, 0, "standard output: %s", strerror(errno));
    free(text);
    return is_good;
}

/* What became of all of it. */
static void say_totals(const struct tk_import *im, const struct tk_words *words)
{
    const struct tk_import_rule *r = im->rules.items;
    unsigned rules = 0, tests = 0;

    for (uint32_t i = 0; i < im->rules.count; i++, r++) {
        rules += r->rule != NULL;
        tests += r->test != NULL;
    }
    (void)fprintf(stderr, "trapkafka %s: definitions read: %u, rules: %u, tests: %u, not carried over: %u\n",
                  words->command->name, im->found, rules, tests, im->note_count);
}

/* ---- the command ---- */

static int import(struct tk_import *im, struct tk_dict *dict, const struct options *o, const struct format *format,
                  struct tk_words *words)
{
    struct tk_err err = {0};
    char text[sizeof(struct tk_err)];

    if (!take_severities(im, o, words))
        return words->status;
    if (read_files(im, o, format, &err)) {
        tk_import_sort(im);
        if (tk_import_check(im, dict, &err) && write_rules(im, o->output, &err)) {
            tk_import_tell_unpaired(im);
            say_totals(im, words);
            return im->note_count ? TK_EXIT_TROUBLE : 0;
        }
    }
    (void)fprintf(stderr, "trapkafka %s: %s\n", words->command->name, tk_err_format(&err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

static int run_options(const struct options *o, const struct format *format, struct tk_words *words)
{
    struct tk_err err = {0};
    char text[sizeof(struct tk_err)];
    struct tk_dict *dict = tk_rules_dictionary(o->dictionaries, o->dictionary_count, &err);
    struct tk_dict *standard = dict ? tk_dict_standard_new(&err) : NULL;
    struct tk_import im;
    int ret = TK_EXIT_USAGE;

    if (standard && tk_import_init(&im, dict, standard, stderr)) {
        ret = import(&im, dict, o, format, words);
        tk_import_done(&im);
    } else {
        tk_err_set(&err, NULL, 0, "out of memory");
        (void)fprintf(stderr, "trapkafka %s: %s\n", words->command->name, tk_err_format(&err, text, sizeof(text)));
    }
    tk_dict_free(standard);
    tk_dict_free(dict);
    return ret;
}

static int run(const struct format *format, struct tk_words *words)
{
    struct options o = {.severities = calloc((size_t)words->count + 1, sizeof(*o.severities)),
                        .files = calloc((size_t)words->count + 1, sizeof(*o.files))};
    int ret = TK_EXIT_USAGE;

    if (o.severities && o.files)
        ret = parse(&o, words) ? run_options(&o, format, words) : words->status;
    free(o.severities);
    free(o.files);
    return ret;
}

static int run_snmptt(struct tk_words *words)
{
    return run(&snmptt, words);
}

static int run_annotated(struct tk_words *words)
{
    return run(&annotated, words);
}

static int run_opennms(struct tk_words *words)
{
    return run(&opennms, words);
}

#define ARGS "[-o FILE] [--dictionary FILE]... [--severity NAME=SEVERITY]... FILE..."
#define MORE \
    "Each thing that is not carried over is a line on standard error: file, line, value, reason, what to write.\n" \
    "Exit status: 0: all was carried over; 1: the rules were written without what was told; 2: nothing was\n" \
    "written, because the command line is wrong, or a file cannot be read or written.\n"

const struct tk_command tk_command_import_mib = {
    .name = "import mib",
    .args = "[-o FILE] [--dictionary FILE]... [--severity NAME=SEVERITY]... DIR|FILE...",
    .about = "Make rules and tests out of MIB files with annotations (--#SEVERITY, --#SUMMARY)",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more = "Compile the files first (trapkafka mibs build), and name the dictionary.\n" MORE,
    .example = "trapkafka import mib --dictionary /etc/snmp/acme.dict -o /etc/snmp/severity.json /usr/share/snmp/acme",
    .run = run_annotated,
};

const struct tk_command tk_command_import_opennms = {
    .name = "import opennms",
    .args = ARGS,
    .about = "Make rules and tests out of files in the format of OpenNMS's eventconf",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more = MORE,
    .example = "trapkafka import opennms --dictionary /etc/snmp/acme.dict -o /etc/snmp/severity.json "
               "/opt/opennms/etc/events/Acme.events.xml",
    .run = run_opennms,
};

const struct tk_command tk_command_import_snmptt = {
    .name = "import snmptt",
    .args = ARGS,
    .about = "Make rules and tests out of files in the format of snmptt.conf",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more = MORE,
    .example = "trapkafka import snmptt --dictionary /etc/snmp/acme.dict -o /etc/snmp/severity.json "
               "/etc/snmp/snmptt.conf",
    .run = run_snmptt,
};
