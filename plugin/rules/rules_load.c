/* SPDX-License-Identifier: Apache-2.0 */
/* The files of rules, in the order in which they are tried: the operator's, the built-in one, and the shipped ones. */
#include "rules/rules_load.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rules/rules_internal.h"

/* conf/severity-standard.json; mibs/embed.sh makes an object file of it */
extern const unsigned char tk_standard_rules[];
extern const size_t tk_standard_rules_len;

#define MAX_PATH 4096

/* ---- the operator's ---- */

/* A file with errors is not what its author meant. Its rules must not make an alarm disappear: without a pattern, a
 * rule never matches. */
static void withhold_clearing_rules(struct tk_rules *r)
{
    const struct tk_rule *rules = r->rules.items;
    struct tk_rule_pattern *patterns = r->patterns.items;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < r->rules.count; i++)
        r->withheld += tk_rules_can_clear(r, rules + i);
    for (uint32_t i = 0; i < r->patterns.count; i++) {
        bool is_of_name = patterns[i].kind == TK_PATTERN_NAME || patterns[i].kind == TK_PATTERN_NAME_OF_FORM;

        if (is_of_name || !tk_rules_can_clear(r, rules + patterns[i].rule))
            patterns[kept++] = patterns[i];
    }
    r->patterns.count = kept;
}

static bool compile_operators(struct tk_rules *r, const char *json, size_t len, const char *name,
                              struct tk_rules_report *report)
{
    struct tk_rules_compiler c = {.r = r,
                                  .dict = r->dict,
                                  .errors = &report->errors,
                                  .file = name,
                                  .set = "operator:",
                                  .tier = TK_RULES_OPERATOR,
                                  .json = json,
                                  .json_len = len};

    if (!tk_rules_compile(&c, &report->rule_count))
        return false;
    if (!tk_err_list_is_empty(&report->errors))
        withhold_clearing_rules(r);
    report->in_force = tk_rules_count(r);
    r->counts[TK_RULES_OPERATOR] = (uint32_t)report->in_force;
    return true;
}

/* ---- the built-in ones ---- */

static bool compile_standard(struct tk_rules *r, struct tk_rules_report *report)
{
    struct tk_rules_compiler c = {.r = r,
                                  .dict = r->dict,
                                  .errors = &report->standard,
                                  .file = TK_RULES_STANDARD_FILE,
                                  .set = "standard:",
                                  .tier = TK_RULES_STANDARD,
                                  .json = (const char *)tk_standard_rules,
                                  .json_len = tk_standard_rules_len};
    size_t count;

    return tk_rules_compile(&c, &count);
}

/* ---- the shipped ones ---- */

/* Files are read one at a time, and each is freed before the next one. A bad file costs only itself.
 * @returns false: out of memory */
static bool compile_shipped(struct tk_rules *r, const struct tk_rules_files *files, const char *path, const char *set,
                            enum tk_rules_tier tier, struct tk_err_list *errors)
{
    struct tk_rules_compiler c = {
        .r = r,
        .dict = files->names,
        .errors = errors,
        .file = path,
        .set = set,
        .tier = tier,
    };
    struct tk_err err = {0};
    size_t count;
    char *json = tk_rules_read_file(path, &c.json_len, &err);
    bool ok;

    (void)tk_err_list_take(errors, &err);
    if (!json)
        return true;
    c.json = json;
    ok = tk_rules_compile(&c, &count);
    free(json);
    return ok;
}

static int is_rules_file(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".json") == 0;
}

