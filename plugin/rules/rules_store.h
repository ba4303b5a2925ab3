/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_store.h
 * @brief The compiled form of rules: vectors of items, in which rules have runs. Equal runs are kept once.
 *
 * Owner: the compiler's thread while compiling; afterwards struct tk_rules is read only, but for the scratch memory of
 *        regular expressions, which belongs to the one thread that matches.
 */
#ifndef TK_RULES_STORE_H
#define TK_RULES_STORE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/devel.h"
#include "base/vector.h"
#include "rules/rules_load.h"
#include "snmp/oid.h"

struct tk_rules_compiler; /* rules_internal.h */

/** A run of items of one of the vectors in struct tk_rules, such as subids or bytes. Equal runs are kept once. The
 *  items have no padding, because runs are compared as bytes. */
struct tk_rule_span {
    uint32_t at, len;
};

enum tk_rule_value_kind {
    TK_VALUE_RANGE,  /* integers */
    TK_VALUE_OCTETS, /* exactly these bytes */
    TK_VALUE_ADDRESS,
    TK_VALUE_OID, /* BER */
    TK_VALUE_GLOB,
    TK_VALUE_REGEX,
    TK_VALUE_BIT,
};

/** One range of integers, as each kind of varbind can have them; empty where the minimum is above the maximum. */
struct tk_rule_range {
    int64_t min, max;    /* for signed types */
    uint64_t umin, umax; /* for unsigned types */
};

struct tk_rule_value {
    uint32_t kind;   /* enum tk_rule_value_kind */
    uint32_t number; /* of the bit, or of the regular expression */
    union {
        struct tk_rule_range range;
        struct tk_rule_span bytes;
    };
};

/** A test of varbinds: a varbind must match one of the values. Without values, it tests if there is a varbind. */
struct tk_rule_test {
    struct tk_rule_span oid, values;
    uint32_t wants_absent;
};

/** Where a notification comes from. Of the items of each kind that a rule has, one must hold. */
enum tk_rule_sender_kind { TK_SENDER_DEVICE, TK_SENDER_SOURCE, TK_SENDER_SECURITY_NAME };

struct tk_rule_sender {
    uint32_t kind;             /* enum tk_rule_sender_kind */
    uint32_t bits;             /* of a source: the length of the prefix */
    struct tk_rule_span bytes; /* glob, address of 4 or 16 bytes, or name */
};

enum tk_rule_part_kind {
    TK_PART_LITERAL,
    TK_PART_DEVICE,
    TK_PART_TRAP,
    TK_PART_TEXT,  /* of an object's value, for people */
    TK_PART_VALUE, /* plain text of an object's value */
    TK_PART_INSTANCE,
    TK_PART_PARENT,
};

struct tk_rule_part {
    uint32_t kind;             /* enum tk_rule_part_kind */
    uint32_t object;           /* its number */
    struct tk_rule_span bytes; /* literal */
};

/** An object that templates refer to. */
struct tk_rule_object {
    struct tk_rule_span oid;
    uint32_t is_ifindex;
};

/** What the dictionary calls such an object: an index of a row refers to it. */
struct tk_rule_known {
    const struct tk_dict_object *object; /* NULL: the dictionary does not know it */
};

/** A member of "set". */
struct tk_rule_field {
    struct tk_rule_span name, value; /* bytes, parts */
};

enum tk_rule_option_kind { TK_OPTION_NUMBER, TK_OPTION_OID, TK_OPTION_TEXT };

/** One value of the object that decides, and what it means. */
struct tk_rule_option {
    int64_t number;
    struct tk_rule_span bytes; /* BER, or text */
    uint32_t kind;             /* enum tk_rule_option_kind */
    uint32_t result;           /* enum tk_severity or enum tk_alarm_state */
};

/** "severity_from" or "state_from". */
struct tk_rule_choice {
    struct tk_rule_span oid, options;
};

/** What few rules have. */
struct tk_rule_more {
    struct tk_rule_span clears, fields;
    uint32_t severity_from, state_from; /* numbers of choices, from 1; 0: none */
    uint32_t topic;                     /* from 1; 0: none */
    uint32_t is_dropped;
    uint32_t is_state_by_severity; /* the state follows from the severity that the choice gave */
};

struct tk_rule {
    struct tk_rule_span label; /* "operator:NAME" */
    struct tk_rule_span senders, tests, key, summary;
    uint32_t type;      /* number of a word, from 1; 0: none */
    uint32_t more;      /* number, from 1; 0: none */
    uint8_t severity;   /* enum tk_severity */
    uint8_t state;      /* enum tk_alarm_state */
    uint8_t event_type; /* number in tk_rules_event_types, from 1; 0: none */
    uint8_t tier;       /* enum tk_rules_tier */
};

/** The last two find names of "names": by the OID that stands there, and by the one that all its forms have. */
enum tk_rule_pattern_kind {
    TK_PATTERN_EXACT,
    TK_PATTERN_SUBTREE,
    TK_PATTERN_MODULE,
    TK_PATTERN_NAME,
    TK_PATTERN_NAME_OF_FORM,
};

/** The key is an OID, or the name of a module. The OIDs of a module's notifications differ in the last sub-identifier
 *  only; the others are kept once. */
