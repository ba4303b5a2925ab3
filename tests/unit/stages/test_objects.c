/* SPDX-License-Identifier: Apache-2.0 */
/* The OBJECTS of a notification: which are missing in it, and what came that is none of them. */
#include "event/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stage_fixture.h"

#define X "1.3.6.1.4.1.99999."
static const char facts[] = "1.3.6.1.2.1.1.3 sysUpTime SNMPv2-MIB timeticks\n"
                            "1.3.6.1.6.3.1.1.4.1 snmpTrapOID SNMPv2-MIB oid\n"
                            "1.3.6.1.6.3.1.1.4.3 snmpTrapEnterprise SNMPv2-MIB oid\n"
                            "1.3.6.1.6.3.18.1.3 snmpTrapAddress SNMP-COMMUNITY-MIB ipaddress\n" X
                            "0.1 none X-MIB notification\n" X "0.2 some X-MIB notification o=one,two,three,four\n" X
                            "0.3 twice X-MIB notification o=state,state,one\n" X
                            "0.4 vague X-MIB notification o=one,UNKNOWN-MIB::unknown\n" X
                            "0.6 renamed X-MIB notification o=OLD-MIB::two,OLD-MIB::gone,OLD-MIB::sysUpTime,one\n" X
                            "0.5 clock X-MIB notification o=SNMPv2-MIB::sysUpTime,SNMPv2-MIB::snmpTrapOID,one\n" X
                            "1.1 one X-MIB integer\n" X "1.2 two X-MIB octets\n" X "1.3 three X-MIB gauge32\n" X
                            "1.4 four X-MIB integer\n" X "1.5 five X-MIB integer\n" X "2.1 entry X-MIB - i=row\n" X
                            "2.1.1 row X-MIB integer\n" X "2.1.2 state X-MIB integer e=up:1,down:2\n";

static struct stage_fixture f;

