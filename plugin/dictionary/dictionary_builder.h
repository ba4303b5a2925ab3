/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_builder.h
 * @brief Build a dictionary: collect facts about OIDs from several sources, in any order, and lay them out.
 *
 * Owner:  one thread at a time (snmptrapd's for the MIB snapshot, the loader's otherwise). No locks.
 * Memory: about 200 bytes a node while it is laid out, 65 in the dictionary; freed by tk_dict_builder_free(). At most
 *         TK_DICT_MAX_NODES nodes, 65,535 modules and 1 GiB of strings; beyond that, -E2BIG.
 *
 * Sources are added one after the other. Where two facts are about one OID:
 * - a fact that only names it (TK_DICT_NODE) never replaces a notification or an object with a syntax;
 * - otherwise the later fact wins; what it leaves out (textual convention, hint, units, enumerations, indexes, objects,
 *   fixed length) is kept from the earlier one if the syntax is the same;
 * - name and module from an SMIv1 module ("RFC1213-MIB") never replace those of a module that superseded it.
 */
#ifndef TK_DICTIONARY_BUILDER_H
#define TK_DICTIONARY_BUILDER_H

#include "dictionary/dictionary.h"

#define TK_DICT_MAX_NODES (1u << 23)

struct tk_err;
struct tk_dict_builder;

/** An enumerated value, or the name of a bit. Borrowed for the call. */
struct tk_dict_fact_enum {
    int32_t value;
    const char *label;
    size_t label_len;
};

/** An index, or an object of a notification, by name. It may be added later, or never. Borrowed for the call. */
struct tk_dict_fact_ref {
    const char *name;
    size_t name_len;
    const char *module; /* NULL: the own module first, then any */
    size_t module_len;
    bool is_implied; /* indexes only */
};

/** One fact about one OID. All of it is borrowed for the call. */
struct tk_dict_fact {
    const uint32_t *subid;
    size_t len; /* 1..128 */
    const char *name;
    size_t name_len;
    const char *module; /* NULL: unknown */
    size_t module_len;
    bool is_notification;
    enum tk_dict_syntax syntax;
    uint16_t fixed_len;
    const char *tc; /* NULL: none */
    size_t tc_len;
    const char *hint; /* NULL: none */
    size_t hint_len;
    const struct tk_dict_fact_enum *enums; /* in any order */
    size_t enum_count;
    const char *units; /* NULL: none */
    size_t units_len;
    const struct tk_dict_fact_ref *indexes; /* of a row */
    size_t index_count;
    const struct tk_dict_fact_ref *augments; /* NULL, or the row whose indexes this row has */
    const struct tk_dict_fact_ref *objects;  /* of a notification, in their order */
    size_t object_count;
};

/** @returns an empty builder, or NULL if out of memory. @locality any @locks none */
struct tk_dict_builder *tk_dict_builder_new(void);

/** @brief Free the builder with what it collected. NULL is a no-op. @locality any @locks none */
void tk_dict_builder_free(struct tk_dict_builder *b);

/**
 * @brief Add one fact.
 * @retval 0        done
 * @retval -EINVAL  the OID is empty or over 128 sub-identifiers, or a text is over 65535 bytes
 * @retval -E2BIG   a bound is reached
 * @retval -ENOMEM  out of memory; afterwards the builder may only be freed
 * @locality any  @locks none
 */
int tk_dict_builder_add(struct tk_dict_builder *b, const struct tk_dict_fact *fact);

/**
 * @brief Lay out the collected facts as a dictionary of one layer: resolve indexes, AUGMENTS and objects of
 *        notifications, tell scalars from columns.
 * @returns the dictionary, caller's to free; NULL if out of memory. Afterwards the builder may only be freed.
 * @locality any  @locks none
 */
struct tk_dict *tk_dict_builder_finish(struct tk_dict_builder *b);

#endif /* TK_DICTIONARY_BUILDER_H */
