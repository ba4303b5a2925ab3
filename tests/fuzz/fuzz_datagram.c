/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram: through net-snmp's own parser, as in snmptrapd, then our handler, the ring and all stages.
 *
 * Input: one byte (1: which world; 6: what the transport says of the peer), then the datagram. */
#include "fuzz.h"

#include <string.h>
#include <sys/eventfd.h>

#include "fuzz_samples.h"
#include "host/host.h"

#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/lcd_time.h>

#define SENDERS_ENGINE "0x80001f8804706532"
#define OWN_ENGINE     "0x80001f880466757a7a"

/* --- instead of snmptrapd, and of the rest of host/ ------------------------------------------------------------ */

struct tk_host tk_host;

static struct netsnmp_trapd_handler_s registered;

struct netsnmp_trapd_handler_s *netsnmp_add_global_traphandler(int list, tk_trapd_handler *handler)
{
    FUZZ_CHECK(list == TK_TRAPD_PRE_LIST);
    registered.handler = handler;
    return &registered;
}

void tk_host_start(struct tk_host *h)
{
    (void)h;
}

void tk_losses_note_socket(int sock)
{
    (void)sock;
}

/* No session is known here: INFORMs are answered when they are queued. */
bool tk_sessions_begin_again(netsnmp_pdu *pdu, const netsnmp_transport *transport)
{
    (void)pdu, (void)transport;
    return false;
}

bool tk_sessions_can_hold(void)
{
    return false;
}

void tk_sessions_hold(uint32_t place)
{
    (void)place;
}

struct tk_late_reply *tk_sessions_make_reply(netsnmp_pdu *pdu)
{
    (void)pdu;
    return NULL;
}

const struct session_list *tk_sessions_all(void)
{
    return NULL;
}

static struct fuzz_world worlds[2], *world;

struct tk_time __wrap_tk_clock_now(void);

/* What one input did is no matter to the next: dedup's window has to end. */
struct tk_time __wrap_tk_clock_now(void)
{
    return world->now;
}

/* As snmptrapd's: only notifications, and v2's only with snmpTrapOID.0. */
static int input(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
    static const oid trap_oid[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
    const netsnmp_variable_list *vb = pdu->variables;
    struct tk_ring_books before;
    int ret;

    (void)reqid;
    if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || session->s_snmp_errno)
        return 1;
    if (pdu->command == SNMP_MSG_TRAP2 || pdu->command == SNMP_MSG_INFORM) {
        while (vb && snmp_oid_compare(vb->name, vb->name_length, trap_oid, OID_LENGTH(trap_oid)) != 0)
            vb = vb->next_variable;
        if (!vb)
            return 1;
    } else if (pdu->command != SNMP_MSG_TRAP) {
        return 1;
    }
    before = tk_ring_snapshot(tk_host.ring);
    ret = registered.handler(pdu, magic, &registered);
    /* An INFORM that was not accepted is not answered. */
    FUZZ_CHECK(ret == (pdu->command == SNMP_MSG_INFORM && tk_ring_snapshot(tk_host.ring).head == before.head
                           ? TK_TRAPD_FINISH : TK_TRAPD_OK));
    return 1;
}

/* --- a transport that hands out the input ---------------------------------------------------------------------- */

static netsnmp_transport *transport;
static void *session;
static struct {
    const uint8_t *bytes;
    size_t len;
    unsigned peer;
} packet;

static void *peer_data(int *ret_len)
{
    netsnmp_indexed_addr_pair pair = {0};
    struct sockaddr_in *sin = (void *)&pair.remote_addr;
    struct sockaddr_in6 *sin6 = (void *)&pair.remote_addr;
    void *copy;

    *ret_len = packet.peer == 3 ? (int)sizeof(*sin6) : (int)sizeof(pair);
    if (packet.peer == 0)
        *ret_len = 7;
    if (packet.peer == 1) {
        sin->sin_family = AF_INET;
        sin->sin_port = htons(162);
        sin->sin_addr.s_addr = htonl(0xc0000207);
    } else {
        sin6->sin6_family = AF_INET6;
        sin6->sin6_addr.s6_addr[0] = 0x20;
        sin6->sin6_addr.s6_addr[15] = 7;
    }
    copy = malloc((size_t)*ret_len);
    FUZZ_CHECK(copy);
    memcpy(copy, &pair, (size_t)*ret_len);
    return copy;
}

