/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary.h
 * @brief Look up what the MIBs say about an OID: name, module, syntax, enumerations, DISPLAY-HINT, indexes.
 *
 * Owner:  whoever holds the bundle that it is part of. Immutable once built (dictionary_builder.h), so any number of
 *         threads may read it; look-ups neither allocate nor lock.
 * Memory: flat arrays, about 92 bytes a node in total. References are offsets or numbers, never pointers.
 * Layout: node N and object N describe the same OID. Nodes are stored breadth first: the children of a node are
 *         adjacent and sorted by sub-identifier. Node 0 is the root and has no name. Strings are interned; offset 0
 *         is the empty string, which means "none".
 */
#ifndef TK_DICTIONARY_H
#define TK_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "snmp/oid.h"

#define TK_DICT_MAX_INDEXES 16         /* indexes of one row; more are not decoded */
#define TK_DICT_NONE        UINT32_MAX /* "no such node" */

enum tk_dict_kind {
    TK_DICT_NODE,         /* has a name only: an arc, a module identity, a group of objects */
    TK_DICT_NOTIFICATION, /* NOTIFICATION-TYPE or TRAP-TYPE */
    TK_DICT_SCALAR,       /* an object outside a table: instance .0 */
    TK_DICT_TABLE,
    TK_DICT_ENTRY,  /* a conceptual row: has indexes */
    TK_DICT_COLUMN, /* the instance follows its OID, and is decoded by the row's indexes */
};

enum tk_dict_syntax {
    TK_SYNTAX_NONE, /* no value: nodes, tables, rows, notifications */
    TK_SYNTAX_INTEGER,
    TK_SYNTAX_OCTETS,
    TK_SYNTAX_OID,
    TK_SYNTAX_IPADDRESS,
    TK_SYNTAX_NETADDRESS, /* SMIv1: encoded as IpAddress; as an index it has a leading 1 */
    TK_SYNTAX_COUNTER32,
    TK_SYNTAX_GAUGE32, /* also Unsigned32 and UInteger32 */
    TK_SYNTAX_TIMETICKS,
    TK_SYNTAX_COUNTER64,
    TK_SYNTAX_BITS,
    TK_SYNTAX_OPAQUE,
    TK_SYNTAX_COUNT_,
};

/** How a value is read for people: decided once, when the dictionary is laid out, by syntax, convention, hint and labels. */
enum tk_dict_reading {
    TK_READ_PLAIN,         /* as any value of its type */
    TK_READ_LABELS,        /* an integer with enumerations */
    TK_READ_NUMBER,        /* an integer whose DISPLAY-HINT says more than "in decimal" */
    TK_READ_TEXT,          /* octets whose DISPLAY-HINT says that they are text, of any length */
    TK_READ_HINT,          /* octets, by another DISPLAY-HINT */
    TK_READ_BITS,          /* by the labels of the bits */
    TK_READ_INET_ADDRESS,  /* InetAddress, InetAddressIPv4, ...: by its InetAddressType */
    TK_READ_DATE_AND_TIME, /* DateAndTime */
};

/** A string of the dictionary: terminated, with its length. */
struct tk_dict_text {
    const char *text;
    size_t len;
};

struct tk_dict_enum {
    int32_t value;  /* for BITS: the bit's number */
    uint32_t label; /* string */
};

/** One index of a row. */
struct tk_dict_index {
    uint32_t name;      /* string */
    uint32_t node;      /* the index object; TK_DICT_NONE: no loaded MIB defines it */
    uint16_t fixed_len; /* octets only; 0: variable */
    uint8_t syntax;     /* enum tk_dict_syntax; TK_SYNTAX_NONE: no loaded MIB defines the object */
    bool is_implied : 1;
    bool is_ifindex : 1;
};

/** Everything about one OID. Read the strings with the functions below. */
struct tk_dict_object {
    uint32_t name;      /* string; 0: an arc without a name */
    uint32_t module;    /* string */
    uint32_t tc;        /* string: textual convention, 0 if none */
    uint32_t hint;      /* string: DISPLAY-HINT, 0 if none */
    uint32_t enums;     /* first of enum_count */
    uint32_t indexes;   /* first of index_count; columns and rows */
    uint32_t parent;    /* node */
    uint32_t next_name; /* next object in the same bucket of the look-up by name; 0: last */
    uint16_t enum_count;
    uint16_t fixed_len; /* octets only: SIZE of one value; 0: variable */
    uint8_t index_count;
    uint8_t kind;        /* enum tk_dict_kind */
    uint8_t syntax;      /* enum tk_dict_syntax */
    bool is_ifindex : 1; /* ifIndex itself, or an object whose textual convention is InterfaceIndex[OrZero] */
    bool
        is_inet_address : 1; /* octets whose textual convention is InetAddress, InetAddressIPv4, ...; not InetAddressDNS */
    bool is_inet_type : 1; /* its textual convention is InetAddressType (RFC 4001) */
    uint8_t reading : 5;   /* enum tk_dict_reading */
};

/** A node of the tree: the part that a look-up reads; small, so that more nodes fit into the cache. */
struct tk_dict_node {
    uint32_t subid;
    uint32_t first_child;
    uint32_t child_count : 31;
    uint32_t is_named : 1; /* tk_dict_find() may return it */
};

