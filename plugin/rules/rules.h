/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules.h
 * @brief Severity rules: set severity, alarm state and alarm key of a notification by its OID, device and varbinds.
 *
 * Rules are JSON, ours and the operator's in one format. They are compiled against a dictionary: names become OIDs,
 * so that a trap finds its candidate rules by a few hash look-ups. The first rule that matches wins, in the order of
 * the file; all of the operator's rules come before the built-in ones.
 *
 * Owner:  whoever holds the bundle that they are part of; immutable once compiled. The compiler runs on the loader
 *         thread, tk_rules_match() on the worker.
 * Memory: a file has at most 16 MiB and 100,000 rules; a compiled rule takes about 300 bytes. A match allocates only
 *         the key's text, at most TK_RULES_KEY_MAX bytes of the event's arena.
 *
 * The format:
 *
 *   { "comment": TEXT, "names": {NAME: OID, ...},
 *     "rules": [ { "name": TEXT, "comment": TEXT,
 *                  "match": { "trap": PATTERN | [PATTERN, ...], "device": GLOB | [GLOB, ...],
 *                             "varbinds": [ {"object": OBJECT, TEST: ...}, ... ] },
 *                  "severity": SEVERITY, "state": "raise" | "clear" | "none", "key": TEMPLATE }, ... ] }
 *
 * - Required are `rules`, and in each rule `name`, `match`, `trap` and `severity` (optional if the state is "clear":
 *   then it is "cleared"). A member that is not listed here is an error. Comments are ignored.
 * - `names` defines names for OIDs, "MODULE::name" or "name", for this file. They are preferred to the dictionary's. A
 *   name that no rule uses for the object of a varbind names events too (trap.name; trap.mib is MODULE, or null).
 * - `name`: 1 to 64 letters, digits, '.', '_', '/', '-'; unique in the file. An event has "operator:NAME" or
 *   "standard:NAME" in severity_rule, and "default" (indeterminate, no alarm) if no rule matched.
 * - PATTERN is one of: a notification's name or OID ("IF-MIB::linkDown", "linkDown" if only one module has it,
 *   "1.3.6.1.6.3.1.1.5.3"); everything at or below an OID ("1.3.6.1.4.1.9.*", "IF-MIB::ifMIB.*"); all notifications
 *   of a module, of its MIB and of `names` ("OSPF-TRAP-MIB::*"); "*".
 *   A name or OID matches all forms of the notification's OID: with and without a 0 before the last sub-identifier
 *   (SNMPv1 has the 0: RFC 3584, 3.1), and with an appended 0; see dictionary/notification.h. Of several patterns, one
 *   must match.
 * - `device`: GLOBs ('*', '?') that are matched with the event's device; one of them must match.
 * - `varbinds`: all tests must hold. OBJECT is a name or an OID; it means all varbinds whose OID is that OID or below
 *   it. A test holds if one of these varbinds passes:
 *     "equals": VALUE | "in": [VALUE, ...]   number; label of an enumeration; text; OID; IP address: by the object's
 *                                            syntax
 *     "min": NUMBER, "max": NUMBER           either or both, inclusive; numbers are whole, from -2^63 to 2^64-1, and
 *                                            compared exactly, whatever the type of the varbind
 *     "matches": GLOB | [GLOB, ...]          matched with the plain text of the value (see below), and with the first
 *                                            4096 octets as they are; case matters
 *     "has": BIT | [BIT, ...]                one of these bits is set: BITS, by label or number
 *     "present": true | false                there is such a varbind, or there is none
 * - SEVERITY: "critical", "major", "minor", "warning", "indeterminate", "cleared" (X.733).
 * - `state` and `key`: the alarm with this key is raised or cleared. "raise" and "clear" require a key; "none" (or no
 *   state) must not have one.
 * - TEMPLATE: text with references in braces; "{{" and "}}" are braces:
 *     {device}        the device that `identify` found
 *     {trap}          the notification's name, or its OID if it is unknown
 *     {OBJECT}        the value of the first varbind of the object; if there is none, the object's value in the index
 *                     of any varbind: {ifIndex} works with an ifIndex varbind as well as with ifDescr.7 alone; an
 *                     index that is an InterfaceIndex counts as ifIndex
 *     {OBJECT.index}  the sub-identifiers after the object's OID in its first varbind: "7", "192.0.2.1.0"
 *     {OBJECT.parent} an OID value without its last sub-identifier
 *   The plain text of a value: integers are decimal (never the label); an IpAddress is an address; OIDs are dotted;
 *   octets are what the event has as their `text`: an address, by the DISPLAY-HINT, or text; if they have none, or
 *   more than one line, and for BITS: "0x" and hex. A value over 128 bytes becomes '#' and 16 hex digits of its hash.
 *   A missing value is "-", and so is a community string. The rules that raise and clear an alarm must therefore refer
 *   to varbinds that both notifications have.
 */
