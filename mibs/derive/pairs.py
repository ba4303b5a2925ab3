# SPDX-License-Identifier: Apache-2.0
"""Find notifications that begin and end the same trouble."""
import re

from . import rows, words
from .opposites import BEGINS, CLEARABLE, DETECTABLE, ENDS, GENERIC, LONGEST, OPERATIONS, PAIRS, TROUBLES

#: several troubles of one thing that one end covers: (they are levels of one alarm, words)
_LEVELS = words.phrase_set("warning, critical, error, fail, fault, degraded, lost, non critical, non recoverable, minor, major, "
                           "emergency, down, alarm, shutdown, high warning, high critical, warning alarm, critical alarm, "
                           "redundancy degraded, redundancy lost")
_DIRECTIONS = words.phrase_set("high, low, too high, too low, high alarm, low alarm, high warning, low warning, over, under, "
                               "exceed, below, above, rising, falling, rising alarm, falling alarm, max, min, hot, warm, "
                               "cold, cool, over max, under min, bypass, cutoff, over temperature, under voltage, over voltage")

#: what does not begin a trouble, whatever word looks so
_NO_TROUBLE = re.compile(r"success|succeed|complet|^config|login|logon|logoff|logout")
_STRONG_END = words.phrase_set("clear, clear alarm, alarm clear, resume, alarm resume, resume alarm, restore, recover, "
                               "alarm recover, recover alarm, resolved, normal, back normal, back to normal, return to normal, "
                               "return normal, ok, conform, abated, fixed, restore alarm, alarm restore")


#: ends that may also be how an operation came out
RESULTS = words.phrase_set("ok, normal, good, not fail, complete, cancel, passed, status ok, status normal, no fail")


#: whose coming and going is no alarm
_GUEST = re.compile(r"(?i)\b(wireless |mobile )?(client|station|user|subscriber)s?\b")


class Pair:
    """Notifications that begin one trouble, and those that end it."""

    def __init__(self, raises, clears):
        self.raises, self.clears = raises, clears
        self.key = None               # template, without the device

    def __repr__(self):
        return "%s / %s" % (", ".join(r.name for r in self.raises), ", ".join(c.name for c in self.clears))


def _runs(w):
    """(stem, place, run) for each run of words taken out."""
    for place in range(len(w)):
        for length in range(1, min(LONGEST, len(w) - place) + 1):
            yield w[:place] + w[place + length:], place, w[place:place + length]


def _match(raise_place, bad, end_place, good, stem):
    """How well bad and good are opposites: 0 not at all, 4 best."""
    if raise_place == end_place:
        near = set(stem)
        if good not in ENDS and near & {"fail", "error", "reject", "denied", "success"}:
            return 0                               # "downEventFailure" and "upEventFailure" are two failures
        for bads, goods, need, never in PAIRS:
            if bad in bads and good in goods and not near & never and (not need or near & need):
                return 3
    if good in ENDS:
        if bad in BEGINS:
            return 4 if bad[-1] == "alarm" else 3
        if bad in TROUBLES:
            return 2
    return 0


class _Module:
    """The notifications of one module, and which have which words."""

    def __init__(self, notifications):
        self.words = {n: words.plain(words.split(n.name)) for n in notifications}
        self.noise = {n: [w for w in words.split(n.name) if w in words.NOISE] for n in notifications}
        self.by_words, self.by_stem = {}, {}
        for n, w in self.words.items():
            self.by_words.setdefault(w, []).append(n)
            for stem, place, run in _runs(w):
                self.by_stem.setdefault(stem, []).append((n, place, run))

    def candidates(self, end):
        """(score, raise, bad run, good run) for the notification `end`."""
        w = self.words[end]
        found = {}
        for stem, place, good in _runs(w):
            if not stem or _is_result(stem, good) or _is_bare(stem) or good == ("clear",) and stem[-1] in CLEARABLE:
                continue
            if good == ("no",) and _ends_in_trouble(stem):
                for n in self.by_words.get(stem, []):
                    _keep(found, n, 4 + len(stem), (), good)
            if good in ENDS:
                for n in self.by_words.get(stem, []):
                    if n is not end and not _looks_like_end(self.words[n]):
                        _keep(found, n, 4 + len(stem), (), good)
            for n, raise_place, bad in self.by_stem.get(stem, []):
                if n is end:
                    continue
                if bad == ("detected",) and stem[-1] in DETECTABLE:
                    continue
                score = _match(raise_place, bad, place, good, stem)
                if score == 4:
                    score += len(stem) + 0.5       # "xAlarm" rather than "x", if "xResume" could mean either
                if score:
                    _keep(found, n, score, bad, good)
        # "xFailNotify" goes with "xOkNotify" rather than with "xOk"
        return [(score + 0.25 * (self.noise[n] == self.noise[end]), n, bad, good) for n, (score, bad, good) in found.items()]


