/* SPDX-License-Identifier: Apache-2.0 */
/* That rules/check_rules finds what it is for: rules with one fault of each kind, and none in sound ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define UPS   "XUPS-MIB::"
#define CISCO "CISCO-ENVMON-MIB::"
#define RAISE(name, trap, key, type) \
    "{\"name\":\"" name "\",\"match\":{\"trap\":\"" trap \
    "\"},\"severity\":\"major\",\"state\":\"raise\",\"key\":\"" key "\",\"type\":\"" type "\"},\n"
#define CLEAR(name, trap, key, type) \
    "{\"name\":\"" name "\",\"match\":{\"trap\":\"" trap "\"},\"state\":\"clear\",\"key\":\"" key \
    "\",\"type\":\"" type "\"},\n"
#define PAIR(name, trap, state, key) \
    "{\"name\":\"" name "\",\"match\":{\"trap\":\"" CISCO trap "\"},\"severity\":\"major\",\"key\":\"" key \
    "\",\"state_from\":{\"object\":\"" CISCO state "\",\"map\":{\"normal\":\"clear\",\"critical\":\"raise\"}}},\n"
#define FAN  "{device}/x/{" CISCO "ciscoEnvMonFanState.index}"
#define LAST "{\"name\":\"last\",\"match\":{\"trap\":\"LLDP-MIB::lldpRemTablesChange\"},\"severity\":\"minor\"}"

static char output[65536], path[] = "/tmp/test_check_rules.XXXXXX.json";

/* Run the program on these rules. @returns its exit status */
static int check(const char *rules)
{
    const char *top = getenv("abs_top_srcdir");
    char command[8192], self[2048];
    ssize_t self_len = readlink("/proc/self/exe", self, sizeof(self));
    int fd = mkstemps(path, 5), status;
    FILE *f;
    size_t len;

    assert_true(fd >= 0);
    f = fdopen(fd, "w");
    assert_true(fprintf(f, "{\"rules\":[\n%s]}\n", rules) > 0 && fclose(f) == 0);
    assert_true(self_len > 0 && self_len < (ssize_t)sizeof(self));
    while (self[self_len - 1] != '/')
        self_len--;
    (void)snprintf(command, sizeof(command), "abs_top_srcdir='%s' '%.*scheck_rules' %s 2>&1", top ? top : ".",
                   (int)self_len, self, path);
    f = popen(command, "r");
    assert_non_null(f);
    len = fread(output, 1, sizeof(output) - 1, f);
    output[len] = '\0';
    status = pclose(f);
    (void)unlink(path);
    memcpy(path + strlen(path) - 11, "XXXXXX", 6);
    return WEXITSTATUS(status);
}

