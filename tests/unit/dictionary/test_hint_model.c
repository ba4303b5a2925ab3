/* SPDX-License-Identifier: Apache-2.0 */
/* DISPLAY-HINTs against a second reading of RFC 2579, section 3.1, which is plain and slow: the hint is cut with regular
 * expressions, what is displayed is a list of characters with a note at each that is a separator. */
#include "dictionary/display_hint.h"

#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define MAX_SHOWN 200000

static char shown[MAX_SHOWN];
static bool is_mark[MAX_SHOWN];
static size_t shown_len;
static regex_t once, repeated;

static void show(const char *text, size_t len, bool mark)
{
    for (size_t i = 0; i < len && shown_len < MAX_SHOWN; i++) {
        shown[shown_len] = text[i];
        is_mark[shown_len++] = mark;
    }
}

static void drop_marks(void)
{
    while (shown_len && is_mark[shown_len - 1])
        shown_len--;
}

static bool show_octets(char format, const uint8_t *v, size_t n)
{
    uint64_t number = 0;
    char text[64];

    if (format == 'a' || format == 't') {
        show((const char *)v, n, false);
        return true;
    }
    if (format == 'x') {
        for (size_t i = 0; i < n; i++)
            show(text, (size_t)sprintf(text, "%02x", v[i]), false);
        return true;
    }
    if (n > 8)
        return false;
    for (size_t i = 0; i < n; i++)
        number = number * 256 + v[i];
    if (n)
        show(text, (size_t)sprintf(text, format == 'd' ? "%" PRIu64 : "%" PRIo64, number), false);
    return true;
}

/* The RFC discards octets at the end that are the beginning of a character. */
static void drop_half_character(void)
{
    for (size_t n = 1; n <= 4 && n <= shown_len; n++) {
        uint8_t lead = (uint8_t)shown[shown_len - n];

        if (lead < 0x80 || lead >= 0xc0) {
            if (lead >= 0xc0 && !tk_utf8_is_valid((const uint8_t *)shown + shown_len - n, n))
                shown_len -= n;
            break;
        }
    }
    drop_marks();
}

/* @returns false: there is no text by this hint */
static bool model(const char *hint, const uint8_t *v, size_t len)
{
    const char *spec = hint, *next = hint;
    size_t at = 0;
    char format = '\0';

    shown_len = 0;
    if (!*hint)
        return false;
    while (at < len) {
        regmatch_t m[5];
        bool is_repeated, is_again = !*next;
        char separator, terminator = '\0';
        unsigned long octets, times = 1;

        if (!is_again)
            spec = next;
        is_repeated = *spec == '*';
        if (regexec(is_repeated ? &repeated : &once, spec, 5, m, 0) != 0)
            return false;
        octets = strtoul(spec + m[1].rm_so, NULL, 10);
        if (octets > 65535)
            return false;
        format = spec[m[2].rm_so];
        separator = m[3].rm_eo > m[3].rm_so ? spec[m[3].rm_so] : '\0';
        if (is_repeated && m[4].rm_eo > m[4].rm_so)
            terminator = spec[m[4].rm_so];
        next = spec + m[0].rm_eo;
        if (is_again && !is_repeated && !octets)
            return false;
        if (is_repeated)
            times = v[at++];
        for (unsigned long i = 0; i < times; i++) {
            size_t n = octets < len - at ? octets : len - at;
            bool is_before_terminator = terminator && i + 1 == times;

            if (octets && at == len && i)
                break;
            if (!show_octets(format, v + at, n))
                return false;
            at += n;
            if (separator && !is_before_terminator)
                show(&separator, 1, true);
        }
        if (terminator)
            show(&terminator, 1, true);
    }
    drop_marks();
    if (format == 't')
        drop_half_character();
    return tk_utf8_is_valid((const uint8_t *)shown, shown_len);
}

static char pick(const char *from)
{
    return from[(size_t)random() % strlen(from)];
}

static void random_hint(char *hint)
{
    static const char marks[] = "-:./,[] %@+";

    for (long specs = 1 + random() % 4; specs; specs--) {
        bool is_repeated = random() % 4 == 0, has_separator = random() % 3;

        if (is_repeated)
            *hint++ = '*';
        hint += sprintf(hint, "%ld", random() % 8 ? random() % 5 : random() % 12);
        *hint++ = pick("xdoatxdat");
        if (has_separator)
            *hint++ = pick(marks);
        if (is_repeated && has_separator && random() % 2)
            *hint++ = pick(marks);
    }
    *hint = '\0';
}

