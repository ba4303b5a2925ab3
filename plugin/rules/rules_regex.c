/* SPDX-License-Identifier: Apache-2.0 */
/* "regex": PCRE2. Patterns are compiled to machine code where the system permits it. A match has a limit, because the
 * time that an expression takes can grow exponentially with a text that the network chose; and it allocates nothing.
 *
 * PCRE2's match limit, also that of machine code, counts anew from each position of the text, and PCRE2 does not say how
 * much of it was used. So a notification has one budget of steps, and a match is charged for all that it may take: its
 * limit at every position. It begins with a low limit, which suffices for most, and is repeated with a higher one only if
 * it reaches that. */
#include "rules/rules_internal.h"

#define MAX_PATTERN 1024 /* bytes */
#define FIRST_LIMIT 4    /* steps from one position of the text */
#define LAST_LIMIT  10000
#define GROWTH      8
#define SHARE       4   /* a match gets at most this part of the steps that are left: so later ones get some too */
#define HEAP_KIB    256 /* without machine code */
#define STACK_BYTES ((size_t)256 * 1024)

/* ---- compiling ---- */

/* What all expressions share: made with the first one. */
static bool prepare(struct tk_rule_regexes *x)
{
    if (!x->context) {
        x->context = pcre2_match_context_create(NULL);
        x->found = pcre2_match_data_create(1, NULL);
        x->stack = pcre2_jit_stack_create(32 * 1024, STACK_BYTES, NULL);
        if (x->context) {
            (void)pcre2_set_depth_limit(x->context, LAST_LIMIT);
            (void)pcre2_set_heap_limit(x->context, HEAP_KIB);
            pcre2_jit_stack_assign(x->context, NULL, x->stack); /* NULL: PCRE2 uses 32 KiB of the thread's stack */
        }
    }
    return x->context && x->found;
}

static pcre2_code *compile(const char *pattern, size_t len, int *ret_error, size_t *ret_at)
{
    const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, len, options, ret_error, ret_at, NULL);

    if (code)
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* if there is none, it is interpreted */
    return code;
}

bool tk_rules_add_regex(struct tk_rules_compiler *c, const char *member, json_t *pattern, uint32_t *ret_number)
{
    struct tk_rule_regexes *x = &c->r->regexes;
    char shown[96], why[128] = "";
    pcre2_code **kept;
    int error = 0;
    size_t at = 0;

    (void)tk_rules_show(shown, sizeof(shown), pattern);
    if (!json_string_length(pattern) || json_string_length(pattern) > MAX_PATTERN)
        return tk_rules_complain(c,
                                 "\"%s\" is '%s'; write a regular expression of up to %d bytes, such as \"^xe-\\\\d\"",
                                 member, shown, MAX_PATTERN);
    kept = tk_vector_reserve(&x->codes, 1, sizeof(pcre2_code *));
    if (!prepare(x) || !kept)
        return tk_rules_no_memory(c);
    *kept = compile(json_string_value(pattern), json_string_length(pattern), &error, &at);
    if (*kept) {
        *ret_number = x->codes.count++;
        return true;
    }
    if (error == PCRE2_ERROR_HEAP_FAILED)
        return tk_rules_no_memory(c);
    (void)pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof(why));
    return tk_rules_complain(c,
                             "\"%s\" is '%s', which is not a regular expression: at character %zu: %s; correct it; in "
                             "JSON a backslash is written twice",
                             member, shown, at + 1, why);
}

void tk_rules_forget_regexes(struct tk_rules *r, uint32_t first)
{
    pcre2_code **codes = r->regexes.codes.items;

    while (r->regexes.codes.count > first)
        pcre2_code_free(codes[--r->regexes.codes.count]);
}

void tk_rules_free_regexes(struct tk_rules *r)
{
    struct tk_rule_regexes *x = &r->regexes;

    tk_rules_forget_regexes(r, 0);
    tk_vector_done(&x->codes);
    pcre2_match_context_free(x->context);
    pcre2_match_data_free(x->found);
    if (x->stack)
        pcre2_jit_stack_free(x->stack);
}

/* ---- matching ---- */

static uint32_t at_most(uint32_t n, uint32_t most)
{
    return n < most ? n : most;
}

/* @returns as pcre2_match(); PCRE2_ERROR_MATCHLIMIT also if too little of the budget is left */
static int match(const struct tk_rule_regexes *x, const pcre2_code *code, struct tk_event *ev, const char *text,
                 size_t len)
{
    const uint32_t positions = (uint32_t)len + 1, left = TK_RULES_MAX_STEPS - ev->regex_steps;
    uint32_t share = left / SHARE / positions, limit = at_most(FIRST_LIMIT, left / positions), last = 0;
    int ret = PCRE2_ERROR_MATCHLIMIT;

    while (ret == PCRE2_ERROR_MATCHLIMIT && limit > last) {
        ev->regex_steps += limit * positions;
        (void)pcre2_set_match_limit(x->context, limit);
        ret = pcre2_match(code, (PCRE2_SPTR)text, len, 0, 0, x->found, x->context);
        share -= at_most(limit, share);
        last = limit;
        limit = at_most(at_most(limit * GROWTH, LAST_LIMIT), share);
    }
    return ret;
}

bool tk_rules_regex_matches(const struct tk_rules *r, const struct tk_rule *rule, uint32_t number, struct tk_event *ev,
                            const char *text, size_t len)
{
    const struct tk_rule_regexes *x = &r->regexes;
    pcre2_code *const *codes = x->codes.items;
    int ret;

    TK_ASSERT(number < x->codes.count && ev->regex_steps <= TK_RULES_MAX_STEPS);
    ret = match(x, codes[number], ev, text, len < TK_RULES_MAX_REGEX ? len : TK_RULES_MAX_REGEX);
    if (ret >= 0 || ret == PCRE2_ERROR_NOMATCH)
        return ret >= 0;
    if (!ev->regex_given_up++) /* others may only find no steps left */
        ev->regex_rule = tk_rules_text(r, rule->label);
    return false;
}
