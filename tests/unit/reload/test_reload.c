/* SPDX-License-Identifier: Apache-2.0 */
/* The loader thread with dictionaries: which layers a bundle has, what a bad file changes, and what happens to one that
 * is overwritten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "dict_build.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/dictionary_file.h"
#include "reload/reload.h"

#define PATIENCE 60 /* seconds to wait for the thread, at most */

static char folder[] = "test_reload.XXXXXX", cwd[1000];
static char first[1100], second[1100], vendors[1100], rules[1100];
static const char *shipped_rules; /* the folder; NULL: there are none */
static struct tk_log *tlog;
static struct tk_mailbox mailbox;
static struct tk_reload *reload;
static char logged[20000];

static void write_facts(const char *path, const char *facts)
{
    struct tk_dict *d = dict_build(facts);
    struct tk_err err = {0};

    if (tk_dict_file_write(path, d, &err) < 0)
        fail_msg("%s", err.text);
    tk_dict_free(d);
}

static void write_text(const char *path, const char *text)
{
    FILE *f;

    (void)unlink(path); /* it may be mapped */
    f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

/* The time of the last change is set, because the clock of files may not have gone on. */
static void overwrite(const char *path)
{
    static const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    int fd = open(path, O_WRONLY);

    assert_int_equal(pwrite(fd, "junk", 4, 200), 4);
    assert_int_equal(futimens(fd, times), 0);
    (void)close(fd);
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || !getcwd(cwd, sizeof(cwd)))
        return -1;
    (void)snprintf(first, sizeof(first), "%s/%s/first.dict", cwd, folder);
    (void)snprintf(second, sizeof(second), "%s/%s/second.dict", cwd, folder);
    (void)snprintf(vendors, sizeof(vendors), "%s/%s/vendors.dict", cwd, folder);
    (void)snprintf(rules, sizeof(rules), "%s/%s/rules.json", cwd, folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(first);
    (void)unlink(second);
    (void)unlink(vendors);
    (void)unlink(rules);
    return rmdir(folder);
}

static int start(void **state)
{
    struct tk_dict *mibs = dict_build("1.3.6.1.4.1.9999.1 ofMibs MIBS-MIB integer\n");

    (void)state;
    write_facts(first, "1.3.6.1.4.1.9999.1 hidden FIRST-MIB integer\n1.3.6.1.4.1.9999.2 ofFirst FIRST-MIB integer\n");
    write_facts(second,
                "1.3.6.1.4.1.9999.2 hidden SECOND-MIB integer\n1.3.6.1.4.1.9999.3 ofSecond SECOND-MIB integer\n");
    write_facts(vendors, "1.3.6.1.2.1.2.2.1.8 hidden VENDORS-MIB integer\n"
                         "1.3.6.1.4.1.9999.0.4 ofVendors VENDORS-MIB notification\n");
    write_text(rules, "{\"rules\": []}");
    tlog = tk_log_new();
    tk_mailbox_init(&mailbox, NULL, NULL);
    reload = tk_reload_new(mibs, tlog, &mailbox);
    tk_dict_free(mibs); /* borrowed only */
    return reload ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    if (!tk_reload_free(reload))
        return -1;
    tk_mailbox_done(&mailbox);
    tk_log_free(tlog);
    return 0;
}

static const char *read_log(void)
{
    char line[TK_LOG_LINE_BYTES];
    int priority;

    logged[0] = '\0';
    while (tk_log_take(tlog, &priority, line))
        (void)snprintf(logged + strlen(logged), sizeof(logged) - strlen(logged), "%s\n", line);
    return logged;
}

static void nap(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* Ask for a bundle with these files, and wait for it. */
static struct tk_bundle *load(const char *const *files, size_t count, const char *vendor_file)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_bundle *b = NULL;
    struct tk_err err = {0};

    cf->rules_folder = shipped_rules;
    cf->vendor_dictionary = vendor_file;
    for (size_t i = 0; i < count; i++)
        cf->dictionaries[cf->dictionary_count++] = strdup(files[i]);
    assert_int_equal(tk_settings_set(cf, "kafkaSeverityRules", rules, NULL, &err), 0);
    tk_reload_request(reload, cf);
    tk_settings_unref(cf);
    for (int i = 0; i < PATIENCE * 200 && !b; i++) {
        b = tk_mailbox_take(&mailbox);
        if (!b)
            nap();
    }
    assert_non_null(b);
    return b;
}

#define LOAD(vendor_file, ...) \
    load((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), vendor_file)

static bool has(const struct tk_bundle *b, const char *name)
{
    return tk_dict_find_name(b->dict, name, strlen(name), NULL) != NULL;
}

static void expect_name(const struct tk_bundle *b, const char *oid, const char *name)
{
    const struct tk_dict_object *o;
    struct tk_oid parsed;
    size_t matched;

    assert_int_equal(tk_oid_parse(&parsed, oid), 0);
    o = tk_dict_resolve(b->dict, parsed.subid, parsed.len, &matched);
    assert_non_null(o);
    assert_string_equal(tk_dict_name(b->dict, o).text, name);
}

static void the_layers_are_in_order(void **state)
{
    struct tk_bundle *b = LOAD(vendors, first, second);

    (void)state;
    expect_name(b, "1.3.6.1.4.1.9999.1.0", "ofMibs");
    expect_name(b, "1.3.6.1.4.1.9999.2.0", "ofFirst");
    expect_name(b, "1.3.6.1.4.1.9999.3.0", "ofSecond");
    expect_name(b, "1.3.6.1.2.1.2.2.1.8.7", "ifOperStatus"); /* the built-in facts come before the vendors */
    expect_name(b, "1.3.6.1.4.1.9999.0.4", "ofVendors");
    assert_string_equal(read_log(), "");
    tk_bundle_free(b);
    b = LOAD(vendors, second, first);
    expect_name(b, "1.3.6.1.4.1.9999.2.0", "hidden");
    tk_bundle_free(b);
    b = LOAD(NULL, second);
    assert_false(has(b, "ofFirst"));
    assert_false(has(b, "ofVendors"));
    tk_bundle_free(b);
}

/* The worker may use the old bundle while the loader has made the next one, and after the file was replaced. */
static void a_new_file_is_in_the_next_bundle_only(void **state)
{
    struct tk_bundle *before = LOAD(NULL, first), *after;

    (void)state;
    write_facts(first, "1.3.6.1.4.1.9999.2 renamed FIRST-MIB integer\n");
    assert_true(has(before, "ofFirst"));
    after = LOAD(NULL, first);
    assert_true(has(before, "ofFirst") && !has(before, "renamed"));
    assert_true(has(after, "renamed") && !has(after, "ofFirst"));
    tk_bundle_free(before);
    expect_name(after, "1.3.6.1.4.1.9999.2.0", "renamed");
    tk_bundle_free(after);
    assert_string_equal(read_log(), "");
}

static void a_bad_file_keeps_its_old_contents(void **state)
{
    struct tk_bundle *b = LOAD(vendors, first, second);
    const char *text;

    (void)state;
    tk_bundle_free(b);
    write_text(first, "no dictionary");
    write_facts(second, "1.3.6.1.4.1.9999.3 renewed SECOND-MIB integer\n");
    (void)unlink(vendors);
    for (int i = 0; i < 2; i++) { /* the second time too */
        b = LOAD(vendors, first, second);
        text = read_log();
        assert_non_null(strstr(text, "kafkaDictionary: "));
        assert_non_null(strstr(text, "first.dict: this is no compiled dictionary; compile"));
        assert_non_null(strstr(text, "stay in force; correct the file, then send SIGHUP\n"));
        assert_non_null(strstr(text, "the installed dictionary: "));
        assert_null(strstr(text, "second.dict"));
        assert_true(has(b, "ofFirst") && has(b, "renewed") && has(b, "ofVendors"));
        tk_bundle_free(b);
    }
    b = LOAD(NULL, second); /* a file that is not named any more is forgotten */
    tk_bundle_free(b);
    (void)read_log();
    b = LOAD(NULL, first, second);
    assert_non_null(strstr(read_log(), "its names are missing; correct the file, then send SIGHUP"));
    assert_false(has(b, "ofFirst"));
    assert_true(has(b, "renewed"));
    tk_bundle_free(b);
}

static void without_the_installed_one_the_standard_facts_serve(void **state)
{
    struct tk_bundle *b;

    (void)state;
    (void)unlink(vendors);
    b = load(NULL, 0, vendors);
    assert_non_null(strstr(read_log(), "vendors' notifications have no names; install trapkafka's files again"));
    expect_name(b, "1.3.6.1.6.3.1.1.5.3", "linkDown");
    tk_bundle_free(b);
}

/* Rules are compiled for a dictionary, so the two are replaced together or not at all. */
static void bad_rules_keep_their_dictionary(void **state)
{
    struct tk_bundle *b = LOAD(NULL, first);

    (void)state;
    tk_bundle_free(b);
    write_facts(first, "1.3.6.1.4.1.9999.2 renamed FIRST-MIB integer\n");
    write_text(rules, "{\"rules\": [{\"match\": {\"trap\": \"nobody::knows\"}, \"severity\": \"major\"}]}");
    b = LOAD(NULL, first);
    assert_non_null(strstr(read_log(), "the previous table and dictionaries stay in force"));
    assert_true(has(b, "ofFirst") && !has(b, "renamed"));
    tk_bundle_free(b);
    write_text(rules, "{\"rules\": []}");
    b = LOAD(NULL, first);
    assert_true(has(b, "renamed"));
    tk_bundle_free(b);
    assert_string_equal(read_log(), "");
}

/* Rules find what the new dictionary has. */
static void rules_are_compiled_again(void **state)
{
    struct tk_bundle *b;

    (void)state;
    write_text(rules,
               "{\"rules\": [{\"name\": \"own\", \"match\": {\"trap\": \"ofVendors\"}, \"severity\": \"major\"}]}");
    write_facts(first, "1.3.6.1.4.1.9999.0.9 ofVendors FIRST-MIB notification\n");
    b = LOAD(vendors, first);
    assert_string_equal(read_log(), "");
    assert_int_equal(tk_rules_count_tier(b->rules, TK_RULES_OPERATOR), 1);
    tk_bundle_free(b);
    b = LOAD(NULL, second);
    assert_non_null(strstr(read_log(), "'ofVendors'")); /* not known any more: all stays as it was */
    assert_true(has(b, "FIRST-MIB::ofVendors"));
    tk_bundle_free(b);
}

static void a_file_that_is_overwritten_is_noticed(void **state)
{
    struct tk_bundle *b = LOAD(vendors, first, second);

    (void)state;
    assert_null(tk_dict_file_lost(b->dict, 0));
    overwrite(first);
    for (int i = 0; i < PATIENCE * 200 && !tk_dict_file_lost(b->dict, 0); i++)
        nap();
    assert_string_equal(tk_dict_file_lost(b->dict, 0), first);
    assert_null(tk_dict_file_lost(b->dict, 1));
    assert_false(has(b, "ofFirst"));
    assert_true(has(b, "ofSecond"));
    tk_bundle_free(b);
    b = LOAD(vendors, first, second); /* what was lost is no good old state */
    assert_non_null(strstr(read_log(), "the checksum of the dictionary is wrong"));
    assert_non_null(strstr(logged, "its names are missing"));
    assert_null(tk_dict_file_lost(b->dict, 0));
    tk_bundle_free(b);
}

/* @returns how many of the shipped rules are in force, after a SIGHUP */
static size_t load_shipped(void)
{
    struct tk_bundle *b = load(NULL, 0, vendors);
    size_t count = tk_rules_count_tier(b->rules, TK_RULES_CURATED);

    tk_bundle_free(b);
    (void)read_log();
    return count;
}

/* Without their dictionary, shipped rules can't be compiled: those of before stay. If there are none, the log says so. */
static void shipped_rules_need_their_dictionary(void **state)
{
    char shipped[1100], derived[1200], file[1200];

    (void)state;
    (void)snprintf(shipped, sizeof(shipped), "%s/%s/shipped", cwd, folder);
    (void)snprintf(derived, sizeof(derived), "%s/derived", shipped);
    (void)snprintf(file, sizeof(file), "%s/vendor.json", shipped);
    assert_int_equal(mkdir(shipped, 0700) + mkdir(derived, 0700), 0);
    write_text(file, "{\"rules\": [{\"name\": \"shipped\", \"match\": {\"trap\": \"VENDORS-MIB::ofVendors\"}, "
                     "\"severity\": \"major\"}]}");
    shipped_rules = shipped;
    overwrite(vendors);
    assert_int_equal(load_shipped(), 0);
    assert_non_null(
        strstr(logged, "without the shipped dictionary, which can't be read; these rules are not in force"));
    write_facts(vendors, "1.3.6.1.4.1.9999.0.4 ofVendors VENDORS-MIB notification\n");
    assert_int_equal(load_shipped(), 1);
    assert_string_equal(logged, "");
    overwrite(vendors);
    for (int i = 0; i < PATIENCE * 200 && !strstr(logged, "all previous rules and dictionaries stay in force"); i++) {
        assert_int_equal(load_shipped(), 1); /* whether the loader has noticed it or not */
        nap();
    }
    assert_non_null(
        strstr(logged, "all previous rules and dictionaries stay in force; install trapkafka's files again"));
    assert_int_equal(load_shipped(), 1);
    write_facts(vendors, "1.3.6.1.4.1.9999.0.5 ofOthers VENDORS-MIB notification\n");
    assert_int_equal(load_shipped(), 0);
    assert_non_null(strstr(logged, "VENDORS-MIB::ofVendors"));
    shipped_rules = NULL;
    (void)unlink(file);
    assert_int_equal(rmdir(derived) + rmdir(shipped), 0);
}

/* The files have just been written: it takes two seconds until the loader trusts the times of their last change. */
static void what_has_not_changed_is_not_read_again(void **state)
{
    struct tk_bundle *before = LOAD(vendors, first), *after = LOAD(vendors, first);

    (void)state;
    for (int i = 0; i < PATIENCE * 200 && after->rules != before->rules; i++) {
        tk_bundle_free(before);
        nap();
        before = after;
        after = LOAD(vendors, first);
    }
    assert_ptr_equal(after->rules, before->rules);
    assert_ptr_equal(after->dict, before->dict);
    tk_bundle_free(after);
    after = LOAD(vendors, second);
    assert_ptr_not_equal(after->rules, before->rules);
    expect_name(after, "1.3.6.1.4.1.9999.3.0", "ofSecond");
    tk_bundle_free(before);
    write_text(rules, "{\"rules\": []} ");
    before = LOAD(vendors, second);
    assert_ptr_not_equal(after->rules, before->rules);
    tk_bundle_free(before);
    tk_bundle_free(after);
}

#define LOADER_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOADER_TEST(the_layers_are_in_order),
        LOADER_TEST(a_new_file_is_in_the_next_bundle_only),
        LOADER_TEST(a_bad_file_keeps_its_old_contents),
        LOADER_TEST(without_the_installed_one_the_standard_facts_serve),
        LOADER_TEST(bad_rules_keep_their_dictionary),
        LOADER_TEST(rules_are_compiled_again),
        LOADER_TEST(what_has_not_changed_is_not_read_again),
        LOADER_TEST(a_file_that_is_overwritten_is_noticed),
        LOADER_TEST(shipped_rules_need_their_dictionary),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
