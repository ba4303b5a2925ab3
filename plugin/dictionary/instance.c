/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/instance.h"

#include <errno.h>

#include "snmp/oid.h"

static bool is_number(enum tk_dict_syntax syntax)
{
    return syntax == TK_SYNTAX_INTEGER || syntax == TK_SYNTAX_COUNTER32 || syntax == TK_SYNTAX_GAUGE32 ||
           syntax == TK_SYNTAX_TIMETICKS;
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
    struct tk_dict_index indexes[TK_DICT_MAX_INDEXES];
    unsigned count = tk_dict_indexes(d, o, indexes);

    if (!count || len > TK_OID_MAX_SUBIDS)
        return -EINVAL;
    for (unsigned i = 0; i < count; i++) {
        const struct tk_dict_index *ix = indexes + i;
        size_t skip;
        int need = measure_index(ix, suffix, len, &skip);

        if (need < 0)
            return need;
        suffix += skip;
        len -= skip;
        if (!is_number(ix->syntax) && ix->syntax != TK_SYNTAX_OID && !are_octets(suffix, (size_t)need))
            return -EINVAL;
        ret_values[i] = (struct tk_dict_value){*ix, suffix, (size_t)need};
        suffix += need;
        len -= (size_t)need;
    }
    return len ? -EINVAL : (int)count;
}
