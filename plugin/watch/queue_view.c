/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/queue_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/trap.h"

static void count_sender(struct tk_queue_view *v, const struct tk_record *rec)
{
    struct tk_trap trap;
    struct tk_peer peer = {0};
    char name[64];

    if (tk_trap_read(&trap, rec->body, rec->body_len) < 0)
        return;
    peer.family = trap.head.family;
    memcpy(peer.address, trap.head.address, sizeof(peer.address));
    (void)tk_peer_name(name, sizeof(name), &peer);
    tk_top_counts_add(&v->senders, name, "", 1);
}

int tk_queue_view_read(struct tk_queue_view *ret, const char *path, struct tk_err *err)
{
    uint8_t *buf = malloc(TK_TRAP_MAX_BYTES);
    struct tk_peek *peek = buf ? tk_peek_open(path, err) : NULL;
    struct tk_record rec;
    int status;

    memset(ret, 0, sizeof(*ret));
    if (!buf)
        tk_err_set(err, NULL, 0, "out of memory");
    if (peek)
        ret->facts = *tk_peek_facts(peek);
    while (peek && ret->looked_at < TK_QUEUE_VIEW_RECORDS &&
           (status = tk_peek_next(peek, buf, TK_TRAP_MAX_BYTES, &rec)) != 0) {
        if (status < 0) {
            ret->damaged += rec.lost;
            continue;
        }
        ret->oldest = ret->looked_at++ ? ret->oldest : rec.received.wall;
        count_sender(ret, &rec);
    }
    tk_peek_free(peek);
    free(buf);
    return err->is_set ? -EINVAL : 0;
}
