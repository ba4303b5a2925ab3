/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_sources.h
 * @brief The layers of a dictionary, in their order: the MIBs that snmptrapd loaded, the operator's files, the built-in
 *        facts, the installed dictionary of vendors.
 *
 * Files are opened again at each reading. A file that can't be opened keeps its layer of the reading before; what was
 * made of the layers before is not touched.
 *
 * Owner: one thread (the loader); no locks.
 */
#ifndef TK_DICTIONARY_SOURCES_H
#define TK_DICTIONARY_SOURCES_H

#include "dictionary/dictionary.h"

#define TK_DICT_MAX_FILES 8 /* of the operator */

struct tk_err;
struct tk_dict_sources;

/** What became of a file. */
enum tk_dict_outcome {
    TK_DICT_OPENED,
    TK_DICT_KEPT,    /* it can't be used: the contents of the reading before stay in force */
    TK_DICT_LEFT_OUT /* it can't be used, and never could */
};

/**
 * @brief Make the sources with the built-in facts.
 * @param mibs  what snmptrapd has loaded, borrowed for the call; NULL: nothing
 * @returns NULL with @p err set
 * @locality any  @locks none
 */
struct tk_dict_sources *tk_dict_sources_new(struct tk_dict *mibs, struct tk_err *err);
/** @brief Free the sources; dictionaries made of them stay. NULL is a no-op. @locality any @locks none */
void tk_dict_sources_free(struct tk_dict_sources *s);

/** @brief Begin a reading: the files that are not opened before tk_dict_sources_end() are no source any more.
 *  @locality loader @locks none */
void tk_dict_sources_begin(struct tk_dict_sources *s);
/** @brief Open a file of the operator, behind those opened before; at most TK_DICT_MAX_FILES.
 *  @param err  set unless it was opened @locality loader @locks none */
enum tk_dict_outcome tk_dict_sources_open(struct tk_dict_sources *s, const char *path, struct tk_err *err);
/** @brief Open the dictionary of vendors, which is the last layer. @locality loader @locks none */
enum tk_dict_outcome tk_dict_sources_open_vendors(struct tk_dict_sources *s, const char *path, struct tk_err *err);
/** @brief End the reading. @locality loader @locks none */
void tk_dict_sources_end(struct tk_dict_sources *s);

/** @brief All layers. @returns a dictionary, caller's to free; NULL if out of memory @locality loader @locks none */
struct tk_dict *tk_dict_sources_join(const struct tk_dict_sources *s);
/**
 * @brief The built-in facts and the dictionary of vendors only: what the shipped rules are written for. Objects that
 *        are found in it are objects of tk_dict_sources_join() too.
 * @returns a dictionary, caller's to free; NULL if out of memory, or without the dictionary of vendors
 * @locality loader  @locks none
 */
struct tk_dict *tk_dict_sources_shipped(const struct tk_dict_sources *s);

/**
 * @brief From where a layer of tk_dict_sources_join() is: the path of its file, "loaded MIBs", or "built-in facts".
 * @param layer  as from tk_dict_layer()
 * @locality any  @locks none
 */
const char *tk_dict_sources_layer(const struct tk_dict_sources *s, unsigned layer);

#endif /* TK_DICTIONARY_SOURCES_H */
