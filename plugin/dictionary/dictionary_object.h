/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dictionary_object.h
 * @brief Read what a dictionary says about one object: names, syntax, enumerations, indexes, objects of notifications.
 *
 * Every function takes the dictionary in which the object was found (dictionary.h).
 *
 * Owner: any thread; no locks, no allocation.
 */
#ifndef TK_DICTIONARY_OBJECT_H
#define TK_DICTIONARY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TK_DICT_MAX_INDEXES 16  /* indexes of one row; more are not decoded */
#define TK_DICT_MAX_OBJECTS 255 /* objects of one notification */
#define TK_DICT_MAX_NAME    256 /* bytes of a name, label or unit */

struct tk_dict;        /* defined in dictionary_internal.h */
struct tk_dict_object; /* what a layer knows about one OID; valid as long as the dictionary */

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

/** How a value is read for people: by syntax, convention, hint and labels, when the dictionary is laid out. */
enum tk_dict_reading {
    TK_READ_PLAIN,         /* as any value of its type */
    TK_READ_LABELS,        /* an integer with enumerations */
    TK_READ_NUMBER,        /* an integer whose DISPLAY-HINT says more than "in decimal" */
    TK_READ_TEXT,          /* octets whose DISPLAY-HINT says that they are text, of any length */
    TK_READ_COLONS,        /* octets as "00:1b:2c": hint "1x:"; MacAddress and PhysAddress of MIBs that have no hint */
    TK_READ_HINT,          /* octets, by another DISPLAY-HINT */
    TK_READ_BITS,          /* by the labels of the bits */
    TK_READ_INET_ADDRESS,  /* InetAddress, InetAddressIPv4, ...: by its InetAddressType */
    TK_READ_DATE_AND_TIME, /* DateAndTime */
    TK_READ_COUNT_
};

/** A string of the dictionary. Read it by its length: a file that others wrote may lack the NUL behind it. */
struct tk_dict_text {
    const char *text;
    size_t len;
};

/** A value of an enumerated integer, or a bit of BITS. */
struct tk_dict_enum {
    int32_t value; /* for BITS: the bit's number */
    struct tk_dict_text label;
};

/** One index of a row. */
struct tk_dict_index {
    struct tk_dict_text name;
    struct tk_dict_text module;          /* empty: unknown */
    const struct tk_dict_object *object; /* NULL: no layer defines it */
    enum tk_dict_syntax syntax;          /* TK_SYNTAX_NONE: no layer defines the object */
    uint16_t fixed_len;                  /* octets only; 0: variable */
    bool is_implied;
    bool is_ifindex;
};

/** One object that a notification carries. */
struct tk_dict_member {
    struct tk_dict_text name;
    struct tk_dict_text module;          /* empty: unknown */
    const struct tk_dict_object *object; /* NULL: no layer defines it */
};

/** @brief How many layers the dictionary has. @locality any @locks none */
unsigned tk_dict_layers(const struct tk_dict *d);

/** @brief The number of the layer that has the object, from 0. @locality any @locks none */
unsigned tk_dict_layer(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief What the OID is. @locality any @locks none */
enum tk_dict_kind tk_dict_kind(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief The syntax of the object's values. @locality any @locks none */
enum tk_dict_syntax tk_dict_syntax(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief How the object's values are read for people. @locality any @locks none */
enum tk_dict_reading tk_dict_reading(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief Octets only: the SIZE of one value; 0: variable. @locality any @locks none */
uint16_t tk_dict_fixed_len(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief Is it ifIndex, or of the textual convention InterfaceIndex[OrZero]? @locality any @locks none */
bool tk_dict_is_ifindex(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief Octets of the textual convention InetAddress, InetAddressIPv4, ...; not InetAddressDNS?
 *  @locality any @locks none */
bool tk_dict_is_inet_address(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief An integer of the textual convention InetAddressType (RFC 4001)? @locality any @locks none */
bool tk_dict_is_inet_type(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief The descriptor, such as "ifOperStatus"; empty: an arc without a name. @locality any @locks none */
struct tk_dict_text tk_dict_name(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief The module, such as "IF-MIB"; empty if unknown. @locality any @locks none */
struct tk_dict_text tk_dict_module(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief The textual convention, such as "InetAddress"; empty if none. @locality any @locks none */
struct tk_dict_text tk_dict_tc(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief The DISPLAY-HINT, such as "1x:"; empty if none. @locality any @locks none */
struct tk_dict_text tk_dict_hint(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief The UNITS, such as "seconds"; empty if none. @locality any @locks none */
struct tk_dict_text tk_dict_units(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief A number for the object's module, the same in all layers; 0: unknown. @locality any @locks none */
uint32_t tk_dict_module_number(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief How many enumerations, or named bits, the object has. @locality any @locks none */
unsigned tk_dict_enum_count(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief One enumeration; they are sorted by value. @param i  less than tk_dict_enum_count()
 *  @locality any @locks none */
struct tk_dict_enum tk_dict_enum(const struct tk_dict *d, const struct tk_dict_object *o, unsigned i);

/**
 * @brief The label of a value of an enumerated integer, or of a bit of BITS.
 * @returns the label; its text is NULL if there is none
 * @locality any  @locks none
 */
struct tk_dict_text tk_dict_label(const struct tk_dict *d, const struct tk_dict_object *o, int64_t value);

/** @brief How many indexes a row or column has; at most TK_DICT_MAX_INDEXES. @locality any @locks none */
unsigned tk_dict_index_count(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief One index of a row or column. @param i  less than tk_dict_index_count() @locality any @locks none */
struct tk_dict_index tk_dict_index(const struct tk_dict *d, const struct tk_dict_object *o, unsigned i);

/** @brief All indexes of a row or column, by one look-up. @param ret_indexes  room for TK_DICT_MAX_INDEXES
 *  @returns how many @locality any @locks none */
unsigned tk_dict_indexes(const struct tk_dict *d, const struct tk_dict_object *o, struct tk_dict_index *ret_indexes);

/** @brief AUGMENTS: the name of the row whose indexes a row has, if its own layer does not have that row; else empty.
 *  @param ret_module  its module; empty: unknown @locality any @locks none */
struct tk_dict_text tk_dict_augments(const struct tk_dict *d, const struct tk_dict_object *o,
                                     struct tk_dict_text *ret_module);

/** @brief How many different references (indexes, AUGMENTS, objects of notifications) no layer resolves.
 *  @locality any @locks none */
uint32_t tk_dict_unresolved(const struct tk_dict *d);

/** @brief How many OBJECTS the notification has; at most TK_DICT_MAX_OBJECTS. @locality any @locks none */
unsigned tk_dict_notification_objects(const struct tk_dict *d, const struct tk_dict_object *o);

/** @brief One of the notification's OBJECTS, in their order. @param i  less than tk_dict_notification_objects()
 *  @locality any @locks none */
struct tk_dict_member tk_dict_notification_object(const struct tk_dict *d, const struct tk_dict_object *o, unsigned i);

/**
 * @brief All OBJECTS of the notification, only those that are certain: of the module that its definition names.
 * @param ret_objects  room for TK_DICT_MAX_OBJECTS; NULL: no layer has the object in that module
 * @returns how many: tk_dict_notification_objects()
 * @locality any  @locks none
 */
unsigned tk_dict_notification_find(const struct tk_dict *d, const struct tk_dict_object *o,
                                   const struct tk_dict_object **ret_objects);

#endif /* TK_DICTIONARY_OBJECT_H */
