/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_internal.h
 * @brief The layers of a dictionary and their image, and the builder's state, shared by the files of this room.
 *
 * Image:  all that a layer knows, as one block of numbers and strings without pointers: the same in memory and in a
 *         file. A header, then the parts in the order of enum tk_dict_part, each of header.count[part] items.
 *         Node N and object N describe the same OID. Nodes are numbered breadth first: the children of a node are
 *         adjacent and sorted by sub-identifier, those of node N end where those of node N + 1 begin. Node 0 is the
 *         root and has no name. A string is a 16-bit length, the text and a NUL; string 0 is empty, which means "none".
 * Trust:  an image may be a file that somebody overwrites while we read it. So a number is loaded once, then checked
 *         against the layer's own counts, then used; loops are bounded by what was checked. Wrong numbers give wrong
 *         names, or none, and nothing else.
 */
#ifndef TK_DICTIONARY_INTERNAL_H
#define TK_DICTIONARY_INTERNAL_H

#include <stdatomic.h>
#include <string.h>

#include "base/mapping_guard.h"
#include "base/vector.h"
#include "dictionary/dictionary_builder.h"

enum tk_dict_part {
    TK_DICT_NODES,   /* struct tk_dict_node; one more than there are objects, so that the last one's children end */
    TK_DICT_OBJECTS, /* struct tk_dict_object */
    TK_DICT_TYPES,   /* struct tk_dict_type; number 0 has no syntax */
    TK_DICT_LISTS,   /* struct tk_dict_list; number 0 is empty */
    TK_DICT_REFS,    /* struct tk_dict_ref */
    TK_DICT_ENUMS,   /* struct tk_dict_item */
    TK_DICT_MODULES, /* uint32_t: string; number 0 is the empty string */
    TK_DICT_BUCKETS, /* uint32_t: where the names of a bucket begin; one more than a power of two */
    TK_DICT_NAMES,   /* uint32_t: node, grouped by the hash of its name */
    TK_DICT_STRINGS, /* char */
    TK_DICT_PARTS_
};

/** The part of a node that a look-up reads; small, so that more nodes fit into the cache. */
struct tk_dict_node {
    uint32_t subid;
    uint32_t children; /* the first child's number, and the flags below */
};

#define TK_DICT_NAMED   0x80000000u /* tk_dict_find() may return it */
#define TK_DICT_WEAK    0x40000000u /* only a name, or of a module that a newer one superseded */
#define TK_DICT_NUMBERS 0x3fffffffu

struct tk_dict_object {
    uint32_t name;   /* string; 0: an arc without a name */
    uint32_t parent; /* node */
    uint32_t detail; /* scalars and columns: type; rows: list of indexes; notifications: list of objects */
    uint16_t module;
    uint8_t kind; /* enum tk_dict_kind */
    uint8_t unused;
};

/** What many objects have in common. */
struct tk_dict_type {
    uint32_t tc, hint, units; /* strings */
    uint32_t enums;           /* first of enum_count */
    uint16_t enum_count;
    uint16_t fixed_len;
    uint8_t syntax; /* enum tk_dict_syntax */
    uint8_t flags;
    uint8_t reading; /* enum tk_dict_reading */
    uint8_t unused;
};

#define TK_DICT_IS_IFINDEX      1
#define TK_DICT_IS_INET_ADDRESS 2
#define TK_DICT_IS_INET_TYPE    4

struct tk_dict_list {
    uint32_t first, count;
};

/** A reference to an object: an index, or an object of a notification. */
struct tk_dict_ref {
    uint32_t name; /* string */
    uint32_t node; /* 0: this layer does not have the object, but another may */
    uint16_t module;
    uint8_t flags;
    uint8_t unused;
};

#define TK_DICT_IS_IMPLIED  1
#define TK_DICT_IS_AUGMENTS 2 /* the row whose indexes this row has; it is the only one of its list */

struct tk_dict_item {
    int32_t value;
    uint32_t label; /* string */
};

/** What a layer has for an OID, or for its beginning. */
struct tk_dict_match {
    uint32_t node; /* the last one that has a name; 0: none */
    uint32_t flags;
    uint32_t matched; /* sub-identifiers of that node's OID */
    uint32_t at;      /* the node that was reached; 0: the layer does not have it */
};

#define TK_DICT_STARTS     2
#define TK_DICT_START_ARCS 6

