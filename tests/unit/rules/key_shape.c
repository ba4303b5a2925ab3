/* SPDX-License-Identifier: Apache-2.0 */
#include "key_shape.h"

#include <string.h>

#include "rules/rules_internal.h"

static bool add(struct key_shape *s, enum key_shape_kind kind, char byte, bool is_repeated)
{
    if (s->count == KEY_SHAPE_MAX)
        return false;
    s->places[s->count].kind = (unsigned char)kind;
    s->places[s->count].byte = (unsigned char)byte;
    s->places[s->count++].is_repeated = is_repeated;
    return true;
}

static enum key_shape_kind kind_of_object(const struct tk_dict *dict, const struct tk_dict_object *o, bool is_last)
{
    switch (o ? tk_dict_syntax(dict, o) : TK_SYNTAX_NONE) {
    case TK_SYNTAX_INTEGER:
    case TK_SYNTAX_COUNTER32:
    case TK_SYNTAX_GAUGE32:
    case TK_SYNTAX_TIMETICKS:
    case TK_SYNTAX_COUNTER64: return KEY_SHAPE_DIGITS;
    case TK_SYNTAX_OID:
    case TK_SYNTAX_IPADDRESS:
    case TK_SYNTAX_NETADDRESS: return KEY_SHAPE_DOTTED;
    case TK_SYNTAX_OCTETS:
        if (tk_dict_reading(dict, o) == TK_READ_COLONS)
            return KEY_SHAPE_COLONS;
        break;
    default: break;
    }
    return is_last ? KEY_SHAPE_TEXT : KEY_SHAPE_WORD;
}

bool key_shape_of(struct key_shape *ret, const struct tk_rules *r, const struct tk_dict *dict,
                  struct tk_rule_span template)
{
    const struct tk_rule_part *p = (const struct tk_rule_part *)r->parts.items + template.at;
    enum key_shape_kind kind;
    bool is_ok = true;

    ret->count = 0;
    for (uint32_t i = 0; i < template.len && is_ok; i++, p++) {
        struct tk_text literal;

        switch ((enum tk_rule_part_kind)p->kind) {
        case TK_PART_LITERAL:
            literal = tk_rules_text(r, p->bytes);
            for (size_t k = 0; k < literal.len && is_ok; k++)
                is_ok = add(ret, KEY_SHAPE_BYTE, literal.text[k], false);
            continue;
        case TK_PART_DEVICE: is_ok = add(ret, KEY_SHAPE_DEVICE, 0, false); continue;
        case TK_PART_INSTANCE:
        case TK_PART_PARENT: kind = KEY_SHAPE_DOTTED; break;
        case TK_PART_TRAP: kind = KEY_SHAPE_WORD; break;
        default:
            kind = kind_of_object(dict, ((const struct tk_rule_known *)r->known.items)[p->object].object,
                                  i + 1 == template.len);
        }
        if (kind < KEY_SHAPE_WORD)
            is_ok = add(ret, kind, 0, false);
        is_ok = is_ok && add(ret, kind, 0, true);
    }
    return is_ok;
}

static bool allows(enum key_shape_kind kind, unsigned char byte)
{
    switch (kind) {
    case KEY_SHAPE_DIGITS: return byte && strchr("0123456789-", byte);
    case KEY_SHAPE_DOTTED: return byte && strchr("0123456789.-", byte);
    case KEY_SHAPE_COLONS: return byte && strchr("0123456789abcdef:x-", byte);
    case KEY_SHAPE_WORD: return byte != '/';
    case KEY_SHAPE_TEXT: return true;
    default: return false;
    }
}

/* Can one and the same byte, or the device, stand at both places? All sets of bytes have digits. */
static bool agree(const struct key_shape *a, unsigned i, const struct key_shape *b, unsigned k)
{
    enum key_shape_kind x = a->places[i].kind, y = b->places[k].kind;

    if (x == KEY_SHAPE_DEVICE || y == KEY_SHAPE_DEVICE)
        return x == y;
    if (x == KEY_SHAPE_BYTE && y == KEY_SHAPE_BYTE)
        return a->places[i].byte == b->places[k].byte;
    if (x == KEY_SHAPE_BYTE)
        return allows(y, a->places[i].byte);
    return y != KEY_SHAPE_BYTE || allows(x, b->places[k].byte);
}

/* For each place of one shape, the places of the other that a common beginning can have reached. */
bool key_shape_meets(const struct key_shape *a, const struct key_shape *b)
{
    bool here[KEY_SHAPE_MAX + 1] = {true}, next[KEY_SHAPE_MAX + 1];

    for (unsigned i = 0; i <= a->count; i++) {
        bool is_left = false;

        memset(next, 0, sizeof(next));
        for (unsigned k = 0; k <= b->count; k++) {
            if (!here[k])
                continue;
            is_left = true;
            if (i < a->count && a->places[i].is_repeated)
                next[k] = true; /* no more of a's */
            if (k < b->count && b->places[k].is_repeated)
                here[k + 1] = true; /* no more of b's */
            if (i == a->count || k == b->count || !agree(a, i, b, k))
                continue;
            if (a->places[i].is_repeated && !b->places[k].is_repeated)
                here[k + 1] = true;
            else if (!a->places[i].is_repeated)
                next[k + !b->places[k].is_repeated] = true;
        }
        if (!is_left || i == a->count)
            return is_left && here[b->count];
        memcpy(here, next, sizeof(here));
    }
    return false;
}
