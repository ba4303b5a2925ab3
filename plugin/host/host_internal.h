/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host_internal.h
 * @brief The module's state inside snmptrapd, and what the files of host/ call of each other.
 *
 * Owner: snmptrapd's thread, every member. The other threads are reached through the ring, the log and the mailbox.
 */
#ifndef TK_HOST_INTERNAL_H
#define TK_HOST_INTERNAL_H

#include <stdbool.h>

#include "base/log.h"
#include "base/notify.h"
#include "config/settings.h"
#include "base/stats.h"
#include "host/trapd_api.h"
#include "reload/reload.h"
#include "delivery/worker.h"
#include "refusal/refusal_box.h"
#include "refusal/refusal_limit.h"
#include "queue/inform_results.h"
#include "queue/ring.h"
#include "sink/open.h"

struct tk_inform_answers;
struct tk_refusal_table;
struct tk_sync;
struct tk_inform_reply;

struct tk_host {
    bool is_registered; /* directives, handler, callbacks: once in the life of the process */
    bool is_loaded;     /* a dlmod line stands in the configuration that was read last */
    bool is_running;    /* ring, threads and producer exist */
    bool is_over;       /* snmptrapd is stopping, or is_stuck */
    bool is_stuck;      /* a thread does not end: what it may use is not freed */

    struct tk_settings *reading;  /* the directives fill these */
    struct tk_settings *settings; /* in force; NULL before the configuration was read */

    struct tk_notify notify; /* the service manager */
    struct tk_stats stats;
    struct tk_log *log;
    struct tk_ring *ring;
    struct tk_settings *queue_settings; /* with which the ring was made */
    struct tk_sync *sync;               /* NULL: off */
    struct tk_dict *mibs;               /* what snmptrapd had loaded when we started; NULL: nothing */
    bool has_mibs;                      /* it was read */
    struct tk_mailbox mailbox;          /* from the loader to the worker */
    struct tk_worker *worker;
    struct tk_reload *reload;
    struct tk_opener opener; /* has the embedded broker, which SIGHUP does not stop */

    struct tk_inform_results *replies; /* from the worker: what became of INFORMs */
    struct tk_inform_answers *informs; /* NULL: answered when they are queued */
    uint64_t inform_seed;

    struct tk_refusal_table *refusal_table; /* NULL: nothing was refused yet, or no memory */
    struct tk_refusal_box *refusal_box;     /* to the worker; NULL: it does not run */

    struct tk_refusal_limits refusal_limits;

    struct tk_log_limit full_limit, reply_limit;
    uint8_t engine_id[32]; /* this receiver's own */
    size_t engine_id_len;
};

extern struct tk_host tk_host;

/* directives.c */
/** @brief Register the directives. @locality snmptrapd @locks none */
void tk_tokens_register(struct tk_host *h);
/** @brief A line was refused: put what is safe in force for its directive, in h->reading. @returns what that is, for
 *  the end of the line's error; "" is the default, or an earlier line @locality snmptrapd @locks none */
const char *tk_directive_refused(struct tk_host *h, const char *token, const char *line);

/* handler.c */
/** @brief Register the trap handler, first in snmptrapd's PRE list. @retval 0 / -ENOMEM
 *  @locality snmptrapd @locks none */
int tk_handler_register(void);

/* plugin.c */
/** @brief Start ring, threads and producer, if they can be started now and are not.
 *  @locality snmptrapd @locks none */
void tk_host_start(struct tk_host *h);

/* sessions.c */
/** @brief Hook snmptrapd's callback on each receiving session that is opened from now on. With an unknown version of
 *         net-snmp nothing is hooked, and a log line says what does not work then. Once.
 *  @locality snmptrapd @locks none */
