/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/scoped_pdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* SEQUENCE { engine 8001, context name "ab", trap {} } */
static const uint8_t trap[] = {0x30, 10, 0x04, 2, 0x80, 1, 0x04, 2, 'a', 'b', 0xa7, 0};

static void test_tag(void **state)
{
    static const uint8_t empty_names[] = {0x30, 0x81, 6, 0x04, 0x82, 0, 0, 0x04, 0, 0xa6};
    static const uint8_t other[] = {0x31, 10, 0x04, 2, 0x80, 1, 0x04, 2, 'a', 'b', 0xa7, 0};
    static const uint8_t endless[] = {0x30, 0x80, 0x04, 0, 0x04, 0, 0xa7, 0};
    static const uint8_t huge[] = {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x04, 0, 0x04, 0, 0xa7};

    (void)state;
    assert_int_equal(tk_scoped_pdu_tag(trap, sizeof(trap)), TK_PDU_TAG_TRAP2);
    assert_false(tk_scoped_pdu_tag(empty_names, sizeof(empty_names))); /* its SEQUENCE is longer than the message */
    assert_false(tk_scoped_pdu_is_one(other, sizeof(other)));
    assert_false(tk_scoped_pdu_is_one(endless, sizeof(endless)));
    assert_false(tk_scoped_pdu_is_one(huge, sizeof(huge)));
}

static void test_notifications(void **state)
{
    uint8_t pdu[sizeof(trap)];

    (void)state;
    memcpy(pdu, trap, sizeof(trap));
    for (unsigned tag = 0; tag < 256; tag++) {
        pdu[10] = (uint8_t)tag;
        assert_true(tk_scoped_pdu_is_notification(pdu, sizeof(pdu)) == (tag == 0xa4 || tag == 0xa6 || tag == 0xa7));
    }
    assert_false(tk_scoped_pdu_is_notification(trap, 10));
}

/* Whatever is cut, or says that it is longer than it is, is no scoped PDU, and nothing is read behind its end. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(trap); len++) {
        uint8_t *cut = malloc(len ? len : 1), rest = (uint8_t)(len > 2 ? len - 2 : 0);

        assert_non_null(cut);
        memcpy(cut, trap, len);
        assert_int_equal(tk_scoped_pdu_tag(cut, len), 0);
        if (len > 2)
            cut[1] = rest; /* the SEQUENCE ends with what is there */
        assert_true(tk_scoped_pdu_is_one(cut, len) == (len >= 6));
        assert_int_equal(tk_scoped_pdu_tag(cut, len), len >= 11 ? TK_PDU_TAG_TRAP2 : 0);
        free(cut);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tag), cmocka_unit_test(test_notifications),
                                       cmocka_unit_test(test_cut)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
