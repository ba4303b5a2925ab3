/* SPDX-License-Identifier: Apache-2.0 */
#include "storm_users.h"

#include <stdio.h>
#include <stdlib.h>

struct storm_engine *storm_engines_make(const struct storm_user *user, uint32_t base, size_t count)
{
    struct storm_engine *engines = calloc(count, sizeof(*engines));

    for (size_t i = 0; engines && i < count; i++) {
        uint32_t n = base + (uint32_t)i;
        const uint8_t id[] =
            {0x80,      0x00, 0x7e, 0xd9, 0x05, 'T', 'S', (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
             (uint8_t)n};

        if (storm_engine_init(&engines[i], user, id, sizeof(id)) != 0) {
            free(engines);
            return NULL;
        }
    }
    return engines;
}

static void print_hex(const uint8_t *bytes, size_t len)
{
    (void)printf("0x");
    for (size_t i = 0; i < len; i++)
        (void)printf("%02x", bytes[i]);
}

static void print_any(const struct storm_identity *who)
{
    (void)printf("createUser %s", who->user);
    if (who->level >= STORM_AUTH)
        (void)printf(" %s %s", who->auth, who->auth_pass);
    if (who->level == STORM_AUTHPRIV)
        (void)printf(" %s %s", who->priv, who->priv_pass);
    (void)printf("\n");
}

static void print_explicit(const struct storm_identity *who, const struct storm_user *user,
                           const struct storm_engine *engine)
{
    (void)printf("createUser -e ");
    print_hex(engine->id, engine->id_len);
    (void)printf(" %s", who->user);
    if (who->level >= STORM_AUTH) {
        (void)printf(" %s -l ", who->auth);
        print_hex(engine->auth_kul, (size_t)EVP_MD_size(user->md));
    }
    if (who->level == STORM_AUTHPRIV) {
        (void)printf(" %s -l ", who->priv);
        print_hex(engine->cipher_key, (size_t)EVP_CIPHER_key_length(user->cipher));
    }
    (void)printf("\n");
}

void storm_users_print(const struct storm_identity *who, const struct storm_user *user, enum storm_lines lines,
                       const struct storm_engine *engines, size_t count)
{
    if (lines == STORM_LINES_ANY)
        print_any(who);
    else
        for (size_t i = 0; i < count; i++)
            print_explicit(who, user, &engines[i]);
}
