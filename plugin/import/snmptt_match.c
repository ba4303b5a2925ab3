/* SPDX-License-Identifier: Apache-2.0 */
#include "import/snmptt_match.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "import/import_regex.h"

/** A line that is being read. */
struct match {
    struct tk_import *im;
    unsigned line;
    const char *text; /* the whole line, for notes */
    const struct tk_dict_object *object;
    bool is_negated;
    struct tk_import_cases *cases;
};

static bool refuse(const struct match *m, const char *why)
{
    tk_import_tell(m->im, m->line, m->text, "%s; the EVENT is left out, write its rule by hand", why);
    return false;
}

static bool add(const struct match *m, json_t *condition, json_t *sample)
{
    return tk_import_cases_add_one(m->im, m->cases, m->object, condition, sample) ||
           refuse(m, "these conditions make too many rules");
}

/* ---- numbers ---- */

/* Numbers from @p low to @p high, or all others. */
static bool add_range(const struct match *m, int64_t low, int64_t high)
{
    bool is_ok = true;

    if (!m->is_negated && low == high)
        return add(m, json_pack("{sI}", "equals", (json_int_t)low), json_integer(low));
    if (!m->is_negated && low == INT64_MIN)
        return add(m, json_pack("{sI}", "max", (json_int_t)high), json_integer(high));
    if (!m->is_negated && high == INT64_MAX)
        return add(m, json_pack("{sI}", "min", (json_int_t)low), json_integer(low));
    if (!m->is_negated)
        return add(m, json_pack("{sIsI}", "min", (json_int_t)low, "max", (json_int_t)high), json_integer(low));
    if (low > INT64_MIN)
        is_ok = add(m, json_pack("{sI}", "max", (json_int_t)(low - 1)), json_integer(low - 1));
    if (high < INT64_MAX)
        is_ok = is_ok && add(m, json_pack("{sI}", "min", (json_int_t)(high + 1)), json_integer(high + 1));
    return is_ok;
}

static bool read_number(const char **at, int64_t *ret)
{
    char *end;
    long long n;

    errno = 0;
    n = strtoll(*at, &end, 10);
    if (end == *at || errno || n == LLONG_MIN || n == LLONG_MAX)
        return false;
    *at = end + strspn(end, " \t");
    *ret = n;
    return true;
}

/* "5", "5-10", "> 5", "< 5" */
static bool add_numbers(const struct match *m, const char *at)
{
    char sign = *at == '<' || *at == '>' ? *at : '\0';
    int64_t low, high;

    at += sign ? 1 + strspn(at + 1, " \t") : 0;
    if (!read_number(&at, &low))
        return refuse(m, "it is neither (REGEX), a number, a range nor an address");
    high = low;
    if (!sign && *at == '-') {
        at++;
        at += strspn(at, " \t");
        if (!read_number(&at, &high))
            return refuse(m, "the range has no end");
    }
    if (*at || high < low)
        return refuse(m, "it is neither a number nor a range");
    if (sign == '>')
        return add_range(m, low + 1, INT64_MAX);
    if (sign == '<')
        return add_range(m, INT64_MIN, low - 1);
    return add_range(m, low, high);
}

/* ---- addresses ---- */

/* "192.0.2.7", "192.0.2.0/24", and ranges whose ends differ in the last number only. */
static bool read_addresses(const char *text, uint32_t *ret_first, uint32_t *ret_last)
{
    char first[64], *rest = first;
    struct in_addr a, b;
    uint32_t mask;
    char *last;
    long bits;

    if (snprintf(first, sizeof(first), "%s", text) >= (int)sizeof(first))
        return false;
    last = strpbrk(first, "-/");
    if (last) {
        char what = *last;

        *last++ = '\0';
        if (inet_pton(AF_INET, rest, &a) != 1)
            return false;
        *ret_first = *ret_last = ntohl(a.s_addr);
        if (what == '-') {
            *ret_last = inet_pton(AF_INET, last, &b) == 1 ? ntohl(b.s_addr) : 0;
            return *ret_last >= *ret_first && (*ret_last ^ *ret_first) <= 255;
        }
        bits = strtol(last, &rest, 10);
        if (*rest || rest == last || bits < 1 || bits > 32)
            return false;
        mask = bits == 32 ? 0 : UINT32_MAX >> bits;
        *ret_first &= ~mask;
        *ret_last = *ret_first | mask;
        return true;
    }
    if (inet_pton(AF_INET, first, &a) != 1)
        return false;
    *ret_first = *ret_last = ntohl(a.s_addr);
    return true;
}

/* As an expression: the numbers that both ends share, then the numbers between them, if not all. */
static void address_regex(uint32_t first, uint32_t last, bool is_negated, char *dst, size_t bytes)
{
    size_t n = (size_t)snprintf(dst, bytes, is_negated ? "^(?!" : "^");
    unsigned i = 0;
    uint32_t low, high;

    for (; i < 4 && (first ^ last) >> (24 - 8 * i) == 0; i++)
        n += (size_t)snprintf(dst + n, bytes - n, "%" PRIu32 "%s", first >> (24 - 8 * i) & 255, i < 3 ? "\\." : "$");
    low = i < 4 ? first >> (24 - 8 * i) & 255 : 0;
    high = i < 4 ? last >> (24 - 8 * i) & 255 : 255;
    for (uint32_t k = low; (low || high < 255) && k <= high; k++)
        n += (size_t)snprintf(dst + n, bytes - n, "%s%" PRIu32, k > low ? "|" : "(?:", k);
    if (low || high < 255)
        n += (size_t)snprintf(dst + n, bytes - n, i < 3 ? ")\\." : ")$");
    (void)snprintf(dst + n, bytes - n, "%s", is_negated ? ")" : "");
}

