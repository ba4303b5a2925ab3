/* SPDX-License-Identifier: Apache-2.0 */
/* Mutates inputs with SNMPv3 messages: as libFuzzer does, or field by field (decrypted, if the message is encrypted).
 * Then the message is usually encrypted and signed again with the right keys. */
#include <string.h>

#include "fuzz.h"
#include "fuzz_mutate.h"
#include "fuzz_v3.h"

static uint64_t state;

static unsigned any(unsigned below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % below;
}

static void mutate_field(struct fuzz_field *f)
{
    f->len = LLVMFuzzerMutate(f->bytes, f->len, sizeof(f->bytes));
}

static void set_field(struct fuzz_field *f, const void *bytes, size_t len)
{
    memcpy(f->bytes, bytes, len);
    f->len = len;
}

static void mutate_number(int64_t *n)
{
    static const int64_t some[] = {0, 1, 2, 150, 151, 65507, 2147483647, 2147483648, 4294967295, -1, 484};

    switch (any(4)) {
    case 0: *n = some[any(sizeof(some) / sizeof(some[0]))]; break;
    case 1: *n += (int64_t)any(400) - 200; break;
    case 2: *n ^= 1LL << any(33); break;
    default: *n = (int64_t)any(1U << 31); break;
    }
}

static void change_engine(struct fuzz_v3 *m)
{
    static const uint8_t known[3][9] = {
        {0x80, 0, 0x1f, 0x88, 4, 0x70, 0x65, 0x32},
        {0x80, 0, 0x1f, 0x88, 4, 'p', 'i', 'n'},
        {0x80, 0, 0x1f, 0x88, 4, 'f', 'u', 'z', 'z'},
    };
    unsigned which = any(5);

    if (which < 3)
        set_field(&m->engine, known[which], which == 2 ? 9 : 8);
    else
        mutate_field(&m->engine);
}

/* Choose another user and a level. */
static void change_user(struct fuzz_v3 *m)
{
    const char *name = fuzz_v3_name(any(64));

    set_field(&m->user, name, strlen(name));
    m->flags = (uint8_t)((m->flags & 4) | (any(4) == 0 ? any(4) : 3));
}

/* Give digest and salt the lengths that they must have. */
static void fit(struct fuzz_v3 *m)
{
    if (m->flags & 1)
        m->digest.len = fuzz_v3_digest_len(m);
    if (m->flags & 2 && m->salt.len != 8)
        set_field(&m->salt, "saltsalt", 8);
}

static void change(struct fuzz_v3 *m)
{
    switch (any(12)) {
    case 0: mutate_number(&m->id); break;
    case 1: mutate_number(&m->max_size); break;
    case 2: mutate_number(any(8) ? &m->boots : &m->model); break;
    case 3: mutate_number(&m->time); break;
    case 4: change_engine(m); break;
    case 5: change_user(m); break;
    case 6: mutate_field(&m->user); break;
    case 7: mutate_field(any(2) ? &m->salt : &m->digest); break;
    case 8: m->flags ^= (uint8_t)(1U << any(8)); break;
    default: m->scoped_len = LLVMFuzzerMutate(m->scoped, m->scoped_len, sizeof(m->scoped)); break;
    }
}

/* @returns the new length, at most max */
static size_t mutate_datagram(uint8_t *bytes, size_t len, size_t max, uint64_t seed)
{
    static struct fuzz_v3 m;
    static uint8_t made[FUZZ_V3_SCOPED + 1024];
    bool is_plain;
    size_t now;

    state = seed * 0x9e3779b97f4a7c15u | 1;
    if (any(8) == 0 || !fuzz_v3_read(&m, bytes, len))
        return LLVMFuzzerMutate(bytes, len, max);
    if (any(6) == 0) { /* change any bytes, and sign again if it still is a message */
        len = LLVMFuzzerMutate(bytes, len, max);
        if (fuzz_v3_read(&m, bytes, len))
            fuzz_v3_sign(&m, bytes, len);
        return len;
    }
    is_plain = !(m.flags & 2) || fuzz_v3_open(&m);
    for (unsigned n = 1 + any(3); n; n--)
        change(&m);
    if (any(8))
        fit(&m);
    if (is_plain && any(16))
        (void)fuzz_v3_close(&m);
    now = fuzz_v3_write(&m, made, sizeof(made));
    if (!now || now > max)
        return LLVMFuzzerMutate(bytes, len, max);
    if (any(8))
        fuzz_v3_sign(&m, made, now);
    memcpy(bytes, made, now);
    return now;
}

/* --- inputs of fuzz_datagram.c --------------------------------------------------------------------------------- */

/* Change one of several datagrams, or repeat it. */
static size_t mutate_several(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size_t at = 1, begins[FUZZ_DATAGRAMS], lens[FUZZ_DATAGRAMS], now;
    unsigned count = 0, chosen;
    uint8_t *rest;

    while (count < FUZZ_DATAGRAMS && size - at > 3) {
        begins[count] = at;
        lens[count] = (size_t)data[at + 1] | (size_t)data[at + 2] << 8;
        if (lens[count] > size - at - 3)
            lens[count] = size - at - 3;
        at += 3 + lens[count++];
    }
    if (!count)
        return LLVMFuzzerMutate(data, size, max_size);
    chosen = seed / 4 % count;
    at = begins[chosen] + 3;
    if (seed % 4 == 0 && size + 3 + lens[chosen] <= max_size) { /* append a copy */
        memcpy(data + size, data + begins[chosen], 3 + lens[chosen]);
        return size + 3 + lens[chosen];
    }
    if (seed % 64 == 1)
        data[begins[chosen]] = (uint8_t)(seed >> 8);
    /* Save the datagrams after it, because its length may change. */
    rest = malloc(size);
    FUZZ_CHECK(rest);
    size -= at + lens[chosen];
    memcpy(rest, data + at + lens[chosen], size);
    now = mutate_datagram(data + at, lens[chosen], max_size - at - size, seed);
    if (now > 0xffff)
        now = 0xffff;
    data[at - 2] = (uint8_t)now;
    data[at - 1] = (uint8_t)(now >> 8);
    memcpy(data + at + now, rest, size);
    free(rest);
    return at + now + size;
}

/* Convert an input of one datagram to one of several. */
static size_t begin_several(uint8_t *data, size_t size, size_t max_size)
{
    if (size + 3 > max_size || size > 0xffff)
        return size;
    memmove(data + 4, data + 1, size - 1);
    data[0] |= FUZZ_SEVERAL;
    data[1] = 1;
    data[2] = (uint8_t)(size - 1);
    data[3] = (uint8_t)((size - 1) >> 8);
    return size + 3;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    if (size < 2 || seed % 16 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    if (data[0] & FUZZ_SEVERAL)
        return mutate_several(data, size, max_size, seed / 16);
    if (seed % 16 == 1)
        return begin_several(data, size, max_size);
    return 1 + mutate_datagram(data + 1, size - 1, max_size - 1, seed);
}
