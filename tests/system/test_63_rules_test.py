# SPDX-License-Identifier: Apache-2.0
"""trapkafka rules test: what writers of rules use. Files are compiled, and their tests run through the module's stages."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from lib.proc import PATIENCE

TOP = Path(__file__).resolve().parents[2]
RULES = [
    {"name": "down", "match": {"trap": "IF-MIB::linkDown"}, "severity": "minor", "state": "raise",
     "key": "{device}/link/{ifIndex}", "type": "link", "event_type": "communicationsAlarm",
     "clears": ["{device}/a/{ifIndex}", "{device}/b"], "summary": "Link {ifIndex} is {ifOperStatus}", "set": {"port": "{ifIndex}"}},
    {"name": "noise", "match": {"trap": "SNMPv2-MIB::coldStart"}, "drop": True},
    {"name": "acme", "match": {"trap": "1.3.6.1.4.1.99999.0.1"}, "severity": "warning"},
]
DOWN = {"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifIndex.7", "value": 7},
                                                {"object": "IF-MIB::ifOperStatus.7", "value": "lowerLayerDown"}]}


def run(*words):
    """(exit status, standard output, standard error)"""
    tool = Path(os.environ["TK_BUILD"]) / "stage" / "bin" / "trapkafka"
    done = subprocess.run([tool, "rules", "test", *map(str, words)], capture_output=True, text=True, timeout=60 * PATIENCE,
                          check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(name="write")
def _write(folder):
    """Write a file of rules and tests, each on a line of its own. @returns its path"""
    def write(tests, rules=None, name="rules.json", **members):
        lines = [*(f"{json.dumps(key)}: {json.dumps(value)}," for key, value in members.items()),
                 '"rules": [', ",\n".join(map(json.dumps, RULES if rules is None else rules)), "],",
                 '"tests": [', ",\n".join(map(json.dumps, tests)), "]"]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{" + "\n".join(lines) + "}\n", encoding="utf-8")
        return path
    return write


def test_passes(write):
    path = write([
        {"trap": DOWN, "event": {
            "severity": "minor", "severity_rule": "operator:down", "summary": "Link 7 is lowerLayerDown", "fields": {"port": "7"},
            "alarm": {"state": "raise", "key": "192.0.2.1/link/7", "type": "link", "event_type": "communicationsAlarm",
                      "clears": ["192.0.2.1/a/7", "192.0.2.1/b"], "transition": None, "since": None}}},
        {"trap": {"trap": "coldStart"}, "event": None},
        {"trap": {"trap": "IF-MIB::linkUp"}, "event": {"severity_rule": "standard:linkUp"}},
        {"trap": {"trap": "SNMPv2-MIB::warmStart"}, "event": {"trap": {"name": "warmStart", "mib": "SNMPv2-MIB"}}},
    ])
    assert run(path) == (0, "files: 1, tests: 4 passed, 0 failed; errors: 0\n", "")


def test_tells_what_differs(write):
    """File, line, test, member, both values, and the rule that decided."""
    path = write([
        {"trap": DOWN, "event": {"severity": "minor"}},
        {"name": "second", "trap": DOWN, "event": {"severity": "major", "alarm": {"clears": ["x", "192.0.2.1/b"]}}},
        {"trap": {"trap": "coldStart"}, "event": {"severity": "minor"}},
        {"trap": DOWN, "event": None},
        {"trap": DOWN, "event": {"varbinds": [{}]}},
        {"trap": DOWN, "event": {"no_such_member": 1}},
    ])
    status, out, err = run(path)
    lines = out.splitlines()
    where = [f"{path}: line {7 + n}: test {1 + n}" for n in range(6)]
    assert (status, err) == (1, "")
    assert lines[0] == (f"{where[1]} 'second' (IF-MIB::linkDown): severity is \"minor\", expected \"major\"; decided by "
                        "operator:down")
    assert lines[1] == (f"{where[1]} 'second' (IF-MIB::linkDown): alarm.clears[0] is \"192.0.2.1/a/7\", expected \"x\"; decided "
                        "by operator:down")
    assert lines[2] == f"{where[2]} (coldStart): the notification is dropped, expected an event; decided by operator:noise"
    assert lines[3].startswith(f"{where[3]} (IF-MIB::linkDown): the notification is published, expected that a rule drops it")
    assert lines[4].startswith(f"{where[4]} (IF-MIB::linkDown): varbinds is [")
    assert lines[5].startswith(f"{where[5]} (IF-MIB::linkDown): no_such_member is absent, expected 1")
    assert lines[6:] == ["files: 1, tests: 1 passed, 5 failed; errors: 0"]


@pytest.mark.parametrize("trap, said", [
    ({}, r'write {"trap": "IF-MIB::linkDown"'),
    ({"trap": "IF-MIB::linkSideways"}, "no MIB has 'IF-MIB::linkSideways'"),
    ({"trap": "IF-MIB::linkDown.x"}, "no list of numbers"),
    ({"trap": "1.3.6.x"}, "'1.3.6.x' is no OID"),
    ({"trap": "IF-MIB::linkDown", "version": "2"}, 'write "1", "2c" or "3"'),
    ({"trap": "IF-MIB::linkDown", "source": "pe1"}, "'pe1' is no address"),
    ({"trap": "IF-MIB::linkDown", "agent": "192.0.2.1"}, "version \"1\" only"),
    ({"trap": "IF-MIB::linkDown", "uptime": "5"}, "wrong type"),
    ({"trap": "IF-MIB::linkDown", "colour": "red"}, "unknown member 'colour'"),
    ({"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifIndex.7"}]}, 'needs "object" and "value"'),
    ({"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifIndex.7", "value": 7, "kind": "x"}]}, "unknown member 'kind'"),
    ({"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifOperStatus.7", "value": "sideways"}]},
     "neither a number nor one of its labels"),
    ({"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifDescr.7", "value": "0xabc"}]}, "pairs of hexadecimal"),
    ({"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifDescr.7", "value": 5}]}, "is no text"),
    ({"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifIndex.7", "value": 7, "type": "float"}]}, "the type 'float'"),
])
def test_tells_what_is_wrong_with_a_test(write, trap, said):
    path = write([{"trap": trap, "event": {}}])
    status, out, err = run(path)
    assert status == 2 and re.search(said, err), err
    assert err.startswith(f"trapkafka rules test: {path}: line 7: test 1 (") and err.count("\n") == 1
    assert out == ""
    sound = write([{"trap": DOWN, "event": {}}], name="sound.json")
    assert run(path, sound)[1] == "files: 2, tests: 1 passed, 0 failed; errors: 1\n"


def test_every_type_of_value(write):
    """What the test says is what the event has."""
    wanted = [
        ("IF-MIB::ifAdminStatus.7", "testing", None, {"type": "integer", "value": "3", "text": "testing"}),
        ("IF-MIB::ifIndex.7", "7", None, {"type": "integer", "number": 7}),
        ("IF-MIB::ifDescr.7", "xe-0/0/1", None, {"type": "octets", "value": "xe-0/0/1"}),
        ("IF-MIB::ifPhysAddress.7", "0x001b2c0a0b0c", None, {"type": "octets", "text": "00:1b:2c:0a:0b:0c"}),
        ("IF-MIB::ifSpeed.7", 4294967295, None, {"type": "gauge32", "number": 4294967295}),
        ("IF-MIB::ifInOctets.7", 1, None, {"type": "counter32", "number": 1}),
        ("IF-MIB::ifHCInOctets.7", "18446744073709551615", None, {"type": "counter64", "value": "18446744073709551615"}),
        ("IF-MIB::ifLastChange.7", 100, None, {"type": "timeticks", "number": 100}),
        ("SNMPv2-MIB::sysObjectID.0", "IF-MIB::linkDown", None, {"type": "oid", "value": "1.3.6.1.6.3.1.1.5.3"}),
        ("1.3.6.1.4.1.99999.1.0", "192.0.2.9", "ipaddress", {"type": "ipaddress", "value": "192.0.2.9"}),
        ("1.3.6.1.4.1.99999.2.0", -5, None, {"type": "integer", "value": "-5"}),
        ("1.3.6.1.4.1.99999.3.0", "text", None, {"type": "octets", "value": "text"}),
        ("1.3.6.1.4.1.99999.4.0", "1.3.6", "oid", {"type": "oid", "value": "1.3.6"}),
    ]
    varbinds = [{"object": o, "value": v, **({"type": t} if t else {})} for o, v, t, _ in wanted]
    event = {"varbinds": [e for *_, e in wanted], "severity": "warning"}
    path = write([{"trap": {"trap": "1.3.6.1.4.1.99999.0.1", "varbinds": varbinds}, "event": event}])
    assert run(path)[:2] == (0, "files: 1, tests: 1 passed, 0 failed; errors: 0\n")


@pytest.mark.parametrize("name", ["1.3.6.1.4.1.99999.0.1", "IF-MIB::linkDown"])
def test_versions_and_senders(write, name):
    """The same rule decides for each version; v1 has enterprise, generic and specific trap."""
    rule = {"1.3.6.1.4.1.99999.0.1": "operator:acme", "IF-MIB::linkDown": "operator:down"}[name]
    path = write([
        {"trap": {"trap": name, "version": "1", "agent": "192.0.2.9", "uptime": 5},
         "event": {"severity_rule": rule, "source": {"device": "192.0.2.9"}, "snmp": {"version": "1", "uptime": 5}}},
        {"trap": {"trap": name, "source": "2001:db8::1"},
         "event": {"severity_rule": rule, "source": {"address": "2001:db8::1", "transport": "udp6"}, "snmp": {"version": "2c"}}},
        {"trap": {"trap": name, "version": "3", "security_name": "noc"},
         "event": {"severity_rule": rule, "snmp": {"version": "3", "security_name": "noc"}}},
    ])
    assert run(path)[0] == 0, run(path)


def test_names_of_the_file(write):
    path = write([{"trap": {"trap": "ACME-MIB::fault", "varbinds": [{"object": "ACME-MIB::unit.3", "value": 3}]},
                   "event": {"severity_rule": "operator:fault", "alarm": {"key": "192.0.2.1/unit/3"}}}],
                 [{"name": "fault", "match": {"trap": "ACME-MIB::fault"}, "severity": "major", "state": "raise",
                   "key": "{device}/unit/{ACME-MIB::unit}"}],
                 names={"ACME-MIB::fault": "1.3.6.1.4.1.99999.0.5", "ACME-MIB::unit": "1.3.6.1.4.1.99999.9"})
    assert run(path)[:2] == (0, "files: 1, tests: 1 passed, 0 failed; errors: 0\n")


def test_all_errors_and_no_test(write):
    """More than ten errors, each with its line; a file with errors runs no test, and the others are still looked at."""
    bad = write([{"trap": DOWN, "event": {"severity": "major"}}],
                [{"name": f"r{n}", "match": {"trap": "IF-MIB::linkDown"}, "severity": "loud"} for n in range(30)], name="bad.json")
    good = write([{"trap": DOWN, "event": {}}])
    status, out, err = run(bad, good)
    assert status == 2 and out == "files: 2, tests: 1 passed, 0 failed; errors: 30\n"
    assert [int(n) for n in re.findall(r"bad.json: line (\d+): rule 'r\d+':", err)] == [*range(2, 32)]
    assert run("--check", good) == (0, "files: 1, tests: 0 passed, 0 failed; errors: 0\n", "")
    assert run("--check", bad)[0] == 2


@pytest.mark.parametrize("place, rule", [("rules/acme.json", "vendor:acme/up"), ("rules/derived/acme.json", "derived:acme/up"),
                                         ("rules/ietf.json", "standard:up"), ("mine/acme.json", "operator:up")])
def test_place_of_a_file(write, place, rule):
    """A shipped file comes after the built-in rules, an operator's before them."""
    rules = [{"name": "up", "match": {"trap": ["IF-MIB::linkUp", "IF-MIB::ifMIB.*"]}, "severity": "warning"}]
    other = {"trap": {"trap": "1.3.6.1.2.1.31.0.9"}, "event": {"severity_rule": rule}}
    up = {"trap": {"trap": "IF-MIB::linkUp"}, "event": {"severity_rule": rule if rule == "operator:up" else "standard:linkUp"}}
    assert run(write([other, up], rules, name=place))[0] == 0, run(write([other, up], rules, name=place))


