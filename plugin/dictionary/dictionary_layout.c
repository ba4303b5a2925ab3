/* SPDX-License-Identifier: Apache-2.0 */
/* The second half of the builder: turns drafts in any order into one flat block. */
#include <stdlib.h>

#include "base/devel.h"
#include "dictionary/dictionary_builder.h"
#include "dictionary/dictionary_internal.h"

/* The state of a layout. An "old" number is a draft's, a "new" number is a node's in the dictionary. */
struct layout {
    const struct tk_dict_builder *b;
    const struct tk_dict_draft *drafts;
    struct tk_dict *d;
    struct tk_dict_node *nodes;
    struct tk_dict_object *objects;
    struct tk_dict_index *indexes;
    uint32_t *buckets;
    uint32_t *old_of_new;
};

struct sibling {
    uint32_t subid;
    uint32_t old_number;
};

static int compare_siblings(const void *a, const void *b)
{
    uint32_t sa = ((const struct sibling *)a)->subid, sb = ((const struct sibling *)b)->subid;

    return sa < sb ? -1 : sa > sb;
}

/* Number the nodes breadth first. Facts are usually added in the order of their OIDs; then a chain of siblings, whose
 * newest is first, is in descending order, and reversing it is faster than sorting. */
static bool lay_nodes(struct layout *l)
{
    struct sibling *s = malloc(l->d->node_count * sizeof(*s));
    uint32_t tail = 1;

    if (!s)
        return false;
    for (uint32_t n = 0; n < l->d->node_count; n++) {
        uint32_t count = 0;
        bool is_sorted = true;

        for (uint32_t c = l->drafts[l->old_of_new[n]].first_child; c; c = l->drafts[c].next_sibling) {
            s[count++] = (struct sibling){l->drafts[c].subid, c};
            if (count > 1 && s[count - 2].subid < s[count - 1].subid)
                is_sorted = false;
        }
        if (is_sorted) {
            for (uint32_t i = 0; i < count / 2; i++) {
                struct sibling swap = s[i];

                s[i] = s[count - 1 - i];
                s[count - 1 - i] = swap;
            }
        } else {
            qsort(s, count, sizeof(*s), compare_siblings);
        }
        l->nodes[n].first_child = tail;
        l->nodes[n].child_count = count & 0x7fffffff;
        for (uint32_t i = 0; i < count; i++, tail++) {
            l->old_of_new[tail] = s[i].old_number;
            l->nodes[tail].subid = s[i].subid;
            l->objects[tail] = l->drafts[s[i].old_number].object;
            l->objects[tail].parent = n;
            l->nodes[tail].is_named = l->objects[tail].name != 0;
        }
    }
    free(s);
    TK_ASSERT(tail == l->d->node_count);
    return true;
}

static const struct tk_dict_draft *draft_of(const struct layout *l, uint32_t n)
{
    return l->drafts + l->old_of_new[n];
}

static void lay_kinds(struct layout *l)
{
    for (uint32_t n = 1; n < l->d->node_count; n++) {
        struct tk_dict_object *o = l->objects + n;

        if (o->kind == TK_DICT_NOTIFICATION)
            continue;
        if (draft_of(l, n)->is_row && o->syntax == TK_SYNTAX_NONE) {
            o->kind = TK_DICT_ENTRY;
            if (l->objects[o->parent].syntax == TK_SYNTAX_NONE)
                l->objects[o->parent].kind = TK_DICT_TABLE;
        } else if (o->syntax != TK_SYNTAX_NONE) {
            o->kind = l->objects[o->parent].kind == TK_DICT_ENTRY ? TK_DICT_COLUMN : TK_DICT_SCALAR;
        } else if (l->objects[o->parent].syntax != TK_SYNTAX_NONE) {
            l->nodes[n].is_named = false; /* an instance with a name, such as sysUpTimeInstance */
        }
    }
}

static bool tc_is(const struct layout *l, const struct tk_dict_object *o, const char *tc)
{
    return o->tc && strcmp(tk_dict_tc(l->d, o).text, tc) == 0;
}

/* "255a", "65535t": the octets are the text. A hint for fewer octets than a value has is applied again: the same. */
static bool is_text_hint(struct tk_dict_text hint)
{
    size_t digits = 0;

    while (digits < hint.len && hint.text[digits] >= '0' && hint.text[digits] <= '9')
        digits++;
    return digits && digits + 1 == hint.len && (hint.text[digits] == 'a' || hint.text[digits] == 't') &&
           strspn(hint.text, "0") != digits;
}