struct tk_dict {
    uint32_t node_count;
    uint32_t enum_count;
    uint32_t index_count;
    uint32_t string_bytes;
    uint32_t bucket_mask;        /* number of buckets (a power of two) - 1 */
    uint32_t unresolved_indexes; /* index entries whose object no loaded MIB defines */
    const struct tk_dict_node *nodes;
    const struct tk_dict_object *objects;
    const struct tk_dict_enum *enums;
    const struct tk_dict_index *indexes;
    const uint32_t *buckets; /* by name: node number, 0: empty */
    const char *strings;     /* each: 16-bit length, text, NUL; an offset points at the text */
};

/** One index value of an instance: a view into the caller's suffix, without a length prefix. */
struct tk_dict_value {
    const struct tk_dict_index *index;
    const uint32_t *subid; /* integers: one; octets and IpAddress: one each, all <= 255; OIDs: themselves */
    size_t len;
};

/** @brief Free the dictionary. NULL is a no-op. @locality any @locks none */
void tk_dict_free(struct tk_dict *d);

/** @brief Bytes that the dictionary occupies. @locality any @locks none */
size_t tk_dict_bytes(const struct tk_dict *d);

/**
 * @brief Find the named object whose OID is the longest prefix of an OID.
 *
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
static inline const struct tk_dict_object *tk_dict_resolve(const struct tk_dict *d, const uint32_t *subid, size_t len,
                                                           size_t *ret_matched)
{
    const struct tk_dict_object *o = tk_dict_find(d, subid, len, ret_matched);

    if (!o || *ret_matched == len || o->kind == TK_DICT_SCALAR || o->kind == TK_DICT_COLUMN)
        return o;
    return NULL;
}

/**
 * @brief Find the named object without children that has the same parent as @p o, and this last sub-identifier.
 * @returns the object, which is what tk_dict_find() finds for its OID and everything below; NULL: there is none
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_find_sibling(const struct tk_dict *d, const struct tk_dict_object *o,
                                                  uint32_t subid);

/**
 * @brief Find an object by "MODULE::name" or by its bare name.
 * @param ret_other  may be NULL; set to a second object of that name if there is one: then the name is ambiguous, and
 *                   the caller must ask for MODULE::name; else set to NULL
 * @returns the object (any of them, if ambiguous), or NULL
 * @locality any  @locks none
 */
const struct tk_dict_object *tk_dict_find_name(const struct tk_dict *d, const char *name, size_t len,
                                               const struct tk_dict_object **ret_other);

/** @brief The OID of an object of this dictionary. @locality any @locks none */
void tk_dict_oid(const struct tk_dict *d, const struct tk_dict_object *o, struct tk_oid *ret_oid);

/**
 * @brief Decode an instance suffix by the indexes of a column's row (RFC 2578, 7.7). Reads at most @p len.
 * @param o       a column (or row)
 * @param suffix  the sub-identifiers after the object's OID; the values point into it
 * @param ret_values  room for TK_DICT_MAX_INDEXES
 * @returns how many values, > 0; or -EINVAL: the suffix does not fit (wrong length, an octet over 255, an unknown
 *          index), so the caller publishes it as plain integers
 * @locality any  @locks none
 */
int tk_dict_decode_instance(const struct tk_dict *d, const struct tk_dict_object *o, const uint32_t *suffix, size_t len,
                            struct tk_dict_value *ret_values);

/**
 * @brief The label of a value of an enumerated integer, or of a bit of BITS.
 * @returns the label; its text is NULL if there is none
 * @locality any  @locks none
 */
struct tk_dict_text tk_dict_label(const struct tk_dict *d, const struct tk_dict_object *o, int64_t value);

/** @brief The string at an offset of this dictionary. @locality any @locks none */
static inline struct tk_dict_text tk_dict_text(const struct tk_dict *d, uint32_t string)
{
    struct tk_dict_text t = {d->strings + string, 0};
    uint16_t len;

    memcpy(&len, t.text - sizeof(len), sizeof(len));
    t.len = len;
    return t;
}

/** @brief The descriptor, such as "ifOperStatus". @locality any @locks none */
static inline struct tk_dict_text tk_dict_name(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return tk_dict_text(d, o->name);
}

/** @brief The module, such as "IF-MIB"; empty if unknown. @locality any @locks none */
static inline struct tk_dict_text tk_dict_module(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return tk_dict_text(d, o->module);
}

/** @brief The textual convention, such as "InetAddress"; empty if none. @locality any @locks none */
static inline struct tk_dict_text tk_dict_tc(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return tk_dict_text(d, o->tc);
}

/** @brief The DISPLAY-HINT, such as "1x:"; empty if none. @locality any @locks none */
static inline struct tk_dict_text tk_dict_hint(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return tk_dict_text(d, o->hint);
}

/** @brief The enumerations, sorted by value; NULL if there are none. @locality any @locks none */
static inline const struct tk_dict_enum *tk_dict_enums(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return o->enum_count ? d->enums + o->enums : NULL;
}

/** @brief The indexes of a row or column; NULL if there are none. @locality any @locks none */
static inline const struct tk_dict_index *tk_dict_indexes(const struct tk_dict *d, const struct tk_dict_object *o)
{
    return o->index_count ? d->indexes + o->indexes : NULL;
}

/** @brief The object of an index, or NULL if no loaded MIB defines it. @locality any @locks none */
static inline const struct tk_dict_object *tk_dict_index_object(const struct tk_dict *d,
                                                                const struct tk_dict_index *index)
{
    return index->node == TK_DICT_NONE ? NULL : d->objects + index->node;
}

#endif /* TK_DICTIONARY_H */
