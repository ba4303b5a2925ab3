/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "dict_build.h"
#include "dictionary/dictionary_facts.h"
#include "dictionary/instance.h"
#include "dictionary/dictionary_standard.h"

static struct tk_dict *standard;

static const struct tk_dict_object *find(const struct tk_dict *d, const char *text, struct tk_oid *ret_oid,
                                         size_t *ret_matched)
{
    assert_int_equal(tk_oid_parse(ret_oid, text), 0);
    return tk_dict_find(d, ret_oid->subid, ret_oid->len, ret_matched);
}

static const struct tk_dict_object *named(const struct tk_dict *d, const char *name)
{
    const struct tk_dict_object *other, *o = tk_dict_find_name(d, name, strlen(name), &other);

    if (!o || other)
        fail_msg("'%s' is %s", name, o ? "ambiguous" : "not known");
    return o;
}

static int setup(void **state)
{
    (void)state;
    standard = tk_dict_standard_new(NULL);
    assert_non_null(standard);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tk_dict_free(standard);
    return 0;
}

static void link_down(void **state)
{
    const struct tk_dict_object *o;
    struct tk_oid oid;
    size_t matched;

    (void)state;
    o = find(standard, "1.3.6.1.6.3.1.1.5.3", &oid, &matched);
    assert_string_equal(tk_dict_name(standard, o).text, "linkDown");
    assert_int_equal(tk_dict_name(standard, o).len, 8);
    assert_string_equal(tk_dict_module(standard, o).text, "IF-MIB");
    assert_int_equal(tk_dict_kind(standard, o), TK_DICT_NOTIFICATION);
    assert_int_equal(matched, 10);
}

static void column_with_instance(void **state)
{
    struct tk_dict_value values[TK_DICT_MAX_INDEXES];
    const struct tk_dict_object *o;
    struct tk_oid oid;
    size_t matched;

    (void)state;
    o = find(standard, "1.3.6.1.2.1.2.2.1.8.7", &oid, &matched);
    assert_string_equal(tk_dict_name(standard, o).text, "ifOperStatus");
    assert_string_equal(tk_dict_module(standard, o).text, "IF-MIB");
    assert_int_equal(tk_dict_kind(standard, o), TK_DICT_COLUMN);
    assert_int_equal(tk_dict_syntax(standard, o), TK_SYNTAX_INTEGER);
    assert_int_equal(matched, 10);
    assert_string_equal(tk_dict_label(standard, o, 2).text, "down");
    assert_int_equal(tk_dict_label(standard, o, 2).len, 4);
    assert_null(tk_dict_label(standard, o, 0).text);
    assert_null(tk_dict_label(standard, o, INT64_MAX).text);
    assert_int_equal(tk_dict_enum_count(standard, o), 7);
    assert_int_equal(tk_dict_decode_instance(standard, o, oid.subid + matched, oid.len - matched, values), 1);
    assert_int_equal(values[0].len, 1);
    assert_int_equal(values[0].subid[0], 7);
    assert_true(values[0].index.is_ifindex);
    assert_string_equal(values[0].index.name.text, "ifIndex");
    assert_ptr_equal(values[0].index.object, named(standard, "IF-MIB::ifIndex"));
    assert_true(tk_dict_is_ifindex(standard, named(standard, "ifIndex")));
    assert_true(tk_dict_is_ifindex(standard, named(standard, "IP-MIB::ipAddressIfIndex")));
    assert_false(tk_dict_is_ifindex(standard, o));
}

