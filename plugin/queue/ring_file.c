/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/ring_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/hash.h"

static const char MAGIC[8] = {'T', 'R', 'A', 'P', 'K', 'Q', '\r', '\n'};

_Static_assert(sizeof(struct tk_ring_header) == 128, "the checksum covers 128 bytes in every format");

static uint32_t header_crc(const struct tk_ring_header *h)
{
    const size_t crc_at = offsetof(struct tk_ring_header, crc), from = crc_at + sizeof(h->crc);

    return tk_crc32c(tk_crc32c(0, h, crc_at), (const uint8_t *)h + from, sizeof(*h) - from);
}

/* A header with a correct checksum and impossible values is treated as damaged. */
static bool is_sane(const struct tk_ring_header *h)
{
    return h->capacity && h->capacity % 8 == 0 && h->capacity <= (uint64_t)1 << 56 && h->tail % 8 == 0 &&
           h->head % 8 == 0 && h->head <= (uint64_t)1 << 62 && h->head >= h->tail && h->head - h->tail <= h->capacity &&
           h->tail_seq >= 1 && h->head_seq >= h->tail_seq;
}

static bool is_blank(const uint8_t *bytes, size_t n)
{
    while (n > 0 && bytes[n - 1] == 0)
        n--;
    return n == 0;
}

enum tk_header_state tk_header_load(const uint8_t bytes[TK_RING_HEADER_BYTES], struct tk_ring_header *ret_header)
{
    enum tk_header_state state = is_blank(bytes, TK_RING_HEADER_BYTES) ? TK_HEADER_BLANK : TK_HEADER_FOREIGN;
    int intact = 0;

    for (int i = 0; i < 2; i++) {
        struct tk_ring_header h;

        memcpy(&h, bytes + (size_t)i * TK_RING_HEADER_STEP, sizeof(h));
        if (memcmp(h.magic, MAGIC, sizeof(MAGIC)) != 0)
            continue;
        if (state == TK_HEADER_FOREIGN)
            state = TK_HEADER_DAMAGED;
        if (h.crc != header_crc(&h))
            continue;
        if (h.format != TK_RING_FILE_FORMAT) {
            state = TK_HEADER_OTHER;
            *ret_header = h;
            return state;
        }
        if (is_sane(&h) && (intact++ == 0 || h.generation > ret_header->generation))
            *ret_header = h;
    }
    if (intact)
        state = intact == 2 ? TK_HEADER_INTACT : TK_HEADER_HALF;
    return state;
}

bool tk_header_is_stub(const uint8_t bytes[TK_RING_HEADER_BYTES], uint64_t length)
{
    return length < sizeof(MAGIC) && memcmp(bytes, MAGIC, length) == 0;
}

void tk_header_store(uint8_t bytes[TK_RING_HEADER_BYTES], struct tk_ring_header *header)
{
    memcpy(header->magic, MAGIC, sizeof(MAGIC));
    header->format = TK_RING_FILE_FORMAT;
    header->generation++;
    header->crc = header_crc(header);
    /* If the process dies during the memcpy(), the other copy is intact. The fences keep the compiler from merging
     * this write with the next one. */
    atomic_thread_fence(memory_order_seq_cst);
    memcpy(bytes + header->generation % 2 * TK_RING_HEADER_STEP, header, sizeof(*header));
    atomic_thread_fence(memory_order_seq_cst);
}

void tk_ring_make_uuid(uint8_t ret_uuid[16])
{
    if (getrandom(ret_uuid, 16, 0) != 16) {
        uint64_t seeds[2] = {tk_random_seed(), tk_random_seed() + 1};

        memcpy(ret_uuid, seeds, sizeof(seeds));
    }
    ret_uuid[6] = (ret_uuid[6] & 0x0f) | 0x40;
    ret_uuid[8] = (ret_uuid[8] & 0x3f) | 0x80;
}

static uint64_t boot_number;

static void read_boot_number(void)
{
    char text[64];
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

    if (n > 0)
        boot_number = tk_hash64(text, (size_t)n, 0) | 1;
    if (fd >= 0)
        (void)close(fd);
}

uint64_t tk_boot_number(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, read_boot_number);
    return boot_number;
}