def test_source_of_the_built_in_rules(write):
    """It takes their place, so that its author sees what he has changed."""
    assert run(TOP / "conf" / "severity-standard.json")[0] == 0
    path = write([{"trap": {"trap": "IF-MIB::linkUp"}, "event": {"severity_rule": "default"}},
                  {"trap": {"trap": "coldStart"}, "event": {"severity_rule": "standard:cold", "severity": "critical"}}],
                 [{"name": "cold", "match": {"trap": "coldStart"}, "severity": "critical"}], name="severity-standard.json")
    assert run(path)[0] == 0, run(path)


def test_built_in_and_shipped_files():
    """Without FILE: the built-in rules, and all files that are installed, by the installed dictionary."""
    installed = Path(os.environ["TK_BUILD"]) / "stage" / "share" / "trapkafka" / "rules"
    status, out, err = run()
    assert (status, err) == (0, ""), out
    files, passed = map(int, re.fullmatch(r"files: (\d+), tests: (\d+) passed, 0 failed; errors: 0\n", out).groups())
    shipped = [*installed.glob("*.json"), *installed.glob("derived/*.json")]
    assert files == 1 + len(shipped)
    paths = [TOP / "conf" / "severity-standard.json", *shipped]
    assert passed == sum(len(json.loads(p.read_text(encoding="utf-8")).get("tests", [])) for p in paths)