static void test_faults(void **state)
{
    static const struct {
        const char *rules, *message;
    } t[] = {
        {"{\"name\":\"a\",\"match\":{\"trap\":\"IF-MIB::noSuch\"},\"severity\":\"minor\"},",
         "no MIB that is loaded has 'IF-MIB::noSuch'"},
        {"{\"name\":\"a\",\"match\":{\"trap\":\"CISCO-ENVMON-MIB::ciscoEnvMonFanNotification\"},\"severity\":\"minor\"},"
         "{\"name\":\"b\",\"match\":{\"trap\":\"CISCO-ENVMON-MIB::ciscoEnvMonFanNotification\"},\"severity\":\"minor\"},",
         "never matches"},
        {RAISE("a", CISCO "ciscoEnvMonFanNotification", "{device}/fan/{CISCO-ENVMON-MIB::ciscoEnvMonSupplyState}",
               "fan") CLEAR("b", CISCO "ciscoEnvMonShutdownNotification",
                            "{device}/fan/{CISCO-ENVMON-MIB::ciscoEnvMonSupplyState}", "fan"),
         "which the notification does not carry"},
        {RAISE("a", CISCO "ciscoEnvMonFanNotification", "{device}/fan", "fan")
             CLEAR("b", CISCO "ciscoEnvMonShutdownNotification", "{device}/fan", "fan"),
         "for each row of what the notification is about"},
        {RAISE("a", CISCO "ciscoEnvMonFanNotification", "{device}/x/{CISCO-ENVMON-MIB::ciscoEnvMonFanState.index}",
               "fan") RAISE("b", CISCO "ciscoEnvMonFanStatusChangeNotif",
                            "{device}/x/{CISCO-ENVMON-MIB::ciscoEnvMonFanState.index}", "psu"),
         "their \"type\" differs"},
        {RAISE("a", CISCO "ciscoEnvMonFanNotification", "{device}/x/{CISCO-ENVMON-MIB::ciscoEnvMonFanState.index}",
               "fan"),
         "which no rule clears"},
        {CLEAR("a", CISCO "ciscoEnvMonFanNotification", "{device}/x/{CISCO-ENVMON-MIB::ciscoEnvMonFanState.index}",
               "fan"),
         "which no rule raises"},
        {"{\"name\":\"a\",\"match\":{\"trap\":\"" CISCO
         "ciscoEnvMonFanNotification\",\"varbinds\":[{\"object\":\"" CISCO
         "ciscoEnvMonSupplyState\",\"equals\":\"normal\"}]},\"severity\":\"minor\"},",
         "it asks for ciscoEnvMonSupplyState"},
        {RAISE("a", CISCO "ciscoEnvMonFanNotification", FAN, "fan")
             RAISE("b", CISCO "ciscoEnvMonFanStatusChangeNotif", FAN, "fan")
                 CLEAR("c", CISCO "ciscoEnvMonFanNotification", FAN, "fan"),
         "several notifications raise its \"key\""},
        {PAIR("a", "ciscoEnvMonFanNotification", "ciscoEnvMonFanState",
              "{device}/x/{" CISCO "ciscoEnvMonFanState.index}")
             PAIR("b", "ciscoEnvMonTempStatusChangeNotif", "ciscoEnvMonTemperatureState",
                  "{device}/x/{" CISCO "ciscoEnvMonTemperatureState.index}"),
         "can be that of"},
        {PAIR("a", "ciscoEnvMonFanNotification", "ciscoEnvMonFanState",
              "{device}/x/{" CISCO "ciscoEnvMonFanStatusDescr}")
             PAIR("b", "ciscoEnvMonTempStatusChangeNotif", "ciscoEnvMonTemperatureState",
                  "{device}/x/y/{" CISCO "ciscoEnvMonTemperatureState.index}"),
         "can be that of"},
        {"{\"name\":\"a\",\"match\":{\"trap\":\"" CISCO
         "ciscoEnvMonTempStatusChangeNotif\"},\"severity\":\"minor\",\"summary\":\"{" CISCO
         "ciscoEnvMonTemperatureStatusValue} degrees\"},",
         "says 'degrees Celsius' twice"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        char rules[4096];

        (void)snprintf(rules, sizeof(rules), "%s" LAST, t[i].rules);
        if (check(rules) != 1 || !strstr(output, t[i].message))
            fail_msg("no '%s' for\n%s\n%s", t[i].message, t[i].rules, output);
    }
}

/* A raise and a clear of one row, told apart by the value of an object; the third, with both, chooses. */
static void test_sound_rules(void **state)
{
    static const char sound[] =
        "{\"name\":\"a/ok\",\"match\":{\"trap\":\"" CISCO
        "ciscoEnvMonFanNotification\",\"varbinds\":[{\"object\":\"" CISCO
        "ciscoEnvMonFanState\",\"equals\":\"normal\"}]},\"state\":\"clear\",\"key\":\"{device}/fan/{" CISCO
        "ciscoEnvMonFanState.index}\",\"type\":\"fan\"},\n" RAISE(
            "a", CISCO "ciscoEnvMonFanNotification", "{device}/fan/{" CISCO "ciscoEnvMonFanState.index}",
            "fan") "{\"name\":\"b\",\"match\":{\"trap\":\"" CISCO
                   "ciscoEnvMonTempStatusChangeNotif\"},\"severity\":\"major\",\"key\":"
                   "\"{device}/temperature/{" CISCO
                   "ciscoEnvMonTemperatureState.index}\",\"state_from\":{\"object\":\"" CISCO
                   "ciscoEnvMonTemperatureState\",\"map\":{\"normal\":\"clear\",\"warning\":\"raise\",\"critical\":\"raise\"}}},\n" LAST;
    int status = check(sound);

    (void)state;
    if (status != 0)
        fail_msg("%s", output);
    assert_non_null(strstr(output, "0 faults"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_sound_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
