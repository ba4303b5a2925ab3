# SPDX-License-Identifier: Apache-2.0
"""Measure the shipped rules by labels (tests/fixtures/labels/README.md says what these mean)."""
import gzip

from .shipped import SEVERITIES

# A labelled clear for which no rule dares to say so should be plain information: that is the next step.
STEPS = {s: n for n, s in enumerate(SEVERITIES + ["cleared"])}


def read_labels(path):
    """Rows of [MODULE::name, role, severity, list of partners]."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    rows = []
    with opened as f:
        for number, line in enumerate(f, 1):
            if not line.strip() or line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 4 or fields[1] not in ("raise", "clear", "both", "none") or fields[2] not in STEPS:
                raise SystemExit("%s:%d: four fields are needed: MODULE::name, role, severity, partner" % (path, number))
            rows.append(fields[:3] + [[] if fields[3] == "-" else fields[3].split(",")])
    return rows


class Measures:
    """Sums over labels, and the list of what differs."""

    def __init__(self, shipped):
        self.shipped = shipped
        self.rows = self.near = self.same = 0
        self.exist = self.found = self.claimed = self.right = 0
        self.grave = self.left = 0
        self.wrong_clears = self.unknown = self.without_rule = 0
        self.by_event = 0
        self.tiers = {}
        self.differences = []

    def _differs(self, kind, name, text):
        self.differences.append("%-12s %s: %s" % (kind, name, text))

    def add(self, name, role, severity, partners):
        self.rows += 1
        known = self.shipped.known
        if not known.knows(name):
            self.unknown += 1
            self._differs("unknown", name, "not in the facts; measured as if no rule matched")
        claimed, severities, claimed_partners, rules = self.shipped.verdict(name)
        if not rules:
            self.without_rule += 1
            self._differs("no rule", name, "no rule matches")
        tier = rules[0].tier.split(":")[0] if rules else "none"
        self.tiers[tier] = self.tiers.get(tier, 0) + 1
        by = rules[0].name if rules else "no rule"

        # who is called a clear
        if claimed in ("clear", "both") and role in ("none", "raise") or claimed == "clear" and role == "both":
            self.wrong_clears += 1
            self._differs("WRONG CLEAR", name, "%s says %s, the label says %s" % (by, claimed, role))

        # pairs
        if role == "both" or claimed == "both":
            want = {p.split("::")[-1] for p in partners}
            have = {p.split("::")[-1] for p in claimed_partners}
            is_right = role == claimed and bool(want & have)
        else:
            # A label tells the partners in its own module. What else shares the key (an older MIB of the same devices, a
            # brand's copy of a MIB) it cannot know.
            want = {known.id(p) for p in partners}
            modules = {name.split("::")[0]} | {p.split("::")[0] for p in partners}
            have = {p for p in claimed_partners if p in want or modules & known.defined_in.get(p, modules)}
            is_right = role == claimed and bool(have) and have <= want
        if role != "none":
            self.exist += 1
            if is_right:
                self.found += 1
        if claimed != "none":
            self.claimed += 1
            if is_right:
                self.right += 1
        if not is_right and claimed != "none":
            self._differs("WRONG PAIR", name, "%s says %s with %s, the label says %s with %s" % (
                by, claimed, ", ".join(sorted(claimed_partners)) or "nothing", role, ", ".join(partners) or "nothing"))
        elif not is_right and role != "none":
            self._differs("no pair", name, "%s says none, the label says %s with %s" % (by, role, ", ".join(partners)))

        # severity; what an event says itself (severity_from) may be any of what its object can say
        if "cleared" in severities and severity != "cleared":
            steps = len(STEPS)
        else:
            steps = min(abs(STEPS[severity] - STEPS[s]) for s in severities)
        self.by_event += len(severities) > 1
        self.same += steps == 0
        self.near += steps <= 1
        if steps > 1:
            self._differs("severity", name, "%s says %s, the label says %s" % (by, "/".join(sorted(severities)), severity))
        if severity in ("critical", "major"):
            self.grave += 1
            if not severities & {"critical", "major", "minor"}:
                self.left += 1
                self._differs("left low", name, "%s says %s, the label says %s" % (
                    by, "/".join(sorted(severities)), severity))

    def lines(self):
        """(text, whether the target is met) of each measure."""
        def of(part, whole):
            return "%d of %d (%.1f in 100)" % (part, whole, 100.0 * part / whole if whole else 100.0)

        def at_least(part, whole, per_hundred):
            return 100 * part >= per_hundred * whole

        return [
            ("events wrongly called a clear: %d (target 0)" % self.wrong_clears, self.wrong_clears == 0),
            ("pairs right, of those claimed: %s (target 99)" % of(self.right, self.claimed),
             at_least(self.right, self.claimed, 99)),
            ("pairs found, of those that exist: %s (target 80)" % of(self.found, self.exist),
             at_least(self.found, self.exist, 80)),
            ("severity the same or one step away: %s (target 95); the same: %s; said by the event itself: %d" % (
                of(self.near, self.rows), of(self.same, self.rows), self.by_event), at_least(self.near, self.rows, 95)),
            ("critical or major left at warning or below: %s (target at most 3)" % of(self.left, self.grave),
             100 * self.left <= 3 * self.grave),
        ]
