# SPDX-License-Identifier: Apache-2.0
"""Notifications that say by an object's label whether a trouble began or ended, and objects that carry a severity."""
import re

from . import rows, words
from .opposites import TROUBLES

_GOOD = words.phrase_set("up, ok, normal, in service, operational, oper up, online, healthy, reachable, connected, established, full, "
                         "link up, clear, cleared, available, good, ready, running, synchronized, in sync, locked, "
                         "phase aligned, active, no alarm, alarm cleared, optimal, resolved, ended, end, operating, "
                         "nominal, on line, enabled and ok, no fault, not alarmed, no error, resumed, off, redundant, "
                         "returned to normal, alarm off, passed, port up, link is up, e ready, functional, inactive, "
                         "forwarding, within limits, compliant, two way, linked, joined, registered, recovered, "
                         "up and running, in, state up, peer up, alive, normal operation, below threshold, ended alarm, "
                         "powered on, oper, closed, alarm clear")
_BAD = words.phrase_set("down, failed, fail, fault, faulty, critical, warning, offline, off line, out of service, unreachable, disconnected, lost, "
                        "error, failure, alarm, marginal, fatal, minor, major, non critical, non recoverable, degraded, "
                        "not available, unavailable, bad, broken, abnormal, raised, triggered, set, active alarm, "
                        "unsynchronized, free run, holdover, out of sync, unlocked, lower layer down, oper down, "
                        "link down, not operational, non operational, inoperative, max capacity, external failed, "
                        "congested, overload, overloaded, high, low, too high, too low, very high, very low, emergency, alert, "
                        "shutdown, out of memory, over temp, over temperature, missing, begin, start, started, alarm on, on, "
                        "not responding, no link, loss of signal, defect, tripped, exceeded, outage, stopped, "
                        "crashed, dead, disappeared, non redundant, not redundant, isolated, blacklisted, not reachable, "
                        "suspended, not connected, closed down, power down, not ok, not ready, severe, unhealthy, "
                        "over threshold, above threshold, exceed, peer down, port down, state down, powered off, partial fault, "
                        "malfunction, damaged, over heat, overheat, e disconnecting, partial, not functioning, no comm, over load")
#: labels that are good or bad only beside a label of the other side
_EITHER = words.phrase_set("off, on, active, inactive, begin, start, set, in, closed, high, low, end, ended, alarm, alert, oper, started, "
                           "stopped, locked, unlocked, full, forwarding, warning, critical, minor, major, two way, "
                           "registered, suspended")
#: labels that end in these are bad whatever stands before
_BAD_TAILS = {"fail", "fault", "down", "error", "unreachable", "lost"}

_STATE = re.compile(r"(?i)(status|stat|state|condition|oper|alarm|indication|health|unreachable|availability|event)")
_NO_STATE = re.compile(r"(?i)admin|rowstatus|row_status|desired|previous|prev|old|last|config|type$|mode$|cause|reason|action|enable|"
                       r"severity|probable|category|storage|request|result|command|class$|level$|role|auth|duplex|"
                       r"light|led$|standby|conformance|direction")
_CHANGE = re.compile(r"(?i)change|changed|chg|chng|transition|stat(e|us)?($|notif|trap|event|change|alarm)|alarm(event)?($|notif|trap|rev)|updown|"
                     r"indication$|condition|health|thresh|unreachable|reachab|availab|event$")
_CHANGE_TEXT = re.compile(r"(?i)\b(change[sd]?|changing|transition\w*|toggle\w*|becomes? \w+ (and|or)|enters? or|either|either of)\b")
#: things that happen at one time, whatever else the notification carries
_ONCE = re.compile(r"(?i)violat|attempt|attack|login|logon|logout|authen|intrud|switchover|failover|config|topology|admin|learn|"
                   r"insert|remov|delet|creat|added|upgrad|download|reboot|restart|coldstart|warmstart|spoof|duplicat|detect|"
                   r"mismatch|master|role|election|license|expire|expiry|reset|move|request|response|join|leave|roam|"
                   r"discover|neighborchange|register|result|complet|finish|progress|success|mac(addr|table|notif)|redundancy|backup|test(?!ing)")

#: ... and what has no end
_NEVER_ENDS = re.compile(r"(?i)violat|attempt|attack|login|logon|logout|authenticationfail|coldstart|warmstart|success|"
                         r"(?<!state)(?<!status)(?<!alarm)(?<!severity)(?<!health)change[sd]?(event|trap|notif\w*)?$")

