/* SPDX-License-Identifier: Apache-2.0 */
/* Each element of an event of eventconf, row by row: what it becomes in the rule and in its test, and what is told. The cases
 * are written from the format's documentation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "import/import_pairs.h"
#include "import/opennms.h"
#include "import_exercise.h"

#define HEAD      "<events xmlns='http://xmlns.opennms.org/xsd/eventconf'>\n"
#define TAIL      "</events>\n"
#define ID        "<maskelement><mename>id</mename><mevalue>." ACME_ID "</mevalue></maskelement>"
#define ACME_ID   "1.3.6.1.4.1.99999"
#define NUMBER(n) "<maskelement><mename>specific</mename><mevalue>" n "</mevalue></maskelement>"
#define FAN       "<mask>" ID NUMBER("1") "</mask>"
#define UEI       "<uei>uei.opennms.org/acme/fan</uei>"
#define MAJOR     "<severity>Major</severity>"

static void read_xml(struct tk_import *im, char *text, struct tk_err *err)
{
    (void)tk_opennms_read(im, text, err);
    tk_import_sort(im);
    tk_import_tell_unpaired(im);
}

/* @param inner  what is in the element events */
static void read_events(struct result *r, const char *inner)
{
    char text[8192];

    assert_true(snprintf(text, sizeof(text), HEAD "%s" TAIL, inner) < (int)sizeof(text));
    read_with(r, read_xml, text, strlen(text), NULL);
    if (r->err.is_set)
        fail_msg("%s: %s", inner, r->err.text);
}

/* One event, with these elements; the last line of each is line 2. */
static void read_event(struct result *r, const char *mask, const char *elements)
{
    char text[4096];

    assert_true(snprintf(text, sizeof(text), "<event>%s" UEI "%s</event>\n", mask, elements) < (int)sizeof(text));
    read_events(r, text);
}

static const char *text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

/* ---- texts ---- */