#ifndef TK_RULES_H
#define TK_RULES_H

#include "base/err_list.h"
#include "dictionary/dictionary.h"
#include "event/event.h"

#define TK_RULES_KEY_MAX    4096 /* bytes; templates and values have bounds, so no key is longer */
#define TK_RULES_MAX_CLEARS 8    /* further keys of a rule */
#define TK_RULES_MAX_FIELDS 16   /* members of a rule's "set" */
#define TK_RULES_MAX_TOPICS 64   /* distinct topics of all rules */

struct tk_rules;

/** What became of a file of rules. */
struct tk_rules_report {
    struct tk_err_list errors;   /* of the operator's file, in its order; each has file, line, value, reason, remedy */
    struct tk_err_list standard; /* of the built-in rules: a loaded MIB contradicts them */
    size_t rule_count;           /* of the operator's file, as far as they can be told apart; 0 if it can't be read */
    size_t in_force;             /* of these */
};

/**
 * @brief Compile what is sound of the operator's rules, if any, and the built-in ones.
 *
 * A rule with an error is left out. So is each rule that clears (state "clear" or severity "cleared"), if the operator's
 * file has any error: what is left of a file that its author did not mean must not make an alarm disappear. A fault of
 * JSON's syntax is an error of the rule that has it; an open quote or bracket also costs what follows it. If the file
 * can't be read or has no list of rules, only the built-in rules are there.
 * @param path    the operator's file, or NULL
 * @param dict    resolves names; must outlive the rules, and must be the dictionary that resolved the events
 * @param report  is set in every case
 * @returns NULL only if out of memory; @p report says so
 * @locality loader  @locks none
 */
struct tk_rules *tk_rules_load_sound(const char *path, const struct tk_dict *dict, struct tk_rules_report *report);

/** @brief Compile what is sound of operator's rules in memory, without the built-in ones. @param name  the file's name,
 *  for errors @locality any @locks none */
struct tk_rules *tk_rules_parse_sound(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                      struct tk_rules_report *report);

/** @brief As tk_rules_load_sound(), but all or nothing. @returns NULL with @p err set to the first error
 *  @locality loader @locks none */
struct tk_rules *tk_rules_load(const char *path, const struct tk_dict *dict, struct tk_err *err);

/** @brief As tk_rules_parse_sound(), but all or nothing. @locality any @locks none */
struct tk_rules *tk_rules_parse(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                struct tk_err *err);

/** @brief Free the rules. NULL is a no-op. @locality any @locks none */
void tk_rules_free(struct tk_rules *r);

/** @brief How many rules are in force, built-in ones included. @locality any @locks none */
size_t tk_rules_count(const struct tk_rules *r);

/**
 * @brief The name that the operator's "names" give to the event's notification; the first one, if there are several.
 * @param ev  with trap_oid and notification
 * @param ret_mib  absent if the name stands there without a module
 * @returns false: none; nothing is set
 * @locality worker  @locks none
 */
bool tk_rules_name(const struct tk_rules *r, const struct tk_event *ev, struct tk_text *ret_name,
                   struct tk_text *ret_mib);

/**
 * @brief Find the first rule that matches, and fill ev->severity, alarm_state, severity_rule and alarm_key.
 *        If no rule matches, the event is unchanged. If memory ran out, alarm_state is set and alarm_key is absent.
 * @returns whether a rule matched
 * @locality worker  @locks none
 */
bool tk_rules_match(const struct tk_rules *r, struct tk_event *ev);

#endif /* TK_RULES_H */
