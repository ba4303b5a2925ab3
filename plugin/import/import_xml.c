/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_xml.h"

#include <ctype.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/** What stopped a parser, and how much it has read. */
struct bounds {
    unsigned long nodes;
    bool has_doctype, is_full;
};

static void refuse_doctype(void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    xmlParserCtxt *parser = arg;

    (void)name;
    (void)id;
    (void)system;
    ((struct bounds *)parser->_private)->has_doctype = true;
    xmlStopParser(parser);
}

static void begin_element(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int spaces,
                          const xmlChar **space, int count, int defaulted, const xmlChar **attributes)
{
    xmlParserCtxt *parser = arg;
    struct bounds *b = parser->_private;

    b->nodes += 1 + (unsigned long)count + (unsigned long)spaces;
    if (b->nodes > TK_XML_MAX_NODES) {
        b->is_full = true;
        xmlStopParser(parser);
        return;
    }
    xmlSAX2StartElementNs(arg, name, prefix, uri, spaces, space, count, defaulted, attributes);
}

static void explain(const struct tk_import *im, xmlParserCtxt *parser, const struct bounds *b, struct tk_err *err)
{
    const xmlError *e = xmlCtxtGetLastError(parser);
    unsigned line = e && e->line > 0 ? (unsigned)e->line : 0;

    if (b->has_doctype)
        tk_err_set(err, im->file, 0, "it has a DOCTYPE, which may define entities; take that out");
    else if (b->is_full)
        tk_err_set(err, im->file, 0, "it has over %d elements and attributes; cut it into several files",
                   TK_XML_MAX_NODES);
    else if (e && e->code == XML_ERR_NO_MEMORY)
        tk_err_set(err, im->file, 0, "out of memory");
    else
        tk_err_set(err, im->file, line, "it is no XML: %.*s; correct the line",
                   (int)(e && e->message ? strcspn(e->message, "\n") : 0), e && e->message ? e->message : "");
}

xmlDoc *tk_xml_parse(const struct tk_import *im, const char *text, struct tk_err *err)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
                        XML_PARSE_IGNORE_ENC | XML_PARSE_BIG_LINES | XML_PARSE_NODICT;
    struct bounds b = {.nodes = 0};
    xmlParserCtxt *parser = xmlNewParserCtxt();
    size_t len = strlen(text);
    xmlDoc *doc = NULL;

    if (parser && len <= INT_MAX) {
        parser->_private = &b;
        parser->sax->internalSubset = refuse_doctype;
        parser->sax->externalSubset = refuse_doctype;
        parser->sax->startElementNs = begin_element;
        parser->sax->comment = NULL;
        parser->sax->processingInstruction = NULL;
        doc = xmlCtxtReadMemory(parser, text, (int)len, NULL, "UTF-8", options);
        if (!doc || b.has_doctype || b.is_full)
            explain(im, parser, &b, err);
        if (err->is_set) {
            xmlFreeDoc(doc);
            doc = NULL;
        }
    } else {
        tk_err_set(err, im->file, 0, "out of memory");
    }
    xmlFreeParserCtxt(parser);
    return doc;
}

unsigned tk_xml_line(const xmlNode *element)
{
    long line = xmlGetLineNo(element);

    return line > 0 ? (unsigned)line : 1;
}

bool tk_xml_is(const xmlNode *element, const char *name)
{
    return strcmp((const char *)element->name, name) == 0;
}

static const xmlNode *first_of(const xmlNode *node, const char *name)
{
    while (node && (node->type != XML_ELEMENT_NODE || (name && !tk_xml_is(node, name))))
        node = node->next;
    return node;
}

const xmlNode *tk_xml_child(const xmlNode *element, const char *name)
{
    return element ? first_of(element->children, name) : NULL;
}

const xmlNode *tk_xml_next(const xmlNode *element, const char *name)
{
    return first_of(element->next, name);
}

/* A copy of libxml2's text, which is freed. */
static char *take(struct tk_import *im, xmlChar *text)
{
    const char *begin = text ? (const char *)text : "";
    size_t len;
    char *copy;

    while (isspace((unsigned char)*begin))
        begin++;
    len = strlen(begin);
    while (len && isspace((unsigned char)begin[len - 1]))
        len--;
    copy = strndup(begin, len);
    im->is_out_of_memory |= !copy;
    xmlFree(text);
    return copy;
}

char *tk_xml_text(struct tk_import *im, const xmlNode *element)
{
    return take(im, element ? xmlNodeGetContent(element) : NULL);
}

char *tk_xml_attribute(struct tk_import *im, const xmlNode *element, const char *name)
{
    xmlChar *text = xmlGetNoNsProp(element, (const xmlChar *)name);

    return text ? take(im, text) : NULL;
}
