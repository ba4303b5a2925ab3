/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "import/import_regex.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MATCH_LIMIT 10000
#define HEAP_KIB    256

struct tk_import_regex {
    pcre2_code *code;
    pcre2_match_data *found;
    pcre2_match_context *context;
};

struct tk_import_regex *tk_import_regex_new(const char *pattern, char *why, size_t why_bytes)
{
    const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    struct tk_import_regex *x = calloc(1, sizeof(*x));
    int error = PCRE2_ERROR_NOMEMORY;
    PCRE2_SIZE at;

    if (strlen(pattern) > TK_IMPORT_REGEX_BYTES || !*pattern) {
        (void)snprintf(why, why_bytes, "an expression has 1 to %d bytes", TK_IMPORT_REGEX_BYTES);
        free(x);
        return NULL;
    }
    if (x) {
        x->code = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern), options, &error, &at, NULL);
        x->found = pcre2_match_data_create(1, NULL);
        x->context = pcre2_match_context_create(NULL);
    }
    if (!x || !x->code || !x->found || !x->context) {
        (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)why, why_bytes);
        tk_import_regex_free(x);
        return NULL;
    }
    (void)pcre2_set_match_limit(x->context, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(x->context, MATCH_LIMIT);
    (void)pcre2_set_heap_limit(x->context, HEAP_KIB);
    return x;
}

void tk_import_regex_free(struct tk_import_regex *x)
{
    if (!x)
        return;
    pcre2_code_free(x->code);
    pcre2_match_data_free(x->found);
    pcre2_match_context_free(x->context);
    free(x);
}

bool tk_import_regex_matches(struct tk_import_regex *x, const char *text, size_t len)
{
    return pcre2_match(x->code, (PCRE2_SPTR)text, len, 0, 0, x->found, x->context) >= 0;
}

/* ---- a text that matches ---- */

/* The end of the group or set that begins at @p p. */
static const char *skip_set(const char *p)
{
    p += p[1] == '^' ? 2 : 1;
    p += *p == ']';
    while (*p && *p != ']')
        p += *p == '\\' && p[1] ? 2 : 1;
    return *p ? p + 1 : p;
}

/* What follows the alternative at @p p, at the end of its group. */
static const char *skip_alternatives(const char *p)
{
    unsigned depth = 0;

    while (*p && !(*p == ')' && !depth)) {
        if (*p == '[') {
            p = skip_set(p);
            continue;
        }
        depth += *p == '(';
        depth -= *p == ')';
        p += *p == '\\' && p[1] ? 2 : 1;
    }
    return p;
}

static char escaped(char c)
{
    switch (c) {
    case 'd': return '1';
    case 'w': return 'a';
    case 's': return ' ';
    case 'S':
    case 'D':
    case 'W': return '-';
    case 'b':
    case 'B':
    case 'A':
    case 'z':
    case 'Z': return '\0';
    default: return c;
    }
}

bool tk_import_regex_sample(struct tk_import_regex *x, const char *pattern, char *dst, size_t dst_bytes)
{
    const char *p = pattern;
    size_t n = 0;

    while (*p && n + 1 < dst_bytes) {
        char c = *p;

        if (c == '|') {
            p = skip_alternatives(p);
        } else if (c == '[') {
            dst[n++] = p[1] == '^' ? '~' : p[1] == '\\' ? escaped(p[2]) : p[1];
            p = skip_set(p);
        } else if (c == '(' && p[1] == '?') {
            p += 2 + strspn(p + 2, "imsx:");
            p += *p == ')';
        } else if (c == '\\' && p[1]) {
            dst[n] = escaped(p[1]);
            n += dst[n] != '\0';
            p += 2;
        } else if (c == '{') {
            p += strcspn(p, "}") + (strchr(p, '}') ? 1 : 0);
        } else {
            if (!strchr("()^$*+?", c))
                dst[n++] = c == '.' ? 'x' : c;
            p++;
        }
    }
    dst[n] = '\0';
    return tk_utf8_is_valid((const uint8_t *)dst, n) && tk_import_regex_matches(x, dst, n);
}