static bool hint_is(struct tk_dict_text hint, const char *text)
{
    return hint.len == strlen(text) && memcmp(hint.text, text, hint.len) == 0;
}

static enum tk_dict_reading octets_reading(const struct layout *l, const struct tk_dict_object *o)
{
    struct tk_dict_text hint = tk_dict_hint(l->d, o);

    if (o->is_inet_address)
        return TK_READ_INET_ADDRESS;
    if (tc_is(l, o, "DateAndTime") || hint_is(hint, "2d-1d-1d,1d:1d:1d.1d,1a1d:1d"))
        return TK_READ_DATE_AND_TIME;
    if (!hint.len)
        return TK_READ_PLAIN;
    return is_text_hint(hint) ? TK_READ_TEXT : TK_READ_HINT;
}

static enum tk_dict_reading reading_of(const struct layout *l, const struct tk_dict_object *o)
{
    struct tk_dict_text hint = tk_dict_hint(l->d, o);

    switch (o->syntax) {
    case TK_SYNTAX_OCTETS: return octets_reading(l, o);
    case TK_SYNTAX_BITS: return TK_READ_BITS;
    case TK_SYNTAX_INTEGER:
    case TK_SYNTAX_GAUGE32:
        if (o->enum_count)
            return TK_READ_LABELS;
        return hint.len && !hint_is(hint, "d") && !hint_is(hint, "d-0") ? TK_READ_NUMBER : TK_READ_PLAIN;
    default: return TK_READ_PLAIN;
    }
}

/* Mark the objects whose textual convention says how to read their value, or an index of theirs. */
static void lay_convention(const struct layout *l, struct tk_dict_object *o)
{
    o->is_ifindex = tc_is(l, o, "InterfaceIndex") || tc_is(l, o, "InterfaceIndexOrZero");
    o->is_inet_type = o->syntax == TK_SYNTAX_INTEGER && tc_is(l, o, "InetAddressType");
    o->is_inet_address = o->syntax == TK_SYNTAX_OCTETS && o->tc &&
                         strncmp(tk_dict_tc(l->d, o).text, "InetAddress", 11) == 0 && !tc_is(l, o, "InetAddressDNS");
    o->reading = reading_of(l, o) & 0x1f;
}

/* Build the look-up by name, and mark the objects whose value is an ifIndex or has to do with Internet addresses. */
static void lay_names(struct layout *l)
{
    static const uint32_t if_index[] = {1, 3, 6, 1, 2, 1, 2, 2, 1, 1};
    const size_t if_index_len = sizeof(if_index) / sizeof(if_index[0]);
    const struct tk_dict_object *o;
    size_t matched;

    for (uint32_t n = l->d->node_count - 1; n; n--) { /* backwards, so that the object nearer the root is first */
        struct tk_dict_text t = tk_dict_name(l->d, l->objects + n);
        uint32_t *bucket = l->buckets + (tk_dict_hash(t.text, t.len) & l->d->bucket_mask);

        if (!t.len)
            continue;
        l->objects[n].next_name = *bucket;
        *bucket = n;
        lay_convention(l, l->objects + n);
    }
    o = tk_dict_find(l->d, if_index, if_index_len, &matched);
    if (matched == if_index_len)
        l->objects[o - l->objects].is_ifindex = true;
}

/* The object that a reference names: a row or an object with a syntax, preferably in the module that was named. */
static uint32_t find_ref(const struct layout *l, const struct tk_dict_ref *ref, uint32_t own_module, bool wants_row)
{
    struct tk_dict_text t = tk_dict_text(l->d, ref->name);
    uint32_t best = TK_DICT_NONE, module = ref->module ? ref->module : own_module;

    uint32_t n = l->buckets[tk_dict_hash(t.text, t.len) & l->d->bucket_mask];

    for (; n; n = l->objects[n].next_name) {
        const struct tk_dict_object *o = l->objects + n;

        if (o->name != ref->name || (wants_row ? o->kind != TK_DICT_ENTRY : o->syntax == TK_SYNTAX_NONE))
            continue;
        if (o->module == module)
            return n;
        if (best == TK_DICT_NONE)
            best = n;
    }
    return best;
}