static int receive(netsnmp_transport *t, void *buf, int size, void **opaque, int *opaque_len)
{
    int len = packet.len > (size_t)size ? size : (int)packet.len;

    (void)t;
    memcpy(buf, packet.bytes, (size_t)len);
    *opaque = peer_data(opaque_len);
    return len;
}

static int send_nothing(netsnmp_transport *t, const void *buf, int size, void **opaque, int *opaque_len)
{
    (void)t, (void)buf, (void)opaque, (void)opaque_len;
    return size;
}

static int close_transport(netsnmp_transport *t)
{
    (void)t;
    return 0;
}

static void init_netsnmp(void)
{
    static char users[][64] = {"-e " SENDERS_ENGINE " fuzzer", "-e " OWN_ENGINE " fuzzer"};
    static const u_char own[] = {0x80, 0, 0x1f, 0x88, 4, 'f', 'u', 'z', 'z'};
    netsnmp_session sess;

    (void)setenv("MIBS", "", 1);
    (void)setenv("SNMPCONFPATH", "/nonexistent", 1);
    (void)setenv("SNMP_PERSISTENT_DIR", "/nonexistent", 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    snmp_disable_log();
    init_snmp("fuzz");
    (void)setup_engineID(NULL, "fuzz");
    (void)set_enginetime(own, sizeof(own), 1, 0, TRUE); /* else INFORMs are answered by a report */
    for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++)
        usm_parse_create_usmUser("createUser", users[i]);

    transport = calloc(1, sizeof(*transport));
    FUZZ_CHECK(transport);
    transport->sock = eventfd(0, EFD_CLOEXEC);
    transport->msgMaxSize = 65507;
    transport->f_recv = receive;
    transport->f_send = send_nothing;
    transport->f_close = close_transport;
    snmp_sess_init(&sess);
    sess.peername = NULL;
    sess.version = SNMP_DEFAULT_VERSION;
    sess.callback = input;
    sess.callback_magic = transport;
    sess.isAuthoritative = SNMP_SESS_UNKNOWNAUTH;
    session = snmp_sess_add(&sess, transport, NULL, NULL);
    FUZZ_CHECK(session);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const open[] = {"kafkaPublishCommunity yes", "kafkaDedup off", NULL};

    (void)argc, (void)argv;
    init_netsnmp();
    fuzz_world_init(&worlds[0], NULL, fuzz_inventory, fuzz_circuits);
    fuzz_world_init(&worlds[1], open, NULL, NULL);
    tk_host.is_loaded = tk_host.is_running = true;
    tk_host.settings = tk_settings_new();
    FUZZ_CHECK(tk_host.settings && tk_handler_register() == 0);
    tk_host.engine_id_len = snmpv3_get_engineID(tk_host.engine_id, sizeof(tk_host.engine_id));
    FUZZ_CHECK(tk_host.engine_id_len > 5);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    netsnmp_large_fd_set fds;

    if (size < 2)
        return 0;
    world = &worlds[data[0] & 1];
    tk_host.ring = world->ring;
    packet.peer = data[0] >> 1 & 3;
    packet.bytes = data + 1;
    packet.len = size - 1;
    netsnmp_large_fd_set_init(&fds, FD_SETSIZE);
    netsnmp_large_fd_setfd(transport->sock, &fds);
    (void)snmp_sess_read2(session, &fds);
    netsnmp_large_fd_set_cleanup(&fds);
    fuzz_world_run(world);
    return 0;
}
