/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/devel.h"

int tk_thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *arg), void *arg)
{
    static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL};
    sigset_t blocked, before;
    int ret;

    TK_ASSERT(strlen(name) <= 15); /* the kernel's limit: a longer name would not be set */
    (void)sigfillset(&blocked);    /* the new thread inherits the mask */
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        (void)sigdelset(&blocked, faults[i]);
    (void)pthread_sigmask(SIG_SETMASK, &blocked, &before);
    ret = pthread_create(ret_thread, NULL, run, arg);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (ret == 0)
        (void)pthread_setname_np(*ret_thread, name);
    return -ret;
}

bool tk_thread_join(pthread_t thread, tk_nsec timeout)
{
    struct timespec until;

#if defined(HAVE_PTHREAD_CLOCKJOIN_NP) && !defined(__SANITIZE_THREAD__) /* TSan does not intercept it */
    const tk_nsec at = tk_clock_mono() + timeout;                       /* CLOCK_REALTIME may be set while we wait */

    until = (struct timespec){.tv_sec = at / TK_SECOND, .tv_nsec = at % TK_SECOND};
    return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) == 0;
#else
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout / TK_SECOND + 1;
    return pthread_timedjoin_np(thread, NULL, &until) == 0;
#endif
}
