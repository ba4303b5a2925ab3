# SPDX-License-Identifier: Apache-2.0
"""trapkafka import: what it makes of the files of other programs goes through trapkafka rules test."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from lib.proc import PATIENCE

TOP = Path(__file__).resolve().parents[2]
DOWN = 'EVENT linkDown .1.3.6.1.6.3.1.1.5.3 "Status Events" Major\n'


def call(*words, folder=None):
    """(exit status, standard output, standard error)"""
    tool = Path(os.environ["TK_BUILD"]) / "stage" / "bin" / "trapkafka"
    done = subprocess.run([tool, *map(str, words)], capture_output=True, text=True, timeout=60 * PATIENCE, check=False,
                          cwd=folder)
    return done.returncode, done.stdout, done.stderr


def run_tests(folder, text):
    """Let the rules' own tests run. @returns the file of rules"""
    path = folder / "imported.json"
    path.write_text(text, encoding="utf-8")
    rules = json.loads(text)
    status, out, err = call("rules", "test", path)
    assert (status, err) == (0, "") and f"tests: {len(rules['tests'])} passed, 0 failed; errors: 0" in out, out
    return rules


def blocks(page, kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", (TOP / "doc" / page).read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("page, command, kind, name", [
    ("from-snmptt.md", "snmptt", "snmptt", "snmptt.conf"), ("from-opennms.md", "opennms", "xml", "Acme.events.xml")])
def test_the_page_is_true(folder, page, command, kind, name):
    """The example of the page: what is read, what is made of it, what is said."""
    (folder / name).write_text(blocks(page, kind)[0])
    status, out, err = call("import", command, name, folder=folder)
    assert (status, err) == (1, blocks(page, "said")[0])
    rules = run_tests(folder, out)
    assert len(rules.pop("tests")) == 4
    assert rules == json.loads(blocks(page, "json")[0])


def assert_within(part, whole, where="event"):
    """All members of the one are in the other."""
    if isinstance(part, dict):
        for name, value in part.items():
            assert name in whole, f"{where}.{name}"
            assert_within(value, whole[name], f"{where}.{name}")
    elif isinstance(part, list):
        assert len(part) == len(whole), where
        for number, pair in enumerate(zip(part, whole)):
            assert_within(*pair, f"{where}[{number}]")
    else:
        assert part == whole, where


def test_the_page_about_telegraf_is_true(folder):
    """What is sent becomes the event that the page shows, with the configuration that the page shows."""
    page = "from-telegraf.md"
    (folder / "snmptrapd.conf").write_text(blocks(page, "conf")[0])
    sent, [event] = shlex.split(blocks(page, "sh")[0]), blocks(page, "json")
    assert sent[0] == "snmptrap"
    status, out, err = call("explain", "--json", "--config", folder / "snmptrapd.conf", "--source", "192.0.2.7",
                            *sent[1:])
    assert (status, err) == (0, "")
    assert_within(json.loads(event), json.loads(out)["event"])
    [metric] = blocks(page, "metric")
    assert json.loads(metric)["tags"]["oid"] == "." + json.loads(event)["trap"]["oid"]


@pytest.mark.parametrize("line, condition", [
    ("MATCH $1: 5-10", True), ("MATCH $1: !5", True), ("MATCH $2: (up)", True), ("MATCH $3: !(up)", True),
    ("NODES 10.0.0.0/8", True), ("NODES MODE=NEG 192.0.2.0/24", True), ("NODES 2001:db8::/32", True), ("", False)])
def test_round_trip(folder, line, condition):
    """Each kind of condition: the rule decides the notification of its test, and another rule any other one."""
    (folder / "a.conf").write_text(f"{DOWN}FORMAT $1 $2 $3\n{line}\n"
                                   'EVENT rest .1.3.6.1.6.3.1.1.5.3 "Rest" Minor\nFORMAT rest\n')
    status, out, err = call("import", "snmptt", folder / "a.conf")
    assert status == (0 if condition else 1), err
    rules = run_tests(folder, out)
    decided = {test["event"]["severity_rule"].split("/")[0] for test in rules["tests"]}
    assert decided == ({"operator:linkDown", "operator:rest"} if condition else {"operator:linkDown"})