static void random_garbage(char *hint)
{
    for (long n = random() % 12; n; n--)
        *hint++ = pick("0123459*xdoatb-:. /");
    *hint = '\0';
}

static size_t random_value(uint8_t *v)
{
    size_t len = (size_t)random() % 24;

    for (size_t i = 0; i < len; i++)
        switch (random() % 6) {
        case 0: v[i] = (uint8_t)random(); break;
        case 1: v[i] = (uint8_t)(random() % 4); break;
        case 2:
            if (i + 1 < len)
                v[i++] = 0xc3;
            v[i] = random() % 4 ? 0xa4 : 0xc3;
            break;
        default: v[i] = (uint8_t)(' ' + random() % 95);
        }
    return len;
}

static void test_octets(void **state)
{
    unsigned read = 0, refused = 0;

    (void)state;
    srandom(25);
    for (int round = 0; round < 200000; round++) {
        static char text[MAX_SHOWN];
        char hint[64];
        uint8_t v[32];
        size_t len = random_value(v);
        bool is_good;
        int n;

        if (random() % 4)
            random_hint(hint);
        else
            random_garbage(hint);
        is_good = model(hint, v, len);
        n = tk_textual_octets(text, sizeof(text), (struct tk_dict_text){hint, strlen(hint)}, v, len);
        if (is_good ? n != (int)shown_len || memcmp(text, shown, shown_len) != 0 : n != -EINVAL) {
            char hex[65];

            fail_msg("hint '%s', value %s: %d '%.*s', not %d '%.*s'", hint, tk_hex_text(hex, sizeof(hex), v, len), n,
                     n > 0 ? n : 0, text, is_good ? (int)shown_len : -1, is_good ? (int)shown_len : 0, shown);
        }
        read += is_good && shown_len;
        refused += !is_good;
    }
    assert_true(read > 50000 && refused > 10000);
}

/* d, d-N, x, o, b: digits from printf(), the point by hand; b with a sum. */
static bool integer_model(const char *hint, int64_t value, char *dst)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int decimals = 0, n;
    char digits[80], tail;

    if (strcmp(hint, "x") == 0) {
        n = sprintf(digits, "%" PRIx64, size);
    } else if (strcmp(hint, "o") == 0) {
        n = sprintf(digits, "%" PRIo64, size);
    } else if (strcmp(hint, "b") == 0) {
        int top = 63;

        while (top && !(size >> top & 1))
            top--;
        for (n = 0; top >= 0; top--)
            digits[n++] = (char)('0' + (size >> top & 1));
    } else {
        bool has_decimals = hint[0] == 'd' && hint[1] == '-' && hint[2] >= '0' && hint[2] <= '9';

        if (strcmp(hint, "d") != 0 &&
            !(has_decimals && sscanf(hint + 2, "%d%c", &decimals, &tail) == 1 && strlen(hint) <= 4 && decimals <= 32))
            return false;
        n = snprintf(digits, sizeof(digits), "%0*" PRIu64, decimals + 1, size);
        assert_true(n > decimals);
    }
    (void)sprintf(dst, "%s%.*s%s%.*s", value < 0 ? "-" : "", n - decimals, digits, decimals ? "." : "", decimals,
                  digits + n - decimals);
    return true;
}

static void test_integers(void **state)
{
    (void)state;
    srandom(79);
    for (int round = 0; round < 200000; round++) {
        char hint[64], text[128], expected[128];
        int64_t value = (int64_t)((uint64_t)random() << 33 ^ (uint64_t)random() << 2) >> random() % 64;
        int n;

        if (random() % 3 == 0)
            random_garbage(hint);
        else if (random() % 2)
            (void)sprintf(hint, "d-%ld", random() % 36);
        else
            (void)sprintf(hint, "%c", pick("dxob"));
        n = tk_textual_integer(text, sizeof(text), (struct tk_dict_text){hint, strlen(hint)}, value);
        if (!integer_model(hint, value, expected))
            assert_int_equal(n, -EINVAL);
        else if (n != (int)strlen(expected) || strcmp(text, expected) != 0)
            fail_msg("hint '%s', value %" PRId64 ": '%s', not '%s'", hint, value, n > 0 ? text : "", expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_octets), cmocka_unit_test(test_integers)};

    if (regcomp(&once, "^([0-9]+)([xdoat])([^0-9*])?", REG_EXTENDED) != 0 ||
        regcomp(&repeated, "^\\*([0-9]+)([xdoat])([^0-9*])?([^0-9*])?", REG_EXTENDED) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