void tk_sessions_register(void);
/** @brief Hook the sessions that were open before; a second call does no harm. @locality snmptrapd @locks none */
void tk_sessions_guard(void);
/** @returns net-snmp's list of open sessions; NULL: not known @locality snmptrapd @locks none */
const struct session_list *tk_sessions_all(void);
/** @brief Can the reply to the PDU that is being handled be held back? The PDU's session must be known for that.
 *  @locality snmptrapd @locks none */
bool tk_sessions_can_hold(void);
/** @brief Hold back the reply that snmptrapd makes to the PDU that is being handled: give it to tk_inform_keep() with
 *         this place instead of sending it. tk_sessions_can_hold() must be true. @locality snmptrapd @locks none */
void tk_sessions_hold(uint32_t place);
/** @brief Build the reply that snmptrapd would make to the INFORM that is being handled. tk_sessions_can_hold() must
 *         be true. @returns the reply, owned by the caller; NULL: net-snmp can't @locality snmptrapd @locks none */
struct tk_inform_reply *tk_sessions_make_reply(netsnmp_pdu *pdu);
/**
 * @brief Pass @p pdu through snmptrapd again, because it came before tk_sessions_guard() hooked the sessions.
 * @returns false if the session is not found, or was hooked when the PDU came
 * @locality snmptrapd  @locks none
 */
bool tk_sessions_begin_again(netsnmp_pdu *pdu, const netsnmp_transport *transport);

/** @brief Does this session receive notifications? @locality snmptrapd @locks none */
bool tk_sessions_receives(const netsnmp_session *session);
/** @brief Is the session a connection (tcp)? @locality snmptrapd @locks none */
bool tk_sessions_is_stream(const netsnmp_session *session);

/* usm_hooks.c */
/** @brief Run the self-test of usm/, and register its createUser parser. Once. @locality snmptrapd @locks none */
void tk_v3_init(void);
/** @brief Call before the configuration is read. @locality snmptrapd @locks none */
void tk_v3_begin_reading(void);
/** @brief Put the users that were read, and kafkaEngines of h->settings, in force.
 *  @locality snmptrapd @locks none */
void tk_v3_configure(struct tk_host *h);
/** @brief Once a second. @locality snmptrapd @locks none */
void tk_v3_tick(struct tk_host *h, const struct tk_time *now);
/** @brief The configuration has no dlmod line any more: leave SNMPv3 to net-snmp.
 *  @locality snmptrapd @locks none */
void tk_v3_rest(void);
/** @brief Write the clocks' file and keep it no longer. Before anything that may take so long that the stop is cut short.
 *  @locality snmptrapd @locks none */
void tk_v3_keep(void);
/** @brief Wipe the keys and remove the hook. @locality snmptrapd @locks none */
void tk_v3_done(void);

/* losses.c */
/** @brief Remember a datagram socket, whose drops tk_losses_read() asks of the kernel. The first call for a socket
 *         logs a warning if its receive buffer is smaller than serverRecvBuf. @locality snmptrapd @locks none */
void tk_losses_note_socket(int sock);
/** @brief Close our duplicates of the sockets, so that their ports are free. @locality snmptrapd @locks none */
void tk_losses_forget_sockets(void);
/** @brief Set the counts of losses to 0, as the other counters. @locality snmptrapd @locks none */
void tk_losses_begin_again(void);
/** @brief Read the kernel's counters into h->stats. @locality snmptrapd @locks none */
void tk_losses_read(struct tk_host *h);

/* authorize.c */
/** @brief Describe a malformed notification for refusals.h. @param transport  may be NULL
 *  @locality snmptrapd @locks none */
void tk_authorize_describe(struct tk_refusal *ret, const netsnmp_pdu *pdu, const netsnmp_transport *transport,
                           enum tk_hint hint);
/** @brief Hook snmptrapd's authorization, to see what it refuses. What it accepts does not change. If it can't be
 *         hooked, a log line says what does not work then. Once. @retval 0 / -ENOMEM
 *  @locality snmptrapd @locks none */
int tk_authorize_register(void);

#endif /* TK_HOST_INTERNAL_H */
