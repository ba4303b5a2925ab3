/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the table of engines with a simple list after each operation: both must have the same engines, evict the
 * same engines, and have the same counts.
 *
 * Input: operations; each is a byte, for most of them followed by the number of an engine (two bytes). */
#include "fuzz.h"

#include <string.h>

#include "usm/engines.h"

#define KNOWN 700 /* engines in the model; one operation can add many */

struct known {
    uint16_t n;
    tk_nsec heard;
    uint64_t stamp; /* when it was heard, in operations */
};

struct model {
    struct tk_engines *t;
    struct known known[KNOWN];
    unsigned count, learned, max;
    uint64_t evicted, stamp;
    tk_nsec now, ttl;
};

/* Engine IDs of all lengths; one number always has the same ID. */
static size_t id_of(uint16_t n, uint8_t id[TK_ENGINE_BYTES])
{
    size_t len = 2 + n % (TK_ENGINE_BYTES - 1);

    memset(id, 0x5a, TK_ENGINE_BYTES);
    id[0] = (uint8_t)n;
    id[1] = (uint8_t)(n >> 8);
    return len;
}

static struct known *known(struct model *m, uint16_t n)
{
    for (unsigned i = 0; i < m->count; i++)
        if (m->known[i].n == n)
            return &m->known[i];
    return NULL;
}

static void forget(struct model *m, struct known *k)
{
    m->learned--;
    *k = m->known[--m->count];
}

static struct known *oldest(struct model *m)
{
    struct known *found = NULL;

    for (unsigned i = 0; i < m->count; i++)
        if (!found || m->known[i].stamp < found->stamp)
            found = &m->known[i];
    return found;
}

static void make_room(struct model *m, unsigned most)
{
    while (m->learned > most) {
        forget(m, oldest(m));
        m->evicted++;
    }
}

static void expire(struct model *m)
{
    struct known *k;

    while ((k = oldest(m)) && m->now - k->heard >= m->ttl)
        forget(m, k);
}

static struct tk_engine *find(struct model *m, uint16_t n)
{
    uint8_t id[TK_ENGINE_BYTES];
    size_t len = id_of(n, id);
    struct tk_engine *e = tk_engines_find(m->t, id, len, 1);
    const struct known *k = known(m, n);

    FUZZ_CHECK(!e == !k);
    if (e) {
        FUZZ_CHECK(e->id_len == len && memcmp(e->id, id, len) == 0);
        FUZZ_CHECK(e->boots == n && e->auth[0] == (uint8_t)n && e->heard == k->heard);
    }
    return e;
}

static void hear(struct model *m, uint16_t n)
{
    struct tk_engine *e = find(m, n);
    uint8_t id[TK_ENGINE_BYTES];

    if (e) {
        tk_engines_heard(m->t, e, m->now);
        known(m, n)->heard = m->now;
        known(m, n)->stamp = ++m->stamp;
        return;
    }
    if (m->count == KNOWN)
        return;
    make_room(m, m->max - 1);
    e = tk_engines_add(m->t, id, id_of(n, id), 1, m->now);
    FUZZ_CHECK(e && e->user_id == 1 && e->boots == 0 && e->time == 0 && e->auth[0] == 0);
    e->boots = n;
    e->auth[0] = (uint8_t)n;
    m->known[m->count++] = (struct known){n, m->now, ++m->stamp};
    m->learned++;
}

static void turn(struct model *m, struct fuzz_bytes *in)
{
    uint8_t op = fuzz_u8(in);
    uint16_t n = (uint16_t)fuzz_u16(in);

    switch (op % 8) {
    case 0:
    case 1: hear(m, n); break;
    case 2:
        for (unsigned i = 0; i < op; i++)
            hear(m, (uint16_t)(n + i));
        break;
    case 3:
    case 4: (void)find(m, n); break;
    case 5:
        m->now += (tk_nsec)n * TK_SECOND;
        tk_engines_expire(m->t, m->now); /* one call expires a bounded number */
        expire(m);
        break;
    case 6:
        m->max = 1 + n % 600;
        m->ttl = (1 + op) * 60 * TK_SECOND;
        tk_engines_limit(m->t, m->max, m->ttl, m->now);
        while (m->learned > m->max) /* these evictions are not counted: no new engine needed the place */
            forget(m, oldest(m));
        expire(m);
        break;
    default: (void)find(m, n); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct model m;
    struct fuzz_bytes in = {data, size};

    memset(&m, 0, sizeof(m));
    m.t = tk_engines_new();
    m.max = 100;
    m.ttl = 3600 * TK_SECOND;
    FUZZ_CHECK(m.t);
    tk_engines_limit(m.t, m.max, m.ttl, m.now);
    for (unsigned turns = 0; in.left && turns < 300; turns++) {
        turn(&m, &in);
        FUZZ_CHECK(tk_engines_count(m.t) == m.learned);
        FUZZ_CHECK(tk_engines_evicted(m.t) == m.evicted);
    }
    for (unsigned i = 0; i < m.count; i++)
        (void)find(&m, m.known[i].n);
    tk_engines_free(m.t);
    return 0;
}
