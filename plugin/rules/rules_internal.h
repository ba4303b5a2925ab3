/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules_internal.h
 * @brief The compiler's state, and what the files of this room share.
 *
 * Order: rules_load.c (files, tiers) -> rules_json.c (file, errors), rules_text.c (lines, faulty JSON) ->
 * rules_compile.c (rules) -> rules_pattern.c (which notifications), rules_sender.c (which devices), rules_condition.c
 * (tests of varbinds) with rules_number.c (integers) and rules_regex.c, rules_outcome.c (what a rule says) with
 * rules_choice.c (by the value of an object) and rules_template.c (texts); rules_names.c (names to OIDs),
 * rules_store.c (where all of it is kept) -> rules_index.c (index), rules.c (match), rules_key.c (keys),
 * rules_describe.c (texts for people), rules_trace.c (why a rule decided).
 *
 * Owner: the compiler's thread while compiling; rules_store.h says who owns what is compiled.
 */
#ifndef TK_RULES_INTERNAL_H
#define TK_RULES_INTERNAL_H

#include <jansson.h>

#include "base/devel.h"
#include "dictionary/instance.h"
#include "rules/rules_load.h"
#include "rules/rules_store.h"

#define TK_RULES_MAX       100000
#define TK_RULES_MAX_BYTES ((size_t)16 * 1024 * 1024)
#define TK_RULES_MAX_NAME  128
#define TK_RULES_MAX_SET   64   /* bytes of "vendor:NAME/" */
#define TK_RULES_MAX_TEXT  128  /* bytes of one value in a key; a longer value is replaced by its hash */
#define TK_RULES_MAX_MATCH 4096 /* octets of a value that are matched: bounds the time for what an attacker chose */
#define TK_RULES_MAX_REGEX 1024 /* of them, those that a regular expression sees */
#define TK_RULES_MAX_STEPS (1024 * 1024) /* of all regular expressions of one notification; see rules_regex.c */

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
/** @brief Find the list of the OID by which rules know the notification, also if the dictionary has lost the file that
 *  knew it: then by the forms of the OID as received, in the dictionary's order. @locality worker @locks none */
bool tk_rules_find_known(const struct tk_rules *r, enum tk_rule_pattern_kind kind, const struct tk_event *ev,
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
/** @brief Does the event come from where the rule says? @param ret_wanted  the kinds that the rule has, bit N for kind N
 *  of enum tk_rule_sender_kind @returns those of them that hold @locality worker @locks none */
unsigned tk_rules_sender_kinds(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_event *ev,
                               unsigned *ret_wanted);

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
/** @brief Does it match somewhere in the first TK_RULES_MAX_REGEX bytes of the text? A text that takes too long does not
 *  match, and is noted in the event; so is one for which ev->regex_steps leaves no steps.
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

/* --- rules_trace.c ---------------------------------------------------------------------------------------------- */

struct tk_rules_trace;
struct tk_rules_chosen;

/** @brief Empty the trace. @locality worker @locks none */
void tk_rules_trace_begin(struct tk_rules_trace *t);
/** @brief Note a rule whose senders do not hold. @param p  by which it was asked @param wanted, found  kinds of senders
 *  @locality worker @locks none */
void tk_rules_trace_sender(struct tk_rules_trace *t, const struct tk_rule_pattern *p, unsigned wanted, unsigned found);
/** @brief Note a rule whose test number @p test does not hold; those before it do. @locality worker @locks none */
void tk_rules_trace_test(struct tk_rules_trace *t, const struct tk_rules *r, const struct tk_rule_pattern *p,
                         uint32_t test, const struct tk_event *ev);
/** @brief Note the rule that matched. @param lists  the @p n lists of candidates, as far as they were asked; used up
 *  @locality worker @locks none */
void tk_rules_trace_decided(struct tk_rules_trace *t, struct tk_rules_cursor *lists, size_t n,
                            const struct tk_rule_pattern *p);
/** @brief Note what "severity_from" or "state_from" chose. @param choice  0: the rule has none
 *  @locality worker @locks none */
void tk_rules_trace_choice(struct tk_rules_chosen *chosen, const struct tk_rules *r, uint32_t choice, int result,
                           const struct tk_event *ev);

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

#endif /* TK_RULES_INTERNAL_H */
