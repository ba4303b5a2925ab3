/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the text of a facts file. Each object of the dictionary must be found, and can be written and read again. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "dictionary/dictionary_builder.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/instance.h"

#define MAX_NODES 2000

static void check_object(const struct tk_dict *d, const struct tk_dict_object *o)
{
    static const uint32_t suffix[] = {1, 4, 192, 0, 2, 7, 300, 3, 97, 98, 99};
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    const struct tk_dict_object *other = NULL;
    struct tk_dict_text name = tk_dict_name(d, o);
    struct tk_oid whole;
    size_t matched = 0;

    tk_dict_oid(d, o, &whole);
    FUZZ_CHECK(whole.len >= 1 && whole.len <= TK_OID_MAX_SUBIDS);
    (void)tk_dict_find(d, whole.subid, whole.len, &matched);
    FUZZ_CHECK(matched <= whole.len);
    if (name.len && !memmem(name.text, name.len, "::", 2))
        FUZZ_CHECK(tk_dict_find_name(d, name.text, name.len, &other));
    for (size_t len = 0; len <= sizeof(suffix) / sizeof(suffix[0]); len++) {
        int n = tk_dict_decode_instance(d, o, suffix, len, values);

        FUZZ_CHECK(n == -EINVAL || (n > 0 && n <= TK_DICT_MAX_INDEXES));
        for (int i = 0; i < n; i++)
            FUZZ_CHECK(values[i].subid >= suffix && values[i].subid + values[i].len <= suffix + len);
    }
    for (int i = -1; i < 4; i++)
        (void)tk_dict_label(d, o, i);
    (void)tk_dict_hint(d, o);
    (void)tk_dict_tc(d, o);
    (void)tk_dict_units(d, o);
    for (unsigned i = 0; i < tk_dict_notification_objects(d, o); i++)
        (void)tk_dict_notification_object(d, o, i);
}

static struct tk_dict *read_facts(const char *text, size_t len, bool must_work)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d = NULL;
    struct tk_err err = {0};
    int ret;

    FUZZ_CHECK(b);
    ret = tk_dict_facts_read(b, text, len, "facts", &err);
    if (ret == -EINVAL)
        fuzz_check_error(&err);
    if (ret < 0 && must_work)
        (void)fprintf(stderr, "line %u: %s\n%.*s\n", err.line, err.text, (int)len, text);
    FUZZ_CHECK(ret == 0 || !must_work);
    if (ret == 0)
        d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    return d;
}

/* Write the dictionary as text; the caller frees it. */
static char *write_facts(const struct tk_dict *d, size_t *ret_len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_len);

    FUZZ_CHECK(out);
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o))
        FUZZ_CHECK(tk_dict_facts_write(out, d, o));
    FUZZ_CHECK(fclose(out) == 0);
    return text;
}

static bool is_plain(struct tk_dict_text t)
{
    return strspn(t.text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == t.len;
}

static bool is_plain_object(const struct tk_dict *d, const struct tk_dict_object *o)
{
    struct tk_dict_text module, row = tk_dict_augments(d, o, &module);
    bool is_good = is_plain(tk_dict_name(d, o)) && is_plain(tk_dict_module(d, o)) && is_plain(tk_dict_tc(d, o)) &&
                   is_plain(row) && is_plain(module);

    for (unsigned i = 0; i < tk_dict_enum_count(d, o) && is_good; i++)
        is_good = is_plain(tk_dict_enum(d, o, i).label);
    for (unsigned i = 0; i < tk_dict_index_count(d, o) && is_good; i++)
        is_good = is_plain(tk_dict_index(d, o, i).name) && is_plain(tk_dict_index(d, o, i).module);
    for (unsigned i = 0; i < tk_dict_notification_objects(d, o) && is_good; i++)
        is_good = is_plain(tk_dict_notification_object(d, o, i).name) &&
                  is_plain(tk_dict_notification_object(d, o, i).module);
    return is_good;
}

/* Are all names as in a MIB? Otherwise they may contain separators, and can't be read again. */
static bool can_be_written(const struct tk_dict *d)
{
    bool is_good = tk_dict_count(d) < MAX_NODES;

    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o && is_good; o = tk_dict_next(d, o))
        is_good = is_plain_object(d, o);
    return is_good;
}

static void write_and_read(const struct tk_dict *d)
{
    struct tk_dict *again;
    size_t len;
    char *text = write_facts(d, &len);

    again = read_facts(text, len, true);
    FUZZ_CHECK(again && tk_dict_count(again) == tk_dict_count(d));
    free(text);
    tk_dict_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct tk_dict *d = read_facts(text, size, false);

    free(text);
    if (!d)
        return 0;
    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o))
        check_object(d, o);
    if (can_be_written(d))
        write_and_read(d);
    tk_dict_free(d);
    return 0;
}
