/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_copy.h"

#include <errno.h>

#include "mibs/mib_child.h"

static int write_copy(const struct tk_mib_text *t, const struct tk_mib_module *m, const struct tk_mib_set *set,
                      const struct tk_mib_variant *v)
{
    char last[TK_MIB_LAST_BYTES];
    FILE *f = fopen(v->copy, "we");
    bool is_good;

    tk_mib_child_last(last, set, v);
    is_good = f && tk_mib_text_write(t, m, last, f);

    if (f && fclose(f) != 0)
        is_good = false;
    return is_good ? 0 : -EIO;
}

int tk_mib_copy_module(const struct tk_mib_set *set, const struct tk_mib_variant *v, enum tk_mib_style style)
{
    struct tk_mib_text text;
    int ret = tk_mib_text_read(&text, tk_mib_set_file(set, v)->path, style);

    if (ret < 0)
        return ret;
    ret = -ENOENT; /* in another style there may be no such module */
    for (uint32_t i = 0; i < text.modules.count && ret == -ENOENT; i++)
        if (strcmp(((const struct tk_mib_module *)text.modules.items)[i].name, v->name) == 0)
            ret = write_copy(&text, (const struct tk_mib_module *)text.modules.items + i, set, v);
    tk_mib_text_done(&text);
    return ret;
}

int tk_mib_copy_repair(const struct tk_mib_set *set, const struct tk_mib_variant *v, unsigned line,
                       enum tk_mib_repair *ret_done, char *ret_name, unsigned *ret_line)
{
    struct tk_mib_text text;
    struct tk_mib_module *m;
    char *last;
    int ret = tk_mib_text_read(&text, v->copy, TK_MIB_STYLE_USUAL);

    if (ret < 0)
        return ret;
    m = text.modules.items;
    last = text.modules.count ? memmem(text.text, text.len, TK_MIB_LAST_NAME, strlen(TK_MIB_LAST_NAME)) : NULL;
    if (last) {
        m->end = (size_t)(last - text.text);
        *ret_done = tk_mib_repair(&text, m, line, ret_name, ret_line);
        if (*ret_done != TK_MIB_REPAIR_NONE)
            ret = write_copy(&text, m, set, v);
    }
    tk_mib_text_done(&text);
    return ret;
}