/** A layer: an image, and the numbers of its header, which were checked once and can't change under us. */
struct tk_dict_layer {
    atomic_uint refs;
    const void *image;
    size_t bytes;
    void *memory;                    /* that the image is in, freed with the layer; NULL: not ours, or mapped */
    struct tk_dict_mapping *mapping; /* of a file, freed with the layer; NULL: the image is in memory */
    uint32_t count[TK_DICT_PARTS_];
    uint32_t node_count;  /* of objects */
    uint32_t bucket_mask; /* number of buckets (a power of two) - 1 */
    const struct tk_dict_node *nodes;
    const struct tk_dict_object *objects;
    const struct tk_dict_type *types;
    const struct tk_dict_list *lists;
    const struct tk_dict_ref *refs_of_lists;
    const struct tk_dict_item *enums;
    const uint32_t *modules, *buckets, *names;
    const char *strings;
    struct tk_dict_match start[TK_DICT_STARTS]; /* of 1.3.6.1.2.1 and 1.3.6.1.4.1, where nearly every look-up begins */
};

struct tk_dict {
    unsigned layer_count;
    uint32_t module_count;
    uint64_t module_seed;
    uint32_t module_mask;              /* slots - 1 */
    uint32_t *module_slots;            /* hash of names: numbers of `module_names`, 0: empty */
    struct tk_dict_text *module_names; /* number 0 is not used; they point into the layers */
    struct {
        struct tk_dict_layer *layer;
        uint32_t first_number;    /* of tk_dict_number() */
        uint32_t *module_numbers; /* by the layer's module */
    } stack[TK_DICT_MAX_LAYERS];
};

/** Load a number that may change at any time, once. */
#define TK_DICT_LOAD(member) __atomic_load_n(&(member), __ATOMIC_RELAXED)

/** @brief The string of a number that was loaded from the image. @locality any @locks none */
static inline struct tk_dict_text tk_dict_string(const struct tk_dict_layer *l, uint32_t string)
{
    struct tk_dict_text t = {"", 0};
    uint16_t len;

    if (!string || string >= l->count[TK_DICT_STRINGS] || l->count[TK_DICT_STRINGS] - string < sizeof(len) + 1)
        return t;
    memcpy(&len, l->strings + string, sizeof(len));
    __asm__ volatile("" : "+r"(len)); /* so that it is not loaded again after the check */
    if (l->count[TK_DICT_STRINGS] - string - sizeof(len) - 1 < len)
        return t;
    t.text = l->strings + string + sizeof(len);
    t.len = len;
    return t;
}

/** @brief The layer of an object, or NULL: it is of another dictionary. @locality any @locks none */
static inline const struct tk_dict_layer *tk_dict_layer_of(const struct tk_dict *d, const struct tk_dict_object *o,
                                                           unsigned *ret_at)
{
    for (unsigned i = 0; i < d->layer_count; i++) {
        const struct tk_dict_layer *l = d->stack[i].layer;

        if ((uintptr_t)o - (uintptr_t)l->objects < l->node_count * sizeof(*o)) {
            *ret_at = i;
            return l;
        }
    }
    return NULL;
}

/* dictionary.c */
/** @brief Make a dictionary of one layer; takes @p layer, also when it fails. @returns NULL if out of memory
 *  @locality any @locks none */
struct tk_dict *tk_dict_of_layer(struct tk_dict_layer *layer);
/** @brief Find an object by module and name in the whole dictionary. @param module  its text is NULL: any
 *  @returns the object, or NULL @locality any @locks none */
const struct tk_dict_object *tk_dict_find_member(const struct tk_dict *d, struct tk_dict_text module,
                                                 struct tk_dict_text name);

/* dictionary_file.c */
/** @brief Unmap the file and close it. NULL is a no-op. @locality any @locks none */
void tk_dict_mapping_free(struct tk_dict_mapping *m);
/** @brief Was the file cut or overwritten, or did its disk fail? @locality any @locks none */
bool tk_dict_mapping_is_lost(const struct tk_dict_mapping *m);

/** @brief Must the layer not be used any more? @locality any @locks none */
static inline bool tk_dict_layer_is_lost(const struct tk_dict_layer *l)
{
    return l->mapping && tk_dict_mapping_is_lost(l->mapping);
}

