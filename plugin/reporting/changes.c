/* SPDX-License-Identifier: Apache-2.0 */
#include "reporting/changes.h"

#include <stdio.h>
#include <string.h>

#include "base/devel.h"
#include "base/text.h"

#define TK_CHANGE(id, name, help) name,
static const char *const names[TK_CHANGE_COUNT_] = {
#include "reporting/changes.def"
};
#undef TK_CHANGE

const char *tk_change_name(enum tk_change change)
{
    TK_ASSERT((unsigned)change < TK_CHANGE_COUNT_);
    return names[change];
}

const struct tk_change_note *tk_changes_note(struct tk_changes *list, enum tk_change change, const struct tk_time *at,
                                             const char *fmt, va_list ap)
{
    struct tk_change_note *note;

    TK_ASSERT(list->count <= TK_CHANGES_KEPT && list->first < TK_CHANGES_KEPT);
    if (list->count == TK_CHANGES_KEPT) {
        list->first = (list->first + 1) % TK_CHANGES_KEPT;
        list->count--;
        list->lost++;
    }
    note = &list->note[(list->first + list->count++) % TK_CHANGES_KEPT];
    note->change = change;
    note->number = ++list->last_number;
    note->at = *at;
    (void)vsnprintf(note->text, sizeof(note->text), fmt, ap);
    if (!tk_utf8_is_valid((const uint8_t *)note->text, strlen(note->text)))
        for (char *c = note->text; *c; c++)
            if (*c & 0x80)
                *c = '?';
    return note;
}

const struct tk_change_note *tk_changes_oldest(const struct tk_changes *list)
{
    return list->count ? &list->note[list->first] : NULL;
}

void tk_changes_took(struct tk_changes *list)
{
    TK_ASSERT(list->count > 0);
    list->first = (list->first + 1) % TK_CHANGES_KEPT;
    list->count--;
    list->lost = 0;
}
