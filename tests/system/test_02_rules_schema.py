# SPDX-License-Identifier: Apache-2.0
"""conf/rules.schema.json: all files of rules that we ship follow it, and faulty ones do not."""
import copy
import json
from pathlib import Path

import jsonschema
import pytest

TOP = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((TOP / "conf" / "rules.schema.json").read_text())
FILES = [TOP / "conf" / "severity-standard.json", TOP / "conf" / "severity-rules.json",
         *sorted((TOP / "conf" / "rules").glob("*.json")), *sorted((TOP / "conf" / "rules" / "derived").glob("*.json"))]
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

SOUND = {
    "comment": "c", "names": {"ACME-MIB::fan": "1.3.6.1.4.1.99999.0.1"},
    "rules": [{
        "name": "a", "comment": ["any", 1],
        "match": {"trap": ["IF-MIB::linkDown", "1.3.*"], "device": "a*", "source": ["192.0.2.0/24"], "security_name": "noc",
                  "varbinds": [{"object": "ifIndex", "min": 1, "max": 2}, {"object": "ifDescr", "regex": ["^a"]},
                               {"object": "x", "in": [1, "up"]}, {"object": "y", "present": True}]},
        "severity": "major", "severity_from": {"object": "x", "map": {"up": "minor"}},
        "state": "raise", "state_from": {"object": "x", "map": {"up": "clear"}}, "key": "{device}/x", "clears": ["a"],
        "type": "link", "event_type": "equipmentAlarm", "summary": "Link {ifDescr}", "set": {"a": ""}, "topic": "t"}],
    "tests": [{"name": "n", "trap": {"trap": "1.3", "varbinds": [{"object": "1.3", "value": 1, "type": "integer"}]},
               "event": {"severity": "major"}}],
}

# Where in SOUND, and what stands there instead; None: nothing does.
FAULTS = [
    (["rules"], None), (["rulez"], 1), (["names", "1a"], "1.3"), (["names", "a"], "1.x"), (["tests"], {}),
    (["rules", 0, "name"], None), (["rules", 0, "name"], "a b"), (["rules", 0, "name"], "a" * 129),
    (["rules", 0, "match"], None), (["rules", 0, "match", "trap"], None), (["rules", 0, "match", "trap"], []),
    (["rules", 0, "match", "source"], []), (["rules", 0, "match", "security_name"], 7), (["rules", 0, "match", "peer"], "x"),
    (["rules", 0, "match", "varbinds", 0, "equals"], 1), (["rules", 0, "match", "varbinds", 0, "object"], None),
    (["rules", 0, "match", "varbinds", 1, "regex"], ""), (["rules", 0, "match", "varbinds", 3, "present"], "true"),
    (["rules", 0, "severity"], "fatal"), (["rules", 0, "severity_from", "map"], {}),
    (["rules", 0, "severity_from", "map", "up"], "on"), (["rules", 0, "severity_from", "object"], None),
    (["rules", 0, "state"], "on"), (["rules", 0, "state_from", "map", "up"], "major"), (["rules", 0, "key"], None),
    (["rules", 0, "clears"], ["a"] * 9), (["rules", 0, "type"], "Link"), (["rules", 0, "event_type"], "equipment"),
    (["rules", 0, "summary"], ""), (["rules", 0, "summary"], "a" * 1025), (["rules", 0, "set"], {}),
    (["rules", 0, "set", "a"], 1), (["rules", 0, "set", "a-b"], "x"), (["rules", 0, "topic"], "a b"),
    (["rules", 0, "drop"], True), (["rules", 0, "drop"], 1), (["tests", 0, "event"], None),
    (["tests", 0, "trap", "version"], "4"), (["tests", 0, "trap", "varbinds", 0, "type"], "float"),
]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(TOP).as_posix())
def test_files_follow_it(path):
    errors = [f"{path.name}: {'/'.join(map(str, e.absolute_path))}: {e.message[:200]}"
              for e in VALIDATOR.iter_errors(json.loads(path.read_text()))]
    assert not errors, "\n".join(errors[:20])


def test_all_members_are_permitted():
    VALIDATOR.validate(SOUND)


@pytest.mark.parametrize("place, value", FAULTS, ids=lambda x: "/".join(map(str, x)) if isinstance(x, list) else None)
def test_faults_are_found(place, value):
    document = copy.deepcopy(SOUND)
    at = document
    for step in place[:-1]:
        at = at[step]
    if value is None:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("rule", [{"severity": "major"}, {"drop": True}, {"severity": "minor", "drop": True},
                                  {"state": "clear", "key": "k"}, {"severity_from": {"object": "x", "map": {"a": "major"}}},
                                  {"severity": "major", "state_from": {"object": "x", "map": {"a": "none"}}}])
def test_what_a_rule_needs(rule):
    VALIDATOR.validate({"rules": [{"name": "r", "match": {"trap": "*"}, **rule}]})


@pytest.mark.parametrize("rule", [{}, {"drop": False}, {"state": "raise", "key": "k"}, {"state": "none"},
                                  {"severity": "major", "state": "raise"}, {"drop": True, "key": "k"},
                                  {"severity": "major", "state_from": {"object": "x", "map": {"a": "raise"}}}])
def test_what_is_too_little_or_too_much(rule):
    assert not VALIDATOR.is_valid({"rules": [{"name": "r", "match": {"trap": "*"}, **rule}]})
