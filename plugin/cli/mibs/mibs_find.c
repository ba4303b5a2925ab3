/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "dictionary/dictionary.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/dictionary_standard.h"

#define INSTALLED TK_PKGDATADIR "/vendors.dict"

static const struct tk_option option_table[] = {
    {"-d", "FILE", "look into this dictionary only, not into those that are installed and built in"},
};

struct find {
    struct tk_dict *parts[2], *dict;
    const char *path, *what;
};

static const char *type_of(const struct tk_dict *d, const struct tk_dict_object *o)
{
    static const char *const types[TK_SYNTAX_COUNT_] =
        {"-",         "INTEGER", "OCTET STRING", "OBJECT IDENTIFIER", "IpAddress", "NetworkAddress",
         "Counter32", "Gauge32", "TimeTicks",    "Counter64",         "BITS",      "Opaque"};

    switch (tk_dict_kind(d, o)) {
    case TK_DICT_NODE: return "name";
    case TK_DICT_NOTIFICATION: return "notification";
    case TK_DICT_TABLE: return "table";
    case TK_DICT_ENTRY: return "row";
    case TK_DICT_SCALAR:
    case TK_DICT_COLUMN: break;
    }
    return types[tk_dict_syntax(d, o)];
}

/* A dictionary promises the length of a text, and neither a NUL behind it nor that a terminal may be given it. */
static void print_text(const char *lead, struct tk_dict_text t)
{
    char safe[4096];

    (void)fputs(lead, stdout);
    (void)fputs(tk_escape(safe, sizeof(safe), t.text, t.len), stdout);
}

static void print_name(struct tk_dict_text module, struct tk_dict_text name)
{
    if (module.len)
        print_text("", module);
    print_text(module.len ? "::" : "", name);
}

static void print_line(const struct tk_dict *d, const struct tk_dict_object *o)
{
    char text[TK_OID_MAX_TEXT];
    struct tk_oid oid;

    tk_dict_oid(d, o, &oid);
    (void)tk_oid_format(text, sizeof(text), oid.subid, oid.len);
    (void)printf("%s ", text);
    print_name(tk_dict_module(d, o), tk_dict_name(d, o));
    (void)printf(" %s\n", type_of(d, o));
}

static void print_ref(const char *lead, struct tk_dict_text module, struct tk_dict_text name, bool is_unknown)
{
    (void)fputs(lead, stdout);
    print_name(module, name);
    (void)fputs(is_unknown ? " (in no dictionary)" : "", stdout);
}

static void print_lists(const struct tk_dict *d, const struct tk_dict_object *o)
{
    for (unsigned i = 0; i < tk_dict_enum_count(d, o); i++) {
        struct tk_dict_enum e = tk_dict_enum(d, o, i);

        print_text(i ? ", " : "  labels   ", e.label);
        (void)printf("(%" PRId32 ")", e.value);
    }
    (void)fputs(tk_dict_enum_count(d, o) ? "\n" : "", stdout);
    for (unsigned i = 0; i < tk_dict_index_count(d, o); i++) {
        struct tk_dict_index ix = tk_dict_index(d, o, i);

        print_ref(i ? ", " : "  indexes  ", ix.module, ix.name, !ix.object);
    }
    (void)fputs(tk_dict_index_count(d, o) ? "\n" : "", stdout);
    for (unsigned i = 0; i < tk_dict_notification_objects(d, o); i++) {
        struct tk_dict_member m = tk_dict_notification_object(d, o, i);

        print_ref(i ? ", " : "  objects  ", m.module, m.name, !m.object);
    }
    (void)fputs(tk_dict_notification_objects(d, o) ? "\n" : "", stdout);
}

static void print_member(const char *lead, struct tk_dict_text t)
{
    if (!t.len)
        return;
    print_text(lead, t);
    (void)putchar('\n');
}

static void print_all(const struct tk_dict *d, const struct tk_dict_object *o)
{
    print_line(d, o);
    print_member("  type     ", tk_dict_tc(d, o));
    if (tk_dict_fixed_len(d, o))
        (void)printf("  octets   %u\n", tk_dict_fixed_len(d, o));
    print_member("  hint     ", tk_dict_hint(d, o));
    print_member("  units    ", tk_dict_units(d, o));
    print_lists(d, o);
}

/* --- searching --------------------------------------------------------------------------------------------------- */

static bool is_oid(const char *what)
{
    return *what && strspn(what, "0123456789.") == strlen(what) && strchr(what, '.');
}

/* The object, and for an instance what stands behind it. */
static int find_oid(const struct find *f)
{
    const char *what = f->what + (*f->what == '.');
    const struct tk_dict_object *o;
    struct tk_oid oid;
    size_t matched = 0;

    if (tk_oid_parse(&oid, what) < 0) {
        (void)fprintf(stderr, "trapkafka mibs find: '%s' is not an OID; write it like 1.3.6.1.2.1.1.3\n", f->what);
        return TK_EXIT_USAGE;
    }
    o = tk_dict_find(f->dict, oid.subid, oid.len, &matched);
    if (!o)
        return TK_EXIT_TROUBLE;
    print_all(f->dict, o);
    if (matched < oid.len) {
        (void)printf("  rest    ");
        for (size_t i = matched; i < oid.len; i++)
            (void)printf("%c%" PRIu32, i > matched ? '.' : ' ', oid.subid[i]);
        (void)putchar('\n');
    }
    return 0;
}

