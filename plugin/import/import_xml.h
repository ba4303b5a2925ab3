/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_xml.h
 * @brief XML of files of other programs, by libxml2: nothing is fetched, and documents with a DOCTYPE, which could define
 *        entities, are refused.
 *
 * Memory: at most TK_XML_MAX_NODES elements and attributes, and libxml2's own bounds: 256 levels, 10 MB in one text.
 */
#ifndef TK_IMPORT_XML_H
#define TK_IMPORT_XML_H

#include <libxml/tree.h>

#include "import/import.h"

#define TK_XML_MAX_NODES 2000000

/**
 * @brief Parse a document. It is read as UTF-8, whatever it says: tk_import_read() made it so.
 * @returns the document, xmlFreeDoc() is the caller's; NULL with @p err set
 * @locality any  @locks none
 */
xmlDoc *tk_xml_parse(const struct tk_import *im, const char *text, struct tk_err *err);

/** @brief The line of an element, from 1. @locality any @locks none */
unsigned tk_xml_line(const xmlNode *element);

/** @brief The first element inside @p element; its namespace does not matter. @param name  NULL: any
 *  @param element  NULL is a no-op @returns NULL: none @locality any @locks none */
const xmlNode *tk_xml_child(const xmlNode *element, const char *name);
/** @brief The next one behind @p element, as tk_xml_child(). @locality any @locks none */
const xmlNode *tk_xml_next(const xmlNode *element, const char *name);
/** @brief Is that the element's name? @locality any @locks none */
bool tk_xml_is(const xmlNode *element, const char *name);

/** @brief The text of an element and all inside it, without white space around it.
 *  @param element  NULL: empty text @returns caller's to free; NULL: out of memory, which is noted
 *  @locality any @locks none */
char *tk_xml_text(struct tk_import *im, const xmlNode *element);
/** @brief The same of an attribute. @returns NULL: there is none, or out of memory @locality any @locks none */
char *tk_xml_attribute(struct tk_import *im, const xmlNode *element, const char *name);

#endif /* TK_IMPORT_XML_H */
