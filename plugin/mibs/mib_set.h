/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_set.h
 * @brief The MIB files of some folders: which module stands in which file.
 *
 * The same module may stand in several files. Each of them is a variant. Where a module is imported, the variant in the
 * importing file's own folder counts first, then the folders in the order in which they were given.
 *
 * Owner: one thread.
 */
#ifndef TK_MIB_SET_H
#define TK_MIB_SET_H

#include <sys/types.h>

#include "mibs/mib_text.h"

struct tk_err;

struct tk_mib_folder {
    char *path;   /* as the user wrote it, or found below that */
    char *name;   /* the last part of the path */
    dev_t device; /* by these two, a folder that is named twice is searched once */
    ino_t inode;
};

struct tk_mib_file {
    char *path;
    char *name; /* below its folder */
    uint32_t folder;
    struct tk_mib_text text; /* its modules and imports; the text itself is forgotten */
    int error;               /* -errno: could not be read */
    bool is_facts;           /* no MIB file; its text is kept */
};

/** A module in a file. */
struct tk_mib_variant {
    uint32_t file;
    uint32_t module;  /* in the file's text */
    const char *name; /* the module's */
    char *copy;       /* the file that net-snmp reads */
    uint64_t updated;
    bool is_repaired; /* something was taken out of the copy */
    bool is_given_up;
};

struct tk_mib_set {
    struct tk_vector folders;  /* struct tk_mib_folder */
    struct tk_vector files;    /* struct tk_mib_file */
    struct tk_vector variants; /* struct tk_mib_variant, sorted by name and then by folder and file */
};

/**
 * @brief Find the modules of all files in a folder, or of one file. Folders in it are folders of their own.
 * @returns 0 / -errno
 * @locality any  @locks none
 */
int tk_mib_set_add(struct tk_mib_set *set, const char *path);

/** @brief All is added: put the variants in order. @returns 0 / -ENOMEM @locality any @locks none */
int tk_mib_set_finish(struct tk_mib_set *set);

/** @brief The variants of a module. @param ret_count  how many @returns the first, or NULL @locality any @locks none */
struct tk_mib_variant *tk_mib_set_find(const struct tk_mib_set *set, const char *module, size_t *ret_count);

/** @brief Which variant of a module counts for a file of this folder? @locality any @locks none */
struct tk_mib_variant *tk_mib_set_choose(const struct tk_mib_set *set, const char *module, uint32_t folder);

/** @brief Free what the set holds. @locality any @locks none */
void tk_mib_set_done(struct tk_mib_set *set);

/** @brief The file of a variant. @locality any @locks none */
static inline struct tk_mib_file *tk_mib_set_file(const struct tk_mib_set *set, const struct tk_mib_variant *v)
{
    return (struct tk_mib_file *)set->files.items + v->file;
}

/** @brief The module in its file's text. @locality any @locks none */
static inline const struct tk_mib_module *tk_mib_set_module(const struct tk_mib_set *set,
                                                            const struct tk_mib_variant *v)
{
    return (const struct tk_mib_module *)tk_mib_set_file(set, v)->text.modules.items + v->module;
}

#endif /* TK_MIB_SET_H */