static void test_logmsg(void **state)
{
    static const struct {
        const char *text, *summary, *said;
    } rows[] = {
        {"plain {text}", "plain {{text}}", NULL},
        {"&lt;p>a&lt;br/>b&lt;/p>", "a b", NULL},
        {"<![CDATA[<p>a <b>b</b></p>]]>", "a b", NULL},
        {"1 &lt; 2", "1 < 2", NULL},
        {"%parm[#1]%", "{ACME-MIB::acmeNumber}", NULL},
        {"%parm[#2]% and %parm[#3]%.", "{ACME-MIB::acmeText} and {ACME-MIB::acmeState}.", NULL},
        {"%parm[name-#2]%", "acmeText.{ACME-MIB::acmeText.index}", NULL},
        {"%parm[acmePeer]%", "{ACME-MIB::acmePeer}", NULL},
        {"%parm[." ACME "1.4.0]%", "{ACME-MIB::acmePeer}", NULL},
        {"%parm[all]%", NULL, NULL},
        {"&lt;p>%parm[all]%&lt;/p>", NULL, NULL},
        {"x %parm[values-all]%",
         "x {ACME-MIB::acmeNumber} {ACME-MIB::acmeText} {ACME-MIB::acmeState} {ACME-MIB::acmePeer}",
         "'parm[values-all]': "},
        {"x %parm[names-all]%", "x acmeNumber acmeText acmeState acmePeer", "'parm[names-all]': "},
        {"x %parm[all]%",
         "x acmeNumber=\"{ACME-MIB::acmeNumber}\" acmeText=\"{ACME-MIB::acmeText}\" "
         "acmeState=\"{ACME-MIB::acmeState}\" acmePeer=\"{ACME-MIB::acmePeer}\"",
         "'parm[all]': "},
        {"x%parm[#5]%", "x", "a.conf:2: 'parm[#5]': the notification has this object twice"},
        {"x%parm[#6]%", "x", "'parm[#6]': the definition of the notification has no such object"},
        {"x%parm[#0]%", "x", "'parm[#0]': "},
        {"x%parm[#99999999999]%", "x", "'parm[#99999999999]': "},
        {"x%parm[#1.2]%", "x", "a part of an OID"},
        {"x%parm[name-#1.-1]%", "x", "a part of an OID"},
        {"x%parm[##]%", "x", "count"},
        {"x%parm[nothing]%", "x", "no dictionary knows this object"},
        {"x%parm[acmeFan]%", "x", "no dictionary knows this object"},
        {"%snmphost% %nodelabel% %nodeid% %interface%", "{device} {device} {device} {device}", NULL},
        {"%interfaceresolv% %primaryinterface% %host% %foreignid%", "{device} {device} {device} {device}", NULL},
        {"%uei% %eventlabel% %severity%", "uei.opennms.org/acme/fan Fan Major", NULL},
        {"100%pctsign%", "100%", NULL},
        {"100% and 5% more", "100% and 5% more", NULL},
        {"x%%y", "x%%y", NULL},
        {"x%dpname%", "x", "receiver.host"},
        {"x%time%%shorttime%", "x", "the event's member received"},
        {"x%id%%idtext%%generic%%specific%", "x", "trap.oid"},
        {"x%community%", "x", "kafkaPublishCommunity"},
        {"x%version%%snmp%%eventid%%ifindex%%ifalias%%service%", "x", "snmp.version"},
        {"x%asset[city]%%hardware[1:name]%", "x", "kafkaInventory"},
        {"x%unheard%", "x", "'unheard': no such variable"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[1024];

        (void)snprintf(text, sizeof(text), "<event-label>Fan</event-label>" MAJOR "<logmsg>%s</logmsg>", rows[i].text);
        read_event(&r, FAN, text);
        assert_int_equal(r.im.rules.count, 1);
        if (!rows[i].summary)
            assert_null(text_of(rule_of(&r, 0), "summary"));
        else if (!text_of(rule_of(&r, 0), "summary") ||
                 strcmp(text_of(rule_of(&r, 0), "summary"), rows[i].summary) != 0)
            fail_msg("%s: %s", rows[i].text, text_of(rule_of(&r, 0), "summary"));
        assert_said(&r, rows[i].said, rows[i].text);
        done(&r);
    }
}

/* ---- keys ---- */

#define KEY(key) "<alarm-data alarm-type='1' reduction-key='" key "'/>"

static void test_keys(void **state)
{
    static const struct {
        const char *key, *ours, *test, *said;
    } rows[] = {
        {KEY("%uei%:%dpname%:%nodeid%"), "{device}/uei.opennms.org/acme/fan", "192.0.2.1/uei.opennms.org/acme/fan",
         NULL},
        {KEY("%uei%:%dpname%:%nodeid%:%parm[#1]%"), "{device}/uei.opennms.org/acme/fan/{ACME-MIB::acmeNumber}",
         "192.0.2.1/uei.opennms.org/acme/fan/1", NULL},
        {KEY("%uei%::%interface%:%parm[#2]%-%parm[#1]%"),
         "{device}/uei.opennms.org/acme/fan/{ACME-MIB::acmeText}-{ACME-MIB::acmeNumber}",
         "192.0.2.1/uei.opennms.org/acme/fan/text-1", NULL},
        {KEY("%uei%:%snmphost%:%parm[name-#3]%"),
         "{device}/uei.opennms.org/acme/fan/acmeState.{ACME-MIB::acmeState.index}",
         "192.0.2.1/uei.opennms.org/acme/fan/acmeState.0", NULL},
        {KEY("all:%parm[#1]%"), "all/{ACME-MIB::acmeNumber}", "all/1", NULL},
        {KEY("{x}"), "{{x}}", "{x}", NULL},
        /* Half a key would stand for several alarms. */
        {KEY("%uei%:%nodeid%:%parm[#9]%"), NULL, NULL, "a.conf:2: 'parm[#9]': "},
        {KEY("%uei%:%nodeid%:%parm[#9]%"), NULL, NULL, "it would stand for several alarms; the rule raises"},
        {KEY("%uei%:%parm[all]%"), NULL, NULL, "a key can't have all varbinds"},
        {KEY("%uei%:%service%"), NULL, NULL, "'service': "},
        {KEY("%uei%:%time%"), NULL, NULL, "'time': "},
        {KEY(""), NULL, NULL, "no reduction-key"},
        {KEY("%dpname%"), NULL, NULL, "it would stand for several alarms"},
        {"<alarm-data alarm-type='1'/>", NULL, NULL, "no reduction-key"},
        {"<alarm-data alarm-type='3' reduction-key='x'/>", NULL, NULL, "'alarm-type 3': no event clears"},
        {"<alarm-data alarm-type='4' reduction-key='x'/>", NULL, NULL, "'4': an alarm-type is 1, 2 or 3"},
        {"<alarm-data reduction-key='x'/>", NULL, NULL, "an alarm-type is"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[1024];

        (void)snprintf(text, sizeof(text), MAJOR "<logmsg>x</logmsg>%s", rows[i].key);
        read_event(&r, FAN, text);
        assert_int_equal(r.im.rules.count, 1);
        assert_string_equal(text_of(rule_of(&r, 0), "severity"), "major");
        assert_int_equal(text_of(rule_of(&r, 0), "state") != NULL, rows[i].ours != NULL);
        if (rows[i].ours) {
            if (strcmp(text_of(rule_of(&r, 0), "key"), rows[i].ours) != 0)
                fail_msg("%s: %s", rows[i].key, text_of(rule_of(&r, 0), "key"));
            assert_string_equal(text_of(json_object_get(expected_of(&r, 0), "alarm"), "key"), rows[i].test);
        }
        assert_said(&r, rows[i].said, rows[i].key);
        done(&r);
    }
}

/* What clears names the key of what it clears. */
static void test_pairs(void **state)
{
    static const struct {
        const char *clear, *said;
    } rows[] = {
        {"clear-key='uei.opennms.org/acme/fan:%dpname%:%nodeid%:%parm[#1]%'", NULL},
        /* The same value may be in another object. */
        {"clear-key='uei.opennms.org/acme/fan:%dpname%:%nodeid%:%parm[#2]%'", NULL},
        {"clear-key='uei.opennms.org/acme/fan:%dpname%:%nodeid%'", "no rule raises this key"},
        {"clear-key='uei.opennms.org/acme/fun:%dpname%:%nodeid%:%parm[#1]%'", "no rule raises this key"},
        {"reduction-key='%uei%'", "there is no clear-key"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[2048];
        bool is_clear = strstr(rows[i].clear, "clear-key") != NULL;

        (void)
            snprintf(text, sizeof(text),
                     "<event>" FAN UEI MAJOR
                     "<logmsg>x</logmsg>" KEY("%%uei%%:%%dpname%%:%%nodeid%%:%%parm[#1]%%") "</event>\n<event><mask>" ID
                         NUMBER("1") "<varbind><vbnumber>3</vbnumber><vbvalue>1</vbvalue>"
                                     "</varbind></mask><uei>acme/ok</uei><severity>Normal</severity><logmsg>x</logmsg>"
                                     "<alarm-data alarm-type='2' %s/></event>\n",
                     rows[i].clear);
        read_events(&r, text);
        assert_int_equal(r.im.rules.count, 2);
        assert_json(json_object_get(rule_of(&r, 1), "state"), is_clear ? "\"clear\"" : "none", rows[i].clear);
        assert_json(json_object_get(rule_of(&r, 1), "severity"), is_clear ? "none" : "\"indeterminate\"",
                    rows[i].clear);
        assert_said(&r, rows[i].said, rows[i].clear);
        done(&r);
    }
}

static void test_cleared_raises_nothing(void **state)
{
    struct result r;

    (void)state;
    read_event(&r, FAN, "<severity>Cleared</severity><logmsg>x</logmsg>" KEY("%uei%"));
    assert_json(json_object_get(rule_of(&r, 0), "state"), "none", "Cleared");
    assert_said(&r, "a.conf:2: 'Cleared': an event of this severity can't raise", "Cleared");
    done(&r);
}

/* ---- masks ---- */

#define ELEMENT(name, values) "<maskelement><mename>" name "</mename>" values "</maskelement>"
#define V(value)              "<mevalue>" value "</mevalue>"

static void test_masks(void **state)
{
    static const struct {
        const char *mask, *traps[3], *sources, *said;
    } rows[] = {
        {ID NUMBER("1"), {"ACME-MIB::acmeFan"}, "none", NULL},
        {ID ELEMENT("generic", V("6")) NUMBER("1"), {"ACME-MIB::acmeFan"}, "none", NULL},
        {ID ELEMENT("specific", V("1") V("2")), {"ACME-MIB::acmeFan", "fan"}, "none", NULL},
        {ELEMENT("id", V("." ACME_ID) V(".1.3.6.1.4.1.99998")) NUMBER("1"), {"ACME-MIB::acmeFan", "fan"}, "none", NULL},
        {ELEMENT("id", V("." ACME "0")) NUMBER("1"), {"ACME-MIB::acmeFan"}, "none", NULL},
        {ELEMENT("generic", V("2")), {"IF-MIB::linkDown"}, "none", NULL},
        {ELEMENT("generic", V("2") V("3")), {"IF-MIB::linkDown", "fan"}, "none", NULL},
        {ELEMENT("id", V(".1.3.6.1.6.3.1.1.5.3")) ELEMENT("generic", V("2")), {"IF-MIB::linkDown"}, "none", NULL},
        {ELEMENT("id", V("." ACME_ID ".%")), {ACME_ID ".*"}, "none", NULL},
        {ELEMENT("id", V("." ACME_ID ".%")) ELEMENT("generic", V("6")), {ACME_ID ".*"}, "none", NULL},
        {ID NUMBER("1") ELEMENT("snmphost", V("192.0.2.7")), {"ACME-MIB::acmeFan"}, "[\"192.0.2.7\"]", NULL},
        {ID NUMBER("1") ELEMENT("interface", V("10.%") V("10.1.2.%") V("2001:db8::1")),
         {"ACME-MIB::acmeFan"},
         "[\"10.0.0.0/8\",\"10.1.2.0/24\",\"2001:db8::1\"]",
         NULL},
        /* What rules can't say costs the event: without it the rule would match too much. */
        {"", {NULL}, NULL, "a.conf:2: it is for no notification"},
        {ELEMENT("uei", V("uei.opennms.org/nodes/nodeDown")), {NULL}, NULL, "'uei': rules compare"},
        {ELEMENT("generic", V("6")), {NULL}, NULL, "no id"},
        {ELEMENT("generic", V("7")), {NULL}, NULL, "'7': a generic number is 0 to 6"},
        {ELEMENT("generic", V("x")), {NULL}, NULL, "'x': a generic number"},
        {NUMBER("1"), {NULL}, NULL, "no id"},
        {ID, {NULL}, NULL, "'." ACME_ID "': there is no specific number"},
        {ID NUMBER("%"), {NULL}, NULL, "'%': rules compare a specific number"},
        {ID NUMBER("4294967296"), {NULL}, NULL, "rules compare a specific number"},
        {ID ID NUMBER("1"), {NULL}, NULL, "twice"},
        {ELEMENT("id", V("." ACME_ID "%")), {NULL}, NULL, "'." ACME_ID "%': rules compare OIDs, and whole subtrees"},
        {ELEMENT("id", V("~.*9$")), {NULL}, NULL, "whole subtrees"},
        {ELEMENT("id", V("." ACME_ID ".%")) NUMBER("1"), {NULL}, NULL, "below several enterprises"},
        {ELEMENT("id", V("acme")) NUMBER("1"), {NULL}, NULL, "'acme': it is no OID"},
        {ID ELEMENT("generic", V("2")), {NULL}, NULL, "the enterprise of a generic notification"},
        {ID NUMBER("1") ELEMENT("community", V("public")), {NULL}, NULL, "'community': rules compare"},
        {ID NUMBER("1") ELEMENT("nodeid", V("7")), {NULL}, NULL, "'nodeid': rules compare"},
        {ID NUMBER("1") ELEMENT("snmphost", V("192.0.2%")), {NULL}, NULL, "'192.0.2%': rules compare senders"},
        {ID NUMBER("1") ELEMENT("snmphost", V("192.0.2.7.%")), {NULL}, NULL, "rules compare senders"},
        {ID NUMBER("1") ELEMENT("snmphost", V("~10.*")), {NULL}, NULL, "rules compare senders"},
        {ID NUMBER("1") ELEMENT("snmphost", V("10.%")) ELEMENT("interface", V("10.%")),
         {NULL},
         NULL,
         "two elements compare the sender"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char mask[1024];
        size_t count = 0;

        (void)snprintf(mask, sizeof(mask), "<mask>%s</mask>", rows[i].mask);
        read_event(&r, mask, MAJOR "<logmsg>x</logmsg>");
        for (; count < 3 && rows[i].traps[count]; count++) {
            const json_t *match = json_object_get(rule_of(&r, count), "match");

            if (!match || strcmp(text_of(match, "trap"), rows[i].traps[count]) != 0)
                fail_msg("%s: %s", rows[i].mask, match ? text_of(match, "trap") : "none");
            assert_json(json_object_get(match, "source"), rows[i].sources, rows[i].mask);
        }
        assert_int_equal(r.im.rules.count, count);
        assert_int_equal(json_array_size(json_object_get(r.file, "tests")), count);
        assert_int_equal(r.im.left_out, !count);
        assert_said(&r, rows[i].said, rows[i].mask);
        done(&r);
    }
}

#define B(which, values) "<varbind>" which values "</varbind>"
#define NTH(n)           "<vbnumber>" n "</vbnumber>"
#define OID(oid)         "<vboid>" oid "</vboid>"
#define W(value)         "<vbvalue>" value "</vbvalue>"

static void test_varbinds(void **state)
{
    static const struct {
        const char *varbinds, *conditions, *said;
    } rows[] = {
        {B(NTH("1"), W("5")), "[{\"equals\":5,\"object\":\"ACME-MIB::acmeNumber\"}]", NULL},
        {B(NTH("1"), W("5") W("-7")), "[{\"in\":[5,-7],\"object\":\"ACME-MIB::acmeNumber\"}]", NULL},
        {B(NTH("2"), W("fan failed")), "[{\"equals\":\"fan failed\",\"object\":\"ACME-MIB::acmeText\"}]", NULL},
        {B(NTH("2"), W("fan%")), "[{\"object\":\"ACME-MIB::acmeText\",\"regex\":[\"\\\\Afan\"]}]", NULL},
        {B(NTH("2"), W("a.b%") W("c(d")),
         "[{\"object\":\"ACME-MIB::acmeText\",\"regex\":[\"\\\\Aa\\\\.b\",\"\\\\Ac\\\\(d\\\\z\"]}]", NULL},
        {B(NTH("2"), W("~^.*(fan|psu).*$")),
         "[{\"object\":\"ACME-MIB::acmeText\",\"regex\":[\"\\\\A(?:^.*(fan|psu).*$)\\\\z\"]}]", NULL},
        {B(NTH("3"), W("2")), "[{\"equals\":2,\"object\":\"ACME-MIB::acmeState\"}]", NULL},
        {B(NTH("3"), W("~[23]")), "[{\"in\":[2,3],\"object\":\"ACME-MIB::acmeState\"}]", NULL},
        {B(NTH("4"), W("192.0.2.7")), "[{\"equals\":\"192.0.2.7\",\"object\":\"ACME-MIB::acmePeer\"}]", NULL},
        {B(OID("." ACME "1.1"), W("5")), "[{\"equals\":5,\"object\":\"ACME-MIB::acmeNumber\"}]", NULL},
        {B(OID("." ACME "1.1.0"), W("5")), "[{\"equals\":5,\"object\":\"ACME-MIB::acmeNumber\"}]", NULL},
        {B(NTH("1"), W("5")) B(NTH("3"), W("1")),
         "[{\"equals\":5,\"object\":\"ACME-MIB::acmeNumber\"},{\"equals\":1,\"object\":\"ACME-MIB::acmeState\"}]",
         NULL},
        {B(NTH("9"), W("5")), NULL, "'9': the definition of the notification has no such object"},
        {B(NTH("x"), W("5")), NULL, "'x': "},
        {B(OID(".1.3.6.1.4.1.99998.1"), W("5")), NULL, "no dictionary knows this object"},
        {B(OID("." ACME "1.1.7"), W("5")), NULL, "one instance"},
        {B("", W("5")), NULL, "neither vbnumber nor vboid"},
        {B(NTH("1"), ""), NULL, "no vbvalue"},
        {B(NTH("1"), W("five")), NULL, "'five': rules can't compare"},
        {B(NTH("1"), W("99999999999999999999")), NULL, "rules can't compare"},
        {B(NTH("4"), W("peer")), NULL, "rules can't compare"},
        {B(NTH("3"), W("~up")), NULL, "none of the object's numbers matches"},
        {B(NTH("3"), W("~[")), NULL, "no expression"},
        {B(NTH("2"), W("~[")), NULL, "'~[': "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char mask[1024];

        (void)snprintf(mask, sizeof(mask), "<mask>" ID NUMBER("1") "%s</mask>", rows[i].varbinds);
        read_event(&r, mask, MAJOR "<logmsg>x</logmsg>");
        assert_int_equal(r.im.rules.count, rows[i].conditions != NULL);
        if (rows[i].conditions) {
            assert_json(json_object_get(json_object_get(rule_of(&r, 0), "match"), "varbinds"), rows[i].conditions,
                        rows[i].varbinds);
            assert_int_equal(json_array_size(json_object_get(r.file, "tests")), 1);
        }
        assert_int_equal(r.im.left_out, !rows[i].conditions);
        assert_said(&r, rows[i].said, rows[i].varbinds);
        done(&r);
    }
}

/* ---- other elements ---- */

static void test_elements(void **state)
{
    static const struct {
        const char *elements, *rule, *said;
    } rows[] = {
#define RULE(rest) "{\"comment\":\"a.conf:2\"," rest "\"match\":{\"trap\":\"ACME-MIB::acmeFan\"},\"name\":\"fan\""
#define SET        ",\"set\":{\"uei\":\"uei.opennms.org/acme/fan\"}"
        {MAJOR "<logmsg dest='logndisplay'>x</logmsg>", RULE("") SET ",\"severity\":\"major\",\"summary\":\"x\"}",
         NULL},
        {MAJOR "<logmsg dest='logonly'>x</logmsg>", RULE("") SET ",\"severity\":\"major\",\"summary\":\"x\"}", NULL},
        {MAJOR "<logmsg dest='donotpersist'>%parm[#9]%</logmsg><script language='x'/>", RULE("\"drop\":true,") "}",
         NULL},
        {MAJOR "<logmsg dest='discardtraps'>x</logmsg>", RULE("\"drop\":true,") "}", NULL},
        {MAJOR "<logmsg dest='suppress'>x</logmsg>", RULE("\"drop\":true,") "}", NULL},
        {MAJOR, RULE("") SET ",\"severity\":\"major\"}", NULL},
        {"<logmsg/>", RULE("") SET ",\"severity\":\"indeterminate\"}", "no severity is known"},
        {"<severity>Odd</severity>", RULE("") SET ",\"severity\":\"indeterminate\"}",
         "write --severity 'Odd=SEVERITY'"},
        {"<severity>Cleared</severity>", RULE("") SET ",\"severity\":\"cleared\"}", NULL},
        {MAJOR "<descr>x</descr><mouseovertext>x</mouseovertext><snmp><id>1</id></snmp>",
         RULE("") SET ",\"severity\":\"major\"}", NULL},
        {MAJOR "<event-label>A {fan}</event-label>",
         RULE("") ",\"set\":{\"label\":\"A {{fan}}\",\"uei\":\"uei.opennms.org/acme/fan\"},\"severity\":\"major\"}",
         NULL},
        {MAJOR "<parameter name='team' value='noc'/>",
         RULE("") ",\"set\":{\"team\":\"noc\",\"uei\":\"uei.opennms.org/acme/fan\"},\"severity\":\"major\"}", NULL},
        {MAJOR "<parameter name='a b' value='noc'/>", RULE("") SET ",\"severity\":\"major\"}", "'a b': a field's name"},
        {MAJOR "<parameter name='a' value='%parm[#1]%' expand='true'/>", RULE("") SET ",\"severity\":\"major\"}",
         "'a': its value"},
        {MAJOR "\n<autoaction>page</autoaction>", RULE("") SET ",\"severity\":\"major\"}",
         "a.conf:3: 'autoaction': rules run no program"},
        {MAJOR "<operinstruct>x</operinstruct>", RULE("") SET ",\"severity\":\"major\"}", "fields.uei"},
        {MAJOR "<filters><filter/></filters>", RULE("") SET ",\"severity\":\"major\"}", "'filters': "},
        {MAJOR "<priority>5</priority>", RULE("") SET ",\"severity\":\"major\"}", "'priority': "},
        {MAJOR "<unheard/>", RULE("") SET ",\"severity\":\"major\"}", "'unheard': no such element"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;

        read_event(&r, FAN, rows[i].elements);
        assert_json(rule_of(&r, 0), rows[i].rule, rows[i].elements);
        assert_said(&r, rows[i].said, rows[i].elements);
        done(&r);
    }
}

/* Labels are the dictionary's; where the text would have another one, that is told. */
static void test_varbindsdecode(void **state)
{
#define DECODE(n, value, text) \
    "<varbindsdecode><parmid>parm[#" n "]</parmid><decode varbindvalue='" value "' varbinddecodedstring='" text \
    "'/></varbindsdecode>"
    static const struct {
        const char *text, *decode, *said;
    } rows[] = {
        {"%parm[#3]%", DECODE("3", "2", "down"), NULL},
        {"%parm[#3]%", DECODE("3", "2", "DOWN"), NULL},
        {"%parm[#3]%", DECODE("3", "2", "broken"),
         "'broken': the summary has the dictionary's label of this value, down"},
        {"%parm[#3]%", DECODE("3", "9", "broken"), "'9': the dictionary has no label"},
        {"%parm[#1]%", DECODE("1", "2", "two"), "'2': the dictionary has no label"},
        {"x", DECODE("3", "2", "broken"), NULL}, /* the text does not have it */
        {"%parm[#3]%", DECODE("77", "2", "broken"), NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;
        char text[1024];

        (void)snprintf(text, sizeof(text), MAJOR "<logmsg>%s</logmsg>%s", rows[i].text, rows[i].decode);
        read_event(&r, FAN, text);
        assert_said(&r, rows[i].said, rows[i].decode);
        done(&r);
    }
}

/* The first event that matches counts, in OpenNMS too. */
static void test_order(void **state)
{
    struct result r;

    (void)state;
    read_events(&r, "<global/>\n<event><mask>" ELEMENT("id", V("." ACME_ID
                                                               ".%")) "</mask>" UEI MAJOR "</event>\n"
                                                                      "<event>" FAN UEI MAJOR "</event>\n<event>" FAN
                                                                      "<uei/>" MAJOR "</event>\n"
                                                                      "<event-file>events/Other.xml</event-file>\n");
    assert_string_equal(text_of(rule_of(&r, 0), "comment"), "a.conf:3");
    assert_string_equal(text_of(rule_of(&r, 1), "name"), "fan/2");
    assert_int_equal(r.im.rules.count, 2);
    assert_int_equal(r.im.found, 3);
    assert_said(&r, "a.conf:5: an event needs a uei", "uei");
    assert_said(&r, "a.conf:6: 'events/Other.xml': no further file is read", "event-file");
    done(&r);
}

/* ---- XML ---- */

static void test_bad_documents(void **state)
{
    static const struct {
        const char *text, *why;
        unsigned line;
    } rows[] = {
        {"", "it is no XML", 1},
        {"nothing", "it is no XML", 1},
        {"<events>\n<event>\n</events>", "it is no XML", 3},
        {"<events>&undefined;</events>", "it is no XML", 1},
        {"<other/>", "its element is 'other'", 1},
        {"<!DOCTYPE events>\n<events/>", "DOCTYPE", 0},
        {"<!DOCTYPE e [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><events>&b;</events>", "DOCTYPE", 0},
        {"<!DOCTYPE e [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><events>&f;</events>", "DOCTYPE", 0},
        {"<!DOCTYPE e SYSTEM 'http://192.0.2.1/e.dtd'><events/>", "DOCTYPE", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct result r;

        read_with(&r, read_xml, rows[i].text, strlen(rows[i].text), NULL);
        if (!r.err.is_set || !strstr(r.err.text, rows[i].why) || r.err.line != rows[i].line)
            fail_msg("%s: line %u: %s", rows[i].text, r.err.line, r.err.text);
        assert_int_equal(r.im.rules.count, 0);
        done(&r);
    }
}

static void fill(char *text, const char *once, size_t times)
{
    size_t len = strlen(once);

    for (size_t i = 0; i < times; i++)
        memcpy(text + i * len, once, len);
    text[times * len] = '\0';
}

static void test_bounds(void **state)
{
    const struct {
        const char *once, *why;
        size_t times;
    } rows[] = {
        {"<a>", "it is no XML", 2000},
        {"<a/>", "over 2000000 elements and attributes", TK_IMPORT_MAX_BYTES / 16},
        {"<a b='' c='' d='' e='' f=''/>", "over 2000000 elements and attributes", 400000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen("<events>") + strlen(rows[i].once) * rows[i].times;
        char *text = malloc(len + 1);
        struct result r;

        assert_non_null(text);
        memcpy(text, "<events>", strlen("<events>"));
        fill(text + strlen("<events>"), rows[i].once, rows[i].times);
        read_with(&r, read_xml, text, len, NULL);
        if (!r.err.is_set || !strstr(r.err.text, rows[i].why))
            fail_msg("%s: %s", rows[i].once, r.err.text);
        done(&r);
        free(text);
    }
}

/* A file in ISO 8859-1, whatever it says of itself; comments and instructions are skipped. */
static void test_encoding(void **state)
{
    const char *text = "<?xml version='1.0' encoding='ISO-8859-1'?><!-- <event/> --><?x y?>" HEAD
                       "<event>" FAN UEI MAJOR "<logmsg>L\xfc"
                       "fter<!-- x --> aus</logmsg></event>" TAIL;
    struct result r;

    (void)state;
    read_with(&r, read_xml, text, strlen(text), NULL);
    assert_string_equal(text_of(rule_of(&r, 0), "summary"), "L\u00fcfter aus");
    done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logmsg),   cmocka_unit_test(test_keys),
        cmocka_unit_test(test_pairs),    cmocka_unit_test(test_cleared_raises_nothing),
        cmocka_unit_test(test_masks),    cmocka_unit_test(test_varbinds),
        cmocka_unit_test(test_elements), cmocka_unit_test(test_varbindsdecode),
        cmocka_unit_test(test_order),    cmocka_unit_test(test_bad_documents),
        cmocka_unit_test(test_bounds),   cmocka_unit_test(test_encoding),
    };

    return cmocka_run_group_tests_name("import/opennms", tests, make_dicts, free_dicts);
}