/* Does @p part occur in the text, in letters of either case? */
static bool has_part(struct tk_dict_text t, const char *part, size_t len)
{
    for (size_t at = 0; at + len <= t.len; at++)
        if (strncasecmp(t.text + at, part, len) == 0)
            return true;
    return false;
}

/* "linkDown" and "IF-MIB::linkDown" are looked for as they are, and only if there is none, as a part of names. */
static bool is_match(const struct find *f, const struct tk_dict_object *o, bool is_exact)
{
    struct tk_dict_text name = tk_dict_name(f->dict, o), module = tk_dict_module(f->dict, o);
    const char *colons = strstr(f->what, "::"), *wanted = colons ? colons + 2 : f->what;
    size_t len = strlen(wanted);

    if (colons && (module.len != (size_t)(colons - f->what) || memcmp(module.text, f->what, module.len) != 0))
        return false;
    return is_exact ? name.len == len && memcmp(name.text, wanted, len) == 0 : has_part(name, wanted, len);
}

static int find_text(const struct find *f)
{
    for (int is_part = 0; is_part < 2; is_part++) {
        const struct tk_dict_object *last = NULL;
        uint32_t count = 0;

        for (const struct tk_dict_object *o = tk_dict_next(f->dict, NULL); o; o = tk_dict_next(f->dict, o)) {
            if (!is_match(f, o, !is_part))
                continue;
            if (!is_part)
                print_all(f->dict, o);
            else if (count)
                print_line(f->dict, o);
            if (is_part && count == 0)
                last = o;
            else if (is_part && count == 1)
                print_line(f->dict, last);
            count++;
        }
        if (is_part && count == 1)
            print_all(f->dict, last);
        if (count)
            return 0;
    }
    return TK_EXIT_TROUBLE;
}

/* --- the command ------------------------------------------------------------------------------------------------- */

static bool open_dictionaries(struct find *f, struct tk_err *err)
{
    f->parts[0] = f->path ? tk_dict_file_open(f->path, err) : tk_dict_standard_new(err);
    if (f->parts[0] && !f->path)
        f->parts[1] = tk_dict_file_open(INSTALLED, err);
    if (f->parts[0] && (f->path || f->parts[1]))
        f->dict = tk_dict_join(f->parts, f->path ? 1 : 2);
    if (!f->dict)
        tk_err_set(err, NULL, 0, "out of memory");
    return f->dict != NULL;
}

static bool parse(struct find *f, struct tk_words *words)
{
    const char *value;
    int word;

    while ((word = tk_words_next(words, &value)) >= TK_WORD_OPERAND) {
        if (word == 0) {
            f->path = value;
        } else if (f->what) {
            words->status = tk_words_refuse(words, "'%s': there is a TEXT already ('%s'); write one", value, f->what);
            return false;
        } else {
            f->what = value;
        }
    }
    if (word == TK_WORD_END && (!f->what || !*f->what))
        words->status = tk_words_refuse(words, "there is nothing to look for; write NAME, OID or TEXT");
    return word == TK_WORD_END && f->what && *f->what;
}

static int run(struct tk_words *words)
{
    struct find f = {0};
    struct tk_err err = {0};
    char text[1024];
    int ret;

    if (!parse(&f, words)) {
        ret = words->status;
    } else if (!open_dictionaries(&f, &err)) {
        (void)fprintf(stderr, "trapkafka mibs find: %s\n", tk_err_format(&err, text, sizeof(text)));
        ret = TK_EXIT_USAGE;
    } else {
        ret = is_oid(f.what) ? find_oid(&f) : find_text(&f);
        if (ret == TK_EXIT_TROUBLE)
            (void)fprintf(stderr, "trapkafka mibs find: '%s': no dictionary knows it\n", f.what);
        if (fflush(stdout) != 0)
            ret = TK_EXIT_TROUBLE;
    }
    tk_dict_free(f.dict);
    tk_dict_free(f.parts[0]);
    tk_dict_free(f.parts[1]);
    return ret;
}

const struct tk_command tk_command_mibs_find = {
    .name = "mibs find",
    .args = "[-d FILE] NAME|OID|TEXT",
    .about = "Look up names and OIDs in the dictionaries",
    .options = option_table,
    .option_count = sizeof(option_table) / sizeof(option_table[0]),
    .more =
        "NAME is a name, or MODULE::NAME; if nothing has it, all names are shown in which the TEXT occurs.\n"
        "Exit status: 0: found; 1: no dictionary knows it; 2: the command line is wrong, or a file cannot be read.\n",
    .example = "trapkafka mibs find IF-MIB::linkDown",
    .run = run,
};
