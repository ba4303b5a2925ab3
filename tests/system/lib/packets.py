# SPDX-License-Identifier: Apache-2.0
"""Packets of the notifications that the shipped facts know, and what the module has to make of each varbind.

The values go round by a number, so that each kind of object is sent with what suits it and with what does not: texts in
several encodings, binary octets, addresses of each InetAddressType, times, numbers at the ends of their range, labels, numbers
without a label. What people are to read of them is in textual.py."""

import re
from typing import NamedTuple

from lib import ber, textual

#: Labels of one object in one packet; the others come in further packets.
MOST_LABELS = 12
#: An InetAddress has its type that far away in the packet, or none.
INET_NEIGHBOURS = 32
#: Sub-identifiers of an instance, and parts of an index.
MOST_SUBIDS, MOST_PARTS = 100, 16

GENERIC = "1.3.6.1.6.3.1.1.5."
IPV4, IPV6, IPV4Z, IPV6Z, DNS = 1, 2, 3, 4, 16


def _turn(number, *choices):
    return choices[number % len(choices)]


# --- octets -----------------------------------------------------------------------------------------------------------

def _binary(number, size):
    """They are never words: the first is a control character."""
    return bytes([1 + number % 8, *((number * 37 + at * 101) % 256 for at in range(1, size))])