def _keep(found, n, score, bad, good):
    if n not in found or found[n][0] < score:
        found[n] = (score, bad, good)


def _ends_in_trouble(w):
    return any(w[-length:] in TROUBLES for length in (1, 2, 3) if len(w) > length)


def _is_result(stem, good):
    """Whether `good` is how an operation came out, rather than the end of a trouble."""
    if good in RESULTS:
        return bool(OPERATIONS & set(stem))
    return good == ("restore",) and bool({"config", "configuration", "cfg", "backup", "file", "database"} & set(stem))


def _is_bare(stem):
    """Whether what is left of the name may be about anything, or is a success: "criticalEventActive"."""
    if stem[-1] in GENERIC or {"success", "successfully", "succeeded", "successful"} & set(stem):
        return True
    levels = {"critical", "warning", "major", "minor", "informational", "information", "severe"} & set(stem)
    return bool(levels) and len(set(stem) - levels) <= 1


def _looks_like_end(w):
    """A name that ends something can't begin the same."""
    return any(w[-length:] in _STRONG_END for length in (1, 2, 3) if len(w) > length)


def _good_raises(found):
    """The raises that one end covers; empty if it is not sure that they are about the same."""
    if not found:
        return []
    best = max(score for score, *_ in found)
    top = [f for f in found if f[0] == best]
    if len({f[3] for f in found}) == 1 and all(f[2] for f in found):
        bads = {f[2] for f in found}
        if bads <= _LEVELS or bads <= _DIRECTIONS or len(bads) == 1:
            return found
    return top if len(top) == 1 else []


def find(notifications):
    """All pairs of one module's notifications (with their keys), in the order of names."""
    module = _Module(notifications)
    found_of, best_of = {}, {}
    for end in sorted(notifications, key=lambda n: n.name):
        found = [f for f in module.candidates(end) if not _NO_TROUBLE.search(" ".join(f[2]))
                 and not ("disconnected" in f[2] and _GUEST.search(f[1].text))]
        if found:
            found_of[end] = found
    sure_ends = {end for end, found in found_of.items() if max(f[0] for f in found) >= 3}
    for end, found in found_of.items():
        # "psuDetected", which ends "psuMissing", does not begin what "psuNormal" ends
        found_of[end] = [f for f in found if f[1] not in sure_ends or f[0] >= 4]
        for score, n, _, _ in found_of[end]:
            best_of[n] = max(best_of.get(n, 0), score)
    ends_of, by_end = {}, {}
    for end, found in found_of.items():
        # a raise that has a better end elsewhere is not in question here; if two ends are as good, both end it
        by_end[end] = _good_raises([f for f in found if f[0] == best_of[f[1]]])
        for _, n, _, _ in by_end[end]:
            ends_of.setdefault(n, []).append(end)
    both = set(ends_of) & {end for ends in ends_of.values() for end in ends}
    ret = []
    for end, found in by_end.items():
        raises = sorted((n for _, n, _, _ in found if end in ends_of.get(n, [])), key=lambda n: n.name)
        bads = {n: bad for _, n, bad, _ in found}
        if not raises or end in both or any(n in both for n in raises):
            continue
        if len(raises) > 1 and {bads[n] for n in raises} <= _DIRECTIONS and not {bads[n] for n in raises} <= _LEVELS:
            groups = [[n] for n in raises]         # each its own key; the end ends them all
        else:
            groups = [raises]
        for group in groups:
            ret.append(Pair(group, [end]))
    return _keyed(ret, module)


def _keyed(pairs, module):
    kept = []
    for pair in pairs:
        members = pair.raises + pair.clears
        key, is_sure = rows.key(pair.raises, pair.clears)
        if is_sure and (rows.names_a_row(key) or not rows.is_of_many(module.words[pair.raises[0]], members)):
            pair.key = "/".join([pair.raises[0].module, pair.raises[0].name] + key)
            kept.append(pair)
    return kept
