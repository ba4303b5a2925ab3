/* SPDX-License-Identifier: Apache-2.0 */
#include "shipped_dict.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/dictionary_standard.h"

#define MAX_BYTES ((size_t)16 << 20) /* of a file */

static bool read_file(struct tk_dict_builder *b, const char *path, char *room)
{
    FILE *in = fopen(path, "r");
    struct tk_err err = {0};
    char line[1024];
    bool ok;

    if (!in) {
        perror(path);
        return false;
    }
    ok = tk_dict_facts_read(b, room, fread(room, 1, MAX_BYTES, in), path, &err) == 0;
    (void)fclose(in);
    if (!ok)
        (void)fprintf(stderr, "%s\n", tk_err_format(&err, line, sizeof(line)));
    return ok;
}

static bool read_folder(struct tk_dict_builder *b, const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    char *room = malloc(MAX_BYTES);
    bool ok = room && count > 0;

    if (count < 0)
        perror(folder);
    for (int i = 0; i < count; i++) {
        char path[4096 + 256];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        ok = ok && (entries[i]->d_name[0] == '.' || read_file(b, path, room));
        free(entries[i]);
    }
    free(entries);
    free(room);
    return ok;
}

struct tk_dict *shipped_dict(const char *top)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *layers[2] = {tk_dict_standard_new(NULL), NULL}, *d = NULL;
    char folder[4096];

    (void)snprintf(folder, sizeof(folder), "%s/mibs/facts", top);
    if (b && read_folder(b, folder))
        layers[1] = tk_dict_builder_finish(b);
    if (layers[0] && layers[1])
        d = tk_dict_join(layers, 2);
    tk_dict_builder_free(b);
    tk_dict_free(layers[0]);
    tk_dict_free(layers[1]);
    return d;
}
