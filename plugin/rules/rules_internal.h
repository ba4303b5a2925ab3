/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_internal.h
 * @brief The compiled form of rules, and the compiler's state, for the files of this room.
 *
 * Order: rules_json.c (file, errors), rules_text.c (lines, faulty JSON) -> rules_compile.c (rules) -> rules_names.c
 * (names to OIDs), rules_condition.c (tests of varbinds) with rules_number.c (integers), rules_template.c (keys) ->
 * rules.c (index, match).
 *
 * Owner: the compiler's thread while compiling; afterwards struct tk_rules is read only.
 */
#ifndef TK_RULES_INTERNAL_H
#define TK_RULES_INTERNAL_H

#include <jansson.h>

#include "base/devel.h"
#include "base/vector.h"
#include "snmp/oid.h"
#include "rules/rules.h"

#define TK_RULES_MAX       100000
#define TK_RULES_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define TK_RULES_MAX_NAME  64
#define TK_RULES_MAX_TEXT  128 /* bytes of one value in a key; a longer value is replaced by its hash */

/** A run of items of one of the vectors in struct tk_rules, such as subids or bytes. */
struct tk_rule_span {
    uint32_t at, len;
};

enum tk_rule_value_kind {
    TK_VALUE_RANGE,  /* integers */
    TK_VALUE_OCTETS, /* exactly these bytes */
    TK_VALUE_ADDRESS,
    TK_VALUE_OID, /* BER */
    TK_VALUE_GLOB,
    TK_VALUE_BIT, /* number umin */
};

struct tk_rule_value {
    enum tk_rule_value_kind kind;
    struct tk_rule_span bytes;
    /* One range of integers, as each kind of varbind can have them; empty where the minimum is above the maximum. */
    int64_t min, max;    /* for signed types */
    uint64_t umin, umax; /* for unsigned types */
};

/** A test of varbinds: a varbind must match one of the values. Without values, it tests if there is a varbind. */
struct tk_rule_test {
    struct tk_rule_span oid;
    uint32_t first_value, value_count;
    bool wants_absent;
};

enum tk_rule_part_kind {
    TK_PART_LITERAL,
    TK_PART_DEVICE,
    TK_PART_TRAP,
    TK_PART_VALUE,
    TK_PART_INSTANCE,
    TK_PART_PARENT,
};

struct tk_rule_part {
    enum tk_rule_part_kind kind;
    struct tk_rule_span text;            /* literal: bytes; object: its OID */
    const struct tk_dict_object *object; /* NULL: the dictionary does not know it */
    bool is_ifindex;
};

struct tk_rule {
    struct tk_rule_span label; /* "operator:NAME" */
    uint32_t first_glob, first_test, first_part;
    uint32_t glob_count, test_count, part_count;
    enum tk_severity severity;
    enum tk_alarm_state state;
};

/** The last two find names of "names": by the OID that stands there, and by the one that all its forms have. */
enum tk_rule_pattern_kind {
    TK_PATTERN_EXACT,
    TK_PATTERN_SUBTREE,
    TK_PATTERN_MODULE,
    TK_PATTERN_NAME,
    TK_PATTERN_NAME_OF_FORM,
};

struct tk_rule_pattern {
    enum tk_rule_pattern_kind kind;
    struct tk_rule_span key; /* of subids: the OID, or the module's string number */
    uint32_t rule;           /* of a name: its number in `names` */
};

/** A name of the operator's "names"; both are runs of bytes. */
struct tk_rule_name {
    struct tk_rule_span module, name; /* module: empty if it stands there without one */
};

/** A slot of the index: the rules that have this pattern, in their order. */
struct tk_rule_slot {
    uint64_t hash;
    struct tk_rule_span key;
    uint32_t first, count; /* of the sorted patterns; count 0: an empty slot */
    uint8_t kind;
};

struct tk_rules {
    const struct tk_dict *dict;
    struct tk_vector rules, patterns, tests, values, parts;
    struct tk_vector globs; /* struct tk_rule_span of bytes */
    struct tk_vector names; /* struct tk_rule_name */
    struct tk_vector subids, bytes;
    struct tk_rule_slot *slots;
    uint32_t slot_mask;
    uint8_t subtree_lens[TK_OID_MAX_SUBIDS + 1]; /* the lengths that subtree patterns have, ascending */
    unsigned subtree_len_count;
    bool has_modules;
    uint32_t withheld; /* of the rules: not in force, because they clear alarms and their file has errors */
};

