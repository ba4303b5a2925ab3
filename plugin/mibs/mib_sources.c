/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "dictionary/dictionary_facts.h"

/* mibs/standard.facts; mibs/embed.sh makes an object file of it */
extern const unsigned char tk_standard_facts[];
extern const size_t tk_standard_facts_len;

int tk_mib_sources_add(struct tk_mib_sources *s, const char *path)
{
    const char **kept = tk_vector_push(&s->paths, 1, sizeof(*kept));

    if (!kept)
        return -ENOMEM;
    *kept = path;
    return 0;
}

/* Find the files, and the modules in them. */
static int search(struct tk_mib_sources *s, struct tk_err *reterr)
{
    const char *const *paths = s->paths.items;

    for (uint32_t i = 0; i < s->paths.count; i++) {
        int ret = tk_mib_set_add(&s->set, paths[i]);

        if (ret == 0)
            continue;
        tk_err_set(reterr, paths[i], 0, "%s; name a folder or a file with MIB modules, or a file of facts",
                   strerror(-ret));
        return ret;
    }
    return tk_mib_set_finish(&s->set);
}

static int add_lines(struct tk_mib_sources *s, const char *text, size_t len, uint32_t variant)
{
    const char *at = text, *end = text + len;
    int ret = 0;

    while (ret == 0 && at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        size_t bytes = next ? (size_t)(next - at) : (size_t)(end - at);
        char *line = bytes && *at != '#' ? strndup(at, bytes) : NULL;

        if (bytes && *at != '#')
            ret = line ? tk_mib_lines_add(&s->lines, line, variant, 0) : -ENOMEM;
        free(line);
        at += bytes + (next != NULL);
    }
    return ret;
}

int tk_mib_sources_add_standard(struct tk_mib_sources *s, bool counts)
{
    return add_lines(s, (const char *)tk_standard_facts, tk_standard_facts_len,
                     counts ? TK_MIB_STANDARD : TK_MIB_KNOWN);
}

/* The lines are checked as the module itself does it. */
static int read_facts(struct tk_mib_sources *s, const struct tk_mib_file *file, struct tk_err *reterr)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    int ret = b ? tk_dict_facts_read(b, file->text.text, file->text.len, file->path, reterr) : -ENOMEM;

    tk_dict_builder_free(b);
    return ret == 0 ? add_lines(s, file->text.text, file->text.len, TK_MIB_FACTS) : ret;
}

static bool take(void *arg, uint32_t variant, const char *line)
{
    struct tk_mib_sources *s = arg;
    const struct tk_mib_variant *v = (const struct tk_mib_variant *)s->set.variants.items + variant;

    return tk_mib_lines_add(&s->lines, line, variant, v->updated) == 0;
}

int tk_mib_sources_read(struct tk_mib_sources *s, struct tk_err *reterr)
{
    int ret = search(s, reterr);

    for (uint32_t i = 0; ret == 0 && i < s->set.files.count; i++) {
        struct tk_mib_file *f = (struct tk_mib_file *)s->set.files.items + i;

        if (!f->is_facts || f->error)
            continue;
        ret = read_facts(s, f, reterr);
        tk_mib_text_forget(&f->text);
        s->facts_files++;
    }
    if (ret == 0 && s->paths.count && !s->facts_files && !s->set.variants.count) {
        tk_err_set(reterr, ((const char *const *)s->paths.items)[0], 0,
                   "there is neither a MIB module nor a file of facts (NAME.facts); name MIB files");
        ret = -ENOENT;
    }
    s->reading.set = &s->set;
    s->reading.take = take;
    s->reading.arg = s;
    if (ret == 0 && s->set.variants.count)
        ret = tk_mib_read(&s->reading);
    if (ret == 0)
        ret = tk_mib_lines_settle(&s->lines);
    if (ret < 0) /* tk_err_set() keeps an error that is set already */
        tk_err_set(reterr, NULL, 0, "%s while the MIB files were read", strerror(-ret));
    return ret;
}

void tk_mib_sources_done(struct tk_mib_sources *s)
{
    tk_mib_lines_done(&s->lines);
    tk_mib_reading_done(&s->reading);
    tk_mib_set_done(&s->set);
    tk_vector_done(&s->paths);
}
