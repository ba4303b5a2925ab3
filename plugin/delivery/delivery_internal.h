/* SPDX-License-Identifier: Apache-2.0 */
/** @file delivery_internal.h
 *  @brief The worker's state, in parts that belong to one file each, and what the files of this room call of each
 *         other. Owner: the worker. */
#ifndef TK_DELIVERY_INTERNAL_H
#define TK_DELIVERY_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "base/named_counts.h"
#include "delivery/derived.h"
#include "delivery/inform_repeats.h"
#include "delivery/window.h"
#include "delivery/worker.h"
#include "rules/rules.h"
#include "stages/render.h"

#define TK_KEY_BYTES      512                 /* a name has up to 255 bytes, an engine ID up to 510 digits */
#define TK_LETTER_TICKET  (UINT64_C(1) << 63) /* in the ticket of a dead letter */
#define TK_DERIVED_TICKET (UINT64_C(1) << 62) /* in the ticket of a derived message; the rest is its subject */

/** outlet.c: the sink and its life. */
struct tk_outlet {
    struct tk_sink *sink;         /* NULL: not open */
    struct tk_settings *settings; /* those that it was opened with */
    uint64_t opened;              /* how many sinks */
    tk_nsec next_open;            /* when to try again after the sink refused to open */
    tk_nsec replace_by;           /* the old sink is drained until then; 0: it is not being replaced */
    bool is_lost;                 /* no broker can be reached, by this sink's word */
    bool has_delivered;           /* it has delivered an event */
    char why_closed[512];         /* why it refused to open; empty: it did not */
    int loudest;                  /* priority of trouble that was logged and has not ended; 0: none. See sink.h */
    struct tk_log_limit open_limit;
};

/** resend.c: when what came back is published again. */
struct tk_resend {
    bool must_settle; /* a record came back since the walk began: it begins anew, once no event is in flight */
    tk_nsec at;       /* not before */
    tk_nsec backoff;
};

/** routes.c: to which topics rules send their events. */
struct tk_route_table {
    struct tk_routes named;  /* those that the sink was opened with; the names are ours */
    bool is_lost[TK_ROUTES]; /* by route - 1: it can't be had, by the sink's word */
    bool is_told[TK_ROUTES]; /* by route - 1: a loss of a topic that a rule has was told, not its end */
    uint8_t of_topic[TK_RULES_MAX_TOPICS + 1]; /* the route of each topic of the bundle's rules */
};

/** stalls.c: whether a topic takes events. */
struct tk_stall {
    unsigned in_flight; /* events */
    tk_nsec delivered;  /* when it delivered the last one */
    tk_nsec silent;     /* since then it has answered nothing, though events were in flight */
    tk_nsec came_back;  /* when an event did, if none was answered since; 0: none */
    tk_nsec behind;     /* since then another topic delivers, and it does not; 0: no */
};

/** stalls.c: all topics, by route. */
struct tk_stalls {
    struct tk_stall topic[TK_ROUTES + 1];
};

/** too_large.c: which sizes each topic was seen to refuse. */
struct tk_too_large {
    size_t alone_bytes;   /* of the event that is in flight alone, or was last */
    unsigned alone_route; /* and its route */
    struct {
        size_t from;        /* such an event was refused for its size; 0: none yet */
        tk_nsec until;      /* so long that is believed */
    } topic[TK_ROUTES + 1]; /* by route */
};

/** dead_letter.c: events that Kafka refuses permanently. */
struct tk_letters {
    char *file;          /* the file beside the queue's; NULL: the queue is memory */
    unsigned in_flight;  /* messages; a record that gave way does not wait for its own any more */
    bool is_singly;      /* a request with several dead letters was refused */
    tk_nsec at;          /* not before */
    struct tk_json line; /* of the file */
    struct tk_log_limit limit, change_limit, file_limit;
};

/** derived_outlet.c: derived messages of one kind. */
struct tk_derived_flow {
    unsigned in_flight;
    size_t bytes;     /* of those in flight */
    unsigned singly;  /* so many more go one by one, because requests with several were refused; 0: as usual */
    bool is_alone;    /* the one that was sent last went so */
    tk_nsec at;       /* not before */
    tk_nsec answered; /* when their topic answered last, or had nothing to answer */
};

/** derived_outlet.c: all kinds. */
struct tk_derived_outlet {
    struct tk_derived *due; /* NULL: there never was kafkaAlarmTopic */
    struct tk_derived_flow flow[TK_DERIVED_KINDS];
    bool is_topic_lost; /* kafkaAlarmTopic takes nothing, which was told */
    struct tk_log_limit limit, change_limit;
};

struct tk_worker {
    struct tk_worker_config config;
    pthread_t thread;
    bool is_started;
    _Atomic bool is_stopping;
    _Atomic tk_nsec stop_deadline; /* CLOCK_MONOTONIC */
    uint64_t left_behind;          /* written by the thread's end, read after the join */