static void lay_row(struct layout *l, uint32_t n)
{
    const struct tk_dict_draft *draft = draft_of(l, n);
    const struct tk_dict_ref *ref = (const struct tk_dict_ref *)l->b->refs.items + draft->refs;
    struct tk_dict_object *o = l->objects + n;

    TK_ASSERT(l->d->index_count + draft->ref_count <= l->b->refs.count); /* the room that lay_block() took */
    o->indexes = l->d->index_count;
    o->index_count = (uint8_t)draft->ref_count;
    for (unsigned i = 0; i < draft->ref_count; i++, ref++) {
        uint32_t at = find_ref(l, ref, o->module, false);
        struct tk_dict_index *ix = l->indexes + l->d->index_count++;

        *ix = (struct tk_dict_index){.name = ref->name, .node = at, .is_implied = ref->is_implied};
        if (at == TK_DICT_NONE) {
            l->d->unresolved_indexes++;
            continue;
        }
        ix->syntax = l->objects[at].syntax;
        ix->fixed_len = l->objects[at].fixed_len;
        ix->is_ifindex = l->objects[at].is_ifindex;
    }
}

/* First rows with their own indexes, then rows that augment them, then the columns of both: each step needs the
 * result of the one before. */
static void lay_indexes(struct layout *l)
{
    for (uint32_t n = 1; n < l->d->node_count; n++)
        if (l->objects[n].kind == TK_DICT_ENTRY && !draft_of(l, n)->is_augment)
            lay_row(l, n);
    for (uint32_t n = 1; n < l->d->node_count; n++) {
        const struct tk_dict_draft *draft = draft_of(l, n);
        struct tk_dict_object *o = l->objects + n;
        uint32_t row;

        if (o->kind != TK_DICT_ENTRY || !draft->is_augment)
            continue;
        row = find_ref(l, (const struct tk_dict_ref *)l->b->refs.items + draft->refs, o->module, true);
        if (row == TK_DICT_NONE || !l->objects[row].index_count) {
            l->d->unresolved_indexes++;
            continue;
        }
        o->indexes = l->objects[row].indexes;
        o->index_count = l->objects[row].index_count;
    }
    for (uint32_t n = 1; n < l->d->node_count; n++) {
        struct tk_dict_object *o = l->objects + n;

        if (o->kind == TK_DICT_COLUMN) {
            o->indexes = l->objects[o->parent].indexes;
            o->index_count = l->objects[o->parent].index_count;
        }
    }
}

/* Take the next part of the block. The parts are ordered so that none needs padding. */
static void *take(char **next, size_t bytes)
{
    void *part = *next;

    *next += bytes;
    return part;
}

static struct tk_dict *lay_block(struct layout *l)
{
    const struct tk_dict_builder *b = l->b;
    struct tk_dict head = {.node_count = b->drafts.count,
                           .enum_count = b->enums.count,
                           .index_count = b->refs.count,
                           .string_bytes = b->strings.count};
    struct tk_dict *d;
    char *next, *strings;

    head.bucket_mask = 63;
    while (head.bucket_mask < head.node_count)
        head.bucket_mask = head.bucket_mask * 2 + 1;
    d = calloc(1, tk_dict_bytes(&head));
    if (!d)
        return NULL;
    next = (char *)(d + 1);
    *d = head;
    d->index_count = 0; /* lay_row() counts: a row that was added twice has refs twice, but needs one list */
    d->nodes = l->nodes = take(&next, head.node_count * sizeof(*l->nodes));
    d->objects = l->objects = take(&next, head.node_count * sizeof(*l->objects));
    d->indexes = l->indexes = take(&next, head.index_count * sizeof(*l->indexes));
    d->buckets = l->buckets = take(&next, ((size_t)head.bucket_mask + 1) * sizeof(*l->buckets));
    d->enums = b->enums.items ? memcpy(take(&next, head.enum_count * sizeof(*d->enums)), b->enums.items,
                                       head.enum_count * sizeof(*d->enums))
                              : next;
    strings = memcpy(next, b->strings.items, head.string_bytes);
    d->strings = strings + sizeof(uint16_t);
    return d;
}

struct tk_dict *tk_dict_layout(struct tk_dict_builder *b)
{
    struct layout l = {.b = b, .drafts = b->drafts.items};

    l.old_of_new = calloc(b->drafts.count, sizeof(*l.old_of_new));
    l.d = l.old_of_new ? lay_block(&l) : NULL;
    if (!l.d || !lay_nodes(&l)) {
        free(l.old_of_new);
        tk_dict_free(l.d);
        return NULL;
    }
    lay_kinds(&l);
    lay_names(&l);
    lay_indexes(&l);
    free(l.old_of_new);
    return l.d;
}
