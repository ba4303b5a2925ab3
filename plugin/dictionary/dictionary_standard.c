/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary_standard.h"

#include "base/err.h"
#include "dictionary/dictionary_facts.h"

/* mibs/standard.facts; mibs/embed.sh makes an object file of it */
extern const unsigned char tk_standard_facts[];
extern const size_t tk_standard_facts_len;

int tk_dict_standard_add(struct tk_dict_builder *b, struct tk_err *err)
{
    return tk_dict_facts_read(b, (const char *)tk_standard_facts, tk_standard_facts_len, "standard.facts", err);
}

struct tk_dict *tk_dict_standard_new(struct tk_err *err)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *dict = NULL;

    if (b && tk_dict_standard_add(b, err) == 0)
        dict = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    if (!dict) /* tk_err_set() keeps an error that is set already */
        tk_err_set(err, NULL, 0, "out of memory for the dictionary; give the process more memory");
    return dict;
}