/** One file being compiled. */
struct tk_rules_compiler {
    struct tk_rules *r;
    struct tk_err_list *errors;
    const char *file, *set;
    const char *json;
    size_t json_len;
    json_t *names, *seen;             /* seen: rule name -> its number */
    json_t *objects;                  /* those of `names` that rules use for objects of varbinds */
    size_t number;                    /* of the rule, from 0 */
    char rule[TK_RULES_MAX_NAME + 1]; /* its name; "" until it is known */
    struct tk_vector places;          /* uint32_t: where each rule stands, if the file is not valid JSON */
    uint32_t *modules;                /* string numbers of modules that have notifications; built at the first use */
    size_t module_count;
    size_t faulty;         /* rules that were left out */
    bool is_naming_events; /* its names name events: those of the operator's file */
    bool is_out_of_memory;
};

/* --- rules_json.c ---------------------------------------------------------------------------------------------- */

/** @brief Append @p n items as a run. @retval false out of memory, and said so @locality any @locks none */
bool tk_rules_keep(struct tk_rules_compiler *c, struct tk_vector *v, const void *items, size_t n, size_t item_bytes,
                   struct tk_rule_span *ret_span);
/** @brief Read a whole file. @returns its contents, caller's to free; NULL with @p err set
 *  @locality any @locks none */
