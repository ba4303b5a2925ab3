/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- folders and files ------------------------------------------------------------------------------------------- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

static int add_folder(struct tk_mib_set *set, const char *path, size_t len)
{
    struct tk_mib_folder *f = set->folders.items;

    while (len > 1 && path[len - 1] == '/')
        len--;
    if (f && strlen(f[set->folders.count - 1].path) == len && memcmp(f[set->folders.count - 1].path, path, len) == 0)
        return 0;
    f = tk_vector_push(&set->folders, 1, sizeof(*f));
    if (!f)
        return -ENOMEM;
    f->path = strndup(path, len);
    f->name = f->path ? strdup(last_part(f->path)) : NULL;
    return f->name ? 0 : -ENOMEM;
}

static bool ends_in(const char *path, const char *end)
{
    size_t len = strlen(path), end_len = strlen(end);

    return len > end_len && strcmp(path + len - end_len, end) == 0;
}

static int add_file(struct tk_mib_set *set, const char *path)
{
    struct tk_mib_file *f = tk_vector_push(&set->files, 1, sizeof(*f));

    if (!f)
        return -ENOMEM;
    f->folder = set->folders.count - 1;
    f->path = strdup(path);
    f->name = strdup(last_part(path));
    if (!f->path || !f->name)
        return -ENOMEM;
    f->is_facts = ends_in(path, ".facts");
    if (f->is_facts) {
        f->error = tk_mib_text_load(&f->text, path);
    } else {
        f->error = tk_mib_text_read(&f->text, path, TK_MIB_STYLE_USUAL);
        tk_mib_text_forget(&f->text); /* all of them would be hundreds of megabytes */
    }
    return f->error == -ENOMEM ? -ENOMEM : 0;
}

static int is_visible(const struct dirent *d)
{
    size_t len = strlen(d->d_name);

    return d->d_name[0] != '.' && d->d_name[0] != '#' && d->d_name[len - 1] != '~' && d->d_name[len - 1] != '#';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* First the files of the folder, then the folders in it. */
static int add_entries(struct tk_mib_set *set, const char *path, struct dirent **entries, int count, bool wants_folders)
{
    int ret = 0;

    for (int i = 0; ret == 0 && i < count; i++) {
        struct stat st;
        char *full;

        if (asprintf(&full, "%s/%s", path, entries[i]->d_name) < 0)
            return -ENOMEM;
        if (stat(full, &st) == 0 && S_ISDIR(st.st_mode) == wants_folders && (wants_folders || S_ISREG(st.st_mode)))
            ret = wants_folders ? tk_mib_set_add(set, full) : add_file(set, full);
        free(full);
    }
    return ret;
}

/* Has this folder been searched? A link may lead back to one. */
static bool is_searched(const struct tk_mib_set *set, const struct stat *st)
{
    const struct tk_mib_folder *f = set->folders.items;

    for (uint32_t i = 0; i < set->folders.count; i++)
        if (f[i].inode == st->st_ino && f[i].device == st->st_dev)
            return true;
    return false;
}

static int add_all(struct tk_mib_set *set, const char *path, const struct stat *st)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_visible, by_bytes), ret;

    if (count < 0)
        return -errno;
    ret = add_folder(set, path, strlen(path));
    if (ret == 0) {
        struct tk_mib_folder *f = (struct tk_mib_folder *)set->folders.items + set->folders.count - 1;

        f->device = st->st_dev;
        f->inode = st->st_ino;
    }
    if (ret == 0)
        ret = add_entries(set, path, entries, count, false);
    if (ret == 0)
        ret = add_entries(set, path, entries, count, true);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    return ret;
}

int tk_mib_set_add(struct tk_mib_set *set, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat st;
    int ret;

    if (stat(path, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return is_searched(set, &st) ? 0 : add_all(set, path, &st);
    ret = slash ? add_folder(set, path, slash == path ? 1 : (size_t)(slash - path)) : add_folder(set, ".", 1);
    return ret < 0 ? ret : add_file(set, path);
}

/* --- modules ----------------------------------------------------------------------------------------------------- */

static int compare_variants(const void *a, const void *b)
{
    const struct tk_mib_variant *va = a, *vb = b;
    int order = strcmp(va->name, vb->name);

    if (order)
        return order;
    return va->file != vb->file ? (va->file < vb->file ? -1 : 1)
                                : (va->module > vb->module) - (va->module < vb->module);
}

int tk_mib_set_finish(struct tk_mib_set *set)
{
    for (uint32_t i = 0; i < set->files.count; i++) {
        struct tk_mib_file *f = (struct tk_mib_file *)set->files.items + i;

        for (uint32_t m = 0; m < f->text.modules.count; m++) {
            const struct tk_mib_module *module = (const struct tk_mib_module *)f->text.modules.items + m;
            struct tk_mib_variant *v = tk_vector_push(&set->variants, 1, sizeof(*v));

            if (!v)
                return -ENOMEM;
            v->file = i;
            v->module = m;
            v->name = module->name;
            v->updated = module->updated;
        }
    }
    if (set->variants.count)
        qsort(set->variants.items, set->variants.count, sizeof(struct tk_mib_variant), compare_variants);
    return 0;
}

struct tk_mib_variant *tk_mib_set_find(const struct tk_mib_set *set, const char *module, size_t *ret_count)
{
    struct tk_mib_variant *all = set->variants.items;
    uint32_t low = 0, high = set->variants.count, end;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (strcmp(all[mid].name, module) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (end = low; end < set->variants.count && strcmp(all[end].name, module) == 0; end++)
        ;
    *ret_count = end - low;
    return end > low ? all + low : NULL;
}

/* In one folder the newest counts; then the one whose file is named after the module; then the first. */
static bool is_better(const struct tk_mib_set *set, const struct tk_mib_variant *a, const struct tk_mib_variant *b)
{
    if (a->updated != b->updated)
        return a->updated > b->updated;
    return strncmp(tk_mib_set_file(set, a)->name, a->name, strlen(a->name)) == 0 &&
           strncmp(tk_mib_set_file(set, b)->name, b->name, strlen(b->name)) != 0;
}

struct tk_mib_variant *tk_mib_set_choose(const struct tk_mib_set *set, const char *module, uint32_t folder)
{
    size_t count;
    struct tk_mib_variant *v = tk_mib_set_find(set, module, &count), *best = NULL;

    for (size_t i = 0; i < count; i++) {
        uint32_t f = tk_mib_set_file(set, v + i)->folder, b = best ? tk_mib_set_file(set, best)->folder : 0;

        if (!best || (f == folder && b != folder) || (f == b && is_better(set, v + i, best)) || (f < b && b != folder))
            best = v + i;
    }
    return best;
}

void tk_mib_set_done(struct tk_mib_set *set)
{
    for (uint32_t i = 0; i < set->folders.count; i++) {
        free(((struct tk_mib_folder *)set->folders.items)[i].path);
        free(((struct tk_mib_folder *)set->folders.items)[i].name);
    }
    for (uint32_t i = 0; i < set->files.count; i++) {
        struct tk_mib_file *f = (struct tk_mib_file *)set->files.items + i;

        free(f->path);
        free(f->name);
        tk_mib_text_done(&f->text);
    }
    for (uint32_t i = 0; i < set->variants.count; i++)
        free(((struct tk_mib_variant *)set->variants.items)[i].copy);
    tk_vector_done(&set->folders);
    tk_vector_done(&set->files);
    tk_vector_done(&set->variants);
}
