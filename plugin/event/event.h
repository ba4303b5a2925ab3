/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file event.h
 * @brief One notification while the stages process it. The comments say which stage fills which member.
 *
 * Owner:  the worker; valid for one trap. Text and arrays are views into the ring's record, into the tables of the
 *         bundle, into the arena or into `names`; no member is freed on its own.
 */
#ifndef TK_EVENT_H
#define TK_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "dictionary/dictionary.h"
#include "snmp/trap.h"

struct tk_text {
    const char *text; /* not terminated; NULL: absent */
    size_t len;
};

#define TK_RULE_NONE UINT32_MAX

/** Perceived severity, X.733 names; UNSET: no rule has matched. */
enum tk_severity {
    TK_SEV_UNSET,
    TK_SEV_CRITICAL,
    TK_SEV_MAJOR,
    TK_SEV_MINOR,
    TK_SEV_WARNING,
    TK_SEV_INDETERMINATE,
    TK_SEV_CLEARED,
    TK_SEV_COUNT_,
};

enum tk_alarm_state { TK_ALARM_NONE, TK_ALARM_RAISE, TK_ALARM_CLEAR };

/** What an event is to its alarm, by the state that was known before. */
enum tk_alarm_transition {
    TK_ALARM_UNTOLD,    /* not an event of an alarm, or no states are kept */
    TK_ALARM_RAISED,    /* a raise; the alarm did not stand */
    TK_ALARM_REPEATED,  /* a raise; the alarm stood */
    TK_ALARM_CLEARED,   /* a clear; the alarm stood */
    TK_ALARM_UNMATCHED, /* a clear; no raise is known */
    TK_ALARM_TRANSITIONS,
};

/** By what the device of an event was found. */
enum tk_device_from {
    TK_DEVICE_OF_ENGINE, /* its SNMP engine ID */
    TK_DEVICE_OF_AGENT,  /* the agent's address in the notification */
    TK_DEVICE_OF_PEER,   /* the address that it came from */
    TK_DEVICE_OF_NAME,   /* the varbind sysName.0 */
    TK_DEVICE_UNKNOWN,   /* a transport without addresses */
};

/** The alarm with this event in it. */
struct tk_alarm_view {
    tk_nsec since;  /* when the raise was received with which it began to stand, wall time; 0: it does not stand */
    uint32_t count; /* raises received since then, that one and suppressed repeats included */
    enum tk_alarm_transition transition;
    enum tk_severity previous; /* that it stood with before this event; UNSET: it did not stand */
};

/** A piece of a text that a rule composes. The `text` of a varbind is formatted once, when the event is written; pieces
 *  refer to it. */
struct tk_piece {
    struct tk_text text; /* absent: the `text` of a varbind stands here */
    size_t varbind;      /* its number */
};

/** One line for people, put together by tk_encode_pieces(). */
struct tk_pieces {
    const struct tk_piece *piece; /* NULL: absent */
    size_t count;
};

/** A member of "fields" in the event. */
struct tk_event_field {
    struct tk_text name;
    struct tk_pieces value;
};

/** A varbind of the event: as received, and what the dictionary knows about it. */
struct tk_event_varbind {
    struct tk_varbind raw;
    const uint32_t *subid; /* decode: the OID */
    size_t subids;
    const struct tk_dict_object *object; /* resolve: NULL: no dictionary knows the OID */
    size_t matched;     /* resolve: how many sub-identifiers the object's OID has; the rest is the instance */
    bool is_secret;     /* decode: a community string that must not be published */
    bool is_unexpected; /* resolve: the notification's definition lists other objects */
};

/** Who sent it, as text. It stands here and not in the arena: if memory is short, an event is dropped and counted,
 *  and never published as that of another device. */
struct tk_event_names {
    char address[46]; /* INET6_ADDRSTRLEN */
    char agent[16];   /* INET_ADDRSTRLEN */
    char engine[2 * UINT8_MAX];
};

struct tk_event {
    /* worker, before the first stage */
    const struct tk_trap *trap;
    struct tk_arena *arena;
    uint64_t seq;
    struct tk_time received;