    struct tk_time now;              /* of this step */
    bool is_blocked;                 /* there may be records, but nowhere to put them: they must not wake us */
    struct tk_bundle *bundle;        /* NULL until the first one came */
    struct tk_bundle *bundle_before; /* the one before it, as long as derived messages may need it; NULL: none does */
    uint32_t bundle_number;          /* of `bundle`, from 1 */
    struct tk_window *window;
    struct tk_dedup *dedup;           /* the stages use it through the renderer */
    struct tk_alarm_states *alarms;   /* the same */
    struct tk_log_limit regex_limit;  /* of lines about regular expressions that take too long */
    struct tk_inform_repeats waiters; /* inform_fates.c */
    struct tk_named_counts by_rule;   /* suppressed{rule}, by the name of the rule */
    struct tk_reporter *reporter;

    /* publish.c: the message that was written last; of a record that is held, until the sink takes it */
    struct tk_renderer renderer;
    struct tk_message message;
    char key[TK_KEY_BYTES]; /* its key: the bundle may be exchanged while it is held */
    uint64_t held_ticket;   /* of the record that is held */
    unsigned wanted_route;  /* of the message: to the topic of its rule; it may go to kafkaTopic instead */

    struct tk_outlet outlet;
    struct tk_route_table routes;
    struct tk_stalls stalls;
    struct tk_resend resend;
    struct tk_too_large too_large;
    struct tk_letters letters;
    struct tk_derived_outlet derived;
};

/* --- outlet.c -------------------------------------------------------------------------------------------------- */

/** @brief Take a new bundle, if there is one. */
void tk_outlet_take_bundle(struct tk_worker *w);
/** @brief Open a sink, or exchange it once what the old one has in flight is delivered.
 *  @returns whether it may be used */
bool tk_outlet_is_ready(struct tk_worker *w);
/** @brief Close the sink: reports come from here too. What it held or gives back is to be published again. */
void tk_outlet_close(struct tk_worker *w, tk_nsec deadline);

/* --- routes.c -------------------------------------------------------------------------------------------------- */

/** @brief Find the routes for the topics of the bundle's rules. @returns whether each has one; if not, the sink has to be
 *         opened anew */
bool tk_routes_map(struct tk_worker *w);
/** @brief Log what is wrong with the topics of the bundle's rules. */
void tk_routes_check(struct tk_worker *w);
/** @brief A sink is about to be opened: make routes for the topics of the bundle's rules. */
void tk_routes_renew(struct tk_worker *w);
/** @brief Free the names. */
void tk_routes_done(struct tk_worker *w);
/** Logs whether a topic can be had. */
tk_route_fn tk_routes_note;
/** @brief The name of the topic to which this route leads. */
const char *tk_routes_topic(const struct tk_worker *w, unsigned route);
/** @brief Choose the route of the event in w->message: w->wanted_route, unless its topic can't be had, or could not when
 *         the event was sent before. */
void tk_routes_choose(struct tk_worker *w);
/** @brief The event in w->message went to kafkaTopic instead: if the sink wants to try the rule's topic, a copy goes
 *         there. */
void tk_routes_probe(struct tk_worker *w);

/* --- stalls.c -------------------------------------------------------------------------------------------------- */

/** @brief The sink took an event by w->message.route. */
void tk_stalls_note_sent(struct tk_worker *w);
/** @brief An event of this route was reported. */
void tk_stalls_note_report(struct tk_worker *w, unsigned route, enum tk_fate fate);
/** @brief The brokers accept events again, after an outage: topics get some time to do so too. */
void tk_stalls_give_time(struct tk_worker *w);
/** @brief How many events are in flight, for asserts. */
unsigned tk_stalls_events_in_flight(const struct tk_worker *w);
/** @brief Give up the topics of rules that take nothing. */
void tk_stalls_check(struct tk_worker *w);

/* --- publish.c ------------------------------------------------------------------------------------------------- */

/** @brief Read records from the ring and publish them, as many as fit into a step. @returns how many */
unsigned tk_publish_new(struct tk_worker *w);
/** @brief Write the event of a record into w->message. @returns false when the record has ended in the stages */
bool tk_publish_write(struct tk_worker *w, const struct tk_record *rec, uint64_t ticket, bool is_again);
/** @brief The record as the renderer wants it. */
struct tk_render_record tk_publish_record(const struct tk_record *rec, const struct tk_entry *entry, uint64_t ticket,
                                          bool is_again);
/** @brief Give w->message to the sink. @returns false when that is full: the record is held then */
bool tk_publish_message(struct tk_worker *w, uint64_t ticket);
/** @brief Is there room for one more record, and all that it may owe? */
bool tk_publish_has_room(const struct tk_worker *w);
/** @brief Is a record held? Then w->message is its event, and nothing else may be written. */
bool tk_publish_is_holding(const struct tk_worker *w);

/* --- reports.c ------------------------------------------------------------------------------------------------- */

tk_report_fn tk_reports_take;
/** @brief The event ID of a record that is still in the ring. @returns @p id */
const char *tk_reports_event_id(struct tk_worker *w, const struct tk_entry *entry, char id[TK_EVENT_ID_BYTES]);
/** @brief The record was sound once, and can't be read again: it ends. */
void tk_reports_end_damaged(struct tk_worker *w, uint64_t ticket);

