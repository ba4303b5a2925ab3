/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_internal.h
 * @brief The compiled form of rules, and the compiler's state, for the files of this room.
 *
 * Order: rules_load.c (files, tiers) -> rules_json.c (file, errors), rules_text.c (lines, faulty JSON) ->
 * rules_compile.c (rules) -> rules_pattern.c (which notifications), rules_sender.c (which devices), rules_condition.c
 * (tests of varbinds) with rules_number.c (integers) and rules_regex.c, rules_outcome.c (what a rule says) with
 * rules_choice.c (by the value of an object) and rules_template.c (texts); rules_names.c (names to OIDs),
 * rules_store.c (where all of it is kept) -> rules_index.c (index), rules.c (match), rules_key.c (keys),
 * rules_describe.c (texts for people).
 *
 * Owner: the compiler's thread while compiling; afterwards struct tk_rules is read only, but for the scratch memory of
 *        regular expressions, which belongs to the one thread that matches.
 */
#ifndef TK_RULES_INTERNAL_H
#define TK_RULES_INTERNAL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>

#include "base/devel.h"
#include "base/vector.h"
#include "snmp/oid.h"
#include "rules/rules_load.h"

#define TK_RULES_MAX       100000
#define TK_RULES_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define TK_RULES_MAX_NAME  128
#define TK_RULES_MAX_SET   64   /* bytes of "vendor:NAME/" */
#define TK_RULES_MAX_TEXT  128  /* bytes of one value in a key; a longer value is replaced by its hash */
#define TK_RULES_MAX_MATCH 4096 /* octets of a value that are matched: bounds the time for what an attacker chose */

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

/** One file being compiled. */
struct tk_rules_compiler {
    struct tk_rules *r;
    const struct tk_dict *dict; /* resolves the names of the file */
    struct tk_err_list *errors;
    const char *file, *set; /* set: "operator:", "vendor:cisco/" */
    enum tk_rules_tier tier;
    const char *json;
    size_t json_len;
    json_t *names, *seen;             /* seen: rule name -> its number */
    json_t *objects;                  /* those of `names` that rules use for objects of varbinds */
    size_t number;                    /* of the rule, from 0 */
    char rule[TK_RULES_MAX_NAME + 1]; /* its name; "" until it is known */
    struct tk_vector places;          /* uint32_t: where each rule stands, if the file is not valid JSON */
    uint32_t *modules;                /* string numbers of modules that have notifications; built at the first use */
    size_t module_count;
    size_t faulty; /* rules that were left out */
    bool is_out_of_memory;
};

/** The names of ItuAlarmEventType that rules may have; NULL ends the list. */
extern const char *const tk_rules_event_types[];

/* --- rules_store.c ---------------------------------------------------------------------------------------------- */

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

/* --- rules_index.c ---------------------------------------------------------------------------------------------- */

/** The rest of a list of candidate rules, in the order of the rules. */
struct tk_rules_cursor {
    const struct tk_rule_pattern *at, *end;
};

/** How many lists a notification can have: exact, module, and subtrees of each length from 0, of the OID as received
 *  and of the one by which it is known. */
#define TK_RULES_MAX_LISTS (2 * (TK_OID_MAX_SUBIDS + 1) + 2)

/** @brief Add a pattern of the current rule, or of the current name. @retval false out of memory, and said so
 *  @locality any @locks none */
bool tk_rules_add_pattern(struct tk_rules_compiler *c, enum tk_rule_pattern_kind kind, uint32_t number,
                          const uint32_t *subid, size_t len);
/** @brief Add the pattern of a module to the current rule. @retval false out of memory, and said so
 *  @locality any @locks none */
bool tk_rules_add_module(struct tk_rules_compiler *c, const char *module, size_t len);
/** @brief Sort the patterns and make the index. @retval false out of memory @locality any @locks none */
bool tk_rules_build_index(struct tk_rules *r);
/** @brief The lists of candidates for an event. @returns how many @locality worker @locks none */
size_t tk_rules_find_lists(const struct tk_rules *r, const struct tk_event *ev, struct tk_rules_cursor *ret_lists);
/** @brief Find the list of one OID. @locality worker @locks none */
bool tk_rules_find_list(const struct tk_rules *r, enum tk_rule_pattern_kind kind, const uint32_t *subid, size_t len,
                        struct tk_rules_cursor *ret_list);

/* --- rules_json.c ---------------------------------------------------------------------------------------------- */

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
 * @returns an object with "rules", and "names" if they could be loaded; NULL if the text has no list of rules, or if
 *          out of memory
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
/** @brief Keep the sound members of "names" that name notifications, for tk_rules_name(). Comes after the rules,
 *  which say what is the name of an object. @locality any @locks none */
void tk_rules_keep_names(struct tk_rules_compiler *c);
/** @brief Does the dictionary have notifications of this module? @returns false too if out of memory, and said so
 *  @locality any @locks none */
bool tk_rules_is_module(struct tk_rules_compiler *c, const char *name, size_t len);

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
struct tk_rule_range tk_rules_range(struct tk_rule_number low, struct tk_rule_number high);
/** @brief Is the varbind an integer in this range? @locality worker @locks none */
bool tk_rules_in_range(const struct tk_rule_range *range, const struct tk_varbind *vb);

/* --- rules_pattern.c -------------------------------------------------------------------------------------------- */

