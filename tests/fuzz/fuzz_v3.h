/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz_v3.h
 * @brief SNMPv3 messages taken apart, put together again, encrypted and signed with the right keys, so that odd but
 *        authentic messages reach what stands behind the signature; and the users whom the receiver knows.
 *
 * One thread; the buffers are static.
 */
#ifndef TK_FUZZ_V3_H
#define TK_FUZZ_V3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FUZZ_V3_FIELD  64 /* engine, user, digest, salt: more than any may have */
#define FUZZ_V3_SCOPED 16384

struct fuzz_field {
    uint8_t bytes[FUZZ_V3_FIELD];
    size_t len;
};

/** A message of the usual form. */
struct fuzz_v3 {
    int64_t id, max_size, model, boots, time;
    uint8_t flags; /* 1: authentic, 2: private, 4: asks for an answer */
    struct fuzz_field engine, user, digest, salt;
    uint8_t scoped[FUZZ_V3_SCOPED]; /* the scoped PDU as it stands there: a SEQUENCE, or an OCTET STRING's content */
    size_t scoped_len;
    size_t digest_at; /* where its digest stands */
};

/** Engines of the seeds. */
#define FUZZ_SENDER "0x80001f8804706532"
#define FUZZ_PINNED "0x80001f880470696e"
#define FUZZ_OWN    "0x80001f880466757a7a"

/** What stands in snmptrapd.conf. */
extern const char *const fuzz_v3_users[];

/** @brief After net-snmp was initialized: make the users' master keys. */
void fuzz_v3_init(void);

/** @returns false: not of the usual form */
bool fuzz_v3_read(struct fuzz_v3 *m, const uint8_t *bytes, size_t len);
/** @brief Put it together as it stands, digest and all. @returns its length, or 0: it does not fit */
size_t fuzz_v3_write(struct fuzz_v3 *m, uint8_t *dst, size_t dst_bytes);

/** @brief Decrypt with the keys of the user that it names. @returns false: no such user, or not encrypted */
bool fuzz_v3_open(struct fuzz_v3 *m);
/** @brief Encrypt, as fuzz_v3_open() has opened it. @returns false: no such user, or it has no privacy */
bool fuzz_v3_close(struct fuzz_v3 *m);
/** @brief Sign these bytes where the digest of @p m stands, if the user that it names can. */
void fuzz_v3_sign(const struct fuzz_v3 *m, uint8_t *bytes, size_t len);

/** @brief The name of one of the users. */
const char *fuzz_v3_name(unsigned choice);
/** @brief The octets of the digest that fits the user; 0: none. */
size_t fuzz_v3_digest_len(const struct fuzz_v3 *m);

/** @brief Could this scoped PDU (plain) become an event: a v2 trap or INFORM of sound form? */
bool fuzz_is_sound_notification(const uint8_t *scoped, size_t len);

#endif /* TK_FUZZ_V3_H */
