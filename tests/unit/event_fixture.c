/* SPDX-License-Identifier: Apache-2.0 */
#include "event_fixture.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dictionary/notification.h"
#include "inventory/topology.h"

void event_fixture_init(struct event_fixture *f, const char *trap_oid)
{
    static const uint8_t address[] = {192, 0, 2, 7};
    static const char device[] = "pe1.fra", text[] = "192.0.2.7";

    memset(f, 0, offsetof(struct event_fixture, values));
    f->head = (struct tk_trap_head){
        .format = TK_TRAP_FORMAT,
        .version = TK_SNMP_V2C,
        .pdu = TK_PDU_TRAP,
        .transport = TK_UDP,
        .flags = TK_HAS_UPTIME,
        .security_level = TK_NO_AUTH_NO_PRIV,
        .family = 4,
        .port = 50063,
        .uptime = 57009,
        .security_name_len = 6,
    };
    memcpy(f->head.address, address, sizeof(address));
    assert_int_equal(tk_oid_parse(&f->trap_oid, trap_oid), 0);
    tk_arena_init(&f->arena);
    f->ev.arena = &f->arena;
    f->ev.device = (struct tk_text){device, sizeof(device) - 1};
    f->ev.address = (struct tk_text){text, sizeof(text) - 1};
    f->ev.inventory_row = f->ev.circuit_row = TK_ROW_NONE;
}

void event_fixture_varbind(struct event_fixture *f, uint8_t type, const char *oid, const void *value, size_t len)
{
    struct event_fixture_varbind *draft = f->drafts + f->count;

    assert_true(f->count < EVENT_FIXTURE_VARBINDS && len <= sizeof(f->values) - f->values_len);
    assert_int_equal(tk_oid_parse(&draft->oid, oid), 0);
    draft->type = type;
    draft->value_at = f->values_len;
    draft->value_len = len;
    if (len)
        memcpy(f->values + f->values_len, value, len);
    f->values_len += len;
    f->count++;
}

void event_fixture_integer(struct event_fixture *f, const char *oid, int64_t value)
{
    event_fixture_varbind(f, TK_INTEGER, oid, &value, sizeof(value));
}

void event_fixture_unsigned(struct event_fixture *f, uint8_t type, const char *oid, uint64_t value)
{
    event_fixture_varbind(f, type, oid, &value, sizeof(value));
}

void event_fixture_text(struct event_fixture *f, const char *oid, const char *text)
{
    event_fixture_varbind(f, TK_OCTETS, oid, text, strlen(text));
}

void event_fixture_oid(struct event_fixture *f, const char *oid, const char *value)
{
    uint8_t ber[TK_OID_MAX_BER];
    struct tk_oid parsed;
    int len;

    assert_int_equal(tk_oid_parse(&parsed, value), 0);
    len = tk_oid_encode(ber, sizeof(ber), parsed.subid, parsed.len);
    assert_true(len >= 0);
    event_fixture_varbind(f, TK_OID, oid, ber, (size_t)len);
}

void event_fixture_address(struct event_fixture *f, const char *oid, const char *value)
{
    uint8_t address[4];

    assert_int_equal(inet_pton(AF_INET, value, address), 1);
    event_fixture_varbind(f, TK_IPADDRESS, oid, address, sizeof(address));
}

static size_t write_trap(struct event_fixture *f)
{
    struct tk_trap_parts parts = {.security_name = "public",
                                  .context_name = "",
                                  .engine_id = "",
                                  .context_engine_id = "",
                                  .oid = f->trap_ber};
    struct tk_trap_writer w;
    int len = tk_oid_encode(f->trap_ber, sizeof(f->trap_ber), f->trap_oid.subid, f->trap_oid.len);

    assert_true(len >= 0);
    f->head.oid_len = (uint16_t)len;
    f->head.varbind_count = (uint16_t)f->count;
    assert_int_equal(tk_trap_begin(&w, f->bytes, sizeof(f->bytes), &f->head, &parts), 0);
    for (size_t i = 0; i < f->count; i++) {
        const struct event_fixture_varbind *v = f->drafts + i;

        assert_int_equal(tk_trap_varbind(&w, v->type, v->oid.subid, v->oid.len, f->values + v->value_at, v->value_len),
                         0);
    }
    return tk_trap_end(&w);
}

/* Find the object that the OID names, or that it is an instance of; not one that is merely a prefix of it. */
static const struct tk_dict_object *find_object(const struct tk_dict *dict, const uint32_t *subid, size_t len,
                                                size_t *ret_matched)
{
    return dict ? tk_dict_resolve(dict, subid, len, ret_matched) : NULL;
}

static void resolve_trap(struct event_fixture *f, const struct tk_dict *dict)
{
    struct tk_event *ev = &f->ev;

    ev->notification = ev->trap_oid;
    ev->notification_len = ev->trap_oid_len;
    if (!dict)
        return;
    ev->trap_object = tk_dict_find_notification(dict, ev->trap_oid, ev->trap_oid_len, &f->known_oid);
    ev->notification = f->known_oid.subid;
    ev->notification_len = f->known_oid.len;
    if (ev->trap_object) {
        struct tk_dict_text name = tk_dict_name(dict, ev->trap_object), mib = tk_dict_module(dict, ev->trap_object);

        ev->trap_name = (struct tk_text){name.text, name.len};
        ev->trap_mib = (struct tk_text){mib.len ? mib.text : NULL, mib.len};
    }
}

void event_fixture_finish(struct event_fixture *f, const struct tk_dict *dict)
{
    const uint8_t *at;

    assert_int_equal(tk_trap_read(&f->trap, f->bytes, write_trap(f)), 0);
    at = f->trap.varbinds;
    f->ev.trap = &f->trap;
    f->ev.trap_oid = f->trap_oid.subid;
    f->ev.trap_oid_len = f->trap_oid.len;
    f->ev.trap_oid_ber = f->trap.oid;
    f->ev.trap_oid_ber_len = f->trap.head.oid_len;
    f->ev.varbinds = f->varbinds;
    f->ev.varbind_count = f->count;
    for (size_t i = 0; i < f->count; i++) {
        struct tk_event_varbind *vb = f->varbinds + i;

        at = tk_trap_next(at, &vb->raw);
        vb->subid = f->drafts[i].oid.subid;
        vb->subids = f->drafts[i].oid.len;
        vb->object = find_object(dict, vb->subid, vb->subids, &vb->matched);
    }
    resolve_trap(f, dict);
}

void event_fixture_done(struct event_fixture *f)
{
    tk_arena_done(&f->arena);
}
