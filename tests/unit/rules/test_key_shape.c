/* SPDX-License-Identifier: Apache-2.0 */
/* Do two shapes of keys meet? Compared with all short keys, of random shapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "key_shape.h"

#define HISTORIES 20000
#define PLACES    3
#define KEY_BYTES (2 * PLACES) /* the shortest common key has a byte for each place that is not repeated, at most */

static const char alphabet[] = "a1./\1"; /* \1 is the device */

static bool stands(const struct key_shape *s, unsigned i, char byte)
{
    switch (s->places[i].kind) {
    case KEY_SHAPE_BYTE: return byte == (char)s->places[i].byte;
    case KEY_SHAPE_DEVICE: return byte == '\1';
    case KEY_SHAPE_DIGITS: return byte == '1';
    case KEY_SHAPE_DOTTED: return byte == '1' || byte == '.';
    case KEY_SHAPE_COLONS: return byte == '1' || byte == 'a';
    case KEY_SHAPE_WORD: return byte != '/' && byte != '\1';
    default: return byte != '\1';
    }
}

/* Does the key, to its end, have the shape from place @p i on? */
static bool has_shape(const struct key_shape *s, unsigned i, const char *key)
{
    if (i == s->count)
        return *key == '\0';
    if (s->places[i].is_repeated && has_shape(s, i + 1, key))
        return true;
    return *key && stands(s, i, *key) && has_shape(s, s->places[i].is_repeated ? i : i + 1, key + 1);
}

/* Is there a key of both, which begins with @p len bytes of @p key? */
static bool have_common(const struct key_shape *a, const struct key_shape *b, char *key, size_t len)
{
    key[len] = '\0';
    if (has_shape(a, 0, key) && has_shape(b, 0, key))
        return true;
    for (const char *c = alphabet; *c && len < KEY_BYTES; c++) {
        key[len] = *c;
        if (have_common(a, b, key, len + 1))
            return true;
    }
    return false;
}

static void draw(struct key_shape *s)
{
    s->count = (unsigned)rand() % (PLACES + 1);
    for (unsigned i = 0; i < s->count; i++) {
        s->places[i].kind = (unsigned char)(rand() % (KEY_SHAPE_TEXT + 1));
        s->places[i].byte = (unsigned char)alphabet[rand() % 4];
        s->places[i].is_repeated = s->places[i].kind > KEY_SHAPE_DEVICE && rand() % 2;
    }
}

static void test_model(void **state)
{
    unsigned met = 0;

    (void)state;
    srand(1);
    for (int n = 0; n < HISTORIES; n++) {
        struct key_shape a, b;
        char key[KEY_BYTES + 1];
        bool meet;

        draw(&a);
        draw(&b);
        meet = have_common(&a, &b, key, 0);
        met += meet;
        if (key_shape_meets(&a, &b) != meet || key_shape_meets(&b, &a) != meet)
            fail_msg("shapes %d %s", n, meet ? "meet" : "do not meet");
    }
    assert_in_range(met, HISTORIES / 20, HISTORIES - HISTORIES / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
