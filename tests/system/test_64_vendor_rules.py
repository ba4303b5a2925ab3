# SPDX-License-Identifier: Apache-2.0
"""Notifications of vendors with nothing configured: the installed dictionary and the installed rules say what they mean."""
import json
from pathlib import Path

import pytest

from lib import ber
from lib.ber import v2c
from lib.books import read_stats
from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # pylint: disable=unused-import

# pylint: disable=redefined-outer-name
TOP = Path(__file__).resolve().parents[2]
AIRESPACE = "1.3.6.1.4.1.14179.2"
AP_DOWN, AP_UP, AP_MAC = f"{AIRESPACE}.6.3.6", f"{AIRESPACE}.6.3.5", f"{AIRESPACE}.2.1.1.1"
MAC = bytes.fromhex("001b21a0ff02")
FAN_FAILURE, FAN_OK, CONTENTS = "1.3.6.1.4.1.2636.4.1.2", "1.3.6.1.4.1.2636.4.2.2", "1.3.6.1.4.1.2636.3.1.8.1"


def traps_of(folder):
    """MODULE::name of all notifications that the rules of a folder name."""
    found = set()
    for path in folder.glob("*.json"):
        for rule in json.loads(path.read_text())["rules"]:
            trap = rule["match"]["trap"]
            found.update([trap] if isinstance(trap, str) else trap)
    return found


def derived_only():
    """(OID, MODULE::name) of a notification that has a derived rule without conditions, and no other one."""
    facts = {}
    for path in (TOP / "mibs/facts").glob("*.facts"):
        for line in path.read_text().splitlines():
            words = line.split(" ", 4)
            if len(words) > 3 and words[3] == "notification":
                facts[f"{words[2]}::{words[1]}"] = words[0]
    curated = traps_of(TOP / "conf/rules")
    for path in sorted((TOP / "conf/rules/derived").glob("*.json")):
        rules = json.loads(path.read_text())["rules"]
        for rule in rules:
            trap = rule["match"]["trap"]
            if isinstance(trap, str) and trap in facts and trap not in curated and "varbinds" not in rule["match"] and \
                    "severity_from" not in rule and "state_from" not in rule:
                return facts[trap], trap, f"derived:{path.stem}/{rule['name']}", rule.get("severity", "cleared")
    raise AssertionError("no derived rule")


@pytest.fixture(scope="module")
def main(shared_rigs):
    rig = shared_rigs([], name="main")
    yield rig
    rig.stop()


def send(rig, trap, pairs):
    return rig.send_event(lambda up: v2c(COMMUNITY, pairs, up, trap=trap))


def test_raise_and_clear_by_a_value(main):
    """The controller names the access point by its MAC address: as a value, which is the row's index too."""
    row = ".".join(str(b) for b in MAC)
    down, up = (send(main, trap, [(f"{AP_MAC}.{row}", ber.octets(MAC))]) for trap in (AP_DOWN, AP_UP))
    assert down["trap"]["name"] == "bsnAPDown" and up["trap"]["mib"] == "AIRESPACE-WIRELESS-MIB"
    assert down["severity_rule"].startswith("vendor:cisco/") and up["severity_rule"].startswith("vendor:cisco/")
    assert down["alarm"]["state"] == "raise" and up["alarm"]["state"] == "clear" and up["severity"] == "cleared"
    assert down["alarm"]["key"] == up["alarm"]["key"] and "00:1b:21:a0:ff:02" in down["alarm"]["key"].lower()
    assert (down["alarm"]["transition"], up["alarm"]["transition"]) == ("raised", "cleared")
    assert down["alarm"]["type"] and down["alarm"]["type"] == up["alarm"]["type"]
    assert "00:1b:21:a0:ff:02" in down["summary"].lower() and down["summary"] != up["summary"]


