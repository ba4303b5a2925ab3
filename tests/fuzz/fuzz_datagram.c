/* SPDX-License-Identifier: Apache-2.0 */
/* Input: datagrams (fuzz_mutate.h has the format). As in snmptrapd, net-snmp's own parser reads them, with our USM
 * in front of its decoder; then our handler, the ring and all stages process them. Each is counted exactly once. */
#include "fuzz.h"

#include <string.h>
#include <sys/eventfd.h>

#include "fuzz_mutate.h"
#include "fuzz_netsnmp.h"
#include "fuzz_samples.h"
#include "fuzz_v3.h"
#include "host/arrivals.h"
#include "host/refusals.h"
#include "usm/self_test.h"
#include "usm/trap_oid.h"
#include "usm/users.h"
#include "usm/usm.h"

#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/lcd_time.h>

#define ENGINES_MAX 3 /* MAX of kafkaEngines */

/* --- stubs for snmptrapd and the rest of host/ ----------------------------------------------------------------- */

struct tk_host tk_host;

static struct netsnmp_trapd_handler_s registered;

struct netsnmp_trapd_handler_s *netsnmp_add_global_traphandler(int list, tk_trapd_handler *handler)
{
    FUZZ_CHECK(list == TK_TRAPD_PRE_LIST); /* authorize.c and sessions.c register nothing here */
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

/* There is no session here, so INFORMs are answered when they are queued. */
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

struct tk_inform_reply *tk_sessions_make_reply(netsnmp_pdu *pdu)
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
tk_nsec __wrap_tk_clock_mono(void);

/* The clock is simulated, so that time can pass between two inputs: dedup must not suppress the second one. */
struct tk_time __wrap_tk_clock_now(void)
{
    return world->now;
}

tk_nsec __wrap_tk_clock_mono(void)
{
    return world->now.mono;
}

/* What happened to the current datagram. */
static struct {
    unsigned handled;  /* our handler was called */
    unsigned received; /* snmptrapd's callback was called, with a notification or another PDU */
    unsigned refused;  /* our USM reported a refusal */
} outcome;

/* Does what snmptrapd's callback does with a PDU that sessions.c lets through: only notifications are handled. */
static void handle(netsnmp_pdu *pdu, void *magic)
{
    struct tk_ring_books before;
    int ret;

    if (pdu->command != SNMP_MSG_TRAP && pdu->command != SNMP_MSG_TRAP2 && pdu->command != SNMP_MSG_INFORM)
        return;
    before = tk_ring_snapshot(tk_host.ring);
    outcome.handled++;
    ret = registered.handler(pdu, magic, &registered);
    /* An INFORM that was not accepted must not be answered. */
    FUZZ_CHECK(ret == (pdu->command == SNMP_MSG_INFORM && tk_ring_snapshot(tk_host.ring).head == before.head
                           ? TK_TRAPD_FINISH
                           : TK_TRAPD_OK));
}

/* Does what sessions.c does. */
static int input(int op, netsnmp_session *session, int reqid, netsnmp_pdu *pdu, void *magic)
{
    struct tk_arrival_turn turn;
    struct tk_refusal r;
    enum tk_hint flaw;

    (void)reqid;
    if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE || session->s_snmp_errno)
        return 1;
    outcome.received++;
    tk_arrivals_enter(&turn);
    flaw = tk_trap_oid_flaw(pdu);
    if (flaw == TK_HINT_NONE) {
        handle(pdu, magic);
    } else {
        tk_authorize_describe(&r, pdu, magic, flaw);
        tk_refusals_note(&tk_host, &r);
    }
    tk_arrivals_leave(&tk_host, &turn);
    return 1;
}

/* @returns the messages that are counted, by all counters that a message can end in */
static uint64_t counted(void)
{
    uint64_t sum = tk_ring_snapshot(worlds[0].ring).received + tk_ring_snapshot(worlds[1].ring).received +
                   tk_stats_get(&tk_host.stats, TK_OTHER);

    for (int i = 0; i < TK_STAT_COUNT; i++)
        if (strcmp(tk_stat_table[i].family, "rejected") == 0)
            sum += tk_stats_get(&tk_host.stats, (enum tk_stat)i);
    return sum;
}

/* --- a transport whose packets are the input ------------------------------------------------------------------- */

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

static void open_session(void)
{
    netsnmp_session sess;

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
    tk_arrivals_watch(transport);
    session = snmp_sess_add(&sess, transport, NULL, NULL);
    FUZZ_CHECK(session);
}

/* --- our USM --------------------------------------------------------------------------------------------------- */

static struct tk_settings *usm_settings;
static unsigned users;

static bool is_ours(const netsnmp_session *s)
{
    (void)s;
    return true;
}

static bool is_stream(const netsnmp_session *s)
{
    (void)s;
    return false;
}

static void on_refused(void *arg, const struct tk_refusal *r)
{
    (void)arg;
    FUZZ_CHECK(tk_reason_name(r->reason) && r->user_len <= TK_USER_BYTES && r->engine_len <= TK_ENGINE_BYTES);
    FUZZ_CHECK(r->version == TK_SNMP_V3 && r->peer.transport);
    outcome.refused++;
    tk_refusals_note(&tk_host, r);
}

static void configure(bool is_off)
{
    static const struct tk_usm_hooks hooks = {.is_ours = is_ours, .is_stream = is_stream, .on_refused = on_refused};

    usm_settings->engines_max = is_off ? 0 : ENGINES_MAX;
    usm_settings->engines_ttl_s = 60;
    FUZZ_CHECK(tk_usm_configure(usm_settings, &hooks, worlds[0].now.mono) == 0);
}

