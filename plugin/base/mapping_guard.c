/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mapping_guard.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define GUARDS     64
#define PIECE      ((uintptr_t)64 << 10)
#define MAX_PIECES 256

struct tk_mapping_guard {
    _Atomic uintptr_t base; /* 0: free */
    uintptr_t end;
    int fd;
    _Atomic uint64_t faults;
    unsigned pieces; /* replaced so far; guarded by `lock` */
    struct {
        uintptr_t from, end;
    } piece[MAX_PIECES + 2];
};

static struct tk_mapping_guard guards[GUARDS];
static atomic_flag lock = ATOMIC_FLAG_INIT; /* a signal handler must not take a mutex */
static struct sigaction before_us;
static uintptr_t page_bytes;

static void acquire(void)
{
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
        ;
}

static void release(void)
{
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

static bool is_mended(const struct tk_mapping_guard *g, uintptr_t at)
{
    for (unsigned i = 0; i < g->pieces; i++)
        if (at >= g->piece[i].from && at < g->piece[i].end)
            return true;
    return false;
}

/* @returns false when the kernel gives no memory */
static bool put_memory(struct tk_mapping_guard *g, uintptr_t from, uintptr_t end)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;

    from = from < g->base ? g->base : from;
    end = end > g->end ? g->end : end;
    if (mmap((void *)from, end - from, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED)
        return false;
    g->piece[g->pieces].from = from;
    g->piece[g->pieces++].end = end;
    return true;
}

/* Replace the pages at @p at by memory. Async-signal-safe: fstat() by POSIX, and mmap() is a plain system call.
 * @returns whether the thread can continue */
static bool mend(struct tk_mapping_guard *g, uintptr_t at)
{
    uintptr_t from, rest = g->end;
    struct stat st;

    if (is_mended(g, at))
        return true; /* another thread has replaced them already */
    atomic_fetch_add(&g->faults, 1);
    if (fstat(g->fd, &st) == 0 && (uint64_t)st.st_size < g->end - g->base)
        rest = g->base + ((uintptr_t)st.st_size + page_bytes - 1) / page_bytes * page_bytes;
    if (at >= rest && g->pieces <= MAX_PIECES)
        return put_memory(g, rest, g->end);
    if (g->pieces >= MAX_PIECES)
        return put_memory(g, g->base, g->end);
    from = at / PIECE * PIECE;
    return put_memory(g, from, from + PIECE);
}

static struct tk_mapping_guard *find(uintptr_t at)
{
    for (int i = 0; i < GUARDS; i++) {
        uintptr_t base = atomic_load_explicit(&guards[i].base, memory_order_acquire);

        if (base && at >= base && at < guards[i].end)
            return &guards[i];
    }
    return NULL;
}

static void pass_on(int sig, siginfo_t *info, void *context)
{
    if (before_us.sa_flags & SA_SIGINFO) {
        before_us.sa_sigaction(sig, info, context);
    } else if (before_us.sa_handler != SIG_DFL && before_us.sa_handler != SIG_IGN) {
        before_us.sa_handler(sig);
    } else if (info->si_code > 0) {
        (void)signal(sig, SIG_DFL); /* the instruction faults again, and ends the process */
    } else if (before_us.sa_handler == SIG_DFL) {
        (void)signal(sig, SIG_DFL);
        (void)raise(sig);
    }
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
    const int saved = errno;
    uintptr_t at = (uintptr_t)info->si_addr;
    bool is_done = false;

    if (info->si_code > 0) {
        struct tk_mapping_guard *g;

        acquire(); /* so that no guard ends, and its place begins to serve another mapping, meanwhile */
        g = find(at);
        is_done = g && mend(g, at);
        release();
    }
    if (!is_done)
        pass_on(sig, info, context);
    errno = saved;
}

/* Under the lock, for snmptrapd's thread and the loader come here. Nothing in it touches a mapping, so the handler, which
 * takes the lock too, does not interrupt it. */
static bool install(void)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_ONSTACK}, now;

    if (sigaction(SIGBUS, NULL, &now) < 0)
        return false;
    if ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == on_sigbus)
        return true; /* installed before, and no other code has replaced it since */
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    before_us = now;
    (void)sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, NULL) == 0;
}

static struct tk_mapping_guard *take_free(void)
{
    for (int i = 0; i < GUARDS; i++)
        if (!guards[i].base)
            return &guards[i];
    return NULL;
}

struct tk_mapping_guard *tk_mapping_guard_new(void *base, size_t bytes, int fd)
{
    struct tk_mapping_guard *g;

    acquire();
    g = install() ? take_free() : NULL;
    if (g) {
        g->end = (uintptr_t)base + bytes;
        g->fd = fd;
        g->pieces = 0;
        atomic_store(&g->faults, 0);
        atomic_store_explicit(&g->base, (uintptr_t)base, memory_order_release);
    }
    release();
    return g;
}

void tk_mapping_guard_free(struct tk_mapping_guard *g)
{
    if (!g)
        return;
    acquire();
    atomic_store(&g->base, 0);
    release();
}

void tk_mapping_guard_mend(struct tk_mapping_guard *g, const void *address)
{
    acquire();
    (void)mend(g, (uintptr_t)address);
    release();
}

void tk_mapping_guard_count(struct tk_mapping_guard *g)
{
    atomic_fetch_add(&g->faults, 1);
}

uint64_t tk_mapping_guard_faults(const struct tk_mapping_guard *g)
{
    return g ? atomic_load(&g->faults) : 0;
}
