/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host_internal.h
 * @brief The module's one state inside snmptrapd, for the files of this folder only.
 *
 * Owner: snmptrapd's thread, every member; the other threads are reached through the ring, the log and the mailbox.
 */
#ifndef TK_HOST_INTERNAL_H
#define TK_HOST_INTERNAL_H

#include <stdbool.h>

#include "base/log.h"
#include "config/settings.h"
#include "base/stats.h"
#include "host/trapd_api.h"
#include "reload/reload.h"
#include "delivery/worker.h"
#include "refusal/refusal_box.h"
#include "queue/replies.h"
#include "queue/ring.h"
#include "sink/open.h"

struct tk_inform_table;
struct tk_refusal_table;
struct tk_sync;
struct tk_late_reply;

struct tk_host {
    bool is_registered; /* directives, handler, callbacks: once in the life of the process */
    bool is_loaded;     /* a dlmod line stands in the configuration that was read last */
    bool is_running;    /* ring, threads and producer exist */
    bool is_over;       /* snmptrapd is going down, or is_stuck */
    bool is_stuck;      /* a thread would not end: nothing that it may touch is freed */

    struct tk_settings *reading;  /* being filled by the directives */
    struct tk_settings *settings; /* in force; NULL before the first reading ended */

    struct tk_stats stats;
    struct tk_log *log;
    struct tk_ring *ring;
    struct tk_settings *queue_settings; /* those by which the ring was made */
    struct tk_sync *sync;               /* NULL: off */
    struct tk_dict *dict;               /* built once, kept: bundles point into it */
    struct tk_mailbox mailbox;          /* from the loader to the worker */
    struct tk_worker *worker;
    struct tk_reload *reload;
    struct tk_opener opener; /* the embedded broker lives through SIGHUP */

    struct tk_replies *replies;      /* from the worker: what became of INFORMs */
    struct tk_inform_table *informs; /* NULL: answered when they are queued */
    uint64_t inform_seed;

    struct tk_refusal_table *refusal_table; /* NULL: nothing was refused yet, or no memory */
    struct tk_refusal_box *refusal_box;     /* to the worker; NULL: it does not run */
    uint64_t refused;                       /* packets, in the life of the process */

    struct tk_log_limit full_limit, reply_limit, refusal_limit;
    uint8_t engine_id[32]; /* this receiver's own */
    size_t engine_id_len;
};

extern struct tk_host tk_host;

/* tokens.c */
/** @brief Make the directives known. @locality snmptrapd @locks none */
void tk_tokens_register(struct tk_host *h);

/* handler.c */
/** @brief Put the trap handler in front of snmptrapd's PRE list. @retval 0 / -ENOMEM
 *  @locality snmptrapd @locks none */
int tk_handler_register(void);

/* plugin.c */
/** @brief Start ring, threads and producer, if this is the time. @locality snmptrapd @locks none */
void tk_host_start(struct tk_host *h);

/* sessions.c */
/** @brief Step in front of snmptrapd's callback on its receiving sessions; again is harmless. Where net-snmp is another
 *         than those read, nothing is touched, and the log says what that costs.
 *  @locality snmptrapd @locks none */
void tk_sessions_guard(void);
/** @returns net-snmp's list of open sessions; NULL where it is unknown @locality snmptrapd @locks none */
const struct session_list *tk_sessions_all(void);
/** @brief Is the session known by which the PDU came that is being handled? @locality snmptrapd @locks none */
bool tk_sessions_can_hold(void);
/** @brief The reply that snmptrapd makes to the PDU being handled goes to tk_inform_keep() with this place, instead of
 *         to the sender; tk_sessions_can_hold(). @locality snmptrapd @locks none */
void tk_sessions_hold(uint32_t place);
/** @brief Build the reply that snmptrapd would make to the INFORM being handled; tk_sessions_can_hold().
 *  @returns the caller's; NULL: net-snmp can't @locality snmptrapd @locks none */
struct tk_late_reply *tk_sessions_make_reply(netsnmp_pdu *pdu);
/**
 * @brief Let snmptrapd receive @p pdu once more, now that tk_sessions_guard() stands in front.
 * @returns false when it can't: the session is not found, or we stood there already
 * @locality snmptrapd  @locks none
 */
bool tk_sessions_begin_again(netsnmp_pdu *pdu, const netsnmp_transport *transport);

/** @brief Does this session receive notifications? @locality snmptrapd @locks none */
bool tk_sessions_receives(const netsnmp_session *session);
/** @brief Does it by a connection? @locality snmptrapd @locks none */
bool tk_sessions_is_stream(const netsnmp_session *session);

/* v3.c */
/** @brief Try what usm/ relies on, and take over createUser lines. Once. @locality snmptrapd @locks none */
void tk_v3_init(void);
/** @brief A reading of the configuration begins. @locality snmptrapd @locks none */
void tk_v3_begin_reading(void);
/** @brief h->settings are in force now, and so are the users that were read with them.
 *  @locality snmptrapd @locks none */
void tk_v3_configure(struct tk_host *h);
/** @brief Once a second. @locality snmptrapd @locks none */
void tk_v3_tick(struct tk_host *h, tk_nsec now);
/** @brief No dlmod line any more: SNMPv3 is as without us. @locality snmptrapd @locks none */
void tk_v3_rest(void);
/** @brief The end: keys are wiped. @locality snmptrapd @locks none */
void tk_v3_done(void);

/* losses.c */
/** @brief Count a notification that can't be one: it has no snmpTrapOID.0. @locality snmptrapd @locks none */
void tk_losses_count_no_trap_oid(void);
/** @brief Count packets that net-snmp could not decode. @locality snmptrapd @locks none */
void tk_losses_count_undecoded(uint64_t packets);
/** @brief Remember a datagram socket, to ask the kernel what it dropped; the first time say so if its buffer is smaller
 *         than serverRecvBuf asks for. @locality snmptrapd @locks none */
void tk_losses_note_socket(int sock);
/** @brief Let go of the sockets, at snmptrapd's end, so that their ports are free. @locality snmptrapd @locks none */
void tk_losses_forget_sockets(void);
/** @brief The books begin anew, and these with them. @locality snmptrapd @locks none */
void tk_losses_begin_again(void);
/** @brief Read the kernel's and net-snmp's own counters into h->stats. @locality snmptrapd @locks none */
void tk_losses_read(struct tk_host *h);

/* authorize.c */
/** @brief Count a notification that can't be one, and note the refusal. @param transport  by which it came, or NULL
 *  @locality snmptrapd @locks none */
void tk_refusals_note_malformed(const netsnmp_pdu *pdu, const netsnmp_transport *transport);
/** @brief Stand in front of snmptrapd's authorization, ask it, and see its verdict; what is accepted does not change.
 *         Where it can't be asked, nothing is done, and the log says what that costs. Once. @retval 0 / -ENOMEM
 *  @locality snmptrapd @locks none */
int tk_authorize_register(void);

/* undecodable.c */
/** @brief Learn from whom the packets of this session come, to name the peer of those that net-snmp can't decode.
 *         Again is harmless; of a listening tcp transport, the connections that it accepts from now on are meant.
 *  @locality snmptrapd @locks none */
void tk_undecodable_watch(netsnmp_transport *transport);
/** @brief Was the packet received last one that could not be decoded? Tell and count it then. Also once a second, by
 *         tk_losses_read().
 *  @locality snmptrapd @locks none */
void tk_undecodable_look(struct tk_host *h);

#endif /* TK_HOST_INTERNAL_H */
