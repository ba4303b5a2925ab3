# SPDX-License-Identifier: Apache-2.0
"""The facts of notifications (mibs/standard.facts, mibs/facts/*.facts), read without any code of the module: what a
notification carries, how it looks on the wire, and what the module has to make of it."""

import functools
import itertools
from pathlib import Path
from typing import NamedTuple

from lib import ber

MIBS = Path(__file__).resolve().parents[3] / "mibs"

#: Labels of one object in one packet; the others come in further packets.
MOST_LABELS = 12
#: Varbinds of one packet.
MOST_VARBINDS = 120

GENERIC = "1.3.6.1.6.3.1.1.5."


class Fact(NamedTuple):
    """One line. Its references are as they stand there."""
    oid: str
    name: str
    module: str
    kind: str
    members: dict  # "t", "z", "e" ... : text
    file: str

    @property
    def labels(self):
        """[(label, number)]"""
        pairs = [pair.rpartition(":") for pair in self.members.get("e", "").split(",") if pair]
        return [(label, int(value)) for label, _, value in pairs]

    @property
    def units(self):
        text = self.members.get("u", "").encode()
        for at in range(len(text) - 1, -1, -1):
            if text[at:at + 1] == b"%":
                text = text[:at] + bytes([int(text[at + 1:at + 3], 16)]) + text[at + 3:]
        return text.decode()

    @property
    def is_notification(self):
        return self.kind in ("notification", "trap")


def _read(path):
    for line in path.read_text().splitlines():
        if line and line[0] != "#":
            oid, name, module, kind, *rest = line.split(" ")
            members = {}
            for at, word in enumerate(rest):
                if word[:2] == "h=":
                    members["h"] = " ".join(rest[at:])[2:]
                    break
                members[word[0]] = word[2:]
            yield Fact(oid, name, module, kind, members, path.stem)


class Facts:
    """All lines, by OID and by name. The built-in ones count first."""

    def __init__(self):
        self.by_oid, self.by_name, self.bare = {}, {}, {}
        for path in [MIBS / "standard.facts", *sorted((MIBS / "facts").glob("*.facts"))]:
            for fact in _read(path):
                self.by_oid.setdefault(fact.oid, fact)
                self.by_name.setdefault((fact.module, fact.name), fact)
                self.bare.setdefault(fact.name, fact)

    def notifications(self):
        return [fact for fact in self.by_oid.values() if fact.is_notification]

    def find(self, ref, module):
        """What a line of that module means by NAME or MODULE::NAME; None: nothing has that name."""
        given, _, name = ref.rpartition("::")
        return self.by_name.get((given or module, name)) or (None if given else self.bare.get(name))

    def objects(self, notification):
        """[(reference, Fact or None)]"""
        refs = [ref for ref in notification.members.get("o", "").split(",") if ref]
        return [(ref, self.find(ref, notification.module)) for ref in refs]

    def row_of(self, fact):
        """The row of a column, or None."""
        row = self.by_oid.get(fact.oid.rpartition(".")[0])
        return row if row and ("i" in row.members or "a" in row.members) else None

    def indexes(self, row):
        """[(is_implied, name, Fact or None)], or None: a row that it augments is unknown."""
        for _ in range(4):
            if "i" in row.members:
                refs = row.members["i"].split(",")
                return [(ref[0] == "!", ref.lstrip("!").rpartition("::")[2], self.find(ref.lstrip("!"), row.module))
                        for ref in refs]
            row = self.find(row.members["a"], row.module)
            if not row:
                return None
        return None


@functools.lru_cache(maxsize=None)
def facts():
    return Facts()


# --- DISPLAY-HINT (RFC 2579, 3.1), as far as indexes have it ----------------------------------------------------------

def _take(hint):
    """(repeat, length, format, separator, terminator), the rest"""
    repeat, at = hint[:1] == "*", int(hint[:1] == "*")
    digits = "".join(itertools.takewhile(str.isdigit, hint[at:]))
    at += len(digits)
    form, at = hint[at], at + 1
    separator = terminator = ""
    if at < len(hint) and not hint[at].isdigit() and hint[at] != "*":
        separator, at = hint[at], at + 1
        if repeat and at < len(hint) and not hint[at].isdigit() and hint[at] != "*":
            terminator, at = hint[at], at + 1
    return (repeat, int(digits), form, separator, terminator), hint[at:]