struct tk_rule_pattern {
    uint32_t rule; /* of a name: its number in `names` */
    uint32_t at;   /* of the sub-identifiers before the last one, or of the module's bytes */
    uint32_t last;
    uint8_t len; /* of the whole key */
    uint8_t kind;
    uint16_t padding;
};

/** A name of the operator's "names"; both are runs of bytes. */
struct tk_rule_name {
    struct tk_rule_span module, name; /* module: empty if it stands there without one */
};

/** A slot of the index: the rules that have this pattern, in their order. */
struct tk_rule_slot {
    uint32_t hash;
    uint32_t first, count; /* of the sorted patterns; count 0: an empty slot */
};

/** Where a run of items is kept, while rules are compiled. */
struct tk_rule_run {
    uint32_t hash, at, len;
    uint32_t vector; /* where it stands in struct tk_rules; 0: an empty slot */
};

/** Regular expressions, and what matching them needs. */
struct tk_rule_regexes {
    struct tk_vector codes; /* pcre2_code * */
    pcre2_match_context *context;
    pcre2_match_data *found;
    pcre2_jit_stack *stack;
};

struct tk_rules {
    const struct tk_dict *dict;
    struct tk_vector rules, patterns, tests, values, parts, senders, clears, fields, options, choices, more;
    struct tk_vector objects, known; /* struct tk_rule_object, tk_rule_known: the same numbers */
    struct tk_vector words, topics;  /* struct tk_rule_span of bytes */
    struct tk_vector names;          /* struct tk_rule_name */
    struct tk_vector subids, bytes;
    struct tk_rule_regexes regexes;
    struct tk_rule_slot *slots;
    uint32_t slot_mask;
    uint8_t subtree_lens[TK_OID_MAX_SUBIDS + 1]; /* the lengths that subtree patterns have, ascending */
    unsigned subtree_len_count;
    bool has_modules;
    uint32_t withheld; /* of the rules: not in force, because they clear alarms and their file has errors */
    uint32_t counts[TK_RULES_TIERS];
    struct tk_rule_run *runs; /* while compiling */
    uint32_t run_count, run_mask;
};

/** @brief Make empty rules. @returns NULL if out of memory @locality any @locks none */
struct tk_rules *tk_rules_new(const struct tk_dict *dict);
/** @brief Free what the rules have. @locality any @locks none */
void tk_rules_done(struct tk_rules *r);
/** @brief What tk_rules_bytes() returns. @locality any @locks none */
size_t tk_rules_kept_bytes(const struct tk_rules *r);
/** @brief Keep @p n items as a run: an equal one that is there, or a new one. @retval false out of memory, and said so
 *  @locality any @locks none */
bool tk_rules_keep(struct tk_rules_compiler *c, struct tk_vector *v, const void *items, size_t n, size_t item_bytes,
                   struct tk_rule_span *ret_span);
/** @brief The items from @p first to the end of the vector are a run: if an equal one is there, take that and remove
 *  these.
 *  @retval false out of memory, and said so @locality any @locks none */
bool tk_rules_share(struct tk_rules_compiler *c, struct tk_vector *v, uint32_t first, size_t item_bytes,
                    struct tk_rule_span *ret_span);
/** @brief The number, from 1, of a word or topic; it is added if it is new. @returns 0: out of memory, and said so
 *  @locality any @locks none */
uint32_t tk_rules_word(struct tk_rules_compiler *c, struct tk_vector *words, const char *text, size_t len);
/** @brief The number of an object that templates refer to; it is added if it is new. @retval false out of memory, and
 *  said so
 *  @locality any @locks none */
bool tk_rules_object(struct tk_rules_compiler *c, const struct tk_oid *oid, uint32_t *ret_number);
#define TK_RULES_VECTORS 18
/** How far the vectors are filled. */
struct tk_rules_mark {
    uint32_t counts[TK_RULES_VECTORS];
};
/** @brief Remember how far the vectors are filled. @locality any @locks none */
struct tk_rules_mark tk_rules_mark(const struct tk_rules *r);
/** @brief Take back what was added since then. @locality any @locks none */
void tk_rules_back_to(struct tk_rules *r, const struct tk_rules_mark *mark);
/** @brief Nothing will be added: give spare memory back. After that no run can be kept. @locality any @locks none */
void tk_rules_trim(struct tk_rules *r);

/** @brief The bytes of a run; absent if it is empty. @locality any @locks none */
static inline struct tk_text tk_rules_text(const struct tk_rules *r, struct tk_rule_span bytes)
{
    return (struct tk_text){bytes.len ? (const char *)r->bytes.items + bytes.at : NULL, bytes.len};
}

/** @brief The text of a word, from 1; absent if the number is 0. @locality any @locks none */
static inline struct tk_text tk_rules_word_text(const struct tk_rules *r, const struct tk_vector *words,
                                                uint32_t number)
{
    return number ? tk_rules_text(r, ((const struct tk_rule_span *)words->items)[number - 1])
                  : (struct tk_text){NULL, 0};
}

/** @brief What few rules have; NULL if this one has nothing of it. @locality any @locks none */
static inline const struct tk_rule_more *tk_rules_more(const struct tk_rules *r, const struct tk_rule *rule)
{
    return rule->more ? (const struct tk_rule_more *)r->more.items + (rule->more - 1) : NULL;
}

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

#endif /* TK_RULES_STORE_H */
