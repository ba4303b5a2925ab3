/* SPDX-License-Identifier: Apache-2.0 */
/* Detail and remedy of a refusal with any bytes from the network are ASCII without control characters, and fit.
 *
 * Input: a byte for the buffers' size, then a struct tk_refusal's members, then engine and user. */
#include "fuzz.h"

#include <string.h>

#include "refusal/refusal_box.h"
#include "refusal/refusal_detail.h"
#include "snmp/trap.h"
#include "snmp/engine_id.h"
#include "refusal/remedy.h"

static struct tk_peer peer_of(struct fuzz_bytes *in)
{
    static const uint8_t families[] = {0, 4, 6};
    struct tk_peer peer = {.transport = fuzz_u8(in) % (TK_OTHER_TRANSPORT + 1),
                           .family = families[fuzz_u8(in) % 3],
                           .port = (uint16_t)fuzz_u16(in)};

    for (size_t i = 0; i < sizeof(peer.address); i++)
        peer.address[i] = fuzz_u8(in);
    return peer;
}

static void choose_protocols(struct tk_refusal *r, struct fuzz_bytes *in)
{
    static const char *const auth[] = {"", "MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
    static const char *const priv[] = {"", "DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"};

    (void)snprintf(r->auth, sizeof(r->auth), "%s", auth[fuzz_u8(in) % 7]);
    (void)snprintf(r->priv, sizeof(r->priv), "%s", priv[fuzz_u8(in) % 7]);
}

static void make(struct tk_refusal *r, struct fuzz_bytes *in)
{
    uint8_t flags = fuzz_u8(in);

    memset(r, 0, sizeof(*r));
    r->reason = fuzz_u8(in) % TK_REASONS;
    r->hint = fuzz_u8(in) % TK_HINTS;
    r->peer = peer_of(in);
    r->accepted_from = peer_of(in);
    r->version = fuzz_u8(in) % 4;
    r->security_level = fuzz_u8(in) % 4;
    r->digest_len = fuzz_u8(in);
    r->is_inform = flags & 1;
    r->is_own_engine = flags & 2;
    r->boots = fuzz_u32(in);
    r->time = fuzz_u32(in);
    r->known_boots = fuzz_u32(in);
    r->known_time = fuzz_u32(in);
    choose_protocols(r, in);
    r->engine_len = fuzz_u8(in) % (TK_ENGINE_BYTES + 1);
    for (unsigned i = 0; i < r->engine_len; i++)
        r->engine[i] = fuzz_u8(in);
    r->user_len = fuzz_u8(in) % (TK_USER_BYTES + 1);
    for (unsigned i = 0; i < r->user_len; i++)
        r->user[i] = (char)fuzz_u8(in);
}

static void check_text(const char *text, size_t room)
{
    FUZZ_CHECK(memchr(text, '\0', room));
    for (; *text; text++)
        FUZZ_CHECK(*text >= 0x20 && *text < 0x7f);
}

typedef const char *words_of(char *dst, size_t dst_bytes, const struct tk_refusal *r);

static void say(words_of *words, const struct tk_refusal *r, size_t room)
{
    char *dst = malloc(room);

    FUZZ_CHECK(dst && words(dst, room, r) == dst);
    check_text(dst, room);
    FUZZ_CHECK(room < 2 || dst[0]);
    free(dst);
}

static void check_engine(const uint8_t *bytes, size_t len)
{
    struct tk_engine_id id;
    uint8_t *exact = malloc(len ? len : 1);

    FUZZ_CHECK(exact);
    memcpy(exact, bytes, len);
    tk_engine_id_read(&id, exact, len);
    FUZZ_CHECK(id.format);
    check_text(id.format, 32);
    check_text(id.text, sizeof(id.text));
    if (id.vendor)
        check_text(id.vendor, 64);
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    uint8_t choice = fuzz_u8(&in);
    size_t room = choice ? choice : sizeof(((struct tk_refusal_report *)0)->remedy);
    struct tk_refusal r;
    char *peer;

    make(&r, &in);
    check_engine(r.engine, r.engine_len);
    say(tk_refusal_detail, &r, room);
    say(tk_remedy, &r, room);
    say(tk_remedy_sender_command, &r, room);
    peer = malloc(room);
    FUZZ_CHECK(peer && tk_peer_name(peer, room, &r.peer) == peer);
    check_text(peer, room);
    free(peer);
    return 0;
}
