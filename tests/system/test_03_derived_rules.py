# SPDX-License-Identifier: Apache-2.0
"""The derived rules: those of all notifications of the facts, as mibs/derive-rules makes them without MIB files, and those
that are shipped in conf/rules/derived, which nobody has written a rule for. No daemon and no MIB file is needed."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from lib.proc import PATIENCE

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "mibs"))
from derive import facts, measure, rules, shipped, summaries  # noqa: E402

DERIVED = TOP / "conf/rules/derived"
PORT_NAME = facts.Object("ACME-MIB", "acmePortName", "octets", index=["ACME-MIB::acmePortIndex"])
REFERENCE = re.compile(r"\{([^{}]+)\}")


@pytest.fixture(scope="module")
def written():
    """vendor -> its shipped rules."""
    return {path.stem: json.loads(path.read_text())["rules"] for path in sorted(DERIVED.glob("*.json"))}


@pytest.fixture(scope="module")
def files():
    """vendor -> its rules, as if nobody had written any."""
    return rules.derive(facts.load(str(TOP)))


@pytest.fixture(scope="module")
def every(files):
    return [(vendor, rule) for vendor, found in files.items() for rule in found]


@pytest.fixture(scope="module")
def shipped_ones(written):
    return [(vendor, rule) for vendor, found in written.items() for rule in found]


@pytest.fixture(scope="module")
def carried():
    """MODULE::name -> {MODULE::object: Object}, of all notifications of the facts."""
    return {n.ref: {o.ref: o for o in n.objects} for n in facts.load(str(TOP))}


@pytest.fixture(scope="module")
def ships():
    return shipped.Shipped(str(TOP))


def keys_of(rule):
    return ([rule["key"]] if "key" in rule else []) + rule.get("clears", [])


def can(rule, state):
    if "state" in rule:
        return rule["state"] == state
    if "state_from" in rule:
        return state in rule["state_from"]["map"].values()
    values = rule["severity_from"]["map"].values() if "key" in rule else []
    return ("cleared" in values) if state == "clear" else any(v != "cleared" for v in values)


def none(wrong):
    wrong = list(wrong)
    assert not wrong, "\n".join(["", *map(str, wrong[:20]), f"{len(wrong)} in all"])


def test_there_are_rules_of_every_vendor(files):
    assert {path.stem for path in (TOP / "mibs/facts").glob("*.facts")} >= set(files) - {"ietf"} and len(files) > 90


def test_one_rule_a_line_sorted_with_names_of_their_own(files, tmp_path):
    rules.write(str(tmp_path), files)
    for vendor, found in files.items():
        lines = (tmp_path / f"{vendor}.json").read_text().splitlines()
        assert len(lines) == 2 * len(found) + 5, vendor
        names = [rule["name"] for rule in found]
        assert names == sorted(set(names)), vendor
        assert all(re.fullmatch(r"[A-Za-z0-9._/-]{1,64}", name) for name in names), vendor


def test_each_says_what_the_program_meant(files, tmp_path):
    """Compiled by the module, with the test that the program writes for each: it matches, and has the summary, severity and state
    that follow from its objects. Those of ietf are left out: the standard rules come before them."""
    ours = {vendor: found for vendor, found in files.items() if found and vendor != "ietf"}
    rules.write(str(tmp_path / "rules/derived"), ours)
    states = Counter(rule[rules.TEST]["event"]["alarm"]["state"] for found in ours.values() for rule in found)
    assert min(states["raise"], states["clear"]) > 1000 and states[None] > 10000
    tool = Path(os.environ["TK_BUILD"]) / "stage" / "bin" / "trapkafka"
    done = subprocess.run([tool, "rules", "test", *sorted((tmp_path / "rules/derived").glob("*.json"))], capture_output=True,
                          text=True, timeout=120 * PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-2000:]
    assert done.stdout == f"files: {len(ours)}, tests: {sum(states.values())} passed, 0 failed; errors: 0\n"


@pytest.mark.parametrize("name, objects, said", [
    ("acmePortDownTrap", [PORT_NAME], "Port down: port name {ACME-MIB::acmePortName}"),
    ("acmeBGPPeerLost2", [], "BGP peer lost2"), ("acmeVlanIpNotif", [], "VLAN IP"), ("linkLostEvent", [], "Link lost"),
    ("acme", [], "Acme"), ("acmeTrap", [], "Trap"), ("acmeFanStop", [facts.Object("ACME-MIB", "acmeUnknown")], "Fan stop"),
    ("acmeBusy", [facts.Object("IF-MIB", "ifName", "octets"), PORT_NAME],
     "Busy: if name {IF-MIB::ifName}, port name {ACME-MIB::acmePortName}"),
])
def test_summaries(name, objects, said):
    mates = [facts.Notification("acme", "ACME-MIB", other, f"1.3.9.{at}", []) for at, other in enumerate(("acmeOne", "acmeTwo", "acmeX"))]
    notification = facts.Notification("acme", "ACME-MIB", name, "1.3.9.9", objects)
    assert summaries.summary(notification, summaries.prefixes([*mates, notification])) == said


def test_one_rule_a_notification(every):
    traps = [rule["match"]["trap"] for _, rule in every]
    assert len(traps) == len(set(traps)) > 20000


def test_none_is_shipped_where_somebody_wrote_one(shipped_ones, ships):
    traps = [rule["match"]["trap"] for _, rule in shipped_ones]
    assert traps and len(traps) == len(set(traps))
    by_hand = {i for rule in ships.rules if not rule.tier.startswith("derived:") for i in rule.ids}
    none(trap for trap in traps if ships.known.id(trap) in by_hand)


def test_every_notification_of_the_facts_has_a_rule(carried, ships):
    none(ref for ref in carried if not ships.rules_of(ref))


def test_every_reference_is_carried(every, carried):
    def wrong():
        for vendor, rule in every:
            objects = carried.get(rule["match"]["trap"])
            if objects is None:
                yield vendor, rule["name"], "not in the facts"
                continue
            indexes = {i for o in objects.values() for i in o.index or []}
            for member in ("severity_from", "state_from"):
                if member in rule and rule[member]["object"] not in objects:
                    yield vendor, rule["name"], rule[member]["object"]
            for reference in (r for key in keys_of(rule) for r in REFERENCE.findall(key)):
                name, _, suffix = reference.partition(".")
                if name == "device" or name in objects or not suffix and name in indexes:
                    continue
                if rule.get("state") == "clear" and "clears" in rule:
                    continue
                yield vendor, rule["name"], reference
    none(wrong())


def test_labels_are_those_of_the_object(every, carried):
    none((vendor, rule["name"], label)
         for vendor, rule in every for member in ("severity_from", "state_from") if member in rule
         for o in [carried[rule["match"]["trap"]][rule[member]["object"]]] if o.labels
         for label in rule[member]["map"] if label not in o.labels)


def test_an_alarm_has_both_sides_and_its_key_to_itself(every):
    """A key of a pair is that of no other pair; what clears has its raise, and nothing is both by its name."""
    raised, cleared, said = {}, {}, {}
    for vendor, rule in every:
        where = (vendor, rule["name"])
        if "key" not in rule:
            assert not can(rule, "raise") and not can(rule, "clear"), where
            continue
        module = rule["match"]["trap"].split("::")[0]
        assert all(key.startswith("{device}/%s/" % module) for key in keys_of(rule)), where
        if "state" not in rule:
            assert can(rule, "raise") and can(rule, "clear"), where
            assert rule["key"] not in said, where
            said[rule["key"]] = where
        for key in keys_of(rule):
            if rule.get("state") in ("raise", "clear"):
                (raised if rule["state"] == "raise" else cleared).setdefault(key, []).append(where)
    none(set(raised) ^ set(cleared))
    none(set(said) & (set(raised) | set(cleared)))
    # two templates may not become one key: their fixed parts differ
    plain = {}
    for key in [*raised, *said]:
        plain.setdefault(REFERENCE.sub("", key).rstrip("/"), set()).add(key)
    none(keys for keys in plain.values() if len(keys) > 1)
    none({w for ways in raised.values() for w in ways} & {w for ways in cleared.values() for w in ways})


def test_rules_of_an_alarm_are_of_one_vendor_and_module(every):
    places = {}
    for vendor, rule in every:
        for key in keys_of(rule):
            places.setdefault(key, set()).add((vendor, rule["match"]["trap"].split("::")[0]))
    none(place for place in places.values() if len(place) > 1)


def test_types_are_known(every):
    from derive import kinds
    none((vendor, rule["name"]) for vendor, rule in every
         if "type" in rule and kinds.EVENT_TYPE_OF.get(rule["type"]) != rule["event_type"])


def test_measures_on_the_labels_to_tune_on(ships):
    """All rules together: those that are left to derived rules are the odd ones, and too few to measure."""
    measures = measure.Measures(ships)
    for row in measure.read_labels(str(TOP / "tests/fixtures/labels/tune.tsv")):
        measures.add(*row)
    assert measures.rows == 400
    wrong = [text for text, is_met in measures.lines() if not is_met]
    none(wrong + measures.differences if wrong else [])


# The program itself, on notifications made up for it: each kind by itself.


def made_up(name, *objects, text=""):
    n = facts.Notification("acme", "ACME-MIB", name, "1.3.6.1.4.1.99999.0.%d" % (sum(map(ord, name)) % 100000 + 1), list(objects))
    n.text = text
    return n


def scalar(name, *labels):
    return facts.Object("ACME-MIB", name, "integer" if labels else "octets", labels)


def column(name, *index, labels=()):
    return facts.Object("ACME-MIB", name, "integer" if labels else "octets", labels, list(index))


def say(*notifications):
    """name -> rule of the notifications of one module."""
    return {rule["match"]["trap"].split("::")[1]: rule for rule in rules.derive(list(notifications)).get("acme", [])}


PORT = column("acmePortName", "ACME-MIB::acmePortIndex")


@pytest.mark.parametrize("trouble,end", [
    ("acmePortDown", "acmePortUp"), ("acmeFanFailed", "acmeFanOk"), ("acmeFanFailureTrap", "acmeFanNormalTrap"),
    ("acmePowerRemoved", "acmePowerInserted"), ("acmePeerUnreachable", "acmePeerReachable"),
    ("acmeLinkLossAlarm", "acmeLinkLossResume"), ("acmeLinkLoss", "acmeLinkLossClear"),
    ("acmeUsersThresholdExceeded", "acmeUsersThresholdNormal"), ("acmeServerNotAvailable", "acmeServerAvailable"),
    ("acmeLowVoltageAlarm", "acmeLowVoltageAlarmCleared"), ("acmePortLoopDetected", "acmePortLoopCleared"),
    ("acmePowerOff", "acmePowerOn"), ("acmeTunnelsHighWMark", "acmeTunnelsLowWMark"),
])
def test_a_pair(trouble, end):
    found = say(made_up(trouble, PORT), made_up(end, PORT))
    assert (found[trouble].get("state"), found[end].get("state")) == ("raise", "clear")
    assert found[trouble]["key"] == found[end]["key"] and found[end]["key"].endswith("/{ACME-MIB::acmePortName.index}")


@pytest.mark.parametrize("one,other", [
    ("acmeConfigSaveFailed", "acmeConfigSaveOk"),           # how an operation came out
    ("acmeUserLogin", "acmeUserLogout"), ("acmeUserAdded", "acmeUserRemoved"), ("acmePortEnabled", "acmePortDisabled"),
    ("acmeFanFailed", "acmePowerOk"),                       # other things
    ("acmeTemperatureTooHigh", "acmeTemperatureTooLow"),    # two troubles
    ("acmeLinkDownEventFailure", "acmeLinkUpEventFailure"),
    ("acmeClientDisconnected", "acmeClientCleared"),
])
def test_no_pair(one, other):
    found = say(made_up(one, PORT), made_up(other, PORT))
    assert "key" not in found[one] and "key" not in found[other]


def test_no_alarm_without_the_row_that_it_is_about():
    found = say(made_up("acmePortDown"), made_up("acmePortUp"))
    assert not any("key" in rule for rule in found.values())
    assert found["acmePortDown"]["severity"] == "major"
    # the end names what the trouble did not
    found = say(made_up("acmeGroupInactive", column("acmeGroupId", "acmeGroupIndex")),
                made_up("acmeGroupActive", column("acmeGroupId", "acmeGroupIndex"), PORT))
    assert not any("key" in rule for rule in found.values())


def test_levels_are_one_alarm_and_directions_are_two():
    found = say(made_up("acmePsuWarning", PORT), made_up("acmePsuFailure", PORT), made_up("acmePsuNormal", PORT))
    assert found["acmePsuWarning"]["key"] == found["acmePsuFailure"]["key"] == found["acmePsuNormal"]["key"]
    found = say(made_up("acmeRxPowerHigh", PORT), made_up("acmeRxPowerLow", PORT), made_up("acmeRxPowerNormal", PORT))
    assert found["acmeRxPowerHigh"]["key"] != found["acmeRxPowerLow"]["key"]
    assert sorted([found["acmeRxPowerNormal"]["key"]] + found["acmeRxPowerNormal"]["clears"]) == sorted(
        [found["acmeRxPowerHigh"]["key"], found["acmeRxPowerLow"]["key"]])


def test_half_a_pair_written_by_hand_is_no_pair():
    down, up = made_up("acmePortDown", PORT), made_up("acmePortUp", PORT)
    found = rules.derive([down, up], {down.oid})["acme"]
    assert [rule["match"]["trap"] for rule in found] == [up.ref] and "key" not in found[0]


def test_pruning_needs_no_mibs(tmp_path):
    """What is committed needs no pruning, and a half pruned away takes the pair with it."""
    everything = rules.read(str(DERIVED))
    rules.write(str(tmp_path), rules.prune(everything, lambda name: False))
    none(path.name for path in DERIVED.glob("*.json") if path.read_bytes() != (tmp_path / path.name).read_bytes())
    down, up = made_up("acmePortDown", PORT), made_up("acmePortUp", PORT)
    found = rules.prune(rules.derive([down, up]), lambda name: name == down.ref)["acme"]
    assert [rule["name"] for rule in found] == ["acmePortUp"] and not {"state", "key"} & set(found[0]) and found[0]["severity"]
    assert found[0][rules.TEST]["event"]["alarm"] == {"state": None}


def test_forms_of_one_oid_are_no_pair():
    down, up = made_up("acmePortDown", PORT), made_up("acmePortUp", PORT)
    down.oid, up.oid = "1.3.6.1.4.1.99999.1.0.7", "1.3.6.1.4.1.99999.1.7"
    assert not any("key" in rule for rule in rules.derive([down, up])["acme"])


def test_a_state_by_label():
    state = column("acmePortOperStatus", "acmePortIndex", labels=("up", "down", "testing"))
    found = say(made_up("acmePortStatusChange", state))["acmePortStatusChange"]
    assert found["state_from"] == {"object": state.ref, "map": {"up": "clear", "down": "raise", "testing": "none"}}
    # what an administrator wants is no state, and a name that says which one it is needs no label
    admin = column("acmePortAdminStatus", "acmePortIndex", labels=("up", "down", "testing"))
    assert "key" not in say(made_up("acmePortStatusChange", admin))["acmePortStatusChange"]
    assert "key" not in say(made_up("acmePortDown", state))["acmePortDown"]


def test_a_severity_by_label():
    level = scalar("acmeAlarmSeverity", "cleared", "critical", "major", "minor", "warning", "info")
    found = say(made_up("acmeAlarmNotification", PORT, level))["acmeAlarmNotification"]
    assert found["severity_from"]["map"]["cleared"] == "cleared" and "key" in found
    # two notifications that are raise and clear by their names: then the label does not tell
    found = say(made_up("acmePortLossAlarm", PORT, level), made_up("acmePortLossClear", PORT, level),
                made_up("acmeOtherAlarm", PORT, level))
    assert "key" not in found["acmeOtherAlarm"] and "cleared" not in found["acmeOtherAlarm"]["severity_from"]["map"].values()


@pytest.mark.parametrize("name,text,severity", [
    ("acmeLinkDown", "", "major"), ("acmeTemperatureCritical", "", "critical"), ("acmeCpuThresholdExceeded", "", "minor"),
    ("acmeLoginFailed", "", "warning"), ("acmeConfigChanged", "", "indeterminate"), ("acmeUserCreated", "", "indeterminate"),
    ("acmeUploadSuccess", "", "indeterminate"), ("acmeUploadFailed", "", "minor"), ("acmeThing", "Severity: Major.", "major"),
    ("acmeThing", "INFORMATIONAL: it failed.", "indeterminate"), ("acmeThing", "The thing has failed.", "major"),
])
def test_severity(name, text, severity):
    assert say(made_up(name, text=text))[name]["severity"] == severity


def test_long_names_and_names_of_two_modules():
    one, other = made_up("acmeThing"), made_up("acmeThing")
    other.module, other.oid = "ACME-OTHER-MIB", "1.3.6.1.4.1.99999.0.3"
    long = made_up("acme" + "VeryLongName" * 8)
    names = [rule["name"] for rule in rules.derive([one, other, long])["acme"]]
    assert names[:2] == ["ACME-MIB.acmeThing", "ACME-OTHER-MIB.acmeThing"]
    assert len(names[2]) <= 64 and names == [rule["name"] for rule in rules.derive([long, other, one])["acme"]]
