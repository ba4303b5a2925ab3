/* SPDX-License-Identifier: Apache-2.0 */
#include "event/varbind_text.h"

/* Does the instance of @p vb have the type as an index? */
static bool type_in_index(const struct tk_dict *dict, const struct tk_dict_object *type,
                          const struct tk_event_varbind *vb, int64_t *ret_type)
{
    const struct tk_dict_index *ix = tk_dict_indexes(dict, vb->object);
    uint32_t node = (uint32_t)(type - dict->objects);
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    unsigned at = 0;

    while (ix && at < vb->object->index_count && ix[at].node != node)
        at++;
    if (!ix || at == vb->object->index_count ||
        tk_dict_decode_instance(dict, vb->object, vb->subid + vb->matched, vb->subids - vb->matched, values) <= (int)at)
        return false;
    *ret_type = values[at].subid[0];
    return true;
}

static bool is_same_instance(const struct tk_event_varbind *a, const struct tk_event_varbind *b)
{
    size_t len = a->subids - a->matched;

    return b->subids - b->matched == len &&
           memcmp(a->subid + a->matched, b->subid + b->matched, len * sizeof(*a->subid)) == 0;
}

static int64_t inet_type(const struct tk_dict *dict, const struct tk_event *ev, const struct tk_event_varbind *vb)
{
    const struct tk_dict_object *type = tk_inet_type_object(dict, vb->object);
    size_t own = (size_t)(vb - ev->varbinds);
    size_t from = own > TK_INET_NEIGHBOURS ? own - TK_INET_NEIGHBOURS : 0;
    size_t left = ev->varbind_count - own;
    size_t to = left > TK_INET_NEIGHBOURS ? own + TK_INET_NEIGHBOURS + 1 : ev->varbind_count;
    int64_t found;

    if (!type)
        return TK_INET_NOT_GIVEN;
    if (type_in_index(dict, type, vb, &found))
        return found;
    for (size_t i = from; i < to; i++) {
        const struct tk_event_varbind *other = ev->varbinds + i;

        if (other->object == type && other->raw.type == TK_INTEGER && is_same_instance(other, vb))
            return tk_varbind_i64(&other->raw);
    }
    return TK_INET_NOT_GIVEN;
}

int tk_varbind_octets_text(char *dst, const struct tk_dict *dict, const struct tk_event *ev,
                           const struct tk_event_varbind *vb)
{
    bool is_address = vb->object && vb->object->is_inet_address;

    return tk_octets_text(dst, dict, vb->object, is_address ? inet_type(dict, ev, vb) : TK_INET_NOT_GIVEN,
                          vb->raw.value, vb->raw.value_len);
}
