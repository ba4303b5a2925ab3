/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_parts.h
 * @brief What the two halves of the builder share: dictionary_builder.c collects, dictionary_layout.c lays out.
 */
#ifndef TK_DICTIONARY_PARTS_H
#define TK_DICTIONARY_PARTS_H

#include "pipeline/dictionary_builder.h"

/** A growing array. */
struct tk_dict_pool {
    void    *items;
    uint32_t count;
    uint32_t cap;
};

/** A set of numbers, found by the hash of what they stand for. 0 is an empty slot. */
struct tk_dict_set {
    uint32_t *slots;
    uint32_t  count;
    uint32_t  mask; /* slots - 1, or 0 before the first insertion */
};

/** An index or an augmented row, by name. */
struct tk_dict_ref {
    uint32_t name;
    uint32_t module; /* 0: unknown */
    bool     is_implied;
};

/** A node while it is collected. Root: number 0. */
struct tk_dict_draft {
    uint32_t              subid;
    uint32_t              first_child;  /* 0: none */
    uint32_t              next_sibling; /* 0: none */
    uint32_t              refs;         /* first of ref_count */
    uint16_t              ref_count;
    bool                  is_row;
    bool                  is_augment;   /* the only ref names the row whose indexes count */
    struct tk_dict_object object;       /* parent: draft number; indexes, kind and chains: not yet */
};

struct tk_dict_enum_list {
    uint32_t first;
    uint32_t count;
};

struct tk_dict_builder {
    struct tk_dict_pool drafts;     /* struct tk_dict_draft */
    struct tk_dict_pool refs;       /* struct tk_dict_ref */
    struct tk_dict_pool enums;      /* struct tk_dict_enum */
    struct tk_dict_pool enum_lists; /* struct tk_dict_enum_list; number 0 is not used */
    struct tk_dict_pool strings;    /* char */
    struct tk_dict_set  draft_set;  /* by parent and sub-identifier */
    struct tk_dict_set  enum_set;   /* numbers of enum_lists, by contents */
    struct tk_dict_set  string_set; /* by text */
};

#endif /* TK_DICTIONARY_PARTS_H */
