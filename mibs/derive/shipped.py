# SPDX-License-Identifier: Apache-2.0
"""The rules that the module ships, in the order in which it tries them, and what they say of one notification.

The module matches by OID, so names become OIDs here too: by the facts, and by the "names" of a file of rules. A name
that neither knows stands for itself.
"""
import glob
import json
import os
import re

from .facts import canonical

SEVERITIES = ["critical", "major", "minor", "warning", "indeterminate"]
CONDITIONS = ("varbinds", "device", "source", "security_name")


class Names:
    """MODULE::name of notifications to OIDs, by the files of facts."""

    def __init__(self, top):
        self.oid_of, self.form_of, self.defined_in = {}, {}, {}
        for path in [top + "/mibs/standard.facts"] + sorted(glob.glob(top + "/mibs/facts/*.facts")):
            with open(path, encoding="utf-8") as f:
                for line in f:
                    words = line.split(" ", 4)
                    if len(words) >= 4 and words[3].rstrip("\n") in ("notification", "trap") and line[0] != "#":
                        oid, name, module = words[:3]
                        self.oid_of.setdefault(module + "::" + name, oid)
                        self.form_of.setdefault(canonical(oid), oid)
                        self.defined_in.setdefault(oid, set()).add(module)
        self.oids = set(self.oid_of.values())
        # a notification whose OID another module's counts for is served by the rules of that OID
        with open(top + "/mibs/REPORT.tsv", encoding="utf-8") as f:
            for line in f:
                kind, _, _, module, name, said = (line.rstrip("\n").split("\t") + [""] * 5)[:6]
                if kind == "same oid":
                    oid = said.split(":")[0]
                    self.oid_of.setdefault(module + "::" + name, oid)
                    self.defined_in.setdefault(oid, set()).add(module)

    def knows(self, name):
        return name in self.oid_of

    def id(self, name, names=None):
        """The OID of a name, in the form that the facts have, or the name itself."""
        oid = names[name] if names and name in names else name if re.fullmatch(r"[0-9.]+", name) else self.oid_of.get(name)
        if oid is None:
            return name
        return oid if oid in self.oids else self.form_of.get(canonical(oid), oid)


class Rule:
    """One rule: its tier, what it matches, and what it can say."""

    def __init__(self, tier, json_rule, names, known):
        self.tier = tier
        self.json = json_rule
        self.name = "%s%s" % (tier, json_rule["name"])
        match = json_rule["match"]
        traps = match["trap"] if isinstance(match["trap"], list) else [match["trap"]]
        self.subtrees = [p for p in traps if p.endswith("*")]
        self.ids = [known.id(p, names) for p in traps if not p.endswith("*")]
        self.subtree_ids = [known.id(p[:-2], names) + "." for p in self.subtrees if not p.endswith("::*") and p != "*"]
        self.modules = [p[:-3] for p in self.subtrees if p.endswith("::*")]
        self.is_conditional = any(c in match for c in CONDITIONS)
        keys = json_rule.get("clears", [])
        self.clears = [keys] if isinstance(keys, str) else keys
        self.key = json_rule.get("key")
        # what states it can come to
        states = set()
        if "state_from" in json_rule:
            states = set(json_rule["state_from"]["map"].values()) | {json_rule.get("state", "none")}
        elif "state" in json_rule:
            states = {json_rule["state"]}
        elif "severity_from" in json_rule and self.key:
            values = set(json_rule["severity_from"]["map"].values())
            states = ({"clear"} if "cleared" in values else set()) | ({"raise"} if values - {"cleared"} else set())
        self.can_raise = "raise" in states
        self.can_clear = "clear" in states
        self.objects = [json_rule[m]["object"] for m in ("state_from", "severity_from") if m in json_rule]
        self.objects += [v["object"] for v in match.get("varbinds", [])]
        # the severities that it can come to where it does not clear
        if self.can_clear and not self.can_raise:
            self.severities = {"cleared"}
        elif "severity_from" in json_rule:
            self.severities = set(json_rule["severity_from"]["map"].values()) - {"cleared"}
            self.severities.add(json_rule.get("severity", "indeterminate"))
        else:
            self.severities = {json_rule.get("severity", "indeterminate")}

    def is_for(self, notification_id, module):
        return (notification_id in self.ids or module in self.modules
                or any((notification_id + ".").startswith(s) for s in self.subtree_ids))


