/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the texts for people: the summary, and the members of "set". The text of a varbind is formatted when the
 * event is written; here it is only referred to. */
#include "rules/rules_internal.h"

#include "dictionary/octets_text.h"

static bool copy(struct tk_piece *piece, const struct tk_event *ev, const char *text, size_t len)
{
    char *kept = tk_arena_alloc(ev->arena, len + 1);

    if (!kept)
        return false;
    memcpy(kept, text, len);
    piece->text = (struct tk_text){kept, len};
    return true;
}

/* Raw text, as in a key. */
static bool make_plain(struct tk_piece *piece, const struct tk_rules *r, uint32_t part, const struct tk_event *ev)
{
    piece->text = tk_rules_key(r, (struct tk_rule_span){part, 1}, ev);
    return piece->text.text;
}

static bool make_object(struct tk_piece *piece, const struct tk_rules *r, const struct tk_rule_part *part,
                        const struct tk_event *ev)
{
    struct tk_rule_span oid = ((const struct tk_rule_object *)r->objects.items)[part->object].oid;
    size_t i = tk_rules_find_varbind(r, oid, ev, 0);
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    char text[TK_TEXT_BYTES];
    int at;

    if (i < ev->varbind_count && !tk_rules_is_missing(ev->varbinds + i)) {
        piece->varbind = i;
        return true;
    }
    at = i == ev->varbind_count ? tk_rules_find_index(r, part->object, ev, values) : -1;
    if (at >= 0)
        return copy(piece, ev, text, tk_index_text(text, r->dict, values, (size_t)at));
    piece->text = (struct tk_text){"-", 1};
    return true;
}

static bool make_piece(struct tk_piece *piece, const struct tk_rules *r, uint32_t number, const struct tk_event *ev)
{
    const struct tk_rule_part *part = (const struct tk_rule_part *)r->parts.items + number;

    *piece = (struct tk_piece){.varbind = 0};
    switch ((enum tk_rule_part_kind)part->kind) {
    case TK_PART_LITERAL: piece->text = tk_rules_text(r, part->bytes); return true;
    case TK_PART_DEVICE: piece->text = ev->device.text ? ev->device : (struct tk_text){"-", 1}; return true;
    case TK_PART_TEXT: return make_object(piece, r, part, ev);
    default: return make_plain(piece, r, number, ev);
    }
}

static bool make_pieces(struct tk_pieces *ret, const struct tk_rules *r, struct tk_rule_span parts,
                        const struct tk_event *ev)
{
    struct tk_piece *piece = tk_arena_alloc(ev->arena, (parts.len + 1) * sizeof(*piece));

    if (!piece)
        return false;
    for (uint32_t i = 0; i < parts.len; i++)
        if (!make_piece(piece + i, r, parts.at + i, ev))
            return false;
    *ret = (struct tk_pieces){piece, parts.len};
    return true;
}

static bool make_fields(const struct tk_rules *r, struct tk_rule_span fields, struct tk_event *ev)
{
    const struct tk_rule_field *from = (const struct tk_rule_field *)r->fields.items + fields.at;
    struct tk_event_field *to = tk_arena_alloc(ev->arena, (fields.len + 1) * sizeof(*to));

    if (!to)
        return false;
    for (uint32_t i = 0; i < fields.len; i++) {
        to[i].name = tk_rules_text(r, from[i].name);
        if (!make_pieces(&to[i].value, r, from[i].value, ev))
            return false;
    }
    ev->fields = to;
    ev->field_count = fields.len;
    return true;
}

bool tk_rules_make_texts(const struct tk_rules *r, const struct tk_rule *rule, struct tk_event *ev)
{
    const struct tk_rule_more *more = tk_rules_more(r, rule);

    return (!rule->summary.len || make_pieces(&ev->rule_summary, r, rule->summary, ev)) &&
           (!more || !more->fields.len || make_fields(r, more->fields, ev));
}
