/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file event_fixture.h
 * @brief Make events for tests: write varbinds as a flat trap, read it back and resolve it, as the first stages do.
 *
 *   struct event_fixture f;
 *   event_fixture_init(&f, "1.3.6.1.6.3.1.1.5.3");
 *   event_fixture_integer(&f, "1.3.6.1.2.1.2.2.1.1.7", 7);
 *   event_fixture_finish(&f, dict);
 *   ... f.ev ...
 *   event_fixture_done(&f);
 *
 * A test may change `head` before finish, and `ev` after it. A failure in here fails the test.
 */
#ifndef TK_EVENT_FIXTURE_H
#define TK_EVENT_FIXTURE_H

#include "snmp/oid.h"
#include "event/event.h"

#define EVENT_FIXTURE_VARBINDS 64

struct event_fixture_varbind {
    uint8_t type;
    struct tk_oid oid;
    size_t value_at, value_len;
};

struct event_fixture {
    struct tk_event ev;
    struct tk_trap_head head; /* SNMPv2c over UDP from 192.0.2.7, community "public" */
    struct tk_trap trap;
    struct tk_arena arena;
    struct tk_oid trap_oid, known_oid;
    uint8_t trap_ber[TK_OID_MAX_BER];
    struct event_fixture_varbind drafts[EVENT_FIXTURE_VARBINDS];
    struct tk_event_varbind varbinds[EVENT_FIXTURE_VARBINDS];
    size_t count, values_len;
    uint8_t values[65536];
    uint8_t bytes[TK_TRAP_MAX_BYTES];
};

/** @brief Begin an event; device "pe1.fra", address "192.0.2.7". */
void event_fixture_init(struct event_fixture *f, const char *trap_oid);

/** @brief Add a varbind of any type with the flat trap's value bytes. */
void event_fixture_varbind(struct event_fixture *f, uint8_t type, const char *oid, const void *value, size_t len);
void event_fixture_integer(struct event_fixture *f, const char *oid, int64_t value);
/** @brief A counter, gauge, ... as @p type says. */
void event_fixture_unsigned(struct event_fixture *f, uint8_t type, const char *oid, uint64_t value);
void event_fixture_text(struct event_fixture *f, const char *oid, const char *text);
void event_fixture_oid(struct event_fixture *f, const char *oid, const char *value);
/** @brief An IpAddress, "192.0.2.1". */
void event_fixture_address(struct event_fixture *f, const char *oid, const char *value);

/** @brief Write the flat trap, read it back, and fill f->ev up to `resolve`. @param dict may be NULL */
void event_fixture_finish(struct event_fixture *f, const struct tk_dict *dict);

/** @brief Free what the event allocated. */
void event_fixture_done(struct event_fixture *f);

#endif /* TK_EVENT_FIXTURE_H */
