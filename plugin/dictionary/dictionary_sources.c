/* SPDX-License-Identifier: Apache-2.0 */
#include "dictionary/dictionary_sources.h"

#include <stdlib.h>

#include "base/devel.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/dictionary_standard.h"

struct source {
    char *path;
    struct tk_dict *dict; /* NULL: it can't be used */
};

struct tk_dict_sources {
    struct tk_dict *mibs, *standard;
    struct source vendors;
    struct source files[TK_DICT_MAX_FILES];
    struct source before[TK_DICT_MAX_FILES + 1]; /* of the reading before, between begin and end */
    size_t file_count, before_count;
};

static void source_done(struct source *source)
{
    free(source->path);
    tk_dict_free(source->dict);
    *source = (struct source){NULL, NULL};
}

struct tk_dict_sources *tk_dict_sources_new(struct tk_dict *mibs, struct tk_err *err)
{
    struct tk_dict_sources *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->standard = tk_dict_standard_new(err);
    s->mibs = tk_dict_join(&mibs, 1);
    if (s->standard && s->mibs)
        return s;
    tk_dict_sources_free(s);
    return NULL;
}

void tk_dict_sources_free(struct tk_dict_sources *s)
{
    if (!s)
        return;
    tk_dict_sources_end(s);
    for (size_t i = 0; i < s->file_count; i++)
        source_done(s->files + i);
    source_done(&s->vendors);
    tk_dict_free(s->standard);
    tk_dict_free(s->mibs);
    free(s);
}

void tk_dict_sources_begin(struct tk_dict_sources *s)
{
    tk_dict_sources_end(s);
    for (size_t i = 0; i < s->file_count; i++)
        s->before[s->before_count++] = s->files[i];
    if (s->vendors.path)
        s->before[s->before_count++] = s->vendors;
    s->file_count = 0;
    s->vendors = (struct source){NULL, NULL};
}

void tk_dict_sources_end(struct tk_dict_sources *s)
{
    while (s->before_count)
        source_done(s->before + --s->before_count);
}

static enum tk_dict_outcome open_source(struct tk_dict_sources *s, struct source *source, const char *path,
                                        struct tk_err *err)
{
    *source = (struct source){strdup(path), tk_dict_file_open(path, err)};
    if (source->dict)
        return TK_DICT_OPENED;
    for (size_t i = 0; i < s->before_count; i++) {
        struct source *old = s->before + i;

        if (!old->path || strcmp(old->path, path) != 0 || !old->dict || tk_dict_file_lost(old->dict, 0))
            continue;
        source->dict = old->dict;
        old->dict = NULL;
        return TK_DICT_KEPT;
    }
    return TK_DICT_LEFT_OUT;
}

enum tk_dict_outcome tk_dict_sources_open(struct tk_dict_sources *s, const char *path, struct tk_err *err)
{
    TK_ASSERT(s->file_count < TK_DICT_MAX_FILES);
    return open_source(s, s->files + s->file_count++, path, err);
}

enum tk_dict_outcome tk_dict_sources_open_vendors(struct tk_dict_sources *s, const char *path, struct tk_err *err)
{
    source_done(&s->vendors);
    return open_source(s, &s->vendors, path, err);
}

struct tk_dict *tk_dict_sources_join(const struct tk_dict_sources *s)
{
    struct tk_dict *parts[TK_DICT_MAX_FILES + 3];
    size_t count = 0;

    parts[count++] = s->mibs;
    for (size_t i = 0; i < s->file_count; i++)
        parts[count++] = s->files[i].dict;
    parts[count++] = s->standard;
    parts[count++] = s->vendors.dict;
    return tk_dict_join(parts, count);
}

struct tk_dict *tk_dict_sources_shipped(const struct tk_dict_sources *s)
{
    return s->vendors.dict ? tk_dict_join((struct tk_dict *[]){s->standard, s->vendors.dict}, 2) : NULL;
}

/* Is the layer one of this dictionary's? If not, it is counted from the next one's first layer. */
static bool is_of(const struct tk_dict *d, unsigned *layer)
{
    unsigned count = d ? tk_dict_layers(d) : 0;

    if (*layer < count)
        return true;
    *layer -= count;
    return false;
}

const char *tk_dict_sources_layer(const struct tk_dict_sources *s, unsigned layer)
{
    if (is_of(s->mibs, &layer))
        return "loaded MIBs";
    for (size_t i = 0; i < s->file_count; i++)
        if (is_of(s->files[i].dict, &layer))
            return s->files[i].path;
    return is_of(s->standard, &layer) ? "built-in facts" : s->vendors.path;
}