def test_what_another_rule_hides_is_told(folder):
    (folder / "a.conf").write_text(f"{DOWN}FORMAT a\n{DOWN}FORMAT b\n")
    status, out, err = call("import", "snmptt", folder / "a.conf")
    assert status == 1 and len(run_tests(folder, out)["rules"]) == 1
    assert re.search(rf"^{folder}/a.conf:3: 'linkDown/2': line 1 of .*one notification is one event", err, re.M), err


def test_what_does_not_compile_is_told(folder):
    """A number of an object that is text: no rule says that."""
    (folder / "acme.facts").write_text("1.3.6.1.4.1.99999.0.1 acmeTrap ACME-MIB notification o=acmeText\n"
                                       "1.3.6.1.4.1.99999.1.1 acmeText ACME-MIB octets\n")
    (folder / "a.conf").write_text('EVENT acmeTrap ACME-MIB::acmeTrap "c" Major\nFORMAT $1\nMATCH $1: >5\n'
                                   'EVENT acmeTrap ACME-MIB::acmeTrap "c" Major\nFORMAT $1\n')
    status, out, err = call("import", "snmptt", "--dictionary", folder / "acme.facts", folder / "a.conf")
    assert status == 1 and re.search(r"a.conf:1: 'acmeTrap': .*not a number", err), err
    rules = run_tests(folder, out)                         # without the dictionary
    assert [rule["name"] for rule in rules["rules"]] == ["acmeTrap/2"]
    assert rules["tests"][0]["event"]["summary"] == "text"


def test_the_file_is_written_beside_and_renamed(folder):
    target = folder / "rules.json"
    target.write_text("old")
    (folder / "a.conf").write_text(f"{DOWN}FORMAT a\n")
    (folder / "bad.conf").write_text("nothing\n")
    status, out, err = call("import", "snmptt", "-o", target, folder / "a.conf", folder / "bad.conf")
    assert (status, out) == (2, "") and f"{folder}/bad.conf: it has no EVENT" in err and target.read_text() == "old"
    before = target.stat().st_ino
    assert call("import", "snmptt", "-o", target, folder / "a.conf")[:2] == (0, "")
    assert json.loads(target.read_text())["rules"] and target.stat().st_ino != before
    assert sorted(path.name for path in folder.glob("rules.json*")) == ["rules.json"]
    status, out, err = call("import", "snmptt", "-o", folder / "none" / "rules.json", folder / "a.conf")
    assert (status, out) == (2, "") and "No such file" in err


def test_severities_of_the_command_line(folder):
    (folder / "a.conf").write_text(DOWN.replace("Major", "P 1") + "FORMAT a\n")
    status, out, err = call("import", "snmptt", "--severity", "p 1=critical", folder / "a.conf")
    assert status == 0, err
    assert run_tests(folder, out)["rules"][0]["severity"] == "critical"
    for wrong in ("P1", "P1=", "P1=high", "=major"):
        status, out, err = call("import", "snmptt", "--severity", wrong, folder / "a.conf")
        assert (status, out) == (2, "") and f"--severity '{wrong}': write NAME=SEVERITY" in err


def test_hostile_input_is_survived_and_escaped(folder):
    (folder / "a.conf").write_bytes(DOWN.encode() + b"FORMAT \x1b[31m$1 \xff\x00{x}\n\x1b]0;x\x07\n" + b"MATCH $1: (" + b"(" * 2000 +
                                    b")\n" + b"EVENT " + b"x" * 5000 + b" .1" + b".1" * 200 + b" \"c\" Major\n")
    status, out, err = call("import", "snmptt", folder / "a.conf")
    assert status == 1 and "\x1b" not in err and "\x07" not in err
    run_tests(folder, out)