def test_what_the_shipped_files_test():
    """Each file written by hand tests an event without an alarm and, if it has clears, a raise and a clear of one key."""
    paths = [TOP / "conf" / "severity-standard.json", *sorted((TOP / "conf" / "rules").glob("*.json"))]
    assert len(paths) > 20
    for path in paths:
        content = json.loads(path.read_text(encoding="utf-8"))
        alarms = [test["event"]["alarm"] for test in content["tests"]]
        plain = [rule for rule in content["rules"] if "key" not in rule]
        keys = {state: {a.get("key") for a in alarms if a.get("state") == state} for state in ("raise", "clear", None)}
        assert len(alarms) >= min(3, len(content["rules"])) and (keys[None] or not plain), path
        if any(rule.get("state") == "clear" for rule in content["rules"]):
            assert keys["raise"] & keys["clear"], path


def test_each_shipped_rule_has_a_summary():
    """But those of links: the list of varbinds has the interface's name, which devices add under several objects."""
    paths = [TOP / "conf" / "severity-standard.json", *(TOP / "conf" / "rules").glob("**/*.json")]
    without = [rule["name"] for path in paths for rule in json.loads(path.read_text(encoding="utf-8"))["rules"]
               if "summary" not in rule and not rule.get("drop")]
    assert without == ["linkDown-admin", "linkDown-lower-layer", "linkDown", "linkUp"]


def test_dictionaries(write, folder):
    """Names of a file of facts, and of a folder of such files."""
    facts = folder / "acme.facts"
    facts.write_text("1.3.6.1.4.1.99999.0.7 acmeFault ACME-MIB notification\n", encoding="utf-8")
    path = write([{"trap": {"trap": "ACME-MIB::acmeFault"}, "event": {"trap": {"name": "acmeFault"}, "severity": "major"}}],
                 [{"name": "f", "match": {"trap": "ACME-MIB::acmeFault"}, "severity": "major"}])
    assert run(path)[0] == 2
    for given in (facts, folder):
        assert run("--dictionary", given, path)[0] == 0, run("--dictionary", given, path)
