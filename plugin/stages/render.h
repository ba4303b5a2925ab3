/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file render.h
 * @brief Run a record through the stages and write its event as JSON, for the worker and for the command `trapkafka`.
 *
 * Owner:  the thread that renders; no locks.
 * Memory: an arena and a JSON buffer, which grow to the size of the largest event and are reused.
 */
#ifndef TK_RENDER_H
#define TK_RENDER_H

#include "base/arena.h"
#include "base/json_writer.h"
#include "event/receiver.h"
#include "stages/stages.h"

/** What the stages found, besides the event. */
struct tk_findings {
    uint64_t owner; /* of a repeat: that of the event which passed; else as in the record */
    struct tk_hash128 dedup_key;
    uint32_t repeats;
    struct tk_alarm_view alarm;
    uint32_t alarm_entry;      /* the alarm's place in the table of states; 0: none */
    bool has_ended_more;       /* it has ended further alarms */
    uint32_t reply;            /* the place of an INFORM that waits for its answer; 0: none */
    uint32_t topic;            /* the number of the rule's topic: tk_rules_topic(); 0: kafkaTopic */
    struct tk_text rule;       /* that decided, as in severity_rule; valid as `device` is */
    struct tk_text device;     /* valid until the next call of tk_render(), or until the bundle is freed */
    bool is_unresolved;        /* no dictionary knows the notification */
    bool has_no_rule;          /* no severity rule matched */
    uint32_t regex_given_up;   /* regular expressions that reached their limit */
    struct tk_text regex_rule; /* the rule of one of them; valid as `device` is */
    bool has_no_device;        /* there is an inventory, and the device is not in it */
    bool is_incomplete;        /* objects of the notification's definition are missing */
};

#define TK_SUFFIX_BYTES 16

struct tk_renderer {
    struct tk_stage_state stages;
    struct tk_event event;       /* of the last record: what is found may view its `names` */
    struct tk_receiver receiver; /* its queue is that of the last record */
    struct tk_arena arena;

    /* the result, valid until the next call of tk_render() */
    struct tk_json json;
    char event_id[TK_EVENT_ID_BYTES + TK_SUFFIX_BYTES], received[TK_RFC3339_BYTES];
    struct tk_findings found;
};

/** The record to render: a flat trap, and what the queue knows about it. */
struct tk_render_record {
    const uint8_t *body; /* the flat trap; must stay valid as long as the result is used */
    size_t body_len;
    const uint8_t *queue; /* the first four bytes of the ring's UUID, for the event ID */
    uint64_t seq;
    struct tk_time received;
    uint64_t owner;     /* the record's ticket; dedup keeps it with the key */
    bool is_sent_again; /* it passed dedup before; what follows is kept from then */
    struct tk_hash128 dedup_key;
    uint32_t repeats;
    struct tk_alarm_view alarm;
    const char *suffix; /* of the event ID, below TK_SUFFIX_BYTES: that of a derived message; NULL: none */
};

/** @brief Make a renderer for this host. @p stages is copied, and what it names is borrowed; NULL: a state without tables,
 *         for bundles that switch dedup off. @locality any @locks none */
void tk_renderer_init(struct tk_renderer *r, const struct tk_stage_state *stages);
/** @brief Free the buffers. @locality any @locks none */
void tk_renderer_done(struct tk_renderer *r);

/**
 * @brief Run the record through the stages, and write its event into r->json.
 * @retval TK_PASS  r->json, event_id, received and found are filled
 * @returns another verdict when the record ends here; then r->found is as far as the stages came
 * @locality worker, or a thread of the command  @locks none
 */
enum tk_verdict tk_render(struct tk_renderer *r, const struct tk_bundle *b, const struct tk_render_record *record);

#endif /* TK_RENDER_H */