static void begin_usm(void)
{
    struct tk_err err = {0};
    char line[256];

    usm_settings = tk_settings_new();
    FUZZ_CHECK(usm_settings && tk_usm_self_test(&err) == 0);
    tk_usm_register();
    tk_usm_begin_reading();
    for (; fuzz_v3_users[users]; users++) {
        (void)snprintf(line, sizeof(line), "createUser %s", fuzz_v3_users[users]);
        FUZZ_CHECK(netsnmp_config(line) == SNMPERR_SUCCESS);
    }
    configure(false);
    FUZZ_CHECK(fuzz_netsnmp_users() == users);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const open[] = {"kafkaPublishCommunity yes", "kafkaDedup off", NULL};

    (void)argc, (void)argv;
    fuzz_netsnmp_init();
    fuzz_v3_init();
    open_session();
    fuzz_world_init(&worlds[0], NULL, fuzz_inventory, fuzz_circuits);
    fuzz_world_init(&worlds[1], open, NULL, NULL);
    world = &worlds[0];
    begin_usm();
    tk_host.is_loaded = tk_host.is_running = true;
    tk_host.settings = tk_settings_new();
    FUZZ_CHECK(tk_host.settings && tk_handler_register() == 0);
    tk_host.engine_id_len = snmpv3_get_engineID(tk_host.engine_id, sizeof(tk_host.engine_id));
    FUZZ_CHECK(tk_host.engine_id_len > 5);
    return 0;
}

/* --- one datagram ---------------------------------------------------------------------------------------------- */

/* Is it a valid notification, which must either become an event or be refused? */
static bool is_sound(const uint8_t *bytes, size_t len)
{
    static struct fuzz_v3 m;

    if (!fuzz_v3_read(&m, bytes, len) || m.model != 3 || (m.flags & 2 && !fuzz_v3_open(&m)))
        return false;
    return fuzz_is_sound_notification(m.scoped, m.scoped_len);
}

static uint64_t learned(void)
{
    struct tk_usm_counts counts = tk_usm_counts();

    FUZZ_CHECK(counts.engines <= ENGINES_MAX);
    return counts.engines + counts.evicted;
}

static void receive_one(const uint8_t *bytes, size_t len, bool is_off)
{
    uint64_t refused = fuzz_netsnmp_refused(), engines = learned(), before = counted();
    unsigned verified = fuzz_verified, named;
    netsnmp_large_fd_set fds;

    memset(&outcome, 0, sizeof(outcome));
    packet.bytes = bytes;
    packet.len = len;
    netsnmp_large_fd_set_init(&fds, FD_SETSIZE);
    netsnmp_large_fd_setfd(transport->sock, &fds);
    (void)snmp_sess_read2(session, &fds);
    netsnmp_large_fd_set_cleanup(&fds);
    tk_arrivals_settle(&tk_host);
    FUZZ_CHECK(counted() == before + 1);
    FUZZ_CHECK(outcome.handled + outcome.refused <= 1);
    FUZZ_CHECK(outcome.received || outcome.refused || fuzz_netsnmp_refused() > refused || !is_sound(bytes, len));
    FUZZ_CHECK(learned() <= engines + (fuzz_verified > verified));
    FUZZ_CHECK(fuzz_netsnmp_users() == users);
    if (is_off)
        return; /* with kafkaEngines off, net-snmp's list grows, as without the module */
    /* One entry without engine ID in each chain, and this receiver's own entry. */
    FUZZ_CHECK(fuzz_netsnmp_engines(&named) <= ETIMELIST_SIZE + 1 && named <= 1);
}

static void pass_time(unsigned seconds)
{
    fuzz_engine_seconds += seconds;
    world->now.wall += seconds * TK_SECOND;
    world->now.mono += seconds * TK_SECOND;
    world->now.boot += seconds * TK_SECOND;
    tk_usm_tick(world->now.mono);
}

static void receive_several(struct fuzz_bytes *in, bool is_off)
{
    for (unsigned n = 0; n < FUZZ_DATAGRAMS && in->left > 3; n++) {
        size_t len;

        pass_time(fuzz_u8(in));
        len = fuzz_u16(in);
        len = len < in->left ? len : in->left;
        receive_one(in->at, len, is_off);
        in->at += len;
        in->left -= len;
    }
}

/* Learned engines expire. The clock of an engine with a createUser -e line is only forgotten with all users and the
 * whole table, which is slow, so that is only done if the input has that engine ID. */
static void forget_engines(const uint8_t *data, size_t size, bool is_off)
{
    static const uint8_t pinned[] = {0x80, 0, 0x1f, 0x88, 4, 'p', 'i', 'n'};

    if (is_off || memmem(data, size, pinned, sizeof(pinned))) {
        tk_users_done();
        configure(true);
        configure(false);
    }
    tk_usm_tick(world->now.mono);
    FUZZ_CHECK(tk_usm_counts().engines == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    uint8_t how = fuzz_u8(&in);

    if (size < 2)
        return 0;
    world = &worlds[how & 1];
    tk_host.ring = world->ring;
    packet.peer = how >> 1 & 3;
    fuzz_engine_seconds = 1000;
    if (how & FUZZ_OFF)
        configure(true);
    if (how & FUZZ_SEVERAL)
        receive_several(&in, how & FUZZ_OFF);
    else
        receive_one(in.at, in.left, how & FUZZ_OFF);
    fuzz_world_run(world);
    forget_engines(data, size, how & FUZZ_OFF);
    return 0;
}
