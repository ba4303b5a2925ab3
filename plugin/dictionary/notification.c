/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/notification.h"

#include "base/devel.h"

#define MAX_APPENDED 2 /* zeros at the end: by the device, and by a v1 message of such an OID (specific trap 0) */
#define MAX_ZEROS    3 /* looked for before the last sub-identifier */

static const struct tk_dict_object *find_exact(const struct tk_dict *d, const uint32_t *subid, size_t len)
{
    size_t matched;
    const struct tk_dict_object *o = len ? tk_dict_find(d, subid, len, &matched) : NULL;

    return o && matched == len ? o : NULL;
}

/* @returns how many zeros stand before the last sub-identifier; at least one other is left in front of them */
static size_t zeros_before_last(const uint32_t *subid, size_t len)
{
    size_t n = 0;

    while (n + 2 < len && subid[len - 2 - n] == 0)
        n++;
    return n;
}

/* Write the OID with @p zeros zeros before its last sub-identifier, in place of the @p now that it has. */
static bool with_zeros(struct tk_oid *dst, const uint32_t *subid, size_t len, size_t now, size_t zeros)
{
    size_t front = len - 1 - now;

    if (front + zeros + 1 > TK_OID_MAX_SUBIDS)
        return false;
    memcpy(dst->subid, subid, front * sizeof(*subid));
    memset(dst->subid + front, 0, zeros * sizeof(*subid));
    dst->subid[front + zeros] = subid[len - 1];
    dst->len = front + zeros + 1;
    return true;
}

bool tk_notification_next_form(struct tk_notification_forms *f, struct tk_oid *ret_form)
{
    for (; f->len > 2 && f->appended <= MAX_APPENDED; f->len--, f->appended++, f->step = 0) {
        size_t now = zeros_before_last(f->subid, f->len);

        while (f->step <= 2 * MAX_ZEROS) { /* itself, one zero less, one more, two less, ... */
            int step = f->step++;
            long zeros = (long)now + (step % 2 ? -(step + 1) / 2 : step / 2);

            if (zeros >= 0 && (zeros <= MAX_ZEROS || !step) &&
                with_zeros(ret_form, f->subid, f->len, now, (size_t)zeros))
                return true;
        }
        if (f->subid[f->len - 1] != 0) /* not appended */
            break;
    }
    f->len = 0;
    return false;
}

static void make_common_form(const uint32_t *subid, size_t len, struct tk_oid *ret_known)
{
    if (len > 2 && subid[len - 1] == 0 && subid[len - 2] != 0)
        len--;
    (void)with_zeros(ret_known, subid, len, zeros_before_last(subid, len), 0); /* it fits: it is not longer */
}

const struct tk_dict_object *tk_dict_find_notification(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                                       struct tk_oid *ret_known)
{
    struct tk_notification_forms forms = {.subid = subid, .len = len};

    TK_ASSERT(len <= TK_OID_MAX_SUBIDS);
    ret_known->len = 0;
    if (!len)
        return NULL;
    while (tk_notification_next_form(&forms, ret_known)) {
        const struct tk_dict_object *o = find_exact(d, ret_known->subid, ret_known->len);

        if (o && tk_dict_kind(d, o) == TK_DICT_NOTIFICATION)
            return o;
    }
    make_common_form(subid, len, ret_known);
    return find_exact(d, subid, len);
}
