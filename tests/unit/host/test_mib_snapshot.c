/* SPDX-License-Identifier: Apache-2.0 */
/* What the snapshot takes from net-snmp's tree. The test writes the MIB files itself, in SMIv1 and SMIv2. */
#include "host/mib_snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "dictionary/dictionary_standard.h"

static const char v1_mib[] =
    "OLD-MIB DEFINITIONS ::= BEGIN\n"
    "old OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) private(4) enterprises(1) 99998 }\n"
    "snmp OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) mgmt(2) mib-2(1) 11 }\n"
    "oldTraps OBJECT IDENTIFIER ::= { old 0 }\n" /* a name for the arc that TRAP-TYPEs are below */
    "oldGroup OBJECT IDENTIFIER ::= { oldTraps 9 }\n"
    "oldBelow OBJECT IDENTIFIER ::= { oldGroup 1 }\n"
    "oldJob OBJECT-TYPE SYNTAX INTEGER ACCESS read-only STATUS mandatory DESCRIPTION \"x\" ::= { old 2 }\n"
    "oldFailed TRAP-TYPE ENTERPRISE old VARIABLES { oldJob } DESCRIPTION \"x\" ::= 1\n"
    "oldBraces TRAP-TYPE ENTERPRISE { old } DESCRIPTION \"x\" ::= 2\n"
    "oldBare TRAP-TYPE ENTERPRISE old ::= 3\n"
    "oldZero TRAP-TYPE ENTERPRISE old ::= 0\n"
    "oldNested TRAP-TYPE ENTERPRISE oldGroup ::= 7\n"
    "linkDown TRAP-TYPE ENTERPRISE snmp VARIABLES { oldJob } DESCRIPTION \"x\" ::= 2\n"
    "oldOfSnmp TRAP-TYPE ENTERPRISE snmp DESCRIPTION \"x\" ::= 6\n"
    "END\n";
static const char v2_mib[] =
    "NEW-MIB DEFINITIONS ::= BEGIN\n"
    "new OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) private(4) enterprises(1) 99997 }\n"
    "newTraps OBJECT IDENTIFIER ::= { new 0 }\n"
    "newArc OBJECT IDENTIFIER ::= { newTraps 9 }\n"
    "newFailed NOTIFICATION-TYPE STATUS current DESCRIPTION \"x\" ::= { newTraps 1 }\n"
    "newBare NOTIFICATION-TYPE STATUS current DESCRIPTION \"x\" ::= { new 5 }\n"
    "END\n";

/* Two modules share the arc 0: one names it, for NOTIFICATION-TYPEs, the other has TRAP-TYPEs there. */
static const char shared_mib[] =
    "SHARED-MIB DEFINITIONS ::= BEGIN\n"
    "shared OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) private(4) enterprises(1) 99996 }\n"
    "sharedTraps OBJECT IDENTIFIER ::= { shared 0 }\n"
    "sharedNew NOTIFICATION-TYPE STATUS current DESCRIPTION \"x\" ::= { sharedTraps 1 }\n"
    "END\n";
static const char sharing_mib[] = "SHARING-MIB DEFINITIONS ::= BEGIN\n"
                                  "IMPORTS shared FROM SHARED-MIB;\n"
                                  "sharedOld TRAP-TYPE ENTERPRISE shared DESCRIPTION \"x\" ::= 2\n"
                                  "END\n";

static char folder[256];
static struct tk_dict *dict;

