/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file import_sample.h
 * @brief The varbinds of a test: values that meet a rule's conditions, and made-up ones for what its texts refer to.
 */
#ifndef TK_IMPORT_SAMPLE_H
#define TK_IMPORT_SAMPLE_H

#include "import/import.h"

#define TK_IMPORT_SAMPLES      64
#define TK_IMPORT_SAMPLE_BYTES 128

/** The varbinds of one test. All zeros: none. More than TK_IMPORT_SAMPLES are left out. */
struct tk_import_samples {
    unsigned count;
    struct {
        const struct tk_dict_object *object;
        json_t *value; /* as in a test */
    } item[TK_IMPORT_SAMPLES];
};

/** @brief Free the values; empty again. @locality any @locks none */
void tk_import_samples_done(struct tk_import_samples *s);

/** @brief Add a varbind with a value that a condition wants; it is taken, NULL is a no-op. @locality any @locks none */
void tk_import_sample_add(struct tk_import_samples *s, const struct tk_dict_object *o, json_t *value);

/** @brief Add a varbind with a made-up value, unless the object has one. @locality any @locks none */
void tk_import_sample_need(struct tk_import *im, struct tk_import_samples *s, const struct tk_dict_object *o);

/** @brief Add what another has. @locality any @locks none */
void tk_import_samples_join(struct tk_import_samples *s, const struct tk_import_samples *other);

/**
 * @brief What a person reads of the object's first varbind, as far as that is certain without running the module.
 * @param dst  TK_IMPORT_SAMPLE_BYTES
 * @returns @p dst; NULL: not certain
 * @locality any  @locks none
 */
const char *tk_import_sample_text(const struct tk_import *im, const struct tk_import_samples *s,
                                  const struct tk_dict_object *o, char *dst);

/** @brief The plain text of the object's first varbind, as in a key; the same bounds. @locality any @locks none */
const char *tk_import_sample_plain(const struct tk_import *im, const struct tk_import_samples *s,
                                   const struct tk_dict_object *o, char *dst);

/** @brief What follows the object in the OID of its varbind in a test. @locality any @locks none */
const char *tk_import_sample_index(const struct tk_import *im, const struct tk_dict_object *o);

/** @brief The member "varbinds" of a test. @returns NULL: out of memory, which is noted @locality any @locks none */
json_t *tk_import_samples_json(struct tk_import *im, const struct tk_import_samples *s);

#endif /* TK_IMPORT_SAMPLE_H */