/* dictionary_image.c */
/** @brief Bytes of an image with these parts. @locality any @locks none */
size_t tk_dict_image_bytes(const uint32_t count[TK_DICT_PARTS_]);
/** @brief Where a part begins in the image. @locality any @locks none */
size_t tk_dict_image_offset(const uint32_t count[TK_DICT_PARTS_], enum tk_dict_part part);
/** @brief Make a layer of an image. @param mapping  the file that the image is in, which the layer takes, also when it
 *         fails; NULL: the image is in memory @returns NULL if out of memory @locality any @locks none */
struct tk_dict_layer *tk_dict_layer_new(const void *image, const uint32_t count[TK_DICT_PARTS_],
                                        struct tk_dict_mapping *mapping);
/** @brief Take one more reference. @locality any @locks none */
struct tk_dict_layer *tk_dict_layer_ref(struct tk_dict_layer *l);
/** @brief Give back a reference; the last one frees the layer. NULL is a no-op. @locality any @locks none */
void tk_dict_layer_unref(struct tk_dict_layer *l);

/* ---- the builder ---- */

/** A hash set of numbers (of strings, lists or drafts), hashed by the item that a number refers to. 0: empty slot. */
struct tk_dict_set {
    uint32_t *slots;
    uint32_t count;
    uint32_t mask; /* slots - 1, or 0 before the first insertion */
};

/** A reference by name to an index object, an augmented row or an object of a notification; layout resolves it. */
struct tk_dict_draft_ref {
    uint32_t name;
    uint16_t module; /* 0: unknown */
    bool is_implied;
};

/** A node while facts are collected. Number 0 is the root. */
struct tk_dict_draft {
    uint32_t subid;
    uint32_t parent;
    uint32_t first_child;           /* 0: none */
    uint32_t next_sibling;          /* 0: none */
    uint32_t refs;                  /* first of ref_count: indexes, or objects of a notification */
    uint32_t name, tc, hint, units; /* strings */
    uint32_t enums;                 /* first of enum_count */
    uint16_t module;
    uint16_t enum_count;
    uint16_t fixed_len;
    uint16_t ref_count;
    uint8_t syntax;
    bool is_notification : 1;
    bool is_row : 1;
    bool is_augment : 1; /* AUGMENTS: the only ref names the row whose indexes this row has */
};

struct tk_dict_builder {
    struct tk_vector drafts;       /* struct tk_dict_draft */
    struct tk_vector refs;         /* struct tk_dict_draft_ref */
    struct tk_vector enums;        /* struct tk_dict_item */
    struct tk_vector enum_lists;   /* struct tk_dict_list; number 0 is not used */
    struct tk_vector modules;      /* uint32_t: string; number 0 is not used */
    struct tk_vector strings;      /* char */
    struct tk_dict_set draft_set;  /* by parent and sub-identifier */
    struct tk_dict_set enum_set;   /* numbers of enum_lists, by contents */
    struct tk_dict_set module_set; /* numbers of modules, by their strings */
    struct tk_dict_set string_set; /* by text */
};

/**
 * @brief FNV-1a, with its high bits mixed in for use with a mask. No seed: the order in a file follows it.
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

/* dictionary_builder.c */
/** @brief Keep a set at most half full; the caller passes the hash of an item, because a set does not know its items.
 *  @returns -ENOMEM, or 0 @locality any @locks none */
int tk_dict_set_grow(struct tk_dict_set *set, uint32_t (*hash_of)(const void *owner, uint32_t), const void *owner);
/** @brief A string that the builder collected. @locality any @locks none */
struct tk_dict_text tk_dict_builder_string(const struct tk_dict_builder *b, uint32_t string);
/** @brief Does a newer module supersede it: RFC1213-MIB, RFC1215, ...? @locality any @locks none */
bool tk_dict_is_superseded(struct tk_dict_text module);

/* dictionary_convention.c */
/**
 * @brief Fill flags and reading of a type, whose other members are there, by its textual convention and hint.
 * @locality any  @locks none
 */
void tk_dict_read_convention(struct tk_dict_type *t, struct tk_dict_text tc, struct tk_dict_text hint);

/* dictionary_layout.c */
/** @brief Does the work of tk_dict_builder_finish(). @locality any @locks none */
struct tk_dict *tk_dict_layout(struct tk_dict_builder *b);

#endif /* TK_DICTIONARY_INTERNAL_H */