static void scalar_and_ancestor(void **state)
{
    const struct tk_dict_object *o;
    struct tk_oid oid;
    size_t matched;

    (void)state;
    o = find(standard, "1.3.6.1.2.1.1.3.0", &oid, &matched);
    assert_string_equal(tk_dict_name(standard, o).text, "sysUpTime");
    assert_int_equal(tk_dict_kind(standard, o), TK_DICT_SCALAR);
    assert_int_equal(tk_dict_syntax(standard, o), TK_SYNTAX_TIMETICKS);
    assert_int_equal(matched, 8); /* sysUpTime, not sysUpTimeInstance, which has no syntax */
    assert_int_equal(tk_dict_kind(standard, named(standard, "sysUpTimeInstance")), TK_DICT_NODE);
    o = find(standard, "1.3.6.1.4.1.99999.1.2", &oid, &matched);
    assert_string_equal(tk_dict_name(standard, o).text, "enterprises");
    assert_int_equal(tk_dict_kind(standard, o), TK_DICT_NODE);
    assert_int_equal(matched, 6);
    assert_null(find(standard, "7.3", &oid, &matched));
    assert_int_equal(matched, 0);
    assert_null(tk_dict_find(standard, oid.subid, 0, &matched));
    assert_int_equal(tk_dict_kind(standard, named(standard, "ifTable")), TK_DICT_TABLE);
    assert_int_equal(tk_dict_kind(standard, named(standard, "ifXEntry")), TK_DICT_ENTRY);
    assert_int_equal(tk_dict_kind(standard, named(standard, "entPhysicalName")), TK_DICT_COLUMN);
    o = named(standard, "entPhysicalName");
    assert_string_equal(tk_dict_index(standard, o, 0).name.text, "entPhysicalIndex");
    assert_string_equal(tk_dict_hint(standard, named(standard, "ifPhysAddress")).text, "1x:");
    assert_string_equal(tk_dict_tc(standard, named(standard, "hrSystemDate")).text, "DateAndTime");
    o = named(standard, "ituAlarmPerceivedSeverity");
    assert_string_equal(tk_dict_label(standard, o, 3).text, "critical");
    assert_string_equal(tk_dict_label(standard, o, 1).text, "cleared");
    assert_int_equal(tk_dict_syntax(standard, named(standard, "snmpTrapAddress")), TK_SYNTAX_IPADDRESS);
    assert_int_equal(tk_dict_syntax(standard, named(standard, "lldpPortConfigTLVsTxEnable")), TK_SYNTAX_BITS);
}

/* How many values the instance of column @p name has; negative: it does not fit the indexes. */
static int decode(const char *name, const char *instance, struct tk_dict_value *ret_values)
{
    static struct tk_oid oid; /* the values point into it */

    assert_int_equal(tk_oid_parse(&oid, instance), 0);
    return tk_dict_decode_instance(standard, named(standard, name), oid.subid, oid.len, ret_values);
}

static void instances_of_every_syntax(void **state)
{
    struct tk_dict_value v[TK_DICT_MAX_INDEXES];

    (void)state;
    assert_int_equal(decode("bgpPeerState", "192.0.2.7", v), 1); /* IpAddress */
    assert_int_equal(v[0].len, 4);
    assert_int_equal(v[0].subid[0], 192);
    assert_int_equal(v[0].index.syntax, TK_SYNTAX_IPADDRESS);
    assert_int_equal(decode("ospfNbrState", "192.0.2.7.0", v), 2);
    assert_int_equal(v[1].subid[0], 0);
    assert_int_equal(decode("snmpTargetAddrTDomain", "97.98.99", v), 1); /* IMPLIED: no length in front */
    assert_true(v[0].index.is_implied);
    assert_int_equal(v[0].len, 3);
    assert_int_equal(v[0].subid[0], 'a');
    assert_int_equal(decode("usmUserStatus", "5.128.0.0.0.1.3.110.111.99", v),
                     2); /* two values, each with a length prefix */
    assert_int_equal(v[0].len, 5);
    assert_int_equal(v[0].subid[0], 128);
    assert_int_equal(v[1].len, 3);
    assert_int_equal(v[1].subid[0], 'n');
    assert_int_equal(decode("mteTriggerEnabled", "1.97.98.99", v), 2); /* one with a length prefix, one IMPLIED */
    assert_int_equal(v[1].len, 2);
    assert_int_equal(decode("dot1qTpFdbPort", "1.0.27.44.211.4.15", v), 2); /* fixed length: MacAddress */
    assert_int_equal(v[1].index.fixed_len, 6);
    assert_int_equal(v[1].subid[1], 27);
    assert_int_equal(decode("ipAddressIfIndex", "1.4.192.0.2.7", v), 2); /* InetAddress */
    assert_int_equal(v[1].len, 4);
    assert_string_equal(tk_dict_tc(standard, v[1].index.object).text, "InetAddress");
    assert_int_equal(decode("inetCidrRouteIfIndex", "1.4.10.0.0.0.8.2.0.0.1.4.10.0.0.1", v), 6);
    assert_int_equal(v[2].len, 1);
    assert_int_equal(v[3].index.syntax, TK_SYNTAX_OID); /* an OID in the middle */
    assert_int_equal(v[3].len, 2);
    assert_int_equal(decode("ifHCInOctets", "12", v), 1); /* AUGMENTS */
    assert_int_equal(decode("alarmActiveDescription", "0.11.7.234.11.22.5.45.26.1.43.1.0.42", v), 3);
    assert_int_equal(v[0].len, 0);
    assert_int_equal(v[1].len, 11);
}

