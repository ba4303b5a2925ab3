/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_internal.h
 * @brief The builder's state, shared by dictionary_builder.c (collects facts) and dictionary_layout.c (orders them),
 *        and the hash of names, shared by look-up and builder.
 */
#ifndef TK_DICTIONARY_INTERNAL_H
#define TK_DICTIONARY_INTERNAL_H

#include "base/vector.h"
#include "dictionary/dictionary_builder.h"

/** A hash set of numbers (of strings, lists or drafts), hashed by the item that a number refers to. 0: empty slot. */
struct tk_dict_set {
    uint32_t *slots;
    uint32_t count;
    uint32_t mask; /* slots - 1, or 0 before the first insertion */
};

/** A reference by name to an index object or to an augmented row; layout resolves it. */
struct tk_dict_ref {
    uint32_t name;
    uint32_t module; /* 0: unknown */
    bool is_implied;
};

/** A node while facts are collected. Number 0 is the root. */
struct tk_dict_draft {
    uint32_t subid;
    uint32_t first_child;  /* 0: none */
    uint32_t next_sibling; /* 0: none */
    uint32_t refs;         /* first of ref_count */
    uint16_t ref_count;
    bool is_row;
    bool is_augment;              /* AUGMENTS: the only ref names the row whose indexes this row has */
    struct tk_dict_object object; /* parent is a draft's number; layout sets indexes, kind and next_name */
};

struct tk_dict_enum_list {
    uint32_t first;
    uint32_t count;
};

struct tk_dict_builder {
    struct tk_vector drafts;       /* struct tk_dict_draft */
    struct tk_vector refs;         /* struct tk_dict_ref */
    struct tk_vector enums;        /* struct tk_dict_enum */
    struct tk_vector enum_lists;   /* struct tk_dict_enum_list; number 0 is not used */
    struct tk_vector strings;      /* char */
    struct tk_dict_set draft_set;  /* by parent and sub-identifier */
    struct tk_dict_set enum_set;   /* numbers of enum_lists, by contents */
    struct tk_dict_set string_set; /* by text */
};

/**
 * @brief FNV-1a, with its high bits mixed in for use with a mask. No seed: only operators' files choose the keys.
 * @locality any  @locks none
 */
static inline uint32_t tk_dict_hash(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 16777619u;
    return h ^ h >> 15;
}

/* dictionary_layout.c */
/** @brief Does the work of tk_dict_builder_finish(). @locality any @locks none */
struct tk_dict *tk_dict_layout(struct tk_dict_builder *b);

#endif /* TK_DICTIONARY_INTERNAL_H */
