/* SPDX-License-Identifier: Apache-2.0 */
/* Integers of rules files, exactly: SNMP has them from -2^63 to 2^64-1. jansson ends at 2^63-1. */
#include "rules/rules_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#define MIN_BIG_DIGITS 19 /* of 2^63 */
#define MARK_BEGIN     "{\"\\u0001\":\""
#define MARK_END       "\"}"
#define MARK_NAME      "\x01"

/* How many bytes the string or number at @p p has; 1 for anything else. */
static size_t token_len(const char *p, const char *end)
{
    const char *at = p + 1;

    if (*p == '"') {
        for (; at < end && *at != '"'; at++)
            if (*at == '\\' && at + 1 < end)
                at++;
        return (size_t)(at - p) + (at < end);
    }
    if (*p == '-' || isdigit((unsigned char)*p))
        while (at < end && (isdigit((unsigned char)*at) || strchr("+-.eE", *at)) && *at)
            at++;
    return (size_t)(at - p);
}

/* Is it an integer that does not fit into jansson's 64 bits with sign? */
static bool is_big(const char *token, size_t len)
{
    char text[32] = "", *end = NULL;

    if (len < MIN_BIG_DIGITS || *token == '"')
        return false;
    if (len >= sizeof(text)) /* beyond any integer of SNMP; a fraction of such a length is marked too, and refused */
        return true;
    memcpy(text, token, len);
    errno = 0;
    (void)strtoll(text, &end, 10);
    return errno == ERANGE && *end == '\0';
}

char *tk_rules_mark_big_numbers(const char *json, size_t len, size_t *ret_len)
{
    const size_t most = len / MIN_BIG_DIGITS;
    char *marked = malloc(len + most * strlen(MARK_BEGIN MARK_END) + 1), *out = marked;

    for (const char *p = json, *end = json + len; marked && p < end;) {
        size_t n = token_len(p, end);
        bool is_marked = is_big(p, n);

        out = is_marked ? stpcpy(out, MARK_BEGIN) : out;
        out = mempcpy(out, p, n);
        out = is_marked ? stpcpy(out, MARK_END) : out;
        p += n;
    }
    *ret_len = (size_t)(out - marked);
    return marked;
}

const char *tk_rules_big_number(const json_t *value)
{
    return json_object_size(value) == 1 ? json_string_value(json_object_get(value, MARK_NAME)) : NULL;
}

bool tk_rules_number(const json_t *value, struct tk_rule_number *ret_number)
{
    const char *big = tk_rules_big_number(value);
    char *end = NULL;

    if (json_is_integer(value)) {
        ret_number->is_negative = json_integer_value(value) < 0;
        ret_number->bits = (uint64_t)json_integer_value(value);
        return true;
    }
    if (!big || !isdigit((unsigned char)*big))
        return false;
    errno = 0;
    ret_number->is_negative = false;
    ret_number->bits = strtoull(big, &end, 10);
    return errno == 0 && *end == '\0';
}

struct tk_rule_range tk_rules_range(struct tk_rule_number low, struct tk_rule_number high)
{
    struct tk_rule_range v = {.min = 1, .max = 0, .umin = 1, .umax = 0};

    if (low.is_negative || low.bits <= INT64_MAX) {
        v.min = (int64_t)low.bits;
        v.max = high.is_negative || high.bits <= INT64_MAX ? (int64_t)high.bits : INT64_MAX;
    }
    if (!high.is_negative) {
        v.umin = low.is_negative ? 0 : low.bits;
        v.umax = high.bits;
    }
    return v;
}

bool tk_rules_in_range(const struct tk_rule_range *range, const struct tk_varbind *vb)
{
    switch (vb->type) {
    case TK_INTEGER:
    case TK_INTEGER64: return tk_varbind_i64(vb) >= range->min && tk_varbind_i64(vb) <= range->max;
    case TK_COUNTER32:
    case TK_GAUGE32:
    case TK_TIMETICKS:
    case TK_COUNTER64:
    case TK_UNSIGNED64: return tk_varbind_u64(vb) >= range->umin && tk_varbind_u64(vb) <= range->umax;
    default: return false;
    }
}
