/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LD_PRELOAD: the clock of the day runs ahead by as many seconds as the file $TK_CLOCK_FILE says (a decimal number
 * that a test rewrites in place); the other clocks are left alone. Waits until a moment of that clock are put back
 * to the
 * kernel's, or a clock set forward by a day would make them a day long.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static const volatile char *offset_text;

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("TK_CLOCK_FILE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *at = fd >= 0 ? mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (fd >= 0)
        (void)close(fd);
    if (at == MAP_FAILED)
        _exit(99);
    offset_text = at;
}

/* No call of the library's: malloc and the like may ask for the time. The file holds one page. */
static long long offset(void)
{
    long long n = 0;
    const volatile char *at = offset_text;
    int is_negative = at && *at == '-';

    for (at = at && is_negative ? at + 1 : at; at && *at >= '0' && *at <= '9'; at++)
        n = n * 10 + (*at - '0');
    return is_negative ? -n : n;
}

static int is_day(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    static int (*next)(clockid_t, struct timespec *);
    int rc;

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    rc = next ? next(clock, ts) : (int)syscall(SYS_clock_gettime, clock, ts);
    if (rc == 0 && is_day(clock))
        ts->tv_sec += offset();
    return rc;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec ts;

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    if (ret)
        *ret = ts.tv_sec;
    return ts.tv_sec;
}

int timespec_get(struct timespec *ts, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, ts) == 0 ? base : 0;
}

static struct timespec back(const struct timespec *ts)
{
    struct timespec moment = *ts;

    moment.tv_sec -= offset();
    if (moment.tv_sec < 0)
        moment.tv_sec = 0;
    return moment;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict ts)
{
    static int (*next)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    struct timespec moment = back(ts); /* none here waits by another clock through this function */

    if (!next)
        *(void **)&next = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return next(cond, mutex, &moment);
}

int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex, const struct timespec *restrict ts)
{
    static int (*next)(cnd_t *, mtx_t *, const struct timespec *);
    struct timespec moment = back(ts);

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "cnd_timedwait");
    return next(cond, mutex, &moment);
}

int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict ts)
{
    static int (*next)(sem_t *, const struct timespec *);
    struct timespec moment = back(ts);

    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "sem_timedwait");
    return next(sem, &moment);
}
