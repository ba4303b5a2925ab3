/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host.h
 * @brief The module's one state inside snmptrapd, for the files of this folder only.
 *
 * Owner: snmptrapd's thread, every member; the other threads are reached through the ring, the log and the mailbox.
 */
#ifndef TK_HOST_H
#define TK_HOST_H

#include <stdbool.h>

#include "base/log.h"
#include "base/settings.h"
#include "base/stats.h"
#include "host/trapd_api.h"
#include "pipeline/reload.h"
#include "pipeline/worker.h"
#include "queue/ring.h"
#include "sink/open.h"

struct tk_host {
    bool is_registered; /* directives, handler, callbacks: once in the life of the process */
    bool is_loaded;     /* a dlmod line stands in the configuration that was read last */
    bool is_running;    /* ring, threads and producer exist */
    bool is_over;       /* snmptrapd is going down, or is_stuck */
    bool is_stuck;      /* a thread would not end: nothing that it may touch is freed */

    struct tk_settings *reading;  /* being filled by the directives */
    struct tk_settings *settings; /* in force; NULL before the first reading ended */

    struct tk_stats   stats;
    struct tk_log    *log;
    struct tk_ring   *ring;
    uint64_t          queue_bytes; /* the ring's, as kafkaQueue said when it was made */
    struct tk_dict   *dict;   /* built once, kept: bundles point into it */
    struct tk_worker *worker;
    struct tk_reload *reload;
    struct tk_opener opener; /* the embedded broker lives through SIGHUP */

    struct tk_log_limit full_limit;
    uint8_t  engine_id[32]; /* this receiver's own */
    size_t   engine_id_len;
};

extern struct tk_host tk_host;

/* tokens.c */
/** @brief Make the directives known. @locality snmptrapd @locks none */
void tk_tokens_register(struct tk_host *h);

/* handler.c */
/** @brief Put the trap handler in front of snmptrapd's PRE list. @retval 0 / -ENOMEM @locality snmptrapd @locks none */
int tk_handler_register(void);

/* plugin.c */
/** @brief Start ring, threads and producer, if this is the time. @locality snmptrapd @locks none */
void tk_host_start(struct tk_host *h);

/* sessions.c */
/** @brief Step in front of snmptrapd's callback on its receiving sessions; again is harmless.
 *  @locality snmptrapd @locks none */
void tk_sessions_guard(void);

/* losses.c */
/** @brief Count a notification that can't be one: it has no snmpTrapOID.0. @locality snmptrapd @locks none */
void tk_losses_count_no_trap_oid(void);
/** @brief Remember the socket a notification came by, to ask the kernel what it dropped. @locality snmptrapd @locks none */
void tk_losses_note_socket(int sock);
/** @brief Let go of the sockets, at snmptrapd's end, so that their ports are free. @locality snmptrapd @locks none */
void tk_losses_forget_sockets(void);
/** @brief The books begin anew, and these with them. @locality snmptrapd @locks none */
void tk_losses_begin_again(void);
/** @brief Read the kernel's and net-snmp's own counters into h->stats. @locality snmptrapd @locks none */
void tk_losses_read(struct tk_host *h);

#endif /* TK_HOST_H */
