# SPDX-License-Identifier: Apache-2.0
"""Every notification that the shipped dictionary knows, through the real daemon, with no MIB file on the machine.

Each is sent with its objects, in SNMPv2c and, where it has one, in its SNMPv1 form; of each object with labels each label is
sent. What comes out of Kafka is compared with what an independent reading of the facts says (lib/facts.py, lib/packets.py,
lib/textual.py)."""

import itertools
from collections import Counter

import pytest

from lib.ber import v1, v2c
from lib.facts import facts
from lib.packets import Packets, sort_of, v1_form
from lib.rig import COMMUNITY, broker, rigs  # pylint: disable=unused-import

# pylint: disable=redefined-outer-name
#: Parts, so that several workers share them, and no reader has to keep too many events.
PARTS = 8
BATCH = 1000
TOGETHER = 16  # some are large
MOST_SHOWN = 8
TRAP_ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0"
TRAP_ADDRESS, TRAP_COMMUNITY = "1.3.6.1.6.3.18.1.3.0", "1.3.6.1.6.3.18.1.4.0"


def part_of(part):
    """Those of one part. Neighbours stay together, because they carry the same objects."""
    found = facts().notifications()
    size = -(-len(found) // PARTS)
    return found[part * size:(part + 1) * size]


def differences(event, notification, expected, missing):
    """What in the event is not as the facts say."""
    wrong = []
    if (event["trap"]["name"], event["trap"]["mib"]) != (notification.name, notification.module):
        wrong.append(("trap", event["trap"]))
    if event["missing"] != missing:
        wrong.append(("missing", event["missing"], missing))
    varbinds = event["varbinds"]
    if event["snmp"]["version"] == "1":  # RFC 3584, 3.1 (4): what SNMPv1 has in the head of its message
        varbinds = [one for one in varbinds if one["oid"] not in (TRAP_ENTERPRISE, TRAP_ADDRESS, TRAP_COMMUNITY)]
    if len(varbinds) != len(expected):
        return [*wrong, ("varbinds", len(varbinds), len(expected))]
    for got, want in zip(varbinds, expected):
        members = {"oid": want.oid, "name": want.fact.name, "mib": want.fact.module, "index": want.index,
                   "index_names": want.index_names, "type": want.value.type, "value": want.value.value,
                   "number": want.value.number, "text": want.value.text, "hex": want.value.hex, "units": want.units or None}
        wrong += [(name, got.get(name), member, got, want) for name, member in members.items() if got.get(name) != member]
        if got.get("unexpected"):
            wrong.append(("unexpected", got, want))
    return wrong


#: Of what the text of at least one varbind has to be compared.
SORTS = """label / number without a label / integer / integer, units / integer by a hint / integer by a hint, units / gauge32 /
gauge32, units / gauge32 by a hint / counter32 / counter32, units / counter64 / counter64, units / timeticks / ipaddress / BITS /
octets / octets, units / octets by a hint / octets by a hint, units / DateAndTime / PhysAddress without a hint /
InetAddress, ipv4 / InetAddress, ipv6 / InetAddress, ipv4z / InetAddress, ipv6z / InetAddress, dns / InetAddress, another type /
InetAddress, no type / OID by name / OID by number / RowPointer by name / VariablePointer by name / AutonomousType by name"""


def test_what_is_compared():
    """The text of every varbind, of each sort. Of all objects that notifications name, few can't be sent."""
    packets, sorts, unsent, count = Packets(facts(), facts().notifications()), Counter(), Counter(), 0
    for number, notification in enumerate(itertools.chain(packets.notifications, packets.further()), 1):
        expected, missing = packets.varbinds(notification, number)
        assert all(one.value.text is not None and one.index is not None for one in expected)
        sorts.update(map(sort_of, expected))
        unsent.update("unknown" if not facts().find(ref, notification.module) else "without a type" for ref in missing)
        count += 1
    print(f"{count} packets, {sorts.total()} varbinds, all of them compared:")
    for sort, times in sorts.most_common():
        print(f"{times:7} {sort}")
    print(f"objects that nobody can send: {dict(unsent)}")
    assert not {" ".join(sort.split()) for sort in SORTS.split("/")} - set(sorts)
    assert unsent.total() < 0.01 * sorts.total()


class Sending:
    """Sends packets in batches, and looks at the event of each when it has come."""

    def __init__(self, rig):
        self.rig = rig
        self.waiting = {}  # uptime: (notification, expected, missing)
        self.payloads = []
        self.seen = 0
        self.count = 0
        self.silent = []

    def add(self, payload_of, *what):
        uptime = self.rig.uptime()
        self.payloads.append(payload_of(uptime))
        self.waiting[uptime] = what
        self.count += 1
        if len(self.payloads) == BATCH:
            self.flush()

    def flush(self):
        self.rig.send(self.payloads, TOGETHER)
        self.payloads.clear()
        messages = self.rig.events.wait(self.count)
        wrong = []
        for message in messages[self.seen:]:
            event = message.event
            notification, *what = self.waiting.pop(event["snmp"]["uptime"])
            found = differences(event, notification, *what)
            if found:
                wrong.append((notification.module, notification.name, event["snmp"]["version"], found[0]))
            if not event["severity_rule"]:
                self.silent.append(f"{notification.module}::{notification.name}")
        self.seen = len(messages)
        assert not self.waiting, f"no event for {list(self.waiting.values())[0]}"
        assert not wrong, f"{len(wrong)} of {BATCH}: " + "\n".join(map(str, wrong[:MOST_SHOWN]))


@pytest.mark.parametrize("part", range(PARTS))
def test_every_notification_of_the_shipped_facts(rigs, part):
    rig = rigs()
    rig.events.is_recorded = False
    packets, sending = Packets(facts(), part_of(part)), Sending(rig)
    sent = {"2c": 0, "1": 0}

    def send(notification, number):
        expected, missing = packets.varbinds(notification, number)
        pairs = [(one.oid, one.value.wire) for one in expected]
        sending.add(lambda uptime: v2c(COMMUNITY, pairs, uptime, notification.oid), notification, expected, missing)
        sent["2c"] += 1
        form = v1_form(facts(), notification, expected)
        if form:
            sending.add(lambda uptime: v1(COMMUNITY, pairs, uptime, form[0], specific=form[1]), notification, expected, missing)
            sent["1"] += 1

    for number, notification in enumerate(itertools.chain(packets.notifications, packets.further()), 1):
        send(notification, number)
    sending.flush()
    assert not packets.labels_in_all(), "labels that were not sent"
    assert not sending.silent, f"no rule for {sending.silent[:5]}"
    assert sent["2c"] >= len(packets.notifications) and sent["1"] > 0.7 * sent["2c"]
    books = rig.stop()
    assert (books["received"], books["published"]) == (sending.count, sending.count) == (sum(sent.values()),) * 2
    print(f"part {part}: {len(packets.notifications)} notifications, {sent}")
