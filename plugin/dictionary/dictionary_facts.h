/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_facts.h
 * @brief Read dictionary facts from text into a builder, and write them as text.
 *
 * One object per line, words separated by one space; lines that are empty or start with '#' are skipped:
 *
 *     OID NAME MODULE TYPE [t=CONVENTION] [z=BYTES] [e=LABEL:VALUE,...] [u=UNITS] [i=INDEX,...] [a=ROW] [o=OBJECT,...]
 *         [h=HINT to the end]
 *
 * MODULE may be "-". TYPE is "-" (a name only), "notification", "trap" (SMIv1's TRAP-TYPE), "integer", "octets",
 * "oid", "ipaddress", "netaddress", "counter32", "gauge32", "timeticks", "counter64", "bits" or "opaque". UNITS have
 * %20 for a space, %25 for '%', and so on. INDEX, ROW and OBJECT are NAME or MODULE::NAME; NAME alone is of the same
 * module, or of any if that has no such object. An IMPLIED index has a '!' in front. A row may have a=ROW in place of
 * indexes: it augments that row. The objects of a notification are in their order.
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
 * @brief Write one object as a line. What is of another module is written as MODULE::NAME.
 * @returns false if writing failed
 * @locality any  @locks none
 */
bool tk_dict_facts_write(FILE *out, const struct tk_dict *d, const struct tk_dict_object *o);

#endif /* TK_DICTIONARY_FACTS_H */