def octets_by_hint(hint, data):
    """The text of octets without a repeat in the hint."""
    out, last, rest = [], None, hint
    while data:
        if rest:
            last, rest = _take(rest)
        repeat, length, form, separator, _ = last
        assert not repeat, hint
        piece, data = data[:length], data[length:]
        if form in "at":
            out.append(piece.decode())
        else:
            value = int.from_bytes(piece, "big")
            out.append(piece.hex() if form == "x" else f"{value:{form}}")
        if data:
            out.append(separator)
    return "".join(out)


def integer_by_hint(hint, value):
    if hint[0] in "xob":
        return f"{value:{hint[0]}}"
    places = int(hint[2:] or 0) if hint[1:2] == "-" else 0
    digits = str(value).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


# --- rows -------------------------------------------------------------------------------------------------------------

def _octets_index(fact, is_implied, before):
    """(sub-identifiers, text) of an index of octets."""
    hint, convention, size = fact.members.get("h", ""), fact.members.get("t", ""), int(fact.members.get("z", 0))
    if convention.startswith("InetAddress") and "Type" not in convention and convention != "InetAddressDNS" or "InetAddressType" in before:
        data, text = bytes([192, 0, 2, 7]), "192.0.2.7"
        if size == 16:
            data, text = bytes.fromhex("20010db8000000000000000000000001"), "2001:db8::1"
    else:
        data = (b"abcdefghijklmnopqrstuvwxyz" * 20)[:size or 6]
        if convention in ("MacAddress", "PhysAddress") and not hint:
            hint = "1x:"
        if convention == "DateAndTime":
            data, text = bytes([0x07, 0xE8, 1, 2, 3, 4, 5, 6]), "2024-01-02T03:04:05.6"
        elif fact.kind == "bits":
            data, text = None, None
        elif hint and "*" not in hint:
            text = octets_by_hint(hint, data)
        else:
            text = data.decode()
    if data is None:
        return None, None
    return ([] if size or is_implied else [len(data)]) + list(data), text


def row_instance(indexes):
    """(sub-identifiers, texts, names) of a row, or (sub-identifiers, their texts, None) if its indexes are not all known."""
    if indexes is None or any(fact is None or fact.kind == "-" for _, _, fact in indexes) or len(indexes) > 16:
        return [7], ["7"], None
    subids, texts, before = [], [], ""
    for number, (is_implied, _, fact) in enumerate(indexes):
        if fact.kind in ("octets", "opaque", "bits"):
            part, text = _octets_index(fact, is_implied, before)
            if part is None:
                return [7], None, None
        elif fact.kind == "oid":
            own = [1, 3, 6, number]
            part, text = ([] if is_implied else [len(own)]) + own, f"1.3.6.{number}"
        elif fact.kind in ("ipaddress", "netaddress"):
            part, text = ([1] if fact.kind == "netaddress" else []) + [192, 0, 2, 7], "192.0.2.7"
        else:
            value = 3 + number
            if fact.members.get("t") == "InetAddressType":
                value = 1
            part, text = [value], str(value)
            hint = fact.members.get("h", "")
            if hint not in ("", "d") and fact.kind in ("integer", "gauge32") and not fact.labels:
                text = integer_by_hint(hint, value)
        before = fact.members.get("t", "")
        subids += part
        texts.append(text)
    if len(subids) > 100:
        return [7], None, None
    return subids, texts, [name for _, name, _ in indexes]


# --- values -----------------------------------------------------------------------------------------------------------

class Expected(NamedTuple):
    """A varbind on the wire, and what has to be in the event; text None: it is not looked at."""
    oid: str
    wire: bytes
    name: str
    mib: str
    index: list
    index_names: list
    type: str
    value: str
    text: str
    units: str


