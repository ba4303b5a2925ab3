/* SPDX-License-Identifier: Apache-2.0 */
/* Asserts abort in devel builds, and cost nothing in others. */
#include "base/devel.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int evaluated;

static bool counts(void)
{
    evaluated++;
    return true;
}

static void assert_false_condition(void)
{
    TK_ASSERT(evaluated < 0);
}

static void run_as_worker(void)
{
    TK_THREAD_IS(WORKER);
    TK_ON_THREAD(WORKER);
}

static void run_on_wrong_thread(void)
{
    TK_THREAD_IS(LOADER);
    TK_ON_THREAD(WORKER);
}

/* @returns whether a process that runs @p what aborts */
static bool does_abort(void (*what)(void))
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        (void)close(STDERR_FILENO);
        what();
        _exit(0);
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void test_assert(void **state)
{
    (void)state;
    TK_ASSERT(counts());
#ifdef TK_DEVEL
    assert_int_equal(evaluated, 1);
    assert_true(does_abort(assert_false_condition));
#else
    assert_int_equal(evaluated, 0);
    assert_false(does_abort(assert_false_condition));
#endif
}

static void test_threads(void **state)
{
    (void)state;
    TK_ON_THREAD(SNMPTRAPD); /* this thread has no role */
    TK_ON_THREAD(WORKER);
    assert_false(does_abort(run_as_worker));
#ifdef TK_DEVEL
    assert_true(does_abort(run_on_wrong_thread));
#else
    assert_false(does_abort(run_on_wrong_thread));
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_assert), cmocka_unit_test(test_threads)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
