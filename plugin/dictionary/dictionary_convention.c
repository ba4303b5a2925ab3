/* SPDX-License-Identifier: Apache-2.0 */
/* A part of the layout: how an object's values are read for people, by syntax, textual convention, hint and labels. */
#include "dictionary/dictionary_internal.h"

#define DATE_AND_TIME_HINT "2d-1d-1d,1d:1d:1d.1d,1a1d:1d"

static bool is(struct tk_dict_text t, const char *text)
{
    return t.len == strlen(text) && memcmp(t.text, text, t.len) == 0;
}

static uint8_t flags_of(enum tk_dict_syntax syntax, struct tk_dict_text tc)
{
    uint8_t flags = 0;

    if (is(tc, "InterfaceIndex") || is(tc, "InterfaceIndexOrZero"))
        flags |= TK_DICT_IS_IFINDEX;
    if (syntax == TK_SYNTAX_INTEGER && is(tc, "InetAddressType"))
        flags |= TK_DICT_IS_INET_TYPE;
    if (syntax == TK_SYNTAX_OCTETS && tc.len >= 11 && memcmp(tc.text, "InetAddress", 11) == 0 &&
        !is(tc, "InetAddressDNS"))
        flags |= TK_DICT_IS_INET_ADDRESS;
    return flags;
}

/* "255a", "65535t": the octets are the text. A hint for fewer octets than a value has is applied again: the same. */
static bool is_text_hint(struct tk_dict_text hint)
{
    bool is_nothing = true; /* "0a" */
    size_t digits = 0;

    for (; digits < hint.len && hint.text[digits] >= '0' && hint.text[digits] <= '9'; digits++)
        if (hint.text[digits] != '0')
            is_nothing = false;
    return !is_nothing && digits + 1 == hint.len && (hint.text[digits] == 'a' || hint.text[digits] == 't');
}

static enum tk_dict_reading octets_reading(struct tk_dict_text tc, struct tk_dict_text hint)
{
    if (is(tc, "DateAndTime") || is(hint, DATE_AND_TIME_HINT))
        return TK_READ_DATE_AND_TIME;
    if (is(hint, "1x:") || (!hint.len && (is(tc, "PhysAddress") || is(tc, "MacAddress"))))
        return TK_READ_COLONS;
    if (!hint.len)
        return TK_READ_PLAIN;
    return is_text_hint(hint) ? TK_READ_TEXT : TK_READ_HINT;
}

static enum tk_dict_reading integer_reading(struct tk_dict_text hint, unsigned enum_count)
{
    if (enum_count)
        return TK_READ_LABELS;
    return hint.len && !is(hint, "d") && !is(hint, "d-0") ? TK_READ_NUMBER : TK_READ_PLAIN;
}

void tk_dict_read_convention(struct tk_dict_type *t, struct tk_dict_text tc, struct tk_dict_text hint)
{
    enum tk_dict_reading reading = TK_READ_PLAIN;

    t->flags = flags_of((enum tk_dict_syntax)t->syntax, tc);
    if (t->flags & TK_DICT_IS_INET_ADDRESS)
        reading = TK_READ_INET_ADDRESS;
    else if (t->syntax == TK_SYNTAX_OCTETS)
        reading = octets_reading(tc, hint);
    else if (t->syntax == TK_SYNTAX_BITS)
        reading = TK_READ_BITS;
    else if (t->syntax == TK_SYNTAX_INTEGER || t->syntax == TK_SYNTAX_GAUGE32)
        reading = integer_reading(hint, t->enum_count);
    t->reading = (uint8_t)reading;
}
