# SPDX-License-Identifier: Apache-2.0
"""The facts of notifications (mibs/standard.facts, mibs/facts/*.facts), read without any code of the module."""

import functools
from pathlib import Path
from typing import NamedTuple

MIBS = Path(__file__).resolve().parents[3] / "mibs"

@functools.lru_cache(maxsize=None)
def _labels(text):
    pairs = [pair.rpartition(":") for pair in text.split(",") if pair]
    return {int(value): label for label, _, value in pairs}


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
        """{number: label}, not to be changed"""
        return _labels(self.members.get("e", ""))

    @property
    def units(self):
        text = self.members.get("u", "").encode()
        for at in range(len(text) - 1, -1, -1):
            if text[at:at + 1] == b"%":
                text = text[:at] + bytes([int(text[at + 1:at + 3], 16)]) + text[at + 3:]
        return text.decode()

    @property
    def convention(self):
        return self.members.get("t", "")

    @property
    def hint(self):
        return self.members.get("h", "")

    @property
    def size(self):
        """Of octets that have just one; else 0."""
        return int(self.members.get("z", 0))

    @property
    def is_notification(self):
        return self.kind in ("notification", "trap")

    @property
    def is_inet_type(self):
        return self.kind == "integer" and self.convention == "InetAddressType"

    @property
    def is_inet_address(self):
        return (self.kind == "octets" and self.convention.startswith("InetAddress") and self.convention != "InetAddressDNS")


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

    def inet_type_of(self, address):
        """The InetAddressType of an InetAddress: the nearest one before it in its row or group (RFC 4001, 4.1), or the only
        one in the row's index; else None."""
        parent, _, last = address.oid.rpartition(".")
        for number in range(int(last) - 1, 0, -1):
            found = self.by_oid.get(f"{parent}.{number}")
            if found and found.is_inet_type:
                return found
        row = self.row_of(address)
        types = {one.oid: one for _, _, one in row and self.indexes(row) or [] if one and one.is_inet_type}
        return list(types.values())[0] if len(types) == 1 else None

    def name_of(self, oid):
        """An OID as people read it: IF-MIB::ifIndex.7. One that is neither known nor an instance of an object stays."""
        known, rest = oid, ""
        while known and known not in self.by_oid:
            known, _, last = known.rpartition(".")
            rest = f".{last}{rest}"
        fact = self.by_oid.get(known)
        if not fact or rest and (fact.kind == "-" or fact.is_notification):
            return oid
        return (f"{fact.module}::" if fact.module != "-" else "") + fact.name + rest


@functools.lru_cache(maxsize=None)
def facts():
    return Facts()
