/* SPDX-License-Identifier: Apache-2.0 */
/* What tk_render() leaves behind stays valid until the next call. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "stage_fixture.h"
#include "stages/render.h"
#include "trap_text.h"

static struct stage_fixture f;

/* Overwrite the stack that tk_render() used. */
static __attribute__((noinline)) void scribble(void)
{
    volatile char stack[256 * 1024];

    for (size_t i = 0; i < sizeof(stack); i++)
        stack[i] = '!';
}

static __attribute__((noinline)) void render(struct tk_renderer *r, const char *line)
{
    static const uint8_t queue[4];
    struct tk_render_record record = {.body = f.bytes, .queue = queue, .seq = 1};

    char err[TRAP_TEXT_ERR];

    record.body_len = trap_text_write(line, f.bytes, err);
    assert_int_equal(tk_render(r, f.bundle, &record), TK_PASS);
}

/* Each way to name the device: Kafka's key is made of it after tk_render() has returned. */
static void test_device(void **state)
{
    static const struct {
        const char *line, *device;
    } t[] = {
        {"2c oid=1.3.6.1.6.3.1.1.5.1 from=192.0.2.9:1", "192.0.2.9"},
        {"2c oid=1.3.6.1.6.3.1.1.5.1 from=[2001:db8::9]:1", "2001:db8::9"},
        {"2c oid=1.3.6.1.6.3.1.1.5.1 from=192.0.2.7:1", "by-peer"},
        {"1 enterprise=1.3.6.1.4.1.9 generic=0 specific=0 agent=192.0.2.51 from=192.0.2.9:1", "192.0.2.51"},
        {"3 oid=1.3.6.1.6.3.1.1.5.1 engine=80000000010299 from=192.0.2.9:1", "80000000010299"},
    };
    struct tk_renderer r;

    (void)state;
    stage_fixture_init(&f, "1 iso - -\n", "name,address\nby-peer,192.0.2.7\n", "kafkaDedup off");
    tk_renderer_init(&r, NULL);
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        render(&r, t[i].line);
        scribble();
        assert_int_equal(r.found.device.len, strlen(t[i].device));
        assert_memory_equal(r.found.device.text, t[i].device, r.found.device.len);
    }
    tk_renderer_done(&r);
    stage_fixture_done(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
