/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/states.h"

#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"

#define TK_CHANGE(id, name, help) name,
static const char *const names[TK_CHANGES] = {
#include "pipeline/changes.def"
};
#undef TK_CHANGE

const char *tk_change_name(enum tk_change change)
{
    return names[change];
}

void tk_states_note(struct tk_states *st, enum tk_change change, const struct tk_time *at, const char *fmt, va_list ap)
{
    struct tk_state *s;

    if (st->count == TK_STATES_KEPT) {
        st->first = (st->first + 1) % TK_STATES_KEPT;
        st->count--;
        st->lost++;
    }
    s = &st->state[(st->first + st->count++) % TK_STATES_KEPT];
    s->change = change;
    s->number = ++st->last_number;
    s->at = *at;
    (void)vsnprintf(s->text, sizeof(s->text), fmt, ap);
    if (!tk_utf8_is_valid((const uint8_t *)s->text, strlen(s->text)))
        for (char *c = s->text; *c; c++)
            if (*c & 0x80)
                *c = '?';
}

const struct tk_state *tk_states_oldest(const struct tk_states *st)
{
    return st->count ? &st->state[st->first] : NULL;
}

void tk_states_took(struct tk_states *st)
{
    st->first = (st->first + 1) % TK_STATES_KEPT;
    st->count--;
    st->lost = 0;
}