static bool add_addresses(const struct match *m, uint32_t first, uint32_t last)
{
    char text[INET_ADDRSTRLEN], regex[TK_IMPORT_REGEX_BYTES + 1];
    struct in_addr a = {.s_addr = htonl(first)};

    (void)inet_ntop(AF_INET, &a, text, sizeof(text));
    if (first == last && !m->is_negated)
        return add(m, json_pack("{ss}", "equals", text), json_string(text));
    address_regex(first, last, m->is_negated, regex, sizeof(regex));
    if (m->is_negated) {
        a.s_addr = htonl(first - 1);
        (void)inet_ntop(AF_INET, &a, text, sizeof(text));
    }
    return add(m, json_pack("{ss}", "regex", regex), json_string(text));
}

/* ---- expressions ---- */

/* SNMPTT matches what it shows: the labels of an enumeration. Rules name them. */
static bool add_labels(const struct match *m, struct tk_import_regex *x)
{
    const struct tk_dict *d = m->im->dict;
    bool is_standard = tk_import_is_standard(m->im, m->object);
    json_t *list = json_array(), *sample = NULL;

    for (unsigned i = 0; i < tk_dict_enum_count(d, m->object); i++) {
        struct tk_dict_enum e = tk_dict_enum(d, m->object, i);

        if (tk_import_regex_matches(x, e.label.text, e.label.len) == m->is_negated)
            continue;
        tk_import_append(m->im, list, is_standard ? json_stringn(e.label.text, e.label.len) : json_integer(e.value));
        if (!sample)
            sample = json_integer(e.value);
    }
    if (sample)
        return add(m, json_pack("{so}", "in", list), sample);
    json_decref(list);
    return refuse(m, "no label of the object's values matches");
}

static bool add_expression(const struct match *m, struct tk_import_regex *x, const char *regex)
{
    char negative[TK_IMPORT_REGEX_BYTES + 32], sample[TK_IMPORT_SAMPLE_BYTES] = "text";
    bool is_known;

    if (!m->is_negated) {
        is_known = tk_import_regex_sample(x, regex, sample, sizeof(sample));
    } else {
        if (snprintf(negative, sizeof(negative), "(?s)\\A(?!.*(?:%s))", regex) > TK_IMPORT_REGEX_BYTES)
            return refuse(m, "the expression is too long");
        regex = negative;
        is_known = !tk_import_regex_matches(x, sample, strlen(sample));
    }
    return add(m, json_pack("{ss}", "regex", regex), is_known ? json_string(sample) : NULL);
}

/* "(REGEX)", "(REGEX)i" */
static bool add_regex(const struct match *m, const char *at)
{
    const char *end = strrchr(at, ')'), *flags = end ? end + 1 : "";
    char regex[TK_IMPORT_REGEX_BYTES + 8], why[128];
    struct tk_import_regex *x;
    bool is_ok;

    if (!end || strspn(flags, "ig \t") != strlen(flags))
        return refuse(m, "the expression is not closed by ')', with i behind it or nothing");
    if (end - at > TK_IMPORT_REGEX_BYTES)
        return refuse(m, "the expression is too long");
    (void)snprintf(regex, sizeof(regex), "%s%.*s", strchr(flags, 'i') ? "(?i)" : "", (int)(end - at - 1), at + 1);
    x = tk_import_regex_new(regex, why, sizeof(why));
    if (!x)
        return refuse(m, why);
    is_ok = tk_dict_reading(m->im->dict, m->object) == TK_READ_LABELS ? add_labels(m, x) : add_expression(m, x, regex);
    tk_import_regex_free(x);
    return is_ok;
}

/* ---- the line ---- */

static bool add_test(struct match *m, const char *at)
{
    uint32_t first, last;

    m->is_negated = *at == '!';
    at += m->is_negated ? 1 + strspn(at + 1, " \t") : 0;
    if (*at == '(')
        return add_regex(m, at);
    if (*at == '&')
        return refuse(m, "rules have no test of single bits of a number");
    if (strchr(at, '.'))
        return read_addresses(at, &first, &last) ? add_addresses(m, first, last)
                                                 : refuse(m, "it is no address, prefix or range within a /24");
    return add_numbers(m, at);
}

bool tk_snmptt_match(struct tk_import *im, unsigned line, const char *text, const struct tk_import_trap *trap,
                     struct tk_import_cases *cases)
{
    struct match m = {.im = im, .line = line, .text = text, .cases = cases};
    const char *colon = strchr(text, ':'), *at;
    char *end;
    unsigned long n;

    if (!colon || *text != '$')
        return refuse(&m, "a MATCH is $NUMBER: TEST");
    n = strtoul(text + 1, &end, 10);
    if (end == text + 1 || end + strspn(end, " \t") != colon)
        return refuse(&m, "rules have conditions on varbinds ($NUMBER), device, source and security_name only");
    m.object = tk_import_nth(im, trap, n > TK_DICT_MAX_OBJECTS ? 0 : (unsigned)n);
    if (!m.object)
        return refuse(&m, trap->object
                              ? "the definition of the notification has no such object"
                              : "no dictionary knows the notification's objects; name its MIB's dictionary with "
                                "--dictionary");
    at = colon + 1;
    if (add_test(&m, at + strspn(at, " \t")))
        return true;
    tk_import_cases_done(cases);
    return false;
}
