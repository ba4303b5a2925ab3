/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams to the service manager. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/notify.h"

static char path[80];

/* A socket of a service manager, at this address: "/..." or "@...". */
static int manager(const char *address)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t len = strlen(address);
    int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(sock >= 0);
    memcpy(a.sun_path, address, len);
    if (address[0] == '@')
        a.sun_path[0] = '\0';
    assert_int_equal(bind(sock, (struct sockaddr *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    return sock;
}

static void test_known_addresses(void **state)
{
    char abstract[80], text[100];
    const char *const names[] = {path, abstract};

    (void)state;
    (void)snprintf(abstract, sizeof(abstract), "@trapkafka-test-%d", (int)getpid());
    for (size_t i = 0; i < 2; i++) {
        int sock = manager(names[i]);
        struct tk_notify n;

        assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        tk_notify_init(&n);
        assert_string_equal(getenv("NOTIFY_SOCKET"), names[i]);
        assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0); /* as snmptrapd does */
        assert_int_equal(tk_notify_send(&n, "STATUS=all is well"), 0);
        assert_int_equal(recv(sock, text, sizeof(text), 0), 18);
        assert_memory_equal(text, "STATUS=all is well", 18);
        assert_int_equal(close(sock), 0);
        assert_true(tk_notify_send(&n, "STATUS=gone") < 0);
    }
    assert_int_equal(unlink(path), 0);
}

/* What is no address of a socket, and none at all: nothing is sent, and nobody is told. */
static void test_other_addresses(void **state)
{
    char longest[200];
    const char *const names[] = {NULL, "", "@", "/", "relative", "vsock:2:1234", longest};

    (void)state;
    memset(longest, 'x', sizeof(longest));
    longest[0] = '/';
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct tk_notify n;

        if (names[i])
            assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
        else
            assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
        tk_notify_init(&n);
        assert_int_equal(n.len, 0);
        assert_int_equal(tk_notify_send(&n, "STATUS="), -ENOTCONN);
    }
}

/* A manager that does not read: the text is lost, and nobody waits. */
static void test_manager_does_not_read(void **state)
{
    int sock = manager(path), ret = 0;
    struct tk_notify n;

    (void)state;
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    tk_notify_init(&n);
    for (unsigned i = 0; i < 100000 && ret == 0; i++)
        ret = tk_notify_send(&n, "STATUS=again");
    assert_int_equal(ret, -EAGAIN);
    assert_int_equal(close(sock), 0);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_addresses),
        cmocka_unit_test(test_other_addresses),
        cmocka_unit_test(test_manager_does_not_read),
    };

    (void)snprintf(path, sizeof(path), "/tmp/trapkafka-notify.%d", (int)getpid());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