def test_raise_and_clear_by_an_index(main):
    """Two fans of one chassis are two alarms."""
    keys = set()
    for slot in (1, 2):
        pairs = [(f"{CONTENTS}.6.4.{slot}.1.0", ber.octets(f"Fan {slot}"))]
        failed, fine = send(main, FAN_FAILURE, pairs), send(main, FAN_OK, pairs)
        assert failed["alarm"]["key"] == fine["alarm"]["key"]
        assert failed["severity_rule"].startswith("vendor:juniper/") and f"Fan {slot}" in failed["summary"]
        keys.add(failed["alarm"]["key"])
    assert len(keys) == 2


def test_the_directive_chooses(rigs):
    trap, name, derived, severity = derived_only()
    row = ".".join(str(b) for b in MAC)
    rig = rigs([])
    ap_down = "vendor:cisco/bsnAPDown"
    for choice, curated, other in (("all", ap_down, derived), ("curated", ap_down, "default"),
                                   ("off", "default", "default"), ("all", ap_down, derived)):
        rig.reload([f"kafkaVendorRules {choice}"])
        assert send(rig, AP_DOWN, [(f"{AP_MAC}.{row}", ber.octets(MAC))])["severity_rule"] == curated
        event = send(rig, trap, [])
        assert event["severity_rule"] == other
        assert event["trap"]["name"] == name.partition("::")[2], "names do not depend on rules"
        assert event["severity"] == (severity if other == derived else "indeterminate")
        assert send(rig, "1.3.6.1.6.3.1.1.5.1", [])["severity_rule"].startswith("standard:")


def test_no_file_has_a_fault(main):
    """Each would be a line of the log."""
    assert "these rules are not in force" not in main.log.text()


def test_an_expression_that_explodes(rigs, folder):
    """It counts as no match, is counted, and is told at most once in ten seconds, with its rule."""
    rules = folder / "rules.json"
    rules.write_text(json.dumps({"rules": [
        {"name": "exploding", "match": {"trap": "*", "varbinds": [{"object": "1.3.6.1.4.1.99999.1", "regex": "^(a+)+$"}]},
         "severity": "major"},
        {"name": "rest", "match": {"trap": "*"}, "severity": "warning"}]}))
    stats = folder / "stats"
    rig = rigs([f"kafkaSeverityRules {rules}", f"kafkaStatsFile {stats} 1"])
    for text, rule in (("aaaa", "operator:exploding"), ("a" * 1000 + "!", "operator:rest"),
                       ("a" * 900 + "!", "operator:rest")):
        event = send(rig, "1.3.6.1.4.1.99999.0.1", [("1.3.6.1.4.1.99999.1.0", ber.octets(text))])
        assert event["severity_rule"] == rule
    told = [line for line in rig.log.text().splitlines() if "takes too long" in line]
    assert len(told) == 1 and "'operator:exploding'" in told[0] and "127.0.0.1" in told[0]
    rig.stop()
    assert read_stats(stats)[("trapkafka_regex_given_up_total", ())] == 2


def test_texts_of_a_rule(rigs, folder):
    """Labels and units as in `text`; `set` makes members; what a stranger sends stays one line."""
    rules = folder / "rules.json"
    rules.write_text(json.dumps({"rules": [
        {"name": "r", "match": {"trap": "IF-MIB::linkDown", "source": "127.0.0.0/8"}, "severity": "minor",
         "clears": ["{ifIndex}"], "type": "link", "event_type": "communicationsAlarm", "set": {"port": "{ifDescr}", "raw": "{ifOperStatus#value}"},
         "summary": "{ifDescr} ({ifIndex}) is {ifOperStatus}"}]}))
    rig = rigs([f"kafkaSeverityRules {rules}"])
    column = "1.3.6.1.2.1.2.2.1"
    event = send(rig, ber.LINK_DOWN, [(f"{column}.8.7", ber.number(2)),
                                      (f"{column}.2.7", ber.octets("xe\n0 \u202e1"))])
    assert event["summary"] == "xe 0 1 (7) is down"
    assert event["fields"] == {"port": "xe 0 1", "raw": "2"}
    assert event["alarm"]["clears"] == ["7"] and event["alarm"]["event_type"] == "communicationsAlarm"
