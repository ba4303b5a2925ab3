/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the length of a DISPLAY-HINT (one byte), the hint, a value. */
#include "base/text.h"
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/json_writer.h"
#include "dictionary/display_hint.h"

#define WHOLE 8192

static const struct tk_dict_object *bits;

static void check_text(const char *text, size_t bytes, int len)
{
    if (len < 0) {
        FUZZ_CHECK(len == -EINVAL || len == -ENOSPC);
        return;
    }
    FUZZ_CHECK((size_t)len < bytes && text[len] == '\0');
    FUZZ_CHECK(tk_utf8_is_valid((const uint8_t *)text, (size_t)len));
}

/* In a smaller buffer the text is the same as in a large one, or the result is -ENOSPC. Half a character at the end needs
 * room before it is discarded. */
static void compare(const char *whole, int whole_len, const char *part, size_t bytes, int len, bool is_exact)
{
    check_text(part, bytes, len);
    if (len >= 0)
        FUZZ_CHECK(len == whole_len && memcmp(part, whole, (size_t)len) == 0);
    else if (whole_len >= 0)
        FUZZ_CHECK(len == -ENOSPC && (!is_exact || (size_t)whole_len >= bytes));
}

static void try_all(struct tk_dict_text hint, const uint8_t *value, size_t len)
{
    static const size_t rooms[] = {1, 2, 17, 64, 300};
    static char whole[3][WHOLE];
    bool is_exact = !len || value[len - 1] < 0x80;
    int64_t number = 0;
    int lens[3];

    memcpy(&number, value, len < sizeof(number) ? len : sizeof(number));
    lens[0] = tk_textual_octets(whole[0], WHOLE, hint, value, len);
    lens[1] = tk_textual_integer(whole[1], WHOLE, hint, number);
    lens[2] = tk_textual_bits(whole[2], WHOLE, fuzz_dict(), bits, value, len);
    for (int i = 0; i < 3; i++)
        check_text(whole[i], WHOLE, lens[i]);
    for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
        char *part = malloc(rooms[i]);

        FUZZ_CHECK(part);
        compare(whole[0], lens[0], part, rooms[i], tk_textual_octets(part, rooms[i], hint, value, len), is_exact);
        compare(whole[1], lens[1], part, rooms[i], tk_textual_integer(part, rooms[i], hint, number), true);
        compare(whole[2], lens[2], part, rooms[i], tk_textual_bits(part, rooms[i], fuzz_dict(), bits, value, len),
                true);
        free(part);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const struct tk_dict *d = fuzz_dict();

    (void)argc, (void)argv;
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o && !bits; o = tk_dict_next(d, o))
        if (tk_dict_syntax(d, o) == TK_SYNTAX_BITS && tk_dict_enum_count(d, o) > 3)
            bits = o;
    FUZZ_CHECK(bits);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t hint_len = size ? data[0] : 0, value_len;
    char *hint;
    uint8_t *value;

    if (size < 1 + hint_len)
        return 0;
    value_len = size - 1 - hint_len;
    hint = fuzz_text(data + 1, hint_len);
    value = malloc(value_len ? value_len : 1);
    FUZZ_CHECK(value);
    memcpy(value, data + 1 + hint_len, value_len);
    try_all((struct tk_dict_text){hint, hint_len}, value, value_len);
    free(value);
    free(hint);
    return 0;
}
