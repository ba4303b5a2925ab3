/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz_v3.h
 * @brief Decode SNMPv3 messages, encode them again, and encrypt and sign them with the right keys, so that odd but
 *        authentic messages reach the code after authentication; also the users that the receiver knows.
 *
 * One thread; the buffers are static.
 */
#ifndef TK_FUZZ_V3_H
#define TK_FUZZ_V3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FUZZ_V3_FIELD  64 /* engine, user, digest, salt: longer than the maximum of each */
#define FUZZ_V3_SCOPED 16384

struct fuzz_field {
    uint8_t bytes[FUZZ_V3_FIELD];
    size_t len;
};

/** A message in the usual form. */
struct fuzz_v3 {
    int64_t id, max_size, model, boots, time;
    uint8_t flags; /* msgFlags: 1: auth, 2: priv, 4: reportable */
    struct fuzz_field engine, user, digest, salt;
    uint8_t scoped[FUZZ_V3_SCOPED]; /* the scoped PDU as in the message: a SEQUENCE, or the encrypted content */
    size_t scoped_len;
    size_t digest_at; /* the offset of its digest */
};

/** The engines in the seeds of the corpus. */
#define FUZZ_SENDER "0x80001f8804706532"
#define FUZZ_PINNED "0x80001f880470696e"
#define FUZZ_OWN    "0x80001f880466757a7a"

/** The createUser lines of snmptrapd.conf. */
extern const char *const fuzz_v3_users[];

/** @brief Make the users' master keys; net-snmp must be initialized. */
void fuzz_v3_init(void);

/** @brief Decode a message. @returns false: it is not in the usual form */
bool fuzz_v3_read(struct fuzz_v3 *m, const uint8_t *bytes, size_t len);
/** @brief Encode a message with the digest that it has. @returns its length, or 0: it does not fit */
size_t fuzz_v3_write(struct fuzz_v3 *m, uint8_t *dst, size_t dst_bytes);

/** @brief Decrypt the scoped PDU with the user's keys. @returns false: no such user, or not encrypted */
bool fuzz_v3_open(struct fuzz_v3 *m);
/** @brief Encrypt what fuzz_v3_open() decrypted. @returns false: no such user, or it has no privacy */
bool fuzz_v3_close(struct fuzz_v3 *m);
/** @brief Write the right digest into these bytes at m->digest_at, if the user has an authentication key. */
void fuzz_v3_sign(const struct fuzz_v3 *m, uint8_t *bytes, size_t len);

/** @brief The name of one of the users. */
const char *fuzz_v3_name(unsigned choice);
/** @brief How many octets the user's digest has; 0: no authentication. */
size_t fuzz_v3_digest_len(const struct fuzz_v3 *m);

/** @brief Is this decrypted scoped PDU a valid v2 trap or INFORM, which must become an event? */
bool fuzz_is_sound_notification(const uint8_t *scoped, size_t len);

#endif /* TK_FUZZ_V3_H */
