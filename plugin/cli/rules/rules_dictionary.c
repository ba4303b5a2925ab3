/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules/rules_dictionary.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dictionary/dictionary_builder.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/dictionary_standard.h"

#define VENDORS  TK_PKGDATADIR "/vendors.dict"
#define MAX_PATH 4096

static bool is_facts(const char *name)
{
    size_t len = strlen(name);

    return len > 6 && strcmp(name + len - 6, ".facts") == 0;
}

static bool add_facts(struct tk_dict_builder *b, const char *path, struct tk_err *err)
{
    FILE *f = fopen(path, "re");
    struct stat st = {.st_size = 0};
    char *text = NULL;
    size_t len = 0;
    bool ok = false;

    if (f && fstat(fileno(f), &st) == 0 && (text = malloc((size_t)st.st_size + 1)))
        len = fread(text, 1, (size_t)st.st_size, f);
    if (!text || ferror(f))
        tk_err_set(err, path, 0, "%s; name a readable file of facts", strerror(errno));
    else
        ok = tk_dict_facts_read(b, text, len, path, err) == 0;
    free(text);
    if (f)
        (void)fclose(f);
    return ok;
}

static int is_facts_entry(const struct dirent *entry)
{
    return is_facts(entry->d_name);
}

static bool add_folder(struct tk_dict_builder *b, const char *folder, struct tk_err *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_facts_entry, alphasort);
    bool ok = count > 0;

    if (!ok)
        tk_err_set(err, folder, 0, "%s; name a folder with files of facts (*.facts)",
                   count < 0 ? strerror(errno) : "it has no such files");
    for (int i = 0; i < count; i++) {
        char path[MAX_PATH];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        ok = ok && add_facts(b, path, err);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* One layer, of one path. */
static struct tk_dict *open_one(const char *path, struct tk_err *err)
{
    struct tk_dict_builder *b;
    struct tk_dict *d = NULL;
    struct stat st;
    bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);

    if (!is_folder && !is_facts(path))
        return tk_dict_file_open(path, err);
    b = tk_dict_builder_new();
    if (b && (is_folder ? add_folder(b, path, err) : add_facts(b, path, err)))
        d = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    if (!d)
        tk_err_set(err, path, 0, "out of memory");
    return d;
}

struct tk_dict *tk_rules_dictionary(const char *const *paths, size_t count, struct tk_err *err)
{
    static const char *const installed[] = {VENDORS};
    struct tk_dict *parts[TK_DICT_MAX_LAYERS] = {NULL}, *d = NULL;
    size_t n = 0;

    if (!count && access(VENDORS, F_OK) == 0) {
        paths = installed;
        count = 1;
    }
    if (count >= TK_DICT_MAX_LAYERS)
        tk_err_set(err, NULL, 0, "%zu dictionaries; write at most %d", count, TK_DICT_MAX_LAYERS - 1);
    while (n < count && !err->is_set && (parts[n] = open_one(paths[n], err)))
        n++;
    if (!err->is_set && (parts[n] = tk_dict_standard_new(err))) {
        d = tk_dict_join(parts, n + 1);
        if (!d)
            tk_err_set(err, NULL, 0, "out of memory");
    }
    for (size_t i = 0; i < TK_DICT_MAX_LAYERS; i++)
        tk_dict_free(parts[i]);
    return d;
}
