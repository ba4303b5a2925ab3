/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LD_PRELOAD: the Nth allocation fails, once, counted from the first datagram after the test armed it.
 *
 * $TK_OOM_FILE is a page that the test maps too (struct control). Only calls that come straight from trapkafka.so
 * count, or, with who = 1, also those of net-snmp's libraries: librdkafka aborts by itself when an allocation fails,
 * and
 * what other libraries do is not ours to mend.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct control {
    _Atomic uint32_t is_armed; /* by the test; counting starts with the next datagram */
    _Atomic uint32_t is_counting;
    _Atomic uint32_t calls;   /* counted so far */
    _Atomic uint32_t fail_at; /* this one fails; 0: none */
    _Atomic uint32_t failed;  /* how many did */
    _Atomic uint32_t who;
};

static struct control *control;
static _Atomic uintptr_t from[8], to[8];
static _Atomic unsigned ranges;

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("TK_OOM_FILE");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at = fd >= 0 ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (fd >= 0)
        (void)close(fd);
    if (at == MAP_FAILED)
        _exit(99);
    control = at;
}

/* The code of the libraries whose allocations fail. */
static int note_library(struct dl_phdr_info *info, size_t size, void *who)
{
    bool is_ours = strstr(info->dlpi_name, "trapkafka.so") != NULL;
    bool is_host = *(uint32_t *)who && strstr(info->dlpi_name, "libnetsnmp") != NULL;
    unsigned n = atomic_load(&ranges);

    (void)size;
    for (unsigned i = 0; (is_ours || is_host) && i < info->dlpi_phnum && n < 8; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
            atomic_store(&from[n], info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
            atomic_store(&to[n], info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz);
            n++;
        }
    atomic_store(&ranges, n);
    return 0;
}

static void came(ssize_t len)
{
    uint32_t who = control ? atomic_load(&control->who) : 0;

    if (len <= 0 || !control || !atomic_exchange(&control->is_armed, 0))
        return;
    atomic_store(&ranges, 0);
    (void)dl_iterate_phdr(note_library, &who);
    atomic_store(&control->calls, 0);
    atomic_store(&control->is_counting, 1);
}

static bool fails(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;

    if (!control || !atomic_load(&control->is_counting))
        return false;
    for (unsigned i = 0; i < atomic_load(&ranges); i++)
        if (at >= atomic_load(&from[i]) && at < atomic_load(&to[i])) {
            if (atomic_fetch_add(&control->calls, 1) + 1 != atomic_load(&control->fail_at))
                return false;
            atomic_fetch_add(&control->failed, 1);
            errno = ENOMEM;
            return true;
        }
    return false;
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *at, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(at, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);
}

char *strdup(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = fails(__builtin_return_address(0)) ? NULL : __libc_malloc(len);

    return copy ? memcpy(copy, text, len) : NULL;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    static ssize_t (*next)(int, struct msghdr *, int);
    ssize_t len;

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "recvmsg");
    len = next(fd, message, flags);
    if (message->msg_name)
        came(len);
    return len;
}

ssize_t recvfrom(int fd, void *restrict buf, size_t size, int flags, struct sockaddr *restrict addr,
                 socklen_t *restrict addr_len)
{
    static ssize_t (*next)(int, void *, size_t, int, struct sockaddr *, socklen_t *);
    ssize_t len;

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "recvfrom");
    len = next(fd, buf, size, flags, addr, addr_len);
    if (addr)
        came(len);
    return len;
}