/* --- inform_fates.c -------------------------------------------------------------------------------------------- */

/** @brief Tell the INFORM of this record, and those of its repeats, what became of it. Once; more often is a no-op. */
void tk_fates_tell(struct tk_worker *w, struct tk_entry *entry, bool is_delivered);
/** @brief The event of this record will never be delivered: its INFORMs are told so, and its next repeat is news again. */
void tk_fates_give_up(struct tk_worker *w, struct tk_entry *entry, uint64_t ticket);
/** @brief A rule drops this event, as its operator wants: its INFORMs are answered, though nothing is published. */
void tk_fates_withdraw(struct tk_worker *w, struct tk_entry *entry, uint64_t ticket);
/** @brief The repeat @p entry shares the fate of the event that passed, the one with the ticket @p owner. */
void tk_fates_follow(struct tk_worker *w, struct tk_entry *entry, uint64_t owner);

/* --- resend.c -------------------------------------------------------------------------------------------------- */

/** @brief The record takes @p step (CAME_BACK, PUSHED_BACK), for a reason that passes: publish it again after a pause. */
void tk_resend_later(struct tk_worker *w, uint64_t ticket, enum tk_life_step step);
/** @brief The record takes @p step (REQUEST_REFUSED, SET_APART): publish it again in a request of its own, without a
 *         pause, since the cluster is well. */
void tk_resend_alone(struct tk_worker *w, uint64_t ticket, enum tk_life_step step);
/** @brief Are there records that must be published again, or reported, before anything new may be read? */
bool tk_resend_is_under_way(const struct tk_worker *w);
/** @brief How many events are in flight. Dead letters have a topic of their own, so they neither share a request with
 *         an event nor hold one up. */
unsigned tk_resend_events_in_flight(const struct tk_worker *w);
/** @brief Publish the next of those that came back. @returns whether anything was done */
bool tk_resend_some(struct tk_worker *w);

/* --- too_large.c ----------------------------------------------------------------------------------------------- */

/** @brief The sink took what stands in w->message, in a request of its own. */
void tk_too_large_note_alone(struct tk_worker *w);
/** @brief That was refused for its size, or taken. */
void tk_too_large_learn(struct tk_worker *w, bool is_too_large);
/** @brief Would what stands in w->message be refused too, by all that was seen lately? */
bool tk_too_large_is_certain(const struct tk_worker *w);
/** @brief Might it be, so that it had better go alone? */
bool tk_too_large_is_suspect(const struct tk_worker *w);

/* --- alarm_feed.c ---------------------------------------------------------------------------------------------- */

/** @brief The event of this record stands in the renderer: note which alarms it changes. */
void tk_alarm_feed_note(struct tk_worker *w, uint64_t ticket);
/** @brief Write the message about the alarm that the record of @p change has changed last.
 *  @returns false: it can't be written, and @p ret_drop is how that is counted */
bool tk_alarm_feed_write(struct tk_worker *w, const struct tk_derived_change *change, struct tk_message *msg,
                         enum tk_stat *ret_drop);

/* --- derived_outlet.c ------------------------------------------------------------------------------------------ */

/** @brief The record's event is out (delivered, or suppressed by a stage behind the feed of alarms), and counted: the
 *         derived messages of the record are due, and the record ends when they have; at once if there are none. */
void tk_derived_outlet_end_event(struct tk_worker *w, uint64_t ticket);
/** @brief The record's event will never be out: it derives nothing. */
void tk_derived_outlet_cancel(struct tk_worker *w, uint64_t ticket);
/** @brief Send what is due; not while a record is held. @returns whether anything was done */
bool tk_derived_outlet_send(struct tk_worker *w, bool may_publish);
/** @brief A derived message's report. */
void tk_derived_outlet_report(struct tk_worker *w, const struct tk_report *report);
/** @brief Messages in flight, for asserts. */
unsigned tk_derived_outlet_in_flight(const struct tk_worker *w);
/** @brief A new bundle is in force: keep the one before it as long as messages have to be written by its rules. */
void tk_derived_outlet_keep_bundle(struct tk_worker *w, struct tk_bundle *before);
/** @brief Free that bundle once nothing needs it. */
void tk_derived_outlet_drop_bundle(struct tk_worker *w);

/* --- dead_letter.c --------------------------------------------------------------------------------------------- */

/** @brief Kafka refuses this event permanently: it is condemned. @param stat  how to count it @param reason  static text */
void tk_letters_condemn(struct tk_worker *w, uint64_t ticket, enum tk_stat stat, const char *reason);
/** @brief A dead letter's report. */
void tk_letters_report(struct tk_worker *w, const struct tk_report *report);
/** @brief Publish dead letters, keep what no topic takes; not while a record is held.
 *  @returns whether anything was done */
bool tk_letters_send(struct tk_worker *w, bool may_publish);
/** @brief The worker stops, and its sink is closed. With a queue in memory, condemned records end here, because they
 *         would be lost with the queue. */
void tk_letters_end_rest(struct tk_worker *w);

#endif /* TK_DELIVERY_INTERNAL_H */
