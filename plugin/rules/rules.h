/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules.h
 * @brief Severity rules: which notification, with which varbinds, means what.
 *
 * Rules come as JSON (one format for ours and the operator's) and are compiled against a dictionary: names become
 * OIDs, so that a trap finds its candidates by a few hash look-ups. The first rule that matches wins, in the order
 * of the
 * file; all of the operator's stand before the built-in ones.
 *
 * Owner:  whoever holds the bundle that they are part of; immutable once compiled. The compiler runs on the loader
 *         thread, tk_rules_match() on the worker.
 * Memory: a file is at most 16 MiB and 100,000 rules; compiled, a rule takes about 300 bytes. A match allocates
 *         nothing but the key's text, at most TK_RULES_KEY_MAX bytes of the event's arena.
 *
 * The format:
 *
 *   { "comment": TEXT, "names": {NAME: OID, ...},
 *     "rules": [ { "name": TEXT, "comment": TEXT,
 *                  "match": { "trap": PATTERN | [PATTERN, ...], "device": GLOB | [GLOB, ...],
 *                             "varbinds": [ {"object": OBJECT, TEST: ...}, ... ] },
 *                  "severity": SEVERITY, "state": "raise" | "clear" | "none", "key": TEMPLATE }, ... ] }
 *
 * - Only `rules`, and in a rule `name`, `match`, `trap` and `severity` (unless the state is "clear": then it is
 *   "cleared"), must be there. A member that isn't listed here is an error. Comments are ignored.
 * - `names` gives OIDs names of your own, "MODULE::name" or "name". They go before the dictionary's, in this file
 * only.
 * - `name`: 1 to 64 letters, digits, '.', '_', '/', '-'; unique in the file. An event says "operator:NAME" or
 *   "standard:NAME" in severity_rule, and "default" (indeterminate, no alarm) where no rule matched.
 * - PATTERN: "IF-MIB::linkDown", "linkDown" (if only one module has it), "1.3.6.1.6.3.1.1.5.3"; everything at or
 * below
 *   a point: "1.3.6.1.4.1.9.*", "IF-MIB::ifMIB.*"; all notifications of a module: "OSPF-TRAP-MIB::*"; or "*".
 *   A name or OID without a 0 before its last arc also stands for the OID with it, which is what SNMPv1 makes of such
 *   a notification (RFC 3584, 3.1). Several patterns: one of them has to match.
 * - `device`: GLOBs ('*', '?') over the device that the event will name; one of them has to match.
 * - `varbinds`: all have to hold. OBJECT is a name or an OID; a varbind belongs to it if its OID is that one or
 * below.
 *   A test holds if any varbind of the object passes:
 *     "equals": VALUE | "in": [VALUE, ...]   number; label of an enumeration; text; OID; IP address - as the object
 *     asks "min": NUMBER, "max": NUMBER           either or both, inclusive
 *     "matches": GLOB | [GLOB, ...]          over the plain text of the value (see below), of octets as they are, the
 *                                            first 4096; case matters
 *     "has": BIT | [BIT, ...]                one of these bits is set: BITS, by label or number
 *     "present": true | false                such a varbind is there, or none is
 * - SEVERITY: "critical", "major", "minor", "warning", "indeterminate", "cleared" (X.733).
 * - `state` and `key` come together: the alarm with this key is raised or cleared. "none" (or no state) has no key.
 * - TEMPLATE: text with references in braces; "{{" and "}}" are braces:
 *     {device}       the device that `identify` found
 *     {trap}         the notification's name, or its OID if it is unknown
 *     {OBJECT}       the value of the first varbind of the object; if there is none, the object's value as an index
 *     of
 *                    any varbind: {ifIndex} works with an ifIndex varbind as well as with ifDescr.7 alone; an index
 *                    that is an InterfaceIndex counts as ifIndex
 *     {OBJECT.index} what follows the object's OID in the first varbind of the object: "7", "192.0.2.1.0"
 *     {OBJECT.parent} an OID value without its last arc
 *   Plain text of a value: integers decimal (never the label), IpAddress (and octets of a textual convention
 *   InetAddress...) as an address, OIDs dotted, octets as they are if they are printable UTF-8, else hex. A value
 *   over 128 characters becomes '#' and 16 hex digits of its hash. What isn't there is "-", and so is a community
 *   string:
 *   raise and clear have to refer to what both notifications carry.
 */
#ifndef TK_RULES_H
#define TK_RULES_H

#include "base/err.h"
#include "dictionary/dictionary.h"
#include "event/event.h"

#define TK_RULES_KEY_MAX 4096 /* bytes; what a template may refer to is bounded so that no key gets there */

struct tk_rules;

/**
 * @brief Compile the operator's rules, if any, and the built-in ones.
 * @param path  the operator's file, or NULL
 * @param dict  resolves names; must outlive the rules. Events that are matched must be resolved by the same
 * dictionary
 * @returns NULL with @p err set (file, line, rule, value, reason, what to write instead)
 * @locality loader  @locks none
 */
struct tk_rules *tk_rules_load(const char *path, const struct tk_dict *dict, struct tk_err *err);

/** @brief The same from memory, as operator's rules without the built-in ones; @p name stands for the file in errors.
 *  @locality any @locks none */
struct tk_rules *tk_rules_parse(const char *json, size_t len, const char *name, const struct tk_dict *dict,
                                struct tk_err *err);

/** @brief NULL is a no-op. @locality any @locks none */
void tk_rules_free(struct tk_rules *r);

/** @brief Rules compiled, built-in ones included. @locality any @locks none */
size_t tk_rules_count(const struct tk_rules *r);

/**
 * @brief Find the first rule that matches and fill ev->severity, alarm_state, severity_rule and alarm_key.
 *        Leaves the event alone when none does. An alarm_state with an absent alarm_key: out of memory.
 * @returns whether a rule matched
 * @locality worker  @locks none
 */
bool tk_rules_match(const struct tk_rules *r, struct tk_event *ev);

#endif /* TK_RULES_H */