# --- OpenNMS ---------------------------------------------------------------------------------------------------------

def opennms_event(mask="", rest="", name="down"):
    return (f"<event><mask><maskelement><mename>generic</mename><mevalue>2</mevalue></maskelement>{mask}</mask>"
            f"<uei>x/{name}</uei><logmsg>%parm[#1]% %parm[#2]% %parm[#3]%</logmsg><severity>Major</severity>{rest}</event>")


def write_events(path, *events):
    path.write_text("<events>" + "\n".join(events) + "</events>", encoding="utf-8")
    return path


@pytest.mark.parametrize("mask", [
    "<varbind><vbnumber>1</vbnumber><vbvalue>7</vbvalue></varbind>",
    "<varbind><vbnumber>2</vbnumber><vbvalue>2</vbvalue><vbvalue>3</vbvalue></varbind>",
    "<varbind><vbnumber>3</vbnumber><vbvalue>~[27]</vbvalue></varbind>",
    "<varbind><vboid>.1.3.6.1.2.1.2.2.1.2</vboid><vbvalue>xe-%</vbvalue></varbind>",
    "<varbind><vboid>.1.3.6.1.2.1.2.2.1.2</vboid><vbvalue>~(ge|xe)-\\d.*</vbvalue></varbind>",
    "<maskelement><mename>snmphost</mename><mevalue>10.%</mevalue></maskelement>",
    "<maskelement><mename>interface</mename><mevalue>2001:db8::1</mevalue></maskelement>"])
def test_round_trip_of_opennms(folder, mask):
    """Each kind of condition: the rule decides the notification of its test, and another rule any other one."""
    status, out, err = call("import", "opennms",
                            write_events(folder / "a.xml", opennms_event(mask), opennms_event(name="rest")))
    assert status == 0, err
    rules = run_tests(folder, out)
    assert {test["event"]["severity_rule"] for test in rules["tests"]} == {"operator:down", "operator:rest"}


@pytest.mark.parametrize("key, is_alarm", [
    ("%nodeid%", True), ("%nodeid%:%parm[#1]%", True), ("%snmphost%:%parm[#2]%/%parm[#3]%", True),
    ("%nodeid%:%parm[name-#1]%", True), ("%nodeid%:%parm[ifIndex]%", True), ("%nodeid%:%parm[#9]%", False),
    ("%nodeid%:%service%", False)])
def test_keys_of_opennms_pair(folder, key, is_alarm):
    """The test of the clear has the key of the test of the raise."""
    raised = opennms_event(rest=f'<alarm-data alarm-type="1" reduction-key="%uei%:%dpname%:{key}"/>')
    cleared = opennms_event(name="up", rest=f'<alarm-data alarm-type="2" clear-key="x/down::{key}"/>')
    cleared = cleared.replace("<mevalue>2<", "<mevalue>3<")
    status, out, err = call("import", "opennms", write_events(folder / "a.xml", raised, cleared))
    assert status == (0 if is_alarm else 1), err
    rules = run_tests(folder, out)
    assert [rule.get("state") for rule in rules["rules"]] == (["raise", "clear"] if is_alarm else [None, None])
    alarms = [test["event"].get("alarm", {}) for test in rules["tests"]]
    assert alarms[0].get("key") == alarms[1].get("key") and (alarms[0].get("state") == "raise") == is_alarm


def test_what_is_no_eventconf_is_refused(folder):
    target = folder / "rules.json"
    for text, why in [("<events>", "no XML"), ("<snmp/>", "'snmp'"), ("<events/>", "it has no event;"),
                      ("<!DOCTYPE x [<!ENTITY a 'b'>]><events>&a;</events>", "DOCTYPE")]:
        (folder / "a.xml").write_text(text)
        status, out, err = call("import", "opennms", "-o", target, folder / "a.xml")
        assert (status, out, target.exists()) == (2, "", False) and f"{folder}/a.xml" in err and why in err, err