static void hostile_suffixes(void **state)
{
    static const struct {
        const char *column, *instance;
    } bad[] = {
        {"ifOperStatus", "7.7"},         /* one sub-identifier too many */
        {"bgpPeerState", "192.0.2"},     /* one sub-identifier missing */
        {"bgpPeerState", "192.0.2.256"}, /* not an octet */
        {"bgpPeerState", "192.0.2.7.9"},
        {"usmUserStatus", "4294967295.1.2"}, /* a length that would overflow */
        {"usmUserStatus", "5.128.0.0.0"},
        {"usmUserStatus", "2.1.2"}, /* no sub-identifiers for the second value */
        {"usmUserStatus", "1.256.1.97"},
        {"snmpTargetAddrTDomain", "97.4294967295"},
        {"dot1qTpFdbPort", "1.0.27.44.211.4"},
        {"ipAddressIfIndex", "1.5.192.0.2.7"},
        {"inetCidrRouteIfIndex", "1.4.10.0.0.0.8.200.0.0.1.4.10.0.0.1"},
        {"sysUpTime", "0"}, /* a scalar has no indexes */
    };
    struct tk_dict_value v[TK_DICT_MAX_INDEXES];
    uint32_t none = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (decode(bad[i].column, bad[i].instance, v) != -EINVAL)
            fail_msg("%s.%s is taken for an instance", bad[i].column, bad[i].instance);
    assert_int_equal(tk_dict_decode_instance(standard, named(standard, "ifOperStatus"), &none, 0, v), -EINVAL);
    assert_int_equal(tk_dict_decode_instance(standard, named(standard, "snmpTargetAddrTDomain"), &none, 129, v),
                     -EINVAL);
}

