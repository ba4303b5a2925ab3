/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/devel.h"

void tk_hasher_init(struct tk_hasher *h, uint8_t *buf, size_t buf_bytes, uint64_t seed)
{
    TK_ASSERT(buf_bytes >= 64);
    memset(h, 0, sizeof(*h));
    h->bytes = buf;
    h->cap = buf_bytes;
    h->seed = seed;
}

static void fold(struct tk_hasher *h)
{
    XXH128_hash_t x;

    memcpy(h->bytes + h->len, &h->folded, sizeof(h->folded));
    x = XXH3_128bits_withSeed(h->bytes, h->len + sizeof(h->folded), h->seed);
    h->folded.high = x.high64;
    h->folded.low = x.low64;
    h->len = 0;
}

void tk_hasher_add(struct tk_hasher *h, const void *piece, size_t len)
{
    const size_t room_for_fold = sizeof(h->folded);
    uint32_t prefix = (uint32_t)len;
    const uint8_t *p = piece;

    if (h->cap - room_for_fold - h->len < sizeof(prefix))
        fold(h);
    memcpy(h->bytes + h->len, &prefix, sizeof(prefix));
    h->len += sizeof(prefix);
    while (len) {
        size_t room = h->cap - room_for_fold - h->len;
        size_t n = len < room ? len : room;

        if (n == 0) {
            fold(h);
            continue;
        }
        memcpy(h->bytes + h->len, p, n);
        h->len += n;
        p += n;
        len -= n;
    }
}

struct tk_hash128 tk_hasher_end(struct tk_hasher *h)
{
    fold(h);
    return h->folded;
}

uint64_t tk_hash64(const void *data, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(data, len, seed);
}

/* For processors without a CRC-32C instruction. 0x82f63b78 is the polynomial, reflected. */
static uint32_t crc32c_plain(uint32_t crc, const uint8_t *p, size_t len)
{
    while (len--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0x82f63b78u & (0u - (crc & 1)));
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_fast(uint32_t crc, const uint8_t *p, size_t len)
{
    uint64_t wide = crc;

    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;

        memcpy(&word, p, 8);
        wide = __builtin_ia32_crc32di(wide, word);
    }
    crc = (uint32_t)wide;
    while (len--)
        crc = __builtin_ia32_crc32qi(crc, *p++);
    return crc;
}

static int has_crc_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}
#else
#define crc32c_fast crc32c_plain
static int has_crc_instruction(void)
{
    return 0;
}
#endif

uint32_t tk_crc32c(uint32_t crc, const void *data, size_t len)
{
    return ~(has_crc_instruction() ? crc32c_fast(~crc, data, len) : crc32c_plain(~crc, data, len));
}

uint64_t tk_random_seed(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), 0) !=
        (ssize_t)sizeof(seed)) { /* a seed that can be guessed is better than a constant */
        struct timespec ts;

        (void)clock_gettime(CLOCK_REALTIME, &ts);
        seed = (uint64_t)ts.tv_nsec << 32 ^ (uint64_t)ts.tv_sec ^ (uint64_t)getpid() << 48;
    }
    return seed;
}
