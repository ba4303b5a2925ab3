/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strings.h"

#include <errno.h>
#include <stdlib.h>

#include "base/devel.h"
#include "base/hash.h"

#define FIRST_POOL  4096
#define FIRST_SLOTS 256

void tk_strings_init(struct tk_strings *s, uint64_t seed)
{
    memset(s, 0, sizeof(*s));
    s->seed = seed;
    s->len = 1; /* 0 is TK_STRINGS_NONE */
}

void tk_strings_done(struct tk_strings *s)
{
    free(s->pool);
    free(s->slots);
    tk_strings_init(s, 0);
}

/* Double the slots. A slot holds 32 bits of its string's hash, so the strings are not hashed again. */
static int grow_slots(struct tk_strings *s)
{
    uint32_t slot_count = s->slots ? 2 * (s->mask + 1) : FIRST_SLOTS;
    uint64_t *slots = calloc(slot_count, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    for (uint32_t i = 0; s->slots && i <= s->mask; i++) {
        uint32_t at = (uint32_t)(s->slots[i] >> 32) & (slot_count - 1);

        if (!s->slots[i])
            continue;
        while (slots[at])
            at = (at + 1) & (slot_count - 1);
        slots[at] = s->slots[i];
    }
    free(s->slots);
    s->slots = slots;
    s->mask = slot_count - 1;
    return 0;
}

static int append(struct tk_strings *s, const void *bytes, uint16_t len, uint32_t *ret_id)
{
    size_t need = s->len + sizeof(len) + len;

    if (need > UINT32_MAX)
        return -EFBIG;
    if (need > s->cap) {
        size_t cap = s->cap ? s->cap : FIRST_POOL;
        char *pool;

        while (cap < need)
            cap *= 2;
        pool = realloc(s->pool, cap);
        if (!pool)
            return -ENOMEM;
        s->pool = pool;
        s->cap = cap;
    }
    *ret_id = (uint32_t)s->len;
    memcpy(s->pool + s->len, &len, sizeof(len));
    if (len)
        memcpy(s->pool + s->len + sizeof(len), bytes, len);
    s->len = need;
    return 0;
}

int tk_strings_intern(struct tk_strings *s, const void *bytes, size_t len, uint32_t *ret_id)
{
    uint32_t hash, at, id;
    int r;

    TK_ASSERT(s->slots || s->count == 0); /* not sealed */
    if (len > TK_STRINGS_MAX)
        return -EFBIG;
    if (!s->slots || s->count + 1 > (s->mask + 1) / 4 * 3) {
        r = grow_slots(s);
        if (r < 0)
            return r;
    }
    hash = (uint32_t)tk_hash64(bytes, len, s->seed);
    for (at = hash & s->mask; s->slots[at]; at = (at + 1) & s->mask) {
        size_t known_len;
        const char *known;

        if ((uint32_t)(s->slots[at] >> 32) != hash)
            continue;
        id = (uint32_t)s->slots[at];
        known = tk_strings_get(s, id, &known_len);
        if (known_len == len && memcmp(known, bytes, len) == 0) {
            *ret_id = id;
            return 0;
        }
    }
    r = append(s, bytes, (uint16_t)len, &id);
    if (r < 0)
        return r;
    s->slots[at] = (uint64_t)hash << 32 | id;
    s->count++;
    *ret_id = id;
    return 0;
}

void tk_strings_seal(struct tk_strings *s)
{
    char *pool = s->pool ? realloc(s->pool, s->len) : NULL;

    if (pool) { /* on failure the larger block stays in use */
        s->pool = pool;
        s->cap = s->len;
    }
    free(s->slots);
    s->slots = NULL;
}
