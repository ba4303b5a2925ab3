/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rules.h
 * @brief Rules: what a notification means. By its OID, sender and varbinds they set severity, alarm and more.
 *
 * Rules are JSON, ours and the operator's in one format. They are compiled against a dictionary: names become OIDs,
 * so that a trap finds its candidate rules by a few hash look-ups. The first rule that matches wins, in the order of
 * the file; the operator's rules come first, then those of standards, of vendors, and derived ones (enum
 * tk_rules_tier).
 *
 * Owner:  whoever holds the bundle that they are part of; immutable once compiled, but for the scratch memory of
 *         regular expressions. The compiler runs on the loader thread, tk_rules_match() on the worker.
 * Memory: a file has at most 16 MiB and 100,000 rules; a compiled rule takes about 250 bytes, because equal parts are
 *         kept once. A match allocates only texts of the event's arena: keys, at most TK_RULES_KEY_MAX bytes each, and
 *         lists.
 * Time:   a match looks up each length that subtree patterns have, and asks the candidates. It does not depend on the
 *         number of rules.
 *
 * The format (conf/rules.schema.json has it as JSON Schema):
 *
 *   { "comment": TEXT, "names": {NAME: OID, ...},
 *     "rules": [ { "name": TEXT, "comment": TEXT,
 *                  "match": { "trap": PATTERN | [PATTERN, ...], "device": GLOB | [GLOB, ...],
 *                             "source": PREFIX | [PREFIX, ...], "security_name": TEXT | [TEXT, ...],
 *                             "varbinds": [ {"object": OBJECT, TEST: ...}, ... ] },
 *                  "severity": SEVERITY, "severity_from": {"object": OBJECT, "map": {LABEL: SEVERITY, ...}},
 *                  "state": STATE, "state_from": {"object": OBJECT, "map": {LABEL: STATE, ...}},
 *                  "key": TEMPLATE, "clears": TEMPLATE | [TEMPLATE, ...], "type": WORD, "event_type": EVENT_TYPE,
 *                  "summary": TEMPLATE, "set": {NAME: TEMPLATE, ...}, "topic": TOPIC, "drop": true }, ... ],
 *     "tests": [ ... ] }
 *
 * - Required are `rules`, and in each rule `name`, `match`, `trap` and `severity` (optional with the state "clear":
 *   then it is "cleared"; with `severity_from`: then it is "indeterminate"; and with `drop`). A member that is not
 *   listed here is an error. Comments are ignored, and so are `tests`, which `trapkafka rules test` runs.
 * - `names` defines names for OIDs, "MODULE::name" or "name", for this file. They are preferred to the dictionary's. A
 *   name that no rule uses for the object of a varbind names events too (trap.name; trap.mib is MODULE, or null).
 * - `name`: 1 to 128 letters, digits, '.', '_', '/', '-'; unique in the file. severity_rule of an event is
 *   "operator:NAME", "standard:NAME", "vendor:FILE/NAME" or "derived:FILE/NAME", and "default" (indeterminate, no
 *   alarm) if no rule matched.
 * - PATTERN is one of: a notification's name or OID ("IF-MIB::linkDown", "linkDown" if only one module has it,
 *   "1.3.6.1.6.3.1.1.5.3"); everything at or below an OID ("1.3.6.1.4.1.9.*", "IF-MIB::ifMIB.*"); all notifications
 *   of a module, of its MIB and of `names` ("OSPF-TRAP-MIB::*"); "*".
 *   A name or OID matches all forms of the notification's OID: with and without a 0 before the last sub-identifier
 *   (SNMPv1 has the 0: RFC 3584, 3.1), and with an appended 0; see dictionary/notification.h. Of several patterns, one
 *   must match.
 * - `device`: GLOBs ('*', '?') that are matched with the event's device; one of them must match.
 * - `source`: the peer's address (source.address) lies in one of these prefixes: "192.0.2.0/24", "2001:db8::/32", or is
 *   one of these addresses.
 * - `security_name`: the SNMPv3 user is one of these. SNMPv1 and v2c have none: they do not match.
 * - `varbinds`: all tests must hold. OBJECT is a name or an OID; it means all varbinds whose OID is that OID or below
 *   it. A test holds if one of these varbinds passes:
 *     "equals": VALUE | "in": [VALUE, ...]   number; label of an enumeration; text; OID; IP address: by the object's
 *                                            syntax
 *     "min": NUMBER, "max": NUMBER           either or both, inclusive; numbers are whole, from -2^63 to 2^64-1, and
 *                                            compared exactly, whatever the type of the varbind
 *     "matches": GLOB | [GLOB, ...]          matched with the plain text of the value (see below), and with the first
 *                                            4096 octets as they are; case matters
 *     "regex": REGEX | [REGEX, ...]          the same with regular expressions of PCRE2 (UTF-8), which match
 *                                            anywhere in the first 1024 octets of the text or of the value. The
 *                                            expressions of one notification share a number of steps. One that
 *                                            takes too many for a value, or finds none left, does not match it; that
 *                                            is counted (regex_given_up) and logged
 *     "has": BIT | [BIT, ...]                one of these bits is set: BITS, by label or number
 *     "present": true | false                there is such a varbind, or there is none
 * - SEVERITY: "critical", "major", "minor", "warning", "indeterminate", "cleared" (X.733).
 * - `state` (STATE: "raise", "clear", "none") and `key`: the alarm with this key is raised or cleared. A rule that
 *   can raise or clear requires a key; another one must not have one.
 * - `severity_from`, `state_from`: the value of the object's first varbind decides. LABEL is a label of its
 *   enumeration. If it has none: a name or OID, if the object's values are OIDs; else the exact text of the value.
 *   Without such a varbind, or with another value, `severity` and `state` hold (by default "indeterminate" and "none").
 *   A rule with severity_from and a key, but without state and state_from, raises with each severity that the map
 *   gives and clears with "cleared"; with another value there is no alarm.
 *   A state "none" out of the map of state_from makes the severity "indeterminate", if no severity_from says more.
 *   A state "clear" out of one of them makes the severity "cleared"; a "cleared" out of severity_from does not count
 *   if the state is "raise".
 * - `clears`: at most 8 further keys of alarms that end, whatever the state.
 * - `type`: what the alarm is about, one word of small letters, digits and '-', at most 32. `event_type`:
 *   ItuAlarmEventType, tk_rules_event_types.
 * - `summary`: the event's summary, one line. `set`: at most 16 further members of the event, under "fields": letters,
 *   digits and '_'. Their values are text.
 * - `topic`: the Kafka topic of the event. `drop`: the event is not published; an INFORM is answered. Both are for the
 *   operator's file only, and topics are at most 64.
 * - TEMPLATE: text of at most 1024 bytes with references in braces; "{{" and "}}" are braces:
 *     {device}        the device that `identify` found
 *     {trap}          the notification's name, or its OID if it is unknown
 *     {OBJECT}        the value of the first varbind of the object; if there is none, the object's value in the index
 *                     of any varbind: {ifIndex} works with an ifIndex varbind as well as with ifDescr.7 alone; an
 *                     index that is an InterfaceIndex counts as ifIndex. In `summary` and `set` it is what a person
 *                     reads: the event's `text`, with labels and units
 *     {OBJECT#value}  its plain text, in every template
 *     {OBJECT.index}  the sub-identifiers after the object's OID in its first varbind: "7", "192.0.2.1.0"
 *     {OBJECT.parent} an OID value without its last sub-identifier
 *   The plain text of a value: integers are decimal (never the label); an IpAddress is an address; OIDs are dotted;
 *   octets are what the event has as their `text`: an address, by the DISPLAY-HINT, or text; if they have none, or
 *   more than one line, and for BITS: "0x" and hex. A value over 128 bytes becomes '#' and 16 hex digits of its hash.
 *   In a key, a text with something behind it has "%2f" for '/' and "%25" for '%', so that "a/b", "c" differs from "a",
 *   "b/c". A missing value is "-", and so is a community string. The rules that raise and clear an alarm must therefore
 *   refer to varbinds that both notifications have.
 *   `summary` and values of `set` are cut at 512 characters, white space and control characters in them become one
 *   space.
 *
 * Shipped files have no `names`: their rules use names of the shipped dictionary only, as MODULE::name, so that an
 * operator's MIBs can't change what they mean.
 */
#ifndef TK_RULES_H
#define TK_RULES_H

#include "event/event.h"

#define TK_RULES_KEY_MAX    4096 /* bytes; templates and values have bounds, so no key is longer */
#define TK_RULES_MAX_CLEARS 8    /* further keys of a rule */
#define TK_RULES_MAX_FIELDS 16   /* members of a rule's "set" */
#define TK_RULES_MAX_TOPICS 64   /* distinct topics of all rules */

struct tk_rules;
struct tk_rules_trace; /* rules_trace.h */

/** Where a rule is from. In this order they are tried. */
enum tk_rules_tier {
    TK_RULES_OPERATOR, /* kafkaSeverityRules */
    TK_RULES_STANDARD, /* the IETF's notifications: built in, and ietf.json */
    TK_RULES_CURATED,  /* vendors' notifications, by people who read the MIBs: VENDOR.json */
    TK_RULES_DERIVED,  /* by a program: derived/VENDOR.json */
    TK_RULES_TIERS,
};

/** @brief Free the rules. NULL is a no-op. @locality any @locks none */
void tk_rules_free(struct tk_rules *r);

/** @brief How many rules are in force. @locality any @locks none */
size_t tk_rules_count(const struct tk_rules *r);
/** @brief How many of them are of one tier. @locality any @locks none */
size_t tk_rules_count_tier(const struct tk_rules *r, enum tk_rules_tier tier);
/** @brief Bytes that the rules occupy, without compiled regular expressions. @locality any @locks none */
size_t tk_rules_bytes(const struct tk_rules *r);

/** @brief How many different topics the rules have, at most TK_RULES_MAX_TOPICS. @locality any @locks none */
size_t tk_rules_topic_count(const struct tk_rules *r);
/** @brief The name of a topic. @param topic  from 1 to tk_rules_topic_count(), as in ev->topic
 *  @locality any @locks none */
struct tk_text tk_rules_topic(const struct tk_rules *r, uint32_t topic);
/** @brief The name of a rule, such as "operator:NAME". @param rule  as in ev->rule @locality any @locks none */
struct tk_text tk_rules_label(const struct tk_rules *r, uint32_t rule);

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
 * @brief Find the first rule that matches, and fill what `severity` fills in struct tk_event, with views of the rules
 * or in
 *        the arena. If no rule matches, ev->rule says so; else only regex_steps, regex_given_up and regex_rule
 *        may be changed.
 *
 * Regular expressions use scratch memory of the rules: one thread at a time may match.
 * @param trace  set to why (rules_trace.h); NULL: nobody asks
 * @returns 1: a rule matched; 0: none; -ENOMEM
 * @locality worker  @locks none
 */
int tk_rules_match(const struct tk_rules *r, struct tk_event *ev, struct tk_rules_trace *trace);

/**
 * @brief Make the texts for people of the rule that matched: rule_summary and fields.
 * @returns false: out of memory
 * @locality worker  @locks none
 */
bool tk_rules_describe(const struct tk_rules *r, struct tk_event *ev);

#endif /* TK_RULES_H */
