/* SPDX-License-Identifier: Apache-2.0 */
#include "base/legible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define OCTETS(literal) (const uint8_t *)(literal), sizeof(literal) - 1

/* The same words in every form in which devices send them. NULL: no text. */
static void test_encodings(void **state)
{
    static const struct {
        const char *what;
        const uint8_t *octets;
        size_t len;
        const char *text;
    } t[] = {
        {"nothing", OCTETS(""), ""},
        {"ASCII", OCTETS("Fan 3 failed"), "Fan 3 failed"},
        {"UTF-8", OCTETS("K\xc3\xbchlung \xe2\x82\xac"), "K\xc3\xbchlung \xe2\x82\xac"},
        {"UTF-8 with line ends", OCTETS("a\r\nb\tc\n"), "a\r\nb\tc\n"},
        {"UTF-8, NULs at the end", OCTETS("K\xc3\xbchlung\0\0"), "K\xc3\xbchlung"},
        {"UTF-8, cut", OCTETS("K\xc3\xbchlung K\xc3"), "K\xc3\xbchlung K\xe2\x80\xa6"},
        {"UTF-8, cut, NULs at the end", OCTETS("\xc3\xbc K\xe2\x82\0"), "\xc3\xbc K\xe2\x80\xa6"},
        {"UTF-8, cut behind two of four", OCTETS("ok \xf0\x9f"), "ok \xe2\x80\xa6"},
        {"UTF-8, cut behind three of four", OCTETS("ok \xf0\x9f\x98"), "ok \xe2\x80\xa6"},
        {"Latin-1", OCTETS("St\xf6rung K\xfchlung"), "St\xc3\xb6rung K\xc3\xbchlung"},
        {"Latin-1 with line ends", OCTETS("St\xf6rung\r\nK\xfchlung"), "St\xc3\xb6rung\r\nK\xc3\xbchlung"},
        {"Latin-1, its last letter", OCTETS("Caf\xe9"), "Caf\xc3\xa9"},
        {"Latin-1, its first letter, line end, NULs",
         OCTETS("\xba"
                "Power supply fault\r\n\0\0\0"),
         "\xc2\xbaPower supply fault\r\n"},
        {"Latin-1, letters only", OCTETS("\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4\xe4"),
         "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
         "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"},
        {"Windows-1252", OCTETS("Preis 5 \x80"), "Preis 5 \xe2\x82\xac"},
        {"Windows-1252, quotes", OCTETS("Port \x84xe-0/0/1\x93 \x96 down"),
         "Port \xe2\x80\x9exe-0/0/1\xe2\x80\x9c \xe2\x80\x93 down"},
        {"Windows-1252, what it lacks", OCTETS("Preis 5 \x81"), NULL},
        {"degrees",
         OCTETS("85 \xb0"
                "C"),
         "85 \xc2\xb0"
         "C"},
        {"NULs only", OCTETS("\0\0"), NULL},
        {"a NUL inside", OCTETS("ab\0c"), NULL},
        {"an escape sequence", OCTETS("\x1b[31mred"), NULL},
        {"DEL", OCTETS("abc\x7f"), NULL},
        {"an IPv4 address", OCTETS("\xc0\xa8\xc8\xfa"), NULL},
        {"a MAC address", OCTETS("\xf8\xa2\x6d\xfe\xc4\x41"), NULL},
        {"UTF-16", OCTETS("F\0a\0n\0 \0"), NULL},
        {"a surrogate", OCTETS("\xed\xa0\x80"), NULL},
    };
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        int n = tk_legible(text, sizeof(text), t[i].octets, t[i].len);

        if ((n < 0) != !t[i].text ||
            (n >= 0 && ((size_t)n != strlen(t[i].text) || memcmp(text, t[i].text, (size_t)n) != 0)))
            fail_msg("%s: '%.*s', not '%s'", t[i].what, n < 0 ? 0 : n, text, t[i].text ? t[i].text : "(no text)");
    }
}

static bool ends_with_mark(const char *text, int n)
{
    return n >= TK_CUT_MARK_BYTES && memcmp(text + n - TK_CUT_MARK_BYTES, TK_CUT_MARK, TK_CUT_MARK_BYTES) == 0;
}

/* Into a buffer of any size: nothing behind it is written, what is there is UTF-8, and is marked exactly if it is cut. */
static void test_sizes(void **state)
{
    static const char *const words[] = {"St\xc3\xb6rung \xe2\x82\xac \xf0\x9f\x98\x80 Ende", "St\xf6rung \x80 Ende",
                                        "plain words"};
    char whole[64], part[64];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i]);
        int n = tk_legible(whole, sizeof(whole), (const uint8_t *)words[i], len);

        assert_true(n > 0 && !ends_with_mark(whole, n));
        for (size_t room = 8; room < 40; room++) {
            int cut;

            memset(part, '#', sizeof(part));
            cut = tk_legible(part, room, (const uint8_t *)words[i], len);
            assert_true(cut > 0 && (size_t)cut <= room);
            assert_int_equal(part[room], '#');
            assert_true(tk_is_text((const uint8_t *)part, (size_t)cut));
            if (ends_with_mark(part, cut))
                assert_memory_equal(part, whole, (size_t)cut - TK_CUT_MARK_BYTES);
            else
                assert_true(cut == n && memcmp(part, whole, (size_t)n) == 0);
        }
    }
}

/* Octets as a sender may choose them: half text, so that every branch is met. */
static size_t random_octets(uint8_t *dst)
{
    static const char *const pieces[] = {"Fan ",         "K\xc3\xbchlung", "K\xfchlung", "\xe2\x82\xac",
                                         "\xc3",         "\x80",           "\r\n",       "\0",
                                         "\xf0\x9f\x98", "\xff",           "\x1b",       "\xed\xa0\x80"};
    size_t len = 0;

    for (long n = random() % 8; n; n--) {
        const char *piece = pieces[random() % 12];
        size_t piece_len = *piece ? strlen(piece) : 1;

        memcpy(dst + len, piece, piece_len);
        len += piece_len;
    }
    for (long n = random() % 3 ? 0 : random() % 24; n; n--)
        dst[len++] = (uint8_t)random();
    return len;
}

static void test_random_octets(void **state)
{
    unsigned texts = 0, none = 0, cut = 0;

    (void)state;
    srandom(3);
    for (int round = 0; round < 200000; round++) {
        uint8_t octets[128];
        size_t len = random_octets(octets), room = 8 + (size_t)random() % 120;
        char text[128];
        int n = tk_legible(text, room, octets, len);

        assert_true(n >= -1 && n <= (int)room);
        assert_true(n < 0 || tk_is_text((const uint8_t *)text, (size_t)n));
        if (tk_is_text(octets, len) && len + TK_CUT_MARK_BYTES <= room) /* text stays as it is */
            assert_true((size_t)n == len && memcmp(text, octets, len) == 0);
        texts += n >= 0;
        none += n < 0;
        cut += n >= 0 && ends_with_mark(text, n);
    }
    assert_true(texts > 10000 && none > 10000 && cut > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_random_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
