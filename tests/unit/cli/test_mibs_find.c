/* SPDX-License-Identifier: Apache-2.0 */
/* trapkafka mibs find in a file that somebody else wrote: sound for the checksum, but no text ends with a NUL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"
#include "dict_build.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/dictionary_internal.h"
#include "temp_file.h"

#define HEADER sizeof(struct tk_dict_file_header)

static void write_good(const char *facts)
{
    struct tk_dict *d = dict_build(facts);
    struct tk_err err = {0};

    assert_int_equal(tk_dict_file_write(path, d, &err), 0);
    tk_dict_free(d);
}

/* Put a letter where each text has its NUL, and a colour where it says COLOUR. */
static void make_hostile(void)
{
    static uint8_t bytes[1 << 16];
    struct tk_dict_file_header *h = (void *)bytes;
    FILE *f = fopen(path, "r+");
    size_t len, at, changed = 0;
    uint16_t text_len;

    assert_non_null(f);
    len = fread(bytes, 1, sizeof(bytes), f);
    assert_true(len > HEADER && len < sizeof(bytes));
    for (at = len - h->count[TK_DICT_STRINGS] + sizeof(text_len) + 1; at + sizeof(text_len) < len; at += text_len + 1) {
        memcpy(&text_len, bytes + at, sizeof(text_len));
        at += sizeof(text_len);
        assert_true(at + text_len < len);
        if (text_len == 6 && memcmp(bytes + at, "COLOUR", 6) == 0)
            memcpy(bytes + at, "\x1b[31mx", 6);
        assert_int_equal(bytes[at + text_len], 0);
        bytes[at + text_len] = 'X';
        changed++;
    }
    assert_true(changed > 5);
    h->checksum = 0;
    h->checksum = tk_hash64(bytes + HEADER, len - HEADER, tk_hash64(h, HEADER, 0));
    rewind(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* @returns what is printed */
static const char *find(const char *what)
{
    static char said[4096];
    char *argv[] = {(char[]){"-d"}, path, strdup(what)};
    struct tk_words words = {.command = &tk_command_mibs_find, .count = 3, .words = argv};
    FILE *out = tmpfile();
    int before = dup(STDOUT_FILENO);

    assert_non_null(out);
    (void)fflush(stdout);
    assert_true(dup2(fileno(out), STDOUT_FILENO) >= 0);
    (void)tk_command_mibs_find.run(&words);
    (void)fflush(stdout);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    (void)close(before);
    rewind(out);
    said[fread(said, 1, sizeof(said) - 1, out)] = '\0';
    (void)fclose(out);
    free(argv[2]);
    return said;
}

static void test_texts_end_where_their_length_says(void **state)
{
    (void)state;
    write_good("1.3.1 state A-MIB integer t=Status e=up:1,down:2 u=seconds\n1.3.2 word B-MIB octets h=255a\n"
               "1.3.4.1 row A-MIB - i=state,!word\n1.3.7.0.1 failed C-MIB notification o=state,gone\n"
               "1.3.9 COLOUR A-MIB integer u=COLOUR\n");
    make_hostile();
    assert_string_equal(find("state"), "1.3.1 A-MIB::state INTEGER\n  type     Status\n  units    seconds\n"
                                       "  labels   up(1), down(2)\n");
    assert_string_equal(find("B-MIB::word"), "1.3.2 B-MIB::word OCTET STRING\n  hint     255a\n");
    assert_string_equal(find("ROW"), "1.3.4.1 A-MIB::row row\n  indexes  A-MIB::state, B-MIB::word\n");
    assert_string_equal(find("1.3.7.0.1"), "1.3.7.0.1 C-MIB::failed notification\n"
                                           "  objects  A-MIB::state, gone (in no dictionary)\n");
    assert_string_equal(find("1.3.9"), "1.3.9 A-MIB::\\x1b[31mx INTEGER\n  units    \\x1b[31mx\n");
    assert_string_equal(find("stateX"), "");
    assert_string_equal(find("tex"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts_end_where_their_length_says)};

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
