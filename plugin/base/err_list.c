/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err_list.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/devel.h"

static void add(struct tk_err_list *list, const struct tk_err *err)
{
    if (!list)
        return;
    if (list->kept < TK_ERR_LIST_MAX)
        list->err[list->kept++] = *err;
    else
        list->further += list->further < UINT_MAX;
    if (list->tell)
        list->tell(list->tell_arg, err);
}

void tk_err_list_add(struct tk_err_list *list, const char *file, unsigned line, const char *fmt, ...)
{
    struct tk_err err = {0};
    char text[sizeof(err.text)];
    va_list ap;

    if (tk_err_list_is_full(list)) {
        if (list)
            add(list, &err); /* only counted, so it need not be worded */
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    tk_err_set(&err, file, line, "%s", text);
    add(list, &err);
}

bool tk_err_list_take(struct tk_err_list *list, struct tk_err *err)
{
    bool is_set = err->is_set;

    if (is_set)
        add(list, err);
    tk_err_clear(err);
    return is_set;
}

bool tk_err_list_is_empty(const struct tk_err_list *list)
{
    return !list || list->kept == 0;
}

bool tk_err_list_is_full(const struct tk_err_list *list)
{
    return !list || (list->kept == TK_ERR_LIST_MAX && !list->tell);
}

void tk_err_list_clear(struct tk_err_list *list)
{
    if (list)
        memset(list, 0, sizeof(*list));
}

const char *tk_err_list_format(const struct tk_err_list *list, unsigned i, char *dst, size_t dst_bytes)
{
    size_t len;

    TK_ASSERT(i < list->kept);
    tk_err_format(&list->err[i], dst, dst_bytes);
    len = strlen(dst);
    if (i + 1 == list->kept && list->further)
        (void)snprintf(dst + len, dst_bytes - len, " (and %u further error%s)", list->further,
                       list->further == 1 ? "" : "s");
    return dst;
}