static int setup(void **state)
{
    (void)state;
    stage_fixture_init(&f, facts, NULL, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stage_fixture_done(&f);
    return 0;
}

/* The event says what is expected: `missing` as JSON, and the numbers of the varbinds that are unexpected ("0 2 "). */
static void compare(const char *trap, const char *missing, const char *unexpected)
{
    json_t *event = stage_fixture_encode(&f, trap), *vb;
    char *list = json_dumps(json_object_get(event, "missing"), JSON_COMPACT), marked[256] = "";
    size_t i;

    json_array_foreach(json_object_get(event, "varbinds"), i, vb)
    {
        json_t *mark = json_object_get(vb, "unexpected");

        assert_true(!mark || json_is_true(mark));
        if (mark)
            (void)snprintf(marked + strlen(marked), sizeof(marked) - strlen(marked), "%zu ", i);
    }
    if (!list || strcmp(list, missing) != 0 || strcmp(marked, unexpected) != 0)
        fail_msg("%s: missing %s, unexpected '%s'; not %s, '%s'", trap, list, marked, missing, unexpected);
    free(list);
    json_decref(event);
}

#define ONE   X "1.1.0 i 1 "
#define TWO   X "1.2.0 s a "
#define THREE X "1.3.0 u 3 "
#define FOUR  X "1.4.0 i 4 "
#define FIVE  X "1.5.0 i 5 "
#define SOME  "2c oid=" X "0.2 uptime=1 "

static void test_cases(void **state)
{
    (void)state;
    compare("2c oid=" X "0.1 uptime=1 " ONE, "[]", ""); /* OBJECTS are not known, or there are none */
    compare("2c oid=" X "0.99 uptime=1 " ONE, "[]", "");
    compare(SOME ONE TWO THREE FOUR, "[]", "");
    compare(SOME FOUR THREE ONE TWO, "[]", "");
    compare(SOME ONE THREE, "[\"X-MIB::two\",\"X-MIB::four\"]", "");
    compare("2c oid=" X "0.2 uptime=1", "[\"X-MIB::one\",\"X-MIB::two\",\"X-MIB::three\",\"X-MIB::four\"]", "");
    compare(SOME ONE TWO FIVE THREE FOUR X "77.0 i 1", "[]", "2 5 ");
    compare(SOME ONE TWO THREE FOUR ONE, "[]", ""); /* the object comes twice: it may be of two rows */
    /* without .0, with another instance, of another type: it has come */
    compare(SOME X "1.1 i 1 " X "1.2.7 i 1 " X "1.3.0 n 0 " X "1.4.0 s a", "[]", "");
    /* OIDs decide, not places: another object in the place of a missing one does not stand for it */
    compare(SOME ONE FIVE THREE FOUR, "[\"X-MIB::two\"]", "1 ");
    compare(SOME ONE X "1.6.0 s a " THREE FOUR, "[\"X-MIB::two\"]", "1 ");
    /* what the protocol adds is not unexpected */
    compare(SOME ONE TWO THREE FOUR "1.3.6.1.6.3.18.1.3.0 a 192.0.2.1 1.3.6.1.6.3.1.1.4.3.0 o " X "1 "
                                    "1.3.6.1.6.3.18.1.4.0 s public 1.3.6.1.2.1.1.3.0 t 1",
            "[]", "");
    compare("1 enterprise=1.3.6.1.4.1.99999 generic=6 specific=2 uptime=1 " ONE TWO,
            "[\"X-MIB::three\",\"X-MIB::four\"]", "");
}

static void test_twice_vague_and_head(void **state)
{
    (void)state;
    compare("2c oid=" X "0.3 uptime=1 " X "2.1.2.7 i 1 " X "2.1.2.8 i 2 " ONE, "[]", "");
    compare("2c oid=" X "0.3 uptime=1 " X "2.1.2.7 i 1 " ONE, "[\"X-MIB::state\"]", "");
    compare("2c oid=" X "0.3 uptime=1 " ONE, "[\"X-MIB::state\",\"X-MIB::state\"]", "");
    compare("2c oid=" X "0.3 uptime=1 " X "2.1.2.7 i 1 " X "2.1.2.8 i 1 " X "2.1.2.9 i 1 " ONE, "[]", "");
    compare("2c oid=" X "0.4 uptime=1 " ONE X "77.0 i 1 " FIVE, "[]",
            "2 "); /* 77 may be the object without a definition */
    compare("2c oid=" X "0.4 uptime=1 " X "77.0 i 1", "[\"X-MIB::one\"]", "");
    compare("2c oid=" X "0.4 uptime=1 " ONE FIVE, "[\"UNKNOWN-MIB::unknown\"]",
            "1 "); /* nothing came that it could be */
    compare("2c oid=" X "0.4 uptime=1 " ONE "1.3.6.1.6.3.18.1.4.0 s public", "[\"UNKNOWN-MIB::unknown\"]", "");
    /* the module that is named is not there, but one object has the name */
    compare("2c oid=" X "0.6 uptime=1 " ONE TWO, "[\"OLD-MIB::gone\"]", "");
    compare("2c oid=" X "0.6 uptime=1 " ONE X "77.0 i 1 " TWO FIVE, "[]", "3 ");
    compare("2c oid=" X "0.6 uptime=1 " ONE, "[\"X-MIB::two\",\"OLD-MIB::gone\"]", "");
    compare("2c oid=" X "0.6 " ONE TWO, "[\"OLD-MIB::gone\",\"SNMPv2-MIB::sysUpTime\"]", "");
    compare("2c oid=" X "0.5 uptime=1 " ONE, "[]", "");
    compare("2c oid=" X "0.5 " ONE, "[\"SNMPv2-MIB::sysUpTime\"]", "");
}

/* Any of the objects in any order among others. */
static void test_random(void **state)
{
    static const char *const varbinds[] = {ONE, TWO, THREE, FOUR, FIVE, X "88.1.0 i 1 ", "1.3.9 i 1 "};
    static const char *const names[] = {"one", "two", "three", "four"};
    unsigned complete = 0;

    (void)state;
    srandom(4);
    for (int round = 0; round < 3000; round++) {
        unsigned order[] = {0, 1, 2, 3, 4, 5, 6}, left = (unsigned)random() % 8, came = 0;
        char trap[1024] = SOME, missing[256] = "[", unexpected[64] = "";

        for (unsigned i = 6; i; i--) {
            unsigned k = (unsigned)random() % (i + 1), swap = order[i];

            order[i] = order[k];
            order[k] = swap;
        }
        for (unsigned i = 0; i < left; i++) {
            strcat(trap, varbinds[order[i]]);
            came |= 1u << order[i];
            if (order[i] > 3)
                (void)sprintf(unexpected + strlen(unexpected), "%u ", i);
        }
        for (unsigned i = 0; i < 4; i++)
            if (!(came >> i & 1))
                (void)sprintf(missing + strlen(missing), "%s\"X-MIB::%s\"", missing[1] ? "," : "", names[i]);
        strcat(missing, "]");
        complete += strcmp(missing, "[]") == 0;
        compare(trap, missing, unexpected);
    }
    assert_true(complete > 100);
}

/* A notification of very many varbinds costs no more than a bound, and nothing wrong is said of it. */
static void test_bound(void **state)
{
    static char trap[100000];

    (void)state;
    for (int many = 1020; many < 1030; many++) {
        char *at = trap + sprintf(trap, "%s", SOME);

        for (int i = 0; i < many; i++)
            at += sprintf(at, ONE);
        compare(trap, many <= 1024 ? "[\"X-MIB::two\",\"X-MIB::three\",\"X-MIB::four\"]" : "[]", "");
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_cases), T(test_twice_vague_and_head), T(test_random), T(test_bound)};
#undef T

    return cmocka_run_group_tests(tests, NULL, NULL);
}