def _fill(text, size):
    return (text.encode() * (size // len(text) + 1))[:size]


def _words(number, size):
    if size:
        return _turn(number, _fill(f"text {number} ", size), _binary(number, size))
    return _turn(number, f"text {number}".encode(), f"Größe {number}".encode(), f"Kühl {number}".encode("latin-1"),
                 f"text {number}".encode() + b"\0\0", _binary(number, 2 + number % 9), b"")


def _digits(number, size):
    return _turn(number, *(_fill(text, size) if size else text.encode() for text in (f"{number}", f"-{number}.5", "n/a", "21")))


def _date_and_time(number, size):
    parts = bytes([7, 0xD0 + number % 40, 1 + number % 12, 1 + number % 28, number % 24, number % 60, number * 7 % 60, number % 10])
    zone = bytes([ord(_turn(number, "+", "-")), number % 14, _turn(number, 0, 30, 45)])
    return _turn(number, parts, parts + zone, bytes(8), parts + zone) if not size else (parts + zone)[:size]


def _inet_address(number, size, kind):
    """Of a sort that suits the type, or, without one, of each sort."""
    zone = number.to_bytes(4, "big")
    v4, v6 = bytes([192, 0, 2, number % 256]), bytes.fromhex("20010db8") + bytes(8) + zone
    name = f"host-{number}.example.net".encode()
    by_size = {4: v4, 16: v6, 8: v4 + zone, 20: v6 + zone}
    if size:
        return by_size.get(size) or _words(number, size)
    by_kind = {IPV4: v4, IPV6: v6, IPV4Z: v4 + zone, IPV6Z: v6 + zone, DNS: name}
    if number % 7 == 0:
        return _turn(number // 7, *by_size.values(), name)  # whatever its type says
    return by_kind.get(kind) or _turn(number, *by_size.values(), name, b"sw12", b"switch12", _binary(number, 5))


def _by_hint(number, size, formats):
    """The octets of a DISPLAY-HINT: all of them, some, or more; letters where letters are displayed."""
    out = b""
    for length, form, _ in formats:
        length = min(length, 8)
        out += _fill("+", length) if form in "at" else _binary(number + len(out), length)
    more = _fill("+", 3) if formats[-1][1] in "at" else _binary(number, 3)
    return (out + more * 30)[:size] if size else _turn(number, out, out + more, out[:1 + number % len(out)])


def octets(fact, number, kind=None, is_empty=True):
    """Octets for an object. `kind` is the InetAddressType that comes with them, or None; is_empty: may they be none?"""
    formats = textual.octet_formats(fact.hint)
    if fact.is_inet_address:
        data = _inet_address(number, fact.size, kind)
    elif is_date(fact):
        data = _date_and_time(number, fact.size)
    elif is_colons(fact):
        data = _binary(number, fact.size or _turn(number, 6, 8, 1))
    elif fact.units:
        data = _digits(number, fact.size)
    elif formats and not re.fullmatch(r"\d+[at]", fact.hint):
        data = _by_hint(number, fact.size, formats)
    else:
        data = _words(number, fact.size)
    return data or (b"" if is_empty else b"x")


def is_date(fact):
    return fact.convention == "DateAndTime" or fact.hint == "2d-1d-1d,1d:1d:1d.1d,1a1d:1d"


def is_colons(fact):
    return fact.convention in ("MacAddress", "PhysAddress") and not fact.hint


def octets_text(fact, data, kind):
    text = None
    if fact.is_inet_address:
        text = textual.inet_address(kind, data)
    elif is_date(fact):
        text = textual.date_and_time(data)
        if not text:
            return textual.legible(data) or f"0x{data.hex()}"
    if text is None and (fact.hint or is_colons(fact)):
        text = textual.octets_by_hint(fact.hint or "1x:", data)
    if not text:
        text = textual.legible(data)
    return f"0x{data.hex()}" if text is None else text


def _bits(numbers):
    data = bytearray(max(numbers) // 8 + 1 if numbers else 1)
    for number in numbers:
        data[number // 8] |= 0x80 >> number % 8
    return bytes(data)


# --- rows -------------------------------------------------------------------------------------------------------------

class Row(NamedTuple):
    """An instance: its sub-identifiers, their texts, the names of its parts, the InetAddressTypes among them."""
    subids: list
    texts: list
    names: list
    types: dict


#: Not all indexes of the row are known, or an instance would be too long: numbers.
_UNKNOWN_ROW = Row([7], ["7"], None, {})
_SCALAR = Row([0], [], None, {})


def _part(fact, is_implied, number, types):
    """(sub-identifiers, text) of one part of an index."""
    if fact.kind == "oid":
        return [1, 3, 6, number], f"1.3.6.{number}"
    if fact.kind in ("ipaddress", "netaddress"):
        return [192, 0, 2, 7], "192.0.2.7"
    if fact.kind == "bits":
        data = _bits([*list(fact.labels)[:3], 17])
        return list(data), textual.bits(fact.labels, data)
    if fact.kind in ("octets", "opaque"):
        kind = list(types.values())[-1] if types else None  # the nearest before it
        data = octets(fact, number, kind, not is_implied)
        return list(data), octets_text(fact, data, kind)
    value = _turn(number, IPV4, IPV6) if fact.is_inet_type else 3 + number
    hint = fact.hint if fact.kind in ("integer", "gauge32") and not fact.labels else ""
    return [value], textual.integer_by_hint(hint, value) or str(value)


def row_instance(row, indexes):
    """An instance of a row."""
    if indexes is None or any(fact is None or fact.kind == "-" for _, _, fact in indexes) or len(indexes) > MOST_PARTS:
        return _UNKNOWN_ROW
    subids, texts, types = [], [], {}
    number = sum(map(int, row.oid.split(".")))
    for at, (is_implied, _, fact) in enumerate(indexes):
        part, text = _part(fact, is_implied, (number + at) % 50, types)
        if fact.is_inet_type:
            types[fact.oid] = part[0]
        if fact.kind == "netaddress":
            part = [1, *part]
        elif fact.kind in ("octets", "opaque", "bits", "oid") and not is_implied and not fact.size:
            part = [len(part), *part]
        subids += part
        texts.append(text)
    if len(subids) > MOST_SUBIDS:
        return _UNKNOWN_ROW
    return Row(subids, texts, [name for _, name, _ in indexes], types)


# --- values -----------------------------------------------------------------------------------------------------------

class Value(NamedTuple):
    """What is sent, and the members of the event that say it."""
    wire: bytes
    type: str
    value: str
    text: str
    number: float = None  # if a double holds it
    hex: str = None       # if the octets are no text


class Expected(NamedTuple):
    """A varbind on the wire, and what has to be in the event."""
    oid: str
    fact: object
    index: list
    index_names: list
    units: str
    inet_type: int  # that comes with an InetAddress, or None
    value: Value


_NUMBERS = {"counter32": ber.counter, "gauge32": ber.gauge, "timeticks": ber.ticks, "counter64": ber.counter64,
            "integer": ber.number}
_MOST = {"integer": 2**31 - 1, "counter64": 2**64 - 1}


def _number(fact, value):
    label = fact.labels.get(value) if fact.kind == "integer" else None
    hint = fact.hint if fact.kind in ("integer", "gauge32") else ""
    text = label or textual.with_units(textual.integer_by_hint(hint, value) or str(value), fact.units)
    if fact.kind == "timeticks":
        text = textual.duration(value)
    return Value(_NUMBERS[fact.kind](value), fact.kind, str(value), text, value if abs(value) <= 2**53 else None)


def _numbers(fact, number, chosen):
    if chosen:
        return [_number(fact, value) for value in chosen]
    most = _MOST.get(fact.kind, 2**32 - 1)
    value = _turn(number, number, most - number, -number if fact.kind == "integer" else number * 1000)
    return [_number(fact, value)]


def _octets_value(fact, data, text):
    if fact.kind != "bits" and textual.is_text(data):
        return Value(ber.octets(data), "octets", data.decode(), text)
    return Value(ber.octets(data), "octets", data.hex(), text, hex=data.hex())


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
        self._columns = [fact for fact in all_facts.by_oid.values() if fact.kind in _NUMBERS and fact.module != "-"]
        self._names = [fact for fact in all_facts.by_oid.values() if fact.kind == "-" or fact.is_notification]

    def labels_in_all(self):
        return sum(len(labels) for labels in self.left.values())

    def _choose(self, fact, number):
        """The next labels of an object, by number; if each has been sent, one of them again, or a number without label. An
        InetAddressType is sent once in a packet, because addresses depend on it."""
        most = 1 if fact.is_inet_type else MOST_LABELS
        labels = self.left.get(fact.oid)
        if labels:
            chosen, self.left[fact.oid] = labels[:most], labels[most:]
            return chosen
        known = list(fact.labels)
        return [_turn(number, *known, max(known) + 3)] if known else []

    def instance(self, fact):
        """The Row of an object."""
        row = self.facts.row_of(fact)
        if not row:
            return _SCALAR
        if row.oid not in self._rows:
            self._rows[row.oid] = row_instance(row, self.facts.indexes(row))
        return self._rows[row.oid]

    def _pointer(self, fact, number):
        """An OID of the sort that the convention asks for; without one, of any sort."""
        column = self._columns[number % len(self._columns)]
        instance = ".".join([column.oid, *map(str, self.instance(column).subids)])
        identity = self._names[number % len(self._names)].oid
        if fact.convention in ("RowPointer", "VariablePointer", "InstancePointer"):
            return _turn(number, instance, instance, instance, "0.0")
        if fact.convention == "AutonomousType":
            return identity
        return _turn(number, f"1.3.6.1.4.1.99999.{number}", instance, identity, column.oid)

    def _values(self, fact, number, chosen, kind):
        """[Value] of an object: for each chosen label one, or one by `number`."""
        if fact.kind in _NUMBERS:
            return _numbers(fact, number, chosen)
        if fact.kind == "bits":
            data = _bits([*chosen, *_turn(number, [], [max([0, *chosen]) + 3])])
            return [_octets_value(fact, data, textual.bits(fact.labels, data))]
        if fact.kind == "oid":
            oid = self._pointer(fact, number)
            return [Value(ber.oid(oid), "oid", oid, self.facts.name_of(oid))]
        if fact.kind in ("ipaddress", "netaddress"):
            address = f"192.0.2.{number % 250}"
            return [Value(ber.address(address), "ipaddress", address, address)]
        if fact.kind == "opaque":
            return [Value(ber.opaque_float(number / 4), "float", f"{number / 4:.10g}",
                          textual.with_units(f"{number / 4:g}", fact.units), number / 4)]
        data = octets(fact, number, kind)
        text = octets_text(fact, data, kind)
        return [_octets_value(fact, data, textual.with_units(text, fact.units) if textual.is_number(text) else text)]

    def varbinds(self, notification, number):
        """[Expected], and the references to what cannot be sent."""
        objects = self.facts.objects(notification)
        # a table, or an object without a type: nobody can send it
        missing = [ref for ref, fact in objects if not fact or fact.kind == "-"]
        known = [fact for _, fact in objects if fact and fact.kind != "-"]
        chosen = {fact.oid: self._choose(fact, number) for fact in known}
        counts = [len(chosen[fact.oid]) if fact.kind in _NUMBERS and chosen[fact.oid] else 1 for fact in known]
        found = []
        for at, fact in enumerate(known):
            row = self.instance(fact)
            oid = ".".join([fact.oid, *map(str, row.subids)])
            kind = self._inet_type(fact, at, known, counts, chosen) if fact.is_inet_address else None
            values = self._values(fact, number + at, chosen[fact.oid], kind)
            assert len(values) == counts[at]
            found += [Expected(oid, fact, row.texts, row.names, fact.units, kind, value) for value in values]
        return found, missing

    def _inet_type(self, address, at, objects, counts, chosen):
        """The number of the InetAddressType that comes with the address objects[at]: in its index, else in the packet."""
        own, row = self.facts.inet_type_of(address), self.instance(address)
        if not own or own.oid in row.types:
            return row.types[own.oid] if own else None
        for other, fact in enumerate(objects):
            distance = sum(counts[at:other]) if other > at else sum(counts[other:at])
            if fact.oid == own.oid and self.instance(fact) == row and distance <= INET_NEIGHBOURS:
                return chosen[own.oid][0]
        return None

    def further(self):
        """Notifications to be sent once more, so that each label of each object is sent."""
        for oid, notification in self.carriers.items():
            while self.left[oid]:
                yield notification


_POINTERS = ("RowPointer", "VariablePointer", "InstancePointer", "AutonomousType")


def _octets_sort(fact, inet_type):
    if fact.is_inet_address:
        known = {IPV4: "ipv4", IPV6: "ipv6", IPV4Z: "ipv4z", IPV6Z: "ipv6z", DNS: "dns", None: "no type"}
        return f"InetAddress, {known.get(inet_type, 'another type')}"
    if is_date(fact):
        return "DateAndTime"
    if is_colons(fact):
        return "PhysAddress without a hint"
    return "octets by a hint" if fact.hint else "octets"


def sort_of(expected):
    """What decides the text of a varbind: words for a table."""
    fact, value = expected.fact, expected.value
    if value.type == "octets":
        found = "BITS" if fact.kind == "bits" else _octets_sort(fact, expected.inet_type)
    elif value.type == "oid":
        named = "by name" if value.text != value.value else "by number"
        found = f"{fact.convention if fact.convention in _POINTERS else 'OID'} {named}"
    elif fact.labels:
        found = "label" if value.text in fact.labels.values() else "number without a label"
    else:
        found = f"{value.type} by a hint" if fact.hint not in ("", "d") and fact.kind in ("integer", "gauge32") else value.type
    return f"{found}, units" if expected.units and value.text.endswith(expected.units) else found


def v1_form(all_facts, notification, expected):
    """(enterprise, specific), or None: RFC 3584 has no SNMPv1 form, or another notification has that one."""
    if notification.oid.startswith(GENERIC) or any(one.value.type == "counter64" for one in expected):
        return None
    front, _, specific = notification.oid.rpartition(".")
    if front.endswith(".0"):
        return front[:-2], int(specific)
    if f"{front}.0.{specific}" in all_facts.by_oid or int(specific) >= 1 << 31:
        return None
    return front, int(specific)