_CLEAR_WORDS = words.phrase_set("clear, cleared, normal, severity nominal, nominal, healthy, severity clear, severity cleared, "
                                "severity normal, no alarm, none alarm, ok")
_SEVERITY_WORDS = {
    "critical": "critical, emergency, fatal, severity emergency, severity critical, jnx critical, disaster, catastrophic, "
                "fatal error, non recoverable, severe, severity alert, alert",
    "major": "major, high, error, severity error, jnx major, severity major, fail",
    "minor": "minor, medium, moderate, marginal, severity minor, jnx minor, degrade, non critical",
    "warning": "warning, low, warn, severity warning, jnx warning",
    "indeterminate": "indeterminate, informational, information, info, notice, debug, event, unknown, other, severity notice, "
                     "severity informational, severity debug, intermediate, jnx info, notification, undetermined, unused, "
                     "config, internal, local, debugging",
}
_SEVERITY_OF = {p: severity for severity, text in _SEVERITY_WORDS.items() for p in words.phrase_set(text)}
_SEVERITY_OBJECT = re.compile(r"(?i)(severity|sevlevel|severitylevel|perceived\w*|alarmlevel|eventlevel|devevlevel|notiflevel|"
                              r"trapslevel|urgencylevel)$")
_NO_SEVERITY_OBJECT = re.compile(r"(?i)previous|prev|old|threshold|config(level)?$|cfg|lastseverity")


class State:
    """What a notification's object says of it."""

    def __init__(self, obj, labels, key=None):
        self.object, self.map, self.key = obj, labels, key


def severity_map(o):
    """{label: severity} of an object with a severity, or None if a label is not understood."""
    if o.said:
        return o.said
    if not o.labels or not _SEVERITY_OBJECT.search(o.name) or _NO_SEVERITY_OBJECT.search(o.name):
        return None
    ret = {}
    for label in o.labels:
        w = tuple(words.split(label))
        if w in _CLEAR_WORDS:
            ret[label] = "cleared"
        elif w in _SEVERITY_OF:
            ret[label] = _SEVERITY_OF[w]
    known = set(ret.values()) - {"indeterminate", "cleared"}
    return ret if len(known) >= 2 or len(known) == 1 and len(ret) >= 2 else None


_LISTED = re.compile(r"(?:^|[\s\"'(,|{])([A-Za-z]+)(?=\s+-\s|\s*[,|)}(]|[\"'])")


def said_severities(text):
    """{spelling: severity} of a text that lists the values of a severity: for objects without labels."""
    ret = {}
    for word in _LISTED.findall(text):
        w = tuple(words.split(word.lower()))
        if w in _CLEAR_WORDS and w != ("ok",):
            ret[word] = "cleared"
        elif w in _SEVERITY_OF:
            ret[word] = _SEVERITY_OF[w]
    return ret if len(set(ret.values()) & {"critical", "major", "minor", "warning"}) >= 2 else None


def severity_object(n):
    """(object, map) of the first object that carries a severity, or (None, None)."""
    for o in n.objects:
        m = severity_map(o)
        if m:
            return o, m
    return None, None


def state_map(o):
    """{label: raise or clear or none} of an object that says whether something works; None if it does not say so."""
    if len(o.labels) < 2 or not _STATE.search(o.name) or _NO_STATE.search(o.name):
        return None
    ret, good, bad = {}, set(), set()
    is_alarm = "alarm" in o.name.lower()
    tails = _BAD_TAILS
    if any(tuple(words.split(label)) in (("normal",), ("ok",)) for label in o.labels):
        tails = tails | {"high", "low", "load", "overload", "alarm", "warning", "critical", "mismatch", "abnormal"}
    for label in o.labels:
        w = tuple(words.split(label))
        if w in _GOOD and not (is_alarm and w in (("active",), ("in",))):
            good.add(w)
            ret[label] = "clear"
        elif w in _BAD or is_alarm and w == ("active",) or len(w) > 1 and w[-1] in tails and "no" not in w:
            bad.add(w)
            ret[label] = "raise"
        else:
            ret[label] = "none"
    if not good or not bad:
        return None
    if good <= _EITHER and bad <= _EITHER and not _are_opposites(good, bad, is_alarm):
        return None
    if ("off",) in good and not is_alarm or ("inactive",) in good and not is_alarm:
        return None
    return ret


def _are_opposites(good, bad, is_alarm):
    if is_alarm:
        return True
    return any((g, b) in ((("in",), ("out",)), (("end",), ("start",)), (("end",), ("begin",)), (("ended",), ("started",)))
               for g in good for b in bad)