/* The same order in each locale. */
static int compare_entries(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* A file of a vendor's rules is called VENDOR.json. */
static bool compile_entry(struct tk_rules *r, const struct tk_rules_files *files, const char *folder, const char *name,
                          enum tk_rules_tier tier, struct tk_err_list *errors)
{
    int stem = (int)(strlen(name) - strlen(".json"));
    char path[MAX_PATH], set[TK_RULES_MAX_SET] = "standard:";

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (tier != TK_RULES_STANDARD)
        (void)snprintf(set, sizeof(set), "%s:%.*s/", tier == TK_RULES_DERIVED ? "derived" : "vendor", stem, name);
    return compile_shipped(r, files, path, set, tier, errors);
}

/* The files of a folder, by name: that of standards, or all others. */
static bool compile_folder(struct tk_rules *r, const struct tk_rules_files *files, const char *folder,
                           enum tk_rules_tier tier, struct tk_err_list *errors)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_rules_file, compare_entries);
    bool ok = true;

    if (count < 0)
        tk_err_list_add(errors, folder, 0,
                        "can't be read: %s; install trapkafka's rules there, or write kafkaVendorRules off",
                        strerror(errno));
    for (int i = 0; i < count; i++) {
        bool is_ietf = strcmp(entries[i]->d_name, TK_RULES_IETF_FILE) == 0;

        if (is_ietf == (tier == TK_RULES_STANDARD))
            ok = ok && compile_entry(r, files, folder, entries[i]->d_name, tier, errors);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static bool compile_all_shipped(struct tk_rules *r, const struct tk_rules_files *files, struct tk_err_list *errors)
{
    char derived[MAX_PATH];

    if (!files->shipped)
        return true;
    if (!files->names) {
        tk_err_list_add(errors, files->shipped, 0,
                        "its rules have no names without the shipped dictionary, which can't be read");
        return true;
    }
    if (!compile_folder(r, files, files->shipped, TK_RULES_STANDARD, errors))
        return false;
    if (files->vendors == TK_VENDOR_RULES_OFF)
        return true;
    if (!compile_folder(r, files, files->shipped, TK_RULES_CURATED, errors))
        return false;
    (void)snprintf(derived, sizeof(derived), "%s/" TK_RULES_DERIVED_FOLDER, files->shipped);
    return files->vendors == TK_VENDOR_RULES_CURATED || compile_folder(r, files, derived, TK_RULES_DERIVED, errors);
}

/* ---- all of them ---- */

static void count_tiers(struct tk_rules *r)
{
    const struct tk_rule *rules = r->rules.items;

    for (uint32_t i = 0; i < r->rules.count; i++)
        if (rules[i].tier != TK_RULES_OPERATOR)
            r->counts[rules[i].tier]++;
}

/* @p is_good: no memory was missing so far. */
static struct tk_rules *rules_finish(struct tk_rules *r, bool is_good, const char *file, struct tk_rules_report *report)
{
    if (r && is_good && tk_rules_build_index(r)) {
        tk_rules_trim(r);
        count_tiers(r);
        return r;
    }
    if (!r || is_good) /* else the compiler has said so */
        tk_err_list_add(&report->errors, file, 0, "out of memory; use fewer rules or give snmptrapd more memory");
    tk_rules_free(r);
    return NULL;
}

struct tk_rules *tk_rules_parse_sound(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                      struct tk_rules_report *report)
{
    struct tk_rules *r = tk_rules_new(dict);

    memset(report, 0, sizeof(*report));
    return rules_finish(r, r && compile_operators(r, json, len, name, report), name, report);
}

/* @param report  begun: its lists are empty */
static struct tk_rules *load_all(const struct tk_rules_files *files, const struct tk_dict *dict,
                                 struct tk_rules_report *report)
{
    static const struct tk_rules_files none;
    struct tk_rules *r = tk_rules_new(dict);
    const char *path = files ? files->operators : NULL;
    struct tk_err err = {0};
    size_t len = 0;
    char *json;
    bool ok;

    json = path ? tk_rules_read_file(path, &len, &err) : NULL;
    (void)tk_err_list_take(&report->errors, &err);
    ok = r && (!json || compile_operators(r, json, len, path, report)) && compile_standard(r, report);
    free(json);
    ok = ok && compile_all_shipped(r, files ? files : &none, &report->shipped);
    return rules_finish(r, ok, path, report);
}

struct tk_rules *tk_rules_load_sound(const struct tk_rules_files *files, const struct tk_dict *dict,
                                     struct tk_rules_report *report)
{
    memset(report, 0, sizeof(*report));
    return load_all(files, dict, report);
}

struct tk_rules *tk_rules_load_told(const struct tk_rules_files *files, const struct tk_dict *dict, tk_err_fn *tell,
                                    void *tell_arg)
{
    const struct tk_err_list told = {.tell = tell, .tell_arg = tell_arg};
    struct tk_rules_report report = {.errors = told, .standard = told, .shipped = told};

    return load_all(files, dict, &report);
}

/* All or nothing; but a shipped file never costs the operator's rules. */
static struct tk_rules *without_errors(struct tk_rules *r, const struct tk_rules_report *report, struct tk_err *err)
{
    const struct tk_err_list *list = tk_err_list_is_empty(&report->errors) ? &report->standard : &report->errors;

    if (tk_err_list_is_empty(list))
        return r;
    tk_rules_free(r);
    if (err && !err->is_set)
        *err = list->err[0];
    return NULL;
}

struct tk_rules *tk_rules_parse(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                struct tk_err *err)
{
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_parse_sound(json, len, name, dict, &report);

    return without_errors(r, &report, err);
}

struct tk_rules *tk_rules_load(const struct tk_rules_files *files, const struct tk_dict *dict, struct tk_err *err)
{
    struct tk_rules_report report;
    struct tk_rules *r = tk_rules_load_sound(files, dict, &report);

    return without_errors(r, &report, err);
}

/* ---- one file alone ---- */

/* Is the last part of the @p len first bytes of @p path this one? @returns what stands before it; 0: no */
static size_t before_part(const char *path, size_t len, const char *part)
{
    size_t part_len = strlen(part);

    return len > part_len && path[len - part_len - 1] == '/' && memcmp(path + len - part_len, part, part_len) == 0
               ? len - part_len - 1
               : 0;
}

/** Where a file stands among all. */
struct place {
    enum tk_rules_tier tier;
    char set[TK_RULES_MAX_SET];
    bool is_built_in; /* it is the source of the built-in rules, perhaps a newer one */
};

/* By the folder that the file is in, and its name. @param real  absolute */
static struct place place_of(const char *real)
{
    const char *name = strrchr(real, '/') + 1;
    size_t len = (size_t)(name - 1 - real), above = before_part(real, len, TK_RULES_DERIVED_FOLDER);
    bool is_shipped = before_part(real, len, "rules") != 0, is_derived = above && before_part(real, above, "rules");
    struct place p = {.tier = TK_RULES_OPERATOR, .set = "operator:"};

    p.is_built_in = strcmp(name, TK_RULES_STANDARD_FILE) == 0;
    if (p.is_built_in || (is_shipped && strcmp(name, TK_RULES_IETF_FILE) == 0)) {
        p.tier = TK_RULES_STANDARD;
        (void)snprintf(p.set, sizeof(p.set), "standard:");
    } else if (is_shipped || is_derived) {
        p.tier = is_derived ? TK_RULES_DERIVED : TK_RULES_CURATED;
        (void)snprintf(p.set, sizeof(p.set), "%s:%.*s/", is_derived ? "derived" : "vendor", (int)strcspn(name, "."),
                       name);
    }
    return p;
}

static bool compile_alone(struct tk_rules *r, const char *path, const struct place *p, struct tk_rules_report *report,
                          struct tk_err_list *errors)
{
    struct tk_rules_compiler c =
        {.r = r, .dict = r->dict, .errors = errors, .file = path, .set = p->set, .tier = p->tier};
    struct tk_err err = {0};
    size_t count;
    char *json = tk_rules_read_file(path, &c.json_len, &err);
    bool ok = json != NULL;

    (void)tk_err_list_take(errors, &err);
    c.json = json;
    if (p->tier == TK_RULES_OPERATOR)
        ok = ok && tk_rules_compile(&c, &count);
    if (!p->is_built_in)
        ok = ok && compile_standard(r, report);
    if (p->tier != TK_RULES_OPERATOR)
        ok = ok && tk_rules_compile(&c, &count);
    free(json);
    return ok;
}

struct tk_rules *tk_rules_load_alone(const char *path, const struct tk_dict *dict, struct tk_err_list *errors)
{
    struct tk_rules_report report = {0};
    struct tk_rules *r = tk_rules_new(dict);
    char *real = path ? realpath(path, NULL) : NULL;
    struct place p = place_of(real ? real : "/");
    bool ok = r && (path ? compile_alone(r, path, &p, &report, errors) : compile_standard(r, &report));

    free(real);
    for (unsigned i = 0; i < report.standard.kept; i++)
        (void)tk_err_list_take(errors, &report.standard.err[i]);
    if (ok && tk_rules_build_index(r)) {
        tk_rules_trim(r);
        count_tiers(r);
        return r;
    }
    if (tk_err_list_is_empty(errors))
        tk_err_list_add(errors, path, 0, "out of memory");
    tk_rules_free(r);
    return NULL;
}

const char *tk_rules_standard_text(size_t *ret_len)
{
    *ret_len = tk_standard_rules_len;
    return (const char *)tk_standard_rules;
}

char *tk_rules_load_text(const char *path, size_t *ret_len, struct tk_err *err)
{
    return tk_rules_read_file(path, ret_len, err);
}

unsigned tk_rules_line_of(const char *json, size_t len, const char *member, size_t number)
{
    struct tk_err_list none = {0};
    const struct tk_rules_compiler c = {.json = json, .json_len = len, .errors = &none};

    return tk_rules_line(&c, member, number);
}