def words_of(key):
    """The words of a key's template, without its objects."""
    return key and re.sub(r"\{[^}]*\}", "{}", key)


class Shipped:
    """All shipped rules (or all but the derived ones)."""

    def __init__(self, top, derived=True):
        self.known = Names(top)
        self.rules = []
        conf = top + "/conf"
        self._read("standard:", conf + "/severity-standard.json")
        if os.path.exists(conf + "/rules/ietf.json"):
            self._read("standard:", conf + "/rules/ietf.json")
        for tier, pattern in (("vendor:", "/rules/*.json"), ("derived:", "/rules/derived/*.json")):
            if tier == "derived:" and not derived:
                continue
            for path in sorted(glob.glob(conf + pattern)):
                vendor = os.path.basename(path)[:-5]
                if vendor != "ietf" or tier == "derived:":
                    self._read(tier + vendor + "/", path)
        self.by_id, self.wide, self.raises, self.cleared = {}, [], {}, {}
        for order, rule in enumerate(self.rules):
            rule.order = order
            for i in rule.ids:
                self.by_id.setdefault(i, []).append(rule)
                # partners are of one file: no device sends the notifications of two vendors
                if rule.can_raise:
                    self.raises.setdefault((rule.tier, rule.key), set()).add(i)
                for key in ([rule.key] if rule.can_clear else []) + rule.clears:
                    self.cleared.setdefault((rule.tier, key), set()).add(i)
            if rule.subtrees:
                self.wide.append(rule)
        # Two objects may carry the same value, one in each notification of a pair: their keys come out equal, though the
        # templates differ. Such keys have no other half that is written the same.
        raised, ended = set(self.raises), set(self.cleared)
        for table, keys in ((self.raises, raised - ended), (self.cleared, ended - raised)):
            for tier, key in keys:
                table.setdefault((tier, words_of(key)), set()).update(table[tier, key])

    def _read(self, tier, path):
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        if not isinstance(data, dict):
            return
        self.rules += [Rule(tier, r, data.get("names"), self.known) for r in data.get("rules", [])]

    def _at(self, table, tier, key):
        return table.get((tier, key)) or table.get((tier, words_of(key)), set())

    def rules_of(self, name):
        """The rules that can decide about the notification MODULE::name: up to the first without conditions."""
        i = self.known.id(name)
        found = self.by_id.get(i, []) + [r for r in self.wide if r.is_for(i, name.split("::")[0])]
        ret = []
        for rule in sorted(found, key=lambda r: r.order):
            ret.append(rule)
            if not rule.is_conditional:
                break
        return ret

    def verdict(self, name):
        """Role, severities, partners (names where known, else OIDs; objects if both) and rules of MODULE::name."""
        rules = self.rules_of(name)
        i = self.known.id(name)
        can_raise = any(r.can_raise for r in rules)
        can_clear = any(r.can_clear for r in rules)
        partners = set()
        if can_raise and can_clear:
            role = "both"
            partners = {o for r in rules for o in r.objects}
        elif can_raise:
            role = "raise"
            for r in rules:
                partners |= self._at(self.cleared, r.tier, r.key) - {i}
        elif can_clear:
            role = "clear"
            for r in rules:
                for key in [r.key] + r.clears:
                    partners |= self._at(self.raises, r.tier, key) - {i}
        else:
            role = "none"
        severities = set()
        for r in rules:
            if role != "both" or r.can_raise:
                severities |= r.severities
        return role, severities or {"indeterminate"}, partners, rules