/* The expected numbers were counted in the MIB files (NOTIFICATION-TYPE, OBJECT-TYPE), not in the facts. */
static void required_modules_are_whole(void **state)
{
    static const struct {
        const char *module;
        unsigned notifications, objects;
    } expected[] = {
        {"SNMPv2-MIB", 3, 47},
        {"IF-MIB", 2, 66},
        {"ENTITY-MIB", 1, 42},
        {"BGP4-MIB", 4, 53},
        {"OSPF-TRAP-MIB", 20, 4},
        {"OSPF-MIB", 0, 207},
        {"BRIDGE-MIB", 2, 57},
        {"RMON-MIB", 2, 203},
        {"UPS-MIB", 4, 67},
        {"DISMAN-EVENT-MIB", 5, 96},
        {"MPLS-L3VPN-STD-MIB", 6, 70},
        {"ENTITY-STATE-MIB", 2, 8},
        {"ENTITY-SENSOR-MIB", 0, 10},
        {"ALARM-MIB", 2, 64},
        {"ITU-ALARM-MIB", 0, 25},
        {"LLDP-MIB", 1, 83},
        {"POWER-ETHERNET-MIB", 3, 27},
        {"NOTIFICATION-LOG-MIB", 0, 42},
        {"SNMP-FRAMEWORK-MIB", 0, 4},
        {"SNMP-USER-BASED-SM-MIB", 0, 22},
        {"SNMP-VIEW-BASED-ACM-MIB", 0, 30},
        {"SNMP-TARGET-MIB", 0, 23},
        {"SNMP-NOTIFICATION-MIB", 0, 19},
        {"SNMP-COMMUNITY-MIB", 0, 16},
        {"SNMP-MPD-MIB", 0, 3},
        {"HOST-RESOURCES-MIB", 0, 83},
        {"NET-SNMP-AGENT-MIB", 3, 33},
        {"UCD-SNMP-MIB", 2, 141},
        {"DISMAN-PING-MIB", 3, 45},
        {"DISMAN-TRACEROUTE-MIB", 3, 63},
        {"DISMAN-SCRIPT-MIB", 3, 70},
        {"DISMAN-SCHEDULE-MIB", 1, 24},
        {"MPLS-TE-STD-MIB", 4, 112},
        {"MPLS-LDP-STD-MIB", 4, 106},
        {"MPLS-LSR-STD-MIB", 2, 91},
        {"VRRP-MIB", 3, 79},
        {"VRRPV3-MIB", 2, 38},
        {"ISIS-MIB", 18, 209},
        {"BFD-STD-MIB", 2, 70},
        {"APS-MIB", 5, 52},
        {"DS1-MIB", 1, 115},
        {"DS3-MIB", 1, 100},
        {"HC-ALARM-MIB", 2, 22},
        {"IEEE8021-CFM-MIB", 1, 152},
        {"IEEE8023-LAG-MIB", 2, 171},
        {"LLDP-EXT-MED-MIB", 1, 74},
        {"LLDP-V2-MIB", 1, 115},
        {"MPLS-FRR-FACILITY-STD-MIB", 2, 19},
        {"MSDP-MIB", 2, 60},
        {"OSPFV3-MIB", 14, 192},
        {"PIM-STD-MIB", 5, 222},
        {"PW-STD-MIB", 3, 110},
        {"VPLS-GENERIC-MIB", 3, 43},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        unsigned notifications = 0, objects = 0;

        for (const struct tk_dict_object *o = tk_dict_next(standard, NULL); o; o = tk_dict_next(standard, o)) {
            if (strcmp(tk_dict_module(standard, o).text, expected[i].module) != 0)
                continue;
            notifications += tk_dict_kind(standard, o) == TK_DICT_NOTIFICATION;
            objects += tk_dict_kind(standard, o) != TK_DICT_NOTIFICATION && tk_dict_kind(standard, o) != TK_DICT_NODE;
        }
        if (notifications != expected[i].notifications || objects != expected[i].objects)
            fail_msg("%s has %u notifications and %u objects", expected[i].module, notifications, objects);
    }
    assert_int_equal(tk_dict_unresolved(standard), 0);
    assert_int_equal(tk_dict_kind(standard, named(standard, "egpNeighborLoss")), TK_DICT_NOTIFICATION);
    assert_int_equal(tk_dict_kind(standard, named(standard, "ospfVirtNbrRestartHelperStatusChange")),
                     TK_DICT_NOTIFICATION);
}

/* Each node is found by its OID and by its name. */
static void every_node_is_found(void **state)
{
    (void)state;
    assert_true(tk_dict_count(standard) > 4000);
    for (const struct tk_dict_object *o = tk_dict_next(standard, NULL); o; o = tk_dict_next(standard, o)) {
        const struct tk_dict_object *other, *parent = tk_dict_parent(standard, o);
        char name[300];
        struct tk_oid oid;
        size_t matched;
        int len;

        if (parent && tk_dict_kind(standard, o) == TK_DICT_NODE && tk_dict_syntax(standard, parent) != TK_SYNTAX_NONE)
            continue; /* a name of an instance */
        tk_dict_oid(standard, o, &oid);
        assert_ptr_equal(tk_dict_find(standard, oid.subid, oid.len, &matched), o);
        assert_int_equal(matched, oid.len);
        len = snprintf(name, sizeof(name), "%s::%s", tk_dict_module(standard, o).text, tk_dict_name(standard, o).text);
        assert_ptr_equal(tk_dict_find_name(standard, name, (size_t)len, &other), o);
        assert_null(other);
    }
}

static bool has_children(const struct tk_dict_object *o)
{
    for (const struct tk_dict_object *low = o; (low = tk_dict_next(standard, low));)
        for (const struct tk_dict_object *up = low; (up = tk_dict_parent(standard, up));)
            if (up == o)
                return true;
    return false;
}

/* Beside each object, whatever stands there: the same as on the whole way down. */
static void siblings_are_found(void **state)
{
    unsigned found = 0;

    (void)state;
    for (const struct tk_dict_object *o = tk_dict_next(standard, NULL); o; o = tk_dict_next(standard, o)) {
        struct tk_oid oid;

        tk_dict_oid(standard, o, &oid);
        oid.subid[oid.len] = 1; /* an instance */
        for (uint32_t subid = 0; subid < 40; subid++) {
            const struct tk_dict_object *beside, *whole;
            size_t matched;

            oid.subid[oid.len - 1] = subid;
            beside = tk_dict_find_sibling(standard, o, oid.subid, oid.len);
            whole = tk_dict_find(standard, oid.subid, oid.len + 1, &matched);
            if (beside) {
                assert_ptr_equal(beside, whole);
                assert_int_equal(matched, oid.len);
                found++;
            } else if (matched == oid.len) {
                assert_true(has_children(whole));
            }
        }
    }
    assert_true(found > tk_dict_count(standard) / 2);
}