    /* decode */
    const uint32_t *trap_oid; /* v1: by RFC 3584 section 3.1 */
    size_t trap_oid_len;
    const uint8_t *trap_oid_ber;
    size_t trap_oid_ber_len;
    struct tk_event_varbind *varbinds;
    size_t varbind_count;
    struct tk_text address; /* the peer's; absent if the transport has none */
    struct tk_text agent;   /* v1 agent-addr or snmpTrapAddress.0; absent if none, or all zeros */
    uint8_t agent_bytes[4];
    bool has_agent_host; /* the agent's address can be that of a device: not 0.0.0.0, loopback, ... */

    /* identify */
    const uint8_t
        *engine_id; /* that identifies the sender: that of the context, else the authoritative one; NULL: none */
    size_t engine_id_len;
    struct tk_text device;
    enum tk_device_from device_from;
    bool is_from_agent;     /* the device was found by the agent's address, not the peer's */
    uint32_t inventory_row; /* TK_ROW_NONE: none */

    /* resolve */
    const struct tk_dict_object *trap_object; /* NULL: unknown */
    const uint32_t *notification;             /* the OID by which rules know it: dictionary/notification.h */
    size_t notification_len;
    struct tk_text trap_name, trap_mib;   /* absent if unknown */
    const struct tk_dict_member *missing; /* objects of the notification's definition that did not come */
    size_t missing_count;

    /* severity: what the rule says. Texts are views of the rules, or in the arena. */
    enum tk_severity severity;
    enum tk_alarm_state alarm_state;
    struct tk_text severity_rule;
    struct tk_text alarm_key;     /* absent: none */
    struct tk_text alarm_type;    /* "link"; absent: none */
    struct tk_text event_type;    /* "communicationsAlarm", an ItuAlarmEventType; absent: none */
    const struct tk_text *clears; /* further keys of alarms that end, in the rule's order */
    size_t clear_count;           /* TK_RULES_MAX_CLEARS at most */
    uint32_t rule;                /* the rule's number in its tables; TK_RULE_NONE: none matched */
    uint32_t topic;               /* the number of the rule's topic, from 1: tk_rules_topic(); 0: kafkaTopic */
    uint32_t regex_steps;         /* handed out to regular expressions, TK_RULES_MAX_STEPS at most */
    uint32_t regex_given_up;      /* regular expressions that reached their limit, and so did not match */
    struct tk_text regex_rule;    /* the rule whose expression it was; the first one, if there are several */
    bool is_dropped;              /* the rule says that it is not published */

    /* alarm */
    uint64_t number;              /* of the event among all that the stages have seen */
    struct tk_alarm_view alarm;   /* worker, when it is sent again: as it was then */
    struct tk_hash128 alarm_hash; /* of the alarm key; not set without an alarm */
    uint64_t alarm_changed;       /* the number of the event with which the alarm took its state; see `changed` in
                                      * stages/alarm_states.h */
    uint32_t alarm_entry;         /* the alarm's place in the table of states; 0: none */
    bool has_ended_more;          /* it has ended further alarms, of `clears` */

    /* dedup */
    uint64_t owner; /* worker: this event's ticket; dedup: for a repeat, the ticket of the event that passed */
    struct tk_hash128 dedup_key;
    uint32_t repeats;
    bool is_sent_again; /* worker: it passed dedup before; `repeats` and `dedup_key` are kept from then */

    /* describe: what else the rule says. Repeats do not come so far. */
    struct tk_pieces rule_summary;       /* absent: the summary lists the varbinds */
    const struct tk_event_field *fields; /* in the rule's order */
    size_t field_count;                  /* TK_RULES_MAX_FIELDS at most */

    /* enrich */
    uint32_t circuit_row; /* TK_ROW_NONE: none */

    struct tk_event_names names; /* decode, identify: what `address`, `agent` and `device` may view */
};

/** @brief The name, "raised" ... "unmatched"; UNTOLD is NULL. @locality any @locks none */
const char *tk_alarm_transition_name(enum tk_alarm_transition transition);

/** @brief The name, "critical" ... "cleared"; UNSET is "indeterminate". @locality any @locks none */
const char *tk_severity_name(enum tk_severity severity);

#endif /* TK_EVENT_H */