static void write_mib(const char *name, const char *text)
{
    char path[512];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/%s.txt", folder, name);
    out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static int load(void **state)
{
    const char *tmp = getenv("TMPDIR");
    struct tk_dict_builder *b = tk_dict_builder_new();

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/mibs.XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
    write_mib("OLD-MIB", v1_mib);
    write_mib("NEW-MIB", v2_mib);
    write_mib("SHARED-MIB", shared_mib);
    write_mib("SHARING-MIB", sharing_mib);
    (void)setenv("MIBDIRS", folder, 1);
    (void)setenv("MIBS", "OLD-MIB:NEW-MIB:SHARING-MIB", 1);
    (void)setenv("SNMPCONFPATH", folder, 1);
    (void)setenv("SNMP_PERSISTENT_DIR", folder, 1);
    netsnmp_init_mib();
    assert_non_null(b);
    assert_int_equal(tk_dict_standard_add(b, NULL), 0);
    assert_true(tk_mib_snapshot(b) > 0);
    dict = tk_dict_builder_finish(b);
    tk_dict_builder_free(b);
    assert_non_null(dict);
    return 0;
}

static int unload(void **state)
{
    char command[300];

    (void)state;
    tk_dict_free(dict);
    shutdown_mib();
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static void test_kinds(void **state)
{
    static const struct {
        const char *name, *oid;
        enum tk_dict_kind kind;
    } t[] = {
        {"OLD-MIB::oldFailed", "1.3.6.1.4.1.99998.0.1", TK_DICT_NOTIFICATION},
        {"OLD-MIB::oldBraces", "1.3.6.1.4.1.99998.0.2", TK_DICT_NOTIFICATION},
        {"OLD-MIB::oldBare", "1.3.6.1.4.1.99998.0.3", TK_DICT_NOTIFICATION},
        {"OLD-MIB::oldZero", "1.3.6.1.4.1.99998.0.0", TK_DICT_NOTIFICATION},
        {"OLD-MIB::oldNested", "1.3.6.1.4.1.99998.0.9.0.7", TK_DICT_NOTIFICATION},
        {"OLD-MIB::oldOfSnmp", "1.3.6.1.2.1.11.0.6", TK_DICT_NOTIFICATION},
        {"OLD-MIB::oldJob", "1.3.6.1.4.1.99998.2", TK_DICT_SCALAR},
        {"OLD-MIB::oldTraps", "1.3.6.1.4.1.99998.0", TK_DICT_NODE},
        {"OLD-MIB::oldGroup", "1.3.6.1.4.1.99998.0.9", TK_DICT_NODE},
        {"NEW-MIB::newFailed", "1.3.6.1.4.1.99997.0.1", TK_DICT_NOTIFICATION},
        {"NEW-MIB::newBare", "1.3.6.1.4.1.99997.5", TK_DICT_NOTIFICATION},
        {"NEW-MIB::newArc", "1.3.6.1.4.1.99997.0.9", TK_DICT_NODE},
        {"SHARED-MIB::sharedNew", "1.3.6.1.4.1.99996.0.1", TK_DICT_NOTIFICATION},
        {"SHARING-MIB::sharedOld", "1.3.6.1.4.1.99996.0.2", TK_DICT_NOTIFICATION},
        {"IF-MIB::linkDown", "1.3.6.1.6.3.1.1.5.3", TK_DICT_NOTIFICATION},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const struct tk_dict_object *o = tk_dict_find_name(dict, t[i].name, strlen(t[i].name), NULL);
        char text[TK_OID_MAX_TEXT];
        struct tk_oid oid;

        if (!o)
            fail_msg("%s is unknown", t[i].name);
        tk_dict_oid(dict, o, &oid);
        (void)tk_oid_format(text, sizeof(text), oid.subid, oid.len);
        if (tk_dict_kind(dict, o) != t[i].kind || strcmp(text, t[i].oid) != 0)
            fail_msg("%s is %s, kind %d", t[i].name, text, tk_dict_kind(dict, o));
    }
}

/* RFC 3584, 2.1.2: a TRAP-TYPE of enterprise snmp is a generic trap, which the built-in dictionary has. */
static void test_generic_traps_keep_their_names(void **state)
{
    const struct tk_dict_object *other;

    (void)state;
    assert_non_null(tk_dict_find_name(dict, "linkDown", strlen("linkDown"), &other));
    assert_null(other);
    assert_null(tk_dict_find_name(dict, "OLD-MIB::linkDown", strlen("OLD-MIB::linkDown"), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_generic_traps_keep_their_names),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
