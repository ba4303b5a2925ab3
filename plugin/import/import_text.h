/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_text.h
 * @brief A text with references, as a format of another program has it, and as a template of a rule.
 */
#ifndef TK_IMPORT_TEXT_H
#define TK_IMPORT_TEXT_H

#include "import/import_object.h"
#include "import/import_sample.h"

#define TK_IMPORT_TEMPLATE 1024 /* bytes of a template */

enum tk_import_part_kind {
    TK_IMPORT_LITERAL,
    TK_IMPORT_DEVICE,
    TK_IMPORT_TRAP_NAME,
    TK_IMPORT_OBJECT,
    TK_IMPORT_INDEX
};

struct tk_import_part {
    enum tk_import_part_kind kind;
    char *text;                          /* LITERAL */
    const struct tk_dict_object *object; /* OBJECT, INDEX */
};

/** All zeros: empty. */
struct tk_import_text {
    struct tk_vector parts;
};

/** @brief Free the parts; empty again. @locality any @locks none */
void tk_import_text_done(struct tk_import_text *t);

/** @brief Append text. White space and control characters become one space, as in a summary.
 *  @locality any @locks none */
void tk_import_text_add(struct tk_import *im, struct tk_import_text *t, const char *text, size_t len);
/** @brief Append a reference to the device, or to the notification's name. @locality any @locks none */
void tk_import_text_refer(struct tk_import *im, struct tk_import_text *t, enum tk_import_part_kind kind);
/** @brief Append a reference to an object. @param kind  OBJECT: its value; INDEX: what follows it in the varbind's OID
 *  @locality any @locks none */
void tk_import_text_object(struct tk_import *im, struct tk_import_text *t, enum tk_import_part_kind kind,
                           const struct tk_dict_object *o);

/** @brief Does it refer to the value of this object? @locality any @locks none */
bool tk_import_text_has(const struct tk_import_text *t, const struct tk_dict_object *o);

/** @brief Is there nothing but white space? @locality any @locks none */
bool tk_import_text_is_empty(const struct tk_import_text *t);

/**
 * @brief The template of a rule, without spaces around it.
 * @param is_key  a key: at most 16 references and texts between them; else 32
 * @returns NULL: it is longer than rules allow
 * @locality any  @locks none
 */
json_t *tk_import_text_template(struct tk_import *im, const struct tk_import_text *t, bool is_key);

/** @brief Add samples for the objects that it refers to. @locality any @locks none */
void tk_import_text_need(struct tk_import *im, const struct tk_import_text *t, struct tk_import_samples *s);

/**
 * @brief What the template becomes in a test with these samples.
 * @param device  source.device of the test's event
 * @returns NULL: not certain
 * @locality any  @locks none
 */
json_t *tk_import_text_expected(const struct tk_import *im, const struct tk_import_text *t,
                                const struct tk_import_samples *s, const char *device, bool is_key);

#endif /* TK_IMPORT_TEXT_H */
