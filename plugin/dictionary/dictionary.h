/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary.h
 * @brief Look up what the MIBs say about an OID: name, module, syntax, enumerations, DISPLAY-HINT, units, indexes.
 *
 * A dictionary is a stack of layers, each from one source (the MIBs that snmptrapd loaded, a file, the built-in facts).
 * The first layer that knows an OID or a name decides about it.
 *
 * Owner:  whoever holds the bundle that it is part of. Immutable once built (dictionary_builder.h), so any number of
 *         threads may read it; look-ups neither allocate nor lock.
 * Memory: the layers, which stacks share by counted references. References inside a layer are numbers, never pointers.
 *         An object is a place in a layer; dictionary_object.h has the functions that read it.
 */
#ifndef TK_DICTIONARY_H
#define TK_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dictionary/dictionary_object.h"
#include "snmp/oid.h"

#define TK_DICT_MAX_LAYERS 16

/**
 * @brief Put dictionaries on top of each other: a new dictionary with the layers of all, the first part's first.
 * @param parts  at most TK_DICT_MAX_LAYERS layers altogether; NULL parts are left out; the caller still frees them
 * @returns the dictionary, caller's to free; NULL if out of memory
 * @locality any  @locks none
 */
struct tk_dict *tk_dict_join(struct tk_dict *const *parts, size_t count);

/** @brief Free the dictionary; a layer is freed with the last dictionary that has it. NULL is a no-op.
 *  @locality any @locks none */
void tk_dict_free(struct tk_dict *d);

/** @brief Bytes that the layers occupy. @locality any @locks none */
size_t tk_dict_bytes(const struct tk_dict *d);

/** @brief How many nodes the layers have: more than any tk_dict_number(). @locality any @locks none */
uint32_t tk_dict_count(const struct tk_dict *d);

/** @brief A number of the object that no other object of this dictionary has. @locality any @locks none */
uint32_t tk_dict_number(const struct tk_dict *d, const struct tk_dict_object *o);

/**
 * @brief Walk all objects that have a name, layer by layer; in a layer breadth first, so that the children of a node
 *        come together, after all nodes of less depth, in the order of their sub-identifiers.
 * @param o  the object before; NULL: begin
 * @returns the next object; NULL: that was the last one
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_next(const struct tk_dict *d, const struct tk_dict_object *o);

/**
 * @brief Find the named object whose OID is the longest prefix of an OID.
 *
 * The first layer that resolves the OID decides (see tk_dict_resolve()); if none does, the longest prefix, and of equal
 * ones the first layer's. A layer that has only a name for the OID, or has it from an SMIv1 module that a newer one
 * superseded (RFC1213-MIB), leaves it to a layer that knows more.
 * Names that modules give to instances (sysUpTimeInstance, which is sysUpTime.0) are skipped: they have no syntax.
 * The OID is resolved when @p ret_matched is @p len, or when the object is a scalar or a column: then the rest is the
 * instance. Otherwise the object is only an ancestor.
 * @param ret_matched  how many sub-identifiers the object's own OID has; 0 if there is no object
 * @returns the object, or NULL: no prefix of the OID has a name
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_find(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                          size_t *ret_matched);

/**
 * @brief Find the object that an OID names: an exact match, or a scalar or column followed by an instance.
 * @returns the object, or NULL: the OID is unknown, even if an ancestor has a name
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_resolve(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                             size_t *ret_matched);

/**
 * @brief Find the named object without children that has the same parent as @p o: a faster tk_dict_find() for an OID
 *        that differs from that of @p o in the last sub-identifier only.
 * @param subid  the OID, as long as that of @p o
 * @returns the object, which is what tk_dict_find() finds for the OID and everything below; NULL: use tk_dict_find()
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_find_sibling(const struct tk_dict *d, const struct tk_dict_object *o,
                                                  const uint32_t *subid, size_t len);

/**
 * @brief Find an object by "MODULE::name" or by its bare name. The first layer that has the name decides.
 * @param ret_other  may be NULL; set to a second object of that name if the layer has one: then the name is ambiguous,
 *                   and the caller must ask for MODULE::name; else set to NULL
 * @returns the object (any of them, if ambiguous), or NULL
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_find_name(const struct tk_dict *d, const char *name, size_t len,
                                               const struct tk_dict_object **ret_other);

/** @brief The number of a module (tk_dict_module_number()); 0: no layer has it. @locality any @locks none */
uint32_t tk_dict_find_module(const struct tk_dict *d, const char *name, size_t len);

/** @brief The OID of an object of this dictionary. @locality any @locks none */
void tk_dict_oid(const struct tk_dict *d, const struct tk_dict_object *o, struct tk_oid *ret_oid);

/** @brief Have two objects, perhaps of different layers, the same OID? @locality any @locks none */
bool tk_dict_is_same(const struct tk_dict *d, const struct tk_dict_object *a, const struct tk_dict_object *b);

/** @brief The node above, which may have no name; NULL: @p o is a root. @locality any @locks none */
const struct tk_dict_object *tk_dict_parent(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief The node before @p o among the children of their parent, perhaps without a name; NULL: @p o is the first.
 *  @locality any @locks none */
const struct tk_dict_object *tk_dict_sibling_before(const struct tk_dict *d, const struct tk_dict_object *o);

#endif /* TK_DICTIONARY_H */
