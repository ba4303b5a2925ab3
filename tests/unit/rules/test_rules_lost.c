/* SPDX-License-Identifier: Apache-2.0 */
/* A file of the dictionary is overwritten while rules are in force: names are gone, but each form of each trap OID meets
 * the rule that it met before, with the same key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dict_build.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/dictionary_file.h"
#include "event_fixture.h"
#include "rules/rules_load.h"
#include "rules_fixture.h"
#include "temp_file.h"

#define NUMBERS   10 /* last sub-identifiers, from 0; not all are notifications */
#define ZEROS     6  /* before it */
#define APPENDED  3
#define DECISIONS (NUMBERS * ZEROS * APPENDED)

/* 3 and 4 have several forms that are notifications of their own. */
static const char facts[] = IF_ENTRY
    "1 ifIndex IF-MIB integer\n" ACME "0.0 zero ACME-MIB notification\n" ACME "0.1 byName ACME-MIB notification\n" ACME
    "0.2 byNumber ACME-MIB notification\n" ACME "3 none ACME-MIB notification\n" ACME
    "0.3 one ACME-MIB notification\n" ACME "0.0.4 two ACME-MIB notification\n" ACME
    "0.4 single ACME-MIB notification\n" ACME "5 plain ACME-MIB notification\n" ACME
    "0.0.0.6 three ACME-MIB notification\n" ACME "0.7 ofAnotherForm ACME-MIB notification\n";

#define RULE(name, trap) \
    "{\"name\":\"" name "\",\"match\":{\"trap\":\"" trap \
    "\"},\"severity\":\"minor\",\"state\":\"raise\",\"key\":\"{device}/" name "/{ifIndex}\"}"

static const char json[] =
    "{\"names\":{\"mine\":\"" ACME
    "0.2\"},\"rules\":[" RULE("zero", "ACME-MIB::zero") "," RULE("byName", "ACME-MIB::byName") "," RULE("byNumber", ACME "0.2") "," RULE(
        "none",
        "none") "," RULE("one",
                         "one") "," RULE("two",
                                         "two") "," RULE("single",
                                                         "single") "," RULE("plain", ACME
                                                                            "5") "," RULE("three",
                                                                                          "three") "," RULE("ofAnotherForm",
                                                                                                            ACME
                                                                                                            "7") "]}";

struct decision {
    char trap[64], key[64]; /* key: "none" if no rule matched */
};

static struct tk_dict *dict;
static struct tk_rules *rules;
static struct event_fixture f;

static void start(void)
{
    struct tk_dict *d = dict_build(facts);
    struct tk_err err = {0};

    assert_int_equal(tk_dict_file_write(path, d, &err), 0);
    tk_dict_free(d);
    dict = tk_dict_file_open(path, &err);
    assert_non_null(dict);
    rules = tk_rules_parse(json, strlen(json), "rules.json", dict, &err);
    if (!rules)
        fail_msg("%s", err.text);
}

static void stop(void)
{
    tk_rules_free(rules);
    tk_dict_free(dict);
}

/* The time of the last change is set, because the clock of files may not have gone on. */
static void overwrite_the_file(void)
{
    static const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    int fd = open(path, O_WRONLY);

    assert_int_equal(pwrite(fd, "junk", 4, 200), 4);
    assert_int_equal(futimens(fd, times), 0);
    (void)close(fd);
    tk_dict_file_verify(dict);
    assert_non_null(tk_dict_file_lost(dict, 0));
}

static void make_event(const char *trap)
{
    event_fixture_init(&f, trap);
    event_fixture_integer(&f, IF_ENTRY "1.7", 7);
    event_fixture_finish(&f, dict);
}

static void decide(struct decision *d, unsigned number, unsigned zeros, unsigned appended)
{
    (void)snprintf(d->trap, sizeof(d->trap), ACME "%.*s%u%.*s", (int)(2 * zeros), "0.0.0.0.0.0.", number,
                   (int)(2 * appended), ".0.0.0");
    make_event(d->trap);
    if (tk_rules_match(rules, &f.ev, NULL))
        (void)snprintf(d->key, sizeof(d->key), "%.*s", (int)f.ev.alarm_key.len, f.ev.alarm_key.text);
    else
        (void)snprintf(d->key, sizeof(d->key), "none");
    event_fixture_done(&f);
}

static void decide_all(struct decision *decisions)
{
    for (unsigned i = 0; i < DECISIONS; i++)
        decide(decisions + i, i / (ZEROS * APPENDED), i / APPENDED % ZEROS, i % APPENDED);
}

static const char *key_of(const struct decision *decisions, const char *trap)
{
    for (unsigned i = 0; i < DECISIONS; i++)
        if (strcmp(decisions[i].trap, trap) == 0)
            return decisions[i].key;
    fail_msg("%s", trap);
    return NULL;
}

static void each_form_meets_its_rule(void **state)
{
    static struct decision before[DECISIONS], after[DECISIONS];

    (void)state;
    start();
    decide_all(before);
    assert_string_equal(key_of(before, ACME "0.1"), "pe1.fra/byName/7");
    assert_string_equal(key_of(before, ACME "2"), "pe1.fra/byNumber/7");
    assert_string_equal(key_of(before, ACME "3"), "pe1.fra/none/7");
    assert_string_equal(key_of(before, ACME "0.3"), "pe1.fra/one/7");
    assert_string_equal(key_of(before, ACME "0.7.0"), "pe1.fra/ofAnotherForm/7");
    assert_string_equal(key_of(before, ACME "0.8"), "none");
    overwrite_the_file();
    decide_all(after);
    for (unsigned i = 0; i < DECISIONS; i++)
        if (strcmp(before[i].key, after[i].key) != 0)
            fail_msg("%s: before '%s', after '%s'", before[i].trap, before[i].key, after[i].key);
    stop();
}

/* The operator's own names are in the rules, not in the file. */
static void own_names_stay(void **state)
{
    static const char *const forms[] = {ACME "0.2", ACME "2", ACME "0.2.0"};

    (void)state;
    start();
    overwrite_the_file();
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct tk_text name, mib;

        make_event(forms[i]);
        assert_false(f.ev.trap_name.text);
        assert_true(tk_rules_name(rules, &f.ev, &name, &mib));
        assert_int_equal(name.len, strlen("mine"));
        assert_memory_equal(name.text, "mine", name.len);
        event_fixture_done(&f);
    }
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_meets_its_rule),
        cmocka_unit_test(own_names_stay),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