/** @brief Compile "trap". @retval false an error was added @locality any @locks none */
bool tk_rules_parse_trap(struct tk_rules_compiler *c, json_t *trap);
/** @brief Call @p parse for a value, or for each item of a list. @retval false an error was added @locality any
 *  @locks none */
bool tk_rules_each(struct tk_rules_compiler *c, const char *member, json_t *value,
                   bool (*parse)(struct tk_rules_compiler *, json_t *));

/* --- rules_sender.c --------------------------------------------------------------------------------------------- */

/** @brief Compile "device", "source" and "security_name". @retval false an error was added @locality any @locks none */
bool tk_rules_parse_senders(struct tk_rules_compiler *c, json_t *match);
/** @brief Does the event come from where the rule says? @locality worker @locks none */
bool tk_rules_sender_holds(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_event *ev);

/* --- rules_condition.c ------------------------------------------------------------------------------------------ */

/** @brief Compile one element of "varbinds" and append it. @retval false an error was added @locality any @locks none
 *  */
bool tk_rules_parse_test(struct tk_rules_compiler *c, json_t *test);
/** @brief Does the test hold? @locality worker @locks none */
bool tk_rules_test_holds(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_rule_test *test,
                         struct tk_event *ev);
/** @brief Does the text match a glob of '*' and '?', byte by byte? @locality any @locks none */
bool tk_rules_glob(const char *glob, size_t glob_len, const char *text, size_t len);
/** @brief The value of a label of the object's enumeration. @param member, shown, others  of the rule, the object,
 *  and what else may stand there ("a number, or "), for errors
 *  @retval false there is no such label: an error was added @locality any @locks none */
bool tk_rules_find_label(struct tk_rules_compiler *c, const struct tk_dict_object *o, const char *member,
                         const char *shown, const char *label, const char *others, int64_t *ret_value);

/* --- rules_regex.c ---------------------------------------------------------------------------------------------- */

/** @brief Compile a regular expression. @param ret_number  by which it is known
 *  @retval false an error was added @locality any @locks none */
bool tk_rules_add_regex(struct tk_rules_compiler *c, const char *member, json_t *pattern, uint32_t *ret_number);
/** @brief Take back those from number @p first. @locality any @locks none */
void tk_rules_forget_regexes(struct tk_rules *r, uint32_t first);
/** @brief Free all of them. @locality any @locks none */
void tk_rules_free_regexes(struct tk_rules *r);
/** @brief Does it match somewhere in the text? A text that takes too long does not match, and is noted in the event.
 *  @locality worker @locks none */
bool tk_rules_regex_matches(const struct tk_rules *r, const struct tk_rule *rule, uint32_t number, struct tk_event *ev,
                            const char *text, size_t len);

/* --- rules_outcome.c -------------------------------------------------------------------------------------------- */

/** @brief Compile what the rule says: all members but name and match. @retval false an error was added
 *  @locality any @locks none */
bool tk_rules_parse_outcome(struct tk_rules_compiler *c, json_t *json, struct tk_rule *rule);
/** @brief Can the rule make an alarm, or an event, disappear? @locality any @locks none */
bool tk_rules_can_clear(const struct tk_rules *r, const struct tk_rule *rule);

/* --- rules_choice.c --------------------------------------------------------------------------------------------- */

/**
 * @brief Compile "severity_from" or "state_from".
 * @param results      what a value may mean: names in the order of their numbers from @p first; NULL ends the list
 * @param ret_choice   its number, from 1
 * @param ret_results  which results are possible: bit N for number N
 * @retval false       an error was added
 * @locality any  @locks none
 */
bool tk_rules_parse_choice(struct tk_rules_compiler *c, const char *member, json_t *json, const char *const *results,
                           unsigned first, uint32_t *ret_choice, unsigned *ret_results);
/** @brief Choose by the value in the event. @returns the result, or -1: no such varbind, or its value is not in the map
 *  @locality worker @locks none */
int tk_rules_choose(const struct tk_rules *r, uint32_t choice, const struct tk_event *ev);

/* --- rules_template.c -------------------------------------------------------------------------------------------- */

/** @brief Compile a template. @param is_for_people  {OBJECT} is what a person reads, and there may be more references
 *  @retval false an error was added @locality any @locks none */
bool tk_rules_parse_template(struct tk_rules_compiler *c, const char *member, json_t *text, bool is_for_people,
                             struct tk_rule_span *ret_parts);

/* --- rules_describe.c ------------------------------------------------------------------------------------------- */

/** @brief Make the texts of a rule. @returns false: out of memory @locality worker @locks none */
bool tk_rules_make_texts(const struct tk_rules *r, const struct tk_rule *rule, struct tk_event *ev);

/* --- rules_key.c ------------------------------------------------------------------------------------------------ */

/** @brief Make an alarm key from a template. @returns absent if out of memory @locality worker @locks none */
struct tk_text tk_rules_key(const struct tk_rules *r, struct tk_rule_span parts, const struct tk_event *ev);
/** @brief Is there no value that could be shown? @locality worker @locks none */
bool tk_rules_is_missing(const struct tk_event_varbind *vb);
/**
 * @brief Find the object in the index of a varbind.
 * @param values  TK_DICT_MAX_INDEXES; of the whole instance
 * @returns which of the values it is, or -1
 * @locality worker  @locks none
 */
int tk_rules_find_index(const struct tk_rules *r, uint32_t object, const struct tk_event *ev,
                        struct tk_dict_value *values);
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
