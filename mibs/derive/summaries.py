# SPDX-License-Identifier: Apache-2.0
"""The line for people of a derived rule, out of the words of the notification's name and of its objects' names, and a test
of the rule, which a file of rules carries."""
import re

OBJECTS_MAX = 4
LENGTH_MAX = 900    # a template may have 1,024 bytes

_WORD = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+(?:\d+(?!\d)(?:[a-z](?![a-z]))?)?|\d+|[A-Z]")
_NOISE = ("trap", "traps", "notification", "notifications", "notif", "notify", "event")
_CAPITALS = set("ip id mac vlan lan wan cpu bgp ospf mpls lsp atm vpn ups sla acl dns dhcp tcp udp".split())
_PREFIX_MIN = 3     # shorter ones are words: ifName
_TEXTS = ("", "DisplayString", "SnmpAdminString")


def prefixes(mates):
    """The words in lower case with which most names of a module's notifications begin: its prefix."""
    count = {}
    for n in mates:
        first = (_WORD.findall(n.name) or [""])[0]
        count[first] = count.get(first, 0) + 1
    return {word for word, times in count.items() if word.islower() and 2 * times > len(mates)}


def _lower(words):
    return [w.upper() if w.lower() in _CAPITALS else w if len(w) > 1 and w.isupper() else w.lower() for w in words]


def _of_name(name, known_prefixes):
    words = _WORD.findall(name)
    if len(words) > 1 and words[0] in known_prefixes:
        words = words[1:]
    while len(words) > 1 and words[-1].lower() in _NOISE:
        words = words[:-1]
    text = " ".join(_lower(words)) or name
    return text[0].upper() + text[1:]


def _of_object(name):
    words = _WORD.findall(name)
    if len(words) > 1 and words[0].islower() and len(words[0]) >= _PREFIX_MIN:
        words = words[1:]
    return " ".join(_lower(words)) or name


def summary(n, known_prefixes):
    """Such as "Call setup: active called party id {M::cctActiveCalledPartyId}"."""
    text, separator = _of_name(n.name, known_prefixes), ": "
    for o in [o for o in n.objects if o.is_known][:OBJECTS_MAX]:
        more = "%s%s {%s}" % (separator, _of_object(o.name), o.ref)
        if len(text) + len(more) > LENGTH_MAX:
            break
        text, separator = text + more, ", "
    return text


def _value(o):
    """A value whose text needs no MIB to be told; None: of this object there is none."""
    if not o.is_known or o.is_augmenting:
        return None
    if o.kind == "integer" and o.labels:
        return o.labels[0]
    if o.kind == "octets" and o.convention in _TEXTS:
        return "text"
    return "192.0.2.7" if o.kind == "ipaddress" else None


def _values(n):
    """{object: value} of those that the test sends. None is of a row whose index would tell what is not sent."""
    sent = {o.ref: o for o in n.objects if _value(o) is not None}
    while True:
        others = {o.ref for o in n.objects} - set(sent)
        telling = [ref for ref, o in sent.items() if o.index and (others & set(o.index) or "IF-MIB::ifIndex" in others)]
        if not telling:
            return {ref: _value(o) for ref, o in sent.items()}
        for ref in telling:
            del sent[ref]


def test(n, rule):
    """The rule's test: the notification with those objects whose text is known, and the event."""
    values = _values(n)
    severity, state = rule.get("severity", "cleared"), rule.get("state")
    by_severity = rule["severity_from"]["map"].get(values.get(rule["severity_from"]["object"])) if "severity_from" in rule else None
    by_state = rule["state_from"]["map"].get(values.get(rule["state_from"]["object"])) if "state_from" in rule else None
    if by_severity:
        severity = by_severity
        if "key" in rule and not {"state", "state_from"} & set(rule):
            state = "clear" if by_severity == "cleared" else "raise"
    if by_state:
        state = None if by_state == "none" else by_state
        if by_state == "none" and "severity_from" not in rule:
            severity = "indeterminate"
    if state == "clear":
        severity = "cleared"
    rows = {o.ref: "0" if o.index is None else "1" for o in n.objects}
    return {"trap": {"trap": n.ref, "varbinds": [{"object": "%s.%s" % (ref, rows[ref]), "value": value}
                                                 for ref, value in values.items()]},
            "event": {"severity": severity, "alarm": {"state": state},
                      "summary": re.sub(r"\{([^}]*)\}", lambda r: values.get(r[1], "-"), rule["summary"])}}
