/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_file.h
 * @brief A compiled dictionary: one file, mapped read-only, which all processes of a machine share.
 *
 * Format: a header (struct tk_dict_file_header), then the image of one layer (dictionary_internal.h), in the byte order
 *         of the machine that wrote it. The checksum finds accidents, not malice: all numbers are checked when they are
 *         used.
 * Writing: beside the file, then renamed: who has the old file open goes on with the old one.
 * Memory: the mapping is the kernel's page cache. If the file is cut or its disk fails, a guard (base/mapping_guard.h)
 *         puts memory in its place; if somebody writes over it, tk_dict_file_verify() notices. In both cases the layer
 *         is lost: it knows nothing any more, and the other layers go on.
 *
 * Owner: any thread; no locks.
 */
#ifndef TK_DICTIONARY_FILE_H
#define TK_DICTIONARY_FILE_H

#include "dictionary/dictionary.h"

#define TK_DICT_FILE_FORMAT 1u
#define TK_DICT_FILE_COUNTS 10

struct tk_err;

struct tk_dict_file_header {
    char magic[8];
    uint32_t byte_order;                 /* 0x01020304 */
    uint32_t format;                     /* up to here all later formats must stay the same */
    uint64_t checksum;                   /* XXH3 of the image, seeded with that of the header with a checksum of 0 */
    uint64_t bytes;                      /* of the file */
    uint32_t count[TK_DICT_FILE_COUNTS]; /* of the image's parts */
    uint8_t reserved[56];                /* 0 */
};

/**
 * @brief Map a file as a dictionary of one layer.
 * @returns the dictionary, caller's to free; NULL with @p reterr set: it can't be opened, is no dictionary, of another
 *          format, cut or damaged
 * @locality any, but not on the way of a trap: it reads the whole file  @locks none
 */
struct tk_dict *tk_dict_file_open(const char *path, struct tk_err *reterr);

/**
 * @brief The same for the contents of a file in memory, such as one that was compiled in.
 * @param bytes  at an address that is a multiple of 8; must outlive the dictionary
 * @param name   for errors
 * @locality any  @locks none
 */
struct tk_dict *tk_dict_file_of_memory(const void *bytes, size_t len, const char *name, struct tk_err *reterr);

/**
 * @brief Write a dictionary of one layer, readable by all, so that it is on the disk when this returns.
 * @returns 0, or a negative errno with @p reterr set: then the old file is as it was
 * @locality any  @locks none
 */
int tk_dict_file_write(const char *path, const struct tk_dict *d, struct tk_err *reterr);

/**
 * @brief Look whether somebody has written into the files of this dictionary. A file that was removed, or replaced by
 *        another, is left alone, because the mapping keeps the old one.
 * @locality loader, or the only thread that has the dictionary  @locks none
 */
void tk_dict_file_verify(const struct tk_dict *d);

/** @brief The path of a file that was lost. @param which  0: the first one, and so on; NULL: there are no more
 *  @locality any @locks none */
const char *tk_dict_file_lost(const struct tk_dict *d, unsigned which);

#endif /* TK_DICTIONARY_FILE_H */
