/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary.h"

#include <errno.h>
#include <stdlib.h>

#include "base/devel.h"
#include "dictionary/dictionary_internal.h"

void tk_dict_free(struct tk_dict *d)
{
    free(d); /* tk_dict_builder_finish() allocates it with its arrays as one block */
}

size_t tk_dict_bytes(const struct tk_dict *d)
{
    return sizeof(*d) + d->node_count * (sizeof(*d->nodes) + sizeof(*d->objects)) + d->enum_count * sizeof(*d->enums) +
           d->index_count * sizeof(*d->indexes) + ((size_t)d->bucket_mask + 1) * sizeof(*d->buckets) + d->string_bytes;
}

/* A binary search, but first look where the child is if no sub-identifier before it is missing, which is the usual
 * case. Children are sorted and distinct, so the child can't be after that place. */
static inline const struct tk_dict_node *find_child(const struct tk_dict_node *first, uint32_t count, uint32_t subid)
{
    uint32_t low = 0, high = count;

    if (!count || subid < first->subid)
        return NULL;
    if (subid - first->subid < count) {
        high = subid - first->subid;
        if (first[high].subid == subid)
            return first + high;
    }
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (first[mid].subid < subid)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && first[low].subid == subid ? first + low : NULL;
}

const struct tk_dict_object *tk_dict_find(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                          size_t *ret_matched)
{
    const struct tk_dict_node *n = d->nodes, *named = NULL;
    size_t matched = 0;

    for (size_t i = 0; i < len; i++) {
        n = find_child(d->nodes + n->first_child, n->child_count, subid[i]);
        if (!n)
            break;
        if (n->is_named) {
            named = n;
            matched = i + 1;
        }
    }
    *ret_matched = matched;
    return named ? d->objects + (named - d->nodes) : NULL;
}

const struct tk_dict_object *tk_dict_find_sibling(const struct tk_dict *d, const struct tk_dict_object *o,
                                                  uint32_t subid)
{
    const struct tk_dict_node *parent = d->nodes + o->parent;
    const struct tk_dict_node *n = find_child(d->nodes + parent->first_child, parent->child_count, subid);

    return n && n->is_named && !n->child_count ? d->objects + (n - d->nodes) : NULL;
}

static bool text_is(struct tk_dict_text t, const char *s, size_t len)
{
    return t.len == len && memcmp(t.text, s, len) == 0;
}

const struct tk_dict_object *tk_dict_find_name(const struct tk_dict *d, const char *name, size_t len,
                                               const struct tk_dict_object **ret_other)
{
    const struct tk_dict_object *found = NULL, *other = NULL;
    const char *module = NULL, *colons = memmem(name, len, "::", 2);
    size_t module_len = 0;

    if (colons) {
        module = name;
        module_len = (size_t)(colons - name);
        len -= module_len + 2;
        name = colons + 2;
    }
    for (uint32_t n = d->buckets[tk_dict_hash(name, len) & d->bucket_mask]; n; n = d->objects[n].next_name) {
        const struct tk_dict_object *o = d->objects + n;

        if (!text_is(tk_dict_name(d, o), name, len) || (module && !text_is(tk_dict_module(d, o), module, module_len)))
            continue;
        if (!found) {
            found = o;
        } else {
            other = o;
            break;
        }
    }
    if (ret_other)
        *ret_other = other;
    return found;
}

void tk_dict_oid(const struct tk_dict *d, const struct tk_dict_object *o, struct tk_oid *ret_oid)
{
    uint32_t n = (uint32_t)(o - d->objects);
    size_t depth = 0;

    for (uint32_t up = n; up; up = d->objects[up].parent)
        depth++;
    TK_ASSERT(n < d->node_count && depth <= TK_OID_MAX_SUBIDS);
    ret_oid->len = depth;
    for (; n; n = d->objects[n].parent)
        ret_oid->subid[--depth] = d->nodes[n].subid;
}

/* How many sub-identifiers the value of an index has, and in ret_skip how many come before it (a length prefix, or
 * NetworkAddress's leading 1); -EINVAL: the rest of the suffix is too short. */
static int measure_index(const struct tk_dict_index *ix, const uint32_t *s, size_t left, size_t *ret_skip)
{
    size_t skip = 0, need;

    switch (ix->syntax) {
    case TK_SYNTAX_INTEGER:
    case TK_SYNTAX_COUNTER32:
    case TK_SYNTAX_GAUGE32:
    case TK_SYNTAX_TIMETICKS: need = 1; break;
    case TK_SYNTAX_IPADDRESS: need = 4; break;
    case TK_SYNTAX_NETADDRESS:
        skip = 1;
        need = 4;
        if (!left || s[0] != 1)
            return -EINVAL;
        break;
    case TK_SYNTAX_OCTETS:
    case TK_SYNTAX_OPAQUE:
    case TK_SYNTAX_BITS:
    case TK_SYNTAX_OID:
        if (ix->fixed_len) {
            need = ix->fixed_len;
        } else if (ix->is_implied) {
            need = left;
        } else {
            if (!left || s[0] > left - 1)
                return -EINVAL;
            skip = 1;
            need = s[0];
        }
        break;
    default: return -EINVAL;
    }
    if (need + skip > left)
        return -EINVAL;
    *ret_skip = skip;
    return (int)need;
}

static bool are_octets(const uint32_t *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] > 255)
            return false;
    return true;
}

int tk_dict_decode_instance(const struct tk_dict *d, const struct tk_dict_object *o, const uint32_t *suffix, size_t len,
                            struct tk_dict_value *ret_values)
{
    const struct tk_dict_index *ix = tk_dict_indexes(d, o);

    if (!ix || len > TK_OID_MAX_SUBIDS)
        return -EINVAL;
    TK_ASSERT(o->index_count <= TK_DICT_MAX_INDEXES && o->indexes + o->index_count <= d->index_count);
    for (unsigned i = 0; i < o->index_count; i++, ix++) {
        size_t skip;
        int need = measure_index(ix, suffix, len, &skip);
        bool is_number = ix->syntax == TK_SYNTAX_INTEGER || ix->syntax == TK_SYNTAX_COUNTER32 ||
                         ix->syntax == TK_SYNTAX_GAUGE32 || ix->syntax == TK_SYNTAX_TIMETICKS;

        if (need < 0)
            return need;
        suffix += skip;
        len -= skip;
        if (!is_number && ix->syntax != TK_SYNTAX_OID && !are_octets(suffix, (size_t)need))
            return -EINVAL;
        ret_values[i] = (struct tk_dict_value){ix, suffix, (size_t)need};
        suffix += need;
        len -= (size_t)need;
    }
    return len ? -EINVAL : o->index_count;
}

struct tk_dict_text tk_dict_label(const struct tk_dict *d, const struct tk_dict_object *o, int64_t value)
{
    const struct tk_dict_enum *e = d->enums + o->enums;
    uint32_t low = 0, high = o->enum_count;

    TK_ASSERT(o->enums + o->enum_count <= d->enum_count);
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (e[mid].value < value)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < o->enum_count && e[low].value == value)
        return tk_dict_text(d, e[low].label);
    return (struct tk_dict_text){NULL, 0};
}