char *tk_rules_read_file(const char *path, size_t *ret_len, struct tk_err *err);
/** @brief Add an error about the current rule. @returns false @locality any @locks none */
bool tk_rules_complain(struct tk_rules_compiler *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** @brief Add the error "out of memory", once, and end the compilation. @returns false @locality any @locks none */
bool tk_rules_no_memory(struct tk_rules_compiler *c);
/** @brief Print a JSON value for an error, cut and escaped. @returns @p dst @locality any @locks none */
const char *tk_rules_show(char *dst, size_t dst_bytes, const json_t *value);
/** @brief Is every member one of @p allowed (NULL ends the list)? Else an error for each, which names @p where.
 *  @locality any @locks none */
bool tk_rules_members_ok(struct tk_rules_compiler *c, json_t *object, const char *where, const char *const *allowed);

/* --- rules_text.c ---------------------------------------------------------------------------------------------- */

/** @brief The line where item @p number of the root's @p member begins; 0 if not found, or if no more errors are kept.
 *  @locality any @locks none */
unsigned tk_rules_line(const struct tk_rules_compiler *c, const char *member, size_t number);
/** @brief Load any JSON value; integers beyond jansson's are marked: tk_rules_number() reads them. @returns NULL with
 *  @p bad set @locality any @locks none */
json_t *tk_rules_load_json(const char *text, size_t len, json_error_t *bad);
/**
 * @brief Load the rules of a file that is not valid JSON one by one. An error is added for each that can't be loaded;
 *        null stands in its place. c->places is set.
 * @returns an object with "rules", and "names" if they could be loaded; NULL if the text has no list of rules, or if out
 *          of memory
 * @locality any  @locks none
 */
json_t *tk_rules_load_in_parts(struct tk_rules_compiler *c);

/* --- rules_compile.c --------------------------------------------------------------------------------------------- */

/**
 * @brief Compile one file's worth of JSON and append its sound rules. An error is added for each fault; rules with a
 *        fault are counted in c->faulty and leave nothing behind.
 * @param ret_count  how many rules the file has; 0 if it can't be read as rules
 * @returns false if memory ran out: then the rules may only be freed
 * @locality any  @locks none
 */
bool tk_rules_compile(struct tk_rules_compiler *c, size_t *ret_count);

/* --- rules_names.c --------------------------------------------------------------------------------------------- */

/** What a name may stand for. */
enum tk_rules_wanted { TK_WANT_NOTIFICATION, TK_WANT_OBJECT, TK_WANT_ANY };

/**
 * @brief Resolve a name or a dotted OID to an OID.
 * @param ret_object  may be NULL; set to the dictionary's object, or to NULL if it has none
 * @retval false an error was added
 * @locality any  @locks none
 */
bool tk_rules_resolve(struct tk_rules_compiler *c, const char *text, enum tk_rules_wanted wanted,
                      struct tk_oid *ret_oid, const struct tk_dict_object **ret_object);
/** @brief Add an error for each faulty member of "names". @locality any @locks none */
void tk_rules_check_names(struct tk_rules_compiler *c);
/** @brief Keep the sound members of "names" that name notifications, for tk_rules_name(). Comes after the rules, which say
 *  what is the name of an object. @locality any @locks none */
void tk_rules_keep_names(struct tk_rules_compiler *c);
/** @brief Find the string number of a module that has notifications. @returns 0 if there is none, or if out of memory
 *  @locality any @locks none */
uint32_t tk_rules_find_module(struct tk_rules_compiler *c, const char *name, size_t len);

/* --- rules_number.c -------------------------------------------------------------------------------------------- */

/** An integer from -2^63 to 2^64-1. */
struct tk_rule_number {
    bool is_negative;
    uint64_t bits; /* two's complement if negative */
};

/**
 * @brief Mark the integers of a JSON text that jansson can't read, so that tk_rules_number() finds them in its values.
 *        Lines stay the same.
 * @returns the text, caller's to free; NULL if out of memory
 * @locality any  @locks none
 */
char *tk_rules_mark_big_numbers(const char *json, size_t len, size_t *ret_len);
/** @brief The digits of a marked integer; NULL if @p value is none. @locality any @locks none */
const char *tk_rules_big_number(const json_t *value);
/** @brief Read an integer. @returns false: @p value is none, or out of range @locality any @locks none */
bool tk_rules_number(const json_t *value, struct tk_rule_number *ret_number);
/** @brief Compare: is @p a less than @p b? @locality any @locks none */
static inline bool tk_rules_is_less(struct tk_rule_number a, struct tk_rule_number b)
{
    return a.is_negative != b.is_negative ? a.is_negative : a.bits < b.bits;
}
/** @brief The value that integers from @p low to @p high match. @locality any @locks none */
struct tk_rule_value tk_rules_range(struct tk_rule_number low, struct tk_rule_number high);
/** @brief Is the varbind an integer in this range? @locality worker @locks none */
bool tk_rules_in_range(const struct tk_rule_value *range, const struct tk_varbind *vb);

/* --- rules_condition.c ------------------------------------------------------------------------------------------ */

/** @brief Compile one element of "varbinds" and append it. @retval false an error was added @locality any @locks none */
bool tk_rules_parse_test(struct tk_rules_compiler *c, json_t *test);
/** @brief Does the test hold? @locality worker @locks none */
bool tk_rules_test_holds(const struct tk_rules *r, const struct tk_rule_test *test, const struct tk_event *ev);
/** @brief Does the text match a glob of '*' and '?', byte by byte? @locality any @locks none */
bool tk_rules_glob(const char *glob, size_t glob_len, const char *text, size_t len);

/* --- rules_template.c -------------------------------------------------------------------------------------------- */

/** @brief Compile a template and append its parts. @retval false an error was added @locality any @locks none */
bool tk_rules_parse_key(struct tk_rules_compiler *c, const char *text, size_t len);
/** @brief Make the alarm key from the template. @returns absent if out of memory @locality worker @locks none */
struct tk_text tk_rules_key(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_event *ev);
/**
 * @brief The plain text of an integer, an address or an OID.
 * @param dst  at least TK_OID_MAX_TEXT bytes
 * @returns its length, or -1: the value has no such text (octets, NULL, ...)
 * @locality any  @locks none
 */
int tk_rules_plain_text(const struct tk_varbind *vb, char *dst, size_t dst_bytes);

/** @brief The first varbind at or after @p from whose OID is @p oid or below it; varbind_count if there is none.
 *  @locality worker @locks none */
static inline size_t tk_rules_find_varbind(const struct tk_rules *r, struct tk_rule_span oid, const struct tk_event *ev,
                                           size_t from)
{
    const uint32_t *subid = (const uint32_t *)r->subids.items + oid.at;

    TK_ASSERT(oid.len > 0 && oid.at + oid.len <= r->subids.count);
    for (; from < ev->varbind_count; from++) {
        const struct tk_event_varbind *vb = ev->varbinds + from;

        if (vb->subids >= oid.len && vb->subid[oid.len - 1] == subid[oid.len - 1] &&
            memcmp(vb->subid, subid, oid.len * sizeof(*subid)) == 0)
            break;
    }
    return from;
}

#endif /* TK_RULES_INTERNAL_H */
