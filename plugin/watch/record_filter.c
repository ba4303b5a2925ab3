/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/record_filter.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define MOST_TEXT 512 /* bytes that a pattern is compared with: fnmatch() may take very long on long texts */

static int add_severities(struct tk_record_filter *f, const char *list, struct tk_err *err)
{
    unsigned ranks = 0;

    for (;;) {
        size_t len = strcspn(list, ","), name_len = len - (len && list[len - 1] == '+');
        char name[16] = "", shown[64];
        enum tk_rank rank;

        if (name_len < sizeof(name))
            memcpy(name, list, name_len);
        rank = tk_rank_of(name);
        if (rank == TK_RANK_NONE) {
            tk_err_set(err, NULL, 0,
                       "'%s': no such severity; write critical, major, minor, warning, indeterminate or cleared, with "
                       "commas between them, or for example major+ for major and critical",
                       tk_escape(shown, sizeof(shown), list, len));
            return -EINVAL;
        }
        ranks |= 1u << rank;
        for (int higher = (int)rank; name_len < len && higher < TK_RANKS; higher++)
            ranks |= 1u << higher;
        if (!list[len])
            break;
        list += len + 1;
    }
    f->ranks |= ranks;
    return 0;
}

int tk_record_filter_add(struct tk_record_filter *f, enum tk_filter_kind kind, const char *value, struct tk_err *err)
{
    if (kind == TK_BY_SEVERITY)
        return add_severities(f, value, err);
    if (f->counts[kind] == TK_FILTER_PATTERNS) {
        tk_err_set(err, NULL, 0, "'%s': there are %d of this option already; write a wider pattern", value,
                   TK_FILTER_PATTERNS);
        return -EINVAL;
    }
    f->patterns[kind][f->counts[kind]++] = value;
    return 0;
}

static bool matches(const char *pattern, const char *text)
{
    char part[MOST_TEXT + 1];
    size_t len = strlen(text);

    if (len > MOST_TEXT) {
        for (len = MOST_TEXT; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--; /* not inside a character */
        memcpy(part, text, len);
        part[len] = '\0';
        text = part;
    }
    return *text && fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

/* Does a pattern of this kind match one of the texts? */
static bool has(const struct tk_record_filter *f, enum tk_filter_kind kind, const char *const texts[3])
{
    for (unsigned i = 0; i < f->counts[kind]; i++)
        for (unsigned t = 0; t < 3 && texts[t]; t++)
            if (matches(f->patterns[kind][i], texts[t]))
                return true;
    return f->counts[kind] == 0;
}

bool tk_record_filter_wants(const struct tk_record_filter *f, const struct tk_seen *seen)
{
    char full[MOST_TEXT + 1];

    if (f->ranks && !(f->ranks & 1u << seen->rank))
        return false;
    (void)snprintf(full, sizeof(full), "%s::%s", seen->mib, seen->name);
    return has(f, TK_BY_DEVICE, (const char *const[3]){seen->device}) &&
           has(f, TK_BY_NAME, (const char *const[3]){seen->name, full, seen->oid}) &&
           has(f, TK_BY_SITE, (const char *const[3]){seen->site}) &&
           has(f, TK_BY_TYPE, (const char *const[3]){seen->alarm_type, seen->type});
}