def _bits(numbers):
    data = bytearray(max(numbers) // 8 + 1 if numbers else 1)
    for number in numbers:
        data[number // 8] |= 0x80 >> number % 8
    return bytes(data)


def _is_text(data):
    return all(32 <= byte < 127 for byte in data)


def _octets(fact, number):
    size = int(fact.members.get("z", 0))
    text = f"text {number}"
    return text.encode() if not size else (text.encode() * (size // len(text) + 1))[:size]


_NUMBERS = {"counter32": ber.counter, "gauge32": ber.gauge, "timeticks": ber.ticks, "counter64": ber.counter64,
            "integer": ber.number}


def values(fact, number, chosen):
    """[(wire, type, value, text)] of an object: for each chosen label one, or one by `number`."""
    kind = fact.kind
    if kind == "bits":
        data = _bits([value for _, value in chosen])
        text = ", ".join(f"{label}({value})" for label, value in sorted(chosen, key=lambda pair: pair[1]))
        return [(ber.octets(data), "octets", data.hex(), text or None)]
    if kind in _NUMBERS:
        if chosen:
            return [(_NUMBERS[kind](value), kind, str(value), label) for label, value in chosen]
        return [(_NUMBERS[kind](number), kind, str(number), None)]
    if kind == "oid":
        return [(ber.oid(f"1.3.6.1.4.1.99999.{number}"), "oid", f"1.3.6.1.4.1.99999.{number}", f"1.3.6.1.4.1.99999.{number}")]
    if kind in ("ipaddress", "netaddress"):
        return [(ber.address(f"192.0.2.{number % 250}"), "ipaddress", f"192.0.2.{number % 250}", f"192.0.2.{number % 250}")]
    if kind == "opaque":
        return [(ber.opaque_float(float(number)), "float", str(number), None)]
    data = _octets(fact, number)
    return [(ber.octets(data), "octets", data.decode(), None if fact.members.get("h") or fact.members.get("t") else data.decode())]


class Packets:
    """Makes packets of notifications, and remembers which labels are still to be sent."""

    def __init__(self, all_facts, notifications):
        self.facts = all_facts
        self.notifications = notifications
        self.left = {}      # OID of an object: labels that no packet has had
        self.carriers = {}  # ... : a notification that carries it
        for notification in notifications:
            for _, fact in all_facts.objects(notification):
                if fact and fact.labels and fact.oid not in self.left:
                    self.left[fact.oid] = list(fact.labels)
                    self.carriers[fact.oid] = notification
        self._rows = {}

    def labels_in_all(self):
        return sum(len(labels) for labels in self.left.values())

    def _choose(self, fact):
        """The next labels of an object; some of them again, if each has been sent."""
        labels = self.left.get(fact.oid)
        if labels:
            chosen, self.left[fact.oid] = labels[:MOST_LABELS], labels[MOST_LABELS:]
            return chosen
        return fact.labels[:1]

    def _instance(self, fact):
        row = self.facts.row_of(fact)
        if not row:
            return [0], [], None
        if row.oid not in self._rows:
            self._rows[row.oid] = row_instance(self.facts.indexes(row))
        return self._rows[row.oid]

    def varbinds(self, notification, number):
        """[Expected], and the references to what cannot be sent."""
        found, missing = [], []
        for ref, fact in self.facts.objects(notification):
            if not fact or fact.kind == "-":  # a table, or an object without a type: nobody can send it
                missing.append(ref)
                continue
            subids, index, names = self._instance(fact)
            oid = ".".join([fact.oid, *map(str, subids)])
            for wire, kind, value, text in values(fact, number, self._choose(fact) if fact.labels else []):
                found.append(Expected(oid, wire, fact.name, fact.module, index, names, kind, value, text, fact.units))
        return found, missing

    def further(self):
        """Notifications to be sent once more, so that each label of each object is sent."""
        for oid, notification in self.carriers.items():
            while self.left[oid]:
                yield notification


def v1_form(all_facts, notification, expected):
    """(enterprise, specific), or None: RFC 3584 has no SNMPv1 form, or another notification has that one."""
    if notification.oid.startswith(GENERIC) or any(one.type == "counter64" for one in expected):
        return None
    front, _, specific = notification.oid.rpartition(".")
    if front.endswith(".0"):
        return front[:-2], int(specific)
    if f"{front}.0.{specific}" in all_facts.by_oid or int(specific) >= 1 << 31:
        return None
    return front, int(specific)
