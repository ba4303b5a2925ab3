# SPDX-License-Identifier: Apache-2.0
"""Write the derived rules of all notifications, with a test of each."""
import glob
import hashlib
import json
import os

from . import kinds, pairs, severity, states, summaries
from .facts import canonical

NAME_MAX = 64
TEST = "test"    # of a rule, here: the file has it in its "tests"


def derive(notifications, curated=frozenset()):
    """{vendor: [rule, ...]} for notifications (of all vendors), without those whose OIDs are in `curated`."""
    modules = {}
    for n in notifications:
        modules.setdefault((n.vendor, n.module), []).append(n)
    ret = {}
    for (vendor, _), mates in sorted(modules.items()):
        mates.sort(key=lambda n: (n.name, n.oid))
        ret.setdefault(vendor, []).extend(_of_module(mates, curated))
    for vendor, found in ret.items():
        _name(found)
        ret[vendor] = [rule for _, rule in sorted(found, key=lambda f: f[1]["name"])]
    return ret


def _of_module(mates, curated):
    """(notification, rule without a name) for the notifications of one module."""
    found = pairs.find(mates)
    paired = {n for p in found for n in p.raises + p.clears}
    said = states.find(mates, paired)
    taken = {n for n in mates if n.oid in curated}
    # a pair with one half curated is not derived, and what is left of it says nothing of an alarm
    # ... nor one whose halves SNMPv1 can't tell apart: X.0.1 and X.1
    broken = {n for p in found if taken & set(p.raises + p.clears) or _are_forms(p) for n in p.raises + p.clears}
    raised, ended, first = {}, {}, {}
    for p in found:
        if not broken & set(p.raises + p.clears):
            first.update((n, p.raises[0]) for n in p.raises + p.clears)
            for n in p.raises:
                raised[n] = p.key
            for n in p.clears:
                ended.setdefault(n, []).append(p.key)
    prefixes = summaries.prefixes(mates)
    ret = []
    for n in mates:
        if n in taken:
            continue
        rule = {"match": {"trap": n.ref}}
        if n in raised:
            _grade(rule, n, "raise")
            rule["state"], rule["key"] = "raise", "{device}/" + raised[n]
        elif n in ended:
            keys = ["{device}/" + k for k in sorted(set(ended[n]))]
            rule["state"], rule["key"] = "clear", keys[0]
            if len(keys) > 1:
                rule["clears"] = keys[1:]
        elif n in said and n not in broken:
            _say(rule, n, said[n])
        else:
            _grade(rule, n, "none")
        kind, event_type = kinds.kind(first.get(n, n))
        if kind:
            rule["type"], rule["event_type"] = kind, event_type
        rule["summary"] = summaries.summary(n, prefixes)
        rule[TEST] = summaries.test(n, rule)
        ret.append((n, rule))
    return ret


def _are_forms(pair):
    """Whether an OID of a raise and one of a clear are forms of one."""
    return bool({canonical(n.oid) for n in pair.raises} & {canonical(n.oid) for n in pair.clears})


def _grade(rule, n, role):
    """The severity: what the event says itself, else what the definition says, else what its words say."""
    o, labels = states.severity_object(n)
    rule["severity"] = severity.severity(n, role)
    if o:
        labels = {label: s for label, s in labels.items() if s != "cleared"}
        if labels:
            rule["severity_from"] = {"object": o.ref, "map": labels}


def _say(rule, n, state):
    """A notification that says by a label whether it raises or clears."""
    rule["severity"] = severity.severity(n, "both")
    if set(state.map.values()) <= {"raise", "clear", "none"}:
        rule["state_from"] = {"object": state.object.ref, "map": state.map}
        o, labels = states.severity_object(n)
        if o and o is not state.object and "cleared" not in labels.values():
            rule["severity_from"] = {"object": o.ref, "map": labels}
    else:
        rule["severity_from"] = {"object": state.object.ref, "map": state.map}
    rule["key"] = "/".join(["{device}", n.module, n.name] + state.key)


def _name(found):
    """Name the rules of one vendor: the notification's name, with its module if two have that name."""
    count = {}
    for n, _ in found:
        count[n.name] = count.get(n.name, 0) + 1
    taken = set()
    for n, rule in found:
        name = n.name if count[n.name] == 1 else n.module + "." + n.name
        name = "".join(c if c.isalnum() or c in "._-" else "-" for c in name)
        if len(name) > NAME_MAX or name in taken:
            digest = hashlib.sha256((n.ref + " " + n.oid).encode()).hexdigest()[:8]
            name = name[:NAME_MAX - 9] + "-" + digest
        taken.add(name)
        rule["name"] = name


def prune(rules_of, is_taken):
    """The same rules without those whose notification somebody has written a rule for (is_taken(MODULE::name)), and without
    the alarms that lost a side by that."""
    ret = {}
    for vendor, rules in rules_of.items():
        gone = {key for r in rules if is_taken(r["match"]["trap"]) for key in _keys(r)}
        while True:
            more = {key for r in rules if gone & set(_keys(r)) for key in _keys(r)} - gone
            if not more:
                break
            gone |= more
        ret[vendor] = []
        for r in rules:
            if is_taken(r["match"]["trap"]):
                continue
            if gone & set(_keys(r)):
                r = {k: v for k, v in r.items() if k not in ("state", "key", "clears")}
                r.setdefault("severity", "indeterminate")
                r[TEST] = dict(r[TEST], event=dict(r[TEST]["event"], severity=r["severity"], alarm={"state": None}))
            ret[vendor].append(r)
    return ret


def _keys(rule):
    return ([rule["key"]] if rule.get("state") in ("raise", "clear") else []) + rule.get("clears", [])


def read(folder):
    """{vendor: [rule, ...]} of what write() has written."""
    ret = {}
    for path in sorted(glob.glob(folder + "/*.json")):
        with open(path, encoding="utf-8") as f:
            content = json.load(f)
        tests = {test["trap"]["trap"]: test for test in content["tests"]}
        ret[os.path.basename(path)[:-5]] = [{**rule, TEST: tests[rule["match"]["trap"]]} for rule in content["rules"]]
    return ret


_ORDER = ("name", "match", "severity", "severity_from", "state", "state_from", "key", "clears", "type", "event_type",
          "summary")


def write(folder, rules_of):
    """Write FOLDER/VENDOR.json for each vendor, and remove the files of vendors that have none."""
    os.makedirs(folder, exist_ok=True)
    rules_of = {vendor: rules for vendor, rules in rules_of.items() if rules}
    for vendor, rules in rules_of.items():
        lines = [json.dumps({k: r[k] for k in _ORDER if k in r}, ensure_ascii=False) for r in rules]
        tests = [json.dumps({k: r[TEST][k] for k in ("trap", "event")}, ensure_ascii=False) for r in rules]
        with open("%s/%s.json" % (folder, vendor), "w", encoding="utf-8") as f:
            f.write('{"comment": "Derived by mibs/derive-rules from mibs/facts/%s.facts: not edited by hand.",\n'
                    ' "rules": [\n' % vendor)
            f.write(",\n".join(lines))
            f.write('\n ],\n "tests": [\n')
            f.write(",\n".join(tests))
            f.write("\n ]}\n")
    for path in glob.glob(folder + "/*.json"):
        if os.path.basename(path)[:-5] not in rules_of:
            os.unlink(path)