#: objects that say nothing but whether an alarm stands
_ALARM_STATE = re.compile(r"(?i)(alarm|event|trap|fault)_?(state|status|condition)$")
_ALARM = re.compile("(?i)alarm|fault")
_ALARM_LABELS = words.phrase_set("raise, raised, clear, cleared, set, active, on, off, normal, triggered, asserted, alarm raised, "
                                 "alarm cleared")
#: an object that more notifications of a module carry than these says nothing of one's own subject
_OWN_AT_MOST = 6


def find(notifications, paired):
    """{notification: State} of one module: those that are neither raise nor clear by their names."""
    carriers = {}
    for n in notifications:
        for o in set(o for o in n.objects if o.labels or o.said):
            carriers.setdefault(o.ref, []).append(n)
    ret = {}
    for n in notifications:
        if n in paired:
            continue
        state = _by_state(n, carriers, paired) or _by_severity(n, carriers, paired, len(notifications))
        if state and state.key is not None:
            ret[n] = state
    return ret


def _is_alarm_state(o):
    """Whether an object says that an alarm is raised or cleared."""
    w = [tuple(words.split(label)) for label in o.labels]
    return bool(_ALARM_STATE.search(o.name)) and sum(x in _ALARM_LABELS for x in w) >= 2


def _names_a_side(n, labels, is_alarm_state=False):
    """Whether the name itself says which label the object has: "fanFailedTrap", "portUp"."""
    w = words.plain(words.split(n.name))
    sides = {tuple(words.split(label)) for label in labels}
    tails = {w[-length:] for length in (1, 2, 3) if len(w) > length}
    if _BOTH_WAYS.search(n.text):
        return False
    if tails & sides:
        return True
    if is_alarm_state or re.search("(?i)chang|chg|transition|updown", n.name):
        return False
    return bool(tails & (TROUBLES - _NOT_A_SIDE)) or any(t in _GOOD for t in tails)


_BOTH_WAYS = re.compile(r"(?i)\b(becomes? \w+ (and|or) when|again\b|either\b|(over|above)\W+threshold or below)")
_NOT_A_SIDE = words.phrase_set("threshold, over threshold, alarm, switch, limit, threshold alarm")


def _by_state(n, carriers, paired):
    found = [(o, state_map(o)) for o in n.objects]
    found = [(o, m) for o, m in found if m]
    explicit = [f for f in found if _is_alarm_state(f[0])
                and (_ALARM.search(f[0].name) or len(carriers[f[0].ref]) <= _OWN_AT_MOST)]
    if len({o.ref for o, _ in explicit}) == 1:
        o, m = explicit[0]
        if re.search("(?i)chang|login|logout|success", n.name) or _names_a_side(n, m, True):
            return None
        return State(o, m, _key(n, o))
    if _ONCE.search(n.name) or not (_CHANGE.search(n.name) or _CHANGE_TEXT.search(n.text)):
        return None
    if len({o.ref for o, _ in found}) != 1:
        own = [f for f in found if _nearness(f[0], n) == max(_nearness(x, n) for x, _ in found)] if found else []
        if len({o.ref for o, _ in own}) != 1:
            return None
        found = own
    o, m = found[0]
    # another object of states that stands nearer to the name is what changed
    if any(_nearness(x, n) > _nearness(o, n) for x in n.objects if x is not o and _STATE.search(x.name) and not _NO_STATE.search(x.name)):
        return None
    if len(carriers[o.ref]) > _OWN_AT_MOST or any(x in paired for x in carriers[o.ref]) or _names_a_side(n, m):
        return None
    return State(o, m, _key(n, o))


def _nearness(o, n):
    """How many words an object's name and a notification's have in common."""
    return len(set(words.split(o.name)) & set(words.split(n.name)))


def _by_severity(n, carriers, paired, count):
    o, m = severity_object(n)
    if not o or "cleared" not in m.values() or _NEVER_ENDS.search(n.name):
        return None
    # a large module whose notifications all carry it clears by it whatever it reported
    if _ONCE.search(n.name) and "larm" not in n.name and (count < 100 or 10 * len(carriers[o.ref]) < 9 * count):
        return None
    # where other notifications with this object are raise and clear by their names, the label does not tell
    mates = carriers[o.ref]
    if 10 * sum(x in paired for x in mates) > len(mates):
        return None
    return State(o, m, _key(n, o))


def _key(n, state):
    """References that tell the row: None if they don't."""
    references, is_sure = rows.key([n], [n], without=state)
    if not is_sure:
        return None
    if not rows.names_a_row(references) and (state.index and not references or rows.is_of_many(words.plain(words.split(n.name)), [n])):
        return None
    return references