static void look_up_by_name(void **state)
{
    struct tk_dict *d = dict_build("1.3.1 speed A-MIB integer\n1.3.2 speed B-MIB gauge32\n1.3.3 once A-MIB integer\n");
    const struct tk_dict_object *o, *other;
    struct tk_oid oid;

    (void)state;
    o = tk_dict_find_name(d, "speed", 5, &other);
    assert_non_null(o);
    assert_non_null(other);
    assert_ptr_not_equal(o, other);
    o = tk_dict_find_name(d, "B-MIB::speed", 12, &other);
    assert_null(other);
    tk_dict_oid(d, o, &oid);
    assert_int_equal(oid.len, 3);
    assert_int_equal(oid.subid[2], 2);
    assert_non_null(tk_dict_find_name(d, "once", 4, NULL));
    assert_null(tk_dict_find_name(d, "B-MIB::once", 11, NULL));
    assert_null(tk_dict_find_name(d, "onc", 3, NULL));
    assert_null(tk_dict_find_name(d, "", 0, NULL));
    assert_null(tk_dict_find_name(d, "::", 2, NULL));
    tk_dict_free(d);
}

static void facts_survive_a_round_trip(void **state)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    struct tk_dict *again;

    (void)state;
    for (const struct tk_dict_object *o = tk_dict_next(standard, NULL); o; o = tk_dict_next(standard, o))
        assert_true(tk_dict_facts_write(out, standard, o));
    assert_int_equal(fclose(out), 0);
    again = dict_build(text);
    free(text);
    assert_int_equal(tk_dict_count(again), tk_dict_count(standard));
    for (const struct tk_dict_object *a = tk_dict_next(standard, NULL), *b = tk_dict_next(again, NULL); a;
         a = tk_dict_next(standard, a), b = tk_dict_next(again, b)) {
        assert_int_equal(tk_dict_number(standard, a), tk_dict_number(again, b));
        assert_string_equal(tk_dict_name(standard, a).text, tk_dict_name(again, b).text);
        assert_string_equal(tk_dict_module(standard, a).text, tk_dict_module(again, b).text);
        assert_string_equal(tk_dict_tc(standard, a).text, tk_dict_tc(again, b).text);
        assert_string_equal(tk_dict_hint(standard, a).text, tk_dict_hint(again, b).text);
        assert_string_equal(tk_dict_units(standard, a).text, tk_dict_units(again, b).text);
        assert_int_equal(tk_dict_kind(standard, a), tk_dict_kind(again, b));
        assert_int_equal(tk_dict_syntax(standard, a), tk_dict_syntax(again, b));
        assert_int_equal(tk_dict_reading(standard, a), tk_dict_reading(again, b));
        assert_int_equal(tk_dict_enum_count(standard, a), tk_dict_enum_count(again, b));
        assert_int_equal(tk_dict_fixed_len(standard, a), tk_dict_fixed_len(again, b));
        assert_int_equal(tk_dict_index_count(standard, a), tk_dict_index_count(again, b));
        for (unsigned i = 0; i < tk_dict_index_count(standard, a); i++)
            assert_int_equal(tk_dict_number(standard, tk_dict_index(standard, a, i).object),
                             tk_dict_number(again, tk_dict_index(again, b, i).object));
        assert_int_equal(tk_dict_notification_objects(standard, a), tk_dict_notification_objects(again, b));
    }
    tk_dict_free(again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link_down),           cmocka_unit_test(column_with_instance),
        cmocka_unit_test(scalar_and_ancestor), cmocka_unit_test(instances_of_every_syntax),
        cmocka_unit_test(hostile_suffixes),    cmocka_unit_test(required_modules_are_whole),
        cmocka_unit_test(every_node_is_found), cmocka_unit_test(siblings_are_found),
        cmocka_unit_test(look_up_by_name),     cmocka_unit_test(facts_survive_a_round_trip),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
