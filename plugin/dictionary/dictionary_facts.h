/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_facts.h
 * @brief Read dictionary facts from text into a builder, and write them as text.
 *
 * One object per line, words separated by one space; lines that are empty or start with '#' are skipped:
 *
 *     OID NAME MODULE TYPE [t=CONVENTION] [z=BYTES] [e=LABEL:VALUE,...] [i=INDEX,...] [h=HINT to the end]
 *
 * MODULE may be "-". TYPE is "-" (a name only), "notification", "integer", "octets", "oid", "ipaddress",
 * "netaddress", "counter32", "gauge32", "timeticks", "counter64", "bits" or "opaque". An INDEX is NAME or
 * MODULE::NAME; an IMPLIED index has a '!' in front.
 *
 * Owner: any thread; no locks.
 */
#ifndef TK_DICTIONARY_FACTS_H
#define TK_DICTIONARY_FACTS_H

#include <stdio.h>

#include "dictionary/dictionary_builder.h"

/**
 * @brief Add facts from text in memory.
 * @param file  the file's name, for errors
 * @retval 0 / -EINVAL (@p reterr says which line and why) / -E2BIG / -ENOMEM
 * @locality any  @locks none
 */
int tk_dict_facts_read(struct tk_dict_builder *b, const char *text, size_t len, const char *file,
                       struct tk_err *reterr);

/**
 * @brief Write one object as a line. An index of another module is written as MODULE::NAME.
 * @returns false if writing failed
 * @locality any  @locks none
 */
bool tk_dict_facts_write(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o);

#endif /* TK_DICTIONARY_FACTS_H */