# --- MIB files with annotations --------------------------------------------------------------------------------------

ACME_MIB = """ACME-MIB DEFINITIONS ::= BEGIN
IMPORTS TRAP-TYPE FROM RFC-1215;
acme OBJECT IDENTIFIER ::= { iso 3 6 1 4 1 99999 }
acmeSlot OBJECT-TYPE SYNTAX INTEGER ACCESS read-only STATUS mandatory DESCRIPTION "s" ::= { acme 1 }
acmeName OBJECT-TYPE SYNTAX OCTET STRING ACCESS read-only STATUS mandatory DESCRIPTION "n" ::= { acme 2 }
acmeFanFailed TRAP-TYPE
    ENTERPRISE acme
    VARIABLES { acmeSlot, acmeName }
    DESCRIPTION "A fan failed."
        --#TYPE "Fan"
        --#SUMMARY "Fan %s in slot %d failed"
        --#ARGUMENTS { 1, 0 }
        --#SEVERITY MAJOR
        --#TIMEINDEX 100
        --#HELP "acme.hlp"
        --#STATE DEGRADED
    ::= 7
acmePlain TRAP-TYPE ENTERPRISE acme DESCRIPTION "p" ::= 8
END
"""


def test_annotations_of_mibs(folder):
    """As the manual says: the file is compiled, and then imported with its dictionary."""
    (folder / "mibs").mkdir()
    (folder / "mibs" / "ACME-MIB.txt").write_text(ACME_MIB)
    (folder / "mibs" / "README").write_text("no MIB")
    status, _, err = call("mibs", "build", "--quiet", "-o", folder / "acme.dict", folder / "mibs")
    assert (folder / "acme.dict").exists(), (status, err)
    status, out, err = call("import", "mib", "--dictionary", folder / "acme.dict", folder / "mibs")
    assert status == 0, err
    rules = run_tests(folder, out)                         # without the dictionary
    assert rules["rules"] == [{
        "name": "acmeFanFailed", "comment": "ACME-MIB.txt:6", "match": {"trap": "ACME-MIB::acmeFanFailed"},
        "severity": "major", "summary": "Fan {ACME-MIB::acmeName} in slot {ACME-MIB::acmeSlot} failed",
        "set": {"type": "Fan", "state": "degraded"}}]
    assert rules["tests"][0]["event"]["summary"] == "Fan text in slot 1 failed"


def test_mibs_that_give_nothing(folder):
    (folder / "ACME-MIB.txt").write_text(ACME_MIB)
    status, out, err = call("import", "mib", folder / "ACME-MIB.txt")
    assert status == 1 and json.loads(out)["rules"] == []
    assert re.search(r"ACME-MIB.txt:6: 'ACME-MIB::acmeFanFailed': no dictionary has .*--dictionary", err), err
    (folder / "ACME-MIB.txt").write_text(ACME_MIB.replace("--#", "-- "))
    for name in (folder, folder / "ACME-MIB.txt"):
        status, out, err = call("import", "mib", name)
        assert (status, out) == (2, "") and f"{name}: no notification has annotations" in err
    status, out, err = call("import", "mib", folder / "none")
    assert (status, out) == (2, "") and "No such file" in err


# --- the shipped rules -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("key, hidden", [("x:%nodeid%:%parm[#1]%", True), ("link:%nodeid%:%parm[#1]%", False)])
def test_hidden_alarms_are_told(folder, key, hidden):
    """A rule with the key of the shipped one changes no alarm."""
    events = [opennms_event(rest=f'<alarm-data alarm-type="1" reduction-key="{key}"/>')]
    status, _, err = call("import", "opennms", write_events(folder / "a.xml", *events))
    assert status == 0
    assert ("hidden shipped rules that raise or clear alarms: 1, such as standard:linkDown" in err) == hidden, err
